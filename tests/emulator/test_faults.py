"""The catalogue of faults: what each says of itself, what it does to every dialect, and what travels on the socket."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from gstream import Client, GStreamError, Prompt, Text, Turn, collect, resolve
from gstream.emulator import DIALECTS, FAULTS, Emulator
from gstream.emulator.faults import GROUPS
from gstream.emulator.faults.calls import HUGE
from gstream.emulator.model import respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.emulator import Received

QUESTION = "Why is the sky blue?"
ASKED = Prompt("gemini-2.5-flash", (Turn("user", (Text(QUESTION),)),))
SHORT = {"connect": 5.0, "first_byte": 0.2, "idle": 0.2}
"""For what never ends; `stays_open` alone needs a short silence in tests of answers."""
PATIENT = {"connect": 5.0, "first_byte": 30.0, "idle": 30.0}


def exchange(fault: str, *, dialect: str = "google") -> tuple[bytes, Received]:
    """Return all bytes that come back over a bare socket, until the connection ends, and the record of the request."""
    body = json.dumps({"contents": [{"role": "user", "parts": [{"text": QUESTION}]}]}).encode()
    with Emulator(dialect, fault=fault) as emulator:
        with socket.create_connection(("127.0.0.1", emulator.port), timeout=5) as connection:
            path = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nx-goog-api-key: {emulator.api_key}\r\n"
            connection.sendall(f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            received = bytearray()
            try:
                while data := connection.recv(65_536):
                    received += data
            except ConnectionResetError:
                received += b"<RST>"
        return bytes(received), emulator.requests[0]


def unchunked(raw: bytes) -> tuple[list[bytes], bool]:
    """Return the chunks of a chunked body, and whether the last chunk came."""
    body = raw.partition(b"\r\n\r\n")[2].removesuffix(b"<RST>")
    chunks: list[bytes] = []
    while body:
        size, _, body = body.partition(b"\r\n")
        if not int(size, 16):
            return chunks, True
        chunks.append(body[: int(size, 16)])
        body = body[int(size, 16) + 2 :]
    return chunks, False


# --- the catalogue


def test_no_fault_hides_another_of_the_same_name() -> None:
    assert len(FAULTS) == sum(len(group) for group in GROUPS.values())


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_says_what_it_does_and_who_does_it(name: str) -> None:
    fault = FAULTS[name]

    assert fault.summary.endswith(".")
    assert len(fault.summary) <= 110
    assert fault.source
    assert any((fault.reply, fault.documents, fault.framing, fault.pieces, fault.delivery))


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.documents is not None])
def test_bending_leaves_the_honest_documents_alone(name: str) -> None:
    documents = respond({"contents": [{"role": "user", "parts": [{"text": QUESTION}]}]}, "gemini-2.5-flash")
    before = json.dumps(documents)
    bend = FAULTS[name].documents
    assert bend is not None
    bent = bend(documents)

    assert json.dumps(documents) == before
    assert json.dumps(bent) != before or name.startswith(("call", "kinds", "media", "finish_integer"))


# --- every dialect

_RESPELLED = {"sse_line_separators", "sse_raw_newlines", "sse_raw_controls", "safety_mid_stream"}
"""Faults through which another text comes than the model's own."""


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.kind == "answer"])
def test_a_fault_of_the_kind_answer_keeps_the_answer_in_every_dialect(name: str, dialect: str) -> None:
    with Emulator(dialect) as honest:
        expected = collect(Client(resolve(honest.endpoint, api_key=honest.api_key)).stream(ASKED))
    with Emulator(dialect, fault=name) as emulator:
        limits = {**PATIENT, "idle": 0.5 if name == "stays_open" else 30.0}
        client = Client(resolve(emulator.endpoint, api_key=emulator.api_key), timeout=limits, max_retries=0)
        heard = collect(client.stream(ASKED))

    assert heard.text
    assert (heard.text == expected.text) is (name not in _RESPELLED)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.kind not in {"answer", "silence"}])
def test_any_other_fault_is_an_error_in_every_dialect(name: str, dialect: str) -> None:
    with Emulator(dialect, fault=name) as emulator:
        client = Client(resolve(emulator.endpoint, api_key=emulator.api_key), timeout=PATIENT, max_retries=0)
        with pytest.raises(GStreamError):
            list(client.stream(ASKED))

        assert [received.fault for received in emulator.requests] == [name]


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.delivery is None])
def test_a_fault_leaves_the_other_route_readable(name: str, ask: Callable[..., Any]) -> None:
    """`:generateContent` has no stream to be bent; whatever comes is JSON, a page, a text or nothing."""
    with Emulator("google", fault=name) as emulator:
        response = ask(emulator, QUESTION, action="generateContent").response

    assert response.status_code != 500 or name in {"error_500", "overloaded_500"}


# --- the socket


@pytest.mark.parametrize("name", ["cut_mid_event", "reset_after_finish", "reset_before_headers", "reset_before_events"])
def test_resets_are_resets(name: str) -> None:
    raw, received = exchange(name)

    assert raw.endswith(b"<RST>")
    assert b"<RST>" not in raw[:-5]
    assert not received.finished
    assert not received.disconnected


@pytest.mark.parametrize(
    ("name", "events", "half"),
    [("cut_chunked", 2, True), ("cut_between_events", 2, False), ("close_after_finish", 7, False)],
)
def test_closed_connections_lack_the_last_chunk(name: str, events: int, half: bool) -> None:  # noqa: FBT001 - a case
    raw, _ = exchange(name)
    chunks, ended = unchunked(raw)

    assert not raw.endswith(b"<RST>")
    assert not ended
    assert len(chunks) == events + half or name == "close_after_finish"
    assert chunks[-1].endswith(b"\r\n\r\n") is not half


def test_a_close_delimited_body_has_neither_length_nor_chunks() -> None:
    for name, whole in (("close_delimited", True), ("cut_close_delimited", False)):
        raw, _ = exchange(name)
        head, _, body = raw.partition(b"\r\n\r\n")

        assert b"content-length" not in head.lower()
        assert b"transfer-encoding" not in head.lower()
        assert body.startswith(b"data: ")
        assert body.endswith(b"\r\n\r\n") is whole


def test_a_length_can_promise_more_than_comes() -> None:
    raw, _ = exchange("cut_content_length")
    head, _, body = raw.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]

    assert len(body) < int(lengths[0].split(b":")[1])


def test_cr_and_lf_are_written_apart_and_bytes_one_by_one() -> None:
    apart, ended = unchunked(exchange("sse_crlf_apart")[0])
    single, _ = unchunked(exchange("byte_by_byte")[0])
    honest, _ = unchunked(exchange("one_write")[0])

    assert ended
    assert not [chunk for chunk in apart if b"\r\n" in chunk]
    assert {len(chunk) for chunk in single} == {1}
    assert b"".join(apart) == b"".join(single) == honest[0]


def test_gzip_is_gzip_and_flushed_with_each_event() -> None:
    chunks, _ = unchunked(exchange("gzip")[0])
    honest, _ = unchunked(exchange("one_write")[0])

    assert gzip.decompress(b"".join(chunks)) == honest[0]
    assert len(chunks) > 4


def test_raw_characters_stand_raw() -> None:
    newlines = b"".join(unchunked(exchange("sse_raw_newlines")[0])[0])
    controls = b"".join(unchunked(exchange("sse_raw_controls")[0])[0])
    separators = b"".join(unchunked(exchange("sse_line_separators")[0])[0]).decode()

    assert b"asked:\n" in newlines
    assert b"asked:\t\x01" in controls
    assert "asked:\u2028\u2029\x85" in separators


def test_a_huge_signature_is_1_4_million_characters() -> None:
    assert len(HUGE) == 1_400_000
    assert HUGE.encode() in b"".join(unchunked(exchange("signature_huge")[0])[0])


def test_silence_ends_with_the_client() -> None:
    for name in ("silent_before_headers", "silent_mid_stream", "comments_for_ever", "stays_open"):
        with Emulator(fault=name) as emulator:
            client = Client(resolve(emulator.endpoint, api_key=emulator.api_key), timeout=SHORT, max_retries=0)
            with contextlib.suppress(GStreamError):
                list(client.stream(ASKED))

            assert emulator.wait_until(lambda requests: requests[0].disconnected)

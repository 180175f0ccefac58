"""Answers without an end, in every form that a response can take: a typed error within the memory that is documented.

The limit is small here, so that the tests are quick: what it does is the same at 256 MiB.
"""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from gstream import Blob, Client, StreamError
from tests.core.feeding import hear
from tests.core.loopback import Loopback
from tests.hostile.servers import PIECE, PROMPT, SEVERAL, document, event, for_ever, memory, numbered, target, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream import Chunk
    from tests.conftest import Collect
    from tests.hostile.servers import Script

LIMIT = 2_000_000
"""Bytes of a response."""
MOST = 16 * LIMIT
"""Bytes of memory: what is made of the smallest parts is many times their size."""
_TEXT = json.dumps(document()).encode()
ENDLESS: dict[str, Script] = {
    "comments": for_ever(b": ping\n\n"),
    "white space": for_ever(b" \n"),
    "events with text": for_ever(b"data: " + _TEXT + b"\n\n"),
    "lines with text": for_ever(_TEXT + b"\n"),
    "an array of texts": for_ever(_TEXT + b",", lead=b"["),
    "the smallest events": for_ever(b"data:{}\n"),
    "one line": for_ever(b"x", lead=b"data: "),
    "one line of a comment": for_ever(b"x", lead=b": "),
    "one event of many lines": for_ever(b"data: 1,\n", lead=b'data: {"a": [\n'),
    "one text": for_ever(b"x", lead=b'{"a": "'),
    "one array": for_ever(b"{},", lead=b'{"a": ['),
    "a page": for_ever(b"<p>x</p>", lead=b"<html>"),
    "words": for_ever(b"what a day "),
    "fields nobody knows": for_ever(b"x: y\n"),
    "new fields": numbered(lambda number: event({f"k{number}": 1})),
    "values that are no objects": for_ever(b'data: "x"\n\n'),
    "an answer that nobody stops": for_ever(b"data: " + _TEXT + b"\n\n", lead=event(document(usageMetadata={}))),
}


def _refused(collect: Collect, script: Script, ask: str, **options: Any) -> StreamError:
    """Return what asking ends with, having checked that it is said once, soon, and in little memory."""
    asked: dict[str, Callable[..., Any]] = {"stream": collect, "generate": collect.generate}
    with Loopback(script) as server, memory() as peak:
        with pytest.raises(StreamError) as caught:
            asked[ask](PROMPT, target(server), max_answer_bytes=LIMIT, **options)
        most = peak()

    assert len(server.received) == 1
    assert most < MOST
    return caught.value


@pytest.mark.parametrize("ask", ["stream", "generate"])
@pytest.mark.parametrize("form", ENDLESS)
def test_a_body_without_end_is_an_error(form: str, ask: str, collect: Collect) -> None:
    error = _refused(collect, ENDLESS[form], ask)

    assert "larger than any should be" in error.message
    assert not error.retryable


@pytest.mark.parametrize(
    "lead",
    [b"[", b'{"a":', b'data: {"a":[', b'data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":'],
    ids=["values", "objects", "events", "arguments"],
)
@pytest.mark.parametrize("piece", [b"[", b'{"a":'], ids=["arrays", "objects"])
def test_nesting_without_end_is_an_error(lead: bytes, piece: bytes, collect: Collect) -> None:
    error = _refused(collect, for_ever(piece, lead=lead), "stream")

    assert "larger than any should be" in error.message


@pytest.mark.parametrize("lead", [b"", b"data: "], ids=["values", "events"])
def test_how_deep_a_document_may_be_does_not_depend_on_how_it_is_cut(lead: bytes) -> None:
    """A level more than the limit is an error, however it comes; the limit itself is none."""
    for depth, refused in ((127, False), (128, True)):
        deep = "[" * depth + "1" + "]" * depth
        body = lead + f'{{"candidates":[{_TEXT[16:-2].decode()}],"x":{deep},"y":"{"y" * 600}"}}'.encode() + b"\n\n"
        for size in (len(body), 100, 7, 1):
            heard = hear([body[start : start + size] for start in range(0, len(body), size)], on_incomplete="ignore")

            assert refused == ("nested" in str(heard.error)), (depth, size)
            assert refused or heard.text == "x"


@pytest.mark.parametrize("framed", [b"data: %b\n\n", b"[%b]", b"%b\n"], ids=["event", "array", "line"])
def test_how_long_a_document_may_be_does_not_depend_on_how_it_is_cut(framed: bytes) -> None:
    for length, refused in ((20_000, False), (30_000, True)):
        body = framed % json.dumps(document("x" * length)).encode()
        for size in (len(body), 8_192, 1_000, 3):
            reads = [body[start : start + size] for start in range(0, len(body), size)]
            heard = hear(reads, on_incomplete="ignore", max_bytes=100_000)

            assert refused == ("longer than 25,000 bytes" in str(heard.error)), (length, size)
            assert refused or len(heard.text) == length


def test_documents_of_very_many_values_are_not_parsed() -> None:
    body = b'data: {"a":[' + b"{}," * 1_500_000 + b"1]}\n\n"
    with memory() as peak:
        heard = hear([body[start : start + PIECE] for start in range(0, len(body), PIECE)])
        most = peak()

    assert "more than 2,000,000 values" in str(heard.error)
    assert most < 8 * len(body)


def test_more_candidates_than_any_request_asks_for_are_an_error(collect: Collect) -> None:
    script = numbered(lambda number: event({"candidates": [{"index": number, "content": {"parts": [{"text": "x"}]}}]}))
    with Loopback(script) as server, pytest.raises(StreamError, match="more than 128 candidates"):
        collect.generate_all(SEVERAL, target(server))


def test_pieces_of_two_bytes_cost_no_more_memory_than_one_piece() -> None:
    body = b'data: {"a": "' + b"xy" * 200_000
    with memory() as peak:
        heard = hear(body[start : start + 2] for start in range(0, len(body), 2))  # type: ignore[arg-type]  # as they come
        most = peak()

    assert heard.error is not None
    assert most < 8 * len(body)


def test_what_is_whole_stays_whole_however_much_follows(collect: Collect) -> None:
    end = {"candidates": [{"content": {"parts": [{"text": "Hello"}]}, "finishReason": "STOP"}]}
    with Loopback(for_ever(b": ping\n\n", lead=event(end))) as server:
        answer = collect.generate(PROMPT, target(server), max_answer_bytes=LIMIT)

    assert answer.text == "Hello"


def test_an_error_without_end_is_read_as_far_as_it_is_shown(collect: Collect) -> None:
    def script(connection: Any) -> None:
        connection.head(503)
        while True:
            connection.chunk(b"no " * 20_000)

    with Loopback(script) as server, memory() as peak:
        with pytest.raises(Exception, match="503: no no no") as caught:
            collect(PROMPT, target(server), max_retries=0)
        most = peak()

    assert len(str(caught.value)) < 1_000
    assert most < 12_000_000


def test_fifty_megabytes_of_media_pass_by_default(collect: Collect) -> None:
    media = Blob.of(bytes(50_000_000), "image/png")
    part = {"inlineData": {"mimeType": media.mime_type, "data": media.data}}
    body = event({"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}]})
    with Loopback(whole(body)) as server:
        answer = collect.generate(PROMPT, target(server))

    assert answer.blobs == (media,)


# -- compressed -----------------------------------------------------------------------------------------------------


def _deflated(data: bytes, wbits: int) -> bytes:
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(data) + packer.flush()


_PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "members": ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
    "padding": ("x-gzip", lambda data: gzip.compress(data) + bytes(512)),
    "deflate": ("deflate", lambda data: _deflated(data, zlib.MAX_WBITS)),
    "raw deflate": ("deflate", lambda data: _deflated(data, -zlib.MAX_WBITS)),
}
_BOMBS = {
    "one text": b'data: {"a": "' + bytes([120]) * 100_000_000,
    "white space": b" " * 100_000_000,
    "texts": (b"data: " + _TEXT + b"\n\n") * 1_000_000,
    "nesting": b"[" * 100_000_000,
}


@pytest.mark.parametrize("bomb", _BOMBS)
def test_a_bomb_is_unpacked_no_further_than_an_answer_may_go(bomb: str, collect: Collect) -> None:
    packed = gzip.compress(_BOMBS[bomb], 6)
    error = _refused(collect, whole(packed, extra="content-encoding: gzip"), "stream")

    assert len(packed) < LIMIT
    assert "larger than any should be" in error.message


@pytest.mark.parametrize("coding", ["gzip, gzip", "gzip,deflate,gzip", "br", "zstd", "deflate, br"])
def test_an_encoding_that_was_not_asked_for_is_an_error(coding: str, collect: Collect) -> None:
    with (
        Loopback(whole(b"x" * 1_000, extra=f"content-encoding: {coding}")) as server,
        pytest.raises(StreamError, match="not asked for"),
    ):
        collect(PROMPT, target(server), max_retries=0)

    assert server.received[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("size", [1, 7, PIECE])
@pytest.mark.parametrize("packer", _PACKERS)
def test_what_was_asked_for_is_read_however_it_is_cut(packer: str, size: int, collect: Collect) -> None:
    coding, pack = _PACKERS[packer]
    body = pack(event(document("Hel")) + event(document("lo" * 70_000)) + event({"candidates": [{"finishReason": 1}]}))
    with Loopback(whole(body, extra=f"content-encoding: {coding}", size=size)) as server:
        chunks: list[Chunk] = collect(PROMPT, target(server))

    assert "".join(chunk.text for chunk in chunks) == "Hel" + "lo" * 70_000


@pytest.mark.parametrize("coding", ["identity", "utf-8", "none", ""])
def test_a_word_that_is_no_encoding_says_nothing(coding: str, collect: Collect) -> None:
    body = event({"candidates": [{"content": {"parts": [{"text": "Hello"}]}, "finishReason": "STOP"}]})
    with Loopback(whole(body, extra=f"content-encoding: {coding}")) as server:
        assert collect.generate(PROMPT, target(server)).text == "Hello"


def test_an_error_in_an_unreadable_encoding_is_the_error_of_its_status(collect: Collect) -> None:
    with (
        Loopback(whole(b"x", status=401, extra="content-encoding: br")) as server,
        pytest.raises(Exception, match="401"),
    ):
        collect(PROMPT, target(server))


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_must_be_above_zero(limit: int) -> None:
    with Loopback(whole(b"")) as server, pytest.raises(Exception, match="max_answer_bytes"):
        Client(target(server), max_answer_bytes=limit)

"""Servers that are slow on purpose: whatever drips, a limit of time ends it, and says which."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from gstream import Blob, ConnectionFailed, GStreamError, Prompt, RequestTimeout, Turn
from tests.core.loopback import Loopback
from tests.hostile.asking import twice
from tests.hostile.servers import PACE_S, PROMPT, document, dripping, event, target, whole

if TYPE_CHECKING:
    from tests.conftest import Collect
    from tests.core.loopback import Connection
    from tests.hostile.servers import Script

SHORT_S = 0.3
_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"transfer-encoding: chunked\r\n\r\n"
_BEGUN = event(document("Hello"))
_HEADS: dict[str, Script] = {
    "the status line": dripping(b"H", b"T"),
    "headers": dripping(_OK, b"x: y\r\n"),
    "one header": dripping(_OK + b"x: ", b"y"),
    "news before the answer": dripping(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "processing": dripping(b"HTTP/1.1 102 Processing\r\nx: y\r\n\r\n"),
}
_BODIES: dict[str, Script] = {
    "comments": dripping(_CHUNKED, b"8\r\n: ping\n\n\r\n"),
    "single bytes of a line": dripping(_CHUNKED, b"1\r\nx\r\n"),
    "white space": dripping(_CHUNKED, b"1\r\n \r\n"),
}
_UNHEARD: dict[str, Script] = {
    "the size of a chunk": dripping(_CHUNKED, b"1;", b"x"),
    "trailers": dripping(_CHUNKED, b"%x\r\n%b\r\n0\r\n" % (len(_BEGUN), _BEGUN), b"x: y\r\n"),
    "texts": dripping(_CHUNKED, b"%x\r\n%b\r\n" % (len(_BEGUN), _BEGUN)),
}
"""Drips that no limit but the one of the whole call ends: bytes come, and nothing says that no more are meant."""


def _hurried(connection: Connection) -> None:
    """Say without a pause that the answer is being worked on."""
    while True:
        connection.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 1_000)


_HEADS["news without a pause"] = _hurried


@pytest.mark.parametrize("head", _HEADS)
def test_a_head_that_drips_is_ended_by_the_limit_of_the_first_byte(head: str, collect: Collect) -> None:
    """Each read of it is in time; all of them together are not."""
    with Loopback(_HEADS[head]) as server, pytest.raises(RequestTimeout) as caught:
        collect(PROMPT, target(server), timeout={"first_byte": SHORT_S}, max_retries=0)

    assert (caught.value.phase, caught.value.limit_s) == ("first byte", SHORT_S)


@pytest.mark.parametrize("head", _HEADS)
def test_a_head_that_drips_is_ended_by_the_limit_of_the_whole_call(head: str, collect: Collect) -> None:
    with Loopback(_HEADS[head]) as server, pytest.raises(RequestTimeout) as caught:
        collect(PROMPT, target(server), timeout={"total": SHORT_S})

    assert (caught.value.phase, caught.value.limit_s) == ("total", SHORT_S)


def test_a_head_that_drips_on_a_connection_that_was_good_before_is_ended_too(collect: Collect) -> None:
    """The connection was made for another request, whose limits are long past."""
    good = event({"candidates": [{"content": {"parts": [{"text": "Hello"}]}, "finishReason": "STOP"}]})
    drip = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with closing(connection):
            for _ in range(2):
                data = b""
                while not data.endswith(b"}"):
                    data += connection.recv(65_536)
                if not drip.is_set():
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(good), good))
                    drip.set()
            try:
                while True:
                    connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
                    threading.Event().wait(PACE_S)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        place: Any = type("Place", (), {"base_url": f"http://127.0.0.1:{listener.getsockname()[1]}/v1beta"})
        answers: list[str] = []
        with pytest.raises(RequestTimeout) as caught:
            twice(collect.mode, place, answers, {"first_byte": SHORT_S})
        thread.join()

    assert answers == ["Hello"]
    assert caught.value.phase == "first byte"


@pytest.mark.parametrize("body", _BODIES)
def test_bytes_that_are_no_part_of_an_answer_do_not_keep_it_waiting(body: str, collect: Collect) -> None:
    with Loopback(_BODIES[body]) as server, pytest.raises(RequestTimeout) as caught:
        collect(PROMPT, target(server), timeout={"first_byte": SHORT_S}, max_retries=0)

    assert caught.value.phase == "first byte"


@pytest.mark.parametrize("body", [*_BODIES, *_UNHEARD])
def test_the_limit_of_the_whole_call_ends_every_drip(body: str, collect: Collect) -> None:
    script = {**_BODIES, **_UNHEARD}[body]
    with Loopback(script) as server, pytest.raises(RequestTimeout) as caught:
        collect(PROMPT, target(server), timeout={"total": SHORT_S})

    assert caught.value.phase == "total"
    if body in {"trailers", "texts"}:
        assert caught.value.partial is not None
        assert caught.value.partial.text.startswith("Hello")


def test_a_server_that_takes_no_request_is_ended_by_the_limit_of_the_whole_call(collect: Collect) -> None:
    """It reads a byte at a time of a request that no buffer holds, so that every write of it is in time."""
    stop = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with closing(connection):
            while not stop.wait(PACE_S):
                connection.recv(20_000)

    large = Prompt("gemini-2.5-flash", (Turn("user", (Blob.of(bytes(20_000_000), "image/png"),)),))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        place: Any = type("Place", (), {"base_url": f"http://127.0.0.1:{listener.getsockname()[1]}/v1beta"})
        try:
            with pytest.raises(RequestTimeout) as caught:
                collect(large, target(place), timeout={"total": SHORT_S})
        finally:
            stop.set()
            thread.join()

    assert caught.value.phase == "total"


@pytest.mark.parametrize("name", [b"x: ", b"\t"], ids=["one header", "its further lines"])
def test_a_head_without_end_is_no_answer(name: bytes, collect: Collect) -> None:
    def script(connection: Connection) -> None:
        connection.send(_OK + b"x: y\r\n" + name)
        while True:
            connection.send(b"y" * 10_000)

    with Loopback(script) as server, pytest.raises(ConnectionFailed, match="cut"):
        collect(PROMPT, target(server), max_retries=0)


def test_headers_without_end_are_no_answer(collect: Collect) -> None:
    def script(connection: Connection) -> None:
        connection.send(_OK)
        while True:
            connection.send(b"x: y\r\n" * 1_000)

    with Loopback(script) as server, pytest.raises(ConnectionFailed, match="cut"):
        collect(PROMPT, target(server), max_retries=0)


_LENGTHS = {
    "more than comes": ("content-length: 100000", GStreamError),
    "less than comes": (f"content-length: {len(_BEGUN) // 2}", GStreamError),
    "below nothing": ("content-length: -1", ConnectionFailed),
    "no number": ("content-length: many", ConnectionFailed),
    "beyond all numbers": (f"content-length: {'9' * 5_000}", ConnectionFailed),
    "two lengths": ("content-length: 5\r\ncontent-length: 6", ConnectionFailed),
}


@pytest.mark.parametrize("length", _LENGTHS)
def test_a_length_that_is_not_true_is_a_typed_error(length: str, collect: Collect) -> None:
    framing, error = _LENGTHS[length]

    def script(connection: Connection) -> None:
        connection.head(framing=framing)
        connection.send(_BEGUN)

    with Loopback(script) as server, pytest.raises(error):
        collect(PROMPT, target(server), max_retries=0)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_twenty_thousand_tiny_chunks_are_one_answer(size: int, collect: Collect) -> None:
    texts = [f"{number} " for number in range(500)]
    body = b"".join(event(document(text)) for text in texts) + event({"candidates": [{"finishReason": "STOP"}]})
    with Loopback(whole(body, size=size)) as server:
        assert collect.generate(PROMPT, target(server)).text == "".join(texts)


_PAGES = {
    "titles": b"<html>" + b"<title" * 170_000,
    "headings": b"<html>" + b"<h1>" * 250_000,
    "scripts": b"<html>" + b"<script>" * 130_000,
    "brackets": b"<html>" + b"<" * 1_000_000,
    "models": b"model " * 170_000,
    "ids": b"request id " * 90_000,
    "spaces": b"request id" + b" " * 1_000_000,
}


@pytest.mark.parametrize("status", [200, 503])
@pytest.mark.parametrize("page", _PAGES)
def test_reading_an_error_takes_time_in_proportion_to_it(page: str, status: int, collect: Collect) -> None:
    """A megabyte that a careless pattern needs minutes for."""
    with Loopback(whole(_PAGES[page], status=status)) as server, pytest.raises(GStreamError) as caught:
        collect(PROMPT, target(server), max_retries=0)

    assert len(str(caught.value)) < 1_500

"""How long a line, an event and a page may be, to the byte, however they are cut."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gstream.frames import Excessive, Malformed, Stray
from gstream.framing import Framer
from tests.core.feeding import singles

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.frames import Frame

LONGEST = 1_000
TOO_LONG = Excessive("one event or document is longer than 1,000 bytes", adjustable=True)
A = {"a": 1}
CUTS: dict[str, Callable[[bytes], list[bytes]]] = {
    "whole": lambda body: [body],
    "in bytes": singles,
    "in pieces of 300": lambda body: [body[start : start + 300] for start in range(0, len(body), 300)],
    "before the last line end": lambda body: [body[:-2], body[-2:]],
}


def told(reads: list[bytes]) -> list[Frame]:
    """Return the frames of a body whose lines may have a thousand bytes, up to the first that is too long."""
    framer = Framer(longest=LONGEST)
    frames: list[Frame] = []
    for data in reads:
        frames += framer.feed(data)
        if TOO_LONG in frames:
            return frames[: frames.index(TOO_LONG) + 1]
    return frames + framer.close()


def event(length: int) -> tuple[bytes, dict[str, Any]]:
    """Return an event whose one line has so many bytes, and its document."""
    document = {"t": "x" * (length - len(b'data: {"t": ""}'))}
    return b"data: " + json.dumps(document).encode(), document


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("end", [b"\n\n", b"\r\r", b"\r\n\r\n"], ids=["lf", "cr", "crlf"])
def test_a_line_may_be_as_long_as_allowed(end: bytes, cut: Callable[[bytes], list[bytes]]) -> None:
    line, document = event(LONGEST)

    assert [A, document] == told(cut(b'data: {"a": 1}' + end + line + end))


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("end", [b"\n\n", b"\r\r", b"\r\n\r\n", b""], ids=["lf", "cr", "crlf", "no end"])
def test_a_line_that_is_longer_is_excessive_and_nothing_before_it_is_lost(
    end: bytes, cut: Callable[[bytes], list[bytes]]
) -> None:
    line, _ = event(LONGEST + 1)

    assert told(cut(b'data: {"a": 1}\n' + line + end)) == [A, TOO_LONG]


@pytest.mark.parametrize("lead", [b": ", b"event: ", b"word "])
def test_a_line_that_says_nothing_may_not_be_longer_either(lead: bytes) -> None:
    body = lead + b"x" * (LONGEST + 1 - len(lead)) + b"\ndata: {}\n"

    assert told([b": first\n", body])[0] == TOO_LONG
    assert told([b": first\n", *singles(body)])[0] == TOO_LONG


def test_lines_are_measured_one_by_one() -> None:
    """A read of many lines may be longer than one may be; and a line is not longer for those before it."""
    line, document = event(LONGEST)
    framer = Framer(longest=LONGEST)

    assert framer.feed(b"\n".join([line] * 5) + b"\n" + line[:700]) == [document] * 5
    assert framer.feed(line[700:] + b"\n" + line[:999]) == [document]
    assert framer.feed(line[999:] + b"\n") == [document]


def test_an_event_of_many_lines_may_be_as_long_as_one_of_one() -> None:
    lines = b"data: [\n" + b"data: 1234567,\n" * 200

    assert told([b'data: {"a":\n', lines]) == [TOO_LONG]


def test_of_a_page_64_kib_are_kept() -> None:
    body = b"<html>" + b"x" * 70_000
    for reads in ([body], [body[:65_000], body[65_000:]], [body[:65_536], body[65_536:]]):
        assert [Stray(body[:65_536].decode())] == told(reads)


def test_of_a_page_that_is_no_utf_8_the_rest_is_shown() -> None:
    assert told([b"<html>a\xffb"]) == [Stray("<html>a\ufffdb")]


def test_of_a_line_that_is_no_json_two_thousand_characters_are_shown() -> None:
    """Characters, not bytes; one that is cut is shown as such."""
    framer = Framer()

    assert framer.feed(b"x-note: " + "\U0001f600".encode() * 3_000 + b"\n") == [
        Stray("x-note: " + "\U0001f600" * 1_992)
    ]
    assert framer.feed(b"x-note: \xff" + b"a" * 3_000 + b"\n") == [Stray("x-note: \ufffd" + "a" * 1_991)]


@pytest.mark.parametrize("body", [b"\xef", b"\xef\xbb"])
def test_half_a_byte_order_mark_is_no_answer_and_not_hidden(body: bytes) -> None:
    assert [Stray("\ufffd")] == told([body])


def test_a_byte_order_mark_alone_is_nothing() -> None:
    assert told([b"\xef\xbb\xbf"]) == []
    assert told(singles(b"\xef\xbb\xbf  \n")) == []


def test_what_is_wrong_with_a_value_is_said() -> None:
    assert told([b"data: {\n\ndata: {}\n\n"]) == [Malformed("{\n\n", "the event ends inside it"), {}]
    assert told([b'data: {"a": 1']) == [Malformed('{"a": 1\n', "the connection ended inside it", cut=True)]

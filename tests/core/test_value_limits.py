"""How deep a value may be and how much it may hold, wherever that shows."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from gstream.frames import Excessive, Stray
from gstream.framing import Framer

if TYPE_CHECKING:
    from gstream.frames import Frame

DEEP = Excessive("it is nested more than 128 levels deep")
MANY = Excessive("it holds more than 2,000,000 values")


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


def told(body: bytes, cut: int) -> list[Frame]:
    framer = Framer()
    return [*framer.feed(body[:cut]), *framer.feed(body[cut:]), *framer.close()]


@pytest.mark.parametrize("cut", [0, 300], ids=["whole", "cut"])
@pytest.mark.parametrize("lead", [b"", b"data: "], ids=["a document", "an event"])
def test_a_value_may_be_128_levels_deep_and_no_deeper(lead: bytes, cut: int) -> None:
    assert told(lead + nested(128) + b"\n\n", cut) == [json.loads(nested(128))]
    assert told(lead + nested(129) + b"\n\n", cut) == [DEEP]
    assert told(lead + nested(200) + b"\n\n", cut) == [DEEP]


def test_brackets_side_by_side_are_not_deep() -> None:
    document: dict[str, Any] = {"a": [{} for _ in range(300)]}

    assert told(json.dumps(document).encode(), 0) == [document]
    assert told(b"data: " + json.dumps(document).encode() + b"\n\n", 0) == [document]


def test_words_behind_the_last_value_are_told_at_the_end_however_they_end() -> None:
    """Their last character may be cut as well."""
    assert told(b'{"a": 1} and so', 12) == [{"a": 1}, Stray("and so")]
    assert told(b'{"a": 1} so \xe6\x9d', 10) == [{"a": 1}, Stray("so \ufffd")]


@pytest.mark.parametrize("lead", [b"", b"data: "], ids=["a document", "an event"])
def test_two_million_values_are_too_many(lead: bytes) -> None:
    """Counted before they are read: each takes ten times the memory of its text."""
    body = lead + b'{"a": [' + b"1," * 2_100_000 + b"1]}\n\n"

    assert told(body, 1_000_000) == [MANY]


@pytest.mark.parametrize("lead", [b"", b"data: "], ids=["a document", "an event"])
def test_a_value_that_the_callers_stack_has_no_room_for_raises_nothing(lead: bytes) -> None:
    """Where Python's reader shares its limit with the calls below it; otherwise the value is read."""
    body = lead + nested(120) + b"\n\n"
    found: list[list[Frame]] = []

    def below(levels: int) -> None:
        if levels:
            below(levels - 1)
        else:
            found.append(told(body, 300))

    depth = 0
    frame = sys._getframe()
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    below(sys.getrecursionlimit() - depth - 80)

    assert found[0] in ([DEEP], [json.loads(nested(120))])

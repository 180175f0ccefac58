"""JSON in text: whole values once it ended, and the value so far."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from gstream.answers import GrowingJson, values_in

VALUE: dict[str, Any] = {"a": 'x}{"```', "b": [{"c": 1.5}, None], "d": {"e": True}}
TEXT = json.dumps(VALUE)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"\n {TEXT}\n\n",
        f"```json\n{TEXT}\n```",
        f"```\n{TEXT}```",
        f"Sure, the {{set}} of [1] is:\n```json\n{TEXT}\n```\nDone {{really}}.",
        f"It is {TEXT}.",
        json.dumps(VALUE, indent=2),
    ],
)
def test_a_value_is_found_among_fences_and_prose(text: str) -> None:
    found = values_in(text)

    assert found.values == (VALUE,)
    assert found.broken is None


def test_every_cut_of_a_value_is_told_and_nothing_inside_it_is_taken() -> None:
    """No prefix of an object yields a value, not even an inner object that is whole."""
    for end in range(len(TEXT)):
        assert values_in(f"So: {TEXT[:end]}").values == ()
    assert values_in(TEXT[:-1]).broken == "its JSON ends in the middle"


def test_several_values_are_all_found() -> None:
    assert values_in('{"a": 1} or {"a": 2}').values == ({"a": 1}, {"a": 2})
    assert values_in('[{"a": 1}, {"a": 2}]').values == ([{"a": 1}, {"a": 2}],)


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": 1,}', '{"a": oops, "b": {"c": 1}}', "{'a': 1}", "no", "{}{"])
def test_what_is_no_json_is_no_value(text: str) -> None:
    found = values_in(text)

    assert found.values in ((), ({},))


def test_a_line_break_inside_a_string_is_let_through() -> None:
    assert values_in('{"a": "one\ntwo"}').values == ({"a": "one\ntwo"},)


def test_depth_without_end_is_told() -> None:
    assert values_in('{"a":' * 100_000).broken is not None


def test_a_value_grows_with_the_text_whatever_surrounds_it() -> None:
    """Fed by characters, each state is shown once, and the last one is the value itself."""
    text = f"Look {{here}}:\n```json\n{TEXT}\n```\nBye."
    growing = GrowingJson()

    shown = [value for end in range(len(text) + 1) if (value := growing.feed(text[:end])) is not None]

    assert shown[0] == {"a": ""}
    assert {"a": "x}"} in shown
    assert shown[-1] == VALUE
    assert all(one != other for one, other in pairwise(shown))


@pytest.mark.parametrize("text", ["{'a': 1}", '{"a": oops}', '{"a": 1,, "b": 2}'])
def test_what_is_no_json_is_never_shown_while_it_grows(text: str) -> None:
    growing = GrowingJson()

    assert all(growing.feed(text[:end]) in (None, {"a": 1}) for end in range(len(text) + 1))
    assert growing.feed(text) is None

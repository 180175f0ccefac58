"""Which documents of a response count, which of their candidates, and where these are found in them."""

from __future__ import annotations

from typing import Any

import pytest

from gstream import IncompleteStreamError, OverloadedError, StreamDecoder, Text, Usage
from tests.core.feeding import event, events, hear, said


def candidate(index: int | None, text: str, finish: str | None = None) -> dict[str, Any]:
    """Return one element of `candidates[]`."""
    named = {} if index is None else {"index": index}
    ended = {} if finish is None else {"finishReason": finish}
    return {**named, "content": {"parts": [{"text": text}]}, **ended}


def test_a_decoder_that_is_told_nothing_expects_a_good_answer() -> None:
    decoder = StreamDecoder()

    assert (decoder.status, decoder.done, decoder.ended, decoder.framing, decoder.partial) == (
        200,
        False,
        False,
        None,
        None,
    )


def test_closing_completes_a_last_line_without_an_end() -> None:
    decoder = StreamDecoder()
    decoder.feed(event(said("a", finish="STOP")).rstrip())

    assert [chunk.text for chunk in decoder.close()] == ["a", ""]


def test_what_draining_completed_is_not_completed_again() -> None:
    decoder = StreamDecoder()
    decoder.feed(event(said("a", finish="STOP")).rstrip())

    assert [chunk.text for chunk in decoder.drain()] == ["a"]
    assert decoder.drain() == []
    assert [chunk.text for chunk in decoder.close()] == [""]


@pytest.mark.parametrize("value", [7, True, "x", {"text": "x"}, [7], [None, "x"], [[]]])
@pytest.mark.parametrize("several", [True, False])
def test_candidates_that_are_none_are_no_answer(value: object, several: bool) -> None:  # noqa: FBT001 - a case
    error = hear(events({"candidates": value}), several=several).error

    assert isinstance(error, IncompleteStreamError)


def test_a_document_with_candidates_is_not_looked_into_for_others() -> None:
    """A gateway's own field beside them is kept as it is, whatever it is called."""
    beside = {"error": "none", "candidates": [candidate(0, "b")]}
    heard = hear(events({**said("a", finish="STOP"), "data": beside, "body": beside}))

    assert (heard.error, heard.text) == (None, "a")
    assert (heard.last.raw["data"], heard.last.raw["body"]) == (beside, beside)


def test_fields_that_say_no_or_nought_are_said() -> None:
    raw = hear(
        events(said("a", finish="STOP", cached=False, retries=0, note="", more=None, list=[], object={}))
    ).last.raw

    assert {name: value for name, value in raw.items() if name != "candidates"} == {"cached": False, "retries": 0}


def test_two_elements_of_one_index_are_one_candidate() -> None:
    heard = hear(events({"candidates": [candidate(0, "a"), candidate(0, "b", "STOP")]}))

    assert (heard.error, heard.parts()) == (None, (Text("ab"),))


@pytest.mark.parametrize(
    ("documents", "text"),
    [
        ([[candidate(0, "a"), candidate(1, "x")], [candidate(0, "b", "STOP"), candidate(1, "y")]], "ab"),
        ([[candidate(1, "x"), candidate(0, "a")], [candidate(1, "y"), candidate(0, "b", "STOP")]], "ab"),
        ([[candidate(2, "y"), candidate(1, "x"), candidate(0, "a", "STOP")]], "a"),
        ([[candidate(None, "a"), candidate(None, "x")], [candidate(None, "b", "STOP"), candidate(None, "y")]], "ab"),
        ([[candidate(0, "a")], [candidate(1, "x", "STOP")], [candidate(0, "b", "STOP")]], "ab"),
        ([[candidate(1, "a")], [candidate(0, "x"), candidate(1, "b")], [candidate(1, "c", "STOP")]], "abc"),
        ([[candidate(0, "a")], [candidate(1, "x"), candidate(2, "x")], [candidate(0, "b", "STOP")]], "ab"),
        ([[candidate(0, "a")], [], [None], [candidate(0, "b", "STOP")]], "ab"),
    ],
)
def test_of_several_candidates_the_first_counts_where_one_was_asked_for(documents: list[Any], text: str) -> None:
    heard = hear(events(*({"candidates": found} for found in documents)), several=False)

    assert heard.error is None
    assert text == heard.text
    assert len([chunk for chunk in heard.chunks if chunk.last]) == 1


WRAPPERS = ("response", "data", "result", "body")


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_response_is_read_wherever_gateways_wrap_it(wrapper: str) -> None:
    for inner in (said("a", finish="STOP"), [said("a", finish="STOP")]):
        heard = hear(events({wrapper: inner, "traceId": "t"}))

        assert (heard.error, heard.text) == (None, "a")
        assert heard.last.raw.keys() == {"candidates", "traceId"}, "what stood beside it is kept, it itself only once"


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_what_a_response_says_besides_candidates_is_found_in_its_wrapper(wrapper: str) -> None:
    heard = hear(
        events(
            said("a", finish="STOP"), {wrapper: {"usageMetadata": {"promptTokenCount": 3}}}, {wrapper: {"usage": {}}}
        )
    )

    assert heard.last.usage == Usage(prompt=3)
    assert heard.last.raw[wrapper] == {"usage": {}}, "an object that is no response stays what it is"


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_an_error_in_a_wrapper_is_that_error(wrapper: str) -> None:
    for inner in ({"error": {"code": 503, "message": "busy"}}, [{"error": {"code": 503, "message": "busy"}}]):
        error = hear(events(said("a"), {wrapper: inner})).error

        assert isinstance(error, OverloadedError)
        assert error.provider_message == "busy"


def test_several_responses_in_one_wrapper_are_not_guessed_at() -> None:
    error = hear(events({"data": [said("a", finish="STOP"), said("b", finish="STOP")]})).error

    assert isinstance(error, IncompleteStreamError)

"""Structured prediction that fails: answers without the object, and what cannot be asked."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from llama_index.core.types import PydanticProgramMode
from pydantic import BaseModel

from gstream import ConfigurationError, ContentBlockedError, EmptyAnswerError, GStreamError
from llamaindex_gstream.errors import StructuredAnswerError
from tests.llamaindex.shapes import FORMS, MODES, TRIP_JSON, Town, Tree, Trip, documents, predict


class AllOptional(BaseModel):
    name: str | None = None
    age: int | None = None


@pytest.fixture(params=MODES, ids=lambda mode: mode.value)
def mode(request: pytest.FixtureRequest) -> PydanticProgramMode:
    """Each way of asking for an object."""
    chosen: PydanticProgramMode = request.param
    return chosen


WRONG = {
    "prose": (documents(["I would rather not."]), Trip, "holds no JSON object.*I would rather not"),
    "another object": (documents(['{"name": "Paris"}']), Trip, "'title': Field required"),
    "a list of it": (documents([f"[{TRIP_JSON}]"]), Trip, "its class refuses it"),
    "two of it": (documents(['{"name":"a","population":1} {"name":"b","population":1}']), Town, "2 different ones"),
    "broken": (documents(['{"name": "Paris", population: 2}']), Town, "its JSON is broken"),
    "NaN": (documents(['{"name": "Paris", "population": NaN}']), Town, "NaN is no JSON"),
    "cut at the limit": (
        documents([TRIP_JSON[:-3]], "MAX_TOKENS"),
        Trip,
        "in the middle.*raise max_output_tokens",
    ),
    "cut by a filter": (documents([TRIP_JSON[:20]], "RECITATION"), Trip, "ends in the middle.*RECITATION"),
    "cut behind an inner one": (documents(['{"name":"a","kids":[{"name":"b","kids":[]},{"na']), Tree, "in the middle"),
    "fields of another class": (documents(['{"title": "x", "note": "y"}']), AllOptional, "none of the fields"),
    "thoughts alone": (documents([], thoughts=["Hm."]), Trip, "no text, only thinking"),
    "a call": (
        [
            {
                "candidates": [
                    {"content": {"parts": [{"functionCall": {"name": "f", "args": {}}}]}, "finishReason": "STOP"}
                ]
            }
        ],
        Trip,
        "no text, only tool_call",
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_an_answer_without_the_object_is_a_typed_error(form: str, wrong: Any, start: Any, make: Any) -> None:
    script, output_cls, words = wrong
    llm = make(start(script=script), max_retries=0)

    with pytest.raises(StructuredAnswerError, match=words) as caught:
        await predict(form, llm, output_cls)
    assert isinstance(caught.value, GStreamError)
    assert isinstance(caught.value, ValueError)
    assert (caught.value.endpoint, caught.value.model) == ("google", "gemini-2.5-flash")
    assert pickle.loads(pickle.dumps(caught.value)).finish_reason == caught.value.finish_reason  # noqa: S301 - our own bytes


CALLED = {
    "prose": ([{"text": TRIP_JSON}], "without the call that was demanded"),
    "another object": ([{"functionCall": {"name": "Trip", "args": {"name": "Paris"}}}], "'title': Field required"),
    "no arguments": ([{"functionCall": {"name": "Trip"}}], "'title': Field required"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("parts", "words"), CALLED.values(), ids=CALLED)
async def test_a_wrong_call_is_a_typed_error(form: str, parts: Any, words: str, wired: Any) -> None:
    answer = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
    llm, _ = wired(answer, pydantic_program_mode=PydanticProgramMode.FUNCTION)

    with pytest.raises(StructuredAnswerError, match=words):
        await predict(form, llm)


@pytest.mark.parametrize("form", FORMS)
async def test_arguments_that_are_no_json_are_no_object_without_fields(form: str, wired: Any) -> None:
    """A gateway may give the arguments of a call as a text, and cut it."""
    part = {"functionCall": {"name": "AllOptional", "args": '{"name": "Pa'}}
    answer = {"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}]}
    llm, _ = wired(answer, pydantic_program_mode=PydanticProgramMode.FUNCTION)

    with pytest.raises(GStreamError):
        await predict(form, llm, AllOptional)


@pytest.mark.parametrize("form", FORMS)
async def test_blocked_and_empty_answers_keep_their_own_errors(
    form: str, mode: PydanticProgramMode, wired: Any
) -> None:
    blocked, _ = wired({"promptFeedback": {"blockReason": "SAFETY"}}, pydantic_program_mode=mode, max_retries=0)
    empty, _ = wired({"candidates": [{"finishReason": "STOP"}]}, pydantic_program_mode=mode, max_retries=0)

    with pytest.raises(ContentBlockedError):
        await predict(form, blocked)
    with pytest.raises(EmptyAnswerError):
        await predict(form, empty)


# -- what cannot be asked ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "impossible",
    [
        ({"pydantic_program_mode": "openai"}, Trip, {}, "choose default, function or llm"),
        ({}, dict, {}, "needs a pydantic class"),
        ({}, Trip, {"temprature": 1}, "did you mean 'temperature'"),
        ({"pydantic_program_mode": "function"}, Trip, {"tools": [{"googleSearch": {}}]}, "leave tools out"),
        (
            {"pydantic_program_mode": "function", "is_function_calling_model": False},
            Trip,
            {},
            "needs a model that calls functions",
        ),
    ],
)
async def test_what_does_not_go_together_is_told_before_any_request(form: str, impossible: Any, wired: Any) -> None:
    parameters, output_cls, llm_kwargs, words = impossible
    llm, bodies = wired(**parameters)

    with pytest.raises(ConfigurationError, match=words):
        await predict(form, llm, output_cls, **llm_kwargs)
    assert bodies == []


def test_a_prompt_that_is_no_template_is_told(wired: Any) -> None:
    llm, bodies = wired()

    with pytest.raises(ConfigurationError, match="prompt must be a template; got 'str'"):
        llm.structured_predict(Trip, "Plan a trip.")
    assert bodies == []

"""Structured output: what is read out of an answer, and that half an answer is never taken for a whole one."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, InvalidToolCall, ToolCall
from langchain_core.outputs import Generation
from pydantic import BaseModel, field_validator

from gstream import EmptyAnswerError
from gstream.emulator import Emulator
from langchain_gstream.errors import StructuredAnswerError
from langchain_gstream.parsing import AnswerParser
from langchain_gstream.schemas import form_of
from tests.langchain.asking import (
    METHODS,
    PERSON,
    WAYS,
    Json,
    Nested,
    ask,
    documents,
    saying,
)
from tests.langchain.conftest import model_of

# -- answers that are no whole JSON -------------------------------------------------------------------------------

LAX: Json = {"type": "object", "properties": {"name": {"type": "string"}}}
"""A schema that also half an answer would fit, if it were completed."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", ["json_schema", "json_mode"])
async def test_json_that_was_cut_is_never_completed(way: str, method: Any) -> None:
    with saying('{"name": "An', finish="MAX_TOKENS") as emulator:
        chain = model_of(emulator).with_structured_output(LAX, method=method)
        with pytest.raises(StructuredAnswerError, match="was cut at the limit of tokens") as caught:
            await ask(chain, way)

    assert "Raise max_output_tokens" in str(caught.value)
    assert (caught.value.finish_reason, caught.value.llm_output) == ("MAX_TOKENS", '{"name": "An')
    assert not caught.value.retryable


def test_the_emulators_own_limit_cuts_json_and_says_so(emulator: Emulator) -> None:
    chain = model_of(emulator, max_output_tokens=5).with_structured_output(Nested)
    with pytest.raises(StructuredAnswerError, match="Raise max_output_tokens"):
        chain.invoke("Tell me of 3 cats.")


@pytest.mark.parametrize("way", WAYS)
async def test_arguments_that_langchain_completed_are_not_taken(way: str) -> None:
    piece = AIMessageChunk(
        content="",
        tool_call_chunks=[{"name": "Answer", "args": '{"name": "An', "id": "1", "index": 0}],
        response_metadata={"finish_reason": "MAX_TOKENS"},
    )
    assert piece.tool_calls[0]["args"] == {"name": "An"}
    with pytest.raises(StructuredAnswerError, match="The call was cut at the limit of tokens"):
        await ask(AnswerParser(form=form_of(LAX), method="function_calling"), way, piece)


def test_a_number_at_the_end_of_a_cut_answer_is_not_taken_for_whole() -> None:
    with saying("12", finish="MAX_TOKENS") as emulator:
        chain = model_of(emulator).with_structured_output({"type": "integer"})
        with pytest.raises(StructuredAnswerError, match="was cut at the limit of tokens"):
            chain.invoke("hello")


def test_an_object_that_is_whole_is_taken_although_the_answer_was_cut_behind_it() -> None:
    with saying('{"name": "Ann", "mood": "sad"}', finish="MAX_TOKENS") as emulator:
        answer = model_of(emulator).with_structured_output(PERSON).invoke("hello")

    assert answer == {"name": "Ann", "mood": "sad"}


TEXTS: dict[str, list[str]] = {
    "plain": ['{"name": "Ann", ', '"mood": "sad"}'],
    "code fence": ['```json\n{"name": "Ann", ', '"mood": "sad"}\n```'],
    "code fence without a language": ['```\n{"name": "Ann", "mood": "sad"}\n```\n'],
    "prose around a code fence": ['Here it is:\n```json\n{"name": "Ann", "mood": "sad"}\n```\nIs that all?'],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
async def test_json_is_read_out_of_the_text_it_came_in(texts: list[str], way: str) -> None:
    with saying(*texts) as emulator:
        pieces = await ask(model_of(emulator).with_structured_output(PERSON), way)

    assert pieces[-1] == {"name": "Ann", "mood": "sad"}


def test_a_code_fence_inside_a_fenced_answer_ends_nothing() -> None:
    with saying('```json\n{"name": "```x```", "mood": "sad"}\n```') as emulator:
        answer = model_of(emulator).with_structured_output(PERSON).invoke("hello")

    assert answer == {"name": "```x```", "mood": "sad"}


@pytest.mark.parametrize("way", WAYS)
async def test_thoughts_in_front_of_json_and_several_texts_are_no_part_of_it(way: str) -> None:
    parts = (
        {"text": 'I think {"name": "Bob"}', "thought": True},
        {"text": '{"name": "Ann", "mo'},
        {"text": 'od": "sad"}', "thoughtSignature": "c2ln"},
    )
    with Emulator("google", script=[documents(*parts)]) as emulator:
        chain = model_of(emulator, include_thoughts=True).with_structured_output(PERSON)
        pieces = await ask(chain, way)

    assert pieces[-1] == {"name": "Ann", "mood": "sad"}


NO_JSON: dict[str, tuple[str, str, str]] = {
    "prose": ("I would rather not.", "STOP", "The answer is no JSON: 'I would rather not.'"),
    "two objects": ('{"name": "a"}{"name": "b"}', "STOP", "The answer is no JSON"),
    "what JSON does not know": ('{"name": NaN}', "STOP", "The answer is no JSON"),
    "a refusal in the middle": ('{"name": "An', "SAFETY", "ended with SAFETY before its JSON was whole"),
    "too deep": ("[" * 100_000, "STOP", "The answer is no JSON"),
    "a number without end": ("1" * 5_000, "STOP", "The answer is no JSON"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("text", "finish", "sentence"), NO_JSON.values(), ids=NO_JSON)
async def test_a_text_that_is_no_json_is_an_error_with_its_beginning(
    text: str, finish: str, sentence: str, way: str
) -> None:
    with saying(text, finish=finish) as emulator, pytest.raises(StructuredAnswerError) as caught:
        await ask(model_of(emulator).with_structured_output(LAX), way)

    assert sentence in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("include_raw", [False, True])
@pytest.mark.parametrize("finish", ["STOP", "MAX_TOKENS", "SAFETY"])
async def test_an_answer_without_any_part_is_the_models_error_not_the_parsers(
    method: Any, include_raw: Any, finish: str
) -> None:
    with Emulator("google", script=[documents(finish=finish)]) as emulator:
        chain = model_of(emulator, max_retries=0).with_structured_output(PERSON, method=method, include_raw=include_raw)
        for way in WAYS:
            with pytest.raises(EmptyAnswerError):
                await ask(chain, way)


@pytest.mark.parametrize("way", WAYS)
async def test_a_call_that_was_demanded_and_did_not_come_is_an_error(way: str) -> None:
    with saying("I cannot call.") as emulator:
        chain = model_of(emulator).with_structured_output(PERSON, method="function_calling")
        with pytest.raises(StructuredAnswerError, match=r"The model did not call 'Answer'. It said 'I cannot call.'"):
            await ask(chain, way)


# -- the parser by itself -----------------------------------------------------------------------------------------


class City(BaseModel):
    name: str


def parser_of(method: Any, **options: Any) -> AnswerParser:
    return AnswerParser(form=form_of(City), method=method, **options)


def test_a_parser_says_what_comes_out_of_it() -> None:
    assert parser_of("json_schema").OutputType is City
    assert AnswerParser(form=form_of(LAX), method="json_schema").OutputType == Json
    assert parser_of("json_schema", include_raw=True).OutputType == Json


async def test_a_parser_reads_text_alone_and_what_grows() -> None:
    """LangChain's own runnables use it so."""
    parser = parser_of("json_schema")

    assert parser.parse('{"name": "Rome"}') == City(name="Rome")
    assert parser.parse_result([Generation(text='{"name": "Rome"}')], partial=True) == City(name="Rome")
    assert await parser.aparse_result([Generation(text="")], partial=True) is None


@pytest.mark.parametrize("text", ["", " \n"], ids=["nothing", "white space"])
def test_an_answer_without_a_word_is_told_as_that(text: str) -> None:
    with pytest.raises(StructuredAnswerError, match="The answer holds no text, so no JSON either"):
        parser_of("json_schema").parse(text)


def call(name: str, args: str, index: int) -> Any:
    return {"name": name, "args": args, "id": str(index), "index": index}


OTHER = call("Other", "{}", 0)
CALLS: dict[str, tuple[BaseMessage, City | None]] = {
    "streamed, behind another call": (AIMessageChunk(content="", tool_call_chunks=[OTHER, call("City", '{"name": "Rome"}', 1)]), City(name="Rome")),
    "streamed, another call alone": (AIMessageChunk(content="", tool_call_chunks=[OTHER]), None),
    "whole, behind another call": (AIMessage("", tool_calls=[ToolCall(name="Other", args={}, id="0"), ToolCall(name="City", args={"name": "Rome"}, id="1")]), City(name="Rome")),
    "malformed, but readable": (AIMessage("", invalid_tool_calls=[InvalidToolCall(type="invalid_tool_call", name="Other", args="{", id="0", error=None), InvalidToolCall(type="invalid_tool_call", name="City", args='{"name": "Rome"}', id="1", error=None)]), City(name="Rome")),
    "said by a person": (HumanMessage('{"name": "Rome"}'), None),
}  # fmt: skip


@pytest.mark.parametrize(("message", "expected"), CALLS.values(), ids=CALLS)
def test_the_first_call_of_the_form_is_the_answer(message: BaseMessage, expected: City | None) -> None:
    parser = parser_of("function_calling")
    if expected is not None:
        assert parser.whole(message) == expected
        return
    with pytest.raises(StructuredAnswerError, match="The model did not call 'City'"):
        parser.whole(message)


def test_an_error_of_ours_in_a_callers_validator_leaves_as_it_is() -> None:
    class Asking(BaseModel):
        name: str

        @field_validator("name")
        @classmethod
        def asked(cls, name: str) -> str:
            raise EmptyAnswerError(f"Nothing is known of {name}.", finish_reason="STOP")

    with pytest.raises(EmptyAnswerError, match="Nothing is known of Rome"):
        AnswerParser(form=form_of(Asking), method="json_schema").parse('{"name": "Rome"}')

"""Function calling agents of core, over a socket, in every dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, ImageBlock, TextBlock
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.tools import FunctionTool

from gstream import ContentBlockedError
from tests.llamaindex.agents import NOISE, get_time, get_weather, memory, run

pytestmark = NOISE

ONE = "What is the time in Paris?"
BOTH = "What is the weather and the time in Paris?"
TWICE = "Get the weather of Paris and Tokyo."
THEN = "First get the weather in Paris, then the time in Tokyo."
SECOND, THIRD = "gemini-2.5-flash", "gemini-3-flash-preview"
"""One gives its calls no ids, the other ids, one call a chunk, and signatures that the emulator demands."""


def contents(emulator: Any, number: int = -1) -> list[dict[str, Any]]:
    """Return the turns of a request."""
    turns: list[dict[str, Any]] = emulator.requests[number].body["contents"]
    return turns


@pytest.mark.parametrize("model", [SECOND, THIRD])
@pytest.mark.parametrize("streaming", [True, False])
async def test_a_function_agent_calls_once_side_by_side_twice_and_in_turn(
    model: str,
    streaming: bool,  # noqa: FBT001 - a parameter of the test
    reseller: Any,
    make: Any,
) -> None:
    agent = FunctionAgent(tools=[get_weather, get_time], llm=make(reseller, model=model), streaming=streaming)

    one, both, twice, then = [await run(agent, asked) for asked in (ONE, BOTH, TWICE, THEN)]

    assert one.calls == [("get_time", {"city": "Paris"})]
    assert both.calls == [("get_time", {"city": "Paris"}), ("get_weather", {"city": "Paris"})]
    assert twice.calls == [("get_weather", {"city": "Paris"}), ("get_weather", {"city": "Tokyo"})]
    assert then.calls == [("get_time", {"city": "Tokyo"}), ("get_weather", {"city": "Paris"})]
    assert "noon in Paris" in both.answer
    assert all(city in twice.answer for city in ("Paris", "Tokyo"))
    assert "noon in Tokyo" in then.answer
    assert then.streamed == (then.answer if streaming else "")
    assert len(reseller.requests) == 2 + 2 + 2 + 3


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_calls_and_results_go_back_each_with_its_own(model: str, reseller: Any, make: Any) -> None:
    agent = FunctionAgent(tools=[get_weather, get_time], llm=make(reseller, model=model))

    await run(agent, TWICE)

    _, called, answered = contents(reseller)
    calls = [part["functionCall"] for part in called["parts"] if "functionCall" in part]
    results = [part["functionResponse"] for part in answered["parts"]]
    assert [call["args"]["city"] for call in calls] == ["Paris", "Tokyo"]
    assert [result["response"]["city"] for result in results] == ["Paris", "Tokyo"]
    assert [call.get("id") for call in calls] == [result.get("id") for result in results]
    assert all("id" in call for call in calls) is (model == THIRD)
    assert ("thoughtSignature" in called["parts"][0]) is (model == THIRD)


async def test_thoughts_reach_the_agents_stream_and_not_its_answer(start: Any, make: Any) -> None:
    ran = await run(FunctionAgent(tools=[get_time], llm=make(start(), include_thoughts=True)), ONE)

    assert "Reading the request" in ran.thoughts
    assert "Reading the request" not in ran.answer + ran.streamed


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_a_conversation_goes_on_from_memory_that_was_stored(model: str, reseller: Any, make: Any) -> None:
    llm = make(reseller, model=model, include_thoughts=True)
    agent = FunctionAgent(tools=[get_weather, get_time], llm=llm)
    kept = memory()

    await run(agent, BOTH, memory=kept)
    history = [ChatMessage.model_validate_json(message.model_dump_json()) for message in await kept.aget_all()]
    stored = ChatMemoryBuffer.from_defaults(chat_history=history, token_limit=100_000)
    again = await run(agent, "And what is the time in Tokyo?", memory=stored)
    turns = contents(reseller)
    await run(agent, "And what is the time in Tokyo?", memory=kept)

    assert "noon in Tokyo" in again.answer
    assert turns == contents(reseller)


async def test_one_call_at_a_time_where_no_parallel_ones_are_allowed(reseller: Any, make: Any) -> None:
    for streaming in (True, False):
        agent = FunctionAgent(
            tools=[get_weather, get_time],
            llm=make(reseller, model=THIRD),
            allow_parallel_tool_calls=False,
            streaming=streaming,
        )

        ran = await run(agent, BOTH)

        _, first, _, second, _ = contents(reseller)
        assert [len([part for part in turn["parts"] if "functionCall" in part]) for turn in (first, second)] == [1, 1]
        assert [name for name, _ in ran.calls] == ["get_time", "get_weather"]


async def test_a_tool_that_fails_is_told_to_the_model(reseller: Any, make: Any) -> None:
    def get_price(city: str) -> str:
        """Get the price of a city."""
        raise ValueError(f"no price for {city}")

    ran = await run(FunctionAgent(tools=[get_price], llm=make(reseller)), "What is the price in Paris?")

    (result,) = contents(reseller)[-1]["parts"]
    assert result["functionResponse"]["response"] == {"output": "no price for Paris"}
    assert "no price for Paris" in ran.answer


async def test_a_tool_that_is_not_there_is_told_to_the_model(start: Any, make: Any) -> None:
    call = {"content": {"parts": [{"functionCall": {"name": "get_price", "args": {}}}]}, "finishReason": "STOP"}
    text = {"content": {"parts": [{"text": "I cannot tell."}]}, "finishReason": "STOP"}
    emulator = start(script=[[{"candidates": [call]}], [{"candidates": [text]}]])

    ran = await run(FunctionAgent(tools=[get_time], llm=make(emulator)), ONE)

    (result,) = contents(emulator)[-1]["parts"]
    assert result["functionResponse"]["name"] == "get_price"
    assert "not found" in result["functionResponse"]["response"]["output"]
    assert ran.answer == "I cannot tell."


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_a_result_that_is_returned_directly_ends_the_run_and_the_next_one_goes_on(
    model: str, reseller: Any, make: Any
) -> None:
    """Agents put the tool's id on the assistant's message behind the result; that is no second result."""
    agent = FunctionAgent(
        tools=[FunctionTool.from_defaults(get_time, return_direct=True)], llm=make(reseller, model=model)
    )
    kept = memory()

    first = await run(agent, ONE, memory=kept)
    asked_so_far = len(reseller.requests)
    second = await run(agent, "Thank you.", memory=kept)

    assert (first.answer, asked_so_far) == ("It is noon in Paris.", 1)
    assert second.answer
    assert [turn["role"] for turn in contents(reseller)] == ["user", "model", "user", "model", "user"]
    assert contents(reseller)[3]["parts"] == [{"text": "It is noon in Paris."}]


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_an_image_that_a_tool_returns_is_seen_by_the_model(model: str, reseller: Any, make: Any) -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(16)

    def get_map(city: str) -> list[Any]:
        """Get the map of a city."""
        return [TextBlock(text=f"A map of {city}."), ImageBlock(image=png, image_mimetype="image/png")]

    ran = await run(FunctionAgent(tools=[get_map], llm=make(reseller, model=model)), "Get the map of Paris.")

    sent = json.dumps(contents(reseller)[-1])
    assert "A map of Paris." in sent
    assert '"mimeType": "image/png"' in sent
    assert "A map of Paris" in ran.answer
    assert "image/png (24 bytes)" in ran.answer


async def test_the_first_choice_of_a_tool_is_honoured(start: Any, make: Any) -> None:
    emulator = start()
    agent = FunctionAgent(tools=[get_weather, get_time], llm=make(emulator), initial_tool_choice="get_time")

    ran = await run(agent, "Tell me something about Paris.")

    config = (emulator.requests[0].body or {})["toolConfig"]["functionCallingConfig"]
    assert config == {"mode": "ANY", "allowedFunctionNames": ["get_time"]}
    assert ran.calls == [("get_time", {"city": "Paris"})]


async def test_an_agent_without_tools_is_a_conversation(start: Any, make: Any) -> None:
    ran = await run(FunctionAgent(tools=[], llm=make(start()), system_prompt="Be brief."), "Tell me about rivers.")

    assert "Be brief." in ran.answer
    assert ran.streamed == ran.answer


async def test_an_answer_that_is_none_is_an_error_of_the_run(start: Any, make: Any) -> None:
    """In place of an agent that stops with an empty message."""
    blocked = start(script=[{"promptFeedback": {"blockReason": "SAFETY"}}])

    with pytest.raises(ContentBlockedError):
        await run(FunctionAgent(tools=[get_time], llm=make(blocked, max_retries=0)), ONE)

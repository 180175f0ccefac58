"""Agents of core, over a socket, in every dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from llama_index.core.agent.workflow import AgentStream, AgentWorkflow, FunctionAgent, ReActAgent, ToolCallResult
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.memory import ChatMemoryBuffer

pytestmark = [  # core's agents read deprecated attributes of pydantic models
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211"),
]

BOTH = "What is the weather and the time in Paris?"
TWICE = "Get the weather of Paris and Tokyo."
THEN = "First get the weather in Paris, then the time in Tokyo."


def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return json.dumps({"city": city, "weather": "sunny"})


def get_time(city: str) -> str:
    """Get the local time of a city."""
    return f"It is noon in {city}."


async def run(agent: Any, asked: str, **options: Any) -> tuple[list[tuple[str, str]], str, str]:
    """Return the calls an agent made, its answer, and what it streamed.

    The memory is given, because core's default one opens a database that it does not close.
    """
    handler = agent.run(asked, **{"memory": ChatMemoryBuffer.from_defaults(token_limit=100_000), **options})
    calls, streamed = [], ""
    async for event in handler.stream_events():
        if isinstance(event, ToolCallResult):
            calls.append((event.tool_name, event.tool_kwargs["city"]))
        elif isinstance(event, AgentStream):
            streamed += event.delta
    return sorted(calls), str((await handler).response.content), streamed


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-3-flash-preview"])
@pytest.mark.parametrize("streaming", [True, False])
async def test_a_function_agent_calls_side_by_side_twice_and_in_turn(
    model: str,
    streaming: bool,  # noqa: FBT001 - a parameter of the test
    reseller: Any,
    make: Any,
) -> None:
    """Gemini 3's signatures are demanded by the emulator; 2.5 gives its calls no ids."""
    agent = FunctionAgent(tools=[get_weather, get_time], llm=make(reseller, model=model), streaming=streaming)

    both, answer, streamed = await run(agent, BOTH)
    twice, _, _ = await run(agent, TWICE)
    then, last, _ = await run(agent, THEN)

    assert both == [("get_time", "Paris"), ("get_weather", "Paris")]
    assert twice == [("get_weather", "Paris"), ("get_weather", "Tokyo")]
    assert then == [("get_time", "Tokyo"), ("get_weather", "Paris")]
    assert "noon in Paris" in answer
    assert "noon in Tokyo" in last
    assert streamed == (answer if streaming else "")


async def test_thoughts_reach_the_agents_stream(start: Any, make: Any) -> None:
    agent = FunctionAgent(tools=[get_time], llm=make(start(), include_thoughts=True))

    handler = agent.run("What is the time in Paris?", memory=ChatMemoryBuffer.from_defaults(token_limit=100_000))
    thoughts = [event.thinking_delta async for event in handler.stream_events() if isinstance(event, AgentStream)]
    await handler

    assert any(thoughts)


async def test_a_conversation_goes_on_from_memory_that_was_stored(start: Any, make: Any) -> None:
    llm = make(start(), model="gemini-3-flash-preview", include_thoughts=True)
    agent = FunctionAgent(tools=[get_weather, get_time], llm=llm)
    memory = ChatMemoryBuffer.from_defaults(token_limit=100_000)

    await run(agent, BOTH, memory=memory)
    history = [ChatMessage.model_validate_json(message.model_dump_json()) for message in await memory.aget_all()]
    stored = ChatMemoryBuffer.from_defaults(chat_history=history, token_limit=100_000)
    _, answer, _ = await run(agent, "And what is the time in Tokyo?", memory=stored)

    assert "noon in Tokyo" in answer
    assert len(await stored.aget_all()) > len(await memory.aget_all())


async def test_a_tool_that_fails_is_told_to_the_model(start: Any, make: Any) -> None:
    def get_price(city: str) -> str:
        """Get the price of a city."""
        raise ValueError(f"no price for {city}")

    emulator = start()
    agent = FunctionAgent(tools=[get_price], llm=make(emulator))

    _, answer, _ = await run(agent, "What is the price in Paris?")

    assert "no price for Paris" in answer


async def test_the_first_choice_of_a_tool_is_honoured(start: Any, make: Any) -> None:
    emulator = start()
    agent = FunctionAgent(tools=[get_weather, get_time], llm=make(emulator), initial_tool_choice="get_time")

    calls, _, _ = await run(agent, "Tell me something about Paris.")

    config = (emulator.requests[0].body or {})["toolConfig"]["functionCallingConfig"]
    assert config == {"mode": "ANY", "allowedFunctionNames": ["get_time"]}
    assert calls == [("get_time", "Paris")]


async def test_agents_hand_over_to_each_other(start: Any, make: Any) -> None:
    llm = make(start())
    weather = FunctionAgent(name="weather", description="Knows the weather.", tools=[get_weather], llm=llm)
    clock = FunctionAgent(name="clock", description="Knows the time.", tools=[get_time], llm=llm)

    _, answer, _ = await run(AgentWorkflow(agents=[weather, clock], root_agent="weather"), "The weather in Paris?")

    assert "sunny" in answer


@pytest.mark.filterwarnings("ignore:is_running called from within a step:DeprecationWarning")  # core's own call
async def test_an_agent_without_functions_reads_the_answer(start: Any, make: Any) -> None:
    """The emulator is no ReAct model, so the thoughts and the answer are scripted."""
    said = [
        'Thought: I need the time.\nAction: get_time\nAction Input: {"city": "Paris"}\n',
        "Thought: I can answer without using any more tools.\nAnswer: It is noon.",
    ]
    documents = [[{"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}]}] for text in said]
    agent = ReActAgent(tools=[get_time], llm=make(start(script=documents)))

    calls, answer, _ = await run(agent, "What is the time in Paris?")

    assert calls == [("get_time", "Paris")]
    assert answer == "It is noon."


def test_a_result_that_was_returned_directly_can_be_told_about_later(start: Any, make: Any) -> None:
    """Agents put the tool's id on the assistant's message behind it; that is no result."""
    llm = make(start())
    first = llm.chat_with_tools([], user_msg="Hi")
    messages = [
        ChatMessage(role="user", content="Hi"),
        first.message,
        ChatMessage(role="assistant", content="Done", additional_kwargs={"tool_call_id": "gstream-1"}),
        ChatMessage(role="user", content="Thanks"),
    ]

    assert llm.chat(messages).message.content

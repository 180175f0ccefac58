"""Agents that hand over, wait, read their own words, run code or are cancelled, over a socket.

Annotations are real here, no texts: core asks those of a tool for a context.
"""

import asyncio
import contextlib
import io
import json
from typing import Any

import pytest
from llama_index.core.agent.workflow import AgentStream, AgentWorkflow, CodeActAgent, FunctionAgent, ReActAgent
from llama_index.core.workflow import (
    Context,
    HumanResponseEvent,
    InputRequiredEvent,
    JsonSerializer,
)
from workflows.errors import WorkflowCancelledByUser

from tests.llamaindex.agents import NOISE, get_time, get_weather, memory, run

pytestmark = [
    *NOISE,
    pytest.mark.filterwarnings("ignore:is_running called from within a step:DeprecationWarning"),  # core's own call
]
MODELS = ["gemini-2.5-flash", "gemini-3-flash-preview"]


def answered(*texts: str) -> list[list[dict[str, Any]]]:
    """Return a script that answers each request with the next text."""
    return [[{"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}]}] for text in texts]


def asked(emulator: Any, number: int = -1) -> str:
    """Return the body of a request as text."""
    return json.dumps(emulator.requests[number].body, ensure_ascii=False)


def hung_up(emulator: Any) -> bool:
    """Whether the emulator saw the last request's client leave, in the middle of a stream that goes on for long."""
    seen: bool = emulator.wait_until(lambda requests: requests[-1].disconnected, 2.0)
    return seen


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("streaming", [True, False])
async def test_agents_hand_over_to_each_other(streaming: bool, model: str, reseller: Any, make: Any) -> None:  # noqa: FBT001 - a parameter of the test
    llm = make(reseller, model=model)
    weather = FunctionAgent(
        name="weather", description="Knows the weather.", tools=[get_weather], llm=llm, streaming=streaming
    )
    clock = FunctionAgent(name="clock", description="Knows the time.", tools=[get_time], llm=llm, streaming=streaming)
    workflow = AgentWorkflow(agents=[weather, clock], root_agent="weather")
    kept = memory()

    ran = await run(workflow, "First handoff to 'clock', then get the time in Tokyo.", memory=kept)
    again = await run(workflow, "Get the weather in Paris.", memory=kept)

    assert [(name, arguments.get("city")) for name, arguments in ran.calls] == [
        ("get_time", "Tokyo"),
        ("handoff", None),
    ]
    assert ran.agent == "clock"
    assert "noon in Tokyo" in ran.answer
    assert again.agent == "weather"
    assert "sunny" in again.answer


async def book(ctx: Context, city: str) -> str:
    """Book a hotel in a city."""
    said = await ctx.wait_for_event(HumanResponseEvent, waiter_event=InputRequiredEvent(prefix="Sure?"))
    return f"Booked in {city}: {said.response}."


@pytest.mark.filterwarnings("ignore:Skipping serialization of known unserializable key")  # core keeps no memories
@pytest.mark.parametrize("model", MODELS)
async def test_a_run_that_waits_goes_on_from_its_context_that_was_stored(model: str, reseller: Any, make: Any) -> None:
    """The calls made so far, signatures included, travel in the context as JSON, into an agent that is another."""
    kept = memory()
    agent = FunctionAgent(tools=[book, get_time], llm=make(reseller, model=model))
    context = Context(agent)
    handler = agent.run("First get the time in Paris, then book a hotel in Paris.", ctx=context, memory=kept)
    stored = ""
    async for event in handler.stream_events():
        if isinstance(event, InputRequiredEvent):
            stored = json.dumps(context.to_dict(serializer=JsonSerializer()))
            await handler.cancel_run()
            break

    other = FunctionAgent(tools=[book, get_time], llm=make(reseller, model=model))
    again = other.run(ctx=Context.from_dict(other, json.loads(stored), serializer=JsonSerializer()))
    await again.ctx.store.set("memory", kept)
    again.ctx.send_event(HumanResponseEvent(response="yes"))
    answer = str(await again)

    assert "Booked in Paris: yes" in answer
    assert "noon in Paris" in answer
    assert asked(reseller).count('"functionCall"') == 2
    assert asked(reseller).count("thoughtSignature") == (2 if model == MODELS[1] else 0)
    assert reseller.api_key not in stored


@pytest.mark.parametrize("streaming", [True, False])
async def test_an_agent_without_functions_reads_what_the_model_writes(streaming: bool, start: Any, make: Any) -> None:  # noqa: FBT001 - a parameter of the test
    """The emulator is no ReAct model, so the thoughts and the answer are scripted."""
    for dialect in ("maisi", "shuyou", "shengsuanyun", "apigo", "juheai", "google"):
        script = answered(
            'Thought: I need the time.\nAction: get_time\nAction Input: {"city": "Paris"}\n',
            'Thought: And the weather.\nAction: get_weather\nAction Input: {"city": "Paris"}\n',
            "Thought: I can answer without using any more tools.\nAnswer: It is noon.",
        )
        emulator = start(dialect, script=script)

        ran = await run(ReActAgent(tools=[get_time, get_weather], llm=make(emulator), streaming=streaming), "The time?")

        assert [name for name, _ in ran.calls] == ["get_time", "get_weather"]
        assert ran.answer == "It is noon."
        assert "Observation: It is noon in Paris." in asked(emulator, 1)
        assert "tools" not in emulator.requests[0].body


def execute(code: str) -> str:
    """Run code and return what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {"get_time": get_time})  # noqa: S102 - what this very test wrote
    return printed.getvalue()


@pytest.mark.parametrize("streaming", [True, False])
async def test_an_agent_runs_the_code_that_the_model_writes(streaming: bool, start: Any, make: Any) -> None:  # noqa: FBT001 - a parameter of the test
    for dialect in ("maisi", "shuyou", "shengsuanyun", "apigo", "juheai", "google"):
        emulator = start(
            dialect, script=answered("Look:\n<execute>print(get_time('Paris'))</execute>", "It is noon there.")
        )
        agent = CodeActAgent(code_execute_fn=execute, tools=[get_time], llm=make(emulator), streaming=streaming)

        ran = await run(agent, "What is the time in Paris?")

        assert ran.calls == [("execute", {"code": "print(get_time('Paris'))"})]
        assert ran.answer == "It is noon there."
        assert "Result of executing the code given:\\n\\nIt is noon in Paris." in asked(emulator)
        assert "def get_time(city" in asked(emulator)


async def test_a_run_that_is_cancelled_hangs_up(start: Any, make: Any) -> None:
    emulator = start(pace_s=5.0)
    agent = FunctionAgent(tools=[get_time], llm=make(emulator))
    handler = agent.run("Tell me a long story about rivers.", memory=memory())
    async for event in handler.stream_events():
        if isinstance(event, AgentStream):
            await handler.cancel_run()
            break

    assert await asyncio.to_thread(hung_up, emulator)
    assert emulator.requests[-1].sent_pieces == 1
    with pytest.raises(WorkflowCancelledByUser):
        await handler

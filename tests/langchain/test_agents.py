"""LangChain's own agents on the emulator: `create_agent`, parallel and sequential calls, a checkpointer in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from langchain.agents import create_agent
from langchain.agents.structured_output import ProviderStrategy
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel

from tests.langchain.conftest import model_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.messages import AnyMessage

    from gstream.emulator import Emulator


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"{city}: 21 degrees and sunny"


@tool
def convert_currency(amount: float, currency: str) -> str:
    """Convert an amount of euros to another currency."""
    return f"{amount} euros are {amount * 160} {currency}"


@tool
def get_time(city: str) -> str:
    """Tell the local time in a city."""
    return f"{city}: half past nine"


TOOLS = [get_weather, convert_currency]


def ran(messages: Sequence[AnyMessage]) -> list[str]:
    return [str(message.name) for message in messages if isinstance(message, ToolMessage)]


@pytest.mark.parametrize("name", ["gemini-3-pro-preview", "gemini-2.5-flash"])
@pytest.mark.parametrize("how", ["sync", "async"])
@pytest.mark.parametrize(
    "question",
    ["What is the weather in Paris, and convert 20 euros?", "First the weather in Paris, then convert 20 euros."],
    ids=["parallel", "sequential"],
)
async def test_an_agent_uses_both_tools_and_tells_what_they_said(
    emulator: Emulator, name: str, how: str, question: str
) -> None:
    agent = create_agent(model_of(emulator, model=name), TOOLS)
    given: Any = {"messages": [HumanMessage(question)]}
    state = agent.invoke(given) if how == "sync" else await agent.ainvoke(given)
    messages = state["messages"]

    assert sorted(ran(messages)) == ["convert_currency", "get_weather"]
    assert isinstance(messages[-1], AIMessage)
    assert "21 degrees" in messages[-1].text
    assert "3200.0" in messages[-1].text
    assert [received.status for received in emulator.requests] == [200] * len(emulator.requests)


@pytest.mark.parametrize("how", ["sync", "async"])
@pytest.mark.parametrize(
    ("question", "steps"),
    [
        ("What is the weather in Paris and the time in Tokyo, and convert 20 euros to yen?", 1),
        ("First the weather in Paris, then the time in Tokyo, then convert 20 euros to yen.", 3),
    ],
    ids=["parallel", "sequential"],
)
async def test_an_agent_streams_on_from_every_checkpoint(
    emulator: Emulator, how: str, question: str, steps: int
) -> None:
    """Before each step another model and agent take over what was stored; the emulator enforces the signatures."""
    saver = InMemorySaver()
    thread: Any = {"configurable": {"thread_id": "1"}}
    said = ""
    given: Any = {"messages": [HumanMessage(question)]}
    for _ in range(steps + 1):
        model = model_of(emulator, model="gemini-3-pro-preview")
        agent = create_agent(model, [*TOOLS, get_time], checkpointer=saver, interrupt_before=["tools"])
        if how == "sync":
            streamed = list(agent.stream(given, thread, stream_mode="messages"))
        else:
            streamed = [item async for item in agent.astream(given, thread, stream_mode="messages")]
        said = "".join(message.text for message, _ in streamed if isinstance(message, AIMessage))
        given = None
    messages = agent.get_state(thread).values["messages"]

    assert sorted(ran(messages)) == ["convert_currency", "get_time", "get_weather"]
    assert sum(isinstance(message, AIMessage) for message in messages) == steps + 1
    assert said == messages[-1].text
    assert all(words in said for words in ("21 degrees", "half past nine", "3200.0"))
    assert [received.status for received in emulator.requests] == [200] * (steps + 1)


def test_an_agent_goes_on_from_a_checkpoint_with_its_signatures(emulator: Emulator) -> None:
    """The emulator refuses a Gemini 3 call whose signature did not survive the checkpoint."""
    saver = InMemorySaver()
    thread: Any = {"configurable": {"thread_id": "1"}}
    model = model_of(emulator, model="gemini-3-pro-preview")
    first = create_agent(model, TOOLS, checkpointer=saver, interrupt_before=["tools"])
    given: Any = {"messages": [HumanMessage("What is the weather in Paris?")]}
    stopped = first.invoke(given, thread)
    assert isinstance(stopped["messages"][-1], AIMessage)
    assert stopped["messages"][-1].tool_calls

    resumed = create_agent(model_of(emulator, model="gemini-3-pro-preview"), TOOLS, checkpointer=saver)
    state = resumed.invoke(None, thread)

    assert ran(state["messages"]) == ["get_weather"]
    assert "21 degrees" in state["messages"][-1].text


async def test_an_agents_tokens_stream_while_it_works(emulator: Emulator) -> None:
    agent = create_agent(model_of(emulator), TOOLS)
    given: Any = {"messages": [HumanMessage("What is the weather in Paris?")]}
    texts = [
        message.text
        async for message, _ in agent.astream(given, stream_mode="messages")
        if isinstance(message, AIMessage) and message.text
    ]

    assert len(texts) > 3
    assert "21 degrees" in "".join(texts)


class Report(BaseModel):
    """A report of the weather."""

    city: str


async def test_an_agent_answers_in_a_schema_by_the_models_own_structured_output(emulator: Emulator) -> None:
    """`ProviderStrategy` binds OpenAI's `response_format`."""
    agent = create_agent(model_of(emulator), response_format=ProviderStrategy(Report))
    given: Any = {"messages": [HumanMessage("I live in Paris.")]}

    assert agent.invoke(given)["structured_response"] == Report(city="Paris")
    assert (await agent.ainvoke(given))["structured_response"] == Report(city="Paris")

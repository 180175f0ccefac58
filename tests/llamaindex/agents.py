"""What tests of agents share: tools, a memory, and one run with what was called, answered and streamed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from llama_index.core.agent.workflow import AgentStream, ToolCallResult
from llama_index.core.memory import ChatMemoryBuffer

__all__ = ["NOISE", "Run", "get_time", "get_weather", "memory", "run"]

NOISE = [
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211"),
]
"""Core's agents read deprecated attributes of pydantic models."""


def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return json.dumps({"city": city, "weather": "sunny"})


def get_time(city: str) -> str:
    """Get the local time of a city."""
    return f"It is noon in {city}."


def memory() -> ChatMemoryBuffer:
    """Return a memory in place of core's default one, which opens a database and leaves it open."""
    return ChatMemoryBuffer.from_defaults(token_limit=100_000)


@dataclass
class Run:
    """What a run did."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Name and arguments of each call, in order of the names."""
    results: list[str] = field(default_factory=list)
    answer: str = ""
    agent: str = ""
    """Who answered."""
    streamed: str = ""
    thoughts: str = ""


async def run(agent: Any, asked: str, **options: Any) -> Run:
    """Ask an agent and return what it did."""
    handler = agent.run(asked, **{"memory": memory(), **options})
    ran = Run()
    async for event in handler.stream_events():
        if isinstance(event, ToolCallResult):
            ran.calls.append((event.tool_name, event.tool_kwargs))
            ran.results.append(str(event.tool_output))
        elif isinstance(event, AgentStream):
            ran.streamed += event.delta
            ran.thoughts += event.thinking_delta or ""
    output = await handler
    ran.calls.sort(key=lambda call: (call[0], json.dumps(call[1], sort_keys=True)))
    ran.answer, ran.agent = str(output.response.content), output.current_agent_name
    return ran

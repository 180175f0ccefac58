"""What the tests of `ChatGStream` share: an emulator for each dialect, and one way to ask in sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gstream import ENDPOINTS
from gstream.emulator import Emulator
from langchain_gstream import ChatGStream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from langchain_core.messages import AIMessage, AIMessageChunk
    from langchain_core.runnables import Runnable

    Invoke = Callable[[Runnable[Any, Any], Any], Awaitable[AIMessage]]
    Stream = Callable[[Runnable[Any, Any], Any], Awaitable[list[AIMessageChunk]]]


@pytest.fixture(params=ENDPOINTS)
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator, one dialect after another."""
    with Emulator(request.param) as running:
        yield running


@pytest.fixture
def google() -> Iterator[Emulator]:
    """An emulator of Google's own dialect."""
    with Emulator("google") as running:
        yield running


def model_of(emulator: Emulator, **parameters: Any) -> ChatGStream:
    """Return a chat model that asks `emulator`, by default a Gemini 3 (whose signatures are enforced)."""
    named = {"model": "gemini-3-flash-preview", **parameters}
    return ChatGStream(endpoint=emulator.endpoint, api_key=emulator.api_key, **named)


@pytest.fixture(params=["sync", "async"])
def invoke(request: pytest.FixtureRequest) -> Invoke:
    """`invoke` or `ainvoke`, to be awaited either way."""

    async def call(model: Runnable[Any, Any], given: Any) -> AIMessage:
        answer: AIMessage = model.invoke(given) if request.param == "sync" else await model.ainvoke(given)
        return answer

    return call


@pytest.fixture(params=["sync", "async"])
def stream(request: pytest.FixtureRequest) -> Stream:
    """`stream` or `astream`, as a list."""

    async def call(model: Runnable[Any, Any], given: Any) -> list[AIMessageChunk]:
        if request.param == "sync":
            return list(model.stream(given))
        return [chunk async for chunk in model.astream(given)]

    return call

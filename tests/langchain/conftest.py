"""What the tests of `ChatGStream` share: an emulator for each dialect, and one way to ask in sync and async."""

from __future__ import annotations

from functools import reduce
from operator import add
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
    Ask = Callable[[Runnable[Any, Any]], Awaitable[AIMessage]]


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


@pytest.fixture(params=["invoke", "ainvoke", "stream", "astream"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Ask a model one thing in each of the four ways; of a stream the sum of its chunks."""

    async def call(model: Runnable[Any, Any]) -> AIMessage:
        answer: AIMessage
        if request.param == "invoke":
            answer = model.invoke("hi")
        elif request.param == "ainvoke":
            answer = await model.ainvoke("hi")
        elif request.param == "stream":
            answer = reduce(add, list(model.stream("hi")))
        else:
            answer = reduce(add, [chunk async for chunk in model.astream("hi")])
        return answer

    return call


def response(*parts: dict[str, Any], **said: Any) -> list[dict[str, Any]]:
    """Return the documents of a response, one for each part, and the last one for what its candidate says besides."""
    documents = [{"candidates": [{"content": {"parts": [part], "role": "model"}}]} for part in parts]
    return [*documents, {"candidates": [{"finishReason": "STOP", **said}]}]


def sent_parts(emulator: Emulator) -> list[list[dict[str, Any]]]:
    """Return the parts of each turn of the last request."""
    body = emulator.requests[-1].body
    assert body is not None
    return [content["parts"] for content in body["contents"]]


def bare(blocks: Any) -> list[dict[str, Any]]:
    """Return blocks without indices; empty texts, which carry only what the end of a stream says, are left out."""
    if isinstance(blocks, str):
        return [{"type": "text", "text": blocks}] if blocks else []
    kept = [{"type": "text", "text": block} if isinstance(block, str) else block for block in blocks]
    return [
        {name: value for name, value in block.items() if name != "index"}
        for block in kept
        if block["type"] != "text" or block["text"] or "extras" in block
    ]

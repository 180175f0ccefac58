"""LangChain: `stream()`, `astream()`, `invoke()`, and the cheapest chat model that streams."""

from __future__ import annotations

import json
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.tools import StructuredTool

from benchmarks.answers import Said
from benchmarks.conversations import Called, Image, Message, Returned, User
from benchmarks.frameworks.floor import FloorWire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

__all__ = ["LangChain"]


class LangChain:
    """How a chat model is asked."""

    @staticmethod
    def messages(conversation: Sequence[Message]) -> list[BaseMessage]:
        """Return the conversation as users write it."""
        return [_message(message) for message in conversation]

    @staticmethod
    def tools(functions: Sequence[Callable[..., str]]) -> list[StructuredTool]:
        """Return the functions as tools."""
        return [StructuredTool.from_function(function) for function in functions]

    @staticmethod
    def bound(model: Any, tools: Sequence[StructuredTool]) -> Any:
        """Return the model with the tools, as an agent binds them before each call."""
        return model.bind_tools(tools)

    @staticmethod
    def stream(model: Any, messages: Sequence[BaseMessage]) -> Iterator[Any]:
        """Return what yields the message chunks."""
        return iter(model.stream(messages))

    @staticmethod
    async def astream(model: Any, messages: Sequence[BaseMessage]) -> AsyncIterator[Any]:
        """Return what yields the message chunks."""
        stream: AsyncIterator[Any] = model.astream(messages)
        return stream

    @staticmethod
    def ask(model: Any, messages: Sequence[BaseMessage]) -> Any:
        """Return the whole answer."""
        return model.invoke(messages)

    @staticmethod
    def length(chunk: Any) -> int:
        """Return how many characters of visible text a chunk adds."""
        return len(chunk.text)

    @staticmethod
    def said(chunks: Sequence[Any]) -> Said:
        """Return what the chunks of one answer say."""
        return said_of(reduce(add, chunks))

    @staticmethod
    def floor(url: str) -> BaseChatModel:
        """Return the cheapest chat model there can be."""
        return _Floor(wire=FloorWire(url))


def said_of(message: AIMessage) -> Said:
    """Return what one message says; media count wherever a provider puts them."""
    kinds: dict[str, list[Any]] = {"reasoning": [], "image": []}
    for block in message.content_blocks:
        kinds.setdefault(block["type"], []).append(block)
    urls = [part["image_url"]["url"] for part in message.content if isinstance(part, dict) and "image_url" in part]
    media = [block.get("base64") or "" for block in kinds["image"]] or [url.rpartition(",")[2] for url in urls]
    return Said(
        text=str(message.text),
        thoughts="".join(block.get("reasoning", "") for block in kinds["reasoning"]),
        calls=len(message.tool_calls),
        media=sum(map(len, media)),
    )


def _message(message: Message) -> BaseMessage:
    match message:
        case User(text):
            return HumanMessage(text)
        case Image(data):
            image = {"type": "image", "base64": data, "mime_type": "image/png"}
            return HumanMessage([{"type": "text", "text": "What is this?"}, image])
        case Called(id_, name, args):
            return AIMessage("", tool_calls=[{"id": id_, "name": name, "args": args, "type": "tool_call"}])
        case Returned(id_, name, text):
            return ToolMessage(text, tool_call_id=id_, name=name)


class _Floor(BaseChatModel):
    """Makes the framework's own chunk of each part, and nothing else."""

    wire: Any

    @property
    def _llm_type(self) -> str:
        return "floor"

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self.bind(tools=tools)

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        whole = reduce(add, [_chunk(part) for part in self.wire.parts()])
        return ChatResult(generations=[whole])

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        for part in self.wire.parts():
            yield _chunk(part)

    async def _astream(self, *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
        async for part in self.wire.aparts():
            yield _chunk(part)


def _chunk(part: dict[str, Any]) -> ChatGenerationChunk:
    if "functionCall" in part:
        call = part["functionCall"]
        made = {"name": call["name"], "args": json.dumps(call["args"]), "id": call["id"], "index": None}
        return ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[made]))
    if "inlineData" in part:
        image = {"type": "image", "base64": part["inlineData"]["data"], "mime_type": "image/png", "index": 0}
        return ChatGenerationChunk(message=AIMessageChunk(content=[image]))
    if part.get("thought"):
        block = {"type": "reasoning", "reasoning": part["text"], "index": 0}
        return ChatGenerationChunk(message=AIMessageChunk(content=[block]))
    return ChatGenerationChunk(message=AIMessageChunk(content=part["text"]))

"""LlamaIndex: `stream_chat()`, `astream_chat()`, `chat()`, and the cheapest LLM that streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    ImageBlock,
    LLMMetadata,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)
from llama_index.core.llms.callbacks import llm_chat_callback
from llama_index.core.llms.custom import CustomLLM
from llama_index.core.tools import FunctionTool

from benchmarks.answers import Said
from benchmarks.conversations import Called, Image, Message, Returned, User
from benchmarks.frameworks.floor import FloorWire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from llama_index.core.base.llms.types import ContentBlock

__all__ = ["LlamaIndex"]


class LlamaIndex:
    """How an LLM is asked."""

    @staticmethod
    def messages(conversation: Sequence[Message]) -> list[ChatMessage]:
        """Return the conversation as users and agents write it."""
        return [_message(message) for message in conversation]

    @staticmethod
    def tools(functions: Sequence[Callable[..., str]]) -> list[FunctionTool]:
        """Return the functions as tools."""
        return [FunctionTool.from_defaults(function) for function in functions]

    @staticmethod
    def bound(model: Any, tools: Sequence[FunctionTool]) -> Any:
        """Return the model with the tools: here a pair, as the framework takes both with each call."""
        return (model, tools) if hasattr(model, "stream_chat_with_tools") else model

    @staticmethod
    def stream(model: Any, messages: Sequence[ChatMessage]) -> Iterator[Any]:
        """Return what yields the responses."""
        if isinstance(model, tuple):
            llm, tools = model
            return iter(llm.stream_chat_with_tools(tools, chat_history=messages))
        return iter(model.stream_chat(messages))

    @staticmethod
    async def astream(model: Any, messages: Sequence[ChatMessage]) -> AsyncIterator[Any]:
        """Return what yields the responses."""
        stream: AsyncIterator[Any]
        if isinstance(model, tuple):
            llm, tools = model
            stream = await llm.astream_chat_with_tools(tools, chat_history=messages)
        else:
            stream = await model.astream_chat(messages)
        return stream

    @staticmethod
    def ask(model: Any, messages: Sequence[ChatMessage]) -> Any:
        """Return the whole answer."""
        if isinstance(model, tuple):
            llm, tools = model
            return llm.chat_with_tools(tools, chat_history=messages)
        return model.chat(messages)

    @staticmethod
    def length(chunk: Any) -> int:
        """Return how many characters of visible text a response adds."""
        return len(chunk.delta or "")

    @staticmethod
    def said(responses: Sequence[Any]) -> Said:
        """Return what the responses of one answer say: its text by the deltas, all else by the last one's blocks."""
        blocks = responses[-1].message.blocks
        return Said(
            text="".join(response.delta or "" for response in responses),
            thoughts="".join(block.content or "" for block in blocks if isinstance(block, ThinkingBlock)),
            calls=sum(isinstance(block, ToolCallBlock) for block in blocks),
            media=sum(
                len(block.image) for block in blocks if isinstance(block, ImageBlock) and isinstance(block.image, bytes)
            ),
        )

    @staticmethod
    def floor(url: str) -> CustomLLM:
        """Return the cheapest LLM there can be."""
        return _Floor(wire=FloorWire(url))


def _message(message: Message) -> ChatMessage:
    match message:
        case User(text):
            return ChatMessage(role=MessageRole.USER, content=text)
        case Image(data):
            image = ImageBlock(image=data.encode(), image_mimetype="image/png")
            return ChatMessage(role=MessageRole.USER, blocks=[TextBlock(text="What is this?"), image])
        case Called(id_, name, args):
            block = ToolCallBlock(tool_call_id=id_, tool_name=name, tool_kwargs=args)
            return ChatMessage(role=MessageRole.ASSISTANT, blocks=[block])
        case Returned(id_, name, text):
            known = {"tool_call_id": id_, "name": name}
            return ChatMessage(role=MessageRole.TOOL, content=text, additional_kwargs=known)


class _Floor(CustomLLM):
    """Makes the framework's own response of all parts so far, as its contract asks, and nothing else."""

    wire: Any

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(is_chat_model=True)

    def complete(self, *_: Any, **__: Any) -> CompletionResponse:
        raise NotImplementedError

    def stream_complete(self, *_: Any, **__: Any) -> CompletionResponseGen:
        raise NotImplementedError

    @llm_chat_callback()
    def chat(self, *_: Any, **__: Any) -> ChatResponse:
        grown = _Grown()
        return [grown.add(part) for part in self.wire.parts()][-1]

    @llm_chat_callback()
    def stream_chat(self, *_: Any, **__: Any) -> ChatResponseGen:
        grown = _Grown()
        return (grown.add(part) for part in self.wire.parts())

    @llm_chat_callback()
    async def astream_chat(self, *_: Any, **__: Any) -> ChatResponseAsyncGen:
        return self._responses()

    async def _responses(self) -> ChatResponseAsyncGen:
        grown = _Grown()
        async for part in self.wire.aparts():
            yield grown.add(part)


class _Grown:
    """An answer that grows."""

    def __init__(self) -> None:
        self._text = self._thought = ""
        self._others: list[ContentBlock] = []

    def add(self, part: dict[str, Any]) -> ChatResponse:
        """Return the whole answer with `part` at its end."""
        delta = ""
        if "functionCall" in part:
            call = part["functionCall"]
            self._others.append(
                ToolCallBlock(tool_call_id=call["id"], tool_name=call["name"], tool_kwargs=call["args"])
            )
        elif "inlineData" in part:
            self._others.append(ImageBlock.model_construct(image=part["inlineData"]["data"].encode()))
        elif part.get("thought"):
            self._thought += part["text"]
        else:
            delta = part["text"]
            self._text += delta
        if not self._others and not self._thought:
            return ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=self._text), delta=delta)
        blocks = [*self._others]
        if self._thought:
            blocks.append(ThinkingBlock(content=self._thought))
        if self._text:
            blocks.append(TextBlock(text=self._text))
        message = ChatMessage.model_construct(role=MessageRole.ASSISTANT, blocks=blocks)
        return ChatResponse(message=message, delta=delta)

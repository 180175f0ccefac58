"""The LLM of `as_structured_llm`: each of the eight methods, answering with objects."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    MessageRole,
)
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.structured_llm import StructuredLLM
from llama_index.core.prompts import ChatPromptTemplate

from gstream.finishing import finishing
from llamaindex_gstream.closing import closing_astream, closing_stream
from llamaindex_gstream.guarding import guarded_chat, guarded_completion, revealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

__all__ = ["StructuredGStream"]


class StructuredGStream(StructuredLLM):
    """What `as_structured_llm` returns: core's `StructuredLLM` that can stream completions too.

    While streaming, `raw` and the text are the object so far; the last response is whole, and alone has a delta: all of
    the JSON, since JSON so far does not grow at its end. Each method raises what `structured_predict` does.
    """

    @guarded_chat
    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Return the object and its JSON."""
        return self._made(messages, kwargs)

    @guarded_chat
    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Return the object and its JSON."""
        return await self._amade(messages, kwargs)

    @guarded_chat
    @closing_stream(llm_chat_callback)
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Yield the object as it grows. Closing it hangs up."""
        return self._growing(messages, kwargs)

    @guarded_chat
    @closing_astream(llm_chat_callback)
    async def astream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseAsyncGen:
        """Return what yields the object as it grows."""
        return self._agrowing(messages, kwargs)

    @guarded_completion
    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:  # noqa: FBT001, FBT002 - core's signature
        """Return the object that completes a prompt, and its JSON."""
        return _completion(self._made(self._written(prompt, formatted=formatted), kwargs))

    @guarded_completion
    @llm_completion_callback()
    async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:  # noqa: FBT001, FBT002 - core's signature
        """Return the object that completes a prompt, and its JSON."""
        return _completion(await self._amade(self._written(prompt, formatted=formatted), kwargs))

    @guarded_completion
    @closing_stream(llm_completion_callback)
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:  # noqa: FBT001, FBT002 - core's signature
        """Yield the object that completes a prompt as it grows."""
        return _completions(self._growing(self._written(prompt, formatted=formatted), kwargs))

    @guarded_completion
    @closing_astream(llm_completion_callback)
    async def astream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseAsyncGen:  # noqa: FBT001, FBT002 - core's signature, whose return type names the sync generator
        """Return what yields the object that completes a prompt as it grows."""
        return _acompletions(self._agrowing(self._written(prompt, formatted=formatted), kwargs))

    def _written(self, prompt: str, *, formatted: bool) -> list[ChatMessage]:
        if not formatted and self.completion_to_prompt is not None:
            prompt = self.completion_to_prompt(prompt)
        return [ChatMessage(role=MessageRole.USER, content=prompt)]

    def _made(self, messages: Sequence[ChatMessage], keywords: dict[str, Any]) -> ChatResponse:
        template = ChatPromptTemplate(message_templates=messages)
        return _response(self.llm.structured_predict(self.output_cls, template, revealed(keywords)))

    async def _amade(self, messages: Sequence[ChatMessage], keywords: dict[str, Any]) -> ChatResponse:
        template = ChatPromptTemplate(message_templates=messages)
        return _response(await self.llm.astructured_predict(self.output_cls, template, revealed(keywords)))

    def _growing(self, messages: Sequence[ChatMessage], keywords: dict[str, Any]) -> ChatResponseGen:
        template = ChatPromptTemplate(message_templates=messages)
        stream = self.llm.stream_structured_predict(self.output_cls, template, revealed(keywords))
        with closing(stream) as objects:
            for made in objects:
                yield _response(made, streamed=True, whole=isinstance(made, self.output_cls))

    async def _agrowing(self, messages: Sequence[ChatMessage], keywords: dict[str, Any]) -> ChatResponseAsyncGen:
        template = ChatPromptTemplate(message_templates=messages)
        stream = await self.llm.astream_structured_predict(self.output_cls, template, revealed(keywords))
        async with finishing(stream) as objects:
            async for made in objects:
                yield _response(made, streamed=True, whole=isinstance(made, self.output_cls))


def _response(made: BaseModel, *, streamed: bool = False, whole: bool = True) -> ChatResponse:
    text = made.model_dump_json()
    message = ChatMessage(role=MessageRole.ASSISTANT, content=text)
    return ChatResponse(message=message, raw=made, delta=(text if whole else "") if streamed else None)


def _completion(response: ChatResponse) -> CompletionResponse:
    return CompletionResponse(text=response.message.content or "", raw=response.raw, delta=response.delta)


def _completions(responses: ChatResponseGen) -> CompletionResponseGen:
    with closing(responses):
        for response in responses:
            yield _completion(response)


async def _acompletions(responses: ChatResponseAsyncGen) -> CompletionResponseAsyncGen:
    async with finishing(responses):
        async for response in responses:
            yield _completion(response)

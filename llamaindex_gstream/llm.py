"""`GStream`: Gemini through any reseller as a LlamaIndex LLM.

Here: LlamaIndex's methods, their events, and what they hand to the core. What messages become is in `messages`, what
chunks become in `chunks`, tools in `tools`.
"""

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
    LLMMetadata,
    MessageRole,
)
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from pydantic import Field

from gstream import Prompt
from gstream.finishing import finishing
from gstream.models import facts
from gstream.parameters import ModelParameters
from llamaindex_gstream.chunks import Answer, completion
from llamaindex_gstream.closing import closing_astream, closing_stream
from llamaindex_gstream.guarding import guarded, guarded_chat, guarded_completion, revealed
from llamaindex_gstream.messages import conversation
from llamaindex_gstream.prediction import StructuredPrediction
from llamaindex_gstream.tools import choice_of, described, first_call_only, selections, tools_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping, Sequence

    from llama_index.core.llms.llm import ToolSelection
    from llama_index.core.tools.types import BaseTool

    from gstream import Chunk

__all__ = ["GStream"]


class GStream(ModelParameters, StructuredPrediction):
    """Gemini through a reseller, a gateway or Google, for everything that takes a LlamaIndex LLM.

        llm = GStream(model="gemini-2.5-flash", endpoint="juheai")  # the key from JUHEAI_API_KEY
        for chunk in llm.stream_chat([ChatMessage("Hello")]):
            print(chunk.delta, end="")

    Takes the parameters of `ModelParameters` and of LlamaIndex's `LLM`. Each call takes every setting again, by the
    same names, and `model`, `tools`, `tool_choice` and `allow_parallel_tool_calls`; an unknown one is an error.

    An answer's thoughts are `ThinkingBlock`s, its calls `ToolCallBlock`s, its media the block of their kind; `raw` is
    `{"response", "usage", "finish_reason", "model", "response_id", ...}`. Messages may be stored as JSON: signatures
    stand in `additional_kwargs` and go back on their own part.

    Raises:
        GStreamError: whatever goes wrong, in the constructor and in every method; see `gstream.errors`.
    """

    context_window: int | None = Field(default=None, gt=0)
    """Tokens of prompt and answer that query engines may plan with. `None`: as `gstream.models` knows the model."""
    num_output: int | None = Field(default=None, gt=0)
    """Tokens that query engines keep free for the answer. `None`: `max_output_tokens`, else the model's limit, but at
    most a quarter of the window, so that a prompt always fits."""
    is_function_calling_model: bool | None = None
    """Whether agents call functions (or fall back to ReAct prompts). `None`: as `gstream.models` knows the model."""

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which serialized forms know this class."""
        return "GStream"

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> GStream:
        """Copy everything but your own HTTP clients, which cannot be copied and are shared."""
        memo = {} if memo is None else memo
        for client in (self.http_client, self.http_async_client):
            memo[id(client)] = client
        copy: GStream = super().__deepcopy__(memo)
        return copy

    @property
    def metadata(self) -> LLMMetadata:
        """What core plans with; known without asking anyone."""
        model = facts(self.model)
        window = self.context_window or model.context_window
        output = self.num_output or self.max_output_tokens or min(model.output_limit, window // 4)
        calling = self.is_function_calling_model
        return LLMMetadata(
            context_window=window,
            num_output=output,
            is_chat_model=True,
            is_function_calling_model=model.function_calling if calling is None else calling,
            model_name=self.model,
            system_role=MessageRole.SYSTEM,
        )

    def to_payload(self) -> dict[str, Any]:
        """Return what events and traces show of this object: no key, no headers."""
        shown = {name: value for name in _SHOWN if (value := getattr(self, name)) is not None}
        return {**super().to_payload(), "model": self.model, **shown}

    # -- chat -----------------------------------------------------------------------------------------------------

    @guarded_chat
    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Return the whole answer."""
        return self._chat(messages, kwargs)

    @guarded_chat
    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Return the whole answer."""
        return await self._achat(messages, kwargs)

    @guarded_chat
    @closing_stream(llm_chat_callback)
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Yield the answer as it grows; the last response has usage and finish reason. Closing it hangs up."""
        return self._stream(messages, kwargs)

    @guarded_chat
    @closing_astream(llm_chat_callback)
    async def astream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseAsyncGen:
        """Return what yields the answer as it grows, as `stream_chat` does."""
        return self._astream(messages, kwargs)

    # -- completion -----------------------------------------------------------------------------------------------

    @guarded_completion
    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:  # noqa: FBT001, FBT002 - core's signature
        """Return the whole answer to a prompt of one user message."""
        return completion(self._chat(self._written(prompt, formatted=formatted), kwargs))

    @guarded_completion
    @llm_completion_callback()
    async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:  # noqa: FBT001, FBT002 - core's signature
        """Return the whole answer to a prompt of one user message."""
        return completion(await self._achat(self._written(prompt, formatted=formatted), kwargs))

    @guarded_completion
    @closing_stream(llm_completion_callback)
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:  # noqa: FBT001, FBT002 - core's signature
        """Yield the answer to a prompt of one user message as it grows."""
        return _completions(self._stream(self._written(prompt, formatted=formatted), kwargs))

    @guarded_completion
    @closing_astream(llm_completion_callback)
    async def astream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseAsyncGen:  # noqa: FBT001, FBT002 - core's signature
        """Return what yields the answer to a prompt of one user message as it grows."""
        return _acompletions(self._astream(self._written(prompt, formatted=formatted), kwargs))

    def _written(self, prompt: str, *, formatted: bool) -> list[ChatMessage]:
        if not formatted and self.completion_to_prompt is not None:
            prompt = self.completion_to_prompt(prompt)
        return [ChatMessage(role=MessageRole.USER, content=prompt)]

    # -- what the eight methods have in common, without events ------------------------------------------------------

    def _chat(self, messages: Sequence[ChatMessage], keywords: Mapping[str, Any]) -> ChatResponse:
        prompt, answer = self._question(messages, keywords)
        for chunk in self.core_client().generate_all(prompt):
            answer.feed(chunk)
        return answer.close(streamed=False)

    async def _achat(self, messages: Sequence[ChatMessage], keywords: Mapping[str, Any]) -> ChatResponse:
        prompt, answer = self._question(messages, keywords)
        for chunk in await self.core_client().agenerate_all(prompt):
            answer.feed(chunk)
        return answer.close(streamed=False)

    def _stream(self, messages: Sequence[ChatMessage], keywords: Mapping[str, Any]) -> ChatResponseGen:
        prompt, answer = self._question(messages, keywords)
        return _responses(self.core_client().stream(prompt), answer)

    def _astream(self, messages: Sequence[ChatMessage], keywords: Mapping[str, Any]) -> ChatResponseAsyncGen:
        prompt, answer = self._question(messages, keywords)
        return _aresponses(self.core_client().astream(prompt), answer)

    def _question(self, messages: Sequence[ChatMessage], keywords: Mapping[str, Any]) -> tuple[Prompt, Answer]:
        """Return the prompt of one call, and what its answer is gathered in.

        Args:
            messages: the conversation.
            keywords: settings of this call, and `model`, `tools`, `tool_choice`, `tool_required`,
                `allow_parallel_tool_calls`.

        Raises:
            ConfigurationError: a keyword is unknown or has a wrong value.
            RequestError: a message cannot be sent.
        """
        settings = revealed(dict(keywords))
        tools = tools_of(settings.pop("tools", None))
        required = bool(settings.pop("tool_required", False))
        choice = choice_of(settings.pop("tool_choice", None), tools, required=required)
        parallel = settings.pop("allow_parallel_tool_calls", True) is not False
        model, asked = self.asked(settings)
        turns, system = conversation(messages)
        return Prompt(model, turns, system, tools, choice, asked, parallel), Answer(model=model)

    # -- tools ----------------------------------------------------------------------------------------------------

    @guarded
    def _prepare_chat_with_tools(  # noqa: PLR0917 - the signature that core calls
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        verbose: bool = False,  # noqa: FBT001, FBT002, ARG002 - the same
        allow_parallel_tool_calls: bool = False,  # noqa: FBT001, FBT002 - the same
        tool_required: bool = False,  # noqa: FBT001, FBT002 - the same
        tool_choice: object = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the keywords of a chat with tools: `messages`, `tools`, `tool_choice` and what `kwargs` adds.

        Raises:
            ConfigurationError: `tool_choice` is not understood or names no tool.
        """
        messages = list(chat_history or ())
        if user_msg is not None:
            asked = (
                user_msg if isinstance(user_msg, ChatMessage) else ChatMessage(role=MessageRole.USER, content=user_msg)
            )
            messages.append(asked)
        functions = [described(tool) for tool in tools or ()]
        choice_of(tool_choice, tools_of(functions), required=tool_required)
        if tool_choice is None and tool_required and functions:
            tool_choice = "required"
        prepared = {"messages": messages, "tools": functions, "tool_choice": tool_choice, **kwargs}
        if not allow_parallel_tool_calls:
            prepared["allow_parallel_tool_calls"] = False
        return prepared

    def _validate_chat_with_tools_response(
        self,
        response: ChatResponse,
        tools: Sequence[BaseTool],  # noqa: ARG002 - core's signature
        allow_parallel_tool_calls: bool = False,  # noqa: FBT001, FBT002 - core's signature
        **_: Any,
    ) -> ChatResponse:
        """Return the response with at most one call where no parallel ones are allowed."""
        return response if allow_parallel_tool_calls else first_call_only(response)

    def get_tool_calls_from_response(
        self,
        response: ChatResponse,
        error_on_no_tool_call: bool = True,  # noqa: FBT001, FBT002 - core's signature
        **_: Any,
    ) -> list[ToolSelection]:
        """Return the calls of an answer, in order.

        Raises:
            NoToolCallError: there is none, and `error_on_no_tool_call`.
            StreamError: the arguments of one are no JSON object.
        """
        return selections(response, demanded=error_on_no_tool_call)


_SHOWN = (
    "temperature",
    "top_p",
    "top_k",
    "max_output_tokens",
    "thinking_budget",
    "thinking_level",
    "include_thoughts",
)
"""Settings that events show."""


def _responses(chunks: Generator[Chunk, None, None], answer: Answer) -> ChatResponseGen:
    with closing(chunks):
        for chunk in chunks:
            if (response := answer.feed(chunk)) is not None:
                yield response
    yield answer.close(streamed=True)


async def _aresponses(chunks: AsyncGenerator[Chunk, None], answer: Answer) -> ChatResponseAsyncGen:
    async with finishing(chunks):
        async for chunk in chunks:
            if (response := answer.feed(chunk)) is not None:
                yield response
    yield answer.close(streamed=True)


def _completions(responses: ChatResponseGen) -> CompletionResponseGen:
    with closing(responses):
        for response in responses:
            yield completion(response)


async def _acompletions(responses: ChatResponseAsyncGen) -> CompletionResponseAsyncGen:
    async with finishing(responses):
        async for response in responses:
            yield completion(response)

"""`ChatGStream`, the LangChain chat model: it prepares a prompt, and passes on what the core streams back."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import ConfigDict

from gstream import ConfigurationError, Endpoint, GStreamError, Prompt
from gstream.finishing import finishing
from gstream.models import facts, token_estimate
from gstream.parameters import ModelParameters
from langchain_gstream.chunks import MessageStream, answer
from langchain_gstream.counting import conversation_tokens
from langchain_gstream.errors import langchain_error
from langchain_gstream.inputs import readable
from langchain_gstream.messages import read_messages
from langchain_gstream.structured import format_settings, structured
from langchain_gstream.tools import bindable_tools, core_choice, core_tools, parallel_calls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
    from langchain_core.language_models import LangSmithParams, LanguageModelInput, ModelProfile
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.outputs import ChatGenerationChunk
    from langchain_core.prompt_values import PromptValue
    from langchain_core.runnables import Runnable
    from langchain_core.tools import BaseTool

    from gstream import Chunk
    from langchain_gstream.parsing import Method

    RunManager = CallbackManagerForLLMRun | AsyncCallbackManagerForLLMRun

__all__ = ["ChatGStream"]


class ChatGStream(ModelParameters, BaseChatModel):
    """Gemini through any reseller.

        from langchain_gstream import ChatGStream

        llm = ChatGStream(model="gemini-2.5-flash", endpoint="shuyou")  # the key from SHUYOU_API_KEY
        for chunk in llm.stream("Why is the sky blue?"):
            print(chunk.text, end="")

    Every parameter is described on `gstream.parameters.ModelParameters` and `gstream.settings.Settings`; every setting
    can also be given per call, `model=` too.

    Raises:
        ConfigurationError: a parameter is unknown, missing or wrong; before any request.
        GStreamError: from calls; each is also the `langchain_core.exceptions.Model...Error` of its kind.
    """

    model_config = ConfigDict(defer_build=False, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)

    streaming: bool = False
    """Whether `invoke` streams internally even where nobody listens. Answers always travel as a stream."""

    # -- calls --------------------------------------------------------------------------------------------------

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - nothing is streamed to it
        **kwargs: Any,
    ) -> ChatResult:
        try:
            prompt = self._prompt(messages, stop, kwargs)
            return self._result(self.core_client().generate_all(prompt))
        except GStreamError as error:
            raise langchain_error(error) from None

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - nothing is streamed to it
        **kwargs: Any,
    ) -> ChatResult:
        try:
            prompt = self._prompt(messages, stop, kwargs)
            return self._result(await self.core_client().agenerate_all(prompt))
        except GStreamError as error:
            raise langchain_error(error) from None

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        try:
            prompt = self._prompt(messages, stop, kwargs)
            state = self._message_stream(prompt)
            with closing(self.core_client().stream(prompt)) as chunks:
                for chunk in chunks:
                    made = state.feed(chunk)
                    if run_manager is not None:
                        run_manager.on_llm_new_token(made.text, chunk=made)
                    yield made
        except GStreamError as error:
            raise langchain_error(error) from None

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        try:
            prompt = self._prompt(messages, stop, kwargs)
            state = self._message_stream(prompt)
            async with finishing(self.core_client().astream(prompt)) as chunks:
                async for chunk in chunks:
                    made = state.feed(chunk)
                    if run_manager is not None:
                        await run_manager.on_llm_new_token(made.text, chunk=made)
                    yield made
        except GStreamError as error:
            raise langchain_error(error) from None

    def _prompt(self, messages: Sequence[BaseMessage], stop: list[str] | None, kwargs: dict[str, Any]) -> Prompt:
        """Return the core's prompt; keyword arguments that are no settings are LangChain's own."""
        parallel = parallel_calls(kwargs.get("parallel_tool_calls"))
        keywords = {name: value for name, value in kwargs.items() if name not in _OURS}
        keywords.update(format_settings(kwargs.get("response_format")))
        if stop is not None:
            keywords["stop"] = stop
        model, settings = self.asked(keywords)
        turns, system = read_messages(messages)
        tools = core_tools(kwargs.get("tools") or ())
        return Prompt(model, turns, system, tools, core_choice(kwargs.get("tool_choice"), tools), settings, parallel)

    def _convert_input(self, model_input: LanguageModelInput) -> PromptValue:
        """Take what the caller gave; older and unfinished media blocks are made such as LangChain itself can read."""
        return readable(super()._convert_input(model_input))

    def _should_stream(self, *, async_api: bool, run_manager: RunManager | None = None, **kwargs: Any) -> bool:
        """Keep a call for several candidates whole where a listener asks for tokens: a stream is one message."""
        if run_manager is not None and self._several(kwargs):
            return False
        return super()._should_stream(async_api=async_api, run_manager=run_manager, **kwargs)

    def _should_use_protocol_streaming(
        self, *, async_api: bool, run_manager: RunManager | None = None, **kwargs: Any
    ) -> bool:
        """As `_should_stream`, for listeners of the newer events."""
        if self._several(kwargs):
            return False
        return super()._should_use_protocol_streaming(async_api=async_api, run_manager=run_manager, **kwargs)

    def _several(self, kwargs: dict[str, Any]) -> bool:
        """Return whether a call with these keyword arguments asks for more than one candidate."""
        asked = kwargs.get("candidate_count") or kwargs.get("n") or self.candidate_count
        return isinstance(asked, int) and asked > 1

    def _message_stream(self, prompt: Prompt) -> MessageStream:
        settings = prompt.settings
        if (settings.candidate_count or 1) > 1:
            raise ConfigurationError(
                f"candidate_count={settings.candidate_count} cannot be streamed, as LangChain's stream is one message: "
                "use generate(), or invoke() for the first of them, or leave it out."
            )
        # As v1 content each block needs an index of our own, or LangChain counts by itself and mixes up calls and text.
        blocks = settings.include_thoughts or settings.response_modalities or self.output_version == "v1"
        return MessageStream(blocks=bool(blocks))

    def _result(self, candidates: list[Chunk]) -> ChatResult:
        messages = [answer(chunk) for chunk in candidates]
        return ChatResult(
            generations=[
                ChatGeneration(
                    message=message, generation_info={"finish_reason": message.response_metadata.get("finish_reason")}
                )
                for message in messages
            ]
        )

    # -- tools and structured output ----------------------------------------------------------------------------

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | bool | list[str] | dict[str, Any] | None = None,
        strict: bool | None = None,
        parallel_tool_calls: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Return a model that may call `tools`.

        Args:
            tools: functions, pydantic classes, TypedDicts, LangChain tools, JSON schemas, the dicts of OpenAI,
                Anthropic and Google (`functionDeclarations`), and the endpoint's own tools (`{"google_search": {}}`).
            tool_choice: "auto", "any" (or "required", `True`), "none", a name, a list of names, or the dict of any
                provider.
            strict: `True`: the arguments are those a function lists and no others.
            parallel_tool_calls: `False` for one call an answer. Gemini cannot be asked for it, so further calls of an
                answer are left out, and named in `response_metadata["dropped_tool_calls"]`.
            kwargs: settings to bind along.

        Raises:
            ConfigurationError: a tool cannot be converted or has a name the API does not take, or `tool_choice` names
                none of them.
            RequestError: a tool has an argument that JSON Schema cannot express.
        """
        if parallel_calls(parallel_tool_calls) is False:
            kwargs["parallel_tool_calls"] = False
        try:
            bound = bindable_tools(tools, strict=strict, choice=tool_choice)
        except GStreamError as error:
            raise langchain_error(error) from None
        if tool_choice is not None:
            kwargs["tool_choice"] = tool_choice
        return cast("Runnable[LanguageModelInput, AIMessage]", self.bind(tools=bound, **kwargs))

    def with_structured_output(
        self,
        schema: dict[str, Any] | type | None = None,
        *,
        method: Method = "json_schema",
        include_raw: bool = False,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a model whose answers are objects of `schema`.

        Args:
            schema: a pydantic class, a dataclass or any other type (answers are its objects), a TypedDict or a JSON
                schema (answers are dicts); `None` with "json_mode" for any JSON.
            method: "json_schema" sends the schema, "function_calling" forces a call, "json_mode" asks for JSON only.
            include_raw: give `{"raw", "parsed", "parsing_error"}` instead, and never raise because of parsing.
            strict: `True`: objects have the properties that the schema lists and no others.
            kwargs: settings to bind along. `tools` needs `include_raw`: the model may call one instead of answering.

        The chain raises `StructuredAnswerError` (LangChain's `OutputParserException` too) for an answer that is no
        JSON, was cut, or does not fit the schema, also where the endpoint could not be told all of it. While streaming,
        growing objects are shown; the last one is whole and checked.

        Raises:
            ConfigurationError: the method is unknown, or it needs a schema and has none.
            RequestError: the schema cannot be said at all.
        """
        try:
            bound, reader = structured(schema, method, include_raw=include_raw, strict=strict, keywords=kwargs)
        except GStreamError as error:
            raise langchain_error(error) from None
        return self.bind(**bound) | reader

    # -- what LangChain asks about the model --------------------------------------------------------------------

    @property
    def endpoint_name(self) -> str:
        """The name of the endpoint that is asked first."""
        return self.targets()[0].endpoint.name

    @property
    def _llm_type(self) -> str:
        return "gstream-chat"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        params = self.model_dump(include={*ModelParameters.model_fields} - _NOT_SHOWN, exclude_none=True)
        return {**params, "endpoint": self.endpoint_name}

    @property
    def lc_secrets(self) -> dict[str, str]:
        """Where LangChain's `load` finds the key that serialization leaves out."""
        variables = self.targets()[0].endpoint.key_variables
        return {"api_key": variables[0] if variables else "GSTREAM_API_KEY"}

    @property
    def lc_attributes(self) -> dict[str, Any]:
        """What serialization says in place of an `Endpoint`, an object it cannot write: its name and where it is."""
        if not isinstance(self.endpoint, Endpoint):
            return {}
        address = self.base_url or self.endpoint.base_url
        return {"endpoint": self.endpoint.name, **({"base_url": address} if address else {})}

    def _get_llm_string(self, stop: list[str] | None = None, **kwargs: Any) -> str:
        """Return what the cache tells models apart by; as they are now, not as they were at the first call."""
        vars(self).pop("_serialized", None)  # LangChain keeps it over `model_copy(update=...)` and assignments
        return super()._get_llm_string(stop, **kwargs)

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Return that `dumps` and `load` work, without the key."""
        return True

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        """Return the import path that `load` is given."""
        return ["langchain_gstream"]

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_provider"] = "gstream"
        params["ls_model_name"] = kwargs.get("model") or self.model
        most = kwargs.get("max_output_tokens") or kwargs.get("max_tokens") or self.max_output_tokens
        if most is not None:
            params["ls_max_tokens"] = most
        if (ends := stop or self.stop) is not None:
            params["ls_stop"] = ends
        return params

    def _resolve_model_profile(self) -> ModelProfile | None:
        known = facts(self.model)
        return {
            "max_input_tokens": known.context_window,
            "max_output_tokens": known.output_limit,
            "text_inputs": "text" in known.inputs,
            "image_inputs": "image" in known.inputs,
            "audio_inputs": "audio" in known.inputs,
            "video_inputs": "video" in known.inputs,
            "pdf_inputs": "pdf" in known.inputs,
            "text_outputs": "text" in known.outputs,
            "image_outputs": "image" in known.outputs,
            "audio_outputs": "audio" in known.outputs,
            "tool_calling": known.function_calling,
            "reasoning_output": known.thinking != "none",
            "structured_output": known.structured_output,
        }

    def get_num_tokens(self, text: str) -> int:
        """Return an estimate of the tokens of `text`, offline (asking the endpoint would be billed by some)."""
        if self.custom_get_token_ids is not None:
            return len(self.custom_get_token_ids(text))
        return token_estimate(text)

    def get_num_tokens_from_messages(self, messages: list[BaseMessage], tools: Sequence[Any] | None = None) -> int:
        """Return an estimate of the tokens of `messages` and `tools`, offline; see `counting.conversation_tokens`.

        Raises:
            RequestError: a message or a block cannot be sent.
            ConfigurationError: a tool cannot be bound.
        """
        try:
            conversation = read_messages(messages)
            return conversation_tokens(conversation, core_tools(tools or ()))
        except GStreamError as error:
            raise langchain_error(error) from None

    def get_token_ids(self, text: str) -> list[int]:
        """Return what `custom_get_token_ids` makes of `text`.

        Raises:
            ConfigurationError: there is none; LangChain would count with another model's tokenizer from the network.
        """
        if self.custom_get_token_ids is not None:
            return self.custom_get_token_ids(text)
        raise ConfigurationError(
            "The ids of a Gemini's tokens are not known here: use get_num_tokens() for an estimate of their number, or "
            "pass custom_get_token_ids=...."
        )


_OURS = frozenset({"tools", "tool_choice", "stream", "parallel_tool_calls", "response_format"})
"""Keyword arguments of a call that are no settings."""
_NOT_SHOWN = frozenset({"api_key", "extra_headers", "fallbacks", "http_client", "http_async_client", "endpoint"})

"""Structured prediction as methods: `structured_predict` and its three twins.

Each asks once, by the LLM's own public chat method, so that handlers see one call; what is asked and how the answer is
read is in `structured`. Must not live here: anything about the wire.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import closing
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # documented, not in its __all__
from llama_index.core.instrumentation.events.llm import (
    LLMStructuredPredictEndEvent,
    LLMStructuredPredictInProgressEvent,
    LLMStructuredPredictStartEvent,
)
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.prompts import BasePromptTemplate
from llama_index.core.types import Model, PydanticProgramMode
from pydantic import SecretStr

from gstream import ConfigurationError
from gstream.finishing import finishing
from llamaindex_gstream.guarding import revealed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping

    from llama_index.core.base.llms.types import ChatMessage
    from llama_index.core.program.utils import FlexibleModel
    from pydantic import BaseModel

    from llamaindex_gstream.structured import ObjectReader
    from llamaindex_gstream.structured_llm import StructuredGStream

__all__ = ["StructuredPrediction"]

Method = TypeVar("Method", bound=Callable[..., Any])

dispatcher = get_dispatcher(__name__)


def _observed(method: Method) -> Method:
    """Return a method of structured prediction in core's span, which is shown no value of `extra_headers`."""
    spanned: Any = dispatcher.span(method)

    def hidden(llm_kwargs: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        headers = (llm_kwargs or {}).get("extra_headers")
        if llm_kwargs is None or not isinstance(headers, dict):
            return llm_kwargs
        return {**llm_kwargs, "extra_headers": {name: SecretStr(str(value)) for name, value in headers.items()}}

    if inspect.iscoroutinefunction(method):

        @wraps(spanned)  # with it comes the mark by which core knows that there is a span
        async def called(
            llm: Any, output_cls: Any, prompt: Any, llm_kwargs: Mapping[str, Any] | None = None, **prompt_args: Any
        ) -> Any:
            return await spanned.__get__(llm)(output_cls, prompt, llm_kwargs=hidden(llm_kwargs), **prompt_args)

    else:

        @wraps(spanned)
        def called(
            llm: Any, output_cls: Any, prompt: Any, llm_kwargs: Mapping[str, Any] | None = None, **prompt_args: Any
        ) -> Any:
            return spanned.__get__(llm)(output_cls, prompt, llm_kwargs=hidden(llm_kwargs), **prompt_args)

    return called  # type: ignore[return-value]  # the same signature, by `wraps`


class StructuredPrediction(FunctionCallingLLM):
    """Structured prediction for an LLM whose chat methods take `response_schema`, `tools` and `tool_required`.

    `pydantic_program_mode` decides how an object is asked for: DEFAULT by the endpoint's own schema output, FUNCTION by
    a forced call, LLM by the prompt alone. `system_prompt` and `output_parser` count as in `predict`.
    """

    @_observed
    def structured_predict(
        self,
        output_cls: type[Model],
        prompt: BasePromptTemplate,
        llm_kwargs: Mapping[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Model:
        """Return the object that answers a prompt.

        Args:
            output_cls: its pydantic class.
            prompt: the template.
            llm_kwargs: settings of this call, `model` among them; `None` for none.
            prompt_args: what the template's variables stand for.

        Raises:
            StructuredAnswerError: the answer holds no such object.
            GStreamError: whatever else goes wrong.
        """
        _started(output_cls, prompt, prompt_args)
        messages, keywords, reader = self._asked_for(output_cls, prompt, llm_kwargs, prompt_args)
        made = reader.read(self.chat(messages, **keywords))
        dispatcher.event(LLMStructuredPredictEndEvent(output=made))
        return made

    @_observed
    async def astructured_predict(
        self,
        output_cls: type[Model],
        prompt: BasePromptTemplate,
        llm_kwargs: Mapping[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Model:
        """Return the object that answers a prompt, as `structured_predict` does."""
        _started(output_cls, prompt, prompt_args)
        messages, keywords, reader = self._asked_for(output_cls, prompt, llm_kwargs, prompt_args)
        made = reader.read(await self.achat(messages, **keywords))
        dispatcher.event(LLMStructuredPredictEndEvent(output=made))
        return made

    @_observed
    def stream_structured_predict(
        self,
        output_cls: type[Model],
        prompt: BasePromptTemplate,
        llm_kwargs: Mapping[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Generator[Model | FlexibleModel, None, None]:
        """Yield the object as it grows: core's `FlexibleModel`s, unchecked, then one checked `output_cls`, the last.

        Takes and raises what `structured_predict` does; an answer that is not whole raises behind what was yielded.
        Closing it hangs up.
        """
        _started(output_cls, prompt, prompt_args)
        messages, keywords, reader = self._asked_for(output_cls, prompt, llm_kwargs, prompt_args)
        with closing(self.stream_chat(messages, **keywords)) as responses:
            for response in responses:
                if (partial := reader.feed(response)) is not None:
                    dispatcher.event(LLMStructuredPredictInProgressEvent(output=partial))
                    yield partial
        made = reader.close()
        dispatcher.event(LLMStructuredPredictInProgressEvent(output=made))
        yield made
        dispatcher.event(LLMStructuredPredictEndEvent(output=made))

    @_observed
    async def astream_structured_predict(
        self,
        output_cls: type[Model],
        prompt: BasePromptTemplate,
        llm_kwargs: Mapping[str, Any] | None = None,
        **prompt_args: Any,
    ) -> AsyncGenerator[Model | FlexibleModel, None]:
        """Return what yields the object as it grows, as `stream_structured_predict` does."""

        async def growing() -> AsyncGenerator[Model | FlexibleModel, None]:
            _started(output_cls, prompt, prompt_args)
            messages, keywords, reader = self._asked_for(output_cls, prompt, llm_kwargs, prompt_args)
            async with finishing(await self.astream_chat(messages, **keywords)) as responses:
                async for response in responses:
                    if (partial := reader.feed(response)) is not None:
                        dispatcher.event(LLMStructuredPredictInProgressEvent(output=partial))
                        yield partial
            made = reader.close()
            dispatcher.event(LLMStructuredPredictInProgressEvent(output=made))
            yield made
            dispatcher.event(LLMStructuredPredictEndEvent(output=made))

        return growing()

    def as_structured_llm(self, output_cls: type[BaseModel], **kwargs: Any) -> StructuredGStream:
        """Return an LLM all of whose answers are objects of a class: `raw` is the object, the text its JSON."""
        from llamaindex_gstream.structured_llm import StructuredGStream  # noqa: PLC0415 - most never ask for an object

        return StructuredGStream(llm=self, output_cls=output_cls, **kwargs)

    def _asked_for(
        self,
        output_cls: type[Model],
        prompt: BasePromptTemplate,
        llm_kwargs: Mapping[str, Any] | None,
        prompt_args: Mapping[str, Any],
    ) -> tuple[list[ChatMessage], dict[str, Any], ObjectReader[Model]]:
        """Return the messages and keywords of the one chat, and what reads its answer.

        Raises:
            ConfigurationError: the mode, the class or a keyword does not go with structured prediction.
            RequestError: the class has no JSON Schema.
        """
        from llamaindex_gstream.structured import (  # noqa: PLC0415 - as above
            ObjectReader,
            instructed,
            keywords_of,
            parsed_by,
        )

        mode = self.pydantic_program_mode
        calling = self.metadata.is_function_calling_model
        keywords = keywords_of(mode, output_cls, revealed(dict(llm_kwargs or {})), calling=calling)
        messages = prompt.format_messages(llm=self, **prompt_args)
        parser = None if mode == PydanticProgramMode.FUNCTION else self.output_parser
        if parser is not None:
            messages = parsed_by(parser, messages)
        if mode == PydanticProgramMode.LLM:
            described = (getattr(one, "output_cls", None) for one in (parser, prompt.output_parser))
            messages = list(messages) if output_cls in described else instructed(messages, output_cls)
        return self._extend_messages(messages), keywords, ObjectReader(mode, output_cls, parser)


def _started(output_cls: type[Model], prompt: BasePromptTemplate, prompt_args: Mapping[str, Any]) -> None:
    given: object = prompt
    if not isinstance(given, BasePromptTemplate):
        raise ConfigurationError(
            f"prompt must be a template; got {type(given).__name__!r}: write PromptTemplate('...')."
        )
    dispatcher.event(
        LLMStructuredPredictStartEvent(output_cls=output_cls, template=prompt, template_args=dict(prompt_args))
    )

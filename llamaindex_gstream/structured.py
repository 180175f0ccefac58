"""Structured prediction: what is asked in each program mode, and the object that an answer holds. Pure.

Rule 1: an object leaves only if its JSON came whole and its class took it.
Rule 2: what came instead is told by `StructuredAnswerError`; no exception of pydantic's or json's leaves.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, Generic

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, MessageRole, TextBlock, ToolCallBlock
from llama_index.core.output_parsers.base import OutputParserException, StructuredOutput
from llama_index.core.program.utils import FlexibleModel, create_flexible_model
from llama_index.core.types import BaseOutputParser, Model, PydanticProgramMode
from pydantic import BaseModel, RootModel, ValidationError

from gstream import ConfigurationError, RequestError
from gstream.answers import Found, GrowingJson, values_in
from gstream.schema import schema_of
from llamaindex_gstream.arguments import json_object
from llamaindex_gstream.errors import StructuredAnswerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ObjectReader", "instructed", "keywords_of", "parsed_by"]

_DEFAULT: Final = PydanticProgramMode.DEFAULT
_FUNCTION: Final = PydanticProgramMode.FUNCTION
_LLM: Final = PydanticProgramMode.LLM
_SHOWN: Final = 200
"""Characters of an answer that an error repeats."""
_COMPLAINTS: Final = 3
"""Complaints of pydantic that an error repeats."""
_LONGEST_NAME: Final = 64
"""Characters that the name of a function may have."""


# -- what is asked ----------------------------------------------------------------------------------------------------


def keywords_of(
    mode: PydanticProgramMode, output_cls: type[BaseModel], given: Mapping[str, Any] | None, *, calling: bool
) -> dict[str, Any]:
    """Return the keywords of the chat that asks for an object.

    Args:
        mode: DEFAULT asks by the endpoint's own schema output, FUNCTION by a forced call, LLM by nothing but the prompt
            (see `instructed`).
        output_cls: the class of the object.
        given: the caller's settings for this call; they win, except over the call that FUNCTION forces.
        calling: whether the model calls functions.

    Raises:
        ConfigurationError: the mode, the class or a keyword does not go with structured prediction.
        RequestError: the class has no JSON Schema, or none that a function could take.
    """
    given_cls: object = output_cls
    if not (isinstance(given_cls, type) and issubclass(given_cls, BaseModel)):
        raise ConfigurationError(f"Structured prediction needs a pydantic class as output_cls; got {output_cls!r}.")
    keywords = dict(given or {})
    if mode == _LLM:
        return keywords
    if mode == _DEFAULT:
        return {"response_mime_type": "application/json", "response_schema": schema_of(output_cls), **keywords}
    if mode != _FUNCTION:
        raise ConfigurationError(
            f"pydantic_program_mode {mode.value!r} is made for other models: choose default, function or llm."
        )
    for name in ("tool_required", "tool_choice", "allow_parallel_tool_calls"):  # core's program drops them as well
        keywords.pop(name, None)
    if not calling:
        raise ConfigurationError(
            "pydantic_program_mode 'function' needs a model that calls functions: choose default or llm, or set "
            "is_function_calling_model=True if this one does."
        )
    if keywords.get("tools"):
        raise ConfigurationError("pydantic_program_mode 'function' sends its own function: leave tools out.")
    forced = {"tools": [_function(output_cls)], "tool_required": True, "allow_parallel_tool_calls": False}
    return {**keywords, **forced}


def _function(output_cls: type[BaseModel]) -> dict[str, Any]:
    """Return the class as a function whose arguments are its fields, in OpenAI's form."""
    schema = schema_of(output_cls)
    if issubclass(output_cls, RootModel):
        raise RequestError(
            f"{output_cls.__name__} is no object with fields, which the arguments of a function must be: "
            "choose pydantic_program_mode default or llm, or give it a field."
        )
    name = re.sub(r"[^A-Za-z0-9_]", "_", output_cls.__name__)[:_LONGEST_NAME]
    description = str(schema.get("description") or f"Give the {output_cls.__name__} that is asked for.")
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def instructed(messages: Sequence[ChatMessage], output_cls: type[BaseModel]) -> list[ChatMessage]:
    """Return the messages with the request for JSON behind the last one of the user; the given ones stay as they are.

    Raises:
        RequestError: the class has no JSON Schema.
    """
    schema = json.dumps(schema_of(output_cls), ensure_ascii=False)
    text = f"\n\nAnswer with one JSON object and nothing else. It must follow this JSON Schema:\n{schema}"
    result = list(messages)
    if result and result[-1].role == MessageRole.USER:
        last = result[-1]
        result[-1] = last.model_copy(update={"blocks": [*last.blocks, TextBlock(text=text)]})
    else:
        result.append(ChatMessage(role=MessageRole.USER, blocks=[TextBlock(text=text.lstrip())]))
    return result


def parsed_by(parser: BaseOutputParser, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Return the messages as a parser wants them written; the given ones stay as they are."""
    copies = [
        message.model_copy(update={"blocks": [block.model_copy() for block in message.blocks]}) for message in messages
    ]
    return parser.format_messages(copies)


# -- what is answered -------------------------------------------------------------------------------------------------


class ObjectReader(Generic[Model]):
    """Reads the object out of an answer: `read` a whole response, or `feed` each one of a stream, then `close`.

    Args:
        mode: how it was asked for.
        output_cls: its class.
        parser: reads the final text before its class does; `None` for none. FUNCTION has no text to parse.
    """

    def __init__(
        self, mode: PydanticProgramMode, output_cls: type[Model], parser: BaseOutputParser | None = None
    ) -> None:
        self._called = mode == _FUNCTION
        self._class = output_cls
        self._parser = None if self._called else parser
        self._growing = GrowingJson()
        self._flexible: type[FlexibleModel] | None = None
        self._last: ChatResponse | None = None
        self._shown: object = None

    def feed(self, response: ChatResponse) -> FlexibleModel | None:
        """Take the next response of a stream; return the object so far, or `None` if it shows nothing new.

        The object is of core's `FlexibleModel`: every field optional and unchecked. Fields not yet there are `None`.
        """
        self._last = response
        value = self._arguments_so_far(response) if self._called else self._growing.feed(response.message.content or "")
        if value is None:
            return None
        return self._partial(value)

    def close(self) -> Model:
        """Return the object of the stream.

        Raises:
            StructuredAnswerError: there is none.
        """
        if self._last is None:
            raise StructuredAnswerError(f"The stream held no answer where a {self._class.__name__} was asked for.")
        return self.read(self._last)

    def read(self, response: ChatResponse) -> Model:
        """Return the object of a whole answer.

        Raises:
            StructuredAnswerError: there is none, it is not whole, its class refuses it, or there are several.
        """
        return self._from_call(response) if self._called else self._from_text(response)

    def _from_call(self, response: ChatResponse) -> Model:
        calls = _calls(response)
        if not calls:
            raise self._error(response, "the model answered without the call that was demanded")
        given = calls[0].tool_kwargs
        arguments = given if isinstance(given, dict) else json_object(given)
        if arguments is None:
            raise self._error(response, "the arguments of its call are no JSON object", str(given))
        try:
            return self._validated(arguments)
        except _Mismatch as mismatch:
            raise self._error(response, str(mismatch), json.dumps(arguments, ensure_ascii=False, default=str)) from None

    def _from_text(self, response: ChatResponse) -> Model:
        text = response.message.content or ""
        if not text.strip():
            kinds = sorted({block.block_type for block in response.message.blocks} - {"text"})
            raise self._error(
                response, f"it holds no text, only {' and '.join(kinds)}" if kinds else "it holds no text"
            )
        found = values_in(text) if self._parser is None else self._parsed(self._parser, response, text)
        if isinstance(found, self._class):
            return found
        assert isinstance(found, Found)  # noqa: S101 - narrows for mypy: `Model` may be any class
        fitting: list[Model] = []
        complaints: list[str] = [] if found.values else ["it holds no JSON object"]
        for value in found.values:
            try:
                made = self._validated(value)
            except _Mismatch as mismatch:
                complaints.append(str(mismatch))
            else:
                fitting += [] if made in fitting else [made]
        if found.broken is not None:
            raise self._error(response, found.broken)
        if not fitting:
            raise self._error(response, complaints[-1])
        if len(fitting) > 1:
            raise self._error(response, f"it holds {len(fitting)} different ones, and only one was asked for")
        return fitting[0]

    def _parsed(self, parser: BaseOutputParser, response: ChatResponse, text: str) -> Model | Found:
        """Return what the caller's parser made of the text: the object itself, or what it may still be made of."""
        try:
            made = parser.parse(text)
        except (ValueError, OutputParserException) as error:
            complaint = _told(error) if isinstance(error, ValidationError) else str(error)[:_SHOWN]
            raise self._error(response, f"the output_parser refuses it ({complaint})") from None
        if isinstance(made, StructuredOutput):
            made = made.raw_output if made.parsed_output is None else made.parsed_output
        if isinstance(made, self._class):
            return made
        if isinstance(made, str):
            return values_in(made)
        return Found((made.model_dump(mode="json") if isinstance(made, BaseModel) else made,), None)

    def _validated(self, value: object) -> Model:
        try:
            made = self._class.model_validate_json(json.dumps(value))
        except ValidationError as error:
            raise _Mismatch(_told(error)) from None
        except (ValueError, TypeError, RecursionError) as error:
            raise _Mismatch(str(error).splitlines()[0]) from None
        if isinstance(value, dict) and value and not made.model_fields_set:
            raise _Mismatch(f"it has none of the fields of the class, but {', '.join(map(repr, list(value)[:5]))}")
        return made

    def _error(self, response: ChatResponse, why: str, text: str | None = None) -> StructuredAnswerError:
        said = (response.message.content or "") if text is None else text
        raw = response.raw if isinstance(response.raw, dict) else {}
        reason = raw.get("finish_reason")
        sentence = f"The answer is no {self._class.__name__}: {why}."
        if reason == "MAX_TOKENS":
            sentence += " It ended with MAX_TOKENS: raise max_output_tokens, which thoughts count towards too."
        elif reason not in (None, "STOP"):
            sentence += f" It ended with {reason}."
        if said:
            sentence += f" It begins: {said[:_SHOWN]!r}."
        error = StructuredAnswerError(sentence, text=said, finish_reason=reason)
        endpoint, model = raw.get("endpoint"), raw.get("model")
        if endpoint and model:
            error.located(endpoint=endpoint, model=model, request_id=raw.get("request_id"))
        return error

    # -- while it grows

    def _arguments_so_far(self, response: ChatResponse) -> dict[str, Any] | None:
        """Return the arguments of the call; `None` if there is none yet, or it was shown."""
        for call in _calls(response)[:1]:
            given = call.tool_kwargs
            arguments = given if isinstance(given, dict) else json_object(given)
            if arguments and arguments != self._shown:
                self._shown = arguments
                return arguments
        return None

    def _partial(self, value: object) -> FlexibleModel | None:
        if self._flexible is None:
            self._flexible = create_flexible_model(self._class)
        if issubclass(self._class, RootModel):
            value = {"root": value}
        if not isinstance(value, dict):
            return None
        fields = self._class.model_fields
        names = {field.alias: name for name, field in fields.items() if field.alias is not None}
        return self._flexible.model_validate({names.get(key, key): inner for key, inner in value.items()})


class _Mismatch(Exception):  # noqa: N818 - never leaves this module
    """Why a value is no object of the class, as half a sentence."""


def _calls(response: ChatResponse) -> list[ToolCallBlock]:
    return [block for block in response.message.blocks if isinstance(block, ToolCallBlock)]


def _told(error: ValidationError) -> str:
    """Return pydantic's complaints as half a sentence, without what it was given."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    told = [
        f"{'.'.join(map(str, one['loc'])) or 'the whole'!r}: {one['msg'].rstrip('.')}" for one in errors[:_COMPLAINTS]
    ]
    more = f"; and {len(errors) - _COMPLAINTS} more" if len(errors) > _COMPLAINTS else ""
    return f"its class refuses it ({'; '.join(told)}{more})"

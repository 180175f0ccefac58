"""Answers in, objects of the form that was asked for out: what stands behind the model in a structured chain.

A whole answer is either an object that fits the form, or a `StructuredAnswerError`. Nothing here completes half an
answer, except to show objects that grow while it streams; the last one shown is whole and checked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.output_parsers import BaseTransformOutputParser
from langchain_core.outputs import ChatGeneration, Generation
from langchain_core.runnables import AddableDict
from langchain_core.utils.json import parse_partial_json
from pydantic import ConfigDict, ValidationError

from gstream import GStreamError
from gstream.answers import values_in
from langchain_gstream.errors import StructuredAnswerError
from langchain_gstream.schemas import Form, function_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from langchain_core.messages import BaseMessage

__all__ = ["AnswerParser", "Method"]

Method: TypeAlias = Literal["json_schema", "function_calling", "json_mode"]
"""Ask for JSON by schema, by a forced call, or by media type alone."""

_SHOWN: Final = 120
"""How many characters of an answer a sentence repeats."""
_NOTHING: Final = object()
_CUT: Final = "MAX_TOKENS"
_MOST: Final = 5
"""How many complaints of pydantic a sentence repeats."""


class AnswerParser(BaseTransformOutputParser[Any]):
    """Reads the answers of a model that was asked for a form."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    form: Form
    method: Method
    include_raw: bool = False
    """Whether to give `{"raw": message, "parsed": object or None, "parsing_error": error or None}`."""
    may_call: bool = False
    """Whether other tools were bound: an answer that calls one of them has no object, and is no error."""

    @property
    def OutputType(self) -> Any:  # noqa: N802 - LangChain's name
        """What comes out; a type only where answers become objects of one."""
        return dict[str, Any] if self.include_raw or self.form.plain else self.form.kind

    @property
    def _type(self) -> str:
        return "gstream-answer"

    def parse(self, text: str) -> Any:
        """Return the object in a text.

        Raises:
            StructuredAnswerError: it holds none, or a wrong one.
        """
        return self.parse_result([Generation(text=text)])

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """Return the object in an answer.

        Args:
            result: the answer; further candidates are not read.
            partial: whether the answer is still growing; then `None` where it shows no object yet.

        Raises:
            StructuredAnswerError: the answer is whole, and holds no object or a wrong one.
        """
        found = result[0]
        message = found.message if isinstance(found, ChatGeneration) else AIMessage(content=found.text)
        if partial:
            return self.grown(message)
        return self.with_raw(message) if self.include_raw else self.whole(message)

    async def aparse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """As `parse_result`, which waits for nothing and so needs no thread."""
        return self.parse_result(result, partial=partial)

    def _transform(self, input: Iterator[str | BaseMessage]) -> Iterator[Any]:  # noqa: A002 - LangChain's name
        growing = _Growing(self)
        for piece in input:
            yield from growing.feed(piece)
        yield from growing.close()

    async def _atransform(self, input: AsyncIterator[str | BaseMessage]) -> AsyncIterator[Any]:  # noqa: A002 - as above
        growing = _Growing(self)
        async for piece in input:
            for shown in growing.feed(piece):
                yield shown
        for shown in growing.close():
            yield shown

    # -- half an answer ---------------------------------------------------------------------------------------------

    def grown(self, message: BaseMessage) -> Any:
        """Return the object that half an answer shows: a dict as far as it goes, another object once it is valid."""
        value = _grown_arguments(message, self._function) if self._by_call else _grown_text(str(message.text))
        if not isinstance(value, dict | list):
            return None
        if self.form.plain:
            return value
        try:
            return self.form.made(value)
        except Exception:  # noqa: BLE001 - a validator is the caller's code; what it says of half an object is no news
            return None

    # -- a whole answer ---------------------------------------------------------------------------------------------

    @property
    def _by_call(self) -> bool:
        return self.method == "function_calling"

    @property
    def _function(self) -> str:
        return function_name(self.form.name)

    def whole(self, message: BaseMessage) -> Any:
        """Return the object of an answer that has ended; `None` if it calls another tool instead.

        Raises:
            StructuredAnswerError: it holds no object, or a wrong one.
        """
        calls = message.tool_calls if isinstance(message, AIMessage) else []
        others = [call for call in calls if not self._by_call or call["name"] != self._function]
        text = self._arguments(message) if self._by_call else str(message.text)
        cut = _finish_reason(message)
        if self.may_call and others and (text is None or not text.strip()):
            return None
        if text is None:
            said = str(message.text)
            why = _no_json(said, cut, what="answer") if cut else f"It said {_shown(said)}."
            raise self._error(message, f"The model did not call {self._function!r}. {why}", said)
        value = _value(text)
        if value is _NOTHING or (cut and not isinstance(value, dict | list)):
            raise self._error(message, _no_json(text, cut, what="call" if self._by_call else "answer"), text)
        try:
            return self.form.made(value)
        except GStreamError:
            raise
        except Exception as error:  # a validator is the caller's code and may raise anything
            hint = " The answer was cut at the limit of tokens: raise max_output_tokens." if cut == _CUT else ""
            sentence = f"The answer does not fit {self.form.name!r}: {_reason(error)}{hint}"
            raise self._error(message, sentence, text) from error

    def _arguments(self, message: BaseMessage) -> str | None:
        """Return the arguments of the first call of the form's function as JSON text; `None` if it is not called."""
        if not isinstance(message, AIMessage):
            return None
        if isinstance(message, AIMessageChunk) and message.tool_call_chunks:
            # LangChain has completed those of half a call in `tool_calls` by now.
            for piece in message.tool_call_chunks:
                if piece["name"] == self._function:
                    return piece["args"] or "{}"
            return None
        for call in message.tool_calls:
            if call["name"] == self._function:
                return json.dumps(call["args"], ensure_ascii=False)
        for broken in message.invalid_tool_calls:
            if broken["name"] == self._function:
                return broken["args"] or ""
        return None

    def with_raw(self, message: BaseMessage) -> dict[str, Any]:
        """Return an answer beside its object, or beside the error that it has none."""
        try:
            return {"raw": message, "parsed": self.whole(message), "parsing_error": None}
        except GStreamError as error:
            return {"raw": message, "parsed": None, "parsing_error": error}

    def _error(self, message: BaseMessage, sentence: str, text: str) -> StructuredAnswerError:
        about = message.response_metadata
        error = StructuredAnswerError(sentence, text=text, finish_reason=about.get("finish_reason"))
        error.endpoint, error.model = about.get("endpoint"), about.get("model_name")
        error.request_id = about.get("request_id")
        return error


class _Growing:
    """One streamed answer: what is shown of it while it grows, and at its end."""

    def __init__(self, parser: AnswerParser) -> None:
        self._parser = parser
        self._sum: Any = None
        self._shown: Any = None

    def feed(self, piece: str | BaseMessage) -> Iterator[Any]:
        """Yield what is new to show; the message itself where that is wanted too."""
        message = AIMessageChunk(content=piece) if isinstance(piece, str) else piece
        self._sum = message if self._sum is None else self._sum + message
        if self._parser.include_raw:  # one "parsed" at the end: LangChain adds up the pieces of a dict
            yield AddableDict(raw=message)
            return
        grown = self._parser.grown(self._sum)
        if grown is not None and grown != self._shown:
            self._shown = grown
            yield grown

    def close(self) -> Iterator[Any]:
        """Yield the whole object, unless it is what was shown last.

        Raises:
            StructuredAnswerError: there is none, or a wrong one (with `include_raw` it is yielded).
        """
        message = AIMessage(content="") if self._sum is None else self._sum
        if self._parser.include_raw:
            told = self._parser.with_raw(message)
            yield AddableDict(parsed=told["parsed"], parsing_error=told["parsing_error"])
            return
        whole = self._parser.whole(message)
        # An Enum of texts equals its text, and 1 equals 1.0.
        if whole is not None and (whole != self._shown or repr(whole) != repr(self._shown)):
            yield whole


def _finish_reason(message: BaseMessage) -> str | None:
    """Return why an answer ended before its end; `None` if it did not."""
    reason = message.response_metadata.get("finish_reason")
    return reason if isinstance(reason, str) and reason != "STOP" else None


def _value(text: str) -> Any:
    """Return the one JSON value of a text, alone, in a code fence or among prose; `_NOTHING` if it holds none whole."""
    found = values_in(text)
    same = all(value == found.values[0] for value in found.values)
    return found.values[0] if found.values and same and found.broken is None else _NOTHING


def _grown_text(text: str) -> Any:
    """Return the JSON that a growing text shows so far; `None` if it shows none."""
    text = text.strip()
    if text.startswith("```"):
        text = text.partition("\n")[2].rstrip("`")
    try:
        return parse_partial_json(text) if text else None
    except (ValueError, RecursionError):
        return None


def _grown_arguments(message: BaseMessage, function: str) -> Any:
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    return next((call["args"] for call in calls if call["name"] == function), None)


def _reason(error: Exception) -> str:
    """Return what a validator says, each complaint with its place."""
    if isinstance(error, ValidationError):
        complaints = error.errors(include_url=False, include_context=False)
        said = [
            f"{'.'.join(map(str, item['loc'])) or 'the answer'}: {item['msg']} (got {_shown(str(item['input']))})"
            for item in complaints[:_MOST]
        ]
        return "; ".join([*said, *(["..."] if len(complaints) > _MOST else [])]) + "."
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip()) or type(error).__name__


def _no_json(text: str, cut: str | None, *, what: str) -> str:
    """Return the sentence of an answer that holds no JSON, or not all of it."""
    if cut == _CUT:
        return (
            f"The {what} was cut at the limit of tokens (finish_reason MAX_TOKENS) before its JSON was whole: "
            f"{_shown(text)}. Raise max_output_tokens (thoughts count too), or ask for less."
        )
    if cut:
        return f"The {what} ended with {cut} before its JSON was whole: {_shown(text)}."
    if not text.strip():
        return f"The {what} holds no text, so no JSON either."
    return f"The {what} is no JSON: {_shown(text)}."


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")

"""What core's spans, events and callbacks may see of a call, decided before they see it.

Core tells them every argument as it was given, and builds its start event of it: a message that is none would leave as
pydantic's error, an iterator would be read by the event, and a secret header would stand in every trace. So this is
the outermost decorator of a method, outside of core's span.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeAlias, TypeVar

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # documented, not in its __all__
from pydantic import SecretStr

from gstream import ConfigurationError, RequestError
from gstream.settings import Settings

__all__ = ["guarded", "guarded_chat", "guarded_completion", "revealed"]

Method = TypeVar("Method", bound=Callable[..., Any])
_HEADERS = "extra_headers"


def guarded(method: Method) -> Method:
    """Return a method that keeps the values of `extra_headers` to itself.

    Raises:
        ConfigurationError: `extra_headers` is no dictionary of texts.
    """
    return _guarded(method, lambda given, _: given)


def guarded_chat(method: Method) -> Method:
    """Return a chat method that checks its messages first and keeps the values of `extra_headers` to itself.

    Raises:
        RequestError: the messages are no list of `ChatMessage`.
        ConfigurationError: there are none, or `extra_headers` is no dictionary of texts.
    """
    return _guarded(method, _first("messages", _messages, method.__name__))


def guarded_completion(method: Method) -> Method:
    """Return a completion method that checks its prompt first and keeps the values of `extra_headers` to itself.

    Raises:
        RequestError: the prompt is no text.
        ConfigurationError: there is none, or `extra_headers` is no dictionary of texts.
    """
    return _guarded(method, _first("prompt", _prompt, method.__name__))


def revealed(keywords: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords of a call with the values of `extra_headers` as they were given."""
    headers = keywords.get(_HEADERS)
    if not isinstance(headers, dict):
        return keywords
    plain = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in headers.items()
    }
    return {**keywords, _HEADERS: plain}


Arguments: TypeAlias = "Callable[[tuple[Any, ...], dict[str, Any]], tuple[Any, ...]]"
"""What takes the arguments of a call and returns the positional ones to go on with; it may change the keywords."""


def _first(name: str, check: Callable[[object], object], method: str) -> Arguments:
    """Return what checks the first argument, given by place or by name."""

    def checked(given: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, ...]:
        if given:
            return (check(given[0]), *given[1:])
        if name not in keywords:
            raise ConfigurationError(f"{method}() needs {name}.")
        keywords[name] = check(keywords[name])
        return given

    return checked


def _guarded(method: Method, checked: Arguments) -> Method:
    spanned: Any = get_dispatcher(__name__).span(method)

    def arguments(given: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, ...]:
        if keywords.get(_HEADERS) is not None:
            headers = Settings(extra_headers=revealed(keywords)[_HEADERS]).extra_headers or {}
            keywords[_HEADERS] = {header: SecretStr(value) for header, value in headers.items()}
        return checked(given, keywords)

    if inspect.iscoroutinefunction(method):

        @wraps(spanned)  # with it comes the mark by which core knows that there is a span
        async def called(llm: Any, *given: Any, **keywords: Any) -> Any:
            given = arguments(given, keywords)
            return await spanned.__get__(llm)(*given, **keywords)

    else:

        @wraps(spanned)
        def called(llm: Any, *given: Any, **keywords: Any) -> Any:
            given = arguments(given, keywords)
            return spanned.__get__(llm)(*given, **keywords)

    return called  # type: ignore[return-value]  # the same signature, by `wraps`


def _messages(given: object) -> list[ChatMessage]:
    """Return the messages as a list of their own.

    Raises:
        RequestError: they are none.
    """
    if not isinstance(given, Iterable) or isinstance(given, str | bytes | dict | ChatMessage):
        raise RequestError(
            f"messages must be a list of ChatMessage; got {type(given).__name__!r}: "
            "write [ChatMessage(role='user', content='...')]."
        )
    messages = list(given)
    for index, message in enumerate(messages):
        if not isinstance(message, ChatMessage):
            raise RequestError(
                f"messages[{index}] is no ChatMessage but {type(message).__name__!r}: "
                "write ChatMessage(role='user', content='...')."
            )
    return messages


def _prompt(given: object) -> str:
    """Return the prompt.

    Raises:
        RequestError: it is no text.
    """
    if not isinstance(given, str):
        raise RequestError(f"prompt must be a text; got {type(given).__name__!r}: give messages to chat() instead.")
    return given

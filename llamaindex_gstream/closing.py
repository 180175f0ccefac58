"""Core's callbacks around a method that streams: an early close that reaches the connection, and no event for nobody.

`llm_chat_callback` and `llm_completion_callback` wrap the generator that a method returns in one of their own. Closing
theirs does not close ours: an async one stays open until it is collected and the loop has run, a sync one as long as
anything holds the traceback. So what a caller gets here is a third generator, which closes both.

Theirs also makes an event of each response, which costs more than the response itself, and grows with the conversation,
as each event holds all of its messages. So theirs is given the first response, by which it has begun; the last one,
which it tells as the end; whatever fails; and each response while anyone listens. The others go past it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from functools import wraps
from typing import Any, Final, TypeAlias, TypeVar

from llama_index.core.instrumentation import (  # type: ignore[attr-defined]  # documented, not in its __all__
    NullEventHandler,
    get_dispatcher,
)
from llama_index.core.llms.callbacks import llm_chat_callback

from gstream.finishing import finishing
from llamaindex_gstream.chunks import is_between

__all__ = ["closing_astream", "closing_stream"]

Method = TypeVar("Method", bound=Callable[..., Any])
Callback: TypeAlias = "Callable[[], Callable[[Any], Any]]"
"""`llm_chat_callback` or `llm_completion_callback`."""

_DISPATCHER: Final = get_dispatcher(llm_chat_callback.__module__)
"""Through which core's callbacks tell their events: as everywhere in core, the dispatcher of their module."""


def _heard() -> bool:
    """Whether anyone listens now to the events of core's callbacks; core itself puts up a handler that does nothing."""
    dispatcher = _DISPATCHER
    while True:
        for handler in dispatcher.event_handlers:
            if type(handler) is not NullEventHandler:
                return True
        if not dispatcher.propagate:
            return False
        dispatcher = dispatcher.parent


def closing_stream(callback: Callback) -> Callable[[Method], Method]:
    """Return a decorator like `callback()`, for a method that returns a generator."""

    def decorate(method: Method) -> Method:
        @wraps(method)
        def streamed(llm: Any, *args: Any, **keywords: Any) -> Generator[Any, None, None]:
            inner: list[Generator[Any, None, None]] = []
            ahead: list[Any] = []

            def noted(llm: Any, *args: Any, **keywords: Any) -> Generator[Any, None, None]:
                inner.append(method(llm, *args, **keywords))
                return _read(inner[0], ahead)

            outer = callback()(noted)(llm, *args, **keywords)
            return _closing(outer, inner[0], ahead)

        return streamed  # type: ignore[return-value]  # the same signature, by `wraps`

    return decorate


def closing_astream(callback: Callback) -> Callable[[Method], Method]:
    """Return a decorator like `callback()`, for a coroutine method that returns an async generator."""

    def decorate(method: Method) -> Method:
        @wraps(method)
        async def streamed(llm: Any, *args: Any, **keywords: Any) -> AsyncGenerator[Any, None]:
            inner: list[AsyncGenerator[Any, None]] = []
            ahead: list[Any] = []

            async def noted(llm: Any, *args: Any, **keywords: Any) -> AsyncGenerator[Any, None]:
                inner.append(await method(llm, *args, **keywords))
                inner.append(_aread(inner[0], ahead))
                return inner[1]

            outer = await callback()(noted)(llm, *args, **keywords)
            return _aclosing(outer, inner[0], inner[1], ahead)

        return streamed  # type: ignore[return-value]  # the same signature, by `wraps`

    return decorate


def _read(inner: Generator[Any, None, None], ahead: list[Any]) -> Generator[Any, None, None]:
    """Yield what core is given: what `_closing` read ahead and leaves to core, else the next response of `inner`.

    Args:
        inner: the method's own generator.
        ahead: at most one response, or an exception to raise; it is taken out.
    """
    for response in inner:
        yield response
        while ahead:
            if isinstance(ahead[0], BaseException):
                raise ahead.pop()
            yield ahead.pop()


async def _aread(inner: AsyncGenerator[Any, None], ahead: list[Any]) -> AsyncGenerator[Any, None]:
    async for response in inner:
        yield response
        while ahead:
            if isinstance(ahead[0], BaseException):
                raise ahead.pop()
            yield ahead.pop()


def _closing(
    outer: Generator[Any, None, None], inner: Generator[Any, None, None], ahead: list[Any]
) -> Generator[Any, None, None]:
    """Yield every response: from core's generator, `outer`, where it is to be told, else right from `inner`."""
    try:
        for told in outer:
            try:
                yield told
                if _heard():
                    continue
                for response in inner:
                    if not is_between(response):
                        ahead.append(response)
                        break
                    yield response
                    if _heard():
                        break
            except GeneratorExit:
                raise
            except BaseException as error:  # noqa: BLE001 - core tells of it, and raises it again
                ahead.append(error)
    finally:
        outer.close()
        inner.close()


async def _aclosing(
    outer: AsyncGenerator[Any, None],
    inner: AsyncGenerator[Any, None],
    read: AsyncGenerator[Any, None],
    ahead: list[Any],
) -> AsyncGenerator[Any, None]:
    async with finishing(inner), finishing(read), finishing(outer):
        async for told in outer:
            try:
                yield told
                if _heard():
                    continue
                async for response in inner:
                    if not is_between(response):
                        ahead.append(response)
                        break
                    yield response
                    if _heard():
                        break
            except GeneratorExit:
                raise
            except BaseException as error:  # noqa: BLE001 - core tells of it, and raises it again
                ahead.append(error)

"""Core's callbacks around a method that streams, and an early close that reaches the connection at once.

`llm_chat_callback` and `llm_completion_callback` wrap the generator that a method returns in one of their own. Closing
theirs does not close ours: an async one stays open until it is collected and the loop has run, a sync one as long as
anything holds the traceback. So what a caller gets here is a third generator, which closes both.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from functools import wraps
from typing import Any, TypeAlias, TypeVar

from gstream.finishing import finishing

__all__ = ["closing_astream", "closing_stream"]

Method = TypeVar("Method", bound=Callable[..., Any])
Callback: TypeAlias = "Callable[[], Callable[[Any], Any]]"
"""`llm_chat_callback` or `llm_completion_callback`."""


def closing_stream(callback: Callback) -> Callable[[Method], Method]:
    """Return a decorator like `callback()`, for a method that returns a generator."""

    def decorate(method: Method) -> Method:
        @wraps(method)
        def streamed(llm: Any, *args: Any, **keywords: Any) -> Generator[Any, None, None]:
            inner: list[Generator[Any, None, None]] = []

            def noted(llm: Any, *args: Any, **keywords: Any) -> Generator[Any, None, None]:
                inner.append(method(llm, *args, **keywords))
                return inner[0]

            outer = callback()(noted)(llm, *args, **keywords)
            return _closing(outer, inner[0])

        return streamed  # type: ignore[return-value]  # the same signature, by `wraps`

    return decorate


def closing_astream(callback: Callback) -> Callable[[Method], Method]:
    """Return a decorator like `callback()`, for a coroutine method that returns an async generator."""

    def decorate(method: Method) -> Method:
        @wraps(method)
        async def streamed(llm: Any, *args: Any, **keywords: Any) -> AsyncGenerator[Any, None]:
            inner: list[AsyncGenerator[Any, None]] = []

            async def noted(llm: Any, *args: Any, **keywords: Any) -> AsyncGenerator[Any, None]:
                inner.append(await method(llm, *args, **keywords))
                return inner[0]

            outer = await callback()(noted)(llm, *args, **keywords)
            return _aclosing(outer, inner[0])

        return streamed  # type: ignore[return-value]  # the same signature, by `wraps`

    return decorate


def _closing(outer: Generator[Any, None, None], inner: Generator[Any, None, None]) -> Generator[Any, None, None]:
    try:
        yield from outer
    finally:
        outer.close()
        inner.close()


async def _aclosing(outer: AsyncGenerator[Any, None], inner: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    async with finishing(inner), finishing(outer):
        async for item in outer:
            yield item

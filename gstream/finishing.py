"""The end of a stream that somebody else may be ending too."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

__all__ = ["finishing"]

Item = TypeVar("Item")


class finishing(AbstractAsyncContextManager["AsyncGenerator[Item, None]"], Generic[Item]):  # noqa: N801 - like `contextlib.aclosing`
    """Closes an async generator behind the block, unless someone else is just doing that.

    A loop that shuts down closes all its generators side by side, the outer and the inner one, and the second
    `aclose()` of one is an error.
    """

    def __init__(self, stream: AsyncGenerator[Item, None]) -> None:
        self._stream = stream

    async def __aenter__(self) -> AsyncGenerator[Item, None]:
        return self._stream

    async def __aexit__(self, *_: object) -> None:
        if not getattr(self._stream, "ag_running", False):
            await self._stream.aclose()

"""A stream is closed behind its block, once, whoever else may be closing it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gstream.finishing import finishing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


async def test_a_stream_that_was_left_is_closed_with_its_block() -> None:
    closed = []

    async def numbers() -> AsyncGenerator[int, None]:
        try:
            yield 1
            yield 2
        finally:
            closed.append(True)

    async with finishing(numbers()) as stream:
        async for number in stream:
            assert number == 1
            break

    assert closed == [True]


async def test_a_stream_that_somebody_else_reads_or_ends_is_left_to_them() -> None:
    """Closing it a second time would be `RuntimeError: aclose(): asynchronous generator is already running`."""
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def numbers() -> AsyncGenerator[int, None]:
        reading.set()
        await go_on.wait()
        yield 1

    stream = numbers()
    other = asyncio.ensure_future(anext(stream))
    await reading.wait()
    with pytest.raises(RuntimeError, match="already running"):
        await stream.aclose()
    async with finishing(stream):
        pass
    go_on.set()

    assert await other == 1
    await stream.aclose()

"""Callers that leave early: the connection is closed at once, nothing is left running, nothing warns."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

import pytest
from llama_index.core.base.llms.types import ChatMessage

from gstream.emulator import Emulator
from langchain_gstream import ChatGStream
from llamaindex_gstream import GStream
from tests.faults.forms import FORMS, TEXT, Form

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Iterator

_ENDED_S = 5.0
"""Seconds after which a connection that still stands counts as leaked; it is closed within milliseconds."""
_FORMS = {form.name: form for form in FORMS}
_SYNC = [_FORMS["stream"], _FORMS["stream_chat"]]
_ASYNC = [_FORMS["astream"], _FORMS["astream_chat"]]
_WHOLE = [_FORMS["ainvoke"], _FORMS["achat"]]


@pytest.fixture(scope="module")
def silent() -> Iterator[Emulator]:
    """An emulator whose streams stop after two events and stay open."""
    with Emulator("google", fault="silent_mid_stream") as running:
        yield running


def _sync_stream(form: Form, emulator: Emulator) -> Generator[Any, None, None]:
    model: Any = form.model(emulator, TEXT)
    messages = [ChatMessage(TEXT.prompt)]
    stream: Any = model.stream(TEXT.prompt) if isinstance(model, ChatGStream) else model.stream_chat(messages)
    return cast("Generator[Any, None, None]", stream)


async def _async_stream(form: Form, emulator: Emulator) -> AsyncGenerator[Any, None]:
    model: Any = form.model(emulator, TEXT)
    messages = [ChatMessage(TEXT.prompt)]
    stream: Any = model.astream(TEXT.prompt) if isinstance(model, ChatGStream) else await model.astream_chat(messages)
    return cast("AsyncGenerator[Any, None]", stream)


def _left(emulator: Emulator) -> bool:
    """Return whether the emulator sees that the client of the last request went away."""
    return emulator.wait_until(lambda requests: requests[-1].disconnected, _ENDED_S)


async def _nothing_runs(emulator: Emulator) -> None:
    """Check from inside the loop that the connection is gone, and that soon no task but this one is there.

    LangChain's `astream` leaves the generator it wraps to the loop, which closes it in a task of its own.
    """
    assert await asyncio.to_thread(_left, emulator)
    async with asyncio.timeout(_ENDED_S):
        while asyncio.all_tasks() != {asyncio.current_task()}:  # noqa: ASYNC110 - nobody tells when a task is gone
            await asyncio.sleep(0)  # a turn of the loop


@pytest.mark.parametrize("form", _SYNC, ids=lambda form: form.name)
def test_closing_a_generator_closes_the_connection(silent: Emulator, form: Form) -> None:
    stream = _sync_stream(form, silent)
    next(stream)
    stream.close()

    assert _left(silent)


@pytest.mark.parametrize("form", _SYNC, ids=lambda form: form.name)
def test_an_exception_in_the_consumer_closes_the_connection(silent: Emulator, form: Form) -> None:
    def consume() -> None:
        for _ in _sync_stream(form, silent):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        consume()
    gc.collect()

    assert _left(silent)


@pytest.mark.parametrize("form", _ASYNC, ids=lambda form: form.name)
async def test_closing_an_async_generator_closes_the_connection(silent: Emulator, form: Form) -> None:
    async with aclosing(await _async_stream(form, silent)) as stream:
        await anext(stream)

    await _nothing_runs(silent)


@pytest.mark.parametrize("form", _ASYNC, ids=lambda form: form.name)
async def test_an_exception_in_an_async_consumer_closes_the_connection(silent: Emulator, form: Form) -> None:
    async def consume() -> None:
        async with aclosing(await _async_stream(form, silent)) as stream:
            async for _ in stream:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await consume()

    await _nothing_runs(silent)


@pytest.mark.parametrize("form", _ASYNC, ids=lambda form: form.name)
async def test_an_exception_in_a_bare_async_for_closes_the_connection(silent: Emulator, form: Form) -> None:
    async def consume() -> None:
        async for _ in await _async_stream(form, silent):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await consume()

    assert await asyncio.to_thread(_left, silent)


@pytest.mark.parametrize("form", _ASYNC, ids=lambda form: form.name)
async def test_cancelling_a_task_that_streams_closes_the_connection(silent: Emulator, form: Form) -> None:
    begun = asyncio.Event()

    async def consume() -> None:
        async for _ in await _async_stream(form, silent):
            begun.set()

    task = asyncio.create_task(consume())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await _nothing_runs(silent)


@pytest.mark.parametrize("form", _WHOLE, ids=lambda form: form.name)
async def test_cancelling_a_task_that_waits_for_an_answer_closes_the_connection(silent: Emulator, form: Form) -> None:
    before = len(silent.requests)
    model: Any = form.model(silent, TEXT)
    asked = model.ainvoke(TEXT.prompt) if isinstance(model, ChatGStream) else model.achat([ChatMessage(TEXT.prompt)])
    task = asyncio.create_task(asked)
    sent = await asyncio.to_thread(
        silent.wait_until, lambda requests: len(requests) > before and requests[-1].sent_pieces > 1, _ENDED_S
    )
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert sent
    await _nothing_runs(silent)


_PROGRAM = """
import asyncio, sys
from llama_index.core.base.llms.types import ChatMessage
from gstream.emulator import Emulator
from langchain_gstream import ChatGStream
from llamaindex_gstream import GStream

def both(emulator):
    named = dict(model="gemini-2.5-flash", endpoint=emulator.endpoint, api_key=emulator.api_key)
    return ChatGStream(**named), GStream(**named)

async def ask(emulator):
    chat, llm = both(emulator)
    async for _ in chat.astream("Why is the sky blue?"):
        break
    async for _ in await llm.astream_chat([ChatMessage("Why is the sky blue?")]):
        break

with Emulator("google", fault="silent_mid_stream") as emulator:
    chat, llm = both(emulator)
    for _ in chat.stream("Why is the sky blue?"):
        break
    for _ in llm.stream_chat([ChatMessage("Why is the sky blue?")]):
        break
    left = chat.stream("Why is the sky blue?")
    next(left)
    asyncio.run(ask(emulator))
"""


def test_a_program_that_breaks_off_its_streams_ends_without_a_warning() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", "-X", "dev", "-c", _PROGRAM],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    amiss = ("Warning", "Error", "Task was destroyed", "Task exception")
    assert [line for line in done.stderr.splitlines() if any(words in line for words in amiss)] == []
    assert done.returncode == 0


def test_both_adapters_are_asked() -> None:
    assert {form.make for form in (*_SYNC, *_ASYNC, *_WHOLE)} == {ChatGStream, GStream}

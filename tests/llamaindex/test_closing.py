"""An early close is seen by the server at once, whatever wraps the stream, and whoever holds on to it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager, CBEventType, LlamaDebugHandler
from llama_index.core.prompts import PromptTemplate
from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.event_handlers import BaseEventHandler
from pydantic import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llama_index_instrumentation.base import BaseEvent

ASK = [ChatMessage(role="user", content="Tell me a long story about rivers and mountains.")]
PACE_S = 5.0


class Keeper(BaseEventHandler):
    """Keeps every event, so the exception of an early close too, and the frames its traceback holds."""

    events: list[Any] = Field(default_factory=list)

    def handle(self, event: BaseEvent, **_: Any) -> None:
        self.events.append(event)


@pytest.fixture(params=[False, True], ids=["plain", "observed"])
def observed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Without anyone who listens, and with a handler that keeps what it hears."""
    dispatcher = get_dispatcher()
    before = list(dispatcher.event_handlers)
    if request.param:
        dispatcher.add_event_handler(Keeper())
    yield
    dispatcher.event_handlers = before


def hung_up(emulator: Any) -> bool:
    """Whether the emulator saw the last request's client leave, in the middle of a stream that goes on for long."""
    seen: bool = emulator.wait_until(lambda requests: requests[-1].disconnected, 2.0)
    return seen


@pytest.mark.usefixtures("observed")
async def test_aclose_reaches_the_server_at_once(start: Any, make: Any) -> None:
    emulator = start(pace_s=PACE_S)
    llm = make(emulator)

    for stream in (await llm.astream_chat(ASK), await llm.astream_complete("Tell me a long story about rivers.")):
        await anext(stream)
        await stream.aclose()

        assert await asyncio.to_thread(hung_up, emulator)


@pytest.mark.usefixtures("observed")
def test_close_reaches_the_server_at_once(start: Any, make: Any) -> None:
    emulator = start(pace_s=PACE_S)
    llm = make(emulator)

    for stream in (llm.stream_chat(ASK), llm.stream_complete("Tell me a long story about rivers.")):
        next(stream)
        stream.close()

        assert hung_up(emulator)


async def test_a_cancelled_task_hangs_up(start: Any, make: Any) -> None:
    emulator = start(pace_s=PACE_S)
    llm = make(emulator)
    begun = asyncio.Event()

    async def read() -> None:
        async for _ in await llm.astream_chat(ASK):
            begun.set()

    task = asyncio.create_task(read())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await asyncio.to_thread(hung_up, emulator)


async def test_a_stream_that_is_dropped_hangs_up(start: Any, make: Any) -> None:
    emulator = start(pace_s=PACE_S)
    llm = make(emulator)

    async for _ in await llm.astream(PromptTemplate("Tell me a long story about {topic}."), topic="rivers"):
        break

    assert await asyncio.to_thread(hung_up, emulator)


def test_an_early_close_ends_its_event(start: Any, make: Any) -> None:
    debug = LlamaDebugHandler(print_trace_on_end=False)
    llm = make(start(), callback_manager=CallbackManager([debug]))

    stream = llm.stream_chat(ASK)
    next(stream)
    stream.close()

    assert len(debug.get_event_pairs(CBEventType.LLM)) == 1

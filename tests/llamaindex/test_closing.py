"""An early close is seen by the server at once, whatever wraps the stream, and whoever holds on to it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager, CBEventType, LlamaDebugHandler
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.prompts import PromptTemplate
from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.event_handlers import BaseEventHandler
from pydantic import Field

from tests.llamaindex.shapes import Trip, documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llama_index_instrumentation.base import BaseEvent

ASK = [ChatMessage(role="user", content="Tell me a long story about rivers and mountains.")]
TOLD = PromptTemplate("Plan a trip.")
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
    """Whether the emulator saw the last request's client leave behind the first piece, long before the next is due."""
    seen: bool = emulator.wait_until(lambda requests: requests[-1].disconnected, PACE_S / 2)
    return seen and emulator.requests[-1].sent_pieces == 1 and not emulator.requests[-1].finished


def noticed_before_the_next_piece(emulator: Any, closed_at_s: float) -> bool:
    """Whether the notice came with the close: seconds before the next piece was due, when a write would have failed."""
    assert hung_up(emulator)
    noticed_at_s: float = emulator.requests[-1].disconnected_at_s
    return noticed_at_s - closed_at_s < PACE_S / 2


def engine(llm: Any, mode: str) -> Any:
    index = VectorStoreIndex.from_documents([Document(text="The Elbe rises.")], embed_model=MockEmbedding(embed_dim=8))
    return index.as_query_engine(llm=llm, streaming=True, response_mode=mode)


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


SYNC: dict[str, Callable[[Any], Any]] = {
    "stream_chat": lambda llm: llm.stream_chat(ASK),
    "stream_complete": lambda llm: llm.stream_complete(ASK[0].content),
    "stream_chat_with_tools": lambda llm: llm.stream_chat_with_tools([], chat_history=ASK),
    "stream": lambda llm: llm.stream(PromptTemplate("Tell me a long story about {topic}."), topic="rivers"),
    "stream_structured_predict": lambda llm: llm.stream_structured_predict(Trip, TOLD),
    "as_structured_llm.stream_chat": lambda llm: llm.as_structured_llm(Trip).stream_chat(ASK),
}
ASYNC: dict[str, Callable[[Any], Any]] = {
    "astream_chat": lambda llm: llm.astream_chat(ASK),
    "astream_complete": lambda llm: llm.astream_complete(ASK[0].content),
    "astream_chat_with_tools": lambda llm: llm.astream_chat_with_tools([], chat_history=ASK),
    "astream": lambda llm: llm.astream(PromptTemplate("Tell me a long story about {topic}."), topic="rivers"),
    "astream_structured_predict": lambda llm: llm.astream_structured_predict(Trip, TOLD),
    "as_structured_llm.astream_chat": lambda llm: llm.as_structured_llm(Trip).astream_chat(ASK),
}


@pytest.mark.parametrize("method", SYNC)
def test_a_close_is_noticed_before_the_next_piece_is_due(
    method: str, start: Any, make: Any, record_property: Any
) -> None:
    emulator = start(pace_s=PACE_S, script=documents(['{"title": "A', 'nother", "stops": []}']))

    stream = SYNC[method](make(emulator))
    next(stream)
    closed_at_s = time.monotonic()
    stream.close()

    assert noticed_before_the_next_piece(emulator, closed_at_s)
    record_property("noticed_after_s", emulator.requests[-1].disconnected_at_s - closed_at_s)


@pytest.mark.parametrize("method", ASYNC)
async def test_an_aclose_is_noticed_before_the_next_piece_is_due(
    method: str, start: Any, make: Any, record_property: Any
) -> None:
    emulator = start(pace_s=PACE_S, script=documents(['{"title": "A', 'nother", "stops": []}']))

    stream = await ASYNC[method](make(emulator))
    await anext(stream)
    closed_at_s = time.monotonic()
    await stream.aclose()

    assert await asyncio.to_thread(noticed_before_the_next_piece, emulator, closed_at_s)
    record_property("noticed_after_s", emulator.requests[-1].disconnected_at_s - closed_at_s)


@pytest.mark.usefixtures("observed")
@pytest.mark.parametrize("mode", ["compact", "refine", "tree_summarize", "simple_summarize"])
def test_closing_the_tokens_of_a_query_engine_reaches_the_server_at_once(mode: str, start: Any, make: Any) -> None:
    emulator = start(pace_s=PACE_S)

    response = engine(make(emulator), mode).query("Where does the Elbe rise?")
    next(response.response_gen)
    response.response_gen.close()

    assert hung_up(emulator)


@pytest.mark.usefixtures("observed")
@pytest.mark.parametrize("mode", ["compact", "refine", "tree_summarize", "simple_summarize"])
async def test_closing_the_tokens_of_an_async_query_engine_reaches_the_server_at_once(
    mode: str, start: Any, make: Any
) -> None:
    emulator = start(pace_s=PACE_S)

    response = await engine(make(emulator), mode).aquery("Where does the Elbe rise?")
    await anext(response.response_gen)
    await response.response_gen.aclose()

    assert await asyncio.to_thread(hung_up, emulator)


async def test_an_async_response_that_is_dropped_hangs_up(start: Any, make: Any) -> None:
    """Core's `async_response_gen()` leaves the tokens open as long as the response lives."""
    emulator = start(pace_s=PACE_S)

    response = await engine(make(emulator), "compact").aquery("Where does the Elbe rise?")
    tokens = response.async_response_gen()
    await anext(tokens)
    await tokens.aclose()
    del response, tokens

    assert await asyncio.to_thread(hung_up, emulator)


async def test_streams_of_core_hang_up_when_they_are_closed(start: Any, make: Any) -> None:
    emulator = start(pace_s=PACE_S)
    llm, prompt = make(emulator), PromptTemplate("Tell me a long story about {topic}.")

    stream = llm.stream(prompt, topic="rivers")
    next(stream)
    stream.close()
    seen = [await asyncio.to_thread(hung_up, emulator)]
    later = await llm.astream(prompt, topic="rivers")
    await anext(later)
    await later.aclose()
    seen.append(await asyncio.to_thread(hung_up, emulator))

    assert seen == [True, True]


def test_streams_that_a_loop_leaves_open_are_closed_with_it(start: Any, make: Any) -> None:
    emulator = start(pace_s=PACE_S)
    llm = make(emulator)
    kept = []

    async def begin() -> None:
        kept.append(await llm.astream_chat(ASK))
        await anext(kept[0])

    asyncio.run(begin())

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

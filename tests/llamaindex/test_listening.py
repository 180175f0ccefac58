"""Whoever listens to a stream hears what core's own callbacks tell; where nobody does, nothing is made to be told."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pydantic
import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager
from llama_index.core.callbacks.base_handler import BaseCallbackHandler
from llama_index.core.instrumentation.events.llm import LLMChatInProgressEvent, LLMCompletionInProgressEvent
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.dispatcher import instrument_tags
from llama_index_instrumentation.event_handlers import NullEventHandler

from gstream import GStreamError
from llamaindex_gstream import GStream
from llamaindex_gstream.chunks import completion
from tests.llamaindex.forms import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

ASK = "Name the rivers."
METHODS = ["stream_chat", "astream_chat", "stream_complete", "astream_complete"]
LENGTH = 5
"""Responses of a whole answer: four texts, and the last one."""


def documents(*, ended: bool = True) -> list[dict[str, Any]]:
    texts: list[dict[str, Any]] = [
        {"candidates": [{"content": {"parts": [{"text": text}]}}]} for text in ("Elbe, ", "Rhine, ", "Oder, ", "Spree.")
    ]
    if ended:
        texts[-1]["candidates"][0]["finishReason"] = "STOP"
    return texts


class Plain(GStream):
    """Streams as `GStream` does, under core's own callbacks and nothing else."""

    @llm_chat_callback()
    def stream_chat(self, messages: Any, **kwargs: Any) -> Any:
        return self._stream(messages, kwargs)

    @llm_chat_callback()
    async def astream_chat(self, messages: Any, **kwargs: Any) -> Any:
        return self._astream(messages, kwargs)

    @llm_completion_callback()
    def stream_complete(self, prompt: Any, **kwargs: Any) -> Any:
        return (completion(response) for response in self._stream(self._written(prompt, formatted=False), kwargs))

    @llm_completion_callback()
    async def astream_complete(self, prompt: Any, **kwargs: Any) -> Any:
        responses = self._astream(self._written(prompt, formatted=False), kwargs)
        return (completion(response) async for response in responses)


class Legacy(BaseCallbackHandler):
    """Notes the callbacks of old."""

    def __init__(self) -> None:
        super().__init__([], [])
        self.told: list[Any] = []

    def on_event_start(self, event_type: Any, payload: Any = None, event_id: str = "", *_: Any, **__: Any) -> str:
        self.told.append(("start", event_type, sorted(payload)))
        return event_id

    def on_event_end(self, event_type: Any, payload: Any = None, *_: Any, **__: Any) -> None:
        self.told.append(("end", event_type, {key: plain(value) for key, value in payload.items()}))

    def start_trace(self, trace_id: str | None = None) -> None:
        self.told.append(("trace", trace_id))

    def end_trace(self, trace_id: str | None = None, *_: Any, **__: Any) -> None:
        self.told.append(("traced", trace_id))


def plain(value: Any) -> Any:
    """Return what can be compared: of an exception its class and words."""
    return (type(value), str(value)) if isinstance(value, BaseException) else value


@dataclass(frozen=True)
class Reading:
    """How a stream is read: each number is that of the responses before the deed; `None`: it is not done."""

    id: str
    joins: int | None = None
    """A handler begins to listen."""
    leaves: int | None = None
    """It stops."""
    closes: int | None = None
    throws: int | None = None
    """An exception of the reader's is thrown into the stream."""
    answer: tuple[Any, ...] = (200, documents())
    """Status and documents that the server gives."""


HALF = (200, documents(ended=False))
BROKEN = (200, [*documents(ended=False), {"error": {"code": 400, "message": "Enough."}}])
READINGS = [
    Reading("unheard"),
    *(Reading(f"heard from response {number}", joins=number) for number in range(LENGTH + 1)),
    *(Reading(f"heard until response {number}", joins=0, leaves=number) for number in range(1, LENGTH + 1)),
    Reading("heard in the middle", joins=2, leaves=3),
    *(Reading(f"closed behind response {number}", closes=number) for number in range(LENGTH + 1)),
    *(Reading(f"closed behind response {number}, heard", joins=0, closes=number) for number in range(LENGTH + 1)),
    Reading("closed behind response 3, heard from response 2", joins=2, closes=3),
    Reading("closed at once when a handler joins", joins=3, closes=3),
    *(Reading(f"thrown into behind response {number}", throws=number) for number in range(1, LENGTH)),
    Reading("thrown into behind response 2, heard from there", joins=2, throws=2),
    Reading("thrown into behind response 2, heard", joins=0, throws=2),
    Reading("incomplete", answer=HALF),
    Reading("incomplete, heard", joins=0, answer=HALF),
    Reading("incomplete, heard from response 2", joins=2, answer=HALF),
    Reading("incomplete, heard from response 4", joins=4, answer=HALF),
    Reading("an error in the middle", answer=BROKEN),
    Reading("an error in the middle, heard from response 3", joins=3, answer=BROKEN),
    Reading("refused", answer=(400, [{"error": {"code": 400, "message": "No."}}])),
    Reading("refused, heard", joins=0, answer=(400, [{"error": {"code": 400, "message": "No."}}])),
]


@dataclass
class Told:
    """What a reading of a stream gave, and what was told of it."""

    responses: list[Any] = field(default_factory=list)
    raised: Any = None
    events: list[Any] = field(default_factory=list)
    callbacks: list[Any] = field(default_factory=list)


async def read(kind: type[GStream], method: str, reading: Reading) -> Told:
    legacy, told = Legacy(), Told()
    status, answer = reading.answer
    body = b"".join(b"data: " + json.dumps(document).encode() + b"\n\n" for document in answer)
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    clients = {
        "http_client": httpx.Client(transport=transport),
        "http_async_client": httpx.AsyncClient(transport=transport),
    }
    llm = kind(
        model="gemini-2.5-flash",
        base_url="http://any",
        api_key="made-up",
        max_retries=0,
        callback_manager=CallbackManager([legacy]),
        **clients,
    )
    given = [ChatMessage(ASK)] if "chat" in method else ASK
    with ExitStack() as listeners, instrument_tags({"asked by": "the test"}):
        heard: list[Any] = []
        stream = getattr(llm, method)(given)
        if method.startswith("a"):
            stream = await stream
        try:
            for number in range(LENGTH + 2):
                if reading.joins == number:
                    heard = listeners.enter_context(listening())
                if reading.leaves == number:
                    listeners.close()
                if reading.closes == number:
                    await finished(stream.aclose() if method.startswith("a") else stream.close())
                if reading.throws == number:
                    error = KeyError("the reader's own")
                    await finished(stream.athrow(error) if method.startswith("a") else stream.throw(error))
                response = await anext(stream, None) if method.startswith("a") else next(stream, None)
                if response is None:
                    break
                told.responses.append(response)
        except (GStreamError, KeyError) as error:
            told.raised = plain(error)
    told.events = [shown(event) for event in heard]
    told.callbacks = legacy.told
    return told


async def finished(awaited: Any) -> None:
    if awaited is not None:
        await awaited


def shown(event: Any) -> tuple[Any, ...]:
    """Return what can be compared of an event: not its id, its time, and the id of its span, but that there is one."""
    fields = {name: plain(getattr(event, name)) for name in type(event).model_fields}
    span = (fields.pop("span_id") or "").partition("-")[0].partition(".")[2]
    return type(event), span, {name: fields[name] for name in sorted(fields.keys() - {"id_", "timestamp"})}


@pytest.mark.parametrize("reading", READINGS, ids=[reading.id for reading in READINGS])
@pytest.mark.parametrize("method", METHODS)
async def test_a_stream_is_told_as_core_tells_it(method: str, reading: Reading) -> None:
    """The same responses, events, callbacks and exceptions as where core's decorator stands alone."""
    expected = await read(Plain, method, reading)

    assert await read(GStream, method, reading) == expected


@pytest.mark.parametrize("method", METHODS)
async def test_a_handler_hears_every_response(method: str) -> None:
    """So that the comparison above compares something."""
    told = await read(GStream, method, Reading("heard", joins=0))

    kinds = (LLMChatInProgressEvent, LLMCompletionInProgressEvent)
    assert [fields["response"] for kind, _, fields in told.events if kind in kinds] == told.responses
    assert len(told.responses) == LENGTH
    assert {fields["tags"]["asked by"] for _, _, fields in told.events} == {"the test"}


async def made(method: str, reading: Reading) -> int:
    """Return how many events of single responses are made while a stream is read."""
    names = {"LLMChatInProgressEvent", "LLMCompletionInProgressEvent"}
    file = pydantic.BaseModel.__init__.__code__.co_filename
    count = 0

    def note(frame: Any, happened: str, _: object) -> None:
        nonlocal count
        if happened == "call" and frame.f_code.co_name == "__init__" and frame.f_code.co_filename == file:
            count += type(frame.f_locals["self"]).__name__ in names

    sys.setprofile(note)
    try:
        await read(GStream, method, reading)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("reading", "events"), [(READINGS[0], 2), (Reading("heard", joins=0), LENGTH)])
async def test_without_a_handler_only_the_first_and_the_last_response_become_events(
    method: str, reading: Reading, events: int
) -> None:
    """An event costs more than its response: by the first core's generator begins, by the last it knows the end."""
    assert await made(method, reading) == events


@pytest.fixture
def callbacks() -> Iterator[Any]:
    """The dispatcher of core's callbacks, put back as it was."""
    dispatcher = get_dispatcher(llm_chat_callback.__module__)
    before = list(dispatcher.event_handlers), dispatcher.propagate
    yield dispatcher
    dispatcher.event_handlers, dispatcher.propagate = before


async def test_handlers_of_the_nearest_dispatcher_are_heard_too(callbacks: Any) -> None:
    with listening() as heard:
        handler = get_dispatcher().event_handlers[-1]
    callbacks.event_handlers = [handler]

    await read(GStream, "stream_chat", Reading("unheard by the root"))

    assert sum(isinstance(event, LLMChatInProgressEvent) for event in heard) == LENGTH


async def test_no_event_is_made_for_handlers_that_events_do_not_reach(callbacks: Any) -> None:
    callbacks.event_handlers, callbacks.propagate = [NullEventHandler()], False

    assert await made("stream_chat", Reading("heard", joins=0)) == 2

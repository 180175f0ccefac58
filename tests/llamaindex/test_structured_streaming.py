"""Structured prediction while it streams: partial objects, events, counts, early closes."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core import Settings
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager, TokenCountingHandler
from llama_index.core.instrumentation.events.llm import (
    LLMChatEndEvent,
    LLMChatStartEvent,
    LLMStructuredPredictEndEvent,
    LLMStructuredPredictInProgressEvent,
    LLMStructuredPredictStartEvent,
)
from llama_index.core.program.utils import FlexibleModel
from llama_index.core.prompts import PromptTemplate
from llama_index.core.types import PydanticProgramMode
from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.event_handlers import BaseEventHandler
from llama_index_instrumentation.span import SimpleSpan
from llama_index_instrumentation.span_handlers import BaseSpanHandler
from pydantic import BaseModel, Field

from gstream import IncompleteStreamError
from llamaindex_gstream.errors import StructuredAnswerError
from tests.llamaindex.shapes import (
    ASK,
    ASKED,
    FORMS,
    MODES,
    TRIP,
    TRIP_JSON,
    Trip,
    answered,
    documents,
    obedient,
    pieces,
    predict,
    predicted,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from llama_index_instrumentation.base import BaseEvent

STREAMS = FORMS[2:]
PACE_S = 5.0


class Listener(BaseEventHandler):
    heard: list[Any]

    def handle(self, event: BaseEvent, **_: Any) -> None:
        self.heard.append(event)


class Noter(BaseSpanHandler[SimpleSpan]):
    """Notes what spans are shown of their calls."""

    noted: list[str] = Field(default_factory=list)

    def new_span(self, id_: str, bound_args: Any, **_: Any) -> SimpleSpan:  # type: ignore[override]
        self.noted.append(f"{id_} {bound_args}")
        return SimpleSpan(id_=id_)

    def prepare_to_exit_span(self, **_: Any) -> None:  # type: ignore[override]
        return None

    def prepare_to_drop_span(self, **_: Any) -> None:  # type: ignore[override]
        return None


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    """The instrumentation events of the test."""
    dispatcher = get_dispatcher()
    before = list(dispatcher.event_handlers)
    listener = Listener(heard=[])
    dispatcher.add_event_handler(listener)
    yield listener.heard
    dispatcher.event_handlers = before


@pytest.fixture
def spans() -> Iterator[list[str]]:
    """What span handlers were shown during the test."""
    dispatcher = get_dispatcher()
    before = list(dispatcher.span_handlers)
    noter = Noter()
    dispatcher.add_span_handler(noter)
    yield noter.noted
    dispatcher.span_handlers = before


async def gathered(stream: AsyncIterator[Any], into: list[Any]) -> None:
    async for one in stream:
        into.append(one)  # noqa: PERF401 - what came before an error counts


# -- partial objects --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", STREAMS)
async def test_the_object_grows_and_only_the_last_one_is_of_its_class(form: str, start: Any, make: Any) -> None:
    text = f"As {{asked}}:\n```json\n{TRIP_JSON}\n```\nEnjoy."
    llm = make(start(script=documents(pieces(text, 5), thoughts=["{", '"title": "no"'])))

    *partial, last = await predict(form, llm)

    assert last == Trip(**TRIP)
    assert type(last) is Trip
    assert all(isinstance(one, FlexibleModel) and not isinstance(one, Trip) for one in partial)
    assert [one.title for one in partial][:3] == ["Sein", "Seine", "Seine"]
    assert any(one.stops and one.note is None for one in partial)
    assert partial[-1].model_dump() == TRIP
    sizes = [len(one.model_dump_json(exclude_unset=True)) for one in partial]
    assert sizes == sorted(sizes)
    assert partial[0].stops is None


@pytest.mark.parametrize("form", STREAMS)
async def test_a_call_is_shown_as_it_comes_and_checked_at_the_end(form: str, start: Any, make: Any) -> None:
    llm = make(start(), pydantic_program_mode=PydanticProgramMode.FUNCTION)

    partial, last = await predict(form, llm)

    assert isinstance(partial, FlexibleModel)
    assert type(last) is Trip
    assert Trip.model_validate(partial.model_dump(exclude_unset=True)) == last


async def test_fields_with_another_name_on_the_wire_grow_under_their_own(start: Any, make: Any) -> None:
    class Aliased(BaseModel):
        first: str = Field(alias="firstName")

    llm = make(start(script=documents(pieces('{"firstName": "Ada Lovelace"}', 4))))

    *partial, last = await predict("stream_structured_predict", llm, Aliased)

    assert partial[-1].first == last.first == "Ada Lovelace"


async def test_a_cut_stream_shows_what_came_and_then_raises(start: Any, make: Any) -> None:
    cut = documents(pieces(TRIP_JSON)[:3], None)
    limited = documents(pieces(TRIP_JSON)[:3], "MAX_TOKENS")
    for script, kind in ((cut, IncompleteStreamError), (limited, StructuredAnswerError)):
        llm = make(start(script=script), max_retries=0)
        shown: list[Any] = []
        with pytest.raises(kind):
            shown.extend(llm.stream_structured_predict(Trip, ASK, place="Paris"))
        stream = await llm.astream_structured_predict(Trip, ASK, place="Paris")
        with pytest.raises(kind):
            await gathered(stream, shown)

        assert [one.title for one in shown if one.title] == ["Sei", "Seine"] * 2
        assert not any(isinstance(one, Trip) for one in shown)


# -- a structured LLM -------------------------------------------------------------------------------------------------


async def test_a_structured_llm_streams_the_json_so_far_and_one_delta(start: Any, make: Any) -> None:
    structured = make(start(script=documents(pieces(TRIP_JSON)))).as_structured_llm(Trip)
    messages = [ChatMessage(role="user", content=ASKED)]

    chats = list(structured.stream_chat(messages))
    completions = [response async for response in await structured.astream_complete(ASKED)]

    assert [response.message.content for response in chats] == [response.text for response in completions]
    assert [type(response.raw) is Trip for response in chats] == [False] * (len(chats) - 1) + [True]
    assert all(json.loads(str(response.message.content)) for response in chats)
    for responses in (chats, completions):
        assert "".join(response.delta or "" for response in responses) == Trip(**TRIP).model_dump_json()


def test_a_structured_llm_streams_through_the_methods_of_prompts(start: Any, make: Any) -> None:
    """`LLM.stream` reads deltas only, and would give nothing with core's own structured LLM."""
    structured = make(start(script=documents(pieces(TRIP_JSON)))).as_structured_llm(Trip)

    assert "".join(structured.stream(PromptTemplate(ASKED))) == Trip(**TRIP).model_dump_json()
    assert structured.predict(PromptTemplate(ASKED)) == Trip(**TRIP).model_dump_json()


def test_a_structured_llm_works_without_a_global_one(start: Any, make: Any) -> None:
    before = Settings._llm

    structured = make(start()).as_structured_llm(Trip)

    assert structured.metadata.model_name == "gemini-2.5-flash"
    assert Settings._llm is before


# -- events and counts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
async def test_each_prediction_has_one_start_one_end_and_one_chat(
    mode: PydanticProgramMode, heard: list[Any], start: Any, make: Any
) -> None:
    emulator = start(script=obedient if mode == PydanticProgramMode.LLM else None)
    made = await predicted(make(emulator, pydantic_program_mode=mode), Trip)

    kinds = [LLMStructuredPredictStartEvent, LLMStructuredPredictEndEvent, LLMChatStartEvent, LLMChatEndEvent]
    assert [sum(isinstance(event, kind) for event in heard) for kind in kinds] == [4, 4, 4, 4]
    assert [event.output for event in heard if isinstance(event, LLMStructuredPredictEndEvent)] == made
    grown = [event.output for event in heard if isinstance(event, LLMStructuredPredictInProgressEvent)]
    assert [type(one) is Trip for one in grown].count(True) == 2
    assert len(grown) > 2
    assert "Plan a trip" in "".join(event.model_dump_json(exclude={"output_cls"}) for event in heard)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
async def test_a_failed_prediction_has_a_start_and_no_end(
    mode: PydanticProgramMode, heard: list[Any], start: Any, make: Any
) -> None:
    llm = make(start(script=documents(["No."])), pydantic_program_mode=mode)

    for form in FORMS:
        with pytest.raises(StructuredAnswerError):
            await predict(form, llm)

    assert sum(isinstance(event, LLMStructuredPredictStartEvent) for event in heard) == 4
    assert not any(isinstance(event, LLMStructuredPredictEndEvent) for event in heard)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_tokens_are_counted_once_a_call_as_the_server_counts_them(
    mode: PydanticProgramMode, reseller: Any, start: Any, make: Any
) -> None:
    emulator = start(reseller.dialect.name, script=obedient) if mode == PydanticProgramMode.LLM else reseller
    counter = TokenCountingHandler(tokenizer=str.split)
    manager = CallbackManager([counter])
    llm = make(emulator, pydantic_program_mode=mode, include_thoughts=True, callback_manager=manager)

    asyncio.run(predicted(llm, Trip))
    asyncio.run(answered(llm, Trip))

    assert len(emulator.requests) == 12
    assert len(counter.llm_token_counts) == 12
    if mode != PydanticProgramMode.LLM:  # scripted answers tell no usage
        usages = [request.usage or {} for request in emulator.requests]
        read = [usage["promptTokenCount"] for usage in usages]
        written = [usage["candidatesTokenCount"] + usage["thoughtsTokenCount"] for usage in usages]
        assert [event.prompt_token_count for event in counter.llm_token_counts] == read
        assert [event.completion_token_count for event in counter.llm_token_counts] == written


async def test_events_and_spans_hold_no_secret(heard: list[Any], spans: list[str], start: Any, make: Any) -> None:
    emulator = start()
    llm = make(emulator)
    structured = llm.as_structured_llm(Trip)
    messages = [ChatMessage(role="user", content=ASKED)]
    headers = {"extra_headers": {"x-team": "team-secret"}}

    await predicted(llm, Trip, **headers)
    structured.chat(messages, **headers)
    await structured.achat(messages, **headers)
    list(structured.stream_chat(messages, **headers))
    structured.complete(ASKED, **headers)
    list(structured.stream_complete(ASKED, **headers))
    [response async for response in await structured.astream_complete(ASKED, **headers)]

    shown = repr(heard) + "".join(spans)
    assert len(emulator.requests) == 10
    assert {request.headers["x-team"] for request in emulator.requests} == {"team-secret"}
    assert [form for form in FORMS if f".{form}-" not in shown] == []
    assert "team-secret" not in shown
    assert emulator.api_key not in shown


# -- early closes -----------------------------------------------------------------------------------------------------


def hung_up(emulator: Any) -> bool:
    """Whether the emulator saw the last request's client leave, in the middle of a stream that goes on for long."""
    seen: bool = emulator.wait_until(lambda requests: requests[-1].disconnected, 2.0)
    return seen


async def test_an_early_close_hangs_up(start: Any, make: Any) -> None:
    emulator = start(pace_s=PACE_S)
    llm = make(emulator)
    structured = llm.as_structured_llm(Trip)
    messages = [ChatMessage(role="user", content=ASKED)]

    for stream in (
        await llm.astream_structured_predict(Trip, ASK, place="Paris"),
        await structured.astream_chat(messages),
        await structured.astream_complete(ASKED),
    ):
        await anext(stream)
        await stream.aclose()
        assert await asyncio.to_thread(hung_up, emulator)
    for stream in (
        llm.stream_structured_predict(Trip, ASK, place="Paris"),
        structured.stream_chat(messages),
        structured.stream_complete(ASKED),
    ):
        await asyncio.to_thread(next, stream)
        stream.close()
        assert await asyncio.to_thread(hung_up, emulator)

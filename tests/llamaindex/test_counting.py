"""Tokens and events: counted once, complete, and free of keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager, CBEventType, TokenCountingHandler
from llama_index.core.callbacks.base_handler import BaseCallbackHandler
from llama_index.core.instrumentation.events.exception import ExceptionEvent
from llama_index.core.instrumentation.events.llm import (
    LLMChatEndEvent,
    LLMChatInProgressEvent,
    LLMChatStartEvent,
    LLMCompletionEndEvent,
    LLMCompletionInProgressEvent,
    LLMCompletionStartEvent,
)
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.span_handlers import SimpleSpanHandler
from pydantic import Field

from gstream import IncompleteStreamError, Target
from llamaindex_gstream import GStream
from tests.llamaindex.forms import CHATS, COMPLETIONS, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

ASK = [ChatMessage(role="user", content="Tell me about rivers.")]


class Spans(SimpleSpanHandler):
    """Notes the name and the arguments of each span of a model."""

    seen: list[Any] = Field(default_factory=list)

    def span_enter(
        self,
        id_: str,
        bound_args: Any,
        instance: Any = None,
        parent_id: str | None = None,
        tags: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        if isinstance(instance, GStream):
            self.seen.append((id_, dict(bound_args.arguments)))
        super().span_enter(id_, bound_args, instance, parent_id, tags, **options)


@pytest.fixture
def spans() -> Iterator[list[Any]]:
    """The spans that were opened in the test: id and arguments."""
    dispatcher = get_dispatcher()
    before = list(dispatcher.span_handlers)
    handler = Spans()
    dispatcher.add_span_handler(handler)
    yield handler.seen
    dispatcher.span_handlers = before


def get_time(city: str) -> str:
    """Get the local time of a city."""
    return f"It is noon in {city}."


TOOL = FunctionTool.from_defaults(get_time)


async def every_form(llm: Any, **options: Any) -> None:
    """Ask once by each of the eight methods."""
    for method in CHATS:
        await ask(llm, method, ASK, **options)
    for method in COMPLETIONS:
        await ask(llm, method, "Tell me about rivers.", **options)


def test_token_counts_are_the_servers_own_for_every_method(reseller: Any, make: Any) -> None:
    counter = TokenCountingHandler(tokenizer=str.split)
    llm = make(reseller, include_thoughts=True, callback_manager=CallbackManager([counter]))

    asyncio.run(every_form(llm))

    usages = [request.usage or {} for request in reseller.requests]
    read = [usage["promptTokenCount"] + usage.get("toolUsePromptTokenCount", 0) for usage in usages]
    written = [usage["candidatesTokenCount"] + usage["thoughtsTokenCount"] for usage in usages]
    assert len(usages) == 8
    assert [event.prompt_token_count for event in counter.llm_token_counts] == read
    assert [event.completion_token_count for event in counter.llm_token_counts] == written


@pytest.mark.parametrize(
    "usage", [None, {}, {"promptTokenCount": None}, {"candidatesTokenCount": 3}, {"promptTokenCount": "7"}]
)
def test_missing_counts_break_no_counter(usage: dict[str, Any] | None, wired: Any) -> None:
    document: dict[str, Any] = {"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]}
    if usage is not None:
        document["usageMetadata"] = usage
    counter = TokenCountingHandler(tokenizer=str.split)
    llm, _ = wired(document, callback_manager=CallbackManager([counter]))

    llm.chat(ASK)
    list(llm.stream_chat(ASK))

    assert [type(event.total_token_count) for event in counter.llm_token_counts] == [int, int]


def test_totals_of_the_counter_are_the_servers_own(reseller: Any, make: Any) -> None:
    """Also through prediction, tools and engines, which go through the same eight methods."""
    counter = TokenCountingHandler(tokenizer=str.split)
    llm = make(reseller, include_thoughts=True, callback_manager=CallbackManager([counter]))
    prompt = PromptTemplate("Tell me about {topic}.")

    async def later() -> None:
        await llm.apredict(prompt, topic="rivers")
        [token async for token in await llm.astream(prompt, topic="rivers")]
        await llm.achat_with_tools([TOOL], user_msg="The time in Paris?")
        [response async for response in await llm.astream_chat_with_tools([TOOL], user_msg="The time in Paris?")]

    llm.predict(prompt, topic="rivers")
    list(llm.stream(prompt, topic="rivers"))
    llm.chat_with_tools([TOOL], user_msg="The time in Paris?")
    list(llm.stream_chat_with_tools([TOOL], user_msg="The time in Paris?"))
    asyncio.run(later())

    assert len(reseller.requests) == len(counter.llm_token_counts) == 8
    assert counter.total_llm_token_count == sum(request.usage["totalTokenCount"] for request in reseller.requests)
    assert all(request.usage["thoughtsTokenCount"] for request in reseller.requests)


CACHED = {
    "promptTokenCount": 100,
    "cachedContentTokenCount": 90,
    "candidatesTokenCount": 7,
    "thoughtsTokenCount": 5,
    "totalTokenCount": 112,
}


def test_usage_on_a_chunk_behind_the_text_is_counted(wired: Any) -> None:
    """What was read from a cache was read; it is told beside."""
    text = {"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]}
    counter = TokenCountingHandler(tokenizer=str.split)
    llm, _ = wired(text, {"usageMetadata": CACHED}, callback_manager=CallbackManager([counter]))

    whole, last = llm.chat(ASK), list(llm.stream_chat(ASK))[-1]

    counted = [(event.prompt_token_count, event.completion_token_count) for event in counter.llm_token_counts]
    assert counted == [(100, 12), (100, 12)]
    for response in (whole, last):
        assert response.raw["usage"] == {
            "prompt_tokens": 100,
            "completion_tokens": 12,
            "total_tokens": 112,
            "thoughts_tokens": 5,
            "cached_tokens": 90,
            "tool_use_tokens": 0,
        }


def test_where_the_server_tells_no_usage_core_estimates_it(wired: Any) -> None:
    text = {"candidates": [{"content": {"parts": [{"text": "One two three"}]}, "finishReason": "STOP"}]}
    counter = TokenCountingHandler(tokenizer=str.split)
    llm, _ = wired(text, callback_manager=CallbackManager([counter]))

    llm.complete("Hello there")
    list(llm.stream_complete("Hello there"))

    counted = [(event.prompt_token_count, event.completion_token_count) for event in counter.llm_token_counts]
    assert counted == [(2, 3), (2, 3)]


class Legacy(BaseCallbackHandler):
    """Notes the callbacks of old."""

    def __init__(self) -> None:
        super().__init__([], [])
        self.started: list[Any] = []
        self.ended: list[Any] = []

    def on_event_start(
        self,
        event_type: CBEventType,
        payload: Any = None,
        event_id: str = "",
        parent_id: str = "",  # noqa: ARG002 - the names that core gives
        **_: Any,
    ) -> str:
        self.started.append((event_type, payload))
        return event_id

    def on_event_end(self, event_type: CBEventType, payload: Any = None, event_id: str = "", **_: Any) -> None:  # noqa: ARG002 - the same
        self.ended.append((event_type, payload))

    def start_trace(self, trace_id: str | None = None) -> None:
        pass

    def end_trace(self, trace_id: str | None = None, trace_map: Any = None) -> None:
        pass


async def test_each_call_has_one_start_and_one_end(heard: list[Any], spans: list[Any], start: Any, make: Any) -> None:
    legacy = Legacy()

    await every_form(make(start(), callback_manager=CallbackManager([legacy])))

    kinds = [LLMChatStartEvent, LLMChatEndEvent, LLMCompletionStartEvent, LLMCompletionEndEvent]
    assert [sum(isinstance(event, kind) for event in heard) for kind in kinds] == [4, 4, 4, 4]
    assert [kind for kind, _ in legacy.started] == [CBEventType.LLM] * 8
    assert [kind for kind, _ in legacy.ended] == [CBEventType.LLM] * 8
    assert [id_.partition("-")[0] for id_, _ in spans] == [f"GStream.{name}" for name in (*CHATS, *COMPLETIONS)]


async def test_each_response_of_a_stream_has_its_event_and_the_last_is_the_end(
    heard: list[Any], start: Any, make: Any
) -> None:
    llm = make(start())

    chats = [*llm.stream_chat(ASK), *[response async for response in await llm.astream_chat(ASK)]]
    completions = [*llm.stream_complete("Hi"), *[response async for response in await llm.astream_complete("Hi")]]

    for kind, end, responses in (
        (LLMChatInProgressEvent, LLMChatEndEvent, chats),
        (LLMCompletionInProgressEvent, LLMCompletionEndEvent, completions),
    ):
        assert [event.response for event in heard if isinstance(event, kind)] == responses
        ends: list[Any] = [event.response for event in heard if isinstance(event, end)]
        assert ends == [responses[len(responses) // 2 - 1], responses[-1]]
        assert all(response.raw["usage"] for response in ends)
    assert {event.span_id is None for event in heard} == {False}


async def test_a_call_that_fails_ends_its_events(heard: list[Any], spans: list[Any], wired: Any) -> None:
    legacy = Legacy()
    half = {"candidates": [{"content": {"parts": [{"text": "Half an"}]}}]}
    llm, _ = wired(half, max_retries=0, callback_manager=CallbackManager([legacy]))

    for method in CHATS:
        with pytest.raises(IncompleteStreamError):
            await ask(llm, method, ASK)

    errors = [event.exception for event in heard if isinstance(event, ExceptionEvent)]
    assert [type(error) for error in errors] == [IncompleteStreamError] * 2  # core tells of streams only
    ended = [payload["exception"] for kind, payload in legacy.ended if kind is CBEventType.LLM]
    assert [type(error) for error in ended] == [IncompleteStreamError] * 4
    assert sum(kind is CBEventType.LLM for kind, _ in legacy.started) == len(spans) == 4
    assert not any(isinstance(event, LLMChatEndEvent) for event in heard)


async def test_events_and_payload_hold_no_secret(heard: list[Any], start: Any, make: Any) -> None:
    emulator = start()
    llm = make(emulator, extra_headers={"x-team": "team-secret"}, temperature=0.5)

    await every_form(llm)

    shown = repr(heard) + "".join(event.model_dump_json() for event in heard) + repr(llm.to_payload())
    assert emulator.api_key not in shown
    assert "team-secret" not in shown
    assert llm.to_payload()["temperature"] == 0.5
    assert emulator.requests[-1].headers["x-team"] == "team-secret"


async def test_headers_of_a_call_are_sent_and_shown_to_nobody(
    heard: list[Any], spans: list[Any], start: Any, make: Any
) -> None:
    """Their names are shown, and that is all; neither events nor spans nor callbacks hold a value."""
    emulator, legacy = start(), Legacy()
    llm = make(emulator, callback_manager=CallbackManager([legacy]))
    headers = {"x-team": "team-secret"}

    await every_form(llm, extra_headers=headers)
    llm.chat_with_tools([TOOL], user_msg="The time in Paris?", extra_headers=headers)

    shown = repr((heard, spans, legacy.started, legacy.ended))
    shown += "".join(event.model_dump_json() for event in heard)
    assert [request.headers.get("x-team") for request in emulator.requests] == ["team-secret"] * 9
    assert "x-team" in shown
    assert "team-secret" not in shown
    assert headers == {"x-team": "team-secret"}


def test_nothing_that_travels_or_is_printed_holds_the_key(start: Any, make: Any) -> None:
    emulator = start()
    llm = make(emulator, api_key=emulator.api_key, fallbacks=[Target(emulator.endpoint, emulator.api_key)])

    shown = repr(llm) + str(llm) + llm.to_json() + repr(llm.to_dict()) + repr(llm.to_payload()) + llm.model_dump_json()

    assert emulator.api_key not in shown

"""Tokens and events: counted once, complete, and free of keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager, TokenCountingHandler
from llama_index.core.instrumentation.events.llm import (
    LLMChatEndEvent,
    LLMChatStartEvent,
    LLMCompletionEndEvent,
    LLMCompletionStartEvent,
)
from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.event_handlers import BaseEventHandler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llama_index_instrumentation.base import BaseEvent

ASK = [ChatMessage(role="user", content="Tell me about rivers.")]


class Listener(BaseEventHandler):
    heard: list[Any]

    def handle(self, event: BaseEvent, **_: Any) -> None:
        self.heard.append(event)


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    """The instrumentation events of the test."""
    dispatcher = get_dispatcher()
    before = list(dispatcher.event_handlers)
    listener = Listener(heard=[])
    dispatcher.add_event_handler(listener)
    yield listener.heard
    dispatcher.event_handlers = before


async def every_form(llm: Any) -> None:
    """Ask once by each of the eight methods."""
    prompt = "Tell me about rivers."
    llm.chat(ASK)
    llm.complete(prompt)
    list(llm.stream_chat(ASK))
    list(llm.stream_complete(prompt))
    await llm.achat(ASK)
    await llm.acomplete(prompt)
    [response async for response in await llm.astream_chat(ASK)]
    [response async for response in await llm.astream_complete(prompt)]


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


async def test_each_call_has_one_start_and_one_end(heard: list[Any], start: Any, make: Any) -> None:
    await every_form(make(start()))

    kinds = [LLMChatStartEvent, LLMChatEndEvent, LLMCompletionStartEvent, LLMCompletionEndEvent]
    assert [sum(isinstance(event, kind) for event in heard) for kind in kinds] == [4, 4, 4, 4]


async def test_events_and_payload_hold_no_secret(heard: list[Any], start: Any, make: Any) -> None:
    emulator = start()
    llm = make(emulator, extra_headers={"x-team": "team-secret"}, temperature=0.5)

    await every_form(llm)

    shown = repr(heard) + "".join(event.model_dump_json() for event in heard) + repr(llm.to_payload())
    assert emulator.api_key not in shown
    assert "team-secret" not in shown
    assert llm.to_payload()["temperature"] == 0.5
    assert emulator.requests[-1].headers["x-team"] == "team-secret"

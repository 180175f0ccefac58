"""Fallbacks and incomplete answers through both frameworks: whose answer came, and what each attempt ran into."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core.base.llms.types import ChatMessage

from gstream import AuthenticationError, IncompleteAnswerWarning, IncompleteStreamError, OverloadedError, Target
from gstream.emulator import Emulator
from langchain_gstream import ChatGStream
from llamaindex_gstream import GStream

if TYPE_CHECKING:
    from collections.abc import Callable

ASK = [ChatMessage("Why is the sky blue?")]


async def _last(stream: Any) -> Any:
    return [item async for item in stream][-1]


def _langchain(llm: ChatGStream) -> list[tuple[str, str | None]]:
    async def asked() -> list[Any]:
        whole: Any = None
        async for chunk in llm.astream("Why is the sky blue?"):
            whole = chunk if whole is None else whole + chunk
        return [await llm.ainvoke("Why is the sky blue?"), whole]

    total: Any = None
    for chunk in llm.stream("Why is the sky blue?"):
        total = chunk if total is None else total + chunk
    answers = [llm.invoke("Why is the sky blue?"), total, *asyncio.run(asked())]
    return [(answer.text, answer.response_metadata.get("endpoint")) for answer in answers]


def _llamaindex(llm: GStream) -> list[tuple[str, str | None]]:
    async def asked() -> list[Any]:
        return [await llm.achat(ASK), await _last(await llm.astream_chat(ASK))]

    answers = [llm.chat(ASK), list(llm.stream_chat(ASK))[-1], *asyncio.run(asked())]
    return [(answer.message.content or "", answer.raw["endpoint"]) for answer in answers]


FRAMEWORKS = pytest.mark.parametrize(
    ("make", "ask"), [(ChatGStream, _langchain), (GStream, _llamaindex)], ids=["langchain", "llamaindex"]
)


@FRAMEWORKS
def test_a_fallback_answers_with_its_own_key_dialect_and_model(
    make: Callable[..., Any], ask: Callable[[Any], list[tuple[str, str | None]]]
) -> None:
    with Emulator("juheai", fault="error_503") as broken, Emulator("shengsuanyun") as working:
        llm = make(
            model="gemini-2.5-flash",
            endpoint=broken.endpoint,
            api_key=broken.api_key,
            max_retries=0,
            fallbacks=[Target(working.endpoint, working.api_key, "google/gemini-2.5-pro")],
        )
        answers = ask(llm)

    assert {endpoint for _, endpoint in answers} == {"shengsuanyun"}
    assert all("sky" in text for text, _ in answers)
    assert len(broken.requests) == len(working.requests) == len(answers)
    assert {received.model for received in working.requests} == {"google/gemini-2.5-pro"}
    assert {received.credential for received in working.requests} == {"x-goog-api-key"}
    assert {received.credential for received in broken.requests} == {"query"}


@FRAMEWORKS
def test_the_last_error_lists_every_attempt(make: Callable[..., Any], ask: Callable[[Any], Any]) -> None:
    with Emulator("juheai", fault="error_503") as first, Emulator("shengsuanyun") as second:
        llm = make(
            model="gemini-2.5-flash",
            endpoint=first.endpoint,
            api_key=first.api_key,
            max_retries=0,
            fallbacks=[Target(second.endpoint, "a-wrong-key")],
        )
        with pytest.raises(AuthenticationError) as caught:
            ask(llm)
    attempts = caught.value.attempts

    assert isinstance(attempts[0], OverloadedError)
    assert [error.endpoint for error in attempts] == ["juheai", "shengsuanyun"]
    assert "This was attempt 2; before it: 1. [juheai, gemini-2.5-flash]" in str(caught.value)


@FRAMEWORKS
def test_an_answer_without_a_finish_reason_is_an_error_a_warning_or_nothing_as_asked(
    make: Callable[..., Any], ask: Callable[[Any], list[tuple[str, str | None]]]
) -> None:
    with Emulator("apigo", fault="no_finish") as e:
        common: Any = {"model": "gemini-2.5-flash", "endpoint": e.endpoint, "api_key": e.api_key, "max_retries": 0}
        with pytest.raises(IncompleteStreamError) as caught:
            ask(make(**common))
        with pytest.warns(IncompleteAnswerWarning):
            warned = ask(make(**common, on_incomplete="warn"))
        ignored = ask(make(**common, on_incomplete="ignore"))

    assert caught.value.partial is not None
    assert warned == ignored
    assert {text for text, _ in ignored} == {caught.value.partial.text}

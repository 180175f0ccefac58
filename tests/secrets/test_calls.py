"""No key in anything that a call leaves behind: three ways of sending it, an answer and some thirty failures.

Where a key must be: in the model object itself, and so in its pickle (`test_travel`); in the frames of httpx while a
request is on its way, which an error of this library does not show, but a Ctrl-C in the middle of it does.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core.base.llms.types import ChatMessage

from gstream import GStreamError, RetryPolicy
from gstream.emulator import Emulator
from langchain_gstream import ChatGStream
from llamaindex_gstream import GStream
from tests.secrets.looking import CANARY, KEY, Callbacks, Listening, Tracer, of_answer, of_error, of_model

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULTS = (
    None, "error_403", "error_404", "error_429", "error_500", "error_503", "error_mid_stream", "bad_key_400",
    "bad_key_401", "key_echoed", "quota_402", "html", "redirect_302", "blocked_prompt", "stop_empty", "broken_json",
    "no_finish", "empty", "cut_mid_event", "reset_before_headers", "silent_before_headers", "comments_for_ever",
)  # fmt: skip
_AUTHS = ("header", "bearer", "query")
_ALWAYS = (None, "key_echoed", "bad_key_401", "redirect_302", "reset_before_headers")
"""Faults that are met with each way of sending the key; the others take turns."""
_CASES = [
    (fault, auth)
    for number, fault in enumerate(FAULTS)
    for auth in (_AUTHS if fault in _ALWAYS else (_AUTHS[number % 3],))
]
_LIMITS = {"connect": 10.0, "first_byte": 0.3, "idle": 0.3}
_QUESTION = "Why is the sky blue?"


@pytest.fixture(scope="module")
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator with the fault that the test names, which takes only `KEY`."""
    with Emulator("juheai", fault=request.param, api_key=KEY) as running:
        yield running


def _made(kind: type[ChatGStream | GStream], emulator: Emulator, auth: str) -> Any:
    model = kind(
        model="gemini-2.5-flash", endpoint=emulator.endpoint, api_key=KEY, auth=auth, max_retries=1, timeout=_LIMITS
    )
    model.core_client().policy = RetryPolicy(1, base_s=0.0, longest_wish_s=0.5)
    return model


async def _all_of(stream: Any) -> list[Any]:
    return [item async for item in stream]


def _langchain(model: ChatGStream, tracers: list[Any]) -> Iterator[Any]:
    """Yield calls, each as a function that gives its answer."""
    config: Any = {"callbacks": tracers}
    yield lambda: model.invoke(_QUESTION, config)
    yield lambda: list(model.stream(_QUESTION, config))
    yield lambda: asyncio.run(_all_of(model.astream(_QUESTION, config)))


def _llamaindex(model: GStream) -> Iterator[Any]:
    messages = [ChatMessage(_QUESTION)]

    async def stream() -> list[Any]:
        return await _all_of(await model.astream_chat(messages))

    yield lambda: model.chat(messages)
    yield lambda: list(model.stream_chat(messages))
    yield lambda: asyncio.run(stream())


def _outcome(ask: Any) -> Any:
    """Return an answer or an error, from a frame whose variables are no secret."""
    try:
        return ask()
    except GStreamError as error:
        return error


@pytest.mark.parametrize(("emulator", "auth"), _CASES, indirect=["emulator"])
def test_nothing_that_a_call_leaves_behind_holds_the_key(
    emulator: Emulator, auth: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tracer, callbacks = Tracer(), Callbacks()
    chat, llm = _made(ChatGStream, emulator, auth), _made(GStream, emulator, auth)
    with Listening() as events:
        outcomes = [_outcome(ask) for ask in (*_langchain(chat, [tracer, callbacks]), *_llamaindex(llm))]
    shown = [*tracer.runs, *callbacks.told, *events, *of_model(chat), *of_model(llm)]
    for outcome in outcomes:
        shown += of_error(outcome) if isinstance(outcome, GStreamError) else of_answer(outcome)
        for attempt in getattr(outcome, "attempts", ()):
            shown += of_error(attempt)
    for record in caplog.records:
        shown += [record.getMessage(), repr(record.args), record.exc_text or "", repr(vars(record))]

    assert tracer.runs
    assert callbacks.told
    assert events
    assert {received.credential for received in emulator.requests} <= {"x-goog-api-key", "bearer", "query"}
    assert [text[:2_000] for text in shown if CANARY in text] == []

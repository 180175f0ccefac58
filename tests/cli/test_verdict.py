"""What the demo's verdict sees: each way in which a tool loop can fall short."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from gstream import GStreamError
from gstream.cli.demo.events import Called, Piece, StepEnded
from gstream.cli.demo.outcome import Outcome, observe, shortcomings, unlike_announced
from gstream.cli.demo.screen import Screen
from gstream.cli.demo.tools import EXPECTED, use
from gstream.emulator import Received

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gstream.cli.demo.events import Event

CALLS = [
    Called("get_weather", {"city": "Tokyo"}, EXPECTED[0]),
    Called("get_weather", {"city": "Shanghai"}, EXPECTED[1]),
    Called("get_exchange_rate", {"source": "CNY", "target": "JPY"}, EXPECTED[2]),
]
END = StepEnded("STOP", "sse", 10, 5)
GOOD: list[Event] = [
    Piece("Two tools.", ""),
    END,
    *CALLS,
    Piece("", f"{EXPECTED[0]}; "),
    Piece("", f"{EXPECTED[1]}; {EXPECTED[2]}"),
    END,
]


def judged(events: list[Event]) -> list[str]:
    outcome = Outcome("google", "LangChain")
    observe(outcome, iter(events), lambda _: None)
    return outcome.wrong


@dataclass(frozen=True)
class Case:
    id: str
    events: list[Event]
    wrong: str


CASES = [
    Case("calls", [*GOOD[:2], CALLS[0], *GOOD[5:]], "1 tool calls, at least 2 were to be made"),
    Case("thoughts", GOOD[1:], "no thoughts came, though they were asked for"),
    Case(
        "usage",
        [replace(event, input=0) if isinstance(event, StepEnded) else event for event in GOOD],
        "usage says 0 tokens in, 10 out",
    ),
    Case(
        "finish",
        [*GOOD[:-1], replace(END, finish_reason="MAX_TOKENS")],
        "finish reasons are STOP, MAX_TOKENS; STOP was to come each time",
    ),
    Case("framing", [*GOOD[:-1], replace(END, framing="")], "the framing is not told"),
    Case(
        "lump",
        [*GOOD[:5], Piece("", "; ".join(EXPECTED)), END],
        "the answer came in 1 pieces: nothing streamed",
    ),
    Case("result", [*GOOD[:5], *GOOD[6:], Piece("", "."), END], f"the answer does not say {EXPECTED[0]!r}"),
]


def test_a_good_loop_has_no_shortcomings() -> None:
    assert judged(GOOD) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_shortcoming_is_told(case: Case) -> None:
    assert judged(case.events) == [case.wrong]


def test_an_answer_before_the_calls_does_not_count() -> None:
    early: list[Event] = [*GOOD[5:7], *GOOD[:5], END]

    assert [f"the answer does not say {result!r}" for result in EXPECTED] == judged(early)[-3:]


def test_an_error_is_the_verdict_and_ends_the_loop() -> None:
    def breaking() -> Iterator[Event]:
        yield GOOD[0]
        raise GStreamError("The endpoint went away.")

    outcome = Outcome("google", "LangChain")
    observe(outcome, breaking(), lambda _: None)

    assert outcome.wrong == ["The endpoint went away."]
    assert outcome.chunks == 1


def test_a_loop_without_any_event_falls_short_of_everything() -> None:
    assert len(shortcomings(Outcome("google", "LangChain"))) == 9


def test_a_request_on_another_way_than_announced_is_told() -> None:
    received = Received("POST", "/v1/other", {}, {}, credential="query")

    assert unlike_announced([received], "/v1beta/right", "header") == [
        "a request went to /v1/other",
        "the key came as query, not as x-goog-api-key",
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("get_time", {}, "there is no tool 'get_time'"),
        ("get_weather", {"town": "Tokyo"}, "wrong arguments: "),
        ("get_weather", {"city": "Osaka"}, "nothing known of Osaka"),
    ],
)
def test_a_wrong_call_is_told_in_words(name: str, arguments: dict[str, str], told: str) -> None:
    assert use(name, arguments).startswith(told)


def test_running_text_is_wrapped_between_words_however_it_is_cut() -> None:
    """Words that arrive in two pieces stay whole, and a change of kind begins a new line."""
    text = "It rains in Tokyo, while Shanghai has a clear and unusually warm evening, says the service."
    shown = []
    for size in (1, 3, 7, len(text)):
        file = io.StringIO()
        screen = Screen(Console(file=file, width=30))
        screen.event(Piece("**Thinking** first.", ""))
        for start in range(0, len(text), size):
            screen.event(Piece("", text[start : start + size]))
        screen.end_paragraph()
        shown.append(file.getvalue())

    assert len(set(shown)) == 1
    assert shown[0].splitlines() == [
        "  Thinking first.",
        "  It rains in Tokyo, while",
        "  Shanghai has a clear and",
        "  unusually warm evening, says",
        "  the service.",
    ]

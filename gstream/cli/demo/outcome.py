"""What became of one tool loop, and what is wrong with it; pure but for the clock."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gstream import GStreamError
from gstream.cli.demo.events import Piece, StepEnded
from gstream.cli.demo.tools import EXPECTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gstream.cli.demo.events import Event
    from gstream.emulator import Received
    from gstream.endpoints import Auth

__all__ = ["Outcome", "observe", "shortcomings", "unlike_announced"]

_FEWEST_CALLS: Final = 2
_FEWEST_PIECES: Final = 2
"""Pieces of the answer's text below which nothing was streamed."""

_CREDENTIALS: Final[dict[Auth, str]] = {"header": "x-goog-api-key", "bearer": "bearer", "query": "query"}
"""How the emulator names the ways of sending a key."""


@dataclass
class Outcome:
    """The figures of one loop."""

    endpoint: str
    framework: str
    first_s: float | None = None
    """Seconds from the question to the first chunk; `None`: none came."""
    chunks: int = 0
    calls: int = 0
    steps: int = 0
    """Answers, those that only call tools included."""
    thoughts: str = ""
    pieces: list[str] = field(default_factory=list)
    """The text of the last answer, chunk by chunk."""
    finish_reasons: list[str] = field(default_factory=list)
    framings: list[str] = field(default_factory=list)
    """Each framing that was seen, once."""
    input: int = 0
    """Tokens read, over all steps."""
    output: int = 0
    """Tokens written, over all steps."""
    wrong: list[str] = field(default_factory=list)
    """What is missing, in words; empty: nothing."""

    def take(self, event: Event) -> None:
        """Count an event."""
        if isinstance(event, Piece):
            self.chunks += 1
            self.thoughts += event.thoughts
            if event.text:
                self.pieces.append(event.text)
        elif isinstance(event, StepEnded):
            self.steps += 1
            self.finish_reasons.append(event.finish_reason)
            if event.framing not in self.framings:
                self.framings.append(event.framing)
            self.input += event.input
            self.output += event.output
        else:
            self.calls += 1
            self.pieces.clear()


def observe(outcome: Outcome, events: Iterator[Event], show: Callable[[Event], None]) -> None:
    """Run a loop to its end, show what it tells, and fill in its outcome."""
    started = time.perf_counter()
    try:
        for event in events:
            if outcome.first_s is None:
                outcome.first_s = time.perf_counter() - started
            outcome.take(event)
            show(event)
    except GStreamError as error:
        outcome.wrong.append(str(error))
    else:
        outcome.wrong += shortcomings(outcome)


def shortcomings(outcome: Outcome) -> list[str]:
    """Return what a loop that ended without an error should have given and did not."""
    answer = "".join(outcome.pieces)
    finish = ", ".join(reason or "none" for reason in outcome.finish_reasons)
    demanded = (
        (outcome.calls >= _FEWEST_CALLS, f"{outcome.calls} tool calls, at least {_FEWEST_CALLS} were to be made"),
        (bool(outcome.thoughts.strip()), "no thoughts came, though they were asked for"),
        (outcome.input > 0 and outcome.output > 0, f"usage says {outcome.input} tokens in, {outcome.output} out"),
        (bool(outcome.framings) and all(outcome.framings), "the framing is not told"),
        (set(outcome.finish_reasons) == {"STOP"}, f"finish reasons are {finish or 'none'}; STOP was to come each time"),
        (len(outcome.pieces) >= _FEWEST_PIECES, f"the answer came in {len(outcome.pieces)} pieces: nothing streamed"),
        *((result in answer, f"the answer does not say {result!r}") for result in EXPECTED),
    )
    return [words for holds, words in demanded if not holds]


def unlike_announced(requests: Sequence[Received], path: str, auth: Auth) -> list[str]:
    """Return how the requests that arrived differ from what the demo said of them."""
    found = [f"a request went to {received.path}" for received in requests if received.path != path]
    return found + [
        f"the key came as {received.credential or 'nothing'}, not as {_CREDENTIALS[auth]}"
        for received in requests
        if received.credential != _CREDENTIALS[auth]
    ]

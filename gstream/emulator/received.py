"""What the emulator saw: one record a request, in order, safe to read from any thread."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.emulator.errors import JsonObject

__all__ = ["Received", "Record"]

_GLANCE_S: Final = 0.01
"""Seconds after which those who wait look by themselves: fields of a request change without a notice."""


@dataclass(slots=True)
class Received:
    """One request, and what became of it. Later fields are filled in while it is answered."""

    method: str
    path: str
    """The path as it travelled, percent-encoding included, without the query."""
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: JsonObject | None = None
    """The JSON body; `None` where there was none or it was no JSON object."""
    model: str = ""
    """The model name of the path, decoded; empty for other routes."""
    action: str = ""
    """`streamGenerateContent`, `generateContent`, `countTokens`, `models`; empty for other routes."""
    credential: str = ""
    """Where a key was found (`x-goog-api-key`, `query`, `bearer`, `raw`); empty: nowhere."""
    fault: str = ""
    """The name of the fault this request met; empty: none."""
    status: int = 0
    """The status it was answered with; 0 until then."""
    usage: JsonObject | None = None
    """The last `usageMetadata` of the answer."""
    sent_pieces: int = 0
    """Pieces (events, elements) of the body handed to the socket so far."""
    finished: bool = False
    """Whether the whole answer was handed to the socket, including its end."""
    disconnected: bool = False
    """Whether the client went away before that."""
    disconnected_at_s: float | None = None
    """When that was noticed, on the clock of `time.monotonic`; `None` if the client did not go away."""
    number: int = 0
    """Which request of the emulator this is, in order of arrival, from 1; 0 outside one."""

    def leave(self) -> None:
        """Note that the client went away, now."""
        self.disconnected = True
        self.disconnected_at_s = time.monotonic()


@dataclass
class Record:
    """The last requests of one emulator."""

    keep: int | None = None
    """How many are kept, the oldest going first; `None`: all."""
    changed: threading.Condition = field(default_factory=threading.Condition)
    _received: deque[Received] = field(init=False)
    _seen: int = 0

    def __post_init__(self) -> None:
        self._received = deque(maxlen=self.keep)

    def add(self, received: Received) -> None:
        """Number a request, append it and wake those who wait."""
        with self.changed:
            self._seen += 1
            received.number = self._seen
            self._received.append(received)
            self.changed.notify_all()

    def notify(self) -> None:
        """Wake those who wait: a request ended."""
        with self.changed:
            self.changed.notify_all()

    def copy(self) -> list[Received]:
        """Return the requests that are kept."""
        with self.changed:
            return list(self._received)

    def wait(self, condition: Callable[[list[Received]], bool], timeout_s: float) -> bool:
        """Return whether `condition` became true of the requests within `timeout_s` seconds."""
        deadline = time.monotonic() + timeout_s
        with self.changed:
            while not condition(list(self._received)):
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self.changed.wait(min(left, _GLANCE_S))
        return True

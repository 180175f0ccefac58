"""Scripts for `tests.core.loopback`: what a server does that wants to be the last thing a client ever talks to."""

from __future__ import annotations

import json
import threading
import tracemalloc
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

from gstream import Endpoint, Prompt, Settings, Target, Text, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.core.loopback import Connection, Loopback

    Script = Callable[[Connection], None]

KEY = "made-up-CANARY/7f+3a="
CANARY = "CANARY"
PACE_S = 0.01
PIECE = 65_536
PROMPT = Prompt("gemini-2.5-flash", (Turn("user", (Text("Hello"),)),))
SEVERAL = Prompt("gemini-2.5-flash", (Turn("user", (Text("Hello"),)),), settings=Settings(candidate_count=2))


def target(server: Loopback, **options: Any) -> Target:
    """Return where `server` is asked."""
    return Target(Endpoint("custom", base_url=server.base_url), KEY, **options)


def document(text: str = "x", **fields: Any) -> dict[str, Any]:
    """Return a response document with one text part."""
    return {"candidates": [{"content": {"parts": [{"text": text}]}}], **fields}


def event(value: Any) -> bytes:
    """Return a value as an event."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def for_ever(piece: bytes, *, lead: bytes = b"", extra: str = "") -> Script:
    """Return a script whose body is `lead`, and then `piece` again and again."""
    block = piece * max(1, PIECE // len(piece))

    def script(connection: Connection) -> None:
        connection.head(extra=extra)
        if lead:
            connection.chunk(lead)
        while True:  # until the client closes the connection
            connection.chunk(block)

    return script


def numbered(form: Callable[[int], bytes]) -> Script:
    """Return a script whose body is `form(0)`, `form(1)` and so on without end."""

    def script(connection: Connection) -> None:
        connection.head()
        numbers = count()
        while True:
            connection.chunk(b"".join(form(next(numbers)) for _ in range(1_000)))

    return script


def whole(body: bytes, *, status: int = 200, extra: str = "", size: int = PIECE) -> Script:
    """Return a script that answers with `body`, in HTTP chunks of `size` bytes."""

    def script(connection: Connection) -> None:
        connection.head(status, extra=extra)
        connection.chunk(*(body[start : start + size] for start in range(0, len(body), size)))
        connection.end()

    return script


def dripping(*pieces: bytes) -> Script:
    """Return a script that sends the pieces as they are, the last one again and again, a hundred a second."""

    def script(connection: Connection) -> None:
        pace = threading.Event()
        for piece in pieces[:-1]:
            connection.send(piece)
        while True:
            connection.send(pieces[-1])
            pace.wait(PACE_S)

    return script


@contextmanager
def memory() -> Iterator[Callable[[], int]]:
    """Give what tells the most memory, in bytes, that Python had taken at once since the block began."""
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    try:
        yield lambda: tracemalloc.get_traced_memory()[1] - before
    finally:
        if not running:
            tracemalloc.stop()

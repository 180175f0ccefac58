"""What a fault is: a value that says which of the steps from an answer to the socket goes otherwise, and how.

An answer is made of documents, which are framed as pieces, which are delivered. A fault may replace the answer as a
whole (`reply`), bend its documents (`documents`), frame them otherwise (`framing`), change the framed bytes (`pieces`),
or do something else to the connection (`delivery`). What it leaves alone stays as the model and the dialect made it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from gstream.emulator.errors import JsonObject

if TYPE_CHECKING:
    from gstream.emulator.delivery import Answer, Delivery
    from gstream.emulator.dialects import Reply
    from gstream.emulator.framing import Framing

__all__ = ["Documents", "Fault", "Kind", "Pieces"]

Kind: TypeAlias = Literal["answer", "incomplete", "error", "empty", "silence"]
"""What a client must make of it: the whole right answer all the same; a broken answer; an error in the server's own
words; no answer at all; a wait that only a limit of time ends."""

Documents: TypeAlias = Callable[[Sequence[JsonObject]], list[Any]]
"""The documents of the stream -> the JSON values that are sent instead."""

Pieces: TypeAlias = Callable[[Sequence[bytes]], list[bytes]]
"""What would be flushed, in order -> what is."""


@dataclass(frozen=True)
class Fault:
    """One way to behave badly."""

    summary: str
    """One sentence: what the client sees."""
    kind: Kind = "error"
    """What a client must make of it."""
    source: str = ""
    """Who does it: a section of the project's notes on the wire ("WIRE 2"), a gateway, recorded bytes."""
    reply: Reply | Answer | None = None
    """Sent instead of any answer; in its texts and headers the names of `Dialect` texts are filled in."""
    documents: Documents | None = None
    """Applied to the documents of an answer that would have been right."""
    framing: Framing | None = None
    """How they are framed, whatever the dialect; `None`: as the dialect does."""
    pieces: Pieces | None = None
    """Applied to the framed bytes."""
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers of the answer."""
    delivery: Delivery | None = None
    """What happens on the connection; `None`: everything is sent, and ends as it should."""

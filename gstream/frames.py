"""What the bytes of a response turn out to hold, and how they were framed; values without any reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

__all__ = ["LONGEST", "Document", "Done", "Excessive", "Frame", "Framing", "Malformed", "Stray"]

Framing: TypeAlias = Literal["sse", "json-array", "ndjson", "json-object", "text"]
"""How the documents were found in the bytes."""

Document: TypeAlias = dict[str, Any]
"""One JSON object of a response."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Bytes that claim to be JSON and are not, or are only the beginning of it."""

    text: str
    """The beginning of them, at most 2,000 characters."""
    why: str
    """What is wrong with them, as a clause."""
    cut: bool = False
    """Whether the value simply ends too early: the connection closed inside it."""


@dataclass(frozen=True, slots=True)
class Stray:
    """Text outside any document: an HTML page, `unexpected EOF`, a JSON string or number."""

    text: str
    """At most 2,000 characters of it."""


@dataclass(frozen=True, slots=True)
class Done:
    """`[DONE]`: the server says that nothing follows."""


@dataclass(frozen=True, slots=True)
class Excessive:
    """A document beyond a limit: too long, too deep, too many values."""

    why: str
    """Which limit, as a clause."""
    adjustable: bool = False
    """Whether it is the one that `Framer` is given."""


Frame: TypeAlias = Document | Malformed | Stray | Done | Excessive
"""What `Framer.feed` finds."""

LONGEST: Final = 67_108_864
"""Bytes of one document, if nothing else is said: 64 MiB, enough for 50 MB of media in base64."""

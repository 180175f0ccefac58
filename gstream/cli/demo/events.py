"""What a tool loop tells while it runs, the same from both frameworks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from gstream import Endpoint

__all__ = ["Called", "Event", "Loop", "Piece", "Place", "StepEnded"]


@dataclass(frozen=True)
class Place:
    """Where a loop asks."""

    endpoint: Endpoint
    """With the emulator's base URL."""
    model: str
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk as the framework gave it."""

    thoughts: str
    text: str


@dataclass(frozen=True, slots=True)
class StepEnded:
    """The end of one answer, tool calls or not."""

    finish_reason: str
    framing: str
    """As the decoder saw it in the bytes; empty: the framework does not tell."""
    input: int
    """Tokens read."""
    output: int
    """Tokens written, thoughts included."""


@dataclass(frozen=True, slots=True)
class Called:
    """A tool call and its result."""

    name: str
    arguments: Mapping[str, Any]
    result: str


Event: TypeAlias = Piece | StepEnded | Called

Loop: TypeAlias = "Callable[[Place], Iterator[Event]]"
"""A tool loop."""

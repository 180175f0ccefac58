"""Where a value stands in an answer."""

from __future__ import annotations

from typing import Final

__all__ = ["Place"]

_SHOWN: Final = 100
"""How many characters of a long place a sentence gives, of its beginning and of its end."""


class Place:
    """The keys and indices that lead to a value. One place is one object, so it may be a key.

    Args:
        above: the place of the list or object that holds it; `None`: it is the whole answer.
        step: its index or key there.
    """

    __slots__ = ("_below", "above", "step")

    def __init__(self, above: Place | None = None, step: str | int = "") -> None:
        self.above = above
        self.step = step
        self._below: dict[str | int, Place] = {}

    def below(self, step: str | int) -> Place:
        """Return the place of an item or property."""
        place = self._below.get(step)
        if place is None:
            place = self._below[step] = Place(self, step)
        return place

    def __str__(self) -> str:
        steps: list[str | int] = []
        place = self
        while place.above is not None:
            steps.append(place.step)
            place = place.above
        text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in reversed(steps))
        return text.removeprefix(".")

    def in_words(self) -> str:
        """Return it as the subject of a sentence; where it lies deep, only its beginning and its end."""
        text = str(self)
        if len(text) > 2 * _SHOWN:
            text = f"{text[:_SHOWN]}...{text[-_SHOWN:]}"
        return repr(text) if self.above else "The answer"

"""A text for a regular expression: one of the words at hand if it fits, else the shortest that can be built.

Knows what schemas use: literals, classes, groups, alternatives, repetitions, anchors; no references. Look-around is
passed over, and what was built is checked against it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["matching"]

_CLASSES: Final = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
_CONTROLS: Final = {"n": "\n", "t": "\t", "r": "\r"}
_MOST_EXTRA: Final = 64
_TRIED: Final = "a0A-_ .!~é中"
"""Characters tried for a class, until one fits."""


def matching(pattern: str, candidates: Iterable[str], least: int = 0, most: int = 2**31) -> str:
    """Return a text of `least` to `most` characters in which the pattern is found; an empty one if that is too hard."""
    try:
        compiled = re.compile(pattern)
    except re.error:
        return ""
    for candidate in candidates:
        if least <= len(candidate) <= most and compiled.search(candidate):
            return candidate
    for extra in range(min(least, _MOST_EXTRA) + 1):
        built = _Builder(pattern, extra).alternatives()
        if least <= len(built) <= most and compiled.search(built):
            return built
    return ""


@dataclass
class _Builder:
    pattern: str
    extra: int = 0
    """How often more than needed an atom is repeated, where it may be."""
    place: int = 0
    """Where it reads."""

    def alternatives(self) -> str:
        """Build the first alternative, and read over the others up to the end of the group."""
        first = self._sequence()
        while self._peek() == "|":
            self.place += 1
            self._sequence()
        return first

    def _peek(self) -> str:
        return self.pattern[self.place : self.place + 1]

    def _take(self) -> str:
        taken = self._peek()
        self.place += 1
        return taken

    def _sequence(self) -> str:
        result = ""
        while self._peek() not in {"", "|", ")"}:
            result += self._repeated(self._atom())
        return result

    def _atom(self) -> str:
        taken = self._take()
        if taken in "^$":
            return ""
        if taken == ".":
            return "a"
        if taken == "\\":
            return self._escaped(self._take())
        if taken == "[":
            return self._class()
        if taken != "(":
            return taken
        around = re.compile(r"\?<?[=!]").match(self.pattern, self.place)
        if around:
            self.place = around.end()
            self.alternatives()
            self.place += 1
            return ""
        opening = re.compile(r"\?(?::|P?<\w+>|[aiLmsux-]+:)").match(self.pattern, self.place)
        if opening:
            self.place = opening.end()
        inside = self.alternatives()
        self.place += 1
        return inside

    def _escaped(self, letter: str) -> str:
        if letter in "bBAZ":
            return ""
        return _CLASSES.get(letter) or _CONTROLS.get(letter) or letter

    def _class(self) -> str:
        start = self.place - 1
        if self._peek() == "^":
            self.place += 1
        if self._peek() == "]":
            self.place += 1
        while self._peek() not in {"]", ""}:
            self.place += 2 if self._peek() == "\\" else 1
        self.place += 1
        source = self.pattern[start : self.place]
        members = [*_TRIED, *source.strip("[]^"), *map(chr, range(33, 127))]
        return next((one for one in members if re.fullmatch(source, one)), "")

    def _repeated(self, atom: str) -> str:
        counted = re.compile(r"\{(\d*)(,?)(\d*)\}").match(self.pattern, self.place)
        if self._peek() in {"*", "?", "+"}:
            sign = self._take()
            least, most = int(sign == "+"), 1 if sign == "?" else 2**31
        elif counted:
            least = int(counted[1] or 0)
            most = int(counted[3] or 2**31) if counted[2] else least
            self.place = counted.end()
        else:
            return atom
        if self._peek() in {"?", "+"}:
            self.place += 1
        return atom * min(least + self.extra, most)

"""JSON in the text of an answer: whole values once it ended, the value so far while it grows. Pure.

Models put JSON between prose and fences of code. A value begins where an object with a key, an empty object or a list
of objects begins; braces in prose ("the set {a, b}") do not. A value that has begun must end: nothing inside a cut one
is ever taken for the answer, and nothing is ever closed on the model's behalf except in what is shown as growing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

__all__ = ["Found", "GrowingJson", "values_in"]

JsonValue: TypeAlias = Any
"""As `json.loads` returns it."""

_BEGIN: Final = re.compile(r'\{\s*(?:"[^"\\]*(?:\\.[^"\\]*)*"\s*:|\})|\[\s*\{', re.DOTALL)
_FENCED: Final = re.compile(r"\s*```[\w-]*[ \t]*\n(.*?)\n?[ \t]*```\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """What a whole text holds."""

    values: tuple[JsonValue, ...]
    """The complete values, in order."""
    broken: str | None
    """What is wrong with the value behind them, as half a sentence; `None` if there is none."""


def values_in(text: str) -> Found:
    """Return the JSON values of a whole text.

    Args:
        text: JSON alone, in a fence of code, or objects among prose. Line breaks inside strings are let through, NaN
            and Infinity are not.
    """
    fenced = _FENCED.fullmatch(text)
    try:
        return Found((_DECODER.decode((fenced[1] if fenced else text).strip()),), None)
    except (ValueError, RecursionError):
        pass
    values: list[JsonValue] = []
    place = 0
    while (begin := _BEGIN.search(text, place)) is not None:
        try:
            value, place = _DECODER.raw_decode(text, begin.start())
        except json.JSONDecodeError as error:
            return Found(tuple(values), _broken(error, text))
        except (ValueError, RecursionError) as error:
            return Found(tuple(values), f"its JSON cannot be read ({str(error).splitlines()[0]})")
        values.append(value)
    return Found(tuple(values), None)


def _broken(error: json.JSONDecodeError, text: str) -> str:
    cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
    return "its JSON ends in the middle" if cut else f"its JSON is broken ({error.msg} at character {error.pos})"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_DECODER: Final = json.JSONDecoder(strict=False, parse_constant=_no_constant)


class GrowingJson:
    """The first value of a text that grows: `feed` it the text so far."""

    def __init__(self) -> None:
        self._place: int | None = None
        """Where the next token begins; `None` before the value has begun."""
        self._begin = 0
        self._closers: list[str] = []
        """What would close the open containers, outermost first."""
        self._key = False
        """Whether the next string is a key."""
        self._whole = ""
        """The value up to where it can be closed, and what closes it."""
        self._closed = ""
        self._last: JsonValue = None

    def feed(self, text: str) -> JsonValue | None:
        """Return the value so far, open strings and containers closed; `None` if it says nothing new.

        A key without its value, a number or a word at the very end is left out: it may still grow.

        Args:
            text: all of the text so far.
        """
        if self._place is None:
            begin = _BEGIN.search(text)
            if begin is None:
                return None
            self._begin = self._place = begin.start()
        closed = self._read(text, self._place) or self._whole
        if closed == self._closed:
            return None
        self._closed = closed
        try:
            value = _DECODER.decode(closed)
        except (ValueError, RecursionError):
            return None
        if not value or value == self._last:
            return None
        self._last = value
        return value

    def _read(self, text: str, place: int) -> str:
        """Go on over the tokens that are whole; return the value with a string closed that is not, else empty."""
        while (self._closers or place == self._begin) and (token := _TOKEN.match(text, place)) is not None:
            word, end = token[1], token.end(1)
            if word[0] not in '"{}[],:' and end == len(text):
                break
            self._take(word)
            place = end
            if word not in ",:" and not (word[0] == '"' and self._key):
                self._whole = text[self._begin : place] + self._closing()
            self._key = self._closers[-1:] == ["}"] and word in "{,"
        self._place = place
        string = _OPEN_STRING.match(text, place)
        if string is None or self._key or not self._closers:
            return ""
        return f'{text[self._begin : string.start(1)]}{_HALF_PAIR.sub("", string[1])}"{self._closing()}'

    def _take(self, word: str) -> None:
        if word in "{[":
            self._closers.append("}" if word == "{" else "]")
        elif word in "}]":
            self._closers.pop()

    def _closing(self) -> str:
        return "".join(reversed(self._closers))


_TOKEN: Final = re.compile(r'\s*("[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s"{}\[\],:]+)', re.DOTALL)
_OPEN_STRING: Final = re.compile(r'\s*("[^"\\]*(?:\\(?:u[0-9a-fA-F]{4}|[^u])[^"\\]*)*)', re.DOTALL)
"""A string that is not closed yet, up to an escape that is not whole."""
_HALF_PAIR: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}$")

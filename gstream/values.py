"""Text and bytes in, JSON values out: one after another, however they are cut, and within limits.

What is no value (text between values) is told as such; who knows whether bytes are events is `framing`.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Final

from gstream.frames import LONGEST, Done, Excessive, Malformed, Stray

if TYPE_CHECKING:
    from gstream.frames import Frame, Framing

__all__ = ["SHOWN", "Values", "one_value", "too_long"]

SHOWN: Final = 2_000
_DEEPEST: Final = 128
"""Levels of nesting in one document. Python's own JSON reader and writer, and everybody who walks a value by recursion,
end somewhere between 300 and 1,000, depending on what called them."""
_SHALLOW: Final = 512
"""Characters of a document that is not looked at for its depth, so that the usual one costs nothing; as each level is
two characters, it is 256 levels deep at most."""
_BOTTOM: Final = _SHALLOW // 2
"""Levels of a value behind which its end need not be awaited."""
_LARGE: Final = 4_194_304
"""Characters of a document from which on its values are counted before it is parsed."""
_MOST_VALUES: Final = 2_000_000
_BRACKETS: Final = "{["
"""What opens a level."""
_RARE: Final = 16
"""Occurrences of a character up to which each is looked for, and behind which the rest are counted."""
_SMALL: Final = 512
"""Bytes of a piece that is joined with the one before it: each piece that is kept costs some fifty bytes more."""

_decode = json.JSONDecoder(strict=False).decode
_scan = json.JSONDecoder(strict=False).raw_decode
"""Not strict: a raw control character inside a string is survived (its meaning is not in doubt)."""


_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
"""The inside of a string up to its closing quote, the end of the text, or a last lone backslash."""
_BETWEEN = re.compile(r'[^"{}\[\]]*+')
"""What can stand between strings and brackets."""
_SEPARATORS = re.compile(r"[\s,\[\]\x1e\ufeff]*")
"""What may stand between values at the top: an array's own characters, white space, the record mark of RFC 7464."""
_STRAY = re.compile(r"[^\n\r{\[\],]*")
"""Text between values, up to the end of its line or the next value."""
_ESCAPED = re.compile("[\udc80-\udcff]")
"""A byte that was no UTF-8, as `surrogateescape` leaves it."""


class _Value:
    """One JSON value that arrives in pieces; the pieces are joined once, when its last bracket came."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._depth = 0
        self._string = False
        self._escaped = False

    def excess(self, longest: int) -> Excessive | None:
        """Return which limit the value has reached before its end."""
        if self._depth > _BOTTOM:
            return _TOO_DEEP
        return too_long(longest) if self._length > longest else None

    @property
    def begun(self) -> bool:
        return bool(self._pieces)

    def take(self, text: str, start: int = 0) -> int:
        """Add `text` from `start` to the value's end and return where that is; -1 if the end is not in `text`."""
        position, end = start, len(text)
        if self._escaped and position < end:
            self._escaped, position = False, position + 1
        while position < end:
            position = _end(_STRING if self._string else _BETWEEN, text, position)
            if position == end:
                break
            character = text[position]
            position += 1
            if self._string:
                self._string = character != '"'
                self._escaped = character == "\\"
            elif character == '"':
                self._string = True
            elif character in "{[":
                self._depth += 1
                if self._depth > _BOTTOM:
                    break
            else:
                self._depth -= 1
                if self._depth <= 0:
                    self._keep(text[start:position])
                    return position
        self._keep(text[start:])
        return -1

    def _keep(self, piece: str) -> None:
        self._length += len(piece)
        if len(piece) < _SMALL and self._pieces and len(self._pieces[-1]) < _SMALL:
            self._pieces[-1] += piece
        else:
            self._pieces.append(piece)

    def finish(self) -> str:
        """Return the value's text and forget it."""
        text = "".join(self._pieces)
        self.__init__()  # type: ignore[misc]  # back to the first state, by the one definition of it
        return text


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


_TOO_DEEP: Final = Excessive(f"it is nested more than {_DEEPEST} levels deep")
_TOO_MANY: Final = Excessive(f"it holds more than {_MOST_VALUES:,} values")


def too_long(longest: int) -> Excessive:
    """Return what tells of a document of more than `longest` bytes."""
    return Excessive(f"one event or document is longer than {longest:,} bytes", adjustable=True)


def _count(text: str, characters: str, start: int, end: int) -> int:
    """Return how often any of `characters` stands in `text` between `start` and `end`.

    What is rare is looked for, which is fifteen times as fast as counting: a large document is mostly base64.
    """
    count = 0
    for character in characters:
        place = start
        for _ in range(_RARE):
            place = text.find(character, place, end) + 1
            if not place:
                break
            count += 1
        else:
            count += text.count(character, place, end)
    return count


def _has_too_many(text: str, brackets: int) -> bool:
    """Return whether a document with so many brackets holds too many values; commas in texts count too."""
    return len(text) > _LARGE and brackets + _count(text, ",", 0, len(text)) > _MOST_VALUES


def _is_deep(value: object) -> bool:
    """Return whether a parsed value is nested too deeply."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True


def _parse(text: str) -> list[Frame]:
    """Return the frames of one whole value's text."""
    try:
        if not text.isascii() and (found := _ESCAPED.search(text)):
            return [Malformed(_printable(text), f"byte {ord(found[0]) - 0xDC00:#x} is no UTF-8")]
        brackets = _count(text, _BRACKETS, 0, len(text)) if len(text) > _SHALLOW else 0
        if brackets and _has_too_many(text, brackets):
            return [_TOO_MANY]
        value = _decode(text)
        return [_TOO_DEEP] if brackets > _DEEPEST and _is_deep(value) else _frames(value)
    except RecursionError:
        return [_TOO_DEEP]
    except ValueError as error:
        return [Malformed(_printable(text), str(error))]


def _printable(text: str) -> str:
    return text[:SHOWN].encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _frames(value: object) -> list[Frame]:
    """Return the documents of a parsed value: arrays, also nested ones, are opened."""
    frames: list[Frame] = []
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            frames.append(item)
        elif isinstance(item, list):
            pending.extend(reversed(item))
        elif item is not None:
            frames.append(Stray(item[:SHOWN] if isinstance(item, str) else json.dumps(item)))
    return frames


class Values:
    """JSON values one after another.

    Args:
        longest: characters of one.
        inside: whether they stand inside an event already, so that they cannot turn out to be events.
    """

    def __init__(self, longest: int = LONGEST, *, inside: bool = False) -> None:
        self._longest = longest
        self.framing: Framing = "json-object"
        self.events: bytes | None = None
        """The rest of the bytes, once they turn out to be server-sent events after all."""
        self._inside = inside
        self._value = _Value()
        self._count = 0
        self._word: str | None = None
        """Text between values whose end has not come yet."""
        # Bytes that are no UTF-8 become lone surrogates here, which no JSON text holds, and turn back when encoded.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    @property
    def begun(self) -> bool:
        """Whether a value has begun and not ended."""
        return self._value.begun

    def drop(self) -> str:
        """Return the beginning of the unfinished value and forget it."""
        return _printable(self._value.finish())

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that `data` completes; it may be cut anywhere."""
        frames: list[Frame] = []
        text, position = self._decoder.decode(data), 0
        if self._value.begun:
            position = self._value.take(text)
            if position < 0:
                self._unfinished(frames)
                return frames
            self._finished(frames)
            self._counted()
        self._scan(text, position, frames)
        return frames

    def close(self) -> list[Frame]:
        """Return what the end completes, and a value without its end as `Malformed`."""
        frames: list[Frame] = []
        rest = self._decoder.decode(b"", final=True)
        if self._word is not None:
            self._word += rest
            self._end_word("", 0, frames)
        if self._value.begun:
            self._value.take(rest)
            frames += [
                Malformed(frame.text, frame.why, cut=True) if isinstance(frame, Malformed) else frame
                for frame in _parse(self._value.finish())
            ]
        return frames

    def _scan(self, text: str, position: int, frames: list[Frame]) -> None:
        """Take whole values out of `text` (fast: one parse each); begin a `_Value` with what is not whole."""
        while self.events is None:
            if self._word is None:
                start, position = position, _end(_SEPARATORS, text, position)
                if not self._count and "[" in text[start:position]:
                    self.framing = "json-array"
            if position == len(text):
                return
            if self._word is not None or text[position] != "{":
                position = self._between(text, position, frames)
                continue
            try:
                value, end = _scan(text, position)
            except (ValueError, RecursionError):
                end = self._value.take(text, position)
                if end < 0:
                    self._unfinished(frames)
                    return
                self._finished(frames)  # whole, so it is broken
            else:
                escaped = not text.isascii() and _ESCAPED.search(text, position, end)
                excess = end - position > _SHALLOW and self._excess(text, position, end, value)
                frames += [excess] if excess else _parse(text[position:end]) if escaped else _frames(value)
            position = end
            self._counted()

    def _unfinished(self, frames: list[Frame]) -> None:
        """End a value here that has reached a limit."""
        if (excess := self._value.excess(self._longest)) is not None:
            self._value.finish()
            frames.append(excess)

    def _finished(self, frames: list[Frame]) -> None:
        """Take the value whose last bracket came."""
        excess = self._value.excess(self._longest)
        text = self._value.finish()
        frames += _parse(text) if excess is None else [excess]

    def _excess(self, text: str, start: int, end: int, value: object) -> Excessive | None:
        """Return which limit a parsed value has passed that stands in `text` from `start` to `end`."""
        if end - start > self._longest:
            return too_long(self._longest)
        return _TOO_DEEP if _count(text, _BRACKETS, start, end) > _DEEPEST and _is_deep(value) else None

    def _between(self, text: str, position: int, frames: list[Frame]) -> int:
        """Take text that is no value, and return where it ends."""
        end = max(_end(_STRAY, text, position), position + (self._word is None))
        self._word = ((self._word or "") + text[position:end])[: SHOWN * 2]
        if end < len(text):
            self._end_word(text, end, frames)
        return end

    def _counted(self) -> None:
        self._count += 1
        if self._count > 1 and self.framing == "json-object":
            self.framing = "ndjson"

    def _end_word(self, text: str, end: int, frames: list[Frame]) -> None:
        """Decide what the text between values is that ends at `end` of `text`."""
        word, self._word = (self._word or "").strip(), None
        if not self._inside and word.startswith(("data:", "event:", "id:", "retry:", ":")):
            self.events = f"{word}{text[end:]}".encode("utf-8", "surrogateescape") + self._decoder.getstate()[0]
        elif word == "DONE":
            frames.append(Done())
        elif word not in {"", "null"}:
            frames.append(Stray(_printable(word)))


def one_value(text: str, start: int = 0) -> list[Frame] | None:
    """Return the frames of a text that is one whole value; `None` if it is not whole, or more than one.

    Args:
        text: the value, perhaps between white space.
        start: how many characters of the text stand before it.
    """
    while text[start : start + 1].isspace():
        start += 1
    brackets = _count(text, _BRACKETS, start, len(text)) if len(text) > _SHALLOW else 0
    if brackets and _has_too_many(text, brackets):
        return [_TOO_MANY]
    try:
        value, end = _scan(text, start)
    except (ValueError, RecursionError):
        return None
    if end != len(text) and text[end:].strip():
        return None
    if brackets > _DEEPEST and _is_deep(value):
        return [_TOO_DEEP]
    return [value] if type(value) is dict else _frames(value)

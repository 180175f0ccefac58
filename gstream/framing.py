r"""Bytes in, JSON documents out: server-sent events, a JSON array, NDJSON or one object, told apart by their bytes.

Headers are never asked: resellers label arrays as event streams and the reverse. Nothing here knows what a document
means; `decoder` does.

The rules, in the order they decide:

1. Lines end at CR, LF or CRLF and nowhere else. U+2028, U+2029 and U+0085 are ordinary characters of a JSON string.
2. A body that begins with `{` or `[` is JSON values one after another (`[`, `,` and `]` between them are skipped, which
   makes an array, NDJSON and one object the same thing). Anything else is read line by line as server-sent events.
3. An event's data is taken as soon as it is a whole JSON value, so events that no blank line separates stay apart; data
   that is not whole yet is continued by the next line, whether or not that line says `data:` (a gateway that writes raw
   line breaks into a string is survived this way, and so is a bare, pretty-printed error in mid-stream).
4. The cost is linear in the bytes however they are cut: the first piece of an unfinished value is tried once and then
   scanned, every further one only scanned.
5. What one document may cost is limited, whoever sends it: its length (`Framer(longest=...)`), its nesting (128 levels
   in more than 512 characters; Google's own JSON reader takes 100), and from 4 MiB on its values (two million), as an
   empty object is three bytes of JSON and seventy of memory. Beyond that it is `Excessive`, and nothing of it is kept.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

__all__ = ["LONGEST", "Document", "Done", "Excessive", "Frame", "Framer", "Framing", "Malformed", "Stray"]

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

_LF, _CR = b"\n\r"
_SHOWN: Final = 2_000
_TEXT_LIMIT: Final = 65_536
"""Bytes of a body that is no JSON which are kept to be shown; the rest is read and dropped."""

LONGEST: Final = 67_108_864
"""Bytes of one document, if nothing else is said: 64 MiB, enough for 50 MB of media in base64."""
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
_SMALL: Final = 512
"""Bytes of a piece that is joined with the one before it: each piece that is kept costs some fifty bytes more."""

_decode = json.JSONDecoder(strict=False).decode
_scan = json.JSONDecoder(strict=False).raw_decode
"""Not strict: a raw control character inside a string is survived (its meaning is not in doubt)."""


def _shown(data: bytes) -> str:
    return data[: _SHOWN * 4].decode("utf-8", "replace")[:_SHOWN]


class Framer:
    """The framing state of one response body.

    `feed(bytes)` returns what became complete, `close()` what the end of the body completes or leaves broken. Behind an
    `Excessive` frame nothing that follows means anything.

    Args:
        longest: bytes of one line, and characters of one JSON value.
    """

    def __init__(self, *, longest: int = LONGEST) -> None:
        self._longest = longest
        self.framing: Framing | None = None
        """How the body is framed, once enough bytes came to tell; `None` before."""
        self._reader: _Lines | _Values | _Page | None = None
        self._start = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that `data` completes. `data` may be cut anywhere, also inside a character."""
        if self._reader is None:
            data = self._sniff(data)
            if self._reader is None:
                return []
        frames = self._reader.feed(data)
        if isinstance(self._reader, _Values):
            self.framing = self._reader.framing
            if (rest := self._reader.events) is not None:
                self.framing, self._reader = "sse", _Lines(self._longest)
                frames += self._reader.feed(rest)
        return frames

    def close(self) -> list[Frame]:
        """Return what the end of the body completes (a last line without its end), or a cut value as `Malformed`."""
        if self._reader is None:
            return [] if not self._start.strip() else [Stray(_shown(self._start))]
        frames = self._reader.close()
        if isinstance(self._reader, _Values):
            self.framing = self._reader.framing
        return frames

    def _sniff(self, data: bytes) -> bytes:
        """Choose the reader by the first byte that is neither white space nor part of a byte order mark."""
        data = self._start + data
        mark = b"\xef\xbb\xbf"
        if data.startswith(mark):
            data = data[len(mark) :]
        elif mark.startswith(data[:3]):
            self._start = data
            return b""
        lead = data.lstrip()
        if not lead:
            self._start = b""
            return b""
        if lead[:1] in {b"{", b"["}:
            self._reader = _Values(self._longest)
            return lead
        if lead[:1] == b"<":
            self.framing, self._reader = "text", _Page()
        else:
            self.framing, self._reader = "sse", _Lines(self._longest)
        return lead


class _Page:
    """A body that is a page: its beginning is kept so that its title can be shown."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        self._kept += data[: _TEXT_LIMIT - len(self._kept)]
        return []

    def close(self) -> list[Frame]:
        return [Stray(bytes(self._kept).decode("utf-8", "replace"))]


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
        return _too_long(longest) if self._length > longest else None

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


def _too_long(longest: int) -> Excessive:
    return Excessive(f"one event or document is longer than {longest:,} bytes", adjustable=True)


def _has_too_many(text: str) -> bool:
    """Return whether a document of more than `_LARGE` characters holds too many values; commas in texts count too."""
    return text.count(",") + text.count("{") + text.count("[") > _MOST_VALUES


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
        if found := _ESCAPED.search(text):
            return [Malformed(_printable(text), f"byte {ord(found[0]) - 0xDC00:#x} is no UTF-8")]
        if len(text) > _LARGE and _has_too_many(text):
            return [_TOO_MANY]
        value = _decode(text)
        return [_TOO_DEEP] if len(text) > _SHALLOW and _is_deep(value) else _frames(value)
    except RecursionError:
        return [_TOO_DEEP]
    except ValueError as error:
        return [Malformed(_printable(text), str(error))]


def _printable(text: str) -> str:
    return text[:_SHOWN].encode("utf-8", "surrogateescape").decode("utf-8", "replace")


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
            frames.append(Stray(item[:_SHOWN] if isinstance(item, str) else json.dumps(item)))
    return frames


class _Values:
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
                escaped = _ESCAPED.search(text, position, end)
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
            return _too_long(self._longest)
        brackets = text.count("{", start, end) + text.count("[", start, end)
        return _TOO_DEEP if brackets > _DEEPEST and _is_deep(value) else None

    def _between(self, text: str, position: int, frames: list[Frame]) -> int:
        """Take text that is no value, and return where it ends."""
        end = max(_end(_STRAY, text, position), position + (self._word is None))
        self._word = ((self._word or "") + text[position:end])[: _SHOWN * 2]
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


_KNOWN: Final = (b"event:", b"id:", b"retry:", b":")
"""Fields whose values say nothing here, and comments."""
_FIELD = re.compile(rb"[A-Za-z][\w-]*(?::|$)")
"""A field the standard does not know and says to ignore; kept as words in case that no answer comes."""


class _Lines:
    """Server-sent events, read by line."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._line: list[bytes] = []
        self._length = 0
        """Bytes of the line that has not ended."""
        self._after_cr = False
        self._values = _Values(longest, inside=True)
        """What is no whole value by itself: it goes on in further lines."""
        self._open = False
        """Whether such a value has begun and not ended."""
        self._gap = False
        """Whether a blank line came inside it."""

    def feed(self, data: bytes) -> list[Frame]:
        if self._after_cr and data:
            self._after_cr = False
            if data[0] == _LF:
                data = data[1:]
        frames: list[Frame] = []
        if b"\n" not in data and b"\r" not in data:
            if data:
                self._unfinished(data, frames)
            return frames
        if self._line:
            self._line.append(data)
            data = b"".join(self._line)
            self._line.clear()
            self._length = 0
        lines = data.splitlines()  # of bytes: at CR, LF and CRLF only
        last = data[-1]
        rest = lines.pop() if last not in {_LF, _CR} else b""
        self._after_cr = last == _CR
        large = len(data) > self._longest
        for line in lines:
            if large and len(line) > self._longest:
                frames.append(_too_long(self._longest))
                return frames
            if line or self._open:
                self._take(line, frames)
        if rest:
            self._unfinished(rest, frames)
        return frames

    def _unfinished(self, data: bytes, frames: list[Frame]) -> None:
        """Keep a piece of a line whose end has not come."""
        self._length += len(data)
        if self._length > self._longest:
            self._line.clear()
            frames.append(_too_long(self._longest))
        elif len(data) < _SMALL and self._line and len(self._line[-1]) < _SMALL:
            self._line[-1] += data
        else:
            self._line.append(data)

    def close(self) -> list[Frame]:
        frames: list[Frame] = []
        if self._line:
            line = b"".join(self._line)
            self._line.clear()
            self._take(line, frames)
        if self._open:
            frames.append(Malformed(self._values.drop(), "the connection ended inside it", cut=True))
        return frames

    def _take(self, line: bytes, frames: list[Frame]) -> None:
        if line[:5] == b"data:":
            if self._open and not self._gap:
                self._more(line[5:], frames)
            else:
                self._event(line[5:], frames)
        elif not line:
            self._gap = True
            self._more(line, frames)
        elif line.startswith(_KNOWN):
            pass
        elif self._open or not _FIELD.match(line):
            self._more(line, frames)
        else:
            frames.append(Stray(_shown(line)))

    def _event(self, payload: bytes, frames: list[Frame]) -> None:
        """Take the first line of an event."""
        try:
            text = payload.strip().decode("utf-8")
            if len(text) > _LARGE and _has_too_many(text):
                frames.append(_TOO_MANY)
                return
            value, end = _scan(text)
        except (ValueError, RecursionError):
            end = -1
        if end < 0 or end != len(text):  # not whole, or more than one value
            self._more(payload, frames)
            return
        if self._open:  # a new event follows one that was never finished
            frames.append(Malformed(self._values.drop(), "the event ends inside it"))
            self._open = False
        self._gap = False
        if end > _SHALLOW and text.count("{") + text.count("[") > _DEEPEST and _is_deep(value):
            frames.append(_TOO_DEEP)
        elif type(value) is dict:
            frames.append(value)
        else:
            frames += _frames(value)

    def _more(self, line: bytes, frames: list[Frame]) -> None:
        """Take what is no whole value, or a line that is no field at all."""
        frames += self._values.feed(line + b"\n")
        self._open = self._values.begun
        self._gap = self._gap and self._open

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
4. The cost is linear in the bytes however they are cut: no byte of an unfinished value is looked at twice.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

__all__ = ["Document", "Done", "Frame", "Framer", "Framing", "Malformed", "Stray"]

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


Frame: TypeAlias = Document | Malformed | Stray | Done
"""What `Framer.feed` finds."""

_LF, _CR, _QUOTE, _BACKSLASH = b'\n\r"\\'
_SHOWN: Final = 2_000
_TEXT_LIMIT: Final = 65_536
"""Bytes of a body that is no JSON which are kept to be shown; the rest is read and dropped."""

_decode = json.JSONDecoder(strict=False).decode
_scan = json.JSONDecoder(strict=False).raw_decode
"""Not strict: a raw control character inside a string is survived (its meaning is not in doubt)."""


def _shown(data: bytes) -> str:
    return data[: _SHOWN * 4].decode("utf-8", "replace")[:_SHOWN]


class Framer:
    """The framing state of one response body.

    `feed(bytes)` returns what became complete, `close()` what the end of the body completes or leaves broken.
    """

    def __init__(self) -> None:
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
                self.framing, self._reader = "sse", _Lines()
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
            self._reader = _Values()
            return lead
        if lead[:1] == b"<":
            self.framing, self._reader = "text", _Page()
        else:
            self.framing, self._reader = "sse", _Lines()
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


_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
"""The inside of a string up to its closing quote, the end of the bytes, or a last lone backslash."""
_BETWEEN = re.compile(rb'[^"{}\[\]]*+')
"""What can stand between strings and brackets."""
_SEPARATORS = re.compile(r"[\s,\[\]\x1e\ufeff]*")
"""What may stand between values at the top: an array's own characters, white space, the record mark of RFC 7464."""
_STRAY = re.compile(r"[^\n\r{\[\],]*")


class _Value:
    """One JSON value that arrives in pieces; the pieces are joined once, when its last bracket came."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._depth = 0
        self._string = False
        self._escaped = False

    @property
    def begun(self) -> bool:
        return bool(self._pieces)

    def take(self, data: bytes) -> int:
        """Add `data` up to the value's end and return how much of it that was; -1 if the end is not in `data`."""
        position, end = 0, len(data)
        if self._escaped and end:
            self._escaped, position = False, 1
        while position < end:
            match = (_STRING if self._string else _BETWEEN).match(data, position)
            position = match.end() if match else position
            if position == end:
                break
            byte = data[position]
            position += 1
            if self._string:
                self._string = byte != _QUOTE
                self._escaped = byte == _BACKSLASH
            elif byte == _QUOTE:
                self._string = True
            elif byte in b"{[":
                self._depth += 1
            else:
                self._depth -= 1
                if self._depth <= 0:
                    self._pieces.append(data[:position])
                    return position
        self._pieces.append(data)
        return -1

    def finish(self) -> bytes:
        """Return the value's bytes and forget them."""
        data = b"".join(self._pieces)
        self.__init__()  # type: ignore[misc]  # back to the first state, by the one definition of it
        return data


def _parse(data: bytes) -> list[Frame]:
    """Return the frames of one whole value's bytes."""
    try:
        return _frames(_decode(data.decode("utf-8")))
    except UnicodeDecodeError as error:
        return [Malformed(_shown(data), f"it is not UTF-8: {error.reason} at byte {error.start}")]
    except RecursionError:
        return [Malformed(_shown(data), "it is nested too deeply")]
    except ValueError as error:
        return [Malformed(_shown(data), str(error))]


def _frames(value: object) -> list[Frame]:
    """Return the documents of a parsed value: arrays, also nested ones, are opened."""
    if isinstance(value, dict):
        return [value]
    if value is None:
        return []
    if isinstance(value, list):
        frames: list[Frame] = []
        pending = [value]
        while pending:
            for item in pending.pop(0):
                if isinstance(item, list):
                    pending.append(item)
                else:
                    frames += _frames(item)
        return frames
    return [Stray(value[:_SHOWN] if isinstance(value, str) else json.dumps(value))]


class _Values:
    """JSON values one after another."""

    def __init__(self) -> None:
        self.framing: Framing = "json-object"
        self.events: bytes | None = None
        """The rest of the bytes, once they turn out to be server-sent events after all."""
        self._value = _Value()
        self._count = 0
        self._closed = False

    def feed(self, data: bytes) -> list[Frame]:
        frames: list[Frame] = []
        if self._value.begun:
            end = self._value.take(data)
            if end < 0:
                return frames
            frames += _parse(self._value.finish())
            self._counted()
            data = data[end:]
        try:
            text, tail = data.decode("utf-8"), b""
        except UnicodeDecodeError as error:
            text, tail = data[: error.start].decode("utf-8"), data[error.start :]
        self._scan(text, tail, frames)
        return frames

    def close(self) -> list[Frame]:
        if not self._value.begun:
            return []
        frames = _parse(self._value.finish())
        return [
            Malformed(frame.text, frame.why, cut=True) if isinstance(frame, Malformed) else frame for frame in frames
        ]

    def _counted(self) -> None:
        self._count += 1
        if self._count > 1 and self.framing == "json-object":
            self.framing = "ndjson"

    def _scan(self, text: str, tail: bytes, frames: list[Frame]) -> None:
        """Take whole values out of `text` (fast: one parse each); begin a `_Value` with what is not whole."""
        position = 0
        while True:
            start = position
            position = _SEPARATORS.match(text, position).end()  # type: ignore[union-attr]  # it matches always
            if not self._count and "[" in text[start:position]:
                self.framing = "json-array"
            if position == len(text):
                if tail:  # the bytes after the text are no UTF-8 (yet): they belong to the next value
                    self._value.take(tail)
                return
            if text[position] != "{":
                if self._stray(text, position, tail, frames):
                    return
                position = max(position + 1, _STRAY.match(text, position).end())  # type: ignore[union-attr]
                continue
            try:
                value, position = _scan(text, position)
            except (ValueError, RecursionError):
                end = self._value.take(text[position:].encode("utf-8") + tail)
                if end < 0:
                    return
                rest = text[position:].encode("utf-8") + tail
                frames += _parse(self._value.finish())
                self._counted()
                frames += self.feed(rest[end:])
                return
            frames += _frames(value)
            self._counted()

    def _stray(self, text: str, position: int, tail: bytes, frames: list[Frame]) -> bool:
        """Decide what text between values is; return whether the rest is for the reader of events."""
        word = _STRAY.match(text, position).group().strip()  # type: ignore[union-attr]  # it matches always
        if word.startswith(("data:", "event:", "id:", "retry:", ":")):
            self.events = text[position:].encode("utf-8") + tail
            return True
        if word == "DONE":
            frames.append(Done())
        elif word not in {"", "null"}:
            frames.append(Stray(word[:_SHOWN]))
        return False


_IGNORED = re.compile(rb"(?:event|id|retry|[A-Za-z][\w-]*)(?::|$)")
"""Other fields of an event: the standard says to ignore the ones it does not know."""


class _Lines:
    """Server-sent events, read by line."""

    def __init__(self) -> None:
        self._line: list[bytes] = []
        self._after_cr = False
        self._value = _Value()
        self._gap = False
        """Whether a blank line came inside an unfinished value."""

    def feed(self, data: bytes) -> list[Frame]:
        if self._after_cr and data:
            self._after_cr = False
            if data[0] == _LF:
                data = data[1:]
        frames: list[Frame] = []
        if b"\n" not in data and b"\r" not in data:
            if data:
                self._line.append(data)
            return frames
        if self._line:
            self._line.append(data)
            data = b"".join(self._line)
            self._line.clear()
        lines = data.splitlines()  # of bytes: at CR, LF and CRLF only
        last = data[-1]
        if last not in {_LF, _CR}:
            self._line.append(lines.pop())
        self._after_cr = last == _CR
        for line in lines:
            self._take(line, frames)
        return frames

    def close(self) -> list[Frame]:
        frames: list[Frame] = []
        if self._line:
            line = b"".join(self._line)
            self._line.clear()
            self._take(line, frames)
        if self._value.begun:
            text = _shown(self._value.finish())
            frames.append(Malformed(text, "the connection ended inside it", cut=True))
        return frames

    def _take(self, line: bytes, frames: list[Frame]) -> None:
        if line[:5] == b"data:":
            self._data(line[5:], frames)
        elif not line:
            self._gap = self._value.begun
            if self._gap:
                self._continue(b"", frames)
        elif self._value.begun and not line.startswith((b"event:", b"id:", b"retry:", b":")):
            self._continue(line, frames)
        elif line[:1] != b":" and not _IGNORED.match(line):
            self._bare(line, frames)

    def _data(self, payload: bytes, frames: list[Frame]) -> None:
        if not self._value.begun or self._gap:
            try:
                value = _decode(payload.decode("utf-8"))
            except (ValueError, RecursionError):
                if not self._value.begun:
                    self._bare(payload, frames)
                    return
            else:
                if self._value.begun:  # a new event follows one that was never finished
                    frames.append(Malformed(_shown(self._value.finish()), "the event ends inside it"))
                self._gap = False
                if type(value) is dict:
                    frames.append(value)
                else:
                    frames += _frames(value)
                return
        self._continue(payload, frames)

    def _bare(self, line: bytes, frames: list[Frame]) -> None:
        """Take data that is no whole value, or a line that is no field at all."""
        text = line.strip()
        if text in {b"[DONE]", b"DONE"}:
            frames.append(Done())
        elif text[:1] in {b"{", b"["}:
            self._continue(text, frames)
        elif text:
            frames.append(Stray(_shown(text)))

    def _continue(self, line: bytes, frames: list[Frame]) -> None:
        end = self._value.take(line + b"\n")
        while end >= 0:
            self._gap = False
            frames += _parse(self._value.finish())
            line = line[end:].lstrip(b", \t")
            if line[:1] not in {b"{", b"["}:
                if line.strip():
                    self._bare(line, frames)
                return
            end = self._value.take(line + b"\n")

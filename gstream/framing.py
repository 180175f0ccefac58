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

import re
from typing import TYPE_CHECKING, Final

from gstream.frames import LONGEST, Malformed, Stray
from gstream.values import SHOWN, Values, one_value, too_long

if TYPE_CHECKING:
    from gstream.frames import Frame, Framing

__all__ = ["Framer"]

_LF, _CR = b"\n\r"
_TEXT_LIMIT: Final = 65_536
"""Bytes of a body that is no JSON which are kept to be shown; the rest is read and dropped."""


def _shown(data: bytes | bytearray) -> str:
    return data[: SHOWN * 4].decode("utf-8", "replace")[:SHOWN]


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
        self._reader: _Lines | Values | _Page | None = None
        self._start = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that `data` completes. `data` may be cut anywhere, also inside a character."""
        if self._reader is None:
            data = self._sniff(data)
            if self._reader is None:
                return []
        frames = self._reader.feed(data)
        if isinstance(self._reader, Values):
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
        if isinstance(self._reader, Values):
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
            self._reader = Values(self._longest)
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


_KNOWN: Final = (b"event:", b"id:", b"retry:", b":")
"""Fields whose values say nothing here, and comments."""
_FIELD = re.compile(rb"[A-Za-z][\w-]*(?::|$)")
"""A field the standard does not know and says to ignore; kept as words in case that no answer comes."""


class _Lines:
    """Server-sent events, read by line."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._line = bytearray()
        """The line that has not ended."""
        self._after_cr = False
        self._values = Values(longest, inside=True)
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
        if self._line:
            data = self._continued(data, frames)
        if not data:
            return frames
        lines = data.splitlines()  # of bytes: at CR, LF and CRLF only
        last, large = data[-1], len(data) > self._longest
        rest = lines.pop() if last not in {_LF, _CR} else b""
        self._after_cr = last == _CR
        for line in lines:
            if large and len(line) > self._longest:
                frames.append(too_long(self._longest))
                return frames
            if line or self._open:
                self._take(line, frames)
        if rest:
            self._unfinished(rest, frames)
        return frames

    def _continued(self, data: bytes, frames: list[Frame]) -> bytes:
        """Add `data` to the line that has not ended, take that if it ends there, and return what is behind it."""
        end = data.find(b"\n")
        if (before := data.find(b"\r", 0, end if end >= 0 else len(data))) >= 0:
            end = before
        if end < 0:
            self._unfinished(data, frames)
            return b""
        self._unfinished(data[:end], frames)
        if frames:
            return b""
        line, self._line = self._line, bytearray()
        self._take(line, frames)
        if data[end] == _CR:
            self._after_cr = end + 1 == len(data)
            end += data[end + 1 : end + 2] == b"\n"
        return data[end + 1 :]

    def _unfinished(self, data: bytes, frames: list[Frame]) -> None:
        """Keep a piece of a line whose end has not come."""
        if len(self._line) + len(data) > self._longest:
            self._line.clear()
            frames.append(too_long(self._longest))
        else:
            self._line += data

    def close(self) -> list[Frame]:
        frames: list[Frame] = []
        if self._line:
            line, self._line = self._line, bytearray()
            self._take(line, frames)
        if self._open:
            frames.append(Malformed(self._values.drop(), "the connection ended inside it", cut=True))
        return frames

    def _take(self, line: bytes | bytearray, frames: list[Frame]) -> None:
        if line[:5] == b"data:":
            if self._open and not self._gap:
                self._more(line[5:], frames)
            else:
                self._event(line, frames)
        elif not line:
            self._gap = True
            self._more(line, frames)
        elif line.startswith(_KNOWN):
            pass
        elif self._open or not _FIELD.match(line):
            self._more(line, frames)
        else:
            frames.append(Stray(_shown(line)))

    def _event(self, line: bytes | bytearray, frames: list[Frame]) -> None:
        """Take the first line of an event, `data:` included: a large one is not copied to cut that off."""
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            self._more(line[5:], frames)
            return
        if isinstance(line, bytearray):
            line.clear()  # a large event is held once less while it is read
        found = one_value(text, 5)
        if found is None:
            self._more(text[5:].encode("utf-8"), frames)
            return
        if self._open:  # a new event follows one that was never finished
            frames.append(Malformed(self._values.drop(), "the event ends inside it"))
            self._open = False
        self._gap = False
        frames += found

    def _more(self, line: bytes | bytearray, frames: list[Frame]) -> None:
        """Take what is no whole value, or a line that is no field at all."""
        frames += self._values.feed(b"".join((line, b"\n")))
        self._open = self._values.begun
        self._gap = self._gap and self._open

"""Content encodings removed, a bounded piece at a time; pure.

A kilobyte of gzip can stand for a megabyte, so what comes out of one read of a connection is never had at once: whoever
asks stops asking when it is enough. Only the encodings that requests ask for are known; a second one around the first,
which no gateway has a use for, is refused.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ACCEPTED", "Garbled", "Inflater", "coding_of"]

ACCEPTED: Final = "gzip, deflate"
"""What requests say of the encodings that are read (`Accept-Encoding`)."""
_PIECE: Final = 65_536
"""Bytes of one piece."""
_TRAILER: Final = 8
"""Bytes of gzip's checksum and length, which are read by themselves: zlib gives nothing of what it reads together with
a wrong checksum, and what came before that is right."""
_KNOWN: Final = frozenset({"gzip", "x-gzip", "deflate"})
_COMPRESSED: Final = frozenset({*_KNOWN, "br", "zstd", "compress", "x-compress", "dcb", "dcz"})
_GZIP: Final = b"\x1f\x8b"


class Garbled(ValueError):  # noqa: N818 - what a body is
    """A body that cannot be unpacked; its text says why, as a clause."""


def coding_of(header: str) -> str | None:
    """Return the one encoding that a `Content-Encoding` names; `None`: the bytes are what they are.

    Words that are no compression ("identity", "utf-8", "none") say nothing.

    Raises:
        Garbled: an encoding was not asked for, or several lie around each other.
    """
    named = [word for part in header.split(",") if (word := part.strip().lower()) in _COMPRESSED]
    if len(named) > 1:
        raise Garbled(f"{len(named)} encodings around each other, which was not asked for")
    if named and named[0] not in _KNOWN:
        raise Garbled(f"it is {named[0]!r}, which was not asked for")
    return named[0] if named else None


class Inflater:
    """Unpacks one body.

    Args:
        coding: "gzip" (several members are read as one) or "deflate" (with the header of RFC 1950 or, as some servers
            understand the word, without).
    """

    def __init__(self, coding: str) -> None:
        self._gzip = coding != "deflate"
        self._start = b""
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if self._gzip else None
        self._ended = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` unpacks to, in pieces of at most 64 KiB.

        Raises:
            Garbled: the bytes are not what the encoding says.
        """
        if len(data) > _TRAILER:
            yield from self._unpacked(data[:-_TRAILER])
        yield from self._unpacked(data[-_TRAILER:])

    def _unpacked(self, data: bytes) -> Iterator[bytes]:
        data = self._start + data
        self._start = b""
        while data or self._inflate is not None:
            inflate = self._inflate or self._next(data)
            if inflate is None:
                return
            self._inflate = inflate
            try:
                piece = inflate.decompress(data, _PIECE)
            except zlib.error as error:
                raise Garbled(str(error)) from None
            if piece:
                yield piece
            data = inflate.unconsumed_tail
            if inflate.eof:
                data, self._inflate, self._ended = inflate.unused_data, None, True
            elif not data and len(piece) < _PIECE:
                return

    def _next(self, data: bytes) -> zlib._Decompress | None:
        """Return what unpacks `data`, the start of a body or of a further member; `None`: nothing does (yet)."""
        if self._ended and not (self._gzip and _GZIP.startswith(data[:2])):
            return None  # padding behind the end
        if len(data) < len(_GZIP):
            self._start = data
            return None
        if self._gzip:
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        wrapped = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0  # RFC 1950, 2.2
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)

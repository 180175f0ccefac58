"""The picture and the document that are shown to a model, made here byte by byte, and what they show."""

from __future__ import annotations

import struct
import zlib
from typing import Final

__all__ = ["COLOUR", "WORD", "picture", "sheet"]

COLOUR: Final = "red"
"""What the picture is filled with."""
WORD: Final = "OBOE58"
"""What is printed on the sheet."""

_SIDE: Final = 64
"""Pixels of the picture's side."""


def picture() -> bytes:
    """Return a PNG that is one plain colour."""
    row = b"\x00" + b"\xe0\x10\x10" * _SIDE
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    body = (
        _piece(b"IHDR", header),
        _piece(b"IDAT", zlib.compress(row * _SIDE, 9)),
        _piece(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def _piece(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def sheet() -> bytes:
    """Return a PDF of one page with one line of text."""
    drawn = f"BT /F1 24 Tf 40 100 Td (The code word is {WORD}.) Tj ET".encode()
    font = b"<< /Font << /F1 5 0 R >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 200] /Contents 4 0 R /Resources %s >>" % font,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(body))
    )

"""Media: small real ones made from the words of a prompt, and a sentence about those that came in."""

from __future__ import annotations

import base64
import hashlib
import math
import struct
import zlib
from array import array
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gstream.emulator.errors import JsonObject

__all__ = ["described", "picture", "speech"]

_SIDE: Final = 32
"""Pixels of a picture's side."""
_RATE: Final = 24_000
"""Samples a second."""
_SECONDS: Final = 0.25
"""Length of each of the two audio blobs."""


def picture(words: str) -> JsonObject:
    """Return an `inlineData` part with a PNG: a gradient between two colours that the words decide."""
    seed = hashlib.sha256(words.encode()).digest()
    rows = bytearray()
    for y in range(_SIDE):
        rows.append(0)  # PNG filter type "none"
        for x in range(_SIDE):
            share = (x + y) / (2 * (_SIDE - 1))
            rows.extend(round(seed[i] * (1 - share) + seed[i + 3] * share) for i in range(3))
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows), 9))
    return _inline("image/png", png + _chunk(b"IEND", b""))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def speech(words: str) -> list[JsonObject]:
    """Return two `inlineData` parts with 16-bit PCM that belong together: a tone whose pitch the words decide."""
    pitch = 220 + hashlib.sha256(words.encode()).digest()[0] * 2
    count = int(_RATE * _SECONDS)
    samples = array("h", (int(8000 * math.sin(2 * math.pi * pitch * n / _RATE)) for n in range(2 * count)))
    raw = samples.tobytes()
    mime_type = f"audio/L16;codec=pcm;rate={_RATE}"
    return [_inline(mime_type, raw[: len(raw) // 2]), _inline(mime_type, raw[len(raw) // 2 :])]


def _inline(mime_type: str, content: bytes) -> JsonObject:
    return {"inlineData": {"mimeType": mime_type, "data": base64.b64encode(content).decode("ascii")}}


def described(part: JsonObject) -> str:
    """Return what an `inlineData` or `fileData` part is, e.g. `image/png (68 bytes)`; empty for other parts."""
    if "inlineData" in part:
        blob = part["inlineData"]
        data = blob.get("data", "").rstrip("=")
        return f"{blob['mimeType']} ({len(data) * 3 // 4} bytes)"
    if "fileData" in part:
        file = part["fileData"]
        return f"{file.get('mimeType', 'a file')} at {file.get('fileUri', 'an unknown place')}"
    return ""

"""Raw sound to a WAV file that anything plays, and back; pure.

Gemini's voices come as samples without a header (`audio/L16;codec=pcm;rate=24000`), of which nobody can tell the rate
by looking at them. The samples are 16 bits wide, low byte first, as ai.google.dev/gemini-api/docs/speech-generation
reads them, although RFC 2586 would have the high byte of `audio/L16` first.
"""

from __future__ import annotations

import re
import struct
from typing import Final

__all__ = ["WAV", "samples_of", "wav_of"]

WAV: Final = "audio/wav"
"""The media type of what `wav_of` returns."""
_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
_WIDTH: Final = 2
"""Bytes a sample."""
_RATE: Final = 24_000
"""Samples a second where the media type names none: what Gemini's voices speak at."""
_HIGHEST_RATE: Final = 768_000
_MOST_CHANNELS: Final = 255
"""Above these a number is no rate and no count of channels, and would not fit into the header."""


def wav_of(samples: bytes, mime_type: str) -> bytes:
    """Return a WAV file with `samples`, whose rate and channels `mime_type` names (else 24,000 a second and 1)."""
    rate = _parameter(mime_type, "rate", _RATE, _HIGHEST_RATE)
    channels = _parameter(mime_type, "channels", 1, _MOST_CHANNELS)
    frame = channels * _WIDTH
    size = len(samples)
    odd = size % 2  # a RIFF chunk of an odd length is followed by one byte that does not count
    header = _HEADER.pack(
        b"RIFF", _HEADER.size - 8 + size + odd, b"WAVE",
        b"fmt ", 16, 1, channels, rate, rate * frame, frame, _WIDTH * 8,
        b"data", size,
    )  # fmt: skip
    return b"".join((header, samples, b"\0" * odd))


def samples_of(file: bytes) -> bytes | None:
    """Return the samples in a file that `wav_of` made; `None` for any other file."""
    if len(file) < _HEADER.size or file[:4] != b"RIFF" or file[36:40] != b"data":
        return None
    size = int.from_bytes(file[40:44], "little")
    return file[_HEADER.size : _HEADER.size + size]


def _parameter(mime_type: str, name: str, default: int, most: int) -> int:
    """Return a parameter of a media type that is a number from 1 to `most`, else `default`."""
    found = re.search(rf";\s*{name}\s*=\s*\"?(\d{{1,9}})(?!\d)", mime_type, re.IGNORECASE)
    value = int(found[1]) if found else default
    return value if 1 <= value <= most else default

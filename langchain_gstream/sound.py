"""A part of raw sound in, the base64 of a WAV file out, and the part again out of its block."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from gstream import Blob
from gstream.parts import is_pcm
from gstream.sound import samples_of, wav_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["playable", "raw_sound"]


def playable(part: Blob) -> str | None:
    """Return the base64 of a WAV file with the part's sound; `None` if the part is no raw sound, or no base64."""
    if not is_pcm(part):
        return None
    try:
        content = part.content()
    except ValueError:
        return None
    return base64.b64encode(wav_of(content, part.mime_type)).decode("ascii")


def raw_sound(block: Mapping[str, Any]) -> Blob | None:
    """Return the part that an answer's audio block was made of by `playable`; `None` if it was not made so."""
    extras = block.get("extras")
    data = block.get("base64")
    if not isinstance(extras, dict) or not isinstance(mime_type := extras.get("mime_type"), str):
        return None
    try:
        content = base64.b64decode(data, validate=True) if isinstance(data, str) else b""
    except binascii.Error:
        return None
    if (samples := samples_of(content)) is None:
        return None
    signature, extra = extras.get("signature"), extras.get("part")
    encoded = base64.b64encode(samples).decode("ascii")
    return Blob(mime_type, encoded, extras.get("name"), bool(extras.get("thought")), signature, extra)

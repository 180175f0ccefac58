"""Media types: what the first bytes of a file, or the end of its name, say it is; pure."""

from __future__ import annotations

import base64
import binascii
from typing import Final

__all__ = ["type_by_name", "type_of_base64", "type_of_content"]

_ENDINGS: Final = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "heic": "image/heic", "heif": "image/heif", "pdf": "application/pdf", "txt": "text/plain", "md": "text/markdown",
    "csv": "text/csv", "html": "text/html", "json": "application/json", "wav": "audio/wav", "mp3": "audio/mp3",
    "m4a": "audio/mp4", "ogg": "audio/ogg", "flac": "audio/flac", "aac": "audio/aac", "aiff": "audio/aiff",
    "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "mpg": "video/mpeg", "mpeg": "video/mpeg",
}  # fmt: skip
"""What the end of a file's name says; the types are those of ai.google.dev/gemini-api/docs (vision, audio, video)."""
_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mp3"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/avi"}
_BRANDS: Final = {b"heic": "image/heic", b"mif1": "image/heif", b"M4A ": "audio/mp4", b"qt  ": "video/quicktime"}
_MPEG_AUDIO: Final = (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")


def type_of_content(head: bytes) -> str | None:
    """Return the media type that the first bytes of a file (12 are enough) show; `None` if they show none we know."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[:2] in _MPEG_AUDIO:
        return "audio/mp3"
    return next((mime for magic, mime in _MAGIC if head.startswith(magic)), None)


def type_of_base64(data: str) -> str | None:
    """Return as `type_of_content` does for base64 in either alphabet; `None` for what is no base64."""
    try:
        head = base64.b64decode(data[:32].translate({ord("-"): "+", ord("_"): "/"}).rstrip("=") + "===")
    except (ValueError, binascii.Error):
        return None
    return type_of_content(head)


def type_by_name(name: str | None) -> str | None:
    """Return the media type that the end of a file's name says; `None` if it says none we know."""
    return _ENDINGS.get(name.rsplit(".", 1)[-1].lower()) if name and "." in name else None

"""LangChain's many spellings of media in, `Blob` or `FileRef` out; pure: nothing is fetched here."""

from __future__ import annotations

import re
from typing import Any, Final

from gstream import Blob, FileRef, RequestError

__all__ = ["media_part"]

_DATA_URL = re.compile(r"data:(?P<mime>[^;,]*)(?:;[^,]*?)?(?P<base64>;base64)?,", re.IGNORECASE)
_KINDS: Final = {"image": "image/jpeg", "audio": "audio/wav", "video": "video/mp4", "file": "application/pdf"}
"""The media type of a block that names none."""


def media_part(block: dict[str, Any], where: str) -> Blob | FileRef | None:
    """Return the part of a media block; `None` if it is none.

    Understood: v1 and v0 blocks (`base64`, `data`, `url`, `file_id`), OpenAI's `image_url`, `input_audio` and `file`,
    Anthropic's `source`, and `media` with `data` or `file_uri`.

    Raises:
        RequestError: the block is media but holds none; `where` says which.
    """
    kind = str(block.get("type"))
    if kind == "image_url":
        url = block.get("image_url")
        return _located(url.get("url") if isinstance(url, dict) else url, None, block, where)
    if kind == "input_audio" and isinstance(audio := block.get("input_audio"), dict):
        return _inline(audio.get("data"), f"audio/{audio.get('format', 'wav')}", block, where)
    if kind == "media":
        mime = block.get("mime_type")
        uri = block.get("file_uri")
        return _located(uri, mime, block, where) if uri else _inline(block.get("data"), mime, block, where)
    if kind == "file" and isinstance(inner := block.get("file"), dict):
        place = inner.get("file_data") or inner.get("file_id")
        return _located(place, inner.get("mime_type"), {**block, "filename": inner.get("filename")}, where)
    if kind in {"image", "document"} and isinstance(source := block.get("source"), dict):
        mime = source.get("media_type") or _KINDS.get(kind, "application/pdf")
        if source.get("type") == "url":
            return _located(source.get("url"), None, block, where)
        return _inline(source.get("data"), mime, block, where)
    if kind not in _KINDS:
        return None
    mime = block.get("mime_type")
    data = block.get("base64") or block.get("data")
    if data is not None:
        return _inline(data, mime or _KINDS[kind], block, where)
    return _located(block.get("url") or block.get("file_id") or block.get("id"), mime, block, where)


def _inline(data: object, mime_type: str | None, block: dict[str, Any], where: str) -> Blob:
    extras = _extras(block)
    if isinstance(data, bytes):
        return Blob.of(data, mime_type or "application/octet-stream")
    if not isinstance(data, str) or not data:
        raise RequestError(f"{where} holds no data: give base64, a URL or a file id.")
    return Blob(
        mime_type or "application/octet-stream",
        data,
        extras.get("name"),
        bool(extras.get("thought")),
        extras.get("signature"),
        extras.get("part"),
    )


def _located(place: object, mime_type: str | None, block: dict[str, Any], where: str) -> Blob | FileRef:
    """Return media by where they lie: a data URL is opened, anything else is named to the endpoint."""
    if not isinstance(place, str) or not place:
        raise RequestError(f"{where} holds no data: give base64, a URL or a file id.")
    match = _DATA_URL.match(place)
    if match:
        if not match["base64"]:
            raise RequestError(f"{where} holds a data URL that is not base64.")
        return _inline(place[match.end() :], mime_type or match["mime"] or None, block, where)
    extras = _extras(block)
    return FileRef(place, mime_type, extras.get("name"), extras.get("signature"), extras.get("part"))


def _extras(block: dict[str, Any]) -> dict[str, Any]:
    extras = block.get("extras")
    return extras if isinstance(extras, dict) else {}

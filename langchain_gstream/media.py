"""LangChain's many spellings of media in, `Blob` or `FileRef` out; pure: nothing is fetched here."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes, urlsplit

from gstream import Blob, FileRef, RequestError
from gstream.media import type_by_name, type_of_base64

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["media_part"]

_DATA_URL = re.compile(r"data:(?P<mime>[^,]*?)(?P<base64>;base64)?,", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset=[^;]*", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_KINDS: Final = {
    "image": "image/jpeg",
    "audio": "audio/wav",
    "video": "video/mp4",
    "text-plain": "text/plain",
    "file": None,
}
"""The media type of a block that names none and whose data do not tell; of a file none can be supposed."""


def media_part(block: dict[str, Any], where: str) -> Blob | FileRef | None:
    """Return the part of a media block; `None` if it is none.

    Understood: v1 and v0 blocks (`base64`, `data`, `url`, `file_id`, `id`), OpenAI's `image_url`, `input_audio` and
    `file`, Anthropic's `source`, and `media` with `data` or `file_uri`, whose `video_metadata` and `media_resolution`
    go along. A media type that is missing is told from the data, then from the name.

    Raises:
        RequestError: the block is media but holds none; `where` says which.
    """
    kind = str(block.get("type"))
    if kind in {"image", "document"} and isinstance(source := block.get("source"), dict):
        return _sourced(source, block, where)
    if isinstance(inner := block.get(kind), str | dict) and kind in _NESTED:
        return _NESTED[kind](inner, block, where)
    if kind not in _KINDS and kind != "media":
        return None
    mime = block.get("mime_type")
    data = block.get("base64") or block.get("data")
    if data is not None:
        return _inline(data, mime, block, where)
    if url := block.get("url"):
        return _located(url, mime, block, where)
    known = block.get("id") if block.get("source_type") == "id" else None  # otherwise it is the id of the block itself
    return _named(block.get("file_uri") or block.get("file_id") or known, mime, block, where)


# -- other providers' shapes --------------------------------------------------------------------------------------


def _image_url(inner: str | dict[str, Any], block: dict[str, Any], where: str) -> Blob | FileRef:
    """OpenAI's image: `{"url": ...}`, or the URL alone."""
    return _located(inner.get("url") if isinstance(inner, dict) else inner, None, {**block, "type": "image"}, where)


def _input_audio(inner: str | dict[str, Any], block: dict[str, Any], where: str) -> Blob | FileRef:
    """OpenAI's sound: `{"data": base64, "format": "wav"}`."""
    audio = inner if isinstance(inner, dict) else {"data": inner}
    kind = audio.get("format")
    return _inline(audio.get("data"), f"audio/{kind}" if kind else None, {**block, "type": "audio"}, where)


def _openai_file(inner: str | dict[str, Any], block: dict[str, Any], where: str) -> Blob | FileRef:
    """OpenAI's file: `{"file_data": data URL or base64, "filename": ...}` or `{"file_id": ...}`."""
    file = inner if isinstance(inner, dict) else {"file_data": inner}
    named = {**block, "filename": file.get("filename")}
    mime = file.get("mime_type")
    data = file.get("file_data")
    if data is None:
        return _named(file.get("file_id"), mime, named, where)
    if isinstance(data, str) and _DATA_URL.match(data):
        return _located(data, mime, named, where)
    return _inline(data, mime, named, where)


_NESTED: Final[dict[str, Callable[[str | dict[str, Any], dict[str, Any], str], Blob | FileRef]]] = {
    "image_url": _image_url,
    "input_audio": _input_audio,
    "file": _openai_file,
}
"""OpenAI's blocks, which hold what they hold under the name of their type."""


def _sourced(source: dict[str, Any], block: dict[str, Any], where: str) -> Blob | FileRef:
    """Anthropic's image and document: a `source` of the type base64, url or file."""
    kind = "file" if block["type"] == "document" else "image"
    named = {**block, "type": kind, "filename": block.get("title")}
    mime = source.get("media_type")
    if source.get("url"):
        return _located(source["url"], mime, named, where)
    if source.get("file_id"):
        return _named(source["file_id"], mime, named, where)
    return _inline(source.get("data"), mime, named, where)


# -- data and places ----------------------------------------------------------------------------------------------


def _inline(data: object, mime_type: object, block: dict[str, Any], where: str) -> Blob:
    if isinstance(data, bytes):
        data = base64.b64encode(data).decode("ascii")
    if not isinstance(data, str) or not data:
        raise RequestError(f"{where} holds no data: give base64, a URL or a file id.")
    if "\n" in data or "\r" in data or " " in data:
        data = "".join(data.split())
    name = _name(block)
    extras = _extras(block)
    supposed = _KINDS.get(str(block.get("type")))
    mime = _worded(mime_type) or type_of_base64(data) or type_by_name(name) or supposed
    if not mime:
        raise RequestError(f"{where} holds data whose media type cannot be told: give mime_type='application/pdf', ...")
    return Blob(mime, data, name, bool(extras.get("thought")), extras.get("signature"), _extra(block, where))


def _located(place: object, mime_type: object, block: dict[str, Any], where: str) -> Blob | FileRef:
    """Return media by their URL.

    A data URL is opened; what lies on the web is fetched before the request, unless the endpoint reads it itself; any
    other URL goes to the endpoint as it is.
    """
    if not isinstance(place, str) or not place:
        raise RequestError(f"{where} holds no data: give base64, a URL or a file id.")
    if match := _DATA_URL.match(place):
        rest = place[match.end() :]
        data = rest if match["base64"] else unquote_to_bytes(rest)
        return _inline(data, _worded(mime_type) or _CHARSET.sub("", match["mime"]), block, where)
    if not _SCHEME.match(place):
        raise RequestError(
            f"{where} holds {place[:40]!r}, which is no URL: give one with https://, gs:// or data:, or the content "
            "itself as base64 with its mime_type."
        )
    found = _named(place, mime_type, block, where)
    if urlsplit(place).scheme.lower() not in _WEB:
        return found
    kind = str(block.get("type"))
    return replace(found, fetch=kind if kind in _FETCHED else "file")


_WEB: Final = ("http", "https")
_FETCHED: Final = ("image", "audio", "video")


def _named(place: object, mime_type: object, block: dict[str, Any], where: str) -> FileRef:
    """Return media that lie elsewhere: an address, or an id under which the endpoint keeps them."""
    if not isinstance(place, str) or not place:
        raise RequestError(f"{where} holds no data: give base64, a URL or a file id.")
    name = _name(block)
    mime = _worded(mime_type) or type_by_name(urlsplit(place).path if _SCHEME.match(place) else place)
    return FileRef(place, mime, name, _extras(block).get("signature"), _extra(block, where))


def _worded(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _extras(block: dict[str, Any]) -> dict[str, Any]:
    extras = block.get("extras")
    return extras if isinstance(extras, dict) else {}


def _name(block: dict[str, Any]) -> str | None:
    """Return the name under which a block's media are known, if any."""
    extras = _extras(block)
    return _worded(extras.get("name")) or _worded(block.get("filename")) or _worded(extras.get("filename"))


def _extra(block: dict[str, Any], where: str) -> dict[str, Any] | None:
    """Return what stands beside the media in the wire part: as it came, or what a caller's block says of the video."""
    extras = _extras(block)
    if isinstance(extras.get("part"), dict):
        result: dict[str, Any] = extras["part"]
        return result
    beside: dict[str, Any] = {}
    video = block.get("video_metadata") or extras.get("video_metadata")
    if video:
        if not isinstance(video, dict):
            raise RequestError(f"{where} has a video_metadata that is no dict: give start_offset, end_offset or fps.")
        beside["videoMetadata"] = {_VIDEO.get(name, name): value for name, value in video.items()}
    resolution = block.get("media_resolution") or extras.get("media_resolution")
    if isinstance(resolution, str):
        word = resolution.upper()
        beside["mediaResolution"] = {"level": word if word.startswith("MEDIA_") else f"MEDIA_RESOLUTION_{word}"}
    elif resolution:
        beside["mediaResolution"] = resolution
    return beside or None


_VIDEO: Final = {"start_offset": "startOffset", "end_offset": "endOffset"}

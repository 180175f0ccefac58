"""One content block in, the parts of the prompt it stands for out; and a medium of an answer back into a block.

Bytes and files are read through the block's own `resolve_*` methods; what lies behind a URL is never fetched here, it
travels as a reference, which the core fetches before the request where the endpoint does not read it. A block is never
changed, not even the position of a stream it holds.
"""

from __future__ import annotations

import base64
import mimetypes
from io import IOBase
from typing import TYPE_CHECKING, Final, TypeAlias

from llama_index.core.base.llms.types import (
    AudioBlock,
    CachePoint,
    CitableBlock,
    CitationBlock,
    DocumentBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
    VideoBlock,
)

from gstream import Blob, FileRef, FunctionCall, Text, Thought
from gstream.parts import is_pcm
from gstream.sound import WAV, wav_of
from llamaindex_gstream.arguments import json_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream import Part

__all__ = ["SIGNATURE", "Media", "block_of", "media_block_of", "parts_of"]

Media: TypeAlias = ImageBlock | AudioBlock | VideoBlock | DocumentBlock
"""The blocks that carry or name a file."""

SIGNATURE: Final = "thought_signature"
"""Where `ThinkingBlock.additional_information` keeps a signature."""

_AUDIO_TYPES: Final = {
    "aiff": "audio/aiff", "aif": "audio/aiff", "flac": "audio/flac", "m4a": "audio/mp4", "mp3": "audio/mpeg",
    "oga": "audio/ogg", "opus": "audio/ogg", "wave": "audio/wav",
}  # fmt: skip
"""`AudioBlock.format` (a file extension) -> media type, where that is not `audio/<format>`."""
_AUDIO_FORMATS: Final = {"audio/mpeg": "mp3", "audio/x-wav": "wav", "audio/wave": "wav", "audio/vnd.wave": "wav"}
_TITLE: Final = "input_document"
"""What core calls a document without a title."""
_REFERRED: Final = ("http", "https", "gs")
"""Schemes of what is not read while converting."""


def parts_of(block: object) -> list[Part]:
    """Return the parts that one element of `ChatMessage.blocks` stands for; none for a cache point or an empty one.

    Raises:
        ValueError: the block cannot be sent; the text says why, as a clause.
        OSError: its file cannot be read.
    """
    if isinstance(block, TextBlock):
        return [Text(block.text)] if block.text else []
    if isinstance(block, ThinkingBlock):
        return _thought(block)
    if isinstance(block, ToolCallBlock):
        return [_call(block)]
    if isinstance(block, CachePoint):
        return []
    if isinstance(block, CitableBlock):
        return [part for nested in block.content for part in parts_of(nested)]
    if isinstance(block, CitationBlock):
        return parts_of(block.cited_content)
    if isinstance(block, ImageBlock | AudioBlock | VideoBlock | DocumentBlock):
        return [_medium(block)]
    raise ValueError(f"blocks of type {type(block).__name__} are not known to GStream")


def _thought(block: ThinkingBlock) -> list[Part]:
    signature = block.additional_information.get(SIGNATURE)
    signature = signature if isinstance(signature, str) and signature else None
    return [Thought(block.content or "", signature)] if block.content or signature else []


def _call(block: ToolCallBlock) -> FunctionCall:
    given = block.tool_kwargs
    arguments = given if isinstance(given, dict) else json_object(given or "{}")
    malformed = given if arguments is None and isinstance(given, str) else None
    return FunctionCall(block.tool_name, arguments or {}, block.tool_call_id or None, malformed=malformed)


# -- media ----------------------------------------------------------------------------------------------------------


def _medium(block: Media) -> Blob | FileRef:
    extra = {"videoMetadata": {"fps": block.fps}} if isinstance(block, VideoBlock) and block.fps else None
    source = _source(block)
    url = None if source or block.path else str(block.url or "")
    if url is not None:
        scheme = url.partition(":")[0].lower()
        if scheme in _REFERRED:
            mime_type = _stated_type(block) or mimetypes.guess_type(url.partition("?")[0])[0]
            return FileRef(url, mime_type, extra=extra, fetch=None if scheme == "gs" else _kind(block))
        if not url:
            raise ValueError("it holds neither bytes nor a path nor a URL")
        if scheme != "data":
            raise ValueError(f"a {scheme}: URL cannot be sent; give the file's path or bytes instead")
    mime_type = _stated_type(block) or _url_type(url)
    if mime_type and isinstance(source, bytes) and _is_base64(source):
        return Blob(mime_type, source.decode("ascii"), extra=extra)
    content = _content(block, source)
    mime_type = mime_type or _found_type(block, content)
    if not mime_type:
        raise ValueError("its media type is unknown; name it in the block (image_mimetype, format, ...)")
    made = Blob.of(content, mime_type)
    return Blob(made.mime_type, made.data, extra=extra)


_DIGITS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _is_base64(content: bytes) -> bool:
    """Return whether bytes are base64 that decoding and encoding would not change, as core's validators leave them.

    Several times as fast as doing both, and without the memory.
    """
    end = content[-4:]
    padding = content.translate(None, _DIGITS)
    if not content or len(content) % 4 or padding not in {b"", b"=", b"=="} or not end.endswith(padding):
        return False
    return base64.b64encode(base64.b64decode(end)) == end


def _kind(block: Media) -> str:
    """Return what should lie at the block's URL, as `FileRef.fetch` says it."""
    if isinstance(block, ImageBlock):
        return "image"
    if isinstance(block, AudioBlock):
        return "audio"
    return "video" if isinstance(block, VideoBlock) else "file"


def _source(block: Media) -> bytes | IOBase | None:
    if isinstance(block, ImageBlock):
        return block.image
    if isinstance(block, AudioBlock):
        return block.audio
    return block.video if isinstance(block, VideoBlock) else block.data


def _resolver(block: Media) -> Callable[[], IOBase]:
    if isinstance(block, ImageBlock):
        return block.resolve_image
    if isinstance(block, AudioBlock):
        return block.resolve_audio
    return block.resolve_video if isinstance(block, VideoBlock) else block.resolve_document


def _content(block: Media, source: bytes | IOBase | None) -> bytes:
    """Return the bytes; a stream of the caller's is left where it stood."""
    place = source.tell() if isinstance(source, IOBase) else None
    stream = _resolver(block)()
    content: bytes = stream.read()
    if isinstance(source, IOBase) and place is not None:
        source.seek(place)
    return content


def _stated_type(block: Media) -> str | None:
    if isinstance(block, ImageBlock):
        return block.image_mimetype
    if isinstance(block, AudioBlock):
        return _audio_type(block.format) if block.format else None
    return block.video_mimetype if isinstance(block, VideoBlock) else block.document_mimetype


def _audio_type(format_: str) -> str:
    return _AUDIO_TYPES.get(format_.lower(), f"audio/{format_}")


def _url_type(url: str | None) -> str | None:
    """Return the media type that a `data:` URL names."""
    return url.removeprefix("data:").partition(",")[0].partition(";")[0] or None if url else None


def _found_type(block: Media, content: bytes) -> str | None:
    """Return what the name of the file or its first bytes say."""
    if block.path and (guess := mimetypes.guess_type(str(block.path))[0]):
        return guess
    if isinstance(block, ImageBlock):
        return ImageBlock(image=content).image_mimetype
    if isinstance(block, AudioBlock):
        found = AudioBlock(audio=content).format
        return _audio_type(found) if found else None
    if isinstance(block, VideoBlock):
        return VideoBlock(video=content).video_mimetype
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "text/plain"


# -- back into blocks -------------------------------------------------------------------------------------------------


def block_of(part: Thought | FunctionCall) -> ThinkingBlock | ToolCallBlock:
    """Return the block of a thought, or of a call that has its id."""
    if isinstance(part, Thought):
        signed = {SIGNATURE: part.signature} if part.signature else {}
        return ThinkingBlock(content=part.text, additional_information=signed)
    arguments = part.args if part.malformed is None else part.malformed
    return ToolCallBlock(tool_call_id=part.id, tool_name=part.name, tool_kwargs=arguments)


_STANDARD: Final = {ord("-"): "+", ord("_"): "/"}


def media_block_of(part: Blob | FileRef) -> Media:
    """Return the block of a medium. It is not validated: core's validators decode and encode all of it again."""
    mime_type = part.mime_type or "application/octet-stream"
    kind = mime_type.partition("/")[0].lower()
    if isinstance(part, FileRef):
        return _reference(part, mime_type, kind)
    part, mime_type = _playable(part, mime_type)
    data = part.data.translate(_STANDARD) if "-" in part.data or "_" in part.data else part.data
    content = data.encode("ascii", "replace")
    if kind == "image":
        return ImageBlock.model_construct(image=content, image_mimetype=mime_type)
    if kind == "audio":
        format_ = _AUDIO_FORMATS.get(mime_type.lower(), mime_type[len("audio/") :])
        return AudioBlock.model_construct(audio=content, format=format_)
    if kind == "video":
        return VideoBlock.model_construct(video=content, video_mimetype=mime_type)
    return DocumentBlock.model_construct(data=content, document_mimetype=mime_type, title=part.name or _TITLE)


def _playable(part: Blob, mime_type: str) -> tuple[Blob, str]:
    """Return raw sound as a WAV file and its type, and anything else as it is."""
    if not is_pcm(part):
        return part, mime_type
    try:
        return Blob.of(wav_of(part.content(), mime_type), WAV), WAV
    except ValueError:  # not base64: it is shown as it came
        return part, mime_type


def _reference(part: FileRef, mime_type: str, kind: str) -> Media:
    if kind == "image":
        return ImageBlock.model_construct(url=part.uri, image_mimetype=mime_type)
    if kind == "video":
        return VideoBlock.model_construct(url=part.uri, video_mimetype=mime_type)
    return DocumentBlock.model_construct(url=part.uri, document_mimetype=part.mime_type, title=part.name or _TITLE)

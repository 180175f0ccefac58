"""One part of an answer in, its v1 standard block out; pure. `messages` reads the blocks back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from gstream import (
    Blob,
    CodeResult,
    ExecutableCode,
    FileRef,
    FunctionCall,
    FunctionResponse,
    Opaque,
    Text,
    Thought,
)
from gstream.parts import part_json
from gstream.sound import WAV
from langchain_gstream.sound import playable

if TYPE_CHECKING:
    from gstream import Part

__all__ = ["Block", "content_block"]

Block: TypeAlias = dict[str, Any]
"""A v1 standard content block."""


def content_block(part: Part) -> Block:
    """Return the v1 standard block of a part that is no call.

    What the standard has no key for lies in `extras`, so that the part can go back as it came: `signature`, `part`
    (sibling keys of the wire part), `name`, `thought`, `id`, `outcome`, and `mime_type` where raw sound became a WAV.
    """
    extras: Block = {}
    if not isinstance(part, Opaque):
        if part.signature:
            extras["signature"] = part.signature
        if part.extra:
            extras["part"] = part.extra
    block = _bare_block(part, extras)
    return {**block, "extras": extras} if extras else block


def _bare_block(part: Part, extras: Block) -> Block:
    """Return the block without its extras; what the standard has no key for is put into `extras`."""
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    if isinstance(part, Thought):
        return {"type": "reasoning", "reasoning": part.text}
    if isinstance(part, Blob):
        return _media_block(part, extras)
    if isinstance(part, FileRef):
        extras.update({"name": part.name} if part.name else {})
        place = "url" if "://" in part.uri else "file_id"
        mime_type = {"mime_type": part.mime_type} if part.mime_type else {}
        return {"type": _media_kind(part.mime_type or ""), place: part.uri, **mime_type}
    if isinstance(part, ExecutableCode | CodeResult):
        return _sandbox_block(part, extras)
    if isinstance(part, FunctionCall | FunctionResponse):
        return {"type": "non_standard", "value": part_json(part)}
    if isinstance(part, Opaque):
        return {"type": "non_standard", "value": part.raw}
    assert_never(part)


def _media_block(part: Blob, extras: Block) -> Block:
    extras.update({"name": part.name} if part.name else {}, **({"thought": True} if part.thought else {}))
    if (wav := playable(part)) is not None:
        extras["mime_type"] = part.mime_type
        return {"type": "audio", "base64": wav, "mime_type": WAV}
    return {"type": _media_kind(part.mime_type), "base64": part.data, "mime_type": part.mime_type}


def _sandbox_block(part: ExecutableCode | CodeResult, extras: Block) -> Block:
    """Return the block of code that the server ran, or of what it printed; without a server's id, without any."""
    extras.update({"id": part.id} if part.id else {})
    if isinstance(part, ExecutableCode):
        args = {"code": part.code, "language": part.language}
        return {"type": "server_tool_call", "name": "code_interpreter", "id": part.id, "args": args}
    extras["outcome"] = part.outcome
    status = "success" if part.outcome == "OUTCOME_OK" else "error"
    return {"type": "server_tool_result", "tool_call_id": part.id, "status": status, "output": part.output}


def _media_kind(mime_type: str) -> str:
    kind = mime_type.split("/", 1)[0].lower()
    return kind if kind in {"image", "audio", "video"} else "file"

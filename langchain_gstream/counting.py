"""About how many tokens a conversation has, counted here: no endpoint is asked, as some bill that like an answer."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from gstream import Blob, BuiltInTool, FileRef, FunctionResponse, Text, Thought
from gstream.models import token_estimate
from gstream.parts import part_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gstream import Part, Tool
    from langchain_gstream.messages import Conversation

__all__ = ["conversation_tokens"]

_TILE: Final = 258
"""Tokens of a small image, of one tile of a larger one, of a page (ai.google.dev/gemini-api/docs/tokens)."""
_AUDIO_SECOND: Final = 32
_VIDEO_SECOND: Final = 263
"""Tokens a second (as above)."""
_AUDIO_BYTES: Final = 16_000
_VIDEO_BYTES: Final = 125_000
"""Bytes a second that are supposed: 128 kbit/s and 1 Mbit/s; of a WAV its header knows better."""
_PAGE: Final = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_TURN: Final = 4
"""Tokens that mark who speaks."""


def conversation_tokens(conversation: Conversation, tools: Iterable[Tool | BuiltInTool]) -> int:
    """Return an estimate of the tokens of a conversation and the tools declared with it.

    Text counts as `gstream.models.token_estimate` says, calls, results and tools as the JSON they are sent as, an image
    as 258 (large images count several times that, and Gemini 3 spends more on each), a PDF as 258 a page, sound as 32
    and video as 263 a second of what the size of the data suggests. Media that lie elsewhere count as one image.
    """
    turns, system = conversation
    count = sum(map(_part_tokens, system))
    for turn in turns:
        count += _TURN + sum(map(_part_tokens, turn.parts))
    return count + sum(map(_tool_tokens, tools))


def _tool_tokens(tool: Tool | BuiltInTool) -> int:
    if isinstance(tool, BuiltInTool):
        return _json_tokens([tool.name, tool.config])
    return _json_tokens([tool.name, tool.description, tool.schema])


def _part_tokens(part: Part) -> int:
    if isinstance(part, Text | Thought):
        return token_estimate(part.text)
    if isinstance(part, Blob):
        return _blob_tokens(part)
    if isinstance(part, FileRef):
        return _TILE
    if isinstance(part, FunctionResponse):
        media: Sequence[Part] = part.parts
        return _json_tokens([part.name, part.response]) + sum(map(_part_tokens, media))
    wire = part_json(part)
    return _json_tokens({name: value for name, value in wire.items() if name != "thoughtSignature"})


def _json_tokens(value: object) -> int:
    return token_estimate(json.dumps(value, ensure_ascii=False, default=str))


def _blob_tokens(part: Blob) -> int:
    try:
        content = part.content()
    except ValueError:  # not base64: the endpoint will say so, this only counts
        content = part.data.encode()
    kind, _, name = part.mime_type.lower().partition("/")
    if kind == "text" or "json" in name or "xml" in name:
        return token_estimate(content.decode("utf-8", "replace"))
    if kind == "audio":
        rate = int.from_bytes(content[28:32], "little") if content[:4] == b"RIFF" else _AUDIO_BYTES
        return max(_AUDIO_SECOND, _AUDIO_SECOND * len(content) // (rate or _AUDIO_BYTES))
    if kind == "video":
        return max(_VIDEO_SECOND, _VIDEO_SECOND * len(content) // _VIDEO_BYTES)
    return _TILE * max(1, len(_PAGE.findall(content)) if name == "pdf" else 1)

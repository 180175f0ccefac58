"""How many tokens things are: an estimate simple enough to check by hand.

Text: one token for each East Asian character, one for every four others begun. An image is 258 tokens (Google's number
for a small image), a page of a document too; audio is 32 tokens a second and video 263, both taken as one second per
32,000 bytes. Tools and the system instruction count as the JSON text that they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gstream.emulator.errors import JsonObject

__all__ = ["CACHED_TOKENS", "Tally", "details", "modality_of", "prompt_tokens", "text_tokens"]

CACHED_TOKENS: Final = 1024
"""What any cached content is worth."""

_EAST_ASIAN: Final = "\u2e80"
"""From here on a character is a token."""
_MEDIA: Final = {"IMAGE": 258, "DOCUMENT": 258, "AUDIO": 32, "VIDEO": 263}
_BYTES_A_SECOND: Final = 32_000


def text_tokens(text: str) -> int:
    """Return the tokens of a text; 0 for an empty one."""
    return Tally().add(text)


@dataclass
class Tally:
    """The tokens of a text that comes in pieces: as many as the whole text has."""

    wide: int = 0
    """East Asian characters."""
    narrow: int = 0
    """Other characters."""

    def add(self, text: str) -> int:
        """Take another piece, and return the tokens so far."""
        wide = 0 if text.isascii() else sum(character >= _EAST_ASIAN for character in text)
        self.wide += wide
        self.narrow += len(text) - wide
        return self.tokens

    @property
    def tokens(self) -> int:
        """The tokens so far."""
        return self.wide - (-self.narrow // 4)


def modality_of(mime_type: str) -> str:
    """Return the `Modality` of `promptTokensDetails[]` for a MIME type."""
    kind = mime_type.partition("/")[0]
    known = {"image": "IMAGE", "audio": "AUDIO", "video": "VIDEO", "text": "TEXT"}
    return known.get(kind, "DOCUMENT")


def prompt_tokens(request: JsonObject) -> dict[str, int]:
    """Return the tokens of everything a request says, per modality."""
    result = {"TEXT": 0}
    contents = [*request.get("contents", ()), request.get("systemInstruction", {})]
    for content in contents:
        for part in content.get("parts", ()):
            modality, count = _part_tokens(part)
            result[modality] = result.get(modality, 0) + count
    if request.get("tools"):
        result["TEXT"] += text_tokens(_dumped(request["tools"]))
    if request.get("cachedContent"):
        result["TEXT"] += CACHED_TOKENS
    return result


def _part_tokens(part: JsonObject) -> tuple[str, int]:
    if "text" in part:
        return "TEXT", text_tokens(part["text"])
    blob = part.get("inlineData") or part.get("fileData")
    if blob is None:
        return "TEXT", text_tokens(_dumped({name: value for name, value in part.items() if name != "thoughtSignature"}))
    modality = modality_of(blob.get("mimeType", ""))
    size = len(blob.get("data", "")) * 3 // 4
    if modality == "TEXT":
        return "TEXT", -(-size // 4)
    seconds = max(1, size // _BYTES_A_SECOND) if modality in {"AUDIO", "VIDEO"} else 1
    return modality, _MEDIA[modality] * seconds


def details(per_modality: Mapping[str, int]) -> list[JsonObject]:
    """Return the counts in the shape of `promptTokensDetails`."""
    return [{"modality": name, "tokenCount": count} for name, count in per_modality.items() if count]


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

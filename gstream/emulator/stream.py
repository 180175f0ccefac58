"""A candidate's parts to the documents of a stream: chunks, usage on each of them, the finish reason at the end.

Usage is cumulative. A second candidate runs beside the first: each document holds the next chunk of every candidate.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Any, Final

from gstream.emulator.prose import units
from gstream.emulator.tokens import CACHED_TOKENS, Tally, details, modality_of, prompt_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gstream.emulator.errors import JsonObject
    from gstream.emulator.reading import Reading

__all__ = ["Candidate", "documents", "identity", "text_chunks"]

_FEWEST: Final = 4
_MOST: Final = 10
_UNITS_A_CHUNK: Final = 4
_IMAGE_TOKENS: Final = 1290
"""What Google counts for a generated image."""
_AUDIO_TOKENS: Final = 8
"""For a quarter of a second of speech, at 32 a second."""


@dataclass
class Candidate:
    """One answer in the making."""

    chunks: list[list[JsonObject]] = field(default_factory=list)
    """The parts of each chunk."""
    finish: str = "STOP"
    extras: JsonObject = field(default_factory=dict)
    """What stands beside `content` in the last chunk."""
    tool_tokens: int = 0
    """Tokens that server-side tools read (`toolUsePromptTokenCount`)."""


def text_chunks(text: str) -> list[str]:
    """Return the text in four to ten groups of words; fewer where there are fewer words."""
    pieces = units(text)
    count = min(len(pieces), max(_FEWEST, min(_MOST, len(pieces) // _UNITS_A_CHUNK)))
    bounds = [round(number * len(pieces) / count) for number in range(count + 1)] if count else []
    return ["".join(pieces[start:end]) for start, end in pairwise(bounds)]


def identity(reading: Reading, *marks: Any) -> str:
    """Return 22 letters and digits that stand for the request and the marks: the same ones each time."""
    seed = json.dumps([reading.model, reading.request, *marks], sort_keys=True, ensure_ascii=False)
    number = int.from_bytes(hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()[:16])
    letters = "0123456789abcdefghijklmnopqrstuvwxyz"
    result = ""
    for _ in range(22):
        number, rest = divmod(number, len(letters))
        result += letters[rest]
    return result


def documents(reading: Reading, candidates: Sequence[Candidate]) -> list[JsonObject]:
    """Return the stream's documents, in order."""
    count = _Counter(reading, sum(candidate.tool_tokens for candidate in candidates))
    tail = {"modelVersion": reading.model, "responseId": identity(reading)}
    result: list[JsonObject] = []
    for number, row in enumerate(zip_longest(*(candidate.chunks for candidate in candidates))):
        entries = []
        for index, (candidate, parts) in enumerate(zip(candidates, row, strict=True)):
            if parts is None:
                continue
            count.read(parts)
            entry: JsonObject = {"content": {"parts": parts, "role": "model"}}
            if number == len(candidate.chunks) - 1:
                entry["finishReason"] = candidate.finish
            entry["index"] = index
            if number == len(candidate.chunks) - 1:
                entry |= candidate.extras
            entries.append(entry)
        last = all(number >= len(candidate.chunks) - 1 for candidate in candidates)
        result.append({"candidates": entries, "usageMetadata": count.usage(last=last), **tail})
    return result


class _Counter:
    """Tokens so far."""

    def __init__(self, reading: Reading, tool_tokens: int) -> None:
        self._prompt = prompt_tokens(reading.request)
        self._cached = CACHED_TOKENS if reading.request.get("cachedContent") else 0
        self._tier = reading.request.get("serviceTier", "standard")
        self._tool_tokens = tool_tokens
        self._thought = Tally()
        self._text = Tally()
        self._media: dict[str, int] = {}

    def read(self, parts: Sequence[JsonObject]) -> None:
        for part in parts:
            if part.get("thought"):
                self._thought.add(part["text"])
            elif "inlineData" in part:
                modality = modality_of(part["inlineData"]["mimeType"])
                tokens = _IMAGE_TOKENS if modality == "IMAGE" else _AUDIO_TOKENS
                self._media[modality] = self._media.get(modality, 0) + tokens
            elif "codeExecutionResult" not in part:
                self._text.add(_written(part))

    def usage(self, *, last: bool) -> JsonObject:
        answered = {"TEXT": self._text.tokens, **self._media}
        prompt, answer, thought = sum(self._prompt.values()), sum(answered.values()), self._thought.tokens
        tools = self._tool_tokens if last else 0
        usage: JsonObject = {"promptTokenCount": prompt}
        if answer:
            usage["candidatesTokenCount"] = answer
        usage["totalTokenCount"] = prompt + answer + thought + tools
        if self._cached:
            usage |= {"cachedContentTokenCount": self._cached, "cacheTokensDetails": details({"TEXT": self._cached})}
        usage["promptTokensDetails"] = details(self._prompt)
        if last and answer:
            usage["candidatesTokensDetails"] = details(answered)
        if tools:
            usage |= {"toolUsePromptTokenCount": tools, "toolUsePromptTokensDetails": details({"TEXT": tools})}
        if thought:
            usage["thoughtsTokenCount"] = thought
        return {**usage, "serviceTier": self._tier}


def _written(part: JsonObject) -> str:
    if "text" in part:
        return str(part["text"])
    shown = {name: value for name, value in part.items() if name != "thoughtSignature"}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))

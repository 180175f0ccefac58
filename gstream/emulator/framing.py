"""Response documents to bytes: how a dialect frames, spells and splits them. Pure; no I/O.

One piece is what a server flushes at once. The reader is played by `gstream.framing`; this is the writer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gstream.emulator.payload import snake_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gstream.emulator.errors import JsonObject

__all__ = ["Framing", "finish_apart", "in_snake_case", "merged"]

_UNTOUCHED: Final = frozenset({"args", "response", "partMetadata", "metadata"})
"""Keys whose value is the user's own JSON: never spelled otherwise."""


@dataclass(frozen=True)
class Framing:
    """How a list of documents becomes bytes."""

    content_type: str
    """The `Content-Type` header as that server sends it, right or wrong."""
    preamble: bytes = b""
    """Bytes before anything else, as a piece of their own (heartbeats while the upstream is awaited)."""
    opens: bytes = b""
    """Before the first document."""
    before: bytes = b""
    """Before each document."""
    after: bytes = b""
    """Behind each document."""
    between: bytes = b""
    """Before each document but the first."""
    closes: bytes = b""
    """Behind everything, as a piece of its own."""
    indent: int | None = None
    """Spaces of pretty-printing; `None`: one line."""
    separators: tuple[str, str] = (",", ":")
    """What stands between members, and behind their names."""
    ascii: bool = False
    """Whether other characters are written as `\\uXXXX`."""
    wraps_errors: bool = False
    """Whether an error document instead of a stream stands in `[...]` too."""

    def dumped(self, document: Any) -> bytes:
        """Return one document as JSON."""
        text = json.dumps(document, indent=self.indent, separators=self.separators, ensure_ascii=self.ascii)
        return text.encode("utf-8", "surrogatepass")

    def pieces(self, documents: Iterable[JsonObject]) -> list[bytes]:
        """Return what is flushed, in order."""
        result = [self.preamble] if self.preamble else []
        lead = self.opens
        for document in documents:
            result.append(lead + self.before + self.dumped(document) + self.after)
            lead = self.between
        if self.closes:
            result.append(self.closes if lead is self.between else self.opens + self.closes)
        return result


def in_snake_case(value: Any) -> Any:
    """Return a response document with the names of its envelope in snake_case; the user's own JSON stays as it is."""
    if isinstance(value, list):
        return [in_snake_case(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {snake_case(name): inner if name in _UNTOUCHED else in_snake_case(inner) for name, inner in value.items()}


_SAFETY: Final = [
    {"category": f"HARM_CATEGORY_{category}", "probability": "NEGLIGIBLE"}
    for category in ("SEXUALLY_EXPLICIT", "HATE_SPEECH", "HARASSMENT", "DANGEROUS_CONTENT")
]


def finish_apart(documents: Sequence[JsonObject]) -> list[JsonObject]:
    """Return the documents with every finish reason moved, with safety ratings, into a last one without parts."""
    result: list[JsonObject] = []
    ends: list[JsonObject] = []
    for document in documents:
        candidates = []
        for candidate in document.get("candidates", ()):
            reason = candidate.get("finishReason")
            if reason is not None:
                ends.append({"finishReason": reason, "index": candidate.get("index", 0), "safetyRatings": _SAFETY})
            candidates.append({name: value for name, value in candidate.items() if name != "finishReason"})
        result.append({**document, "candidates": candidates} if candidates else document)
    if ends:
        result.append({**result[-1], "candidates": ends})
    return result


def merged(documents: Sequence[JsonObject]) -> JsonObject:
    """Return the one document that `:generateContent` gives for what the stream would have said."""
    result: JsonObject = {}
    candidates: dict[int, JsonObject] = {}
    for document in documents:
        for candidate in document.get("candidates", ()):
            known = candidates.setdefault(candidate.get("index", 0), {"content": {"parts": [], "role": "model"}})
            for part in candidate.get("content", {}).get("parts", ()):
                _append(known["content"]["parts"], part)
            known.update({name: value for name, value in candidate.items() if name != "content"})
        result.update({name: value for name, value in document.items() if name != "candidates"})
    if candidates:
        result = {"candidates": [candidates[index] for index in sorted(candidates)], **result}
    return result


def _append(parts: list[JsonObject], part: JsonObject) -> None:
    """Add a part; texts of one kind run together as long as neither carries a signature."""
    last = parts[-1] if parts else {}
    plain = {"text", "thought"}
    if part == {"text": ""} and parts:
        return
    if "text" in last and "text" in part and last.keys() == part.keys() and part.keys() <= plain:
        parts[-1] = {**last, "text": last["text"] + part["text"]}
    else:
        parts.append(part)

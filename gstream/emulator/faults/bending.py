"""How documents are bent: makers of `Documents` functions for the other modules. Nothing here names a fault.

Rule 1: what comes in is never changed; every function works on a copy.
Rule 2: documents of any prompt are taken: one without candidates, or without parts, is left as it is.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gstream.emulator.errors import JsonObject
    from gstream.emulator.faults.fault import Documents

__all__ = [
    "ARRIVED",
    "cut_short",
    "each_call",
    "each_candidate",
    "each_document",
    "each_part",
    "each_text",
    "envelope",
    "inserted",
    "said",
    "without_finish",
]

ARRIVED: Final = 2
"""Whole documents (or pieces) that arrive before an answer breaks."""


def each_document(change: Callable[[JsonObject], Any]) -> Documents:
    """Return what replaces every document by what `change` makes of its copy."""

    def bent(documents: Sequence[JsonObject]) -> list[Any]:
        return [change(copy.deepcopy(document)) for document in documents]

    return bent


def each_candidate(change: Callable[[JsonObject], None]) -> Documents:
    """Return what lets `change` alter every element of `candidates[]` in place."""

    def altered(document: JsonObject) -> JsonObject:
        for candidate in document.get("candidates", ()):
            change(candidate)
        return document

    return each_document(altered)


def each_part(change: Callable[[JsonObject], list[Any]]) -> Documents:
    """Return what replaces every part by the parts `change` makes of it."""

    def altered(candidate: JsonObject) -> None:
        content = candidate.get("content", {})
        if "parts" in content:
            content["parts"] = [made for part in content["parts"] for made in change(part)]

    return each_candidate(altered)


def each_call(change: Callable[[JsonObject], None]) -> Documents:
    """Return what lets `change` alter the object under every `functionCall` in place."""

    def altered(part: JsonObject) -> list[Any]:
        if "functionCall" in part:
            change(part["functionCall"])
        return [part]

    return each_part(altered)


def each_text(change: Callable[[str], str]) -> Documents:
    """Return what replaces every text, thoughts included, by what `change` makes of it."""

    def altered(part: JsonObject) -> list[Any]:
        return [{**part, "text": change(part["text"])} if "text" in part else part]

    return each_part(altered)


def envelope(documents: Sequence[JsonObject]) -> JsonObject:
    """Return what every document of the answer says besides candidates and usage."""
    last = documents[-1] if documents else {}
    return {name: last[name] for name in ("modelVersion", "responseId") if name in last}


def said(*parts: Any, **fields: Any) -> JsonObject:
    """Return an element of `candidates[]` that says `parts`."""
    return {"content": {"parts": list(parts), "role": "model"}, "index": 0, **fields}


def inserted(*extra: JsonObject) -> Documents:
    """Return what puts further documents behind the first one; they get the answer's own identity."""

    def bent(documents: Sequence[JsonObject]) -> list[Any]:
        known = envelope(documents)
        more = [{**copy.deepcopy(document), **known} for document in extra]
        return [*documents[:1], *more, *documents[1:]]

    return bent


def without_finish(documents: Sequence[JsonObject]) -> list[Any]:
    """Return the documents without any finish reason."""
    return each_candidate(lambda candidate: candidate.pop("finishReason", None))(documents)


def cut_short(*then: Any) -> Documents:
    """Return what keeps the first two documents, without a finish, and lets `then` follow."""

    def bent(documents: Sequence[JsonObject]) -> list[Any]:
        return [*without_finish(documents[:ARRIVED]), *then]

    return bent

"""Odd candidates and parts around a right answer: what is missing, null, doubled or unknown must cost nothing else."""

from __future__ import annotations

import base64
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gstream.emulator.faults.bending import each_candidate, each_document, each_part, inserted, said
from gstream.emulator.faults.fault import Fault
from gstream.emulator.framing import in_snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gstream.emulator.errors import JsonObject
    from gstream.emulator.faults.fault import Documents

__all__ = ["ANOTHER", "PARTS"]

ANOTHER: Final = "Another answer, of a second candidate."
"""What a second candidate says."""


def _content(change: Callable[[JsonObject], None]) -> Documents:
    """Return what lets `change` alter every `content` in place."""
    return each_candidate(lambda candidate: change(candidate["content"]) if "content" in candidate else None)


def _as_object(content: JsonObject) -> None:
    if len(content.get("parts", ())) == 1:
        (content["parts"],) = content["parts"]


def _role(content: JsonObject) -> None:
    content["role"] = "assistant"


def _null_beside(part: JsonObject) -> list[Any]:
    return [{"text": None}, part if "text" in part else {**part, "text": None}]


def _joined_kinds(documents: Sequence[JsonObject]) -> list[Any]:
    """Return the documents with an empty text in every call, and code and its result in one part."""
    empty = each_part(lambda part: [{**part, "text": ""} if "functionCall" in part else part])(documents)
    code: JsonObject | None = None
    for document in empty:
        for candidate in document.get("candidates", ()):
            kept = []
            for part in candidate.get("content", {}).get("parts", ()):
                if "codeExecutionResult" in part and code is not None:
                    code.update(part)
                    continue
                code = part if "executableCode" in part else None
                kept.append(part)
            if "content" in candidate:
                candidate["content"]["parts"] = kept
    return empty


def _second(document: JsonObject, *, indexed: bool) -> JsonObject:
    other = said({"text": ANOTHER}, finishReason="STOP")
    candidates = [*document["candidates"], {**other, "index": 1}]
    if not indexed:
        candidates = [{name: value for name, value in one.items() if name != "index"} for one in candidates]
    return {**document, "candidates": candidates if not indexed else candidates[::-1]}


def _several(*, indexed: bool) -> Documents:
    def bent(documents: Sequence[JsonObject]) -> list[Any]:
        head, *rest = documents
        return [_second(head, indexed=indexed), *rest]

    return bent


def _unknown(document: JsonObject) -> JsonObject:
    for candidate in document.get("candidates", ()):
        candidate["xRank"] = [1, {"a": None}]
        candidate["safetyRatings"] = [{"category": "HARM_CATEGORY_BOREDOM", "probability": "CERTAIN", "score": "?"}]
        for part in candidate.get("content", {}).get("parts", ()):
            part["xPart"] = {"k": [1, 2]}
    return {**document, "xUnknownTop": {"k": [1, 2]}, "modelStatus": {"modelStage": "MYTHICAL"}}


def _untyped(part: JsonObject) -> list[Any]:
    if "inlineData" in part:
        part["inlineData"].pop("mimeType", None)
    return [part]


def _halved(part: JsonObject) -> list[Any]:
    """Return a medium as two, cut in the middle of a sample: what one player wants in one piece."""
    if "inlineData" not in part:
        return [part]
    blob = part["inlineData"]
    content = base64.b64decode(blob["data"])
    half = len(content) // 4 * 2 + 1
    halves = [base64.b64encode(one).decode() for one in (content[:half], content[half:])]
    return [{**part, "inlineData": {**blob, "data": data}} for data in halves]


def _unindexed(candidate: JsonObject) -> None:
    candidate.pop("index", None)


_CANDIDATES: Final[dict[str, Fault]] = {
    "candidates_null": Fault(
        "A chunk with candidates null.", "answer", "WIRE 4", documents=inserted({"candidates": None})
    ),
    "candidates_empty": Fault(
        "A chunk with no candidates, and one that names none.",
        "answer",
        "WIRE 4",
        documents=inserted({"candidates": []}, {}),
    ),
    "candidates_several": Fault(
        "A second candidate that nobody asked for, listed first in the first chunk.",
        "answer",
        "WIRE 4: order by index",
        documents=_several(indexed=True),
    ),
    "candidates_several_no_index": Fault(
        "A second candidate, and no index on either.", "answer", "WIRE 4", documents=_several(indexed=False)
    ),
    "candidates_no_index": Fault(
        "No candidate has an index.", "answer", "WIRE 4", documents=each_candidate(_unindexed)
    ),
    "content_null": Fault(
        "A chunk whose content is null.",
        "answer",
        "WIRE 4",
        documents=inserted({"candidates": [{"content": None, "index": 0}]}),
    ),
    "content_missing": Fault(
        "A chunk whose candidate has no content.",
        "answer",
        "WIRE 4",
        documents=inserted({"candidates": [{"index": 0}]}),
    ),
    "role_missing": Fault(
        "No content has a role.", "answer", "WIRE 4", documents=_content(lambda content: content.pop("role", None))
    ),
    "role_assistant": Fault("The role is 'assistant'.", "answer", "WIRE 4", documents=_content(_role)),
    "snake_case": Fault(
        "All names of the envelope are spelled in snake_case.",
        "answer",
        "WIRE 4",
        documents=each_document(in_snake_case),
    ),
    "unknown_fields": Fault(
        "Unknown fields and enum values at every level.", "answer", "WIRE 4", documents=each_document(_unknown)
    ),
}
_INSIDE: Final[dict[str, Fault]] = {
    "parts_missing": Fault(
        "A chunk whose content has no parts.",
        "answer",
        "WIRE 4",
        documents=inserted({"candidates": [{"content": {"role": "model"}, "index": 0}]}),
    ),
    "parts_null": Fault(
        "A chunk whose parts are null.",
        "answer",
        "WIRE 4",
        documents=inserted({"candidates": [{"content": {"parts": None, "role": "model"}, "index": 0}]}),
    ),
    "parts_object": Fault(
        "One part stands in place of the list of parts.", "answer", "WIRE 4", documents=_content(_as_object)
    ),
    "parts_empty": Fault(
        "Empty parts {} and null around every part.",
        "answer",
        "WIRE 4",
        documents=each_part(lambda part: [{}, part, None, {}]),
    ),
    "kinds_together": Fault(
        "Several kinds in one part: a call with an empty text, code with its result.",
        "answer",
        "WIRE 4, recorded",
        documents=_joined_kinds,
    ),
    "text_null": Fault(
        "Parts whose text is null, and calls and media that have such a text too.",
        "answer",
        "WIRE 4",
        documents=each_part(_null_beside),
    ),
    "text_empty": Fault(
        "Parts with an empty text, plain and thought, around every part.",
        "answer",
        "WIRE 4",
        documents=each_part(lambda part: [{"text": ""}, part, {"text": "", "thought": True}]),
    ),
    "part_unknown": Fault(
        "Parts of kinds nobody knows (and toolCall, toolResponse) in a chunk of their own.",
        "answer",
        "WIRE 4",
        documents=inserted(
            {
                "candidates": [
                    said(
                        {"hologram": {"depth": 3}},
                        {"toolCall": {"id": "t1", "toolType": "GOOGLE_SEARCH_WEB"}, "thoughtSignature": "dG9vbA=="},
                        {"toolResponse": {"id": "t1"}},
                    )
                ]
            }
        ),
    ),
    "part_file": Fault(
        "A fileData part in a chunk of its own.",
        "answer",
        "WIRE 4",
        documents=inserted({"candidates": [said({"fileData": {"fileUri": "https://files.example/a.png"}})]}),
    ),
    "media_no_type": Fault("Media without a mimeType.", "answer", "WIRE 4", documents=each_part(_untyped)),
    "media_split": Fault(
        "Every medium comes as two parts, cut inside a sample of sound.",
        "answer",
        "WIRE 4: audio in several blobs",
        documents=each_part(_halved),
    ),
}

PARTS: Final[Mapping[str, Fault]] = MappingProxyType({**_CANDIDATES, **_INSIDE})
"""The faults of candidates and parts by name."""

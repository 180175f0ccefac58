"""Odd token counts and finish reasons.

STOP is not the end, and of each count the last value that says something is the right one.
"""

from __future__ import annotations

import copy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gstream.emulator.faults.bending import each_candidate, each_document, envelope, said
from gstream.emulator.faults.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gstream.emulator.errors import JsonObject
    from gstream.emulator.faults.fault import Documents

__all__ = ["COUNTS", "RATED", "UNKNOWN_REASON"]

UNKNOWN_REASON: Final = "COSMIC_RAY"
"""A finish reason that Google never defined."""
RATED: Final = [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "NEGLIGIBLE"}]
"""What a chunk behind the finish says."""
_USAGE: Final = "usageMetadata"


def _usage_at(documents: Sequence[JsonObject]) -> tuple[list[JsonObject], JsonObject]:
    """Return a copy of the documents, and the last usage in them."""
    result = copy.deepcopy(list(documents))
    usage: JsonObject = next((one[_USAGE] for one in reversed(result) if _USAGE in one), {})
    return result, usage


def _falling(documents: Sequence[JsonObject]) -> list[Any]:
    result, usage = _usage_at(documents)
    more = {name: count * 10 if isinstance(count, int) else count for name, count in usage.items()}
    return [{**envelope(result), _USAGE: more, "candidates": []}, *result]


def _missing_last(documents: Sequence[JsonObject]) -> list[Any]:
    result, usage = _usage_at(documents)
    for document in result:
        document.pop(_USAGE, None)
    return [{**envelope(result), _USAGE: usage, "candidates": []}, *result]


def _after_stop(documents: Sequence[JsonObject]) -> list[Any]:
    result, usage = _usage_at(documents)
    for document in result:
        document.pop(_USAGE, None)
    return [*result, {_USAGE: usage, **envelope(result)}]


def _then_less(less: Callable[[JsonObject], JsonObject]) -> Documents:
    """Return what gives the full usage with the first chunk, and what `less` makes of it with all others."""

    def bent(documents: Sequence[JsonObject]) -> list[Any]:
        result, usage = _usage_at(documents)
        for document in result:
            document[_USAGE] = less(usage)
        return [{**envelope(result), _USAGE: usage, "candidates": []}, *result]

    return bent


def _counts(make: Callable[[int], Any]) -> Callable[[JsonObject], JsonObject]:
    """Return what replaces every count of a `usageMetadata`, those in its details too."""

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: changed(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [changed(inner) for inner in value]
        return make(value) if isinstance(value, int) else value

    def whole(usage: JsonObject) -> JsonObject:
        return {name: changed(value) for name, value in usage.items()}

    return whole


def _usage(change: Callable[[JsonObject], JsonObject]) -> Documents:
    return each_document(
        lambda document: {**document, _USAGE: change(document[_USAGE])} if _USAGE in document else document
    )


def _no_details(usage: JsonObject) -> JsonObject:
    return {name: {} if isinstance(value, list) else value for name, value in usage.items()}


def _nowhere(document: JsonObject) -> JsonObject:
    document.pop(_USAGE, None)
    return document


_TOKENS: Final[dict[str, Fault]] = {
    "usage_falls": Fault(
        "Token counts are ten times as high on the first chunk as later.",
        "answer",
        "WIRE 4, recorded",
        documents=_falling,
    ),
    "usage_first_only": Fault("Only the first chunk has usage.", "answer", "WIRE 4", documents=_missing_last),
    "usage_after_stop": Fault(
        "Usage comes only in a chunk of its own behind STOP.", "answer", "WIRE 4", documents=_after_stop
    ),
    "usage_less_last": Fault(
        "The last chunks lack fields of usage that the first one had.",
        "answer",
        "WIRE 4",
        documents=_then_less(lambda usage: {name: usage[name] for name in ("totalTokenCount",) if name in usage}),
    ),
    "usage_strings": Fault(
        "Token counts are strings.", "answer", "WIRE 4; protobuf's int64", documents=_usage(_counts(str))
    ),
    "usage_floats": Fault("Token counts are floats.", "answer", "WIRE 4", documents=_usage(_counts(float))),
    "usage_null": Fault(
        "Token counts are null from the second chunk on.",
        "answer",
        "WIRE 4",
        documents=_then_less(_counts(lambda _: None)),
    ),
    "usage_words": Fault(
        "Token counts are 'N/A' from the second chunk on.",
        "answer",
        "WIRE 4",
        documents=_then_less(_counts(lambda _: "N/A")),
    ),
    "usage_details_object": Fault(
        "Details of usage are {} instead of a list.", "answer", "WIRE 4", documents=_usage(_no_details)
    ),
    "usage_nowhere": Fault("No chunk has usage.", "answer", "WIRE 4", documents=each_document(_nowhere)),
}


def _finish(make: Callable[[Any], Any], *, always: bool = False) -> Documents:
    """Return what replaces every finish reason; with `always`, candidates without one get `make(None)`."""

    def altered(candidate: JsonObject) -> None:
        reason = candidate.get("finishReason")
        if reason is not None or always:
            candidate["finishReason"] = make(reason)

    return each_candidate(altered)


def _leading(documents: Sequence[JsonObject]) -> list[Any]:
    empty = {"candidates": [said({"text": ""}, finishReason="STOP")], **envelope(documents)}
    bare = {"candidates": [{"finishReason": "STOP", "index": 0}], **envelope(documents)}
    return [empty, bare, *documents]


def _trailing(documents: Sequence[JsonObject]) -> list[Any]:
    ended = _finish(lambda _: "MAX_TOKENS")(documents)
    return [*ended, {"candidates": [said(finishReason="STOP")], **envelope(documents)}]


def _apart(documents: Sequence[JsonObject]) -> list[Any]:
    """Return the documents with the finish reason, and ratings behind it, in chunks without content."""
    result = copy.deepcopy(list(documents))
    reasons = [one.pop("finishReason", None) for document in result for one in document.get("candidates", ())]
    reason = next((one for one in reversed(reasons) if one), "STOP")
    known = envelope(result)
    return [
        *result,
        {"candidates": [{"finishReason": reason, "index": 0}], **known},
        {"candidates": [{"safetyRatings": RATED, "index": 0}], **known},
    ]


_ENDS: Final[dict[str, Fault]] = {
    "finish_each_chunk": Fault(
        "STOP on every chunk.",
        "answer",
        "WIRE 3; one-hub#402",
        documents=_finish(lambda reason: reason or "STOP", always=True),
    ),
    "finish_leading": Fault(
        "Empty chunks with STOP before the answer.", "answer", "WIRE 3; CLIProxyAPI, kelivo#1003", documents=_leading
    ),
    "finish_trailing": Fault(
        "MAX_TOKENS with the last part, and behind it a chunk without parts that says STOP.",
        "answer",
        "WIRE 3: the last meaningful reason; new-api in front of OpenAI channels",
        documents=_trailing,
    ),
    "finish_in_the_middle": Fault(
        "STOP on the first chunk, further parts, STOP again.",
        "answer",
        "WIRE 3; Google's code execution, recorded",
        documents=lambda documents: [
            *_finish(lambda reason: reason or "STOP", always=True)(documents[:1]),
            *documents[1:],
        ],
    ),
    "finish_apart": Fault(
        "The finish reason comes in a chunk without content, safety ratings in one behind it.",
        "answer",
        "WIRE 1; apigo's document",
        documents=_apart,
    ),
    "finish_empty": Fault(
        "finishReason is '' on all chunks but the last.",
        "answer",
        "WIRE 3",
        documents=_finish(lambda reason: reason or "", always=True),
    ),
    "finish_null": Fault(
        "finishReason is null on all chunks but the last.",
        "answer",
        "WIRE 3; new-api in front of OpenAI channels",
        documents=_finish(lambda reason: reason, always=True),
    ),
    "finish_lower_case": Fault(
        "The finish reason is in lower case.", "answer", "WIRE 3", documents=_finish(lambda reason: reason.lower())
    ),
    "finish_integer": Fault(
        "The finish reason is a number.",
        "answer",
        "WIRE 3",
        documents=_finish(lambda reason: {"STOP": 1, "MAX_TOKENS": 2}.get(reason, 5)),
    ),
    "finish_unknown": Fault(
        "The finish reason is a word that Google never defined.",
        "answer",
        "WIRE 3",
        documents=_finish(lambda _: UNKNOWN_REASON),
    ),
}

COUNTS: Final[Mapping[str, Fault]] = MappingProxyType({**_TOKENS, **_ENDS})
"""The faults of token counts and finish reasons by name."""

"""What a model itself may end with in place of an answer, and bytes that nobody can read."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gstream.emulator.faults.bending import ARRIVED, cut_short, envelope, said
from gstream.emulator.faults.fault import Fault
from gstream.emulator.faults.framing import SSE, gzipped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gstream.emulator.errors import JsonObject
    from gstream.emulator.faults.fault import Documents

__all__ = ["MALFORMED", "OUTCOMES"]

MALFORMED: Final = "Malformed function call: print(default_api.get_weather(city="
"""The model's explanation of a call it could not write."""
_RATINGS: Final = [{"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}]


def _blocked(documents: Sequence[JsonObject]) -> list[Any]:
    prompt = documents[-1].get("usageMetadata", {}).get("promptTokenCount", 0)
    usage = {"promptTokenCount": prompt, "totalTokenCount": prompt}
    feedback = {"blockReason": "SAFETY", "safetyRatings": _RATINGS}
    return [{"promptFeedback": feedback, "usageMetadata": usage, **envelope(documents)}]


def _blocked_late(documents: Sequence[JsonObject]) -> list[Any]:
    """Return the feedback between two documents that say nothing, with candidates []."""
    (told,) = _blocked(documents)
    empty = {"candidates": [], **envelope(documents)}
    return [empty, {**told, "candidates": []}, empty]


def _ended(reason: str, **fields: Any) -> Documents:
    """Return what leaves of an answer only a candidate without parts that ended for `reason`."""

    def bent(documents: Sequence[JsonObject]) -> list[Any]:
        candidate = {"content": {"role": "model"}, "finishReason": reason, "index": 0, **fields}
        kept = {name: value for name, value in documents[-1].items() if name != "candidates"}
        return [{"candidates": [candidate], **kept}]

    return bent


def _stopped_empty(documents: Sequence[JsonObject]) -> list[Any]:
    return [{"candidates": [said({"text": ""}, finishReason="STOP")], **envelope(documents)}]


def _stopped_for_safety(documents: Sequence[JsonObject]) -> list[Any]:
    ended = {"candidates": [{"finishReason": "SAFETY", "index": 0, "safetyRatings": _RATINGS}]}
    return [*cut_short()(documents), {**ended, **envelope(documents)}]


def _broken_gzip(pieces: Sequence[bytes]) -> list[bytes]:
    """Return two packed pieces and then bytes that no packer writes."""
    return [*gzipped(pieces)[:ARRIVED], b"\xff" * 64]


_MODELS: Final[dict[str, Fault]] = {
    "blocked_prompt": Fault(
        "promptFeedback.blockReason SAFETY and no candidates.", "empty", "WIRE 3; Google, captured", documents=_blocked
    ),
    "blocked_prompt_late": Fault(
        "promptFeedback beside candidates [], between two chunks without content.",
        "empty",
        "WIRE 3",
        documents=_blocked_late,
    ),
    "malformed_call": Fault(
        "MALFORMED_FUNCTION_CALL with a finishMessage and no parts.",
        "empty",
        "WIRE 3; Google",
        documents=_ended("MALFORMED_FUNCTION_CALL", finishMessage=MALFORMED),
    ),
    "safety_empty": Fault(
        "SAFETY without parts.", "empty", "WIRE 3; Google", documents=_ended("SAFETY", safetyRatings=_RATINGS)
    ),
    "max_tokens_empty": Fault(
        "MAX_TOKENS without parts: all tokens went into thinking.",
        "empty",
        "WIRE 3; Google",
        documents=_ended("MAX_TOKENS"),
    ),
    "stop_empty": Fault(
        "STOP, and nothing but an empty text.", "empty", "WIRE 3; Gemini 2.5's empty answers", documents=_stopped_empty
    ),
    "safety_mid_stream": Fault(
        "SAFETY after two chunks: the answer ends there, and says so.",
        "answer",
        "WIRE 3; Google",
        documents=_stopped_for_safety,
    ),
}
_BYTES: Final[dict[str, Fault]] = {
    "broken_json": Fault(
        "An event after two chunks is no JSON.",
        "error",
        "WIRE 3",
        documents=cut_short(),
        framing=SSE,
        pieces=lambda pieces: [*pieces, b'data: {"candidates": [,]}\r\n\r\n'],
    ),
    "broken_utf8": Fault(
        "An event after two chunks is no UTF-8.",
        "error",
        "WIRE 2; answers cut inside a character and joined again",
        documents=cut_short(),
        framing=SSE,
        pieces=lambda pieces: [
            *pieces,
            b'data: {"candidates": [{"content": {"parts": [{"text": "\xe6\x98"}]}}]}\r\n\r\n',
        ],
    ),
    "broken_gzip": Fault(
        "A gzip stream that is damaged behind two chunks.",
        "error",
        "WIRE 2",
        framing=SSE,
        pieces=_broken_gzip,
        headers=(("Content-Encoding", "gzip"),),
    ),
    "no_gzip": Fault(
        "The header claims gzip; the bytes are plain.",
        "error",
        "WIRE 2: headers lie",
        framing=SSE,
        headers=(("Content-Encoding", "gzip"),),
    ),
}

OUTCOMES: Final[Mapping[str, Fault]] = MappingProxyType({**_MODELS, **_BYTES})
"""The faults of models' own endings, and of unreadable bytes, by name."""

"""What one candidate of a response has said so far: its parts, its calls in pieces, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gstream.calls import CallAssembler
from gstream.chunks import finish_reason_of, read_candidate
from gstream.messages import FunctionCall, Text
from gstream.parts import CallFragment

if TYPE_CHECKING:
    from gstream.messages import JsonObject, Part

__all__ = ["EMPTY", "Candidate"]

EMPTY: Final[Any] = (None, "", [], {})
"""Values that say nothing: they replace nothing that was said before."""


_STRUCTURE: Final = frozenset({"content", "parts", "index"})
"""Fields that say nothing about the candidate besides its parts."""


class Candidate:
    """The state of one candidate: `read` every element of `candidates[]` that is its, then `close`."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.finish_reason: str | None = None
        self.said: JsonObject = {}
        """The candidate's fields besides `content`, merged."""
        self.half_call = False
        """Whether the stream ended, without a finish reason, inside a call that came in pieces."""
        self._calls = CallAssembler()
        self._ids: set[str] = set()

    def read(self, candidate: JsonObject) -> tuple[Part, ...]:
        """Take one element of `candidates[]` and return the parts it completes."""
        read = read_candidate(candidate)
        size = len(candidate)
        if len(read) == 1 and (size == 1 or (size == 2 and "index" in candidate)):  # noqa: PLR2004 - content and index
            only = read[0]
            if type(only) is Text and not self._calls.open:  # the usual text chunk, without a detour
                self.parts.append(only)
                return (only,)
        parts: list[Part] = []
        for part in read:
            if isinstance(part, CallFragment):
                parts += self._calls.feed(part)
            else:
                if isinstance(part, FunctionCall) and self._calls.open:
                    parts += self._calls.close()
                parts.append(part)
        for key, value in candidate.items():
            if key in _STRUCTURE:
                continue
            if key in {"finishReason", "finish_reason"}:
                self._finish(finish_reason_of(value), alone=not parts)
            elif value or value not in EMPTY:
                self.said[key] = _grown(key, self.said.get(key), value)
        return self._kept(parts)

    def close(self) -> tuple[Part, ...]:
        """Return the call that was left open, if there is one, and note the finish reason among what was said."""
        parts = self._kept(self._calls.close())
        self.half_call = bool(parts) and not self.finish_reason
        if self.finish_reason:
            self.said["finishReason"] = self.finish_reason
        return parts

    def _finish(self, reason: str | None, *, alone: bool) -> None:
        """Note a finish reason: the last one counts, but a bare STOP behind an abnormal end does not undo that."""
        if reason is None or (reason == "STOP" and alone and self.finish_reason):
            return
        self.finish_reason = reason

    def _kept(self, parts: list[Part]) -> tuple[Part, ...]:
        """Note `parts` and return them."""
        for position, part in enumerate(parts):
            if isinstance(part, FunctionCall) and part.id:
                if part.id in self._ids:  # a second call under the same id: the id tells nothing, so it is dropped
                    parts[position] = FunctionCall(
                        part.name, part.args, None, part.signature, part.malformed, part.extra
                    )
                self._ids.add(part.id)
        self.parts += parts
        return tuple(parts)


_LISTED: Final = frozenset(
    {"citationMetadata", "groundingMetadata", "urlContextMetadata", "citation_metadata", "grounding_metadata",
     "url_context_metadata", "groundingAttributions", "logprobsResult", "logprobs_result"}
)  # fmt: skip
"""Fields of a candidate whose lists grow over the documents of a stream; of others the last value counts."""


def _grown(key: str, old: Any, new: Any) -> Any:
    return _joined(old, new, repeat=key.startswith("logprobs")) if key in _LISTED and old is not None else new


def _joined(old: Any, new: Any, *, repeat: bool) -> Any:
    """Return `old` and `new` in one: lists continue (or are sent anew, longer), objects are joined, others replaced."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: _joined(old[key], new[key], repeat=repeat) if key in old else new[key] for key in new}}
    if isinstance(old, list) and isinstance(new, list):
        if repeat:
            return old + new
        return new if new[: len(old)] == old else old + [item for item in new if item not in old]
    return old if new in EMPTY else new

"""What a response says, as values: `Chunk`, its `Usage`, and the reading of one element of `candidates[]`.

Reading is tolerant field by field (a count that is no number is 0, a reason nobody knows stays as it is), in camelCase
and snake_case. State that spans documents lives in `decoder` and `calls`, the single part in `parts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from gstream.messages import Blob, FunctionCall, Text, Thought
from gstream.parts import merge_parts, read_parts, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gstream.frames import Framing
    from gstream.messages import JsonObject, Part
    from gstream.parts import ReadPart

__all__ = ["Chunk", "Usage", "candidate_index", "collect", "finish_reason_of", "merge_usage", "read_candidate"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one response (`usageMetadata`); 0 where the server named none."""

    prompt: int = 0
    """`promptTokenCount`: what was sent, cached content included, tool results excluded."""
    candidates: int = 0
    """`candidatesTokenCount`: the answer without thoughts."""
    thoughts: int = 0
    """`thoughtsTokenCount`."""
    cached: int = 0
    """`cachedContentTokenCount`: how much of `prompt` came from a cache."""
    tool_use: int = 0
    """`toolUsePromptTokenCount`: results of built-in tools that were read as prompt."""
    stated_total: int | None = None
    """`totalTokenCount` as it came; `None` where the server named none."""
    details: dict[str, dict[str, int]] = field(default_factory=dict)
    """`prompt`, `candidates`, `cache`, `tool_use` -> modality in lower case -> tokens (`*TokensDetails[]`)."""

    @property
    def input(self) -> int:
        """All tokens read: `prompt` and `tool_use`."""
        return self.prompt + self.tool_use

    @property
    def output(self) -> int:
        """All tokens written: `candidates` and `thoughts`."""
        return self.candidates + self.thoughts

    @property
    def total(self) -> int:
        """The stated total, never less than what was read and written."""
        return max(self.stated_total or 0, self.input + self.output)

    @classmethod
    def read(cls, raw: JsonObject) -> Usage:
        """Return the counts of a `usageMetadata` object; a count that is no number is 0."""
        return cls(
            prompt=_count(value_of(raw, "promptTokenCount")) or 0,
            candidates=_count(value_of(raw, "candidatesTokenCount")) or 0,
            thoughts=_count(value_of(raw, "thoughtsTokenCount")) or 0,
            cached=_count(value_of(raw, "cachedContentTokenCount")) or 0,
            tool_use=_count(value_of(raw, "toolUsePromptTokenCount")) or 0,
            stated_total=_count(value_of(raw, "totalTokenCount")),
            details={name: counts for name, key in _DETAILS.items() if (counts := _modalities(value_of(raw, key)))},
        )


_DETAILS: Final = {
    "prompt": "promptTokensDetails",
    "candidates": "candidatesTokensDetails",
    "cache": "cacheTokensDetails",
    "tool_use": "toolUsePromptTokensDetails",
}


def _count(value: object) -> int | None:
    """Return a token count from a number or a number in text; `None` for anything else (null, "N/A", negative)."""
    if type(value) is int:
        return value if value >= 0 else None
    if isinstance(value, bool):
        return None
    try:
        number = int(float(value)) if isinstance(value, int | float | str) else -1
    except (ValueError, OverflowError):
        return None
    return number if number >= 0 else None


def merge_usage(known: JsonObject, new: JsonObject) -> None:
    """Take the counts of a `usageMetadata` object into `known`: the last value counts that says something.

    Counts are cumulative but can fall, so they are neither added nor compared; a null or "N/A" undoes nothing.
    """
    for key, value in new.items():
        if (type(value) is int and value >= 0) or (type(value) is list and value):  # the usual ones, without a detour
            known[key] = value
            continue
        says_something = _count(value) is not None or (value and isinstance(value, dict))
        if says_something or (value is not None and key not in known):
            known[key] = value


def _modalities(value: object) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict) and isinstance(modality := item.get("modality"), str):
            count = _count(value_of(item, "tokenCount"))
            if count is not None:
                counts[modality.lower()] = counts.get(modality.lower(), 0) + count
    return counts


@dataclass(slots=True)
class Chunk:
    """A piece of an answer, or (merged) a whole one.

    While streaming, chunks carry parts; the last one, and only it, carries the finish reason and the usage.
    """

    parts: tuple[Part, ...] = ()
    """What arrived, in order."""
    finish_reason: str | None = None
    """Google's word in upper case, e.g. `"STOP"`; `None` on all but the last chunk."""
    usage: Usage | None = None
    """Token counts of the whole response; `None` on all but the last chunk, and there if the server gave none."""
    index: int = 0
    """Which candidate this belongs to (`candidate_count` above 1)."""
    raw: JsonObject = field(default_factory=dict)
    """The document as it came. On the last chunk: what all documents said besides parts, merged."""
    last: bool = False
    """Whether the response ends here."""
    framing: Framing | None = None
    """How the response was framed, as its bytes showed; `None` on all but the last chunk."""
    endpoint: str | None = None
    """The name of the endpoint that answered (a fallback, perhaps); `None` on all but the last chunk of a call."""
    request_id: str | None = None
    """The id under which the endpoint knows the request (a response header); `None` on all but the last chunk."""
    dropped: tuple[FunctionCall, ...] = ()
    """On the last chunk: the calls that `Prompt.parallel_calls=False` took out."""

    @property
    def text(self) -> str:
        """The visible text."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def thoughts(self) -> str:
        """The text of the thoughts."""
        return "".join(part.text for part in self.parts if isinstance(part, Thought))

    @property
    def calls(self) -> tuple[FunctionCall, ...]:
        """The function calls."""
        return tuple(part for part in self.parts if isinstance(part, FunctionCall))

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """The media."""
        return tuple(part for part in self.parts if isinstance(part, Blob))

    @property
    def candidate(self) -> JsonObject:
        """The candidate of `raw` that this chunk belongs to; `{}` if there is none."""
        candidates = self.raw.get("candidates")
        for position, item in enumerate(candidates if isinstance(candidates, list) else ()):
            if isinstance(item, dict) and candidate_index(item, position) == self.index:
                return item
        return {}

    @property
    def model_version(self) -> str | None:
        """`modelVersion`."""
        value = value_of(self.raw, "modelVersion")
        return value if isinstance(value, str) and value else None

    @property
    def response_id(self) -> str | None:
        """`responseId`."""
        value = value_of(self.raw, "responseId")
        return value if isinstance(value, str) and value else None

    @property
    def finish_message(self) -> str:
        """`candidates[].finishMessage`, or empty."""
        value = value_of(self.candidate, "finishMessage")
        return value if isinstance(value, str) else ""


_INTEGER_REASONS: Final = (
    None, "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
    "MALFORMED_FUNCTION_CALL", "IMAGE_SAFETY", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
)  # fmt: skip
"""`Candidate.FinishReason` by number, as its protocol buffer counts them; some gateways send the number."""

_OTHER_REASONS: Final = {
    "": None, "NULL": None, "NONE": None, "FINISH_REASON_UNSPECIFIED": None, "LENGTH": "MAX_TOKENS",
    "TOOL_CALLS": "STOP", "FUNCTION_CALL": "STOP", "END_TURN": "STOP", "CONTENT_FILTER": "SAFETY",
}  # fmt: skip
"""What gateways in front of other models say instead (WIRE: new-api's conversion of OpenAI streams)."""


def finish_reason_of(value: object) -> str | None:
    """Return a `finishReason` in Google's spelling; `None` if it says nothing; an unknown one stays, upper case."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return _INTEGER_REASONS[value] if 0 <= value < len(_INTEGER_REASONS) else f"FINISH_REASON_{value}"
    if not isinstance(value, str):
        return None
    word = value.strip().upper()
    return _OTHER_REASONS.get(word, word)


def candidate_index(candidate: JsonObject, position: int) -> int:
    """Return the candidate's `index`, or its position in the list where it names none."""
    index = candidate.get("index")
    return index if type(index) is int and index >= 0 else position


def read_candidate(candidate: JsonObject) -> list[ReadPart]:
    """Return the parts of one element of `candidates[]`, in order; a text or list in place of `content` is read too."""
    content = candidate.get("content")
    if type(content) is dict:
        return read_parts(content.get("parts"))
    return read_parts(candidate.get("parts") if content is None else content)


def collect(chunks: Iterable[Chunk]) -> Chunk:
    """Return the chunks of one candidate merged into one: what `invoke` and `chat` give back."""
    parts: list[Part] = []
    final = Chunk()
    for chunk in chunks:
        parts += chunk.parts
        final = chunk
    return replace(final, parts=merge_parts(parts))

"""The state of one response: bytes in, `Chunk` values out, a typed error where there is no whole right answer.

Where responses end is decided here and nowhere else: STOP is not the end, the end of the bytes is; the last meaningful
finish reason, the last value of each usage field and everything else that documents said are reported once, on the last
chunk. An error never hides chunks that came before it: `feed` returns them, the next call raises.
"""

from __future__ import annotations

import warnings
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from gstream.candidate import EMPTY, Candidate
from gstream.chunks import Chunk, Usage, candidate_index, collect, merge_usage
from gstream.errors import (
    ContentBlockedError,
    EmptyAnswerError,
    GStreamError,
    IncompleteStreamError,
    StreamError,
    without,
)
from gstream.failures import failure_of_body, failure_of_document, page_title, request_id_of
from gstream.frames import Done, Malformed, Stray
from gstream.framing import Framer
from gstream.parts import value_of
from gstream.settings import MAX_ANSWER_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gstream.frames import Document, Frame, Framing
    from gstream.messages import JsonObject
    from gstream.settings import OnIncomplete

__all__ = ["IncompleteAnswerWarning", "StreamDecoder"]

_DOCUMENT_SHARE: Final = 4
"""A single document may be this part of it: 64 MiB, which 50 MB of media in base64 need."""
_LEAST_DOCUMENT: Final = 256
"""Bytes that a document counts at least when it comes to how many there may be (a million): what is made of the
smallest one is many times its size."""
_MOST_CANDIDATES: Final = 128
"""Candidates of one response; the API makes eight at most."""
_MOST_FIELDS: Final = 10_000
"""Different fields that the documents of one response may have besides their candidates."""
_SAID: Final = 500
"""Characters of a server's explanation that a message repeats."""
_ERROR_BODY_LIMIT: Final = 1_048_576
"""Bytes of an error's body that are read."""
_BODY_KEYS: Final = ("candidates", "promptFeedback", "prompt_feedback", "usageMetadata", "usage_metadata")
_FINAL_REASONS: Final = frozenset(
    {"MAX_TOKENS", "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR",
     "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"}
)  # fmt: skip
"""Ends without an answer that asking again would only repeat, and bill again."""
_USAGE_KEYS: Final = frozenset({"usageMetadata", "usage_metadata"})
_INSIDE: Final = "the stream ended inside an event"
_WRAPPERS: Final = ("response", "data", "result", "body")


class IncompleteAnswerWarning(UserWarning):
    """A stream ended without a finish reason and `on_incomplete="warn"` let it pass."""


class StreamDecoder:
    """Decodes one response.

    Feed the body's bytes (content encoding removed) as they come, cut anywhere, then close. After `done` turned true
    nothing more need be read.

    Args:
        status: the HTTP status.
        headers: the response's headers, names in lower case; used for error messages only.
        on_incomplete: what a stream without a finish reason becomes.
        several: read all candidates; otherwise only the first one's parts and end count.
        max_bytes: bytes of the whole response. A single document may be a quarter of it, and there may be one for every
            256 of them. Beyond it the response is a `StreamError` that is not asked for again.
        secrets: texts that no warning, and no field that names the request, may show.
    """

    def __init__(
        self,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        on_incomplete: OnIncomplete = "raise",
        several: bool = True,
        max_bytes: int = MAX_ANSWER_BYTES,
        secrets: Sequence[str] = (),
    ) -> None:
        self.status = status
        self._several = several
        self.headers = headers or {}
        self.done = False
        """Whether the server said that nothing follows, or an error made the rest worthless."""
        self._on_incomplete = on_incomplete
        self._framer = Framer(longest=max(1, max_bytes // _DOCUMENT_SHARE))
        self._max_bytes = max_bytes
        self._look_at = max_bytes // 256
        """The number of bytes behind which the limits are looked at next."""
        self._secrets = secrets
        self._received = 0
        """Bytes so far."""
        self._failure: GStreamError | None = None
        self._body = bytearray()
        self._candidates: dict[int, Candidate] = {}
        self._envelope: JsonObject = {}
        self._usage: JsonObject = {}
        self._stray = ""
        self._strays = 0
        self._documents = 0
        self._drained = False
        self._half = False
        """Whether the bytes ended inside a document, so that something is known to be lost."""

    @property
    def framing(self) -> Framing | None:
        """How the body is framed, as its bytes show; `None` while too few came."""
        return self._framer.framing

    @property
    def ended(self) -> bool:
        """Whether each candidate has said something and why it ended; more may follow, but need not."""
        states = self._candidates.values()
        return bool(states) and all(state.finish_reason and state.parts for state in states)

    @property
    def partial(self) -> Chunk | None:
        """What has arrived of the first candidate, merged into one chunk; `None` where not one part has."""
        for index, state in sorted(self._candidates.items()):
            if state.parts:
                return collect([Chunk(tuple(state.parts), None, self._usage_read(), index, self._merged(index))])
        return None

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the chunks that `data` completes.

        Raises:
            GStreamError: an earlier call met an error (its chunks were returned first).
        """
        self._raise_failure()
        if not 200 <= self.status < 300:  # noqa: PLR2004 - the statuses of success
            self._body += data[: _ERROR_BODY_LIMIT - len(self._body)]
            self.done = len(self._body) == _ERROR_BODY_LIMIT
            return []
        self._received += len(data)
        if self._received > self._look_at:
            self._look()
            if self.done:
                return []
        return self._chunks(self._framer.feed(data))

    def close(self, *, cut: str | None = None) -> list[Chunk]:
        """Return the last chunk of each candidate, with finish reason, usage and all that was said besides parts.

        Args:
            cut: why the bytes ended, where that was no clean end, as a clause ("the connection was reset").

        Raises:
            GStreamError: the response is an error, blocked, empty, no answer at all, or incomplete.
        """
        self._raise_failure()
        if not 200 <= self.status < 300:  # noqa: PLR2004 - the statuses of success
            raise self._error_status()
        chunks = self.drain()
        self._raise_failure()
        chunks += self._finals()
        if (failure := self._ending(cut)) is not None:
            self._fail(failure)
            self._raise_failure()
        return chunks

    def drain(self) -> list[Chunk]:
        """Return the chunks that the end of the bytes completes: those of a last line that has no end.

        `close` does this itself, but what it completes is only in `.partial` if it then raises.
        """
        if self._drained or self._failure is not None or not 200 <= self.status < 300:  # noqa: PLR2004 - success
            return []
        self._drained = True
        return self._chunks(self._framer.close())

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    # -- documents ----------------------------------------------------------------------------------------------

    def _chunks(self, frames: list[Frame]) -> list[Chunk]:
        chunks: list[Chunk] = []
        for frame in frames:
            if isinstance(frame, dict):
                self._document(frame, chunks)
            elif isinstance(frame, Stray):
                self._stray = self._stray or frame.text
                self._strays += 1
            elif isinstance(frame, Done):
                self.done = True
            elif isinstance(frame, Malformed):
                self._malformed(frame)
            else:
                self._exceeded(frame.why, adjustable=frame.adjustable)
            if self._failure is not None:
                break
        return chunks

    def _document(self, document: Document, chunks: list[Chunk]) -> None:
        self._documents += 1
        candidates = document.get("candidates")
        if candidates is None or "error" in document:
            document = _unwrapped(document)
            candidates = document.get("candidates")
            if document.get("error") or not any(key in document for key in _BODY_KEYS):
                failure = failure_of_document(document, headers=self.headers)
                if failure is not None:
                    self._read(document, candidates, chunks)
                    self._fail(failure)
                    return
        self._read(document, candidates, chunks)

    def _read(self, document: Document, candidates: object, chunks: list[Chunk]) -> None:
        if isinstance(candidates, dict):
            candidates = [candidates]
        wanted = self._wanted(candidates) if type(candidates) is list and candidates else ()
        for index, candidate in wanted:
            state = self._candidates.get(index)
            if state is None:
                state = self._candidates[index] = Candidate()
            if parts := state.read(candidate):
                chunks.append(Chunk(parts, None, None, index, document))
        for key, value in document.items():
            if key == "candidates":
                continue
            if key in _USAGE_KEYS and type(value) is dict:
                merge_usage(self._usage, value)
            elif value or value not in EMPTY:
                self._envelope[key] = value

    def _wanted(self, candidates: list[Any]) -> list[tuple[int, JsonObject]]:
        """Return the candidates that count, in the order of their index; the first one has the least at its start."""
        found = [
            (candidate_index(candidate, position), candidate)
            for position, candidate in enumerate(candidates)
            if type(candidate) is dict
        ]
        if len(found) > 1:
            found.sort(key=itemgetter(0))
        if self._several or not found or (len(found) == 1 and found[0][0] in self._candidates):
            return found
        only = next(iter(self._candidates), found[0][0])
        return [item for item in found if item[0] == only]

    # -- endings ------------------------------------------------------------------------------------------------

    def _fail(self, failure: GStreamError) -> None:
        failure.partial = failure.partial or self.partial
        failure.request_id = failure.request_id or request_id_of(self.headers)
        self._failure = failure
        self.done = True

    def _look(self) -> None:
        """See whether the response has passed a limit; once every 1/256 of its length, as most never do."""
        if self._received > self._max_bytes:
            self._exceeded(f"it is longer than {self._max_bytes:,} bytes")
        elif self._documents + self._strays > self._max_bytes // _LEAST_DOCUMENT:
            self._exceeded(f"it came in more than {self._max_bytes // _LEAST_DOCUMENT:,} events")
        elif len(self._envelope) + len(self._usage) > _MOST_FIELDS:
            self._exceeded(f"its documents have more than {_MOST_FIELDS:,} different fields", adjustable=False)
        elif len(self._candidates) > _MOST_CANDIDATES:
            self._exceeded(f"it has more than {_MOST_CANDIDATES} candidates", adjustable=False)
        self._look_at = min(self._max_bytes, self._received + self._max_bytes // 256)

    def _exceeded(self, why: str, *, adjustable: bool = True) -> None:
        """End a response that has passed a limit; one that has ended already is whole, and only its rest is unread."""
        if self.ended:
            self.done = True
            return
        advice = "; if that is right, raise max_answer_bytes" if adjustable else ""
        self._fail(StreamError(f"The answer is larger than any should be: {why}{advice}.", retryable=False))

    def _malformed(self, frame: Malformed) -> None:
        if frame.cut:
            self._half = True
            self._stray = self._stray or f"half an event: {frame.text[:80]}"
            return
        shown = frame.text[:120]
        self._fail(
            StreamError(
                f"The endpoint sent JSON that cannot be read ({frame.why}): {shown!r}.",
                received=frame.text,
                retryable=True,
            )
        )

    def _error_status(self) -> GStreamError:
        framer = Framer()
        body = bytes(self._body)
        documents = [frame for frame in (*framer.feed(body), *framer.close()) if isinstance(frame, dict)]
        for document in documents:
            failure = failure_of_document(_unwrapped(document), status=self.status, headers=self.headers)
            if failure is not None:
                return failure
        return failure_of_body(body, status=self.status, headers=self.headers)

    def _finals(self) -> list[Chunk]:
        usage = self._usage_read()
        finals = []
        for position, (index, state) in enumerate(sorted(self._candidates.items())):
            parts = state.close()
            counted = usage if position == 0 else None  # the response is counted once, however many candidates
            finals.append(
                Chunk(
                    parts,
                    state.finish_reason,
                    counted,
                    index,
                    self._merged(index),
                    last=True,
                    framing=self.framing,
                    request_id=without(request_id_of(self.headers), self._secrets),
                )
            )
        return finals

    def _usage_read(self) -> Usage | None:
        return Usage.read(self._usage) if self._usage else None

    def _merged(self, index: int) -> JsonObject:
        """Return one document that says what all documents said besides parts."""
        merged = dict(self._envelope)
        if self._usage:
            merged["usageMetadata"] = self._usage
        merged["candidates"] = [{**self._candidates[index].said, "index": index}]
        return merged

    def _ending(self, cut: str | None) -> GStreamError | None:
        """Return why what came is no whole answer; `None` if it is one."""
        states = self._candidates.values()
        if not any(state.parts for state in states):
            return self._nothing(cut)
        if all(state.finish_reason for state in states) and not self._half:
            return None  # whole, also where the connection broke behind the finish reason
        how = cut or (_INSIDE if self._half else "the stream ended without a finish reason")
        message = f"The answer is incomplete: {how}.{self._heard()} What had arrived is in .partial."
        # Half a call must not run, whatever the caller lets pass.
        if self._on_incomplete == "raise" or any(state.half_call for state in states):
            return IncompleteStreamError(message, received=self._stray)
        if self._on_incomplete == "warn":
            warnings.warn(without(message, self._secrets), IncompleteAnswerWarning, stacklevel=2)
        return None

    def _nothing(self, cut: str | None) -> GStreamError:
        """Return the error of a response without a single part."""
        feedback = value_of(self._envelope, "promptFeedback")
        if isinstance(feedback, dict) and (reason := value_of(feedback, "blockReason")):
            ratings = value_of(feedback, "safetyRatings")
            explanation = value_of(feedback, "blockReasonMessage")
            explanation = explanation if isinstance(explanation, str) else ""
            return ContentBlockedError(
                f"The prompt was blocked: {str(reason)[:_SAID]}. {explanation[:_SAID]}".rstrip(),
                reason=str(reason)[:_SAID],
                ratings=[item for item in ratings if isinstance(item, dict)] if isinstance(ratings, list) else [],
                explanation=explanation,
            )
        ended = next((state for state in self._candidates.values() if state.finish_reason), None)
        if ended is not None and cut is None:
            reason = (ended.finish_reason or "")[:_SAID]
            explanation = value_of(ended.said, "finishMessage")
            explanation = explanation if isinstance(explanation, str) else ""
            return EmptyAnswerError(
                f"The model ended with {reason} and no answer. {explanation[:_SAID]}".rstrip(),
                finish_reason=reason,
                finish_message=explanation,
                retryable=ended.finish_reason not in _FINAL_REASONS,
            )
        title = page_title(self._stray)
        if title is not None:
            return StreamError(
                f"The endpoint sent an HTML page, {title!r}, instead of an answer: check base_url, it probably points "
                "to the provider's website and not to its API.",
                received=self._stray,
            )
        if self._stray and not self._documents and not self._half:
            return StreamError(
                f"The endpoint sent text instead of an answer: {self._stray[:200]!r}.",
                received=self._stray,
                retryable=True,
            )
        silence = "the stream ended before any part" if self._documents else "the response was empty"
        how = cut or (_INSIDE if self._half else silence)
        return IncompleteStreamError(f"No answer came: {how}.{self._heard()}", received=self._stray)

    def _heard(self) -> str:
        """Return a sentence of what came that was no document; nothing if all was."""
        title = page_title(self._stray)
        stray = self._stray[:200] if title is None else f"an HTML page, {title}"
        return f" It also sent {stray!r}." if self._stray else ""


def _unwrapped(document: JsonObject) -> JsonObject:
    """Return the response inside `{"response": {...}}`, `{"code": 200, "data": {...}}` and the like."""
    for key in _WRAPPERS:
        inner = document.get(key)
        if isinstance(inner, list) and len(inner) == 1:
            inner = inner[0]
        if isinstance(inner, dict) and ("error" in inner or any(name in inner for name in _BODY_KEYS)):
            outside = {name: value for name, value in document.items() if name != key}
            return {**outside, **inner}
    return document

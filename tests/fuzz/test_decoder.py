"""Nothing but `GStreamError` leaves the decoder, and how bytes are cut changes nothing.

`make test` runs a small number of examples, `make fuzz` twenty thousand of each (`GSTREAM_FUZZ_EXAMPLES`).
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gstream import Chunk, GStreamError, StreamDecoder, collect
from tests.conftest import CORPUS

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = int(os.environ.get("GSTREAM_FUZZ_EXAMPLES", "60"))
fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,  # no timed assertion
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

Result: TypeAlias = "Chunk | tuple[str, str, Chunk | None]"


def decoded(pieces: Sequence[bytes], status: int = 200) -> Result:
    """Return what a response fed in `pieces` comes to: the answer, or the error's class, words and partial answer."""
    decoder = StreamDecoder(status=status, headers={"x-request-id": "r1"})
    chunks: list[Chunk] = []
    try:
        for piece in pieces:
            chunks += decoder.feed(piece)
        chunks += decoder.close()
    except GStreamError as error:
        return type(error).__name__, str(error), error.partial
    return collect(chunk for chunk in chunks if chunk.index == 0)


def cut(body: bytes, places: Sequence[int]) -> list[bytes]:
    """Return `body` cut at `places` (taken modulo its length)."""
    ends = sorted({place % (len(body) + 1) for place in places})
    return [body[start:end] for start, end in zip([0, *ends], [*ends, len(body)], strict=True)]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = (
    "candidates", "content", "parts", "text", "thought", "thoughtSignature", "thought_signature", "functionCall",
    "function_call", "name", "args", "arguments", "id", "partialArgs", "jsonPath", "stringValue", "willContinue",
    "inlineData", "data", "mimeType", "fileData", "fileUri", "executableCode", "code", "codeExecutionResult",
    "functionResponse", "response", "finishReason", "finish_reason", "index", "role", "usageMetadata",
    "promptTokenCount", "candidatesTokenCount", "promptTokensDetails", "modality", "tokenCount", "promptFeedback",
    "blockReason", "safetyRatings", "error", "message", "status", "details", "success", "msg", "result",
    "logprobsResult", "groundingMetadata", "groundingChunks", "citationMetadata", "modelVersion", "responseId",
    "@type", "retryDelay",
)  # fmt: skip
WORDS = (
    "STOP",
    "MAX_TOKENS",
    "",
    "SAFETY",
    "hello",
    "$.a[0].b",
    "$.a",
    "[0]",
    "34s",
    "429",
    "RESOURCE_EXHAUSTED",
    "[DONE]",
)
wire_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 600) | st.floats() | st.sampled_from(WORDS) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)
candidates = st.fixed_dictionaries(
    {"content": st.fixed_dictionaries({"parts": st.lists(wire_values, max_size=3) | wire_values}) | wire_values},
    optional={"finishReason": wire_values, "index": wire_values, "safetyRatings": wire_values},
)
documents = (
    st.fixed_dictionaries(
        {"candidates": st.lists(candidates, max_size=2) | wire_values},
        optional={"usageMetadata": wire_values, "promptFeedback": wire_values, "error": wire_values},
    )
    | st.dictionaries(st.sampled_from(KEYS), wire_values, max_size=5)
    | json_values
)
places = st.lists(st.integers(0, 1 << 16), max_size=12)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Documents in any framing, whole or broken."""
    texts = [
        json.dumps(document, ensure_ascii=draw(st.booleans())) for document in draw(st.lists(documents, max_size=4))
    ]
    raw = [text.encode("utf-8", "surrogatepass") for text in texts]
    end = draw(st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n", b"\r\n\r\n"]))
    framed = {
        "sse": b"".join(draw(st.sampled_from([b"data: ", b"data:", b": ping\n\ndata: "])) + item + end for item in raw),
        "array": b"[" + (b"," + end).join(raw) + b"]",
        "lines": end.join(raw),
    }
    body = framed[draw(st.sampled_from(sorted(framed)))]
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(body)))
        dropped = draw(st.integers(0, 8))
        body = body[:place] + draw(st.binary(max_size=4)) + body[place + dropped :]
    return body


@fuzzed
@given(body=bodies(), places=places, status=st.sampled_from([200, 200, 200, 204, 301, 400, 429, 500, 503]))
def test_documents_of_any_content_come_to_an_answer_or_a_typed_error(
    body: bytes, places: list[int], status: int
) -> None:
    assert repr(decoded([body], status)) == repr(decoded(cut(body, places), status))


@fuzzed
@given(body=st.binary(max_size=300), places=places)
def test_any_bytes_come_to_an_answer_or_a_typed_error(body: bytes, places: list[int]) -> None:
    assert repr(decoded([body])) == repr(decoded(cut(body, places)))


@st.composite
def mutated(draw: st.DrawFn, recorded: Sequence[bytes]) -> bytes:
    """A recorded response with a few bytes changed, dropped, repeated or replaced by another's."""
    body = draw(st.sampled_from(recorded))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(body)))
        length = draw(st.integers(0, 40))
        body = draw(
            st.sampled_from(
                [
                    body[:place],
                    body[:place] + body[place + length :],
                    body[: place + length] + body[place:],
                    body[:place] + draw(st.binary(max_size=5)) + body[place:],
                    body[:place] + draw(st.sampled_from(recorded))[length:],
                ]
            )
        )
    return body


@cache
def _recorded() -> list[bytes]:
    """Return the recorded bodies of a size that can be tried thousands of times."""
    return [body for path in sorted(CORPUS.glob("*/*/response.raw")) if len(body := path.read_bytes()) < 8_000]


@st.composite
def mutated_recordings(draw: st.DrawFn) -> bytes:
    body: bytes = draw(mutated(_recorded() or [b""]))
    return body


@pytest.mark.shared
@fuzzed
@given(body=mutated_recordings(), places=places)
def test_a_damaged_recording_comes_to_an_answer_or_a_typed_error(body: bytes, places: list[int]) -> None:
    assert repr(decoded([body])) == repr(decoded(cut(body, places)))

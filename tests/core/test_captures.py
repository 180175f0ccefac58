"""What real gateways answered, byte for byte: each response is the right answer or the right typed error."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from gstream import (
    AuthenticationError,
    Blob,
    ContentBlockedError,
    FunctionCall,
    GStreamError,
    IncompleteStreamError,
    InvalidRequestError,
    OverloadedError,
    Part,
    RateLimitError,
    ServerError,
    Text,
    Thought,
    Usage,
)
from tests.core.feeding import hear, scattered, singles

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared

BALANCE, NATIVE, PASS = "gemini-balance", "litellm-native", "litellm-passthrough"
SIGNATURE = "CiQBVKhc7vB+/a==ThoughtSig+Part/One=="
TEXT = {"prompt": {"text": 7}}
CALLS = (
    FunctionCall("get_weather", {"city": "Tōkyō", "n": 1.0, "big": 12345678901234567890}, "fc-1", SIGNATURE),
    FunctionCall("get_time", {}, "fc-2"),
)
GROUNDING = {"webSearchQueries": ["q"], "groundingChunks": [{"web": {"uri": "https://example.com", "title": "t"}}]}


@dataclass(frozen=True)
class Answer:
    gateways: tuple[str, ...]
    case: str
    parts: tuple[Part, ...]
    usage: Usage


# gemini-balance decodes and encodes the stream anew and loses the signature that stood alone on an empty text.
ANSWERS = (
    Answer(
        (BALANCE, NATIVE, PASS), "good", (Text("春が来た\n\n& <b>。"),),
        Usage(prompt=7, candidates=9, stated_total=16, details={**TEXT, "candidates": {"text": 9}}),
    ),
    Answer((BALANCE,), "think", (Thought("**Thinking** about it"), Text("Answer.")), Usage(7, 3, 30, stated_total=40, details=TEXT)),
    Answer(
        (NATIVE, PASS), "think", (Thought("**Thinking** about it"), Text("Answer."), Text("", SIGNATURE)),
        Usage(7, 3, 30, stated_total=40, details=TEXT),
    ),
    Answer((BALANCE, NATIVE, PASS), "tool", (Thought("plan"), *CALLS), Usage(7, 14, 20, stated_total=41, details=TEXT)),
    Answer(
        (BALANCE, NATIVE, PASS), "image", (Blob("image/png", "iVBORw0KGgo=", signature=SIGNATURE),),
        Usage(7, 1290, stated_total=1297, details=TEXT),
    ),
    Answer((BALANCE, NATIVE, PASS), "grounded", (Text("G."),), Usage(7, 3, tool_use=55, stated_total=10, details=TEXT)),
)  # fmt: skip


@dataclass(frozen=True)
class Failure:
    gateways: tuple[str, ...]
    case: str
    error: type[GStreamError]
    words: str
    before: str = ""
    status: int | None = None
    code: str | None = None
    retryable: bool = True
    retry_after_s: float | None = None


QUOTA = "You exceeded your current quota."
BUSY = "The model is overloaded. Please try again later."

# gemini-balance hides every break behind a clean end, and answers a blocked prompt with its own 500.
FAILURES = (
    Failure((BALANCE,), "blocked", ServerError, "Internal server error", status=500, code="http_error"),
    Failure((NATIVE, PASS), "blocked", ContentBlockedError, "PROHIBITED_CONTENT", retryable=False),
    Failure((BALANCE, NATIVE, PASS), "nofinish", IncompleteStreamError, "without a finish reason", "cut off"),
    Failure((BALANCE, NATIVE, PASS), "zero", IncompleteStreamError, "empty"),
    Failure((BALANCE, NATIVE, PASS), "e429", RateLimitError, QUOTA, status=429, code="RESOURCE_EXHAUSTED", retry_after_s=34.0),
    Failure((BALANCE, PASS), "e503", OverloadedError, BUSY, status=503, code="UNAVAILABLE"),
    Failure((NATIVE,), "e503", ServerError, BUSY, status=500, code="UNAVAILABLE"),
    Failure((BALANCE,), "ok200err", IncompleteStreamError, "empty"),
    Failure((NATIVE, PASS), "ok200err", OverloadedError, BUSY, status=503, code="UNAVAILABLE"),
    Failure((BALANCE,), "miderr", IncompleteStreamError, "without a finish reason", "春が"),
    Failure((NATIVE, PASS), "miderr", OverloadedError, BUSY, "春が", status=503, code="UNAVAILABLE"),
    Failure((BALANCE,), "miderrbare", IncompleteStreamError, "without a finish reason", "春が"),
    Failure((NATIVE, PASS), "miderrbare", OverloadedError, BUSY, "春が", status=503, code="UNAVAILABLE"),
    Failure((BALANCE,), "breakrst", IncompleteStreamError, "without a finish reason", "春が"),
    Failure((NATIVE,), "breakrst", ServerError, "Connection reset by peer", "春が", status=500, code="500"),
    Failure((PASS,), "breakrst", IncompleteStreamError, "the connection was cut", "春が"),
    Failure((BALANCE,), "badkey_header", AuthenticationError, "Invalid key", status=401, code="http_error", retryable=False),
    Failure((NATIVE, PASS), "badkey_header", InvalidRequestError, "No connected db.", status=400, code="400", retryable=False),
)  # fmt: skip


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes
    cut: str | None


def response(path: Path) -> Response:
    """Return a captured response as an HTTP client hands it over."""
    head, _, body = path.read_bytes().partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    cut = None
    if headers.get("transfer-encoding") == "chunked":
        body, cut = unchunked(body)
    return Response(int(first.split()[1]), headers, body, cut)


def unchunked(framed: bytes) -> tuple[bytes, str | None]:
    """Return the body inside HTTP's chunk framing, and how it was cut if its last chunk is missing."""
    body = b""
    while match := re.match(rb"([0-9a-f]+)\r\n", framed):
        size = int(match[1], 16)
        if size == 0:
            return body, None
        body += framed[match.end() : match.end() + size]
        framed = framed[match.end() + size + 2 :]
    return body, "the connection was cut"


def spread(cases: tuple[Any, ...]) -> list[Any]:
    return [pytest.param(gateway, case, id=f"{gateway}-{case.case}") for case in cases for gateway in case.gateways]


@pytest.mark.parametrize(("gateway", "case"), spread(ANSWERS))
def test_a_gateways_answer_is_read_whole(gateway: str, case: Answer, shared: Path) -> None:
    got = response(shared / "captures" / gateway / f"{case.case}.raw")
    for reads in ([got.body], singles(got.body), *(scattered(got.body, seed) for seed in range(5))):
        heard = hear(reads, status=got.status, headers=got.headers, cut=got.cut)

        assert heard.error is None
        assert (case.parts, case.usage, "STOP", "sse") == (
            heard.parts(),
            heard.last.usage,
            heard.last.finish_reason,
            heard.framing,
        )
        assert heard.last.request_id == got.headers.get("x-litellm-call-id")
        assert heard.last.raw["xUnknownTop"] == {"k": [1, 2]}


@pytest.mark.parametrize(("gateway", "case"), spread(FAILURES))
def test_a_gateways_failure_is_the_right_error(gateway: str, case: Failure, shared: Path) -> None:
    got = response(shared / "captures" / gateway / f"{case.case}.raw")
    for reads in ([got.body], singles(got.body), *(scattered(got.body, seed) for seed in range(5))):
        heard = hear(reads, status=got.status, headers=got.headers, cut=got.cut)

        error = heard.error
        assert error is not None
        assert case.error is type(error)
        assert case.words in str(error)
        assert case.before == heard.text
        assert case.before == (error.partial.text if error.partial else "")
        assert (case.status, case.code, case.retryable, case.retry_after_s) == (
            getattr(error, "status", None),
            getattr(error, "code", None),
            error.retryable,
            getattr(error, "retry_after_s", None),
        )
        assert error.request_id == got.headers.get("x-litellm-call-id")


@pytest.mark.parametrize("gateway", [BALANCE, NATIVE, PASS])
def test_a_gateways_grounding_is_kept(gateway: str, shared: Path) -> None:
    got = response(shared / "captures" / gateway / "grounded.raw")

    assert hear(got.body, headers=got.headers).last.candidate["groundingMetadata"] == GROUNDING


def test_every_captured_response_has_its_expectation(shared: Path) -> None:
    expected = {(gateway, case.case) for case in (*ANSWERS, *FAILURES) for gateway in case.gateways}

    assert expected == {(path.parent.name, path.stem) for path in (shared / "captures").glob("*/*.raw")}

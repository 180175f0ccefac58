"""An error in any of its shapes in, the right class out, with the provider's words."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import email.utils
import json
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from gstream import (
    AuthenticationError,
    EndpointError,
    InvalidRequestError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaError,
    RateLimitError,
    ServerError,
)
from gstream.failures import failure_of_document, page_title, request_id_of
from tests.core.feeding import hear

QUOTA = "You exceeded your current quota. Please retry in 34.07s."
GOOGLE_429 = {
    "error": {
        "code": 429,
        "message": QUOTA,
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"},
        ],
    }
}
BAD_KEY = {
    "error": {
        "code": 400,
        "message": "API key not valid. Please pass a valid API key.",
        "status": "INVALID_ARGUMENT",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
    }
}


@dataclass(frozen=True)
class Case:
    id: str
    body: Any
    error: type[EndpointError]
    status: int = 200
    stated: int | None = None
    code: str | None = None
    words: str = ""
    retryable: bool = False
    retry_after_s: float | None = None
    request_id: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def google(code: int, status: str, message: str = "Words.") -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status}}


def openai(message: str, type_: str, code: object, param: object = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": type_, "param": param, "code": code}}


CASES = (
    # Google's own
    Case("google 400", google(400, "INVALID_ARGUMENT"), InvalidRequestError, 400, 400, "INVALID_ARGUMENT", "Words."),
    Case("google 401", google(401, "UNAUTHENTICATED"), AuthenticationError, 401, 401, "UNAUTHENTICATED", "Words."),
    Case("google 403", google(403, "PERMISSION_DENIED"), PermissionDeniedError, 403, 403, "PERMISSION_DENIED", "Words."),
    Case("google 404", google(404, "NOT_FOUND"), NotFoundError, 404, 404, "NOT_FOUND", "Words."),
    Case("google 429", GOOGLE_429, RateLimitError, 429, 429, "RESOURCE_EXHAUSTED", QUOTA, retryable=True, retry_after_s=34.07),
    Case("google 500", google(500, "INTERNAL"), ServerError, 500, 500, "INTERNAL", "Words.", retryable=True),
    Case("google 503", google(503, "UNAVAILABLE"), OverloadedError, 503, 503, "UNAVAILABLE", "Words.", retryable=True),
    Case("google 504", google(504, "DEADLINE_EXCEEDED"), ServerError, 504, 504, "DEADLINE_EXCEEDED", "Words.", retryable=True),
    Case("google's bad key", BAD_KEY, AuthenticationError, 400, 400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    Case("in an array", [google(503, "UNAVAILABLE")], OverloadedError, 503, 503, "UNAVAILABLE", "Words.", retryable=True),
    Case("under 200", google(429, "RESOURCE_EXHAUSTED"), RateLimitError, 200, 429, "RESOURCE_EXHAUSTED", "Words.", retryable=True),
    Case("under 200, only the status's name", {"error": {"message": "W", "status": "NOT_FOUND"}}, NotFoundError, 200, 404, "NOT_FOUND", "W"),
    # OpenAI-shaped
    Case("code as a number", openai("W", "x_error", 429), RateLimitError, 200, 429, "x_error", "W", retryable=True),
    Case("code as text", openai("W", "None", "429"), RateLimitError, 200, 429, "429", "W", retryable=True),
    Case("code null", openai("W", "invalid_request_error", None), InvalidRequestError, 200, 400, "invalid_request_error", "W"),
    Case("code empty", openai("W", "rate_limit_error", ""), RateLimitError, 200, 429, "rate_limit_error", "W", retryable=True),
    Case("code says the model is unknown, status 503", openai("W", "new_api_error", "model_not_found"), NotFoundError, 503, 503, "model_not_found", "W"),
    Case(
        "no channel for the model, status 503",
        openai("No available channel for model gemini-x under group default (request id: 20261120-abc)", "new_api_error", ""),
        NotFoundError, 503, 503, "new_api_error",
        "No available channel for model gemini-x under group default (request id: 20261120-abc)",
        request_id="20261120-abc",
    ),
    Case("no channel, in Chinese", openai("当前分组 default 下对于模型 x 无可用渠道", "new_api_error", None), NotFoundError, 503, 503, "new_api_error", "当前分组 default 下对于模型 x 无可用渠道"),
    Case("unknown model, status 400", openai("Invalid model name passed in model=x", "None", "400"), NotFoundError, 400, 400, "400", "Invalid model name passed in model=x"),
    Case("quota under 403", openai("用户额度不足, 剩余额度: 0", "new_api_error", "insufficient_user_quota"), QuotaError, 403, 403, "insufficient_user_quota", "用户额度不足, 剩余额度: 0"),
    Case("quota under 402", openai("余额不足", "one_hub_error", None), QuotaError, 402, 402, "one_hub_error", "余额不足"),
    Case("quota under 200", {"code": 1002, "msg": "余额不足"}, QuotaError, 200, None, "1002", "余额不足"),
    Case("402 without words", "", QuotaError, 402, 402),
    Case("a bad key under 401", openai("Incorrect API key provided", "invalid_request_error", "invalid_api_key"), AuthenticationError, 401, 401, "invalid_api_key", "Incorrect API key provided"),
    Case("a bad key, in Chinese", openai("无效的令牌", "new_api_error", ""), AuthenticationError, 401, 401, "new_api_error", "无效的令牌"),
    Case("an upstream 503 that became 500", openai("upstream", "upstream_error", "503"), ServerError, 500, 500, "503", "upstream", retryable=True),
    # everything else
    Case("error as text", {"error": "boom"}, ServerError, 200, None, None, "boom", retryable=True),
    Case("error as text under 400", {"error": "boom"}, InvalidRequestError, 400, 400, None, "boom"),
    Case("error as a list", {"error": [{"message": "boom", "code": 429}]}, RateLimitError, 200, 429, "429", "boom", retryable=True),
    Case("only a message", {"message": "boom"}, ServerError, 200, None, None, "boom", retryable=True),
    Case("message with a code", {"code": 503, "message": "boom", "status": "UNAVAILABLE"}, OverloadedError, 200, 503, "UNAVAILABLE", "boom", retryable=True),
    Case("code and msg", {"code": 1002, "msg": "boom"}, ServerError, 200, None, "1002", "boom", retryable=True),
    Case("success false", {"success": False, "message": "boom", "code": 401}, AuthenticationError, 200, 401, "401", "boom"),
    Case("success false and nothing else", {"success": False}, ServerError, 200, retryable=True),
    Case("detail", {"detail": "Not Found"}, NotFoundError, 404, 404, None, "Not Found"),
    Case("detail as a list", {"detail": [{"msg": "field required"}]}, InvalidRequestError, 422, 422, None, "field required"),
    Case("type error", {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, OverloadedError, 200, 529, "overloaded_error", "busy", retryable=True),
    Case(
        "the upstream's body as text inside the message",
        openai("upstream said: " + json.dumps(GOOGLE_429), "upstream_error", "x"),
        RateLimitError, 429, 429, "RESOURCE_EXHAUSTED", QUOTA, retryable=True, retry_after_s=34.07,
    ),
    Case(
        "two gateways, one behind the other",
        openai(json.dumps(openai(json.dumps(google(503, "UNAVAILABLE")), "a", "b")), "c", "d"),
        OverloadedError, 200, 503, "UNAVAILABLE", "Words.", retryable=True,
    ),
    Case("words in brackets", openai("bad {thing}", "x", "y"), EndpointError, 418, 418, "y", "bad {thing}"),
    Case("words in brackets that are cut", openai('upstream said: {"error": {"code"', "x", "y"), EndpointError, 418, 418, "y", 'upstream said: {"error": {"code"'),
    Case("new-api's own complaint about the request", openai("Bad.", "new_api_error", "invalid_request"), InvalidRequestError, 500, 500, "invalid_request", "Bad."),
    Case("an unknown JSON under 418", {"teapot": 1}, EndpointError, 418, 418, None, '{"teapot": 1}'),
    Case("a page", b"<html><head><title>502 Bad\n Gateway</title></head></html>", ServerError, 502, 502, None, "an HTML page, '502 Bad Gateway'", retryable=True),
    Case("a page under 404", b"<!DOCTYPE html><h1>Not here</h1>", NotFoundError, 404, 404, None, "an HTML page, 'Not here'"),
    Case("a text", b"upstream request timeout", ServerError, 504, 504, None, "upstream request timeout", retryable=True),
    Case("nothing", b"", ServerError, 500, 500, None, "", retryable=True),
    Case("nothing under 401", b"", AuthenticationError, 401, 401),
    Case("not UTF-8", b"\xff\xfe boom", ServerError, 500, 500, None, "\ufffd\ufffd boom", retryable=True),
    Case("a payload too large", b"", InvalidRequestError, 413, 413),
    Case("408", b"", EndpointError, 408, 408, retryable=True),
    Case("425", b"", EndpointError, 425, 425, retryable=True),
    Case("501", b"", ServerError, 501, 501),
    *(Case(str(status), b"", ServerError, status, status, retryable=True) for status in (502, 504, 520, 521, 522, 523, 524)),
    Case("529", b"", OverloadedError, 529, 529, retryable=True),
    Case("as an event under 429", b"data: " + json.dumps(GOOGLE_429).encode() + b"\n\n", RateLimitError, 429, 429, "RESOURCE_EXHAUSTED", QUOTA, retryable=True, retry_after_s=34.07),
    Case("a redirect", b"<html><title>301</title></html>", EndpointError, 301, 301, None, "a redirect to https://elsewhere.example/, which is not followed with a key", headers={"location": "https://elsewhere.example/"}),
    Case("an empty redirect", b"", EndpointError, 307, 307, None, "a redirect to https://elsewhere.example/x, which is not followed with a key", headers={"location": "https://elsewhere.example/x?key=abc"}),
    # how long to wait
    Case("Retry-After in seconds", b"", RateLimitError, 429, 429, retryable=True, retry_after_s=7.0, headers={"retry-after": " 7 "}),
    Case("Retry-After with a fraction", b"", RateLimitError, 429, 429, retryable=True, retry_after_s=0.5, headers={"retry-after": "0.5"}),
    Case("Retry-After in milliseconds", b"", RateLimitError, 429, 429, retryable=True, retry_after_s=0.25, headers={"retry-after": "3", "retry-after-ms": "250"}),
    Case("RetryInfo before Retry-After", GOOGLE_429, RateLimitError, 429, 429, "RESOURCE_EXHAUSTED", QUOTA, retryable=True, retry_after_s=34.07, headers={"retry-after": "1"}),
    *(
        Case(f"Retry-After {value!r}", b"", RateLimitError, 429, 429, retryable=True, headers={"retry-after": value})
        for value in ("", "soon", "-1", "Wed, 99 Foo 2020 00:00:00 GMT", "1e5")
    ),
    Case("Retry-After in the past", b"", RateLimitError, 429, 429, retryable=True, retry_after_s=0.0, headers={"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}),
    Case("RetryInfo that says nothing", {"error": {"code": 429, "message": "W", "details": [{"retryDelay": "soon"}, {"retryDelay": 3}, 7]}}, RateLimitError, 429, 429, "429", "W", retryable=True),
    # request ids
    Case("request id of new-api", b"", ServerError, 500, 500, retryable=True, request_id="r1", headers={"x-oneapi-request-id": "r1", "x-request-id": "r2"}),
    Case("request id of a proxy", b"", ServerError, 500, 500, retryable=True, request_id="r2", headers={"cf-ray": "r3", "x-request-id": "r2"}),
    Case("request id of Cloudflare", b"", ServerError, 500, 500, retryable=True, request_id="r3", headers={"cf-ray": "r3"}),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_an_error_is_read_as(case: Case) -> None:
    body = (
        case.body
        if isinstance(case.body, bytes)
        else json.dumps(case.body, ensure_ascii=False).encode()
        if case.body
        else b""
    )
    error = hear(body, status=case.status, headers=case.headers).error

    assert isinstance(error, EndpointError)
    assert (case.error, case.stated, case.code, case.words, case.retryable, case.retry_after_s, case.request_id) == (
        type(error),
        error.status,
        error.code,
        error.provider_message,
        error.retryable,
        error.retry_after_s,
        error.request_id,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_sentence_of_an_error_is_one_line_of_readable_length(case: Case) -> None:
    body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode() if case.body else b""
    message = str(hear(body, status=case.status, headers=case.headers).error)

    assert "\n" not in message
    assert "<" not in message
    assert len(message) < 400


def test_a_long_text_is_shown_in_part() -> None:
    error = hear(b"x " * 100_000, status=500).error

    assert len(str(error)) < 1_000


def test_a_long_message_of_a_document_is_shown_in_part() -> None:
    """A gateway may quote the whole prompt back."""
    error = hear(json.dumps({"error": {"message": "x " * 100_000}}).encode(), status=400).error

    assert len(str(error)) < 5_000


def test_a_date_to_wait_for_is_given_in_seconds() -> None:
    date = email.utils.formatdate(time.time() + 3600, usegmt=True)
    error = hear(b"", status=503, headers={"retry-after": date}).error

    assert isinstance(error, OverloadedError)
    assert error.retry_after_s is not None
    assert 3000 < error.retry_after_s <= 3601


@pytest.mark.parametrize(
    "date",
    [
        pytest.param("Wed, 21 Oct 99999999999999999999 07:28:00 GMT"),
        "Mon, 01 Jan 0001 00:00:00 -0000",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
    ],
)
def test_an_impossible_date_raises_nothing_foreign(date: str) -> None:
    error = hear(b"", status=429, headers={"retry-after": date}).error

    assert isinstance(error, RateLimitError)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"candidates": []},
        {"candidates": [], "message": "x"},
        {"code": 0, "message": "success"},
        {"code": 200, "msg": "ok"},
        {"success": True, "message": "x", "code": 200},
        {"error": None},
        {"error": ""},
        {"modelVersion": "m"},
        {"usageMetadata": {}, "message": "x"},
    ],
)
def test_a_document_that_is_no_error_is_none(document: dict[str, Any]) -> None:
    assert failure_of_document(document) is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("<html><title>A &amp; B</title>", "A & B"),
        ("<!DOCTYPE html><h1>One<br>two</h1>", "One two"),
        ("<html><script>var x = 1;</script><body>Words here</body></html>", "Words here"),
        ("<html></html>", "without a title"),
        ("  \n<?xml version='1.0'?><Error>Denied</Error>", None),
        ("<!-- page --><html><title>Console</title></html>", "Console"),
        ("plain", None),
        ("<think>", None),
        ("", None),
    ],
)
def test_a_page_is_reduced_to_its_title(text: str, title: str | None) -> None:
    assert title == page_title(text)


def test_a_page_inside_a_gateways_words_is_reduced_to_its_title_and_kept_whole() -> None:
    """LiteLLM puts what stood behind it into its own sentence."""
    page = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    error = failure_of_document({"error": {"message": f"VertexAIException - {page}", "code": "502"}}, status=502)

    assert str(error).startswith("The endpoint answered 502: VertexAIException - an HTML page, '502 Bad Gateway'")
    assert "nginx" not in str(error)
    assert error is not None
    assert error.provider_message.endswith(page)


def test_a_request_id_is_found_in_an_errors_own_words() -> None:
    assert request_id_of({}, "no quota (request id: 2026112012345)") == "2026112012345"
    assert request_id_of({}, "this request is wrong") is None

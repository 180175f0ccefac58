"""Errors by what they mean: statuses as Google and gateways use and remap them, pages, redirects, echoes of a key."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gstream.emulator.delivery import Answer
from gstream.emulator.dialects import Reply
from gstream.emulator.errors import JsonObject, Refused
from gstream.emulator.faults.bending import cut_short
from gstream.emulator.faults.fault import Fault
from gstream.emulator.faults.framing import SSE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CONSOLE_PAGE", "STATUSES"]

CONSOLE_PAGE: Final = (
    b'<!doctype html>\n<html lang="zh">\n<head><meta charset="utf-8"><title>API Console</title></head>\n'
    b'<body><div id="root"></div><noscript>You need to enable JavaScript to run this app.</noscript></body>\n</html>\n'
)
_HTML: Final = "text/html; charset=utf-8"
_JSON: Final = "application/json; charset=UTF-8"

_RATE: Final = (
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, "
    "head to: https://ai.google.dev/gemini-api/docs/rate-limits.\nPlease retry in 1s."
)
_RATE_DETAILS: Final[list[JsonObject]] = [
    {
        "@type": "type.googleapis.com/google.rpc.Help",
        "links": [
            {
                "description": "Learn more about Gemini API quotas",
                "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
            }
        ],
    },
    {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [
            {
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            }
        ],
    },
    {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"},
]
_RETRY: Final = (
    "An internal error has occurred. Please retry or report in "
    "https://developers.generativeai.google/guide/troubleshooting"
)
_OVERLOADED: Final = "The model is overloaded. Please try again later."
_INTERNAL: Final = Refused(500, _RETRY, status="INTERNAL")


def _google(
    code: int, status: str, message: str, details: list[JsonObject] | None = None, *, source: str = "WIRE 3; Google"
) -> Fault:
    """Return the fault that is Google's error document."""
    document = Refused(code, message, status=status, details=details).document()
    summary = f"{code} with Google's {status} document."
    return Fault(summary, "error", source, reply=Reply(code, document, _JSON))


def _gateway(status: int, error: JsonObject, summary: str, source: str, *headers: tuple[str, str]) -> Fault:
    """Return the fault that is a gateway's own error document."""
    return Fault(summary, "error", source, reply=Reply(status, {"error": error}, headers=headers))


def _page(status: int, title: str, by: str, source: str) -> Fault:
    """Return the fault that is a proxy's HTML page."""
    heading = f"<center><h1>{title}</h1></center>"
    body = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>{heading}<hr>{by}</body></html>".encode()
    return Fault(f"{status} with the HTML page of {by}.", "error", source, reply=Answer(status, _HTML, (body,)))


def _redirect(status: int) -> Fault:
    place = (("Location", "http://127.0.0.1:9{path}"),)
    return Fault(
        f"A redirect ({status}) to another port of this machine, where nothing listens.",
        "error",
        "WIRE 3: never followed with a key, never turned into GET",
        reply=Answer(status, _HTML, (b"<html><head><title>Moved</title></head></html>",), place),
    )


_GOOGLES: Final[dict[str, Fault]] = {
    "error_403": _google(
        403,
        "PERMISSION_DENIED",
        "Your project has been denied access.",
    ),
    "error_404": _google(
        404,
        "NOT_FOUND",
        "models/gemini-0 is not found for API version v1beta.",
    ),
    "error_413": _page(413, "413 Request Entity Too Large", "nginx", "WIRE 3; nginx in front of a gateway"),
    "error_422": _gateway(
        422,
        {"code": "validation_error", "message": "Input should be 'HARM_CATEGORY_HARASSMENT'"},
        "422 with a gateway's validation error.",
        "gemini-balance, read",
    ),
    "error_429": _google(
        429,
        "RESOURCE_EXHAUSTED",
        _RATE,
        _RATE_DETAILS,
        source="WIRE 3; Google, captured: RetryInfo of one second",
    ),
    "error_429_retry_after": _gateway(
        429,
        {"message": "您已达到请求数限制", "type": "new_api_error", "param": "", "code": ""},
        "429 with 'Retry-After: 1'.",
        "WIRE 3; gateways' own rate limit",
        ("Retry-After", "1"),
    ),
    "error_429_date": _gateway(
        429,
        {"message": "Rate limit reached", "type": "rate_limit_error", "param": None, "code": "rate_limit_exceeded"},
        "429 whose Retry-After is a date, two seconds ahead.",
        "WIRE 3; RFC 9110",
        ("Retry-After", "{soon}"),
    ),
    "error_429_nested": _gateway(
        429,
        {
            "message": "litellm.RateLimitError: GeminiException - "
            + json.dumps(
                Refused(
                    429,
                    "You exceeded your current quota.",
                    details=[{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"}],
                ).document()
            )
            .replace("{", "{{")
            .replace("}", "}}"),
            "type": "throttling_error",
            "param": None,
            "code": "429",
        },
        "429 with Google's document, and its RetryInfo of 34.07 s, inside the message.",
        "WIRE 3; LiteLLM, captured",
    ),
    "error_500": _google(500, "INTERNAL", _RETRY),
    "error_502": _page(502, "502 Bad Gateway", "nginx", "WIRE 3; nginx in front of a gateway"),
    "error_503": _google(503, "UNAVAILABLE", _OVERLOADED),
    "error_504": _google(
        504,
        "DEADLINE_EXCEEDED",
        "The request timed out. Please try again.",
    ),
    "error_520": _page(520, "api.example | 520: Web server is returning an unknown error", "Cloudflare", "WIRE 3"),
    "error_524": _page(524, "api.example | 524: A timeout occurred", "Cloudflare", "WIRE 3"),
    "error_529": _gateway(
        529, {"type": "overloaded_error", "message": "Overloaded"}, "529 with an overload.", "Anthropic-shaped gateways"
    ),
    "error_mid_stream": Fault(
        "An error document as an event of its own after two chunks, then a proper end.",
        "error",
        "WIRE 3; LiteLLM, captured",
        documents=cut_short(_INTERNAL.document()),
    ),
}
_REMAPPED: Final[dict[str, Fault]] = {
    "bad_key_400": _google(
        400,
        "INVALID_ARGUMENT",
        "API key not valid. Please pass a valid API key.",
        [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
            }
        ],
        source="WIRE 3; Google, recorded: a wrong key, reason API_KEY_INVALID",
    ),
    "key_expired_400": _google(
        400,
        "INVALID_ARGUMENT",
        "API key expired. Please renew the API key.",
        [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
            }
        ],
        source="WIRE 3; Google: an expired key has the reason of a wrong one",
    ),
    "bad_key_401": _gateway(
        401,
        {"message": "无效的令牌 (request id: {request_id})", "type": "new_api_error", "code": ""},
        "401: a gateway's answer to a wrong key.",
        "WIRE 3; new-api, read",
    ),
    "key_echoed": _gateway(
        401,
        {
            "message": "Incorrect API key provided: {key}. See https://api.example/?key={key}",
            "type": "invalid_request_error",
            "param": None,
            "code": "invalid_api_key",
        },
        "401 that repeats the key.",
        "OpenAI-shaped gateways",
    ),
    "quota_402": _gateway(
        402,
        {"code": 402, "message": "Insufficient balance, please recharge", "status": "one_hub_error"},
        "402: the balance is used up.",
        "WIRE 3; one-hub, read",
    ),
    "quota_403": _gateway(
        403,
        {
            "message": "Pre-charge failed (request id: {request_id})",
            "type": "new_api_error",
            "param": "",
            "code": "insufficient_user_quota",
        },
        "403 with the code insufficient_user_quota.",
        "WIRE 3; new-api, read",
    ),
    "quota_403_words": _gateway(
        403,
        {"message": "账户余额不足，请充值 (request id: {request_id})", "type": "new_api_error", "code": ""},  # noqa: RUF001 - as it is sent
        "403 that says 余额不足 (the balance is used up).",
        "WIRE 3; new-api and its kin",
    ),
    "quota_429": _gateway(
        429,
        {
            "message": "You exceeded your current quota, please check your plan and billing details.",
            "type": "insufficient_quota",
            "param": None,
            "code": "insufficient_quota",
        },
        "429 with the code insufficient_quota: the balance is used up.",
        "OpenAI's answer to an empty balance, which gateways over it pass on",
    ),
    "model_503": _gateway(
        503,
        {
            "message": "No available channel for model {model} under group default (distributor)",
            "type": "new_api_error",
            "param": "",
            "code": "model_not_found",
        },
        "503 model_not_found: no channel has the model.",
        "WIRE 3; new-api, read",
    ),
    "model_503_words": _gateway(
        503,
        {"code": 503, "message": "当前分组 default 下对于模型 {model} 无可用渠道", "status": "one_hub_error"},
        "503 that says 无可用渠道 (no channel has the model).",
        "WIRE 3; one-hub, read",
    ),
    "model_400": _gateway(
        400,
        {
            "message": "Invalid model name passed in model={model}. Call `/v1/models` to view available models.",
            "type": "invalid_request_error",
            "param": None,
            "code": "400",
        },
        "400 for a model that does not exist.",
        "WIRE 3; LiteLLM, captured",
    ),
    "overloaded_500": _gateway(
        500,
        {
            "message": f"litellm.InternalServerError: GeminiException - {_OVERLOADED}",
            "type": "None",
            "param": "None",
            "code": "500",
        },
        "500 in place of the upstream's 503.",
        "WIRE 3; LiteLLM, captured",
    ),
}
_PAGES: Final[dict[str, Fault]] = {
    "html": Fault(
        "Status 200 with a console's HTML page.",
        "error",
        "WIRE 3; new-api, one-hub on a wrong path",
        reply=Answer(200, _HTML, (CONSOLE_PAGE,)),
    ),
    "html_mid_stream": Fault(
        "A proxy's HTML page after two chunks.",
        "error",
        "WIRE 3",
        documents=cut_short(),
        framing=SSE,
        pieces=lambda pieces: [*pieces, b"<html><head><title>502 Bad Gateway</title></head><body></body></html>\n"],
    ),
    "redirect_302": _redirect(302),
    "redirect_307": _redirect(307),
    "redirect_308": _redirect(308),
}

STATUSES: Final[Mapping[str, Fault]] = MappingProxyType({**_GOOGLES, **_REMAPPED, **_PAGES})
"""The faults of statuses by name."""

"""An error in any of its shapes in, the right class of `EndpointError` out; pure.

Providers' words decide only where statuses and codes are known to be remapped (each rule says by whom). The message is
one sentence: status, code, the provider's own words, what to do.
"""

from __future__ import annotations

import email.utils
import html
import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gstream.errors import (
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
from gstream.parts import value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gstream.messages import JsonObject

__all__ = ["failure_of_body", "failure_of_document", "page_title", "request_id_of"]


@dataclass
class _Report:
    """What an error document says, before it is judged."""

    message: str = ""
    code: str | None = None
    status: int | None = None
    details: list[JsonObject] = field(default_factory=list)


_STATUS_WORDS: Final[Mapping[str, int]] = {
    "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "OUT_OF_RANGE": 400, "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403, "NOT_FOUND": 404, "RESOURCE_EXHAUSTED": 429, "CANCELLED": 499, "INTERNAL": 500,
    "UNKNOWN": 500, "UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504,
    "invalid_request_error": 400, "invalid_request": 400, "authentication_error": 401, "invalid_api_key": 401,
    "UNAUTHORIZED": 401, "permission_error": 403, "not_found_error": 404, "model_not_found": 404,
    "rate_limit_error": 429, "rate_limit_exceeded": 429, "throttling_error": 429, "server_error": 500,
    "api_error": 500, "internal_error": 500, "overloaded_error": 529, "NO_KEYS_AVAILABLE": 503,
}  # fmt: skip
"""google.rpc.Code names, and the `type` or `code` words of OpenAI-shaped errors, as HTTP statuses."""

_CLASSES: Final[Mapping[int, type[EndpointError]]] = {
    400: InvalidRequestError, 401: AuthenticationError, 402: QuotaError, 403: PermissionDeniedError,
    404: NotFoundError, 413: InvalidRequestError, 422: InvalidRequestError, 429: RateLimitError,
    503: OverloadedError, 529: OverloadedError,
}  # fmt: skip

_RETRYABLE: Final = frozenset({408, 425, 429, 499, 500, 502, 503, 504, *range(520, 525), 529})

_QUOTA = re.compile(
    r"insufficient[_ ](?:user[_ ])?(?:quota|balance|account|credit|fund)|pre_consume_token_quota_failed|"
    r"余额不足|额度不足|额度已用尽|额度已耗尽|预扣费|欠费|balance (?:is )?(?:not enough|insufficient)|out of credits",
    re.IGNORECASE,
)
"""An empty balance: new-api answers it with 403, one-hub with 402, sub2api with 403."""
_NO_MODEL = re.compile(
    r"model_not_found|no available channels?\b|无可用渠道|invalid model name|model .{1,80}not found", re.IGNORECASE
)
"""An unknown model: new-api and one-hub answer it with 503, LiteLLM with 400."""
_BAD_KEY = re.compile(r"API_KEY_INVALID|API key not valid|invalid_api_key|incorrect api key|无效的令牌", re.IGNORECASE)
"""A wrong key: Google answers it with 400, reason API_KEY_INVALID."""

_ADVICE: Final[Mapping[type[EndpointError], str]] = {
    AuthenticationError: "Check the API key and how it is sent (auth=).",
    PermissionDeniedError: "The key is known but may not do this.",
    QuotaError: "Top up the account, or give another key.",
    NotFoundError: "Check the model's name as this endpoint spells it, and base_url.",
    RateLimitError: "Wait, or send fewer requests.",
    OverloadedError: "Wait, or add a fallback.",
}

_LONGEST: Final = 500
"""Characters of the provider's words that a sentence repeats."""
_LONGEST_WORD: Final = 200
"""Characters of a code or an id, which are words."""
_LONGEST_KEPT: Final = 1_048_576
"""Characters of the provider's words that are kept."""
_READ: Final = 65_536
"""Characters of them that are searched for what they mean."""
_PAGE: Final = 65_536
"""Characters of a page that are searched for its title. All patterns here take time linear in the text."""

_REQUEST_ID_HEADERS: Final = (
    "x-oneapi-request-id", "x-request-id", "request-id", "x-goog-request-id", "x-litellm-call-id", "x-trace-id",
    "cf-ray",
)  # fmt: skip


def request_id_of(headers: Mapping[str, str], text: str = "") -> str | None:
    """Return the id of a request from the response's headers (lower-case names), else from an error's own words."""
    for name in _REQUEST_ID_HEADERS:
        if value := headers.get(name):
            return value[:_LONGEST_WORD]
    match = re.search(r"request[ _]?id:?\s{0,9}([\w-]{6,200})", text[:_READ], re.IGNORECASE)
    return match[1] if match else None


def page_title(text: str) -> str | None:
    """Return the title (else the first words) of an HTML page; `None` if `text` is no such page."""
    if not re.match(r"\s*<(?:!doctype|!--|html|head|body|center|h1|title|script|p\b)", text, re.IGNORECASE):
        return None
    text = text[:_PAGE]
    for name in ("title", "h1"):
        start = re.search(rf"<{name}\b[^<>]*>", text, re.IGNORECASE)
        end = re.search(rf"</{name}\b", text[start.end() :], re.IGNORECASE) if start else None
        if start and end and (title := _plain(text[start.end() :][: end.start()])):
            return title[:_LONGEST]
    return _plain(_SCRIPT.sub(" ", text))[:120] or "without a title"


_SCRIPT: Final = re.compile(r"<(script|style)\b.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)


def _plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", markup)).split())


def failure_of_document(
    document: JsonObject, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> EndpointError | None:
    """Return the error that a JSON document of a response is; `None` if it does not look like one.

    Args:
        document: one document of the body.
        status: the HTTP status; below 400 the document must look like an error by itself.
        headers: the response's, names in lower case.
    """
    report = _read(document)
    if report is None:
        if status < 400:  # noqa: PLR2004 - the first HTTP status that is an error
            return None
        report = _Report(message=json.dumps(document, ensure_ascii=False)[:500])
    return _judge(report, status, headers or {})


def failure_of_body(body: bytes, *, status: int, headers: Mapping[str, str] | None = None) -> EndpointError:
    """Return the error of a response whose status is no success and whose body holds no JSON document."""
    text = body.decode("utf-8", "replace").strip()
    title = page_title(text)
    if 300 <= status < 400:  # noqa: PLR2004 - the statuses of redirects
        place = (headers or {}).get("location", "elsewhere")
        report = _Report(message=f"a redirect to {place.split('?')[0]}, which is not followed with a key")
    elif title is not None:
        report = _Report(message=f"an HTML page, {title!r}")
    else:
        report = _Report(message=text[:500])
    return _judge(report, status, headers or {})


_MESSAGE_KEYS: Final = (
    "message",
    "msg",
    "detail",
    "error_message",
    "errmsg",
    "errorMessage",
    "reason",
    "error_description",
)


def _read(document: JsonObject, depth: int = 0) -> _Report | None:
    """Return what an error document says, the upstream's own error inside its message included."""
    error = document.get("error") or document.get("errors")
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, dict):
        report = _fields(error)
    elif isinstance(error, str) and error:
        report = _fields({**document, "message": error})
    elif _claims_failure(document):
        report = _fields(document)
    else:
        return None
    if depth < 3 and (inner := _embedded(report.message)) is not None:  # noqa: PLR2004 - gateway behind gateway
        below = _read(inner, depth + 1)
        if below is not None and below.message:
            report.message = below.message
            report.details = report.details or below.details
            report.status = report.status or below.status
            report.code = below.code or report.code
    return report


def _claims_failure(document: JsonObject) -> bool:
    """Whether a document without `error` is one all the same, by the keys that providers use for that."""
    if document.get("type") == "error" or document.get("success") is False:
        return True
    if not any(isinstance(document.get(key), str | list) for key in _MESSAGE_KEYS):
        return False
    code = document.get("code", document.get("status", document.get("errcode")))
    good = code in (0, 200, "0", "200", "success", "ok", "OK")
    return not good and not any(key in document for key in ("candidates", "usageMetadata", "data", "response"))


def _fields(error: JsonObject) -> _Report:
    message: Any = next((error[key] for key in _MESSAGE_KEYS if error.get(key)), "")
    if not isinstance(message, str):
        message = json.dumps(message, ensure_ascii=False)
    words = [error.get("status"), error.get("type"), error.get("code"), error.get("errcode")]
    numbers = [int(word) for word in words if isinstance(word, int | str) and re.fullmatch(r"[45]\d\d", str(word))]
    named = [word for word in words if isinstance(word, str) and word and not word.isdigit() and word != "error"]
    code = next((word for word in (error.get("code"), error.get("errcode"), *named) if word not in (None, "", 0)), None)
    if named and isinstance(code, int):
        code = named[0]
    status = next(iter(numbers), None) or next((_STATUS_WORDS[word] for word in named if word in _STATUS_WORDS), None)
    listed = error.get("details")
    details = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    return _Report(
        message.strip()[:_LONGEST_KEPT], None if code is None else str(code)[:_LONGEST_WORD], status, details[:100]
    )


def _embedded(text: str) -> JsonObject | None:
    """Return the JSON object that an error's words hold (gateways put the upstream's body into their message)."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _judge(report: _Report, status: int, headers: Mapping[str, str]) -> EndpointError:
    """Choose the class by status, code and the known remaps, and write the sentence."""
    http = status if status >= 300 else None  # noqa: PLR2004 - below it the status claims success
    number = http or report.status
    reasons = " ".join(str(detail.get("reason", "")) for detail in report.details)
    words = f"{report.code or ''} {reasons[:_READ]} {report.message[:_READ]}"
    if _BAD_KEY.search(words) and number in {None, 400, 401, 403}:
        cls: type[EndpointError] = AuthenticationError
    elif _QUOTA.search(words):  # Google's quota per minute, which heals by waiting, has other words
        cls = QuotaError
    elif _NO_MODEL.search(words) and number in {None, 400, 404, 500, 503}:
        cls = NotFoundError
    elif report.code in {"invalid_request", "invalid_request_error"} and number == 500:  # noqa: PLR2004 - new-api's
        cls = InvalidRequestError
    elif number is None:
        cls = ServerError
    else:
        cls = _CLASSES.get(number) or (ServerError if number >= 500 else EndpointError)  # noqa: PLR2004
    retryable = (number is None or number in _RETRYABLE) if cls in {ServerError, EndpointError} else None
    said = " ".join(_titled(report.message).split()) or "nothing more"
    if len(said) > _LONGEST:
        said = f"{said[:_LONGEST]} ... ({len(report.message)} characters; all of them are in .provider_message)"
    stated = " ".join(part for part in (str(number or ""), report.code if report.code != str(number) else "") if part)
    advice = _ADVICE.get(cls, "")
    message = f"The endpoint answered {stated or 'with an error'}: {said}"
    message = f"{message.rstrip('.')}. {advice}".rstrip()
    error = cls(
        message,
        status=number,
        code=report.code,
        provider_message=report.message,
        retry_after_s=_retry_after(report, headers),
        retryable=retryable,
    )
    error.request_id = request_id_of(headers, report.message)
    return error


def _titled(message: str) -> str:
    """Return the words with a page that they repeat as its title: gateways quote what a proxy behind them sent."""
    start = re.search(r"<(?:!doctype html|html)\b", message[:_READ], re.IGNORECASE)
    if start is None:
        return message
    return f"{message[: start.start()]}an HTML page, {page_title(message[start.start() :])!r}"


def _retry_after(report: _Report, headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait: google.rpc.RetryInfo, else the header in seconds or as a date."""
    for detail in report.details:
        delay = value_of(detail, "retryDelay")
        match = re.fullmatch(r"(\d+(?:\.\d+)?)s", delay) if isinstance(delay, str) else None
        if match:
            return float(match[1])
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"\d+(?:\.\d+)?", value):
            return float(value) * scale
    try:
        date = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, date.timestamp() - time.time())
    except (ValueError, OverflowError):
        return None

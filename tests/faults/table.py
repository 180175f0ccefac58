"""The table: one row a fault (some have one more, for another kind of answer), and what must come of it.

Rows are written from the description of the wire and the design, not from what the library does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gstream import (
    AuthenticationError,
    ConnectionFailed,
    ContentBlockedError,
    EmptyAnswerError,
    EndpointError,
    IncompleteStreamError,
    InvalidRequestError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaError,
    RateLimitError,
    RequestTimeout,
    ServerError,
    StreamError,
)
from gstream.emulator.faults.calls import BROKEN, HUGE, NOT_BASE64
from gstream.emulator.faults.counts import UNKNOWN_REASON
from gstream.emulator.faults.outcomes import MALFORMED
from gstream.emulator.faults.shapes import SAID
from tests.faults.forms import CALLS, CODE, SPEECH, TEXT, THOUGHTS, Question

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream import GStreamError
    from tests.faults.told import Told


def _same(told: Told) -> Told:
    return told


@dataclass(frozen=True)
class Answered:
    """A fault through which the whole right answer must come, with one request."""

    fault: str
    question: Question = THOUGHTS
    expect: Callable[[Told], Told] = _same
    """What becomes of the honest answer, where the fault takes something of it away or adds something."""
    bent_signatures: bool = False
    """Whether the fault signs parts by itself."""
    unsent: bool = False
    """Whether LangChain's message does not send the calls back: it holds a call without an object of arguments apart,
    where nobody answers it."""


@dataclass(frozen=True)
class Failed:
    """A fault that must end in a typed error."""

    fault: str
    error: type[GStreamError]
    words: tuple[str, ...]
    """What the message must say."""
    retried: bool = True
    """Whether the same request is sent again, as long as nothing has reached the caller."""
    arrived: int = 0
    """How many of the honest documents are in `.partial`; 0: it is `None`."""
    question: Question = TEXT
    unsaid: tuple[str, ...] = ()
    """What the message must not say."""
    facts: dict[str, Any] | None = None
    """Further attributes of the error."""
    short: bool = False
    """Whether only a limit of time ends the call, so that limits must be short."""

    def requests(self, retries: int, *, streams: bool) -> int:
        """Return how many requests reach the server."""
        delivered = streams and self.arrived > 0
        return 1 + (retries if self.retried and not delivered else 0)


# -- answers --------------------------------------------------------------------------------------------------------


def _spaces(by: str) -> Callable[[Told], Told]:
    """Return the answer in which the fault wrote something else for every space."""
    return lambda told: replace(told, text=told.text.replace(" ", by), thoughts=told.thoughts.replace(" ", by))


def _args(args: Any) -> Callable[[Told], Told]:
    return lambda told: replace(told, calls=tuple((name, args) for name, _ in told.calls))


def _listed(told: Told) -> Told:
    return replace(told, calls=tuple((name, json.dumps([args])) for name, args in told.calls))


def _nameless(told: Told) -> Told:
    return replace(
        told, calls=(), others=("Opaque",) * 2, signatures=tuple(("Opaque", value) for _, value in told.signatures)
    )


def _untyped(told: Told) -> Told:
    return replace(told, media=tuple(("application/octet-stream", content) for _, content in _apart(told)))


def _apart(told: Told) -> list[tuple[str, bytes]]:
    """Return the two equal sounds of a speech, which only a common type makes one."""
    ((kind, content),) = told.media
    half = len(content) // 2
    return [(kind, content[:half]), (kind, content[half:])]


def _with(*others: str) -> Callable[[Told], Told]:
    return lambda told: replace(told, others=(*others, *told.others))


def _unknown_kinds(told: Told) -> Told:
    return replace(_with("Opaque", "Opaque", "Opaque")(told), signatures=(("Opaque", "dG9vbA=="), *told.signatures))


def _alone(signature: str) -> Callable[[Told], Told]:
    return lambda told: replace(told, signatures=(*told.signatures, ("text ", signature)))


_FRAMED = (
    "sse_lf", "sse_cr", "sse_crlf_apart", "sse_no_space", "sse_one_newline", "sse_blank_lines", "sse_comments",
    "sse_fields", "sse_multiline", "sse_bom", "sse_empty_data", "sse_empty_documents", "sse_done", "sse_done_bare",
    "sse_unterminated", "byte_by_byte", "one_write", "gzip", "charset_lie", "content_type_lie", "array_pretty",
    "array_compact", "array_lines", "array_in_data", "array_as_event_stream", "ndjson", "one_object",
    "wrapped_response", "wrapped_data",
)  # fmt: skip
_HARMLESS = (
    "candidates_null", "candidates_empty", "candidates_several_no_index", "candidates_no_index",
    "content_null", "content_missing", "role_missing", "role_assistant", "snake_case", "unknown_fields",
    "parts_missing", "parts_null", "parts_object", "parts_empty", "text_null", "text_empty", "signature_null",
    "usage_falls", "usage_first_only", "usage_after_stop", "usage_less_last", "usage_strings", "usage_floats",
    "usage_null", "usage_words", "usage_details_object", "finish_each_chunk", "finish_leading", "finish_in_the_middle",
    "finish_apart", "finish_empty", "finish_null", "finish_lower_case", "finish_integer", "close_delimited",
    "close_after_finish", "reset_after_finish",
)  # fmt: skip
_WITH_CALLS = (
    "byte_by_byte", "sse_cr", "array_pretty", "one_object", "wrapped_data", "snake_case", "unknown_fields",
    "parts_object", "parts_empty", "kinds_together", "text_null", "text_empty", "finish_each_chunk", "finish_apart",
    "usage_after_stop", "call_no_id", "call_shared_id", "call_args_string", "call_openai_fragments",
    "call_partial_args", "call_partial_args_open", "calls_together", "signature_null",
)  # fmt: skip

ANSWERS = (
    *(Answered(name) for name in (*_FRAMED, *_HARMLESS)),
    *(Answered(name, CALLS) for name in _WITH_CALLS),
    *(Answered(name, CODE) for name in ("kinds_together", "finish_in_the_middle", "snake_case", "parts_empty")),
    *(Answered(name, SPEECH) for name in ("media_split", "gzip", "snake_case", "array_compact")),
    Answered("candidates_several"),
    Answered("sse_line_separators", expect=_spaces("\u2028\u2029\u0085")),
    Answered("sse_raw_newlines", expect=_spaces("\n")),
    Answered("sse_raw_controls", expect=_spaces("\t\x01")),
    Answered("part_unknown", expect=_unknown_kinds),
    Answered("part_file", expect=_with("FileRef")),
    Answered("media_no_type", SPEECH, _untyped),
    Answered("call_args_missing", CALLS, _args({})),
    Answered("call_args_null", CALLS, _args({})),
    Answered("call_args_list", CALLS, _listed, unsent=True),
    Answered("call_args_broken", CALLS, _args(BROKEN), unsent=True),
    Answered("call_name_missing", CALLS, _nameless),
    Answered("signature_last", expect=_alone("c2lnbmF0dXJlIGF0IHRoZSBlbmQ=")),
    Answered("signature_last", TEXT, _alone("c2lnbmF0dXJlIGF0IHRoZSBlbmQ=")),
    Answered("signature_last", CALLS, _alone("c2lnbmF0dXJlIGF0IHRoZSBlbmQ=")),
    Answered("signature_texts", bent_signatures=True),
    Answered("signature_texts", TEXT, bent_signatures=True),
    Answered("signature_not_base64", expect=_alone(NOT_BASE64)),
    Answered("signature_huge", expect=_alone(HUGE)),
    Answered("finish_trailing", expect=lambda told: replace(told, finish="MAX_TOKENS")),
    Answered("usage_nowhere", expect=lambda told: replace(told, usage=None)),
    Answered("finish_unknown", expect=lambda told: replace(told, finish=UNKNOWN_REASON)),
)

# -- errors ---------------------------------------------------------------------------------------------------------

_HINT = ("base_url",)
_OVERLOADED = (SAID, "503")


def _shapes() -> list[Failed]:
    """Return the rows of every shape of error at every place; a shape without a code names none under status 200."""
    coded: dict[str, type[GStreamError]] = dict.fromkeys(
        ("google", "array", "openai_number", "openai_string", "bare", "typed", "nested"), OverloadedError
    )
    uncoded: dict[str, type[GStreamError]] = dict.fromkeys(
        ("openai_word", "openai_empty", "openai_null", "error_text", "message", "detail", "success", "code_msg"),
        ServerError,
    )
    rows = []
    for shape, error in {**coded, **uncoded}.items():
        rows += [
            Failed(f"status_{shape}", OverloadedError, _OVERLOADED, facts={"status": 503, "provider_message": SAID}),
            Failed(f"body_{shape}", error, (SAID,), facts={"provider_message": SAID}),
            Failed(f"first_{shape}", error, (SAID,), facts={"provider_message": SAID}),
            Failed(f"mid_{shape}", error, (SAID,), arrived=2, facts={"provider_message": SAID}),
        ]
    return rows


_SHAPED = (
    *_shapes(),
    Failed("mid_bare_json", OverloadedError, _OVERLOADED, arrived=2, facts={"code": "UNAVAILABLE"}),
    Failed("first_bare_json", OverloadedError, _OVERLOADED, facts={"code": "UNAVAILABLE"}),
    Failed("mid_event_error", OverloadedError, _OVERLOADED, arrived=2, facts={"code": "UNAVAILABLE"}),
    Failed("mid_event_error_text", IncompleteStreamError, (SAID,), arrived=2),
    Failed("status_event_stream", OverloadedError, _OVERLOADED, facts={"code": "upstream_error"}),
    Failed("status_text", OverloadedError, _OVERLOADED, facts={"provider_message": SAID}),
    Failed("status_nothing", OverloadedError, ("503",), facts={"provider_message": ""}),
    Failed("body_text", StreamError, (SAID,)),
)
_ENDED = (
    Failed("no_finish", IncompleteStreamError, ("without a finish reason",), arrived=100),
    Failed("ends_early", IncompleteStreamError, ("without a finish reason",), arrived=2),
    Failed("half_event", IncompleteStreamError, ("half an event",), arrived=2),
    Failed("unexpected_eof", IncompleteStreamError, ("unexpected EOF",), arrived=2),
    Failed("done_early", IncompleteStreamError, ("without a finish reason",), arrived=2),
    Failed("empty", IncompleteStreamError, ("empty",)),
    Failed("only_comments", IncompleteStreamError, ("empty",)),
    Failed("only_done", IncompleteStreamError, ("empty",)),
    Failed("only_usage", IncompleteStreamError, ("before any part",)),
    Failed("no_content", IncompleteStreamError, ("empty",)),
    Failed("cut_mid_event", IncompleteStreamError, ("reset",), arrived=2),
    Failed("cut_mid_event", IncompleteStreamError, ("reset",), arrived=2, question=CALLS),
    Failed("cut_chunked", IncompleteStreamError, ("cut",), arrived=2),
    Failed("cut_between_events", IncompleteStreamError, ("cut",), arrived=2),
    Failed("cut_content_length", IncompleteStreamError, ("cut",), arrived=2),
    Failed("cut_close_delimited", IncompleteStreamError, ("half an event",), arrived=2),
    Failed("reset_before_headers", ConnectionFailed, ("reset",)),
    Failed("close_before_headers", ConnectionFailed, ("disconnected",)),
    Failed("reset_before_events", IncompleteStreamError, ("reset",)),
    Failed("silent_before_headers", RequestTimeout, ("0.3 s", "first_byte"), short=True, facts={"phase": "first byte"}),
    Failed("silent_before_events", RequestTimeout, ("0.3 s", "idle"), short=True, facts={"phase": "idle"}),
    Failed("silent_mid_stream", RequestTimeout, ("0.3 s", "idle"), arrived=2, short=True, facts={"phase": "idle"}),
    Failed("comments_for_ever", RequestTimeout, ("0.3 s", "first_byte"), short=True, facts={"phase": "first byte"}),
    Failed("comments_mid_stream", RequestTimeout, ("0.3 s",), arrived=2, short=True),
)
_NGINX = "502 Bad Gateway"
_MEANT = (
    Failed("error_403", PermissionDeniedError, ("403", "denied access"), retried=False, facts={"status": 403}),
    Failed("error_404", NotFoundError, ("404", "is not found", "base_url"), retried=False, facts={"status": 404}),
    Failed("error_413", InvalidRequestError, ("413", "Request Entity Too Large"), retried=False, unsaid=("<",)),
    Failed(
        "error_422", InvalidRequestError, ("422", "HARM_CATEGORY"), retried=False, facts={"code": "validation_error"}
    ),
    # These wish for a wait of a second or more; the table's policy takes none so long.
    Failed("error_429", RateLimitError, ("429", "exceeded"), retried=False, facts={"retry_after_s": 1.0}),
    Failed("error_429_retry_after", RateLimitError, ("429", "请求数限制"), retried=False, facts={"retry_after_s": 1.0}),
    Failed("error_429_date", RateLimitError, ("429", "Rate limit reached"), retried=False),
    Failed("error_429_nested", RateLimitError, ("429", "exceeded"), retried=False, facts={"retry_after_s": 34.07}),
    Failed("error_500", ServerError, ("500", "internal error"), facts={"code": "INTERNAL"}),
    Failed("error_502", ServerError, ("502", _NGINX), unsaid=("<",), facts={"status": 502}),
    Failed("error_503", OverloadedError, ("503", SAID), facts={"code": "UNAVAILABLE"}),
    Failed("error_504", ServerError, ("504", "timed out"), facts={"code": "DEADLINE_EXCEEDED"}),
    Failed("error_520", ServerError, ("520", "unknown error"), unsaid=("<",)),
    Failed("error_524", ServerError, ("524", "timeout occurred"), unsaid=("<",)),
    Failed("error_529", OverloadedError, ("529", "Overloaded"), facts={"status": 529}),
    Failed("error_mid_stream", ServerError, ("500", "internal error"), arrived=2, facts={"code": "INTERNAL"}),
    Failed("bad_key_400", AuthenticationError, ("400", "API key not valid", "auth="), retried=False),
    Failed("key_expired_400", AuthenticationError, ("400", "expired", "auth="), retried=False),
    Failed("bad_key_401", AuthenticationError, ("401", "无效的令牌", "auth="), retried=False),
    Failed("key_echoed", AuthenticationError, ("401", "[key]"), retried=False, facts={"code": "invalid_api_key"}),
    Failed("quota_402", QuotaError, ("402", "Insufficient balance"), retried=False, facts={"status": 402}),
    Failed(
        "quota_403", QuotaError, ("403", "Pre-charge failed"), retried=False, facts={"code": "insufficient_user_quota"}
    ),
    Failed("quota_403_words", QuotaError, ("403", "余额不足"), retried=False, facts={"status": 403}),
    Failed("quota_429", QuotaError, ("429", "billing details"), retried=False, facts={"code": "insufficient_quota"}),
    Failed(
        "model_503", NotFoundError, ("503", "No available channel"), retried=False, facts={"code": "model_not_found"}
    ),
    Failed("model_503_words", NotFoundError, ("503", "无可用渠道"), retried=False, facts={"status": 503}),
    Failed("model_400", NotFoundError, ("400", "Invalid model name"), retried=False, facts={"status": 400}),
    Failed("overloaded_500", ServerError, ("500", SAID), facts={"status": 500}),
    Failed("html", StreamError, ("API Console", "base_url"), retried=False, unsaid=("<",)),
    Failed("html_mid_stream", IncompleteStreamError, (_NGINX,), arrived=2, unsaid=("<html",)),
    *(
        Failed(f"redirect_{status}", EndpointError, (str(status), "redirect", "not followed"), retried=False)
        for status in (302, 307, 308)
    ),
    Failed("blocked_prompt", ContentBlockedError, ("blocked", "SAFETY"), retried=False, facts={"reason": "SAFETY"}),
    Failed(
        "blocked_prompt_late", ContentBlockedError, ("blocked", "SAFETY"), retried=False, facts={"reason": "SAFETY"}
    ),
    Failed(
        "malformed_call",
        EmptyAnswerError,
        ("MALFORMED_FUNCTION_CALL", MALFORMED),
        facts={"finish_reason": "MALFORMED_FUNCTION_CALL", "finish_message": MALFORMED},
    ),
    # asking again would only repeat these two, and bill again
    Failed("safety_empty", EmptyAnswerError, ("SAFETY",), retried=False, facts={"finish_reason": "SAFETY"}),
    Failed("max_tokens_empty", EmptyAnswerError, ("MAX_TOKENS",), retried=False, facts={"finish_reason": "MAX_TOKENS"}),
    Failed("stop_empty", EmptyAnswerError, ("STOP",), facts={"finish_reason": "STOP"}),
    Failed("broken_json", StreamError, ("cannot be read",), arrived=2),
    Failed("broken_utf8", StreamError, ("cannot be read", "UTF-8"), arrived=2),
    Failed("broken_gzip", StreamError, ("encoding",), arrived=2),
    Failed("no_gzip", StreamError, ("encoding",)),
)
ERRORS = (*_ENDED, *_MEANT, *_SHAPED)


SPECIAL = ("stays_open", "safety_mid_stream")
"""Faults that tests of their own check: their answers are no honest ones, or need short limits."""

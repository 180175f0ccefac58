"""What LiteLLM 1.106.2 makes of an upstream's faults, where that is not what a client would see without it.

One entry a route and fault, each with its reason, seen in the running proxy. Everything that is not listed here comes
through as it left. `Changed` is the only silent kind, and the whole list of it: the proxy hands on an answer that reads
well and is another one, which nobody behind it can see.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from gstream import (
    AuthenticationError,
    IncompleteStreamError,
    InvalidRequestError,
    OverloadedError,
    RateLimitError,
    RequestTimeout,
    ServerError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream import GStreamError
    from tests.faults.told import Told
    from tests.gateways.proxy import Route

__all__ = ["LOSSES", "Changed", "Ended", "Loss"]


@dataclass(frozen=True)
class Ended:
    """The call ends in a typed error that says something else, or no longer has what had arrived."""

    why: str
    errors: tuple[type[GStreamError], ...]
    """What it may be: more than one where the proxy's own timing decides."""
    words: tuple[str, ...] = ()
    """What the message must say."""
    tail: str = ""
    """What the proxy puts behind the text that had arrived."""


@dataclass(frozen=True)
class Changed:
    """The proxy hands on another answer."""

    why: str
    expect: Callable[[Told], Told]
    """What becomes of the answer as it left the upstream."""


Loss: TypeAlias = Ended | Changed


def _misread(charset: str) -> Callable[[Told], Told]:
    return lambda told: replace(told, text=_as(charset, told.text), thoughts=_as(charset, told.thoughts))


def _as(charset: str, text: str) -> str:
    return text.encode().decode(charset, "replace")


def _one_kind_of_line_end(text: str) -> str:
    # Of three in a row the proxy leaves two.
    return text.replace("\u2028\u2029\x85", "\n\n").replace("\u2028", "\n")


def _line_ends(told: Told) -> Told:
    signatures = tuple((_one_kind_of_line_end(label), _one_kind_of_line_end(value)) for label, value in told.signatures)
    return replace(
        told,
        text=_one_kind_of_line_end(told.text),
        thoughts=_one_kind_of_line_end(told.thoughts),
        signatures=signatures,
    )


_OWN_500: Final = "the proxy says 500 where the upstream said 503, which is retried alike"
_OVERLOADED: Final = {
    fault: Ended(_OWN_500, (ServerError,), ("500", "The model is overloaded"))
    for fault in (
        "error_503", "status_google", "status_array", "status_openai_number", "status_openai_string", "status_bare",
        "status_typed", "status_nested", "status_openai_word", "status_openai_empty", "status_openai_null",
        "status_error_text", "status_message", "status_detail", "status_success", "status_code_msg",
        "status_event_stream", "status_text",
    )
}  # fmt: skip
_BROKEN_OFF: Final = {
    fault: Ended(
        "the proxy tells a broken connection as an event of its own, and may drop what it had not yet handed on",
        (ServerError, IncompleteStreamError),
    )
    for fault in (
        "cut_mid_event", "cut_chunked", "cut_between_events", "cut_content_length", "reset_before_events",
        "close_after_finish", "reset_after_finish",
    )
}  # fmt: skip
_HALF: Final = {
    fault: Ended("the proxy breaks its own connection off too, without saying why", (IncompleteStreamError,), ("cut",))
    for fault in ("cut_mid_event", "cut_chunked", "cut_between_events", "cut_content_length")
}
_NEVER_BEGAN: Final = {
    fault: Ended("the proxy answers, with 500, where its upstream did not", (ServerError,), ("500", words))
    for fault, words in (("reset_before_headers", "reset"), ("close_before_headers", "disconnected"))
}
_SILENT: Final = {
    fault: Ended("the limits of time are longer here", (RequestTimeout,), ("within 1 s",))
    for fault in (
        "silent_before_headers", "silent_before_events", "silent_mid_stream", "comments_for_ever",
        "comments_mid_stream",
    )
}  # fmt: skip
_FOLLOWED: Final = {
    f"redirect_{status}": Ended(
        "the proxy follows the redirect, to an address where nobody listens", (ServerError,), ("Cannot connect",)
    )
    for status in (302, 307, 308)
}
_LISTS: Final = {
    fault: Ended("the proxy's accounting reads every event as an object", (ServerError,), ("500", "'list' object"))
    for fault in ("sse_empty_documents", "array_in_data")
}
_PAGES: Final = {
    fault: Ended("the proxy puts the page into a sentence of its own", (error,), words)
    for fault, error, words in (
        ("error_413", InvalidRequestError, ("413", "Request Entity Too Large")),
        ("error_502", ServerError, ("500", "502 Bad Gateway")),
        ("error_520", ServerError, ("unknown error",)),
        ("error_524", ServerError, ("timeout occurred",)),
    )
}
_UPSTREAM_KEY: Final = {
    "key_echoed": Ended(
        "the proxy hands on words in which its own key for the upstream stands: no key of the caller's",
        (AuthenticationError,),
        ("401", "invalid_api_key"),
    )
}
_NATIVE: Final[dict[str, Loss]] = {
    **_OVERLOADED,
    **_BROKEN_OFF,
    **_NEVER_BEGAN,
    **_SILENT,
    **_FOLLOWED,
    **_LISTS,
    **_UPSTREAM_KEY,
    **_PAGES,
    "error_429_retry_after": Ended("the proxy drops Retry-After", (RateLimitError,), ("429", "请求数限制")),
    "status_nothing": Ended("the proxy speaks where its upstream said nothing", (OverloadedError,), ("503",)),
    "bad_key_400": Ended("the proxy says 401", (AuthenticationError,), ("401", "API key not valid", "auth=")),
    "broken_utf8": Ended(
        "the proxy writes U+FFFD for what is no UTF-8", (IncompleteStreamError,), ("finish reason",), tail="\ufffd"
    ),
    "broken_gzip": Ended("the proxy decompresses", (ServerError, IncompleteStreamError), ("decompressing",)),
    "no_gzip": Ended("the proxy decompresses", (ServerError,), ("decompressing",)),
    "charset_lie": Changed("the proxy reads the answer in the charset that its header names", _misread("latin-1")),
    "content_type_lie": Changed("the proxy reads the answer in the charset that its header names", _misread("gb18030")),
    "sse_line_separators": Changed("the proxy splits lines at U+2028, U+2029 and U+0085 too", _line_ends),
    "signature_not_base64": Changed("the same; no signature that Google makes has such characters", _line_ends),
}
_PASSTHROUGH: Final[dict[str, Loss]] = {
    **_HALF,
    **_NEVER_BEGAN,
    **_SILENT,
    **_FOLLOWED,
    **_UPSTREAM_KEY,
    "reset_before_events": Ended("the proxy fails before it has answered", (ServerError,), ("500",)),
    "broken_gzip": Ended("the proxy decompresses, and fails", (ServerError, IncompleteStreamError)),
    "no_gzip": Ended("the proxy decompresses, and fails", (ServerError,), ("500",)),
}
LOSSES: Final[dict[Route, dict[str, Loss]]] = {"native": _NATIVE, "passthrough": _PASSTHROUGH}
"""Route -> fault -> what becomes of it."""

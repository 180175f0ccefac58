"""Every exception that may leave gstream, and nothing else.

    GStreamError                     .endpoint .model .request_id .partial .retryable .attempts
    ├── ConfigurationError           the caller's mistake: a parameter, a variable, a URL
    ├── RequestError                 the prompt cannot be expressed as a request
    ├── EndpointError                the server's own words: .status .code .provider_message .retry_after_s
    │   ├── AuthenticationError      401, or Google's 400 API_KEY_INVALID
    │   ├── PermissionDeniedError    403
    │   ├── QuotaError               402, and the codes resellers use for an empty balance
    │   ├── NotFoundError            404, and the codes resellers use for an unknown model
    │   ├── InvalidRequestError      400, 413, 422
    │   ├── RateLimitError           429
    │   ├── OverloadedError          503, 529
    │   └── ServerError              any other 5xx, and error documents without a known code
    ├── ConnectionFailed             no connection, or it broke before any answer
    ├── RequestTimeout               .phase ("connect", "first byte", "idle", "total") .limit_s
    ├── StreamError                  bytes that are no answer: an HTML page, broken JSON
    │   └── IncompleteStreamError    cut, or ended without a finish reason
    ├── ContentBlockedError          .reason .ratings: the prompt was refused
    ├── EmptyAnswerError             .finish_reason .finish_message: an end without any part
    └── StructuredAnswerError        .text .finish_reason: an answer that is not the object that was asked for

Rule 1: nothing here knows HTTP libraries or frameworks; the adapters add their framework's base classes.
Rule 2: a message is one readable sentence and never holds a key or a whole prompt.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gstream.chunks import Chunk

__all__ = [
    "AuthenticationError",
    "ConfigurationError",
    "ConnectionFailed",
    "ContentBlockedError",
    "EmptyAnswerError",
    "EndpointError",
    "GStreamError",
    "IncompleteStreamError",
    "InvalidRequestError",
    "NotFoundError",
    "OverloadedError",
    "PermissionDeniedError",
    "QuotaError",
    "RateLimitError",
    "RequestError",
    "RequestTimeout",
    "ServerError",
    "StreamError",
    "StructuredAnswerError",
]
Shape = TypeVar("Shape")

REDACTED = "[key]"
"""What stands in place of a credential in any text of an error."""
_SHORTEST_SECRET = 4
"""A shorter one cannot be told apart from ordinary text."""
_TELLING: Final = 12
"""Characters of a secret's beginning that are no longer shown where the rest of it was cut off. The first ones are the
same in all keys of a kind ("AIzaSy", "sk-proj-")."""


class GStreamError(Exception):
    """The base of every error of this library.

    `str(error)` is one sentence. The attributes below are `None` (or empty) where they are not known.
    """

    retryable: bool = False
    """Whether the same request may succeed if it is sent again later."""

    def __init__(self, message: str, *, retryable: bool | None = None) -> None:
        super().__init__(message)
        self.message: str = message
        """The sentence, without the endpoint and model that `str()` puts in front."""
        self.endpoint: str | None = None
        """The endpoint's name, e.g. `"juheai"`."""
        self.model: str | None = None
        """The model name as it was sent."""
        self.request_id: str | None = None
        """The id under which the server knows the request (a response header or the error's own text)."""
        self.partial: Chunk | None = None
        """What had arrived before the failure, merged into one chunk; `None` where nothing had."""
        self.earlier: tuple[GStreamError, ...] = ()
        """The errors of the requests of this call that failed before this one, first to last."""
        if retryable is not None:
            self.retryable = retryable

    @property
    def attempts(self) -> tuple[GStreamError, ...]:
        """The errors of all requests of this call, first to last, this one included; empty where it was the only."""
        return (*self.earlier, self) if self.earlier else ()

    def located(self, *, endpoint: str, model: str, request_id: str | None = None) -> Self:
        """Note where the error happened (once: what is known already stays) and return the error itself."""
        self.endpoint = self.endpoint or endpoint
        self.model = self.model or model
        self.request_id = self.request_id or request_id
        return self

    def redacted(self, secrets: Sequence[str]) -> Self:
        """Replace each of `secrets` in every text of this error (a server may echo a key) and return it.

        Also a first part of one, as texts are shortened. What the answer itself says (`partial.parts`) stays as it is.
        """
        for name, value in list(vars(self).items()):
            if name not in {"partial", "earlier"}:
                setattr(self, name, without(value, secrets))
        if self.partial is not None:
            request_id = without(self.partial.request_id, secrets)
            self.partial = replace(self.partial, raw=without(self.partial.raw, secrets), request_id=request_id)
        self.args = (self.message,)
        return self

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.endpoint, self.model) if part)
        text = f"[{where}] {self.message}" if where else self.message
        if self.request_id and self.request_id not in self.message:
            text += f" (request id {self.request_id})"
        if self.earlier:
            before = "; ".join(f"{number}. {error}" for number, error in enumerate(self.earlier, start=1))
            text += f" This was attempt {len(self.earlier) + 1}; before it: {before}"
        return text

    def __reduce__(self) -> tuple[Callable[..., GStreamError], tuple[type[GStreamError], str, dict[str, Any]]]:
        """Let errors travel between processes whatever their constructor takes."""
        return _restored, (type(self), self.message, dict(vars(self)))


def without(value: Shape, secrets: Sequence[str]) -> Shape:
    """Return `value` with `REDACTED` for each of `secrets`, whole or cut short, in the texts of its lists and objects.

    A secret of less than 4 characters cannot be told from ordinary text, and stays.
    """
    return cast("Shape", _without(value, [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]))


def _without(value: object, secrets: Sequence[str]) -> object:
    if isinstance(value, str):
        for secret in secrets:
            value = _replaced(value, secret)
    elif isinstance(value, list):
        return [_without(item, secrets) for item in value]
    elif isinstance(value, dict):
        return {_without(name, secrets): _without(item, secrets) for name, item in value.items()}
    return value


def _replaced(text: str, secret: str) -> str:
    """Return `text` without `secret`, and without what a cut has left of it."""
    text = text.replace(secret, REDACTED)
    start = secret[:_TELLING]
    if len(start) < _TELLING or start not in text:
        return text
    pieces = text.split(start)
    for number, piece in enumerate(pieces[1:], start=1):
        alike = zip(piece, secret[_TELLING:], strict=False)
        pieces[number] = piece[sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], alike)) :]
    return REDACTED.join(pieces)


def _restored(cls: type[GStreamError], message: str, state: Mapping[str, Any]) -> GStreamError:
    error = cls.__new__(cls, message)
    error.args = (message,)
    vars(error).update(state)
    return error


class ConfigurationError(GStreamError):
    """A parameter, an environment variable or a URL is missing or wrong; raised before any request is sent."""


class RequestError(GStreamError):
    """The prompt, a tool or a schema cannot be expressed as a request; raised before any request is sent."""


class EndpointError(GStreamError):
    """The endpoint answered with an error: an HTTP status, a body under status 200, or an event in the stream."""

    default_retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        provider_message: str = "",
        retry_after_s: float | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message, retryable=self.default_retryable if retryable is None else retryable)
        self.status = status
        """The HTTP status of the response, or the one the error document claims under a 200; `None` if neither."""
        self.code = code
        """The provider's own code as text, e.g. `"RESOURCE_EXHAUSTED"`, `"model_not_found"`, `"1002"`."""
        self.provider_message = provider_message
        """The provider's own words, verbatim (HTML reduced to its title)."""
        self.retry_after_s = retry_after_s
        """Seconds the provider asks to wait (google.rpc.RetryInfo, else the `Retry-After` header)."""


class AuthenticationError(EndpointError):
    """The key is missing, wrong or expired."""


class PermissionDeniedError(EndpointError):
    """The key is known but may not do this (model, region, group)."""


class QuotaError(EndpointError):
    """The balance or quota behind the key is used up; waiting does not heal it."""


class NotFoundError(EndpointError):
    """The model or the path does not exist at this endpoint."""


class InvalidRequestError(EndpointError):
    """The endpoint does not accept the request as it is."""


class RateLimitError(EndpointError):
    """Too many requests or tokens for now."""

    default_retryable = True


class OverloadedError(EndpointError):
    """The endpoint or the model behind it has no capacity for now."""

    default_retryable = True


class ServerError(EndpointError):
    """The endpoint failed, or sent an error that fits no other class."""

    default_retryable = True


class ConnectionFailed(GStreamError):  # noqa: N818 - the name users type, fixed by the design
    """No connection could be made, or it broke before an answer began."""

    retryable = True


class RequestTimeout(GStreamError):  # noqa: N818 - the name users type, fixed by the design
    """A limit of time was reached."""

    retryable = True

    def __init__(self, message: str, *, phase: str, limit_s: float | None) -> None:
        super().__init__(message)
        self.phase = phase
        """Which limit: `"connect"`, `"first byte"`, `"idle"`, `"pool"` or `"total"`."""
        self.limit_s = limit_s
        """The limit in seconds; `None` where an own HTTP client decided it."""


class StreamError(GStreamError):
    """The bytes that came are no answer of this API: an HTML page, plain text, broken JSON."""

    def __init__(self, message: str, *, received: str = "", retryable: bool | None = None) -> None:
        super().__init__(message, retryable=retryable)
        self.received = received
        """The beginning of what came instead, as text."""


class IncompleteStreamError(StreamError):
    """The stream was cut, or ended without a finish reason: the answer in `.partial` is not whole."""

    retryable = True


class ContentBlockedError(GStreamError):
    """The prompt was blocked, so there is no answer."""

    def __init__(
        self, message: str, *, reason: str, ratings: Sequence[Mapping[str, Any]] = (), explanation: str = ""
    ) -> None:
        super().__init__(message)
        self.reason = reason
        """`promptFeedback.blockReason`, e.g. `"SAFETY"`."""
        self.ratings = list(ratings)
        """`promptFeedback.safetyRatings[]` as they came."""
        self.explanation = explanation
        """`promptFeedback.blockReasonMessage` where the endpoint gives one, else empty."""


class EmptyAnswerError(GStreamError):
    """The model ended abnormally without a single part of an answer."""

    retryable = True

    def __init__(
        self, message: str, *, finish_reason: str, finish_message: str = "", retryable: bool | None = None
    ) -> None:
        super().__init__(message, retryable=retryable)
        self.finish_reason = finish_reason
        """`candidates[].finishReason`, e.g. `"MALFORMED_FUNCTION_CALL"`."""
        self.finish_message = finish_message
        """`candidates[].finishMessage`, the provider's explanation, or empty."""


class StructuredAnswerError(GStreamError):
    """An answer arrived and is not the object that was asked for: no JSON, cut, or of another form."""

    def __init__(self, message: str, *, text: str = "", finish_reason: str | None = None) -> None:
        super().__init__(message, retryable=finish_reason != "MAX_TOKENS")  # which asking again would only repeat
        self.text = text
        """The visible text of the answer, or the arguments of its call, whole."""
        self.finish_reason = finish_reason
        """Why the model stopped, e.g. `"MAX_TOKENS"`; `None` where that is not known."""

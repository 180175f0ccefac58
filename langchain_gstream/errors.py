"""gstream's errors as LangChain's: each class here is both, so either `except` works.

Retry middleware reads `is_retryable`; on these classes it says what the error itself knows, not what its class guesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from langchain_core import exceptions as langchain
from langchain_core.messages import AIMessage

import gstream
from langchain_gstream.messages import PROVIDER
from langchain_gstream.metadata import refused

if TYPE_CHECKING:
    _ModelRefusal = langchain.ModelError
else:  # langchain-core 1.7.5 has brought it
    _ModelRefusal = getattr(langchain, "ModelRefusalError", langchain.ModelError)

__all__ = [
    "AuthenticationError",
    "ConnectionFailed",
    "ContentBlockedError",
    "ContextLengthError",
    "EmptyAnswerError",
    "EndpointError",
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
    "WithheldAnswerError",
    "langchain_error",
]


class RequestError(gstream.RequestError, langchain.ModelInvalidRequestError):
    """As `gstream.RequestError`."""


class EndpointError(gstream.EndpointError, langchain.ModelAPIError):
    """As `gstream.EndpointError`."""


class AuthenticationError(gstream.AuthenticationError, langchain.ModelAuthenticationError):
    """As `gstream.AuthenticationError`."""


class PermissionDeniedError(gstream.PermissionDeniedError, langchain.ModelPermissionDeniedError):
    """As `gstream.PermissionDeniedError`."""


class QuotaError(gstream.QuotaError, langchain.ModelPermissionDeniedError):
    """As `gstream.QuotaError`; LangChain has no class for an empty balance."""


class NotFoundError(gstream.NotFoundError, langchain.ModelNotFoundError):
    """As `gstream.NotFoundError`."""


class InvalidRequestError(gstream.InvalidRequestError, langchain.ModelInvalidRequestError):
    """As `gstream.InvalidRequestError`."""


class ContextLengthError(InvalidRequestError, langchain.ContextOverflowError):
    """The prompt is longer than the model's context window."""


class RateLimitError(gstream.RateLimitError, langchain.ModelRateLimitError):
    """As `gstream.RateLimitError`."""


class OverloadedError(gstream.OverloadedError, langchain.ModelAPIError):
    """As `gstream.OverloadedError`."""


class ServerError(gstream.ServerError, langchain.ModelAPIError):
    """As `gstream.ServerError`."""


class ConnectionFailed(gstream.ConnectionFailed, langchain.ModelConnectionError):
    """As `gstream.ConnectionFailed`."""


class RequestTimeout(gstream.RequestTimeout, langchain.ModelTimeoutError):
    """As `gstream.RequestTimeout`."""


class StreamError(gstream.StreamError, langchain.ModelAPIError):
    """As `gstream.StreamError`."""


class IncompleteStreamError(gstream.IncompleteStreamError, langchain.ModelAPIError):
    """As `gstream.IncompleteStreamError`."""


class _Refusal(_ModelRefusal):
    """What is also `langchain_core.exceptions.ModelRefusalError`, where the installed LangChain has it."""

    raw_message: AIMessage | None = None
    """An answer without text; its `content_blocks` hold the refusal, where the installed LangChain knows refusals."""


class ContentBlockedError(gstream.ContentBlockedError, _Refusal, langchain.ModelInvalidRequestError):
    """As `gstream.ContentBlockedError`; a refusal."""


class EmptyAnswerError(gstream.EmptyAnswerError, langchain.ModelAPIError):
    """As `gstream.EmptyAnswerError`."""


class WithheldAnswerError(EmptyAnswerError, _Refusal):
    """An `EmptyAnswerError` whose finish reason is a refusal: "SAFETY", "PROHIBITED_CONTENT" and their kin."""


class StructuredAnswerError(gstream.StructuredAnswerError, langchain.ModelError, langchain.OutputParserException):
    """As `gstream.StructuredAnswerError`; what `include_raw=True` gives as "parsing_error"."""

    def __init__(self, message: str, *, text: str = "", finish_reason: str | None = None) -> None:
        super().__init__(message, text=text, finish_reason=finish_reason)
        self.args = (message,)  # without the address that LangChain adds
        self.is_retryable = self.retryable
        self.llm_output = text


_CLASSES: Final[dict[type[gstream.GStreamError], type[gstream.GStreamError]]] = {
    gstream.RequestError: RequestError,
    gstream.EndpointError: EndpointError,
    gstream.AuthenticationError: AuthenticationError,
    gstream.PermissionDeniedError: PermissionDeniedError,
    gstream.QuotaError: QuotaError,
    gstream.NotFoundError: NotFoundError,
    gstream.InvalidRequestError: InvalidRequestError,
    gstream.RateLimitError: RateLimitError,
    gstream.OverloadedError: OverloadedError,
    gstream.ServerError: ServerError,
    gstream.ConnectionFailed: ConnectionFailed,
    gstream.RequestTimeout: RequestTimeout,
    gstream.StreamError: StreamError,
    gstream.IncompleteStreamError: IncompleteStreamError,
    gstream.ContentBlockedError: ContentBlockedError,
    gstream.EmptyAnswerError: EmptyAnswerError,
    gstream.StructuredAnswerError: StructuredAnswerError,
}

_TOO_LONG: Final = (
    "exceeds the maximum number of tokens",
    "context length",
    "context_length_exceeded",
    "too many tokens",
)
"""Google's and OpenAI's words for a prompt over the context window; neither gives it a code of its own."""


def langchain_error(error: gstream.GStreamError) -> gstream.GStreamError:
    """Return `error` as the class of this module that stands for its class, with everything it carries.

    `ConfigurationError` has no LangChain counterpart and is returned as it is.
    """
    cls = _CLASSES.get(type(error))
    if cls is None:
        return error
    if isinstance(error, gstream.InvalidRequestError) and any(words in error.message.lower() for words in _TOO_LONG):
        cls = ContextLengthError
    if isinstance(error, gstream.EmptyAnswerError) and refused(error.finish_reason):
        cls = WithheldAnswerError
    translated = cls.__new__(cls, error.message)
    translated.args = error.args
    vars(translated).update(vars(error))
    if isinstance(translated, langchain.ModelError):
        translated.is_retryable = error.retryable
    if isinstance(translated, _Refusal):
        translated.raw_message = AIMessage("", response_metadata={"model_provider": PROVIDER, **_withheld(error)})
    return translated


def _withheld(error: gstream.GStreamError) -> dict[str, Any]:
    """Return the response metadata of an answer that is withheld, in the shape an answer with text would have them."""
    if isinstance(error, gstream.ContentBlockedError):
        feedback = {"blockReason": error.reason, **({"safetyRatings": error.ratings} if error.ratings else {})}
        explained = {"finish_message": error.explanation} if error.explanation else {}
        return {"prompt_feedback": feedback, **explained}
    if isinstance(error, gstream.EmptyAnswerError):
        explained = {"finish_message": error.finish_message} if error.finish_message else {}
        return {"finish_reason": error.finish_reason, **explained}
    return {}

"""Verdicts on errors that were provoked or met: each a pure function of exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gstream.check import questions
from gstream.check.verdict import Verdict, failed, not_offered, passed, told
from gstream.errors import (
    AuthenticationError,
    EndpointError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    RateLimitError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gstream.check.exchange import Exchange, Seen

__all__ = ["retry_hints", "wrong_key", "wrong_model"]

_QUOTED: Final = 200
"""Characters of the provider's words that are shown."""


def wrong_model(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge the error for a model that does not exist."""
    error = exchanges[0].error
    if error is None:
        return failed(f"{questions.NO_MODEL!r} was answered: another model stands in, unsaid")
    if isinstance(error, NotFoundError):
        return passed(_shape(error), status=error.status, code=error.code)
    return failed(f"it is not told as a missing model: {told(error)}")


def wrong_key(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge the error for a key that does not exist."""
    error = exchanges[0].error
    if error is None:
        return failed("a made-up key was answered: the key is not looked at")
    if isinstance(error, AuthenticationError | PermissionDeniedError):
        return passed(_shape(error), status=error.status, code=error.code)
    return failed(f"it is not told as a wrong key: {told(error)}")


def _shape(error: EndpointError) -> str:
    stated = " ".join(str(word) for word in dict.fromkeys((error.status, error.code)) if word)
    return f"{stated}: {error.provider_message[:_QUOTED]}"


def retry_hints(seen: Seen) -> Verdict:
    """Judge, where the endpoint sent a request away for now, whether it said for how long."""
    met = [
        error
        for exchanges in seen.values()
        for exchange in exchanges
        for error in exchange.failures
        if isinstance(error, RateLimitError | OverloadedError)
    ]
    waits = [error.retry_after_s for error in met if error.retry_after_s is not None]
    if waits:
        return passed(f"asked to wait {waits[0]:.3g} s", retry_after_s=waits[0])
    if any(isinstance(error, RateLimitError) for error in met):
        return failed("a rate limit was met, and nothing said how long to wait (Retry-After, RetryInfo)")
    return not_offered("no rate limit was met during the check")

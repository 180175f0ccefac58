"""Whether and when to ask again, and whom; pure.

`RetryPolicy` decides about one failure, `Route` walks a call over its targets. Nothing here sleeps or sends.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from gstream.errors import (
    ConfigurationError,
    ContentBlockedError,
    EndpointError,
    InvalidRequestError,
    RequestError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gstream.endpoints import Target
    from gstream.errors import GStreamError
    from gstream.messages import Prompt

__all__ = ["RetryPolicy", "Route"]

_OURS: Final = (ConfigurationError, RequestError, InvalidRequestError, ContentBlockedError)
"""Failures that lie in what is asked, not in who is asked: no other endpoint is tried for them."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often and after how long a failed request is sent again to the same endpoint."""

    max_retries: int = 2
    """Requests after the first one; 0 is none."""
    base_s: float = 0.5
    """The first wait is a random share of this; each further one of twice the one before (full jitter)."""
    cap_s: float = 8.0
    """The longest wait that is not the endpoint's own wish."""
    longest_wish_s: float = 60.0
    """The longest wait the endpoint may ask for (`Retry-After`, RetryInfo); beyond it the call fails at once."""

    def delay(self, attempt: int, error: GStreamError, *, share: Callable[[], float] = random.random) -> float | None:
        """Return the seconds to wait before asking the same endpoint again; `None`: do not.

        Args:
            attempt: how many requests have failed there, 1 after the first.
            error: what the last one failed with.
            share: gives a random number from 0 to 1.
        """
        if attempt > self.max_retries or not error.retryable:
            return None
        wish = error.retry_after_s if isinstance(error, EndpointError) else None
        if wish is not None:
            return wish if wish <= self.longest_wish_s else None
        return float(min(self.cap_s, self.base_s * 2 ** min(attempt - 1, 30)) * share())


class Route:
    """The walk of one call: the target it is at, and what failed on the way.

    Args:
        targets: where the request may go, in order; at least one.
        policy: when to stay.
    """

    def __init__(self, targets: Sequence[Target], policy: RetryPolicy) -> None:
        self._all = tuple(targets)
        self._targets = list(targets)
        self._policy = policy
        self._failed_here = 0
        self._errors: list[GStreamError] = []

    @property
    def secrets(self) -> list[str]:
        """The keys of all targets, also as they stand in a URL; none of them may be shown, whoever repeats it."""
        keys = [target.api_key for target in self._all if target.api_key]
        return keys + [quote(key, safe="") for key in keys]

    @property
    def target(self) -> Target:
        """Where the next request goes."""
        return self._targets[0]

    def prompt(self, prompt: Prompt) -> Prompt:
        """Return `prompt` with the target's own name of the model."""
        return replace(prompt, model=self.target.model) if self.target.model else prompt

    def failed(self, error: GStreamError) -> float:
        """Note a failure and return the seconds to wait before the next request (0: at once).

        Raises:
            GStreamError: `error` itself, with all attempts listed, if there is nothing left to try.
        """
        self._errors.append(error)
        self._failed_here += 1
        delay = self._policy.delay(self._failed_here, error)
        if delay is not None:
            return delay
        if len(self._targets) > 1 and not isinstance(error, _OURS):
            self._targets.pop(0)
            self._failed_here = 0
            return 0.0
        raise self.final(error)

    def final(self, error: GStreamError) -> GStreamError:
        """Return `error` with the failures before it listed in it."""
        error.earlier = tuple(earlier for earlier in self._errors if earlier is not error)
        return error

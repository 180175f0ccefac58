"""How quick an endpoint is, from the times at which chunks came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gstream.models import token_estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gstream.check.exchange import Exchange

__all__ = ["Speed", "shown_s"]

_SHORTEST_S: Final = 0.001
"""A shorter stretch of writing gives no rate."""


@dataclass(frozen=True)
class Speed:
    """One figure a try that was answered, in order."""

    first_s: tuple[float, ...] = ()
    """Seconds from the request to the first chunk."""
    tokens_per_s: tuple[float, ...] = ()
    """Tokens of visible text a second, from the first chunk to the last; tries in one lump have none."""

    @classmethod
    def of(cls, exchanges: Sequence[Exchange]) -> Speed:
        """Return the figures of the exchanges that were answered.

        Where the server counted no tokens, they are estimated from the text (`models.token_estimate`).
        """
        answered = [one for one in exchanges if one.answer and one.arrivals_s]
        rates = []
        for one in answered:
            counts = one.answer.usage if one.answer else None
            tokens = counts.candidates if counts and counts.candidates else token_estimate(one.text)
            writing_s = one.arrivals_s[-1] - one.arrivals_s[0]
            if writing_s >= _SHORTEST_S:
                rates.append(tokens / writing_s)
        return cls(tuple(one.arrivals_s[0] for one in answered), tuple(rates))


def shown_s(seconds: float) -> str:
    """Return a time as people read it: `420 ms`, `1.8 s`."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"

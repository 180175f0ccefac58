"""What came of one question: the answer or the error, and when its pieces came. A value; nothing here asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from gstream.check.verdict import told

if TYPE_CHECKING:
    from gstream.chunks import Chunk
    from gstream.errors import GStreamError
    from gstream.messages import Prompt

__all__ = ["Exchange", "Seen"]


@dataclass(frozen=True)
class Exchange:
    """A question and what came back."""

    prompt: Prompt
    answer: Chunk | None = None
    """The whole answer in one chunk; `None` where there is none."""
    error: GStreamError | None = None
    """Why there is none."""
    arrivals_s: tuple[float, ...] = ()
    """Seconds from the request to each chunk that carries parts."""
    ended_s: float = 0.0
    """Seconds from the request to the end of the answer, or to the failure."""
    earlier: tuple[GStreamError, ...] = field(default=())
    """Failures for which the request was repeated, first to last."""

    @property
    def text(self) -> str:
        """The answer's visible text; empty where there is no answer."""
        return self.answer.text if self.answer else ""

    @property
    def failures(self) -> tuple[GStreamError, ...]:
        """Every error that was met, first to last."""
        return self.earlier if self.error is None else (*self.earlier, self.error)

    @property
    def why(self) -> str:
        """Why there is no answer, as a reason; empty where there is one."""
        if self.error is None:
            return ""
        count = len(self.arrivals_s)
        began = f"after {count} chunk{'' if count == 1 else 's'}: " if count else ""
        return began + told(self.error)


Seen: TypeAlias = Mapping[str, tuple[Exchange, ...]]
"""Name of a probe -> what came of its questions, in order."""

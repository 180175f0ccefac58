"""What a measurement is: a case, its figures, its goals, and what came of it."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.contenders import FrameworkName

__all__ = ["Case", "Failure", "Figure", "Figures", "Goal", "Measured", "Outcome", "Row", "Work"]


@dataclass(frozen=True)
class Goal:
    """What gstream is to reach; each bound that is `None` is none."""

    floors: float | None = None
    """At most so many times the floor."""
    peer: float | None = None
    """The peer, which is the framework's own package for the same API, takes at least so many times as much."""
    most: float | None = None
    """At most so much, in the figure's unit."""

    def reached(self, ours: float, floor: float | None, peer: float | None) -> bool:
        """Return whether it is.

        Args:
            ours: gstream's figure.
            floor: the ratio of gstream to the floor; `None` without a floor.
            peer: the ratio of the peer to gstream; `None` where it cannot do it.
        """
        within = self.floors is None or (floor is not None and floor <= self.floors)
        ahead = self.peer is None or peer is None or peer >= self.peer
        return within and ahead and (self.most is None or ours <= self.most)

    def __str__(self) -> str:
        said = [
            f"at most {self.floors:g} x floor" if self.floors is not None else "",
            f"the peer at least {self.peer:g} x" if self.peer is not None else "",
            f"at most {self.most:g}" if self.most is not None else "",
        ]
        return ", ".join(filter(None, said))


@dataclass(frozen=True)
class Figure:
    """One number that a case gives."""

    key: str
    """Its name among what the case's work returns."""
    label: str
    """What it is, as the head of a row."""
    unit: str
    scale: float = 1.0
    """What the returned number is multiplied by to be in `unit`."""
    goal: Goal = field(default_factory=Goal)
    chart: str = ""
    """Its words in the chart; empty: it is not in the chart."""
    digits: int = 1
    """Decimal places."""


Figures: TypeAlias = "dict[str, float]"
"""What one round of a case's work returns, by the keys of its figures."""
Work: TypeAlias = "Callable[..., Figures]"
"""A function of a subject: takes the worker's `Session` and a case's `arguments`."""


@dataclass(frozen=True)
class Case:
    """One piece of work, done by every contender of one framework in turns."""

    framework: FrameworkName
    label: str
    work: Work
    figures: tuple[Figure, ...]
    arguments: dict[str, Any] = field(default_factory=dict)
    rounds: int = 7
    quick_rounds: int = 3
    quick: bool = True
    """Whether the quick run has it too."""
    floor: bool = True
    """Whether the floor does it too."""
    fresh: bool = False
    """Whether each round needs a process of its own, e.g. for its peak of memory."""
    cannot: dict[str, str] = field(default_factory=dict)
    """Contenders that are not asked, and why as a clause."""


@dataclass(frozen=True)
class Measured:
    """A figure over the rounds, in its unit."""

    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median."""
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        """The minimum."""
        return min(self.values)

    def over(self, other: Measured) -> float:
        """Return how many times `other` this is: the median over rounds, as the rounds of all took turns."""
        pairs = zip(self.values, other.values, strict=False)
        ratios = [mine / theirs for mine, theirs in pairs if theirs > 0]
        return statistics.median(ratios) if ratios else float("nan")


@dataclass(frozen=True)
class Failure:
    """What a contender cannot do."""

    why: str
    """As a clause: "fails with LineTooLong"."""


Outcome: TypeAlias = Measured | Failure


@dataclass(frozen=True)
class Row:
    """One figure of one case, of all contenders."""

    case: Case
    figure: Figure
    outcomes: dict[str, Outcome]
    """By the contender's name, the floor's included."""

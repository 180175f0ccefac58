"""Bars as inline SVG: one bar an endpoint at its median, a dot for each try. Text is escaped, colours come from CSS."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["bars"]

_WIDTH: Final = 480
"""Units across, of which one is about a pixel where two charts stand side by side; on a phone they are smaller, so
that the letters must be larger (`_NAMED` leaves room for that)."""
_EDGE: Final = 4
"""Units left free on both sides, as dots reach beyond their place."""
_NAMED: Final = 28
"""Units for the line above a bar, with the endpoint's name and the median."""
_BAR: Final = 14
_GAP: Final = 12
_AXIS: Final = 26
_LONGEST_NAME: Final = 30
_TICKS: Final = 4


@dataclass(frozen=True)
class _Scale:
    """Where a figure lies across the chart."""

    step: float
    """How much lies between two ticks."""

    @property
    def ticks(self) -> list[float]:
        """The figures that are marked."""
        return [self.step * number for number in range(_TICKS + 1)]

    def x(self, value: float) -> float:
        """Return how many units from the left a figure lies."""
        return _EDGE + (_WIDTH - 2 * _EDGE) * value / (self.step * _TICKS)


def bars(title: str, rows: Sequence[tuple[str, Sequence[float]]], shown: Callable[[float], str]) -> str:
    """Return an SVG element with one row an endpoint: its name and its median, and below them the bar.

    Args:
        title: what is measured; read out in place of the picture.
        rows: an endpoint's name, and its figure of each try; none: a dash.
        shown: a figure as people read it.
    """
    scale = _Scale(_step(max((value for _, values in rows for value in values), default=0.0)))
    row = _NAMED + _BAR + _GAP
    drawn = [_row(name, values, number * row, scale, shown) for number, (name, values) in enumerate(rows)]
    bottom = len(rows) * row
    anchors = ["start", *["middle"] * (_TICKS - 1), "end"]
    drawn += [
        f'<text class="tick" x="{scale.x(tick):.1f}" y="{bottom + 12}" text-anchor="{anchor}">'
        f"{escape(shown(tick))}</text>"
        for tick, anchor in zip(scale.ticks, anchors, strict=True)
    ]
    return (
        f'<svg viewBox="0 0 {_WIDTH} {bottom + _AXIS}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(drawn)}</svg>"
    )


def _row(name: str, values: Sequence[float], top: float, scale: _Scale, shown: Callable[[float], str]) -> str:
    """Return what is drawn for one endpoint, `top` units below the upper edge."""
    short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
    words, bar, end = top + _NAMED - 7, top + _NAMED, top + _NAMED + _BAR
    median = statistics.median(values) if values else None
    figure = "-" if median is None else escape(shown(median))
    drawn = [
        f'<text class="name" x="{_EDGE}" y="{words}">{escape(short)}</text>',
        f'<text x="{_WIDTH - _EDGE}" y="{words}" text-anchor="end">{figure}</text>',
    ]
    marks = (f"{scale.x(tick):.1f}" for tick in scale.ticks)
    drawn += [f'<line class="grid" x1="{mark}" y1="{bar}" x2="{mark}" y2="{end}"/>' for mark in marks]
    if median is not None:
        left, width = scale.x(0), max(1.0, scale.x(median) - scale.x(0))
        drawn.append(f'<rect class="bar" x="{left:.1f}" y="{bar}" width="{width:.1f}" height="{_BAR}" rx="3"/>')
    drawn += [f'<circle class="try" cx="{scale.x(value):.1f}" cy="{bar + _BAR / 2}" r="3"/>' for value in values]
    return "".join(drawn)


def _step(largest: float) -> float:
    """Return a round distance of ticks so that `_TICKS` of them reach the largest figure."""
    if largest <= 0 or not math.isfinite(largest):
        return 1.0
    rough = largest / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))

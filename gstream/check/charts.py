"""Bars as inline SVG: one bar an endpoint at its median, a dot for each try. Text is escaped, colours come from CSS."""

from __future__ import annotations

import math
import statistics
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["bars"]

_WIDTH: Final = 640
_LABELS: Final = 170
"""Pixels on the left for the endpoints' names."""
_VALUES: Final = 90
"""Pixels on the right for the medians in figures."""
_ROW: Final = 34
_BAR: Final = 16
_TOP: Final = 8
_AXIS: Final = 26
_LONGEST_NAME: Final = 22
_TICKS: Final = 4


def bars(title: str, rows: Sequence[tuple[str, Sequence[float]]], shown: Callable[[float], str]) -> str:
    """Return an SVG element with one row an endpoint.

    Args:
        title: what is measured; read out in place of the picture.
        rows: an endpoint's name, and its figure of each try; none: a dash.
        shown: a figure as people read it.
    """
    step = _step(max((value for _, values in rows for value in values), default=0.0))
    most = step * _TICKS
    height = _TOP + len(rows) * _ROW + _AXIS
    plot = _WIDTH - _LABELS - _VALUES

    def x(value: float) -> float:
        return _LABELS + plot * value / most

    bottom = _TOP + len(rows) * _ROW
    drawn = [
        f'<line class="grid" x1="{x(tick):.1f}" y1="{_TOP}" x2="{x(tick):.1f}" y2="{bottom}"/>'
        f'<text class="tick" x="{x(tick):.1f}" y="{bottom + 17}" text-anchor="middle">{escape(shown(tick))}</text>'
        for tick in (step * number for number in range(_TICKS + 1))
    ]
    for number, (name, values) in enumerate(rows):
        middle = _TOP + number * _ROW + _ROW / 2
        short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
        drawn.append(f'<text x="{_LABELS - 10}" y="{middle + 4:.1f}" text-anchor="end">{escape(short)}</text>')
        if not values:
            drawn.append(f'<text class="tick" x="{_LABELS + 6}" y="{middle + 4:.1f}">-</text>')
            continue
        median = statistics.median(values)
        drawn.append(
            f'<rect class="bar" x="{_LABELS}" y="{middle - _BAR / 2:.1f}" width="{max(1.0, x(median) - _LABELS):.1f}" '
            f'height="{_BAR}" rx="3"/>'
        )
        drawn += [f'<circle class="try" cx="{x(value):.1f}" cy="{middle:.1f}" r="3"/>' for value in values]
        drawn.append(f'<text x="{_WIDTH - 4}" y="{middle + 4:.1f}" text-anchor="end">{escape(shown(median))}</text>')
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(drawn)}</svg>"
    )


def _step(largest: float) -> float:
    """Return a round distance of ticks so that `_TICKS` of them reach the largest figure."""
    if largest <= 0 or not math.isfinite(largest):
        return 1.0
    rough = largest / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))

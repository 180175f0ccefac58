"""The chart for the README: bars of the headline figures, as an SVG of text and rectangles."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from benchmarks.cases import Failure, Measured
from benchmarks.contenders import FLOOR, OURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.cases import Figure, Outcome, Row
    from benchmarks.machine import Setting

__all__ = ["svg"]

_WIDTH, _MARGIN, _LEFT, _BAR, _LINE, _HEAD = 860, 24, 230, 360, 20, 26
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.page { fill: #ffffff; stroke: #d1d9e0 }
.title { font-weight: 600; font-size: 16px }
.head { font-weight: 600 }
.note { fill: #59636e }
.ours { fill: #1a7f5a }
.peer { fill: #b35900 }
.floor { fill: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .page { fill: #0d1117; stroke: #3d444d }
  .note { fill: #9198a1 }
  .ours { fill: #3fb98a }
  .peer { fill: #e08a3c }
  .floor { fill: #656c76 }
}
"""


def svg(where: Setting, rows: Sequence[Row]) -> str:
    """Return the chart of those rows whose figure has words for it; each group of bars has a scale of its own.

    The page has a ground of its own, light or dark as the reader's system is, so it can be read on either.
    """
    drawn = ['<text class="title" x="24" y="36">Less is better: medians of one run</text>']
    note = f"{where.date}, {where.machine}, {where.python}"
    drawn.append(f'<text class="note" x="24" y="56">{escape(note)}</text>')
    top = 84
    for row in rows:
        if row.figure.chart:
            drawn += _group(row, top)
            top += _HEAD + _LINE * len(row.outcomes) + 14
    height = top + 4
    size = f'width="{_WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {size} role="img">',
            "<title>What gstream costs beside the floor of its frameworks and beside its peers</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="page" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="8"/>',
            *drawn,
            "</svg>",
            "",
        ]
    )


def _group(row: Row, top: int) -> list[str]:
    """Return the head and the bars of one figure."""
    most = max((outcome.middle for outcome in row.outcomes.values() if isinstance(outcome, Measured)), default=1) or 1
    drawn = [f'<text class="head" x="{_MARGIN}" y="{top + 12}">{escape(row.figure.chart)}</text>']
    for position, (name, outcome) in enumerate(row.outcomes.items()):
        y = top + _HEAD + _LINE * position
        kind = {FLOOR: "floor", OURS: "ours"}.get(name, "peer")
        width = max(1.0, outcome.middle / most * _BAR) if isinstance(outcome, Measured) else 0.0
        label = _label(outcome, row.outcomes[OURS], row.figure, name)
        drawn.append(f'<text x="{_LEFT - 8}" y="{y + 11}" text-anchor="end">{escape(name)}</text>')
        if width:
            drawn.append(f'<rect class="{kind}" x="{_LEFT}" y="{y}" width="{width:.1f}" height="14" rx="2"/>')
        drawn.append(f'<text class="note" x="{_LEFT + width + 8:.1f}" y="{y + 11}">{escape(label)}</text>')
    return drawn


def _label(outcome: Outcome, ours: Outcome, figure: Figure, name: str) -> str:
    if isinstance(outcome, Failure):
        return outcome.why
    value = f"{outcome.middle:,.{figure.digits}f} {figure.unit}"
    if name in {FLOOR, OURS} or not isinstance(ours, Measured) or not ours.least:
        return value
    return f"{value}, {outcome.over(ours):.1f} x"

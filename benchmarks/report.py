"""Rows as a table: in the terminal while they come, and in RESULTS.md."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from benchmarks.cases import Failure, Goal, Measured
from benchmarks.contenders import CONTENDERS, FLOOR, FRAMEWORKS, OURS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.cases import Figure, Outcome, Row
    from benchmarks.machine import Setting

__all__ = ["lines", "markdown", "verdict"]


_READING = (
    "Each figure is the median over rounds in which all contenders took turns, and in brackets the minimum. Ratios are "
    "medians over the rounds. CPU is that of the contender's process, all its threads; the server is another process. "
    "The floor is httpx's bytes, one JSON parse an event, and the framework's own cheapest chunk through its own "
    "streaming: the plainest client that can be written. Where little lies beyond it, the framework's own cost "
    "dominates; below it lies what goes over a large event less often, or makes no event for LlamaIndex's "
    "instrumentation where nobody listens. The peer of "
    "a goal is the package for the same API, langchain-google-genai or llama-index-llms-google-genai. Memory is how "
    "much the peak of the process grew. An answer is checked to be whole: where a part is lost, or the call fails, "
    "this is told in place of a figure."
)


def verdict(row: Row) -> str:
    """Return the row's goal and whether it is reached; empty without one."""
    goal, ours = row.figure.goal, row.outcomes[OURS]
    if goal == Goal():
        return ""
    if isinstance(ours, Failure):
        return f"{goal}: missed"
    floor = row.outcomes.get(FLOOR)
    peer = row.outcomes.get(FRAMEWORKS[row.case.framework].peer)
    reached = goal.reached(
        ours.middle,
        ours.over(floor) if isinstance(floor, Measured) else None,
        peer.over(ours) if isinstance(peer, Measured) else None,
    )
    return f"{goal}: {'reached' if reached else 'missed'}"


def cells(row: Row) -> list[tuple[str, str]]:
    """Return each contender's name and what it gave: median (minimum), and its ratio."""
    ours, floor = row.outcomes[OURS], row.outcomes.get(FLOOR)
    found = []
    for name, outcome in row.outcomes.items():
        over, base = (floor, "floor") if name == OURS else (ours, OURS)
        ratio = ""
        if name != FLOOR and isinstance(outcome, Measured) and isinstance(over, Measured) and row.figure.unit:
            ratio = f", {outcome.over(over):.{2 if name == OURS else 1}f} x {base}" if over.least > 0 else ""
        found.append((name, f"{_shown(outcome, row.figure)}{ratio}"))
    return found


def _shown(outcome: Outcome, figure: Figure) -> str:
    if isinstance(outcome, Failure):
        return outcome.why
    middle, least = (f"{value:,.{figure.digits}f}" for value in (outcome.middle, outcome.least))
    unit = f" {figure.unit}" if figure.unit else ""
    return f"{middle}{unit}" + (f" ({least})" if least != middle else "")


def lines(row: Row) -> list[str]:
    """Return the row for a terminal."""
    said = verdict(row)
    head = f"{row.case.framework}: {row.case.label.replace('`', '')}, {row.figure.label}"
    return [f"{head}{f'  [{said}]' if said else ''}", *(f"    {name:32}{text}" for name, text in cells(row))]


def _head(where: Setting) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in where.versions.items())
    return [
        "# Results",
        "",
        "Written by `make bench`; all figures come from one run.",
        "",
        f"- Date: {where.date}",
        f"- Machine: {where.machine}; {where.python}",
        f"- Versions: {versions}",
        "",
        _READING,
        "",
    ]


def markdown(where: Setting, subjects: Iterable[tuple[str, Sequence[Row]]]) -> str:
    """Return RESULTS.md.

    Args:
        where: the circumstances of the run.
        subjects: titles and rows.
    """
    text = _head(where)
    for title, rows in subjects:
        text += [f"## {title}", ""]
        for framework, those in groupby(rows, key=lambda row: row.case.framework):
            text += [*_table(list(those), framework), ""]
    return "\n".join(text)


def _table(rows: list[Row], framework: str) -> list[str]:
    floor = [FLOOR] if any(FLOOR in row.outcomes for row in rows) else []
    names = floor + [name for known, those in CONTENDERS.items() if known == framework for name in those]
    goals = any(verdict(row) for row in rows)
    heads = [framework, *names, *(["goal"] if goals else [])]
    table = [heads, ["---", *("---:" for _ in names), *(["---"] if goals else [])]]
    for row in rows:
        given = dict(cells(row))
        label = f"{row.case.label}: {row.figure.label}"
        table.append([label, *(given.get(name, "") for name in names), *([verdict(row)] if goals else [])])
    return [f"| {' | '.join(line)} |" for line in table]

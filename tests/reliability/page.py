"""RELIABILITY.md, of the promises and of the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.reliability.reading import embedded
from tests.reliability.words import further, held, result, stood_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.reliability.reading import Figures, Page, Promise

__all__ = ["NOT_RUN", "rendered"]

NOT_RUN: Final = "not run"
_HEAD: Final = """# What gstream promises, and what holds it

Whatever a server sends, you get the complete right answer or a typed error; never a silent loss, an exception of \
another library, a hang, or a key where others can read it. This page takes that apart: each promise, the tests that \
hold it, and what was counted when they last ran.

`make reliability` writes this page. Its numbers come from the runs themselves, each with the day of its run; what \
nobody has run says "not run".
"""
_LIMITS: Final = """## Limits

Each of these can be moved. A call that meets one ends in a typed error that says so.

| what is limited | by default | what moves it |
|---|---|---|
"""
_GAPS: Final = """## What is not held

"""


def rendered(page: Page, figures: Figures) -> str:
    """Return the text of the page.

    Args:
        page: what it says.
        figures: what the runs counted; a run that is not among them is said to be missing.
    """
    parts = [_HEAD, "\n## The last runs\n\n| run | what it is | day (UTC) | result |\n|---|---|---|---|\n"]
    for run in page.runs:
        known = figures.get(run.name)
        day, said = (known["date"], result(run.name, known)) if known else ("", NOT_RUN)
        parts.append(f"| `{run.command}` | {run.does} | {day} | {said} |\n")
    parts += [_versions(page, figures), "\n## The promises\n"]
    parts += [_promise(promise, page, figures) for promise in page.promises]
    parts.append(f"\n{_LIMITS}")
    parts += [f"| {limit.what} | {limit.default} | [{limit.move}]({limit.where}) |\n" for limit in page.limits]
    parts.append(f"\n{_GAPS}")
    parts += [f"- {gap.text}\n" for gap in page.gaps]
    return "".join([*parts, "\n", embedded(figures)])


def _versions(page: Page, figures: Figures) -> str:
    """Return what the runs stood on: runs that stood on the same are named together."""
    stood: dict[str, list[str]] = {}
    for run in page.runs:
        if on := stood_on(figures.get(run.name, {})):
            stood.setdefault(on, []).append(f"`{run.command}`")
    return "".join(f"\n{' and '.join(commands)} ran on {on}.\n" for on, commands in stood.items())


def _promise(promise: Promise, page: Page, figures: Figures) -> str:
    """Return a promise with its tests and their last figures."""
    lines = [f"\n### {promise.title}\n\n{promise.sentence}\n\n"]
    if promise.tests:
        lines.append(f"- Held by {', '.join(map(_link, promise.tests))}.\n")
    commands = {run.name: run.command for run in page.runs}
    lines += [f"- `{commands[run]}`: {_last(promise, figures.get(run))}.\n" for run in promise.runs]
    return "".join(lines)


def _link(test: str) -> str:
    file, _, name = test.partition("::")
    shown = file.removeprefix("tests/")
    return f"[{shown}]({file}) (`{name}`)" if name else f"[{shown}]({file})"


def _last(promise: Promise, figures: Mapping[str, Any] | None) -> str:
    """Return how the tests of a promise ended in a run; where a run counts no tests, that it is in the table."""
    if figures is None:
        return NOT_RUN
    if "held" not in figures:
        return f"see above ({figures['date']})"
    counts = figures["held"].get(promise.key)
    if not counts:
        return NOT_RUN
    more = further(promise.shows, figures, promise.holds)
    return f"{held(counts)}{more and f'; {more}'} ({figures['date']})"

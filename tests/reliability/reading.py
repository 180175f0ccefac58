"""From the figures of the runs to those that RELIABILITY.md shows, and back out of the page.

A page carries its figures, as JSON in a comment at its end. So a run that is made again replaces its own figures alone,
and the others keep the day on which they were counted.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["DATA", "Figures", "Gap", "Limit", "Page", "Promise", "Run", "embedded", "load", "read", "standing"]

DATA: Final = Path(__file__).with_name("promises.toml")
_MARK: Final = "<!-- figures: "
_END: Final = " -->"
_MAY_BE_EMPTY: Final = ("examples", "faults", "standard")

Figures: TypeAlias = dict[str, Any]
"""Name of a run -> what it counted: `date`, `versions` where they are known, and what is particular to the run."""


@dataclass(frozen=True)
class Run:
    """Something that is run and counted."""

    name: str
    command: str
    does: str


@dataclass(frozen=True)
class Promise:
    """What is promised, and what holds it."""

    key: str
    title: str
    sentence: str
    tests: tuple[str, ...]
    """Files, or tests in them (`file::test`), from the root of the repository."""
    runs: tuple[str, ...]
    shows: str = ""
    """Which further figures of the runs are shown with it: "faults", "standard" or "examples"."""

    def holds(self, test: str) -> bool:
        """Return whether a test, given without its parameters, is one of those that hold the promise."""
        return any(test == place or test.startswith(f"{place}::") for place in self.tests)


@dataclass(frozen=True)
class Limit:
    """Something that ends a call, and how a user moves it."""

    what: str
    default: str
    move: str
    where: str


@dataclass(frozen=True)
class Gap:
    """What is not held."""

    text: str


@dataclass(frozen=True)
class Page:
    """What the page says, without figures."""

    runs: tuple[Run, ...]
    promises: tuple[Promise, ...]
    limits: tuple[Limit, ...]
    gaps: tuple[Gap, ...]


def load(file: Path = DATA) -> Page:
    """Return what the page says, from the file of promises."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return Page(
        tuple(Run(**entry) for entry in data["run"]),
        tuple(
            Promise(**{**entry, "tests": tuple(entry["tests"]), "runs": tuple(entry["runs"])})
            for entry in data["promise"]
        ),
        tuple(Limit(**entry) for entry in data["limit"]),
        tuple(Gap(**entry) for entry in data["gap"]),
    )


def read(folder: Path, page: Page) -> Figures:
    """Return the figures that the runs left in `folder`; a run without a file is not among them."""
    found: Figures = {}
    for run in page.runs:
        file = folder / f"{run.name}.json"
        if not file.exists():
            continue
        raw = json.loads(file.read_text(encoding="utf-8"))
        day = datetime.fromtimestamp(file.stat().st_mtime, UTC).date().isoformat()
        if run.name in {"versions", "mutants"}:  # these have no place for a day of their own
            found[run.name] = {"date": day, "of": raw}
        else:
            found[run.name] = _shown({"date": day, **raw}, page.promises)
    return found


def _shown(raw: Mapping[str, Any], promises: Sequence[Promise]) -> dict[str, Any]:
    """Return the figures without those of single tests, which are added up for each promise."""
    kept = {name: value for name, value in raw.items() if name != "tests" and (value or name not in _MAY_BE_EMPTY)}
    if tests := raw.get("tests"):
        sums = {promise.key: _sum(promise, tests) for promise in promises}
        kept["held"] = {key: dict(one) for key, one in sums.items() if one}
    return kept


def _sum(promise: Promise, tests: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for test, outcomes in tests.items():
        if promise.holds(test):
            total += Counter(outcomes)
    return total


def embedded(figures: Figures) -> str:
    """Return the comment in which a page carries its figures."""
    return f"{_MARK}{json.dumps(figures, separators=(',', ':'))}{_END}\n"


def standing(text: str) -> Figures:
    """Return the figures that a page carries; none if it carries none."""
    _, mark, rest = text.rpartition(_MARK)
    found: Figures = json.loads(rest.rpartition(_END)[0]) if mark else {}
    return found

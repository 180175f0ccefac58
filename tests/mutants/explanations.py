"""The survivors that are known: which change no test tells apart, and why none can or should.

`survivors/<subject>.toml` holds tables `[[survivor]]`:

    module = "gstream.framing"
    function = "Framer.feed"
    changes = [["the lines before", "the lines after"], ...]
    why = "One sentence."

A mutant is known by its function and the lines it changes, as the report prints them, since its number shifts with each
edit above it. A change that a function has more than once is listed as often.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.mutants.mutants import Mutant

__all__ = ["Change", "Judged", "change_of", "explained", "judge", "stub"]

Change: TypeAlias = tuple[str, str, str, str]
"""Module, function, the lines before, the lines after."""


@dataclass(frozen=True)
class Judged:
    """What a run says about one subject."""

    mutants: int
    """All that count: those that only reword a sentence do not."""
    killed: int
    explained: int
    unexplained: tuple[Mutant, ...]
    """Survivors without an explanation, and mutants that were not judged."""
    stale: tuple[Change, ...]
    """Explained changes that no survivor makes (any more)."""
    reworded: int

    @property
    def holds(self) -> bool:
        """Whether each mutant is killed or explained, and nothing else is."""
        return not self.unexplained and not self.stale


def change_of(mutant: Mutant) -> Change:
    """Return what a mutant is known by."""
    return mutant.module, mutant.function, mutant.before, mutant.after


def explained(path: Path) -> list[Change]:
    """Return the changes that a file explains; none if there is no such file.

    Raises:
        ValueError: an explanation lacks its reason.
    """
    if not path.exists():
        return []
    changes: list[Change] = []
    for survivor in tomllib.loads(path.read_text())["survivor"]:
        module, function = survivor["module"], survivor["function"]
        if not survivor["why"].strip():
            raise ValueError(f"{path.name}: a survivor in {module}.{function} has no reason: write one under `why`.")
        changes += [(module, function, before, after) for before, after in survivor["changes"]]
    return changes


def judge(mutants: Iterable[Mutant], known: Iterable[Change]) -> Judged:
    """Hold the mutants of one subject against the changes that are explained."""
    mutants = list(mutants)
    counted = [mutant for mutant in mutants if mutant.outcome != "reworded"]
    left = Counter(known)
    unexplained, explanations = [], 0
    for mutant in counted:
        if mutant.outcome == "killed":
            continue
        change = change_of(mutant)
        if mutant.outcome != "unknown" and left[change] > 0:
            left[change] -= 1
            explanations += 1
        else:
            unexplained.append(mutant)
    return Judged(
        mutants=len(counted),
        killed=sum(mutant.outcome == "killed" for mutant in counted),
        explained=explanations,
        unexplained=tuple(unexplained),
        stale=tuple(left.elements()),
        reworded=len(mutants) - len(counted),
    )


def stub(mutant: Mutant) -> str:
    """Return a mutant as a table of the file that explains, its reason still to be written."""
    change = ", ".join(_quoted(lines) for lines in (mutant.before, mutant.after))
    return (
        f'[[survivor]]  # {mutant.outcome}\nmodule = "{mutant.module}"\nfunction = "{mutant.function}"\n'
        f'changes = [[{change}]]\nwhy = ""\n'
    )


def _quoted(text: str) -> str:
    """Return a literal string of TOML, which knows no escapes."""
    return f"'''{text}'''" if "'" in text else f"'{text}'"

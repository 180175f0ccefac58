"""The mutants of a run, as mutmut left them: what each changed where, and what became of it."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Mutant", "Outcome", "difference", "read_mutants", "rewords"]

Outcome = Literal["killed", "survived", "untested", "reworded", "unknown"]

_SURVIVED: Final = 0
_UNTESTED: Final = {5, 33}
"""No test, and none among those chosen: mutmut's own, and pytest's."""
_UNJUDGED: Final = {None, 2, 34}
"""Not run, interrupted, skipped. Every other number is a failed test, or a limit of time or memory that was passed."""
_SENTENCE: Final = re.compile(r"[A-Za-z.,]{2,} +[A-Za-z.,]{2,}")


@dataclass(frozen=True)
class Mutant:
    """One change of one function."""

    name: str
    """mutmut's own name of it, which a later run may give to another."""
    module: str
    """E.g. `gstream.framing`."""
    function: str
    """E.g. `Framer.feed`."""
    before: str
    """The lines that it changes, without indentation, joined by spaces."""
    after: str
    """What they become; empty where they only go."""
    outcome: Outcome


def read_mutants(place: Path, source: str) -> list[Mutant]:
    """Return the mutants of a file.

    Args:
        place: where mutmut ran.
        source: the file's path from there, e.g. `gstream/framing.py`.
    """
    mutated = place / "mutants" / source
    if not (judged := mutated.with_name(f"{mutated.name}.meta")).exists():
        return []
    codes: dict[str, int | None] = json.loads(judged.read_text())["exit_code_by_key"]
    spans: dict[str, list[int]] = json.loads(mutated.with_name(f"{mutated.name}.spans").read_text())["spans"]
    lines = mutated.read_text().split("\n")  # as mutmut counts them
    found = []
    for name, code in codes.items():
        module, _, own = name.rpartition(".")
        original = f"{own.partition('__mutmut_')[0]}__mutmut_orig"
        old, new = ([*lines[spans[each][0] - 1 : spans[each][1]]] for each in (original, own))
        old, new = ([line.replace(each, "f", 1) for line in body] for each, body in ((original, old), (own, new)))
        before, after = difference(old, new)
        function = _function(own)
        found.append(Mutant(name, module, function, before, after, _outcome(code, old, new)))
    return found


def _function(name: str) -> str:
    """Return the name of the function that mutmut calls `x_name__mutmut_1`, or `xǁClassǁname__mutmut_1`."""
    mangled = name.partition("__mutmut_")[0]
    return ".".join(mangled.split("ǁ")[1:]) if "ǁ" in mangled else mangled.removeprefix("x_")


def _outcome(code: int | None, old: Sequence[str], new: Sequence[str]) -> Outcome:
    if rewords(old, new):
        return "reworded"
    if code in _UNJUDGED:
        return "unknown"
    if code in _UNTESTED:
        return "untested"
    return "survived" if code == _SURVIVED else "killed"


def difference(old: Sequence[str], new: Sequence[str]) -> tuple[str, str]:
    """Return the lines that differ between two bodies, as they were and as they are."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    before, after = (body[start : len(body) - end] for body in (old, new))
    return " ".join(line.strip() for line in before), " ".join(line.strip() for line in after)


def rewords(old: Sequence[str], new: Sequence[str]) -> bool:
    """Return whether two bodies of a function differ in nothing but the words of one sentence.

    A sentence is a text with two words in it, which no key, name or format has: what a person reads. Its words are
    free, so such a mutant is not counted, whatever became of it; a sentence that is missing, and the facts that are put
    into it, are.
    """
    trees = [ast.parse(textwrap.dedent("\n".join(body))) for body in (old, new)]
    texts = [[node for node in ast.walk(tree) if isinstance(node, ast.Constant)] for tree in trees]
    if len(texts[0]) != len(texts[1]):
        return False
    changed = [pair for pair in zip(*texts, strict=True) if pair[0].value != pair[1].value]
    if len(changed) != 1:
        return False
    was, became = changed[0]
    if not (isinstance(was.value, str) and isinstance(became.value, str) and _SENTENCE.search(was.value)):
        return False
    became.value = was.value
    return ast.dump(trees[0]) == ast.dump(trees[1])

"""`python -m tests.mutants`: change one thing at a time in the modules that matter most, and see that a test notices.

    python -m tests.mutants                      all subjects (see `subjects`), from the beginning
    python -m tests.mutants retry decoder        these only
    python -m tests.mutants --survivors retry    only the survivors of the last run again, by the tests as they are now
    --processes N                                mutants judged at once (1)

A mutant that no test notices must be explained in `survivors/<subject>.toml` (see `explanations`). What counts and what
does not is said in `mutants`. Constants of modules and classes are not mutated: mutmut changes functions only.

It prints a table, writes `build/figures/mutants.json` ({subject: {"mutants", "killed", "explained"}}; a subject that
was not run stays as it was), and ends with 1 if a survivor is not explained or an explanation explains nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Final

from tests.mutants.explanations import Judged, explained, judge, stub
from tests.mutants.subjects import SUBJECTS
from tests.mutants.workshop import ROOT, Workshop

_FIGURES: Final = ROOT / "build" / "figures" / "mutants.json"
_SURVIVORS: Final = Path(__file__).parent / "survivors"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def judged(name: str, *, processes: int, survivors: bool) -> Judged:
    """Run one subject, and hold what survived against what is explained.

    Args:
        name: a key of `SUBJECTS`.
        processes: mutants judged at once.
        survivors: judge only the survivors of the last run again, if its sources are still those of today.
    """
    workshop = Workshop(name, SUBJECTS[name])
    again = survivors and workshop.unchanged()
    only = (
        [mutant.name for mutant in workshop.mutants() if mutant.outcome not in {"killed", "reworded"}] if again else []
    )
    if only or not again:
        workshop.run(processes=processes, only=only)
    return judge(workshop.mutants(), explained(_SURVIVORS / f"{name}.toml"))


def main() -> int:
    """Run what the command line names, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("subjects", nargs="*", help=f"some of {', '.join(SUBJECTS)}; all if none is named")
    parser.add_argument("--survivors", action="store_true", help="judge the survivors of the last run again")
    parser.add_argument("--processes", type=int, default=1, help="mutants judged at once (1)")
    options = parser.parse_args()
    if unknown := {*options.subjects} - {*SUBJECTS}:
        parser.error(f"no such subject: {', '.join(sorted(unknown))} (there are {', '.join(SUBJECTS)})")
    verdicts: dict[str, Judged] = {}
    _say(f"{'subject':<10}{'mutants':>9}{'killed':>9}{'explained':>11}{'left':>7}{'reworded':>10}{'minutes':>9}")
    for name in options.subjects or SUBJECTS:
        started = time.monotonic()
        verdict = verdicts[name] = judged(name, processes=options.processes, survivors=options.survivors)
        minutes = (time.monotonic() - started) / 60
        left = len(verdict.unexplained)
        _say(
            f"{name:<10}{verdict.mutants:>9}{verdict.killed:>9}{verdict.explained:>11}{left:>7}{verdict.reworded:>10}"
            f"{minutes:>9.1f}"
        )
    for name, verdict in verdicts.items():
        complain(name, verdict)
    _FIGURES.parent.mkdir(parents=True, exist_ok=True)
    figures = json.loads(_FIGURES.read_text()) if _FIGURES.exists() else {}
    for name, verdict in verdicts.items():
        figures[name] = {"mutants": verdict.mutants, "killed": verdict.killed, "explained": verdict.explained}
    _FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    return 0 if all(verdict.holds for verdict in verdicts.values()) else 1


def complain(name: str, verdict: Judged) -> None:
    """Print what is left to do: a test or an explanation for each survivor, and explanations to take out."""
    if verdict.unexplained:
        _say(f"\nNo test notices these mutants of {name}. Write one, or say in {name}.toml why none should:\n")
        _say("\n".join(map(stub, verdict.unexplained)))
    for module, function, before, after in verdict.stale:
        _say(f"\n{name}.toml explains what does not survive, in {module}.{function}:\n- {before}\n+ {after}")


if __name__ == "__main__":
    sys.exit(main())

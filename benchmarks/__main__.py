"""The whole run: `make bench`, or `make bench QUICK=1` for its headlines only.

`python -m benchmarks images imports` measures some subjects, as they are named in `benchmarks.subjects`.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.chart import svg
from benchmarks.machine import setting
from benchmarks.report import lines, markdown
from benchmarks.running import Run
from benchmarks.subjects import SUBJECTS
from benchmarks.upstream import upstream

if TYPE_CHECKING:
    from benchmarks.cases import Row

HERE = Path(__file__).parent


def main() -> None:
    """Measure, print, and write RESULTS.md and results.svg; a quick run, or one of some subjects, only prints."""
    chosen = sys.argv[1:]
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    out = sys.stdout.write
    began = time.monotonic()
    subjects: list[tuple[str, list[Row]]] = []
    where = setting()
    with upstream() as base, Run(base, quick=quick) as run:
        for title, cases in (SUBJECTS[name] for name in chosen or SUBJECTS):
            out(f"\n{title}\n{'=' * len(title)}\n")
            rows: list[Row] = []
            for case in cases:
                if quick and not case.quick:
                    continue
                for row in run.rows(case):
                    out("\n".join(lines(row)) + "\n")
                    sys.stdout.flush()
                    rows.append(row)
            subjects.append((title, rows))
    out(f"\n{time.monotonic() - began:.0f} s\n")
    if quick or chosen:
        return
    (HERE / "RESULTS.md").write_text(markdown(where, subjects), encoding="utf-8")
    (HERE / "results.svg").write_text(svg(where, [row for _, rows in subjects for row in rows]), encoding="utf-8")
    out(f"written: {HERE.name}/RESULTS.md and {HERE.name}/results.svg\n")


if __name__ == "__main__":
    main()

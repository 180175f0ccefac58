"""`python -m tests.coverage_figure build/coverage/report.json`: what RELIABILITY.md says of the core's coverage.

Reads what `coverage json` wrote and writes `build/figures/coverage.json`: {"covered": percent, "lines", "branches",
"missing"}. A share is never rounded up, so 100 means all of it.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from tests.figures import FOLDER, write

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Figure", "figure"]


class Figure(TypedDict):
    """What one run of the tests reached."""

    covered: float
    """Percent of the lines and branches together that were run, cut to two places."""
    lines: int
    """Statements there are, but for what the configuration leaves out."""
    branches: int
    """Ways out of statements that have several."""
    missing: int
    """Lines and branches that no test ran."""


def figure(totals: Mapping[str, float]) -> Figure:
    """Return the figure of the `totals` in a report of coverage.py."""
    return {
        "covered": math.floor(totals["percent_covered"] * 100) / 100,
        "lines": int(totals["num_statements"]),
        "branches": int(totals["num_branches"]),
        "missing": int(totals["missing_lines"] + totals["missing_branches"]),
    }


if __name__ == "__main__":
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    write(FOLDER / "coverage.json", {**figure(report["totals"])})

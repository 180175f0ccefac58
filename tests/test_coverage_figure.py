"""What `make coverage` writes down."""

from __future__ import annotations

from typing import Final

from tests.coverage_figure import figure

TOTALS: Final = {
    "percent_covered": 99.999,
    "num_statements": 4_000,
    "num_branches": 1_500,
    "missing_lines": 0,
    "missing_branches": 1,
    "num_partial_branches": 1,
}


def test_a_share_is_never_rounded_up_to_the_whole() -> None:
    assert figure(TOTALS) == {"covered": 99.99, "lines": 4_000, "branches": 1_500, "missing": 1}
    assert figure({**TOTALS, "percent_covered": 100.0, "missing_branches": 0})["covered"] == 100

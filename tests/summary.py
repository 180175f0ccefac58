"""What a run of the tests says at its end: how LangChain's standard suites fared, endpoint by endpoint."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from gstream import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from _pytest.terminal import TerminalReporter

__all__ = ["pytest_terminal_summary", "tally"]

_SUITES: Final = "langchain/test_standard.py::"
_OUTCOMES: Final = ("passed", "failed", "error", "skipped", "xfailed")


def tally(outcomes: Mapping[str, Iterable[str]]) -> dict[str, Counter[str]]:
    """Return for each endpoint how many of its tests of the standard suites had each outcome.

    Args:
        outcomes: "passed", "failed", ... -> the ids of the tests.
    """
    found: dict[str, Counter[str]] = {}
    for outcome, ids in outcomes.items():
        for id_ in ids:
            words = set(re.findall(r"\w+", id_.rpartition("[")[2])) if _SUITES in id_ else set()
            for name in words & set(ENDPOINTS):
                found.setdefault(name, Counter())[outcome] += 1
    return found


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print the tally, if the suites were run."""
    reports = {outcome: terminalreporter.stats.get(outcome, []) for outcome in _OUTCOMES}
    found = tally({outcome: [report.nodeid for report in of_it] for outcome, of_it in reports.items()})
    if not found:
        return
    terminalreporter.section("LangChain's standard suites, by endpoint")
    for name in ENDPOINTS:
        counts = found.get(name, Counter())
        said = ", ".join(f"{counts[outcome]} {outcome}" for outcome in _OUTCOMES if counts[outcome]) or "not run"
        terminalreporter.line(f"{name:<14}{said}")

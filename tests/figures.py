"""What a run counts, as JSON in `build/figures`, one file a run: what RELIABILITY.md is written from.

A run of pytest writes the file that `GSTREAM_FIGURES` names, as the make targets do. A run by hand writes none.
"""

from __future__ import annotations

import json
import os
import platform
import re
import time
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from gstream.emulator import FAULTS
from tests.summary import tally

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

__all__ = ["FOLDER", "counted", "pytest_runtest_makereport", "pytest_sessionfinish", "versions", "write"]

FOLDER: Final = Path(__file__).parents[1] / "build" / "figures"
_OUTCOMES: Final = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
_BEHIND: Final = ("httpx", "pydantic", "langchain-core", "llama-index-core", "aiohttp", "ray")
"""Distributions whose versions stand beside the figures, where they are installed."""
_FAULTS_OF: Final = ("tests/faults/", "tests/gateways/test_faults.py")
_EXAMPLES: Final = "examples"
_begun = time.monotonic()


def versions() -> dict[str, str]:
    """Return the versions of Python, gstream and what it stands on."""
    found = {"python": platform.python_version()}
    for name in ("gstream", *_BEHIND):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def write(file: Path, figures: Mapping[str, Any]) -> None:
    """Write the figures of a run, with the day (UTC) and the versions."""
    file.parent.mkdir(parents=True, exist_ok=True)
    stamp = {"date": datetime.now(UTC).date().isoformat(), "versions": versions()}
    file.write_text(json.dumps({**stamp, **figures}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def counted(outcomes: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Return what the ids of a run's tests tell.

    Args:
        outcomes: "passed", "failed", ... -> the ids of the tests.

    Returns:
        `counts`: outcome -> tests; `tests`: test, without its parameters -> outcome -> how often; `faults`: how many of
        the emulator's faults a test has met that is about them; `standard`: endpoint -> outcome -> tests of LangChain's
        suites.
    """
    tests: dict[str, Counter[str]] = {}
    met: set[str] = set()
    for outcome, ids in outcomes.items():
        for id_ in ids:
            test, _, parameters = id_.partition("[")
            tests.setdefault(test, Counter())[outcome] += 1
            if test.startswith(_FAULTS_OF):
                met |= {*re.findall(r"\w+", parameters)} & {*FAULTS}
    counts: Counter[str] = Counter()
    for one in tests.values():
        counts += one
    standard = {name: dict(counts) for name, counts in sorted(tally(outcomes).items())}
    return {
        "counts": dict(counts),
        "faults": len(met),
        "standard": standard,
        "tests": {name: dict(one) for name, one in sorted(tests.items())},
    }


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note beside a test of hypothesis how many examples of it held, so that it travels to where all are counted."""
    report = yield
    told = getattr(item, "hypothesis_statistics", "")
    if report.when == "teardown" and told:
        passing = sum(int(number.replace(",", "")) for number in re.findall(r"([\d,]+) passing", told))
        report.user_properties.append((_EXAMPLES, passing))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the figures, if this run is one of those that are counted."""
    file = os.environ.get("GSTREAM_FIGURES")
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if not file or reporter is None or hasattr(session.config, "workerinput"):
        return
    outcomes = {outcome: [report.nodeid for report in reporter.stats.get(outcome, ())] for outcome in _OUTCOMES}
    examples = {
        report.nodeid: number
        for reports in reporter.stats.values()
        for report in reports
        for name, number in getattr(report, "user_properties", ())
        if name == _EXAMPLES
    }
    write(Path(file), {"seconds": round(time.monotonic() - _begun), "examples": examples, **counted(outcomes)})

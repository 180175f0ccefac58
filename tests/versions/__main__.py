"""`python -m tests.versions lowest` (or `newest`): run the suite on the versions of the environment this runs in.

The versions are printed first, then what their makers say against the combination, then the tests run. How it went is
written into build/figures/versions.json, beside the other run.

Exit code: that of pytest; 2 if the environment does not hold what its name says.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal, TypedDict, get_args

import pytest

from tests.versions.requirements import lowest

__all__ = ["FIGURES", "LEFT_OUT", "Run", "Tally", "written", "wrong"]

Name = Literal["lowest", "newest"]

ROOT: Final = Path(__file__).parents[2]
FIGURES: Final = ROOT / "build" / "figures" / "versions.json"
_CORE: Final = "the standard library alone"
LEFT_OUT: Final = {
    "tests/core/test_corpus.py": _CORE,
    "tests/core/test_decoder.py": _CORE,
    "tests/core/test_decoder_limits.py": _CORE,
    "tests/core/test_decoder_sentences.py": _CORE,
    "tests/core/test_framing.py": _CORE,
    "tests/core/test_turns.py": _CORE,
    "tests/docs": "the reference is built, and the READMEs' blocks are run, on one set of versions",
    "tests/emulator/test_faults.py": "each fault is met again, through both frameworks, in tests/faults",
    "tests/examples": "the programs to copy are shown on one set of versions",
    "tests/fuzz": _CORE,
    "tests/mutants": "judges tests",
    "tests/notebooks": "notebooks are shown on one set of versions",
    "tests/performance": "figures are of one set of versions",
    "tests/screens": "pictures are of one set of versions",
    "tests/soak": "its minutes are of one set of versions",
    "tests/test_architecture.py": "reads the sources",
    "tests/test_audit.py": "reads pyproject.toml",
    "tests/versions": "reads pyproject.toml",
}
"""Where the tests lie that no version of a framework, httpx, pydantic, aiohttp, rich or typer can change, and why."""


class Run(TypedDict):
    """One element of versions.json."""

    name: Name
    versions: dict[str, str]
    """Distribution -> version; `python` among them."""
    passed: int
    failed: int
    """Tests that failed, or could not be set up, torn down or imported."""
    skipped: int


class Tally:
    """Counts what became of the tests: a plugin of pytest."""

    def __init__(self) -> None:
        self._failed: set[str] = set()
        self._passed: set[str] = set()
        self._skipped: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one phase of one test in."""
        if report.failed:
            self._failed.add(report.nodeid)
        elif report.skipped:
            self._skipped.add(report.nodeid)
        elif report.when == "call":
            self._passed.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take a module in that cannot be imported."""
        if report.failed:
            self._failed.add(report.nodeid)

    def run(self, name: Name, versions: dict[str, str]) -> Run:
        """Return what was counted, for versions.json."""
        passed = len(self._passed - self._failed)
        return Run(name=name, versions=versions, passed=passed, failed=len(self._failed), skipped=len(self._skipped))


def wrong(name: Name, installed: dict[str, str], bounds: dict[str, str]) -> list[str]:
    """Return what an environment called `lowest` holds that is newer than the lowest; nothing for another.

    Args:
        name: of the environment.
        installed: distribution -> version that is there.
        bounds: distribution -> lowest version that pyproject.toml allows.
    """
    if name != "lowest":
        return []
    pairs = [(one, installed[one], bound) for one, bound in bounds.items()]
    return [f"{one} {there}, not {bound}" for one, there, bound in pairs if _release(there) != _release(bound)]


def written(runs: list[Run], run: Run) -> list[Run]:
    """Return the runs with one more, or with it in place of an older one of its name; the lowest first."""
    return sorted([*(other for other in runs if other["name"] != run["name"]), run], key=lambda one: one["name"])


def main(name: Name) -> int:
    """Run the tests, print and write what was run on which versions; return the exit code."""
    bounds = lowest()
    versions = {"python": platform.python_version(), **{one: version(one) for one in sorted(bounds)}}
    print(f"{name}: {', '.join(f'{one} {there}' for one, there in versions.items())}", flush=True)  # noqa: T201
    if amiss := wrong(name, versions, bounds):
        sys.stderr.write(f"This is not the lowest: {'; '.join(amiss)}. Remove .venv-lowest and run again.\n")
        return 2
    check = [sys.executable, "-m", "pip", "check", "--disable-pip-version-check"]
    print(subprocess.run(check, capture_output=True, text=True, check=False).stdout.strip(), flush=True)  # noqa: T201
    tally = Tally()
    ignored = [f"--ignore={ROOT / path}" for path in LEFT_OUT]
    code = pytest.main(["--numprocesses", "auto", "-q", *ignored, str(ROOT / "tests")], plugins=[tally])
    runs: list[Run] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else []
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    run = tally.run(name, versions)
    FIGURES.write_text(json.dumps(written(runs, run), indent=1) + "\n", encoding="utf-8")
    said = f"{run['passed']} passed, {run['failed']} failed, {run['skipped']} skipped"
    print(f"{name}: {said}; left out: {', '.join(sorted(LEFT_OUT))}")  # noqa: T201
    return int(code)


def _release(text: str) -> tuple[int, ...]:
    """Return the numbers of a version without zeros at the end, as 1.0 is 1.0.0."""
    numbers = [int(number) for number in text.split(".") if number.isdigit()]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


if __name__ == "__main__":
    chosen = sys.argv[1:]
    if len(chosen) != 1 or chosen[0] not in get_args(Name):
        raise SystemExit(f"one of {', '.join(get_args(Name))} is needed, got {chosen!r}")
    raise SystemExit(main("lowest" if chosen[0] == "lowest" else "newest"))

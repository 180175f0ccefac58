"""RELIABILITY.md says what its program would write, and names tests that exist; the program invents nothing."""

from __future__ import annotations

import ast
import json
import os
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.figures import FOLDER
from tests.reliability.__main__ import PAGE
from tests.reliability.page import NOT_RUN, rendered
from tests.reliability.reading import Page, embedded, load, read, standing
from tests.reliability.words import further, result

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reliability.reading import Figures

ROOT = PAGE.parent
PAGE_TEXT = PAGE.read_text(encoding="utf-8")
SAID: Page = load()
TESTS = sorted({test for promise in SAID.promises for test in promise.tests})
STAMP: dict[str, Any] = {"date": "2026-01-02", "versions": {"python": "3.11.2", "httpx": "0.28.1"}}
SOAK = {
    **STAMP,
    "seconds": 600.0,
    "streams": 200,
    "seed": 7,
    "calls": 50_000,
    "right": 40_000,
    "errors": {"QuotaError": 9_000, "ServerError": 1_000},
    "wrong": 0,
    "left": 0,
    "memory": [185_000_000, 188_000_000],
    "descriptors": [205, 206],
}


# -- the page in the repository ---------------------------------------------------------------------------------------


def test_the_page_is_what_its_program_writes_of_its_own_figures() -> None:
    """So that whoever mends a sentence or a number by hand is told: they stand in `promises.toml` and in the runs."""
    assert rendered(SAID, standing(PAGE_TEXT)) == PAGE_TEXT, "run `make reliability`"


@pytest.mark.parametrize("test", TESTS)
def test_each_test_that_is_named_exists(test: str) -> None:
    file, _, name = test.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    defined = [
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]

    if name:
        assert name in defined
    elif file != "tests/gateways/test_agents.py":  # which takes its tests from another file
        assert [one for one in defined if one.startswith(("test_", "Test"))]


def test_every_promise_is_held_by_tests_or_by_a_run_that_counts_something_else() -> None:
    known = {run.name for run in SAID.runs}

    assert [promise.key for promise in SAID.promises if not promise.runs or {*promise.runs} - known] == []
    assert {promise.key for promise in SAID.promises if not promise.tests} == {
        "versions",
        "coverage",
        "mutants",
    }
    assert len({promise.key for promise in SAID.promises}) == len(SAID.promises)


def test_a_run_can_count_the_tests_of_its_promises() -> None:
    """What `make test` does not collect is counted by the run that does."""
    elsewhere = {
        "tests/gateways": "gateways",
        "tests/clients": "clients",
        "tests/examples/ray_runs.py": "examples",
        "tests/packaging": "wheel",
        "tests/screens": "screenshots",
    }
    for promise in SAID.promises:
        for test in promise.tests:
            wanted = next((run for place, run in elsewhere.items() if test.startswith(place)), None)
            assert wanted is None or wanted in promise.runs, (promise.key, test)


def test_links_lead_somewhere() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", PAGE_TEXT):
        file, _, anchor = target.partition("#")
        assert (ROOT / file).exists()
        assert not anchor or f'<a id="{anchor}">' in readme


def test_the_page_names_no_place_of_a_machine() -> None:
    assert (
        re.findall(r"(?<![\w.~])/(?:home|root|tmp|work|opt|usr|var|mnt|Users)\b|[A-Z]:\\|127\.0\.0\.1", PAGE_TEXT) == []
    )


def test_limits_are_those_of_the_code() -> None:
    from gstream.remote import Limits  # noqa: PLC0415 - the defaults themselves are looked at
    from gstream.retry import RetryPolicy  # noqa: PLC0415 - the same
    from gstream.settings import MAX_ANSWER_BYTES  # noqa: PLC0415 - the same
    from gstream.timeout import Timeout  # noqa: PLC0415 - the same

    waits, files = Timeout(), Limits()

    assert [limit.default for limit in SAID.limits] == [
        f"{waits.connect:g} s",
        f"{waits.first_byte:g} s",
        f"{waits.idle:g} s",
        "none" if waits.total is None else f"{waits.total:g} s",
        f"{MAX_ANSWER_BYTES >> 20} MiB",
        str(RetryPolicy().max_retries),
        (
            f"{files.max_bytes / 1e6:g} MB, {files.timeout_s:g} s, {files.redirects} redirects, "
            f"{'any' if files.private_addresses else 'no private'} address"
        ),
    ]


# -- the program ------------------------------------------------------------------------------------------------------


def test_what_nobody_ran_is_said_to_be_missing() -> None:
    text = rendered(SAID, {})

    assert text.count(f"| {NOT_RUN} |") == len(SAID.runs)
    assert text.count(f": {NOT_RUN}.") == sum(len(promise.runs) for promise in SAID.promises)
    assert not re.search(r"\d passed", text)


def test_a_page_gives_back_its_figures() -> None:
    figures: Figures = {"soak": SOAK, "mutants": {"date": "2026-01-02", "of": {"framing -->": {"mutants": 1}}}}

    assert standing(f"text\n{embedded(figures)}") == figures
    assert standing("text without any") == {}


def test_tests_are_added_up_for_each_promise(tmp_path: Path) -> None:
    """A test is that of a promise if its file is, or itself; a file whose name only begins alike is not."""
    tests = {
        "tests/faults/test_table.py::test_a": {"passed": 5},
        "tests/faults/test_table.py::TestB::test_b": {"passed": 2, "failed": 1},
        "tests/faults/test_table.py_old::test_c": {"passed": 100},
        "tests/core/test_other.py::test_d": {"passed": 100},
    }
    raw = {**STAMP, "seconds": 3, "counts": {"passed": 207, "failed": 1}, "tests": tests, "faults": 152, "standard": {}}
    (tmp_path / "test.json").write_text(json.dumps(raw))
    figures = read(tmp_path, SAID)
    text = rendered(SAID, figures)

    assert figures["test"]["held"]["whole"] == {"passed": 7, "failed": 1}
    assert "| 2026-01-02 | 207 passed, 1 **failed** in 3 s |" in text
    assert "- `make test`: 7 passed, 1 **failed**; 152 faults survived (2026-01-02)." in text
    assert "`make test` ran on python 3.11.2, httpx 0.28.1." in text
    assert not {"tests", "standard"} & set(figures["test"])


def test_figures_without_a_day_have_that_of_their_file(tmp_path: Path) -> None:
    file = tmp_path / "mutants.json"
    file.write_text(json.dumps({"framing": {"mutants": 300, "killed": 290, "explained": 8}}))
    os.utime(file, (0, datetime(2026, 3, 4, tzinfo=UTC).timestamp()))
    figures = read(tmp_path, SAID)

    assert figures["mutants"]["date"] == "2026-03-04"
    assert result("mutants", figures["mutants"]) == "`framing` 290 of 300 noticed, 8 explained, **2 unexplained**"


@pytest.mark.parametrize(
    ("run", "figures", "said"),
    [
        (
            "soak",
            SOAK,
            (
                "50,000 calls in 10 min, 200 at once: 40,000 right answers, 10,000 right errors of 2 classes, "
                "none wrong; memory 185 to 188 MB, open files and sockets 205 to 206, nothing left; seed 7"
            ),
        ),
        ("soak", {**SOAK, "wrong": 2, "left": 1}, "**2 wrong**"),
        ("soak", {**SOAK, "wrong": 2, "left": 1}, "**1 things left**"),
        (
            "fuzz",
            {"counts": {"passed": 2}, "seconds": 540, "examples": {"a::test_a": 20_000, "a::test_b": 19_990}},
            "2 passed in 9 min; 39,990 examples of 2 kinds",
        ),
        (
            "coverage",
            {"covered": 100.0, "lines": 4_000, "branches": 1_500, "missing": 0},
            "100 % of 4,000 lines and 1,500 branches; missing: 0",
        ),
        (
            "versions",
            {"of": [{"name": "lowest", "versions": {"httpx": "0.27.0"}, "passed": 9, "failed": 1, "skipped": 0}]},
            "lowest: 9 passed, 1 **failed** (httpx 0.27.0)",
        ),
        ("wheel", {"date": "2026-01-02", "files": 150, "extras": 6}, "files 150, extras 6"),
        ("test", {"counts": {"passed": 9, "xfailed": 1}, "seconds": 300}, "9 passed, 1 failed as expected in 5 min"),
    ],
)
def test_figures_are_said_in_words(run: str, figures: dict[str, Any], said: str) -> None:
    assert said in result(run, figures)


def test_a_promise_shows_what_else_its_runs_counted() -> None:
    def holds(test: str) -> bool:
        return test.startswith("a.py::")

    figures = {
        "faults": 152,
        "standard": {"maisi": {"passed": 80}, "google": {"passed": 79, "failed": 1}},
        "examples": {"a.py::test_a": 20_000, "b.py::test_b": 5},
    }

    assert further("faults", figures, holds) == "152 faults survived"
    assert further("standard", figures, holds) == "maisi 80 passed; google 79 passed, 1 **failed**"
    assert further("examples", figures, holds) == "20,000 examples of `test_a`"
    assert further("", figures, holds) == further("examples", {}, holds) == ""


def test_figures_of_runs_here_can_be_said() -> None:
    """Those in `build/figures`, if there are any: whoever writes one writes what the page can say."""
    assert rendered(SAID, read(FOLDER, SAID))

"""The figures of a run count what they say they count."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.figures import counted, versions, write

ROOT = Path(__file__).parents[1]


def test_tests_are_counted_without_their_parameters() -> None:
    found = counted({"passed": ["a.py::test_x[1]", "a.py::test_x[2-[]]"], "skipped": ["a.py::test_x"]})

    assert found["tests"] == {"a.py::test_x": {"passed": 2, "skipped": 1}}
    assert found["counts"] == {"passed": 2, "skipped": 1}


def test_a_fault_counts_once_and_only_where_it_is_tested() -> None:
    table = "tests/faults/test_table.py::test_the_right_error_says_what_happened"
    found = counted(
        {
            "passed": [
                f"{table}[error_503-invoke]",
                f"{table}[error_503-2-stream]",
                f"{table}[cut_chunked-chat]",
                "tests/gateways/test_faults.py::test_the_right_error_comes_through[native-empty-invoke]",
                "tests/emulator/test_faults.py::test_x[one_write]",
            ]
        }
    )

    assert found["faults"] == 3


def test_the_standard_suites_are_counted_by_endpoint() -> None:
    suite = "tests/langchain/test_standard.py::TestIntegration::test_invoke"

    assert counted({"passed": [f"{suite}[maisi]"]})["standard"] == {"maisi": {"passed": 1}}


def test_figures_carry_their_day_and_the_versions(tmp_path: Path) -> None:
    file = tmp_path / "new" / "soak.json"
    write(file, {"calls": 3})
    told = json.loads(file.read_text())

    assert told["calls"] == 3
    assert told["versions"] == versions()
    assert {"python", "gstream", "httpx"} <= set(told["versions"])
    assert len(told["date"]) == len("2026-01-01")


def test_a_run_is_counted_with_its_examples_where_a_file_is_named(tmp_path: Path) -> None:
    """By the process that hands out the tests, as under `make fuzz`."""
    (tmp_path / "conftest.py").write_text("from tests.figures import pytest_runtest_makereport, pytest_sessionfinish\n")
    (tmp_path / "test_some.py").write_text(
        "from hypothesis import given, settings, strategies as st\n"
        "@settings(max_examples=30, database=None)\n@given(st.integers())\n"
        "def test_numbers(number): assert number == number\n"
        "def test_one(): assert True\n"
    )
    file = tmp_path / "figures" / "fuzz.json"
    command = [sys.executable, "-m", "pytest", "--rootdir", str(tmp_path), "-c", str(ROOT / "pyproject.toml"), "-q"]
    command += ["-p", "no:cacheprovider", "-n", "1", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "GSTREAM_FIGURES": str(file)}, check=True, capture_output=True)
    told = json.loads(file.read_text())

    assert told["examples"] == {"test_some.py::test_numbers": 30}
    assert told["counts"] == {"passed": 2}
    assert set(told["tests"]) == {"test_some.py::test_numbers", "test_some.py::test_one"}

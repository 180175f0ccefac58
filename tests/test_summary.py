"""The summary of a test run counts what it says it counts."""

from __future__ import annotations

from collections import Counter

from tests.summary import tally

SUITE = "tests/langchain/test_standard.py::TestIntegration::"


def test_the_tests_of_the_suites_are_counted_by_endpoint_and_outcome() -> None:
    outcomes = {
        "passed": [f"{SUITE}test_invoke[maisi]", f"{SUITE}test_stream[v1-maisi]", f"{SUITE}test_invoke[google]"],
        "failed": [f"{SUITE}test_batch[maisi]"],
    }

    assert tally(outcomes) == {"maisi": Counter(passed=2, failed=1), "google": Counter(passed=1)}


def test_other_tests_are_not_counted() -> None:
    assert tally({"passed": ["tests/langchain/test_agents.py::test_x[maisi]", f"{SUITE}test_maisi[other]"]}) == {}

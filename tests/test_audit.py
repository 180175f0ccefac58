"""Dependencies are few, bounded, and held against what is known; an audit that could not be made fails nobody."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.audit import judged
from tests.versions.requirements import PYPROJECT, promised, required

WITHOUT_UPPER: dict[str, str] = {}
"""Requirement -> why it has no upper bound."""


def answer(*entries: dict[str, Any], code: int = 0) -> tuple[int, str, str]:
    return code, json.dumps({"dependencies": entries, "fixes": []}), ""


GOOD = {"name": "httpx", "version": "0.28.1", "vulns": []}
BAD = {"name": "aiohttp", "version": "3.11.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.11.1"]}]}
UNKNOWN = {"name": "here", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("given", "status", "told"),
    [
        (answer(GOOD), 0, "nothing is known against 1 distributions"),
        (answer(GOOD, UNKNOWN), 0, "nothing is known against 1 distributions; 1 unknown"),
        (answer(GOOD, BAD, code=1), 1, "aiohttp 3.11.0: PYSEC-1, mended in 3.11.1"),
        (answer(UNKNOWN), 0, "not done, as the service of vulnerabilities knows none"),
        (None, 0, "not done, as no service of vulnerabilities answered in time"),
        ((1, "", "Could not connect to the vulnerability feed"), 0, "not done, as no service"),
        ((1, "", "requests.exceptions.ConnectionError: refused"), 0, "not done, as no service"),
        ((1, "", "No module named pip_audit"), 1, "pip-audit failed with 1"),
        ((2, "", "usage: pip-audit"), 1, "pip-audit failed with 2"),
        ((0, "{}", ""), 1, "pip-audit failed with 0"),
    ],
)
def test_only_a_finding_or_a_broken_audit_fails(given: tuple[int, str, str] | None, status: int, told: str) -> None:
    """pip-audit's exit code alone tells neither a finding from a missing service, nor "clean" from "not looked at"."""
    code, lines = judged(given)

    assert code == status
    assert told in "\n".join(lines)


def test_the_core_needs_httpx_and_pydantic_alone() -> None:
    assert {one.name for one in required()} == {"httpx", "pydantic"}


def test_every_requirement_of_users_is_bounded() -> None:
    open_ = {one.name for one in promised() if one.lower is None or one.upper is None}

    assert open_ == set(WITHOUT_UPPER)


def test_no_requirement_names_a_place_to_get_it_from() -> None:
    """Where packages come from is up to whoever installs."""
    text = PYPROJECT.read_text(encoding="utf-8")

    assert not re.search(r"https?://|git\+|@ *file:|index-url|find-links", text)

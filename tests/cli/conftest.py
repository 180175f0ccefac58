"""The command as users run it: a process of its own, its output piped."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def environment() -> dict[str, str]:
    """Return the environment without what would change output: a width, forced colour, endpoints and keys."""
    changing = {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}
    kept = {name: value for name, value in os.environ.items() if name not in changing}
    return {**kept, "PYTHONIOENCODING": "utf-8"}


def gstream(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m gstream` with the arguments, and with further environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "gstream", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env={**environment(), **variables},
    )


@pytest.fixture(name="gstream", scope="session")
def running() -> Callable[..., subprocess.CompletedProcess[str]]:
    return gstream


@pytest.fixture(scope="session")
def clean_environment() -> dict[str, str]:
    return environment()

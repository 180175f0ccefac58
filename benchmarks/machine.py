"""Where and with what a run was made: date, cores, Python, versions; no name of a host, no path."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.contenders import FRAMEWORKS, OURS, PEERS

__all__ = ["Setting", "setting"]

_BELOW = ("google-genai", "openai", "httpx", "pydantic")
"""Libraries that much of the cost lies in."""


@dataclass(frozen=True)
class Setting:
    """The circumstances of a run."""

    date: str
    """The day, in UTC."""
    machine: str
    """Cores, system and processor family."""
    python: str
    versions: dict[str, str]
    """By distribution."""


def setting() -> Setting:
    """Return the circumstances of this process."""
    names = (OURS, *(framework.distribution for framework in FRAMEWORKS.values()), *PEERS, *_BELOW)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Setting(
        date=datetime.now(UTC).date().isoformat(),
        machine=f"{cores} cores, {platform.system()} {platform.machine()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        versions={name: importlib.metadata.version(name) for name in names},
    )

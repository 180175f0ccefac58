"""What importing a package costs beyond importing its framework, in fresh processes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.cases import Case, Figure, Goal

if TYPE_CHECKING:
    from benchmarks.contenders import FrameworkName
    from benchmarks.sessions import Session

__all__ = ["CASES", "TITLE", "started"]

TITLE = "Import and first answer, in fresh processes"
_PROGRAM = """
import asyncio, sys, time
import {framework}
modules, start = len(sys.modules), time.process_time()
from {module} import {name}
imported, modules = time.process_time() - start, len(sys.modules) - modules
model = {name}(**{parameters!r})
answer = model.{ask}
print(imported, modules, time.process_time() - start)
"""
_WARM = "imported"
_ASK = {
    "langchain-core": "invoke('hello')",
    "llama-index-core": "complete('hello')",
}


def started(session: Session) -> dict[str, float]:
    """Return the CPU seconds of the import, the modules it loads, and the seconds until the first answer was there."""
    if session.contender is None:
        raise TypeError("the floor is the framework itself")
    program = _PROGRAM.format(
        framework=session.framework.module,
        module=session.contender.module,
        name=session.contender.class_name,
        parameters=session.parameters("short"),
        ask=_ASK[session.framework.distribution],
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if (_WARM, "") not in session.checked:  # an installed package is compiled, and read from the disk before
        _printed(program, environment)
        session.checked.add((_WARM, ""))
    imported, modules, answered = _printed(program, environment).split()[-3:]
    return {"cpu": float(imported), "modules": float(modules), "answered": float(answered)}


def _printed(program: str, environment: dict[str, str]) -> str:
    """Return what a fresh Python prints."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
        env=environment,
    )
    return done.stdout


def _case(framework: FrameworkName) -> Case:
    return Case(
        framework,
        "beyond the framework's own import",
        started,
        (
            Figure("cpu", "CPU of the import", "ms", 1e3, Goal(most=60), f"{framework}: CPU of the import", digits=0),
            Figure("modules", "modules loaded", "", digits=0),
            Figure("answered", "CPU of import, construction and first answer", "ms", 1e3, digits=0),
        ),
        rounds=3,
        quick_rounds=1,
        floor=False,
    )


CASES = (_case("LangChain"), _case("LlamaIndex"))

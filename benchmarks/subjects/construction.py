"""What constructing a model object costs."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

from benchmarks.cases import Case, Figure, Goal

if TYPE_CHECKING:
    from benchmarks.contenders import FrameworkName
    from benchmarks.sessions import Session

__all__ = ["CASES", "TITLE", "construct"]

TITLE = "Construction of a model object"


def construct(session: Session, *, times: int) -> dict[str, float]:
    """Return the mean seconds of CPU of one construction, after a first one."""
    session.construct("text")
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        session.construct("text")
    return {"cpu": (time.process_time() - start) / times}


def _case(framework: FrameworkName) -> Case:
    figure = Figure("cpu", "CPU", "ms", 1e3, Goal(most=1), digits=2)
    return Case(framework, "one object, after a first one", construct, (figure,), {"times": 10}, floor=False)


CASES = (_case("LangChain"), _case("LlamaIndex"))

"""What an install of a package adds to an install of its framework: distributions, and their size."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cases import Case, Figure, Goal
from benchmarks.contenders import OURS

if TYPE_CHECKING:
    from benchmarks.contenders import FrameworkName
    from benchmarks.sessions import Session

__all__ = ["CASES", "TITLE", "added"]

TITLE = "What an install adds to that of the framework"
_PACKAGES = ("gstream", "langchain_gstream", "llamaindex_gstream")


def added(session: Session) -> dict[str, float]:
    """Return how many distributions an install adds, and the bytes of their files, compiled ones left out."""
    if session.contender is None:
        raise TypeError("the floor is the framework itself")
    extra = _closure(session.contender.name) - _closure(session.framework.distribution)
    return {"count": len(extra), "size": sum(map(_size, extra))}


def _closure(name: str) -> set[str]:
    """Return the normalised names of a distribution and all that it requires here, extras left out."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - here only where the peers are installed
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - the same

    found: set[str] = set()
    pending: list[tuple[str, frozenset[str]]] = [(name, frozenset())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while pending:
        item = pending.pop()
        if item in seen:
            continue
        seen.add(item)
        found.add(canonicalize_name(item[0]))
        for line in importlib.metadata.requires(item[0]) or ():
            needed = Requirement(line)
            wanted = [{"extra": extra} for extra in ("", *item[1])]
            if needed.marker is None or any(needed.marker.evaluate(one) for one in wanted):
                pending.append((needed.name, frozenset(needed.extras)))
    return found


def _size(name: str) -> int:
    """Return the bytes of a distribution's files; gstream's own are those of the checkout that it is installed from."""
    if name == OURS:
        specs = [importlib.util.find_spec(package) for package in _PACKAGES]
        folders = [Path(spec.origin).parent for spec in specs if spec is not None and spec.origin is not None]
        files = [path for folder in folders for path in folder.rglob("*")]
    else:
        files = [Path(str(path.locate())) for path in importlib.metadata.files(name) or ()]
    return sum(path.stat().st_size for path in files if path.is_file() and path.suffix != ".pyc")


def _case(framework: FrameworkName) -> Case:
    figures = (
        Figure("count", "distributions added", "", 1.0, Goal(most=1), digits=0),
        Figure(
            "size",
            "their size",
            "MB",
            1e-6,
            chart="LangChain: size of what an install adds" if framework == "LangChain" else "",
        ),
    )
    return Case(framework, "beyond the framework's own install", added, figures, rounds=1, quick_rounds=1, floor=False)


CASES = (_case("LangChain"), _case("LlamaIndex"))

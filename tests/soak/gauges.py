"""What a process holds: memory, descriptors, threads, and everything that complains."""

from __future__ import annotations

import gc
import logging
import os
import statistics
import sys
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE = os.sysconf("SC_PAGE_SIZE")
_DESCRIPTORS = next(path for path in (Path("/proc/self/fd"), Path("/dev/fd")) if path.exists())


def memory() -> int:
    """Return the resident memory in bytes, rubbish collected."""
    gc.collect()
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text(encoding="ascii").split()[1]) * _PAGE
    import resource  # noqa: PLC0415 - where there is no /proc: the most that ever was

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def descriptors() -> int:
    """Return how many files and sockets are open."""
    return len(os.listdir(_DESCRIPTORS))  # noqa: PTH208 - a listing only, of a folder that changes under it


@dataclass
class Gauges:
    """Samples over time, split into a warm-up and two halves."""

    memory: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    def sample(self) -> None:
        """Look now."""
        self.memory.append(memory())
        self.descriptors.append(descriptors())

    def halves(self, values: list[int]) -> tuple[float, float]:
        """Return the medians of the first and of the second half, without the first sixth, which is warm-up."""
        kept = values[len(values) // 6 :]
        middle = max(1, len(kept) // 2)
        return statistics.median(kept[:middle]), statistics.median(kept[middle:] or kept)


@contextmanager
def complaints() -> Iterator[list[str]]:
    """Collect warnings, records from WARNING on, and exceptions that nobody caught, of all threads."""
    found: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(f"{record.name}: {record.getMessage()}"[:500])

    def show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        found.append(f"{category.__name__}: {message}"[:500])

    def unraisable(args: Any) -> None:
        found.append(f"unraisable {args.exc_value!r} in {args.object!r}"[:500])

    def uncaught(args: Any) -> None:
        found.append(f"{args.exc_value!r} left {args.thread!r}"[:500])

    handler = Handler(logging.WARNING)
    hooks = warnings.showwarning, sys.unraisablehook, threading.excepthook
    logging.getLogger().addHandler(handler)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show
        sys.unraisablehook, threading.excepthook = unraisable, uncaught
        try:
            yield found
            gc.collect()
        finally:
            warnings.showwarning, sys.unraisablehook, threading.excepthook = hooks
            logging.getLogger().removeHandler(handler)

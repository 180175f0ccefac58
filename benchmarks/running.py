"""The run: each case's contenders take turns, round by round, so that what slows the machine slows all of them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from benchmarks.cases import Failure, Measured, Row
from benchmarks.contenders import CONTENDERS, FLOOR
from benchmarks.workers import Worker

if TYPE_CHECKING:
    from types import TracebackType

    from benchmarks.cases import Case, Outcome
    from benchmarks.contenders import FrameworkName

__all__ = ["Run"]


class Run:
    """One run against one loopback server. A context manager: leaving it ends all workers.

    Args:
        base: the loopback server's URL.
        quick: take fewer rounds.
    """

    def __init__(self, base: str, *, quick: bool) -> None:
        self._base = base
        self._quick = quick
        self._workers: dict[tuple[FrameworkName, str, bool], Worker] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def rows(self, case: Case) -> list[Row]:
        """Return one row a figure of the case."""
        names = [FLOOR] if case.floor else []
        names += [name for name in CONTENDERS[case.framework] if name not in case.cannot]
        given: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        failures = {name: Failure(why) for name, why in case.cannot.items()}
        for turn in range(case.quick_rounds if self._quick else case.rounds):
            start = turn % len(names)
            for name in names[start:] + names[:start]:
                if name in failures:
                    continue
                result = self._once(case, name)
                if isinstance(result, Failure):
                    failures[name] = result
                else:
                    given[name].append(result)
        rows = []
        for figure in case.figures:
            outcomes: dict[str, Outcome] = {}
            for name in (*names, *case.cannot):
                values = tuple(result[figure.key] * figure.scale for result in given.get(name, ()))
                outcomes[name] = failures.get(name) or Measured(values)
            rows.append(Row(case, figure, outcomes))
        return rows

    def _once(self, case: Case, name: str) -> dict[str, float] | Failure:
        """Return what one round of one contender gives."""
        place = (case.framework, name, case.fresh)
        if place not in self._workers:
            self._workers[place] = self._open.enter_context(Worker(case.framework, name, self._base))
        result = self._workers[place].do(case.work, case.arguments, fresh=case.fresh)
        if isinstance(result, Failure):
            del self._workers[place]  # it may hang, or hold what the failure left behind; the next case has a new one
        return result

"""A process that does the work of one contender, and nothing of any other: they share no heap, no cache, no import."""

from __future__ import annotations

import logging
import multiprocessing
import os
import warnings
from typing import TYPE_CHECKING, Any, Self

from benchmarks.cases import Failure
from benchmarks.sessions import Loss, Session

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from types import TracebackType

    from benchmarks.cases import Work
    from benchmarks.contenders import FrameworkName

__all__ = ["LONGEST_S", "Worker"]

LONGEST_S = 120.0
"""Seconds after which a piece of work counts as hanging."""

_context = multiprocessing.get_context("spawn")


class Worker:
    """One contender in a process of its own.

    Args:
        framework: through which it is asked.
        name: the contender's, or "floor".
        base: the loopback server's URL.
    """

    def __init__(self, framework: FrameworkName, name: str, base: str) -> None:
        self._connection, theirs = _context.Pipe()
        self._process = _context.Process(
            target=_serve,
            args=(framework, name, base, theirs),
        )
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.join()
        self._connection.close()

    def do(self, work: Work, arguments: dict[str, Any], *, fresh: bool = False) -> dict[str, float] | Failure:
        """Return what `work` gives there, or how it fails.

        Args:
            work: a function of a subject.
            arguments: what it takes beside the session.
            fresh: do it in a child of the worker, which has imported its packages and done nothing else.
        """
        try:
            self._connection.send((work, arguments, fresh))
            if not self._connection.poll(LONGEST_S + 10):
                return Failure(f"hangs for {LONGEST_S:g} s")
            result: dict[str, float] | Failure = self._connection.recv()
        except (EOFError, OSError):
            return Failure("dies")
        return result


def _serve(framework: FrameworkName, name: str, base: str, connection: Connection) -> None:
    _quiet()
    session = Session(framework, name, base)
    while True:
        try:
            work, arguments, fresh = connection.recv()
        except EOFError:
            return
        connection.send(_forked(session, work, arguments) if fresh else _done(session, work, arguments))


def _forked(session: Session, work: Work, arguments: dict[str, Any]) -> dict[str, float] | Failure:
    """Return what `work` gives in a child of this process, whose peak of memory is its own."""
    session.load()
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(_done(session, work, arguments)), daemon=True)
    child.start()
    sender.close()
    try:
        if not receiver.poll(LONGEST_S):
            return Failure(f"hangs for {LONGEST_S:g} s")
        result: dict[str, float] | Failure = receiver.recv()
    except EOFError:
        return Failure("dies")
    finally:
        child.kill()
        child.join()
    return result


def _done(session: Session, work: Work, arguments: dict[str, Any]) -> dict[str, float] | Failure:
    """Return what `work` gives here, or how it fails."""
    try:
        return work(session, **arguments)
    except Loss as loss:
        return Failure(str(loss))
    except Exception as error:  # noqa: BLE001 - whatever a contender raises is its result
        return Failure(f"fails with {type(error).__name__}")


def _quiet() -> None:
    """Keep the contenders' warnings and logs off the terminal, their traces and proxies off the network."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for name in [name for name in os.environ if name.startswith(("LANGSMITH_", "LANGCHAIN_", "GSTREAM_"))]:
        del os.environ[name]
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"

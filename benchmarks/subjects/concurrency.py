"""Many streams at a time in one event loop: how many end well, their CPU, the most memory."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from benchmarks.answers import BURST, STREAM
from benchmarks.answers import answer as expected
from benchmarks.cases import Case, Figure, Goal
from benchmarks.conversations import User
from benchmarks.sessions import peak_bytes

if TYPE_CHECKING:
    from benchmarks.contenders import FrameworkName
    from benchmarks.sessions import Session

__all__ = ["CASES", "TITLE", "many"]

TITLE = "Many streams at a time"
_QUESTION = [User("hello")]


def many(session: Session, *, streams: int, answer: str) -> dict[str, float]:
    """Return how many of `streams` gave their whole text, CPU seconds per chunk, and the bytes more at the peak."""
    messages = session.asking.messages(_QUESTION)
    session.ready(answer, _QUESTION)
    session.check(answer, messages, mode="async")
    before = peak_bytes()
    start = time.process_time()
    lengths = session.runner.run(_all(session, answer, messages, streams))
    spent = time.process_time() - start
    done = lengths.count(len(expected(answer).says.text))
    return {"done": done, "cpu": spent / (streams * _COUNTS[answer]), "memory": peak_bytes() - before}


async def _all(session: Session, answer: str, messages: Any, streams: int) -> list[int]:
    """Return how many characters each stream gave; -1 for one that failed."""
    model = session.model(answer)

    async def one() -> int:
        try:
            length = 0
            async for chunk in await session.asking.astream(model, messages):
                length += session.asking.length(chunk)
        except Exception:  # noqa: BLE001 - a stream that fails is counted
            return -1
        return length

    async with asyncio.timeout(100):
        return await asyncio.gather(*(one() for _ in range(streams)))


_COUNTS = {"stream": STREAM, "burst": BURST}


def _case(framework: FrameworkName, streams: int, answer: str) -> Case:
    charted = framework == "LangChain" and answer == "stream"
    return Case(
        framework,
        f"{streams:,} streams of {_COUNTS[answer]} chunks",
        many,
        (
            Figure("done", "whole answers", "", digits=0),
            Figure(
                "cpu",
                "CPU per chunk",
                "µs",
                1e6,
                Goal(floors=1.5),
                f"{framework}: CPU per chunk, {streams} streams at a time" if charted else "",
            ),
            Figure("memory", "memory", "MB", 1e-6),
        ),
        {"streams": streams, "answer": answer},
        rounds=2 if answer == "stream" else 1,
        quick=False,
        fresh=True,
    )


CASES = tuple(
    _case(framework, streams, answer)
    for framework in ("LangChain", "LlamaIndex")
    for streams, answer in ((500, "stream"), (1_000, "burst"))
)

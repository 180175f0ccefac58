"""`python -m tests.soak`: hundreds of streams at once, for minutes, against servers that fail at random.

    SOAK_SECONDS   how long (600)
    SOAK_STREAMS   how many calls at once (200), half of them blocking in threads, half on one event loop
    SOAK_SEED      what decides about calls and faults; a random one, printed, if it is not set

It writes what it counted to `build/figures/soak.json`. Exit code 1: a call ended otherwise than it must, or memory,
sockets, tasks, threads or warnings are left.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from gstream import connections
from tests.figures import FOLDER, write
from tests.soak.calls import Account, Caller, drawn, honest_answers
from tests.soak.gauges import Gauges, complaints, descriptors

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

_SAMPLES = 60
_MEMORY = 1.10, 16_000_000
"""How much of the first half's memory the second may have: a factor, and bytes on top."""
_DESCRIPTORS = 1.10, 200
"""The same of open files. Connections that wait for a next call are four hundred at most, and fewer in the first half;
a socket that one call in fifty leaves open makes more, in ten minutes.
"""
_SHOWN = 20


class Bridge:
    """Runs coroutines of many threads on one event loop, in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="soak-loop")
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Return what the coroutine returns."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def close(self) -> list[str]:
        """End the loop, and return the tasks that it still had."""

        async def end() -> list[str]:
            await asyncio.sleep(0.1)  # turns in which the last generators are closed
            left = [repr(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            await self.loop.shutdown_asyncgens()
            return left

        left: list[str] = self.run(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
        return left


@contextmanager
def serving() -> Iterator[dict[str, tuple[str, str]]]:
    """Run the servers, and give where they are."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.soak.servers"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield {name: (place[0], place[1]) for name, place in json.loads(process.stdout.readline()).items()}
        finally:
            process.stdin.close()


def soak(seconds: float, streams: int, seed: int) -> tuple[Account, Gauges, list[str]]:
    """Make calls for so many seconds; return what became of them, what was held, and what is left over."""
    account, gauges = Account(), Gauges()
    threads = threading.active_count()
    with serving() as places, complaints() as complained:
        bridge = Bridge()
        runner = cast("asyncio.Runner", bridge)
        caller = Caller(places, honest_answers(runner), runner, account)
        open_before = descriptors()
        end = time.monotonic() + seconds

        def work(number: int) -> None:
            chance = random.Random(f"{seed}/{number}")
            while time.monotonic() < end:
                asked = drawn(chance)
                if asked.form.ask.__name__.startswith("_a") == bool(number % 2):
                    caller(asked)

        workers = [threading.Thread(target=work, args=(number,), name=f"soak-{number}") for number in range(streams)]
        for worker in workers:
            worker.start()
        pause = threading.Event()
        while time.monotonic() < end:
            pause.wait(seconds / _SAMPLES)
            gauges.sample()
        for worker in workers:
            worker.join()
        left = [f"a task is left: {task}" for task in bridge.close()]
        connections._close()
        open_after = descriptors()
    if open_after > open_before:
        left.append(f"{open_after - open_before} more files or sockets are open than before the first call")
    if threading.active_count() > threads:
        left.append(f"threads are left: {threading.enumerate()}")
    return account, gauges, left + [f"a complaint: {text}" for text in complained]


def _grown(what: str, halves: tuple[float, float], allowed: tuple[float, int]) -> list[str]:
    first, second = halves
    factor, more = allowed
    return [f"{what} grew from {first:,.0f} to {second:,.0f}"] if second > first * factor + more else []


def report(account: Account, gauges: Gauges, left: list[str], seconds: float) -> list[str]:
    """Print what was, and return what is off."""
    memory, sockets = gauges.halves(gauges.memory), gauges.halves(gauges.descriptors)
    off = [*account.wrong, *left]
    off += _grown("memory", memory, _MEMORY) + _grown("the number of open files", sockets, _DESCRIPTORS)
    if account.begun != account.ended:
        off.append(f"{account.begun - account.ended} calls never ended")
    rows = [
        ("calls", f"{account.begun:,} in {seconds:g} s", ", ".join(f"{k} {v:,}" for k, v in account.forms.items())),
        ("right answers", f"{account.right:,}", ""),
        *(("right errors", f"{number:,}", name) for name, number in account.errors.most_common()),
        ("wrong", f"{len(account.wrong):,}", ""),
        ("memory", f"{memory[0] / 1e6:.0f} -> {memory[1] / 1e6:.0f} MB", "medians of the first and the second half"),
        ("files and sockets", f"{sockets[0]:.0f} -> {sockets[1]:.0f}", f"at most {max(gauges.descriptors)}"),
        ("tasks, threads, warnings left", f"{len(left)}", ""),
    ]
    print("\n".join(f"{name:<30} {value:>20}  {more}".rstrip() for name, value, more in rows))  # noqa: T201
    for text in off[:_SHOWN]:
        print(f"OFF: {text}")  # noqa: T201
    return off


def figures(account: Account, gauges: Gauges, left: list[str], *, off: int) -> dict[str, Any]:
    """Return what a soak counted, as JSON: memory in bytes, memory and descriptors each of both halves."""
    return {
        "calls": account.begun,
        "forms": dict(account.forms),
        "right": account.right,
        "errors": dict(account.errors.most_common()),
        "wrong": len(account.wrong),
        "left": len(left),
        "off": off,
        "memory": gauges.halves(gauges.memory),
        "descriptors": gauges.halves(gauges.descriptors),
    }


def main() -> int:
    """Run as the environment says, and return the exit code."""
    seconds = float(os.environ.get("SOAK_SECONDS", "600"))
    streams = int(os.environ.get("SOAK_STREAMS", "200"))
    seed = int(os.environ.get("SOAK_SEED") or secrets.randbelow(10**9))
    print(f"soak: {streams} calls at once for {seconds:g} s, SOAK_SEED={seed}", flush=True)  # noqa: T201
    account, gauges, left = soak(seconds, streams, seed)
    off = report(account, gauges, left, seconds)
    found = figures(account, gauges, left, off=len(off))
    write(FOLDER / "soak.json", {"seconds": seconds, "streams": streams, "seed": seed, **found})
    return 1 if off else 0


if __name__ == "__main__":
    sys.exit(main())

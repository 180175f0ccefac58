"""What a worker knows: one contender of one framework, imported when first needed."""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from benchmarks.answers import answer
from benchmarks.contenders import CONTENDERS, FLOOR, FRAMEWORKS
from benchmarks.conversations import functions, wire_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contenders import Contender, Framework, FrameworkName
    from benchmarks.conversations import Message

__all__ = ["Loss", "Session", "peak_bytes"]


class Loss(Exception):  # noqa: N818 - it is told as a clause, not as an error
    """An answer was read to its end without an error, and something of it is missing."""


class Session:
    """One contender in one worker.

    Args:
        framework: through which it is asked.
        name: the contender's, or "floor".
        base: the loopback server's URL.
    """

    def __init__(self, framework: FrameworkName, name: str, base: str) -> None:
        self.framework: Framework = FRAMEWORKS[framework]
        self.contender: Contender | None = None if name == FLOOR else CONTENDERS[framework][name]
        self._base = base
        self.checked: set[tuple[str, str]] = set()
        """Answers and modes that were read once, so that everything is warm and nothing is known to be missing."""
        self._models: dict[str, Any] = {}

    @cached_property
    def asking(self) -> Any:
        """The framework's way to ask."""
        return self.framework.load()

    @cached_property
    def tools(self) -> Any:
        """The tools of an agent, as the framework's objects."""
        return self.asking.tools(functions())

    @cached_property
    def runner(self) -> asyncio.Runner:
        """The one event loop, so that async clients keep their connections as sync ones do."""
        return asyncio.Runner()

    def load(self) -> None:
        """Import everything that a call needs, and do nothing else."""
        _ = self.asking, self.tools
        if self.contender is not None:
            self.contender.load()

    def parameters(self, name: str) -> dict[str, Any]:
        """Return what the contender is constructed with to be given the answer `name`."""
        if self.contender is None:
            return {"url": f"{self._base}/{name}"}
        thinking = self.contender.thinking if name == "thoughts" else {}
        return {**self.contender.parameters(f"{self._base}/{name}"), **thinking}

    def construct(self, name: str) -> Any:
        """Return a new model that is given the answer `name`."""
        maker = self.asking.floor if self.contender is None else self.contender.load()
        return maker(**self.parameters(name))

    def model(self, name: str) -> Any:
        """Return the model that is given the answer `name`, made once."""
        if name not in self._models:
            self._models[name] = self.construct(name)
        return self._models[name]

    def ready(self, name: str, conversation: Sequence[Message], *, tools: bool = False) -> None:
        """Give the floor the body of the next request; everybody else makes it."""
        if self.contender is None:
            self.model(name).wire.body = wire_body(conversation, tools=tools)

    def read(self, name: str, messages: Any, *, mode: str) -> list[Any]:
        """Return all chunks of the answer `name`, streamed in `mode` ("sync" or "async")."""
        model = self.model(name)
        if mode == "sync":
            return list(self.asking.stream(model, messages))

        chunks: list[Any] = []

        async def gather() -> None:
            # Not returned: a runner that puts the handler of SIGINT back writes out what its task returned (CPython
            # 3.11 and 3.12 make a ValueError of the handler's `repr`), and an image would be held several times more.
            chunks.extend([chunk async for chunk in await self.asking.astream(model, messages)])

        self.runner.run(gather())
        return chunks

    def spend(self, name: str, messages: Any, *, mode: str) -> float:
        """Return the seconds of CPU that streaming the answer `name` takes, each chunk let go as it comes."""
        model, asking = self.model(name), self.asking
        gc.collect()
        if mode == "sync":
            start = time.process_time()
            for _ in asking.stream(model, messages):
                pass
            return time.process_time() - start

        async def drain() -> None:
            async for _ in await asking.astream(model, messages):
                pass

        start = time.process_time()
        self.runner.run(drain())
        return time.process_time() - start

    def check(self, name: str, messages: Any, *, mode: str) -> None:
        """Read the answer `name` once, which warms everything up.

        Raises:
            Loss: something of it is missing.
        """
        if (lost := self.asking.said(self.read(name, messages, mode=mode)).lost(answer(name).says)) is not None:
            raise Loss(lost)


def peak_bytes() -> int:
    """Return the most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

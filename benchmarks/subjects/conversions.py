"""What a request costs before its answer: the first chunk of a short prompt and of a long history, and agent loops."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

from benchmarks.cases import Case, Figure, Goal
from benchmarks.conversations import TOOLS, history

if TYPE_CHECKING:
    from benchmarks.contenders import FrameworkName
    from benchmarks.sessions import Session

__all__ = ["CASES", "TITLE", "first", "loop"]

TITLE = "CPU until the first chunk, and of a history that grows"
STEPS = 200
"""Steps of an agent; each adds a call and its result, so that the last request has 401 messages."""


def first(session: Session, *, steps: int, mode: str, times: int) -> dict[str, float]:
    """Return the least seconds of CPU, of `times` calls, from asking to the first chunk.

    Args:
        session: whose model is asked, with tools bound beforehand where there is a history.
        steps: tool calls in the history; 0: one short question and no tools.
        mode: "sync" or "async".
        times: how often.
    """
    conversation = history(steps)
    asking = session.asking
    messages = asking.messages(conversation)
    model = session.model("short")
    session.ready("short", conversation, tools=steps > 0)
    if steps:
        model = asking.bound(model, session.tools)
    spent = []
    for _ in range(times + 1):
        gc.collect()
        spent.append(
            _first(asking, model, messages) if mode == "sync" else session.runner.run(_afirst(asking, model, messages))
        )
    return {"cpu": min(spent[1:])}


def _first(asking: Any, model: Any, messages: Any) -> float:
    start = time.process_time()
    stream = asking.stream(model, messages)
    next(stream)
    spent = time.process_time() - start
    list(stream)  # to its end, so that the connection can be used again
    return spent


async def _afirst(asking: Any, model: Any, messages: Any) -> float:
    start = time.process_time()
    stream = await asking.astream(model, messages)
    await anext(stream)
    spent = time.process_time() - start
    _ = [chunk async for chunk in stream]
    return spent


def loop(session: Session, *, steps: int) -> dict[str, float]:
    """Return the seconds of CPU of all requests of an agent whose history grows by two messages a step.

    The tools are bound before each request, as agents do.
    """
    conversation = history(steps)
    asking = session.asking
    messages = asking.messages(conversation)
    model = session.model("short")
    session.ready("short", conversation[:1], tools=True)
    asking.ask(asking.bound(model, session.tools), messages[:1])
    gc.collect()
    spent = 0.0
    for step in range(steps + 1):
        session.ready("short", conversation[: 1 + 2 * step], tools=True)
        start = time.process_time()
        asking.ask(asking.bound(model, session.tools), messages[: 1 + 2 * step])
        spent += time.process_time() - start
    return {"cpu": spent}


_LONG = f"{2 * STEPS + 1} messages, {TOOLS} tools"


def _first_case(framework: FrameworkName, steps: int, mode: str) -> Case:
    headline = steps > 0 and mode == "sync"
    figure = Figure(
        "cpu",
        "CPU",
        "ms",
        1e3,
        Goal(peer=12) if headline else Goal(),
        f"{framework}: CPU to the first chunk, {_LONG}" if headline else "",
        digits=2,
    )
    words = f"first chunk, {mode}, {_LONG if steps else 'a short prompt'}"
    return Case(
        framework, words, first, (figure,), {"steps": steps, "mode": mode, "times": 5}, rounds=3, quick=headline
    )


def _loop_case(framework: FrameworkName, steps: int) -> Case:
    whole = steps == STEPS
    figure = Figure(
        "cpu",
        "CPU in total",
        "s",
        1.0,
        Goal(peer=10) if whole else Goal(),
        f"{framework}: an agent's {steps} steps" if whole else "",
        digits=2,
    )
    words = f"agent loop of {steps} steps, history growing to {2 * steps + 1} messages"
    return Case(framework, words, loop, (figure,), {"steps": steps}, rounds=2, quick=False)


CASES = tuple(
    case
    for framework in ("LangChain", "LlamaIndex")
    for case in (
        *(_first_case(framework, steps, mode) for steps in (0, STEPS) for mode in ("sync", "async")),
        *(_loop_case(framework, steps) for steps in (STEPS // 2, STEPS)),
    )
)

"""CPU per streamed chunk: text, thoughts, tool calls; sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.answers import CALLS, CHUNKS
from benchmarks.cases import Case, Figure, Goal
from benchmarks.conversations import User

if TYPE_CHECKING:
    from benchmarks.contenders import FrameworkName
    from benchmarks.sessions import Session

__all__ = ["CASES", "TITLE", "stream"]

TITLE = "CPU per streamed chunk"
_QUESTION = [User("hello")]
_COUNTS = {"text": CHUNKS, "thoughts": CHUNKS, "calls": CALLS}


def stream(session: Session, *, answer: str, mode: str, times: int) -> dict[str, float]:
    """Return the seconds of CPU per chunk over `times` answers; the first round reads one before, to check it."""
    messages = session.asking.messages(_QUESTION)
    session.ready(answer, _QUESTION)
    if (answer, mode) not in session.checked:
        session.check(answer, messages, mode=mode)
        session.checked.add((answer, mode))
    spent = sum(session.spend(answer, messages, mode=mode) for _ in range(times))
    return {"cpu": spent / times / _COUNTS[answer]}


_GOALS: dict[FrameworkName, Goal] = {"LangChain": Goal(floors=1.3, peer=7), "LlamaIndex": Goal(floors=1.4, peer=6)}
_METHODS: dict[FrameworkName, dict[str, str]] = {
    "LangChain": {"sync": "stream()", "async": "astream()"},
    "LlamaIndex": {"sync": "stream_chat()", "async": "astream_chat()"},
}
_KINDS = {"text": "a text chunk", "thoughts": "a thought chunk", "calls": "a tool call"}


def _case(framework: FrameworkName, answer: str, mode: str) -> Case:
    figure = Figure(
        key="cpu",
        label="CPU",
        unit="µs",
        scale=1e6,
        goal=_GOALS[framework] if answer == "text" and mode == "sync" else Goal(),
        chart=f"{framework}: CPU per text chunk" if answer == "text" and mode == "sync" else "",
    )
    return Case(
        framework,
        f"`{_METHODS[framework][mode]}`, {_KINDS[answer]}",
        stream,
        (figure,),
        {"answer": answer, "mode": mode, "times": 1 if _COUNTS[answer] == CHUNKS else 10},
        rounds=5,
        quick=answer == "text",
    )


CASES = tuple(
    _case(framework, answer, mode) for framework in _METHODS for answer in _KINDS for mode in ("sync", "async")
)

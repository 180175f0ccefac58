"""A large image in an answer and in a prompt: time, and the most memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.answers import IMAGE, image_data
from benchmarks.answers import answer as expected
from benchmarks.cases import Case, Figure, Goal
from benchmarks.conversations import Image, User
from benchmarks.sessions import Loss, peak_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contenders import FrameworkName
    from benchmarks.conversations import Message
    from benchmarks.sessions import Session

__all__ = ["CASES", "TITLE", "image_in", "image_out"]

TITLE = f"An image of {IMAGE // 10**6} MB of base64"


def image_out(session: Session, *, mode: str) -> dict[str, float]:
    """Return the CPU seconds and the bytes more at the peak, of reading the image in one event of an answer."""
    question = [User("draw")]
    return _measured(session, question, answer="image", mode=mode)


def image_in(session: Session, *, mode: str) -> dict[str, float]:
    """Return the same of sending it as part of a message; the peak counts what is beyond the message itself."""
    return _measured(session, [Image(image_data())], answer="short", mode=mode)


def _measured(session: Session, conversation: Sequence[Message], *, answer: str, mode: str) -> dict[str, float]:
    """Measure the peak of the first large call of a fresh process, and the time of the second, which is warm."""
    small = [User("hello")]
    session.ready("short", small)
    session.check("short", session.asking.messages(small), mode=mode)
    messages = session.asking.messages(conversation)
    session.ready(answer, conversation)
    before = peak_bytes()
    chunks = session.read(answer, messages, mode=mode)
    after = peak_bytes()
    if (lost := session.asking.said(chunks).lost(expected(answer).says)) is not None:
        raise Loss(lost)
    del chunks
    return {"cpu": session.spend(answer, messages, mode=mode), "memory": after - before}


def _case(framework: FrameworkName, direction: str, mode: str) -> Case:
    out = direction == "out"
    headline = out and mode == "sync"
    return Case(
        framework,
        f"image {direction}, {mode}",
        image_out if out else image_in,
        (
            Figure(
                "cpu",
                "CPU",
                "ms",
                1e3,
                Goal(floors=1.5) if out else Goal(peer=1),
                f"{framework}: CPU of a 10 MB image out" if headline else "",
            ),
            Figure("memory", "memory", "MB", 1e-6, Goal(most=4 * IMAGE / 1e6) if out else Goal(peer=1)),
        ),
        {"mode": mode},
        rounds=5,
        quick_rounds=1,
        quick=headline,
        fresh=True,
        cannot={"langchain-openai": "has no images in answers"} if out and framework == "LangChain" else {},
    )


CASES = tuple(
    _case(framework, direction, mode)
    for framework in ("LangChain", "LlamaIndex")
    for direction in ("out", "in")
    for mode in ("sync", "async")
)

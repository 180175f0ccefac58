"""An answer, shown well in Jupyter: Markdown that grows, thoughts folded, images and sound as such.

    from gstream.notebook import show
    message = show(llm.stream("Why is the sky blue?"))

`answers` reads what LangChain, LlamaIndex and the core stream, by public attributes alone; `bundles` says how a
notebook draws it; here it is drawn. IPython is imported when something is shown, and no framework ever is.
"""

from __future__ import annotations

import inspect
import sys
import time
from collections.abc import AsyncIterable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

from gstream.errors import ConfigurationError
from gstream.notebook.answers import Answer
from gstream.notebook.bundles import bundles

if TYPE_CHECKING:
    from gstream.notebook.bundles import Bundle

__all__ = ["ashow", "show"]

_PAUSE_S: Final = 0.1
"""Seconds between two drawings of what grows: each sends the whole text to the browser anew."""


def show(answer: Any) -> Any:
    """Show an answer as it comes, and return it whole.

    Args:
        answer: what streams: LangChain's `stream` (of a model, a chain or, with `stream_mode="messages"`, an agent),
            LlamaIndex's `stream_chat`, `stream_complete` and streamed query and chat engines, `Client.stream`, pieces
            of text; or a single answer of theirs.

    Returns:
        The whole answer: LangChain's message, LlamaIndex's last response, a `Chunk`, or the text where texts streamed.

    Raises:
        ConfigurationError: IPython is missing, or there is nothing here that could be shown.
        GStreamError: the stream failed; what had come stays shown.
    """
    answer = getattr(answer, "response_gen", answer)  # what LlamaIndex's engines return
    if isinstance(answer, AsyncIterable) or inspect.isawaitable(answer):
        _dispose(answer)
        raise ConfigurationError("This answer streams asynchronously: use await ashow(...).")
    drawing = _Drawing()
    if _is_single(answer):
        drawing.feed(answer)
        return drawing.end()
    try:
        for item in answer:
            drawing.feed(item)
    finally:
        whole = drawing.end()
        if callable(close := getattr(answer, "close", None)):
            close()
    return whole


async def ashow(answer: Any) -> Any:
    """Show as `show` does what streams asynchronously: `astream`, `astream_chat`, events of a LlamaIndex agent, ...

    Args:
        answer: an async iterator, something to await for one, or whatever `show` takes.

    Returns:
        As `show`.

    Raises:
        GStreamError: as `show`.
    """
    if inspect.isawaitable(answer):
        answer = await answer
    answer = _async_pieces(answer)
    if not isinstance(answer, AsyncIterable):
        return show(answer)
    drawing = _Drawing()
    try:
        async for item in answer:
            drawing.feed(item)
    finally:
        whole = drawing.end()
        if callable(close := getattr(answer, "aclose", None)):
            await close()
    return whole


def _async_pieces(answer: Any) -> Any:
    """Return what streams the pieces of text of LlamaIndex's engines; anything else as it is."""
    pieces = getattr(answer, "async_response_gen", None)
    return pieces() if callable(pieces) else getattr(answer, "response_gen", answer)


def _is_single(answer: Any) -> bool:
    """Return whether this is one thing: some are iterable too, in ways that mean something else."""
    return not isinstance(answer, Iterable) or isinstance(answer, Mapping) or Answer.reads(answer)


def _dispose(answer: Any) -> None:
    """Close a coroutine that nobody will await, which would be warned of."""
    if inspect.iscoroutine(answer):
        answer.close()


# -- drawing --------------------------------------------------------------------------------------------------------


class _Display(Protocol):
    def __call__(self, bundle: Bundle, *, raw: bool, display_id: str | None = None, update: bool = False) -> object: ...


class _Drawing:
    """An answer that is being shown.

    Where there is no notebook (a script, a terminal) nothing can be drawn over, so it is drawn once, at the end.
    """

    def __init__(self) -> None:
        self._display, self._live = _ipython()
        self._name = f"gstream-{time.time_ns()}"
        self._answer = Answer()
        self._drawn: list[Bundle] = []
        self._next_s = 0.0

    def feed(self, item: Any) -> None:
        """Take a further item, and draw unless something was drawn just now."""
        self._answer.feed(item)
        now = time.monotonic()
        if self._live and now >= self._next_s:
            self._draw(ended=False)
            self._next_s = now + _PAUSE_S

    def end(self) -> Any:
        """Draw what is left, and return the whole answer; `None` where nothing came."""
        self._draw(ended=True)
        return self._answer.whole()

    def _draw(self, *, ended: bool) -> None:
        for place, bundle in enumerate(bundles(self._answer.pieces(), ended=ended)):
            name = f"{self._name}-{place}" if self._live else None
            if place == len(self._drawn):
                self._display(bundle, raw=True, display_id=name)
                self._drawn.append(bundle)
            elif bundle != self._drawn[place]:
                self._display(bundle, raw=True, display_id=name, update=True)
                self._drawn[place] = bundle


def _ipython() -> tuple[_Display, bool]:
    """Return what draws, and whether it does so in a notebook."""
    try:
        shell = import_module("IPython").get_ipython()
        display: _Display = import_module("IPython.display").display
    except ImportError:
        raise ConfigurationError("show() draws with IPython, which is missing: pip install jupyterlab") from None
    return (display if shell is not None else _write), hasattr(shell, "kernel")


def _write(bundle: Bundle, **_: object) -> None:
    """Write what a bundle says where nothing can be drawn: in a script."""
    sys.stdout.write(bundle["text/plain"] + "\n")

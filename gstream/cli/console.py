"""Where commands write: colour and live output in a terminal, plain text everywhere else."""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.theme import Theme

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["errors", "fits", "output", "printable", "unwrapped"]


_THEME: Final = Theme(
    {
        "markdown.block_quote": "italic",
        "markdown.code": "cyan",
        "markdown.h1": "bold underline",
        "markdown.h2": "bold",
        "markdown.h3": "bold italic",
        "markdown.h4": "italic",
        "markdown.table.border": "dim",
        "markdown.table.header": "bold",
        "bar.complete": "cyan",
        "bar.finished": "cyan",
        "progress.download": "none",
        "progress.spinner": "cyan",
    }
)
"""One colour and no ground of its own, so that it can be read on light terminals too: Rich's code stands on black."""


def output(*, plain: bool = False) -> Console:
    """Return the console of standard output.

    Args:
        plain: write plain text in a terminal too.
    """
    _never_fail_to_encode()
    return Console(
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=False if plain else None,
        color_system=None if plain else "auto",
        theme=_THEME,
    )


def errors() -> Console:
    """Return the console of standard error; outside a terminal a message is one line."""
    _never_fail_to_encode()
    console = Console(stderr=True, highlight=False, markup=False, emoji=False, theme=_THEME)
    console.soft_wrap = not console.is_terminal
    return console


def unwrapped(console: Console, text: str, style: str = "") -> None:
    """Print text that is meant to be copied: the terminal may wrap it, nothing else does."""
    console.print(text, style=style, soft_wrap=True)


def printable(text: str) -> str:
    """Return a text without control characters, so that what a server says cannot steer the terminal."""
    return _CONTROL.sub("", text)


_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def fits(console: Console, table: Table) -> bool:
    """Return whether the table can be shown without folding. Outside a terminal the console is made wide enough."""
    width = console.measure(table, options=console.options.update(width=_ANY_WIDTH)).maximum
    if not console.is_terminal:
        console.width = max(console.width, width)
    return width <= console.width


_ANY_WIDTH: Final = 1_000


def _never_fail_to_encode() -> None:
    """Show `?` for what an old terminal's encoding lacks (the providers' names are Chinese)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

"""How the demo looks: thoughts dimmed, text as it comes, a line for each tool call, a table at the end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rich import box
from rich.cells import cell_len
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from gstream.cli import console
from gstream.cli.demo.events import Called, Piece
from gstream.cli.demo.tools import QUESTION
from gstream.endpoints import KEY_FORMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gstream import Endpoint
    from gstream.cli.demo.events import Event
    from gstream.cli.demo.outcome import Outcome

__all__ = ["Screen"]

_INDENT: Final = "  "
_WIDEST: Final = 100
"""Columns of running text: longer lines are hard to read."""
_FIGURES: Final = ("first\nchunk", "chunks", "tool\ncalls", "tokens\nin/out")
_COLUMNS: Final = ("endpoint", "framework", "framing", *_FIGURES, "verdict")
_NARROW: Final = ("endpoint", "framework", "verdict")
"""Columns that a narrow terminal has room for."""
_WORDS = re.compile(r"\s+|\S+")


class Screen:
    """The terminal, or the pipe, that the demo writes to."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._style: str | None = None
        """Of the paragraph that is being written; `None`: none is."""
        self._column = 0
        self._word = ""
        """The beginning of a word that the next piece may continue."""
        self._gap = ""
        """What separates the next word from the one before it."""

    def title(self) -> None:
        """Print the question."""
        self._write(QUESTION, "bold")
        self.end_paragraph()

    def note(self, words: str) -> None:
        """Print a remark."""
        self._out.print(words, style="yellow")

    def endpoint(self, endpoint: Endpoint, path: str) -> None:
        """Print the header of an endpoint's section."""
        self._out.print()
        name = Text.assemble((endpoint.name, "bold cyan"), f"  {endpoint.title}")
        self._out.print(Rule(name, align="left", style="cyan", characters="─"))
        self._fact("POST", path)
        self._fact("key", KEY_FORMS[endpoint.auth])

    def _fact(self, label: str, value: str) -> None:
        console.unwrapped(self._out, f"{label:<5} {value}", "dim")

    def framework(self, title: str) -> None:
        """Print whose turn it is."""
        self._out.print(f"\n{title}", style="bold")

    def event(self, event: Event) -> None:
        """Show an event of a loop."""
        if isinstance(event, Piece):
            self._write(event.thoughts.replace("**", ""), "dim italic")
            self._write(event.text, "")
        elif isinstance(event, Called):
            self.end_paragraph()
            arguments = ", ".join(f"{name}={value!r}" for name, value in event.arguments.items())
            call = Text.assemble(("→ ", "cyan"), (event.name, "cyan"), f"({arguments})")
            shown = Text.assemble(call, (" = ", "dim"), (event.result, "green"), overflow="fold")
            self._out.print(Padding(shown, (0, 0, 0, len(_INDENT)), expand=False))
        else:
            self.end_paragraph()

    def _write(self, text: str, style: str) -> None:
        """Continue the paragraph, or begin one where the style changes; words are held back until they are whole."""
        if not text:
            return
        if style != self._style:
            self.end_paragraph()
            self._style = style
        words: list[str] = _WORDS.findall(self._word + text)
        self._word = "" if words[-1].isspace() else words.pop()
        for word in words:
            self._put(word)

    def _put(self, word: str) -> None:
        """Print a word, or the gap between two, on this line or at the beginning of the next."""
        if word.isspace():
            self._gap += word
            return
        blank_line, self._gap = self._gap.count("\n") > 1, ""
        gap = " " if self._column else _INDENT
        if self._column and (blank_line or self._column + 1 + cell_len(word) > min(self._out.width, _WIDEST)):
            gap = f"\n{_INDENT}"
        self._out.print(f"{gap}{word}", end="", style=self._style, soft_wrap=True)
        self._column = (self._column if gap == " " else 0) + cell_len(gap.lstrip("\n")) + cell_len(word)

    def end_paragraph(self) -> None:
        """Write what was held back, and end the line."""
        if self._word:
            self._put(self._word)
        if self._style is not None:
            self._out.print()
        self._style, self._column, self._word, self._gap = None, 0, "", ""

    def table(self, outcomes: Sequence[Outcome]) -> None:
        """Print the figures and the verdicts, and below them what is wrong."""
        tables = [_table(outcomes, columns) for columns in (_COLUMNS, _NARROW)]
        self._out.print()
        self._out.print(next((table for table in tables if console.fits(self._out, table)), tables[-1]))
        self._out.print()
        for outcome in outcomes:
            for words in outcome.wrong:
                self._out.print(f"{outcome.endpoint}, {outcome.framework}: {words}", style="red")

    def closing(self, summary: str, changed_line: str) -> None:
        """Print the sum of it all, and what to change for a real endpoint."""
        self._out.print(summary)
        self._out.print("\nOn a real endpoint, only this line changes:")
        console.unwrapped(self._out, changed_line, "bold")


def _table(outcomes: Sequence[Outcome], columns: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for header in columns:
        table.add_column(header, justify="right" if header in _FIGURES else "left", no_wrap=True)
    for outcome in outcomes:
        cells = {
            "endpoint": Text(outcome.endpoint, "bold cyan"),
            "framework": Text(outcome.framework),
            "framing": Text("+".join(outcome.framings) or "-"),
            "first\nchunk": Text("-" if outcome.first_s is None else f"{outcome.first_s * 1_000:.0f} ms"),
            "chunks": Text(str(outcome.chunks)),
            "tool\ncalls": Text(str(outcome.calls)),
            "tokens\nin/out": Text(f"{outcome.input}/{outcome.output}"),
            "verdict": Text("FAIL", "bold red") if outcome.wrong else Text("ok", "green"),
        }
        table.add_row(*(cells[header] for header in columns))
    return table

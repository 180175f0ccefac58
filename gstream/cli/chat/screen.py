"""How a chat looks in a terminal: whole blocks stay above, the block that grows is drawn again below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from rich.constrain import Constrain
from rich.live import Live
from rich.markdown import Markdown
from rich.segment import Segment
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text as Styled

from gstream.cli.chat.lines import COMMANDS

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from gstream.cli.chat.answer import Block

__all__ = ["Drawing", "Screen"]

_WIDEST: Final = 100
"""Columns of running text: longer lines are hard to read."""
_LINES_LEFT: Final = 2
"""Lines of the terminal that the growing block leaves free."""
_TIMES_A_SECOND: Final = 12
_CODE: Final = "ansi_dark"
"""Colours of code: those of the terminal itself, light or dark."""


class Screen:
    """The terminal.

    Args:
        out: where answers go.
        err: where errors go.
    """

    def __init__(self, out: Console, err: Console) -> None:
        self.out = out
        self._err = err

    def remark(self, words: str) -> None:
        """Print a remark of the chat itself."""
        self.out.print(words, style="dim")

    def warning(self, words: str) -> None:
        """Print what the user should know of the answer above."""
        self.out.print(words, style="yellow")

    def error(self, words: str) -> None:
        """Print what went wrong."""
        self._err.print(f"Error: {words}", style="red")

    def commands(self) -> None:
        """Print the list of commands."""
        table = Table.grid(padding=(0, 2))
        for name, (argument, does) in COMMANDS.items():
            table.add_row(Styled(f"/{name} {argument}".rstrip(), "cyan", no_wrap=True), does)
        self.out.print(table)
        self.remark("Several lines: paste them, or end each but the last with \\. Ctrl-C stops an answer.")

    def drawing(self, waiting_for: str) -> Drawing:
        """Return what draws the next answer; a context manager."""
        return Drawing(self.out, waiting_for)


class Drawing:
    """An answer that is being drawn.

    Args:
        out: the terminal.
        waiting_for: what to show until something comes.
    """

    def __init__(self, out: Console, waiting_for: str) -> None:
        self._out = out
        waiting = Spinner("dots", Styled(waiting_for, "dim"), style="dim")
        self._live = Live(
            waiting, console=out, transient=True, refresh_per_second=_TIMES_A_SECOND, redirect_stderr=False
        )
        self._begun = False

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.update(Styled(""))
        self._live.stop()

    def add(self, block: Block) -> None:
        """Draw a block that is whole."""
        self._print(_drawn(block, self._out))

    def grow(self, block: Block | None) -> None:
        """Draw the block that grows below all that is whole; `None`: there is none now."""
        if block is not None:
            self._live.update(_End(_drawn(block, self._out), self._out.height - _LINES_LEFT))
        elif self._begun:
            self._live.update(Styled(""))

    def saved(self, words: str) -> None:
        """Tell what became of something that a terminal cannot show."""
        self._print(Styled(words, "green"))

    def _print(self, drawn: RenderableType) -> None:
        self._begun = True
        self._live.update(Styled(""), refresh=True)  # what is printed takes the place of what grew
        self._out.print(_Spaced(drawn))


def _drawn(block: Block, out: Console) -> RenderableType:
    """Return how a block is drawn."""
    if block.kind == "note":
        return Styled(block.text, "yellow")
    style = "dim italic" if block.kind == "thought" else ""
    drawn = Markdown(block.text.strip("\n"), style=style, code_theme=_CODE, hyperlinks=False)
    return Constrain(drawn, min(out.width, _WIDEST))


class _Spaced:
    """Something between blank lines: one above, none below, whatever it brings of its own."""

    def __init__(self, drawn: RenderableType) -> None:
        self._drawn = drawn

    def lines(self, console: Console, options: ConsoleOptions) -> list[list[Segment]]:
        """Return the lines, the blank one included."""
        lines = console.render_lines(self._drawn, options.update(height=None), pad=False)
        filled = [number for number, line in enumerate(lines) if "".join(piece.text for piece in line).strip()]
        return [[], *lines[filled[0] : filled[-1] + 1]] if filled else []

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines(console, options):
            yield from line
            yield Segment.line()


class _End(_Spaced):
    """The last lines of something that may be too tall for the terminal."""

    def __init__(self, drawn: RenderableType, most: int) -> None:
        super().__init__(drawn)
        self._most = max(1, most)

    def lines(self, console: Console, options: ConsoleOptions) -> list[list[Segment]]:
        """Return the lines that have room."""
        return super().lines(console, options)[-self._most :]

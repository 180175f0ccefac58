"""What stands on a terminal's screen, as rows of cells: read from what tmux captures, drawn as a page for a browser.

A cell's width is that of Unicode's own table, which is in Python, so that Rich's idea of a width is judged by another.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from rich.ansi import AnsiDecoder
from rich.style import Style
from rich.terminal_theme import TerminalTheme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

__all__ = ["DARK", "LIGHT", "Cell", "Screen", "width_of"]

_NORMAL = [(0, 0, 0), (205, 49, 49), (13, 188, 121), (229, 229, 16), (36, 114, 200), (188, 63, 188), (17, 168, 205)]
_BRIGHT = [(102, 102, 102), (241, 76, 76), (35, 209, 139), (245, 245, 67), (59, 142, 234), (214, 112, 214)]
DARK: Final = TerminalTheme(
    (30, 30, 30), (204, 204, 204), [*_NORMAL, (229, 229, 229)], [*_BRIGHT, (41, 184, 219), (229, 229, 229)]
)
"""The colours of a common dark terminal."""
LIGHT: Final = TerminalTheme(
    (255, 255, 255),
    (51, 51, 51),
    [(0, 0, 0), (205, 49, 49), (0, 140, 0), (148, 98, 0), (4, 81, 165), (188, 5, 188), (5, 120, 160), (85, 85, 85)],
    [(102, 102, 102), (205, 49, 49), (20, 160, 20), (160, 110, 0), (4, 81, 165), (188, 5, 188), *[(5, 120, 160)] * 2],
)
"""The colours of a common light one."""
_FAINT: Final = 0.55
"""How much of its colour dim text keeps."""
_STYLE: Final = """
*{margin:0;padding:0}
body{display:inline-block;padding:16px 18px;font:15px/1.25 "DejaVu Sans Mono","Noto Sans Mono CJK SC",
"Noto Sans CJK SC","Noto Color Emoji",monospace;white-space:pre}
div{height:1.25em}
i{font-style:inherit;display:inline-block;width:1ch;overflow:visible}
i.wide{width:2ch}
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One character on the screen, with the marks that stand on it."""

    text: str
    column: int
    """Where it begins, counted from 0."""
    width: int
    style: Style


@dataclass(frozen=True)
class Screen:
    """The rows of a terminal."""

    columns: int
    rows: tuple[tuple[Cell, ...], ...]
    """From the top; without the blank end of each."""
    overlong: tuple[str, ...] = ()
    """Lines that the terminal itself had to break, whole."""

    @classmethod
    def read(cls, captured: list[str], joined: list[str], columns: int) -> Screen:
        """Return what tmux captured.

        Args:
            captured: a line a row, with escape sequences for the styles.
            joined: a line for each line that was written, without.
            columns: how many the terminal has.
        """
        rows = [tuple(_cells(text)) for text in AnsiDecoder().decode("\n".join(captured))]
        while rows and not rows[-1]:
            rows.pop()
        return cls(columns, tuple(rows), tuple(line for line in joined if width_of(line.rstrip()) > columns))

    @property
    def lines(self) -> list[str]:
        """The text of each row."""
        return ["".join(cell.text for cell in row) for row in self.rows]

    @property
    def text(self) -> str:
        """All rows."""
        return "\n".join(self.lines)

    @property
    def flowing(self) -> str:
        """The words of all rows on one line."""
        return " ".join(self.text.split())

    def between(self, row: int, start: int, end: int | None = None) -> str:
        """Return what stands in a row from one column up to another (`None`: to its end)."""
        stop = self.columns if end is None else end
        return "".join(cell.text for cell in self.rows[row] if start <= cell.column < stop)

    def styles(self, words: str) -> set[tuple[bool, bool]]:
        """Return whether the letters of `words`, which stand in one row, are dim, and whether they are bold."""
        for row, line in zip(self.rows, self.lines, strict=True):
            if (place := line.find(words)) >= 0:
                before = 0
                marked = set()
                for cell in row:
                    if place <= before < place + len(words) and not cell.text.isspace():
                        marked.add((bool(cell.style.dim), bool(cell.style.bold)))
                    before += len(cell.text)
                return marked
        raise AssertionError(f"{words!r} stands in no row of:\n{self.text}")

    def page(self, theme: TerminalTheme) -> str:
        """Return the screen as a web page of its own."""
        ground = theme.background_color.rgb
        drawn = [f"<div>{''.join(_drawn(row, theme))}</div>" for row in self.rows]
        size = f"body{{width:{self.columns}ch;background:{ground};color:{theme.foreground_color.rgb}}}"
        return (
            f"<!doctype html><meta charset=utf-8><style>{_STYLE}html{{background:{ground}}}{size}</style>"
            f"<body>{''.join(drawn)}</body>"
        )


def width_of(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _cells(line: Text) -> Iterator[Cell]:
    """Yield the cells of a row up to the last that shows something."""
    styles = [Style()] * len(line.plain)
    for span in line.spans:
        for place in range(span.start, span.end):
            styles[place] += span.style if isinstance(span.style, Style) else Style.parse(span.style)
    ends = [place for place, letter in enumerate(line.plain) if not letter.isspace() or styles[place].bgcolor]
    column = 0
    pending: Cell | None = None
    for letter, style in zip(line.plain[: ends[-1] + 1] if ends else "", styles, strict=False):
        width = _width(letter)
        if pending is not None and not width:
            pending = Cell(pending.text + letter, pending.column, pending.width, pending.style)
            continue
        if pending is not None:
            yield pending
        pending = Cell(letter, column, width, style)
        column += width
    if pending is not None:
        yield pending


def _drawn(row: tuple[Cell, ...], theme: TerminalTheme) -> Iterator[str]:
    """Yield a row as HTML: each character that is not of ASCII is held to its columns."""
    for cell in row:
        css = _css(cell.style, theme)
        if css or not cell.text.isascii():
            yield f'<i class="{"wide" if cell.width > 1 else "one"}" style="{css}">{escape(cell.text)}</i>'
        else:
            yield escape(cell.text)


def _css(style: Style, theme: TerminalTheme) -> str:
    ink = theme.foreground_color if style.color is None else style.color.get_truecolor(theme)
    ground = theme.background_color if style.bgcolor is None else style.bgcolor.get_truecolor(theme, foreground=False)
    if style.reverse:
        ink, ground = ground, ink
    said = []
    if style.dim:
        mixed = (round(_FAINT * one + (1 - _FAINT) * other) for one, other in zip(ink, ground, strict=True))
        said.append(f"color:rgb({','.join(map(str, mixed))})")
    elif style.color is not None or style.reverse:
        said.append(f"color:{ink.rgb}")
    if style.bgcolor is not None or style.reverse:
        said.append(f"background:{ground.rgb}")
    said += ["font-weight:bold"] * bool(style.bold) + ["font-style:italic"] * bool(style.italic)
    said += ["text-decoration:underline"] * bool(style.underline)
    return ";".join(said)

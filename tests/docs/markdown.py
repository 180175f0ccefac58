"""A page of Markdown, read: its sections, its blocks of code, its tables, its links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

__all__ = ["ROOT", "Block", "Table", "anchors", "blocks", "links", "parsed", "prose", "tables"]

ROOT: Final = Path(__file__).parents[2]
_NOT_RUN: Final = re.compile(r"<!-- not run: (.+) -->")
_ANCHOR: Final = re.compile(r'<a id="([\w-]+)"></a>')
_SPAN: Final = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Block:
    """A block of code."""

    language: str
    code: str
    section: str
    """The anchor of the section it is in."""
    not_run: str | None
    """Why it is not run, from the comment before it; `None`: it is."""

    def __str__(self) -> str:
        return f"{self.section}-{self.language}"


@dataclass(frozen=True)
class Table:
    """A table without its head."""

    section: str
    rows: tuple[tuple[str, ...], ...]
    """The cells' Markdown."""

    @property
    def names(self) -> list[list[str]]:
        """What stands in backticks in the first cell of each row."""
        return [_SPAN.findall(row[0]) for row in self.rows]


def parsed(file: str) -> list[Token]:
    """Return the tokens of a page, by its path from the repository's root."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return MarkdownIt("commonmark").enable("table").parse(text)


def _sectioned(file: str) -> Iterator[tuple[str, Token]]:
    """Yield each token with the anchor before it; the part above the first is "top"."""
    section = "top"
    for token in parsed(file):
        if found := _ANCHOR.search(token.content):
            section = found[1]
        yield section, token


def anchors(file: str) -> list[tuple[str, str]]:
    """Return the anchor and the level ("h2") of each heading, in order; "" where a heading has no anchor before it."""
    tokens = [token for token in parsed(file) if token.type in {"inline", "heading_open", "html_block"}]
    found = []
    for before, token in pairwise([None, *tokens]):
        if token is not None and token.type == "heading_open":
            anchor = _ANCHOR.search(before.content) if before is not None else None
            found.append((anchor[1] if anchor else "", token.tag))
    return found


def blocks(file: str) -> list[Block]:
    """Return the blocks of code, in order."""
    found = []
    reason: str | None = None
    for section, token in _sectioned(file):
        if token.type == "fence":
            found.append(Block(token.info.strip(), token.content, section, reason))
        told = _NOT_RUN.search(token.content) if token.type == "html_block" else None
        reason = told[1] if told else None
    return found


def tables(file: str) -> list[Table]:
    """Return the tables, in order."""
    found: list[Table] = []
    rows: list[tuple[str, ...]] = []
    cells: list[str] = []
    within = False
    for section, token in _sectioned(file):
        if token.type == "tbody_open":
            rows, within = [], True
        elif token.type == "tr_open":
            cells = []
        elif token.type == "inline" and within:
            cells.append(token.content)
        elif token.type == "tr_close" and within:
            rows.append(tuple(cells))
        elif token.type == "tbody_close":
            found.append(Table(section, tuple(rows)))
            within = False
    return found


def prose(file: str) -> dict[str, str]:
    """Return the running text of each section, blocks of code and comments left out."""
    said: dict[str, str] = {}
    for section, token in _sectioned(file):
        if token.type == "inline":
            said[section] = f"{said.get(section, '')}\n{token.content}"
    return said


def links(file: str) -> list[str]:
    """Return where the links of a page lead, as they stand."""
    children = (child for token in parsed(file) for child in token.children or ())
    return [str(child.attrs["href"]) for child in children if child.type == "link_open"]

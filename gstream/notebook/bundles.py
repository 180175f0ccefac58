"""Pieces of an answer in, what a notebook draws out: MIME bundles, one a stretch of text or a medium; pure.

Media stand in bundles of their own, so that a text that grows does not send them again and again.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gstream.notebook.answers import Piece

__all__ = ["Bundle", "bundles"]

Bundle: TypeAlias = dict[str, str]
"""Media type -> the same thing in that type; a notebook shows the richest that it knows."""

_NATIVE: Final = frozenset({"image/png", "image/jpeg"})
"""Images that the message format itself knows, as base64."""
_MEDIA_TYPE = re.compile(r"(image|audio|video)/[\w.+-]+")


def bundles(pieces: Sequence[Piece], *, ended: bool) -> list[Bundle]:
    """Return what to draw, in order.

    Args:
        pieces: the answer so far.
        ended: whether nothing follows; before that, thoughts at the end stay unfolded, to be read as they come.
    """
    result: list[Bundle] = []
    run: list[Piece] = []
    for piece in pieces:
        if piece.kind == "media":
            result += _written(run, ended=True)
            run = []
            result.append(_medium(piece))
        elif run and run[-1].kind == piece.kind and piece.kind in {"text", "thought"}:
            run[-1] = type(piece)(piece.kind, run[-1].text + piece.text)
        else:
            run.append(piece)
    return result + _written(run, ended=ended)


def _written(run: Sequence[Piece], *, ended: bool) -> list[Bundle]:
    """Return the one bundle for everything that is Markdown; none where there is nothing to read."""
    told = [piece for piece in run if piece.text.strip() or piece.name]
    if not told:
        return []
    last = len(told) - 1
    markdown = [_markdown(piece, unfolded=not ended and place == last) for place, piece in enumerate(told)]
    return [{"text/markdown": "\n\n".join(markdown), "text/plain": "\n\n".join(map(_plain, told))}]


def _markdown(piece: Piece, *, unfolded: bool) -> str:
    text = piece.text.strip("\n")
    if piece.kind == "thought":
        opened = " open" if unfolded else ""
        return f'<details{opened} style="opacity: 0.65"><summary>Thoughts</summary>\n\n{text}\n\n</details>'
    if piece.kind == "call":
        return _code(f"{piece.name}({text})", "python")
    if piece.kind == "result":
        return _code(f"{piece.name}: {text}" if piece.name else text, "text")
    if piece.kind in {"code", "output"}:
        return _code(text, piece.name or "text")
    return text


def _code(text: str, language: str) -> str:
    """Return a fenced block, whose fence is longer than any run of backticks inside."""
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _plain(piece: Piece) -> str:
    text = piece.text.strip("\n")
    return f"{piece.name}({text})" if piece.kind == "call" else text


def _medium(piece: Piece) -> Bundle:
    plain = f"{piece.name or 'a file'} {piece.text}".strip()
    if piece.data and piece.name in _NATIVE:
        return {piece.name: piece.data, "text/plain": plain}
    known = _MEDIA_TYPE.fullmatch(piece.name)
    linked = piece.text.startswith(("https://", "http://"))
    source = html.escape(f"data:{piece.name};base64,{piece.data}" if piece.data else piece.text)
    if known is None or not (piece.data or linked):
        shown = f'<a href="{source}">{html.escape(plain)}</a>' if linked else html.escape(plain)
    elif known[1] == "image":
        shown = f'<img src="{source}" alt="{html.escape(piece.name)}">'
    else:
        shown = f'<{known[1]} controls src="{source}"></{known[1]}>'
    return {"text/html": shown, "text/plain": plain}

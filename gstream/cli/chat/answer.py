"""What of an answer is shown: chunks in, blocks to draw out, and the line of figures behind them; pure.

Text is Markdown, of which a block is whole as soon as the next one begins. So a terminal draws whole blocks once, and
only the last one again and again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, assert_never

from gstream import (
    Blob,
    CodeResult,
    ExecutableCode,
    FileRef,
    FunctionCall,
    FunctionResponse,
    Opaque,
    Text,
    Thought,
    Usage,
)
from gstream.cli.console import printable
from gstream.parts import is_pcm, merge_parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gstream import GStreamError, Part

__all__ = ["Block", "Flow", "figures", "sentence", "settled", "unfinished"]


@dataclass(frozen=True, slots=True)
class Block:
    """Something to draw."""

    kind: Literal["text", "thought", "media", "note"]
    """How: as Markdown, as Markdown dimmed, as a file that was saved, as a remark."""
    text: str = ""
    media: Blob | None = None
    """What to save; of kind "media" only."""


class Flow:
    """The blocks of one answer, as its parts come."""

    def __init__(self) -> None:
        self._kind: Literal["text", "thought"] = "text"
        self._open = ""
        self._sound: list[Blob] = []

    @property
    def open(self) -> Block | None:
        """The block that the next part may continue; `None`: there is none."""
        return Block(self._kind, self._open) if self._open.strip() else None

    def feed(self, parts: Iterable[Part]) -> list[Block]:
        """Return the blocks that `parts` complete."""
        whole: list[Block] = []
        for part in parts:
            if isinstance(part, Blob) and is_pcm(part):
                whole += self._text_ended()
                self._sound.append(part)
                continue
            whole += self._sound_ended()
            if isinstance(part, Text | Thought):
                whole += self._written(part)
            else:
                whole += [*self._text_ended(), *_other(part)]
        return whole

    def close(self) -> list[Block]:
        """Return what the end completes."""
        return [*self._text_ended(), *self._sound_ended()]

    def _written(self, part: Text | Thought) -> list[Block]:
        kind: Literal["text", "thought"] = "text" if isinstance(part, Text) else "thought"
        whole = [] if kind == self._kind or not part.text else self._text_ended()
        if part.text:
            self._kind = kind
            self._open += printable(part.text)
            end = settled(self._open)
            whole += self._block(self._open[:end])
            self._open = self._open[end:]
        return whole

    def _text_ended(self) -> list[Block]:
        text, self._open = self._open, ""
        return self._block(text)

    def _block(self, text: str) -> list[Block]:
        return [Block(self._kind, text)] if text.strip() else []

    def _sound_ended(self) -> list[Block]:
        pieces, self._sound = self._sound, []
        return [Block("media", media=piece) for piece in merge_parts(pieces) if isinstance(piece, Blob)]


def _other(part: Part) -> list[Block]:
    """Return how a part that is neither text nor raw sound is drawn."""
    if isinstance(part, Blob):
        return [Block("media", media=part)] if part.data else []
    if isinstance(part, ExecutableCode):
        return [Block("text", f"```{part.language.lower()}\n{printable(part.code).rstrip()}\n```")]
    if isinstance(part, CodeResult):
        output = printable(part.output).rstrip()
        return [Block("text", f"```text\n{output or printable(part.outcome)}\n```")]
    if isinstance(part, FileRef):
        return [Block("note", f"A file at {printable(part.uri)}")]
    if isinstance(part, FunctionCall):
        return [Block("note", f"The model calls {printable(part.name)}(), which a chat cannot run.")]
    if isinstance(part, FunctionResponse):
        return [Block("note", f"The result of {printable(part.name)}()")]
    if isinstance(part, Opaque):
        return [Block("note", f"Something this version cannot show: {printable(', '.join(map(str, part.raw)))}")]
    if isinstance(part, Text | Thought):
        return []
    assert_never(part)


# What would move the cursor, ring, or change colours; tabs and line feeds stay.
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])\s")
_GOES_ON = re.compile(r"\s|[-*+] |\d{1,9}[.)] |[-*+]$|\d{1,9}[.)]?$")
"""How a line begins that may belong to the list before the blank line, or may turn out to."""


def settled(text: str) -> int:
    """Return how many characters of a growing Markdown text are whole blocks: up to the last blank line that ends one.

    A blank line ends a block if it stands outside a fence, and the next line does not go on with a list in the block.
    """
    fence, end, position, blank, listing = "", 0, 0, False, False
    for line in _LINE.findall(text):
        if not fence and blank and line.strip() and not (listing and _GOES_ON.match(line.rstrip("\n"))):
            end, listing = position, False
        listing = listing or (not fence and _ITEM.match(line) is not None)
        blank = not fence and not line.strip()
        if (mark := _FENCE.match(line)) is not None:
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        position += len(line)
    return end


def sentence(error: GStreamError) -> str:
    """Return what went wrong, for somebody who sees whom was asked: the last failure of a call, in one line."""
    known = f" (request id {error.request_id})" if error.request_id and error.request_id not in error.message else ""
    tried = f" It was tried {len(error.attempts)} times." if error.attempts else ""
    return " ".join(printable(f"{error.message}{known}{tried}").split())


_COMMON_ENDS: Final = frozenset({"STOP"})
_ENDS: Final = {
    "MAX_TOKENS": "The answer ended at the limit of tokens (MAX_TOKENS).",
    "SAFETY": "The endpoint cut the answer for safety (SAFETY).",
    "RECITATION": "The endpoint cut the answer because it recites a source (RECITATION).",
}


def unfinished(finish_reason: str | None, message: str = "") -> str | None:
    """Return a sentence about an answer that did not end by itself; `None` if it did."""
    if finish_reason in _COMMON_ENDS:
        return None
    reason = printable(finish_reason or "no reason given")
    said = f" The endpoint adds: {printable(message)}" if message else ""
    return _ENDS.get(reason, f"The answer ended early ({reason}).") + said


def figures(usage: Usage | None, seconds: float, model: str, endpoint: str) -> str:
    """Return the line behind an answer, e.g. `12 -> 345 tokens (120 of thoughts), 1.3 s, gemini-2.5-flash, juheai`."""
    facts = []
    if usage is not None and usage.total:
        notes = [f"{usage.thoughts:,} of thoughts"] if usage.thoughts else []
        notes += [f"{usage.cached:,} cached"] if usage.cached else []
        facts.append(f"{usage.input:,} -> {usage.output:,} tokens" + (f" ({', '.join(notes)})" if notes else ""))
    return ", ".join([*facts, f"{seconds:.1f} s", printable(model), endpoint])

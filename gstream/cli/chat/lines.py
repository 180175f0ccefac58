"""What a typed line means: something to say, a command, or a mistake with a sentence about it; pure."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMMANDS", "Command", "Line", "Mistake", "Say", "continues", "parse", "path_of"]


@dataclass(frozen=True, slots=True)
class Say:
    """A question, or whatever else the user says."""

    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command."""

    name: str
    """A key of `COMMANDS`."""
    argument: str = ""
    """What stands behind the name; empty for nothing."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line that means nothing."""

    message: str


Line: TypeAlias = Say | Command | Mistake
"""What a line may be."""

COMMANDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "help": ("", "Show this list."),
        "model": ("NAME", "Ask this model from here on; without NAME: tell which one is asked."),
        "endpoint": ("NAME", "Ask this endpoint, or the one at this URL; without NAME: tell which one is asked."),
        "system": ("TEXT", "Set the system instruction; without TEXT: take it away."),
        "image": ("FILE", "Send this image with the next question."),
        "file": ("FILE", "Send this file with the next question: PDF, sound, video, or anything in text."),
        "save": ("FILE", "Write the conversation to FILE, without any key."),
        "load": ("FILE", "Go on with a conversation that was saved."),
        "retry": ("", "Ask the last question again."),
        "clear": ("", "Forget what was said."),
        "quit": ("", "End the chat; so do Ctrl-D and, at the prompt, Ctrl-C."),
    }
)
"""Command -> what stands behind it, and what it does."""
_ALONE: Final = frozenset({"help", "retry", "clear", "quit"})
_NEEDS: Final = frozenset({"image", "file", "save", "load"})
_OTHER_WORDS: Final = {"exit": "quit", "q": "quit", "?": "help", "h": "help", "reset": "clear"}


def continues(line: str) -> bool:
    r"""Return whether the next line belongs to this one: it ends with a single `\`."""
    return line.endswith("\\") and not line.endswith("\\\\")


_COMMAND: Final = re.compile(r"/([A-Za-z]+|\?)(?:\s+(.*))?", re.DOTALL)


def parse(text: str) -> Line | None:
    """Return what the text means, which may span lines; `None` if it is blank.

    A command begins with `/` and a word. So a path and a comment of a program are said as they are, and so is anything
    behind a space.
    """
    said = text.strip()
    typed = _COMMAND.fullmatch(text.rstrip())
    if typed is None:
        return Say(said) if said else None
    word, argument = typed[1], (typed[2] or "").strip()
    name = _OTHER_WORDS.get(word.lower(), word.lower())
    if name not in COMMANDS:
        return Say(said) if "\n" in said else Mistake(_unknown(word))
    if name in _ALONE and argument:
        return Mistake(f"/{name} takes nothing behind it.")
    if name in _NEEDS and not argument:
        return Mistake(f"/{name} needs a {COMMANDS[name][0]} behind it.")
    return Command(name, argument)


def _unknown(word: str) -> str:
    near = difflib.get_close_matches(word.lower(), COMMANDS, n=1, cutoff=0.5)
    hint = f"Did you mean /{near[0]}?" if near else "/help lists the commands."
    return f"There is no command /{word[:40]}. {hint} To say it, put a space before it."


_QUOTES: Final = ("'", '"')


def path_of(argument: str) -> str:
    r"""Return the path that was typed, or dropped onto the terminal: quotes off, `\ ` is a space."""
    if len(argument) > 1 and argument[0] in _QUOTES and argument.endswith(argument[0]):
        return argument[1:-1]
    return argument.replace("\\ ", " ")

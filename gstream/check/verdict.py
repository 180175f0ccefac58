"""What a probe found, as a value, and how an error becomes its one reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from gstream.errors import GStreamError

__all__ = ["Detail", "Status", "Verdict", "failed", "not_offered", "not_run", "passed", "plain", "quoted", "told"]

Status: TypeAlias = Literal["pass", "fail", "not offered", "not run"]
"""`not offered`: the model cannot do it, or the endpoint's document does not promise it (and it does not work).
`not run`: what it builds on failed, it was left out, or the check was interrupted."""

Detail: TypeAlias = str | float | None
"""A figure or a word of a verdict, for programs."""

_LONGEST: Final = 300
"""Characters of a reason: a line or two of a table."""

_QUOTED: Final = 80
"""Characters of an answer that a reason repeats."""


@dataclass(frozen=True)
class Verdict:
    """What became of one probe."""

    status: Status
    reason: str
    """One sentence or clause: what was seen."""
    details: dict[str, Detail] = field(default_factory=dict)
    """Figures behind the reason, by name."""


def passed(reason: str, **details: Detail) -> Verdict:
    """Return the verdict of a probe that found what it should."""
    return Verdict("pass", plain(reason), details)


def failed(reason: str, **details: Detail) -> Verdict:
    """Return the verdict of a probe that found something else."""
    return Verdict("fail", plain(reason), details)


def not_offered(reason: str) -> Verdict:
    """Return the verdict of a probe that nobody promised to pass."""
    return Verdict("not offered", plain(reason))


def not_run(reason: str) -> Verdict:
    """Return the verdict of a probe that was not made."""
    return Verdict("not run", plain(reason))


def told(error: GStreamError) -> str:
    """Return an error as a reason: the class that a caller catches, and its sentence."""
    return f"{type(error).__name__}: {error.message}"


def quoted(text: str) -> str:
    """Return the beginning of an answer in quotation marks; `nothing` for an empty one."""
    short = plain(text, _QUOTED)
    return repr(short) if short else "nothing"


def plain(text: str, longest: int = _LONGEST) -> str:
    """Return text on one line, cut to `longest` characters, without what could steer a terminal."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(line.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"

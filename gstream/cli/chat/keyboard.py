"""What is typed: lines with an editor, and quiet while an answer is drawn."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["typed", "unechoed"]

_PROMPT: Final = "> "
_COLOUR: Final = "\x1b[1;36m"
_PLAIN: Final = "\x1b[0m"
_LOCAL_MODES: Final = 3
"""Where `termios.tcgetattr` has the flags of echo and the like."""


def typed() -> Callable[[str], str]:
    """Return what asks the terminal for a line and takes a label to put before the prompt.

    Where the line editor is GNU readline, text pasted over several lines is one line; elsewhere each is its own.
    """
    begin, end = _COLOUR, _PLAIN
    try:
        import readline  # noqa: PLC0415 - Windows has none; importing it is what makes `input` edit lines
    except ImportError:
        pass
    else:
        readline.parse_and_bind("set enable-bracketed-paste on")
        begin, end = f"\x01{begin}\x02", f"\x01{end}\x02"  # it must know which characters take no room
    return lambda label: input(f"{begin}{label}{_PROMPT}{end}")


@contextmanager
def unechoed() -> Iterator[None]:
    """Keep keys that are pressed meanwhile from being drawn into an answer; they wait for the next prompt."""
    try:
        import termios  # noqa: PLC0415 - Windows has none
    except ImportError:
        yield
        return
    try:
        before = termios.tcgetattr(sys.stdin)
    except (OSError, ValueError, termios.error):  # no terminal
        yield
        return
    quiet = [*before]
    quiet[_LOCAL_MODES] &= ~termios.ECHO
    termios.tcsetattr(sys.stdin, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)

"""A program in tmux, a terminal emulator: keys are pressed, and the screen is what the emulator says stands on it.

tmux is driven in control mode: it takes commands from a pipe, and tells on another whenever the program wrote
something, so that waiting for words needs no clock.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from tests.screens.programs import TMUX, demand_program
from tests.screens.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["Terminal"]

_CONFIGURATION: Final = """
set -g default-terminal tmux-256color
set -g history-limit 5000
set -g escape-time 0
set -g status off
"""
_PATIENCE_S: Final = 60.0
"""Seconds after which a program that does not write what is waited for has failed."""
_KEPT: Final = 200
"""Characters of the program's output that are kept, to find its end in."""
_RUN: Final = r"""trap : INT; "$@"; printf '\033]0;ended %s\007' $?; read -r _"""
"""Runs a program, and keeps its terminal when it has ended, be it by Ctrl-C; the title tells the exit code."""
_ENDED = re.compile(r"\\033\]0;ended (\d+)\\007")
_QUOTED = {"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


class Terminal:
    """`python -m gstream ...` in a terminal; a context manager.

    Args:
        arguments: what stands behind `gstream`.
        environ: its environment.
        columns: how wide the terminal is.
        lines: how high it is.
    """

    def __init__(self, *arguments: str, environ: Mapping[str, str], columns: int, lines: int = 40) -> None:
        tmux = demand_program(TMUX)
        self._columns = columns
        self._folder = Path(tempfile.mkdtemp(prefix="gs"))  # the path of a socket is short
        (self._folder / "conf").write_text(_CONFIGURATION, encoding="ascii")
        program = ["sh", "-c", _RUN, "sh", sys.executable, "-m", "gstream", *arguments]
        self._tmux = subprocess.Popen(
            [
                tmux, "-u", "-S", str(self._folder / "s"), "-f", str(self._folder / "conf"), "-C",
                "new-session", "-x", str(columns), "-y", str(lines), "--", *program,
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**{name: value for name, value in environ.items() if name != "TMUX"}, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        self._unread = b""
        self._writes = 0
        """How often the program wrote something."""
        self._output = ""
        """The end of what the program wrote, as tmux spells it."""
        self._reply()  # to `new-session` itself

    # -- keys -------------------------------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Type a text, and Enter behind it."""
        self._ask(f"send-keys -l -- {_quoted(text)}")
        self._ask("send-keys Enter")

    def press(self, key: str) -> None:
        """Press a key by its name, as `C-c`."""
        self._ask(f"send-keys {key}")

    def paste(self, text: str) -> None:
        """Paste a text, marked as pasted where the program asked for that."""
        self._ask(f"set-buffer -- {_quoted(text)}")
        self._ask("paste-buffer -p -d")

    # -- screen -----------------------------------------------------------------------------------------------------

    def until(self, pattern: str) -> Screen:
        """Return the screen as soon as `pattern` is found on it, what was scrolled out of sight included."""
        found = re.compile(pattern)
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            seen = self._writes
            shown = self.whole()
            if found.search(shown.text):
                return shown
            assert self._more(deadline, seen), f"{pattern!r} never stood there; there stood:\n{shown.text}"

    def whole(self) -> Screen:
        """Return everything that stands there, what was scrolled out of sight included."""
        return self._captured("-S -")

    def visible(self) -> Screen:
        """Return what is in sight."""
        return self._captured("")

    def end(self) -> int:
        """Return the exit code, once the program has ended."""
        deadline = time.monotonic() + _PATIENCE_S
        while (ended := _ENDED.search(self._output)) is None:
            assert self._more(deadline, self._writes), f"it did not end; there stood:\n{self.whole().text}"
        return int(ended[1])

    def _captured(self, options: str) -> Screen:
        rows = self._ask(f"capture-pane -p -e {options}")
        return Screen.read(rows, self._ask(f"capture-pane -p -J {options}"), self._columns)

    # -- tmux -------------------------------------------------------------------------------------------------------

    def _ask(self, command: str) -> list[str]:
        assert self._tmux.stdin is not None
        self._tmux.stdin.write(f"{command}\n".encode())
        self._tmux.stdin.flush()
        return self._reply()

    def _reply(self) -> list[str]:
        """Return the lines that a command gave; what is told meanwhile is noted."""
        deadline = time.monotonic() + _PATIENCE_S
        given: list[str] | None = None
        while True:
            line = self._line(deadline)
            assert line is not None, "tmux gave no answer"
            if given is None:
                if line.startswith("%begin "):
                    given = []
                else:
                    self._note(line)
            elif line.startswith("%end "):
                return given
            elif line.startswith("%error "):
                raise AssertionError("\n".join(given))
            else:
                given.append(line)

    def _more(self, deadline: float, seen: int) -> bool:
        """Wait until the program has written more than `seen` times; return whether it did in time."""
        while self._writes <= seen:
            if (line := self._line(deadline)) is None:
                return False
            self._note(line)
        return True

    def _note(self, line: str) -> None:
        """Note what tmux tells, if it is that the program wrote something."""
        if line.startswith("%output "):
            self._writes += 1
            self._output = (self._output + line.split(" ", 2)[2])[-_KEPT:]

    def _line(self, deadline: float) -> str | None:
        assert self._tmux.stdout is not None
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._tmux.stdout], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(self._tmux.stdout.fileno(), 65_536) if ready else b""
            if not piece:
                return None
            self._unread += piece
        line, self._unread = self._unread.split(b"\n", 1)
        return line.decode("utf-8", "replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._tmux.communicate(b"kill-server\n", timeout=_PATIENCE_S)
        except BrokenPipeError:  # a test has failed because tmux ended before it
            assert self._tmux.stdout is not None
            self._tmux.stdout.close()
            self._tmux.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _quoted(text: str) -> str:
    """Return a text as one argument of a command of tmux."""
    return '"' + "".join(_QUOTED.get(letter, letter) for letter in text) + '"'

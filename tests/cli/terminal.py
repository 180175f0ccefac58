"""A program in a pseudo-terminal: what it draws is read until something stands there, keys are pressed."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["HEIGHT", "Terminal", "plain"]

HEIGHT: Final = 40
"""Lines of the terminal."""

_PATIENCE_S: Final = 30.0
"""Seconds after which a program that draws nothing more has failed."""
_REACTION_S: Final = 5.0
"""Seconds until a key is pressed again."""
_OWN: Final = "import fcntl, os, sys, termios as t; fcntl.ioctl(0, t.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
"""Makes the terminal the program's own, so that Ctrl-C reaches it."""
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


def plain(drawn: bytes) -> str:
    """Return what was drawn without escape sequences."""
    return _ESCAPE.sub("", drawn.decode("utf-8", "replace")).replace("\r\n", "\n")


class Terminal:
    """`python -m gstream ...` in a terminal of 80 columns; a context manager."""

    def __init__(self, *arguments: str, environ: Mapping[str, str], columns: int = 80) -> None:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (HEIGHT, columns))
        command = [sys.executable, "-c", _OWN, sys.executable, "-m", "gstream", *arguments]
        try:
            self._process = subprocess.Popen(
                command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                env={**environ, "TERM": "xterm-256color"},
            )  # fmt: skip
        finally:
            os.close(slave)
        os.set_blocking(self._master, False)
        self.raw = b""
        """Everything that was drawn, with its escape sequences."""
        self._read = 0

    @property
    def text(self) -> str:
        """Everything that was drawn, without escape sequences."""
        return plain(self.raw)

    def until(self, pattern: str) -> str:
        """Return what was drawn since the last call up to the end of the first match of `pattern`."""
        deadline = time.monotonic() + _PATIENCE_S
        while (found := re.compile(pattern).search(self.text, self._read)) is None:
            assert self._more(deadline), f"{pattern!r} never stood there; drawn was:\n{self.text[self._read :]}"
        drawn = self.text[self._read : found.end()]
        self._read = found.end()
        return drawn

    def press(self, keys: str) -> None:
        """Press keys; a carriage return is Enter, and the character 3 is Ctrl-C.

        Raises:
            OSError: nobody takes them any more.
        """
        left = keys.encode()
        while left:
            _, ready, _ = select.select([], [self._master], [], _REACTION_S)
            if not ready:  # a program that ended a moment ago leaves a terminal that would wait for ever
                raise OSError(f"the program does not take {keys!r}")
            left = left[os.write(self._master, left) :]

    def paste(self, text: str) -> None:
        """Paste text, as terminals do it where a program asked to be told."""
        self.press(f"\x1b[200~{text}\x1b[201~")

    def end(self) -> int:
        """Return the exit code, once the program has ended."""
        deadline = time.monotonic() + _PATIENCE_S
        while self._more(deadline):
            pass
        return self._process.wait(_PATIENCE_S)

    def leave(self, key: str) -> int:
        """Press a key until the program ends, and return the exit code.

        Once is enough for a person. But what Ctrl-C does is lost in the instant between the prompt and the line
        editor's waiting for keys, and a test may be that fast on a busy machine.
        """
        while self._process.poll() is None:
            try:
                self.press(key)
            except OSError:  # it has ended
                break
            deadline = time.monotonic() + _REACTION_S
            while self._more(deadline):
                pass
        return self.end()

    def _more(self, deadline: float) -> bool:
        """Read what is there; whether more may come."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            piece = os.read(self._master, 65_536)
        except OSError:  # Linux tells so that the other side is closed
            return False
        self.raw += piece
        return bool(piece)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

"""The command `gstream`. Importing this package needs the standard library alone; running it needs the cli extra.

`app` puts the commands together and turns errors into exit codes; `console` decides how output looks; each command has
a module of its name. Frameworks and the emulator are imported by the command that needs them, when it runs.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Final

__all__ = ["main"]

_NEEDED: Final = ("aiohttp", "rich", "typer")
"""What the extra `cli` brings."""
_MISSING: Final = 'This command needs the cli extra: pip install "gstream[cli]"'


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrongly called, 130 interrupted.

    Raises:
        SystemExit: always.
    """
    if any(find_spec(name) is None for name in _NEEDED):
        sys.stderr.write(f"{_MISSING}\n")
        raise SystemExit(2)
    from gstream.cli.app import app  # noqa: PLC0415 - it needs the extra, which is there from here on

    app(prog_name="gstream")

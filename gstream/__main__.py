"""`python -m gstream` is the command `gstream`."""

from __future__ import annotations

from gstream.cli import main

if __name__ == "__main__":
    main()

"""One emulator a fault, and an honest one, in a process of their own.

`python -m tests.soak.servers` runs until its standard input ends.
It says where each of them listens, as one line of JSON: fault (empty: honest) to base URL and key.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack

from gstream.emulator import Emulator
from tests.faults.table import ANSWERS, ERRORS

KEPT = 50
"""Requests that each emulator keeps."""


def main() -> None:
    """Serve until nobody asks any more."""
    faults = sorted({*(row.fault for row in ANSWERS), *(row.fault for row in ERRORS)})
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(Emulator("google", fault=name or None, keep=KEPT)) for name in ("", *faults)
        }
        print(json.dumps({name: [one.base_url, one.api_key] for name, one in running.items()}), flush=True)  # noqa: T201
        sys.stdin.read()


if __name__ == "__main__":
    main()

"""One emulator a fault, and an honest one, in a process of their own.

`python -m tests.soak.servers` runs until its standard input ends.
It says where each of them listens, as one line of JSON: fault (empty: honest) to base URL and key.
"""

from __future__ import annotations

import json
import sys
import threading
from contextlib import ExitStack

from gstream.emulator import Emulator
from tests.faults.table import ANSWERS, ERRORS

KEPT = 50
"""Requests that each emulator keeps."""
_SWEEP_S = 1.0


def _sweep(emulators: list[Emulator], stopped: threading.Event) -> None:
    """Forget requests: an emulator keeps all it ever saw, bodies included."""
    while not stopped.wait(_SWEEP_S):
        for emulator in emulators:
            record = emulator._record
            with record.changed:
                del record.received[:-KEPT]


def main() -> None:
    """Serve until nobody asks any more."""
    faults = sorted({*(row.fault for row in ANSWERS), *(row.fault for row in ERRORS)})
    stopped = threading.Event()
    with ExitStack() as stack:
        running = {name: stack.enter_context(Emulator("google", fault=name or None)) for name in ("", *faults)}
        print(json.dumps({name: [one.base_url, one.api_key] for name, one in running.items()}), flush=True)  # noqa: T201
        sweeper = threading.Thread(target=_sweep, args=(list(running.values()), stopped))
        sweeper.start()
        sys.stdin.read()
        stopped.set()
        sweeper.join()


if __name__ == "__main__":
    main()

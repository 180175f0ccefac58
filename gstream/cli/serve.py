"""`gstream serve`: the emulator in a terminal, with lines to paste and a line for each request."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from gstream import ConfigurationError, ConnectionFailed, Usage
from gstream.cli import console

if TYPE_CHECKING:
    from rich.console import Console

    from gstream.emulator import Emulator, Received

__all__ = ["serve"]

_MODEL: Final = "gemini-2.5-flash"
_POLL_S: Final = 0.2
"""Seconds until a request whose connection a fault broke counts as over: it never reports an end of its own."""
_KEPT: Final = 1_000
"""Requests that the emulator keeps, bodies included, for those who read its report."""
_GOOD: Final = 400
"""Statuses below it are no errors."""


def serve(
    endpoint: Annotated[
        str, typer.Argument(metavar="ENDPOINT", help="Whose dialect to speak; see gstream endpoints.")
    ] = "google",
    *,
    port: Annotated[int, typer.Option(min=0, max=65_535, metavar="N", help="The port; 0: any free one.")] = 0,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="A loopback address.")] = "127.0.0.1",
    fault: Annotated[str | None, typer.Option(metavar="NAME", help="Break in this way; see --list-faults.")] = None,
    fault_times: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Break the first N requests only; without it, all.")
    ] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="List the faults and exit.")] = False,
    pace: Annotated[float, typer.Option(min=0, metavar="S", help="Seconds between two chunks; 0: all at once.")] = 0.02,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="Answer every request with these bytes."),
    ] = None,
) -> None:
    """Serve a local reseller, to write and test against.

    It speaks the dialect of one endpoint on loopback, needs no key and no network, answers out of the request alone,
    refuses what Google refuses, and can break in named ways. Ctrl-C ends it.
    """
    out = console.output()
    if list_faults:
        _show_faults(out)
        return
    _demand_loopback(host)
    from gstream.emulator import Emulator  # noqa: PLC0415 - the HTTP server takes a tenth of a second to import

    emulator = Emulator(
        endpoint, host=host, port=port, fault=fault, fault_times=fault_times, replay=replay, pace_s=pace, keep=_KEPT
    )
    try:
        emulator.start()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConnectionFailed(f"Cannot listen on {host}, port {port}: {reason}. Try --port 0.") from None
    try:
        _introduce(out, emulator)
        _report(out, emulator)
    except KeyboardInterrupt:
        out.print("\nStopped.", style="dim")
    finally:
        emulator.stop()


def _demand_loopback(host: str) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ConfigurationError(
            f"--host {host} is no loopback address, and the emulator serves this machine only: "
            "use 127.0.0.1, ::1 or localhost."
        )


def _show_faults(out: Console) -> None:
    from gstream.emulator import FAULTS  # noqa: PLC0415 - as in `serve`

    table = Table.grid(padding=(0, 2))
    for name, known in FAULTS.items():
        table.add_row(Text(name, "bold cyan", no_wrap=True), known.summary)
    console.fits(out, table)
    out.print(table)


def _introduce(out: Console, emulator: Emulator) -> None:
    """Print where it listens and what to paste."""
    facts = emulator.endpoint
    out.print(Text.assemble("Emulating ", (facts.name, "bold cyan"), f" ({facts.title}). Ctrl-C stops it.\n"))
    for label, value in (("base URL", emulator.base_url), ("key", emulator.api_key)):
        console.unwrapped(out, f"{label:<9} {value}", "bold")
    arguments = (
        f'    model="{_MODEL}",\n    endpoint="{facts.name}",\n'
        f'    base_url="{emulator.base_url}",\n    api_key="{emulator.api_key}",\n)'
    )
    curl = (
        f"curl -N '{emulator.base_url}/models/{_MODEL}:streamGenerateContent?alt=sse' \\\n"
        f"  -H 'x-goog-api-key: {emulator.api_key}' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        """  -d '{"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}'"""
    )
    snippets = (
        ("LangChain", f"from langchain_gstream import ChatGStream\n\nllm = ChatGStream(\n{arguments}"),
        ("LlamaIndex", f"from llamaindex_gstream import GStream\n\nllm = GStream(\n{arguments}"),
        ("curl", curl),
    )
    for title, snippet in snippets:
        out.print(f"\n# {title}", style="dim")
        console.unwrapped(out, snippet)
    out.print("\n# requests", style="dim")


def _report(out: Console, emulator: Emulator) -> None:
    """Print a line for each request as it ends, until an interrupt."""
    waiting: list[Received] = []
    seen = 0  # the number of the last request that was looked at
    while True:
        _wait(emulator, seen, waiting)
        over = [received for received in waiting if _is_over(received) or _is_broken(received)]
        fresh, missed = _since(seen, emulator.requests)
        seen += missed + len(fresh)
        if missed:
            out.print(f"{missed:,} requests came too fast to be listed.", style="red")
        over += [received for received in fresh if _is_over(received)]
        printed = set(map(id, over))
        waiting = [received for received in (*waiting, *fresh) if id(received) not in printed]
        for received in over:
            console.unwrapped(out, _line(received), "" if 0 < received.status < _GOOD else "red")


def _since(seen: int, requests: list[Received]) -> tuple[list[Received], int]:
    """Return the requests behind number `seen`, and how many of them came and went unseen."""
    fresh = [received for received in requests if received.number > seen]
    return fresh, fresh[0].number - seen - 1 if fresh else 0


def _wait(emulator: Emulator, seen: int, waiting: list[Received]) -> None:
    """Wait until there is a new request or a known one is over, and not much longer."""
    emulator.wait_until(
        lambda requests: any(map(_is_over, waiting)) or (bool(requests) and requests[-1].number > seen), _POLL_S
    )


def _is_over(received: Received) -> bool:
    return received.finished or received.disconnected


def _is_broken(received: Received) -> bool:
    """Return whether a fault deals with the connection itself, so that no proper end is to be expected."""
    from gstream.emulator import FAULTS  # noqa: PLC0415 - as in `serve`

    return received.fault in FAULTS and FAULTS[received.fault].delivery is not None


def _line(received: Received) -> str:
    """Return when, what, how it was answered, tokens read and written, and what went wrong."""
    parts = [
        datetime.now().astimezone().strftime("%H:%M:%S"),
        received.method,
        received.path,
        str(received.status or "no answer"),
    ]
    if received.usage:
        usage = Usage.read(received.usage)
        parts.append(f"{usage.input} -> {usage.output} tokens")
    if received.fault:
        parts.append(f"fault {received.fault}")
    if received.disconnected:
        parts.append("the client went away")
    return "  ".join(parts)

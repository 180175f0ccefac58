"""How a check looks: the cost before it, the progress during it, and the tables behind it."""

from __future__ import annotations

import statistics
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich import box
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from gstream.cli import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from gstream.check import Cost, Probe, Report, Verdict

__all__ = ["Screen"]

_STYLES: Final = {"pass": "green", "fail": "bold red", "not offered": "yellow", "not run": "dim"}
_WORDS: Final = {"fail": "FAIL"}
"""A status that must be seen without colour too."""
_SIGNS: Final = {**_WORDS, "not offered": "-", "not run": "..."}
"""Statuses short enough for all endpoints to stand side by side in 80 columns."""
_WIDEST: Final = 100
"""Columns of running text and of a rule: longer lines are hard to read."""
_NARROW: Final = 60
"""Columns below which reasons stand under the names of the probes, not beside them."""
_INDENT: Final = (0, 0, 0, 2)


class Screen:
    """The terminal, or the pipe, that a check writes to."""

    def __init__(self, out: Console) -> None:
        self._out = out

    # -- before -----------------------------------------------------------------------------------------------------

    def probes(self, probes: Iterable[Probe]) -> None:
        """Print what can be found out."""
        table = _table("probe", "asks", "a pass tells")
        table.columns[0].no_wrap = True
        for probe in probes:
            table.add_row(Text(probe.name, "bold cyan"), probe.asks, probe.tells)
        self._print(table)

    def announce(self, costs: Sequence[tuple[str, Cost]], model: str) -> None:
        """Print whom the check asks, and about what that costs."""
        names = ", ".join(name for name, _ in costs)
        requests = sum(cost.requests for _, cost in costs)
        tokens_in, tokens_out = sum(cost.tokens_in for _, cost in costs), sum(cost.tokens_out for _, cost in costs)
        self._out.print(Text.assemble("Checking ", (names, "bold cyan"), " with ", (model, "bold"), "."))
        words = (
            f"This sends about {requests} requests: roughly {_round(tokens_in)} tokens in and {_round(tokens_out)} out"
        )
        self._say(f"{words}, which the {'endpoint bills' if len(costs) == 1 else 'endpoints bill'} as usual.")

    def confirmed(self) -> bool:
        """Ask whether to go on; return the answer, yes for a bare Enter."""
        try:
            answer = self._out.input("Go on? [Y/n] ")
        except EOFError:
            return False
        return answer.strip().lower() in {"", "y", "yes"}

    # -- during -----------------------------------------------------------------------------------------------------

    @contextmanager
    def progress(self, report: Report) -> Iterator[Callable[[Probe], None]]:
        """Show how far the check of an endpoint is; the function given takes each probe as it begins.

        Nothing is shown outside a terminal, and nothing stays in one.
        """
        bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[tally]}", style="red"),
            console=self._out,
            transient=True,
            disable=not self._out.is_terminal,
        )
        with bar:
            task = bar.add_task(report.name, total=len(report.probes), tally="")

            def step(probe: Probe) -> None:
                words = Text.assemble((f"{report.name} ", "bold cyan"), f"{probe.name:<12}")
                bar.update(
                    task, description=words.markup, completed=len(report.verdicts), tally=_tally(report, short=True)
                )

            yield step

    # -- after ------------------------------------------------------------------------------------------------------

    def show(self, reports: Sequence[Report]) -> None:
        """Print what was found: one table for one endpoint, side by side for several."""
        self._out.print()
        if len(reports) == 1:
            self._one(reports[0])
        elif reports:
            self._compared(reports)
        for report in reports:
            self._closing(report)

    def wrote(self, file: Path) -> None:
        """Print where the web page lies."""
        console.unwrapped(self._out, f"\nThe report is in {file}", "dim")

    def _one(self, report: Report) -> None:
        if self._out.is_terminal and self._out.width < _NARROW:
            self._narrow(report)
            return
        table = _table("probe", "", "what was found")
        table.columns[0].no_wrap = table.columns[1].no_wrap = True
        for group in report.groups:
            if (whole := group.whole) is not None:
                table.add_row(Text(group.name, "dim italic"), _status(whole), Text(whole.reason, "dim"))
                continue
            table.add_row(Text(group.name, "dim italic"))
            for probe, verdict in group.rows:
                table.add_row(Text(f"  {probe.name}", "cyan"), _status(verdict), _found(probe, verdict))
        self._print(table, widest=_WIDEST)

    def _narrow(self, report: Report) -> None:
        for group in report.groups:
            self._out.print(group.name, style="dim italic")
            for probe, verdict in group.rows:
                self._out.print(Text.assemble("  ", (f"{probe.name} ", "cyan"), _status(verdict)))
                if group.whole is None:
                    self._out.print(Padding(_found(probe, verdict), (0, 0, 0, 4)))

    def _compared(self, reports: Sequence[Report]) -> None:
        table = _table("probe", *(report.name for report in reports))
        for column in table.columns:
            column.no_wrap = True
        for name in reports[0].probes:
            found = [report.verdicts.get(name) for report in reports]
            table.add_row(Text(name, "cyan"), *(_status(one, _SIGNS) if one else Text() for one in found))
        table.add_section()
        table.add_row(Text("first chunk", "cyan"), *(_median(report.speed.first_s, "s") for report in reports))
        table.add_row(Text("tokens/s", "cyan"), *(_median(report.speed.tokens_per_s, "") for report in reports))
        if not console.fits(self._out, table):
            for report in reports:
                self._out.print(report.name, style="bold cyan")
                self._one(report)
            return
        self._print(table)
        met = {verdict.status for report in reports for verdict in report.verdicts.values()}
        if legend := "    ".join(f"{sign}  {status}" for status, sign in _SIGNS.items() if status in met - {"fail"}):
            self._out.print(f"\n{legend}", style="dim")
        for report in reports:
            for probe, verdict in report.failures:
                self._out.print()
                self._out.print(Text.assemble((report.name, "bold cyan"), " ", (probe.name, "bold red")))
                self._out.print(Padding(Text(verdict.reason), _INDENT))
                self._out.print(Padding(Text(probe.failing, "italic"), _INDENT))

    def _closing(self, report: Report) -> None:
        """Print the sum of it all, and what to paste."""
        tokens_in, tokens_out = report.tokens
        self._out.print()
        rule = Rule(Text(report.name, "bold cyan"), align="left", style="cyan", characters="─")
        self._out.print(rule, width=min(self._out.width, _WIDEST))
        requests = "1 request" if report.requests == 1 else f"{report.requests} requests"
        tokens = f"{tokens_in:,} tokens in, {tokens_out:,} out"
        self._say(f"{_tally(report)}; {requests}, {tokens}, {report.took_s:.1f} s.")
        if report.interrupted:
            self._out.print("The check was interrupted: this is what was found so far.", style="yellow")
        if line := report.line("ChatGStream"):
            self._out.print(f"{report.use}:")
            console.unwrapped(self._out, line, "bold")
            console.unwrapped(self._out, report.line("GStream"), "bold")

    def _say(self, words: str) -> None:
        """Print a sentence; outside a terminal on one line."""
        self._out.print(words, soft_wrap=not self._out.is_terminal)

    def _print(self, table: Table, widest: int | None = None) -> None:
        """Print a table; in a terminal no wider than `widest` columns."""
        console.fits(self._out, table)
        self._out.print(table, width=min(self._out.width, widest) if widest and self._out.is_terminal else None)


def _table(*headers: str) -> Table:
    table = Table(*headers, box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in table.columns:
        column.overflow = "fold"
    return table


def _status(verdict: Verdict, words: Mapping[str, str] = _WORDS) -> Text:
    return Text(words.get(verdict.status, verdict.status), _STYLES[verdict.status])


def _found(probe: Probe, verdict: Verdict) -> Text:
    """Return the reason, and below the one of a failure what that means."""
    if verdict.status != "fail":
        return Text(verdict.reason, "" if verdict.status == "pass" else "dim")
    return Text.assemble((verdict.reason, "red"), "\n", (f"→ {probe.failing}", "italic"))


def _tally(report: Report, *, short: bool = False) -> str:
    counts = [(status, report.count(status)) for status in ("pass", "fail", "not offered", "not run")]
    if short:
        return f"{report.count('fail')} failed" if report.count("fail") else ""
    return ", ".join(f"{count} {status}" for status, count in counts if count or status == "fail")


def _median(values: Sequence[float], unit: str) -> Text:
    from gstream.check.speed import shown_s  # noqa: PLC0415 - `gstream --help` does without the battery

    if not values:
        return Text("-", "dim")
    middle = statistics.median(values)
    return Text(shown_s(middle) if unit else f"{middle:,.0f}")


def _round(tokens: int) -> str:
    """Return an estimate as one: two figures that count."""
    step = 10 ** max(0, len(str(tokens)) - 2)
    return f"{round(tokens / step) * step:,}"

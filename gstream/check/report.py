"""What a check found at one endpoint: filled while it runs, read as JSON and as the lines to paste."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from gstream._version import __version__
from gstream.check.battery import BATTERY
from gstream.check.speed import Speed
from gstream.check.verdict import not_run
from gstream.endpoints import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gstream.check.exchange import Exchange
    from gstream.check.probe import Probe
    from gstream.check.verdict import Status, Verdict
    from gstream.endpoints import Target
    from gstream.messages import JsonObject

__all__ = ["Group", "Report", "document"]


class Group(NamedTuple):
    """What was found by the probes of one group, in order."""

    name: str
    rows: tuple[tuple[Probe, Verdict], ...]

    @property
    def whole(self) -> Verdict | None:
        """The verdict that says it all: none of several was run, for one reason; `None`: there is more to say."""
        first = self.rows[0][1]
        same = {(verdict.status, verdict.reason) for _, verdict in self.rows} == {("not run", first.reason)}
        return first if same and len(self.rows) > 1 else None


@dataclass
class Report:
    """What is known of one endpoint so far."""

    target: Target
    """Where the user wanted to go."""
    model: str
    probes: Mapping[str, Probe]
    """What was to be found out, in order."""
    found: Target | None = None
    """What works: the URL and the form of the key; `None`: nothing does, or it is not known yet."""
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    """Name of a probe -> what was found."""
    exchanges: dict[str, tuple[Exchange, ...]] = field(default_factory=dict)
    """Name of a probe -> what was asked for it."""
    key_variable: str = ""
    """The environment variable that the key was read from."""
    took_s: float = 0.0
    interrupted: bool = False

    @property
    def name(self) -> str:
        """What to call the endpoint: its name, or the host of one that has none."""
        endpoint = self.target.endpoint
        if ENDPOINTS.get(endpoint.name) is not None:
            return endpoint.name
        return (endpoint.base_url or endpoint.name).split("://")[-1].split("/")[0]

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return sum(1 + len(one.earlier) for exchanges in self.exchanges.values() for one in exchanges)

    @property
    def tokens(self) -> tuple[int, int]:
        """The tokens that the endpoint counted, in and out."""
        counts = [
            one.answer.usage
            for exchanges in self.exchanges.values()
            for one in exchanges
            if one.answer is not None and one.answer.usage is not None
        ]
        return sum(count.input for count in counts), sum(count.output for count in counts)

    @property
    def speed(self) -> Speed:
        """The figures of `speed`."""
        return Speed.of(self.exchanges.get("speed", ()))

    def count(self, status: Status) -> int:
        """Return how many probes have that status."""
        return sum(verdict.status == status for verdict in self.verdicts.values())

    @property
    def good(self) -> bool:
        """Whether nothing failed, and the check came to its end."""
        return not self.count("fail") and not self.interrupted

    @property
    def failures(self) -> list[tuple[Probe, Verdict]]:
        """The probes that failed."""
        return [(self.probes[name], verdict) for name, verdict in self.verdicts.items() if verdict.status == "fail"]

    @property
    def groups(self) -> list[Group]:
        """What was found, by group, in order."""
        found = ((self.probes[name], verdict) for name, verdict in self.verdicts.items())
        return [Group(name, tuple(rows)) for name, rows in groupby(found, key=lambda row: row[0].group)]

    def interrupt(self) -> None:
        """Note that the check ends before its end: what was not found out is said not to have been run."""
        self.interrupted = True
        for name in self.probes:
            self.verdicts.setdefault(name, not_run("interrupted"))

    def line(self, class_name: str) -> str:
        """Return the line that makes a model object of `class_name` with what was found; empty: nothing answered.

        The key is left to the environment variable, so it is not in the line; `use` tells which.
        """
        answered = self.verdicts.get("answer")
        if self.found is None or answered is None or answered.status != "pass":
            return ""
        endpoint, known = self.found.endpoint, ENDPOINTS.get(self.found.endpoint.name)
        arguments = [f"model={self.model!r}"]
        if known is not None:
            arguments.append(f"endpoint={endpoint.name!r}")
        if known is None or endpoint.base_url != known.base_url:
            arguments.append(f"base_url={endpoint.base_url!r}")
        if self.found.auth is not None and self.found.auth != endpoint.auth:
            arguments.append(f"auth={self.found.auth!r}")
        return f"llm = {class_name}({', '.join(arguments)})".replace("'", '"')

    @property
    def use(self) -> str:
        """What to say before `line`."""
        return "To use it as it was found to work" + (f", its key in {self.key_variable}" if self.key_variable else "")


def document(reports: Sequence[Report]) -> JsonObject:
    """Return one document that holds all reports, for programs. No key is in it."""
    return {
        "gstream": __version__,
        "ok": all(report.good for report in reports),
        "interrupted": any(report.interrupted for report in reports),
        "endpoints": [_endpoint_json(report) for report in reports],
    }


def _endpoint_json(report: Report) -> JsonObject:
    found = report.found
    speed = report.speed
    tokens_in, tokens_out = report.tokens
    return {
        "endpoint": report.name,
        "model": report.model,
        "base_url": (found or report.target).endpoint.base_url,
        "auth": found.auth if found else None,
        "key_variable": report.key_variable or None,
        "ok": report.good,
        "interrupted": report.interrupted,
        "requests": report.requests,
        "tokens": {"in": tokens_in, "out": tokens_out},
        "took_s": round(report.took_s, 3),
        "speed": {
            "first_chunk_s": _figures(speed.first_s),
            "tokens_per_s": _figures(speed.tokens_per_s),
        },
        "lines": {name: report.line(name) for name in ("ChatGStream", "GStream") if report.line(name)},
        "probes": [
            {
                "name": name,
                "group": BATTERY[name].group,
                "status": verdict.status,
                "reason": verdict.reason,
                "means": BATTERY[name].failing if verdict.status == "fail" else None,
                "details": verdict.details,
            }
            for name, verdict in report.verdicts.items()
        ],
    }


def _figures(values: Sequence[float]) -> dict[str, Any]:
    return {
        "median": round(statistics.median(values), 4) if values else None,
        "values": [round(value, 4) for value in values],
    }

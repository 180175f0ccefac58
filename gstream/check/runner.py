"""The loop of a check: asks through the public `Client`, has every exchange judged, and fills the report.

Requests go out one after the other, so that none slows another down. A failure that waiting may heal (a rate limit, an
overload, no connection) is repeated as `RetryPolicy` says; a broken answer never is, as it is what is looked for.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from gstream.check import judge_answers, questions
from gstream.check.access import Search, access_verdicts
from gstream.check.exchange import Exchange
from gstream.check.probe import Probe, undocumented
from gstream.check.report import Report
from gstream.check.verdict import Verdict, not_offered, not_run
from gstream.chunks import collect
from gstream.client import Client
from gstream.errors import (
    ConfigurationError,
    ConnectionFailed,
    EmptyAnswerError,
    EndpointError,
    GStreamError,
    InvalidRequestError,
)
from gstream.models import facts
from gstream.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gstream.endpoints import Target
    from gstream.messages import Prompt
    from gstream.timeout import TimeoutLike

__all__ = ["Check", "Cost"]

_ACCESS: Final = ("reach", "credential", "answer")
_THOUGHT: Final = 250
"""Tokens that a thinking model may spend on each of these questions before it answers."""


@dataclass(frozen=True)
class Cost:
    """What a check costs at most one endpoint, about."""

    requests: int
    tokens_in: int
    tokens_out: int


@dataclass
class Check:
    """One check of one endpoint. `run()` does it, and `report` holds what was found, also if it is interrupted.

    Args:
        target: where; its `auth` fixes the form of the key, `None` there tries them all.
        model: the model's name as the endpoint spells it.
        probes: what to find out, in order (`battery.chosen`).
        image_model: the model for images out; `None`: none is asked.
        tries: how often the speed is measured.
        timeout: as `Timeout.of` takes it.
        policy: when a failed request is repeated.
        wait: how to wait that many seconds.
        clock: the time in seconds.
    """

    target: Target
    model: str
    probes: Mapping[str, Probe]
    image_model: str | None = None
    tries: int = 3
    timeout: TimeoutLike = None
    policy: RetryPolicy = field(default_factory=lambda: RetryPolicy(longest_wish_s=30.0))
    wait: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    report: Report = field(init=False)

    def __post_init__(self) -> None:
        self.report = Report(self.target, self.model, self.probes)

    def cost(self) -> Cost:
        """Return what the check will cost if every probe is made."""
        asked = [probe for probe in self.probes.values() if probe.question and not self._unable(probe)]
        total_in, total_out, requests = 20, 20, 1
        thought = 0 if facts(self.model).known and facts(self.model).thinking == "none" else _THOUGHT
        for probe in asked:
            times = self._times(probe)
            requests += times
            if not probe.expects_error:
                total_in += times * probe.tokens_in
                total_out += times * (probe.tokens_out + thought)
        return Cost(requests, total_in, total_out)

    def run(self) -> Iterator[Probe]:
        """Make the probes; yield each before it is made. What is found is in `report`.

        Raises:
            ConfigurationError: no request can be made of what was given.
        """
        started = self.clock()
        try:
            yield self.probes["reach"]
            self._search()
            for name, probe in self.probes.items():
                if name not in _ACCESS:
                    yield probe
                    self.report.verdicts[name] = self._verdict(probe)
                    self.report.took_s = self.clock() - started
        finally:
            self.report.took_s = self.clock() - started

    # -- one probe --------------------------------------------------------------------------------------------------

    def _search(self) -> None:
        search = Search(self.target)
        heard: list[Exchange] = []
        while search.target is not None:
            exchange = self._ask(search.target, questions.plain(self.model))
            if isinstance(exchange.error, ConfigurationError):
                raise exchange.error
            heard.append(exchange)
            self.report.exchanges["answer"] = tuple(heard)
            search.heard(exchange)
        self.report.verdicts.update(access_verdicts(search))
        self.report.found = search.found

    def _verdict(self, probe: Probe) -> Verdict:
        if missing := self._missing(probe):
            return missing
        if reason := self._unable(probe):
            return not_offered(reason)
        if probe.question is not None:
            self._make(probe)
        verdict = self._judged(probe)
        path = undocumented(probe, self.target.endpoint)
        if verdict.status == "fail" and path and self._understood(probe):
            return not_offered(f"its document does not list {path}, and: {verdict.reason}")
        return verdict

    def _understood(self, probe: Probe) -> bool:
        """Return whether a probe failed by what the endpoint made of the request, not by an accident on the way."""
        errors = [one.error for one in self.report.exchanges.get(probe.name, ()) if one.error is not None]
        return all(isinstance(error, InvalidRequestError | EmptyAnswerError) for error in errors)

    def _missing(self, probe: Probe) -> Verdict | None:
        """Return the verdict on a probe whose ground is missing; `None`: it can be made."""
        for name in (*probe.needs, *filter(None, (probe.reads,))):
            ground = self.report.verdicts.get(name)
            if ground is None or ground.status == "pass" or (name == probe.reads and self._answered(name)):
                continue
            return not_offered(ground.reason) if ground.status == "not offered" else not_run(f"needs {name}")
        return None

    def _answered(self, name: str) -> bool:
        return any(one.answer is not None for one in self.report.exchanges.get(name, ()))

    def _unable(self, probe: Probe) -> str:
        if probe.asked != "image model":
            return probe.unable(facts(self.model))
        return probe.unable(facts(self.image_model)) if self.image_model else "no --image-model was given"

    def _times(self, probe: Probe) -> int:
        return self.tries if probe.measured else 1

    def _make(self, probe: Probe) -> None:
        """Ask what a probe asks; each exchange is in the report as soon as it is over."""
        target = self.report.found or self.target
        if probe.json_schema is not None:
            target = replace(target, endpoint=replace(target.endpoint, json_schema=probe.json_schema))
        if probe.asked == "model without key":
            target = replace(target, api_key=questions.NO_KEY)
        model = self.image_model if probe.asked == "image model" and self.image_model else self.model
        for _ in range(self._times(probe)):
            if probe.question is not None:
                exchange = self._ask(
                    target, probe.question(model, self.report.exchanges), again=not probe.expects_error
                )
                self.report.exchanges[probe.name] = (*self.report.exchanges.get(probe.name, ()), exchange)

    def _judged(self, probe: Probe) -> Verdict:
        if probe.overall is not None:
            return probe.overall(self.report.exchanges)
        if probe.judge is None:
            raise LookupError(f"the probe {probe.name} has no judge")  # a mistake in the battery
        exchanges = self.report.exchanges.get(probe.reads or probe.name, ())
        if not probe.expects_error and not probe.measured and not probe.reads:
            broken = next((one for one in exchanges if one.error is not None), None)
            if broken is not None:
                return judge_answers.refusal(broken)
        return probe.judge(exchanges)

    # -- one request ------------------------------------------------------------------------------------------------

    def _ask(self, target: Target, prompt: Prompt, *, again: bool = True) -> Exchange:
        earlier: list[GStreamError] = []
        while True:
            exchange = replace(self._asked(target, prompt), earlier=tuple(earlier))
            error = exchange.error
            healing = isinstance(error, EndpointError | ConnectionFailed) and not exchange.arrivals_s
            if error is None or not again or not healing:
                return exchange
            delay = self.policy.delay(len(earlier) + 1, error)
            if delay is None:
                return exchange
            earlier.append(error)
            self.wait(delay)

    def _asked(self, target: Target, prompt: Prompt) -> Exchange:
        client = Client(target, timeout=self.timeout, max_retries=0)
        started = self.clock()
        chunks, arrivals = [], []
        try:
            for chunk in client.stream(prompt):
                chunks.append(chunk)
                if chunk.parts:
                    arrivals.append(self.clock() - started)
        except GStreamError as error:
            return Exchange(prompt, None, error, tuple(arrivals), self.clock() - started)
        return Exchange(prompt, collect(chunks), None, tuple(arrivals), self.clock() - started)

"""Every fault of the table in `tests/faults`, made by an upstream behind the proxy.

It ends in the whole right answer or in the right error, as without a proxy; where the proxy itself takes something
away, `losses` says what is left. Each row goes through one of the eight call forms, in turn, on each route.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, assert_never

import pytest

from gstream.emulator.faults import FAULTS
from langchain_gstream import ChatGStream
from tests.faults.forms import FORMS, Form, Outcome
from tests.faults.table import ANSWERS, ERRORS, Answered, Failed
from tests.faults.told import Told, honest_documents, read, signed_in
from tests.gateways.losses import LOSSES, Changed, Ended
from tests.gateways.proxy import ROUTES, Gateway, Route, Upstream

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

_PATIENT = {"connect": 10.0, "first_byte": 30.0, "idle": 30.0}
_SHORT = {"connect": 10.0, "first_byte": 1.0, "idle": 1.0}


def _cases(rows: Sequence[Answered | Failed], *, lost: bool) -> list[Any]:
    """Return `(route, row, form)` for each row on each route: of the rows with a loss there, or of all others."""
    cases = []
    for number, row in enumerate(rows):
        for shift, route in zip((0, len(FORMS) // 2), ROUTES, strict=True):  # one route asks LangChain, one LlamaIndex
            form = FORMS[(number + shift) % len(FORMS)]
            if (row.fault in LOSSES[route]) is lost:
                cases.append(pytest.param(route, row, form, id=f"{route}-{row.fault}-{form.name}"))
    return cases


def _ask(upstream: Upstream, row: Answered | Failed, form: Form, runner: asyncio.Runner) -> Outcome:
    """Ask once, with `base_url` alone as the address."""
    short = isinstance(row, Failed) and row.short
    where = {"endpoint": None, "base_url": upstream.base_url, "max_retries": 0}
    model = form.model(upstream, row.question, timeout=_SHORT if short else _PATIENT, **where)
    return form(model, row.question, runner)


def _expected(row: Answered, form: Form, upstream: Upstream) -> Told:
    """Return what the answer tells as it left the upstream."""
    honest = honest_documents(upstream.requests[0])
    told = row.expect(read(honest))
    if row.unsent and form.make is ChatGStream:
        told = replace(told, signatures=())
    bend = FAULTS[row.fault].documents
    if row.bent_signatures and bend is not None:
        told = replace(told, signatures=signed_in(bend(honest)))
    return told


@pytest.mark.parametrize(("route", "row", "form"), _cases(ANSWERS, lost=False))
def test_the_whole_right_answer_comes_through(
    gateway: Gateway, route: Route, row: Answered, form: Form, runner: asyncio.Runner
) -> None:
    with Upstream(gateway, route, fault=row.fault) as upstream:
        outcome = _ask(upstream, row, form, runner)

    assert outcome.error is None
    assert outcome.told == _expected(row, form, upstream)
    assert len(upstream.requests) == 1
    if form.streams:
        assert outcome.delivered == outcome.told.text


@pytest.mark.parametrize(("route", "row", "form"), _cases(ERRORS, lost=False))
def test_the_right_error_comes_through(
    gateway: Gateway, route: Route, row: Failed, form: Form, runner: asyncio.Runner
) -> None:
    with Upstream(gateway, route, fault=row.fault) as upstream:
        outcome = _ask(upstream, row, form, runner)
    error = outcome.error
    arrived = read(honest_documents(upstream.requests[-1])[: row.arrived])

    assert error is not None
    assert next(cls for cls in type(error).__mro__ if cls.__module__ == "gstream.errors") is row.error
    assert [words for words in row.words if words not in error.message] == []
    assert [words for words in row.unsaid if words in error.message] == []
    assert (error.endpoint, error.model) == ("custom", row.question.parameters["model"])
    assert {name: getattr(error, name) for name in row.facts or {}} == (row.facts or {})
    assert _partial(outcome) == arrived.text
    assert outcome.delivered == (arrived.text if form.streams else "")


@pytest.mark.parametrize(("route", "row", "form"), [*_cases(ANSWERS, lost=True), *_cases(ERRORS, lost=True)])
def test_what_the_proxy_takes_away_is_on_the_list(
    gateway: Gateway, route: Route, row: Answered | Failed, form: Form, runner: asyncio.Runner
) -> None:
    loss = LOSSES[route][row.fault]
    with Upstream(gateway, route, fault=row.fault) as upstream:
        outcome = _ask(upstream, row, form, runner)

    match loss:
        case Ended():
            _check_end(outcome, row, loss, upstream)
        case Changed():
            assert isinstance(row, Answered)
            expected = _expected(row, form, upstream)
            assert outcome.told == loss.expect(expected)
            assert outcome.told != expected
        case _:
            assert_never(loss)


def _check_end(outcome: Outcome, row: Answered | Failed, loss: Ended, upstream: Upstream) -> None:
    """Check that the call ended in a typed error, and that nothing it gave was other than what the upstream said."""
    asked = upstream.requests  # empty where the proxy takes longer than the limit of time to ask
    assert asked or (isinstance(row, Failed) and row.short)
    honest = honest_documents(asked[-1]) if asked else []
    said = read(honest[: row.arrived] if isinstance(row, Failed) else honest).text
    arrived = _partial(outcome)

    assert outcome.told is None
    assert isinstance(outcome.error, loss.errors)
    assert [words for words in loss.words if words not in outcome.error.message] == []
    assert upstream.api_key not in str(outcome.error)
    assert arrived.endswith(loss.tail)
    assert said.startswith(arrived.removesuffix(loss.tail))
    assert arrived.startswith(outcome.delivered)


def _partial(outcome: Outcome) -> str:
    """Return the text that had arrived before the error."""
    return outcome.error.partial.text if outcome.error is not None and outcome.error.partial is not None else ""


def test_every_loss_is_one_of_a_fault_in_the_table() -> None:
    known = {row.fault for row in ANSWERS} | {row.fault for row in ERRORS}

    assert {fault for losses in LOSSES.values() for fault in losses} - known == set()

"""Every fault through all eight call forms: the whole right answer, or the right error with all that had arrived."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gstream.emulator.faults import FAULTS
from langchain_gstream import ChatGStream
from tests.faults.forms import FORMS, TEXT, Form, Outcome
from tests.faults.table import ANSWERS, ERRORS, SPECIAL, Answered, Failed
from tests.faults.told import Told, honest_documents, read, signed_in

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from gstream.emulator import Emulator

_PATIENT = {"connect": 10.0, "first_byte": 30.0, "idle": 30.0}
_SHORT = {"connect": 10.0, "first_byte": 0.3, "idle": 0.3}


_WAITING = ("invoke", "astream_chat")
"""The forms that wait for short limits three times; the others do it once."""


def _cases(rows: Sequence[Answered] | Sequence[Failed]) -> list[Any]:
    """Return `(fault, row, form)` for each row and form."""
    cases = []
    seen: dict[str, int] = {}
    for row in rows:
        seen[row.fault] = seen.get(row.fault, 0) + 1
        label = row.fault if seen[row.fault] == 1 else f"{row.fault}-{seen[row.fault]}"
        cases += [pytest.param(row.fault, row, form, id=f"{label}-{form.name}") for form in FORMS]
    return cases


def test_the_table_has_a_row_for_every_fault() -> None:
    assert {row.fault for row in ANSWERS} | {row.fault for row in ERRORS} | set(SPECIAL) == set(FAULTS)


@pytest.mark.parametrize(("emulator", "row", "form"), _cases(ANSWERS), indirect=["emulator"])
def test_the_whole_right_answer_comes_out(
    emulator: Emulator, row: Answered, form: Form, runner: asyncio.Runner
) -> None:
    before = len(emulator.requests)
    outcome = form(form.model(emulator, row.question, timeout=_PATIENT), row.question, runner)
    received = emulator.requests[before:]
    honest = honest_documents(received[0])
    expected = row.expect(read(honest))
    if row.unsent and form.make is ChatGStream:
        expected = replace(expected, signatures=())
    if row.bent_signatures:
        bend = FAULTS[row.fault].documents
        assert bend is not None
        expected = replace(expected, signatures=signed_in(bend(honest)))

    assert outcome.error is None
    assert outcome.told == expected
    assert len(set(outcome.ids)) == len(expected.calls)
    assert len(received) == 1
    if form.streams:
        assert outcome.delivered == expected.text


@pytest.mark.parametrize(("emulator", "row", "form"), _cases(ERRORS), indirect=["emulator"])
def test_the_right_error_says_what_happened(
    emulator: Emulator, row: Failed, form: Form, runner: asyncio.Runner
) -> None:
    for retries in [0, 2] if not row.short or form.name in _WAITING else [0]:
        _check(emulator, row, form, retries, runner)


def _check(emulator: Emulator, row: Failed, form: Form, retries: int, runner: asyncio.Runner) -> None:
    before = len(emulator.requests)
    model = form.model(emulator, row.question, max_retries=retries, timeout=_SHORT if row.short else _PATIENT)
    outcome = form(model, row.question, runner)
    received = emulator.requests[before:]
    arrived = read(honest_documents(received[-1])[: row.arrived])

    assert outcome.told is None
    _check_error(outcome, row)
    assert _partial(outcome) == (arrived.text, arrived.thoughts, arrived.calls)
    assert len(received) == row.requests(retries, streams=form.streams)
    if form.streams:
        assert outcome.delivered == arrived.text


def _check_error(outcome: Outcome, row: Failed) -> None:
    error = outcome.error
    assert isinstance(error, row.error)
    assert next(cls for cls in type(error).__mro__ if cls.__module__ == "gstream.errors") is row.error
    assert error.endpoint == "google"
    assert error.model == row.question.parameters["model"]
    assert [words for words in row.words if words not in error.message] == []
    assert [words for words in row.unsaid if words in error.message] == []
    for name, value in (row.facts or {}).items():
        assert getattr(error, name) == value


def _partial(outcome: Outcome) -> tuple[str, str, tuple[Any, ...]]:
    assert outcome.error is not None
    partial = outcome.error.partial
    if partial is None:
        return "", "", ()
    assert partial.parts
    return partial.text, partial.thoughts, tuple((call.name, call.args) for call in partial.calls)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("emulator", ["stays_open"], indirect=True)
def test_an_answer_that_has_ended_is_whole_though_the_connection_stays_open(
    emulator: Emulator, form: Form, runner: asyncio.Runner
) -> None:
    outcome = form(form.model(emulator, TEXT, timeout=_SHORT), TEXT, runner)

    assert outcome.told == read(honest_documents(emulator.requests[-1]))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("emulator", ["safety_mid_stream"], indirect=True)
def test_an_answer_that_the_model_broke_off_says_why(emulator: Emulator, form: Form, runner: asyncio.Runner) -> None:
    outcome = form(form.model(emulator, TEXT), TEXT, runner)
    arrived = read(honest_documents(emulator.requests[-1])[:2])

    assert outcome.told == replace(arrived, finish="SAFETY")
    assert outcome.told != Told(finish="SAFETY")

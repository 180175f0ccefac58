"""What the table's policy leaves out: wishes to wait that are granted, redirects that lead somewhere, healing."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from gstream import EndpointError, RateLimitError, RetryPolicy
from gstream.emulator import Emulator
from gstream.emulator.faults import FAULTS
from tests.faults.forms import FORMS, TEXT, Form
from tests.faults.told import honest_documents, read

if TYPE_CHECKING:
    import asyncio

_FORMS = {form.name: form for form in FORMS}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("fault", ["error_503", "reset_before_headers", "empty", "first_google", "broken_gzip"])
def test_a_fault_that_heals_costs_one_more_request_and_nothing_else(
    fault: str, form: Form, runner: asyncio.Runner
) -> None:
    with Emulator("google", fault=fault, fault_times=1) as emulator:
        outcome = form(form.model(emulator, TEXT, max_retries=1), TEXT, runner)
        received = emulator.requests

    if fault == "broken_gzip" and form.streams:  # two chunks had reached the caller
        assert outcome.error is not None
        assert len(received) == 1
    else:
        assert outcome.told == read(honest_documents(received[-1]))
        assert [one.fault for one in received] == [fault, ""]
        assert received[0].body == received[1].body


@pytest.mark.parametrize("name", ["invoke", "astream_chat"])
@pytest.mark.parametrize("fault", ["error_429", "error_429_retry_after"])
def test_a_wish_to_wait_a_second_is_granted(fault: str, name: str, runner: asyncio.Runner) -> None:
    form = _FORMS[name]
    with Emulator("google", fault=fault, fault_times=1) as emulator:
        model = form.model(emulator, TEXT)
        model.core_client().policy = RetryPolicy(1, base_s=100.0, cap_s=100.0)  # its own wait would be far longer
        outcome = form(model, TEXT, runner)

    assert outcome.error is None
    assert len(emulator.requests) == 2


def test_a_date_is_read_as_the_seconds_until_then(runner: asyncio.Runner) -> None:
    form = _FORMS["invoke"]
    with Emulator("google", fault="error_429_date") as emulator:
        error = form(form.model(emulator, TEXT, max_retries=0), TEXT, runner).error

    assert isinstance(error, RateLimitError)
    assert error.retry_after_s is not None
    assert 0 < error.retry_after_s <= 2


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_redirect_is_not_followed_to_a_server_that_would_answer(
    status: int, form: Form, runner: asyncio.Runner
) -> None:
    known = FAULTS[f"redirect_{status}"]
    with Emulator("google") as trap:
        place = (("Location", f"http://127.0.0.1:{trap.port}{{path}}?alt=sse"),)
        assert known.reply is not None
        fault = dataclasses.replace(known, reply=dataclasses.replace(known.reply, headers=place))
        with Emulator("google", fault=fault, api_key=trap.api_key) as emulator:
            outcome = form(form.model(emulator, TEXT), TEXT, runner)

        assert trap.requests == []
    assert isinstance(outcome.error, EndpointError)
    assert outcome.error.status == status
    assert len(emulator.requests) == 1

"""No key in anything that an error shows, logs or stores, whatever the fault and wherever the key travelled."""

from __future__ import annotations

import json
import logging
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from gstream.emulator import Emulator
from gstream.emulator.faults import FAULTS
from tests.faults.forms import FORMS, TEXT

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from gstream import GStreamError

CANARY = "CANARY"
KEY = f"made-up-{CANARY}/7f+3a="
"""A key that a URL must quote, so that both of its spellings are looked for by the same word."""
_LIMITS = {"connect": 10.0, "first_byte": 0.3, "idle": 0.3}
_NAMED = {form.name: form for form in FORMS}
_ASKED = {"header": _NAMED["invoke"], "query": _NAMED["astream_chat"], "bearer": _NAMED["stream"]}
"""The form that is asked with each way to send the key: the library's texts are the same in all."""
_LOUD = [name for name, fault in FAULTS.items() if fault.kind != "answer"] + ["one_write", "stays_open"]


@pytest.fixture(scope="module")
def keyed(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator with the fault that the test names, which takes only `KEY`."""
    with Emulator("juheai", fault=request.param, api_key=KEY) as running:
        yield running


def _texts(error: GStreamError) -> list[str]:
    """Return everything that an error shows of itself."""
    shown = [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
    shown += [str(one) for one in (error.__cause__, error.__context__) if one is not None]
    for attempt in error.attempts:
        if attempt is not error:
            shown += _texts(attempt)
    return shown


def _records(log: pytest.LogCaptureFixture) -> list[str]:
    return [f"{record.name}: {record.getMessage()} {record.args!r} {record.exc_text or ''}" for record in log.records]


@pytest.mark.parametrize("auth", _ASKED)
@pytest.mark.parametrize("keyed", _LOUD, indirect=True)
def test_no_key_in_any_text_of_any_fault(
    keyed: Emulator, auth: str, runner: asyncio.Runner, caplog: pytest.LogCaptureFixture
) -> None:
    form = _ASKED[auth]
    caplog.set_level(logging.DEBUG)
    model = form.model(keyed, TEXT, auth=auth, timeout=_LIMITS, max_retries=1)
    outcome = form(model, TEXT, runner)
    shown = [repr(model), repr(model.core_client().targets), *_records(caplog)]
    if outcome.error is not None:
        shown += _texts(outcome.error)

    assert keyed.requests[-1].credential == {"header": "x-goog-api-key"}.get(auth, auth)
    assert [text for text in shown if CANARY in text] == []


def test_a_stored_model_holds_no_key() -> None:
    with Emulator("google", api_key=KEY) as emulator:
        for form in FORMS:
            model: Any = form.model(emulator, TEXT)

            assert CANARY not in json.dumps(
                model.to_json() if hasattr(model, "to_json") else model.to_dict(), default=str
            )

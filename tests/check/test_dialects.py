"""Every dialect of the emulator is all green."""

from __future__ import annotations

import pytest

from gstream import ENDPOINTS
from gstream.check import BATTERY, chosen
from tests.check.conftest import FLASH, THIRD, checked

NOT_OFFERED = {
    FLASH: {
        "signatures": "gives none, and needs none back",
        "retry_hints": "no rate limit was met",
    },
    THIRD: {
        "thinking_off": "is not known to let thinking be turned off",
        "retry_hints": "no rate limit was met",
    },
    "gemini-2.5-pro": {
        "thinking_off": "is not known to let thinking be turned off",
        "signatures": "gives none, and needs none back",
        "retry_hints": "no rate limit was met",
    },
}


@pytest.mark.parametrize("model", NOT_OFFERED)
@pytest.mark.parametrize("dialect", ENDPOINTS)
def test_an_honest_endpoint_is_all_green(dialect: str, model: str) -> None:
    """What is not offered is what the model does not do by its facts, and what cannot be seen without a rate limit."""
    report = checked(dialect, model=model)

    assert {name: verdict.reason for name, verdict in report.verdicts.items() if verdict.status == "fail"} == {}
    assert list(report.verdicts) == list(BATTERY)
    off = {name: verdict.reason for name, verdict in report.verdicts.items() if verdict.status != "pass"}
    assert off.keys() == NOT_OFFERED[model].keys()
    assert all(words in off[name] for name, words in NOT_OFFERED[model].items())
    assert report.good


@pytest.mark.parametrize("dialect", ENDPOINTS)
def test_the_form_of_the_key_that_was_found_is_the_endpoint_s_own(dialect: str) -> None:
    report = checked(dialect, probes=chosen(["reach"]))

    assert report.found is not None
    assert report.found.auth == ENDPOINTS[dialect].auth
    assert report.requests == 1


def test_a_model_that_cannot_do_much_fails_nothing() -> None:
    report = checked(model="gemini-2.5-flash-image", image_model=None)
    off = {name for name, verdict in report.verdicts.items() if verdict.status == "not offered"}

    assert report.count("fail") == 0
    assert off == {
        "thinking", "thinking_off", "call", "parallel", "forced", "forbidden", "result", "signatures", "schema",
        "json_schema", "image_out", "retry_hints",
    }  # fmt: skip

"""The battery as data: its order, its words, and the choice among its probes."""

from __future__ import annotations

import pytest

from gstream import ENDPOINTS, ConfigurationError, Target
from gstream.check import BATTERY, Check, chosen
from gstream.check.probe import undocumented
from gstream.models import MODELS

NAMES = list(BATTERY)


@pytest.mark.parametrize("probe", BATTERY.values(), ids=lambda probe: probe.name)
def test_a_probe_stands_behind_what_it_builds_on(probe: object) -> None:
    one = BATTERY[probe.name]  # type: ignore[attr-defined]  # a `Probe`

    assert all(NAMES.index(name) < NAMES.index(one.name) for name in (*one.needs, one.reads) if name)
    assert one.failing.endswith(".")
    assert not one.tells.endswith(".")
    assert (one.judge is None) == (one.overall is not None or one.group == "access")


def test_all_are_chosen_by_default() -> None:
    assert list(chosen()) == NAMES


def test_only_brings_what_it_builds_on() -> None:
    assert list(chosen(["result"])) == ["reach", "credential", "answer", "call", "result"]
    assert list(chosen(["finish"])) == ["reach", "credential", "answer", "speed", "finish"]


def test_skip_takes_along_what_builds_on_it() -> None:
    left = chosen(skip=["call"])

    assert list(left) != NAMES
    assert not {"call", "parallel", "result", "signatures", "forced", "forbidden"} & set(left)
    assert {"schema", "answer"} <= set(left)


def test_the_way_in_cannot_be_skipped() -> None:
    assert list(chosen(skip=["answer"])) == NAMES


@pytest.mark.parametrize(
    ("only", "skip", "told"),
    [
        (["tool"], [], "--only 'tool' is no probe"),
        (["finsh"], [], "did you mean 'finish'?"),
        ([], ["everything"], "--skip 'everything' is no probe: gstream check --list names them."),
    ],
)
def test_an_unknown_name_is_told(only: list[str], skip: list[str], told: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        chosen(only, skip)

    assert told in str(raised.value)


@pytest.mark.parametrize("model", [*MODELS, "nobody-knows-me", "gemini-9-new"])
def test_every_question_can_be_asked_of_every_model_that_can_be_asked(model: str) -> None:
    """Why a model is not asked is a sentence with its name; what it costs is told before."""
    check = Check(Target(ENDPOINTS["google"], "made-up"), model, BATTERY, image_model=model)
    cost = check.cost()
    reasons = {probe.unable(MODELS[model]) for probe in BATTERY.values()} - {""} if model in MODELS else set()

    assert all(reason.startswith(model) for reason in reasons)
    assert 8 <= cost.requests <= 23
    assert cost.tokens_in > 100
    assert cost.tokens_out > 300


def test_a_field_is_documented_with_all_below_an_open_one() -> None:
    assert undocumented(BATTERY["call"], ENDPOINTS["google"]) == ""
    assert undocumented(BATTERY["call"], ENDPOINTS["apigo"]) == ""
    assert undocumented(BATTERY["call"], ENDPOINTS["juheai"]) == "tools.functionDeclarations.parameters"
    assert undocumented(BATTERY["json_schema"], ENDPOINTS["shuyou"]) == "generationConfig.responseJsonSchema"
    assert undocumented(BATTERY["thinking"], ENDPOINTS["juheai"]) == ""

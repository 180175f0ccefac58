"""What a caller may ask of one generation, and the spelling of those wishes."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from gstream import ConfigurationError, Settings, Timeout
from gstream.parameters import SETTING_NAMES, ModelParameters
from gstream.settings import ALIASES, canonical_names

KEY = "key-Secret.1234"


def model(**parameters: Any) -> ModelParameters:
    return ModelParameters(**{"model": "m", "endpoint": "shuyou", "api_key": KEY, **parameters})


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("temprature", "temperature"),
        ("max_token", "max_tokens"),
        ("topp", "top_p"),
        ("stop_sequence", "stop_sequences"),
        ("thinkingBudget", "thinking_budget"),
        ("safety_setting", "safety_settings"),
    ],
)
def test_an_unknown_setting_is_an_error_that_names_the_nearest(typed: str, near: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Unknown parameter {typed!r}: did you mean {near!r}?"):
        Settings().override({typed: 1})


@pytest.mark.parametrize(
    ("typed", "near"),
    [("endpont", "endpoint"), ("apikey", "api_key"), ("baseurl", "base_url"), ("temprature", "temperature")],
)
def test_an_unknown_parameter_is_an_error_that_names_the_nearest(typed: str, near: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Unknown parameter {typed!r}: did you mean {near!r}?") as caught:
        model(**{typed: KEY})

    assert "Secret" not in str(caught.value)


def test_a_parameter_like_no_other_is_an_error_that_lists_them() -> None:
    with pytest.raises(ConfigurationError, match="known are api_key, auth, base_url"):
        model(zzzzzzzzzzzz=1)


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_an_alias_stands_for_its_setting(alias: str, name: str) -> None:
    value: Any = ["a"] if name == "stop" else 3

    assert value == getattr(Settings().override({alias: value}), name)
    assert value == getattr(model(**{alias: value}), name)
    assert {alias, name} <= SETTING_NAMES


def test_a_setting_under_two_spellings_is_an_error_unless_they_agree() -> None:
    with pytest.raises(ConfigurationError, match="'max_output_tokens' was given twice"):
        Settings().override({"max_tokens": 1, "max_output_tokens": 2})

    assert Settings().override({"max_tokens": 1, "max_output_tokens": 1}).max_output_tokens == 1


def test_keywords_win_and_none_leaves_a_setting_as_it_is() -> None:
    settings = Settings(temperature=0.1, top_k=3)
    changed = settings.override({"temperature": 0.9, "top_k": None})

    assert (changed.temperature, changed.top_k) == (0.9, 3)
    assert (settings.temperature, settings.top_k) == (0.1, 3)
    assert settings is settings.override({"top_k": None})


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"temperature": "hot"}, "'temperature': .*got 'hot'"),
        ({"top_k": 1.5}, "'top_k': .*got 1.5"),
        ({"undocumented": "maybe"}, "'undocumented': .*'send', 'drop' or 'error'"),
        ({"stop": "x"}, "'stop'"),
        ({"logprobs": "many", "seed": "x"}, "'logprobs'.*'seed'|'seed'.*'logprobs'"),
    ],
)
def test_a_wrong_type_is_an_error_that_names_the_setting(keywords: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Settings().override(keywords)


def test_settings_made_directly_raise_only_our_errors() -> None:
    with pytest.raises(ConfigurationError):
        Settings(temprature=1)


def test_headers_are_never_shown() -> None:
    settings = Settings(extra_headers={"x-proxy": "key-Secret"})
    with pytest.raises(ConfigurationError) as caught:
        Settings().override({"extra_headers": {"x-proxy": ["key-Secret"]}})

    assert "Secret" not in f"{settings!r} {settings} {caught.value}"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"model": None}, "'model'"),
        ({"endpoint": "nowhere"}, "not a known endpoint"),
        ({"auth": "basic"}, "'auth'"),
        ({"max_retries": -1}, "'max_retries'"),
        ({"timeout": 0}, "above 0"),
        ({"timeout": -3}, "above 0"),
        ({"timeout": {"conect": 1}}, "timeout has no part 'conect'"),
        ({"timeout": {"idle": 0}}, "timeout idle"),
        ({"on_incomplete": "shrug"}, "'on_incomplete'"),
        ({"fallbacks": ["nowhere"]}, "not a known endpoint"),
        ({"api_key": 7}, "'api_key'"),
        ({"base_url": f"https://h/?key={KEY}"}, "carries a key"),
    ],
)
def test_a_wrong_parameter_is_a_configuration_error_at_construction(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        model(**parameters)

    assert "Secret" not in str(caught.value)


def test_a_missing_model_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="'model'"):
        ModelParameters(endpoint="shuyou", api_key=KEY)


def test_a_key_is_neither_shown_nor_serialized() -> None:
    made = model(extra_headers={"x": "key-Secret-2"})

    for shown in (
        repr(made),
        str(made),
        made.model_dump_json(exclude={"extra_headers"}),
        repr(made.core_client().targets),
    ):
        assert "Secret" not in shown


def test_asking_takes_the_model_and_settings_of_one_call() -> None:
    made = model(temperature=0.1)

    assert (made.asked({})[0], made.asked({})[1].temperature) == ("m", 0.1)
    assert (made.asked({"model": "other"})[0], made.asked({"temperature": 0.9})[1].temperature) == ("other", 0.9)
    with pytest.raises(ConfigurationError, match="Unknown parameter 'endpoint'"):
        made.asked({"endpoint": "google"})
    with pytest.raises(ConfigurationError, match="model must be a name"):
        made.asked({"model": 7})


def test_the_client_is_made_once_and_anew_when_a_parameter_changed() -> None:
    made = model()
    first = made.core_client()

    assert first is made.core_client()
    made.timeout = 5.0
    second = made.core_client()
    assert second is not first
    assert second.timeout == Timeout(5.0, 5.0, 5.0)


def test_fallbacks_have_their_own_endpoint_key_and_model(monkeypatch: pytest.MonkeyPatch) -> None:
    from gstream import ENDPOINTS, Target  # noqa: PLC0415 - this test's alone

    monkeypatch.setenv("JUHEAI_API_KEY", "key-juheai")
    made = model(fallbacks=["juheai", Target(ENDPOINTS["apigo"], "key-apigo", "other")])

    assert [(target.endpoint.name, target.api_key, target.model) for target in made.core_client().targets] == [
        ("shuyou", KEY, None),
        ("juheai", "key-juheai", None),
        ("apigo", "key-apigo", "other"),
    ]


def test_names_are_canonical_only_where_they_are_known() -> None:
    assert canonical_names({"max_tokens": 1}, ["max_output_tokens"]) == {"max_output_tokens": 1}
    with pytest.raises(ConfigurationError):
        canonical_names({"max_tokens": 1}, ["temperature"])


@pytest.mark.parametrize(
    ("value", "limits"),
    [
        (None, Timeout(10.0, 600.0, 600.0, None)),
        (5, Timeout(5, 5, 5)),
        (60.0, Timeout(10.0, 60.0, 60.0)),
        ({}, Timeout()),
        ({"total": 3}, Timeout(total=3)),
        ({"connect": None, "first_byte": None, "idle": None}, Timeout(None, None, None)),
        (Timeout(idle=1), Timeout(idle=1)),
    ],
)
def test_a_timeout_means(value: Any, limits: Timeout) -> None:
    assert limits == Timeout.of(value)


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        float("nan"),
        "5",
        {"idle": "5"},
        {"idle": -1},
        {"all": 1},
        [1],
        pytest.param(object()),
    ],
)
def test_a_timeout_that_is_none_is_a_configuration_error(value: Any) -> None:
    with pytest.raises(ConfigurationError):
        Timeout.of(value)


@pytest.mark.parametrize("value", [float("inf"), 1e12], ids=str)
def test_a_limit_longer_than_a_socket_can_wait_is_no_limit_or_our_error(value: float) -> None:
    """Handed on to a socket as it is, it raises `OverflowError` (and leaves the socket open)."""
    try:
        limit = Timeout.of({"idle": value}).idle
    except ConfigurationError:
        return

    assert limit is None or limit <= threading.TIMEOUT_MAX

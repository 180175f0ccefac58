"""`ChatGStream` as an object: what it refuses, what it tells about itself, how it travels; never with its key."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core import exceptions as langchain
from langchain_core.load import dumpd, dumps, load
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

import gstream
from gstream import ConfigurationError
from langchain_gstream import ChatGStream, errors
from langchain_gstream.errors import langchain_error
from tests.langchain.conftest import model_of

if TYPE_CHECKING:
    from gstream.emulator import Emulator

KEY = "canary-0123456789"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for endpoint in gstream.ENDPOINTS.values():
        for variable in (*endpoint.key_variables, endpoint.base_url_variable):
            monkeypatch.delenv(variable, raising=False)
    for variable in ("GSTREAM_API_KEY", "GSTREAM_ENDPOINT"):
        monkeypatch.delenv(variable, raising=False)


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no key": (
        {"model": "gemini-2.5-flash", "endpoint": "juheai"},
        "No API key for the endpoint 'juheai': set JUHEAI_API_KEY or GSTREAM_API_KEY, or pass api_key=\"...\".",
    ),
    "no endpoint": (
        {"model": "m", "api_key": KEY},
        "No endpoint given: pass endpoint= one of maisi, shuyou",
    ),
    "an unknown endpoint": (
        {"model": "m", "endpoint": "shuyo", "api_key": KEY},
        "endpoint='shuyo' is not a known endpoint: choose one of maisi, shuyou",
    ),
    "an unknown parameter": (
        {"model": "m", "endpoint": "shuyou", "api_key": KEY, "temprature": 1},
        "Unknown parameter 'temprature': did you mean 'temperature'?",
    ),
    "a malformed base URL": (
        {"model": "m", "base_url": "ht!tp://", "api_key": KEY},
        "base_url='ht!tp://' is no http(s) URL: write it like 'https://host/prefix'.",
    ),
    "an endpoint without a host": (
        {"model": "m", "endpoint": "maisi", "api_key": KEY},
        "The endpoint 'maisi' has no base URL of its own: set MAISI_BASE_URL or pass base_url=",
    ),
    "no model": ({"endpoint": "shuyou", "api_key": KEY}, "Invalid parameter 'model': field required."),
    "a wrong type": (
        {"model": "m", "endpoint": "shuyou", "api_key": KEY, "temperature": "hot"},
        "Invalid parameter 'temperature': input should be a valid number",
    ),
    "a wrong timeout": (
        {"model": "m", "endpoint": "shuyou", "api_key": KEY, "timeout": -1},
        "timeout connect must be a number of seconds above 0 or None; got -1",
    ),
    "a wrong part of a timeout": (
        {"model": "m", "endpoint": "shuyou", "api_key": KEY, "timeout": {"read": 1}},
        "timeout has no part 'read': it takes seconds, or connect, first_byte, idle, total.",
    ),
    "one setting in two spellings": (
        {"model": "m", "endpoint": "shuyou", "api_key": KEY, "max_tokens": 1, "max_output_tokens": 2},
        "'max_output_tokens' was given twice under different spellings; give it once.",
    ),
}


@pytest.mark.parametrize(("parameters", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_one_sentence_before_any_request(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ChatGStream(**parameters)

    assert str(caught.value).startswith(sentence)
    assert KEY not in str(caught.value)


def test_an_unknown_keyword_of_a_call_is_told_with_the_nearest_known_one(google: Emulator) -> None:
    with pytest.raises(ConfigurationError, match="Unknown parameter 'max_token': did you mean 'max_tokens'"):
        model_of(google).invoke("hello", max_token=5)

    assert google.requests == []


def test_a_history_that_cannot_be_sent_is_told_before_any_request(google: Emulator) -> None:
    unanswered = AIMessage("", tool_calls=[{"name": "f", "args": {}, "id": "1", "type": "tool_call"}])
    with pytest.raises(errors.RequestError, match="The call of 'f' in message turn 2 has no result behind it"):
        model_of(google).invoke([HumanMessage("hi"), unanswered])
    with pytest.raises(langchain.ModelInvalidRequestError, match="message 2 \\(tool\\) answers the call 'x'"):
        model_of(google).invoke([HumanMessage("hi"), ToolMessage("r", tool_call_id="x")])
    with pytest.raises(errors.RequestError, match="message 1 \\(human\\), block 1 has the type 'hologram'"):
        model_of(google).invoke([HumanMessage([{"type": "hologram"}])])

    assert google.requests == []


def test_no_form_of_a_model_shows_its_key_or_its_headers() -> None:
    model = ChatGStream(
        model="gemini-2.5-flash",
        endpoint="shuyou",
        api_key=KEY,
        extra_headers={"x-secret": KEY},
        fallbacks=[gstream.Target(gstream.ENDPOINTS["apigo"], KEY)],
    )
    forms = [repr(model), str(model), dumps(model), repr(model.asdict()), repr(model.model_dump())]
    forms += [model.model_dump_json(), repr(model._identifying_params), repr(model._get_ls_params())]
    forms += [repr(model._get_llm_string()), repr(model.bind(temperature=1))]

    assert [form for form in forms if KEY in form] == []


@pytest.mark.filterwarnings("ignore:The function `load` is in beta")  # it is how LangChain loads
def test_a_model_is_loaded_again_with_the_key_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    model = ChatGStream(model="gemini-2.5-flash", endpoint="shuyou", api_key=KEY, temperature=0.5, thinking_budget=0)
    serialized = dumpd(model)
    monkeypatch.setenv("SHUYOU_API_KEY", "another")
    loaded = load(
        serialized,
        secrets_map={"SHUYOU_API_KEY": "another"},
        valid_namespaces=["langchain_gstream"],
        allowed_objects=[ChatGStream],
    )

    assert isinstance(loaded, ChatGStream)
    assert loaded.api_key is not None
    assert loaded.api_key.get_secret_value() == "another"
    assert loaded.model_dump() == model.model_dump()


@pytest.mark.filterwarnings("ignore:The function `load` is in beta")  # it is how LangChain loads
def test_a_model_with_an_endpoint_object_is_loaded_again_and_asks_the_same_place(google: Emulator) -> None:
    loaded = load(
        dumpd(model_of(google)),
        secrets_map={"GOOGLE_API_KEY": google.api_key},
        valid_namespaces=["langchain_gstream"],
        allowed_objects=[ChatGStream],
    )

    assert "hello" in loaded.invoke("hello").text
    assert len(google.requests) == 1


def test_a_model_travels_by_pickle_and_deepcopy_after_its_first_call(google: Emulator) -> None:
    model = model_of(google)
    model.invoke("hello")
    pickled = pickle.loads(pickle.dumps(model))  # noqa: S301 - our own bytes
    for other in (pickled, copy.deepcopy(model), model.model_copy(update={"temperature": 0.2})):
        assert "hello" in other.invoke("hello").text


def test_the_environment_is_asked_once_at_construction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUYOU_API_KEY", KEY)
    model = ChatGStream(model="gemini-2.5-flash")
    monkeypatch.delenv("SHUYOU_API_KEY")

    assert model.endpoint_name == "shuyou"
    assert model.lc_secrets == {"api_key": "SHUYOU_API_KEY"}
    assert model.core_client().targets[0].api_key == KEY


def test_tracing_is_told_the_model_of_the_call() -> None:
    model = ChatGStream(model="gemini-2.5-flash", endpoint="shuyou", api_key=KEY, temperature=0.5, max_output_tokens=9)
    params = model._get_ls_params(model="other", stop=["x"])

    assert params["ls_provider"] == "gstream"
    assert params["ls_model_type"] == "chat"
    assert params["ls_model_name"] == "other"
    assert params["ls_temperature"] == 0.5
    assert params["ls_max_tokens"] == 9
    assert params["ls_stop"] == ["x"]


def test_the_profile_comes_from_the_family_inside_a_resellers_spelling() -> None:
    model = ChatGStream(model="google/gemini-2.5-pro-thinking-8192", endpoint="shuyou", api_key=KEY)

    assert model.profile is not None
    assert model.profile["max_input_tokens"] == 1_048_576
    assert model.profile["tool_calling"]


def test_every_error_of_the_core_is_langchains_too() -> None:
    """So that `with_retry`, `with_fallbacks` and retry middleware understand them."""
    core = [getattr(gstream, name) for name in gstream.__all__]
    classes = [
        cls
        for cls in core
        if isinstance(cls, type)
        and issubclass(cls, gstream.GStreamError)
        and cls not in {gstream.GStreamError, gstream.ConfigurationError}
    ]
    for cls in classes:
        error = cls.__new__(cls, "said")
        gstream.GStreamError.__init__(error, "said", retryable=True)
        vars(error).update(reason="SAFETY", ratings=[], explanation="", finish_reason="STOP", finish_message="")
        translated = langchain_error(error)

        assert isinstance(translated, cls)
        assert isinstance(translated, langchain.ModelError), cls
        assert translated.is_retryable is True
        assert str(translated) == "said"
        assert isinstance(pickle.loads(pickle.dumps(translated)), type(translated))  # noqa: S301 - our own bytes


def test_a_prompt_over_the_context_window_is_langchains_own_error_for_that() -> None:
    error = gstream.InvalidRequestError("The input token count (9) exceeds the maximum number of tokens allowed (8).")

    assert isinstance(langchain_error(error), langchain.ContextOverflowError)

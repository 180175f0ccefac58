"""The object itself: parameters, what core reads of it, and how it travels."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import httpx
import pytest
from llama_index.core.base.llms.base import BaseLLM
from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.llms.function_calling import FunctionCallingLLM

from gstream import ConfigurationError, GStreamError
from gstream.models import facts
from llamaindex_gstream import GStream

KEY = "made-up-key-of-the-tests"
ASK = [ChatMessage(role="user", content="Hi")]


def test_it_is_a_function_calling_llm_under_its_own_name() -> None:
    names = [base.__name__ for base in GStream.__mro__]

    assert BaseLLM.__name__ in names
    assert FunctionCallingLLM.__name__ in names
    assert GStream.class_name() == "GStream"


def test_metadata_is_known_without_a_request() -> None:
    llm = GStream(model="gemini-2.5-flash", endpoint="google", api_key=KEY, base_url="http://127.0.0.1:9/v1beta")

    metadata = llm.metadata

    model = facts("gemini-2.5-flash")
    assert (metadata.context_window, metadata.num_output) == (model.context_window, model.output_limit)
    assert metadata.is_chat_model
    assert metadata.is_function_calling_model
    assert (metadata.model_name, metadata.system_role) == ("gemini-2.5-flash", MessageRole.SYSTEM)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"context_window": 1000, "num_output": 10}, (1000, 10, True)),
        ({"max_tokens": 99}, (1_048_576, 99, True)),
        ({"model": "somebody-elses-model"}, (32_768, 8_192, True)),
        ({"model": "gemini-2.0-flash-thinking"}, (1_048_576, 65_536, False)),
        ({"is_function_calling_model": False}, (1_048_576, 65_536, False)),
        ({"context_window": 2000}, (2000, 500, True)),
    ],
)
def test_metadata_can_be_overridden(parameters: dict[str, Any], expected: tuple[int, int, bool]) -> None:
    metadata = GStream(**{"model": "gemini-2.5-flash", "endpoint": "google", "api_key": KEY, **parameters}).metadata

    assert (metadata.context_window, metadata.num_output, metadata.is_function_calling_model) == expected


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"temprature": 1}, ["'temprature'", "'temperature'"]),
        ({"contextwindow": 1}, ["'contextwindow'", "'context_window'"]),
        ({"temperature": "hot"}, ["'temperature'"]),
        ({"context_window": 0}, ["'context_window'"]),
        ({"endpoint": "nowhere"}, ["'nowhere'", "juheai"]),
        ({"base_url": "ftp://x"}, ["base_url"]),
        ({"model": None}, ["'model'"]),
        ({"max_tokens": 1, "max_output_tokens": 2}, ["'max_output_tokens'", "twice"]),
    ],
)
def test_a_wrong_parameter_is_one_sentence(parameters: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        GStream(**{"model": "gemini-2.5-flash", "endpoint": "google", "api_key": KEY, **parameters})

    assert [word for word in words if word not in str(caught.value)] == []
    assert KEY not in str(caught.value)


def test_a_missing_key_names_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JUHEAI_API_KEY", "GSTREAM_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(ConfigurationError, match="JUHEAI_API_KEY"):
        GStream(model="gemini-2.5-flash", endpoint="juheai")


def test_settings_of_a_call_win_over_those_of_the_object(wired: Any) -> None:
    llm, bodies = wired(temperature=0.1, top_p=0.5)

    llm.chat(ASK, temperature=0.9, max_tokens=10)
    llm.complete("Hi", stop=["x"])
    list(llm.stream_chat(ASK, thinking_budget=0))

    assert [body["generationConfig"] for body in bodies] == [
        {"temperature": 0.9, "topP": 0.5, "maxOutputTokens": 10},
        {"temperature": 0.1, "topP": 0.5, "stopSequences": ["x"]},
        {"temperature": 0.1, "topP": 0.5, "thinkingConfig": {"thinkingBudget": 0}},
    ]


async def test_an_unknown_keyword_of_a_call_is_an_error_before_any_request(wired: Any) -> None:
    llm, bodies = wired()

    for ask in (llm.chat, llm.stream_chat):
        with pytest.raises(ConfigurationError, match="'temperature'"):
            ask(ASK, temprature=1)
    with pytest.raises(ConfigurationError, match="'temperature'"):
        await llm.astream_chat(ASK, temprature=1)
    with pytest.raises(ConfigurationError, match="'temperature'"):
        llm.complete("Hi", temprature=1)
    assert bodies == []


def test_another_model_can_be_asked_per_call(start: Any, make: Any) -> None:
    emulator = start()

    response = make(emulator).chat(ASK, model="gemini-2.5-pro")

    assert emulator.requests[-1].model == "gemini-2.5-pro"
    assert response.raw["model"] == "gemini-2.5-pro"


def test_errors_of_the_server_leave_as_they_are(start: Any, make: Any) -> None:
    emulator = start("juheai")
    llm = make(emulator, api_key="made-up-wrong-key", max_retries=0)

    for ask in (llm.chat, lambda messages: list(llm.stream_chat(messages))):
        with pytest.raises(GStreamError) as caught:
            ask(ASK)
        assert caught.value.endpoint == "juheai"
        assert "made-up-wrong" not in str(caught.value)


def test_it_travels_as_a_dictionary_without_secrets(start: Any, make: Any) -> None:
    emulator = start()
    llm = make(emulator, temperature=0.5, timeout={"idle": 5}, extra_headers={"x-team": "team-secret"})

    data = json.loads(llm.to_json())
    again = GStream.from_dict(data, api_key=emulator.api_key)

    assert emulator.api_key not in json.dumps(data)
    assert "team-secret" not in json.dumps(data)
    assert "api_key" not in llm.to_dict()
    assert data["class_name"] == "GStream"
    assert again.to_dict() == llm.to_dict()
    assert again.chat(ASK).message == llm.chat(ASK).message


@pytest.mark.parametrize("used", [False, True], ids=["fresh", "used"])
def test_it_can_be_pickled_and_copied(used: bool, start: Any, make: Any) -> None:  # noqa: FBT001 - a parameter of the test
    llm = make(start(), temperature=0.5)
    if used:
        llm.chat(ASK)

    for again in (pickle.loads(pickle.dumps(llm)), copy.deepcopy(llm), copy.copy(llm)):  # noqa: S301 - our own bytes
        assert again.temperature == 0.5
        assert again.chat(ASK).message == llm.chat(ASK).message


def test_a_copy_shares_the_callers_http_client() -> None:
    with httpx.Client() as client:
        llm = GStream(model="gemini-2.5-flash", endpoint="google", api_key=KEY, http_client=client)

        assert copy.deepcopy(llm).http_client is client


def test_its_json_schema_builds_and_its_repr_is_free_of_keys() -> None:
    llm = GStream(model="gemini-2.5-flash", endpoint="google", api_key=KEY)

    assert GStream.model_json_schema()["properties"]["model"]
    assert KEY not in repr(llm) + str(llm)

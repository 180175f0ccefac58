"""Structured output: what each method binds, sends and shows to tracing, and what settings and tools go along."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Annotated, Any, Literal, TypedDict

import pytest
import typing_extensions
from langchain.agents import create_agent
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.utils.function_calling import convert_to_json_schema
from pydantic import BaseModel
from pydantic import v1 as pydantic_v1

from gstream import ConfigurationError, GStreamError, RequestError
from gstream.emulator import Emulator
from langchain_gstream.errors import StructuredAnswerError
from langchain_gstream.schemas import form_of
from langchain_gstream.structured import format_settings
from tests.langchain.asking import (
    METHODS,
    PERSON,
    Json,
    answering,
    documents,
    request_of,
    saying,
)
from tests.langchain.conftest import model_of

# -- what is bound ------------------------------------------------------------------------------------------------


class Person(BaseModel):
    """A person."""

    name: str
    mood: Literal["glad", "sad"]


class PersonV1(pydantic_v1.BaseModel):
    """A person."""

    name: str
    mood: Literal["glad", "sad"]


class PersonDict(typing_extensions.TypedDict):
    """A person."""

    name: str
    mood: Literal["glad", "sad"]


SCHEMAS: dict[str, tuple[Any, str]] = {
    "pydantic 2": (Person, "Person"),
    "pydantic 1": (PersonV1, "PersonV1"),
    "TypedDict": (PersonDict, "PersonDict"),
    "JSON schema": ({"title": "Person", "description": "A person.", **PERSON}, "Person"),
    "OpenAI function": ({"name": "Person", "description": "A person.", "parameters": PERSON}, "Person"),
    "OpenAI format": (
        {
            "type": "json_schema",
            "json_schema": {"name": "Person", "schema": {"title": "Person", "description": "A person.", **PERSON}},
        },
        "Person",
    ),
}


@pytest.mark.parametrize(("schema", "name"), SCHEMAS.values(), ids=SCHEMAS)
def test_json_schema_sends_the_schema(google: Emulator, schema: Any, name: str) -> None:
    model_of(google).with_structured_output(schema).invoke("hello")

    sent = {"title": name, "description": "A person.", **PERSON}
    assert request_of(google) == {
        "generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": sent}
    }


@pytest.mark.parametrize(("schema", "name"), SCHEMAS.values(), ids=SCHEMAS)
def test_function_calling_forces_the_one_function(google: Emulator, schema: Any, name: str) -> None:
    model_of(google).with_structured_output(schema, method="function_calling").invoke("hello")

    declaration = {"name": name, "description": "A person.", "parametersJsonSchema": PERSON}
    assert request_of(google) == {
        "tools": [{"functionDeclarations": [declaration]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [name]}},
    }


@pytest.mark.parametrize("schema", [None, Person], ids=["no schema", "a schema"])
def test_json_mode_sends_the_media_type_alone(schema: Any) -> None:
    with saying('{"name": "Ann", "mood": "sad"}') as emulator:
        model_of(emulator).with_structured_output(schema, method="json_mode").invoke("hello")

        assert request_of(emulator) == {"generationConfig": {"responseMimeType": "application/json"}}


def test_json_mode_without_a_schema_takes_any_json() -> None:
    with saying("[1, 2]") as emulator:
        assert model_of(emulator).with_structured_output(None, method="json_mode").invoke("hello") == [1, 2]


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_strict_closes_what_is_sent_and_what_is_taken(method: Any) -> None:
    with Emulator("google", script=answering({"name": "Ann", "mood": "sad", "age": 3})) as emulator:
        for strict in (None, False):
            chain = model_of(emulator).with_structured_output(PERSON, method=method, strict=strict)
            assert chain.invoke("hello")["age"] == 3
            assert "additionalProperties" not in json.dumps(request_of(emulator))
        chain = model_of(emulator).with_structured_output(PERSON, method=method, strict=True)
        with pytest.raises(StructuredAnswerError, match="unknown property 'age'"):
            chain.invoke("hello")

        assert '"additionalProperties": false' in json.dumps(request_of(emulator))


def test_a_setting_is_bound_along_and_the_call_has_the_last_word(google: Emulator) -> None:
    for include_raw in (False, True):
        chain = model_of(google).with_structured_output(Person, include_raw=include_raw, temperature=0.5)
        chain.invoke("hello")
        assert request_of(google)["generationConfig"]["temperature"] == 0.5
        chain.invoke("hello", temperature=0.1)
        assert request_of(google)["generationConfig"]["temperature"] == 0.1


class Recorder(BaseCallbackHandler):
    """Keeps the options of each start."""

    def __init__(self) -> None:
        self.options: list[Json] = []

    def on_chat_model_start(self, *_: Any, **kwargs: Any) -> None:
        self.options.append(kwargs["options"])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("schema", [Person, PersonV1, PersonDict, {"title": "Person", **PERSON}], ids=str)
def test_tracing_is_shown_langchains_own_form_of_the_schema(schema: Any, method: Any) -> None:
    recorder = Recorder()
    with Emulator("google", script=answering({"name": "Ann", "mood": "sad"})) as emulator:
        chain = model_of(emulator).with_structured_output(schema, method=method)
        chain.invoke("hello", config={"callbacks": [recorder]})
        list(chain.stream("hello", config={"callbacks": [recorder]}))

    shown = {"kwargs": {"method": method}, "schema": convert_to_json_schema(schema)}
    assert [options["ls_structured_output_format"] for options in recorder.options] == [shown, shown]


def weather(place: str) -> str:
    """Tell the weather."""
    return place


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_a_tool_bound_along_may_be_called_instead(method: Any) -> None:
    call = {"functionCall": {"name": "weather", "args": {"place": "Paris"}}}
    with Emulator("google", script=[documents(call)]) as emulator:
        chain = model_of(emulator).with_structured_output(Person, method=method, tools=[weather], include_raw=True)
        answer = chain.invoke("hello")
        body = request_of(emulator)

    assert (answer["parsed"], answer["parsing_error"]) == (None, None)
    assert [made["name"] for made in answer["raw"].tool_calls] == ["weather"]
    names = [declaration["name"] for declaration in body["tools"][0]["functionDeclarations"]]
    assert names == (["weather"] if method == "json_schema" else ["weather", "Person"])
    assert body.get("toolConfig") == (None if method == "json_schema" else {"functionCallingConfig": {"mode": "ANY"}})


def test_a_chain_can_be_copied_and_pickled(google: Emulator) -> None:
    chain = model_of(google).with_structured_output(Person)
    for copied in (copy.deepcopy(chain), pickle.loads(pickle.dumps(chain))):  # noqa: S301 - our own
        assert isinstance(copied.invoke("hello"), Person)


def test_tools_without_the_raw_message_are_refused(google: Emulator) -> None:
    with pytest.raises(ConfigurationError, match=r"with_structured_output\(tools=...\) needs include_raw=True"):
        model_of(google).with_structured_output(Person, tools=[weather])


def test_what_cannot_be_asked_for_is_told(google: Emulator) -> None:
    model = model_of(google)
    with pytest.raises(ConfigurationError, match="needs a schema for the method 'json_schema'"):
        model.with_structured_output(None)
    with pytest.raises(ConfigurationError, match="method must be 'json_schema'"):
        model.with_structured_output(Person, method="xml")  # type: ignore[arg-type]  # the test's point
    with pytest.raises(ConfigurationError, match="cannot read the schema 'int'"):
        model.with_structured_output(5)  # type: ignore[arg-type]  # the test's point
    with pytest.raises(ConfigurationError, match="cannot read the schema with name, type"):
        model.with_structured_output({"name": "x", "type": "web_search"})
    with pytest.raises(GStreamError, match="Unknown parameter 'temprature'"):
        model.with_structured_output(Person, temprature=1).invoke("hello")
    assert google.requests == []


FORMATS: dict[str, tuple[Any, Json]] = {
    "None": (None, {}),
    "text": ({"type": "text"}, {}),
    "json_object": ({"type": "json_object"}, {"response_mime_type": "application/json"}),
    "json_schema": (
        {"type": "json_schema", "json_schema": {"name": "Person", "strict": True, "schema": PERSON}},
        {"response_mime_type": "application/json", "response_schema": PERSON},
    ),
    "json_schema of Responses": (
        {"type": "json_schema", "name": "Person", "schema": PERSON},
        {"response_mime_type": "application/json", "response_schema": PERSON},
    ),
    "a schema": (PERSON, {"response_mime_type": "application/json", "response_schema": PERSON}),
    "a class": (Person, {"response_mime_type": "application/json", "response_schema": convert_to_json_schema(Person)}),
}


@pytest.mark.parametrize(("given", "settings"), FORMATS.values(), ids=FORMATS)
def test_a_response_format_of_openai_means_settings(given: Any, settings: Json) -> None:
    assert format_settings(given) == settings


def test_a_response_format_without_its_schema_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"holds no json_schema\.schema"):
        format_settings({"type": "json_schema"})


@pytest.mark.parametrize("schema", [Person, PersonDict], ids=["pydantic", "TypedDict"])
def test_an_agent_with_a_response_format_answers_with_its_object(emulator: Emulator, schema: Any) -> None:
    agent = create_agent(model_of(emulator), tools=[weather], response_format=schema)
    state = agent.invoke({"messages": [("user", "Describe Ann.")]})

    answer = state["structured_response"]
    assert (answer if schema is PersonDict else answer.model_dump())["mood"] in {"glad", "sad"}


class Folder(typing_extensions.TypedDict):
    """A folder."""

    inside: Annotated[list[Folder], ..., "what it holds"]


class Unsaid(TypedDict):
    inside: list[Nowhere]  # type: ignore[name-defined]  # noqa: F821 - a name that is not there


def test_a_dictionary_that_holds_itself_is_explained_once() -> None:
    form = form_of(Folder)

    assert form.schema is not None
    assert form.schema["$defs"]["Folder"]["properties"]["inside"] == {
        "type": "array",
        "items": {"$ref": "#/$defs/Folder"},
        "description": "what it holds",
    }


def test_a_dictionary_that_nobody_can_read_is_told() -> None:
    with pytest.raises(RequestError, match="Unsaid has no JSON Schema: import TypedDict from typing_extensions"):
        form_of(Unsaid)

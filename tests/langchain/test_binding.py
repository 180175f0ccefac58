"""Every form of tools, tool choices and structured output: what is bound becomes exactly this request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from langchain_core.tools import tool
from langchain_core.utils.function_calling import convert_to_json_schema
from pydantic import BaseModel, Field
from pydantic import v1 as pydantic_v1
from typing_extensions import TypedDict

from gstream import ConfigurationError, RequestError, Tool, ToolChoice
from langchain_gstream.structured import format_settings
from langchain_gstream.tools import bindable_tool, check_parallel, core_choice
from tests.langchain.conftest import model_of

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from gstream.emulator import Emulator

Json = dict[str, Any]


class Look(BaseModel):
    """Look at a place."""

    at: str = Field(description="the place")


class LookV1(pydantic_v1.BaseModel):
    """Look at a place."""

    at: str = pydantic_v1.Field(description="the place")


class LookDict(TypedDict):
    """Look at a place."""

    at: Annotated[str, ..., "the place"]


def look(at: str) -> str:
    """Look at a place.

    Args:
        at: the place
    """
    return at


@tool
def look_tool(at: Annotated[str, "the place"]) -> str:
    """Look at a place."""
    return at


class Node(BaseModel):
    """A tree."""

    value: int
    kids: list[Node] = []


PARAMETERS = {
    "type": "object",
    "properties": {"at": {"type": "string", "description": "the place"}},
    "required": ["at"],
}

FORMS: dict[str, tuple[Any, str]] = {
    "pydantic v2 class": (Look, "Look"),
    "pydantic v1 class": (LookV1, "LookV1"),
    "TypedDict": (LookDict, "LookDict"),
    "function": (look, "look"),
    "BaseTool": (look_tool, "look_tool"),
    "JSON schema": ({"title": "look", "description": "Look at a place.", **PARAMETERS}, "look"),
    "OpenAI function": ({"name": "look", "description": "Look at a place.", "parameters": PARAMETERS}, "look"),
    "OpenAI tool": (
        {
            "type": "function",
            "function": {"name": "look", "description": "Look at a place.", "parameters": PARAMETERS},
        },
        "look",
    ),
    "Anthropic tool": ({"name": "look", "description": "Look at a place.", "input_schema": PARAMETERS}, "look"),
}


def sent(emulator: Emulator, model: Runnable[Any, Any], question: str = "hello") -> Json:
    model.invoke(question)
    received = emulator.requests[-1]
    assert received.status == 200
    assert received.body is not None
    return received.body


def request_of(body: Json) -> Json:
    """Return what a request says besides its question."""
    assert body["contents"] == [{"role": "user", "parts": [{"text": "hello"}]}]
    return {name: value for name, value in body.items() if name != "contents"}


def declared(name: str) -> Json:
    return {"name": name, "description": "Look at a place.", "parametersJsonSchema": PARAMETERS}


@pytest.mark.parametrize(("form", "name"), FORMS.values(), ids=FORMS)
def test_a_tool_in_every_form(google: Emulator, form: Any, name: str) -> None:
    body = sent(google, model_of(google).bind_tools([form]))

    assert request_of(body) == {"tools": [{"functionDeclarations": [declared(name)]}]}


def test_strict_closes_the_object(google: Emulator) -> None:
    body = sent(google, model_of(google).bind_tools([Look], strict=True))
    closed = {**declared("Look"), "parametersJsonSchema": {**PARAMETERS, "additionalProperties": False}}

    assert request_of(body) == {"tools": [{"functionDeclarations": [closed]}]}


@tool
def plant(root: Node) -> str:
    """Plant a tree."""
    return str(root)


def test_a_tool_whose_argument_holds_itself_keeps_its_reference() -> None:
    parameters = bindable_tool(plant)["function"]["parameters"]

    assert parameters["properties"]["root"] == {"$ref": "#/$defs/Node"}
    assert parameters["$defs"]["Node"]["properties"]["kids"]["items"] == {"$ref": "#/$defs/Node"}


def test_a_class_that_holds_itself_keeps_its_reference() -> None:
    parameters = bindable_tool(Node)["function"]["parameters"]
    node = parameters["$defs"]["Node"]

    assert parameters == {"$defs": {"Node": node}, "$ref": "#/$defs/Node"}
    assert node["properties"]["kids"]["items"] == {"$ref": "#/$defs/Node"}


BUILT_INS: dict[str, tuple[Any, Json]] = {
    "google_search": ({"google_search": {}}, {"googleSearch": {}}),
    "google_search by name": ("google_search", {"googleSearch": {}}),
    "google_search by type": ({"type": "google_search"}, {"googleSearch": {}}),
    "google_search with settings": (
        {"google_search": {"time_range_filter": {"start_time": "2025-01-01T00:00:00Z"}}},
        {"googleSearch": {"timeRangeFilter": {"startTime": "2025-01-01T00:00:00Z"}}},
    ),
    "google_search_retrieval": ({"google_search_retrieval": {}}, {"googleSearchRetrieval": {}}),
    "code_execution": ({"code_execution": {}}, {"codeExecution": {}}),
    "url_context": ({"url_context": {}}, {"urlContext": {}}),
    "google_maps": ({"google_maps": {"enable_widget": True}}, {"googleMaps": {"enableWidget": True}}),
    "file_search": (
        {"file_search": {"file_search_store_names": ["fileSearchStores/a"]}},
        {"fileSearch": {"fileSearchStoreNames": ["fileSearchStores/a"]}},
    ),
    "computer_use": (
        {"computer_use": {"environment": "ENVIRONMENT_BROWSER"}},
        {"computerUse": {"environment": "ENVIRONMENT_BROWSER"}},
    ),
}


@pytest.mark.parametrize(("given", "wire"), BUILT_INS.values(), ids=BUILT_INS)
def test_a_built_in_tool_alone(google: Emulator, given: Any, wire: Json) -> None:
    assert request_of(sent(google, model_of(google).bind_tools([given]))) == {"tools": [wire]}


@pytest.mark.parametrize(("given", "wire"), BUILT_INS.values(), ids=BUILT_INS)
def test_a_built_in_tool_together_with_a_function(google: Emulator, given: Any, wire: Json) -> None:
    body = sent(google, model_of(google).bind_tools([given, Look]))

    assert request_of(body) == {"tools": [{"functionDeclarations": [declared("Look")]}, wire]}


def test_several_built_in_tools(google: Emulator) -> None:
    body = sent(google, model_of(google).bind_tools([{"google_search": {}}, {"url_context": {}}]))

    assert request_of(body) == {"tools": [{"googleSearch": {}}, {"urlContext": {}}]}


NO_TOOLS: dict[str, tuple[Any, str]] = {
    "a number": (5, "cannot be bound as a tool"),
    "another provider's built-in": ({"type": "web_search_preview"}, "'web_search_preview' is no tool of Gemini"),
    "an OpenAI tool without function": ({"type": "function"}, "is no tool of Gemini"),
    "two tools in one": ({"google_search": {}, "url_context": {}}, "holds several tools in one"),
    "function_declarations": ({"function_declarations": []}, "hold several tools in one"),
}


@pytest.mark.parametrize(("given", "sentence"), NO_TOOLS.values(), ids=NO_TOOLS)
def test_what_is_no_tool_is_told_when_it_is_bound(given: Any, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        bindable_tool(given)

    assert sentence in str(caught.value)


# -- tool_choice --------------------------------------------------------------------------------------------------

ONLY_LOOK = {"mode": "ANY", "allowedFunctionNames": ["look"]}
CHOICES: dict[str, tuple[Any, Json | None]] = {
    "None": (None, None),
    "False": (False, None),
    "auto": ("auto", {"mode": "AUTO"}),
    "any": ("any", {"mode": "ANY"}),
    "required": ("required", {"mode": "ANY"}),
    "True": (True, {"mode": "ANY"}),
    "none": ("none", {"mode": "NONE"}),
    "validated": ("validated", {"mode": "VALIDATED"}),
    "Google's spelling": ("ANY", {"mode": "ANY"}),
    "name": ("look", ONLY_LOOK),
    "names": (["look", "Look"], {"mode": "ANY", "allowedFunctionNames": ["look", "Look"]}),
    "OpenAI's dict": ({"type": "function", "function": {"name": "look"}}, ONLY_LOOK),
    "Anthropic's dict": ({"type": "tool", "name": "look"}, ONLY_LOOK),
    "Anthropic's any": ({"type": "any"}, {"mode": "ANY"}),
    "Google's dict": (
        {"function_calling_config": {"mode": "ANY", "allowed_function_names": ["look"]}},
        ONLY_LOOK,
    ),
    "Google's dict without names": ({"functionCallingConfig": {"mode": "NONE"}}, {"mode": "NONE"}),
}


@pytest.mark.parametrize(("choice", "config"), CHOICES.values(), ids=CHOICES)
def test_a_tool_choice_in_every_form(google: Emulator, choice: Any, config: Json | None) -> None:
    body = sent(google, model_of(google).bind_tools([look, Look], tool_choice=choice))
    tools = {"tools": [{"functionDeclarations": [declared("look"), declared("Look")]}]}

    assert request_of(body) == {**tools, **({"toolConfig": {"functionCallingConfig": config}} if config else {})}


@pytest.mark.parametrize("choice", ["lok", ["look", "lok"], 5, [], {"type": "tool", "name": "lok"}], ids=str)
def test_a_tool_choice_that_names_no_bound_tool_is_told_when_it_is_bound(google: Emulator, choice: Any) -> None:
    with pytest.raises(ConfigurationError, match="names no bound tool: use 'auto', 'any', 'none' or one of 'look'"):
        model_of(google).bind_tools([look], tool_choice=choice)


def test_a_choice_of_the_core_stays_as_it_is() -> None:
    choice = ToolChoice("validated", ("f",))

    assert core_choice(choice, [Tool("f")]) is choice


def test_parallel_tool_calls_asks_for_nothing_and_cannot_be_forbidden() -> None:
    for accepted in (None, True):
        check_parallel(accepted)
    with pytest.raises(ConfigurationError, match="parallel_tool_calls=False cannot be asked of Gemini"):
        check_parallel(False)  # noqa: FBT003 - what the user passes
    with pytest.raises(ConfigurationError, match="parallel_tool_calls must be True, False or None; got 'no'"):
        check_parallel("no")


# -- structured output --------------------------------------------------------------------------------------------


class Person(BaseModel):
    """A person."""

    name: str
    mood: Literal["glad", "sad"]


class PersonV1(pydantic_v1.BaseModel):
    """A person."""

    name: str
    mood: Literal["glad", "sad"]


class PersonDict(TypedDict):
    """A person."""

    name: str
    mood: Literal["glad", "sad"]


PERSON: Json = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "mood": {"type": "string", "enum": ["glad", "sad"]}},
    "required": ["name", "mood"],
}
SCHEMAS: dict[str, tuple[Any, str | None, type]] = {
    "pydantic v2 class": (Person, "Person", Person),
    "pydantic v1 class": (PersonV1, "PersonV1", PersonV1),
    "TypedDict": (PersonDict, "PersonDict", dict),
    "JSON schema": ({"title": "Person", "description": "A person.", **PERSON}, "Person", dict),
    "OpenAI function": ({"name": "Person", "description": "A person.", "parameters": PERSON}, "Person", dict),
}


@pytest.mark.parametrize(("schema", "name", "kind"), SCHEMAS.values(), ids=SCHEMAS)
def test_structured_output_by_json_schema(google: Emulator, schema: Any, name: str, kind: type) -> None:
    model = model_of(google).with_structured_output(schema)
    answer = model.invoke("hello")
    body = google.requests[-1].body
    assert body is not None

    assert isinstance(answer, kind)
    expected = {"title": name, "description": "A person.", **PERSON}
    assert request_of(body) == {
        "generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": expected}
    }


@pytest.mark.parametrize(("schema", "name", "kind"), SCHEMAS.values(), ids=SCHEMAS)
def test_structured_output_by_function_calling(google: Emulator, schema: Any, name: str, kind: type) -> None:
    model = model_of(google).with_structured_output(schema, method="function_calling")
    answer = model.invoke("hello")
    body = google.requests[-1].body
    assert body is not None

    assert isinstance(answer, kind)
    declaration = {"name": name, "description": "A person.", "parametersJsonSchema": PERSON}
    assert request_of(body) == {
        "tools": [{"functionDeclarations": [declaration]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [name]}},
    }


def test_structured_output_by_json_mode(google: Emulator) -> None:
    body = sent(google, model_of(google).with_structured_output(None, method="json_mode"))

    assert request_of(body) == {"generationConfig": {"responseMimeType": "application/json"}}


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_a_json_schema_needs_no_title(google: Emulator, method: Any) -> None:
    answer = model_of(google).with_structured_output(PERSON, method=method).invoke("hello")

    assert answer["mood"] in {"glad", "sad"}


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_a_class_that_holds_itself_comes_back_as_its_object(google: Emulator, method: Any) -> None:
    assert isinstance(model_of(google).with_structured_output(Node, method=method).invoke("hello"), Node)


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_include_raw_gives_message_and_object(google: Emulator, method: Any) -> None:
    answer = model_of(google).with_structured_output(Person, method=method, include_raw=True).invoke("hello")

    assert set(answer) == {"raw", "parsed", "parsing_error"}
    assert isinstance(answer["parsed"], Person)
    assert answer["parsing_error"] is None
    assert answer["raw"].response_metadata["model_provider"] == "gstream"


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_output_streams_partial_objects(google: Emulator, method: Any) -> None:
    model = model_of(google).with_structured_output(PersonDict, method=method)
    pieces = list(model.stream("hello"))

    assert pieces
    assert set(pieces[-1]) == {"name", "mood"}
    assert all(set(piece) <= {"name", "mood"} for piece in pieces)


def test_structured_output_tells_what_it_cannot_read(google: Emulator) -> None:
    with pytest.raises(ConfigurationError, match="needs a schema for the method 'json_schema'"):
        model_of(google).with_structured_output(None)
    with pytest.raises(ConfigurationError, match="method must be 'json_schema'"):
        model_of(google).with_structured_output(Person, method="xml")  # type: ignore[arg-type]  # the test's point
    with pytest.raises((ConfigurationError, RequestError), match="cannot read the schema"):
        model_of(google).with_structured_output(5)  # type: ignore[arg-type]  # the test's point


FORMATS: dict[str, tuple[Any, Json]] = {
    "None": (None, {}),
    "text": ({"type": "text"}, {}),
    "json_object": ({"type": "json_object"}, {"response_mime_type": "application/json"}),
    "json_schema": (
        {"type": "json_schema", "json_schema": {"name": "Person", "strict": True, "schema": PERSON}},
        {"response_mime_type": "application/json", "response_schema": PERSON},
    ),
    "a class": (Person, {"response_mime_type": "application/json", "response_schema": convert_to_json_schema(Person)}),
}


@pytest.mark.parametrize(("given", "settings"), FORMATS.values(), ids=FORMATS)
def test_a_response_format_of_openai_means_settings(given: Any, settings: Json) -> None:
    assert format_settings(given) == settings


def test_a_response_format_without_its_schema_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"holds no json_schema\.schema"):
        format_settings({"type": "json_schema"})

"""Every form of tools and tool choices: what is bound becomes exactly this request, or a sentence before it."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from langchain.tools import InjectedState, InjectedToolArg, InjectedToolCallId, ToolRuntime
from langchain_core.exceptions import ModelInvalidRequestError
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import StructuredTool, tool
from langchain_core.tools import Tool as SimpleTool
from pydantic import BaseModel, ConfigDict, Field
from pydantic import v1 as pydantic_v1
from typing_extensions import TypedDict

from gstream import BuiltInTool, ConfigurationError, RequestError, Tool, ToolChoice
from langchain_gstream.tools import bindable_tools, core_choice, core_tools, parallel_calls
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
    "OpenAI tool of Responses": (
        {"type": "function", "name": "look", "description": "Look at a place.", "parameters": PARAMETERS},
        "look",
    ),
    "Bedrock tool": (
        {"toolSpec": {"name": "look", "description": "Look at a place.", "inputSchema": {"json": PARAMETERS}}},
        "look",
    ),
    "MCP tool": ({"name": "look", "description": "Look at a place.", "inputSchema": PARAMETERS}, "look"),
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
    parameters = bindable_tools([plant])[0]["function"]["parameters"]

    assert parameters["properties"]["root"] == {"$ref": "#/$defs/Node"}
    assert parameters["$defs"]["Node"]["properties"]["kids"]["items"] == {"$ref": "#/$defs/Node"}


def test_a_class_that_holds_itself_keeps_its_reference() -> None:
    parameters = bindable_tools([Node])[0]["function"]["parameters"]
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


SEVERAL: dict[str, list[Any]] = {
    "each by itself": [{"google_search": {}}, {"url_context": {}}],
    "in one dict": [{"google_search": {}, "urlContext": {}}],
    "in one dict, one of them null": [{"google_search": {}, "codeExecution": None, "urlContext": {}}],
}


@pytest.mark.parametrize("tools", SEVERAL.values(), ids=SEVERAL)
def test_several_built_in_tools(google: Emulator, tools: list[Any]) -> None:
    assert request_of(sent(google, model_of(google).bind_tools(tools))) == {
        "tools": [{"googleSearch": {}}, {"urlContext": {}}]
    }


GOOGLE_PARAMETERS: Json = {
    "type": "OBJECT",
    "properties": {"at": {"type": "STRING", "description": "the place"}},
    "required": ["at"],
}


class FakeSdkTool(BaseModel):
    """What `google.genai.types.Tool` looks like from outside."""

    function_declarations: list[Json] | None = None
    google_search: Json | None = None


DECLARATIONS: dict[str, Any] = {
    "camelCase": {
        "functionDeclarations": [
            {"name": "look", "description": "Look at a place.", "parameters": GOOGLE_PARAMETERS},
            {"name": "Look", "description": "Look at a place.", "parametersJsonSchema": PARAMETERS},
        ],
        "googleSearch": {},
    },
    "snake_case": {
        "function_declarations": [
            {"name": "look", "description": "Look at a place.", "parameters": GOOGLE_PARAMETERS},
            {"name": "Look", "description": "Look at a place.", "parameters_json_schema": PARAMETERS},
        ],
        "google_search": {},
    },
}
DECLARATIONS["an object of Google's SDK"] = FakeSdkTool(**DECLARATIONS["snake_case"])


@pytest.mark.parametrize("given", DECLARATIONS.values(), ids=DECLARATIONS)
def test_function_declarations_become_a_tool_each(google: Emulator, given: Any) -> None:
    before = copy.deepcopy(given)
    model = model_of(google).bind_tools([given], tool_choice="look")

    assert request_of(sent(google, model)) == {
        "tools": [{"functionDeclarations": [declared("look"), declared("Look")]}, {"googleSearch": {}}],
        "toolConfig": {"functionCallingConfig": ONLY_LOOK},
    }
    assert given == before


def test_keywords_of_a_declaration_may_be_spelled_as_googles_sdk_dumps_them(google: Emulator) -> None:
    parameters = {
        "type": "OBJECT",
        "properties": {"any_of": {"any_of": [{"type": "STRING"}, {"type": "ARRAY", "items": {}, "max_items": 2}]}},
    }
    body = sent(
        google, model_of(google).bind_tools([{"functionDeclarations": [{"name": "f", "parameters": parameters}]}])
    )

    assert body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"] == {
        "type": "object",
        "properties": {"any_of": {"anyOf": [{"type": "string"}, {"type": "array", "items": {}, "maxItems": 2}]}},
    }


@tool
def find(  # noqa: PLR0917 - one of each kind
    at: str,
    runtime: ToolRuntime,
    state: Annotated[Json, InjectedState],
    call_id: Annotated[str, InjectedToolCallId],
    secret: Annotated[str, InjectedToolArg],
    most: int = 3,
) -> str:
    """Find a place."""
    return f"{at}{runtime}{state}{call_id}{secret}{most}"


async def find_async(at: str, runtime: ToolRuntime, secret: Annotated[str, InjectedToolArg], most: int = 3) -> str:
    """Find a place."""
    return f"{at}{runtime}{secret}{most}"


@pytest.mark.parametrize("given", [find, find_async], ids=["tool", "function"])
def test_arguments_that_are_injected_are_not_shown_to_the_model(google: Emulator, given: Any) -> None:
    (declaration,) = sent(google, model_of(google).bind_tools([given]))["tools"][0]["functionDeclarations"]

    assert declaration["description"] == "Find a place."
    assert declaration["parametersJsonSchema"] == {
        "type": "object",
        "properties": {"at": {"type": "string"}, "most": {"type": "integer", "description": "Default: 3."}},
        "required": ["at"],
    }


def test_a_runnable_is_bound_as_the_tool_it_says_it_is(google: Emulator) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # LangChain calls as_tool() beta
        runnable = RunnableLambda(lambda given: given["at"]).as_tool(
            name="look", description="Look at a place.", arg_types={"at": str}
        )
    (declaration,) = sent(google, model_of(google).bind_tools([runnable]))["tools"][0]["functionDeclarations"]

    assert declaration["name"] == "look"
    assert declaration["parametersJsonSchema"]["properties"] == {"at": {"type": "string"}}


def test_a_tool_of_mcp_keeps_its_references_and_stays_as_it_is(google: Emulator) -> None:
    node = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}}
    schema = {"type": "object", "properties": {"root": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": node}}
    before = copy.deepcopy(schema)
    given = StructuredTool(name="plant", description="Plant.", args_schema=schema)
    (declaration,) = sent(google, model_of(google).bind_tools([given], strict=True))["tools"][0]["functionDeclarations"]

    parameters = declaration["parametersJsonSchema"]
    assert parameters["properties"] == {"root": {"$ref": "#/$defs/Node"}}
    assert parameters["$defs"]["Node"]["properties"] == node["properties"]
    assert parameters["$defs"]["Node"]["additionalProperties"] is False
    assert schema == before


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    known: int


class Map(BaseModel):
    """Count things."""

    counts: dict[str, int]
    open: Open


def test_strict_leaves_maps_what_they_are() -> None:
    (bound,) = bindable_tools([Map], strict=True)

    assert bound["function"]["strict"] is True
    assert bound["function"]["parameters"]["additionalProperties"] is False
    assert bound["function"]["parameters"]["properties"]["counts"]["additionalProperties"] == {"type": "integer"}
    assert bound["function"]["parameters"]["$defs"]["Open"]["additionalProperties"] is True


def test_what_is_bound_is_plain_json_that_reads_back_as_itself() -> None:
    forms = [form for form, _ in FORMS.values()]
    names = [f"f{number}" for number in range(len(forms))]
    bound = [
        {**item, "function": {**item["function"], "name": name}}
        for name, form in zip(names, forms, strict=True)
        for item in bindable_tools([form])
    ] + bindable_tools([{"google_search": {"time_range_filter": {}}}])

    assert bindable_tools(json.loads(json.dumps(bound))) == bound


NO_TOOLS: dict[str, tuple[Any, str]] = {
    "a number": (5, "cannot be bound as a tool"),
    "another provider's built-in": ({"type": "web_search_preview"}, "'web_search_preview' is no tool of Gemini"),
    "an OpenAI tool without function": ({"type": "function"}, "is no tool of Gemini"),
    "Anthropic's built-in": ({"type": "web_search_20250305", "name": "web_search"}, "'web_search_20250305' is no tool"),
    "an unknown name": ("websearch", "The tool 'websearch' is no tool of Gemini"),
    "functionDeclarations without functions": ({"function_declarations": []}, "is no tool of Gemini"),
    "functionDeclarations that are no list": ({"functionDeclarations": {"name": "f"}}, "must be a list of functions"),
    "a declaration without a name": ({"functionDeclarations": [{"description": "x"}]}, "functionDeclarations[0] is no"),
    "a declaration with what cannot be sent": (
        {"functionDeclarations": [{"name": "f", "response_json_schema": {}}]},
        "functionDeclarations[0] has responseJsonSchema",
    ),
    "parameters twice": ({"name": "f", "parameters": {}, "input_schema": {}}, "has its parameters twice"),
    "parameters that are no schema": ({"name": "f", "parameters": ["x"]}, "must be a JSON Schema; got list"),
    "a setting that is none": ({"google_search": True}, "googleSearch must be given with its settings"),
    "a runnable": (RunnableLambda(look), "a runnable by its as_tool()"),
    "a function without a name": (partial(look, at="x"), "The tool 'partial' cannot be bound as a tool"),
    "a lambda": (lambda at: at, "'<lambda>' cannot be the name of a tool"),
    "a name in Chinese": ({"name": "查天气", "parameters": PARAMETERS}, "'查天气' cannot be the name of a tool"),
    "a name with a space": ({"title": "Look up", **PARAMETERS}, "'Look up' cannot be the name of a tool"),
    "a name that is too long": ({"name": "f" * 129}, "at most 128 characters"),
}


@pytest.mark.parametrize(("given", "sentence"), NO_TOOLS.values(), ids=NO_TOOLS)
def test_what_is_no_tool_is_told_when_it_is_bound(google: Emulator, given: Any, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        model_of(google).bind_tools([given])

    assert sentence in str(caught.value)


def test_an_argument_that_no_schema_can_express_is_told_when_it_is_bound(google: Emulator) -> None:
    class Odd(BaseModel):
        run: Callable[[], None]

    with pytest.raises(RequestError, match="The tool 'Odd' cannot be bound: Odd has no JSON Schema") as caught:
        model_of(google).bind_tools([Odd])
    assert isinstance(caught.value, ModelInvalidRequestError)


@pytest.mark.parametrize(
    "tools",
    [[look, look_tool, {"name": "look"}], [{"google_search": {}}, "googleSearch"], [Look, LookV1, Look]],
    ids=["functions", "built-in tools", "classes"],
)
def test_two_tools_of_one_name_are_told_before_any_request(google: Emulator, tools: list[Any]) -> None:
    model = model_of(google).bind_tools(tools)  # LangChain's own suite does so and wants no error
    with pytest.raises(ConfigurationError, match=r"Two tools have the name '(look|googleSearch|Look)'"):
        model.invoke("hello")

    assert google.requests == []


def test_tools_given_with_the_call_are_read_and_checked_alike(google: Emulator) -> None:
    model = model_of(google)
    model.invoke("hello", tools=[look, {"google_search": {}}], tool_choice="look")
    body = google.requests[-1].body
    assert body is not None

    assert body["tools"] == [{"functionDeclarations": [declared("look")]}, {"googleSearch": {}}]
    with pytest.raises(ConfigurationError, match="Two tools have the name 'look'"):
        model.invoke("hello", tools=[look, look])
    assert len(google.requests) == 1


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
    "Google's toolConfig": ({"tool_config": {"function_calling_config": {"mode": "ANY"}}}, {"mode": "ANY"}),
    "OpenAI's dict of Responses": ({"type": "function", "name": "look"}, ONLY_LOOK),
    "OpenAI's allowed tools": (
        {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "look"}]},
        ONLY_LOOK,
    ),
    "OpenAI's allowed tools of Chat": (
        {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "look"}}]},
        },
        {"mode": "VALIDATED", "allowedFunctionNames": ["look"]},
    ),
    "Anthropic's auto": ({"type": "auto", "disable_parallel_tool_use": False}, {"mode": "AUTO"}),
}


@pytest.mark.parametrize(("choice", "config"), CHOICES.values(), ids=CHOICES)
def test_a_tool_choice_in_every_form(google: Emulator, choice: Any, config: Json | None) -> None:
    body = sent(google, model_of(google).bind_tools([look, Look], tool_choice=choice))
    tools = {"tools": [{"functionDeclarations": [declared("look"), declared("Look")]}]}

    assert request_of(body) == {**tools, **({"toolConfig": {"functionCallingConfig": config}} if config else {})}


NO_CHOICES: dict[str, tuple[Any, str]] = {
    "a name that is close": ("lok", "tool_choice names 'lok', but the functions are look: did you mean 'look'?"),
    "a word that is close": ("requird", "did you mean 'required'?"),
    "one of two names": (["look", "zzz"], "tool_choice names 'zzz', but the functions are look: choose one of them"),
    "a dict's name": ({"type": "tool", "name": "lok"}, "did you mean 'look'?"),
    "a built-in tool": ("google_search", "'google_search', which runs at the endpoint"),
    "a built-in tool's dict": ({"type": "google_search"}, "'google_search', which runs at the endpoint"),
    "a number": (5, "tool_choice=5 is not understood"),
    "no names": ([], "tool_choice=[] is not understood"),
    "an empty dict": ({}, "tool_choice={} is not understood"),
    "names that may be left alone": (
        {"function_calling_config": {"mode": "AUTO", "allowed_function_names": ["look"]}},
        "is not understood",
    ),
    "one call at a time": ({"type": "any", "disable_parallel_tool_use": True}, "cannot be asked of Gemini"),
}


@pytest.mark.parametrize(("choice", "sentence"), NO_CHOICES.values(), ids=NO_CHOICES)
def test_a_tool_choice_that_cannot_be_is_told_when_it_is_bound(google: Emulator, choice: Any, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        model_of(google).bind_tools([look, {"google_search": {}}], tool_choice=choice)

    assert sentence in str(caught.value)


def test_a_call_cannot_be_demanded_where_there_is_no_function(google: Emulator) -> None:
    with pytest.raises(ConfigurationError, match="without functions to choose from"):
        model_of(google).bind_tools([{"google_search": {}}], tool_choice="any")
    body = sent(google, model_of(google).bind_tools([{"google_search": {}}], tool_choice="auto"))

    assert request_of(body) == {"tools": [{"googleSearch": {}}]}


def test_a_choice_of_the_core_stays_as_it_is() -> None:
    choice = ToolChoice("validated", ("f",))

    assert core_choice(choice, [Tool("f")]) is choice


def test_parallel_tool_calls_is_yes_no_or_nothing() -> None:
    assert [parallel_calls(given) for given in (None, True, False)] == [True, True, False]
    with pytest.raises(ConfigurationError, match="parallel_tool_calls must be True, False or None; got 'no'"):
        parallel_calls("no")


def test_langchains_simple_tool_takes_one_text(google: Emulator) -> None:
    simple = SimpleTool("look", lambda at: at, "Look.")
    model_of(google).bind_tools([simple]).invoke("hi")
    (declared,) = (google.requests[-1].body or {})["tools"][0]["functionDeclarations"]

    assert (declared["name"], declared["description"]) == ("look", "Look.")
    assert [kind["type"] for kind in declared["parametersJsonSchema"]["properties"].values()] == ["string"]


def test_the_cores_own_tools_are_taken_as_they_are() -> None:
    assert core_tools([Tool("look", "Look."), BuiltInTool("googleSearch")]) == (
        Tool("look", "Look."),
        BuiltInTool("googleSearch"),
    )


def test_a_function_whose_annotations_cannot_be_read_is_told(google: Emulator) -> None:
    def odd(at: Nowhere) -> None:  # type: ignore[name-defined]  # noqa: F821 - a name that is not there
        """Look."""

    with pytest.raises(ConfigurationError, match=r"The tool 'odd' cannot be bound as a tool: .*Nowhere"):
        model_of(google).bind_tools([odd])

"""Tools and tool choices in the words of every provider, read into the core's."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gstream import BuiltInTool, ConfigurationError, Tool, ToolChoice
from gstream.tools import BUILT_IN, checked, choice, read_tools

Json = dict[str, Any]
SCHEMA: Json = {"type": "object", "properties": {"at": {"type": "string"}}}
LOOK = Tool("look", "Look.", SCHEMA)
SEARCH = BuiltInTool("googleSearch")
SAID = {"name": "look", "description": "Look."}

TOOLS: dict[str, tuple[Any, tuple[Tool | BuiltInTool, ...]]] = {
    "OpenAI Chat": ({"type": "function", "function": {**SAID, "parameters": SCHEMA}}, (LOOK,)),
    "OpenAI Chat without a type": ({"function": {**SAID, "parameters": SCHEMA}}, (LOOK,)),
    "OpenAI Responses": ({"type": "function", **SAID, "parameters": SCHEMA, "strict": True}, (LOOK,)),
    "bare": ({**SAID, "parameters": SCHEMA}, (LOOK,)),
    "Anthropic": ({**SAID, "input_schema": SCHEMA}, (LOOK,)),
    "Anthropic's custom type": ({"type": "custom", **SAID, "input_schema": SCHEMA}, (LOOK,)),
    "MCP": ({**SAID, "inputSchema": SCHEMA}, (LOOK,)),
    "Bedrock": ({"toolSpec": {**SAID, "inputSchema": {"json": SCHEMA}}}, (LOOK,)),
    "JSON Schema": ({"title": "look", "description": "Look.", **SCHEMA}, (LOOK,)),
    "without parameters": ({"name": "look"}, (Tool("look"),)),
    "with empty parameters": ({"name": "look", "parameters": {}}, (Tool("look"),)),
    "Google, several": (
        {"functionDeclarations": [{**SAID, "parametersJsonSchema": SCHEMA}, {"name": "g"}], "google_search": {}},
        (LOOK, Tool("g"), SEARCH),
    ),
    "a name": ("google_search", (SEARCH,)),
    "a name as on the wire": ("googleSearch", (SEARCH,)),
    "a key": ({"google_search": None}, (SEARCH,)),
    "a type with settings": (
        {"type": "file_search", "file_search_store_names": ["a_b"]},
        (BuiltInTool("fileSearch", {"fileSearchStoreNames": ["a_b"]}),),
    ),
    "headers keep their names": (
        {"mcp_servers": [{"streamable_http_transport": {"headers": {"x_y": "z"}}}]},
        (BuiltInTool("mcpServers", [{"streamableHttpTransport": {"headers": {"x_y": "z"}}}]),),  # type: ignore[arg-type]  # the one that is a list
    ),
    "several keys": (
        {"url_context": {}, "code_execution": {}},
        (BuiltInTool("urlContext"), BuiltInTool("codeExecution")),
    ),
    "a type without settings": ({"type": "google_search"}, (SEARCH,)),
    "Google's schema in snake case": (
        {
            "function_declarations": [
                {**SAID, "parameters": {"any_of": [SCHEMA, {"type": "array", "items": {"min_items": 1}}]}}
            ]
        },
        (Tool("look", "Look.", {"anyOf": [SCHEMA, {"type": "array", "items": {"minItems": 1}}]}),),
    ),
    "Google's properties keep their names": (
        {"functionDeclarations": [{**SAID, "parameters": {"properties": {"a_b": {"max_items": 2}}, "items": True}}]},
        (Tool("look", "Look.", {"properties": {"a_b": {"maxItems": 2}}, "items": True}),),
    ),
    "Bedrock's without a schema": ({"toolSpec": SAID}, (Tool("look", "Look."),)),
    "no tool: a name that is none": ({"function": {"name": 7}}, ()),
    "no tool: a word": ("look", ()),
    "no tool: nothing": ({}, ()),
    "no tool: a list": ([SAID], ()),
    "no tool: another provider's": ({"type": "web_search_20250305", "name": "web_search"}, ()),
    "no tool: OpenAI's free text": ({"type": "custom", "name": "x", "format": {}}, ()),
    "no tool: a schema of no object": ({"title": "x", "type": "array"}, ()),
}


@pytest.mark.parametrize(("given", "expected"), TOOLS.values(), ids=TOOLS)
def test_a_tool_in_every_form_is_read(given: Any, expected: tuple[Tool | BuiltInTool, ...]) -> None:
    before = copy.deepcopy(given)

    assert read_tools(given) == expected
    assert given == before


UNREADABLE: dict[str, tuple[Any, str]] = {
    "declarations that are no list": ({"functionDeclarations": SAID}, "must be a list of functions; got dict"),
    "a declaration without a name": (
        {"functionDeclarations": [SAID, {"description": "x"}]},
        r"functionDeclarations\[1\] is no function",
    ),
    "a declaration that is a word": ({"functionDeclarations": ["look"]}, r"functionDeclarations\[0\] is no function"),
    "a declaration that says too much": (
        {"functionDeclarations": [{**SAID, "response_json_schema": {}, "behavior": "BLOCKING"}]},
        "has behavior, responseJsonSchema, which this library cannot send",
    ),
    "settings that are a word": ({"google_search": "yes"}, "googleSearch must be given with its settings"),
    "parameters twice": ({**SAID, "parameters": SCHEMA, "inputSchema": SCHEMA}, "'look' has its parameters twice"),
    "parameters that are a word": (
        {**SAID, "parameters": "none"},
        "parameters of the tool 'look' must be a JSON Schema; got str",
    ),
}


@pytest.mark.parametrize(("given", "complaint"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_tool_whose_inside_cannot_be_read_is_told(given: Any, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        read_tools(given)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_built_in_tool_is_known_in_both_spellings(name: str) -> None:
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)

    assert read_tools(name) == read_tools(snake) == read_tools({snake: {}}) == (BuiltInTool(name),)


@pytest.mark.parametrize("name", ["f", "_f", "a.b:c-d_9", "f" * 128])
def test_a_name_the_api_takes_passes(name: str) -> None:
    assert checked([Tool(name), SEARCH]) == (Tool(name), SEARCH)


@pytest.mark.parametrize("name", ["", "9f", "a b", "查", "f" * 129, "a/b", "f\n"])
def test_a_name_the_api_does_not_take_is_told(name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be the name of a tool"):
        checked([Tool(name)])


def test_one_name_cannot_stand_twice() -> None:
    with pytest.raises(ConfigurationError, match="Two tools have the name 'look'"):
        checked([LOOK, SEARCH, Tool("look")])
    assert len(checked([LOOK, Tool("look")], repeats=True)) == 2


CHOICES: dict[str, tuple[Any, ToolChoice | None]] = {
    "None": (None, None),
    "False": (False, None),
    "True": (True, ToolChoice("any")),
    "a word in capitals": ("REQUIRED", ToolChoice("any")),
    "a name": ("look", ToolChoice("any", ("look",))),
    "a tuple of names": (("look",), ToolChoice("any", ("look",))),
    "a word in a list": (["any"], ToolChoice("any", ("any",))),
    "a word in a dict": (
        {"type": "function", "function": {"name": "none"}},
        ToolChoice("any", ("none",)),
    ),
    "a type alone": ({"type": "none"}, ToolChoice("none")),
    "Google's config": ({"mode": "VALIDATED", "allowedFunctionNames": ["look"]}, ToolChoice("validated", ("look",))),
    "Google's unspecified": ({"mode": "MODE_UNSPECIFIED"}, ToolChoice("auto")),
    "Google's whole config": ({"toolConfig": {"function_calling_config": {"mode": "ANY"}}}, ToolChoice("any")),
    "Google's config without a mode": ({"functionCallingConfig": {}}, ToolChoice("auto")),
    "OpenAI's allowed tools": (
        {
            "type": "allowed_tools",
            "allowed_tools": {"mode": "required", "tools": [{"type": "function", "name": "look"}]},
        },
        ToolChoice("any", ("look",)),
    ),
    "OpenAI's allowed tools, which may be let alone": (
        {"type": "allowed_tools", "tools": ["look", {"function": {"name": "any"}}]},
        ToolChoice("validated", ("look", "any")),
    ),
    "a name as a type": ({"type": "look"}, ToolChoice("any", ("look",))),
    "the core's": (ToolChoice("any", ("look",)), ToolChoice("any", ("look",))),
}


@pytest.mark.parametrize(("given", "expected"), CHOICES.values(), ids=CHOICES)
def test_a_choice_in_every_form_is_read(given: Any, expected: ToolChoice | None) -> None:
    assert choice(given, [LOOK, Tool("any"), Tool("none")]) == expected


@pytest.mark.parametrize(
    "given",
    [
        7,
        [],
        [1],
        {},
        {"type": "function"},
        {"mode": "SOMETIMES"},
        {"type": "allowed_tools"},
        ToolChoice("auto", ("look",)),
    ],
    ids=str,
)
def test_what_is_no_choice_is_told_with_what_there_is(given: Any) -> None:
    with pytest.raises(ConfigurationError, match="is not understood: give auto, none, any, required"):
        choice(given, [LOOK])


def test_a_choice_that_demands_nothing_needs_no_function() -> None:
    assert [choice(word, [SEARCH]) for word in ("auto", "none", None)] == [None, None, None]
    for demanded in ("any", "look", ToolChoice("any", ("look",))):
        with pytest.raises(ConfigurationError, match="without functions to choose from"):
            choice(demanded, [SEARCH])


NOT_THERE: dict[str, tuple[Any, str]] = {
    "a tool of the endpoint": ("google_search", "runs at the endpoint: only functions can be demanded"),
    "a slip of the pen": ("lok", "the functions are look: did you mean 'look'"),
    "a slip of the pen in a word": ("requird", "did you mean 'required'"),
    "another word": ("zzzzzz", "choose one of them, or auto, none, any, required"),
}


@pytest.mark.parametrize(("given", "complaint"), NOT_THERE.values(), ids=NOT_THERE)
def test_a_function_that_is_not_there_is_told_with_the_nearest_one(given: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        choice(given, [LOOK])


def test_what_gemini_cannot_be_asked_is_told_with_the_way_to_have_it() -> None:
    with pytest.raises(ConfigurationError, match="parallel_tool_calls=False"):
        choice({"type": "auto", "disable_parallel_tool_use": True}, [LOOK])

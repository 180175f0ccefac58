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

"""Tools and tool choices as users of any provider write them in, `Tool`, `BuiltInTool` and `ToolChoice` out; pure.

Lives here: every form that is a name or a JSON object, as both adapters take it. Must not live here: Python classes and
functions (each framework describes them in its own way), and how tools are written into a request (`request`).
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any, Final

from gstream.errors import ConfigurationError
from gstream.messages import CHOICE_MODES, BuiltInTool, Tool, ToolChoice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gstream.messages import JsonObject

__all__ = ["BUILT_IN", "checked", "choice", "read_tools"]

BUILT_IN: Final = frozenset(
    {"googleSearch", "googleSearchRetrieval", "codeExecution", "urlContext", "googleMaps", "fileSearch", "computerUse",
     "mcpServers"}
)  # fmt: skip
"""The tools that run at the endpoint (discovery: `Tool`)."""

_DECLARATIONS: Final = "functionDeclarations"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")
"""What may be a function's name (discovery: `FunctionDeclaration.name`; Google's refusal adds how it must start)."""


# -- tools --------------------------------------------------------------------------------------------------------


def read_tools(given: object) -> tuple[Tool | BuiltInTool, ...]:
    """Return the tools that a name or a JSON object means; empty if it means none.

    Args:
        given: a built-in tool by name (`"google_search"`), as `{"google_search": {...}}` or `{"type": "google_search",
            ...}`, several in one object as in Google's `Tool`, `functionDeclarations` among them; a function as OpenAI
            (Chat and Responses), Anthropic, Google, MCP or Bedrock write it, or as a JSON Schema of an object with a
            title. Names may be snake_case or camelCase.

    Raises:
        ConfigurationError: it is a tool whose inside cannot be read.
    """
    if isinstance(given, str):
        return (BuiltInTool(_camel(given)),) if _camel(given) in BUILT_IN else ()
    if not isinstance(given, dict) or not given:
        return ()
    if all(isinstance(name, str) and _camel(name) in {*BUILT_IN, _DECLARATIONS} for name in given):
        # A null beside other tools is how programs write that one is not there.
        there = {name: inside for name, inside in given.items() if inside is not None} or given
        return tuple(tool for name, inside in there.items() for tool in _members(_camel(name), inside))
    kind = given.get("type")
    if isinstance(kind, str) and _camel(kind) in BUILT_IN:
        return (BuiltInTool(_camel(kind), _camel_keys({name: item for name, item in given.items() if name != "type"})),)
    function = _function(given)
    return () if function is None else (function,)


def _members(name: str, inside: Any) -> tuple[Tool | BuiltInTool, ...]:
    """Return the tools under one key of Google's `Tool`."""
    if name == _DECLARATIONS:
        if not isinstance(inside, list | tuple):
            raise ConfigurationError(f"functionDeclarations must be a list of functions; got {type(inside).__name__}.")
        return tuple(_declaration(item, place) for place, item in enumerate(inside))
    if inside is not None and not isinstance(inside, dict | list):
        raise ConfigurationError(f"{name} must be given with its settings, {{}} for none; got {inside!r}.")
    return (BuiltInTool(name, _camel_keys(inside or {})),)


def _declaration(given: Any, place: int) -> Tool:
    """Return one element of `functionDeclarations` as a tool; its `parameters` may be spelled in snake_case."""
    where = f"functionDeclarations[{place}]"
    found = _plain_function(given) if isinstance(given, dict) and isinstance(given.get("name"), str) else None
    if found is None:
        raise ConfigurationError(f"{where} is no function: give it a name, a description and parameters.")
    unsaid = sorted({_camel(name) for name in given} & {"behavior", "response", "responseJsonSchema"})
    if unsaid:
        raise ConfigurationError(f"{where} has {', '.join(unsaid)}, which this library cannot send: leave it out.")
    return Tool(found.name, found.description, _camel_schema(found.schema)) if found.schema else found


def _function(given: JsonObject) -> Tool | None:
    """Return the function that a provider's dict means, or a JSON Schema with a title; `None` if it means none."""
    kind = given.get("type")
    if isinstance(spec := given.get("toolSpec"), dict):  # Bedrock
        schema = spec.get("inputSchema")
        return _plain_function({**spec, "inputSchema": schema.get("json") if isinstance(schema, dict) else schema})
    if kind == "function" and isinstance(function := given.get("function"), dict):  # OpenAI Chat
        return _plain_function(function)
    # Anthropic's and OpenAI's own tools have a name too ({"type": "web_search_20250305", "name": ...}).
    if isinstance(given.get("name"), str) and (kind in {None, "function"} or "input_schema" in given):
        return _plain_function(given)
    if isinstance(title := given.get("title"), str) and (_is_object(kind) or "properties" in given or "$ref" in given):
        schema = {name: value for name, value in given.items() if name not in {"title", "description"}}
        return Tool(title, str(given.get("description") or ""), schema)
    if isinstance(function := given.get("function"), dict) and kind is None:
        return _plain_function(function)
    return None


def _is_object(kind: object) -> bool:
    return isinstance(kind, str) and kind.lower() == "object"


_SCHEMAS: Final = ("parameters", "parametersJsonSchema", "parameters_json_schema", "input_schema", "inputSchema")


def _plain_function(given: JsonObject) -> Tool | None:
    name = given.get("name")
    if not isinstance(name, str) or not name:
        return None
    schemas = [given[key] for key in _SCHEMAS if given.get(key) is not None]
    if len(schemas) > 1:
        raise ConfigurationError(f"The tool {name!r} has its parameters twice: give one schema.")
    if schemas and not isinstance(schemas[0], dict):
        raise ConfigurationError(
            f"The parameters of the tool {name!r} must be a JSON Schema; got {type(schemas[0]).__name__}."
        )
    return Tool(name, str(given.get("description") or ""), schemas[0] if schemas and schemas[0] else None)


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def _camel_keys(value: Any) -> Any:
    """Return a configuration in the spelling of the wire; what the caller names (HTTP headers) stays as it is."""
    if isinstance(value, list):
        return [_camel_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {_camel(name): item if name == "headers" else _camel_keys(item) for name, item in value.items()}


def _camel_schema(schema: Any) -> Any:
    """Return a schema whose keywords are spelled in snake_case, as Google's SDK dumps it, in the usual spelling."""
    if isinstance(schema, list):
        return [_camel_schema(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    result: JsonObject = {}
    for typed, value in schema.items():
        keyword = _camel(typed)
        if keyword in {"properties", "$defs", "definitions", "patternProperties"} and isinstance(value, dict):
            result[keyword] = {name: _camel_schema(member) for name, member in value.items()}
        elif keyword in {"items", "prefixItems", "anyOf", "oneOf", "allOf", "additionalProperties", "not"}:
            result[keyword] = _camel_schema(value)
        else:
            result[keyword] = value
    return result


def checked(tools: Iterable[Tool | BuiltInTool], *, repeats: bool = False) -> tuple[Tool | BuiltInTool, ...]:
    """Return `tools`, having made sure that the API takes their names.

    Args:
        tools: what one request is to offer.
        repeats: whether a name may stand twice all the same, because the request is not made yet.

    Raises:
        ConfigurationError: a function's name is none the API takes, or one name stands twice.
    """
    given = tuple(tools)
    seen: set[str] = set()
    for tool in given:
        if isinstance(tool, Tool) and not _NAME.fullmatch(tool.name):
            raise ConfigurationError(
                f"{tool.name!r} cannot be the name of a tool: Gemini takes a letter or _, then letters a-z, digits, "
                "_ . : and -, at most 128 characters."
            )
        if tool.name in seen and not repeats:
            raise ConfigurationError(f"Two tools have the name {tool.name!r}: give each a name of its own.")
        seen.add(tool.name)
    return given


# -- tool choice --------------------------------------------------------------------------------------------------


def choice(given: object, tools: Sequence[Tool | BuiltInTool]) -> ToolChoice | None:
    """Return what `tool_choice` means; `None`: not sent, the model decides.

    Args:
        given: "auto", "any", "required", "none", "validated" (in any case), `True` (any), `False` and `None` (the model
            decides), a function's name, a list of names, a `ToolChoice`, or the dict of OpenAI (`function` of Chat and
            Responses, `allowed_tools`), Anthropic or Google. A function that is called like one of the words is meant
            by a list or a dict only.
        tools: the tools of the prompt, among which names must be.

    Raises:
        ConfigurationError: it is none of these, names what is no function of `tools`, or demands a call where there is
            none to make.
    """
    if given is None or given is False:
        return None
    wanted = given if isinstance(given, ToolChoice) else _wanted(given)
    if wanted is None or (wanted.names and wanted.mode not in {"any", "validated"}):
        raise ConfigurationError(
            f"tool_choice={given!r} is not understood: give auto, none, any, required, a function's name, a list of "
            'names, or {"type": "function", "function": {"name": ...}}.'
        )
    functions = [tool.name for tool in tools if isinstance(tool, Tool)]
    for name in wanted.names:
        if name not in functions:
            raise _unknown(name, functions)
    if functions:
        return wanted
    if wanted.mode in {"auto", "none"}:
        return None
    raise ConfigurationError(
        f"tool_choice={given!r} was given without functions to choose from: give tools=[...] that are functions, or "
        "leave tool_choice out (tools that run at the endpoint cannot be demanded)."
    )


def _unknown(name: str, functions: list[str]) -> ConfigurationError:
    if _camel(name) in BUILT_IN:
        return ConfigurationError(
            f"tool_choice names {name!r}, which runs at the endpoint: only functions can be demanded, so leave "
            "tool_choice out and ask for it in the prompt."
        )
    if not functions:
        return ConfigurationError(
            f"tool_choice names {name!r}, but was given without functions to choose from: give tools=[...]."
        )
    near = difflib.get_close_matches(name, [*functions, *CHOICE_MODES], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "choose one of them, or auto, none, any, required."
    return ConfigurationError(f"tool_choice names {name!r}, but the functions are {', '.join(functions)}: {hint}")


def _wanted(given: object) -> ToolChoice | None:
    """Return what a choice says, whether or not its names exist; `None` if it says nothing known."""
    if given is True:
        return ToolChoice("any")
    if isinstance(given, str):
        mode = CHOICE_MODES.get(given.lower())
        return ToolChoice(mode) if mode else ToolChoice("any", (given,))
    if isinstance(given, list | tuple):
        return _named("any", given)
    if isinstance(given, dict):
        return _of_google(given) or _of_providers(given)
    return None


def _named(word: object, names: object) -> ToolChoice | None:
    """Return the choice of a mode's word and a list of names; `None` if either is none."""
    mode = CHOICE_MODES.get(word.lower()) if isinstance(word, str) else None
    if mode is None or not isinstance(names, list | tuple) or not names:
        return None
    return ToolChoice(mode, tuple(names)) if all(isinstance(name, str) and name for name in names) else None


def _of_google(given: JsonObject) -> ToolChoice | None:
    """Return the choice of `{"functionCallingConfig": {"mode", "allowedFunctionNames"}}`, or of its inside alone."""
    config = {_camel(str(name)): value for name, value in given.items()}
    for name in ("toolConfig", "functionCallingConfig"):
        if isinstance(inside := config.get(name), dict):
            config = {_camel(str(key)): value for key, value in inside.items()}
            config.setdefault("mode", "AUTO")
    word = config.get("mode")
    if "type" in config or not isinstance(word, str):
        return None
    if names := config.get("allowedFunctionNames"):
        return _named(word, names)
    mode = "auto" if word.upper() == "MODE_UNSPECIFIED" else CHOICE_MODES.get(word.lower())
    return ToolChoice(mode) if mode else None


def _of_providers(given: JsonObject) -> ToolChoice | None:
    """Return the choice of OpenAI's and Anthropic's dicts."""
    if given.get("disable_parallel_tool_use"):
        raise ConfigurationError(
            "disable_parallel_tool_use cannot be asked of Gemini, whose API has no such field: leave it out, and pass "
            "parallel_tool_calls=False (LangChain) or allow_parallel_tool_calls=False (LlamaIndex)."
        )
    kind = given.get("type")
    if kind == "allowed_tools":
        inside = given.get("allowed_tools")
        inside = inside if isinstance(inside, dict) else given
        allowed = [_name_in(tool) if isinstance(tool, dict) else tool for tool in inside.get("tools") or ()]
        # VALIDATED with names is "text, or a call of one of these" (discovery: FunctionCallingConfig.mode).
        return _named("validated" if inside.get("mode", "auto") == "auto" else inside["mode"], allowed)
    if name := _name_in(given):
        return _named("any", [name])
    if not isinstance(kind, str) or kind in {"function", "tool"}:
        return None
    mode = CHOICE_MODES.get(kind.lower())
    return ToolChoice(mode) if mode else ToolChoice("any", (kind,))


def _name_in(given: JsonObject) -> object:
    function = given.get("function")
    return function.get("name") if isinstance(function, dict) else given.get("name")

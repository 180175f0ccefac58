"""LangChain's many forms of tools and tool choices in, the core's `Tool`, `BuiltInTool` and `ToolChoice` out; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel

from gstream import BuiltInTool, ConfigurationError, Tool, ToolChoice
from gstream.messages import CHOICE_MODES

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bindable_tool", "check_parallel", "core_choice", "core_tools", "with_references"]

BUILT_IN: Final = frozenset(
    {"googleSearch", "googleSearchRetrieval", "codeExecution", "urlContext", "googleMaps", "fileSearch", "computerUse",
     "mcpServers"}
)  # fmt: skip
"""The tools that run at the endpoint (discovery: `Tool`)."""


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def built_in(tool: Any) -> BuiltInTool | None:
    """Return the built-in tool that a dict or a name means (`{"google_search": {}}`); `None` if it means none."""
    if isinstance(tool, str):
        return BuiltInTool(_camel(tool)) if _camel(tool) in BUILT_IN else None
    if not isinstance(tool, dict):
        return None
    if len(tool) == 1:
        ((name, config),) = tool.items()
        if _camel(name) in BUILT_IN and isinstance(config, dict | list | None):
            return BuiltInTool(_camel(name), _camel_keys(config or {}))
    kind = tool.get("type")
    if isinstance(kind, str) and _camel(kind) in BUILT_IN:
        return BuiltInTool(_camel(kind), _camel_keys({key: value for key, value in tool.items() if key != "type"}))
    return None


def _camel_keys(value: Any) -> Any:
    """Return a configuration in the spelling of the wire; what the caller names (HTTP headers) stays as it is."""
    if isinstance(value, list):
        return [_camel_keys(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {_camel(name): item if name == "headers" else _camel_keys(item) for name, item in value.items()}


def bindable_tool(tool: Any, *, strict: bool | None = None) -> dict[str, Any]:
    """Return a tool in any form LangChain knows as plain JSON, fit to be bound, traced and sent.

    A function becomes OpenAI's `{"type": "function", "function": {...}}`, a built-in tool `{"googleSearch": {...}}`.

    Raises:
        ConfigurationError: it is no tool.
    """
    found = built_in(tool)
    if found is not None:
        return {found.name: found.config}
    if isinstance(tool, dict) and ("functionDeclarations" in tool or "function_declarations" in tool):
        raise ConfigurationError(
            "functionDeclarations hold several tools in one: bind each of them by itself, as a function or a dict with "
            "name, description and parameters."
        )
    if isinstance(tool, dict) and len(tool) > 1 and all(_camel(str(name)) in BUILT_IN for name in tool):
        raise ConfigurationError(
            f"The dict with {', '.join(map(repr, tool))} holds several tools in one: bind each of them by itself."
        )
    try:
        bound = convert_to_openai_tool(tool, strict=strict)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{_shown(tool)} cannot be bound as a tool: {error}") from None
    function = bound.get("function")
    if not isinstance(function, dict) or not function.get("name"):
        raise ConfigurationError(
            f"{_shown(tool)} is no tool of Gemini: bind a function, a dict with name, description and parameters, "
            f"or one of {', '.join(sorted(BUILT_IN))}."
        )
    if not strict and (schema := with_references(tool)) is not None:
        bound = {**bound, "function": {**function, "parameters": schema}}
    return bound


def _shown(tool: Any) -> str:
    """Return the name of what should have been a tool, for a sentence."""
    kind = tool.get("type") if isinstance(tool, dict) else None
    name = kind or getattr(tool, "__name__", None) or type(tool).__name__
    return f"The tool {name!r}"


def with_references(tool: Any) -> dict[str, Any] | None:
    """Return the schema of a pydantic class whose fields are classes; `None` for any other tool.

    LangChain's own conversion writes them out in place, and leaves "anything" where a class holds itself.
    """
    given = getattr(tool, "tool_call_schema", tool)  # of a BaseTool, which takes its time to import
    if not isinstance(given, type) or not issubclass(given, BaseModel):
        return None
    from gstream.schema import schema_of  # noqa: PLC0415 - who binds no class need not wait for it

    schema = schema_of(given)
    if "$defs" not in schema:
        return None
    return {name: value for name, value in schema.items() if name not in {"title", "description"}}


def check_parallel(parallel_tool_calls: object) -> None:
    """Accept OpenAI's `parallel_tool_calls=True`, and `None`: Gemini calls as many functions at once as it likes.

    Raises:
        ConfigurationError: it is `False`. The API has no such field, and to hide all calls but the first would change
            what the model remembers to have said.
    """
    if parallel_tool_calls is False:
        raise ConfigurationError(
            "parallel_tool_calls=False cannot be asked of Gemini, whose API has no such field: leave it out, and "
            "say in the system message that only one function may be called at a time."
        )
    if parallel_tool_calls is not None and parallel_tool_calls is not True:
        raise ConfigurationError(f"parallel_tool_calls must be True, False or None; got {parallel_tool_calls!r}.")


def core_tools(tools: Sequence[Any]) -> tuple[Tool | BuiltInTool, ...]:
    """Return bound tools as the core's."""
    result: list[Tool | BuiltInTool] = []
    for tool in tools:
        bound = bindable_tool(tool)
        if (found := built_in(bound)) is not None:
            result.append(found)
        else:
            function = bound["function"]
            result.append(Tool(function["name"], function.get("description") or "", function.get("parameters")))
    return tuple(result)


def core_choice(choice: Any, tools: Sequence[Tool | BuiltInTool]) -> ToolChoice | None:
    """Return what `tool_choice` means; `None` for "as the model likes".

    Args:
        choice: "auto", "any", "required", "none", `True` (any), `False` and `None` (as the model likes), a function's
            name, a list of names, or OpenAI's, Anthropic's and Google's dicts.
        tools: the bound tools, among which names must be.

    Raises:
        ConfigurationError: it is none of these, or a name that is not bound.
    """
    if choice is None or choice is False:
        return None
    if isinstance(choice, ToolChoice):
        return choice
    mode: Any = "any"
    if isinstance(choice, dict):
        mode, choice = _dict_choice(choice)
    if choice is True:
        choice = "any"
    if isinstance(choice, str) and choice.lower() in CHOICE_MODES:
        return ToolChoice(CHOICE_MODES[choice.lower()])
    names = (choice,) if isinstance(choice, str) else tuple(choice) if isinstance(choice, list | tuple) else ()
    known = [tool.name for tool in tools if isinstance(tool, Tool)]
    unknown = [name for name in names if name not in known]
    if unknown or not names or mode not in {"any", "validated"}:
        raise ConfigurationError(
            f"tool_choice={choice!r} names no bound tool: use 'auto', 'any', 'none' or one of "
            f"{', '.join(map(repr, known)) or 'the tools you bind'}."
        )
    return ToolChoice(mode, names)


def _dict_choice(choice: dict[str, Any]) -> tuple[str, Any]:
    """Return the mode that goes with names, and the mode or the names, that a provider's dict means.

    OpenAI: `{"type": "function", "function": {"name": ...}}`. Anthropic: `{"type": "tool", "name": ...}`, `{"type":
    "any"}`. Google: `{"function_calling_config": {"mode": "ANY", "allowed_function_names": [...]}}`.
    """
    config = choice.get("functionCallingConfig") or choice.get("function_calling_config")
    if isinstance(config, dict):
        mode = str(config.get("mode") or "auto").lower()
        return mode, config.get("allowedFunctionNames") or config.get("allowed_function_names") or mode
    function = choice.get("function")
    name = function.get("name") if isinstance(function, dict) else choice.get("name")
    return "any", name or choice.get("type")

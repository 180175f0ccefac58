"""LangChain's many forms of tools and tool choices in, the core's `Tool`, `BuiltInTool` and `ToolChoice` out; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from langchain_core.utils.function_calling import convert_to_openai_tool

from gstream import BuiltInTool, ConfigurationError, Tool, ToolChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bindable_tool", "core_choice", "core_tools"]

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
        if _camel(name) in BUILT_IN and isinstance(config, dict | None):
            return BuiltInTool(_camel(name), dict(config or {}))
    kind = tool.get("type")
    if isinstance(kind, str) and _camel(kind) in BUILT_IN:
        return BuiltInTool(_camel(kind), {key: value for key, value in tool.items() if key != "type"})
    return None


def bindable_tool(tool: Any, *, strict: bool | None = None) -> dict[str, Any]:
    """Return a tool in any form LangChain knows as plain JSON, fit to be bound, traced and sent.

    A function becomes OpenAI's `{"type": "function", "function": {...}}`, a built-in tool `{"googleSearch": {...}}`.

    Raises:
        ConfigurationError: it is no tool.
    """
    found = built_in(tool)
    if found is not None:
        return {found.name: found.config}
    if isinstance(tool, dict) and isinstance(tool.get("functionDeclarations"), list):
        raise ConfigurationError(
            "functionDeclarations hold several tools in one: bind each of them by itself, as a function or a dict with "
            "name, description and parameters."
        )
    try:
        return convert_to_openai_tool(tool, strict=strict)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{getattr(tool, '__name__', None) or type(tool).__name__!r} cannot be bound as a tool: {error}"
        ) from None


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
            name, a list of names, or OpenAI's and Anthropic's dicts.
        tools: the bound tools, among which names must be.

    Raises:
        ConfigurationError: it is none of these, or a name that is not bound.
    """
    if choice is None or choice is False:
        return None
    if isinstance(choice, ToolChoice):
        return choice
    if isinstance(choice, dict):
        function = choice.get("function")
        choice = function.get("name") if isinstance(function, dict) else choice.get("name") or choice.get("type")
    if choice is True or choice in ("any", "required"):
        return ToolChoice("any")
    if choice in ("auto", "none", "validated"):
        return ToolChoice(choice)
    names = (choice,) if isinstance(choice, str) else tuple(choice) if isinstance(choice, list | tuple) else ()
    known = [tool.name for tool in tools if isinstance(tool, Tool)]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ConfigurationError(
            f"tool_choice={choice!r} names no bound tool: use 'auto', 'any', 'none' or one of "
            f"{', '.join(map(repr, known)) or 'the tools you bind'}."
        )
    return ToolChoice("any", names)

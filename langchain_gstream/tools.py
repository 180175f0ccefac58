"""LangChain's many forms of tools in, plain JSON fit to be bound, traced and sent out, and the core's tools; pure."""

from __future__ import annotations

from dataclasses import replace
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel

from gstream import BuiltInTool, ConfigurationError, RequestError, Tool
from gstream.tools import BUILT_IN, checked, read_tools
from gstream.tools import choice as core_choice

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["bindable_tools", "core_choice", "core_tools", "described", "parallel_calls"]

JsonObject = dict[str, Any]


def bindable_tools(tools: Iterable[Any], *, strict: bool | None = None, choice: object = None) -> list[JsonObject]:
    """Return tools in any form LangChain knows as plain JSON, fit to be bound, traced and sent.

    A function becomes OpenAI's `{"type": "function", "function": {...}}`, a built-in tool `{"googleSearch": {...}}`; a
    dict that holds several tools becomes several.

    Args:
        tools: functions, classes, LangChain tools, the dicts of any provider, names of built-in tools.
        strict: `True`: the arguments are those the function lists and no others.
        choice: the tool choice that goes along; it is only made sure that these tools allow it.

    Two tools may have one name here, as LangChain's own suite binds them; `core_tools` refuses that.

    Raises:
        ConfigurationError: one is no tool, or has a name the API does not take; the choice names none of them.
        RequestError: one has an argument that JSON Schema cannot express.
    """
    found = checked((tool for given in tools for tool in _tools_of(given)), repeats=True)
    core_choice(choice, found)
    return [_json(tool, strict=strict) for tool in found]


def core_tools(tools: Iterable[Any]) -> tuple[Tool | BuiltInTool, ...]:
    """Return tools in any form, bound ones too, as the core's.

    Raises:
        ConfigurationError: as `bindable_tools`, or two have one name, which no request may say.
        RequestError: as `bindable_tools`.
    """
    return checked(tool for given in tools for tool in _tools_of(given))


def _json(tool: Tool | BuiltInTool, *, strict: bool | None) -> JsonObject:
    if isinstance(tool, BuiltInTool):
        return {tool.name: tool.config}
    from langchain_gstream.schemas import closed  # noqa: PLC0415 - who binds no tool need not wait for it

    function: JsonObject = {"name": tool.name, "description": tool.description}
    if tool.schema is not None:
        function["parameters"] = closed(tool.schema) if strict else tool.schema
    if strict is not None:
        function["strict"] = strict
    return {"type": "function", "function": function}


def _tools_of(given: Any) -> tuple[Tool | BuiltInTool, ...]:
    if isinstance(given, Tool | BuiltInTool):
        return (given,)
    if isinstance(given, BaseModel) and "function_declarations" in type(given).model_fields:  # Google's SDK
        given = given.model_dump(exclude_none=True, mode="json")
    if isinstance(given, str | dict):
        found = read_tools(given)
        if not found:
            raise ConfigurationError(
                f"{_shown(given)} is no tool of Gemini: bind a function, a dict with name, description and parameters, "
                f"or one of {', '.join(sorted(BUILT_IN))}."
            )
        return found
    return (described(given),)


def _shown(tool: Any) -> str:
    """Return the name of what should have been a tool, for a sentence."""
    name = tool if isinstance(tool, str) else tool.get("type") or ", ".join(map(str, tool)) or "{}"
    return f"The tool {name!r}"


# -- what is no dict ----------------------------------------------------------------------------------------------


def described(tool: Any) -> Tool:
    """Return a class, a function or a LangChain tool as the core's.

    Raises:
        ConfigurationError: it is none of these.
        RequestError: JSON Schema cannot express one of its arguments.
    """
    from langchain_gstream.schemas import UNREADABLE  # noqa: PLC0415 - as in _json

    name = getattr(tool, "__name__", None) or getattr(tool, "name", None) or type(tool).__name__
    try:
        found = _described(tool)
    except RequestError as error:
        raise RequestError(f"The tool {name!r} cannot be bound: {error.message}") from None
    except UNREADABLE as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigurationError(f"The tool {name!r} cannot be bound as a tool: {reason}") from None
    if found is None:
        raise ConfigurationError(
            f"The tool {name!r} cannot be bound as a tool: bind a function, a pydantic class, a LangChain tool or a "
            "dict (a runnable by its as_tool())."
        )
    return found


def _described(tool: Any) -> Tool | None:
    from langchain_core.tools import BaseTool, StructuredTool  # noqa: PLC0415 - takes its time to import

    from langchain_gstream.schemas import json_schema_of, root_of, title_of  # noqa: PLC0415 - as in _json

    if isinstance(tool, BaseTool):
        return _of_langchain(tool)
    if isinstance(tool, type):
        schema = json_schema_of(tool)
        about = root_of(schema).get("description")
        return Tool(title_of(schema) or tool.__name__, about if isinstance(about, str) else "", _arguments(schema))
    if isinstance(tool, Runnable) or not callable(tool) or not hasattr(tool, "__name__"):
        return None
    role = "coroutine" if iscoroutinefunction(tool) else "func"
    made = StructuredTool.from_function(
        **{role: tool}, name=tool.__name__, description="-", parse_docstring=True, error_on_invalid_docstring=False
    )
    found = _of_langchain(made)
    about = getattr(made.args_schema, "__doc__", None)  # the docstring without its Args
    return found and replace(found, description=about or "")


def _of_langchain(tool: Any) -> Tool | None:
    """Return a `BaseTool` as the core's; injected arguments are left out."""
    from langchain_core.tools import Tool as SimpleTool  # noqa: PLC0415 - as in _described

    from langchain_gstream.schemas import json_schema_of  # noqa: PLC0415 - as in _json

    if isinstance(tool, SimpleTool) and not tool.args_schema:  # one text without a name
        (found,) = read_tools(convert_to_openai_tool(tool)) or (None,)
        return found if isinstance(found, Tool) else None
    given = tool.tool_call_schema
    schema = given if isinstance(given, dict) else json_schema_of(given)
    return Tool(tool.name, tool.description or "", _arguments(schema))


def _arguments(schema: JsonObject) -> JsonObject:
    """Return the schema of a call's arguments, without what is said beside it already."""
    return {name: value for name, value in schema.items() if name not in {"title", "description"}}


def parallel_calls(parallel_tool_calls: object) -> bool:
    """Return whether an answer may hold several calls: `True` and `None` allow what Gemini does by itself.

    Raises:
        ConfigurationError: it is neither of these nor `False`.
    """
    if parallel_tool_calls is None or isinstance(parallel_tool_calls, bool):
        return parallel_tool_calls is not False
    raise ConfigurationError(f"parallel_tool_calls must be True, False or None; got {parallel_tool_calls!r}.")

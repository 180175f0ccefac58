"""Tools of LlamaIndex in, declarations and a choice for the prompt out; and the calls of an answer as selections."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, TypeAlias

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ToolCallBlock
from llama_index.core.llms.llm import ToolSelection

from gstream import BuiltInTool, ConfigurationError, GStreamError, Tool, ToolChoice
from gstream.messages import CHOICE_MODES
from llamaindex_gstream.arguments import json_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llama_index.core.tools.types import BaseTool

__all__ = ["NoToolCallError", "choice_of", "described", "first_call_only", "selections", "tools_of"]

JsonObject: TypeAlias = dict[str, Any]


class NoToolCallError(GStreamError, ValueError):
    """A call was demanded and the model answered without one; its words are in the message."""


def described(tool: BaseTool) -> JsonObject:
    """Return a tool as `{"type": "function", "function": {"name", "description", "parameters"}}`.

    Raises:
        ConfigurationError: the tool has no name.
    """
    metadata = tool.metadata
    if not metadata.name:
        raise ConfigurationError(
            f"A tool has no name: give its ToolMetadata one (description {metadata.description!r})."
        )
    function = {
        "name": metadata.name,
        "description": metadata.description or "",
        "parameters": metadata.get_parameters_dict(),
    }
    return {"type": "function", "function": function}


def tools_of(given: Iterable[object] | None) -> tuple[Tool | BuiltInTool, ...]:
    """Return the tools of a prompt.

    Args:
        given: LlamaIndex tools, gstream's own `Tool` and `BuiltInTool`, functions in OpenAI's form, or built-in tools
            as `{"googleSearch": {}}`; `None` for none.

    Raises:
        ConfigurationError: one is none of these.
    """
    return tuple(_tool(item) for item in given or ())


def _tool(item: object) -> Tool | BuiltInTool:
    if isinstance(item, Tool | BuiltInTool):
        return item
    if hasattr(item, "metadata"):
        item = described(item)  # type: ignore[arg-type]  # any object that describes itself like a tool will do
    if isinstance(item, dict):
        function = item.get("function", item if "parameters" in item else None)
        if isinstance(function, dict) and isinstance(name := function.get("name"), str) and name:
            return Tool(name, str(function.get("description") or ""), function.get("parameters") or None)
        if len(item) == 1 and isinstance(config := next(iter(item.values())), dict):
            return BuiltInTool(_camel(next(iter(item))), config)
    raise ConfigurationError(
        f"tools holds {type(item).__name__!r}, which is no tool: give FunctionTool.from_defaults(fn=...), "
        'BuiltInTool("googleSearch"), or {"type": "function", "function": {"name": ..., "parameters": ...}}.'
    )


def _camel(name: str) -> str:
    head, *tail = str(name).split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


def choice_of(given: object, tools: Sequence[Tool | BuiltInTool], *, required: bool = False) -> ToolChoice | None:
    """Return the choice of a prompt; `None`: not sent, the model decides.

    Args:
        given: `None`, "auto", "none", "any", "required", "validated", a function's name, a list of names, OpenAI's
            `{"type": "function", "function": {"name": ...}}`, or a `ToolChoice`.
        tools: what there is to choose from.
        required: whether some call is demanded where `given` is `None`.

    Raises:
        ConfigurationError: it is none of these, or names a function that is not there.
    """
    names = [tool.name for tool in tools if isinstance(tool, Tool)]
    if isinstance(given, ToolChoice):
        return given
    wanted = _wanted(given, names)
    if wanted is None or (wanted in (["auto"], ["none"]) and not names):
        return ToolChoice("any") if required and names else None
    if not names:
        raise ConfigurationError(f"tool_choice={given!r} was given without functions to choose from: give tools=[...].")
    if len(wanted) == 1 and wanted[0] in CHOICE_MODES and wanted[0] not in names:
        return ToolChoice(CHOICE_MODES[wanted[0]])
    for name in wanted:
        if name not in names:
            near = difflib.get_close_matches(name, [*names, *CHOICE_MODES], n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else "choose one of them, or auto, none, any, required."
            raise ConfigurationError(f"tool_choice names {name!r}, but the tools are {', '.join(names)}: {hint}")
    return ToolChoice("any", tuple(wanted))


def _wanted(given: object, names: Sequence[str]) -> list[str] | None:
    """Return the names that a choice consists of, or its one word; `None` if there is no choice."""
    if given is None:
        return None
    if isinstance(given, str):
        return [given if given in names else given.lower() if given.lower() in CHOICE_MODES else given]
    if isinstance(given, dict):
        function = given.get("function", given)
        name = function.get("name") if isinstance(function, dict) else None
        if isinstance(name := name or given.get("type"), str):
            return [name]
    if isinstance(given, list | tuple) and given and all(isinstance(name, str) for name in given):
        return list(given)
    raise ConfigurationError(
        f"tool_choice={given!r} is not understood: give auto, none, any, required, a function's name, a list of names, "
        'or {"type": "function", "function": {"name": ...}}.'
    )


# -- the calls of an answer -------------------------------------------------------------------------------------------


def selections(response: ChatResponse, *, demanded: bool) -> list[ToolSelection]:
    """Return the calls of an answer, in order.

    Args:
        response: the answer.
        demanded: whether there must be one.

    Raises:
        NoToolCallError: there is none, though one is demanded.
    """
    found = [
        ToolSelection(
            tool_id=block.tool_call_id or block.tool_name, tool_name=block.tool_name, tool_kwargs=_arguments(block)
        )
        for block in response.message.blocks
        if isinstance(block, ToolCallBlock)
    ]
    if demanded and not found:
        said = (response.message.content or "")[:200]
        raise NoToolCallError(f"Expected at least one tool call, but the model answered without one: {said!r}.")
    return found


def _arguments(block: ToolCallBlock) -> JsonObject:
    given = block.tool_kwargs
    return dict(given) if isinstance(given, dict) else json_object(given) or {}


def first_call_only(response: ChatResponse) -> ChatResponse:
    """Return the answer without any call but its first; the given one stays as it is."""
    message = response.message
    calls = [block for block in message.blocks if isinstance(block, ToolCallBlock)]
    if len(calls) <= 1:
        return response
    blocks = [block for block in message.blocks if not isinstance(block, ToolCallBlock) or block is calls[0]]
    known = dict(message.additional_kwargs)
    if "tool_calls" in known:
        known["tool_calls"] = known["tool_calls"][:1]
    trimmed = ChatMessage.model_construct(role=message.role, blocks=blocks, additional_kwargs=known)
    return response.model_copy(update={"message": trimmed})

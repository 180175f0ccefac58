"""Tools of LlamaIndex in, declarations and a choice for the prompt out; and the calls of an answer as selections."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakKeyDictionary

from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ToolCallBlock
from llama_index.core.llms.llm import ToolSelection

from gstream import BuiltInTool, ConfigurationError, StreamError, Tool, ToolChoice
from gstream.tools import checked, choice, read_tools
from llamaindex_gstream.arguments import json_object
from llamaindex_gstream.errors import NoToolCallError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llama_index.core.tools.types import BaseTool, ToolMetadata

__all__ = ["choice_of", "described", "first_call_only", "selections", "tools_of"]

JsonObject: TypeAlias = dict[str, Any]


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
        "parameters": _parameters(metadata),
    }
    return {"type": "function", "function": function}


_written: WeakKeyDictionary[type, str] = WeakKeyDictionary()
"""The parameters of each argument class as JSON: pydantic takes most of a request's time to say them anew."""


def _parameters(metadata: ToolMetadata) -> JsonObject:
    """Return the JSON Schema of a tool's arguments; the caller may change it."""
    arguments = metadata.fn_schema
    if arguments is None:
        return metadata.get_parameters_dict()
    if arguments not in _written:
        _written[arguments] = json.dumps(metadata.get_parameters_dict())
    parameters: JsonObject = json.loads(_written[arguments])
    return parameters


def tools_of(given: Iterable[object] | None) -> tuple[Tool | BuiltInTool, ...]:
    """Return the tools of a prompt.

    Args:
        given: LlamaIndex tools, gstream's own `Tool` and `BuiltInTool`, or what `gstream.tools.read_tools` reads, e.g.
            functions in OpenAI's form and built-in tools as `{"google_search": {}}`; `None` for none.

    Raises:
        ConfigurationError: one is none of these, or has a name that the API does not take or another one has.
    """
    return checked(tool for item in given or () for tool in _tools(item))


def _tools(item: object) -> tuple[Tool | BuiltInTool, ...]:
    if isinstance(item, Tool | BuiltInTool):
        return (item,)
    if hasattr(item, "metadata"):
        item = described(item)  # type: ignore[arg-type]  # any object that describes itself like a tool will do
    found = read_tools(item)
    if not found:
        raise ConfigurationError(
            f"tools holds {type(item).__name__!r}, which is no tool: give FunctionTool.from_defaults(fn=...), "
            'BuiltInTool("googleSearch"), or {"type": "function", "function": {"name": ..., "parameters": ...}}.'
        )
    return found


def choice_of(given: object, tools: Sequence[Tool | BuiltInTool], *, required: bool = False) -> ToolChoice | None:
    """Return the choice of a prompt; `None`: not sent, the model decides.

    Args:
        given: what `gstream.tools.choice` takes: a word, a function's name, a list of names, OpenAI's dict, ...
        tools: what there is to choose from.
        required: whether some call is demanded where `given` is `None`.

    Raises:
        ConfigurationError: it is none of these, or names a function that is not there.
    """
    if given is None and required and any(isinstance(tool, Tool) for tool in tools):
        return ToolChoice("any")
    return choice(given, tools)


# -- the calls of an answer -------------------------------------------------------------------------------------------


def selections(response: ChatResponse, *, demanded: bool) -> list[ToolSelection]:
    """Return the calls of an answer, in order.

    Args:
        response: the answer.
        demanded: whether there must be one.

    Raises:
        NoToolCallError: there is none, though one is demanded.
        StreamError: the arguments of one are no JSON object; nobody should run a tool without what it was given.
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
    arguments = dict(given) if isinstance(given, dict) else json_object(given or "{}")
    if arguments is None:
        raise StreamError(
            f"The model called {block.tool_name!r} with arguments that are no JSON object: {str(given)[:200]!r}. "
            "Ask again, or give the function fewer or simpler parameters."
        )
    return arguments


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

"""LangChain messages in, turns and system parts out; pure, and the caller's messages are never touched.

Answers of this library go back part for part: signatures lie in a block's `extras` or, for calls and for text that is a
plain string, in `additional_kwargs[SIDE]` (see `chunks`). Of another provider's history the thoughts and signatures,
which only their model can read, stay behind, and ids of calls become local ones.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from gstream import (
    Blob,
    CodeResult,
    ExecutableCode,
    FileRef,
    FunctionCall,
    FunctionResponse,
    Opaque,
    RequestError,
    Text,
    Thought,
    Turn,
)
from gstream.messages import is_local_id, local_id
from langchain_gstream.media import media_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gstream import Part

__all__ = ["PROVIDER", "SIDE", "Conversation", "read_messages"]

PROVIDER: Final = "gstream"
"""`response_metadata["model_provider"]` of this library's answers."""
SIDE: Final = "gstream"
"""The key of `additional_kwargs` under which an answer keeps what LangChain has no place for:
`{"calls": {tool call id: {"signature": str, "at": content blocks before it}}, "signature": of a plain text's end}`."""

Conversation = tuple[tuple[Turn, ...], tuple["Part", ...]]
"""The turns, and the system parts."""


def read_messages(messages: Sequence[BaseMessage]) -> Conversation:
    """Return the turns and the system parts of a conversation.

    Raises:
        RequestError: a message or a block cannot be expressed; its position and type are named.
    """
    turns: list[Turn] = []
    system: list[Part] = []
    calls: dict[str, FunctionCall] = {}
    for position, message in enumerate(messages):
        where = f"message {position + 1} ({message.type})"
        if isinstance(message, SystemMessage):
            system += _content_parts(message.content, where)
        elif isinstance(message, AIMessage):
            turns.append(Turn("model", tuple(_answer_parts(message, calls, where))))
        elif isinstance(message, ToolMessage):
            turns.append(Turn("user", (_tool_result(message, calls, where),)))
        elif isinstance(message, FunctionMessage):
            turns.append(Turn("user", (FunctionResponse(message.name, _result(message.content)),)))
        elif isinstance(message, ChatMessage):
            role = message.role.lower()
            if role in {"system", "developer"}:
                system += _content_parts(message.content, where)
            else:
                turns.append(_turn("model" if role in {"model", "assistant", "ai"} else "user", message, where))
        elif isinstance(message, HumanMessage):
            turns.append(_turn("user", message, where))
        else:
            raise RequestError(f"{where} of class {type(message).__name__} cannot be sent: use a message of LangChain.")
    return tuple(turns), tuple(system)


def _turn(role: Any, message: BaseMessage, where: str) -> Turn:
    return Turn(role, tuple(_content_parts(message.content, where)))


def _content_parts(content: str | list[str | dict[str, Any]], where: str) -> list[Part]:
    """Return the parts of what a person or the system says."""
    if isinstance(content, str):
        return [Text(content)] if content else []
    parts: list[Part] = []
    for number, block in enumerate(content):
        if isinstance(block, str):
            parts.append(Text(block))
        elif (part := _block_part(block, f"{where}, block {number + 1}")) is not None:
            parts.append(part)
    return parts


def _block_part(block: dict[str, Any], where: str) -> Part | None:
    """Return the part of one content block; `None` for a block that only another provider's server reads."""
    kind = block.get("type")
    if kind in {"text", "text-plain"} and isinstance(block.get("text"), str):
        return Text(block["text"], _signature(block), _extra(block))
    if kind in {"cachePoint", "cache_point"}:
        return None
    if kind == "non_standard" and isinstance(block.get("value"), dict):
        return Opaque(block["value"])
    if kind == "tool_result":
        return FunctionResponse("", _result(block.get("content", "")), block.get("tool_use_id"))
    part = media_part(block, where)
    if part is None:
        raise RequestError(
            f"{where} has the type {kind!r}, which cannot be sent: give text, image, audio, video or file."
        )
    return part


def _signature(block: dict[str, Any]) -> str | None:
    extras = block.get("extras")
    value = extras.get("signature") if isinstance(extras, dict) else None
    return value if isinstance(value, str) else None


def _extra(block: dict[str, Any]) -> dict[str, Any] | None:
    extras = block.get("extras")
    value = extras.get("part") if isinstance(extras, dict) else None
    return value if isinstance(value, dict) else None


# -- answers ------------------------------------------------------------------------------------------------------

_CALL_BLOCKS: Final = frozenset({"tool_call", "tool_call_chunk", "invalid_tool_call", "tool_use", "function_call"})
"""Blocks that repeat what `tool_calls` says."""


def _answer_parts(message: AIMessage, calls: dict[str, FunctionCall], where: str) -> list[Part]:
    """Return the parts of a model's turn, its calls where they stood, and note the calls by their LangChain id."""
    own = message.response_metadata.get("model_provider") == PROVIDER or SIDE in message.additional_kwargs
    side: dict[str, Any] = (message.additional_kwargs.get(SIDE) or {}) if own else {}
    content = message.content if own or isinstance(message.content, str) else message.content_blocks
    parts: list[Part] = []
    starts: list[int] = []
    """For each block how many parts stand before it."""
    for number, block in enumerate([content] if isinstance(content, str) else content):
        if isinstance(block, dict) and block.get("type") in _CALL_BLOCKS:
            continue
        starts.append(len(parts))
        if isinstance(block, str):
            if block:
                parts.append(Text(block))
        elif (part := _answer_part(dict(block), own=own, where=f"{where}, block {number + 1}")) is not None:
            parts.append(part)
    if isinstance(side.get("signature"), str):
        parts.append(Text("", side["signature"]))
    placed: list[tuple[int, FunctionCall]] = []
    for call in message.tool_calls:
        kept = (side.get("calls") or {}).get(call["id"] or "") or {}
        at = kept.get("at")
        part_call = FunctionCall(call["name"], call["args"], _sent_id(call["id"], own=own), kept.get("signature"))
        if call["id"]:
            calls[call["id"]] = part_call
        placed.append((starts[at] if isinstance(at, int) and at < len(starts) else len(parts), part_call))
    for position, part_call in reversed(placed):
        parts.insert(position, part_call)
    return parts


def _sent_id(id_: str | None, *, own: bool) -> str | None:
    """Return the id a call goes out under: what this library's answer says, a local one for another provider's."""
    if not id_:
        return None
    return id_ if own or is_local_id(id_) else local_id(id_)


def _answer_part(block: dict[str, Any], *, own: bool, where: str) -> Part | None:
    """Return the part of one block of an answer; `None` where it is another model's own."""
    kind = block.get("type")
    if kind == "reasoning":
        return Thought(block.get("reasoning") or "", _signature(block), _extra(block)) if own else None
    if kind == "server_tool_call" and own:
        args = block.get("args") or {}
        extras = block.get("extras") or {}
        code, language = args.get("code", ""), args.get("language", "PYTHON")
        return ExecutableCode(code, language, extras.get("id"), _signature(block), _extra(block))
    if kind == "server_tool_result" and own:
        extras = block.get("extras") or {}
        outcome = extras.get("outcome") or "OUTCOME_OK"
        return CodeResult(outcome, str(block.get("output") or ""), extras.get("id"), _signature(block), _extra(block))
    if own or kind in {"text", "image", "audio", "video", "file", "text-plain"}:
        return _block_part(block if own else {**block, "extras": {}}, where)
    return None


# -- results of tools ---------------------------------------------------------------------------------------------


def _tool_result(message: ToolMessage, calls: dict[str, FunctionCall], where: str) -> FunctionResponse:
    """Return the result of the call with the message's id, under the name and id that call goes out with."""
    call = calls.get(message.tool_call_id)
    name = call.name if call else (message.name or "")
    if not name:
        raise RequestError(
            f"{where} answers the call {message.tool_call_id!r}, which no earlier message holds: add the AI message "
            "with that tool call, or leave the result out."
        )
    text, media = _split(message.content, where)
    response = {"error": text or "The tool failed."} if message.status == "error" else _result(text)
    return FunctionResponse(name, response, call.id if call else None, tuple(media))


def _split(content: str | list[str | dict[str, Any]], where: str) -> tuple[str, list[Blob | FileRef]]:
    """Return a result's text and its media."""
    if isinstance(content, str):
        return content, []
    texts: list[str] = []
    media: list[Blob | FileRef] = []
    for number, block in enumerate(content):
        part = Text(block) if isinstance(block, str) else _result_part(block, f"{where}, block {number + 1}")
        if isinstance(part, Text):
            texts.append(part.text)
        else:
            media.append(part)
    return "\n".join(texts), media


def _result_part(block: dict[str, Any], where: str) -> Text | Blob | FileRef:
    if block.get("type") in {"text", "text-plain"} and isinstance(block.get("text"), str):
        return Text(block["text"])
    if block.get("type") == "json" or "type" not in block:
        return Text(json.dumps(block.get("json", block), ensure_ascii=False))
    part = media_part(block, where)
    if part is None:
        raise RequestError(f"{where} has the type {block.get('type')!r}, which a tool's result cannot hold.")
    return part


def _result(content: Any) -> dict[str, Any]:
    """Return a result as the object the API wants: a JSON object as it is, anything else under "output"."""
    if isinstance(content, list):
        content = "\n".join(item if isinstance(item, str) else str(item.get("text", "")) for item in content)
    text = str(content)
    if text.lstrip().startswith("{"):
        try:
            value = json.loads(text)
        except ValueError:
            return {"output": text}
        if isinstance(value, dict) and value:
            return value
    return {"output": text}

"""LangChain messages in, turns and system parts out; pure, and the caller's messages are never touched.

Answers of this library go back part for part: signatures lie in a block's `extras` or, for calls and for text that is a
plain string, in `additional_kwargs[SIDE]` (see `chunks`). Of another provider's history the thoughts and signatures,
which only their model can read, stay behind, and ids of calls become local ones.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolCall,
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
from gstream.parts import CallFragment, read_part
from langchain_gstream.media import media_part
from langchain_gstream.sound import raw_sound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gstream import Part

__all__ = ["BEHIND", "PROVIDER", "SIDE", "Conversation", "read_messages"]

PROVIDER: Final = "gstream"
"""`response_metadata["model_provider"]` of this library's answers."""
SIDE: Final = "gstream"
"""The key of `additional_kwargs` under which an answer keeps what LangChain has no place for:
`{"calls": {tool call id: {"signature": str, "at": content blocks before it}}, "signature": of a plain text's end,
"citations": [annotations, their places in characters of the whole text]}`."""

BEHIND: Final = "signature_behind"
"""The key of a text block's `extras` for the signature of an empty text right behind it, which is a part of its own."""

Conversation = tuple[tuple[Turn, ...], tuple["Part", ...]]
"""The turns, and the system parts."""


def read_messages(messages: Sequence[BaseMessage]) -> Conversation:
    """Return the turns and the system parts of a conversation; system messages are heard wherever they stand.

    Raises:
        RequestError: a message or a block cannot be expressed; its position and type are named.
    """
    turns: list[Turn] = []
    system: list[Part] = []
    calls: Calls = {}
    for position, message in enumerate(messages):
        where = f"message {position + 1} ({message.type})"
        role = _role(message, where)
        if isinstance(message, AIMessage):
            parts = _answer_parts(message, calls, where)
        elif isinstance(message, ToolMessage):
            parts = [_tool_result(message, calls, where)]
        elif isinstance(message, FunctionMessage):
            parts = [FunctionResponse(message.name, _result(_split(message.content, calls, where)[0]))]
        else:
            parts = _content_parts(message.content, calls, where)
        if role == "system":
            system += parts
        else:
            turns.append(Turn(role, tuple(parts)))
    return tuple(turns), tuple(system)


Calls: TypeAlias = dict[str, FunctionCall]
"""The calls so far by the ids LangChain knows them under."""
Role: TypeAlias = Literal["user", "model", "system"]

_ROLES: Final[tuple[tuple[type[BaseMessage], Role], ...]] = (
    (SystemMessage, "system"),
    (AIMessage, "model"),
    (ToolMessage, "user"),
    (FunctionMessage, "user"),
    (HumanMessage, "user"),
)
_CHAT_ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "developer": "system",
    "model": "model",
    "assistant": "model",
    "ai": "model",
}


def _role(message: BaseMessage, where: str) -> Role:
    if isinstance(message, ChatMessage):
        return _CHAT_ROLES.get(message.role.lower(), "user")
    for kind, role in _ROLES:
        if isinstance(message, kind):
            return role
    raise RequestError(f"{where} of class {type(message).__name__} cannot be sent: use a message of LangChain.")


# -- what a person says -------------------------------------------------------------------------------------------


def _content_parts(content: str | list[str | dict[str, Any]], calls: Calls, where: str) -> list[Part]:
    """Return the parts of what a person or the system says."""
    if isinstance(content, str):
        return [Text(content)] if content else []
    parts: list[Part] = []
    for number, block in enumerate(content):
        parts += [Text(block)] if isinstance(block, str) else _block_parts(block, calls, f"{where}, block {number + 1}")
    return parts


_WIRE: Final = frozenset(
    {"inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult"}
)
"""Keys of which one makes a dict a part as it stands on the wire (discovery: `Part`)."""


def _block_parts(block: dict[str, Any], calls: Calls, where: str) -> list[Part]:
    """Return the parts of one content block; none for a block that only another provider's server reads."""
    kind = block.get("type")
    if isinstance(block.get("text"), str) and kind in {"text", "text-plain", "file", None}:
        return [Text(block["text"], _signature(block), _extra(block))]
    if kind in {"cachePoint", "cache_point"}:
        return []
    if kind is None and not _WIRE.isdisjoint(block):
        return _wire_parts(block)
    if kind == "non_standard" and isinstance(value := block.get("value"), dict):
        return _block_parts(value, calls, where) if "type" in value else _wire_parts(value)
    if kind == "tool_result":
        return [_anthropic_result(block, calls, where)]
    if kind == "document" and (said := _document(block)) is not None:
        return _content_parts(said, calls, where)
    part = media_part(block, where)
    if part is None:
        named = f"has the type {kind!r}" if kind else f"has no type, only {', '.join(map(repr, list(block)[:5]))}"
        raise RequestError(f"{where} {named}, which cannot be sent: give text, image, audio, video or file.")
    return [part]


def _wire_parts(part: dict[str, Any]) -> list[Part]:
    """Return the part that stands in a message as on the wire: whole as it is, but for a result, which has its call."""
    if "functionResponse" in part:
        return [read for read in read_part(part) if not isinstance(read, CallFragment)]
    return [Opaque(part)]


def _document(block: dict[str, Any]) -> str | list[str | dict[str, Any]] | None:
    """Return what an Anthropic document says in words; `None` where it is a file."""
    source = block.get("source")
    if not isinstance(source, dict):
        return None
    said = {"text": source.get("data"), "content": source.get("content")}.get(str(source.get("type")))
    return said if isinstance(said, str | list) else None


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
_GOOGLE: Final = frozenset({"google_genai", "google_vertexai"})
"""Providers whose sandbox is the one that `ExecutableCode` and `CodeResult` speak of."""
_SHARED: Final = frozenset({"text", "image", "audio", "video", "file", "text-plain"})
"""What every provider's answers may hold and Gemini reads."""


def _answer_parts(message: AIMessage, calls: Calls, where: str) -> list[Part]:
    """Return the parts of a model's turn, its calls where they stood, and note the calls by their LangChain id."""
    own = message.response_metadata.get("model_provider") == PROVIDER or SIDE in message.additional_kwargs
    side: dict[str, Any] = (message.additional_kwargs.get(SIDE) or {}) if own else {}
    content = message.content if own or isinstance(message.content, str) else message.content_blocks
    provider = PROVIDER if own else str(message.response_metadata.get("model_provider"))
    parts: list[Part] = []
    starts: list[int] = []
    """For each block that is no call how many parts stand before it."""
    shown: dict[str, tuple[int, dict[str, Any]]] = {}
    """The calls that blocks repeat, by id, and how many parts stand before each."""
    for number, raw in enumerate([content] if isinstance(content, str) else content):
        block = raw if isinstance(raw, str) else _unwrapped(dict(raw))
        if isinstance(block, dict) and block.get("type") in _CALL_BLOCKS:
            shown[str(block.get("id"))] = (len(parts), block)
            continue
        starts.append(len(parts))
        if isinstance(block, str):
            parts += [Text(block)] if block else []
        else:
            parts += _answer_block(block, provider, calls, f"{where}, block {number + 1}")
    if isinstance(side.get("signature"), str):
        parts.append(Text("", side["signature"]))
    placed: list[tuple[int, FunctionCall]] = []
    for call in _wished(message, shown):
        kept = (side.get("calls") or {}).get(call["id"] or "") or {}
        at = kept.get("at")
        part_call = FunctionCall(call["name"], call["args"], _sent_id(call["id"], own=own), kept.get("signature"))
        if call["id"]:
            calls[call["id"]] = part_call
        repeated = shown.get(call["id"] or "", (len(parts), {}))[0]
        placed.append((starts[at] if isinstance(at, int) and at < len(starts) else repeated, part_call))
    return _inserted(parts, placed)


def _unwrapped(block: dict[str, Any]) -> dict[str, Any]:
    """Return the provider's own block where LangChain could not read it and wrapped it up."""
    value = block.get("value")
    return value if block.get("type") == "non_standard" and isinstance(value, dict) and "type" in value else block


def _wished(message: AIMessage, shown: dict[str, tuple[int, dict[str, Any]]]) -> list[ToolCall]:
    """Return the calls of an answer, also those that a history written by hand has in Anthropic's blocks alone."""
    known = {call["id"] for call in message.tool_calls}
    only_shown = [
        ToolCall(name=str(block.get("name")), args=block["input"], id=id_)
        for id_, (_, block) in shown.items()
        if id_ not in known and block.get("type") == "tool_use" and isinstance(block.get("input"), dict)
    ]
    return [*message.tool_calls, *only_shown]


def _inserted(parts: list[Part], placed: list[tuple[int, FunctionCall]]) -> list[Part]:
    """Return `parts` with each call before the part at its position, calls of one position in their own order."""
    result: list[Part] = []
    for position in range(len(parts) + 1):
        result += [call for at, call in placed if at == position]
        result += parts[position : position + 1]
    return result


def _sent_id(id_: str | None, *, own: bool) -> str | None:
    """Return the id a call goes out under: what this library's answer says, a local one for another provider's."""
    if not id_:
        return None
    return id_ if own or is_local_id(id_) else local_id(id_)


def _answer_block(block: dict[str, Any], provider: str, calls: Calls, where: str) -> list[Part]:
    """Return the parts of one block of an answer; none where it is another model's own."""
    kind = block.get("type")
    own = provider == PROVIDER
    if kind == "reasoning":
        return [Thought(block.get("reasoning") or "", _signature(block), _extra(block))] if own else []
    if kind in {"server_tool_call", "server_tool_result"}:
        return _sandbox(block, own=own) if own or provider in _GOOGLE else []
    if kind == "refusal":
        return []
    if own and kind == "text" and isinstance(behind := (block.get("extras") or {}).get(BEHIND), str):
        return [Text(str(block.get("text") or "")), Text("", behind)]
    if own and kind == "audio" and (sound := raw_sound(block)) is not None:
        return [sound]
    if own:
        parts = _block_parts(block, calls, where)
        return [replace(part, fetch=None) if isinstance(part, FileRef) else part for part in parts]
    return _block_parts({**block, "extras": {}}, calls, where) if kind in _SHARED else []


def _sandbox(block: dict[str, Any], *, own: bool) -> list[Part]:
    """Return the code that a Gemini ran, or what it printed; of another library without ids and signatures."""
    extras: dict[str, Any] = (block.get("extras") or {}) if own else {}
    signature, extra = (_signature(block), _extra(block)) if own else (None, None)
    if block.get("type") == "server_tool_call":
        args = block.get("args") or {}
        if block.get("name", "code_interpreter") != "code_interpreter" or not isinstance(args.get("code"), str):
            return []
        return [ExecutableCode(args["code"], args.get("language") or "PYTHON", extras.get("id"), signature, extra)]
    supposed = "OUTCOME_FAILED" if block.get("status") == "error" else "OUTCOME_OK"
    outcome = extras.get("outcome") or supposed
    return [CodeResult(outcome, str(block.get("output") or ""), extras.get("id"), signature, extra)]


# -- results of tools ---------------------------------------------------------------------------------------------


def _tool_result(message: ToolMessage, calls: Calls, where: str) -> FunctionResponse:
    """Return the result of the call with the message's id, under the name and id that call goes out with."""
    call = _answered(message.tool_call_id, message.name, calls, where)
    return _response(call, message.content, calls, where, failed=message.status == "error")


def _anthropic_result(block: dict[str, Any], calls: Calls, where: str) -> FunctionResponse:
    """Return the result in an Anthropic block, which stands in what a user says."""
    call = _answered(str(block.get("tool_use_id")), None, calls, where)
    return _response(call, block.get("content") or "", calls, where, failed=bool(block.get("is_error")))


def _answered(id_: str, name: str | None, calls: Calls, where: str) -> FunctionCall:
    call = calls.get(id_)
    if call is not None:
        return call
    if not name:
        raise RequestError(
            f"{where} answers the call {id_!r}, which no earlier message holds: add the AI message "
            "with that tool call, or leave the result out."
        )
    return FunctionCall(name, {})


def _response(
    call: FunctionCall, content: str | list[str | dict[str, Any]], calls: Calls, where: str, *, failed: bool
) -> FunctionResponse:
    text, media = _split(content, calls, where)
    response = {"error": text or "The tool failed."} if failed else _result(text)
    return FunctionResponse(call.name, response, call.id, tuple(media))


def _split(content: str | list[str | dict[str, Any]], calls: Calls, where: str) -> tuple[str, list[Blob | FileRef]]:
    """Return a result's text and its media; a block of a kind nobody knows is text, as JSON."""
    if isinstance(content, str):
        return content, []
    texts: list[str] = []
    media: list[Blob | FileRef] = []
    for number, block in enumerate(content):
        for part in _result_parts(block, calls, f"{where}, block {number + 1}"):
            if isinstance(part, Blob | FileRef):
                media.append(part)
            else:
                texts.append(part.text)
    return "\n".join(texts), media


_READ: Final = frozenset(
    {"text", "text-plain", "image", "image_url", "audio", "input_audio", "video", "file", "document", "media",
     "cachePoint", "cache_point"}
)  # fmt: skip
"""The blocks of a tool's result that are more than JSON."""


def _result_parts(block: str | dict[str, Any], calls: Calls, where: str) -> list[Text | Blob | FileRef]:
    if isinstance(block, str):
        return [Text(block)]
    if block.get("type") not in _READ:
        value = block.get("json", block) if block.get("type") == "json" else block
        return [Text(json.dumps(value, ensure_ascii=False, default=str))]
    return [part for part in _block_parts(block, calls, where) if isinstance(part, Text | Blob | FileRef)]


def _result(text: str) -> dict[str, Any]:
    """Return a result as the object the API wants: a JSON object as it is, a JSON array or a text under "output".

    A number stays the text it is: the API would read it as a double, and a long order number would come out another.
    """
    value = _json(text) if text.lstrip()[:1] in {"{", "["} else None
    if isinstance(value, dict) and value:
        return value
    return {"output": value if isinstance(value, list) else text}


def _json(text: str) -> object:
    """Return the value of a JSON text that can be sent as JSON again; `None` for any other text."""
    try:
        value: object = json.loads(text, parse_constant=_refuse)
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()  # half a character, which no request can carry
    except (ValueError, RecursionError):
        return None
    return value


def _refuse(constant: str) -> None:
    """Refuse NaN and Infinity, which JSON does not know."""
    raise ValueError(constant)

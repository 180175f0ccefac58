"""A list of `ChatMessage` in, the turns and the system parts of a prompt out; pure.

Ids of calls: those in tool call blocks may be the server's and are kept, on the call and on its result; those that
another provider's message carries only in `additional_kwargs["tool_calls"]` become local ones, which are never sent.
The order that the API demands is made later, by the core.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from llama_index.core.base.llms.types import ChatMessage, MessageRole

from gstream import Blob, FileRef, FunctionCall, FunctionResponse, RequestError, Text, Thought, Turn
from gstream.messages import is_local_id, local_id
from llamaindex_gstream.arguments import json_object
from llamaindex_gstream.blocks import parts_of
from llamaindex_gstream.record import RECORD, recorded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gstream import Part

__all__ = ["SIGNATURES", "conversation"]

SIGNATURES: Final = "thought_signatures"
"""Where `ChatMessage.additional_kwargs` keeps the signatures of calls, by the calls' ids."""

_SYSTEM: Final = frozenset({MessageRole.SYSTEM, MessageRole.DEVELOPER})
_MODEL: Final = frozenset({MessageRole.ASSISTANT, MessageRole.MODEL, MessageRole.CHATBOT})
_RESULT: Final = frozenset({MessageRole.TOOL, MessageRole.FUNCTION})


def conversation(messages: Iterable[ChatMessage]) -> tuple[tuple[Turn, ...], tuple[Part, ...]]:
    """Return the turns and the system parts of a conversation.

    Args:
        messages: in their order; system and developer messages may stand anywhere.

    Raises:
        RequestError: a message cannot be sent; it says which, which block of it, and why.
    """
    turns: list[Turn] = []
    system: list[Part] = []
    calls: dict[str, FunctionCall] = {}
    for index, message in enumerate(messages):
        if not isinstance(message, ChatMessage):
            raise RequestError(
                f"messages[{index}] is no ChatMessage but {type(message).__name__!r}: "
                "write ChatMessage(role='user', content='...')."
            )
        place = _Place(index, message.role)
        if message.role in _SYSTEM:
            system += _spoken(message, place)
        elif message.role in _MODEL:
            said = _answer(message, place, calls)
            turns.append(Turn("model", tuple(said)))
        elif message.role in _RESULT:
            turns.append(Turn("user", (_result(message, place, calls),)))
        else:
            turns.append(Turn("user", tuple(_spoken(message, place))))
    return tuple(turns), tuple(system)


@dataclass(frozen=True)
class _Place:
    """Where in the conversation something stands."""

    index: int
    role: MessageRole

    def error(self, why: str, block: int | None = None, kind: str = "") -> RequestError:
        where = f"messages[{self.index}] (role {getattr(self.role, 'value', self.role)!r})"
        if block is not None:
            where += f", block {block} ({kind})"
        return RequestError(f"{where} cannot be sent: {why}.")


def _parts(message: ChatMessage, place: _Place) -> list[Part]:
    """Return what the blocks stand for."""
    parts: list[Part] = []
    for number, block in enumerate(message.blocks):
        try:
            parts += parts_of(block)
        except (ValueError, OSError) as error:
            kind = getattr(block, "block_type", type(block).__name__)
            raise place.error(str(error).rstrip("."), number, kind) from error
    return parts


def _spoken(message: ChatMessage, place: _Place) -> list[Part]:
    """Return the parts of a message that no model wrote."""
    parts = _parts(message, place)
    for part in parts:
        if isinstance(part, Thought | FunctionCall):
            what = "a thought" if isinstance(part, Thought) else f"the call of {part.name!r}"
            raise place.error(f"{what} belongs in a message of the assistant")
    return parts


# -- the model's messages ---------------------------------------------------------------------------------------------


def _answer(message: ChatMessage, place: _Place, calls: dict[str, FunctionCall]) -> list[Part]:
    """Return the parts of a model's message, each with its signature, and note its calls under their ids."""
    parts = _parts(message, place)
    known = message.additional_kwargs
    foreign = not any(isinstance(part, FunctionCall) for part in parts)
    if foreign:
        parts += [_foreign(call, place) for call in known.get("tool_calls") or ()]
    if isinstance(record := known.get(RECORD), dict):
        parts = recorded(parts, record)
    signatures = known.get(SIGNATURES)
    if not isinstance(
        signatures, dict
    ):  # llama-index-llms-google-genai writes a list by position, and its positions are wrong
        signatures = {}
    for number, part in enumerate(parts):
        if isinstance(part, FunctionCall):
            sent_id = _sent_id(part, foreign=foreign)
            parts[number] = call = replace(part, id=sent_id, signature=signatures.get(part.id))
            calls.update({id_: call for id_ in (part.id, sent_id) if id_})
    return parts


def _sent_id(call: FunctionCall, *, foreign: bool) -> str | None:
    """Return the id of a call in the prompt. llama-index-llms-google-genai writes the function's name for none."""
    if call.id is None or is_local_id(call.id):
        return call.id
    return local_id(call.id) if foreign or call.id == call.name else call.id


def _foreign(call: Any, place: _Place) -> FunctionCall:
    """Return the call that an element of OpenAI's `tool_calls` (a dict or an object) stands for."""
    function = _of(call, "function") or call
    name, arguments, id_ = _of(function, "name"), _of(function, "arguments"), _of(call, "id")
    if not isinstance(name, str) or not name:
        raise place.error("additional_kwargs['tool_calls'] holds a call without a name")
    given = arguments if isinstance(arguments, dict) else json_object(str(arguments or "{}"))
    return FunctionCall(
        name, given or {}, str(id_) if id_ else None, malformed=str(arguments) if given is None else None
    )


def _of(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)


# -- results of tools -------------------------------------------------------------------------------------------------


def _result(message: ChatMessage, place: _Place, calls: dict[str, FunctionCall]) -> FunctionResponse:
    """Return what a tool gave back, under the name and id of the call it answers."""
    texts: list[str] = []
    media: list[Blob | FileRef] = []
    for part in _spoken(message, place):
        if isinstance(part, Text):
            texts.append(part.text)
        elif isinstance(part, Blob | FileRef):
            media.append(part)
    known = message.additional_kwargs
    id_ = known.get("tool_call_id") or None
    call = calls.get(id_) if isinstance(id_, str) else None
    text = "\n".join(texts)
    response = json_object(text)
    return FunctionResponse(
        call.name if call else str(known.get("name") or known.get("tool_name") or ""),
        {"output": text} if response is None else response,
        call.id if call else id_,
        tuple(media),
    )

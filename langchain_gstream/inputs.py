"""Media blocks that LangChain itself stumbles over, before they reach us, made such as it can read; pure.

Before a model is asked, LangChain writes the messages down for tracing and rewrites blocks of its older form. Of a
block that lacks what it looks for there, it raises `ValueError` or `KeyError`; here such blocks are completed, and what
cannot be completed is left for `read_messages`, which says what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from langchain_core.prompt_values import ChatPromptValue, StringPromptValue

from gstream.media import type_of_base64

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.prompt_values import PromptValue

__all__ = ["readable"]


def readable(given: PromptValue) -> PromptValue:
    """Return `given`, or a copy in which LangChain can read every media block; messages without such stay the same."""
    if isinstance(given, StringPromptValue):
        return given
    messages = given.to_messages()
    made = [_message(message) for message in messages]
    if all(new is old for new, old in zip(made, messages, strict=True)):
        return given
    return ChatPromptValue(messages=made)


def _message(message: BaseMessage) -> BaseMessage:
    content = message.content
    if isinstance(content, str):
        return message
    blocks = [_block(block) if isinstance(block, dict) else block for block in content]
    if all(new is old for new, old in zip(blocks, content, strict=True)):
        return message
    return message.model_copy(update={"content": blocks})


_KEYS: Final = {"url": "url", "base64": "data", "id": "id"}
"""Where a block of LangChain's older form keeps what it holds, by its `source_type`."""


def _block(block: dict[str, Any]) -> dict[str, Any]:
    """Return a block that LangChain can read: the given one, completed, or without the `source_type` it misreads."""
    kind = block.get("type")
    if kind not in {"image", "audio", "file"}:
        return block
    source = block.get("source_type")
    if source == "text" and "url" not in block:  # LangChain looks for the text under "url" alone
        return _without({**block, "type": "text-plain"}, "source_type")
    if source in _KEYS and _KEYS[source] not in block:
        return _without(block, "source_type")
    if kind != "image" or source == "id" or "url" in block or "file_id" in block:
        return block
    data = block.get("base64") or block.get("data")
    if not isinstance(data, str | bytes):
        return _without(block, "source_type", "base64", "data", "text")
    if "mime_type" in block:
        return block
    return {**block, "mime_type": (type_of_base64(data) if isinstance(data, str) else None) or "image/jpeg"}


def _without(block: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in block.items() if key not in keys}

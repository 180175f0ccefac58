"""Chunks of the core in, LangChain's message chunks out; what a stream needs to remember lives in `MessageStream`.

An answer that is only text has a plain string as content, and its calls lie in `tool_calls`. Anything else becomes v1
standard blocks, each with a stable `index`, in the order it came. What LangChain has no place for (a call's signature
and position, the signature behind a plain text) lies in `additional_kwargs`, in a form that survives `+` and JSON.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, assert_never

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.ai import InputTokenDetails, OutputTokenDetails, UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk

from gstream import (
    Blob,
    CodeResult,
    ExecutableCode,
    FileRef,
    FunctionCall,
    FunctionResponse,
    Opaque,
    Text,
    Thought,
)
from gstream.messages import local_id
from gstream.parts import is_pcm, merge_parts, part_json, value_of
from langchain_gstream.citations import citations
from langchain_gstream.messages import PROVIDER, SIDE

if TYPE_CHECKING:
    from langchain_core.messages.tool import ToolCallChunk

    from gstream import Chunk, Part, Usage

__all__ = ["MessageStream", "answer"]

Block = dict[str, Any]


class MessageStream:
    """The state of one streamed answer: which blocks are open, and whether content is still plain text.

    Args:
        blocks: give content as blocks from the start, because more than text is to be expected.
    """

    def __init__(self, *, blocks: bool = False) -> None:
        self._blocks = blocks
        self._begun = False
        self._count = 0
        """Content blocks and calls so far; the next index."""
        self._content_blocks = 0
        self._texts: list[str] = []
        """All visible text, whose places citations name."""
        self._recording: _Recording | None = None
        self._open: type[Text | Thought] | None = None
        """The kind of the block that the next part may continue."""

    def feed(self, chunk: Chunk) -> ChatGenerationChunk:
        """Return the message chunk for `chunk`."""
        parts = chunk.parts
        if not self._blocks and self._begun and len(parts) == 1 and not chunk.last:
            only = parts[0]
            if type(only) is Text and only.signature is None and only.extra is None:
                if self._open is None:
                    self._begin(Text)
                self._texts.append(only.text)
                return ChatGenerationChunk(message=AIMessageChunk(content=only.text))
        return self._full(chunk)

    def _begin(self, kind: type[Text | Thought] | None) -> int:
        """Open a new content block and return its index."""
        self._open = kind
        self._count += 1
        self._content_blocks += 1
        return self._count - 1

    def _full(self, chunk: Chunk) -> ChatGenerationChunk:
        side: dict[str, Any] = {}
        plain, content, calls = self._divided(chunk.parts, side)
        if chunk.last:
            content += self._recorded()
            if found := citations(chunk.candidate, "".join(self._texts)):
                side["citations"] = found
        content = _joined_sound(content)
        if content and plain:
            content.insert(0, plain)
        metadata: dict[str, Any] = {} if self._begun and not chunk.last else {"model_provider": PROVIDER}
        if chunk.last:
            metadata.update(response_metadata(chunk))
        begun, self._begun = self._begun, True
        message = AIMessageChunk(
            # An empty text adds nothing to a list, but an empty list would make a list of a text; only at the start
            # must it be a list where blocks will follow.
            content=content or plain or ([] if self._blocks and not begun else ""),
            tool_call_chunks=calls,
            additional_kwargs={SIDE: side} if side else {},
            response_metadata=metadata,
            usage_metadata=usage_metadata(chunk.usage) if chunk.usage else None,
            chunk_position="last" if chunk.last else None,
        )
        return ChatGenerationChunk(message=message)

    def _divided(
        self, parts: tuple[Part, ...], side: dict[str, Any]
    ) -> tuple[str, list[str | Block], list[ToolCallChunk]]:
        """Return what of `parts` is plain text, what is blocks, and what is calls; the rest goes into `side`."""
        plain = ""
        content: list[str | Block] = []
        calls: list[ToolCallChunk] = []
        for part in merge_parts(parts):
            if isinstance(part, Text):
                self._texts.append(part.text)
            if self._recording is not None and not self._recording.goes_on(part):
                content += self._recorded()
            if isinstance(part, FunctionCall):
                calls.append(self._call(part, side))
            elif self._stays_plain(part):
                plain += part.text  # type: ignore[union-attr]  # only text stays plain
                if part.signature:
                    side["signature"] = part.signature
                elif self._open is None:
                    self._begin(Text)
            else:
                self._blocks = True
                content += self._blocks_of(part)
        return plain, content, calls

    def _stays_plain(self, part: Part) -> bool:
        """Whether `part` fits into content that is a string: text, and at its end the signature without text."""
        if self._blocks or not isinstance(part, Text) or part.extra:
            return False
        return part.signature is None or (not part.text and self._content_blocks > 0)

    def _call(self, part: FunctionCall, side: dict[str, Any]) -> ToolCallChunk:
        id_ = part.id or local_id()
        kept: dict[str, Any] = {"at": self._content_blocks}
        if part.signature:
            kept["signature"] = part.signature
        side.setdefault("calls", {})[id_] = kept
        self._open = None
        index = self._count
        self._count += 1
        if self._content_blocks:
            self._blocks = True  # text behind a call is a block of its own, so that the order is kept
        return tool_call_chunk(name=part.name, args=_arguments(part), id=id_, index=index)

    def _blocks_of(self, part: Part) -> list[str | Block]:
        """Return the block of a part; raw sound goes on in the block it began in."""
        if not isinstance(part, Blob) or not is_pcm(part) or part.signature or part.extra:
            return [self._block(part)]
        try:
            content = part.content()
        except ValueError:  # not base64: it is shown as it came
            return [self._block(part)]
        if self._recording is None:
            block = self._block(part)
            self._recording = _Recording(part, block["index"])
            return [{**block, "base64": self._recording.add(content)}]
        return [{"type": "audio", "base64": self._recording.add(content), "index": self._recording.index}]

    def _recorded(self) -> list[str | Block]:
        """End the sound that is being recorded, and return what was still held back of it."""
        recording, self._recording = self._recording, None
        rest = recording.rest() if recording else ""
        return [{"type": "audio", "base64": rest, "index": recording.index}] if recording and rest else []

    def _block(self, part: Part) -> Block:
        block = content_block(part)
        kind = type(part)
        continues = isinstance(part, Text | Thought) and not part.signature and not part.extra and kind is self._open
        if continues:
            block["index"] = self._count - 1
        else:
            signed = getattr(part, "signature", None) or getattr(part, "extra", None)
            block["index"] = self._begin(kind if kind in {Text, Thought} and not signed else None)
        return block


class _Recording:
    """Raw sound that comes in pieces, as base64 that stays whole when LangChain adds the pieces' texts up.

    Three bytes are four characters, so what does not fill them waits for the next piece.
    """

    def __init__(self, first: Blob, index: int) -> None:
        self._first = first
        self.index = index
        self._held = b""

    def goes_on(self, part: Part) -> bool:
        return (
            isinstance(part, Blob) and part.mime_type == self._first.mime_type and part.thought == self._first.thought
        )

    def add(self, content: bytes) -> str:
        content = self._held + content
        whole = len(content) - len(content) % 3
        self._held = content[whole:]
        return base64.b64encode(content[:whole]).decode("ascii")

    def rest(self) -> str:
        return base64.b64encode(self._held).decode("ascii")


def _joined_sound(content: list[str | Block]) -> list[str | Block]:
    """Join pieces of one recording that came in one chunk: LangChain adds up chunks, not blocks of one."""
    joined: list[str | Block] = []
    for block in content:
        last = joined[-1] if joined else None
        if isinstance(block, dict) and isinstance(last, dict) and block["index"] == last["index"]:
            joined[-1] = {**last, "base64": last["base64"] + block["base64"]}
        else:
            joined.append(block)
    return joined


def _arguments(part: FunctionCall) -> str:
    """Return a call's arguments as JSON; malformed ones so that LangChain takes the call for invalid.

    LangChain completes half an object by itself, which would run a tool with arguments that nobody meant. As the JSON
    of a text they are no object to it, and stay whole.
    """
    if part.malformed is None:
        return json.dumps(part.args, ensure_ascii=False)
    return json.dumps(part.malformed, ensure_ascii=False) if part.malformed.lstrip()[:1] == "{" else part.malformed


def content_block(part: Part) -> Block:
    """Return the v1 standard block of a part that is no call."""
    extras: dict[str, Any] = {}
    if not isinstance(part, Opaque):
        if part.signature:
            extras["signature"] = part.signature
        if part.extra:
            extras["part"] = part.extra
    block = _bare_block(part, extras)
    return {**block, "extras": extras} if extras else block


def _bare_block(part: Part, extras: dict[str, Any]) -> Block:
    """Return the block without its extras; what the standard has no key for is put into `extras`."""
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    if isinstance(part, Thought):
        return {"type": "reasoning", "reasoning": part.text}
    if isinstance(part, Blob):
        extras.update({"name": part.name} if part.name else {}, **({"thought": True} if part.thought else {}))
        return {"type": _media_kind(part.mime_type), "base64": part.data, "mime_type": part.mime_type}
    if isinstance(part, FileRef):
        extras.update({"name": part.name} if part.name else {})
        kind = _media_kind(part.mime_type or "")
        return {"type": kind, "url": part.uri, **({"mime_type": part.mime_type} if part.mime_type else {})}
    if isinstance(part, ExecutableCode):
        extras.update({"id": part.id} if part.id else {})
        args = {"code": part.code, "language": part.language}
        return {"type": "server_tool_call", "name": "code_interpreter", "id": part.id or "code", "args": args}
    if isinstance(part, CodeResult):
        extras.update({"outcome": part.outcome}, **({"id": part.id} if part.id else {}))
        status = "success" if part.outcome == "OUTCOME_OK" else "error"
        return {
            "type": "server_tool_result",
            "tool_call_id": part.id or "code",
            "status": status,
            "output": part.output,
        }
    if isinstance(part, FunctionCall | FunctionResponse):
        return {"type": "non_standard", "value": part_json(part)}
    if isinstance(part, Opaque):
        return {"type": "non_standard", "value": part.raw}
    assert_never(part)


def _media_kind(mime_type: str) -> str:
    kind = mime_type.split("/", 1)[0].lower()
    return kind if kind in {"image", "audio", "video"} else "file"


def answer(chunk: Chunk) -> AIMessage:
    """Return a whole answer as a message: what adding up its streamed chunks gives, without their indices."""
    only_text = all(isinstance(part, Text | FunctionCall) for part in chunk.parts)
    made = MessageStream(blocks=not only_text).feed(chunk).message
    if not isinstance(made, AIMessageChunk):  # narrows the type: a MessageStream makes nothing else
        raise TypeError(type(made).__name__)
    content = made.content
    if isinstance(content, list):
        content = [{key: value for key, value in block.items() if key != "index"} if isinstance(block, dict) else
                   {"type": "text", "text": block} for block in content]  # fmt: skip
    return AIMessage(
        content=content,
        tool_calls=made.tool_calls,
        invalid_tool_calls=made.invalid_tool_calls,
        additional_kwargs=made.additional_kwargs,
        response_metadata=made.response_metadata,
        usage_metadata=made.usage_metadata,
    )


def usage_metadata(usage: Usage) -> UsageMetadata:
    """Return token counts in LangChain's form: input with built-in tools' results, output with thoughts."""
    read = usage.details.get("prompt", {})
    written = usage.details.get("candidates", {})
    input_details: dict[str, int] = {name: count for name, count in read.items() if name != "text"}
    output_details: dict[str, int] = {name: count for name, count in written.items() if name != "text"}
    if usage.cached:
        input_details["cache_read"] = usage.cached
    if usage.thoughts:
        output_details["reasoning"] = usage.thoughts
    result = UsageMetadata(input_tokens=usage.input, output_tokens=usage.output, total_tokens=usage.total)
    if input_details:
        result["input_token_details"] = InputTokenDetails(**input_details)  # type: ignore[typeddict-item]  # its keys are open
    if output_details:
        result["output_token_details"] = OutputTokenDetails(**output_details)  # type: ignore[typeddict-item]  # as above
    return result


_FROM_CANDIDATE = {
    "finish_message": "finishMessage",
    "safety_ratings": "safetyRatings",
    "grounding_metadata": "groundingMetadata",
    "citation_metadata": "citationMetadata",
    "url_context_metadata": "urlContextMetadata",
    "logprobs": "logprobsResult",
    "avg_logprobs": "avgLogprobs",
}


def response_metadata(chunk: Chunk) -> dict[str, Any]:
    """Return what the response says about itself, under the names LangChain users know, as far as it does."""
    found: dict[str, Any] = {
        "endpoint": chunk.endpoint,
        "finish_reason": chunk.finish_reason,
        "model_name": chunk.model_version,
        "response_id": chunk.response_id,
        "request_id": chunk.request_id,
        "framing": chunk.framing,
        "prompt_feedback": value_of(chunk.raw, "promptFeedback"),
    }
    candidate = chunk.candidate
    found.update({name: value_of(candidate, key) for name, key in _FROM_CANDIDATE.items()})
    return {name: value for name, value in found.items() if value is not None}

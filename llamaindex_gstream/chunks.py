"""Chunks of the core in, `ChatResponse` out: the state of one answer.

Every response of a stream is whole so far (all blocks, all calls) and shares no list, dict or text block with another.
Visible text is one `TextBlock`, wherever thoughts and calls stand between: `message.content` joins text blocks with a
line break, and must equal the joined deltas. `record` keeps the true order of parts.
"""

from __future__ import annotations

import json
from dataclasses import replace
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    CompletionResponse,
    LogProb,
    MessageRole,
    TextBlock,
)

from gstream import Blob, Chunk, FileRef, FunctionCall, Text, Thought, collect
from gstream.messages import local_id
from gstream.prebuilt import Prebuilt
from llamaindex_gstream.blocks import block_of, media_block_of
from llamaindex_gstream.messages import SIGNATURES
from llamaindex_gstream.record import RECORD, record_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_index.core.base.llms.types import ContentBlock

    from gstream import Part, Usage
    from llamaindex_gstream.blocks import Media

__all__ = ["Answer", "completion", "is_between"]

JsonObject: TypeAlias = dict[str, Any]


_TEXT: Final = Prebuilt(TextBlock(text=""))
_MESSAGE: Final = Prebuilt(ChatMessage(role=MessageRole.ASSISTANT, blocks=[]))
_RESPONSE: Final = Prebuilt(ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, blocks=[])))
"""What a stream has thousands of."""


class Answer:
    """One answer as it arrives: `feed` every chunk, then `close`.

    Args:
        model: the name that was asked for; shown where the server names none.
    """

    def __init__(self, *, model: str) -> None:
        self._model = model
        self._index: int | None = None
        self._parts: list[Part] = []
        self._others: dict[int, list[Chunk]] = {}
        self._final = Chunk(last=True)
        self._usage: Usage | None = None
        self._delta = ""
        self._blocks = _Blocks()

    def feed(self, chunk: Chunk) -> ChatResponse | None:
        """Take a chunk; return the answer so far, or `None` if the chunk shows nothing new or is the last one."""
        parts = chunk.parts
        if len(parts) == 1 and type(part := parts[0]) is Text and chunk.index == self._index and not chunk.last:
            text, thought = part.text, ""  # the usual chunk, without a detour
            self._parts.append(part)
            self._blocks.write(text)
            shown = bool(text)
        else:
            shown, text, thought = self._taken(chunk)
        if not shown:
            return None
        return _RESPONSE(
            {
                "message": self._blocks.message(),
                "delta": text,
                "raw": {"response": chunk.raw},
                "additional_kwargs": {"thinking_delta": thought} if thought else {},
            }
        )

    def _taken(self, chunk: Chunk) -> tuple[bool, str, str]:
        """Take any chunk; return whether to show the answer now, and the new text and thoughts."""
        if self._index is None:
            self._index = chunk.index
        self._usage = chunk.usage or self._usage
        if chunk.index != self._index:
            self._others.setdefault(chunk.index, []).append(chunk)
            return False, "", ""
        text = thought = ""
        shown = False
        for part in chunk.parts:
            if isinstance(part, Text):
                self._parts.append(part)
                self._blocks.write(part.text)
                text += part.text
            else:
                kept = replace(part, id=local_id()) if isinstance(part, FunctionCall) and not part.id else part
                self._parts.append(kept)
                shown = self._blocks.add(kept) or shown
                thought += kept.text if isinstance(kept, Thought) else ""
        if chunk.last:
            self._final, self._delta = chunk, text
        return (shown or bool(text)) and not chunk.last, text, thought

    def close(self, *, streamed: bool) -> ChatResponse:
        """Return the whole answer, with usage and finish reason.

        Args:
            streamed: whether this is the last response of a stream, which has a delta.
        """
        final = self._final
        parts = collect([Chunk(tuple(self._parts))]).parts
        raw: JsonObject = {
            "response": final.raw,
            "finish_reason": final.finish_reason,
            "model": final.model_version or self._model,
            "response_id": final.response_id,
            "request_id": final.request_id,
            "endpoint": final.endpoint,
            "framing": final.framing,
        }
        if final.dropped:
            raw["dropped_calls"] = [_openai(call) for call in final.dropped]
        if self._others:
            raw["alternatives"] = [collect(self._others[index]).text for index in sorted(self._others)]
        counts: dict[str, int] = {}
        if self._usage is not None:
            raw["usage"] = _counted(self._usage)
            counts = {name: raw["usage"][name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")}
        return ChatResponse(
            message=message_of(parts, self._blocks.media),
            delta=self._delta if streamed else None,
            raw=raw,
            logprobs=_logprobs(final.candidate.get("logprobsResult")),
            additional_kwargs=counts,
        )


def is_between(response: ChatResponse | CompletionResponse) -> bool:
    """Return whether a response of a stream is any but the last one, which alone has a finish reason."""
    return isinstance(response.raw, dict) and "finish_reason" not in response.raw


_copied: Final = methodcaller("model_copy")


class _Blocks:
    """The blocks of an answer that grows.

    Args:
        media: as the attribute; `None`: none were made yet.
    """

    def __init__(self, media: dict[int, Media] | None = None) -> None:
        self.media = {} if media is None else media
        """The blocks of media so far, by the identity of their parts, so that a large one is made once an answer."""
        self._calls: list[JsonObject] = []
        """The calls in the words of OpenAI."""
        self._signatures: JsonObject = {}
        """The signatures of the calls, by their id."""
        self._text = ""
        self._before: list[ContentBlock] = []
        self._after: list[ContentBlock] = []
        self._thought: Thought | None = None
        """The thought at the end, if the next one continues it."""

    def write(self, text: str) -> None:
        """Add visible text; an empty one only ends the thought before it."""
        self._text += text
        self._thought = None

    def add(self, part: Part) -> bool:
        """Add any other part and return whether it shows."""
        blocks = self._after if self._text else self._before
        thought, self._thought = self._thought, None
        if isinstance(part, Thought):
            marked = part.signature or part.extra
            if thought is not None and not marked:
                part = Thought(thought.text + part.text)
                blocks.pop()
            blocks.append(block_of(part))
            self._thought = None if marked else part
        elif isinstance(part, FunctionCall):
            self._calls.append(_openai(part))
            if part.signature:
                self._signatures[part.id or ""] = part.signature
            blocks.append(block_of(part))
        elif isinstance(part, FileRef) or (isinstance(part, Blob) and not part.thought):
            if id(part) not in self.media:
                self.media[id(part)] = media_block_of(part)
            blocks.append(self.media[id(part)])
        else:
            return False
        return True

    def message(self) -> ChatMessage:
        """Return the message so far, with its own copies.

        Not validated: each block was, and core's validators would decode and encode every medium again.
        """
        blocks: list[ContentBlock] = list(map(_copied, self._before))
        if self._text:
            blocks.append(_TEXT({"text": self._text}))
        blocks += map(_copied, self._after)
        known = self._called() if self._calls else {}
        return _MESSAGE({"role": MessageRole.ASSISTANT, "blocks": blocks, "additional_kwargs": known})

    def _called(self) -> JsonObject:
        """Return what a message that calls functions says beside its blocks; core asks for `tool_calls`."""
        known: JsonObject = {"tool_calls": [{**call, "function": {**call["function"]}} for call in self._calls]}
        if self._signatures:
            known[SIGNATURES] = {**self._signatures}
        return known


def message_of(parts: Sequence[Part], media: dict[int, Media] | None = None) -> ChatMessage:
    """Return the message of a whole answer, from which `messages.conversation` makes the very same parts again.

    Args:
        parts: neighbours joined, every call with an id.
        media: blocks of some of them that were made before, by the identity of their parts.
    """
    blocks = _Blocks(media)
    for part in parts:
        if isinstance(part, Text):
            blocks.write(part.text)
        else:
            blocks.add(part)
    message = blocks.message()
    if (record := record_of(parts)) is not None:
        message.additional_kwargs[RECORD] = record
    return message


def _openai(call: FunctionCall) -> JsonObject:
    arguments = json.dumps(call.args, ensure_ascii=False) if call.malformed is None else call.malformed
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _counted(usage: Usage) -> dict[str, int]:
    """Return the counts under the names that core's token counter reads; thoughts are completion."""
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.total,
        "thoughts_tokens": usage.thoughts,
        "cached_tokens": usage.cached,
        "tool_use_tokens": usage.tool_use,
    }


def _logprobs(result: object) -> list[list[LogProb]] | None:
    """Return `logprobsResult` as one list a position: the chosen token first, then the alternatives."""
    if not isinstance(result, dict):
        return None
    chosen, top = _listed(result.get("chosenCandidates")), _listed(result.get("topCandidates"))
    positions = []
    for number, token in enumerate(chosen):
        others = _listed(top[number].get("candidates")) if number < len(top) else []
        positions.append(
            [_logprob(token), *(_logprob(one) for one in others if one.get("token") != token.get("token"))]
        )
    return positions or None


def _listed(value: object) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _logprob(token: JsonObject) -> LogProb:
    text, value = token.get("token"), token.get("logProbability")
    text = text if isinstance(text, str) else ""
    number = float(value) if isinstance(value, int | float) else 0.0
    return LogProb(token=text, logprob=number, bytes=list(text.encode("utf-8", "surrogatepass")))


def completion(response: ChatResponse) -> CompletionResponse:
    """Return a chat response as the completion it is."""
    return CompletionResponse(
        text=response.message.content or "",
        additional_kwargs={**response.message.additional_kwargs, **response.additional_kwargs},
        raw=response.raw,
        logprobs=response.logprobs,
        delta=response.delta,
    )

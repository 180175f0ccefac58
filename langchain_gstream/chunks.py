"""Chunks of the core in, LangChain's message chunks out; what a stream needs to remember lives in `MessageStream`.

An answer that is only text has a plain string as content, and its calls lie in `tool_calls`. Anything else becomes v1
standard blocks, each with a stable `index`, in the order it came. What LangChain has no place for (a call's signature
and position, the signature behind a plain text) lies in `additional_kwargs`, in a form that survives `+` and JSON.

Raw sound is held back until it ends, and comes as one block: a WAV begins with its length, and LangChain adds up the
base64 of pieces as texts. Who wants to play it while it is made reads the chunks of `gstream.Client`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk

from gstream import Blob, CodeResult, ExecutableCode, FunctionCall, Text, Thought
from gstream.messages import local_id
from gstream.parts import is_pcm, merge_parts
from gstream.prebuilt import Prebuilt
from langchain_gstream.blocks import content_block
from langchain_gstream.citations import citations, divided
from langchain_gstream.messages import BEHIND, PROVIDER, SIDE
from langchain_gstream.metadata import response_metadata, usage_metadata

if TYPE_CHECKING:
    from langchain_core.messages.tool import ToolCallChunk

    from gstream import Chunk, Part
    from langchain_gstream.blocks import Block

__all__ = ["MessageStream", "answer"]

_MESSAGE: Final = Prebuilt(AIMessageChunk(content=""))
_GENERATION: Final = Prebuilt(ChatGenerationChunk(message=AIMessageChunk(content="")))
"""The usual chunks of a stream, of which there are thousands."""


class MessageStream:
    """The state of one streamed answer: which blocks are open, and whether content is still plain text.

    Args:
        blocks: give content as blocks from the start, because more than text is to be expected.
    """

    def __init__(self, *, blocks: bool = False) -> None:
        self._blocks = blocks
        self._only_blocks = blocks
        """Whether all visible text lies in blocks, none in a string."""
        self._begun = False
        self._count = 0
        """Content blocks and calls so far; the next index."""
        self._content_blocks = 0
        self._texts: list[str] = []
        """All visible text, whose places citations name."""
        self._text_blocks: list[tuple[int, int]] = []
        """The index of each text block, and how many of `_texts` lie before it."""
        self._sound: list[Blob] = []
        """Pieces of a recording that may go on."""
        self._code_id: str | None = None
        """The id of the last code that the server ran, which a result without one belongs to."""
        self._open: type[Text | Thought] | None = None
        """The kind of the block that the next part may continue."""

    def feed(self, chunk: Chunk) -> ChatGenerationChunk:
        """Return the message chunk for `chunk`."""
        parts = chunk.parts
        if len(parts) == 1 and self._begun and not chunk.last:  # the usual chunks, without a detour
            only = parts[0]
            if type(only) is Text and not self._blocks and only.signature is None and only.extra is None:
                if self._open is None:
                    self._begin(Text)
                self._texts.append(only.text)
                return _GENERATION({"message": _MESSAGE({"content": only.text}), "text": only.text})
            if type(only) is Thought and self._goes_on(only):
                block: Block = {"type": "reasoning", "reasoning": only.text, "index": self._count - 1}
                return _GENERATION({"message": _MESSAGE({"content": [block]}), "text": ""})
        return self._full(chunk)

    def _goes_on(self, part: Thought) -> bool:
        """Whether a thought only continues the block of the one before it."""
        return self._open is Thought and not self._sound and part.signature is None and part.extra is None

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
                if self._only_blocks:
                    content = self._cited(content, found)
                else:
                    side["citations"] = found
        whole: list[str | dict[str, Any]] = [*([plain] if content and plain else []), *content]
        metadata: dict[str, Any] = {} if self._begun and not chunk.last else {"model_provider": PROVIDER}
        if chunk.last:
            metadata.update(response_metadata(chunk))
        begun, self._begun = self._begun, True
        message = AIMessageChunk(
            # An empty text adds nothing to a list, but an empty list would make a list of a text; only at the start
            # must it be a list where blocks will follow.
            content=whole or plain or ([] if self._blocks and not begun else ""),
            tool_call_chunks=calls,
            additional_kwargs={SIDE: side} if side else {},
            response_metadata=metadata,
            usage_metadata=usage_metadata(chunk.usage) if chunk.usage else None,
            chunk_position="last" if chunk.last else None,
        )
        return ChatGenerationChunk(message=message)

    def _divided(self, parts: tuple[Part, ...], side: dict[str, Any]) -> tuple[str, list[Block], list[ToolCallChunk]]:
        """Return what of `parts` is plain text, what is blocks, and what is calls; the rest goes into `side`."""
        plain = ""
        content: list[Block] = []
        calls: list[ToolCallChunk] = []
        for part in merge_parts(parts):
            if isinstance(part, Blob) and is_pcm(part):
                self._blocks = True
                self._sound.append(part)
                continue
            content += self._recorded()
            if isinstance(part, Text):
                self._texts.append(part.text)
            if isinstance(part, FunctionCall):
                calls.append(self._call(part, side))
            elif self._stays_plain(part):
                plain += part.text  # type: ignore[union-attr]  # only text stays plain
                if part.signature:
                    side["signature"] = part.signature
                elif self._open is None:
                    self._begin(Text)
            elif (signed := self._signed(part)) is not None:
                content = (
                    [*content[:-1], {**content[-1], **signed, "text": content[-1]["text"]}] if content else [signed]
                )
            else:
                self._blocks = True
                content.append(self._block(part))
        return plain, content, calls

    def _stays_plain(self, part: Part) -> bool:
        """Whether `part` fits into content that is a string: text, and at its end the signature without text."""
        if self._blocks or not isinstance(part, Text) or part.extra:
            return False
        return part.signature is None or (not part.text and self._content_blocks > 0)

    def _signed(self, part: Part) -> Block | None:
        """Return what the open text block grows by where `part` is the signature without text behind it, else `None`.

        Gemini 3 ends its answers so, and a block of its own would be an empty text to everybody else.
        """
        if self._open is not Text or not isinstance(part, Text) or part.text or part.extra or not part.signature:
            return None
        self._open = None
        return {"type": "text", "text": "", "extras": {BEHIND: part.signature}, "index": self._count - 1}

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

    def _recorded(self) -> list[Block]:
        """Return the recording that ends here: one block, or several where the pieces are of several kinds."""
        if not self._sound:
            return []
        pieces, self._sound = self._sound, []
        return [self._block(part) for part in merge_parts(pieces)]

    def _block(self, part: Part) -> Block:
        block = content_block(part)
        kind = type(part)
        if isinstance(part, ExecutableCode | CodeResult):
            self._identify(block)
        continues = isinstance(part, Text | Thought) and not part.signature and not part.extra and kind is self._open
        if continues:
            block["index"] = self._count - 1
        else:
            signed = getattr(part, "signature", None) or getattr(part, "extra", None)
            block["index"] = self._begin(kind if kind in {Text, Thought} and not signed else None)
            if isinstance(part, Text):
                self._text_blocks.append((block["index"], len(self._texts) - 1))
        return block

    def _identify(self, block: Block) -> None:
        """Give code that the server ran, and its result, the id that LangChain demands where the server gave none."""
        if block["type"] == "server_tool_call":
            block["id"] = self._code_id = block["id"] or local_id()
        else:
            block["tool_call_id"] = block["tool_call_id"] or self._code_id or local_id()

    def _cited(self, content: list[Block], found: list[dict[str, Any]]) -> list[Block]:
        """Return `content` with the citations of all blocks, each on the text it speaks of."""
        if not self._text_blocks:
            self._text_blocks.append((self._begin(None), len(self._texts)))
        starts = [position for _, position in self._text_blocks]
        ends = [*starts[1:], len(self._texts)]
        lengths = [sum(map(len, self._texts[start:end])) for start, end in zip(starts, ends, strict=True)]
        here = {block["index"]: block for block in content}
        for (index, _), mine in zip(self._text_blocks, divided(found, lengths), strict=True):
            if mine and index in here:
                here[index]["annotations"] = mine
            elif mine:
                content = [*content, {"type": "text", "text": "", "annotations": mine, "index": index}]
        return content


def _arguments(part: FunctionCall) -> str:
    """Return a call's arguments as JSON; malformed ones whole, behind words that make them JSON to no parser.

    LangChain completes half an object by itself, which would run a tool with arguments that nobody meant, and its event
    streams take a list or a text for arguments and break.
    """
    if part.malformed is None:
        return json.dumps(part.args, ensure_ascii=False)
    return f"not a JSON object: {part.malformed}"


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

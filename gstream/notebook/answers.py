"""What frameworks stream, read by public attributes alone: any item in, the pieces of the answer so far out; pure.

LangChain's messages are added up by their own `+` and read by `content_blocks`; LlamaIndex's chat responses hold the
answer so far in `message.blocks`, its other ones come as `delta`; the core's chunks have `parts`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from gstream.chunks import Chunk, collect
from gstream.errors import ConfigurationError
from gstream.media import type_of_base64
from gstream.messages import Blob, CodeResult, ExecutableCode, FileRef, FunctionCall, Text, Thought
from gstream.parts import arguments, is_pcm, merge_parts
from gstream.sound import wav_of

__all__ = ["Answer", "Piece"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Something to show."""

    kind: Literal["text", "thought", "media", "call", "result", "code", "output"]
    text: str = ""
    """What it says; of media: their URL, or empty."""
    name: str = ""
    """The function of a call or a result, the language of code, the media type of media."""
    data: str = ""
    """Of media: base64 in the standard alphabet, or empty."""


class Answer:
    """What has come of an answer so far."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []

    @staticmethod
    def reads(item: object) -> bool:
        """Return whether `item` is something that a stream of answers holds."""
        return _entry(item) is not None

    def feed(self, item: object) -> None:
        """Take a further item of the stream.

        Raises:
            ConfigurationError: nobody knows how to show such a thing.
        """
        if isinstance(item, tuple) and len(item) == 2 and hasattr(item[0], "content_blocks"):  # noqa: PLR2004
            item = item[0]  # what LangGraph streams as "messages" has metadata beside it
        entry = _entry(item)
        if entry is None:
            if any(hasattr(item, name) for name in _SILENT):
                return
            raise ConfigurationError(
                f"show() cannot show {type(item).__name__}: give it the stream of a model, a chain, an engine or an "
                'agent (of LangGraph with stream_mode="messages").'
            )
        if not self._entries or not self._entries[-1].add(entry):
            self._entries.append(entry)

    def pieces(self) -> list[Piece]:
        """Return what is to be shown, in order."""
        return [piece for entry in self._entries for piece in entry.pieces()]

    def whole(self) -> Any:
        """Return the answer as its framework would have given it; of several messages the last; `None` for none."""
        return self._entries[-1].whole() if self._entries else None


_SILENT: Final = ("current_agent_name", "tool_name", "result", "output")
"""What events of LlamaIndex's agents have that say nothing new: their input, their output, a call that follows in
`tool_calls` or as a result."""


def _entry(item: object) -> _Entry | None:
    """Return the first of a new message, told by what `item` is; `None` if it is nothing that could be shown."""
    if isinstance(item, str):
        return _Words(item)
    if isinstance(item, Chunk):
        return _Chunks(item)
    if hasattr(item, "content_blocks"):
        return _Message(item)
    if hasattr(getattr(item, "message", None), "blocks"):
        return _Response(item)
    if hasattr(item, "tool_output"):
        return _Result(item)
    if isinstance(getattr(item, "delta", None), str) or isinstance(getattr(item, "text", None), str):
        return _Deltas(item)
    return None


class _Entry:
    """One message of the answer."""

    def __init__(self, item: Any) -> None:
        self.item = item

    def add(self, entry: _Entry) -> bool:  # noqa: ARG002 - a message that comes in one item takes none
        """Take what comes next if it belongs to the same message; whether it does."""
        return False

    def pieces(self) -> list[Piece]:
        """Return what is to be shown."""
        return []

    def whole(self) -> Any:
        """Return the message."""
        return self.item


class _Words(_Entry):
    """Bare pieces of text."""

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.texts = [item]

    def add(self, entry: _Entry) -> bool:
        if not isinstance(entry, _Words):
            return False
        self.texts.append(entry.item)
        return True

    def pieces(self) -> list[Piece]:
        return [Piece("text", self.whole())]

    def whole(self) -> str:
        return "".join(self.texts)


class _Chunks(_Entry):
    """Chunks of the core; the first candidate's only."""

    def __init__(self, item: Chunk) -> None:
        super().__init__(item)
        self.chunks = [] if item.index else [item]

    def add(self, entry: _Entry) -> bool:
        if not isinstance(entry, _Chunks):
            return False
        self.chunks += entry.chunks
        return True

    def pieces(self) -> list[Piece]:
        parts = merge_parts(part for chunk in self.chunks for part in chunk.parts)
        return [piece for part in parts for piece in _of_part(part)]

    def whole(self) -> Chunk:
        return collect(self.chunks)


class _Message(_Entry):
    """A message of LangChain, or its chunks."""

    def add(self, entry: _Entry) -> bool:
        if not isinstance(entry, _Message) or type(entry.item) is not type(self.item):
            return False
        if entry.item.id != self.item.id or not hasattr(self.item, "tool_call_chunks"):
            return False
        self.item = self.item + entry.item
        return True

    def pieces(self) -> list[Piece]:
        if hasattr(self.item, "tool_call_id"):
            return [Piece("result", str(self.item.text), str(self.item.name or ""))]
        return [piece for block in self.item.content_blocks for piece in _of_block(block)]


class _Response(_Entry):
    """A chat response of LlamaIndex: each holds the answer so far."""

    def add(self, entry: _Entry) -> bool:
        if not isinstance(entry, _Response):
            return False
        self.item = entry.item
        return True

    def pieces(self) -> list[Piece]:
        return [piece for block in self.item.message.blocks for piece in _of_content(block)]


class _Deltas(_Entry):
    """Completions of LlamaIndex and events of its agents, which come as what is new."""

    def __init__(self, item: Any) -> None:
        super().__init__(item)
        delta = getattr(item, "delta", None)
        self.texts = [item.text if delta is None else delta]
        self.thoughts = [_thought_of(item)]

    def add(self, entry: _Entry) -> bool:
        if not isinstance(entry, _Deltas):
            return False
        self.item = entry.item
        self.texts += entry.texts
        self.thoughts += entry.thoughts
        return True

    def pieces(self) -> list[Piece]:
        thoughts, text = "".join(self.thoughts), "".join(self.texts)
        return [*([Piece("thought", thoughts)] if thoughts else []), *([Piece("text", text)] if text else [])]


class _Result(_Entry):
    """What a tool gave in an agent of LlamaIndex."""

    def pieces(self) -> list[Piece]:
        return [_call(self.item.tool_name, self.item.tool_kwargs), Piece("result", str(self.item.tool_output))]


def _thought_of(item: Any) -> str:
    known = getattr(item, "additional_kwargs", None)
    thought = known.get("thinking_delta") if isinstance(known, Mapping) else getattr(item, "thinking_delta", None)
    return thought if isinstance(thought, str) else ""


# -- one element ----------------------------------------------------------------------------------------------------


def _of_part(part: object) -> Iterator[Piece]:
    """Yield what a part of the core shows."""
    if isinstance(part, Text):
        yield Piece("text", part.text)
    elif isinstance(part, Thought):
        yield Piece("thought", part.text)
    elif isinstance(part, Blob):
        yield _media(part.mime_type, part.data)
    elif isinstance(part, FileRef):
        yield Piece("media", part.uri, part.mime_type or "")
    elif isinstance(part, FunctionCall):
        yield _call(part.name, part.args)
    elif isinstance(part, ExecutableCode):
        yield Piece("code", part.code, part.language.lower())
    elif isinstance(part, CodeResult):
        yield Piece("output", part.output or part.outcome)


def _of_block(block: Mapping[str, Any]) -> Iterator[Piece]:
    """Yield what a standard content block of LangChain shows."""
    kind = block.get("type")
    if kind == "text":
        yield Piece("text", block.get("text") or "")
    elif kind == "reasoning":
        yield Piece("thought", block.get("reasoning") or "")
    elif kind in {"image", "audio", "video", "file"}:
        yield _media(str(block.get("mime_type") or ""), block.get("base64") or "", block.get("url") or "")
    elif kind in {"tool_call", "tool_call_chunk"} and block.get("name"):
        yield _call(str(block["name"]), block.get("args") or {})
    elif kind == "server_tool_call":
        args = block.get("args") or {}
        code = args.get("code") if isinstance(args, Mapping) else None
        yield Piece("code", code, "python") if isinstance(code, str) else _call(str(block.get("name") or ""), args)
    elif kind == "server_tool_result":
        yield Piece("output", str(block.get("output") or ""))


def _of_content(block: Any) -> Iterator[Piece]:
    """Yield what a content block of LlamaIndex shows."""
    kind = getattr(block, "block_type", "")
    if kind == "text":
        yield Piece("text", block.text)
    elif kind == "thinking":
        yield Piece("thought", block.content or "")
    elif kind == "tool_call":
        yield _call(block.tool_name, block.tool_kwargs)
    elif kind == "image":
        yield _media(block.image_mimetype or "", _ascii(block.image), str(block.url or ""))
    elif kind == "audio":
        yield _media(f"audio/{block.format or 'wav'}", _ascii(block.audio), str(block.url or ""))
    elif kind == "video":
        yield _media(block.video_mimetype or "video/mp4", _ascii(block.video), str(block.url or ""))


def _ascii(data: bytes | None) -> str:
    return data.decode("ascii", "replace") if data else ""


def _call(name: str, args: Mapping[str, Any] | str) -> Piece:
    """Return a call; arguments that came as text are read as soon as they are whole."""
    known, text = (args, None) if isinstance(args, Mapping) else arguments(args)
    return Piece("call", ", ".join(f"{key}={value!r}" for key, value in known.items()) if text is None else text, name)


def _media(mime_type: str, data: str, url: str = "") -> Piece:
    """Return media under the type that their bytes show; raw sound becomes a WAV file."""
    blob = Blob(mime_type, data)
    if not data:
        return Piece("media", url, mime_type)
    try:
        content = blob.content()
    except ValueError:
        return Piece("media", url, f"{mime_type} whose data are damaged")
    if is_pcm(blob):
        content, mime_type = wav_of(content, mime_type), "audio/wav"
    standard = base64.b64encode(content).decode("ascii")
    return Piece("media", url, type_of_base64(standard) or mime_type or "application/octet-stream", standard)

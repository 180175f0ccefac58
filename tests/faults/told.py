"""What an answer tells, in one shape: read from the emulator's documents by this module, or from a framework's message.

The reader of documents shares nothing with the library: it is what the table compares with.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gstream import Blob, CodeResult, ExecutableCode, FileRef, FunctionCall, FunctionResponse, Opaque, Text, Thought
from gstream.emulator.model import respond
from gstream.emulator.refuse import accepted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gstream import Part
    from gstream.emulator import Received

Document = dict[str, Any]


@dataclass(frozen=True)
class Usage:
    """Token counts."""

    input: int
    output: int
    total: int
    thoughts: int


@dataclass(frozen=True)
class Told:
    """An answer."""

    text: str = ""
    thoughts: str = ""
    calls: tuple[tuple[str, Any], ...] = ()
    """Name and arguments; of arguments that are no object the text."""
    media: tuple[tuple[str, bytes], ...] = ()
    """MIME type and content."""
    others: tuple[str, ...] = ()
    """The kinds of all other parts."""
    signatures: tuple[tuple[str, str], ...] = ()
    """What is signed (a text's own words, else the kind), and the signature."""
    finish: str | None = None
    usage: Usage | None = None


def honest_documents(received: Received) -> list[Document]:
    """Return the documents with which the emulator would have answered that request without a fault."""
    assert received.body is not None
    return respond(accepted(received.body, received.model), received.model)


def read(documents: Sequence[Document]) -> Told:
    """Return what documents tell that are as they should be, of the first candidate."""
    candidates = [one for document in documents for one in document["candidates"] if one["index"] == 0]
    parts = [part for one in candidates for part in one["content"]["parts"]]
    texts = [part for part in parts if "text" in part]
    return Told(
        text="".join(part["text"] for part in texts if not part.get("thought")),
        thoughts="".join(part["text"] for part in texts if part.get("thought")),
        calls=tuple(
            (part["functionCall"]["name"], part["functionCall"]["args"]) for part in parts if "functionCall" in part
        ),
        media=_recorded(part["inlineData"] for part in parts if "inlineData" in part),
        others=tuple(_KINDS[key] for part in parts for key in _KINDS if key in part),
        signatures=signed_in(documents),
        finish=next((one["finishReason"] for one in candidates if "finishReason" in one), None),
        usage=_counted(documents[-1]["usageMetadata"]) if documents else None,
    )


_KINDS = {"executableCode": "ExecutableCode", "codeExecutionResult": "CodeResult"}


def signed_in(documents: Sequence[Document]) -> tuple[tuple[str, str], ...]:
    """Return what documents sign."""
    parts = [part for one in documents for candidate in one["candidates"] for part in candidate["content"]["parts"]]
    return tuple((_wire_label(part), part["thoughtSignature"]) for part in parts if part.get("thoughtSignature"))


def _wire_label(part: Document) -> str:
    if "functionCall" in part:
        return "FunctionCall"
    return "Blob" if "inlineData" in part else f"text {part['text']}"


def _recorded(blobs: Iterable[Document]) -> tuple[tuple[str, bytes], ...]:
    """Return media; neighbouring pieces of one sound as one."""
    result: list[tuple[str, bytes]] = []
    for blob in blobs:
        kind, content = blob["mimeType"], base64.b64decode(blob["data"])
        if result and result[-1][0] == kind and kind.startswith("audio/"):
            content = result.pop()[1] + content
        result.append((kind, content))
    return tuple(result)


def _counted(usage: Document) -> Usage:
    thoughts = usage.get("thoughtsTokenCount", 0)
    return Usage(
        usage["promptTokenCount"] + usage.get("toolUsePromptTokenCount", 0),
        usage.get("candidatesTokenCount", 0) + thoughts,
        usage["totalTokenCount"],
        thoughts,
    )


def heard(parts: Sequence[Part]) -> dict[str, Any]:
    """Return what parts say that a framework's message would send back: media, other kinds, signatures."""
    signed = [(_label(part), _signature(part)) for part in parts]
    return {
        "media": tuple((part.mime_type, part.content()) for part in parts if isinstance(part, Blob)),
        "others": tuple(type(part).__name__ for part in parts if isinstance(part, _OTHERS)),
        "signatures": tuple((label, signature) for label, signature in signed if signature),
    }


_OTHERS = (ExecutableCode, CodeResult, FileRef, FunctionResponse, Opaque)


def _label(part: Part) -> str:
    return f"text {part.text}" if isinstance(part, Text | Thought) else type(part).__name__


def _signature(part: Part) -> str | None:
    return part.raw.get("thoughtSignature") if isinstance(part, Opaque) else part.signature


def called(parts: Sequence[Part]) -> tuple[tuple[str, Any], ...]:
    """Return the calls among parts."""
    return tuple(
        (part.name, part.args if part.malformed is None else part.malformed)
        for part in parts
        if isinstance(part, FunctionCall)
    )


def plain(arguments: Any) -> Any:
    """Return a broken call's arguments as they came, where a framework keeps them as the JSON of a text."""
    try:
        value = json.loads(arguments)
    except ValueError:
        return arguments
    return value if isinstance(value, str) else arguments

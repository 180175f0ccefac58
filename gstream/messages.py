"""A conversation in the API's own nouns: parts, turns, tools, and the prompt that holds them.

The same part classes go out and come back, the signature included, so that a model's turn can be returned to it part
for part. They are plain values: no I/O, no framework, no JSON here (`request` writes them, `chunks` reads them).
"""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from gstream.settings import Settings

__all__ = [
    "CHOICE_MODES",
    "Blob",
    "BuiltInTool",
    "CodeResult",
    "ExecutableCode",
    "FileRef",
    "FunctionCall",
    "FunctionResponse",
    "Opaque",
    "Part",
    "Prompt",
    "Text",
    "Thought",
    "Tool",
    "ToolChoice",
    "Turn",
    "is_local_id",
    "local_id",
]

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object as `json.loads` returns it."""


_LOCAL: Final = "gstream-"


def local_id(foreign: str | None = None) -> str:
    """Return an id for a call that its server gave none: frameworks need one, the server never sees it.

    Args:
        foreign: an id under which another provider's history knows the call, kept recognisable; `None`: a new one.
    """
    return f"{_LOCAL}{foreign or uuid.uuid4().hex}"


def is_local_id(id_: str | None) -> bool:
    """Return whether an id was made by `local_id`, so that no request may carry it."""
    return id_ is not None and id_.startswith(_LOCAL)


@dataclass(frozen=True, slots=True)
class Text:
    """Visible text. An empty one is sent only if it carries a signature."""

    text: str
    signature: str | None = None
    """`thoughtSignature` of this very part, verbatim; goes back on the same part."""
    extra: JsonObject | None = None
    """Sibling keys of the wire part that no field here holds. Those of the API (`partMetadata`, `videoMetadata`, ...)
    go back as they came; what a gateway added stays here, as no server takes it."""


@dataclass(frozen=True, slots=True)
class Thought:
    """A summary of the model's thinking (`text` with `thought: true`)."""

    text: str
    signature: str | None = None
    """As `Text.signature`."""
    extra: JsonObject | None = None
    """As `Text.extra`."""


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """The model's wish to call a function."""

    name: str
    args: JsonObject
    """The arguments; `{}` where the model gave none."""
    id: str | None = None
    """The server's id (Gemini 3), or a `local_id`, which is never sent; `None` as it came from a 2.x server."""
    signature: str | None = None
    """As `Text.signature`."""
    malformed: str | None = None
    """The arguments as they came, where they are no JSON object; `args` is `{}` then."""
    extra: JsonObject | None = None
    """As `Text.extra`."""


@dataclass(frozen=True, slots=True)
class FunctionResponse:
    """What a function returned."""

    name: str
    response: JsonObject
    id: str | None = None
    """The id of the call this answers, as on that `FunctionCall`; `None`: the next call of that name."""
    parts: tuple[Blob | FileRef, ...] = ()
    """Media that belong to the result. Sent as `functionResponse.parts` where the endpoint documents that."""
    signature: str | None = None
    """As `Text.signature`."""
    extra: JsonObject | None = None
    """As `Text.extra`."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Media carried inline."""

    mime_type: str
    """E.g. `"image/png"`, `"audio/L16;rate=24000"`; `"application/octet-stream"` where the server named none."""
    data: str = field(repr=False)
    """Base64 exactly as it travels (standard alphabet in requests; responses may use the URL-safe one)."""
    name: str | None = None
    """`displayName`."""
    thought: bool = False
    """Whether this is a draft made while thinking, not part of the answer."""
    signature: str | None = None
    """As `Text.signature`."""
    extra: JsonObject | None = None
    """As `Text.extra` (`videoMetadata`, `mediaResolution`, ...)."""

    @classmethod
    def of(cls, content: bytes, mime_type: str, *, name: str | None = None) -> Blob:
        """Return a blob that carries `content`."""
        return cls(mime_type, base64.b64encode(content).decode("ascii"), name)

    def content(self) -> bytes:
        """Return the decoded bytes.

        Raises:
            ValueError: `data` is not base64 in either alphabet.
        """
        text = "".join(self.data.translate({ord("-"): "+", ord("_"): "/"}).split()).rstrip("=")
        try:
            return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except ValueError as error:
            raise ValueError(f"the data of this {self.mime_type} blob is not base64: {error}") from None


@dataclass(frozen=True, slots=True)
class FileRef:
    """Media that lie elsewhere: a Files API URI, a YouTube address, a URL the endpoint may fetch."""

    uri: str
    mime_type: str | None = None
    """`None` where it is not known; then the endpoint finds out."""
    name: str | None = None
    """`displayName`."""
    signature: str | None = None
    """As `Text.signature`."""
    extra: JsonObject | None = None
    """As `Text.extra`."""
    fetch: str | None = None
    """What should lie there, "image", "audio", "video" or "file", if the client is to fetch it before the request
    wherever the endpoint does not read such a URL itself (see `remote`); `None`: it is sent as it stands."""


@dataclass(frozen=True, slots=True)
class ExecutableCode:
    """Code the model wrote for the server's own sandbox."""

    code: str
    language: str = "PYTHON"
    id: str | None = None
    """The id that its `CodeResult` repeats, where the server gives one."""
    signature: str | None = None
    """As `Text.signature`."""
    extra: JsonObject | None = None
    """As `Text.extra`."""


@dataclass(frozen=True, slots=True)
class CodeResult:
    """What the sandbox printed."""

    outcome: str
    """`"OUTCOME_OK"`, `"OUTCOME_FAILED"`, `"OUTCOME_DEADLINE_EXCEEDED"`."""
    output: str = ""
    id: str | None = None
    """As `ExecutableCode.id`."""
    signature: str | None = None
    """As `Text.signature`."""
    extra: JsonObject | None = None
    """As `Text.extra`."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A wire part of a kind nobody here knows, kept whole and sent back as it came."""

    raw: JsonObject

    @property
    def signature(self) -> str | None:
        """The part's `thoughtSignature`, if it has one."""
        value = self.raw.get("thoughtSignature") or self.raw.get("thought_signature")
        return value if isinstance(value, str) else None


Part: TypeAlias = (
    Text | Thought | FunctionCall | FunctionResponse | Blob | FileRef | ExecutableCode | CodeResult | Opaque
)
"""One element of `contents[].parts[]` or `candidates[].content.parts[]`."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One element of `contents[]`."""

    role: Literal["user", "model"]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may call."""

    name: str
    """Letters, digits, `_`, `-`, `.` and `:`; at most 128 characters (discovery: `FunctionDeclaration.name`)."""
    description: str = ""
    schema: JsonObject | None = None
    """JSON Schema of the arguments object; `None` for a function without parameters."""


@dataclass(frozen=True, slots=True)
class BuiltInTool:
    """A tool that runs at the endpoint, e.g. `BuiltInTool("googleSearch")`."""

    name: str
    """The camelCase key of discovery's `Tool`: `googleSearch`, `codeExecution`, `urlContext`, `googleMaps`, ..."""
    config: JsonObject = field(default_factory=dict)
    """What stands under that key; `{}` for the defaults."""


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether and which functions the model must call (`toolConfig.functionCallingConfig`)."""

    mode: Literal["auto", "any", "none", "validated"]
    names: tuple[str, ...] = ()
    """With "any" or "validated": only these functions; empty for all."""


CHOICE_MODES: Final[dict[str, Literal["auto", "any", "none", "validated"]]] = {
    "auto": "auto",
    "any": "any",
    "required": "any",
    "none": "none",
    "validated": "validated",
}
"""The words that users of either framework type for a mode, "required" being OpenAI's."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything one request says, independent of the endpoint it goes to."""

    model: str
    """The model name in the endpoint's own spelling, with or without `models/` in front."""
    turns: tuple[Turn, ...]
    system: tuple[Part, ...] = ()
    """`systemInstruction.parts[]`; empty for none."""
    tools: tuple[Tool | BuiltInTool, ...] = ()
    tool_choice: ToolChoice | None = None
    """`None`: not sent, the endpoint's default (auto)."""
    settings: Settings = field(default_factory=Settings)
    parallel_calls: bool = True
    """Whether an answer may hold more than one function call. The API has no such field, so where it may not, all
    but the first are taken out of the answer, and named in `Chunk.dropped` of its last chunk."""

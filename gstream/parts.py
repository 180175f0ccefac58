"""One element of `parts[]` in, part values out, and back; and neighbours joined where that loses nothing.

An oddity in one field never costs another field: a kind nobody knows becomes `Opaque`, keys that no field holds stay in
`extra`, and keys inside arguments, results and schemas are never touched.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from gstream.messages import (
    Blob,
    CodeResult,
    ExecutableCode,
    FileRef,
    FunctionCall,
    FunctionResponse,
    Opaque,
    Text,
    Thought,
    is_local_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gstream.messages import JsonObject, Part

__all__ = [
    "CallFragment",
    "arguments",
    "filled",
    "is_pcm",
    "merge_parts",
    "part_json",
    "read_part",
    "read_parts",
    "value_of",
]


_SNAKE: dict[str, str] = {}


def value_of(source: JsonObject, key: str) -> Any:
    """Return what stands in `source` under the camelCase `key` or its snake_case spelling; `None` if neither does."""
    value = source.get(key)
    if value is None:
        snake = _SNAKE.get(key)
        if snake is None:
            snake = _SNAKE[key] = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
        value = source.get(snake)
    return value


@dataclass(frozen=True, slots=True)
class CallFragment:
    """A `functionCall` that is not whole by itself: nameless, streamed in `partialArgs`, or to be continued.

    `calls.CallAssembler` makes whole calls of them.
    """

    raw: JsonObject
    """The object under `functionCall`."""
    signature: str | None = None


ReadPart: TypeAlias = "Part | CallFragment"
"""What a wire part becomes before calls are assembled."""


def read_parts(parts: object) -> list[ReadPart]:
    """Return what `parts[]` holds, in order; an object or a text in place of the list is taken for its one element."""
    if type(parts) is list:
        if len(parts) == 1:  # the usual text chunk, without a detour
            only = parts[0]
            if type(only) is dict and len(only) == 1 and type(text := only.get("text")) is str:
                return [Text(text)] if text else []
    elif isinstance(parts, dict | str):
        parts = [parts]
    else:
        return []
    return [made for part in parts for made in read_part(part)]


_KINDS: Final = {
    "functionCall": "functionCall",
    "function_call": "functionCall",
    "functionResponse": "functionResponse",
    "function_response": "functionResponse",
    "inlineData": "inlineData",
    "inline_data": "inlineData",
    "fileData": "fileData",
    "file_data": "fileData",
    "executableCode": "executableCode",
    "executable_code": "executableCode",
    "codeExecutionResult": "codeExecutionResult",
    "code_execution_result": "codeExecutionResult",
}


def read_part(part: object) -> list[ReadPart]:
    """Return what one element of `parts[]` holds: usually one part; several if a gateway put several kinds in one."""
    if not isinstance(part, dict):
        if part is None or part == "":
            return []
        return [Text(part)] if isinstance(part, str) else [Opaque({"value": part})]
    text = part.get("text")
    thought = part.get("thought")
    signature = value_of(part, "thoughtSignature")
    understood = {
        "text": isinstance(text, str),
        "thought": isinstance(thought, bool | str),
        "thoughtSignature": isinstance(signature, str),
        "thought_signature": isinstance(signature, str),
    }
    kinds = [(_KINDS[key], value) for key, value in part.items() if key in _KINDS and isinstance(value, dict)]
    extra = {
        key: value
        for key, value in part.items()
        if value is not None and not understood.get(key) and not (key in _KINDS and isinstance(value, dict))
    }
    text = text if understood["text"] else None
    signature = (signature or None) if understood["thoughtSignature"] else None
    thought = thought is True or (isinstance(thought, str) and thought.lower() == "true")
    if not kinds:
        return _text_part(part, text, signature, extra, thought=thought)
    result: list[ReadPart] = []
    if text:
        result.append(Thought(text) if thought else Text(text))
    for number, (kind, value) in enumerate(kinds):
        # What belongs to the wire part as a whole goes with its first kind that is no text.
        own = (signature, extra or None) if number == 0 else (None, None)
        result.append(_kind_part(kind, value, *own, thought=thought))
    return result


def _text_part(
    part: JsonObject, text: str | None, signature: str | None, extra: JsonObject, *, thought: bool
) -> list[ReadPart]:
    """Return the part of an element without a known kind but, perhaps, text."""
    if text is None and extra:
        return [Opaque(part)]
    if not text and not signature and not extra:
        return []
    return [Thought(text or "", signature, extra or None) if thought else Text(text or "", signature, extra or None)]


def _kind_part(
    kind: str, value: JsonObject, signature: str | None, extra: JsonObject | None, *, thought: bool
) -> ReadPart:
    if kind == "functionCall":
        return _call(value, signature, extra)
    if kind == "functionResponse":
        return _function_response(value, signature, extra)
    if kind == "inlineData":
        return _blob(value, signature, extra, thought=thought)
    if thought:
        extra = {**(extra or {}), "thought": True}
    if kind == "fileData":
        uri, name = _text(value_of(value, "fileUri")), _text(value_of(value, "displayName"))
        return FileRef(uri, _text(value_of(value, "mimeType")) or None, name or None, signature, extra)
    id_ = _text(value.get("id")) or None
    if kind == "executableCode":
        return ExecutableCode(_text(value.get("code")), _text(value.get("language")) or "PYTHON", id_, signature, extra)
    outcome = _text(value.get("outcome")) or "OUTCOME_UNSPECIFIED"
    return CodeResult(outcome, _text(value.get("output")), id_, signature, extra)


def _function_response(value: JsonObject, signature: str | None, extra: JsonObject | None) -> FunctionResponse:
    response, media = value.get("response"), value.get("parts")
    parts = read_parts(media) if isinstance(media, list) else []
    rest = {
        key: item for key, item in value.items() if key not in {"name", "response", "id", "parts"} and item is not None
    }
    return FunctionResponse(
        _text(value.get("name")),
        response if isinstance(response, dict) else {"result": response},
        _text(value.get("id")) or None,
        tuple(item for item in parts if isinstance(item, Blob | FileRef)),
        signature,
        {**(extra or {}), "functionResponse": rest} if rest else extra,
    )


def _blob(value: JsonObject, signature: str | None, extra: JsonObject | None, *, thought: bool) -> Blob | Opaque:
    data = value.get("data")
    if not isinstance(data, str):
        signed = {"thoughtSignature": signature} if signature else {}
        return Opaque({"inlineData": value, **(extra or {}), **signed})
    mime_type = _text(value_of(value, "mimeType")) or "application/octet-stream"
    return Blob(mime_type, data, _text(value_of(value, "displayName")) or None, thought, signature, extra)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else str(value)


_FRAGMENT_KEYS: Final = ("partialArgs", "partial_args", "willContinue", "will_continue")


def _call(value: JsonObject, signature: str | None, extra: JsonObject | None) -> FunctionCall | CallFragment:
    name = value.get("name")
    if not name or not isinstance(name, str) or any(key in value for key in _FRAGMENT_KEYS):
        return CallFragment(value, signature)
    args = value.get("args")
    if isinstance(args, dict) and args.keys() == {"arguments"} and isinstance(args["arguments"], str):
        return CallFragment(value, signature)  # perhaps an OpenAI stream's fragment; the assembler tells
    id_ = _text(value.get("id")) or None
    whole, malformed = arguments(args)
    return FunctionCall(name, whole, id_, signature, malformed, extra)


def arguments(value: object) -> tuple[JsonObject, str | None]:
    """Return a call's arguments as an object, and the text they came as where they are none."""
    if isinstance(value, dict):
        return value, None
    if value in (None, "", []):
        return {}, None
    if isinstance(value, str):
        try:
            parsed = json.loads(value, strict=False)
        except (ValueError, RecursionError):
            return {}, value
        if isinstance(parsed, dict):
            return parsed, None
        return ({}, None) if parsed is None else ({}, value)
    return {}, json.dumps(value, ensure_ascii=False)


def merge_parts(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return `parts` with neighbours joined where that loses nothing.

    Text joins text, a thought a thought, PCM audio the PCM audio of the same type (two blobs are one recording). A part
    with a signature or with extra keys is never joined with another.
    """
    result: list[Part] = []
    run: list[Part] = []
    for part in parts:
        if run and not _joinable(run[-1], part):
            result += _joined(run)
            run = []
        run.append(part)
    if run:
        result += _joined(run)
    return tuple(result)


def _joinable(left: Part, right: Part) -> bool:
    if type(left) is not type(right) or not isinstance(left, Text | Thought | Blob):
        return False
    if left.signature or right.signature or left.extra or right.extra:  # type: ignore[union-attr]  # same type
        return False
    if isinstance(left, Blob) and isinstance(right, Blob):
        return is_pcm(left) and left.mime_type == right.mime_type and left.thought == right.thought
    return True


def is_pcm(part: Blob) -> bool:
    """Return whether a blob is raw sound, of which two pieces are one recording (`audio/L16;rate=24000`)."""
    return part.mime_type.lower().startswith(("audio/l16", "audio/pcm"))


def _joined(run: Sequence[Part]) -> Sequence[Part]:
    first = run[0]
    if len(run) == 1:
        return run
    if isinstance(first, Blob):
        try:
            content = b"".join(part.content() for part in run if isinstance(part, Blob))
        except ValueError:  # not base64: nobody can join it, so it stays as it came
            return run
        return [Blob(first.mime_type, base64.b64encode(content).decode("ascii"), first.name, first.thought)]
    text = "".join(part.text for part in run if isinstance(part, Text | Thought))
    return [Thought(text) if isinstance(first, Thought) else Text(text)]


# -- and back -----------------------------------------------------------------------------------------------------


def part_json(part: Part, *, call_ids: bool = True, names: bool = True) -> JsonObject:
    """Return one element of `contents[].parts[]`.

    Args:
        part: the part.
        call_ids: whether the ids of calls and their results are sent.
        names: whether the names of media are sent (`displayName`).
    """
    if isinstance(part, Text):
        return _wire({"text": part.text}, part)
    if isinstance(part, Thought):
        return _wire({"text": part.text, "thought": True}, part)
    if isinstance(part, FunctionCall):
        sent_id = part.id if call_ids and not is_local_id(part.id) else None
        return _wire({"functionCall": filled(name=part.name, args=part.args, id=sent_id)}, part)
    if isinstance(part, FunctionResponse):
        return _response_json(part, call_ids=call_ids, names=names)
    if isinstance(part, Blob):
        data = part.data.translate(_STANDARD) if "-" in part.data or "_" in part.data else part.data
        inline = filled(mimeType=part.mime_type, data=data, displayName=part.name if names else None)
        return _wire({"inlineData": inline, **({"thought": True} if part.thought else {})}, part)
    if isinstance(part, FileRef):
        reference = filled(mimeType=part.mime_type, fileUri=part.uri, displayName=part.name if names else None)
        return _wire({"fileData": reference}, part)
    if isinstance(part, ExecutableCode):
        code = {"language": part.language, "code": part.code, **filled(id=part.id)}
        return _wire({"executableCode": code}, part)
    if isinstance(part, CodeResult):
        result = {"outcome": part.outcome, **filled(output=part.output, id=part.id)}
        return _wire({"codeExecutionResult": result}, part)
    if isinstance(part, Opaque):
        return part.raw
    assert_never(part)


_STANDARD: Final = {ord("-"): "+", ord("_"): "/"}


def _response_json(part: FunctionResponse, *, call_ids: bool, names: bool) -> JsonObject:
    response: JsonObject = {
        **filled(name=part.name, id=part.id if call_ids and not is_local_id(part.id) else None),
        "response": part.response,
        **filled(parts=[part_json(media, names=names) for media in part.parts]),
    }
    extra = dict(part.extra or {})
    response.update(extra.pop("functionResponse", {}))
    return _wire({"functionResponse": response}, replace(part, extra=extra or None))


def _wire(
    wire: JsonObject,
    part: Text | Thought | FunctionCall | FunctionResponse | Blob | FileRef | ExecutableCode | CodeResult,
) -> JsonObject:
    if part.signature:
        wire["thoughtSignature"] = part.signature
    if part.extra:
        wire.update({name: value for name, value in part.extra.items() if name in _SIBLINGS})
    return wire


_SIBLINGS: Final = frozenset(
    {"mediaResolution", "partMetadata", "videoMetadata", "thought", "media_resolution", "part_metadata",
     "video_metadata"}
)  # fmt: skip
"""What may stand beside the content of a part (discovery: `Part`). What a gateway adds of its own is kept, and shown,
but not sent back: Google refuses names it does not know, which would end a tool loop at its second request."""


def filled(**values: Any) -> JsonObject:
    """Return the given keys that hold something: no null, no empty text, list or object is sent."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {}, ())}

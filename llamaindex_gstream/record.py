"""What a message's blocks cannot say about the parts they were made of, written down and read back.

Blocks hold the text of an answer as one piece and know no signatures of texts, no code that ran at the endpoint, no
parts of unknown kinds. `record_of` writes that down as JSON beside the blocks; `recorded` puts it together with what
the blocks say now. A block that was edited since keeps its new content and loses only the signature that was bound to
the old one; a block that was removed is gone; one that was added comes last.
"""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, fields, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from gstream import Blob, CodeResult, ExecutableCode, FileRef, FunctionCall, FunctionResponse, Opaque, Text, Thought
from gstream.parts import is_pcm
from gstream.sound import samples_of, wav_of
from llamaindex_gstream.blocks import media_block_of, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gstream import Part

__all__ = ["RECORD", "record_of", "recorded"]

RECORD: Final = "gstream_parts"
"""Where `ChatMessage.additional_kwargs` keeps the record."""

JsonObject: TypeAlias = dict[str, Any]

_KINDS: Final = {kind.__name__: kind for kind in (Blob, CodeResult, ExecutableCode, FileRef, FunctionResponse, Opaque)}
"""The parts that a record can hold whole, by name."""


def record_of(parts: Sequence[Part]) -> JsonObject | None:
    """Return the record of an answer: `{"digest", "margins", "parts": [entry, ...]}`; `None` if blocks say it all.

    An entry is `{"text": length}`, `{"thought": true}`, `{"call": id}`, `{"media": type}` for what blocks hold, or
    `{"part": {class: fields}}` for what they do not; `signature`, `extra` and `name` stand beside it.
    """
    texts = [part for part in parts if isinstance(part, Text)]
    entries = [_entry(part) for part in parts]
    if len(texts) <= 1 and all(entry is None or entry.keys() <= {"text"} for entry in entries):
        return None
    text = "".join(part.text for part in texts)
    inner = text.strip()
    start = text.index(inner) if inner else len(text)
    record: JsonObject = {
        "digest": _digest(text),
        "parts": [_plain(part) if entry is None else entry for part, entry in zip(parts, entries, strict=True)],
    }
    if inner != text:
        record["margins"] = [text[:start], text[start + len(inner) :]]
    return record


def _entry(part: Part) -> JsonObject | None:
    """Return the entry of a part; `None` if the part's block says it all."""
    if isinstance(part, Text):
        return {"text": len(part.text), **_marks(part)}
    if isinstance(part, Thought | FunctionCall):
        return {**_plain(part), "extra": part.extra} if part.extra else None
    if isinstance(part, Blob):
        if part.thought:
            return {"part": _whole(part)}
        marks = _marks(part)
        return {**_plain(part), **marks} if marks or _shown_type(part.mime_type) != part.mime_type else None
    if isinstance(part, FileRef | ExecutableCode | CodeResult | FunctionResponse | Opaque):
        return {"part": _whole(part)}
    assert_never(part)


def _plain(part: Part) -> JsonObject:
    if isinstance(part, Thought):
        return {"thought": True}
    if isinstance(part, FunctionCall):
        return {"call": part.id}
    return {"media": part.mime_type if isinstance(part, Blob) else ""}


def _marks(part: Text | Blob) -> JsonObject:
    marks = {"signature": part.signature, "extra": part.extra, "name": part.name if isinstance(part, Blob) else None}
    return {name: value for name, value in marks.items() if value}


def _shown_type(mime_type: str) -> str | None:
    """Return the media type that comes back from the block in which a medium of this type is shown."""
    shown = parts_of(media_block_of(Blob(mime_type, "AAAA")))[0]
    return shown.mime_type if isinstance(shown, Blob) else None


def _whole(part: Blob | FileRef | ExecutableCode | CodeResult | FunctionResponse | Opaque) -> JsonObject:
    """Return `{class: fields}`, defaults left out."""
    values: JsonObject = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if field.default is MISSING or value != field.default:
            values[field.name] = value
    if isinstance(part, FunctionResponse) and part.parts:
        values["parts"] = [_whole(media) for media in part.parts]
    return {type(part).__name__: values}


def _made(whole: JsonObject) -> Part:
    ((name, values),) = whole.items()
    if "parts" in values:
        values = {**values, "parts": tuple(_made(media) for media in values["parts"])}
    made: Part = _KINDS[name](**values)
    return made


def _digest(text: str) -> str:
    """Return what tells an unchanged text; chat engines strip answers, so white space around it does not count."""
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()[:16]


def recorded(parts: Iterable[Part], record: JsonObject) -> list[Part]:
    """Return the parts of a message as they came from the model.

    Args:
        parts: what its blocks say now, in order.
        record: what `record_of` returned, perhaps from JSON.
    """
    left = list(parts)
    texts = _Texts([part for part in left if isinstance(part, Text)], record)
    result: list[Part] = []
    for entry in record["parts"]:
        if "part" in entry:
            made = _made(entry["part"])
            if not isinstance(made, FileRef) or _taken(left, FileRef):  # a reference has a block: was it removed?
                result.append(made)
        elif "text" in entry:
            result += texts.next(entry)
        elif "call" in entry:
            result += [replace(call, extra=entry.get("extra")) for call in _taken(left, FunctionCall, entry["call"])]
        elif "thought" in entry:
            result += [replace(thought, extra=entry.get("extra")) for thought in _taken(left, Thought)]
        else:
            result += [_medium(blob, entry) for blob in _taken(left, Blob)]
    return [*result, *texts.rest(), *(part for part in left if not isinstance(part, Text))]


def _taken(left: list[Part], kind: type[Any], id_: str | None = None) -> list[Any]:
    """Take the next part of a kind (and id) out of `left` and return it in a list; an empty one if there is none."""
    for place, part in enumerate(left):
        if isinstance(part, kind) and (id_ is None or (isinstance(part, FunctionCall) and part.id == id_)):
            return [left.pop(place)]
    return []


def _medium(blob: Blob, entry: JsonObject) -> Blob:
    """Return a medium as it came, PCM that is shown as WAV too; one of another type was put in its place and stays."""
    mime_type = entry["media"]
    if blob.mime_type != _shown_type(mime_type):
        return blob
    if is_pcm(Blob(mime_type, "")) and blob.mime_type != mime_type:
        file = blob.content()
        samples = samples_of(file)
        if samples is None or file != wav_of(samples, mime_type):
            return blob
        blob = Blob.of(samples, mime_type)
    return replace(
        blob, mime_type=mime_type, name=entry.get("name"), signature=entry.get("signature"), extra=entry.get("extra")
    )


class _Texts:
    """The text of a message, given out in the pieces in which it came."""

    def __init__(self, texts: list[Text], record: JsonObject) -> None:
        whole = "".join(text.text for text in texts)
        self._edited: list[Text] | None = None
        if len(texts) > 1 or _digest(whole) != record["digest"]:
            self._edited = texts
        before, after = record.get("margins", ("", ""))
        self._text = f"{before}{whole.strip()}{after}"
        self._place = 0

    def next(self, entry: JsonObject) -> list[Part]:
        """Return the next piece; of an edited text, all of it as the first one."""
        if self._edited is not None:
            return self.rest()
        start, self._place = self._place, self._place + entry["text"]
        return [Text(self._text[start : self._place], entry.get("signature"), entry.get("extra"))]

    def rest(self) -> list[Part]:
        """Return the text that has not been given out."""
        if self._edited is None:
            return []
        rest: list[Part] = list(self._edited)
        self._edited = []
        return rest

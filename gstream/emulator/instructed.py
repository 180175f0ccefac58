"""What a schema's description says of its values in words, as keywords: a model reads descriptions, so this one does.

The sentences are those that gstream writes where an endpoint's schema cannot say something (places of a tuple, free
keys, formats, steps, lists of values); tests hold both sides to them. Whatever else a description says is passed over.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gstream.emulator.errors import JsonObject

__all__ = ["instructed", "schema_in"]

_TYPES: Final = ("string", "number", "integer", "boolean", "array", "object", "null")
_BREAK: Final = re.compile(r"(?<=[.!?:。！？：])\s+")  # noqa: RUF001 - full stops of Chinese and Japanese
_NUMBER: Final = r"(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
_OR_NULL: Final = " or null"
_decode: Final = json.JSONDecoder().raw_decode


class _OtherWordsError(Exception):
    """The sentence goes on in a way that is not known: it is not one of these."""


# --- what stands behind the beginning of a sentence


def _value(text: str, place: int) -> tuple[Any, int]:
    try:
        return _decode(text, place)
    except (ValueError, RecursionError):
        raise _OtherWordsError from None


def _kind(text: str, place: int) -> tuple[Any, int]:
    """Return the schema that is named by a type, "any" or a title (`{"title": ...}`), or written as JSON."""
    if text.startswith("{", place):
        return _value(text, place)
    word = re.compile(r"\w+").match(text, place)
    if word is None:
        raise _OtherWordsError
    end = word.end()
    if word[0] == "any":
        return {}, end
    if word[0] not in _TYPES and not word[0][0].isupper():
        raise _OtherWordsError
    said: JsonObject = {"type" if word[0] in _TYPES else "title": word[0]}
    if text.startswith(_OR_NULL, end):
        return {**said, "nullable": True}, end + len(_OR_NULL)
    return said, end


def _listed(
    read: Callable[[str, int], tuple[Any, int]], text: str, place: int, *, several: bool
) -> tuple[list[Any], int]:
    """Return what stands between here and the full stop, separated by commas, and the place behind the stop."""
    first, place = read(text, place)
    found = [first]
    while several and text.startswith(", ", place):
        entry, place = read(text, place + 2)
        found.append(entry)
    if not re.compile(r"\.(?=\s|$)").match(text, place):
        raise _OtherWordsError
    return found, place + 1


# --- sentences: the beginning, and what it says

_BEGINNINGS: Final[Mapping[str, str]] = {
    "prefixItems": r"In this order: ",
    "rest": r"Any further items: ",
    "additionalProperties": r"(?:Keys|Further keys) are free; each value: ",
    "patternProperties": r"Keys that match (.+?); each value: ",
    "propertyNames": r"Each key: ",
    "contentSchema": r"Content: ",
    "enum": r"One of ",
    "const": r"Must be ",
    "examples": r"Examples?: ",
    "default": r"Default: ",
}
"""Sentences that go on with schemas or values in JSON."""

_WHOLE: Final[Mapping[str, str]] = {
    "format": r"Format: ([\w-]+)\.",
    "contentMediaType": r"Media type: (\S+)\.",
    "multipleOf": rf"A multiple of {_NUMBER}\.",
    "exclusiveMinimum": rf"Greater than {_NUMBER}\.",
    "exclusiveMaximum": rf"Less than {_NUMBER}\.",
    "minLength": r"At least (\d+) characters\.",
    "maxLength": r"At most (\d+) characters\.",
    "minProperties": r"At least (\d+) keys\.",
    "maxProperties": r"At most (\d+) keys\.",
    "uniqueItems": r"No (item) twice\.",
    "pattern": r"Matches the regular expression (.+?)\.",
}
"""Sentences that are whole in themselves; a pattern ends where a known sentence or nothing follows."""

_KNOWN: Final = "|".join([*_BEGINNINGS.values(), *_WHOLE.values()])
_OPENINGS: Final = {name: re.compile(pattern) for name, pattern in _BEGINNINGS.items()}
_SENTENCES: Final = {
    name: re.compile(pattern + (rf"(?=$|\s(?:{_KNOWN}))" if name == "pattern" else r"(?=\s|$)"))
    for name, pattern in _WHOLE.items()
}
_SCHEMAS: Final = frozenset(
    {"prefixItems", "rest", "additionalProperties", "patternProperties", "propertyNames", "contentSchema"}
)
_LISTS: Final = frozenset({"prefixItems", "enum", "examples"})
_KINDS: Final[Mapping[str, str]] = {
    "prefixItems": "array",
    "rest": "array",
    "uniqueItems": "array",
    "additionalProperties": "object",
    "patternProperties": "object",
    "propertyNames": "object",
    "minProperties": "object",
    "maxProperties": "object",
    "multipleOf": "number",
    "exclusiveMinimum": "number",
    "exclusiveMaximum": "number",
    "format": "string",
    "contentMediaType": "string",
    "contentSchema": "string",
    "minLength": "string",
    "maxLength": "string",
    "pattern": "string",
}
"""The type that each keyword speaks of; a schema of another type is left as it is."""


@lru_cache(maxsize=512)
def _said(description: str) -> JsonObject:
    """Return the keywords that the sentences of a description say; nobody may change the result."""
    found: JsonObject = {}
    place = 0
    while place < len(description):
        end = _read(description, place, found)
        if end is None:
            following = _BREAK.search(description, place)
            place = following.end() if following else len(description)
        else:
            place = end + 1  # the space between two sentences
    return found


def _read(text: str, place: int, found: JsonObject) -> int | None:
    """Add what the sentence that begins here says, and return its end; `None`: it is not one of these."""
    for name, pattern in _SENTENCES.items():
        if match := pattern.match(text, place):
            if name == "uniqueItems":
                found[name] = True
            else:
                found[name] = match[1] if name in {"format", "contentMediaType", "pattern"} else json.loads(match[1])
            return match.end()
    for name, pattern in _OPENINGS.items():
        if match := pattern.match(text, place):
            try:
                entries, end = _listed(_kind if name in _SCHEMAS else _value, text, match.end(), several=name in _LISTS)
            except _OtherWordsError:
                return None
            said = entries if name in _LISTS else entries[0]
            if name == "patternProperties":
                found.setdefault(name, {})[match[1]] = said
            elif name not in {"examples", "default"}:
                found[name] = said
            return end
    return None


def instructed(schema: JsonObject) -> JsonObject:
    """Return a schema with the keywords that its description says and that it does not hold itself."""
    description = schema.get("description")
    if not isinstance(description, str):
        return schema
    told = {name: said for name, said in _said(description).items() if _speaks_of(name, said, schema)}
    if not told:
        return schema
    if "prefixItems" in told and "prefixItems" not in schema:
        items = schema.get("items")
        rest = told.pop("rest", False)
        named = [_titled(place, items) for place in told["prefixItems"]]
        return {**told, **schema, "prefixItems": named, "items": rest if rest is False else _titled(rest, items)}
    told.pop("rest", None)
    return {**told, **schema}


def _speaks_of(name: str, said: Any, schema: JsonObject) -> bool:
    types = schema.get("type")
    kinds = {str(kind).lower() for kind in (types if isinstance(types, list) else [types]) if kind}
    if not kinds:
        return True
    if name in {"enum", "const"}:
        return all(_of_kind(value, kinds) for value in (said if name == "enum" else [said]))
    return bool(kinds & ({"number", "integer"} if _KINDS[name] == "number" else {_KINDS[name]}))


def _of_kind(value: Any, kinds: set[str]) -> bool:
    if isinstance(value, bool):
        return "boolean" in kinds
    if isinstance(value, int | float):
        return bool(kinds & {"number", "integer"})
    return ("string" if isinstance(value, str) else "array" if isinstance(value, list) else "object") in kinds


def _titled(place: JsonObject, items: Any) -> JsonObject:
    """Return the schema of a place; one that is named by its title stands among the kinds of the items."""
    title = place.get("title")
    if not place.keys() <= {"title", "nullable"} or not isinstance(items, dict):
        return place
    kinds = [items, *items.get("anyOf", ())]
    found = next((kind for kind in kinds if isinstance(kind, dict) and kind.get("title") == title), {})
    return {**found, **place}


def schema_in(text: str) -> tuple[JsonObject | None, str]:
    """Return the last JSON Schema of an object that stands in a text (`None`: there is none), and the text without it.

    A schema is a JSON object with `properties` and either a type or the names of what is required, or with `$defs`.
    """
    found: JsonObject | None = None
    rest = text
    place = text.find("{") if '"properties"' in text else -1
    while place >= 0:
        try:
            value, end = _decode(text, place)
        except (ValueError, RecursionError):
            value, end = None, place + 1
        if _is_schema(value):
            found, rest = value, text[:place] + text[end:]
        place = text.find("{", end)
    return found, rest


def _is_schema(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("$defs"), dict) and ("$ref" in value or "type" in value):
        return True
    closed = str(value.get("type", "")).lower() == "object" or isinstance(value.get("required"), list)
    return closed and isinstance(value.get("properties"), dict)

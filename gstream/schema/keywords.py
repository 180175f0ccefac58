"""The keywords of one schema, read: each in the shape it must have, or a `RequestError` that names the place.

Must not live here: what several schemas mean together (`merging`, `references`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gstream.schema.widenings import JsonObject, as_given, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gstream.schema.place import Place

__all__ = [
    "ANNOTATIONS",
    "OPENING",
    "Limit",
    "below",
    "bound",
    "count",
    "is_null",
    "limits",
    "mapping",
    "members",
    "names",
    "types_of",
]

TYPES: Final = ("string", "number", "integer", "boolean", "array", "object", "null")
"""The types of JSON Schema, as both spellings are compared: in lower case."""

ANNOTATIONS: Final = frozenset(
    {
        "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "nullable",
        "discriminator", "$comment", "$schema", "$id", "$anchor", "$defs", "definitions",
    }
)  # fmt: skip
"""Keywords that allow or forbid no value (`nullable`, OpenAPI's, is read apart)."""

OPENING: Final[Mapping[str, str]] = {
    "properties": "object", "required": "object", "additionalProperties": "object", "patternProperties": "object",
    "items": "array", "prefixItems": "array", "minItems": "array", "maxItems": "array",
    "pattern": "string", "minLength": "string", "maxLength": "string",
    "minimum": "number", "maximum": "number", "exclusiveMinimum": "number", "exclusiveMaximum": "number",
}  # fmt: skip
"""The type that a keyword speaks of, for schemas that forgot to name one."""

_INT64: Final = 19
"""Digits of the largest number that travels as text."""


def below(path: str, step: str) -> str:
    """Return the path of what lies at `step` under `path`."""
    return f"{path}.{step}" if path else step


def is_null(node: object) -> bool:
    """Tell whether a schema lets null through and nothing else, seen without following references."""
    if not isinstance(node, dict):
        return False
    kind = node.get("type")
    return (
        kind in ("null", "NULL", ["null"]) or ("const" in node and node["const"] is None) or node.get("enum") == [None]
    )


def mapping(node: JsonObject, key: str, path: str | Place) -> JsonObject:
    """Return the object under `key`, empty where there is none.

    Raises:
        RequestError: it is no object with texts as keys.
    """
    value = node.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(issubclass(kind, str) for kind in set(map(type, value))):
        raise refusal(path, f"has {key!r} that is no object (got {as_given(value)})", "map names to schemas there")
    return value


def members(node: JsonObject, key: str, path: str | Place) -> list[Any]:
    """Return the list `node[key]`.

    Raises:
        RequestError: it is no list, or empty.
    """
    value = node[key]
    if not isinstance(value, list | tuple) or not value:
        raise refusal(path, f"has {key!r} without members (got {as_given(value)})", "write a list with at least one")
    return list(value)


def names(node: JsonObject, key: str, path: str | Place) -> list[str]:
    """Return the names under `required` or `propertyOrdering`; none where the keyword is absent or draft 3's boolean.

    Raises:
        RequestError: it is no list of texts.
    """
    value = node.get(key)
    if value is None or isinstance(value, bool):
        return []
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise refusal(
            path, f"has {key!r} that is no list of names (got {as_given(value)})", "list property names there"
        )
    return list(value)


_NAMED: Final = {spelling: (name,) for name in TYPES for spelling in (name, name.upper())}


def types_of(node: JsonObject, path: str | Place) -> tuple[str, ...]:
    """Return the names under `type` in lower case, each once; none where there is no `type`.

    Raises:
        RequestError: a name is no type of JSON Schema.
    """
    given = node.get("type")
    if given is None:
        return ()
    if isinstance(given, str) and given in _NAMED:
        return _NAMED[given]
    listed = given if isinstance(given, list | tuple) and given else [given]
    result = [name.lower() if isinstance(name, str) else "" for name in listed]
    if not set(result) <= set(TYPES):
        raise refusal(path, f"has the unknown type {as_given(given)}", f"choose one of {', '.join(TYPES)}")
    return tuple(dict.fromkeys(result))


def bound(node: JsonObject, key: str, path: str | Place) -> int | float | None:
    """Return the number under `key`, whole numbers as `int`; `None` where there is none.

    Raises:
        RequestError: it is no number, or larger than a double holds.
    """
    value = node.get(key)
    if value is None or isinstance(value, bool):  # draft 4's `exclusiveMinimum: true` is read with `minimum`
        return None
    if isinstance(value, str) and value.isdecimal() and len(value) <= _INT64:
        return int(value)  # int64 travels as text in this API's own dialect
    if not isinstance(value, int | float) or not _finite(value):
        raise refusal(path, f"has {key!r} that is no number (got {as_given(value)})", "write a number")
    return int(value) if value == int(value) else value


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every double
        return False


class Limit(NamedTuple):
    """One end of a range of numbers."""

    value: int | float
    open: bool
    """Whether the end itself is outside."""


def limits(node: JsonObject, path: str | Place) -> tuple[Limit | None, Limit | None]:
    """Return the lower and the upper limit of a number, from the keywords of today and of draft 4; `None`: open.

    Raises:
        RequestError: a limit is no finite number.
    """
    ends: list[Limit | None] = []
    for inclusive, exclusive, chosen in (("minimum", "exclusiveMinimum", max), ("maximum", "exclusiveMaximum", min)):
        at, beyond = bound(node, inclusive, path), bound(node, exclusive, path)
        if beyond is not None and (at is None or chosen(at, beyond) == beyond):
            ends.append(Limit(beyond, open=True))
        elif at is not None:
            ends.append(Limit(at, open=node.get(exclusive) is True))
        else:
            ends.append(None)
    return ends[0], ends[1]


def count(node: JsonObject, key: str, path: str | Place) -> int | None:
    """Return the count (of items, characters, properties) under `key`; `None` where there is none.

    Raises:
        RequestError: it is no whole number of at least 0.
    """
    value = bound(node, key, path)
    if value is None:
        return None
    if not isinstance(value, int) or value < 0:
        raise refusal(
            path, f"has {key!r} that is no count (got {as_given(value)})", "write a whole number of at least 0"
        )
    return value

"""Google's own description of the API as a judge of request bodies."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_PYTHON = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
}


@cache
def _schemas(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["schemas"]
    for name, later in LATER.items():
        known = found.setdefault(name, {"type": "object", "properties": {}})
        known["properties"] = {**later, **known["properties"]}
    return found


_LEVELS = ("UNSPECIFIED", "LOW", "MEDIUM", "HIGH", "ULTRA_HIGH")
LATER: dict[str, dict[str, Any]] = {
    "GenerateContentRequest": {"labels": {"type": "object", "additionalProperties": {"type": "string"}}},
    "MediaResolution": {"level": {"type": "string", "enum": [f"MEDIA_RESOLUTION_{level}" for level in _LEVELS]}},
}
"""What the description of July 2026 does not know, or names and does not describe (`MediaResolution`), and that of
September does (`request-schema-20260930.json`, which calls that one `V1mainMediaResolution`)."""
_INT32 = range(-(2**31), 2**31)


def complaints(value: Any, path: Path, name: str = "GenerateContentRequest") -> list[str]:
    """Return what Google would refuse in a body: unknown names, wrong types, unknown words of an enumeration, nulls.

    Args:
        value: the body.
        path: the discovery document.
        name: the schema of the whole value.
    """
    return _judge(value, {"$ref": name}, _schemas(path), name)


def _judge(value: Any, schema: dict[str, Any], schemas: dict[str, Any], place: str) -> list[str]:
    if "$ref" in schema:
        return _object(value, schemas[schema["$ref"]], schemas, place)
    kind = schema.get("type")
    if kind == "any":
        return []
    if kind == "array":
        return _list(value, schema["items"], schemas, place)
    if not _is(value, str(kind), schema.get("format")):
        return [f"{place}: not a {kind} but {value!r}"]
    if schema.get("format") == "int32" and value not in _INT32:
        return [f"{place}: {value!r} is beyond 32 bits"]
    if kind == "number" and not math.isfinite(value):
        return [f"{place}: {value!r} is no number of JSON"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place}: {value!r} is none of {schema['enum']}"]
    return _object(value, schema, schemas, place) if kind == "object" else []


def _is(value: Any, kind: str, format_: str | None) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    # The protocol's JSON writes 64-bit integers as text; numbers are taken as well.
    return isinstance(value, _PYTHON[kind]) or (format_ == "int64" and isinstance(value, int))


def _list(value: Any, items: dict[str, Any], schemas: dict[str, Any], place: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{place}: not a list but {value!r}"]
    if not value:
        return [f"{place}: an empty list"]
    return [wrong for item in value for wrong in _judge(item, items, schemas, f"{place}[]")]


def _object(value: Any, schema: dict[str, Any], schemas: dict[str, Any], place: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{place}: not an object but {value!r}"]
    if "properties" not in schema:
        known = schema.get("additionalProperties")
        pairs = value.items() if isinstance(known, dict) else ()
        return [wrong for key, item in pairs for wrong in _judge(item, known or {}, schemas, f"{place}.{key}")]
    wrong = []
    for key, item in value.items():
        if key not in schema["properties"]:
            wrong.append(f"{place}: unknown name {key!r}")
        else:
            wrong += _judge(item, schema["properties"][key], schemas, f"{place}.{key}")
    return wrong

"""Values that stand in a schema or an answer: of which type of JSON they are, and which of them are the same."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["identity", "kind_of"]

_KINDS: Final[Mapping[type, str]] = {
    bool: "boolean",
    str: "string",
    int: "integer",
    list: "array",
    tuple: "array",
    dict: "object",
    type(None): "null",
}


def kind_of(value: object) -> str:
    """Return the JSON type of a value: "integer" for every whole number, "" for what JSON cannot hold."""
    if isinstance(value, float):
        return ("integer" if value.is_integer() else "number") if math.isfinite(value) else ""
    return _KINDS.get(type(value)) or next((name for kind, name in _KINDS.items() if isinstance(value, kind)), "")


def identity(value: Any) -> object:
    """Return what two values have in common if and only if JSON Schema calls them equal: 1 is 1.0, but not true.

    It is hashable. What JSON cannot hold is equal to itself alone.
    """
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, list | tuple):
        return (list, tuple(map(identity, value)))
    if isinstance(value, dict):
        return (dict, frozenset((name, identity(item)) for name, item in value.items()))
    return value if isinstance(value, int | float | str) or value is None else (object, id(value))

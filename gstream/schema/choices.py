"""`enum` and `const`: the allowed values of a schema, sorted by type.

Must not live here: how a target writes them.
"""

from __future__ import annotations

from typing import Any

from gstream.schema.references import ContradictionError, kind_of, members, types_of
from gstream.schema.widenings import JsonObject, refusal, spelt

__all__ = ["allowed", "by_kind", "one_of"]


def allowed(node: JsonObject, path: str) -> list[Any]:
    """Return the values that `enum`, `const` and `type` of `node` let through together.

    Raises:
        RequestError: there is none.
    """
    values = members(node, "enum", path) if "enum" in node else [node["const"]]
    if "enum" in node and "const" in node:
        values = [value for value in values if _same(value, node["const"])]
    if types := types_of(node, path):
        fitting = {*types, "integer"} if "number" in types else set(types)
        if node.get("nullable") is True:
            fitting.add("null")
        values = [value for value in values if kind_of(value) in fitting]
    if not values:
        raise ContradictionError(refusal(path, "allows no value of its own type", "correct its enum or type").message)
    return values


def by_kind(values: list[Any], path: str) -> dict[str, list[Any]]:
    """Return `values` under their JSON types, each value once; integers are among "number" where fractions are too.

    Raises:
        RequestError: JSON cannot hold a value.
    """
    groups: dict[str, list[Any]] = {}
    for value in values:
        kind = kind_of(value)
        if not kind:
            raise refusal(path, f"allows a value that JSON cannot hold (got {value!r})", "use text or a number")
        group = groups.setdefault(kind, [])
        if value not in group:
            group.append(int(value) if kind == "integer" else value)
    if "number" in groups and "integer" in groups:
        groups["number"] = sorted(groups["number"] + groups.pop("integer"))
    return groups


def one_of(values: list[Any]) -> str:
    """Return the sentence that lists the allowed values."""
    listed = ", ".join(spelt(value) for value in values)
    return f"Must be {listed}." if len(values) == 1 else f"One of {listed}."


def _same(first: object, second: object) -> bool:
    return first == second and isinstance(first, bool) == isinstance(second, bool)

"""`enum` and `const`: the allowed values of a schema, sorted by type.

Must not live here: how a target writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gstream.schema.conformance import conforming
from gstream.schema.keywords import ANNOTATIONS, members
from gstream.schema.literals import identity, kind_of
from gstream.schema.merging import ContradictionError
from gstream.schema.widenings import as_given, refusal, spelt

if TYPE_CHECKING:
    from gstream.schema.references import Source
    from gstream.schema.widenings import JsonObject

__all__ = ["allowed", "by_kind", "one_of"]

_BITS: Final = 1024
"""Of a whole number that a double still holds, as the API's numbers are doubles."""


def allowed(node: JsonObject, path: str, source: Source) -> list[Any]:
    """Return the values of `enum` or `const` that conform to the rest of `node`, so that nothing of it is lost.

    Args:
        node: a schema without `$ref` and `allOf` at its top.
        path: where it stands.
        source: the whole schema, for references in it.

    Raises:
        RequestError: there is none, or the schema is malformed.
    """
    values = members(node, "enum", path) if "enum" in node else [node["const"]]
    if len(node.keys() - ANNOTATIONS) > 1:
        values = conforming(values, node, path, source)
    if not values:
        raise ContradictionError(refusal(path, "allows no value that fits the rest of it", "correct its enum").message)
    return values


def by_kind(values: list[Any], path: str) -> dict[str, list[Any]]:
    """Return `values` under their JSON types, each value once; integers are among "number" where fractions are too.

    Raises:
        RequestError: JSON cannot hold a value.
    """
    groups: dict[str, list[Any]] = {}
    seen: set[object] = set()
    for value in values:
        kind = kind_of(value)
        if not kind or (isinstance(value, int) and value.bit_length() > _BITS):
            raise refusal(path, f"allows a value that JSON cannot hold (got {as_given(value)})", "use text or a number")
        if (same := identity(value)) not in seen:
            seen.add(same)
            groups.setdefault(kind, []).append(int(value) if kind == "integer" else value)
    if "number" in groups and "integer" in groups:
        groups["number"] = sorted(groups["number"] + groups.pop("integer"))
    return groups


def one_of(values: list[Any]) -> str:
    """Return the sentence that lists the allowed values."""
    listed = ", ".join(spelt(value) for value in values)
    return f"Must be {listed}." if len(values) == 1 else f"One of {listed}."

"""Which properties or items of a value no other keyword has looked at, for `unevaluatedProperties` and its sibling.

Keywords look at what they name; those applied in place (`$ref`, `allOf`, the alternatives that fit, ...) look at what
the schemas in them do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gstream.schema.keywords import mapping
from gstream.schema.patterns import found

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from gstream.schema.place import Place
    from gstream.schema.references import Source
    from gstream.schema.widenings import JsonObject

__all__ = ["unevaluated"]


def unevaluated(
    source: Source, value: Any, node: JsonObject, place: Place
) -> Generator[tuple[Any, object, Place], str | None, list[Any]]:
    """Return the names or indices of `value` that the keywords of `node` beside the unevaluated ones leave out.

    It asks whether the value fits schemas, as the checks of `conformance` do.
    """
    left = list(value) if isinstance(value, dict) else list(range(len(value)))
    pending: list[tuple[JsonObject, bool]] = [(node, True)]
    seen: set[int] = set()
    while pending and left:
        schema, own = pending.pop()
        if id(schema) in seen:
            continue
        seen.add(id(schema))
        left = [name for name in left if not _looked_at(schema, name, value, own=own)]
        if "contains" in schema and isinstance(value, list):
            left, looked = [], left
            for index in looked:
                if (yield value[index], schema["contains"], place.below(index)) is not None:
                    left.append(index)
        for inner, condition in _in_place(source, value, schema, place):
            if not isinstance(inner, dict):
                continue
            if condition is None or ((yield value, condition[0], place) is None) is condition[1]:
                pending.append((inner, False))
    return left


def _looked_at(schema: JsonObject, name: Any, value: Any, *, own: bool) -> bool:
    """Tell whether a keyword of the schema itself looks at a name or index."""
    if isinstance(value, dict):
        if "additionalProperties" in schema or ("unevaluatedProperties" in schema and not own):
            return True
        return name in mapping(schema, "properties", "") or any(
            found(pattern, str(name)) for pattern in mapping(schema, "patternProperties", "")
        )
    items, prefix = schema.get("items"), schema.get("prefixItems")
    if isinstance(items, list):
        return "additionalItems" in schema or name < len(items)
    if items is not None or ("unevaluatedItems" in schema and not own):
        return True
    return isinstance(prefix, list) and name < len(prefix)


def _in_place(
    source: Source, value: Any, schema: JsonObject, place: Place
) -> Iterator[tuple[object, tuple[object, bool] | None]]:
    """Yield the schemas applied to the same value, each with what has to fit (or not to fit) for it to count."""
    if "$ref" in schema:
        yield source.resolve(schema["$ref"], place), None
    for member in schema.get("allOf", ()):
        yield member, None
    for key in ("anyOf", "oneOf"):
        for member in schema.get(key, ()):
            yield member, (member, True)
    if "if" in schema:
        yield schema["if"], (schema["if"], True)
        yield schema.get("then"), (schema["if"], True)
        yield schema.get("else"), (schema["if"], False)
    for keyword in ("dependentSchemas", "dependencies"):
        for name, member in mapping(schema, keyword, "").items():
            if isinstance(value, dict) and name in value:
                yield member, None

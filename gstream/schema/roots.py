"""The root of a function's parameters has to be one OBJECT: alternatives that stand there become one.

Must not live here: alternatives anywhere else (`parameters`), which the subset can say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gstream.schema.keywords import below, is_null, mapping, members, names
from gstream.schema.merging import ContradictionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gstream.schema.references import Source
    from gstream.schema.widenings import JsonObject

__all__ = ["one_object"]

_UNIONS = ("anyOf", "oneOf")


def one_object(source: Source, node: JsonObject, key: str) -> JsonObject:
    """Return the object `node` at the root without its union, and note that in `source`.

    The properties of all alternatives come together; required are those that every alternative requires.

    Args:
        source: the whole schema.
        node: the root without `$ref` and `allOf`.
        key: `anyOf` or `oneOf`, which `node` has.

    Raises:
        RequestError: an alternative is malformed, or a reference in it leads nowhere.
    """
    alternatives = list(_alternatives(source, node, key, "", frozenset({"#"})))
    own = mapping(node, "properties", "")
    found: dict[str, list[object]] = {}
    for alternative in alternatives:
        for name, value in mapping(alternative, "properties", key).items():
            if name not in own and value not in found.setdefault(name, []):
                found[name].append(value)
    others = {name: values[0] if len(values) == 1 else {"anyOf": values} for name, values in found.items()}
    shared = [names(alternative, "required", key) for alternative in alternatives]
    always = [name for name in shared[0] if all(name in required for required in shared)] if shared else []
    source.widen("", key, "the root is one object, with the properties of all its alternatives")
    return {
        **{name: value for name, value in node.items() if name != key},
        "properties": {**own, **others},
        "required": [*names(node, "required", ""), *always],
    }


def _alternatives(
    source: Source, node: JsonObject, key: str, path: str, active: frozenset[str]
) -> Iterator[JsonObject]:
    """Yield the alternatives under `key`, and those of alternatives that are unions themselves, each as one schema.

    Alternatives that contradict what stands beside them are left out, as is one that leads back to itself.
    """
    for index, member in enumerate(members(node, key, path)):
        if is_null(member) or member is False:
            continue
        spot = below(path, f"{key}[{index}]")
        try:
            flat, entered = source.flat(member, spot)
        except ContradictionError:
            continue
        inner = next((union for union in _UNIONS if union in flat), None)
        if inner is None:
            yield flat
        elif active.isdisjoint(entered):
            beside = {name: value for name, value in flat.items() if name != inner}
            for alternative in _alternatives(source, flat, inner, spot, active.union(entered)):
                try:
                    yield source.merged(beside, alternative, spot)
                except ContradictionError:
                    continue

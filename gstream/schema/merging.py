"""Two schemas that hold together (members of an `allOf`, a `$ref` and what stands beside it) written as one.

Must not live here: which schemas those are, and where a reference leads (`references`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gstream.errors import RequestError
from gstream.schema.keywords import ANNOTATIONS, bound, mapping, members, names, types_of
from gstream.schema.literals import identity
from gstream.schema.widenings import JsonObject, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ContradictionError", "merged"]

_LARGEST: Final = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_SMALLEST: Final = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_ITEMS: Final = frozenset({"items", "prefixItems", "additionalItems"})
_ENDS: Final = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
_VALUES: Final = frozenset({"enum", "const"})
"""Keywords of which Python calls values equal that JSON Schema tells apart: 1 and true."""


class ContradictionError(RequestError):
    """Parts of an `allOf` exclude each other, so no value fits."""


def merged(first: JsonObject, second: JsonObject, path: str) -> tuple[JsonObject, list[str]]:
    """Return one schema that lets through what both do, and the keywords of which it says only what `first` says.

    Of annotations those of `second` win. Neither schema is changed; the result may be one of them.

    Raises:
        RequestError: they exclude each other (`ContradictionError`), or a keyword is malformed.
    """
    if not first or not second:
        return first or second, []
    if _is_tuple(first) or _is_tuple(second):
        first, second = _joined_tuples(first, second, path)
    first, second = _of_today(first), _of_today(second)
    result = dict(first)
    lost: list[str] = []
    for key, value in second.items():
        if key not in result or key in ANNOTATIONS or (result[key] == value and key not in _VALUES):
            result[key] = value
        elif (merge := _MERGES.get(key)) is not None:
            result[key] = merge(key, first, second, path)
        else:  # pattern, format, anyOf beside anyOf, ...: one of the two is as much as the keyword can hold
            lost.append(key)
    return result, lost


def _of_today(node: JsonObject) -> JsonObject:
    """Return a schema whose open ends are numbers, as since draft 6: a boolean would open the other schema's end."""
    result = node
    for inclusive, exclusive in _ENDS:
        if isinstance(node.get(exclusive), bool):
            result = {key: value for key, value in result.items() if key != exclusive}
            if node[exclusive] and inclusive in node:
                result[exclusive] = result.pop(inclusive)
    return result


# -- one keyword that both have, with different values ----------------------------------------------------------------


def _both(key: str, first: JsonObject, second: JsonObject, _: str) -> JsonObject | bool:
    if first[key] is False or second[key] is False:
        return False
    return {"allOf": [first[key], second[key]]}


def _neither(key: str, first: JsonObject, second: JsonObject, _: str) -> JsonObject:
    return {"anyOf": [first[key], second[key]]}


def _narrower(key: str, first: JsonObject, second: JsonObject, path: str) -> int | float | None:
    ends = [end for end in (bound(first, key, path), bound(second, key, path)) if end is not None]
    if not ends:
        return None
    return max(ends) if key in _LARGEST else min(ends)


def _all_names(key: str, first: JsonObject, second: JsonObject, path: str) -> list[str]:
    return list(dict.fromkeys([*names(first, key, path), *names(second, key, path)]))


def _joined_properties(key: str, first: JsonObject, second: JsonObject, path: str) -> JsonObject:
    one, other = mapping(first, key, path), mapping(second, key, path)
    return {**one, **other, **{name: {"allOf": [one[name], other[name]]} for name in one if name in other}}


def _common_types(key: str, first: JsonObject, second: JsonObject, path: str) -> tuple[str, ...]:
    one, other = types_of(first, path), types_of(second, path)
    common = tuple(name for name in one if name in other)
    if "integer" not in common and {"integer", "number"} <= {*one, *other}:
        common += ("integer",)  # the integers are what both `integer` and `number` let through
    if not common:
        raise _exclusive(key, path)
    return common


def _common_values(key: str, first: JsonObject, second: JsonObject, path: str) -> list[Any]:
    others = set(map(identity, members(second, key, path)))
    common = [value for value in members(first, key, path) if identity(value) in others]
    if not common:
        raise _exclusive(key, path)
    return common


def _same_value(key: str, first: JsonObject, second: JsonObject, path: str) -> Any:
    if identity(first[key]) != identity(second[key]):
        raise _exclusive(key, path)
    return first[key]


def _exclusive(key: str, path: str) -> ContradictionError:
    error = refusal(path, f"has members of allOf that exclude each other in {key!r}", "take one of them out")
    return ContradictionError(error.message)


_MERGES: Final[Mapping[str, Callable[[str, JsonObject, JsonObject, str], Any]]] = {
    **dict.fromkeys(_LARGEST | _SMALLEST, _narrower),
    **dict.fromkeys(("items", "additionalProperties", "propertyNames"), _both),
    "not": _neither,
    "properties": _joined_properties,
    "required": _all_names,
    "propertyOrdering": _all_names,
    "type": _common_types,
    "enum": _common_values,
    "const": _same_value,
}


# -- lists of which each place has a schema of its own ----------------------------------------------------------------


def _is_tuple(node: JsonObject) -> bool:
    return "prefixItems" in node or isinstance(node.get("items"), list | tuple)


def _joined_tuples(first: JsonObject, second: JsonObject, path: str) -> tuple[JsonObject, JsonObject]:
    """Return both schemas with what they say of items moved into the first, place by place."""
    said_by = [_places(node, path) for node in (first, second)]
    places: list[Any] = []
    for index in range(max(len(prefix) for prefix, _ in said_by) + 1):
        said = [prefix[index] if index < len(prefix) else rest for prefix, rest in said_by]
        said = [schema for schema in said if schema is not True]
        both = False if False in said else {"allOf": said} if said else True
        places.append(both)
        if both is False:
            break
    moved = {key: value for key, value in first.items() if key not in _ITEMS} | {"items": places.pop()}
    if places:
        moved["prefixItems"] = places
    return moved, {key: value for key, value in second.items() if key not in _ITEMS}


def _places(node: JsonObject, path: str) -> tuple[list[Any], Any]:
    """Return the schemas of a list's first places, and that of all further items."""
    items = node.get("items", True)
    if "prefixItems" in node:
        return members(node, "prefixItems", path), items
    if isinstance(items, list | tuple):
        return list(items), node.get("additionalItems", True)
    return [], items

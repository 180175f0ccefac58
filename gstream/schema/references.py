"""Reading a schema: `$ref` followed, `allOf` merged, keywords checked for their shape.

Both writers (`parameters`, `json_schema`) and `conformance` see a schema through here only, so that they agree on what
it means. Nothing is ever written into the schema that was given.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

from gstream.errors import RequestError
from gstream.schema.widenings import JsonObject, Widening, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "ANNOTATIONS",
    "OPENING",
    "ContradictionError",
    "Limit",
    "Source",
    "below",
    "count",
    "is_null",
    "kind_of",
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

_COMBINING: Final = frozenset({"$ref", "allOf"})

_DEEPEST_ALL_OF: Final = 40
"""How many `allOf` and `$ref` may hang directly in one another; hand-written schemas have two or three."""

_LARGEST: Final = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_SMALLEST: Final = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})


class ContradictionError(RequestError):
    """Parts of an `allOf` exclude each other, so no value fits."""


class Source:
    """One schema that is being read: it resolves references and keeps the list of what was widened."""

    def __init__(self, root: JsonObject) -> None:
        self.root = root
        self.scopes: list[JsonObject] = []
        """Enclosing schemas with definitions of their own, outermost first: schemas that were pasted together keep
        `#/$defs/X` pointing at definitions that no longer lie at the root."""
        self._widened: dict[tuple[str, str], str] = {}
        self._resolved: dict[str, Any] = {}

    @property
    def widenings(self) -> list[Widening]:
        """All widenings, in the order they were met."""
        return [Widening(path, keyword, why) for (path, keyword), why in self._widened.items()]

    def widen(self, path: str, keyword: str, why: str) -> None:
        """Note a widening, once per path and keyword."""
        self._widened.setdefault((path, keyword), why)

    def forget(self) -> None:
        """Drop what was noted, before the schema is read again."""
        self._widened.clear()
        self.scopes.clear()

    def resolve(self, ref: object, path: str) -> Any:
        """Return what `ref` (`#`, `#/$defs/X`, any JSON pointer, `#anchor`) points at.

        Raises:
            RequestError: it points outside this schema, or at nothing.
        """
        if isinstance(ref, str) and ref in self._resolved:
            return self._resolved[ref]
        if not isinstance(ref, str):
            raise refusal(path, f"has a $ref that is no text (got {ref!r})", "write it as '#/$defs/Name'")
        if not ref.startswith("#"):
            raise refusal(
                path, f"refers to {ref!r}, which lies outside it", "put the definition under $defs and refer to that"
            )
        if ref == "#":
            return self.root
        for scope in (self.root, *reversed(self.scopes)):
            found, target = _pointed(scope, ref) if ref[1] == "/" else _anchored(scope, ref[1:])
            if found:
                if scope is self.root:
                    self._resolved[ref] = target
                return target
        raise refusal(path, f"refers to {ref!r}, which does not exist", "add that definition or correct the reference")

    def flat(self, node: JsonObject, path: str) -> tuple[JsonObject, list[str]]:
        """Return `node` without `$ref` and `allOf`, and the references that were followed for it.

        What stands beside a `$ref` or `allOf` is one more member: its constraints are added, its annotations win.

        Raises:
            RequestError: a reference cannot be resolved or leads back to itself, or the members contradict each other.
        """
        if "$ref" not in node and "allOf" not in node:
            return node, []
        entered: list[str] = []
        return self._flat(node, path, entered, ()), entered

    def _flat(self, node: object, path: str, entered: list[str], active: tuple[str, ...]) -> JsonObject:
        if node is True:
            return {}
        if not isinstance(node, dict):
            raise refusal(path, f"is no schema (got {node!r})", "write an object with a type")
        if "$ref" not in node and "allOf" not in node:
            return node
        if len(active) > _DEEPEST_ALL_OF:
            raise refusal(path, "nests allOf too deeply", "merge some of its members")
        result: JsonObject = {}
        if "$ref" in node:
            target, ref = self.resolve(node["$ref"], path), node["$ref"]
            if ref in active:
                raise refusal(path, f"refers to {ref!r}, which is nothing but itself", "give that definition a type")
            entered.append(ref)
            result = self._flat(target, path, entered, (*active, ref))
        for index, member in enumerate(members(node, "allOf", path) if "allOf" in node else ()):
            spot = below(path, f"allOf[{index}]")
            result = self._merged(result, self._flat(member, spot, entered, (*active, "")), path)
        rest = {key: value for key, value in node.items() if key not in _COMBINING}
        return self._merged(result, rest, path)

    def _merged(self, first: JsonObject, second: JsonObject, path: str) -> JsonObject:
        if not first or not second:
            return first or second
        result = dict(first)
        if _is_tuple(first) or _is_tuple(second):
            first, second = _joined_tuples(first, second)
            result = dict(first)
        for key, value in second.items():
            if key not in result or key in ANNOTATIONS or result[key] == value:
                result[key] = value
            elif (merge := _MERGES.get(key)) is not None:
                result[key] = merge(key, first, second, path)
            else:  # pattern, format, anyOf beside anyOf, ...: one of the two is as much as the keyword can hold
                self.widen(path, key, "of several under allOf only the first is said")
        return result


def _both(key: str, first: JsonObject, second: JsonObject, _: str) -> JsonObject | bool:
    if first[key] is False or second[key] is False:
        return False
    return {"anyOf": [first[key], second[key]]} if key == "not" else {"allOf": [first[key], second[key]]}


def _narrower(key: str, first: JsonObject, second: JsonObject, path: str) -> int | float | bool | None:
    ends = [end for end in (bound(first, key, path), bound(second, key, path)) if end is not None]
    if not ends:
        return first[key] is True or second[key] is True
    return max(ends) if key in _LARGEST else min(ends)


def _all_names(key: str, first: JsonObject, second: JsonObject, path: str) -> list[str]:
    return list(dict.fromkeys([*names(first, key, path), *names(second, key, path)]))


def _joined_properties(key: str, first: JsonObject, second: JsonObject, path: str) -> JsonObject:
    one, other = mapping(first, key, path), mapping(second, key, path)
    return {**one, **other, **{name: {"allOf": [one[name], other[name]]} for name in one if name in other}}


def _is_tuple(node: JsonObject) -> bool:
    return "prefixItems" in node or isinstance(node.get("items"), list)


def _joined_tuples(first: JsonObject, second: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Return both members with what they say of items moved into the first, place by place."""
    members_of: list[tuple[list[Any], Any]] = []
    for node in (first, second):
        items = node.get("items", True)
        prefix = node.get("prefixItems", items if isinstance(items, list) else [])
        rest = node.get("additionalItems", True) if isinstance(items, list) else items
        members_of.append((list(prefix) if isinstance(prefix, list | tuple) else [], rest))
    longest = max(len(prefix) for prefix, _ in members_of)
    places: list[Any] = []
    for index in range(longest + 1):
        said = [prefix[index] if index < len(prefix) else rest for prefix, rest in members_of]
        said = [schema for schema in said if schema is not True]
        both = False if False in said else said[0] if len(said) == 1 else {"allOf": said} if said else True
        places.append(both)
        if both is False:
            break
    moved = {key: value for key, value in first.items() if key not in _ITEMS}
    moved |= {"prefixItems": places[:-1]} if len(places) > 1 else {}
    moved |= {"items": places[-1]} if places[-1] is not True else {}
    return moved, {key: value for key, value in second.items() if key not in _ITEMS}


_ITEMS: Final = frozenset({"items", "prefixItems", "additionalItems"})


def _common_types(key: str, first: JsonObject, second: JsonObject, path: str) -> tuple[str, ...]:
    one, other = types_of(first, path), types_of(second, path)
    common = tuple(name for name in one if name in other)
    if "integer" not in common and {"integer", "number"} <= {*one, *other}:
        common += ("integer",)  # the integers are what both `integer` and `number` let through
    if not common:
        raise _exclusive(key, path)
    return common


def _common_values(key: str, first: JsonObject, second: JsonObject, path: str) -> list[Any]:
    others = members(second, key, path)
    common = [value for value in members(first, key, path) if value in others]
    if not common:
        raise _exclusive(key, path)
    return common


def _no_value(key: str, _: JsonObject, __: JsonObject, path: str) -> Any:
    raise _exclusive(key, path)


def _exclusive(key: str, path: str) -> ContradictionError:
    error = refusal(path, f"has members of allOf that exclude each other in {key!r}", "take one of them out")
    return ContradictionError(error.message)


_MERGES: Final[Mapping[str, Callable[[str, JsonObject, JsonObject, str], Any]]] = {
    **dict.fromkeys(_LARGEST | _SMALLEST, _narrower),
    **dict.fromkeys(("items", "additionalProperties", "propertyNames", "contains", "not"), _both),
    "properties": _joined_properties,
    "required": _all_names,
    "propertyOrdering": _all_names,
    "type": _common_types,
    "enum": _common_values,
    "const": _no_value,
}
"""What a keyword means that stands in two members of an `allOf` with different values."""


def _pointed(scope: JsonObject, ref: str) -> tuple[bool, Any]:
    target: Any = scope
    for step in unquote(ref[2:]).split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(target, dict) and name in target:
            target = target[name]
        elif isinstance(target, list) and name.isdecimal() and int(name) < len(target):
            target = target[int(name)]
        else:
            return False, None
    return True, target


def _anchored(scope: JsonObject, anchor: str) -> tuple[bool, Any]:
    for keyword in ("$defs", "definitions"):
        definitions = scope.get(keyword)
        for definition in definitions.values() if isinstance(definitions, dict) else ():
            if isinstance(definition, dict) and definition.get("$anchor") == anchor:
                return True, definition
    return False, None


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


def mapping(node: JsonObject, key: str, path: str) -> JsonObject:
    """Return the object under `key`, empty where there is none.

    Raises:
        RequestError: it is no object with texts as keys.
    """
    value = node.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict) or not set(map(type, value)) <= {str}:
        raise refusal(path, f"has {key!r} that is no object (got {value!r})", "map names to schemas there")
    return value


def members(node: JsonObject, key: str, path: str) -> list[Any]:
    """Return the list `node[key]`.

    Raises:
        RequestError: it is no list, or empty.
    """
    value = node[key]
    if not isinstance(value, list | tuple) or not value:
        raise refusal(path, f"has {key!r} without members (got {value!r})", "write a list with at least one")
    return list(value)


def names(node: JsonObject, key: str, path: str) -> list[str]:
    """Return the names under `required` or `propertyOrdering`; none where the keyword is absent or draft 3's boolean.

    Raises:
        RequestError: it is no list of texts.
    """
    value = node.get(key)
    if value is None or isinstance(value, bool):
        return []
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise refusal(path, f"has {key!r} that is no list of names (got {value!r})", "list property names there")
    return list(value)


_NAMED: Final = {spelling: (name,) for name in TYPES for spelling in (name, name.upper())}


def types_of(node: JsonObject, path: str) -> tuple[str, ...]:
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
        raise refusal(path, f"has the unknown type {given!r}", f"choose one of {', '.join(TYPES)}")
    return tuple(dict.fromkeys(result))


def bound(node: JsonObject, key: str, path: str) -> int | float | None:
    """Return the number under `key`, whole numbers as `int`; `None` where there is none.

    Raises:
        RequestError: it is no finite number.
    """
    value = node.get(key)
    if value is None or isinstance(value, bool):  # draft 4's `exclusiveMinimum: true` is read with `minimum`
        return None
    if isinstance(value, str) and value.isdecimal():  # int64 travels as text in this API's own dialect
        return int(value)
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise refusal(path, f"has {key!r} that is no number (got {value!r})", "write a number")
    return int(value) if value == int(value) else value


class Limit(NamedTuple):
    """One end of a range of numbers."""

    value: int | float
    open: bool
    """Whether the end itself is outside."""


def limits(node: JsonObject, path: str) -> tuple[Limit | None, Limit | None]:
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


def count(node: JsonObject, key: str, path: str) -> int | None:
    """Return the count (of items, characters, properties) under `key`; `None` where there is none.

    Raises:
        RequestError: it is no whole number of at least 0.
    """
    value = bound(node, key, path)
    if value is None:
        return None
    if not isinstance(value, int) or value < 0:
        raise refusal(path, f"has {key!r} that is no count (got {value!r})", "write a whole number of at least 0")
    return value


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

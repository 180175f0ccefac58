"""Does a value conform to a JSON Schema? As far as widening can have loosened it, and no further.

It follows no remote reference and knows no format; an unknown keyword lets everything through.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gstream.schema.references import ContradictionError, Source, kind_of, limits, mapping, members, names, types_of
from gstream.schema.widenings import JsonObject, refusal, spelt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["conforms"]

_DEEPEST: Final = 100
"""Levels of schemas in schemas, references included; as many as protocol buffers let an answer have."""

_LAPS: Final = 3
"""How often one reference may be followed at one place of the answer; what comes back once more goes in circles."""

_SHOWN: Final = 60
"""How many characters of a value a sentence repeats."""


def conforms(value: object, schema: JsonObject) -> str | None:
    """Return `None` if `value` conforms to `schema`, else one sentence that names the place and what was expected.

    Args:
        value: JSON as `json.loads` returns it.
        schema: the caller's own schema, before any widening.

    Raises:
        RequestError: the schema is malformed, or a reference in it leads nowhere.
    """
    try:
        return next(_Check(Source(schema)).complaints(value, schema, "", 0), None)
    except RecursionError:
        raise refusal("", "is nested too deeply", "split it into smaller ones") from None


class _Check:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.active: list[tuple[str, str]] = []

    def complaints(self, value: Any, node: object, place: str, depth: int) -> Iterator[str]:
        """Yield what is wrong with `value`, which stands at `place` of the answer."""
        if depth > _DEEPEST:
            yield f"{_at(place)} is nested more than {_DEEPEST} levels deep."
            return
        if node is True:
            return
        if not isinstance(node, dict):
            yield f"{_at(place)} is not allowed (got {_shown(value)})."
            return
        scopes = len(self.source.scopes)
        if "$defs" in node or "definitions" in node:
            self.source.scopes.append(node)
        active = len(self.active)
        try:
            flat, entered = self.source.flat(node, place)
            self.active += [(ref, place) for ref in entered]
            if any(self.active.count((ref, place)) > _LAPS for ref in entered):
                yield f"{_at(place)} fits a schema only if it fits that very schema."
                return
            if not (value is None and flat.get("nullable") is True):
                for keywords, check in _CHECKS:
                    if keywords & flat.keys():
                        yield from check(self, value, flat, place, depth)
        except ContradictionError as error:
            yield str(error)
        finally:
            del self.source.scopes[scopes:], self.active[active:]

    def fits(self, value: Any, node: object, place: str, depth: int) -> bool:
        """Tell whether `value` conforms to `node`."""
        return next(self.complaints(value, node, place, depth), None) is None


def _type(_: _Check, value: Any, node: JsonObject, place: str, __: int) -> Iterator[str]:
    types, kind = types_of(node, place), kind_of(value)
    if types and kind not in types and not (kind == "integer" and "number" in types):
        yield f"{_at(place)} must be {' or '.join(types)}, got {_shown(value)}."


def _enum(_: _Check, value: Any, node: JsonObject, place: str, __: int) -> Iterator[str]:
    for choices in ([node["const"]] if "const" in node else None, node.get("enum")):
        if isinstance(choices, list) and not any(
            choice == value and isinstance(choice, bool) == isinstance(value, bool) for choice in choices
        ):
            yield f"{_at(place)} must be {' or '.join(map(_shown, choices))}, got {_shown(value)}."


def _union(check: _Check, value: Any, node: JsonObject, place: str, depth: int) -> Iterator[str]:
    for key, most in (("anyOf", None), ("oneOf", 1)):
        if key not in node:
            continue
        first = [next(check.complaints(value, member, place, depth + 1), None) for member in members(node, key, place)]
        fitting = first.count(None)
        if not fitting:
            reasons = " ".join(dict.fromkeys(reason for reason in first if reason))
            yield f"{_at(place)} fits none of {len(first)} alternatives. {reasons}"
        elif most is not None and fitting > most:
            yield f"{_at(place)} fits {fitting} alternatives where exactly one is allowed."
    if "not" in node and check.fits(value, node["not"], place, depth + 1):
        yield f"{_at(place)} is excluded by 'not' (got {_shown(value)})."


def _number(_: _Check, value: Any, node: JsonObject, place: str, __: int) -> Iterator[str]:
    if kind_of(value) not in {"integer", "number"}:
        return
    low, high = limits(node, place)
    if low is not None and (value < low.value or (low.open and value == low.value)):
        yield f"{_at(place)} must be {'greater than' if low.open else 'at least'} {low.value}, got {_shown(value)}."
    if high is not None and (value > high.value or (high.open and value == high.value)):
        yield f"{_at(place)} must be {'less than' if high.open else 'at most'} {high.value}, got {_shown(value)}."
    step = node.get("multipleOf")
    if isinstance(step, int | float) and step > 0 and abs(value / step - round(value / step)) > 1e-9:  # noqa: PLR2004
        yield f"{_at(place)} must be a multiple of {step}, got {_shown(value)}."


def _string(_: _Check, value: Any, node: JsonObject, place: str, __: int) -> Iterator[str]:
    if not isinstance(value, str):
        return
    yield from _size(len(value), node, place, "Length", "characters")
    pattern = node.get("pattern")
    try:
        found = not isinstance(pattern, str) or re.search(pattern, value)
    except re.error:  # another dialect of regular expressions: not ours to judge
        return
    if not found:
        yield f"{_at(place)} must match {pattern!r}, got {_shown(value)}."


def _array(check: _Check, value: Any, node: JsonObject, place: str, depth: int) -> Iterator[str]:
    if not isinstance(value, list | tuple):
        return
    yield from _size(len(value), node, place, "Items", "items")
    items, prefix, rest = node.get("items", True), node.get("prefixItems"), node.get("items", True)
    if prefix is None and isinstance(items, list):
        prefix, rest = items, node.get("additionalItems", True)
    prefix = prefix if isinstance(prefix, list) else []
    for index, item in enumerate(value):
        schema = prefix[index] if index < len(prefix) else rest
        yield from check.complaints(item, schema, f"{place}[{index}]", depth + 1)
    if node.get("uniqueItems") is True and any(item in value[:index] for index, item in enumerate(value)):
        yield f"{_at(place)} must not hold an item twice."


def _object(check: _Check, value: Any, node: JsonObject, place: str, depth: int) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    yield from _size(len(value), node, place, "Properties", "keys")
    for name in names(node, "required", place):
        if name not in value:
            yield f"{_at(place)} lacks the required property {name!r}."
    properties, patterns = mapping(node, "properties", place), mapping(node, "patternProperties", place)
    extra = node.get("additionalProperties", True)
    for name, item in value.items():
        spot = f"{place}.{name}" if place else str(name)
        schemas = [properties[name]] if name in properties else []
        schemas += [schema for pattern, schema in patterns.items() if _matches(pattern, str(name))]
        if not schemas and extra is False:
            yield f"{_at(place)} has the unknown property {name!r}."
        elif not schemas:
            schemas = [extra]
        for schema in schemas:
            yield from check.complaints(item, schema, spot, depth + 1)
        if "propertyNames" in node and not check.fits(name, node["propertyNames"], spot, depth + 1):
            yield f"{_at(place)} has the property {name!r}, whose name is not allowed."


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return True


def _size(size: int, node: JsonObject, place: str, what: str, unit: str) -> Iterator[str]:
    least, most = node.get(f"min{what}"), node.get(f"max{what}")
    if isinstance(least, int) and size < least:
        yield f"{_at(place)} must have at least {least} {unit}, got {size}."
    if isinstance(most, int) and size > most:
        yield f"{_at(place)} must have at most {most} {unit}, got {size}."


_CHECKS: Final[tuple[tuple[frozenset[str], Callable[[_Check, Any, JsonObject, str, int], Iterator[str]]], ...]] = (
    (frozenset({"type"}), _type),
    (frozenset({"enum", "const"}), _enum),
    (frozenset({"anyOf", "oneOf", "not"}), _union),
    (frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}), _number),
    (frozenset({"minLength", "maxLength", "pattern"}), _string),
    (frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}), _array),
    (
        frozenset(
            {
                "properties", "required", "additionalProperties", "patternProperties", "propertyNames",
                "minProperties", "maxProperties",
            }
        ),
        _object,
    ),
)  # fmt: skip


def _at(place: str) -> str:
    return repr(place) if place else "The answer"


def _shown(value: object) -> str:
    text = spelt(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."

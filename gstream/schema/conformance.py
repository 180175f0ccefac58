"""Does a value conform to a JSON Schema? The check of answers, made against the caller's own schema.

It reads the assertions of all drafts up to 2020-12. It follows no remote reference and knows no format; an unknown
keyword lets everything through. No answer and no schema is too deep for it (nothing here calls itself), and each
schema is asked once about each place of the answer, so that alternatives of alternatives cost no more than they are.
"""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from gstream.schema.evaluated import Place, unevaluated
from gstream.schema.patterns import found
from gstream.schema.references import Source, count, kind_of, limits, mapping, members, names, types_of
from gstream.schema.widenings import JsonObject, refusal, spelt

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["conforms"]

Question: TypeAlias = tuple[Any, object, Place]
"""A value, the schema it should fit, and where it stands."""
Check: TypeAlias = Generator[Question, str | None, str | None]
"""Asks about parts of a value and is told what is wrong with each (`None`: nothing); returns the same of the whole."""

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
        return _Judge(schema).verdict(value)
    except RecursionError:  # two values, both hundreds of levels deep, were to be compared
        raise refusal("", "holds a value that is nested too deeply to compare", "describe it by its type") from None


class _Judge:
    """Answers questions, each once; what a question about itself is answered is supposed first and then verified.

    A schema may ask about a value what is just being asked (`{"anyOf": [{"$ref": "#"}, ...]}`). The answer is no until
    a whole round has shown that it is yes; then another round is made, so the verdict does not depend on the order in
    which alternatives stand.
    """

    def __init__(self, root: JsonObject) -> None:
        self.source = Source(root)
        self.top = Place()
        self.known: dict[tuple[int, Place], str | None] = {}
        self.circular: set[tuple[int, Place]] = set()
        self.fitting: set[tuple[int, Place]] = set()

    def verdict(self, value: object) -> str | None:
        """Return what is wrong with the whole answer."""
        while True:
            self.known.clear()
            self.circular.clear()
            reason = self._round(value)
            fresh = {key for key in self.circular - self.fitting if self.known.get(key, "") is None}
            if not fresh:
                return reason
            self.fitting |= fresh

    def _round(self, value: object) -> str | None:
        pending: list[tuple[tuple[int, Place], Check]] = []
        active: set[tuple[int, Place]] = set()
        question: Question = (value, self.source.root, self.top)
        answer: str | None = None
        while True:
            key = (id(question[1]), question[2])
            if key in self.known:
                answer = self.known[key]
            elif key in active:
                self.circular.add(key)
                answer = None if key in self.fitting else f"{_at(key[1])} fits only if it fits that very schema itself."
            else:
                active.add(key)
                pending.append((key, self._judged(*question)))
                answer = None
            while pending:
                key, check = pending[-1]
                try:
                    question = check.send(answer)
                    break
                except StopIteration as end:
                    answer = self.known[key] = end.value
                    active.discard(key)
                    pending.pop()
            else:
                return answer

    def _judged(self, value: Any, node: object, place: Place) -> Check:
        if node is True:
            return None
        if node is False:
            return f"{_at(place)} is not allowed (got {_shown(value)})."
        if not isinstance(node, dict):
            raise refusal(str(place), f"is no schema (got {node!r})", "write an object with a type")
        if value is None and node.get("nullable") is True:
            return None
        for keywords, plain in _PLAIN:
            if not keywords.isdisjoint(node) and (reason := plain(value, node, place)) is not None:
                return reason
        return (yield from self._asked(value, node, place))

    def _asked(self, value: Any, node: JsonObject, place: Place) -> Check:
        scopes = len(self.source.scopes)
        if "$defs" in node or "definitions" in node:
            self.source.scopes.append(node)
        try:
            for keywords, check in _ASKING:
                if not keywords.isdisjoint(node):
                    reason = yield from check(self, value, node, place)
                    if reason is not None:
                        return reason
        finally:
            del self.source.scopes[scopes:]
        return None


# -- in place: references, combinations, conditions -------------------------------------------------------------------


def _reference(judge: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    return (yield value, judge.source.resolve(node["$ref"], str(place)), place)


def _combined(_: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    for member in members(node, "allOf", str(place)) if "allOf" in node else ():
        if (reason := (yield value, member, place)) is not None:
            return reason
    for key in ("anyOf", "oneOf"):
        if key not in node:
            continue
        reasons: list[str | None] = []
        for member in members(node, key, str(place)):
            reasons.append((yield value, member, place))
            if key == "anyOf" and reasons[-1] is None:
                break
        fitting = reasons.count(None)
        if not fitting:
            listed = " ".join(dict.fromkeys(reason for reason in reasons if reason))
            return f"{_at(place)} fits none of {len(reasons)} alternatives. {listed}"
        if fitting > 1:
            return f"{_at(place)} fits {fitting} alternatives where exactly one is allowed."
    if "not" in node and (yield value, node["not"], place) is None:
        return f"{_at(place)} is excluded by 'not' (got {_shown(value)})."
    return None


def _conditional(_: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    branch = "then" if (yield value, node["if"], place) is None else "else"
    return (yield value, node.get(branch, True), place)


# -- any value --------------------------------------------------------------------------------------------------------


def _type(value: Any, node: JsonObject, place: Place) -> str | None:
    types, kind = types_of(node, str(place)), kind_of(value)
    if types and kind not in types and not (kind == "integer" and "number" in types):
        return f"{_at(place)} must be {' or '.join(types)}, got {_shown(value)}."
    return None


def _enum(value: Any, node: JsonObject, place: Place) -> str | None:
    for choices in ([node["const"]] if "const" in node else None, node.get("enum")):
        if isinstance(choices, list | tuple) and _identity(value) not in map(_identity, choices):
            return f"{_at(place)} must be {' or '.join(map(_shown, choices))}, got {_shown(value)}."
    return None


def _identity(value: Any) -> object:
    """Return what two values have in common if and only if JSON Schema calls them equal: 1 is 1.0, but not true."""
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, list | tuple):
        return (list, tuple(map(_identity, value)))
    if isinstance(value, dict):
        return (dict, frozenset((name, _identity(item)) for name, item in value.items()))
    return value if isinstance(value, int | float | str) or value is None else repr(value)


# -- numbers and texts ------------------------------------------------------------------------------------------------


def _number(value: Any, node: JsonObject, place: Place) -> str | None:
    if kind_of(value) not in {"integer", "number"}:
        return None
    low, high = limits(node, str(place))
    if low is not None and (value < low.value or (low.open and value == low.value)):
        return f"{_at(place)} must be {'greater than' if low.open else 'at least'} {low.value}, got {_shown(value)}."
    if high is not None and (value > high.value or (high.open and value == high.value)):
        return f"{_at(place)} must be {'less than' if high.open else 'at most'} {high.value}, got {_shown(value)}."
    step = node.get("multipleOf")
    if (
        isinstance(step, int | float)
        and kind_of(step) in {"integer", "number"}
        and step > 0
        and _exact(value) % _exact(step)
    ):
        return f"{_at(place)} must be a multiple of {step}, got {_shown(value)}."
    return None


def _exact(number: float) -> Fraction:
    """Return the number as it is written: 0.3 is a multiple of 0.1, though its nearest double is not."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _string(value: Any, node: JsonObject, place: Place) -> str | None:
    if not isinstance(value, str):
        return None
    if (reason := _size(len(value), node, place, "Length", "characters")) is not None:
        return reason
    pattern = node.get("pattern")
    if isinstance(pattern, str) and not found(pattern, value):
        return f"{_at(place)} must match {pattern!r}, got {_shown(value)}."
    return None


def _size(size: int, node: JsonObject, place: Place, what: str, unit: str) -> str | None:
    least, most = count(node, f"min{what}", str(place)), count(node, f"max{what}", str(place))
    if least is not None and size < least:
        return f"{_at(place)} must have at least {least} {unit}, got {size}."
    if most is not None and size > most:
        return f"{_at(place)} must have at most {most} {unit}, got {size}."
    return None


# -- lists and objects ------------------------------------------------------------------------------------------------


def _array(_: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    if not isinstance(value, list | tuple):
        return None
    if (reason := _size(len(value), node, place, "Items", "items")) is not None:
        return reason
    prefix, rest = node.get("prefixItems"), node.get("items", True)
    if prefix is None and isinstance(rest, list | tuple):
        prefix, rest = rest, node.get("additionalItems", True)
    prefix = prefix if isinstance(prefix, list | tuple) else ()
    for index, item in enumerate(value):
        if (reason := (yield item, prefix[index] if index < len(prefix) else rest, place.below(index))) is not None:
            return reason
    if node.get("uniqueItems") is True and len(set(map(_identity, value))) < len(value):
        return f"{_at(place)} must not hold an item twice."
    if "contains" in node:
        fitting = 0
        for index, item in enumerate(value):
            fitting += (yield item, node["contains"], place.below(index)) is None
        least, most = count(node, "minContains", ""), count(node, "maxContains", "")
        if fitting < (1 if least is None else least) or (most is not None and fitting > most):
            return f"{_at(place)} holds {fitting} items that fit 'contains'."
    return None


def _object(_: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    if not isinstance(value, dict):
        return None
    if (reason := _size(len(value), node, place, "Properties", "keys")) is not None:
        return reason
    spot = str(place)
    for name in names(node, "required", spot):
        if name not in value:
            return f"{_at(place)} lacks the required property {name!r}."
    properties, patterns = mapping(node, "properties", spot), mapping(node, "patternProperties", spot)
    extra = node.get("additionalProperties", True)
    for name, item in value.items():
        schemas = [properties[name]] if name in properties else []
        schemas += [schema for pattern, schema in patterns.items() if found(pattern, str(name))]
        if not schemas and extra is False:
            return f"{_at(place)} has the unknown property {name!r}."
        for schema in schemas or [extra]:
            if (reason := (yield item, schema, place.below(name))) is not None:
                return reason
        # The name itself stands behind a 0 below its object: no object has such a key.
        if "propertyNames" in node and (yield name, node["propertyNames"], place.below(0).below(name)) is not None:
            return f"{_at(place)} has the property {name!r}, whose name is not allowed."
    return None


def _dependent(_: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    if not isinstance(value, dict):
        return None
    for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
        for name, wanted in mapping(node, keyword, str(place)).items():
            if name not in value:
                continue
            if not isinstance(wanted, list | tuple):
                if (reason := (yield value, wanted, place)) is not None:
                    return reason
            elif missing := [other for other in wanted if other not in value]:
                return f"{_at(place)} lacks the property {missing[0]!r}, which {name!r} demands."
    return None


def _rest(judge: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    for keyword, kind in (("unevaluatedProperties", dict), ("unevaluatedItems", list)):
        if keyword in node and isinstance(value, kind):
            for name in (yield from unevaluated(judge.source, value, node, place)):
                if (reason := (yield value[name], node[keyword], place.below(name))) is not None:
                    return reason
    return None


_PLAIN: Final[tuple[tuple[frozenset[str], Callable[[Any, JsonObject, Place], str | None]], ...]] = (
    (frozenset({"type"}), _type),
    (frozenset({"enum", "const"}), _enum),
    (frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}), _number),
    (frozenset({"minLength", "maxLength", "pattern"}), _string),
)
"""The checks of keywords that hold no schema."""

_ASKING: Final[tuple[tuple[frozenset[str], Callable[[_Judge, Any, JsonObject, Place], Check]], ...]] = (
    (frozenset({"$ref"}), _reference),
    (frozenset({"allOf", "anyOf", "oneOf", "not"}), _combined),
    (frozenset({"if"}), _conditional),
    (frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"}), _array),
    (
        frozenset(
            {
                "properties", "required", "additionalProperties", "patternProperties", "propertyNames",
                "minProperties", "maxProperties",
            }
        ),
        _object,
    ),
    (frozenset({"dependentRequired", "dependentSchemas", "dependencies"}), _dependent),
    (frozenset({"unevaluatedProperties", "unevaluatedItems"}), _rest),
)  # fmt: skip


def _at(place: Place) -> str:
    return repr(str(place)) if place.above else "The answer"


def _shown(value: object) -> str:
    text = spelt(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."

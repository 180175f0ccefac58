"""Does a value conform to a JSON Schema? The check of answers, made against the caller's own schema.

It reads the assertions of all drafts up to 2020-12. It follows no remote reference and knows no format; an unknown
keyword lets everything through. No answer and no schema is too deep for it (nothing here calls itself), and each
schema is asked once about each place of the answer, so that alternatives of alternatives cost no more than they are.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from gstream.schema.assertions import ASSERTIONS, size
from gstream.schema.evaluated import unevaluated
from gstream.schema.keywords import count, mapping, members, names
from gstream.schema.literals import identity
from gstream.schema.patterns import found
from gstream.schema.place import Place
from gstream.schema.references import Source
from gstream.schema.widenings import JsonObject, as_given, refusal, shown

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["conforming", "conforms"]

Question: TypeAlias = tuple[Any, object, Place]
"""A value, the schema it should fit, and where it stands."""
Check: TypeAlias = Generator[Question, str | None, str | None]
"""Asks about parts of a value and is told what is wrong with each (`None`: nothing); returns the same of the whole."""

_LONGEST: Final = 2_000
"""Characters of a sentence: alternatives of alternatives repeat one another's complaints, and names may be long."""


def conforms(value: object, schema: JsonObject) -> str | None:
    """Return `None` if `value` conforms to `schema`, else one sentence that names the place and what was expected.

    Args:
        value: JSON as `json.loads` returns it.
        schema: the caller's own schema, before any widening.

    Raises:
        RequestError: the schema is malformed, or a reference in it leads nowhere.
    """
    try:
        return _Judge(Source(schema), schema, Place()).verdict(value)
    except RecursionError:  # two values, both hundreds of levels deep, were to be compared
        raise refusal("", "holds a value that is nested too deeply to compare", "describe it by its type") from None


def conforming(values: list[Any], node: JsonObject, path: str, source: Source) -> list[Any]:
    """Return those of `values` that conform to a schema within the one that is being read.

    Raises:
        RequestError: the schema is malformed, or a reference in it leads nowhere.
        RecursionError: a value is nested hundreds of levels deep.
    """
    top = Place(Place(), path)
    return [value for value in values if _Judge(source, node, top).verdict(value) is None]


class _Judge:
    """Answers questions, each once; what a question about itself is answered is supposed first and then verified.

    A schema may ask about a value what is just being asked (`{"anyOf": [{"$ref": "#"}, ...]}`). The answer is no until
    a whole round has shown that it is yes; then another round is made, so the verdict does not depend on the order in
    which alternatives stand.
    """

    def __init__(self, source: Source, node: JsonObject, top: Place) -> None:
        self.source = source
        self.node = node
        self.top = top
        self.known: dict[tuple[int, Place], str | None] = {}
        self.circular: set[tuple[int, Place]] = set()
        self.fitting: set[tuple[int, Place]] = set()

    def verdict(self, value: object) -> str | None:
        """Return what is wrong with the whole answer."""
        while True:
            self.known.clear()
            self.circular.clear()
            reason = self._round(value)
            fresh = {key for key in self.circular - self.fitting if self.known[key] is None}
            if not fresh:
                return reason and _cut(reason)
            self.fitting |= fresh

    def _round(self, value: object) -> str | None:
        pending: list[tuple[tuple[int, Place], Check]] = []
        active: set[tuple[int, Place]] = set()
        question: Question = (value, self.node, self.top)
        answer: str | None
        while True:
            key = (id(question[1]), question[2])
            if key in self.known:
                answer = self.known[key]
            elif key in active:
                self.circular.add(key)
                place = key[1].in_words()
                answer = None if key in self.fitting else f"{place} fits only if it fits that very schema itself."
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
                    pending.pop()
            else:
                return answer

    def _judged(self, value: Any, node: object, place: Place) -> Check:
        if node is True:
            return None
        if node is False:
            return f"{place.in_words()} is not allowed (got {shown(value)})."
        if not isinstance(node, dict):
            raise refusal(place, f"is no schema (got {as_given(node)})", "write an object with a type")
        if value is None and node.get("nullable") is True:
            return None
        for keywords, assertion in ASSERTIONS:
            if not keywords.isdisjoint(node) and (reason := assertion(value, node, place)) is not None:
                return reason
        return (yield from self._asked(value, node, place))

    def _asked(self, value: Any, node: JsonObject, place: Place) -> Check:
        scopes = len(self.source.scopes)
        self.source.enter(node)
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
    return (yield value, judge.source.resolve(node["$ref"], place), place)


def _combined(_: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    for member in members(node, "allOf", place) if "allOf" in node else ():
        if (reason := (yield value, member, place)) is not None:
            return reason
    for key in ("anyOf", "oneOf"):
        if key not in node:
            continue
        reasons: list[str | None] = []
        for member in members(node, key, place):
            reasons.append((yield value, member, place))
            if key == "anyOf" and reasons[-1] is None:
                break
        fitting = reasons.count(None)
        if not fitting:
            listed = " ".join(dict.fromkeys(reason for reason in reasons if reason))
            return _cut(f"{place.in_words()} fits none of {len(reasons)} alternatives. {listed}")
        if fitting > 1:
            return f"{place.in_words()} fits {fitting} alternatives where exactly one is allowed."
    if "not" in node and (yield value, node["not"], place) is None:
        return f"{place.in_words()} is excluded by 'not' (got {shown(value)})."
    return None


def _conditional(_: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    branch = "then" if (yield value, node["if"], place) is None else "else"
    return (yield value, node.get(branch, True), place)


# -- lists and objects ------------------------------------------------------------------------------------------------


def _array(_: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    if not isinstance(value, list | tuple):
        return None
    if (reason := size(len(value), node, place, "Items", "items")) is not None:
        return reason
    prefix, rest = node.get("prefixItems"), node.get("items", True)
    if prefix is None and isinstance(rest, list | tuple):
        prefix, rest = rest, node.get("additionalItems", True)
    prefix = prefix if isinstance(prefix, list | tuple) else ()
    for index, item in enumerate(value):
        if (reason := (yield item, prefix[index] if index < len(prefix) else rest, place.below(index))) is not None:
            return reason
    if node.get("uniqueItems") is True and len(set(map(identity, value))) < len(value):
        return f"{place.in_words()} must not hold an item twice."
    if "contains" in node:
        fitting = 0
        for index, item in enumerate(value):
            fitting += (yield item, node["contains"], place.below(index)) is None
        least, most = count(node, "minContains", place), count(node, "maxContains", place)
        if fitting < (1 if least is None else least) or (most is not None and fitting > most):
            return f"{place.in_words()} holds {fitting} items that fit 'contains'."
    return None


def _object(_: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    if not isinstance(value, dict):
        return None
    if (reason := size(len(value), node, place, "Properties", "keys")) is not None:
        return reason
    for name in names(node, "required", place):
        if name not in value:
            return f"{place.in_words()} lacks the required property {name!r}."
    properties, patterns = mapping(node, "properties", place), mapping(node, "patternProperties", place)
    extra = node.get("additionalProperties", True)
    for name, item in value.items():
        schemas = [properties[name]] if name in properties else []
        schemas += [schema for pattern, schema in patterns.items() if found(pattern, str(name))]
        if not schemas and extra is False:
            return f"{place.in_words()} has the unknown property {name!r}."
        for schema in schemas or [extra]:
            if (reason := (yield item, schema, place.below(name))) is not None:
                return reason
        # The name itself stands behind a 0 below its object: no object has such a key.
        if "propertyNames" in node and (yield name, node["propertyNames"], place.below(0).below(name)) is not None:
            return f"{place.in_words()} has the property {name!r}, whose name is not allowed."
    return None


def _dependent(_: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    if not isinstance(value, dict):
        return None
    for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
        for name, wanted in mapping(node, keyword, place).items():
            if name not in value:
                continue
            if not isinstance(wanted, list | tuple):
                if (reason := (yield value, wanted, place)) is not None:
                    return reason
            elif missing := [other for other in wanted if other not in value]:
                return f"{place.in_words()} lacks the property {missing[0]!r}, which {name!r} demands."
    return None


def _rest(judge: _Judge, value: Any, node: JsonObject, place: Place) -> Check:
    for keyword, kind in (("unevaluatedProperties", dict), ("unevaluatedItems", list)):
        if keyword in node and isinstance(value, kind):
            for name in (yield from unevaluated(judge.source, value, node, place)):
                if (reason := (yield value[name], node[keyword], place.below(name))) is not None:
                    return reason
    return None


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


def _cut(reason: str) -> str:
    return reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]}..."

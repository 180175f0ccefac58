"""JSON Schema -> the OpenAPI subset that `FunctionDeclaration.parameters` and `responseSchema` take.

The subset is `Schema` of Google's API description. What it cannot say is widened: the type stays right, the rest goes
into the description, and the loss is noted. One recursive pass; recursion in the schema is unrolled.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from gstream.errors import RequestError
from gstream.schema.keywords import (
    ANNOTATIONS,
    OPENING,
    below,
    count,
    is_null,
    limits,
    mapping,
    members,
    names,
    types_of,
)
from gstream.schema.merging import ContradictionError
from gstream.schema.roots import one_object
from gstream.schema.subset import FORMATS, annotated, anything, brief, folded, places, write_choice
from gstream.schema.widenings import INFORMAL, JsonObject, as_given, refusal, remarks

if TYPE_CHECKING:
    from gstream.schema.references import Source

__all__ = ["UNROLLED", "EndlessError", "write_parameters"]

UNROLLED: Final = 3
"""How often a definition may stand inside itself before the recursion is cut."""

_ATTEMPTS: Final = ((UNROLLED, 99), (2, 99), (1, 99), (1, 5), (1, 3), (1, 2), (1, 1))
"""(how often a definition may repeat, how many references may lie in one another), tried until the result fits:
definitions that all name one another multiply with every level."""

_MOST_NODES: Final = 4000
"""The size of one inlined schema at which the next attempt is made; a tool of 100 nested parameters has some 300."""

_DEEPEST: Final = 80
"""The deepest nesting, below the 100 levels at which protocol buffers refuse a message."""

_ENTRANCES: Final = frozenset({"$ref", "allOf", "$defs", "definitions"})

_FREE_KEYS: Final = frozenset({"additionalProperties", "patternProperties", "propertyNames"})

_KEY_KINDS: Final = frozenset({"type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf"})
"""Keywords that say of what kind a key is; where none does, it is a text, as all keys are."""

_WORDS: Final = frozenset({"title", "description", "default", "example", "examples"})
"""Annotations that win over those of the only alternative of a union."""

_CUT = "the recursion is unrolled a few levels deep and ends here"


_ANY = "any value is said as a choice of types, with lists in lists two levels deep"


class EndlessError(RequestError):
    """The schema demands a value that contains itself without end."""


class _Cut(Exception):  # noqa: N818 - caught at the next place that can do without; never an error of a caller
    """The recursion ends here; the argument is the path."""


class _TooLarge(Exception):  # noqa: N818 - it starts the next attempt
    """The schema outgrows what one request should hold; the argument is the path."""


def write_parameters(source: Source, *, ordering: bool) -> JsonObject:
    """Return the schema in the subset; `source` keeps the widenings.

    Raises:
        RequestError: the schema has no finite value, contradicts itself, is malformed, or is too large.
    """
    path = ""
    for repeats, nesting in _ATTEMPTS:
        source.forget()
        try:
            return _Writer(source, ordering=ordering, repeats=repeats, nesting=nesting).write(source.root, "", 0)
        except _TooLarge as error:
            path = str(error)
        except _Cut as error:
            path = str(error)
            if nesting == _ATTEMPTS[0][1]:
                complaint = "contains itself through required properties only, so no finite value fits it"
                raise EndlessError(
                    refusal(path, complaint, "make a property on the way optional, nullable or a list").message
                ) from None
    raise refusal(path, "is too deep or too large to be written without references", "split it into smaller ones")


class _Writer:
    """One attempt at writing a schema: it knows which references lead to the place where it stands."""

    def __init__(self, source: Source, *, ordering: bool, repeats: int, nesting: int) -> None:
        self.source = source
        self.ordering = ordering
        self.repeats = repeats
        self.nesting = nesting
        self.active = ["#"]
        self.levels = 0
        """How many schemas that came by reference lie in one another here."""
        self.nodes = 0

    def write(self, node: object, path: str, depth: int, *, droppable: bool = False) -> JsonObject:
        """Return one schema in the subset.

        Args:
            node: the schema as given, a boolean schema included.
            path: where it stands.
            depth: how many schemas it stands in.
            droppable: whether the place above can do without it, should the recursion end inside.
        """
        self.nodes += 1
        if self.nodes > _MOST_NODES or depth > _DEEPEST:
            raise _TooLarge(path)
        if node is True:
            self.source.widen(path, "type", _ANY)
            return anything()
        if not isinstance(node, dict):
            complaint = "is false, which no value fits" if node is False else f"is no schema (got {as_given(node)})"
            raise refusal(path, complaint, "write an object with a type")
        if _ENTRANCES.isdisjoint(node):
            return self._flat(node, path, depth, droppable=droppable)
        scopes, active, levels = len(self.source.scopes), len(self.active), self.levels
        self.source.enter(node)
        try:
            flat, entered = self.source.flat(node, path)
            if entered and (self.levels >= self.nesting or self._repeated(entered)):
                raise _Cut(path)
            self.active += entered
            self.levels += bool(entered)
            return self._flat(flat, path, depth, droppable=droppable)
        finally:
            del self.source.scopes[scopes:], self.active[active:]
            self.levels = levels

    def _repeated(self, entered: list[str]) -> bool:
        return any(self.active.count(ref) >= self.repeats for ref in entered)

    def _flat(self, node: JsonObject, path: str, depth: int, *, droppable: bool) -> JsonObject:
        for key in ("anyOf", "oneOf"):
            if key in node and depth == 0 and types_of(node, path) == ("object",):
                return self._flat(one_object(self.source, node, key), path, depth, droppable=droppable)
            if key in node:
                return self._union(node, key, path, depth, droppable=droppable)
        if "enum" in node or "const" in node:
            return write_choice(node, path, self.source)
        types = types_of(node, path)
        nullable = "null" in types or node.get("nullable") is True
        kinds = [name for name in types if name != "null"] if types else self._guessed(node, path)
        if types and not kinds:
            return annotated({"type": "NULL"}, node, path)
        if not kinds:
            self.source.widen(path, "type", _ANY)
            return annotated(anything(), node, path, self._remarks(node, path))
        if len(kinds) == 1:
            return self._single(node, kinds[0], path, depth, nullable=nullable, droppable=droppable)
        plain = {key: value for key, value in node.items() if key not in ANNOTATIONS}
        written = [self._single(plain, kind, path, depth, nullable=False, droppable=droppable) for kind in kinds]
        return annotated({"anyOf": written}, node, path, nullable=nullable)

    def _guessed(self, node: JsonObject, path: str) -> list[str]:
        kinds = list(dict.fromkeys(kind for key, kind in OPENING.items() if key in node))
        if kinds:
            self.source.widen(path, "type", f"none is given; {' or '.join(kinds)} is taken from the other keywords")
        return kinds

    # Unions: null becomes `nullable`, what stands beside the union goes into each alternative.

    def _union(self, node: JsonObject, key: str, path: str, depth: int, *, droppable: bool) -> JsonObject:
        alternatives = [(index, member) for index, member in enumerate(members(node, key, path)) if member is not False]
        real = [(index, member) for index, member in alternatives if not is_null(member)]
        types = types_of(node, path)
        nullable = node.get("nullable") is True or (len(real) < len(alternatives) and (not types or "null" in types))
        shared = {name: value for name, value in node.items() if name != key and name not in ANNOTATIONS}
        if len(real) == 1:
            index, member = real[0]
            notes = {name: value for name, value in node.items() if name in _WORDS}
            inner = member if isinstance(member, dict) and not shared else {"allOf": [shared, member]}
            joined = {**inner, **notes, "nullable": nullable}
            return self._optional(joined, below(path, f"{key}[{index}]"), depth, droppable=droppable)
        if key == "oneOf" and "discriminator" not in node and real:
            self.source.widen(path, key, "exactly one becomes at least one")
        written: list[JsonObject] = []
        lost: Exception | None = None
        for index, member in real:
            spot = below(path, f"{key}[{index}]")
            joined = {"allOf": [shared, member]} if shared else member
            try:
                written.append(self.write(joined, spot, depth + 1, droppable=True))
            except _Cut as error:
                self.source.widen(spot, "$ref", _CUT)
                lost = _Cut(str(error)) if droppable or not nullable else None
            except ContradictionError as error:
                lost = lost or error
        written, nullable = folded(written, nullable=nullable)
        if not written and not nullable:
            raise lost or refusal(path, f"has no alternative under {key!r} that a value can fit", "add one")
        if not written:
            return annotated({"type": "NULL"}, node, path)
        union = written[0] if len(written) == 1 else {"anyOf": written}
        return annotated(union, node, path, nullable=nullable)

    def _optional(self, node: JsonObject, path: str, depth: int, *, droppable: bool) -> JsonObject:
        nullable = node["nullable"] is True
        try:
            written = self.write(node, path, depth + 1, droppable=droppable)
        except _Cut:
            if droppable or not nullable:
                raise
            self.source.widen(path, "$ref", _CUT)
            return annotated({"type": "NULL"}, node, path)
        if nullable and written.get("type") != "NULL":
            written["nullable"] = True
        return written

    # Single types.

    def _single(
        self, node: JsonObject, kind: str, path: str, depth: int, *, nullable: bool, droppable: bool
    ) -> JsonObject:
        out: JsonObject = {"type": kind.upper()}
        notes: list[str] = []
        if kind == "object":
            self._object(node, path, depth, out, notes)
        elif kind == "array":
            notes += self._array(node, path, depth, out, droppable=droppable)
        elif kind == "string":
            _counts(node, path, out, "minLength", "maxLength")
            if isinstance(node.get("pattern"), str):
                out["pattern"] = node["pattern"]
        elif kind != "boolean":
            self._number(node, kind, path, out, notes)
        wanted = node.get("format")
        if wanted in FORMATS.get(kind, ()) if isinstance(wanted, str) else False:
            out["format"] = wanted
        elif isinstance(wanted, str):
            self.source.widen(path, "format", "not one the API knows, so the description names it")
            notes.append(f"Format: {wanted}.")
        return annotated(out, node, path, notes + self._remarks(node, path), nullable=nullable)

    def _number(self, node: JsonObject, kind: str, path: str, out: JsonObject, notes: list[str]) -> None:
        low, high = limits(node, path)
        if low is not None and kind == "integer":
            out["minimum"] = math.floor(low.value) + 1 if low.open else math.ceil(low.value)
        elif low is not None:
            out["minimum"] = low.value
        if high is not None and kind == "integer":
            out["maximum"] = math.ceil(high.value) - 1 if high.open else math.floor(high.value)
        elif high is not None:
            out["maximum"] = high.value
        for limit, keyword, word in ((low, "exclusiveMinimum", "Greater"), (high, "exclusiveMaximum", "Less")):
            if limit is not None and limit.open and kind == "number":
                self.source.widen(path, keyword, "the bound itself is let through")
                notes.append(f"{word} than {limit.value}.")

    def _array(self, node: JsonObject, path: str, depth: int, out: JsonObject, *, droppable: bool) -> list[str]:
        _counts(node, path, out, "minItems", "maxItems")
        items = node.get("items", True)
        if "prefixItems" in node or isinstance(items, list):
            return self._tuple(node, path, depth, out)
        if items is False:
            out.update(items=anything(0), maxItems=0)
            return []
        try:
            out["items"] = self.write(items, below(path, "items"), depth + 1)
        except _Cut:
            if droppable or out.get("minItems", 0):
                raise
            self.source.widen(below(path, "items"), "$ref", _CUT)
            out.update(items={"type": "OBJECT"}, maxItems=0)
        return []

    def _tuple(self, node: JsonObject, path: str, depth: int, out: JsonObject) -> list[str]:
        key = "prefixItems" if "prefixItems" in node else "items"
        written = [
            self.write(place, below(path, f"{key}[{index}]"), depth + 1)
            for index, place in enumerate(members(node, key, path))
        ]
        size = len(written)
        self.source.widen(path, key, "each item may be any of the kinds; the description gives the order")
        notes = [f"In this order: {places(written)}."]
        rest = node.get("items" if key == "prefixItems" else "additionalItems")
        if isinstance(rest, dict):
            written.append(self.write(rest, below(path, "items"), depth + 1))
            notes.append(f"Any further items: {brief(written[-1])}.")
        else:
            out["maxItems"] = min(size, out.get("maxItems", size))
        out.setdefault("minItems", min(size, out.get("maxItems", size)))
        kinds, nullable = folded([dict(place) for place in written], nullable=False)
        item = (kinds[0] if len(kinds) == 1 else {"anyOf": kinds}) if kinds else {"type": "NULL"}
        out["items"] = {**item, "nullable": True} if nullable and kinds else item
        return notes

    def _object(self, node: JsonObject, path: str, depth: int, out: JsonObject, notes: list[str]) -> None:
        properties = mapping(node, "properties", path)
        required = dict.fromkeys(names(node, "required", path))
        written: JsonObject = {}
        for name, value in properties.items():
            spot, wanted = below(path, f"properties.{name}"), name in required
            if value is False and not wanted:
                self.source.widen(spot, "properties", "a forbidden property is left out")
                continue
            try:
                written[name] = self.write(value, spot, depth + 1, droppable=not wanted)
            except _Cut:
                if wanted:
                    raise
                self.source.widen(spot, "$ref", _CUT)
        written |= {name: anything() for name in required if name not in properties}
        if written:
            out["properties"] = written
        if required:
            out["required"] = list(required)
        order = [name for name in names(node, "propertyOrdering", path) if name in written]
        if order or (self.ordering and len(written) > 1):
            out["propertyOrdering"] = order or list(written)
        _counts(node, path, out, "minProperties", "maxProperties")
        if not _FREE_KEYS.isdisjoint(node):
            self._free_keys(node, path, depth, notes)

    def _free_keys(self, node: JsonObject, path: str, depth: int, notes: list[str]) -> None:
        extra = node.get("additionalProperties")
        if extra is False:
            self.source.widen(path, "additionalProperties", "an object cannot be closed")
        said = [
            ("additionalProperties", extra, "Keys are free" if "properties" not in node else "Further keys are free")
        ]
        said += [
            ("patternProperties", value, f"Keys that match {pattern}")
            for pattern, value in mapping(node, "patternProperties", path).items()
        ]
        said.append(("propertyNames", node.get("propertyNames"), ""))
        if extra in (True, {}) and "properties" not in node and "patternProperties" not in node:
            notes.append("Keys are free; each value: any.")
        for keyword, value, beginning in said:
            if not isinstance(value, dict) or not value:
                continue
            text = not beginning and _KEY_KINDS.isdisjoint(value)
            self.source.widen(path, keyword, "the subset has no such keys, so the description speaks of them")
            try:
                rule = brief(
                    self.write({"type": "string", **value} if text else value, below(path, keyword), depth + 1)
                )
            except _Cut:
                continue
            notes.append(f"{beginning}; each value: {rule}." if beginning else f"Each key: {rule}.")

    def _remarks(self, node: JsonObject, path: str) -> list[str]:
        notes: list[str] = []
        if INFORMAL.keys().isdisjoint(node):
            return notes
        for keyword, sentence in remarks(node, INFORMAL):
            self.source.widen(path, keyword, "the description says it" if sentence else "it is left out")
            notes += [sentence] if sentence and keyword not in _FREE_KEYS else []
        return notes


def _counts(node: JsonObject, path: str, out: JsonObject, *keys: str) -> None:
    for key in keys:
        if (value := count(node, key, path)) is not None:
            out[key] = value

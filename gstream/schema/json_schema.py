"""JSON Schema -> the keywords of it that `parametersJsonSchema` and `responseJsonSchema` take.

The description of `responseJsonSchema` lists them, forbids keys beside a `$ref`, and takes cyclic references within
non-required properties only. Definitions are gathered under the root's `$defs`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gstream.errors import RequestError
from gstream.schema.choices import allowed, by_kind, one_of
from gstream.schema.keywords import ANNOTATIONS, below, count, is_null, limits, mapping, members, names, types_of
from gstream.schema.parameters import EndlessError, write_parameters
from gstream.schema.references import Source
from gstream.schema.widenings import INFORMAL, JsonObject, as_given, example, join, refusal, remarks

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["write_json_schema"]

_DEEPEST: Final = 80
"""The deepest nesting, definitions followed; as in `parameters`."""

_MOST_NODES: Final = 20_000
"""The most schemas in one; a reference is counted once, so only abuse of `allOf` comes near."""

_INFORMAL: Final[Mapping[str, str]] = {
    **INFORMAL,
    "maxLength": "At most {} characters.",
    "maxProperties": "At most {} keys.",
    "minLength": "At least {} characters.",
    "minProperties": "At least {} keys.",
    "pattern": "Matches the regular expression {}.",
}


@dataclass(eq=False, slots=True)
class _Edge:
    """A reference that every value of its definition has to follow."""

    start: str
    end: str
    written: JsonObject
    """The `{"$ref": ...}` in the result."""
    owner: tuple[JsonObject, str] | None
    """The innermost object and its required property that the reference stands in; `None`: there is none."""
    path: str


def write_json_schema(source: Source) -> JsonObject:
    """Return the schema in the keywords the API lists; `source` keeps the widenings.

    Raises:
        RequestError: the schema has no finite value, contradicts itself, is malformed, or is nested too deeply.
    """
    source.forget()
    writer = _Writer(source)
    result = writer.write(source.root, "", 0, None, inline=True)
    if _cycle(writer.edges):
        _refuse_endless(source.root)
    while cycle := _cycle(writer.edges):
        edge = next((edge for edge in reversed(cycle) if edge.owner), cycle[-1])
        writer.edges.remove(edge)
        _opened(edge, source)
    if writer.definitions:
        result["$defs"] = writer.definitions
    return result


def _refuse_endless(root: JsonObject) -> None:
    try:
        write_parameters(Source(root), ordering=False)
    except EndlessError:
        raise
    except RequestError:  # too large without references, which are kept here
        return


def _opened(edge: _Edge, source: Source) -> None:
    """Take one reference out of a cycle of required ones, by the smallest change the API takes."""
    if edge.owner is None:
        source.widen(edge.path, "$ref", "a definition may contain itself in optional properties only, so any value")
        edge.written.clear()
        return
    owner, name = edge.owner
    source.widen(edge.path, "required", f"a definition may contain itself in optional properties only, so {name!r} is")
    left = [other for other in owner.get("required", ()) if other != name]
    if left:
        owner["required"] = left
    else:
        owner.pop("required", None)


def _cycle(edges: list[_Edge]) -> list[_Edge]:
    """Return the edges of one cycle, in its order; empty if there is none."""
    outgoing: dict[str, list[_Edge]] = {}
    for edge in edges:
        outgoing.setdefault(edge.start, []).append(edge)
    done: set[str] = set()
    for start, first in outgoing.items():
        trail: list[_Edge] = []
        pending = [iter(first)] if start not in done else []
        on_trail = [start]
        while pending:
            step = next(pending[-1], None)
            if step is None:
                done.add(on_trail.pop())
                pending.pop()
                if trail:
                    trail.pop()
            elif step.end in on_trail:
                return [*trail[on_trail.index(step.end) :], step]
            elif step.end not in done:
                trail.append(step)
                on_trail.append(step.end)
                pending.append(iter(outgoing.get(step.end, ())))
    return []


class _Writer:
    """Writes one schema; definitions are written when the first reference to them is met."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.definitions: JsonObject = {}
        self.edges: list[_Edge] = []
        self.named: dict[int, str] = {}
        self.inlined: list[str] = []
        self.within = ""
        self.optional = False
        self.nodes = 0

    def write(
        self, node: object, path: str, depth: int, owner: tuple[JsonObject, str] | None, *, inline: bool = False
    ) -> JsonObject:
        """Return one schema.

        Args:
            node: the schema as given, a boolean schema included.
            path: where it stands.
            depth: how many schemas it stands in, definitions included.
            owner: see `_Edge.owner`.
            inline: whether a reference must not be left here (at the root, which has to show what it is).
        """
        self.nodes += 1
        if depth > _DEEPEST or self.nodes > _MOST_NODES:
            raise refusal(path, "is too deep or too large", "split it into smaller ones")
        if node is True:
            return {}
        if not isinstance(node, dict):
            complaint = "is false, which no value fits" if node is False else f"is no schema (got {as_given(node)})"
            raise refusal(path, complaint, "write an object with a type")
        scopes, inlined = len(self.source.scopes), len(self.inlined)
        self.source.enter(node)
        try:
            if (reference := _lone(node)) and not inline:
                return self._reference(reference, node, path, depth, owner)
            flat, entered = self.source.flat(node, path)
            if again := next((ref for ref in entered if ref in self.inlined), None):
                self.source.widen(path, "$ref", "what stands beside a recursive reference is left out")
                return self._reference(again, {}, path, depth, owner)
            self.inlined += entered if not inline else []
            return self._flat(flat, path, depth, owner)
        finally:
            del self.source.scopes[scopes:], self.inlined[inlined:]

    def _reference(
        self, ref: str, node: JsonObject, path: str, depth: int, owner: tuple[JsonObject, str] | None
    ) -> JsonObject:
        name = self._defined(ref, path, depth)
        written: JsonObject = {"$ref": f"#/$defs/{name}"}
        if not self.optional:
            self.edges.append(_Edge(self.within, name, written, owner, path))
        said: JsonObject = self._annotated({}, node, path, [])
        alternatives = [written, {"type": "null"}] if node.get("nullable") is True else [written]
        return {"anyOf": alternatives, **said} if said or len(alternatives) > 1 else written

    def _defined(self, ref: str, path: str, depth: int) -> str:
        """Return the name of the definition under `$defs`, which is written if this is the first reference to it."""
        target = self.source.resolve(ref, path)
        if id(target) in self.named:
            return self.named[id(target)]
        wish = re.sub(r"[^\w.-]", "_", ref.rsplit("/", 1)[-1].strip("#")) or "Root"
        name, number = wish, 1
        while name in self.definitions:
            number += 1
            name = f"{wish}_{number}"
        self.named[id(target)] = name
        self.definitions[name] = {}
        outside = self.within, self.optional, self.inlined
        self.within, self.optional, self.inlined = name, False, []
        self.definitions[name] = self.write(target, path, depth + 1, None, inline=True)
        self.within, self.optional, self.inlined = outside
        return name

    def _flat(self, node: JsonObject, path: str, depth: int, owner: tuple[JsonObject, str] | None) -> JsonObject:
        if "enum" in node or "const" in node:
            return self._choice(node, path)
        out: JsonObject = {}
        notes: list[str] = []
        types = types_of(node, path)
        nullable = node.get("nullable") is True
        if types:
            listed = [*types, "null"] if nullable and "null" not in types else list(types)
            out["type"] = listed[0] if len(listed) == 1 else listed
        for key in ("minItems", "maxItems"):
            if (value := count(node, key, path)) is not None:
                out[key] = value
        self._bounds(node, types, path, out, notes)
        self._object(node, path, depth, owner, out)
        self._array(node, path, depth, owner, out)
        for key in ("anyOf", "oneOf"):
            if key in node:
                said = key if "anyOf" in out else "anyOf"
                out[said] = self._union(node, key, path, depth, owner)
                if nullable and not types and not any(is_null(member) for member in out[said]):
                    out[said].append({"type": "null"})
        if isinstance(named := node.get("propertyNames"), dict):
            node = {**node, "propertyNames": self.source.flat(named, below(path, "propertyNames"))[0]}
        for keyword, sentence in remarks(node, _INFORMAL):
            self.source.widen(path, keyword, "the description says it" if sentence else "it is left out")
            notes += [sentence] if sentence else []
        return self._annotated(out, node, path, notes)

    def _union(
        self, node: JsonObject, key: str, path: str, depth: int, owner: tuple[JsonObject, str] | None
    ) -> list[JsonObject]:
        listed = [(index, member) for index, member in enumerate(members(node, key, path)) if member is not False]
        if not listed:
            raise refusal(path, f"has no alternative under {key!r} that a value can fit", "add one")
        if key == "oneOf" and "discriminator" not in node and len(listed) > 1:
            self.source.widen(path, key, "exactly one becomes at least one, as the API reads it")
        return [self.write(member, below(path, f"{key}[{index}]"), depth + 1, owner) for index, member in listed]

    def _choice(self, node: JsonObject, path: str) -> JsonObject:
        groups = by_kind(allowed(node, path, self.source), path)
        nullable = groups.pop("null", None) is not None or node.get("nullable") is True
        written = [
            self._values(kind, values, path, "enum" if "enum" in node else "const") for kind, values in groups.items()
        ]
        if nullable:
            written.append({"type": "null"})
        return self._annotated(written[0] if len(written) == 1 else {"anyOf": written}, node, path, [])

    def _values(self, kind: str, values: list[Any], path: str, keyword: str) -> JsonObject:
        if kind in {"string", "integer", "number"}:
            return {"type": kind, "enum": values}
        if kind == "boolean" and len(values) > 1:
            return {"type": kind}
        self.source.widen(path, keyword, "an enum holds texts and numbers only, so the description lists the values")
        return {"type": kind, "description": one_of(values)}

    def _bounds(self, node: JsonObject, types: tuple[str, ...], path: str, out: JsonObject, notes: list[str]) -> None:
        low, high = limits(node, path)
        whole = "integer" in types and "number" not in types
        if low is not None:
            out["minimum"] = math.floor(low.value) + 1 if low.open and whole else low.value
        if high is not None:
            out["maximum"] = math.ceil(high.value) - 1 if high.open and whole else high.value
        for limit, keyword, word in ((low, "exclusiveMinimum", "Greater"), (high, "exclusiveMaximum", "Less")):
            if limit is not None and limit.open and not whole:
                self.source.widen(path, keyword, "the bound itself is let through")
                notes.append(f"{word} than {limit.value}.")

    def _object(
        self, node: JsonObject, path: str, depth: int, owner: tuple[JsonObject, str] | None, out: JsonObject
    ) -> None:
        required = dict.fromkeys(names(node, "required", path))
        if required:
            out["required"] = list(required)
        if properties := mapping(node, "properties", path):
            out["properties"] = written = {}
            outside = self.optional
            for name, value in properties.items():
                spot = below(path, f"properties.{name}")
                if value is False and name not in required:
                    self.source.widen(spot, "properties", "a forbidden property is left out")
                    continue
                self.optional = outside or name not in required
                written[name] = self.write(value, spot, depth + 1, (out, name))
            self.optional = outside
            if not written:
                del out["properties"]
        if order := [name for name in names(node, "propertyOrdering", path) if name in properties]:
            out["propertyOrdering"] = order
        extra = node.get("additionalProperties")
        if isinstance(extra, bool):
            out["additionalProperties"] = extra
        elif extra is not None:
            out["additionalProperties"] = self.write(extra, below(path, "additionalProperties"), depth + 1, owner)

    def _array(
        self, node: JsonObject, path: str, depth: int, owner: tuple[JsonObject, str] | None, out: JsonObject
    ) -> None:
        items = node.get("items")
        rest, key = items, "items"
        if "prefixItems" in node or isinstance(items, list):
            place = "prefixItems" if "prefixItems" in node else "items"
            rest, key = (items, "items") if "prefixItems" in node else (node.get("additionalItems"), "additionalItems")
            out["prefixItems"] = [
                self.write(member, below(path, f"{place}[{index}]"), depth + 1, owner)
                for index, member in enumerate(members(node, place, path))
            ]
        if rest is False:
            most = len(out.get("prefixItems", ()))
            out["maxItems"] = min(most, out.get("maxItems", most))
        elif rest is not None and rest is not True:
            out["items"] = self.write(rest, below(path, key), depth + 1, owner)

    def _annotated(self, out: JsonObject, node: JsonObject, path: str, notes: list[str]) -> JsonObject:
        """Return `out` with title, description and format of `node`.

        Examples and default go into the description; a default that is null or holds nothing is left out.
        """
        said = [out["description"], *notes] if "description" in out else list(notes)
        said += example("Example", node.get("example"))
        if isinstance(examples := node.get("examples"), list):
            said += example("Examples", *examples)
        said += example("Default", node.get("default"))
        if description := join(node.get("description"), said):
            out["description"] = description
        for key in ("title", "format"):
            if isinstance(value := node.get(key), str) and value:
                out[key] = value
        if not path and isinstance(identity := node.get("$id"), str):
            out["$id"] = identity
        return out


def _lone(node: JsonObject) -> str | None:
    """Return the reference of a schema that is one, with nothing beside it but annotations; else `None`."""
    rest = node.keys() - ANNOTATIONS
    if rest == {"$ref"} and isinstance(node["$ref"], str):
        return node["$ref"]
    if rest == {"allOf"} and isinstance(node["allOf"], list) and len(node["allOf"]) == 1:
        member = node["allOf"][0]
        if isinstance(member, dict) and member.keys() == {"$ref"} and isinstance(member["$ref"], str):
            return member["$ref"]
    return None

"""A whole schema that is being read: `$ref` followed, `allOf` taken together.

Both writers (`parameters`, `json_schema`) and `conformance` see a schema through here only, so that they agree on what
it means. Nothing is ever written into the schema that was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from gstream.schema.keywords import below, members
from gstream.schema.merging import merged
from gstream.schema.widenings import JsonObject, Widening, as_given, refusal

if TYPE_CHECKING:
    from gstream.schema.place import Place

__all__ = ["Source"]

_COMBINING: Final = frozenset({"$ref", "allOf"})

_DEEPEST_ALL_OF: Final = 40
"""How many `allOf` and `$ref` may hang directly in one another; hand-written schemas have two or three."""

_MOST_ALL_OF: Final = 1_000
"""How many members one schema may be made of: two that each refer twice to the next two, and so on, multiply."""

_LONGEST_INDEX: Final = 9
"""Digits of a list's index in a JSON pointer."""


class Source:
    """One schema that is being read: it resolves references and keeps the list of what was widened."""

    def __init__(self, root: JsonObject) -> None:
        self.root = root
        self.scopes: list[JsonObject] = []
        """Enclosing schemas with definitions of their own, outermost first: schemas that were pasted together keep
        `#/$defs/X` pointing at definitions that no longer lie at the root. Who reads a schema removes its scopes."""
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

    def enter(self, node: JsonObject) -> None:
        """Make the definitions of `node` known, if it has its own, for the references in it."""
        if "$defs" in node or "definitions" in node:
            self.scopes.append(node)

    def resolve(self, ref: object, path: str | Place) -> Any:
        """Return what `ref` (`#`, `#/$defs/X`, any JSON pointer, `#anchor`) points at.

        Raises:
            RequestError: it points outside this schema, or at nothing.
        """
        if not isinstance(ref, str):
            raise refusal(path, f"has a $ref that is no text (got {as_given(ref)})", "write it as '#/$defs/Name'")
        if ref in self._resolved:
            return self._resolved[ref]
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

    def flat(self, node: object, path: str) -> tuple[JsonObject, list[str]]:
        """Return `node` without `$ref` and `allOf`, and the references that were followed for it, each once.

        What stands beside a `$ref` or `allOf` is one more member: its constraints are added, its annotations win.
        Definitions inside what it refers to are known from then on (`scopes`).

        Raises:
            RequestError: `node` is no schema, a reference cannot be resolved or leads back to itself, or the members
                contradict each other.
        """
        if isinstance(node, dict) and "$ref" not in node and "allOf" not in node:
            return node, []
        entered: list[str] = []
        result = self._flat(node, path, entered, ())
        return result, list(dict.fromkeys(ref for ref in entered if ref))

    def merged(self, first: JsonObject, second: JsonObject, path: str) -> JsonObject:
        """Return one schema for two that hold together, and note of which keywords only the first is said."""
        result, lost = merged(first, second, path)
        for key in lost:
            self.widen(path, key, "of several under allOf only the first is said")
        return result

    def _flat(self, node: object, path: str, entered: list[str], active: tuple[str, ...]) -> JsonObject:
        """Return one member without `$ref` and `allOf`.

        Args:
            node: the member as given.
            path: where the whole schema stands.
            entered: what was followed so far: a reference, or empty for a member of an `allOf`; it grows.
            active: the same, of what leads here.
        """
        if node is True:
            return {}
        if not isinstance(node, dict):
            raise refusal(path, f"is no schema (got {as_given(node)})", "write an object with a type")
        if "$ref" not in node and "allOf" not in node:
            return node
        if len(active) > _DEEPEST_ALL_OF or len(entered) > _MOST_ALL_OF:
            raise refusal(path, "nests allOf too deeply", "merge some of its members")
        result: JsonObject = {}
        if "$ref" in node:
            target, ref = self.resolve(node["$ref"], path), node["$ref"]
            if ref in active:
                raise refusal(path, f"refers to {ref!r}, which is nothing but itself", "give that definition a type")
            entered.append(ref)
            if isinstance(target, dict) and target is not self.root:
                self.enter(target)
            result = self._flat(target, path, entered, (*active, ref))
        for index, member in enumerate(members(node, "allOf", path) if "allOf" in node else ()):
            entered.append("")
            spot = below(path, f"allOf[{index}]")
            result = self.merged(result, self._flat(member, spot, entered, (*active, "")), path)
        rest = {key: value for key, value in node.items() if key not in _COMBINING}
        return self.merged(result, rest, path)


def _pointed(scope: JsonObject, ref: str) -> tuple[bool, Any]:
    target: Any = scope
    for step in unquote(ref[2:]).split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(target, dict) and name in target:
            target = target[name]
        elif isinstance(target, list) and name.isdecimal() and len(name) <= _LONGEST_INDEX and int(name) < len(target):
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

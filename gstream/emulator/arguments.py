"""A value for a schema out of the words of a text: for the arguments of a call, and for an answer in JSON.

Takes the OpenAPI subset and JSON Schema alike. What the words do not give, the name of the property and the limits of
the schema do; the value always fits the schema (`pattern` by words or by construction), its description included
where that says what the keywords cannot (`instructed`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gstream.emulator.instructed import instructed
from gstream.emulator.numbers import nearest
from gstream.emulator.patterns import matching
from gstream.emulator.strings import another, text_for
from gstream.emulator.words import Words, stems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gstream.emulator.errors import JsonObject

__all__ = ["Filling"]

_DEEPEST: Final = 6
"""Levels of nesting after which only what is required is filled in."""
_BOTTOM: Final = 40
"""Levels after which a schema that demands itself without end is given up."""
_LONGEST_LIST: Final = 3
_NULL: Final[JsonObject] = {"type": "null"}


@dataclass
class Filling:
    """One value in the making: it takes each number and name of the text once, as far as they last."""

    words: Words
    root: Any
    """The schema that references point into."""
    fallback: Words | None = None
    """A wider text, asked where `words` has nothing of a kind."""
    generous: bool = False
    """Whether optional properties are filled in too (answers are complete, calls are sparing)."""
    lead: str | None = None
    """The first name to hand out."""
    _numbers: list[float | int] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        wider = self.fallback or self.words
        self._numbers = list(self.words.numbers or wider.numbers)
        self._names = list(self.words.names or wider.names)
        if self.lead is not None:
            self._names = [self.lead, *(name for name in self._names if name != self.lead)]

    def value(self, schema: Any, name: str = "", depth: int = 0) -> Any:
        """Return a value for a schema; `name` is the property's, for hints."""
        if depth >= _DEEPEST and (depth >= _BOTTOM or _takes_null(schema)):
            return None
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._chosen(schema)
        kind = _kind(schema)
        if kind in {"object", "array"}:
            return self._object(schema, depth) if kind == "object" else self._array(schema, name, depth)
        return self._scalar(kind, schema, name)

    def _scalar(self, kind: str, schema: JsonObject, name: str) -> Any:
        if kind in {"integer", "number"}:
            return self._number(schema, whole=kind == "integer")
        if kind == "boolean":
            return self._boolean(name)
        return None if kind == "null" else self._string(schema, name)

    # --- what the schema says

    def _resolved(self, schema: Any) -> JsonObject:
        """Return the schema with references followed, alternatives chosen and conjunctions joined."""
        for _ in range(32):  # a chain of references longer than that is a circle
            if not isinstance(schema, dict):
                return {}
            if "$ref" in schema:
                schema = self._target(schema["$ref"])
                continue
            schema = instructed(schema)
            for key in ("anyOf", "any_of", "oneOf"):
                if schema.get(key):
                    rest = {name: inner for name, inner in schema.items() if name != key}
                    schema = {**rest, **self._alternative(schema[key])}
                    break
            else:
                return self._joined(schema)
        return {}

    def _alternative(self, options: list[Any]) -> JsonObject:
        """Return the first alternative that is not null, or the one whose name or value the text mentions."""
        resolved = [self._resolved(option) for option in options]
        real = [option for option in resolved if _kind(option) != "null"] or [_NULL]
        told = self.words.stems
        return max(
            real,
            key=lambda option: sum(
                stem in told for stem in stems(f"{option.get('title', '')} {' '.join(option.get('properties', ()))}")
            ),
        )

    def _joined(self, schema: JsonObject) -> JsonObject:
        members = schema.get("allOf")
        if not members:
            return schema
        result = {name: inner for name, inner in schema.items() if name != "allOf"}
        for member in map(self._resolved, members):
            properties = {**result.get("properties", {}), **member.get("properties", {})}
            required = [*result.get("required", ()), *member.get("required", ())]
            result = {**result, **member}
            if properties:
                result |= {"properties": properties, "required": list(dict.fromkeys(required))}
        return result

    def _target(self, reference: str) -> Any:
        target = self.root
        for step in reference.lstrip("#").split("/"):
            if step and isinstance(target, dict):
                target = target.get(step.replace("~1", "/").replace("~0", "~"), {})
        return target

    # --- values

    def _object(self, schema: JsonObject, depth: int) -> JsonObject:
        properties: JsonObject = schema.get("properties", {})
        required = set(schema.get("required", ()))
        ordering = schema.get("propertyOrdering") or schema.get("property_ordering") or list(properties)
        ordered = [name for name in ordering if name in properties]
        ordered += [name for name in properties if name not in ordered]
        result: JsonObject = {}
        for name in ordered:
            if name in required or self._is_wanted(name, properties[name], depth):
                result[name] = self.value(properties[name], name, depth + 1)
        for name in required - properties.keys():
            result[name] = self.value({}, name, depth + 1)
        self._add_entries(schema, result, depth)
        return result

    def _is_wanted(self, name: str, schema: Any, depth: int) -> bool:
        """Return whether an optional property is filled in: if the text says its name or one of its values."""
        if depth >= _DEEPEST or (depth > 1 and self._is_recursive(schema)):
            return False
        if self.generous:
            return True
        resolved = self._resolved(schema)
        told = self.words.stems
        if any(stem in told for stem in stems(name)):
            return True
        return any(self._is_told(value) for value in resolved.get("enum", ()))

    def _is_recursive(self, schema: Any) -> bool:
        text = str(schema)
        return "$ref" in text

    def _add_entries(self, schema: JsonObject, result: JsonObject, depth: int) -> None:
        """Fill a dictionary: as many entries as demanded, one where nothing else is there."""
        extra = schema.get("additionalProperties")
        if extra is True and not schema.get("properties"):
            extra = {}
        by_pattern = [entry for entry in schema.get("patternProperties", {}).items() if isinstance(entry[1], dict)]
        at_least = int(schema.get("minProperties", 0))
        if not (isinstance(extra, dict) or by_pattern) or depth >= _DEEPEST:
            if at_least <= len(result) or extra is False:
                return
            extra, by_pattern = {}, []
        wanted = max(at_least, 0 if schema.get("properties") else 1)
        pattern, inner = by_pattern[0] if by_pattern else ("", extra)
        for key in self._keys(schema.get("propertyNames"), pattern):
            if len(result) >= wanted:
                return
            if key not in result:
                result[key] = self.value(inner, key, depth + 1)

    def _keys(self, names: Any, pattern: str) -> Iterator[str]:
        """Yield keys for a dictionary: words of the text, then numbered ones; what its rules for keys allow."""
        rule = {"type": "string", **(self._resolved(names) if names else {})}
        if pattern:
            rule = {"pattern": pattern, **rule}
        if rule.get("enum"):
            yield from (key for key in rule["enum"] if isinstance(key, str))
        elif rule.keys() - {"type", "title", "description"}:
            first = str(self.value(rule, "key"))
            yield first
            yield from (key for number in range(1, 100) if (key := _other(first, number, rule)) is not None)
        else:
            yield from (key.replace(" ", "_").lower() for key in self.words.telling)
            yield from (f"key_{number}" for number in range(1, 100))

    def _array(self, schema: JsonObject, name: str, depth: int) -> list[Any]:
        prefix = schema.get("prefixItems", [])
        result = [self.value(inner, f"{name} {number}", depth + 1) for number, inner in enumerate(prefix, start=1)]
        items = schema.get("items", {})
        if items is False:
            return result
        least, most = int(schema.get("minItems", 0)), int(schema.get("maxItems", 2**31))
        item = self._resolved(items)
        kind = _kind(item)
        supply = {"integer": len(self._numbers), "number": len(self._numbers), "string": len(self._names)}.get(kind, 1)
        count = max(least, min(most, _LONGEST_LIST if kind == "string" else most, max(1, supply)))
        if prefix or (depth >= _DEEPEST - 1 and kind in {"object", "array"}):
            count = max(least, len(result))
        while len(result) < count:
            value = self.value(items, _singular(name), depth + 1)
            if schema.get("uniqueItems") and _is_among(value, result):
                others = (_other(value, number, item) for number in range(len(result), 100))
                value = next((one for one in others if one is not None and not _is_among(one, result)), None)
                if value is None:
                    break
            result.append(value)
        return result[: max(most, 0)]

    def _chosen(self, schema: JsonObject) -> Any:
        values = [value for value in schema["enum"] if value is not None] or [None]
        chosen = next((value for value in values if self._is_told(value)), values[0])
        if _kind(schema) in {"integer", "number"} and isinstance(chosen, str):
            return int(chosen) if chosen.lstrip("-").isdigit() else float(chosen)
        return chosen

    def _is_told(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return False
        if not isinstance(value, str):
            return value in self.words.numbers
        text = self.words.text.lower()
        spoken = value.lower().replace("_", " ")
        return bool(spoken) and (spoken in text or value.lower() in text)

    def _number(self, schema: JsonObject, *, whole: bool) -> float | int:
        fitting = [n for n in self._numbers if not whole or float(n).is_integer()]
        for number in fitting:
            candidate = int(number) if whole else number
            if candidate == nearest(candidate, schema, whole=whole):
                self._numbers.remove(number)
                return candidate
        start = fitting[0] if fitting else schema.get("default", schema.get("example", 1))
        if isinstance(start, bool) or not isinstance(start, int | float):
            start = 1
        return nearest(start, schema, whole=whole)

    def _boolean(self, name: str) -> bool:
        text = self.words.text.lower()
        spoken = name.lower().replace("_", " ")
        denied = any(f"{no} {spoken}" in text for no in ("not", "no", "without", "don't"))
        return not (denied or "false" in text)

    def _string(self, schema: JsonObject, name: str) -> str:
        least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 2**31))
        if schema.get("contentMediaType") == "application/json":
            return json.dumps(self.value(schema.get("contentSchema", {}), name), ensure_ascii=False)
        pattern = schema.get("pattern")
        if pattern:
            return matching(pattern, [*self._names, *self.words.telling], least, most)
        text, used = text_for(name, schema, self.words, self.fallback or self.words, self._names)
        if used in self._names:
            self._names.remove(used)
            if not self._names:  # the last name serves once more rather than nothing
                self._names.append(used)
        while len(text) < least:
            text = f"{text} {text}".strip() or "x"
        return text[:most] if len(text) > most else text


def _kind(schema: JsonObject) -> str:
    """Return the JSON type in lower case; what is not said is told from the other keywords."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if str(one).lower() != "null"), "null")
    if isinstance(kind, str) and kind != "TYPE_UNSPECIFIED":
        return kind.lower()
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else "string"


def _takes_null(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    kind = schema.get("type")
    options = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return (
        bool(schema.get("nullable"))
        or "null" in (kind if isinstance(kind, list) else [kind])
        or any(map(_takes_null, options))
    )


def _singular(name: str) -> str:
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def _other(value: Any, number: int, schema: JsonObject) -> Any:
    """Return the value of that number beside one that is taken already; `None` where there is none."""
    if schema.get("enum"):
        return schema["enum"][number] if number < len(schema["enum"]) else None
    if isinstance(value, str):
        if schema.get("pattern"):
            other: str | None = matching(schema["pattern"], _varied(value, number), len(value), len(value))
        else:
            other = another(value, number, schema.get("format", ""))
        return other if other and len(other) <= int(schema.get("maxLength", 2**31)) else None
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        step = number * schema.get("multipleOf", 1)
        near = (nearest(value + sign * step, schema, whole=isinstance(value, int)) for sign in (1, -1))
        return next((one for one in near if one != value), None)
    return None


def _varied(text: str, number: int) -> list[str]:
    """Return texts of the same length with another end, for a pattern to choose from."""
    return [f"{text[:-1]}{chr(first + number % count)}" for first, count in ((ord("A"), 26), (ord("a"), 26), (48, 10))]


def _is_among(value: Any, others: list[Any]) -> bool:
    return any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in others)

"""What a target cannot say of a schema: the record of it, and the words that go into the description instead.

A widening lets more values through than the schema does; it is never a different type. In `parameters` alone some let
fewer through as well: the cut end of a recursion (`$ref`), a type taken from other keywords, and "any value" (`type`),
a tuple of as many items as it has places (`prefixItems`, `items`), the properties of the root's alternatives together
in one object (`anyOf`, `oneOf`), the empty text among others (`enum`), a forbidden property (`properties`).

Must not live here: which keyword a target knows (`subset`, `parameters`, `json_schema`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from gstream.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gstream.schema.place import Place

__all__ = [
    "INFORMAL",
    "JsonObject",
    "Widening",
    "as_given",
    "example",
    "in_words",
    "join",
    "refusal",
    "remarks",
    "shown",
    "spelt",
]

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object as `json.loads` returns it."""


@dataclass(frozen=True, slots=True)
class Widening:
    """One keyword of a schema that the target cannot say in full."""

    path: str
    """Where it stands in the schema, e.g. `properties.kids.items`; empty for the schema itself. References are
    followed, so a path may pass through a definition without naming it."""
    keyword: str
    """The JSON Schema keyword, e.g. `uniqueItems`."""
    why: str
    """What was done instead, as half a sentence."""


INFORMAL: Final[Mapping[str, str]] = {
    "$dynamicRef": "",
    "$recursiveRef": "",
    "contains": "",
    "contentEncoding": "Encoding: {}.",
    "contentMediaType": "Media type: {}.",
    "contentSchema": "Content: {}.",
    "dependencies": "",
    "dependentRequired": "",
    "dependentSchemas": "",
    "if": "",
    "maxContains": "",
    "minContains": "",
    "multipleOf": "A multiple of {}.",
    "not": "",
    "patternProperties": "Keys that match {}.",
    "propertyNames": "Each key: {}.",
    "unevaluatedItems": "",
    "unevaluatedProperties": "",
    "uniqueItems": "No item twice.",
}
"""Keywords no target knows, and how the description says them (empty: not at all)."""


_OPEN: Final = frozenset(
    {"contentSchema", "patternProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties"}
)
"""Those of them that let everything through if they are true or hold nothing."""


def remarks(node: JsonObject, informal: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return `(keyword, sentence)` of each keyword of `node` listed in `informal`; the sentence may be empty.

    A schema within is said only if it stands on its own: a sentence cannot refer to a definition.
    """
    found = []
    for keyword, value in node.items():
        template = informal.get(keyword)
        if template is None or (keyword == "uniqueItems" and value is not True):
            continue
        if keyword in _OPEN and (value is True or value == {}):
            continue
        if keyword == "patternProperties" and isinstance(value, dict):
            entries = [f"{pattern}; each value: {said}" for pattern, inner in value.items() if (said := _within(inner))]
            found += [(keyword, template.format(entry)) for entry in entries] or [(keyword, "")]
            continue
        said = str(value) if isinstance(value, str | int | float) else _within(value)
        found.append((keyword, template.format(said) if said else ""))
    return found


def _within(value: object) -> str:
    """Return a schema that stands in a sentence; empty if it cannot stand there."""
    if not isinstance(value, dict) or not value:
        return ""
    written = in_words(value)
    return "" if "$ref" in written else written


_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)

_NOTHING: Final = frozenset({"null", "[]", "{}"})
"""What tells a model nothing as a default or example."""

_SHOWN: Final = 60
"""How many characters of a value a sentence repeats."""


def as_json(value: object) -> str | None:
    """Return `value` as compact JSON; `None` where JSON cannot hold it."""
    try:
        return _JSON.encode(value)
    except (TypeError, ValueError, RecursionError):
        return None


def spelt(value: object) -> str:
    """Return `value` as compact JSON; the name of its class where JSON cannot hold it."""
    return as_json(value) or repr(type(value).__name__)


def example(name: str, *values: object) -> list[str]:
    """Return the sentence that gives examples or a default: none where there is nothing but null and empty values.

    Args:
        name: with what the sentence begins, e.g. `Default`.
        values: as the schema has them; those that JSON cannot hold are left out.
    """
    texts = [text for value in values if (text := as_json(value)) and text not in _NOTHING]
    return [f"{name}: {', '.join(texts)}."] if texts else []


def shown(value: object) -> str:
    """Return the beginning of `value` as compact JSON, for a sentence; the rest of a large value is not looked at."""
    text = ""
    try:
        for piece in _JSON.iterencode(value[: _SHOWN + 1] if isinstance(value, str) else value):
            text += piece
            if len(text) > _SHOWN:
                return f"{text[:_SHOWN]}..."
    except (TypeError, ValueError, RecursionError):
        return repr(type(value).__name__)
    return text


def as_given(value: object) -> str:
    """Return the beginning of what a caller wrote, as Python spells it, for a sentence."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits
        text = type(value).__name__
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def in_words(schema: JsonObject) -> str:
    """Return a schema in as few words as say it: "integer", "integer or null", else compact JSON."""
    if schema.keys() <= {"type", "nullable"} and isinstance(schema.get("type"), str):
        return f"{schema['type'].lower()}{' or null' if schema.get('nullable') is True else ''}"
    return spelt(schema)


def join(description: object, notes: list[str]) -> str:
    """Return the description with `notes` behind it, each as its own sentence; empty if there is neither."""
    first = description.strip() if isinstance(description, str) else ""
    if first and notes and first[-1] not in ".!?:。！？：":  # noqa: RUF001 - full stops of Chinese and Japanese
        first += "."
    return " ".join([first, *notes] if first else notes)


def refusal(path: str | Place, complaint: str, remedy: str) -> RequestError:
    """Return the error of a schema that cannot be sent: where, what is wrong (half a sentence), what to do."""
    at = str(path)
    where = f"The schema at {at!r}" if at else "The schema"
    return RequestError(f"{where} {complaint}: {remedy}.")

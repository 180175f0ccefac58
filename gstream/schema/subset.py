"""Pieces of the OpenAPI subset that hold no schema of the caller's: choices, annotations, the word for "anything".

Must not live here: the walk through a schema (`parameters`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gstream.schema.choices import allowed, by_kind, one_of
from gstream.schema.keywords import types_of
from gstream.schema.literals import kind_of
from gstream.schema.widenings import example, in_words, join

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gstream.schema.references import Source
    from gstream.schema.widenings import JsonObject

__all__ = ["FORMATS", "annotated", "anything", "brief", "folded", "places", "write_choice"]

FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "string": ("enum", "date-time"),
    "number": ("float", "double"),
    "integer": ("int32", "int64"),
}
"""Formats kept. For others the API has answered 400 "only 'enum' and 'date-time' are supported for STRING type"
(https://github.com/google-gemini/gemini-cli/issues/3178), though its description now says any value is allowed."""


_NAME: Final = re.compile(r"[A-Z]\w*")
"""A title that stands for its object in a sentence; those of generic classes hold brackets and commas."""


_LONGEST: Final = 2_000
"""Characters of a schema that stands in a sentence."""


def anything(lists: int = 2) -> JsonObject:
    """Return the subset's word for "any value": each type but INTEGER, which NUMBER holds.

    Args:
        lists: how many levels of lists in lists are named; an array needs `items`, so there has to be a last one.
    """
    kinds: list[JsonObject] = [{"type": kind} for kind in ("STRING", "NUMBER", "BOOLEAN", "OBJECT")]
    if lists:
        kinds.append({"type": "ARRAY", "items": anything(lists - 1)})
    return {"anyOf": kinds, "nullable": True}


_ANYTHING: Final = tuple(anything(lists) for lists in range(3))


def folded(written: list[JsonObject], *, nullable: bool) -> tuple[list[JsonObject], bool]:
    """Return alternatives without null, repetitions and bare unions in unions; and whether one of them was null."""
    result: list[JsonObject] = []
    for alternative in written:
        if alternative.get("type") == "NULL":
            nullable = True
            continue
        nullable = alternative.pop("nullable", False) or nullable
        for kind in alternative["anyOf"] if alternative.keys() == {"anyOf"} else (alternative,):
            if kind not in result:
                result.append(kind)
    return result, nullable


def write_choice(node: JsonObject, path: str, source: Source) -> JsonObject:
    """Return a schema with `enum` or `const`: the enum of the subset holds texts only.

    Other values become a schema of their type, with bounds where they are numbers, and a sentence that lists them.

    Raises:
        RequestError: no value is left, or JSON cannot hold one.
    """
    groups = by_kind(allowed(node, path, source), path)
    nullable = groups.pop("null", None) is not None or node.get("nullable") is True
    fractions = types_of(node, path) == ("number",)
    written = [
        _values("number" if kind == "integer" and fractions else kind, values, node, path, source)
        for kind, values in groups.items()
    ]
    if not written:
        return annotated({"type": "NULL"}, node, path)
    union = written[0] if len(written) == 1 else {"anyOf": written}
    return annotated(union, node, path, nullable=nullable)


def _values(kind: str, values: list[Any], node: JsonObject, path: str, source: Source) -> JsonObject:
    keyword = "enum" if "enum" in node else "const"
    out: JsonObject = {"type": kind.upper()}
    if kind == "string":
        if texts := [text for text in values if text]:
            out["enum"] = texts
        if "" in values:  # `enum[0]: cannot be empty`: https://github.com/anomalyco/opencode/pull/46676
            source.widen(path, keyword, "the API refuses an empty text there, so the description allows it")
            out["description"] = 'May also be "".' if texts else 'Must be "".'
        if texts and node.get("format") in FORMATS["string"]:
            out["format"] = node["format"]
        return out
    exact = False
    if kind in {"integer", "number"}:
        out["minimum"], out["maximum"] = min(values), max(values)
        exact = len(values) == (out["maximum"] - out["minimum"] + 1 if kind == "integer" else 1)
    elif kind == "array":
        out["items"] = anything()
    if kind == "boolean" and len(values) > 1:
        return out
    if not exact:
        source.widen(path, keyword, "an enum holds texts only, so the description lists the values")
    return {**out, "description": one_of(values)}


def annotated(
    out: JsonObject, node: JsonObject, path: str, notes: Sequence[str] = (), *, nullable: bool = False
) -> JsonObject:
    """Add to `out` what `node` says about itself and return it.

    The description is the one of `node`, then what `out` was described with, then `notes`, then examples (the subset
    has `example` for the root only) and a default that the API would not take (an object, lists in lists). A default
    that is null or holds nothing is left out.
    """
    said = [out["description"], *notes] if "description" in out else list(notes)
    if "example" in node and not path and _plain(node["example"]):
        out["example"] = node["example"]
    else:
        said += example("Example", node.get("example"))
    if isinstance(examples := node.get("examples"), list):
        said += example("Examples", *examples)
    default = node.get("default")
    if not (plain := _plain(default)):
        said += example("Default", default)
    if (said or "description" in node) and (description := join(node.get("description"), said)):
        out["description"] = description
    if isinstance(title := node.get("title"), str) and title:
        out["title"] = title
    if plain:
        out["default"] = default
    if nullable:
        out["nullable"] = True
    return out


def brief(written: JsonObject) -> str:
    """Return a schema of the subset in as few words as say it: "integer", "integer or null", "any", else JSON.

    Where the JSON is long, its type: descriptions that hold descriptions double with every level.
    """
    if written in _ANYTHING:
        return "any"
    text = in_words(written)
    return text if len(text) <= _LONGEST else str(written.get("type", "any of several kinds")).lower()


def places(written: Sequence[JsonObject]) -> str:
    """Return the schemas of a tuple's places, separated by commas: as `brief`, but an object by its title.

    The object itself stands among the kinds of the items, so its title says which; a title that two of them have, or
    that could be taken for another word, says nothing.
    """
    plain = [{key: value for key, value in place.items() if key != "nullable"} for place in written]
    said = []
    for place, own in zip(written, plain, strict=True):
        title = own.get("title", "")
        alone = all(other == own for other in plain if other.get("title") == title)
        if alone and own.get("type") == "OBJECT" and _NAME.fullmatch(title):
            said.append(f"{title} or null" if "nullable" in place else title)
        else:
            said.append(brief(place))
    return ", ".join(said)


def _plain(value: object) -> bool:
    """Tell whether a default or example can be sent: no null, nothing empty, nothing that JSON cannot hold."""
    if isinstance(value, list):
        return bool(value) and all(_plain(item) and not isinstance(item, list) for item in value)
    return kind_of(value) in {"string", "integer", "number", "boolean"}

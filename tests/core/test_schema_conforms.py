"""Verdicts on answers, keyword by keyword; a whole validator has to agree where both read the same draft."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import collections
import enum
from dataclasses import dataclass
from typing import Any

import jsonschema
import pytest

from gstream.errors import RequestError
from gstream.schema import conforms


@dataclass(frozen=True)
class Row:
    id: str
    schema: dict[str, Any]
    fits: tuple[Any, ...] = ()
    fails: tuple[Any, ...] = ()


LONG = {
    "$defs": {"L": {"properties": {"next": {"$ref": "#/$defs/L"}, "value": {"type": "integer"}}}},
    "$ref": "#/$defs/L",
}
CLOSED = {"unevaluatedProperties": False}
FULL = {"unevaluatedItems": False}

# fmt: off
ROWS = [
    Row("one type", {"type": "string"}, fits=("", "a"), fails=(1, None, True, [], {})),
    Row("null", {"type": "null"}, fits=(None,), fails=(0, "", False, [])),
    Row("boolean is no number", {"type": "boolean"}, fits=(True, False), fails=(0, 1, None)),
    Row("whole floats are integers", {"type": "integer"}, fits=(1, 1.0, -3), fails=(1.5, True, "1")),
    Row("integers are numbers", {"type": "number"}, fits=(1, 1.5), fails=(True, "1")),
    Row("array", {"type": "array"}, fits=([],), fails=({}, "a")),
    Row("object", {"type": "object"}, fits=({},), fails=([], "a", None)),
    Row("several types", {"type": ["string", "null"]}, fits=("a", None), fails=(1, [])),
    Row("const", {"const": 1}, fits=(1, 1.0), fails=(True, 2, "1")),
    Row("const of null", {"const": None}, fits=(None,), fails=(0, False, "")),
    Row("const of an object", {"const": {"a": [1, {"b": None}]}}, fits=({"a": [1, {"b": None}]}, {"a": [1.0, {"b": None}]}), fails=({"a": [True, {"b": None}]}, {"a": [1]}, {}, {"a": [1, {"b": None}], "c": 1}, {"b": [1, {"b": None}]})),
    Row("enum", {"enum": ["a", 1, None]}, fits=("a", 1, 1.0, None), fails=("b", True, 0, False, ["a"])),
    Row("enum of booleans", {"enum": [True]}, fits=(True,), fails=(1, False)),
    Row("enum of zeros", {"enum": [0, "0"]}, fits=(0, "0", 0.0), fails=(False, "")),
    Row("enum of lists", {"enum": [[1], []]}, fits=([1], [], [1.0]), fails=([True], [[1]], [2], {})),
    Row("enum and const", {"enum": [1, 2], "const": 2}, fits=(2,), fails=(1, 3)),
    Row("minimum", {"minimum": 2}, fits=(2, 2.5, "1", True), fails=(1, 1.9, -5)),
    Row("maximum", {"maximum": 2}, fits=(2, 1.5, "3", None), fails=(3, 2.1)),
    Row("open minimum", {"exclusiveMinimum": 2}, fits=(3, 2.1), fails=(2, 2.0, 1)),
    Row("open maximum", {"exclusiveMaximum": 2}, fits=(1, 1.9), fails=(2, 2.0, 3)),
    Row("the narrower minimum counts", {"minimum": 3, "exclusiveMinimum": 2}, fits=(3,), fails=(2.5, 2)),
    Row("the narrower open minimum counts", {"minimum": 2, "exclusiveMinimum": 3}, fits=(3.5,), fails=(3, 2.5)),
    Row("at one place the open minimum counts", {"minimum": 2, "exclusiveMinimum": 2}, fits=(3,), fails=(2,)),
    Row("the narrower maximum counts", {"maximum": 2, "exclusiveMaximum": 3}, fits=(2,), fails=(2.5, 3)),
    Row("the narrower open maximum counts", {"maximum": 3, "exclusiveMaximum": 2}, fits=(1,), fails=(2, 3)),
    Row("bounds of zero", {"minimum": 0, "maximum": 0}, fits=(0,), fails=(-1, 1)),
    Row("multiple of an integer", {"multipleOf": 3}, fits=(0, 3, -6, 9.0, "a", True), fails=(1, 4, 3.5)),
    Row("multiple of a fraction", {"multipleOf": 0.5}, fits=(0.5, 1, 2.0), fails=(0.3, 1.2)),
    Row("length", {"minLength": 2, "maxLength": 3}, fits=("ab", "abc", 1, ["a"]), fails=("a", "abcd", "")),
    Row("pattern", {"pattern": "^a"}, fits=("a", "ab", 1), fails=("b", "", "ba")),
    Row("items", {"items": {"type": "integer"}}, fits=([], [1, 2], "a", {"0": "a"}), fails=(["a"], [1, None])),
    Row("no items", {"items": False}, fits=([],), fails=([1], [None])),
    Row("size of a list", {"minItems": 1, "maxItems": 2}, fits=([1], [1, 2], "", {}), fails=([], [1, 2, 3])),
    Row("places", {"prefixItems": [{"type": "integer"}, {"type": "string"}]}, fits=([], [1], [1, "a"], [1, "a", None], "a"), fails=(["a"], [1, 2])),
    Row("places and the rest", {"prefixItems": [{"type": "integer"}], "items": {"type": "string"}}, fits=([1], [1, "a", "b"]), fails=([1, 2], [1, "a", 2])),
    Row("places and nothing more", {"prefixItems": [{}], "items": False}, fits=([], [1]), fails=([1, 2],)),
    Row("no item twice", {"uniqueItems": True}, fits=([], [1, 2], [1, True], [0, False], [[1], [True]], "aa"), fails=([1, 1], [1, 1.0], [[1], [1]], [{"a": 1, "b": 2}, {"b": 2, "a": 1}])),
    Row("items may come twice", {"uniqueItems": False}, fits=([1, 1],)),
    Row("contains", {"contains": {"type": "integer"}}, fits=([1], ["a", 1], "a", {}), fails=([], ["a"])),
    Row("contains several", {"contains": {"type": "integer"}, "minContains": 2, "maxContains": 3}, fits=([1, 2], [1, "a", 2, 3]), fails=([1], [1, 2, 3, 4], [])),
    Row("contains none", {"contains": {"type": "integer"}, "minContains": 0}, fits=([], ["a"], [1])),
    Row("contains at most", {"contains": {"type": "integer"}, "maxContains": 1}, fits=([1], ["a", 1]), fails=([1, 2], [])),
    Row("properties", {"properties": {"a": {"type": "integer"}}}, fits=({}, {"a": 1}, {"b": "x"}, [], "a"), fails=({"a": "x"}, {"b": 1, "a": None})),
    Row("required", {"required": ["a", "b"]}, fits=({"a": 1, "b": None}, [], "a"), fails=({}, {"a": 1}, {"b": 1})),
    Row("closed", {"properties": {"a": {}}, "additionalProperties": False}, fits=({}, {"a": 1}, []), fails=({"b": 1}, {"a": 1, "b": 1})),
    Row("further properties", {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}}, fits=({"a": "x", "b": 1},), fails=({"b": "x"},)),
    Row("properties by pattern", {"patternProperties": {"^a": {"type": "integer"}, "z$": {"minimum": 3}}}, fits=({"a": 1}, {"b": "x"}, {"az": 3}), fails=({"ab": "x"}, {"az": 1}, {"bz": 1})),
    Row("a property and a pattern", {"properties": {"ab": {"minimum": 3}}, "patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": False}, fits=({"ab": 3, "ac": 1},), fails=({"ab": 1}, {"ab": 3.5}, {"b": 1})),
    Row("names of properties", {"propertyNames": {"pattern": "^a"}}, fits=({}, {"a": 1, "ab": {"b": 1}}, ["b"]), fails=({"b": 1}, {"a": 1, "b": 2})),
    Row("names and values of one text", {"propertyNames": {"minLength": 2}, "additionalProperties": {"minLength": 2}}, fits=({"ab": "ab"},), fails=({"ab": "a"}, {"a": "ab"})),
    Row("count of properties", {"minProperties": 1, "maxProperties": 2}, fits=({"a": 1}, {"a": 1, "b": 2}, [], ""), fails=({}, {"a": 1, "b": 2, "c": 3})),
    Row("dependent names", {"dependentRequired": {"a": ["b", "c"]}}, fits=({}, {"b": 1}, {"a": 1, "b": 1, "c": 1}, ["a"]), fails=({"a": 1}, {"a": 1, "b": 1})),
    Row("dependent schemas", {"dependentSchemas": {"a": {"required": ["b"]}, "x": False}}, fits=({}, {"b": 1}, {"a": 1, "b": 1}, "a"), fails=({"a": 1}, {"x": 1}, {"a": 1, "b": 1, "x": 1})),
    Row("all of", {"allOf": [{"minimum": 1}, {"maximum": 2}]}, fits=(1, 2), fails=(0, 3)),
    Row("any of", {"anyOf": [{"type": "string"}, {"minimum": 2}]}, fits=("a", 2, None), fails=(1,)),
    Row("one of", {"oneOf": [{"type": "integer"}, {"minimum": 2}]}, fits=(1, 2.5, None), fails=(2, 1.5)),
    Row("any of beside one of", {"anyOf": [{"type": "integer"}, {"type": "string"}], "oneOf": [{"minimum": 2}, {"maximum": 3}]}, fits=(1, 4), fails=(2, "a", 1.5)),
    Row("not", {"not": {"type": "integer"}}, fits=("a", 1.5), fails=(1, 1.0)),
    Row("all of beside not", {"allOf": [{"type": "integer"}], "not": {"const": 1}}, fits=(2,), fails=(1, "a")),
    Row("if, then, else", {"if": {"type": "integer"}, "then": {"minimum": 2}, "else": {"type": "string"}}, fits=(2, "a"), fails=(1, None)),
    Row("if and then", {"if": {"type": "integer"}, "then": {"minimum": 2}}, fits=(2, "a"), fails=(1,)),
    Row("if and else", {"if": {"type": "integer"}, "else": {"type": "string"}}, fits=(1, "a"), fails=(None,)),
    Row("then without if", {"then": False, "else": False}, fits=(1,)),
    Row("a reference beside other keywords", {"$defs": {"A": {"minimum": 1}}, "$ref": "#/$defs/A", "maximum": 2}, fits=(1, 2), fails=(0, 3)),
    Row("a reference to true and to false", {"$defs": {"T": True, "F": False}, "properties": {"t": {"$ref": "#/$defs/T"}, "f": {"$ref": "#/$defs/F"}}}, fits=({"t": 1},), fails=({"f": 1},)),
    Row("recursion", LONG, fits=({"next": {"next": {"value": 1}}},), fails=({"next": {"next": {"value": "a"}}},)),
    Row("nothing but annotations", {"title": "t", "description": "d", "default": 1, "format": "email", "x-own": False}, fits=(1, "a", None)),

    Row("unevaluated beside properties", {"properties": {"a": {}}, "patternProperties": {"^p": {}}, **CLOSED}, fits=({"a": 1, "pq": 2}, {}, [1], "a"), fails=({"b": 1}, {"a": 1, "b": 1})),
    Row("unevaluated beside further properties", {"additionalProperties": {"type": "integer"}, **CLOSED}, fits=({"a": 1},), fails=({"a": "x"},)),
    Row("unevaluated with a schema", {"properties": {"a": {}}, "unevaluatedProperties": {"type": "integer"}}, fits=({"a": "x", "b": 1},), fails=({"b": "x"},)),
    Row("unevaluated under all of", {"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}], **CLOSED}, fits=({"a": 1, "b": 1},), fails=({"c": 1},)),
    Row("unevaluated under any of", {"anyOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"properties": {"b": {"const": 1}}, "required": ["b"]}], **CLOSED}, fits=({"a": 1}, {"b": 1}, {"a": 1, "b": 1}), fails=({"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 1, "c": 1})),
    Row("unevaluated under one of", {"oneOf": [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {}}, "required": ["b"]}], **CLOSED}, fits=({"a": 1}, {"b": 1}), fails=({"a": 1, "b": 1}, {"a": 1, "c": 1})),
    Row("unevaluated behind a reference", {"$defs": {"A": {"properties": {"a": {}}}}, "$ref": "#/$defs/A", **CLOSED}, fits=({"a": 1},), fails=({"b": 1},)),
    Row("unevaluated under if", {"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"properties": {"b": {}}}, "else": {"properties": {"c": {}}}, **CLOSED}, fits=({"a": 1, "b": 1}, {"c": 1}), fails=({"a": 1, "c": 1}, {"b": 1}, {"a": 2, "c": 1})),
    Row("unevaluated under dependent schemas", {"properties": {"a": {}}, "dependentSchemas": {"a": {"properties": {"b": {}}}}, **CLOSED}, fits=({"a": 1, "b": 1}, {"a": 1}), fails=({"b": 1},)),
    Row("unevaluated under not", {"not": {"properties": {"a": {"const": 1}}, "required": ["a"]}, **CLOSED}, fits=({},), fails=({"a": 2}, {"a": 1})),
    Row("unevaluated within unevaluated", {"allOf": [{"unevaluatedProperties": {"type": "integer"}}], **CLOSED}, fits=({"a": 1},), fails=({"a": "x"},)),
    Row("unevaluated under one schema twice", {"$defs": {"A": {"properties": {"a": {}}}}, "allOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/A"}, True], **CLOSED}, fits=({"a": 1},), fails=({"b": 1},)),
    Row("unevaluated behind one that was seen", {"$defs": {"A": {"properties": {"a": {}}}}, "allOf": [{"properties": {"b": {}}}, {"$ref": "#/$defs/A"}, {"$ref": "#/$defs/A"}], **CLOSED}, fits=({"a": 1, "b": 1},), fails=({"c": 1},)),
    Row("unevaluated behind true", {"allOf": [True, {"properties": {"a": {}}}], **CLOSED}, fits=({"a": 1},), fails=({"b": 1},)),
    Row("unevaluated deeper", {"allOf": [{"allOf": [{"properties": {"a": {}}}]}], **CLOSED}, fits=({"a": 1},), fails=({"b": 1},)),
    Row("unevaluated properties of no object", {"allOf": [True], **CLOSED}, fits=([1], "a", 1)),
    Row("unevaluated items", FULL, fits=([], {"a": 1}, "a"), fails=([1],)),
    Row("unevaluated items behind places", {"prefixItems": [{}, {}], **FULL}, fits=([], [1], [1, 2]), fails=([1, 2, 3],)),
    Row("unevaluated items beside items", {"items": {"type": "integer"}, **FULL}, fits=([1, 2],), fails=(["a"],)),
    Row("unevaluated items with a schema", {"prefixItems": [{}], "unevaluatedItems": {"type": "integer"}}, fits=(["a", 1],), fails=(["a", "b"],)),
    Row("unevaluated items under all of", {"allOf": [{"prefixItems": [{}]}, {"prefixItems": [{}, {}]}], **FULL}, fits=([1, 2],), fails=([1, 2, 3],)),
    Row("unevaluated items under any of", {"anyOf": [{"prefixItems": [{"type": "integer"}]}, {"prefixItems": [{}, {"type": "string"}], "minItems": 2}], **FULL}, fits=([1], [1, "a"], [None, "a"]), fails=([1, 2], ["a", 1])),
    Row("unevaluated items beside contains", {"contains": {"type": "integer"}, **FULL}, fits=([1], [1, 2]), fails=(["a", 1], ["a"])),
    Row("unevaluated items beside contains under all of", {"allOf": [{"contains": {"type": "integer"}}, {"contains": {"type": "string"}}], **FULL}, fits=([1, "a"],), fails=([1, "a", None], [1])),
    Row("unevaluated items within unevaluated", {"allOf": [{"unevaluatedItems": {"type": "integer"}}], **FULL}, fits=([1],), fails=(["a"],)),
]
# fmt: on

ANSWERS = [(row.schema, answer, verdict) for row in ROWS for verdict in (True, False) for answer in (row.fits if verdict else row.fails)]  # fmt: skip
IDS = [f"{row.id}-{verdict}-{answer}" for row in ROWS for verdict in ("fits", "fails") for answer in (row.fits if verdict == "fits" else row.fails)]  # fmt: skip


@pytest.mark.parametrize(("schema", "answer", "fits"), ANSWERS, ids=IDS)
def test_an_answer_fits_or_fails(schema: dict[str, Any], answer: Any, fits: bool) -> None:  # noqa: FBT001
    assert (conforms(answer, schema) is None) == fits
    assert jsonschema.Draft202012Validator(schema).is_valid(answer) == fits


# --- what only older drafts and OpenAPI say

SOMETHING = {1}


class Word(enum.StrEnum):
    A = "a"


# fmt: off
OLDER = [
    Row("nullable", {"type": "string", "nullable": True}, fits=(None, "a"), fails=(1,)),
    Row("not nullable", {"type": "string", "nullable": False}, fits=("a",), fails=(None,)),
    Row("upper-case types", {"type": "STRING"}, fits=("a",), fails=(1,)),
    Row("open by a boolean", {"minimum": 1, "exclusiveMinimum": True, "maximum": 3, "exclusiveMaximum": True}, fits=(2, 1.1, 2.9), fails=(1, 3, 0, 4)),
    Row("closed by a boolean", {"minimum": 1, "exclusiveMinimum": False, "maximum": 3, "exclusiveMaximum": False}, fits=(1, 3), fails=(0, 4)),
    Row("a size of nineteen digits", {"minItems": "1000000000000000000"}, fails=([1],)),
    Row("all types", {"type": ["string", "number", "integer", "boolean", "array", "object", "null"]}, fits=("a", 1, 1.5, True, [], {}, None)),
    Row("sizes as texts", {"minItems": "1", "maxItems": "2"}, fits=([1], [1, 2]), fails=([], [1, 2, 3])),
    Row("items as a list", {"items": [{"type": "integer"}, {"type": "string"}]}, fits=([1], [1, "a", None]), fails=(["a"], [1, 2])),
    Row("items as a list and further items", {"items": [{"type": "integer"}], "additionalItems": {"type": "string"}}, fits=([1], [1, "a"]), fails=([1, 2],)),
    Row("items as a list and nothing more", {"items": [{}], "additionalItems": False}, fits=([1],), fails=([1, 2],)),
    Row("items as a tuple", {"items": ({"type": "integer"},)}, fits=([1, "a"],), fails=(["a"],)),
    Row("further items beside one schema", {"items": {"type": "integer"}, "additionalItems": False}, fits=([1, 2],), fails=(["a"],)),
    Row("further items beside places", {"prefixItems": [{}], "additionalItems": False}, fits=([1, 2],)),
    Row("dependencies by name", {"dependencies": {"a": ["b"]}}, fits=({}, {"a": 1, "b": 1}), fails=({"a": 1},)),
    Row("dependencies by schema", {"dependencies": {"a": {"required": ["b"]}}}, fits=({}, {"a": 1, "b": 1}), fails=({"a": 1},)),
    Row("dependencies leave out", {"properties": {"a": {}}, "dependencies": {"a": {"properties": {"b": {}}}}, **CLOSED}, fits=({"a": 1, "b": 1},), fails=({"b": 1},)),
    Row("unevaluated behind a list of items", {"items": [{}], **FULL}, fits=([1],), fails=([1, 2],)),
    Row("unevaluated beside further items", {"items": [{}], "additionalItems": {"type": "integer"}, **FULL}, fits=(["a", 1],), fails=(["a", "b"],)),
    Row("required as a boolean", {"properties": {"a": {"required": True}}, "required": False}, fits=({}, {"a": 1})),
    Row("definitions", {"definitions": {"A": {"type": "integer"}}, "$ref": "#/definitions/A"}, fits=(1,), fails=("a",)),
    Row("tuples as answers", {"items": {"type": "integer"}, "uniqueItems": True}, fits=((1, 2),), fails=((1, "a"), (1, 1))),
    Row("no multiple of nothing", {"multipleOf": 0}, fits=(1, 0)),
    Row("no multiple of something else", {"multipleOf": "2"}, fits=(1,)),
    Row("no multiple of true", {"multipleOf": True}, fits=(1.5,)),
    Row("no multiple below zero", {"multipleOf": -2}, fits=(1,)),
    Row("a pattern that is none", {"pattern": 1}, fits=("a",)),
    Row("choices that are none", {"enum": "abc"}, fits=("a", 1)),
    Row("definitions pasted below", {"properties": {"p": {"$defs": {"A": {"type": "integer"}}, "properties": {"q": {"$ref": "#/$defs/A"}}}}}, fits=({"p": {"q": 1}},), fails=({"p": {"q": "a"}},)),
    Row("definitions pasted around several schemas", {"properties": {"p": {"$defs": {"A": {"type": "integer"}}, "properties": {"x": {"items": {}}, "q": {"$ref": "#/$defs/A"}}}}}, fits=({"p": {"x": [1], "q": 1}},), fails=({"p": {"x": [1], "q": "a"}},)),
    Row("definitions pasted below under the old name", {"properties": {"p": {"definitions": {"A": {"type": "integer"}}, "items": {"$ref": "#/definitions/A"}}}}, fits=({"p": [1]},), fails=({"p": ["a"]},)),
    Row("definitions pasted into a definition", {"$defs": {"B": {"$defs": {"A": {"type": "integer"}}, "items": {"$ref": "#/$defs/A"}}}, "$ref": "#/$defs/B"}, fits=([1],), fails=(["a"],)),
    Row("an answer no JSON can hold", {"type": "number"}, fails=(float("nan"), float("inf"), object())),
    Row("items no JSON can hold", {"uniqueItems": True}, fits=([{1}, {2}],), fails=([SOMETHING, SOMETHING],)),
    Row("members of an enum", {"type": "string", "enum": ["a"]}, fits=(Word.A,)),
    Row("mappings of a caller's class", {"type": "object", "required": ["a"]}, fits=(collections.OrderedDict(a=1),), fails=(collections.OrderedDict(),)),
    Row("a bound of an answer no JSON can hold", {"minimum": 5}, fits=(float("nan"),)),
]
# fmt: on


@pytest.mark.parametrize("row", OLDER, ids=lambda row: row.id)
def test_older_drafts_and_openapi_are_read_as_they_meant_it(row: Row) -> None:
    assert [conforms(answer, row.schema) for answer in row.fits] == [None] * len(row.fits)
    assert [conforms(answer, row.schema) is None for answer in row.fails] == [False] * len(row.fails)


def test_pasted_definitions_end_with_the_schema_they_stand_in() -> None:
    schema = {"properties": {"p": {"$defs": {"A": {"type": "integer"}}}, "q": {"$ref": "#/$defs/A"}}}

    with pytest.raises(RequestError, match="does not exist"):
        conforms({"p": 1, "q": 1}, schema)


def test_the_root_s_definition_counts_before_a_pasted_one() -> None:
    schema = {
        "$defs": {"A": {"type": "string"}},
        "properties": {"p": {"$defs": {"A": {"type": "integer"}}, "properties": {"q": {"$ref": "#/$defs/A"}}}},
    }

    assert conforms({"p": {"q": "a"}}, schema) is None
    assert conforms({"p": {"q": 1}}, schema) == "'p.q' must be string, got 1."


def test_of_two_pasted_definitions_the_inner_counts() -> None:
    inner = {"$defs": {"A": {"type": "integer"}}, "properties": {"q": {"$ref": "#/$defs/A"}}}
    schema = {"properties": {"p": {"$defs": {"A": {"type": "string"}}, "properties": {"r": inner}}}}

    assert conforms({"p": {"r": {"q": 1}}}, schema) is None
    assert conforms({"p": {"r": {"q": "a"}}}, schema) == "'p.r.q' must be integer, got \"a\"."


# --- circles

CIRCLE = {"$defs": {"A": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "integer"}]}}, "$ref": "#/$defs/A"}


def test_a_schema_that_asks_for_itself_is_answered_by_what_else_it_says() -> None:
    assert conforms(1, CIRCLE) is None
    assert conforms("a", CIRCLE) is not None


@pytest.mark.parametrize("turned", [False, True])
def test_the_order_of_alternatives_in_a_circle_makes_no_difference(*, turned: bool) -> None:
    ways: list[dict[str, Any]] = [{"$ref": "#/$defs/B"}, {"type": "integer"}]
    schema = {
        "$defs": {
            "A": {"anyOf": ways[::-1] if turned else ways},
            "B": {"allOf": [{"$ref": "#/$defs/A"}, {"minimum": 3}]},
        },
        "oneOf": [{"$ref": "#/$defs/B"}, {"type": "string"}],
    }

    assert conforms(3, schema) is None
    assert conforms("a", schema) is None
    assert conforms(2, schema) is not None


def test_what_a_circle_leaves_unevaluated_is_found() -> None:
    ways = [{"$ref": "#/$defs/A"}, {"properties": {"a": {}}}]
    schema = {"$defs": {"A": {"anyOf": ways}}, "$ref": "#/$defs/A", "unevaluatedProperties": False}

    assert conforms({"a": 1}, schema) is None
    assert conforms({"b": 1}, schema) == "'b' is not allowed (got 1)."


def test_an_answer_in_a_circle_is_asked_again_until_nothing_changes() -> None:
    """B seems to fail while A is still being asked, and D while C is: both are asked anew once A and then C are known."""
    schema: dict[str, Any] = {
        "$defs": {
            "A": {"anyOf": [{"$ref": "#/$defs/B"}, {"type": "integer"}]},
            "B": {"allOf": [{"$ref": "#/$defs/A"}, {"minimum": 3}]},
            "C": {"anyOf": [{"$ref": "#/$defs/D"}, {"allOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]}]},
            "D": {"allOf": [{"$ref": "#/$defs/C"}, {"minimum": 3}]},
        },
    }

    for names, fits in (("AB", True), ("CD", True), ("CDAB", True), ("DC", True), ("BADC", True)):
        asked = {**schema, "allOf": [{"$ref": f"#/$defs/{name}"} for name in names]}
        assert (conforms(3, asked) is None) == fits, names
        assert conforms(2, asked) is not None
        assert conforms("a", asked) is not None


def test_what_is_said_of_a_circle_names_it() -> None:
    schema = {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"anyOf": [{"$ref": "#/$defs/A"}]}}}

    assert conforms({"a": 1}, schema) == (
        "'a' fits none of 1 alternatives. 'a' fits only if it fits that very schema itself."
    )


# --- sentences

# fmt: off
SENTENCES = [
    ("at least", 1, {"minimum": 2}, "The answer must be at least 2, got 1."),
    ("at most", 3, {"maximum": 2}, "The answer must be at most 2, got 3."),
    ("greater", 2, {"exclusiveMinimum": 2}, "The answer must be greater than 2, got 2."),
    ("less", 2, {"exclusiveMaximum": 2}, "The answer must be less than 2, got 2."),
    ("multiple", 0.3, {"multipleOf": 0.25}, "The answer must be a multiple of 0.25, got 0.3."),
    ("type", [], {"type": ["string", "NULL"]}, "The answer must be string or null, got []."),
    ("const", 1, {"const": {"a": None}}, 'The answer must be {"a":null}, got 1.'),
    ("first twenty choices", 0, {"enum": list(range(1, 24))}, f"The answer must be {' or '.join(map(str, range(1, 21)))} or one of 3 others, got 0."),
    ("twenty choices", 0, {"enum": list(range(1, 21))}, f"The answer must be {' or '.join(map(str, range(1, 21)))}, got 0."),
    ("fewest items", [], {"minItems": 2}, "The answer must have at least 2 items, got 0."),
    ("most items", [1, 2, 3], {"maxItems": 2}, "The answer must have at most 2 items, got 3."),
    ("fewest characters", "a", {"minLength": 2}, "The answer must have at least 2 characters, got 1."),
    ("most characters", "abc", {"maxLength": 2}, "The answer must have at most 2 characters, got 3."),
    ("fewest keys", {}, {"minProperties": 1}, "The answer must have at least 1 keys, got 0."),
    ("most keys", {"a": 1, "b": 1}, {"maxProperties": 1}, "The answer must have at most 1 keys, got 2."),
    ("contains", [1, "a", 2], {"contains": {"type": "integer"}, "maxContains": 1}, "The answer holds 2 items that fit 'contains'."),
    ("contains nothing", ["a"], {"contains": {"type": "integer"}}, "The answer holds 0 items that fit 'contains'."),
    ("twice", {"a": [1, 1]}, {"properties": {"a": {"uniqueItems": True}}}, "'a' must not hold an item twice."),
    ("required", {"a": {}}, {"properties": {"a": {"required": ["b"]}}}, "'a' lacks the required property 'b'."),
    ("unknown", {"a": {"c": 1}}, {"properties": {"a": {"additionalProperties": False}}}, "'a' has the unknown property 'c'."),
    ("name", {"a": {"b": 1}}, {"properties": {"a": {"propertyNames": {"const": "c"}}}}, "'a' has the property 'b', whose name is not allowed."),
    ("dependent", {"a": 1, "b": 1}, {"dependentRequired": {"a": ["b", "c", "d"]}}, "The answer lacks the property 'c', which 'a' demands."),
    ("dependent schema", {"a": 1}, {"dependentSchemas": {"a": {"minProperties": 2}}}, "The answer must have at least 2 keys, got 1."),
    ("alternatives", "a", {"anyOf": [{"type": "integer"}, {"type": "integer"}, {"const": 1}]}, 'The answer fits none of 3 alternatives. The answer must be integer, got "a". The answer must be 1, got "a".'),
    ("too many alternatives", {"a": 1}, {"properties": {"a": {"oneOf": [{}, {"type": "integer"}, {"type": "string"}]}}}, "'a' fits 2 alternatives where exactly one is allowed."),
    ("excluded", {"a": [1]}, {"properties": {"a": {"not": {"type": "array"}}}}, "'a' is excluded by 'not' (got [1])."),
    ("unevaluated", {"a": {"b": 1}}, {"properties": {"a": {"unevaluatedProperties": False}}}, "'a.b' is not allowed (got 1)."),
    ("places", {"a": [{"b": ["x"]}]}, {"properties": {"a": {"items": {"properties": {"b": {"prefixItems": [{"type": "integer"}]}}}}}}, "'a[0].b[0]' must be integer, got \"x\"."),
    ("a list at the top", [[1, "a"]], {"items": {"items": {"type": "integer"}}}, "'[0][1]' must be integer, got \"a\"."),
    ("a name with a dot in front", {".a": 1}, {"properties": {".a": {"type": "string"}}}, "'.a' must be string, got 1."),
    ("sixty characters", "a" * 58, {"type": "null"}, f'The answer must be null, got "{"a" * 58}".'),
    ("more than sixty", "a" * 59, {"type": "null"}, f'The answer must be null, got "{"a" * 59}....'),
    ("a long list", list(range(40)), {"type": "null"}, "The answer must be null, got [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,...."),
    ("other alphabets", "é中", {"type": "null"}, 'The answer must be null, got "é中".'),
    ("no JSON", {"a": {1, 2}}, {"type": "null"}, "The answer must be null, got 'dict'."),
]
# fmt: on


@pytest.mark.parametrize(
    ("answer", "schema", "sentence"), [row[1:] for row in SENTENCES], ids=[row[0] for row in SENTENCES]
)
def test_a_complaint_says_where_and_what(answer: Any, schema: dict[str, Any], sentence: str) -> None:
    assert conforms(answer, schema) == sentence


def test_a_place_far_below_is_shown_by_its_beginning_and_its_end() -> None:
    answer: Any = "wrong"
    for number in range(99, -1, -1):
        answer = {f"key{number}": answer}
    schema = {"$defs": {"A": {"type": "object", "additionalProperties": {"$ref": "#/$defs/A"}}}, "$ref": "#/$defs/A"}
    said = conforms(answer, schema) or ""

    assert said.startswith("'key0.key1.")
    assert said.endswith('.key98.key99\' must be object, got "wrong".')
    assert "..." in said
    assert len(said) == len(repr("a" * 203)) + len(' must be object, got "wrong".')


def test_a_place_of_two_hundred_characters_is_shown_whole() -> None:
    name = "a" * 200

    assert conforms({name: 1}, {"additionalProperties": {"type": "null"}}) == f"'{name}' must be null, got 1."
    assert "..." in (conforms({name + "b": 1}, {"additionalProperties": {"type": "null"}}) or "")


def test_complaints_of_alternatives_of_alternatives_do_not_multiply() -> None:
    """Thirty levels of two alternatives that both lead on would repeat the last complaint 2**30 times."""
    definitions: dict[str, Any] = {"A30": {"type": "boolean"}}
    for level in range(30):
        onward = {"$ref": f"#/$defs/A{level + 1}"}
        definitions[f"A{level}"] = {"anyOf": [{"$ref": f"#/$defs/B{level}"}, {"$ref": f"#/$defs/C{level}"}]}
        definitions[f"B{level}"] = {"anyOf": [onward, {"type": "string"}]}
        definitions[f"C{level}"] = {"anyOf": [onward, {"type": "null"}]}
    said = conforms(1, {"$defs": definitions, "$ref": "#/$defs/A0"}) or ""

    assert said.startswith("The answer fits none of 2 alternatives.")
    assert len(said) == 2_003
    assert said.endswith("...")


def test_parts_of_an_answer_are_asked_once_each() -> None:
    """Two members that both look at each item would otherwise look 2**60 times at the innermost."""
    answer: Any = 1
    for _ in range(60):
        answer = [answer]
    schema = {"$defs": {"A": {"allOf": [{"items": {"$ref": "#/$defs/A"}}, {"items": {"$ref": "#/$defs/A"}}]}}}

    assert conforms(answer, {**schema, "$ref": "#/$defs/A"}) is None


def test_a_name_of_any_length_makes_no_longer_sentence() -> None:
    said = conforms({"n" * 5_000: 1}, {"additionalProperties": False}) or ""

    assert said.startswith("The answer has the unknown property 'nnn")
    assert len(said) == 2_003


def test_a_sentence_of_two_thousand_characters_is_whole() -> None:
    around = len("The answer has the unknown property ''.")
    said = conforms({"n" * (2_000 - around): 1}, {"additionalProperties": False}) or ""

    assert len(said) == 2_000
    assert said.endswith("nnn'.")


def test_a_value_too_deep_to_compare_is_a_request_error() -> None:
    deep: Any = None
    for _ in range(20_000):
        deep = [deep]

    with pytest.raises(RequestError) as caught:
        conforms(deep, {"const": [1]})

    assert str(caught.value) == (
        "The schema holds a value that is nested too deeply to compare: describe it by its type."
    )


def test_a_deep_value_is_shown_by_its_beginning() -> None:
    deep: Any = None
    for _ in range(20_000):
        deep = [deep]

    assert conforms(deep, {"type": "null"}) == f"The answer must be null, got {'[' * 60}...."

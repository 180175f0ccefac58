"""Corners of writing: each schema, what becomes of it in both targets, and what is listed as not said."""

# ruff: noqa: E501 - a row of the table has one line for each of its fields, however long

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import jsonschema
import pytest

from gstream.errors import RequestError
from gstream.schema import explain, to_json_schema, to_parameters


@dataclass(frozen=True)
class Case:
    id: str
    schema: dict[str, Any]
    parameters: dict[str, Any] | str
    """The result of `to_parameters`, or the error's sentence."""
    json_schema: dict[str, Any] | str
    """The result of `to_json_schema`, or the error's sentence."""
    widened: tuple[str, ...] = ()
    """`path:keyword` of what `parameters` cannot say."""
    widened_json: tuple[str, ...] = ()
    """The same of `json_schema`."""


KINDS: list[dict[str, Any]] = [{"type": "STRING"}, {"type": "NUMBER"}, {"type": "BOOLEAN"}, {"type": "OBJECT"}]
FLAT = {"anyOf": KINDS, "nullable": True}
LISTS = {"anyOf": [*KINDS, {"type": "ARRAY", "items": FLAT}], "nullable": True}
ANYTHING: dict[str, Any] = {"anyOf": [*KINDS, {"type": "ARRAY", "items": LISTS}], "nullable": True}
"""Any value, with lists in lists two levels deep."""

# fmt: off
CASES = [
    Case(
        "a root of alternatives in alternatives",
        {"type": "object", "properties": {"x": {"type": "string"}}, "anyOf": [{"oneOf": [{"properties": {"a": {"type": "string"}}, "required": ["a", "k"]}, {"$ref": "#/$defs/B"}], "required": ["k"], "properties": {"k": {"const": "n"}}}, {"type": "null"}, True, {"properties": {"c": {"type": "integer"}, "x": {"type": "integer"}}, "required": ["k"]}], "$defs": {"B": {"properties": {"a": {"type": "integer"}, "b": {}}, "type": "object"}}},
        {"type": "OBJECT", "properties": {"x": {"type": "STRING"}, "k": {"type": "STRING", "enum": ["n"]}, "a": {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]}, "b": ANYTHING, "c": {"type": "INTEGER"}}},
        {"type": "object", "properties": {"x": {"type": "string"}}, "anyOf": [{"required": ["k"], "properties": {"k": {"type": "string", "enum": ["n"]}}, "anyOf": [{"required": ["a", "k"], "properties": {"a": {"type": "string"}}}, {"$ref": "#/$defs/B"}]}, {"type": "null"}, {}, {"required": ["k"], "properties": {"c": {"type": "integer"}, "x": {"type": "integer"}}}], "$defs": {"B": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {}}}}},
        (":anyOf", "properties.b:type"),
        ("anyOf[0]:oneOf",),
    ),
    Case(
        "a root of alternatives that lead back",
        {"type": "object", "anyOf": [{"$ref": "#"}, {"$ref": "#/$defs/A"}], "$defs": {"A": {"anyOf": [{"$ref": "#/$defs/A"}, {"properties": {"a": {"type": "string"}}}]}}},
        {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
        {"type": "object", "anyOf": [{"$ref": "#/$defs/Root"}, {"$ref": "#/$defs/A"}], "$defs": {"Root": {"type": "object", "anyOf": [{}, {"$ref": "#/$defs/A"}]}, "A": {"anyOf": [{}, {"properties": {"a": {"type": "string"}}}]}}},
        (":anyOf",),
        ("anyOf[0].anyOf[0]:$ref", "anyOf[0].anyOf[1].anyOf[0]:$ref"),
    ),
    Case(
        "a root of alternatives of which some exclude themselves",
        {"type": "object", "anyOf": [{"allOf": [{"type": "object"}, {"type": "string"}]}, {"type": "object", "oneOf": [{"type": "string"}, {"properties": {"a": {}}}]}, {"properties": {"b": {"type": "string"}}}]},
        {"type": "OBJECT", "properties": {"a": ANYTHING, "b": {"type": "STRING"}}},
        "The schema at 'anyOf[0]' has members of allOf that exclude each other in 'type': take one of them out.",
        (":anyOf", "properties.a:type"),
    ),
    Case(
        "values within a pattern",
        {"enum": ["a", "b", "cc", 1], "pattern": "^[ab]", "maxLength": 1},
        {"anyOf": [{"type": "STRING", "enum": ["a", "b"]}, {"type": "INTEGER", "minimum": 1, "maximum": 1, "description": "Must be 1."}]},
        {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "integer", "enum": [1]}]},
    ),
    Case(
        "values within bounds",
        {"type": "integer", "enum": [1, 2, 3, 4], "minimum": 2, "exclusiveMaximum": 4},
        {"type": "INTEGER", "minimum": 2, "maximum": 3, "description": "One of 2, 3."},
        {"type": "integer", "enum": [2, 3]},
    ),
    Case(
        "values without what a reference excludes",
        {"enum": ["a", "b"], "not": {"$ref": "#/$defs/A"}, "$defs": {"A": {"const": "b"}}},
        {"type": "STRING", "enum": ["a"]},
        {"type": "string", "enum": ["a"]},
    ),
    Case(
        "values within alternatives",
        {"enum": ["a", 1, None], "anyOf": [{"type": "string"}, {"type": "null"}]},
        {"type": "STRING", "enum": ["a"], "nullable": True},
        {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
    ),
    Case(
        "values of which one is null",
        {"type": "string", "enum": ["a", None], "nullable": True},
        {"type": "STRING", "enum": ["a"], "nullable": True},
        {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
    ),
    Case(
        "nothing but null",
        {"const": None, "nullable": True},
        {"type": "NULL"},
        {"type": "null"},
    ),
    Case(
        "both booleans",
        {"enum": [True, False]},
        {"type": "BOOLEAN"},
        {"type": "boolean"},
    ),
    Case(
        "one boolean or null",
        {"enum": [True], "nullable": True},
        {"type": "BOOLEAN", "description": "Must be true.", "nullable": True},
        {"anyOf": [{"type": "boolean", "description": "Must be true."}, {"type": "null"}]},
        (":enum",),
        (":enum",),
    ),
    Case(
        "an object and a list as values",
        {"enum": [{"a": 1}, [1]]},
        {"anyOf": [{"type": "OBJECT", "description": 'Must be {"a":1}.'}, {"type": "ARRAY", "items": ANYTHING, "description": "Must be [1]."}]},
        {"anyOf": [{"type": "object", "description": 'Must be {"a":1}.'}, {"type": "array", "description": "Must be [1]."}]},
        (":enum",),
        (":enum",),
    ),
    Case(
        "whole numbers among fractions",
        {"enum": [3, 1.5, 2.0, 3.0]},
        {"type": "NUMBER", "minimum": 1.5, "maximum": 3, "description": "One of 1.5, 2, 3."},
        {"type": "number", "enum": [1.5, 2, 3]},
        (":enum",),
    ),
    Case(
        "integers without a gap",
        {"enum": [3, 1, 2]},
        {"type": "INTEGER", "minimum": 1, "maximum": 3, "description": "One of 3, 1, 2."},
        {"type": "integer", "enum": [3, 1, 2]},
    ),
    Case(
        "whole numbers among numbers",
        {"type": "number", "enum": [1, 2]},
        {"type": "NUMBER", "minimum": 1, "maximum": 2, "description": "One of 1, 2."},
        {"type": "integer", "enum": [1, 2]},
        (":enum",),
    ),
    Case(
        "a time as the only value",
        {"type": "string", "enum": ["2020-01-01T00:00:00Z"], "format": "date-time"},
        {"type": "STRING", "enum": ["2020-01-01T00:00:00Z"], "format": "date-time"},
        {"type": "string", "enum": ["2020-01-01T00:00:00Z"], "format": "date-time"},
    ),
    Case(
        "a format of the API beside its values",
        {"type": "string", "enum": ["a"], "format": "enum"},
        {"type": "STRING", "enum": ["a"], "format": "enum"},
        {"type": "string", "enum": ["a"], "format": "enum"},
    ),
    Case(
        "the empty text beside a format",
        {"type": "string", "enum": [""], "format": "enum"},
        {"type": "STRING", "description": 'Must be "".'},
        {"type": "string", "enum": [""], "format": "enum"},
        (":enum",),
    ),
    Case(
        "a default that is an object",
        {"type": "object", "default": {"a": 1}},
        {"type": "OBJECT", "description": 'Default: {"a":1}.'},
        {"type": "object", "description": 'Default: {"a":1}.'},
    ),
    Case(
        "a default that is empty",
        {"type": "array", "items": {}, "default": []},
        {"type": "ARRAY", "items": ANYTHING},
        {"type": "array", "items": {}},
        ("items:type",),
    ),
    Case(
        "a default of lists in lists",
        {"type": "array", "items": {}, "default": [[1]]},
        {"type": "ARRAY", "items": ANYTHING, "description": "Default: [[1]]."},
        {"type": "array", "items": {}, "description": "Default: [[1]]."},
        ("items:type",),
    ),
    Case(
        "a default that is a list",
        {"type": "array", "items": {}, "default": [1, "a"]},
        {"type": "ARRAY", "items": ANYTHING, "default": [1, "a"]},
        {"type": "array", "items": {}, "description": 'Default: [1,"a"].'},
        ("items:type",),
    ),
    Case(
        "a default of null",
        {"type": "string", "default": None},
        {"type": "STRING"},
        {"type": "string"},
    ),
    Case(
        "a default that is a list of null",
        {"type": "array", "items": {}, "default": [None]},
        {"type": "ARRAY", "items": ANYTHING, "description": "Default: [null]."},
        {"type": "array", "items": {}, "description": "Default: [null]."},
        ("items:type",),
    ),
    Case(
        "a default of false",
        {"type": "boolean", "default": False},
        {"type": "BOOLEAN", "default": False},
        {"type": "boolean", "description": "Default: false."},
    ),
    Case(
        "a default that is the empty text",
        {"type": "string", "default": ""},
        {"type": "STRING", "default": ""},
        {"type": "string", "description": 'Default: "".'},
    ),
    Case(
        "a default of zero",
        {"type": "integer", "default": 0},
        {"type": "INTEGER", "default": 0},
        {"type": "integer", "description": "Default: 0."},
    ),
    Case(
        "an example and examples",
        {"type": "string", "example": "x", "examples": ["y", "z"]},
        {"type": "STRING", "example": "x", "description": 'Examples: "y", "z".'},
        {"type": "string", "description": 'Example: "x". Examples: "y", "z".'},
    ),
    Case(
        "an example that is an object",
        {"type": "object", "example": {"a": 1}},
        {"type": "OBJECT", "description": 'Example: {"a":1}.'},
        {"type": "object", "description": 'Example: {"a":1}.'},
    ),
    Case(
        "an example of null",
        {"type": "string", "example": None, "examples": []},
        {"type": "STRING"},
        {"type": "string"},
    ),
    Case(
        "an example below the root",
        {"type": "object", "properties": {"a": {"type": "string", "example": "x", "default": "y", "description": "It"}}},
        {"type": "OBJECT", "properties": {"a": {"type": "STRING", "description": 'It. Example: "x".', "default": "y"}}},
        {"type": "object", "properties": {"a": {"type": "string", "description": 'It. Example: "x". Default: "y".'}}},
    ),
    Case(
        "a description in Chinese",
        {"type": "string", "description": "名前。", "examples": ["x"]},
        {"type": "STRING", "description": '名前。 Examples: "x".'},
        {"type": "string", "description": '名前。 Examples: "x".'},
    ),
    Case(
        "a description that ends with a colon",
        {"type": "string", "description": " Choose: ", "examples": ["x"]},
        {"type": "STRING", "description": 'Choose: Examples: "x".'},
        {"type": "string", "description": 'Choose: Examples: "x".'},
    ),
    Case(
        "a description that is no text",
        {"type": "string", "description": 1, "title": 2},
        {"type": "STRING"},
        {"type": "string"},
    ),
    Case(
        "a title that is empty",
        {"type": "string", "description": "", "title": ""},
        {"type": "STRING"},
        {"type": "string"},
    ),
    Case(
        "an encoding",
        {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png", "contentSchema": {"type": "object"}},
        {"type": "STRING", "description": "Encoding: base64. Media type: image/png. Content: object."},
        {"type": "string", "description": "Encoding: base64. Media type: image/png. Content: object."},
        (":contentEncoding", ":contentMediaType", ":contentSchema"),
        (":contentEncoding", ":contentMediaType", ":contentSchema"),
    ),
    Case(
        "multiples",
        {"type": "number", "multipleOf": 0.5},
        {"type": "NUMBER", "description": "A multiple of 0.5."},
        {"type": "number", "description": "A multiple of 0.5."},
        (":multipleOf",),
        (":multipleOf",),
    ),
    Case(
        "no item twice",
        {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        {"type": "ARRAY", "items": {"type": "STRING"}, "description": "No item twice."},
        {"type": "array", "items": {"type": "string"}, "description": "No item twice."},
        (":uniqueItems",),
        (":uniqueItems",),
    ),
    Case(
        "items that may come twice",
        {"type": "array", "items": {"type": "string"}, "uniqueItems": False},
        {"type": "ARRAY", "items": {"type": "STRING"}},
        {"type": "array", "items": {"type": "string"}},
    ),
    Case(
        "not",
        {"type": "string", "not": {"const": "a"}},
        {"type": "STRING"},
        {"type": "string"},
        (":not",),
        (":not",),
    ),
    Case(
        "a dynamic reference",
        {"type": "object", "$dynamicRef": "#x"},
        {"type": "OBJECT"},
        {"type": "object"},
        (":$dynamicRef",),
        (":$dynamicRef",),
    ),
    Case(
        "a reference of draft 2019",
        {"type": "object", "$recursiveRef": "#"},
        {"type": "OBJECT"},
        {"type": "object"},
        (":$recursiveRef",),
        (":$recursiveRef",),
    ),
    Case(
        "lengths and a pattern",
        {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^a"},
        {"type": "STRING", "minLength": 1, "maxLength": 3, "pattern": "^a"},
        {"type": "string", "description": "At least 1 characters. At most 3 characters. Matches the regular expression ^a."},
        (),
        (":minLength", ":maxLength", ":pattern"),
    ),
    Case(
        "a count of properties",
        {"type": "object", "minProperties": 1, "maxProperties": 3},
        {"type": "OBJECT", "minProperties": 1, "maxProperties": 3},
        {"type": "object", "description": "At least 1 keys. At most 3 keys."},
        (),
        (":minProperties", ":maxProperties"),
    ),
    Case(
        "properties by pattern",
        {"type": "object", "patternProperties": {"^a": {"type": "integer"}, "^b": {"$ref": "#/$defs/A"}, "^c": {}}, "$defs": {"A": {"type": "string"}}},
        {"type": "OBJECT", "description": "Keys that match ^a; each value: integer. Keys that match ^b; each value: string."},
        {"type": "object", "description": "Keys that match ^a; each value: integer."},
        (":patternProperties",),
        (":patternProperties",),
    ),
    Case(
        "properties by no pattern",
        {"type": "object", "patternProperties": {}},
        {"type": "OBJECT"},
        {"type": "object"},
    ),
    Case(
        "names by reference",
        {"type": "object", "propertyNames": {"$ref": "#/$defs/A"}, "$defs": {"A": {"type": "string", "maxLength": 2}}},
        {"type": "OBJECT", "description": 'Each key: {"type":"STRING","maxLength":2}.'},
        {"type": "object", "description": 'Each key: {"type":"string","maxLength":2}.'},
        (":propertyNames",),
        (":propertyNames",),
    ),
    Case(
        "names that may be null",
        {"type": "object", "propertyNames": {"type": "string", "nullable": True}},
        {"type": "OBJECT", "description": "Each key: string or null."},
        {"type": "object", "description": "Each key: string or null."},
        (":propertyNames",),
        (":propertyNames",),
    ),
    Case(
        "names of any kind",
        {"type": "object", "propertyNames": {}},
        {"type": "OBJECT"},
        {"type": "object"},
    ),
    Case(
        "names that are true",
        {"type": "object", "propertyNames": True},
        {"type": "OBJECT"},
        {"type": "object"},
    ),
    Case(
        "further keys",
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "integer"}},
        {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "description": "Further keys are free; each value: integer."},
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "integer"}},
        (":additionalProperties",),
    ),
    Case(
        "keys of any kind",
        {"type": "object", "additionalProperties": True},
        {"type": "OBJECT", "description": "Keys are free; each value: any."},
        {"type": "object", "additionalProperties": True},
    ),
    Case(
        "further keys of any kind",
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True},
        {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True},
    ),
    Case(
        "keys with nothing said",
        {"type": "object", "additionalProperties": {}},
        {"type": "OBJECT", "description": "Keys are free; each value: any."},
        {"type": "object", "additionalProperties": {}},
    ),
    Case(
        "keys that contain the whole",
        {"type": "object", "additionalProperties": {"$ref": "#"}},
        {"type": "OBJECT", "description": 'Keys are free; each value: {"type":"OBJECT","description":"Keys are free; each value: object."}.'},
        {"type": "object", "additionalProperties": {"$ref": "#/$defs/Root"}, "$defs": {"Root": {"type": "object", "additionalProperties": {}}}},
        (":additionalProperties", "additionalProperties:additionalProperties", "additionalProperties.additionalProperties:additionalProperties"),
        ("additionalProperties.additionalProperties:$ref",),
    ),
    Case(
        "bounds of one of two types",
        {"type": ["integer", "string"], "exclusiveMinimum": 0, "minLength": 1},
        {"anyOf": [{"type": "INTEGER", "minimum": 1}, {"type": "STRING", "minLength": 1}]},
        {"type": ["integer", "string"], "minimum": 1, "description": "At least 1 characters."},
        (),
        (":minLength",),
    ),
    Case(
        "integer or number above an open bound",
        {"type": ["integer", "number"], "exclusiveMinimum": 0},
        {"anyOf": [{"type": "INTEGER", "minimum": 1}, {"type": "NUMBER", "minimum": 0, "description": "Greater than 0."}]},
        {"type": ["integer", "number"], "minimum": 0, "description": "Greater than 0."},
        (":exclusiveMinimum",),
        (":exclusiveMinimum",),
    ),
    Case(
        "open fractional bounds of integers",
        {"type": "integer", "exclusiveMinimum": 0.5, "exclusiveMaximum": 2.5},
        {"type": "INTEGER", "minimum": 1, "maximum": 2},
        {"type": "integer", "minimum": 1, "maximum": 2},
    ),
    Case(
        "a list without items",
        {"type": "array", "items": False},
        {"type": "ARRAY", "items": FLAT, "maxItems": 0},
        {"type": "array", "maxItems": 0},
    ),
    Case(
        "a draft 4 tuple and nothing more",
        {"type": "array", "items": [{"type": "string"}], "additionalItems": False},
        {"type": "ARRAY", "maxItems": 1, "minItems": 1, "items": {"type": "STRING"}, "description": "In this order: string."},
        {"type": "array", "prefixItems": [{"type": "string"}], "maxItems": 1},
        (":items",),
    ),
    Case(
        "a draft 4 tuple and more",
        {"type": "array", "items": [{"type": "string"}], "additionalItems": {"type": "integer"}},
        {"type": "ARRAY", "minItems": 1, "items": {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]}, "description": "In this order: string. Any further items: integer."},
        {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
        (":items",),
    ),
    Case(
        "a tuple shorter than its places",
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}], "maxItems": 1},
        {"type": "ARRAY", "maxItems": 1, "minItems": 1, "items": {"type": "STRING"}, "description": "In this order: string, string."},
        {"type": "array", "maxItems": 1, "prefixItems": [{"type": "string"}, {"type": "string"}]},
        (":prefixItems",),
    ),
    Case(
        "a tuple with wider counts",
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}], "minItems": 0, "maxItems": 5},
        {"type": "ARRAY", "minItems": 0, "maxItems": 2, "items": {"type": "STRING"}, "description": "In this order: string, string."},
        {"type": "array", "minItems": 0, "maxItems": 5, "prefixItems": [{"type": "string"}, {"type": "string"}]},
        (":prefixItems",),
    ),
    Case(
        "a tuple of nulls",
        {"type": "array", "prefixItems": [{"type": "null"}, {"type": "null"}]},
        {"type": "ARRAY", "maxItems": 2, "minItems": 2, "items": {"type": "NULL"}, "description": "In this order: null, null."},
        {"type": "array", "prefixItems": [{"type": "null"}, {"type": "null"}]},
        (":prefixItems",),
    ),
    Case(
        "a tuple with a place that may be null",
        {"type": "array", "prefixItems": [{"type": ["string", "null"]}, {"type": "integer"}], "items": False, "maxItems": 7},
        {"type": "ARRAY", "maxItems": 2, "minItems": 2, "items": {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}], "nullable": True}, "description": "In this order: string or null, integer."},
        {"type": "array", "maxItems": 2, "prefixItems": [{"type": ["string", "null"]}, {"type": "integer"}]},
        (":prefixItems",),
    ),
    Case(
        "a tuple of titled objects",
        {"type": "array", "prefixItems": [{"type": "object", "title": "A", "nullable": True}, {"type": "object", "title": "B", "properties": {"x": {"type": "string"}}}, {"type": "object", "title": "list[int]"}]},
        {"type": "ARRAY", "maxItems": 3, "minItems": 3, "items": {"anyOf": [{"type": "OBJECT", "title": "A"}, {"type": "OBJECT", "properties": {"x": {"type": "STRING"}}, "title": "B"}, {"type": "OBJECT", "title": "list[int]"}], "nullable": True}, "description": 'In this order: A or null, B, {"type":"OBJECT","title":"list[int]"}.'},
        {"type": "array", "prefixItems": [{"type": ["object", "null"], "title": "A"}, {"type": "object", "properties": {"x": {"type": "string"}}, "title": "B"}, {"type": "object", "title": "list[int]"}]},
        (":prefixItems",),
    ),
    Case(
        "an alternative that is false",
        {"anyOf": [False, {"type": "string"}]},
        {"type": "STRING"},
        {"anyOf": [{"type": "string"}]},
    ),
    Case(
        "alternatives that are all null",
        {"anyOf": [{"type": "null"}, {"const": None}, {"enum": [None]}]},
        {"type": "NULL"},
        {"anyOf": [{"type": "null"}, {"type": "null"}, {"type": "null"}]},
    ),
    Case(
        "alternatives that may be null",
        {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True},
        {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}], "nullable": True},
        {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
    ),
    Case(
        "null by the type beside the alternatives",
        {"type": ["string", "null"], "anyOf": [{"minLength": 1}, {"type": "null"}]},
        {"type": "STRING", "minLength": 1, "nullable": True},
        {"type": ["string", "null"], "anyOf": [{"description": "At least 1 characters."}, {"type": "null"}]},
        (),
        ("anyOf[0]:minLength",),
    ),
    Case(
        "null excluded by the type beside the alternatives",
        {"type": "string", "anyOf": [{"minLength": 1}, {"type": "null"}, {"maxLength": 3}]},
        {"anyOf": [{"type": "STRING", "minLength": 1}, {"type": "STRING", "maxLength": 3}]},
        {"type": "string", "anyOf": [{"description": "At least 1 characters."}, {"type": "null"}, {"description": "At most 3 characters."}]},
        (),
        ("anyOf[0]:minLength", "anyOf[2]:maxLength"),
    ),
    Case(
        "an alternative excluded by the type beside it",
        {"type": "string", "anyOf": [{"type": "integer"}, {"minLength": 3}]},
        {"type": "STRING", "minLength": 3},
        {"type": "string", "anyOf": [{"type": "integer"}, {"description": "At least 3 characters."}]},
        (),
        ("anyOf[1]:minLength",),
    ),
    Case(
        "alternatives that are all excluded",
        {"type": "object", "properties": {"a": {"type": "string", "anyOf": [{"type": "integer"}, {"type": "boolean"}]}}},
        "The schema at 'properties.a.anyOf[0]' has members of allOf that exclude each other in 'type': take one of them out.",
        {"type": "object", "properties": {"a": {"type": "string", "anyOf": [{"type": "integer"}, {"type": "boolean"}]}}},
    ),
    Case(
        "words of an optional alternative",
        {"anyOf": [{"type": "string", "title": "in", "description": "in"}, {"type": "null"}], "title": "out", "default": "x"},
        {"type": "STRING", "description": "in", "title": "out", "default": "x", "nullable": True},
        {"anyOf": [{"type": "string", "description": "in", "title": "in"}, {"type": "null"}], "description": 'Default: "x".', "title": "out"},
    ),
    Case(
        "exactly one of two",
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        (":oneOf",),
        (":oneOf",),
    ),
    Case(
        "exactly one of one",
        {"oneOf": [{"type": "string"}]},
        {"type": "STRING"},
        {"anyOf": [{"type": "string"}]},
    ),
    Case(
        "one of two by a discriminator",
        {"oneOf": [{"type": "string"}, {"type": "integer"}], "discriminator": {}},
        {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    ),
    Case(
        "any of beside one of",
        {"anyOf": [{"type": "string"}, {"type": "integer"}], "oneOf": [{"minimum": 1}, {"maxLength": 1}]},
        {"anyOf": [{"type": "STRING"}, {"type": "STRING", "maxLength": 1}, {"type": "INTEGER", "minimum": 1}, {"type": "INTEGER"}]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}], "oneOf": [{"minimum": 1}, {"description": "At most 1 characters."}]},
        ("anyOf[0]:oneOf", "anyOf[1]:oneOf"),
        (":oneOf", "oneOf[1]:maxLength"),
    ),
    Case(
        "alternatives that repeat",
        {"anyOf": [{"type": "string"}, {"type": "string"}, {"type": ["string", "null"]}]},
        {"type": "STRING", "nullable": True},
        {"anyOf": [{"type": "string"}, {"type": "string"}, {"type": ["string", "null"]}]},
    ),
    Case(
        "formats of each type",
        {"type": "object", "properties": {"a": {"type": "number", "format": "float"}, "b": {"type": "integer", "format": "int64"}, "c": {"type": "integer", "format": "uint8"}, "d": {"type": "string", "format": 3}, "e": {"type": "boolean", "format": "x"}, "f": {"type": "string", "format": "date-time"}}},
        {"type": "OBJECT", "properties": {"a": {"type": "NUMBER", "format": "float"}, "b": {"type": "INTEGER", "format": "int64"}, "c": {"type": "INTEGER", "description": "Format: uint8."}, "d": {"type": "STRING"}, "e": {"type": "BOOLEAN", "description": "Format: x."}, "f": {"type": "STRING", "format": "date-time"}}},
        {"type": "object", "properties": {"a": {"type": "number", "format": "float"}, "b": {"type": "integer", "format": "int64"}, "c": {"type": "integer", "format": "uint8"}, "d": {"type": "string"}, "e": {"type": "boolean", "format": "x"}, "f": {"type": "string", "format": "date-time"}}},
        ("properties.c:format", "properties.e:format"),
    ),
    Case(
        "an order with unknown names",
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "propertyOrdering": ["b", "x", "a"]},
        {"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "STRING"}}, "propertyOrdering": ["b", "a"]},
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "propertyOrdering": ["b", "a"]},
    ),
    Case(
        "a forbidden property alone",
        {"type": "object", "properties": {"a": False}},
        {"type": "OBJECT"},
        {"type": "object"},
        ("properties.a:properties",),
        ("properties.a:properties",),
    ),
    Case(
        "a forbidden property that is required",
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
        "The schema at 'properties.a' is false, which no value fits: write an object with a type.",
        "The schema at 'properties.a' is false, which no value fits: write an object with a type.",
    ),
    Case(
        "a name required twice",
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a", "a", "b"]},
        {"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": ANYTHING}, "required": ["a", "b"]},
        {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}}},
    ),
    Case(
        "an object that may be null",
        {"type": "object", "nullable": True, "properties": {"a": {"type": "string"}}},
        {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "nullable": True},
        {"type": ["object", "null"], "properties": {"a": {"type": "string"}}},
    ),
    Case(
        "anything that may be null",
        {"nullable": True, "description": "x"},
        {**ANYTHING, "description": "x"},
        {"description": "x"},
        (":type",),
    ),
    Case(
        "a reference that may be null",
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/A", "nullable": True, "description": "d"}}, "$defs": {"A": {"type": "string"}}},
        {"type": "OBJECT", "properties": {"a": {"type": "STRING", "description": "d", "nullable": True}}},
        {"type": "object", "properties": {"a": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}], "description": "d"}}, "$defs": {"A": {"type": "string"}}},
    ),
    Case(
        "a reference wrapped in allOf",
        {"type": "object", "properties": {"a": {"allOf": [{"$ref": "#/$defs/A"}], "default": "x"}}, "$defs": {"A": {"type": "string"}}},
        {"type": "OBJECT", "properties": {"a": {"type": "STRING", "default": "x"}}},
        {"type": "object", "properties": {"a": {"anyOf": [{"$ref": "#/$defs/A"}], "description": 'Default: "x".'}}, "$defs": {"A": {"type": "string"}}},
    ),
    Case(
        "two types guessed",
        {"minLength": 1, "minimum": 2},
        {"anyOf": [{"type": "STRING", "minLength": 1}, {"type": "NUMBER", "minimum": 2}]},
        {"minimum": 2, "description": "At least 1 characters."},
        (":type",),
        (":minLength",),
    ),
    Case(
        "an identified text",
        {"$id": "x", "type": "string"},
        {"type": "STRING"},
        {"type": "string", "$id": "x"},
    ),
    Case(
        "any of text and a const of null",
        {"anyOf": [{"type": "string", "description": "in"}, {"const": None}], "description": "out"},
        {"type": "STRING", "description": "out", "nullable": True},
        {"anyOf": [{"type": "string", "description": "in"}, {"type": "null"}], "description": "out"},
    ),
    Case(
        "any of text and an enum of null",
        {"anyOf": [{"type": "string", "description": "in"}, {"enum": [None]}], "description": "out"},
        {"type": "STRING", "description": "out", "nullable": True},
        {"anyOf": [{"type": "string", "description": "in"}, {"type": "null"}], "description": "out"},
    ),
    Case(
        "any of text and NULL",
        {"anyOf": [{"type": "string", "description": "in"}, {"type": "NULL"}], "description": "out"},
        {"type": "STRING", "description": "out", "nullable": True},
        {"anyOf": [{"type": "string", "description": "in"}, {"type": "null"}], "description": "out"},
    ),
    Case(
        "any of text and a list of null",
        {"anyOf": [{"type": "string", "description": "in"}, {"type": ["null"]}], "description": "out"},
        {"type": "STRING", "description": "out", "nullable": True},
        {"anyOf": [{"type": "string", "description": "in"}, {"type": "null"}], "description": "out"},
    ),
    Case(
        "any of anything and null",
        {"anyOf": [True, {"type": "null"}], "description": "out"},
        {**ANYTHING, "description": "out"},
        {"anyOf": [{}, {"type": "null"}], "description": "out"},
        ("anyOf[0]:type",),
    ),
    Case(
        "any of text and a const",
        {"anyOf": [{"type": "string", "description": "in"}, {"const": "x"}], "description": "out"},
        {"anyOf": [{"type": "STRING", "description": "in"}, {"type": "STRING", "enum": ["x"]}], "description": "out"},
        {"anyOf": [{"type": "string", "description": "in"}, {"type": "string", "enum": ["x"]}], "description": "out"},
    ),
    Case(
        "whole floats as values and bounds",
        {"type": "number", "minimum": 1.0, "enum": [2.0, 3.0]},
        {"type": "NUMBER", "minimum": 2, "maximum": 3, "description": "One of 2, 3."},
        {"type": "integer", "enum": [2, 3]},
        (":enum",),
    ),
    Case(
        "every type at once",
        {"type": ["string", "number", "integer", "boolean", "array", "object", "null"]},
        {"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}, {"type": "INTEGER"}, {"type": "BOOLEAN"}, {"type": "ARRAY", "items": ANYTHING}, {"type": "OBJECT"}], "nullable": True},
        {"type": ["string", "number", "integer", "boolean", "array", "object", "null"]},
        ("items:type",),
    ),
    Case(
        "a root of alternatives among which is anything",
        {"type": "object", "anyOf": [True, {"required": ["a"]}]},
        {"type": "OBJECT"},
        {"type": "object", "anyOf": [{}, {"required": ["a"]}]},
        (":anyOf",),
    ),
    Case(
        "a root of alternatives that share a property",
        {"type": "object", "anyOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"type": "string"}}}]},
        {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
        {"type": "object", "anyOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"type": "string"}}}]},
        (":anyOf",),
    ),
    Case(
        "a root of alternatives none of which is an object",
        {"type": "object", "anyOf": [{"type": "null"}, False]},
        {"type": "OBJECT"},
        {"type": "object", "anyOf": [{"type": "null"}]},
        (":anyOf",),
    ),
    Case(
        "a root of both unions",
        {"type": "object", "required": ["z"], "properties": {"z": {"type": "string"}}, "anyOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}], "oneOf": [{"properties": {"b": {"type": "string"}}, "required": ["b"]}]},
        {"type": "OBJECT", "properties": {"z": {"type": "STRING"}, "a": {"type": "STRING"}, "b": {"type": "STRING"}}, "required": ["z", "a", "b"]},
        {"type": "object", "required": ["z"], "properties": {"z": {"type": "string"}}, "anyOf": [{"required": ["a"], "properties": {"a": {"type": "string"}}}], "oneOf": [{"required": ["b"], "properties": {"b": {"type": "string"}}}]},
        (":anyOf", ":oneOf"),
    ),
]
# fmt: on


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_both_targets_say_exactly_this(case: Case) -> None:
    """Down to 2 rather than 2.0, and to the order of keys."""
    for write, target, expected, widened in (
        (to_parameters, "parameters", case.parameters, case.widened),
        (to_json_schema, "json_schema", case.json_schema, case.widened_json),
    ):
        if isinstance(expected, str):
            with pytest.raises(RequestError) as caught:
                write(case.schema)
            assert str(caught.value) == expected
        else:
            assert json.dumps(write(case.schema)) == json.dumps(expected)
            listed = explain(case.schema, target)  # type: ignore[arg-type]  # one of both
            assert tuple(f"{item.path}:{item.keyword}" for item in listed) == widened
            assert all(isinstance(item.why, str) for item in listed)


@pytest.mark.parametrize(
    "case", [case for case in CASES if isinstance(case.json_schema, dict)], ids=lambda case: case.id
)
def test_what_is_written_is_a_json_schema(case: Case) -> None:
    jsonschema.Draft202012Validator.check_schema(case.json_schema)  # type: ignore[arg-type]  # the others are left out


def test_an_example_is_a_field_at_the_root_alone() -> None:
    for schema in (
        {"type": "null"},
        {"type": ["string", "integer"]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        {"enum": ["x"]},
        {"enum": [None]},
        {"not": {"type": "null"}},
        {"anyOf": [{"type": "null"}, {"type": "null"}]},
    ):
        said = {**schema, "example": "x"}
        below = to_parameters({"type": "object", "properties": {"a": said}})["properties"]["a"]

        assert to_parameters(said)["example"] == "x"
        assert "example" not in below
        assert below["description"] == 'Example: "x".'


def test_what_is_listed_of_a_schema_without_a_type_has_its_place() -> None:
    schema = {"type": "object", "properties": {"a": {"not": {"type": "null"}}, "b": {"minimum": 1, "minLength": 1}}}

    assert [(item.path, item.keyword, item.why) for item in explain(schema, "parameters")] == [
        ("properties.a", "type", "any value is said as a choice of types, with lists in lists two levels deep"),
        ("properties.a", "not", "it is left out"),
        ("properties.b", "type", "none is given; string or number is taken from the other keywords"),
    ]


def test_places_below_are_listed_as_the_schema_spells_them() -> None:
    text = {"type": "string", "minLength": 1}
    schema = {"type": "object", "properties": {
        "a": {"type": "array", "items": [text], "additionalItems": text},
        "b": {"type": "array", "prefixItems": [text], "items": text},
        "c": {"type": "string", "not": {}},
    }}  # fmt: skip

    assert [(item.path, item.why) for item in explain(schema, "json_schema")] == [
        ("properties.a.items[0]", "the description says it"),
        ("properties.a.additionalItems", "the description says it"),
        ("properties.b.prefixItems[0]", "the description says it"),
        ("properties.b.items", "the description says it"),
        ("properties.c", "it is left out"),
    ]


def test_a_whole_number_is_written_as_one() -> None:
    schema = {"type": "number", "exclusiveMinimum": 3.0, "maximum": 5.0}

    for written in (to_parameters(schema), to_json_schema(schema)):
        assert (
            json.dumps([written["minimum"], written["maximum"], written["description"]]) == '[3, 5, "Greater than 3."]'
        )


def test_an_alternative_keeps_its_own_definitions() -> None:
    own = {"$defs": {"X": {"type": "string"}}, "type": "object", "properties": {"x": {"$ref": "#/$defs/X"}}}
    written = {"type": "OBJECT", "properties": {"x": {"type": "STRING"}}}

    assert to_parameters({"anyOf": [own]}) == written
    assert to_parameters({"anyOf": [own, {"type": "integer"}]}) == {"anyOf": [written, {"type": "INTEGER"}]}


def test_null_among_types_and_alternatives_is_let_through() -> None:
    types = ["string", "integer", "null"]

    assert to_parameters({"type": types, "anyOf": [{"type": name} for name in types]}) == {
        "anyOf": [{"type": "STRING"}, {"type": "INTEGER"}], "nullable": True
    }  # fmt: skip


def test_what_stands_beside_the_alternatives_of_a_root_is_listed_at_the_root() -> None:
    alternatives = [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}]
    schema = {"type": "object", "anyOf": alternatives, "additionalProperties": False}

    assert [(item.path, item.keyword, item.why) for item in explain(schema, "parameters")] == [
        ("", "anyOf", "the root is one object, with the properties of all its alternatives"),
        ("", "additionalProperties", "an object cannot be closed"),
    ]


def test_further_items_of_a_tuple_are_described_and_listed_in_their_own_place() -> None:
    further = {"type": "boolean", "not": {}}
    schema = {"type": "object", "properties": {
        "a": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": further},
    }}  # fmt: skip

    assert to_parameters(schema)["properties"]["a"]["description"] == (
        "In this order: string, integer. Any further items: boolean."
    )
    assert [(item.path, item.keyword) for item in explain(schema, "parameters")] == [
        ("properties.a", "prefixItems"), ("properties.a.items", "not")
    ]  # fmt: skip


def test_free_keys_are_described_by_what_they_hold() -> None:
    number = {"minimum": 1}
    schema = {"type": "object", "properties": {
        "a": {"type": "object", "additionalProperties": True, "patternProperties": {"^a": {"type": "integer"}}},
        "b": {"type": "object", "additionalProperties": number},
        "c": {"type": "array", "items": {"type": "string", "uniqueItems": True}},
    }}  # fmt: skip
    written = to_parameters(schema)["properties"]

    assert written["a"]["description"] == "Keys that match ^a; each value: integer."
    assert written["b"]["description"] == 'Keys are free; each value: {"type":"NUMBER","minimum":1}.'
    assert [(item.path, item.keyword, item.why) for item in explain(schema, "parameters")] == [
        ("properties.a", "patternProperties", "the subset has no such keys, so the description speaks of them"),
        ("properties.b", "additionalProperties", "the subset has no such keys, so the description speaks of them"),
        ("properties.b.additionalProperties", "type", "none is given; number is taken from the other keywords"),
        ("properties.c.items", "uniqueItems", "the description says it"),
    ]


def test_the_places_of_a_tuple_are_told_in_a_word_each() -> None:
    text = {"type": "string"}
    for place, word in (
        ({"type": "null"}, "null"),
        ({"type": "object"}, "object"),
        (
            {**text, "description": "d" * 1_966},
            json.dumps({"type": "STRING", "description": "d" * 1_966}, separators=(",", ":")),
        ),
        ({**text, "description": "d" * 1_967}, "string"),
        ({"anyOf": [{**text, "description": "d" * 2_000}, {"type": "integer"}]}, "any of several kinds"),
    ):
        written = to_parameters({"type": "array", "prefixItems": [place, text]})

        assert written["description"] == f"In this order: {word}, string."
        assert {"type": "STRING"} in (written["items"], *written["items"].get("anyOf", ())) or place == {"type": "null"}

    assert (
        to_parameters({"type": "array", "prefixItems": [{"type": "object"}]})["description"] == "In this order: object."
    )
    assert to_parameters({"type": "array", "prefixItems": [{"type": "null"}, text]})["items"] == {
        "type": "STRING", "nullable": True
    }  # fmt: skip


def test_a_default_that_is_a_fraction_is_kept() -> None:
    assert to_parameters({"type": "number", "default": 1.5}) == {"type": "NUMBER", "default": 1.5}


def test_what_lets_everything_through_is_not_listed() -> None:
    for target in ("parameters", "json_schema"):
        listed = explain({"type": "object", "unevaluatedProperties": True, "not": {"type": "null"}}, target)
        assert [item.keyword for item in listed] == ["not"]


def test_what_every_alternative_of_a_root_requires_is_required_whether_or_not_one_is_null() -> None:
    alternatives = [{"type": "null"}, {"properties": {"a": {"type": "string"}}, "required": ["a"]}]

    assert to_parameters({"type": "object", "anyOf": alternatives})["required"] == ["a"]


def test_what_cannot_be_joined_in_the_alternatives_of_a_root_is_listed_in_its_place() -> None:
    """Alternatives that lead back to the root are its own, and are not read again."""
    one, other = {"if": {"type": "null"}}, {"if": {}, "properties": {"a": {"type": "string"}}}

    for schema, listed in (
        ({"anyOf": [{**one, "anyOf": [other]}]}, [("anyOf[0]", "if"), ("", "anyOf")]),
        ({**one, "anyOf": [{"$ref": "#"}, other]}, [("", "anyOf"), ("", "if")]),
    ):
        widenings = explain({"type": "object", **schema}, "parameters")
        assert [(item.path, item.keyword) for item in widenings] == listed


def test_bounds_beside_a_boolean_say_nothing() -> None:
    assert to_parameters({"type": "boolean", "minimum": 0, "maximum": 1}) == {"type": "BOOLEAN"}


def test_null_is_said_once() -> None:
    text = {"type": "string"}
    schema = {"type": "object", "$defs": {"A": text}, "properties": {
        "a": {"type": ["string", "null"], "nullable": True},
        "b": {"anyOf": [text, {"type": "null"}], "nullable": True},
        "c": {"$ref": "#/$defs/A", "nullable": True},
    }}  # fmt: skip

    assert to_json_schema(schema)["properties"] == {
        "a": {"type": ["string", "null"]},
        "b": {"anyOf": [text, {"type": "null"}]},
        "c": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]},
    }


def test_an_identity_is_kept_at_the_root_alone() -> None:
    text = {"type": "string"}
    schema = {"$id": "root", "type": "object", "$defs": {"A": text}, "properties": {
        "a": {"$id": "a", "enum": ["x"]}, "b": {"$id": "b", "type": "string"}, "c": {"$id": "c", "$ref": "#/$defs/A"},
    }}  # fmt: skip
    written = to_json_schema(schema)

    assert written["$id"] == "root"
    assert written["properties"] == {"a": {**text, "enum": ["x"]}, "b": text, "c": {"$ref": "#/$defs/A"}}


def test_what_a_sentence_cannot_say_is_listed_beside_what_it_can() -> None:
    names = {"^a": {"type": "integer"}}
    schema = {"type": "object", "$defs": {"A": {"type": "string"}}, "properties": {
        "a": {"type": "object", "patternProperties": names, "not": {}},
        "b": {"type": "object", "not": {}, "patternProperties": names},
        "c": {"type": "string", "contentSchema": {"$ref": "#/$defs/A"}},
        "d": {"type": "object", "patternProperties": {"^a": {"$ref": "#/$defs/A"}}},
        "e": {"type": "array", "prefixItems": [{}, {}], "items": False, "maxItems": 1},
        "f": {"description": "MAX", "examples": ["x"]},
        "g": {"enum": [[1]], "description": "A list"},
        "h": {"enum": [[float("nan")]]},
    }}  # fmt: skip

    assert to_json_schema(schema)["properties"] == {
        "a": {"type": "object", "description": "Keys that match ^a; each value: integer."},
        "b": {"type": "object", "description": "Keys that match ^a; each value: integer."},
        "c": {"type": "string"},
        "d": {"type": "object"},
        "e": {"type": "array", "maxItems": 1, "prefixItems": [{}, {}]},
        "f": {"description": 'MAX. Examples: "x".'},
        "g": {"type": "array", "description": "A list. Must be [1]."},
        "h": {"type": "array", "description": "Must be 'list'."},
    }
    assert [(item.path[-1], item.keyword, item.why) for item in explain(schema, "json_schema")] == [
        ("a", "patternProperties", "the description says it"),
        ("a", "not", "it is left out"),
        ("b", "not", "it is left out"),
        ("b", "patternProperties", "the description says it"),
        ("c", "contentSchema", "it is left out"),
        ("d", "patternProperties", "it is left out"),
        ("g", "enum", "an enum holds texts and numbers only, so the description lists the values"),
        ("h", "enum", "an enum holds texts and numbers only, so the description lists the values"),
    ]


def test_ids_are_unique() -> None:
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize("value", [object(), float("nan"), [float("nan")], {"a": {1, 2}}])
def test_a_default_or_example_that_json_cannot_hold_is_left_out(value: Any) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "default": value, "example": value}}}
    several = {"type": "object", "properties": {"a": {"type": "string", "examples": [value, "x"]}}}
    none = {"type": "object", "properties": {"a": {"type": "string", "examples": [value]}}}

    assert to_parameters(schema) == to_parameters(none)
    assert to_parameters(schema)["properties"]["a"] == {"type": "STRING"}
    assert to_json_schema(schema)["properties"]["a"] == {"type": "string"}
    assert to_parameters(several)["properties"]["a"] == {"type": "STRING", "description": 'Examples: "x".'}
    assert to_json_schema(several)["properties"]["a"] == {"type": "string", "description": 'Examples: "x".'}

"""A table of schemas and what becomes of them, exactly."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import functools
import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import jsonschema
import pytest
from pydantic import BaseModel, Field, Json
from pydantic import v1 as pydantic_v1
from typing_extensions import TypedDict

from gstream import ENDPOINTS, Prompt, Settings, Text, Tool, Turn
from gstream.errors import RequestError
from gstream.request import build_body
from gstream.schema import conforms, explain, schema_of, to_json_schema, to_parameters
from tests.conftest import SHARED, present

# ruff: noqa: E501 - a row of the table has one line for each of its fields, however long


@dataclass(frozen=True)
class Case:
    id: str
    schema: dict[str, Any]
    parameters: dict[str, Any] | str
    """The result of `to_parameters`, or a part of the error's sentence."""
    json_schema: dict[str, Any] | str
    """The result of `to_json_schema`, or a part of the error's sentence."""
    widened: tuple[str, ...] = ()
    """`path:keyword` of what `parameters` cannot say."""
    widened_json: tuple[str, ...] = ()
    """The same of `json_schema`."""


class Inner(BaseModel):
    x: int


class Described(BaseModel):
    inner: Inner = Field(description="the inner one")


class Node(BaseModel):
    name: str
    kids: list[Node] = []


class Forest(BaseModel):
    trees: list[Forest]


class Chain(BaseModel):
    rest: Chain | None


class Endless(BaseModel):
    again: Endless


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: Literal[1, 2, 9] = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    good: bool


class Owner(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]


class Nested(BaseModel):
    value: Annotated[int | None, Field(title="I")] | Annotated[str | None, Field(title="S")] = None


class Part(pydantic_v1.BaseModel):
    size: int = pydantic_v1.Field(gt=0)


class Legacy(pydantic_v1.BaseModel):
    part: Part = pydantic_v1.Field(description="which")
    pair: tuple[int, str]
    note: str | None = None


class Movie(TypedDict, total=False):
    """A film."""

    title: str
    year: int


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0.0


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"


class Pair(NamedTuple):
    x: int
    y: str = "a"


class Stamped(BaseModel):
    at: dt.datetime
    day: dt.date
    raw: bytes
    tags: set[str]
    mixed: Mixed


class Clash(BaseModel):
    title: str
    properties: dict[str, int]
    type: str
    required: list[str]
    enum: Literal["a"] = "a"


class Left(BaseModel):
    right: Right | None = None


class Right(BaseModel):
    left: Left | None = None


def send(to: str, copies: int = 1, *, urgent: bool = False) -> None:
    """Carry a signature to be described."""


SCALARS = [{"type": "STRING"}, {"type": "NUMBER"}, {"type": "BOOLEAN"}, {"type": "OBJECT"}]
ANY_0 = {"anyOf": SCALARS, "nullable": True}
ANY_1 = {"anyOf": [*SCALARS, {"type": "ARRAY", "items": ANY_0}], "nullable": True}
ANY: dict[str, Any] = {"anyOf": [*SCALARS, {"type": "ARRAY", "items": ANY_1}], "nullable": True}
"""Any value, in the subset's words: lists in lists end at the second level."""

# fmt: off
CASES = [
    Case(
        id="empty schema is anything",
        schema={},
        parameters=ANY,
        json_schema={},
        widened=(":type",),
    ),
    Case(
        id="text",
        schema={"type": "string"},
        parameters={"type": "STRING"},
        json_schema={"type": "string"},
    ),
    Case(
        id="text with all it has",
        schema={"type": "string", "title": "T", "description": "D", "minLength": 1, "maxLength": 9, "pattern": "^a", "default": "ab"},
        parameters={"type": "STRING", "minLength": 1, "maxLength": 9, "pattern": "^a", "description": "D", "title": "T", "default": "ab"},
        json_schema={"type": "string", "description": 'D. At least 1 characters. At most 9 characters. Matches the regular expression ^a. Default: "ab".', "title": "T"},
        widened_json=(":minLength", ":maxLength", ":pattern"),
    ),
    Case(
        id="date-time is kept",
        schema={"type": "string", "format": "date-time"},
        parameters={"type": "STRING", "format": "date-time"},
        json_schema={"type": "string", "format": "date-time"},
    ),
    Case(
        id="e-mail goes into the description",
        schema={"type": "string", "format": "email", "description": "Whom to write"},
        parameters={"type": "STRING", "description": "Whom to write. Format: email."},
        json_schema={"type": "string", "description": "Whom to write", "format": "email"},
        widened=(":format",),
    ),
    Case(
        id="integer bounds",
        schema={"type": "integer", "minimum": 1, "maximum": 5, "format": "int32"},
        parameters={"type": "INTEGER", "minimum": 1, "maximum": 5, "format": "int32"},
        json_schema={"type": "integer", "minimum": 1, "maximum": 5, "format": "int32"},
    ),
    Case(
        id="open integer bounds close",
        schema={"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10},
        parameters={"type": "INTEGER", "minimum": 1, "maximum": 9},
        json_schema={"type": "integer", "minimum": 1, "maximum": 9},
    ),
    Case(
        id="open fractional bounds of integers",
        schema={"type": "integer", "exclusiveMinimum": 0.5, "maximum": 7.5},
        parameters={"type": "INTEGER", "minimum": 1, "maximum": 7},
        json_schema={"type": "integer", "minimum": 1, "maximum": 7.5},
    ),
    Case(
        id="open number bounds widen",
        schema={"type": "number", "exclusiveMinimum": 0, "maximum": 1.5},
        parameters={"type": "NUMBER", "minimum": 0, "maximum": 1.5, "description": "Greater than 0."},
        json_schema={"type": "number", "minimum": 0, "maximum": 1.5, "description": "Greater than 0."},
        widened=(":exclusiveMinimum",),
        widened_json=(":exclusiveMinimum",),
    ),
    Case(
        id="draft 4 open bounds",
        schema={"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        parameters={"type": "INTEGER", "minimum": 1},
        json_schema={"type": "integer", "minimum": 1},
    ),
    Case(
        id="multiple of",
        schema={"type": "integer", "multipleOf": 5},
        parameters={"type": "INTEGER", "description": "A multiple of 5."},
        json_schema={"type": "integer", "description": "A multiple of 5."},
        widened=(":multipleOf",),
        widened_json=(":multipleOf",),
    ),
    Case(
        id="whole floats are integers",
        schema={"type": "number", "minimum": 1.0, "format": "double"},
        parameters={"type": "NUMBER", "minimum": 1, "format": "double"},
        json_schema={"type": "number", "minimum": 1, "format": "double"},
    ),
    Case(
        id="boolean",
        schema={"type": "boolean", "default": False},
        parameters={"type": "BOOLEAN", "default": False},
        json_schema={"type": "boolean", "description": "Default: false."},
    ),
    Case(
        id="null alone",
        schema={"type": "null"},
        parameters={"type": "NULL"},
        json_schema={"type": "null"},
    ),
    Case(
        id="upper-case types",
        schema={"type": "OBJECT", "properties": {"a": {"type": "STRING", "nullable": True}}},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING", "nullable": True}}},
        json_schema={"type": "object", "properties": {"a": {"type": ["string", "null"]}}},
    ),
    Case(
        id="type list with null",
        schema={"type": ["string", "null"], "description": "maybe"},
        parameters={"type": "STRING", "description": "maybe", "nullable": True},
        json_schema={"type": ["string", "null"], "description": "maybe"},
    ),
    Case(
        id="type list",
        schema={"type": ["string", "integer"], "minLength": 2, "minimum": 0},
        parameters={"anyOf": [{"type": "STRING", "minLength": 2}, {"type": "INTEGER", "minimum": 0}]},
        json_schema={"type": ["string", "integer"], "minimum": 0, "description": "At least 2 characters."},
        widened_json=(":minLength",),
    ),
    Case(
        id="string enum",
        schema={"type": "string", "enum": ["a", "b"]},
        parameters={"type": "STRING", "enum": ["a", "b"]},
        json_schema={"type": "string", "enum": ["a", "b"]},
    ),
    Case(
        id="string enum without type",
        schema={"enum": ["a", "b"]},
        parameters={"type": "STRING", "enum": ["a", "b"]},
        json_schema={"type": "string", "enum": ["a", "b"]},
    ),
    Case(
        id="enum with null",
        schema={"enum": ["a", None]},
        parameters={"type": "STRING", "enum": ["a"], "nullable": True},
        json_schema={"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
    ),
    Case(
        id="enum with the empty text",
        schema={"enum": ["", "a"]},
        parameters={"type": "STRING", "enum": ["a"], "description": 'May also be "".'},
        json_schema={"type": "string", "enum": ["", "a"]},
        widened=(":enum",),
    ),
    Case(
        id="only the empty text",
        schema={"const": ""},
        parameters={"type": "STRING", "description": 'Must be "".'},
        json_schema={"type": "string", "enum": [""]},
        widened=(":const",),
    ),
    Case(
        id="string const",
        schema={"const": "only"},
        parameters={"type": "STRING", "enum": ["only"]},
        json_schema={"type": "string", "enum": ["only"]},
    ),
    Case(
        id="integer enum",
        schema={"type": "integer", "enum": [1, 2, 9]},
        parameters={"type": "INTEGER", "minimum": 1, "maximum": 9, "description": "One of 1, 2, 9."},
        json_schema={"type": "integer", "enum": [1, 2, 9]},
        widened=(":enum",),
    ),
    Case(
        id="contiguous integers",
        schema={"enum": [3, 1, 2]},
        parameters={"type": "INTEGER", "minimum": 1, "maximum": 3, "description": "One of 3, 1, 2."},
        json_schema={"type": "integer", "enum": [3, 1, 2]},
    ),
    Case(
        id="integer const",
        schema={"const": 5, "description": "version"},
        parameters={"type": "INTEGER", "minimum": 5, "maximum": 5, "description": "version. Must be 5."},
        json_schema={"type": "integer", "enum": [5], "description": "version"},
    ),
    Case(
        id="number enum",
        schema={"type": "number", "enum": [0.5, 1]},
        parameters={"type": "NUMBER", "minimum": 0.5, "maximum": 1, "description": "One of 0.5, 1."},
        json_schema={"type": "number", "enum": [0.5, 1]},
        widened=(":enum",),
    ),
    Case(
        id="boolean const",
        schema={"const": True},
        parameters={"type": "BOOLEAN", "description": "Must be true."},
        json_schema={"type": "boolean", "description": "Must be true."},
        widened=(":const",),
        widened_json=(":const",),
    ),
    Case(
        id="mixed enum",
        schema={"enum": ["auto", 1, 2, None, False]},
        parameters={"anyOf": [{"type": "STRING", "enum": ["auto"]}, {"type": "INTEGER", "minimum": 1, "maximum": 2, "description": "One of 1, 2."}, {"type": "BOOLEAN", "description": "Must be false."}], "nullable": True},
        json_schema={"anyOf": [{"type": "string", "enum": ["auto"]}, {"type": "integer", "enum": [1, 2]}, {"type": "boolean", "description": "Must be false."}, {"type": "null"}]},
        widened=(":enum",),
        widened_json=(":enum",),
    ),
    Case(
        id="enum filtered by type",
        schema={"type": "string", "enum": ["a", 1]},
        parameters={"type": "STRING", "enum": ["a"]},
        json_schema={"type": "string", "enum": ["a"]},
    ),
    Case(
        id="enum without a value of its type",
        schema={"type": "string", "enum": [1]},
        parameters="The schema allows no value that fits the rest of it: correct its enum.",
        json_schema="The schema allows no value that fits the rest of it: correct its enum.",
    ),
    Case(
        id="enum of lists",
        schema={"enum": [[1, 2], [3]]},
        parameters={"type": "ARRAY", "items": ANY, "description": "One of [1,2], [3]."},
        json_schema={"type": "array", "description": "One of [1,2], [3]."},
        widened=(":enum",),
        widened_json=(":enum",),
    ),
    Case(
        id="bare array",
        schema={"type": "array"},
        parameters={"type": "ARRAY", "items": ANY},
        json_schema={"type": "array"},
        widened=("items:type",),
    ),
    Case(
        id="array with counts",
        schema={"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3, "uniqueItems": True},
        parameters={"type": "ARRAY", "minItems": 1, "maxItems": 3, "items": {"type": "INTEGER"}, "description": "No item twice."},
        json_schema={"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}, "description": "No item twice."},
        widened=(":uniqueItems",),
        widened_json=(":uniqueItems",),
    ),
    Case(
        id="empty array only",
        schema={"type": "array", "items": False},
        parameters={"type": "ARRAY", "items": ANY_0, "maxItems": 0},
        json_schema={"type": "array", "maxItems": 0},
    ),
    Case(
        id="tuple",
        schema={"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2},
        parameters={"type": "ARRAY", "minItems": 2, "maxItems": 2, "items": {"anyOf": [{"type": "INTEGER"}, {"type": "STRING"}]}, "description": "In this order: integer, string."},
        json_schema={"type": "array", "minItems": 2, "maxItems": 2, "prefixItems": [{"type": "integer"}, {"type": "string"}]},
        widened=(":prefixItems",),
    ),
    Case(
        id="tuple of objects, by their titles",
        schema=schema_of(tuple[Inner, int | None, Inner | None]),
        parameters={"type": "ARRAY", "minItems": 3, "maxItems": 3, "items": {"anyOf": [{"type": "OBJECT", "properties": {"x": {"type": "INTEGER", "title": "X"}}, "required": ["x"], "title": "Inner"}, {"type": "INTEGER"}], "nullable": True}, "description": "In this order: Inner, integer or null, Inner or null."},
        json_schema={"type": "array", "minItems": 3, "maxItems": 3, "prefixItems": [{"$ref": "#/$defs/Inner"}, {"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"anyOf": [{"$ref": "#/$defs/Inner"}, {"type": "null"}]}], "$defs": {"Inner": {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer", "title": "X"}}, "title": "Inner"}}},
        widened=(":prefixItems",),
    ),
    Case(
        id="tuple of two objects with one title",
        schema={"type": "array", "prefixItems": [{"type": "object", "title": "T", "minProperties": 1}, {"type": "object", "title": "T"}]},
        parameters={"type": "ARRAY", "maxItems": 2, "minItems": 2, "items": {"anyOf": [{"type": "OBJECT", "minProperties": 1, "title": "T"}, {"type": "OBJECT", "title": "T"}]}, "description": 'In this order: {"type":"OBJECT","minProperties":1,"title":"T"}, {"type":"OBJECT","title":"T"}.'},
        json_schema={"type": "array", "prefixItems": [{"type": "object", "description": "At least 1 keys.", "title": "T"}, {"type": "object", "title": "T"}]},
        widened=(":prefixItems",),
        widened_json=("prefixItems[0]:minProperties",),
    ),
    Case(
        id="tuple of an integer and anything",
        schema=schema_of(tuple[int, Any]),
        parameters={"type": "ARRAY", "minItems": 2, "maxItems": 2, "items": {"anyOf": [{"type": "INTEGER"}, *ANY["anyOf"]], "nullable": True}, "description": "In this order: integer, any."},
        json_schema={"type": "array", "minItems": 2, "maxItems": 2, "prefixItems": [{"type": "integer"}, {}]},
        widened=("prefixItems[1]:type", ":prefixItems"),
    ),
    Case(
        id="tuple of one kind",
        schema={"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]},
        parameters={"type": "ARRAY", "maxItems": 2, "minItems": 2, "items": {"type": "NUMBER"}, "description": "In this order: number, number."},
        json_schema={"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]},
        widened=(":prefixItems",),
    ),
    Case(
        id="tuple with a rest",
        schema={"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
        parameters={"type": "ARRAY", "minItems": 1, "items": {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]}, "description": "In this order: string. Any further items: integer."},
        json_schema={"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
        widened=(":prefixItems",),
    ),
    Case(
        id="draft 4 tuple",
        schema={"type": "array", "items": [{"type": "integer"}, {"type": "null"}], "additionalItems": False},
        parameters={"type": "ARRAY", "maxItems": 2, "minItems": 2, "items": {"type": "INTEGER", "nullable": True}, "description": "In this order: integer, null."},
        json_schema={"type": "array", "prefixItems": [{"type": "integer"}, {"type": "null"}], "maxItems": 2},
        widened=(":items",),
    ),
    Case(
        id="empty object",
        schema={"type": "object", "properties": {}, "required": []},
        parameters={"type": "OBJECT"},
        json_schema={"type": "object"},
    ),
    Case(
        id="closed object",
        schema={"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["a"]},
        json_schema={"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}, "additionalProperties": False},
        widened=(":additionalProperties",),
    ),
    Case(
        id="map",
        schema={"type": "object", "additionalProperties": {"type": "integer"}},
        parameters={"type": "OBJECT", "description": "Keys are free; each value: integer."},
        json_schema={"type": "object", "additionalProperties": {"type": "integer"}},
        widened=(":additionalProperties",),
    ),
    Case(
        id="map with known keys",
        schema={"type": "object", "properties": {"id": {"type": "string"}}, "additionalProperties": {"type": "array", "items": {"type": "number"}}},
        parameters={"type": "OBJECT", "properties": {"id": {"type": "STRING"}}, "description": 'Further keys are free; each value: {"type":"ARRAY","items":{"type":"NUMBER"}}.'},
        json_schema={"type": "object", "properties": {"id": {"type": "string"}}, "additionalProperties": {"type": "array", "items": {"type": "number"}}},
        widened=(":additionalProperties",),
    ),
    Case(
        id="map by pattern",
        schema={"type": "object", "patternProperties": {"^x-": {"type": "string"}}, "minProperties": 1},
        parameters={"type": "OBJECT", "minProperties": 1, "description": "Keys that match ^x-; each value: string."},
        json_schema={"type": "object", "description": "Keys that match ^x-; each value: string. At least 1 keys."},
        widened=(":patternProperties",),
        widened_json=(":patternProperties", ":minProperties"),
    ),
    Case(
        id="map of objects with dates as keys",
        schema=schema_of(dict[dt.date, Inner]),
        parameters={"type": "OBJECT", "description": 'Keys are free; each value: {"type":"OBJECT","properties":{"x":{"type":"INTEGER","title":"X"}},"required":["x"],"title":"Inner"}. Each key: {"type":"STRING","description":"Format: date."}.'},
        json_schema={"type": "object", "additionalProperties": {"$ref": "#/$defs/Inner"}, "description": 'Each key: {"format":"date"}.', "$defs": {"Inner": {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer", "title": "X"}}, "title": "Inner"}}},
        widened=(":additionalProperties", ":propertyNames", "propertyNames:format"),
        widened_json=(":propertyNames",),
    ),
    Case(
        id="map whose keys are a definition",
        schema={"type": "object", "propertyNames": {"$ref": "#/$defs/K"}, "$defs": {"K": {"type": "string", "enum": ["a"]}}},
        parameters={"type": "OBJECT", "description": 'Each key: {"type":"STRING","enum":["a"]}.'},
        json_schema={"type": "object", "description": 'Each key: {"type":"string","enum":["a"]}.'},
        widened=(":propertyNames",),
        widened_json=(":propertyNames",),
    ),
    Case(
        id="map of anything",
        schema=schema_of(dict[str, Any]),
        parameters={"type": "OBJECT", "description": "Keys are free; each value: any."},
        json_schema={"type": "object", "additionalProperties": True},
    ),
    Case(
        id="JSON in a text",
        schema=schema_of(Json[list[int]]),
        parameters={"type": "STRING", "description": 'Media type: application/json. Content: {"items":{"type":"integer"},"type":"array"}.'},
        json_schema={"type": "string", "description": 'Media type: application/json. Content: {"items":{"type":"integer"},"type":"array"}.'},
        widened=(":contentMediaType", ":contentSchema"),
        widened_json=(":contentMediaType", ":contentSchema"),
    ),
    Case(
        id="map with named keys",
        schema={"type": "object", "additionalProperties": {"type": "integer"}, "propertyNames": {"enum": ["a", "b"]}},
        parameters={"type": "OBJECT", "description": 'Keys are free; each value: integer. Each key: {"type":"STRING","enum":["a","b"]}.'},
        json_schema={"type": "object", "additionalProperties": {"type": "integer"}, "description": 'Each key: {"enum":["a","b"]}.'},
        widened=(":additionalProperties", ":propertyNames"),
        widened_json=(":propertyNames",),
    ),
    Case(
        id="required without a schema",
        schema={"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"]},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": ANY}, "required": ["b"]},
        json_schema={"type": "object", "required": ["b"], "properties": {"a": {"type": "string"}}},
    ),
    Case(
        id="forbidden property",
        schema={"type": "object", "properties": {"a": False, "b": {"type": "string"}}},
        parameters={"type": "OBJECT", "properties": {"b": {"type": "STRING"}}},
        json_schema={"type": "object", "properties": {"b": {"type": "string"}}},
        widened=("properties.a:properties",),
        widened_json=("properties.a:properties",),
    ),
    Case(
        id="forgotten type",
        schema={"properties": {"a": {"minLength": 1}}},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING", "minLength": 1}}},
        json_schema={"properties": {"a": {"description": "At least 1 characters."}}},
        widened=(":type", "properties.a:type"),
        widened_json=("properties.a:minLength",),
    ),
    Case(
        id="given order",
        schema={"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "propertyOrdering": ["b", "a"]},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "STRING"}}, "propertyOrdering": ["b", "a"]},
        json_schema={"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "propertyOrdering": ["b", "a"]},
    ),
    Case(
        id="anyOf",
        schema={"anyOf": [{"type": "integer"}, {"type": "string"}]},
        parameters={"anyOf": [{"type": "INTEGER"}, {"type": "STRING"}]},
        json_schema={"anyOf": [{"type": "integer"}, {"type": "string"}]},
    ),
    Case(
        id="anyOf with null",
        schema={"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}], "default": None, "description": "age"},
        parameters={"type": "INTEGER", "minimum": 0, "description": "age", "nullable": True},
        json_schema={"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}], "description": "age"},
    ),
    Case(
        id="oneOf",
        schema={"oneOf": [{"type": "integer"}, {"type": "string"}]},
        parameters={"anyOf": [{"type": "INTEGER"}, {"type": "STRING"}]},
        json_schema={"anyOf": [{"type": "integer"}, {"type": "string"}]},
        widened=(":oneOf",),
        widened_json=(":oneOf",),
    ),
    Case(
        id="anyOf beside properties",
        schema={"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "STRING"}}},
        json_schema={"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        widened=(":anyOf",),
    ),
    Case(
        id="anyOf beside properties below",
        schema={"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}},
        parameters={"type": "ARRAY", "items": {"anyOf": [{"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "STRING"}}, "required": ["a"]}, {"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "STRING"}}, "required": ["b"]}]}},
        json_schema={"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}},
    ),
    Case(
        id="anyOf with an excluded alternative",
        schema={"type": "string", "anyOf": [{"type": "integer"}, {"pattern": "^a"}]},
        parameters={"type": "STRING", "pattern": "^a"},
        json_schema={"type": "string", "anyOf": [{"type": "integer"}, {"description": "Matches the regular expression ^a."}]},
        widened_json=("anyOf[1]:pattern",),
    ),
    Case(
        id="unions in unions",
        schema={"anyOf": [{"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"oneOf": [{"type": "string"}, {"type": "integer"}]}]},
        parameters={"anyOf": [{"type": "INTEGER"}, {"type": "STRING"}], "nullable": True},
        json_schema={"anyOf": [{"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}]},
        widened=("anyOf[1]:oneOf",),
        widened_json=("anyOf[1]:oneOf",),
    ),
    Case(
        id="allOf",
        schema={"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, {"properties": {"b": {"type": "integer"}}, "required": ["b"]}]},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "INTEGER"}}, "required": ["a", "b"]},
        json_schema={"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
    ),
    Case(
        id="allOf narrows",
        schema={"allOf": [{"type": "number", "minimum": 0}, {"type": "integer", "minimum": 3, "maximum": 9}, {"maximum": 5}]},
        parameters={"type": "INTEGER", "minimum": 3, "maximum": 5},
        json_schema={"type": "integer", "minimum": 3, "maximum": 5},
    ),
    Case(
        id="allOf contradicts itself",
        schema={"allOf": [{"type": "string"}, {"type": "integer"}]},
        parameters="The schema has members of allOf that exclude each other in 'type': take one of them out.",
        json_schema="The schema has members of allOf that exclude each other in 'type': take one of them out.",
    ),
    Case(
        id="allOf with two patterns",
        schema={"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "z$"}]},
        parameters={"type": "STRING", "pattern": "^a"},
        json_schema={"type": "string", "description": "Matches the regular expression ^a."},
        widened=(":pattern",),
        widened_json=(":pattern",),
    ),
    Case(
        id="described reference",
        schema={"$defs": {"A": {"type": "string", "description": "old"}}, "$ref": "#/$defs/A", "description": "new"},
        parameters={"type": "STRING", "description": "new"},
        json_schema={"type": "string", "description": "new"},
    ),
    Case(
        id="reference with a constraint",
        schema={"definitions": {"A": {"type": "integer", "minimum": 0}}, "type": "object", "properties": {"a": {"$ref": "#/definitions/A", "maximum": 3}}},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "INTEGER", "minimum": 0, "maximum": 3}}},
        json_schema={"type": "object", "properties": {"a": {"type": "integer", "minimum": 0, "maximum": 3}}},
    ),
    Case(
        id="reference by pointer",
        schema={"type": "object", "properties": {"a": {"type": "string"}, "b": {"$ref": "#/properties/a"}}},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "STRING"}}},
        json_schema={"type": "object", "properties": {"a": {"type": "string"}, "b": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "string"}}},
    ),
    Case(
        id="reference by anchor",
        schema={"$defs": {"A": {"$anchor": "a", "type": "string"}}, "type": "array", "items": {"$ref": "#a"}},
        parameters={"type": "ARRAY", "items": {"type": "STRING"}},
        json_schema={"type": "array", "items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"type": "string"}}},
    ),
    Case(
        id="pasted definitions",
        schema={"type": "object", "properties": {"p": {"$defs": {"A": {"type": "boolean"}}, "type": "array", "items": {"$ref": "#/$defs/A"}}}},
        parameters={"type": "OBJECT", "properties": {"p": {"type": "ARRAY", "items": {"type": "BOOLEAN"}}}},
        json_schema={"type": "object", "properties": {"p": {"type": "array", "items": {"$ref": "#/$defs/A"}}}, "$defs": {"A": {"type": "boolean"}}},
    ),
    Case(
        id="reference to nothing",
        schema={"type": "object", "properties": {"a": {"$ref": "#/$defs/Gone"}}},
        parameters="The schema at 'properties.a' refers to '#/$defs/Gone', which does not exist: add that definition or correct the reference.",
        json_schema="The schema at 'properties.a' refers to '#/$defs/Gone', which does not exist: add that definition or correct the reference.",
    ),
    Case(
        id="remote reference",
        schema={"$ref": "https://example.com/schema.json"},
        parameters="The schema refers to 'https://example.com/schema.json', which lies outside it: put the definition under $defs and refer to that.",
        json_schema="The schema refers to 'https://example.com/schema.json', which lies outside it: put the definition under $defs and refer to that.",
    ),
    Case(
        id="reference to itself",
        schema={"$defs": {"A": {"$ref": "#/$defs/A"}}, "$ref": "#/$defs/A"},
        parameters="The schema refers to '#/$defs/A', which is nothing but itself: give that definition a type.",
        json_schema="The schema refers to '#/$defs/A', which is nothing but itself: give that definition a type.",
    ),
    Case(
        id="true and false",
        schema={"type": "object", "properties": {"a": True}, "required": ["a"]},
        parameters={"type": "OBJECT", "properties": {"a": ANY}, "required": ["a"]},
        json_schema={"type": "object", "required": ["a"], "properties": {"a": {}}},
        widened=("properties.a:type",),
    ),
    Case(
        id="false",
        schema={"type": "array", "items": {"anyOf": [False]}},
        parameters="The schema at 'items' has no alternative under 'anyOf' that a value can fit: add one.",
        json_schema="The schema at 'items' has no alternative under 'anyOf' that a value can fit: add one.",
    ),
    Case(
        id="unknown type",
        schema={"type": "object", "properties": {"a": {"type": "int"}}},
        parameters="The schema at 'properties.a' has the unknown type 'int': choose one of string, number, integer, boolean, array, object, null.",
        json_schema="The schema at 'properties.a' has the unknown type 'int': choose one of string, number, integer, boolean, array, object, null.",
    ),
    Case(
        id="not a schema",
        schema={"type": "object", "properties": {"a": "string"}},
        parameters="The schema at 'properties.a' is no schema (got 'string'): write an object with a type.",
        json_schema="The schema at 'properties.a' is no schema (got 'string'): write an object with a type.",
    ),
    Case(
        id="conditions",
        schema={"type": "object", "properties": {"a": {"type": "string"}}, "if": {"required": ["a"]}, "then": {"minProperties": 2}, "not": {"required": ["b"]}},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
        json_schema={"type": "object", "properties": {"a": {"type": "string"}}},
        widened=(":if", ":not"),
        widened_json=(":if", ":not"),
    ),
    Case(
        id="examples",
        schema={"type": "string", "examples": ["a", "b"], "contentEncoding": "base64"},
        parameters={"type": "STRING", "description": 'Encoding: base64. Examples: "a", "b".'},
        json_schema={"type": "string", "description": 'Encoding: base64. Examples: "a", "b".'},
        widened=(":contentEncoding",),
        widened_json=(":contentEncoding",),
    ),
    Case(
        id="whole recursion",
        schema={"type": "object", "properties": {"parent": {"$ref": "#"}}},
        parameters={"type": "OBJECT", "properties": {"parent": {"type": "OBJECT", "properties": {"parent": {"type": "OBJECT"}}}}},
        json_schema={"type": "object", "properties": {"parent": {"$ref": "#/$defs/Root"}}, "$defs": {"Root": {"type": "object", "properties": {"parent": {"$ref": "#/$defs/Root"}}}}},
        widened=("properties.parent.properties.parent.properties.parent:$ref",),
    ),
    Case(
        id="described model",
        schema=schema_of(Described),
        parameters={"type": "OBJECT", "properties": {"inner": {"type": "OBJECT", "properties": {"x": {"type": "INTEGER", "title": "X"}}, "required": ["x"], "description": "the inner one", "title": "Inner"}}, "required": ["inner"], "title": "Described"},
        json_schema={"type": "object", "required": ["inner"], "properties": {"inner": {"anyOf": [{"$ref": "#/$defs/Inner"}], "description": "the inner one"}}, "title": "Described", "$defs": {"Inner": {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer", "title": "X"}}, "title": "Inner"}}},
    ),
    Case(
        id="recursive model",
        schema=schema_of(Node),
        parameters={"type": "OBJECT", "properties": {"name": {"type": "STRING", "title": "Name"}, "kids": {"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"name": {"type": "STRING", "title": "Name"}, "kids": {"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"name": {"type": "STRING", "title": "Name"}}, "required": ["name"], "title": "Node"}, "title": "Kids"}}, "required": ["name"], "title": "Node"}, "title": "Kids"}}, "required": ["name"], "title": "Node"},
        json_schema={"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "title": "Name"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/Node"}, "title": "Kids"}}, "title": "Node", "$defs": {"Node": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "title": "Name"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/Node"}, "title": "Kids"}}, "title": "Node"}}},
        widened=("properties.kids.items.properties.kids.items.properties.kids:$ref",),
    ),
    Case(
        id="recursive required list",
        schema=schema_of(Forest),
        parameters={"type": "OBJECT", "properties": {"trees": {"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"trees": {"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"trees": {"type": "ARRAY", "items": {"type": "OBJECT"}, "maxItems": 0, "title": "Trees"}}, "required": ["trees"], "title": "Forest"}, "title": "Trees"}}, "required": ["trees"], "title": "Forest"}, "title": "Trees"}}, "required": ["trees"], "title": "Forest"},
        json_schema={"type": "object", "required": ["trees"], "properties": {"trees": {"type": "array", "items": {"$ref": "#/$defs/Forest"}, "title": "Trees"}}, "title": "Forest", "$defs": {"Forest": {"type": "object", "properties": {"trees": {"type": "array", "items": {"$ref": "#/$defs/Forest"}, "title": "Trees"}}, "title": "Forest"}}},
        widened=("properties.trees.items.properties.trees.items.properties.trees.items:$ref",),
        widened_json=("properties.trees.items.properties.trees.items:required",),
    ),
    Case(
        id="recursive required optional",
        schema=schema_of(Chain),
        parameters={"type": "OBJECT", "properties": {"rest": {"type": "OBJECT", "properties": {"rest": {"type": "OBJECT", "properties": {"rest": {"type": "NULL"}}, "required": ["rest"], "title": "Chain", "nullable": True}}, "required": ["rest"], "title": "Chain", "nullable": True}}, "required": ["rest"], "title": "Chain"},
        json_schema={"type": "object", "required": ["rest"], "properties": {"rest": {"anyOf": [{"$ref": "#/$defs/Chain"}, {"type": "null"}]}}, "title": "Chain", "$defs": {"Chain": {"type": "object", "properties": {"rest": {"anyOf": [{"$ref": "#/$defs/Chain"}, {"type": "null"}]}}, "title": "Chain"}}},
        widened=("properties.rest.anyOf[0].properties.rest.anyOf[0].properties.rest.anyOf[0]:$ref",),
        widened_json=("properties.rest.anyOf[0].properties.rest.anyOf[0]:required",),
    ),
    Case(
        id="endless model",
        schema=schema_of(Endless),
        parameters="The schema at 'properties.again.properties.again.properties.again' contains itself through required properties only, so no finite value fits it: make a property on the way optional, nullable or a list.",
        json_schema="The schema at 'properties.again.properties.again.properties.again' contains itself through required properties only, so no finite value fits it: make a property on the way optional, nullable or a list.",
    ),
    Case(
        id="discriminated union",
        schema=schema_of(Owner),
        parameters={"type": "OBJECT", "properties": {"pet": {"anyOf": [{"type": "OBJECT", "properties": {"kind": {"type": "STRING", "enum": ["cat"], "title": "Kind"}, "lives": {"type": "INTEGER", "minimum": 1, "maximum": 9, "description": "One of 1, 2, 9.", "title": "Lives", "default": 9}}, "required": ["kind"], "title": "Cat"}, {"type": "OBJECT", "properties": {"kind": {"type": "STRING", "enum": ["dog"], "title": "Kind"}, "good": {"type": "BOOLEAN", "title": "Good"}}, "required": ["kind", "good"], "title": "Dog"}], "title": "Pet"}}, "required": ["pet"], "title": "Owner"},
        json_schema={"type": "object", "required": ["pet"], "properties": {"pet": {"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}], "title": "Pet"}}, "title": "Owner", "$defs": {"Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["cat"], "title": "Kind"}, "lives": {"type": "integer", "enum": [1, 2, 9], "description": "Default: 9.", "title": "Lives"}}, "title": "Cat"}, "Dog": {"type": "object", "required": ["kind", "good"], "properties": {"kind": {"type": "string", "enum": ["dog"], "title": "Kind"}, "good": {"type": "boolean", "title": "Good"}}, "title": "Dog"}}},
        widened=("properties.pet.oneOf[0].properties.lives:enum",),
    ),
    Case(
        id="nested optional",
        schema=schema_of(Nested),
        parameters={"type": "OBJECT", "properties": {"value": {"anyOf": [{"type": "INTEGER", "title": "I"}, {"type": "STRING", "title": "S"}], "title": "Value", "nullable": True}}, "title": "Nested"},
        json_schema={"type": "object", "properties": {"value": {"anyOf": [{"anyOf": [{"type": "integer"}, {"type": "null"}], "title": "I"}, {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "S"}], "title": "Value"}}, "title": "Nested"},
    ),
    Case(
        id="pydantic v1 model",
        schema=schema_of(Legacy),
        parameters={"type": "OBJECT", "properties": {"part": {"type": "OBJECT", "properties": {"size": {"type": "INTEGER", "minimum": 1, "title": "Size"}}, "required": ["size"], "description": "which", "title": "Part"}, "pair": {"type": "ARRAY", "minItems": 2, "maxItems": 2, "items": {"anyOf": [{"type": "INTEGER"}, {"type": "STRING"}]}, "description": "In this order: integer, string.", "title": "Pair"}, "note": {"type": "STRING", "title": "Note"}}, "required": ["part", "pair"], "title": "Legacy"},
        json_schema={"type": "object", "required": ["part", "pair"], "properties": {"part": {"anyOf": [{"$ref": "#/$defs/Part"}], "description": "which", "title": "Part"}, "pair": {"type": "array", "minItems": 2, "maxItems": 2, "prefixItems": [{"type": "integer"}, {"type": "string"}], "title": "Pair"}, "note": {"type": "string", "title": "Note"}}, "title": "Legacy", "$defs": {"Part": {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer", "minimum": 1, "title": "Size"}}, "title": "Part"}}},
        widened=("properties.pair:items",),
    ),
    Case(
        id="typed dict",
        schema=schema_of(Movie),
        parameters={"type": "OBJECT", "properties": {"title": {"type": "STRING", "title": "Title"}, "year": {"type": "INTEGER", "title": "Year"}}, "description": "A film.", "title": "Movie"},
        json_schema={"type": "object", "properties": {"title": {"type": "string", "title": "Title"}, "year": {"type": "integer", "title": "Year"}}, "description": "A film.", "title": "Movie"},
    ),
    Case(
        id="dataclass",
        schema=schema_of(Point),
        parameters={"type": "OBJECT", "properties": {"x": {"type": "NUMBER", "title": "X"}, "y": {"type": "NUMBER", "title": "Y", "default": 0.0}}, "required": ["x"], "title": "Point"},
        json_schema={"type": "object", "required": ["x"], "properties": {"x": {"type": "number", "title": "X"}, "y": {"type": "number", "description": "Default: 0.0.", "title": "Y"}}, "title": "Point"},
    ),
    Case(
        id="enum of mixed types",
        schema=schema_of(Mixed),
        parameters={"anyOf": [{"type": "INTEGER", "minimum": 1, "maximum": 1, "description": "Must be 1."}, {"type": "STRING", "enum": ["two"]}], "title": "Mixed"},
        json_schema={"anyOf": [{"type": "integer", "enum": [1]}, {"type": "string", "enum": ["two"]}], "title": "Mixed"},
    ),
    Case(
        id="named tuple",
        schema=schema_of(Pair),
        parameters={"type": "ARRAY", "minItems": 1, "maxItems": 2, "items": {"anyOf": [{"type": "INTEGER", "title": "X"}, {"type": "STRING", "title": "Y", "default": "a"}]}, "description": 'In this order: {"type":"INTEGER","title":"X"}, {"type":"STRING","title":"Y","default":"a"}.'},
        json_schema={"type": "array", "minItems": 1, "maxItems": 2, "prefixItems": [{"type": "integer", "title": "X"}, {"type": "string", "description": 'Default: "a".', "title": "Y"}]},
        widened=(":prefixItems",),
    ),
    Case(
        id="dates, decimals, bytes, sets",
        schema=schema_of(Stamped),
        parameters={"type": "OBJECT", "properties": {"at": {"type": "STRING", "format": "date-time", "title": "At"}, "day": {"type": "STRING", "description": "Format: date.", "title": "Day"}, "raw": {"type": "STRING", "description": "Format: binary.", "title": "Raw"}, "tags": {"type": "ARRAY", "items": {"type": "STRING"}, "description": "No item twice.", "title": "Tags"}, "mixed": {"anyOf": [{"type": "INTEGER", "minimum": 1, "maximum": 1, "description": "Must be 1."}, {"type": "STRING", "enum": ["two"]}], "title": "Mixed"}}, "required": ["at", "day", "raw", "tags", "mixed"], "title": "Stamped"},
        json_schema={"type": "object", "required": ["at", "day", "raw", "tags", "mixed"], "properties": {"at": {"type": "string", "title": "At", "format": "date-time"}, "day": {"type": "string", "title": "Day", "format": "date"}, "raw": {"type": "string", "title": "Raw", "format": "binary"}, "tags": {"type": "array", "items": {"type": "string"}, "description": "No item twice.", "title": "Tags"}, "mixed": {"$ref": "#/$defs/Mixed"}}, "title": "Stamped", "$defs": {"Mixed": {"anyOf": [{"type": "integer", "enum": [1]}, {"type": "string", "enum": ["two"]}], "title": "Mixed"}}},
        widened=("properties.day:format", "properties.raw:format", "properties.tags:uniqueItems"),
        widened_json=("properties.tags:uniqueItems",),
    ),
    Case(
        id="properties named like keywords",
        schema=schema_of(Clash),
        parameters={"type": "OBJECT", "properties": {"title": {"type": "STRING", "title": "Title"}, "properties": {"type": "OBJECT", "description": "Keys are free; each value: integer.", "title": "Properties"}, "type": {"type": "STRING", "title": "Type"}, "required": {"type": "ARRAY", "items": {"type": "STRING"}, "title": "Required"}, "enum": {"type": "STRING", "enum": ["a"], "title": "Enum", "default": "a"}}, "required": ["title", "properties", "type", "required"], "title": "Clash"},
        json_schema={"type": "object", "required": ["title", "properties", "type", "required"], "properties": {"title": {"type": "string", "title": "Title"}, "properties": {"type": "object", "additionalProperties": {"type": "integer"}, "title": "Properties"}, "type": {"type": "string", "title": "Type"}, "required": {"type": "array", "items": {"type": "string"}, "title": "Required"}, "enum": {"type": "string", "enum": ["a"], "description": 'Default: "a".', "title": "Enum"}}, "title": "Clash"},
        widened=("properties.properties:additionalProperties",),
    ),
    Case(
        id="mutual recursion",
        schema=schema_of(Left),
        parameters={"type": "OBJECT", "properties": {"right": {"type": "OBJECT", "properties": {"left": {"type": "OBJECT", "properties": {"right": {"type": "OBJECT", "properties": {"left": {"type": "OBJECT", "properties": {"right": {"type": "OBJECT", "title": "Right", "nullable": True}}, "title": "Left", "nullable": True}}, "title": "Right", "nullable": True}}, "title": "Left", "nullable": True}}, "title": "Right", "nullable": True}}, "title": "Left"},
        json_schema={"type": "object", "properties": {"right": {"anyOf": [{"$ref": "#/$defs/Right"}, {"type": "null"}]}}, "title": "Left", "$defs": {"Right": {"type": "object", "properties": {"left": {"anyOf": [{"$ref": "#/$defs/Left"}, {"type": "null"}]}}, "title": "Right"}, "Left": {"type": "object", "properties": {"right": {"anyOf": [{"$ref": "#/$defs/Right"}, {"type": "null"}]}}, "title": "Left"}}},
        widened=("properties.right.anyOf[0].properties.left.anyOf[0].properties.right.anyOf[0].properties.left.anyOf[0].properties.right.anyOf[0].properties.left:$ref",),
    ),
    Case(
        id="any",
        schema=schema_of(Any),
        parameters={"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}, {"type": "BOOLEAN"}, {"type": "OBJECT"}, {"type": "ARRAY", "items": {"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}, {"type": "BOOLEAN"}, {"type": "OBJECT"}, {"type": "ARRAY", "items": {"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}, {"type": "BOOLEAN"}, {"type": "OBJECT"}], "nullable": True}}], "nullable": True}}], "nullable": True},
        json_schema={},
        widened=(":type",),
    ),
    Case(
        id="function signature",
        schema=schema_of(send),
        parameters={"type": "OBJECT", "properties": {"to": {"type": "STRING", "title": "To"}, "copies": {"type": "INTEGER", "title": "Copies", "default": 1}, "urgent": {"type": "BOOLEAN", "title": "Urgent", "default": False}}, "required": ["to"]},
        json_schema={"type": "object", "required": ["to"], "properties": {"to": {"type": "string", "title": "To"}, "copies": {"type": "integer", "description": "Default: 1.", "title": "Copies"}, "urgent": {"type": "boolean", "description": "Default: false.", "title": "Urgent"}}, "additionalProperties": False},
        widened=(":additionalProperties",),
    ),
    Case(
        id="dependent properties",
        schema={"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "dependentRequired": {"a": ["b"]}},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "STRING"}}},
        json_schema={"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}},
        widened=(":dependentRequired",),
        widened_json=(":dependentRequired",),
    ),
    Case(
        id="identified schema",
        schema={"$id": "https://example.com/a.json", "type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"$id": "item", "type": "integer"}}},
        parameters={"type": "OBJECT", "properties": {"a": {"type": "INTEGER"}}},
        json_schema={"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$id": "https://example.com/a.json", "$defs": {"A": {"type": "integer"}}},
    ),
    Case(
        id="tuples under allOf",
        schema={"type": "array", "allOf": [{"prefixItems": [{"type": "integer"}]}, {"prefixItems": [{}, {"type": "string"}], "items": False}]},
        parameters={"type": "ARRAY", "maxItems": 2, "minItems": 2, "items": {"anyOf": [{"type": "INTEGER"}, {"type": "STRING"}]}, "description": "In this order: integer, string."},
        json_schema={"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "maxItems": 2},
        widened=(":prefixItems",),
    ),
    Case(
        id="both exclusive bounds",
        schema={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        parameters={"type": "NUMBER", "minimum": 0, "maximum": 1, "description": "Greater than 0. Less than 1."},
        json_schema={"type": "number", "minimum": 0, "maximum": 1, "description": "Greater than 0. Less than 1."},
        widened=(":exclusiveMinimum", ":exclusiveMaximum"),
        widened_json=(":exclusiveMinimum", ":exclusiveMaximum"),
    ),
    Case(
        id="mapped discriminator",
        schema={"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}], "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/$defs/Cat", "dog": "#/$defs/Dog"}}, "$defs": {"Cat": {"type": "object", "properties": {"kind": {"const": "cat"}}, "required": ["kind"]}, "Dog": {"type": "object", "properties": {"kind": {"const": "dog"}}, "required": ["kind"]}}},
        parameters={"anyOf": [{"type": "OBJECT", "properties": {"kind": {"type": "STRING", "enum": ["cat"]}}, "required": ["kind"]}, {"type": "OBJECT", "properties": {"kind": {"type": "STRING", "enum": ["dog"]}}, "required": ["kind"]}]},
        json_schema={"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}], "$defs": {"Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["cat"]}}}, "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["dog"]}}}}},
    ),
]
# fmt: on


def by_id(case: Case) -> str:
    return case.id


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_parameters_are_exactly(case: Case) -> None:
    if isinstance(case.parameters, str):
        with pytest.raises(RequestError) as caught:
            to_parameters(case.schema)

        assert case.parameters in str(caught.value)
    else:
        assert case.parameters == to_parameters(case.schema)


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_json_schema_is_exactly(case: Case) -> None:
    if isinstance(case.json_schema, str):
        with pytest.raises(RequestError) as caught:
            to_json_schema(case.schema)

        assert case.json_schema in str(caught.value)
    else:
        assert case.json_schema == to_json_schema(case.schema)


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_what_is_widened_is_listed(case: Case) -> None:
    if isinstance(case.parameters, dict):
        assert case.widened == tuple(f"{item.path}:{item.keyword}" for item in explain(case.schema, "parameters"))
    if isinstance(case.json_schema, dict):
        assert case.widened_json == tuple(f"{item.path}:{item.keyword}" for item in explain(case.schema, "json_schema"))


def ordered(written: Any) -> Any:
    """Return a schema of the subset with the order in which its properties are written, where there is one."""
    if isinstance(written, list):
        return [ordered(item) for item in written]
    if not isinstance(written, dict):
        return written
    names = written.get("properties", {})
    inner = {key: ordered(value) if key in {"items", "anyOf"} else value for key, value in written.items()}
    if names:
        inner["properties"] = {name: ordered(value) for name, value in names.items()}
    return {"propertyOrdering": list(names), **inner} if len(names) > 1 else inner


@pytest.mark.parametrize("case", CASES, ids=by_id)
@pytest.mark.parametrize("json_schema", [False, True], ids=["subset", "JSON Schema"])
def test_a_request_has_it_once_as_a_tool_and_once_as_structured_output(case: Case, *, json_schema: bool) -> None:
    """In the field of each: `parameters` and `responseSchema` (in order), or the two of JSON Schema."""
    endpoint = dataclasses.replace(ENDPOINTS["google"], json_schema=json_schema)
    turns = (Turn("user", (Text("hi"),)),)
    nested = {"type": "object", "properties": {"it": case.schema}, "required": ["it"]}
    if "#" in json.dumps(case.schema):
        nested = case.schema
    tool = Prompt("gemini-2.5-flash", turns, tools=(Tool("f", "d", nested),))
    answer = Prompt("gemini-2.5-flash", turns, settings=Settings(response_schema=case.schema))
    expected = case.json_schema if json_schema else case.parameters
    if isinstance(expected, str) or not case.schema:
        for prompt in (tool, answer) if case.schema else ():
            with pytest.raises(RequestError):
                build_body(prompt, endpoint)
        return
    generation = build_body(answer, endpoint)["generationConfig"]

    assert generation["responseJsonSchema" if json_schema else "responseSchema"] == (
        expected if json_schema else ordered(expected)
    )
    # At the root an object's alternatives become one object, as a function's parameters have to be; below they stay.
    if nested is not case.schema and case.id != "anyOf beside properties":
        (declaration,) = build_body(tool, endpoint)["tools"][0]["functionDeclarations"]
        written = declaration["parametersJsonSchema" if json_schema else "parameters"]

        assert {key: value for key, value in written["properties"]["it"].items() if key != "example"} == {
            key: value for key, value in expected.items() if key not in {"example", "$id"}
        }


@pytest.mark.parametrize("case", [case for case in CASES if isinstance(case.parameters, dict)], ids=by_id)
def test_the_subset_of_the_subset_is_itself(case: Case) -> None:
    assert case.parameters == to_parameters(to_parameters(case.schema))


@functools.cache
def description() -> dict[str, Any]:
    """Return Google's `Schema` as a JSON Schema: no other fields, int64 as number or text."""
    path = SHARED / "specs" / "generativelanguage-discovery.json"
    present(path)
    text = path.read_text().replace('"$ref": "Schema"', '"$ref": "#"')
    properties: dict[str, Any] = json.loads(text)["schemas"]["Schema"]["properties"]
    for field in properties.values():
        if field.get("format") == "int64":
            field["type"] = ["string", "integer"]
        elif field.get("type") == "any":
            del field["type"]
    return {"type": "object", "properties": properties, "additionalProperties": False}


@pytest.mark.parametrize("case", [case for case in CASES if isinstance(case.parameters, dict)], ids=by_id)
def test_the_api_describes_what_is_written(case: Case) -> None:
    jsonschema.Draft202012Validator(description()).validate(case.parameters)


def test_the_description_refuses_other_fields() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"type": "OBJECT", "properties": {"a": {"const": 1}}}, description())


def test_ids_are_unique_and_many() -> None:
    assert len({case.id for case in CASES}) == len(CASES) >= 60


def test_a_default_of_the_schema_conforms_to_it() -> None:
    """The table is about writing; one row of `conforms` shows that both read the same schema."""
    schema = schema_of(Owner)

    assert conforms({"pet": {"kind": "cat", "lives": 9}}, schema) is None
    assert conforms({"pet": {"kind": "cat", "lives": 3}}, schema) is not None

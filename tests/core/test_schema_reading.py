"""How a schema is read before it is written or held against an answer: references, `allOf`, and what is refused."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import copy
import enum
from typing import Any

import pytest

from gstream.errors import RequestError
from gstream.schema import conforms, explain, to_json_schema, to_parameters
from gstream.schema.literals import kind_of

WHERE = "The schema at 'properties.a' "

# fmt: off
MALFORMED = {
    "properties that are a list": ({"type": "object", "properties": ["x"]}, "has 'properties' that is no object (got ['x']): map names to schemas there."),
    "properties under numbers": ({"type": "object", "properties": {1: {}}}, "has 'properties' that is no object (got {1: {}}): map names to schemas there."),
    "required that is a text": ({"type": "object", "required": "x"}, "has 'required' that is no list of names (got 'x'): list property names there."),
    "an order that is a text": ({"type": "object", "propertyOrdering": "x"}, "has 'propertyOrdering' that is no list of names (got 'x'): list property names there."),
    "required numbers": ({"type": "object", "required": ["x", 1]}, "has 'required' that is no list of names (got ['x', 1]): list property names there."),
    "anyOf that is an object": ({"anyOf": {"type": "string"}}, "has 'anyOf' without members (got {'type': 'string'}): write a list with at least one."),
    "anyOf that is empty": ({"anyOf": []}, "has 'anyOf' without members (got []): write a list with at least one."),
    "allOf that is empty": ({"allOf": []}, "has 'allOf' without members (got []): write a list with at least one."),
    "enum that is empty": ({"enum": []}, "has 'enum' without members (got []): write a list with at least one."),
    "places that are an object": ({"type": "array", "prefixItems": {}}, "has 'prefixItems' without members (got {}): write a list with at least one."),
    "minimum that is a text": ({"type": "number", "minimum": "low"}, "has 'minimum' that is no number (got 'low'): write a number."),
    "a bound below zero as a text": ({"type": "number", "minimum": "-5"}, "has 'minimum' that is no number (got '-5'): write a number."),
    "a bound of too many digits": ({"type": "integer", "maximum": "9" * 20}, "has 'maximum' that is no number (got '99999999999999999999'): write a number."),
    "a bound beyond all numbers": ({"type": "number", "maximum": 10**400}, f"has 'maximum' that is no number (got 1{'0' * 59}...): write a number."),
    "a bound that cannot be printed": ({"type": "number", "exclusiveMaximum": 10**5000}, "has 'exclusiveMaximum' that is no number (got int): write a number."),
    "an infinite bound": ({"type": "number", "minimum": float("-inf")}, "has 'minimum' that is no number (got -inf): write a number."),
    "a bound that is none": ({"type": "number", "maximum": float("nan")}, "has 'maximum' that is no number (got nan): write a number."),
    "a count below zero": ({"type": "array", "minItems": -1}, "has 'minItems' that is no count (got -1): write a whole number of at least 0."),
    "a count that is a fraction": ({"type": "array", "maxItems": 1.5}, "has 'maxItems' that is no count (got 1.5): write a whole number of at least 0."),
    "a type that is a number": ({"type": 1}, "has the unknown type 1: choose one of string, number, integer, boolean, array, object, null."),
    "a type beside alternatives": ({"type": "x", "anyOf": [{}, {}]}, "has the unknown type 'x': choose one of string, number, integer, boolean, array, object, null."),
    "a type among types": ({"type": ["string", "text"]}, "has the unknown type ['string', 'text']: choose one of string, number, integer, boolean, array, object, null."),
    "no type among types": ({"type": []}, "has the unknown type []: choose one of string, number, integer, boolean, array, object, null."),
    "a type that is an object": ({"type": ["string", {}]}, "has the unknown type ['string', {}]: choose one of string, number, integer, boolean, array, object, null."),
    "a schema that is a list": ([], "is no schema (got []): write an object with a type."),
    "a schema that is null": (None, "is no schema (got None): write an object with a type."),
    "a reference that is no text": ({"$ref": 1}, "has a $ref that is no text (got 1): write it as '#/$defs/Name'."),
    "a reference to another document": ({"$ref": "other.json#/A"}, "refers to 'other.json#/A', which lies outside it: put the definition under $defs and refer to that."),
    "a reference to nothing": ({"$ref": "#/$defs/Missing"}, "refers to '#/$defs/Missing', which does not exist: add that definition or correct the reference."),
    "a reference behind the end of a list": ({"$ref": "#/x-list/2"}, "refers to '#/x-list/2', which does not exist: add that definition or correct the reference."),
    "a reference below a list by name": ({"$ref": "#/x-list/a"}, "refers to '#/x-list/a', which does not exist: add that definition or correct the reference."),
    "a reference below a text": ({"$ref": "#/$schema/0"}, "refers to '#/$schema/0', which does not exist: add that definition or correct the reference."),
    "an index of thousands of digits": ({"$ref": f"#/x-list/{'9' * 5000}"}, None),
    "a count of the first member": ({"allOf": [{"minItems": "x"}, {"minItems": 1}]}, "has 'minItems' that is no number (got 'x'): write a number."),
    "a count of the second member": ({"allOf": [{"maxLength": 1}, {"maxLength": "x"}]}, "has 'maxLength' that is no number (got 'x'): write a number."),
    "names of the first member": ({"allOf": [{"required": "x"}, {"required": ["a"]}]}, "has 'required' that is no list of names (got 'x'): list property names there."),
    "names of the second member": ({"allOf": [{"propertyOrdering": ["a"]}, {"propertyOrdering": "x"}]}, "has 'propertyOrdering' that is no list of names (got 'x'): list property names there."),
    "properties of the first member": ({"allOf": [{"properties": "x"}, {"properties": {}}]}, "has 'properties' that is no object (got 'x'): map names to schemas there."),
    "properties of the second member": ({"allOf": [{"properties": {}}, {"properties": "x"}]}, "has 'properties' that is no object (got 'x'): map names to schemas there."),
    "the type of the first member": ({"allOf": [{"type": "x"}, {"type": "string"}]}, "has the unknown type 'x': choose one of string, number, integer, boolean, array, object, null."),
    "the type of the second member": ({"allOf": [{"type": "string"}, {"type": "x"}]}, "has the unknown type 'x': choose one of string, number, integer, boolean, array, object, null."),
    "the values of the first member": ({"allOf": [{"enum": "x"}, {"enum": ["a"]}]}, "has 'enum' without members (got 'x'): write a list with at least one."),
    "the values of the second member": ({"allOf": [{"enum": ["a"]}, {"enum": "x"}]}, "has 'enum' without members (got 'x'): write a list with at least one."),
    "the places of the first member": ({"allOf": [{"prefixItems": "x"}, {"prefixItems": [{}]}]}, "has 'prefixItems' without members (got 'x'): write a list with at least one."),
    "the places of the second member": ({"allOf": [{"items": [{}]}, {"prefixItems": "x"}]}, "has 'prefixItems' without members (got 'x'): write a list with at least one."),
    "a value that is none": ({"enum": [float("nan")]}, "allows a value that JSON cannot hold (got nan): use text or a number."),
    "a value of a caller's class": ({"const": {1}}, "allows a value that JSON cannot hold (got {1}): use text or a number."),
    "a bound beside allowed values": ({"enum": [1], "minimum": "x"}, "has 'minimum' that is no number (got 'x'): write a number."),
    "allowed values that nothing else allows": ({"enum": ["a", "b"], "pattern": "c"}, "allows no value that fits the rest of it: correct its enum."),
    "a number of too many bits": ({"const": 2**1024}, "allows a value that JSON cannot hold (got 179769313486231590772930519078902473361797697894230657273430...): use text or a number."),
    "a value beyond all numbers": ({"enum": [1, 10**400]}, f"allows a value that JSON cannot hold (got 1{'0' * 59}...): use text or a number."),
    "an anchor that is missing": ({"$ref": "#here"}, "refers to '#here', which does not exist: add that definition or correct the reference."),
}
# fmt: on


@pytest.mark.parametrize(("schema", "complaint"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_schema_is_refused_with_its_place_and_what_was_given(schema: Any, complaint: str | None) -> None:
    root = {"$schema": "x", "type": "object", "properties": {"a": schema}, "x-list": [{}, {}]}
    said = []
    for call in (to_parameters, to_json_schema):
        with pytest.raises(RequestError) as caught:
            call(root)
        said.append(str(caught.value))

    assert said[0] == said[1]
    if complaint is not None:
        assert said[0] == WHERE + complaint


# fmt: off
MALFORMED_ANSWERED = {
    "properties that are a list": ({}, {"properties": ["x"]}, "has 'properties' that is no object (got ['x'])"),
    "patterns that are a list": ({}, {"patternProperties": ["x"]}, "has 'patternProperties' that is no object (got ['x'])"),
    "required that is a text": ({}, {"required": "x"}, "has 'required' that is no list of names (got 'x')"),
    "allOf that is an object": (1, {"allOf": {}}, "has 'allOf' without members (got {})"),
    "anyOf that is an object": (1, {"anyOf": {}}, "has 'anyOf' without members (got {})"),
    "oneOf that is empty": (1, {"oneOf": []}, "has 'oneOf' without members (got [])"),
    "dependencies that are a list": ({}, {"dependentRequired": []}, "has 'dependentRequired' that is no object (got [])"),
    "a minimum that is a text": (1, {"minimum": "x"}, "has 'minimum' that is no number (got 'x')"),
    "a count that is a text": ([], {"minItems": "x"}, "has 'minItems' that is no number (got 'x')"),
    "most items": ([], {"maxItems": "x"}, "has 'maxItems' that is no number (got 'x')"),
    "a count of what it contains": ([], {"contains": {}, "minContains": -1}, "has 'minContains' that is no count (got -1)"),
    "most of what it contains": ([], {"contains": {}, "maxContains": 0.5}, "has 'maxContains' that is no count (got 0.5)"),
    "an unknown type": (1, {"type": "x"}, "has the unknown type 'x'"),
    "a schema that is a text": (1, {"not": "x"}, "is no schema (got 'x')"),
    "a reference to nothing": (1, {"$ref": "#/x"}, "refers to '#/x', which does not exist"),
    "a bound beyond all numbers": (1, {"maximum": 10**400}, "has 'maximum' that is no number"),
    "unevaluated behind a wrong reference": ({"b": 1}, {"anyOf": [{"$ref": "#/x"}], "unevaluatedProperties": False}, "refers to '#/x', which does not exist"),
}
# fmt: on


@pytest.mark.parametrize(("answer", "schema", "complaint"), MALFORMED_ANSWERED.values(), ids=MALFORMED_ANSWERED)
def test_an_answer_is_not_held_against_a_malformed_schema(answer: Any, schema: Any, complaint: str) -> None:
    """The place is the answer's, where the schema was to be held against it."""
    with pytest.raises(RequestError) as caught:
        conforms({"a": [answer]}, {"properties": {"a": {"items": schema}}, "x-list": []})

    assert str(caught.value).startswith(f"The schema at 'a[0]' {complaint}")
    assert str(caught.value).endswith(".")
    assert not str(caught.value).endswith(": None.")


@pytest.mark.parametrize("value", [object(), {1}, float("nan"), float("inf"), b"a"])
def test_what_json_cannot_hold_is_of_no_type(value: object) -> None:
    assert kind_of(value) == ""


@pytest.mark.parametrize("schema", ["a", None, [], 1, False])
def test_a_root_that_is_no_schema_is_refused(schema: Any) -> None:
    for call in (to_parameters, to_json_schema):
        with pytest.raises(RequestError, match=r"^The schema is "):
            call(schema)


def test_what_is_wrong_in_a_member_is_named_with_the_member_s_place() -> None:
    for call in (to_parameters, to_json_schema):
        with pytest.raises(RequestError) as caught:
            call({"allOf": [{"type": "string"}, "x"]})
        assert str(caught.value) == "The schema at 'allOf[1]' is no schema (got 'x'): write an object with a type."

        with pytest.raises(RequestError) as caught:
            call({"enum": [1], "minimum": "x"})
        assert str(caught.value) == "The schema has 'minimum' that is no number (got 'x'): write a number."


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"type": "string", "minLength": -1}, "has 'minLength' that is no count (got -1)"),
        ({"type": "object", "minProperties": -1}, "has 'minProperties' that is no count (got -1)"),
        ({"type": "object", "patternProperties": ["x"]}, "has 'patternProperties' that is no object (got ['x'])"),
    ],
)
def test_what_the_subset_alone_reads_is_refused_with_its_place(schema: Any, complaint: str) -> None:
    with pytest.raises(RequestError) as caught:
        to_parameters({"type": "object", "properties": {"a": schema}})

    assert str(caught.value).startswith(f"The schema at 'properties.a' {complaint}: ")


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"anyOf": []}, "The schema has 'anyOf' without members (got [])"),
        ({"anyOf": [{"anyOf": []}]}, "The schema at 'anyOf[0]' has 'anyOf' without members (got [])"),
        ({"anyOf": [{}, "x"]}, "The schema at 'anyOf[1]' is no schema (got 'x')"),
        ({"anyOf": [5]}, "The schema at 'anyOf[0]' is no schema (got 5)"),
        ({"anyOf": [None]}, "The schema at 'anyOf[0]' is no schema (got None)"),
        ({"oneOf": [["x"]]}, "The schema at 'oneOf[0]' is no schema (got ['x'])"),
        ({"anyOf": [{"$ref": "#/x"}]}, "The schema at 'anyOf[0]' refers to '#/x'"),
        ({"anyOf": [{"oneOf": [{"$ref": "#/x"}]}]}, "The schema at 'anyOf[0].oneOf[0]' refers to '#/x'"),
        ({"anyOf": [{"properties": [1]}]}, "The schema at 'anyOf' has 'properties' that is no object (got [1])"),
        ({"anyOf": [{"required": "x"}]}, "The schema at 'anyOf' has 'required' that is no list of names (got 'x')"),
        ({"anyOf": [{}], "properties": [1]}, "The schema has 'properties' that is no object (got [1])"),
        ({"anyOf": [{}], "required": "x"}, "The schema has 'required' that is no list of names (got 'x')"),
    ],
)
def test_wrong_alternatives_of_a_function_s_parameters_are_refused_with_their_place(
    schema: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(RequestError) as caught:
        to_parameters({"type": "object", **schema})

    assert str(caught.value).startswith(f"{complaint}")


def test_an_unknown_type_beside_alternatives_at_the_root_is_refused_without_a_place() -> None:
    for call in (to_parameters, to_json_schema):
        with pytest.raises(RequestError, match=r"^The schema has the unknown type 5"):
            call({"type": 5, "anyOf": [{"type": "string"}]})


def test_what_stands_beside_all_of_and_contradicts_it_is_named_with_its_place() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "allOf": [{"type": "integer"}]}}}

    for call in (to_parameters, to_json_schema):
        with pytest.raises(RequestError, match=r"^The schema at 'properties\.a' has members of allOf that exclude"):
            call(schema)


def test_a_reference_to_true_lets_everything_through() -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/T", "minimum": 1}}, "$defs": {"T": True}}

    assert to_json_schema(schema)["properties"] == {"a": {"minimum": 1}}
    assert to_parameters(schema)["properties"] == {"a": {"type": "NUMBER", "minimum": 1}}


def test_a_wrong_reference_in_the_names_of_properties_is_named_with_its_place() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "object", "propertyNames": {"$ref": "#/x"}}}}

    for call in (to_parameters, to_json_schema):
        with pytest.raises(
            RequestError, match=r"at 'properties\.a\.propertyNames' refers to '#/x', which does not exist"
        ):
            call(schema)


def test_the_largest_number_is_taken() -> None:
    largest = int(1.7976931348623157e308)

    assert to_json_schema({"enum": [largest]}) == {"type": "integer", "enum": [largest]}


def test_a_literal_too_deep_for_json_is_a_request_error() -> None:
    deep: Any = None
    for _ in range(20_000):
        deep = [deep]

    for call in (to_parameters, to_json_schema):
        with pytest.raises(RequestError) as caught:
            call({"type": "object", "properties": {"a": {"enum": [deep]}}})
        assert str(caught.value) == "The schema is nested too deeply: split it into smaller ones."


def test_what_a_caller_wrote_is_repeated_by_its_beginning() -> None:
    with pytest.raises(RequestError) as caught:
        to_parameters({"type": "object", "required": "x" * 58})
    assert f"(got '{'x' * 58}')" in str(caught.value)

    with pytest.raises(RequestError) as caught:
        to_parameters({"type": "object", "required": "x" * 59})
    assert f"(got '{'x' * 59}...)" in str(caught.value)


# --- names


class Word(enum.StrEnum):
    A = "a"


def test_names_may_be_members_of_a_string_enum() -> None:
    schema = {"type": "object", "properties": {Word.A: {"type": "string"}}, "required": [Word.A]}

    assert to_parameters(schema) == {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["a"]}


# --- references

POINTERS = {
    "the whole schema": ("#/properties/a", "integer"),
    "a definition": ("#/$defs/A", "integer"),
    "a slash in a name": ("#/$defs/a~1b", "string"),
    "a tilde in a name": ("#/$defs/a~0b", "boolean"),
    "a tilde in front of a one": ("#/$defs/a~01b", "number"),
    "percent signs": ("#/$defs/a%20b", "array"),
    "the place in a list": ("#/x-list/1", "null"),
    "an anchor": ("#here", "object"),
    "an anchor under the old name": ("#there", "string"),
    "an empty name": ("#/$defs/", "boolean"),
}


@pytest.mark.parametrize(("ref", "kind"), POINTERS.values(), ids=POINTERS)
def test_a_reference_leads_to_what_it_names(ref: str, kind: str) -> None:
    schema = {
        "$defs": {
            "A": {"type": "integer"},
            "a/b": {"type": "string"},
            "a~b": {"type": "boolean"},
            "a~1b": {"type": "number"},
            "a b": {"type": "array"},
            "B": {"$anchor": "here", "type": "object"},
            "C": True,
            "": {"type": "boolean"},
        },
        "definitions": {"D": {"$anchor": "there", "type": "string"}},
        "x-list": [{"type": "string"}, {"type": "null"}],
        "properties": {"a": {"type": "integer"}, "it": {"$ref": ref}},
        "type": "object",
    }

    written = to_parameters(schema)["properties"]["it"]
    assert written["type"] == kind.upper()
    (name,) = {part["$ref"].removeprefix("#/$defs/") for part in [to_json_schema(schema)["properties"]["it"]]}
    assert to_json_schema(schema)["$defs"][name]["type"] == kind


def test_an_anchor_is_searched_in_definitions_only() -> None:
    schema = {"type": "object", "properties": {"a": {"$anchor": "here"}, "b": {"$ref": "#here"}}, "$defs": ["x"]}

    with pytest.raises(RequestError, match="'#here', which does not exist"):
        to_parameters(schema)


# fmt: off
PASTED = {
    "$defs": {"B": {"$defs": {"A": {"type": "integer"}}, "type": "array", "items": {"$ref": "#/$defs/A"}}},
    "type": "object",
    "properties": {"list": {"$ref": "#/$defs/B"}, "more": {"allOf": [{"$ref": "#/$defs/B"}, {"minItems": 1}]}},
}
# fmt: on


def test_a_definition_that_was_pasted_in_keeps_its_own_definitions() -> None:
    items = {"type": "ARRAY", "items": {"type": "INTEGER"}}

    assert to_parameters(PASTED)["properties"] == {"list": items, "more": {**items, "minItems": 1}}
    assert to_json_schema(PASTED) == {
        "type": "object",
        "properties": {
            "list": {"$ref": "#/$defs/B"},
            "more": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/A"}},
        },
        "$defs": {"B": {"type": "array", "items": {"$ref": "#/$defs/A"}}, "A": {"type": "integer"}},
    }


def test_pasted_definitions_are_forgotten_behind_the_schema_they_belong_to() -> None:
    schema = copy.deepcopy(PASTED)
    schema["properties"]["stray"] = {"$ref": "#/$defs/A"}  # type: ignore[index]  # the literal mixes its values

    for call in (to_parameters, to_json_schema):
        with pytest.raises(RequestError, match=r"at 'properties.stray' refers to '#/\$defs/A', which does not exist"):
            call(schema)


# --- allOf

# fmt: off
JOINED = {
    "minimum": ([{"minimum": 1}, {"minimum": 3}], {"minimum": 3}),
    "maximum": ([{"maximum": 1}, {"maximum": 3}], {"maximum": 1}),
    "open bounds": ([{"exclusiveMinimum": 1, "exclusiveMaximum": 9}, {"exclusiveMinimum": 3, "exclusiveMaximum": 7}], {"exclusiveMinimum": 3, "exclusiveMaximum": 7}),
    "lengths": ([{"minLength": 1, "maxLength": 9}, {"minLength": 3, "maxLength": 7}], {"minLength": 3, "maxLength": 7}),
    "counts of items": ([{"minItems": 1, "maxItems": 9}, {"minItems": 3, "maxItems": 7}], {"minItems": 3, "maxItems": 7}),
    "counts of keys": ([{"minProperties": 1, "maxProperties": 9}, {"minProperties": 3, "maxProperties": 7}], {"minProperties": 3, "maxProperties": 7}),
    "counts as texts": ([{"minItems": "10"}, {"minItems": 9}], {"minItems": 10}),
    "a count beside none": ([{"minItems": None}, {"minItems": 2}], {"minItems": 2}),
    "no counts": ([{"minItems": None}, {"minItems": False}], {"minItems": None}),
    "an end opened in one": ([{"minimum": 5, "exclusiveMinimum": True}, {"minimum": 7}], {"minimum": 7}),
    "an end closed in one": ([{"minimum": 5, "exclusiveMinimum": False}, {"minimum": 3, "exclusiveMinimum": True}], {"minimum": 5}),
    "an end opened in both": ([{"maximum": 5, "exclusiveMaximum": True}, {"maximum": 7, "exclusiveMaximum": True}], {"exclusiveMaximum": 5}),
    "an end opened at nothing": ([{"exclusiveMaximum": True}, {"maximum": 7}], {"maximum": 7}),
    "types": ([{"type": ["string", "integer", "null"]}, {"type": ["null", "integer"]}], {"type": ["integer", "null"]}),
    "integer and number": ([{"type": ["integer", "string"]}, {"type": "number"}], {"type": "integer"}),
    "number and integer": ([{"type": ["number", "string"]}, {"type": ["string", "integer"]}], {"type": ["string", "integer"]}),
    "integer and number in both": ([{"type": ["number", "integer"]}, {"type": ["integer", "number"]}], {"type": ["number", "integer"]}),
    "two spellings of a type": ([{"type": "STRING"}, {"type": "string"}], {"type": "string"}),
    "enum": ([{"enum": [1, "a", 2, True]}, {"enum": ["a", 2.0, 1]}], {"enum": [1, "a", 2]}),
    "enum and true": ([{"enum": [1, 2]}, {"enum": [True, 2]}], {"enum": [2]}),
    "equal enums": ([{"enum": ["a", "b"]}, {"enum": ["a", "b"]}], {"enum": ["a", "b"]}),
    "equal const": ([{"const": 1}, {"const": 1.0}], {"const": 1}),
    "enum and const": ([{"enum": [1, 2]}, {"const": 2}], {"const": 2}),
    "required": ([{"type": "object", "required": ["a", "b"]}, {"required": ["c", "b"]}], {"type": "object", "required": ["a", "b", "c"]}),
    "required and a boolean": ([{"type": "object", "required": ["a"]}, {"required": True}], {"type": "object", "required": ["a"]}),
    "properties": ([{"properties": {"a": {"type": "integer"}, "b": {"minimum": 1}}}, {"properties": {"b": {"type": "number"}, "c": {}}}], {"properties": {"a": {"type": "integer"}, "b": {"type": "number", "minimum": 1}, "c": {}}}),
    "order": ([{"properties": {"a": {}, "b": {}}, "propertyOrdering": ["b"]}, {"propertyOrdering": ["a", "b"]}], {"properties": {"a": {}, "b": {}}, "propertyOrdering": ["b", "a"]}),
    "items": ([{"items": {"type": "number"}}, {"items": {"minimum": 1}}], {"items": {"type": "number", "minimum": 1}}),
    "no items": ([{"items": False}, {"items": {"type": "integer"}}], {"items": False}),
    "no items in the second": ([{"items": {"type": "integer"}}, {"items": False}], {"items": False}),
    "further properties": ([{"type": "object", "additionalProperties": {"type": "number"}}, {"additionalProperties": {"minimum": 1}}], {"type": "object", "additionalProperties": {"type": "number", "minimum": 1}}),
    "no further properties": ([{"type": "object", "additionalProperties": True}, {"additionalProperties": False}], {"type": "object", "additionalProperties": False}),
    "names of properties": ([{"type": "object", "propertyNames": {"minLength": 1}}, {"propertyNames": {"maxLength": 3}}], {"type": "object", "propertyNames": {"minLength": 1, "maxLength": 3}}),
    "enum without what two exclude": ([{"not": {"const": "a"}}, {"not": {"const": "b"}}, {"enum": ["a", "b", "c"]}], {"enum": ["c"]}),
    "not": ([{"not": {"type": "integer"}}, {"not": {"type": "string"}}], {"not": {"anyOf": [{"type": "integer"}, {"type": "string"}]}}),
    "equal not": ([{"not": {"type": "integer"}}, {"not": {"type": "integer"}}], {"not": {"type": "integer"}}),
    "places": ([{"prefixItems": [{"type": "integer"}, {}]}, {"prefixItems": [True, {"type": "string"}, {"type": "null"}]}], {"prefixItems": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}),
    "one place in both": ([{"prefixItems": [{"type": "number"}]}, {"prefixItems": [{"minimum": 1}]}], {"prefixItems": [{"type": "number", "minimum": 1}]}),
    "places and items": ([{"prefixItems": [{"minimum": 1}]}, {"items": {"type": "integer"}}], {"prefixItems": [{"type": "integer", "minimum": 1}], "items": {"type": "integer"}}),
    "items and places": ([{"items": {"type": "integer"}, "minItems": 1}, {"prefixItems": [{"minimum": 1}], "maxItems": 5}], {"prefixItems": [{"type": "integer", "minimum": 1}], "items": {"type": "integer"}, "minItems": 1, "maxItems": 5}),
    "places and a closed list": ([{"prefixItems": [{"type": "integer"}, {"type": "string"}]}, {"prefixItems": [{"minimum": 1}], "items": False}], {"prefixItems": [{"type": "integer", "minimum": 1}], "items": False}),
    "places that are closed": ([{"prefixItems": [{}], "items": False}, {"items": {"type": "integer"}}], {"prefixItems": [{"type": "integer"}], "items": False}),
    "a list of items": ([{"items": [{"type": "integer"}], "additionalItems": {"type": "string"}}, {"prefixItems": [{}, {"minLength": 1}]}], {"prefixItems": [{"type": "integer"}, {"type": "string", "minLength": 1}], "items": {"type": "string"}}),
    "a list of items and nothing more": ([{"items": [{"type": "integer"}]}, {"items": [{"minimum": 1}], "additionalItems": False}], {"prefixItems": [{"type": "integer", "minimum": 1}], "items": False}),
    "a tuple of items": ([{"items": ({"type": "integer"},)}, {"minItems": 1}], {"prefixItems": [{"type": "integer"}], "minItems": 1}),
    "a place that nothing fits": ([{"prefixItems": [{}, False, {}]}, {"minItems": 1}], {"prefixItems": [{}], "items": False, "minItems": 1}),
    "no places": ([{"prefixItems": [False]}, {"maxItems": 2}], {"items": False, "maxItems": 2}),
    "places beside other things": ([{"type": "array", "uniqueItems": True}, {"prefixItems": [{"type": "integer"}]}], {"type": "array", "uniqueItems": True, "prefixItems": [{"type": "integer"}]}),
    "nothing": ([{}, {}], {}),
    "nothing and something": ([{}, {"minimum": 1}, True], {"minimum": 1}),
    "annotations": ([{"type": "string", "title": "one", "description": "first"}, {"title": "two"}], {"type": "string", "title": "two", "description": "first"}),
}
# fmt: on


@pytest.mark.parametrize(("members", "alone"), JOINED.values(), ids=JOINED)
def test_all_of_several_is_written_like_the_one_schema_that_says_the_same(members: list[Any], alone: Any) -> None:
    around = {"type": "object", "properties": {"it": {"allOf": members}}}
    before = copy.deepcopy(around)
    plain = {"type": "object", "properties": {"it": alone}}

    assert to_parameters(around) == to_parameters(plain)
    assert to_json_schema(around) == to_json_schema(plain)
    assert around == before


def test_the_members_that_exclude_each_other_are_named() -> None:
    rows: dict[str, list[dict[str, Any]]] = {
        "type": [{"type": "string"}, {"type": ["integer", "null"]}],
        "enum": [{"enum": [1]}, {"enum": [True, "1"]}],
        "const": [{"const": 1}, {"const": True}],
    }
    for key, members in rows.items():
        for call in (to_parameters, to_json_schema):
            with pytest.raises(RequestError) as caught:
                call({"type": "object", "properties": {"a": {"allOf": members}}})

            assert str(caught.value) == (
                f"The schema at 'properties.a' has members of allOf that exclude each other in '{key}': "
                "take one of them out."
            )


LOST = ["pattern", "format", "anyOf", "contains", "multipleOf", "dependentRequired"]


@pytest.mark.parametrize("keyword", LOST)
@pytest.mark.parametrize("target", ["parameters", "json_schema"])
def test_of_what_cannot_be_joined_the_first_is_said_and_the_loss_is_listed(keyword: str, target: Any) -> None:
    values: dict[str, tuple[Any, Any]] = {
        "pattern": ("^a", "b$"),
        "format": ("date-time", "email"),
        "anyOf": ([{"type": "string"}, {"type": "null"}], [{"type": "string"}]),
        "contains": ({"type": "string"}, {"type": "integer"}),
        "multipleOf": (2, 3),
        "dependentRequired": ({"a": ["b"]}, {"b": ["a"]}),
    }
    kinds = {"contains": "array", "multipleOf": "number", "dependentRequired": "object"}
    first, second = values[keyword]
    kind = {} if keyword == "anyOf" else {"type": kinds.get(keyword, "string")}
    schema = {"type": "object", "properties": {"a": {"allOf": [{**kind, keyword: first}, {keyword: second}]}}}
    alone = {"type": "object", "properties": {"a": {**kind, keyword: first}}}
    write = to_parameters if target == "parameters" else to_json_schema

    assert write(schema) == write(alone)
    listed = [(item.path, item.keyword, item.why) for item in explain(schema, target)]
    assert ("properties.a", keyword, "of several under allOf only the first is said") in listed


def test_a_base_that_several_members_share_is_no_recursion() -> None:
    """Four members that each inherit from one definition: the shape of mixed-in bases in OpenAPI."""
    base = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
    mixins = {
        f"M{number}": {"allOf": [{"$ref": "#/$defs/Base"}, {"properties": {f"m{number}": {"type": "string"}}}]}
        for number in range(6)
    }
    schema = {"$defs": {"Base": base, **mixins}, "allOf": [{"$ref": f"#/$defs/{name}"} for name in mixins]}

    assert list(to_parameters(schema)["properties"]) == ["id", *[f"m{number}" for number in range(6)]]
    assert to_parameters(schema)["required"] == ["id"]
    assert list(to_json_schema(schema)["properties"]) == ["id", *[f"m{number}" for number in range(6)]]


def test_a_schema_of_more_than_a_hundred_members_is_no_recursion() -> None:
    names = [f"M{number}" for number in range(150)]
    definitions = {name: {"type": "object", "properties": {name: {"type": "string"}}} for name in names}
    schema = {"$defs": definitions, "allOf": [{"$ref": f"#/$defs/{name}"} for name in names]}

    assert list(to_parameters(schema)["properties"]) == names


def test_a_thousand_members_are_read_and_no_more() -> None:
    text = {"type": "string"}
    schema = {"allOf": [*[text] * 999, {"$ref": "#/$defs/A"}], "$defs": {"A": text}}

    assert to_parameters(schema) == {"type": "STRING"}
    with pytest.raises(RequestError, match=r"at 'allOf\[1000\]' nests allOf too deeply"):
        to_parameters({**schema, "allOf": [text, *schema["allOf"]]})


def test_members_that_double_with_every_level_are_refused() -> None:
    """Twenty definitions that are each the next one twice are a million members."""
    definitions: dict[str, Any] = {
        f"A{level}": {"allOf": [{"$ref": f"#/$defs/A{level + 1}"}, {"$ref": f"#/$defs/A{level + 1}"}]}
        for level in range(20)
    }
    definitions["A20"] = {"type": "string"}

    for call in (to_parameters, to_json_schema):
        with pytest.raises(
            RequestError, match=r"^The schema at 'allOf\[0\].* nests allOf too deeply: merge some of its members"
        ):
            call({"$defs": definitions, "$ref": "#/$defs/A0"})


@pytest.mark.parametrize(("levels", "taken"), [(20, True), (21, False)])
def test_forty_levels_of_all_of_and_references_are_read(*, levels: int, taken: bool) -> None:
    """Each level is a reference and an `allOf`."""
    definitions: dict[str, Any] = {
        f"A{level}": {"allOf": [{"$ref": f"#/$defs/A{level + 1}"}], "minLength": level} for level in range(levels)
    }
    definitions[f"A{levels}"] = {"type": "string"}
    schema = {"$defs": definitions, "$ref": "#/$defs/A0"}

    if taken:
        assert to_parameters(schema) == {"type": "STRING", "minLength": levels - 1}
    else:
        with pytest.raises(RequestError, match="nests allOf too deeply"):
            to_parameters(schema)


def test_a_reference_to_itself_is_named_where_it_stands() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}},
        "$defs": {"A": {"allOf": [{"$ref": "#/$defs/B"}]}, "B": {"$ref": "#/$defs/A"}},
    }

    with pytest.raises(RequestError) as caught:
        to_parameters(schema)

    assert str(caught.value).endswith("which is nothing but itself: give that definition a type.")
    assert "at 'properties.a.allOf[0]'" in str(caught.value)
    assert "'#/$defs/A'" in str(caught.value)

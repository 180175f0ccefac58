"""Keywords that only `conforms` knows, and the far corners of writing a schema."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from gstream.errors import RequestError
from gstream.schema import conforms, explain, to_json_schema, to_parameters
from gstream.schema.patterns import found

Json = dict[str, Any]
LONG = 3_000
"""Characters at which a pattern is followed by the project's own engine or not at all."""

# -- what no other keyword has looked at --------------------------------------------------------------------------

REST: Json = {"unevaluatedProperties": False}
ITEMS: Json = {"unevaluatedItems": False}
A: Json = {"properties": {"a": {}}}
B: Json = {"properties": {"b": {}}}
C: Json = {"properties": {"c": {}}}
WHEN: Json = {"if": {**A, "required": ["a"]}, "then": B, "else": C}

LEFT_OUT: dict[str, tuple[Any, Json, str | None]] = {
    "its own properties": ({"a": 1}, {**A, **REST}, None),
    "a property nobody names": ({"a": 1, "b": 2}, {**A, **REST}, "'b' is not allowed (got 2)."),
    "a pattern of names": ({"ab": 1}, {"patternProperties": {"^a": {}}, **REST}, None),
    "all others": ({"x": 1}, {"allOf": [{"additionalProperties": {"type": "integer"}}], **REST}, None),
    "all that another rest looked at": ({"x": 1}, {"allOf": [{"unevaluatedProperties": {}}], **REST}, None),
    "a reference": ({"a": 1}, {"$ref": "#/$defs/x", "$defs": {"x": A}, **REST}, None),
    "a schema that is asked twice": ({"a": 1}, {"allOf": [{"$ref": "#/$defs/x"}] * 2, "$defs": {"x": B}, **REST}, "'a' is not allowed (got 1)."),
    "an alternative that fits": ({"a": 1}, {"anyOf": [A, {"type": "string"}], **REST}, None),
    "an alternative that does not fit": ({"a": 1}, {"anyOf": [{**A, "required": ["b"]}, {}], **REST}, "'a' is not allowed (got 1)."),
    "an alternative that is no object": ({"a": 1}, {"anyOf": [True, {"type": "string"}], **A, **REST}, None),
    "then": ({"a": 1, "b": 1}, {**WHEN, **REST}, None),
    "then, not else": ({"a": 1, "c": 1}, {**WHEN, **REST}, "'c' is not allowed (got 1)."),
    "else": ({"c": 1}, {**WHEN, **REST}, None),
    "else, not then": ({"b": 1}, {**WHEN, **REST}, "'b' is not allowed (got 1)."),
    "what a property brings": ({"a": 1, "b": 1}, {**A, "dependentSchemas": {"a": B, "z": C}, **REST}, None),
    "what a property that is not there brings": ({"a": 1, "c": 1}, {**A, "dependentSchemas": {"a": B, "z": C}, **REST}, "'c' is not allowed (got 1)."),
    "a schema for the rest": ({"a": 1, "b": "x"}, {**A, "unevaluatedProperties": {"type": "integer"}}, """'b' must be integer, got "x"."""),
    "a tuple's places": ([1], {"prefixItems": [{}], **ITEMS}, None),
    "an item behind a tuple": ([1, 2], {"prefixItems": [{}], **ITEMS}, "'[1]' is not allowed (got 2)."),
    "every item": ([1, 2], {"items": {}, **ITEMS}, None),
    "all that another rest of items looked at": ([1], {"allOf": [{"unevaluatedItems": {}}], **ITEMS}, None),
    "items that are contained": ([1, 1], {"contains": {"const": 1}, **ITEMS}, None),
    "an item that is not contained": ([1, 2], {"contains": {"const": 1}, **ITEMS}, "'[1]' is not allowed (got 2)."),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "schema", "complaint"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_the_rest_is_what_no_keyword_looked_at(answer: Any, schema: Json, complaint: str | None) -> None:
    """Judged as a whole validator judges it."""
    assert conforms(answer, schema) == complaint
    assert jsonschema.Draft202012Validator(schema).is_valid(answer) is (complaint is None)


OF_2019: dict[str, tuple[Any, Json, str | None]] = {
    "a list of schemas": ([1, 2], {"items": [{}], **ITEMS}, "'[1]' is not allowed (got 2)."),
    "a list of schemas and all others": ([1, 2], {"items": [{}], "additionalItems": {}, **ITEMS}, None),
}


@pytest.mark.parametrize(("answer", "schema", "complaint"), OF_2019.values(), ids=OF_2019)
def test_the_rest_of_a_list_is_read_in_the_older_words_too(answer: Any, schema: Json, complaint: str | None) -> None:
    assert conforms(answer, schema) == complaint
    assert jsonschema.Draft201909Validator(schema).is_valid(answer) is (complaint is None)


# -- lists, and what one property demands of others -----------------------------------------------------------------

DEMANDS: dict[str, tuple[Any, Json, str | None]] = {
    "enough are contained": ([1, 2], {"contains": {"const": 1}}, None),
    "too many are contained": ([1, 1], {"contains": {"const": 1}, "maxContains": 1}, "The answer holds 2 items that fit 'contains'."),
    "none is contained": ([2], {"contains": {"const": 1}}, "The answer holds 0 items that fit 'contains'."),
    "a name that is there": ({"a": 1, "b": 1}, {"dependentRequired": {"a": ["b"], "z": ["y"]}}, None),
    "a name that is missing": ({"a": 1}, {"dependentRequired": {"a": ["b"]}}, "The answer lacks the property 'b', which 'a' demands."),
    "a schema that fits": ({"a": 1}, {"dependentSchemas": {"a": A}}, None),
    "a schema that does not fit": ({"a": 1}, {"dependentSchemas": {"a": {"required": ["b"]}}}, "The answer lacks the required property 'b'."),
    "no object": (1, {"dependentRequired": {"a": ["b"]}}, None),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "schema", "complaint"), DEMANDS.values(), ids=DEMANDS)
def test_an_answer_is_held_to_what_one_thing_demands_of_another(
    answer: Any, schema: Json, complaint: str | None
) -> None:
    assert conforms(answer, schema) == complaint
    assert jsonschema.Draft202012Validator(schema).is_valid(answer) is (complaint is None)


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def test_values_too_deep_to_compare_are_our_error() -> None:
    """An answer cannot be so deep, but the core is there for everybody's values."""
    with pytest.raises(RequestError, match="nested too deeply to compare"):
        conforms(nested(100_000), {"enum": [nested(100_000)]})


# -- patterns -----------------------------------------------------------------------------------------------------

FOLLOWED: dict[str, tuple[str, str, bool]] = {
    "a possessive repetition": (r"a*+b", "a" * LONG, True),
    "an atomic group": (r"(?>a*)b", "a" * LONG, True),
    "flags in the middle": (r"(?i:a*)b", "a" * LONG, True),
    "a group named again": (r"(a*)\1b", "a" * LONG, True),
    "more steps than a program may have": (r"(a*b){2000}c", "a" * LONG, True),
    "a bracket in a comment": ("(?x)a*b # )\n", "a" * LONG, True),
    "what it can follow": (r"(a*b)*c", "a" * LONG, False),
}


@pytest.mark.parametrize(("pattern", "text", "fits"), FOLLOWED.values(), ids=FOLLOWED)
def test_only_what_can_be_followed_in_time_refuses_a_long_text(pattern: str, text: str, fits: bool) -> None:  # noqa: FBT001
    """What only Python's own engine understands could keep it busy for ever, so a long text passes; a short one is tried."""
    assert found(pattern, text) is fits
    assert not found(pattern, "x")


# -- writing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [to_parameters, to_json_schema])
@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan")], ids=["object", "set", "nan"])
def test_a_choice_that_json_cannot_hold_is_refused(target: Any, value: Any) -> None:
    with pytest.raises(RequestError, match="allows a value that JSON cannot hold"):
        target({"enum": ["a", value]})


WRITTEN: dict[str, tuple[Json, Json, Json]] = {
    "one truth": ({"enum": [True]}, {"type": "BOOLEAN", "description": "Must be true."}, {"type": "boolean", "description": "Must be true."}),
    "both truths": ({"enum": [True, False]}, {"type": "BOOLEAN"}, {"type": "boolean"}),
    "a date among some": ({"enum": ["a"], "format": "date-time"}, {"type": "STRING", "enum": ["a"], "format": "date-time"}, {"type": "string", "enum": ["a"], "format": "date-time"}),
    "two limits that agree": ({"allOf": [{"exclusiveMinimum": True, "minimum": 1}, {"exclusiveMinimum": False, "minimum": 1}]}, {"type": "NUMBER", "minimum": 1, "description": "Greater than 1."}, {"minimum": 1, "description": "Greater than 1."}),
    "a limit as text": ({"type": "string", "minLength": "3"}, {"type": "STRING", "minLength": 3}, {"type": "string", "description": "At least 3 characters."}),
    "a union that may be null": ({"oneOf": [{"type": "string"}, {"type": "boolean"}], "nullable": True}, {"anyOf": [{"type": "STRING"}, {"type": "BOOLEAN"}], "nullable": True}, {"anyOf": [{"type": "string"}, {"type": "boolean"}, {"type": "null"}]}),
    "two refusals": ({"allOf": [{"type": "string", "not": {"const": "a"}}, {"not": {"const": "b"}}]}, {"type": "STRING"}, {"type": "string"}),
    "items of two members": ({"allOf": [{"type": "array", "items": {"type": "string"}}, {"items": {"enum": ["a"]}}]}, {"type": "ARRAY", "items": {"type": "STRING", "enum": ["a"]}}, {"type": "array", "items": {"type": "string", "enum": ["a"]}}),
    "choices of two members": ({"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}, {"type": "STRING", "enum": ["b"]}, {"type": "string", "enum": ["b"]}),
    "an anchor": ({"$ref": "#here", "$defs": {"a": True, "b": {"$anchor": "x"}, "c": {"$anchor": "here", "type": "string"}}}, {"type": "STRING"}, {"type": "string"}),
}  # fmt: skip


@pytest.mark.parametrize(("schema", "parameters", "json_schema"), WRITTEN.values(), ids=WRITTEN)
def test_a_rare_keyword_is_written_as(schema: Json, parameters: Json, json_schema: Json) -> None:
    before = json.dumps(schema)

    assert to_parameters(schema) == parameters
    assert to_json_schema(schema) == json_schema
    assert json.dumps(schema) == before


def test_choices_that_are_lists_are_said_in_words() -> None:
    written = to_parameters({"type": "array", "enum": [[1], [2]]})

    assert (written["type"], written["description"]) == ("ARRAY", "One of [1], [2].")
    assert "items" in written  # which the API demands of each array


def test_an_object_whose_only_property_is_forbidden_has_none() -> None:
    assert to_json_schema({"type": "object", "properties": {"a": False}}) == {"type": "object"}


def test_a_reference_may_point_into_a_list() -> None:
    schema = {"properties": {"a": {"$ref": "#/$defs/l/1"}}, "$defs": {"l": [{"type": "string"}, {"type": "number"}]}}

    assert to_parameters(schema)["properties"] == {"a": {"type": "NUMBER"}}


def test_an_object_that_two_members_let_have_no_further_property_has_none() -> None:
    schema = {
        "allOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"additionalProperties": False}]
    }

    assert to_json_schema(schema) == {"type": "object", "additionalProperties": False}


def test_a_schema_too_large_to_be_written_out_keeps_its_reference_to_itself() -> None:
    """Size is a reason to refuse it only where references cannot be kept."""
    many = {f"p{number}": {"type": "string"} for number in range(4_100)}
    following = {"anyOf": [{"$ref": "#"}, {"type": "null"}]}
    schema = {"type": "object", "properties": {**many, "next": following}, "required": ["next"]}

    assert len(to_json_schema(schema)["properties"]) == 4_101


MALFORMED: dict[str, tuple[Json, str]] = {
    "an anchor of nobody": ({"$ref": "#nowhere", "$defs": {"b": {"$anchor": "x"}}, "definitions": {"c": {}}}, "'#nowhere', which does not exist"),
    "definitions that are none": ({"$ref": "#nowhere", "$defs": [1]}, "'#nowhere', which does not exist"),
    "constants that exclude each other": ({"allOf": [{"const": 1}, {"const": 2}]}, "exclude each other in 'const'"),
    "choices that exclude each other": ({"allOf": [{"enum": [1]}, {"enum": [2]}]}, "exclude each other in 'enum'"),
    "a count that is negative": ({"type": "array", "minItems": -1}, "'minItems' that is no count"),
}  # fmt: skip


@pytest.mark.parametrize("target", [to_parameters, to_json_schema])
@pytest.mark.parametrize(("schema", "complaint"), MALFORMED.values(), ids=MALFORMED)
def test_what_cannot_be_said_is_refused(target: Any, schema: Json, complaint: str) -> None:
    with pytest.raises(RequestError, match=complaint):
        target(schema)


def test_a_literal_too_deep_to_be_walked_through_is_refused() -> None:
    schema = {"type": "string", "examples": [nested(100_000)], "default": nested(100_000)}

    for write in (to_parameters, lambda schema: explain(schema, "parameters")):
        with pytest.raises(RequestError, match="nested too deeply: split it"):
            write(schema)


def chain(length: int) -> Json:
    """Return a schema of definitions that each demand the next one; the last is a text."""
    links = {
        f"d{number}": {"type": "object", "properties": {"n": {"$ref": f"#/$defs/d{number + 1}"}}, "required": ["n"]}
        for number in range(length)
    }
    return {"$ref": "#/$defs/d0", "$defs": {**links, f"d{length}": {"type": "string"}}}


def test_a_chain_of_demands_that_is_too_long_is_refused() -> None:
    """Nothing on the way could be left out, so no shorter attempt helps."""
    assert "properties" in to_parameters(chain(20))
    with pytest.raises(RequestError, match="too deep or too large to be written without references"):
        to_parameters(chain(100))

"""Definitions that contain themselves, and schemas at the limits of depth and size."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from gstream.errors import RequestError
from gstream.schema import explain, to_json_schema, to_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT: dict[str, Any] = {"type": "string"}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def either(*names: str) -> dict[str, Any]:
    """Return a union of definitions and a text, so that a finite value exists."""
    return {"anyOf": [*map(ref, names), TEXT]}


def record(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", **({"required": list(required)} if required else {}), "properties": properties}


def within(definitions: dict[str, Any], name: str = "A") -> dict[str, Any]:
    """Return an object whose property `it` is one of the definitions."""
    return {"type": "object", "properties": {"it": ref(name)}, "$defs": definitions}


# fmt: off
CIRCLES = {
    "one definition": (
        {"A": record({"next": either("A"), "name": TEXT}, "name", "next")},
        {"A": record({"next": either("A"), "name": TEXT}, "name")},
        [("properties.it.properties.next.anyOf[0]", "required", "'next'")],
    ),
    "one definition with one required property": (
        {"A": record({"next": either("A")}, "next")},
        {"A": record({"next": either("A")})},
        [("properties.it.properties.next.anyOf[0]", "required", "'next'")],
    ),
    "one property that leads back twice": (
        {"A": record({"next": either("A", "B"), "name": TEXT}, "next", "name"), "B": record({"next": either("A")}, "next")},
        {"A": record({"next": either("A", "B"), "name": TEXT}, "name"), "B": record({"next": either("A")}, "next")},
        [("properties.it.properties.next.anyOf[0]", "required", "'next'"), ("properties.it.properties.next.anyOf[1]", "required", "'next'")],
    ),
    "one property that leads back twice and nothing else": (
        {"A": record({"next": either("A", "B")}, "next"), "B": record({"next": either("A")}, "next")},
        {"A": record({"next": either("A", "B")}), "B": record({"next": either("A")}, "next")},
        [("properties.it.properties.next.anyOf[0]", "required", "'next'"), ("properties.it.properties.next.anyOf[1]", "required", "'next'")],
    ),
    "three definitions": (
        {"A": record({"b": either("B")}, "b"), "B": record({"c": either("C"), "s": TEXT}, "s", "c"), "C": record({"a": either("A")}, "a")},
        {"A": record({"b": either("B")}, "b"), "B": record({"c": either("C"), "s": TEXT}, "s"), "C": record({"a": either("A")}, "a")},
        [("properties.it.properties.b.anyOf[0].properties.c.anyOf[0]", "required", "'c'")],
    ),
    "a circle behind a definition": (
        {"A": record({"b": ref("B")}, "b"), "B": record({"c": either("C")}, "c"), "C": record({"b": either("B")}, "b")},
        {"A": record({"b": ref("B")}, "b"), "B": record({"c": either("C")}), "C": record({"b": either("B")}, "b")},
        [("properties.it.properties.b.properties.c.anyOf[0]", "required", "'c'")],
    ),
    "a circle behind one that ends": (
        {"A": record({"x": ref("X"), "y": ref("X"), "a": either("A")}, "x", "y", "a"), "X": record({"z": ref("Z")}, "z"), "Z": TEXT},
        {"A": record({"x": ref("X"), "y": ref("X"), "a": either("A")}, "x", "y"), "X": record({"z": ref("Z")}, "z"), "Z": TEXT},
        [("properties.it.properties.a.anyOf[0]", "required", "'a'")],
    ),
    "a list of itself": (
        {"A": record({"kids": {"type": "array", "items": ref("A")}}, "kids")},
        {"A": record({"kids": {"type": "array", "items": ref("A")}})},
        [("properties.it.properties.kids.items", "required", "'kids'")],
    ),
    "a place in a list": (
        {"A": record({"pair": {"type": "array", "prefixItems": [TEXT, either("A")]}}, "pair")},
        {"A": record({"pair": {"type": "array", "prefixItems": [TEXT, either("A")]}})},
        [("properties.it.properties.pair.prefixItems[1].anyOf[0]", "required", "'pair'")],
    ),
    "lists without a property": (
        {"A": {"anyOf": [TEXT, {"type": "array", "items": ref("A")}]}},
        {"A": {"anyOf": [TEXT, {"type": "array", "items": {}}]}},
        [("properties.it.anyOf[1].items", "$ref", "any value")],
    ),
    "a circle whose last step is no property": (
        {"A": record({"b": ref("B")}, "b"), "B": {"anyOf": [TEXT, {"type": "array", "items": ref("A")}]}},
        {"A": record({"b": ref("B")}), "B": {"anyOf": [TEXT, {"type": "array", "items": ref("A")}]}},
        [("properties.it.properties.b", "required", "'b'")],
    ),
    "further properties": (
        {"A": {"type": "object", "additionalProperties": ref("A")}},
        {"A": {"type": "object", "additionalProperties": {}}},
        [("properties.it.additionalProperties", "$ref", "any value")],
    ),
    "further properties below a required one": (
        {"A": record({"map": {"type": "object", "additionalProperties": ref("A")}}, "map")},
        {"A": record({"map": {"type": "object", "additionalProperties": ref("A")}})},
        [("properties.it.properties.map.additionalProperties", "required", "'map'")],
    ),
    "the innermost property becomes optional": (
        {"A": record({"b": record({"c": either("A")}, "c")}, "b")},
        {"A": record({"b": record({"c": either("A")})}, "b")},
        [("properties.it.properties.b.properties.c.anyOf[0]", "required", "'c'")],
    ),
    "a circle through an optional property": (
        {"A": record({"a": ref("A"), "b": record({"c": ref("A")}, "c")})},
        {"A": record({"a": ref("A"), "b": record({"c": ref("A")}, "c")})},
        [],
    ),
    "an optional property before a required one": (
        {"A": record({"o": record({"x": ref("A")}, "x"), "r": either("A")}, "r")},
        {"A": record({"o": record({"x": ref("A")}, "x"), "r": either("A")})},
        [("properties.it.properties.r.anyOf[0]", "required", "'r'")],
    ),
    "words beside a circle": (
        {"A": record({"a": {"$ref": "#/$defs/A", "description": "the same", "nullable": True}}, "a")},
        {"A": record({"a": {"anyOf": [ref("A"), {"type": "null"}], "description": "the same"}})},
        [("properties.it.properties.a", "required", "'a'")],
    ),
    "a circle whose first step is no property": (
        {"A": {"anyOf": [TEXT, {"type": "array", "items": ref("B")}]}, "B": record({"a": ref("A")}, "a")},
        {"A": {"anyOf": [TEXT, {"type": "array", "items": ref("B")}]}, "B": record({"a": ref("A")})},
        [("properties.it.anyOf[1].items.properties.a", "required", "'a'")],
    ),
    "a circle that begins behind another definition": (
        {"A": record({"t": ref("T"), "b": ref("B")}, "t", "b"), "B": record({"b": either("B")}, "b"), "T": TEXT},
        {"A": record({"t": ref("T"), "b": ref("B")}, "t", "b"), "B": record({"b": either("B")}), "T": TEXT},
        [("properties.it.properties.b.properties.b.anyOf[0]", "required", "'b'")],
    ),
    "further properties of an optional property": (
        {"A": record({"o": {"type": "object", "properties": {"s": TEXT}, "additionalProperties": ref("A")}})},
        {"A": record({"o": {"type": "object", "properties": {"s": TEXT}, "additionalProperties": ref("A")}})},
        [],
    ),
    "constraints beside a required circle": (
        {"A": record({"a": {"anyOf": [{"$ref": "#/$defs/A", "minProperties": 1}, TEXT]}}, "a")},
        {"A": record({"a": {"anyOf": [{**record({"a": either("A")}), "description": "At least 1 keys."}, TEXT]}}, "a")},
        [
            ("properties.it.properties.a.anyOf[0].properties.a.anyOf[0]", "$ref", "left out"),
            ("properties.it.properties.a.anyOf[0]", "minProperties", "the description says it"),
            ("properties.it.properties.a.anyOf[0].properties.a.anyOf[0]", "required", "'a'"),
        ],
    ),
    "constraints beside a circle": (
        {"A": record({"a": {"$ref": "#/$defs/A", "minProperties": 1}})},
        {"A": record({"a": {**record({"a": ref("A")}), "description": "At least 1 keys."}})},
        [("properties.it.properties.a.properties.a", "$ref", "left out"), ("properties.it.properties.a", "minProperties", "the description says it")],
    ),
}
# fmt: on


@pytest.mark.parametrize(("definitions", "written", "listed"), CIRCLES.values(), ids=CIRCLES)
def test_a_definition_contains_itself_through_optional_properties_only(
    definitions: dict[str, Any], written: dict[str, Any], listed: list[tuple[str, str, str]]
) -> None:
    """By the smallest change: one property stops being required, or one place without a property takes any value."""
    schema = within(definitions)
    widenings = explain(schema, "json_schema")

    assert to_json_schema(schema) == within(written)
    assert [(item.path, item.keyword) for item in widenings] == [row[:2] for row in listed]
    assert all(row[2] in item.why for item, row in zip(widenings, listed, strict=True))


def test_a_definition_without_a_finite_value_is_refused_by_both() -> None:
    schema = {"$defs": {"A": record({"a": ref("A")}, "a")}, "$ref": "#/$defs/A"}

    for call in (to_parameters, to_json_schema):
        with pytest.raises(RequestError) as caught:
            call(schema)
        assert str(caught.value) == (
            "The schema at 'properties.a.properties.a.properties.a' contains itself through required "
            "properties only, so no finite value fits it: make a property on the way optional, nullable or a list."
        )


def test_alternatives_that_all_lead_back_without_end_are_refused_with_the_place_where_they_do() -> None:
    lists = {"type": "array", "items": ref("A"), "minItems": 1}
    schema = {"$defs": {"A": record({"a": {"anyOf": [ref("A"), lists]}}, "a")}, "$ref": "#/$defs/A"}

    with pytest.raises(RequestError) as caught:
        to_parameters(schema)

    assert "contains itself through required properties only, so no finite value fits it" in str(caught.value)
    assert str(caught.value).startswith("The schema at 'properties.a.anyOf[")


def test_a_list_of_at_least_one_of_itself_has_no_finite_value() -> None:
    lists = {"type": "array", "items": ref("A"), "minItems": 1}

    with pytest.raises(RequestError, match="so no finite value fits it"):
        to_parameters({"$defs": {"A": record({"a": lists}, "a")}, "$ref": "#/$defs/A"})


def test_itself_or_null_is_null_in_the_subset() -> None:
    assert to_parameters({"anyOf": [{"$ref": "#"}, {"type": "null"}]}) == {"type": "NULL"}


def test_a_rule_of_names_is_said_where_a_recursion_of_further_properties_ends() -> None:
    names = {"type": "object", "additionalProperties": ref("A"), "propertyNames": {"type": "string"}}
    innermost: dict[str, Any] = {"type": "OBJECT", "description": "Each key: string."}
    for _ in range(2):
        said = json.dumps(innermost, separators=(",", ":"))
        innermost = {"type": "OBJECT", "description": f"Keys are free; each value: {said}. Each key: string."}

    assert to_parameters(within({"A": names})) == {"type": "OBJECT", "properties": {"it": innermost}}


def test_a_circle_in_a_schema_too_large_for_the_subset_is_opened_too() -> None:
    many = {f"p{number}": TEXT for number in range(4_000)}
    schema = {"$defs": {"A": record({"next": either("A"), **many}, "next")}, "$ref": "#/$defs/A"}

    with pytest.raises(RequestError, match="too deep or too large"):
        to_parameters(schema)
    assert "required" not in to_json_schema(schema)["$defs"]["A"]


def test_a_chain_of_required_definitions_beside_too_much_is_too_large_and_not_endless() -> None:
    many = {f"p{number}": TEXT for number in range(4_000)}
    chain = {f"A{level}": record({"next": ref(f"A{level + 1}")}, "next") for level in range(8)}
    schema = {"$defs": {**chain, "A8": TEXT}, **record({"a": ref("A0"), **many}, "a")}

    with pytest.raises(RequestError) as caught:
        to_parameters(schema)

    assert str(caught.value) == (
        "The schema at 'properties.a.properties.next' is too deep or too large to be written without references: "
        "split it into smaller ones."
    )


def test_an_optional_property_without_a_finite_value_is_left_out_of_the_subset() -> None:
    schema = {"type": "object", "properties": {"a": ref("A"), "b": TEXT}, "$defs": {"A": record({"a": ref("A")}, "a")}}

    assert to_parameters(schema) == {"type": "OBJECT", "properties": {"b": {"type": "STRING"}}}
    assert [(item.path, item.keyword) for item in explain(schema, "parameters")] == [("properties.a", "$ref")]


def test_definitions_are_named_after_their_references() -> None:
    """Each once, without a sign that a reference cannot hold, and with a number where a name is taken."""
    refs = ["#/$defs/a~1b c", "#/x/a_1b_c", "#", "#anchor", "#/y/a_1b_c", "#/x/", "#/$defs/a~1b c", "#/$defs/A.b-c_"]
    schema = {
        "type": "object",
        "properties": {f"p{number}": {"$ref": name} for number, name in enumerate(refs)},
        "$defs": {
            "a/b c": {"type": "integer"},
            "K": {"$anchor": "anchor", "type": "string"},
            "A.b-c_": {"type": "array"},
        },
        "x": {"a_1b_c": {"type": "string"}, "": {"type": "null"}},
        "y": {"a_1b_c": {"type": "boolean"}},
    }
    written = to_json_schema(schema)

    assert [part["$ref"].removeprefix("#/$defs/") for part in written["properties"].values()] == [
        "a_1b_c", "a_1b_c_2", "Root", "anchor", "a_1b_c_3", "Root_2", "a_1b_c", "A.b-c_"
    ]  # fmt: skip
    assert {name: part["type"] for name, part in written["$defs"].items()} == {
        "a_1b_c": "integer", "a_1b_c_2": "string", "Root": "object", "anchor": "string", "a_1b_c_3": "boolean",
        "Root_2": "null", "A.b-c_": "array",
    }  # fmt: skip


def test_constraints_beside_references_that_lead_to_one_another_are_said_once_each() -> None:
    less = {"description": "At least 1 keys."}
    schema = within({
        "A": record({"b": {**ref("B"), "minProperties": 1}}), "B": record({"a": {**ref("A"), "minProperties": 1}}),
    })  # fmt: skip

    assert to_json_schema(schema)["$defs"] == {
        "A": record({"b": {**record({"a": {**record({"b": ref("B")}), **less}}), **less}}),
        "B": record({"a": {**record({"b": {**record({"a": ref("A")}), **less}}), **less}}),
    }


def test_constraints_beside_a_reference_are_said_below_a_root_that_is_the_same_reference() -> None:
    schema = {"$defs": {"A": record({"a": {**ref("A"), "minProperties": 1}})}, "$ref": "#/$defs/A"}
    written = record({"a": {**record({"a": ref("A")}), "description": "At least 1 keys."}})

    assert to_json_schema(schema) == {**written, "$defs": {"A": written}}


def test_a_definition_that_is_only_a_reference_is_written_in_full() -> None:
    assert to_json_schema(within({"A": ref("B"), "B": TEXT})) == within({"A": TEXT})


def test_a_definition_counts_as_a_level() -> None:
    """Forty definitions, each in a property of the one before, are eighty levels."""
    definitions = {f"A{level}": record({"a": ref(f"A{level + 1}")}, "a") for level in range(40)} | {"A40": TEXT}

    with room():
        assert len(to_json_schema(within(definitions, "A1"))["$defs"]) == 40
    with room(), pytest.raises(RequestError, match="too deep or too large"):
        to_json_schema(within(definitions, "A0"))


# --- limits


def nested(levels: int, keyword: str) -> dict[str, Any]:
    """Return a text that stands in so many schemas."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        if keyword == "items":
            schema = {"type": "array", "items": schema}
        elif keyword == "prefixItems":
            schema = {"type": "array", "prefixItems": [schema]}
        elif keyword == "anyOf":
            schema = {"anyOf": [schema, {"type": "integer"}]}
        elif keyword == "additionalProperties":
            schema = {"type": "object", "additionalProperties": schema}
        elif keyword == "reference":
            schema = {"type": "array", "items": {"$ref": "#/$defs/A"}, "$defs": {"A": schema}}
        else:
            schema = {"type": "object", "properties": {"a": schema}}
    return schema


@contextlib.contextmanager
def room() -> Iterator[None]:
    """Allow for a deeper stack: under mutation testing each function stands behind two of the tool's own."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(4 * before)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@pytest.mark.parametrize("keyword", ["items", "prefixItems", "anyOf", "additionalProperties", "properties"])
def test_eighty_levels_are_taken_and_no_more(keyword: str) -> None:
    for call, complaint in (
        (to_parameters, "is too deep or too large to be written without references: split it into smaller ones."),
        (to_json_schema, "is too deep or too large: split it into smaller ones."),
    ):
        with room():
            assert call(nested(80, keyword))
        with room(), pytest.raises(RequestError) as caught:
            call(nested(81, keyword))
        assert str(caught.value).startswith(f"The schema at '{keyword.removesuffix('s')}"[:20])
        assert str(caught.value).endswith(complaint)
        assert str(caught.value).count(keyword) == 81


def test_an_optional_alternative_and_an_only_one_count_as_levels() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(81):
        schema = {"anyOf": [schema]}

    for call in (to_parameters, to_json_schema):
        with room():
            call(schema["anyOf"][0])
        with room(), pytest.raises(RequestError, match="too deep or too large"):
            call(schema)


def test_further_items_count_as_a_level() -> None:
    schema: dict[str, Any] = TEXT
    for _ in range(81):
        schema = {"type": "array", "prefixItems": [TEXT], "items": schema}

    with room():
        to_parameters(schema["items"])
    with room(), pytest.raises(RequestError, match="too deep or too large"):
        to_parameters(schema)


@pytest.mark.parametrize(("call", "most"), [(to_parameters, 4_000), (to_json_schema, 20_000)])
def test_a_schema_may_hold_so_many_schemas(call: Any, most: int) -> None:
    """The root among them."""
    properties = {f"p{number}": {"type": "string"} for number in range(most - 1)}

    assert len(call({"type": "object", "properties": properties})["properties"]) == most - 1
    with pytest.raises(RequestError) as caught:
        call({"type": "object", "properties": {**properties, "more": {"type": "string"}}})
    assert str(caught.value).startswith("The schema at 'properties.more' is too deep or too large")


def test_a_recursion_is_unrolled_less_where_it_would_grow_too_large() -> None:
    """The more often a definition holds itself, the fewer levels of it are written."""
    depths = []
    for width in (2, 16, 30, 70):
        children = {f"c{number}": {"$ref": "#/$defs/A"} for number in range(width)}
        written = to_parameters({"$defs": {"A": {"type": "object", "properties": children}}, "$ref": "#/$defs/A"})
        depth = 0
        while "properties" in written:
            written, depth = written["properties"]["c0"], depth + 1
        depths.append(depth)

    assert depths == [2, 1, 1, 0]


def test_definitions_that_name_one_another_are_followed_less_deep_until_they_fit() -> None:
    """Of a dozen definitions that each hold all, the first levels are kept; what is required stays required."""
    names = [f"D{number}" for number in range(12)]
    everything = {"type": "object", "properties": {name: {"$ref": f"#/$defs/{name}"} for name in names}}
    written = to_parameters({"$defs": dict.fromkeys(names, everything), "$ref": "#/$defs/D0"})
    depth = 0
    while "properties" in written:
        name = next(iter(written["properties"]))
        written, depth = written["properties"][name], depth + 1

    assert depth == 2


CUT = "the recursion is unrolled a few levels deep and ends here"

# fmt: off
ENDS = {
    "an optional property": (
        {"A": record({"a": ref("A"), "s": TEXT})},
        {"type": "OBJECT", "properties": {"a": {"type": "OBJECT", "properties": {"a": {"type": "OBJECT", "properties": {"s": {"type": "STRING"}}}, "s": {"type": "STRING"}}}, "s": {"type": "STRING"}}},
        ["properties.it.properties.a.properties.a.properties.a"],
    ),
    "one of several alternatives": (
        {"A": record({"a": either("A")}, "a")},
        {"type": "OBJECT", "properties": {"a": {"anyOf": [{"type": "OBJECT", "properties": {"a": {"anyOf": [{"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["a"]}, {"type": "STRING"}]}}, "required": ["a"]}, {"type": "STRING"}]}}, "required": ["a"]},
        ["properties.it.properties.a.anyOf[0].properties.a.anyOf[0].properties.a.anyOf[0]"],
    ),
    "something or null that is required": (
        {"A": record({"a": {"anyOf": [ref("A"), {"type": "null"}], "description": "the next"}}, "a")},
        {"type": "OBJECT", "properties": {"a": {"type": "OBJECT", "properties": {"a": {"type": "OBJECT", "properties": {"a": {"type": "NULL", "description": "the next"}}, "required": ["a"], "description": "the next", "nullable": True}}, "required": ["a"], "description": "the next", "nullable": True}}, "required": ["a"]},
        ["properties.it.properties.a.anyOf[0].properties.a.anyOf[0].properties.a.anyOf[0]"],
    ),
    "something or null that is optional": (
        {"A": record({"a": {"anyOf": [ref("A"), {"type": "null"}]}})},
        {"type": "OBJECT", "properties": {"a": {"type": "OBJECT", "properties": {"a": {"type": "OBJECT", "nullable": True}}, "nullable": True}}},
        ["properties.it.properties.a.anyOf[0].properties.a.anyOf[0].properties.a"],
    ),
    "alternatives that all lead back, or null": (
        {"A": record({"a": {"anyOf": [ref("A"), {"type": "array", "items": ref("A"), "minItems": 1}, {"type": "null"}]}}, "a")},
        {"type": "OBJECT", "properties": {"a": {"anyOf": [{"type": "OBJECT", "properties": {"a": {"anyOf": [{"type": "OBJECT", "properties": {"a": {"type": "NULL"}}, "required": ["a"]}, {"type": "ARRAY", "minItems": 1, "items": {"type": "OBJECT", "properties": {"a": {"type": "NULL"}}, "required": ["a"]}}], "nullable": True}}, "required": ["a"]}, {"type": "ARRAY", "minItems": 1, "items": {"type": "OBJECT", "properties": {"a": {"anyOf": [{"type": "OBJECT", "properties": {"a": {"type": "NULL"}}, "required": ["a"]}, {"type": "ARRAY", "minItems": 1, "items": {"type": "OBJECT", "properties": {"a": {"type": "NULL"}}, "required": ["a"]}}], "nullable": True}}, "required": ["a"]}}], "nullable": True}}, "required": ["a"]},
        None,
    ),
    "a list": (
        {"A": record({"a": {"type": "array", "items": ref("A")}}, "a")},
        {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "OBJECT"}, "maxItems": 0}}, "required": ["a"]}}}, "required": ["a"]}}}, "required": ["a"]},
        ["properties.it.properties.a.items.properties.a.items.properties.a.items"],
    ),
    "a list of something or null": (
        {"A": record({"a": {"type": "array", "items": {"anyOf": [ref("A"), {"type": "null"}]}}}, "a")},
        {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "NULL"}}}, "required": ["a"], "nullable": True}}}, "required": ["a"], "nullable": True}}}, "required": ["a"]},
        ["properties.it.properties.a.items.anyOf[0].properties.a.items.anyOf[0].properties.a.items.anyOf[0]"],
    ),
    "something or null with an example": (
        {"A": record({"a": {"anyOf": [ref("A"), {"type": "null"}], "example": "x"}}, "a")},
        {"type": "OBJECT", "properties": {"a": {"type": "OBJECT", "properties": {"a": {"type": "OBJECT", "properties": {"a": {"type": "NULL", "description": 'Example: "x".'}}, "required": ["a"], "description": 'Example: "x".', "nullable": True}}, "required": ["a"], "description": 'Example: "x".', "nullable": True}}, "required": ["a"]},
        ["properties.it.properties.a.anyOf[0].properties.a.anyOf[0].properties.a.anyOf[0]"],
    ),
    "an alternative that is a list": (
        {"A": record({"a": {"anyOf": [{"type": "array", "items": ref("A")}, TEXT]}}, "a")},
        {"type": "OBJECT", "properties": {"a": {"anyOf": [{"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"a": {"anyOf": [{"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["a"]}}, {"type": "STRING"}]}}, "required": ["a"]}}, {"type": "STRING"}]}}, "required": ["a"]},
        ["properties.it.properties.a.anyOf[0].items.properties.a.anyOf[0].items.properties.a.anyOf[0]"],
    ),
    "an optional list or null": (
        {"A": record({"a": {"anyOf": [{"type": "array", "items": ref("A")}, {"type": "null"}]}})},
        {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "OBJECT"}, "nullable": True}}}, "nullable": True}}},
        ["properties.it.properties.a.anyOf[0].items.properties.a.anyOf[0].items.properties.a"],
    ),
    "an optional list behind a reference": (
        {"A": record({"a": ref("L")}), "L": {"type": "array", "items": ref("A")}},
        {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "OBJECT"}}}}}}},
        ["properties.it.properties.a.items.properties.a.items.properties.a"],
    ),
    "an optional list or text": (
        {"A": record({"a": {"type": ["array", "string"], "items": ref("A")}})},
        {"type": "OBJECT", "properties": {"a": {"anyOf": [{"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"a": {"anyOf": [{"type": "ARRAY", "items": {"type": "OBJECT"}}, {"type": "STRING"}]}}}}, {"type": "STRING"}]}}},
        ["properties.it.properties.a.items.properties.a.items.properties.a"],
    ),
    "an optional list": (
        {"A": record({"a": {"type": "array", "items": ref("A")}})},
        {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "OBJECT", "properties": {"a": {"type": "ARRAY", "items": {"type": "OBJECT"}}}}}}},
        ["properties.it.properties.a.items.properties.a.items.properties.a"],
    ),
}
# fmt: on


@pytest.mark.parametrize(("definitions", "written", "cut"), ENDS.values(), ids=ENDS)
def test_the_subset_unrolls_three_levels_and_lists_where_they_end(
    definitions: dict[str, Any], written: dict[str, Any], cut: list[str] | None
) -> None:
    schema = within(definitions)

    assert to_parameters(schema) == {"type": "OBJECT", "properties": {"it": written}}
    listed = [(item.path, item.keyword, item.why) for item in explain(schema, "parameters")]
    if cut is not None:
        assert listed == [(path, "$ref", CUT) for path in cut]


def test_a_description_of_descriptions_does_not_double_with_every_level() -> None:
    """Forty tuples in one another would be told in more characters than there are atoms."""
    for keyword in ("prefixItems", "additionalProperties"):
        with room():
            assert len(str(to_parameters(nested(40, keyword)))) < 200_000

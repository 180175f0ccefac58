"""What holds of every schema, not only of those in the table."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import copy
import dataclasses
import functools
import json
import math
import re
import sys
from typing import Annotated, Any, Literal, TypedDict

import jsonschema
import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

import gstream.schema
from gstream.errors import RequestError
from gstream.schema import conforms, explain, schema_of, to_json_schema, to_parameters
from gstream.schema.patterns import _engine, _run
from tests.conftest import SHARED, present

JSON_SCHEMA_KEYS = frozenset(
    {
        "$id",
        "$defs",
        "$ref",
        "$anchor",
        "type",
        "format",
        "title",
        "description",
        "enum",
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "minimum",
        "maximum",
        "anyOf",
        "oneOf",
        "properties",
        "additionalProperties",
        "required",
        "propertyOrdering",
    }
)

# --- what Google's description allows


@functools.cache
def discovery() -> dict[str, Any]:
    path = SHARED / "specs" / "generativelanguage-discovery.json"
    present(path)
    schema: dict[str, Any] = json.loads(path.read_text())["schemas"]["Schema"]["properties"]
    return schema


def field_complaints(key: str, value: Any) -> list[str]:
    """Return what the API's own description has against one field of a schema."""
    field = discovery().get(key)
    if field is None:
        return [f"unknown field {key}"]
    if value is None or value in ({}, []):
        return [f"{key} is empty"]
    if field.get("format") == "int64":
        return [] if isinstance(value, int) and value >= 0 else [f"{key} is no count: {value!r}"]
    kinds: dict[str, type | tuple[type, ...]] = {
        "string": str,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    kind = kinds.get(field.get("type", ""), object)
    return [] if isinstance(value, kind) else [f"{key} is no {field['type']}: {value!r}"]


def complaints(written: dict[str, Any]) -> list[str]:
    """Return what the API has against a schema of the subset, by its description and by the errors it is known for."""
    found = [complaint for key, value in written.items() for complaint in field_complaints(key, value)]
    properties, texts = written.get("properties", {}), written.get("enum", ["a"])
    kind = written.get("type", "STRING")
    rules = {
        "a known type": kind in discovery()["type"]["enum"],
        "either type or anyOf": ("type" in written) != ("anyOf" in written),
        "enum for texts only": kind == "STRING" or "enum" not in written,
        "enum of texts that are not empty": all(isinstance(text, str) and text for text in texts),
        "items of an array": kind != "ARRAY" or "items" in written,
        "required names that are properties": set(written.get("required", ())) <= properties.keys(),
        "ordered names that are properties": set(written.get("propertyOrdering", ())) <= properties.keys(),
    }
    found += [f"{rule}: {written}" for rule, kept in rules.items() if not kept]
    below = [*written.get("anyOf", ()), *properties.values(), *([written["items"]] if "items" in written else [])]
    return found + [complaint for child in below for complaint in complaints(child)]


def json_schema_complaints(written: Any) -> list[str]:
    if isinstance(written, bool):
        return []
    found = [f"unknown keyword {key}" for key in written.keys() - JSON_SCHEMA_KEYS]
    if "$ref" in written and any(not key.startswith("$") for key in written):
        found.append(f"keys beside $ref: {written}")
    if any(not isinstance(value, str | int | float) or isinstance(value, bool) for value in written.get("enum", ())):
        found.append(f"enum only of texts and numbers: {written}")
    for key in ("properties", "$defs"):
        for child in written.get(key, {}).values():
            found += json_schema_complaints(child)
    for key in ("anyOf", "oneOf", "prefixItems"):
        for child in written.get(key, ()):
            found += json_schema_complaints(child)
    for key in ("items", "additionalProperties"):
        found += json_schema_complaints(written.get(key, True))
    return found


# --- schemas: of pydantic, of a reasonable author, of nobody

KINDS: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(
        [
            str,
            int,
            float,
            bool,
            type(None),
            Any,
            bytes,
            list,
            dict,
            Literal["a", "b"],
            Literal[1, 2, 5],
            Literal["a", 1] | None,
            Annotated[int, Field(gt=0, le=9)],
            Annotated[float, Field(gt=0, multiple_of=0.5)],
            Annotated[str, Field(min_length=1, pattern="^a", description="starts with a")],
        ]
    ),
    lambda kind: st.one_of(
        kind.map(list.__class_getitem__),
        kind.map(lambda inner: dict.__class_getitem__((str, inner))),
        kind.map(lambda inner: inner | None),
        st.tuples(kind, kind).map(tuple.__class_getitem__),
        kind.map(lambda inner: pydantic.create_model("Inner", a=(inner, ...), b=(inner, None))),
    ),
    max_leaves=5,
)

TYPES = st.sampled_from(["string", "object", "array", "null", "integer", "number", "boolean"])
REFS = st.sampled_from(["#", "#/$defs/A", "#/$defs/B"])
LITERALS = st.sampled_from([None, 1, 2, 1.5, "", "a", True, False, [1], {"a": 1}])


def keywords(child: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(child, min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=2),
            "properties": st.dictionaries(st.sampled_from("abc"), child, max_size=3),
            "required": st.lists(st.sampled_from("abc"), max_size=2),
            "items": child,
            "prefixItems": some,
            "anyOf": some,
            "oneOf": some,
            "allOf": some,
            "not": child,
            "enum": st.lists(LITERALS, min_size=1, max_size=3),
            "const": st.sampled_from([None, 1, "a", True]),
            "minimum": st.integers(0, 3),
            "exclusiveMaximum": st.floats(0, 5),
            "additionalProperties": child | st.booleans(),
            "description": st.just("d"),
            "default": LITERALS,
            "$ref": REFS,
            "minItems": st.integers(0, 2),
        },
    )


SCHEMAS = st.recursive(
    st.fixed_dictionaries({"type": TYPES}) | st.booleans() | st.fixed_dictionaries({"$ref": REFS}),
    keywords,
    max_leaves=8,
)
ROOTS = st.builds(
    lambda root, first, second: {**root, "$defs": {"A": first, "B": second}},
    SCHEMAS.filter(lambda schema: isinstance(schema, dict)),
    SCHEMAS,
    SCHEMAS,
)
WORDS = st.sampled_from(
    ["type", "properties", "required", "items", "prefixItems", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "$defs", "definitions", "minimum", "exclusiveMaximum", "minLength", "pattern", "format", "description", "default", "nullable", "additionalProperties", "patternProperties", "propertyNames", "not", "uniqueItems", "multipleOf", "propertyOrdering", "A", "B"]
)  # fmt: skip
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "a", "string", "object", "#"]),
    lambda child: st.lists(child, max_size=3) | st.dictionaries(WORDS, child, max_size=5),
    max_leaves=20,
)
ANSWERS: st.SearchStrategy[Any] = st.recursive(
    LITERALS,
    lambda child: st.lists(child, max_size=3) | st.dictionaries(st.sampled_from("abc"), child, max_size=3),
    max_leaves=5,
)

many = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@many
@given(KINDS)
def test_whatever_pydantic_makes_is_taken_by_the_api(kind: Any) -> None:
    schema = schema_of(kind)
    before = copy.deepcopy(schema)

    assert complaints(to_parameters(schema, ordering=True)) == []
    assert json_schema_complaints(to_json_schema(schema)) == []
    assert schema == before


@many
@given(ROOTS)
def test_whatever_an_author_writes_is_taken_or_refused(schema: dict[str, Any]) -> None:
    before = copy.deepcopy(schema)
    try:
        written = to_parameters(schema, ordering=True)
    except RequestError:
        written = {"type": "STRING"}

    assert complaints(written) == []
    assert to_parameters(written, ordering=True) == written
    assert schema == before


@many
@given(ROOTS)
def test_json_schema_keeps_to_the_listed_keywords(schema: dict[str, Any]) -> None:
    before = copy.deepcopy(schema)
    try:
        written = to_json_schema(schema)
    except RequestError:
        return

    assert json_schema_complaints(written) == []
    jsonschema.Draft202012Validator.check_schema(written)
    assert schema == before


@many
@given(JUNK.filter(lambda junk: isinstance(junk, dict)), ANSWERS)
def test_junk_is_a_request_error_or_nothing(junk: dict[str, Any], answer: Any) -> None:
    for call in (to_parameters, to_json_schema, functools.partial(conforms, answer)):
        try:
            call(junk)
        except RequestError as error:
            said = str(error)
        else:
            said = "."

        assert said.endswith(".")


def accepts(written: dict[str, Any], answer: Any) -> bool:
    return conforms(answer, written) is None


@many
@given(ROOTS, ANSWERS)
def test_a_widening_lets_everything_through_that_the_schema_does(schema: dict[str, Any], answer: Any) -> None:
    """Only where something is cut, assumed or left out of an enum (and listed as such) may the result be narrower."""
    try:
        written, listed = to_parameters(schema), explain(schema, "parameters")
        expected = conforms(answer, schema) is None
    except RequestError:
        return
    narrowing = {"$ref", "type", "prefixItems", "properties"} & {item.keyword for item in listed}
    merged = schema.get("type") == "object" and schema.keys() & {"anyOf", "oneOf", "$ref", "allOf"}
    if narrowing or merged or '""' in json.dumps(schema) or not expected:
        return

    assert accepts(written, answer)


@many
@given(ROOTS, ANSWERS)
def test_json_schema_never_narrows(schema: dict[str, Any], answer: Any) -> None:
    """What fits the caller's schema fits what is sent, without an exception: this target cuts nothing."""
    try:
        fits, written = conforms(answer, schema) is None, to_json_schema(schema)
    except RequestError:
        return
    if fits:
        assert accepts(written, answer)


def every_keyword(child: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas of all assertions of 2020-12, however odd their neighbours."""
    some, names = st.lists(child, min_size=1, max_size=2), st.sampled_from("abc")
    number, size = st.sampled_from([0, 1, 2, 0.5, 1.5, 3]), st.integers(0, 2)
    listed = st.lists(names, max_size=2, unique=True)
    named = st.dictionaries(names, child, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
            **dict.fromkeys(("properties", "dependentSchemas"), named),
            **dict.fromkeys(("prefixItems", "anyOf", "oneOf", "allOf"), some),
            **dict.fromkeys(
                ("items", "not", "if", "then", "else", "contains", "additionalProperties", "propertyNames",
                 "unevaluatedProperties", "unevaluatedItems"), child,
            ),
            **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), number),
            **dict.fromkeys(
                ("minLength", "maxLength", "minItems", "maxItems", "minContains", "maxContains", "minProperties",
                 "maxProperties"), size,
            ),
            "multipleOf": st.sampled_from([1, 2, 0.5, 0.1]),
            "pattern": st.sampled_from(["^a", "b$", "(a|b)+"]),
            "uniqueItems": st.booleans(),
            "required": listed,
            "dependentRequired": st.dictionaries(names, listed, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["a", "^b", "[ab]"]), child, max_size=2),
            "enum": st.lists(LITERALS | st.just([True]), min_size=1, max_size=3),
            "const": LITERALS | st.just([True]),
            "$ref": st.just("#/$defs/A"),
        },
    )  # fmt: skip


EVERY = st.recursive(st.fixed_dictionaries({"type": TYPES}) | st.booleans(), every_keyword, max_leaves=7)


@settings(many, max_examples=250)
@given(EVERY.filter(lambda schema: isinstance(schema, dict)), EVERY, ANSWERS)
def test_conforms_agrees_with_a_whole_validator(root: dict[str, Any], definition: Any, answer: Any) -> None:
    """In every keyword; references lead to a definition without references, as circles make the other one abort."""
    schema = {**root, "$defs": {"A": json.loads(json.dumps(definition).replace('"$ref"', '"$comment"'))}}

    assert (conforms(answer, schema) is None) == jsonschema.Draft202012Validator(schema).is_valid(answer)


def required_circles(written: dict[str, Any]) -> bool:
    """Tell whether a definition contains itself through required properties, items or alternatives alone."""
    found: dict[str, set[str]] = {}

    def walk(node: Any, start: str) -> None:
        if not isinstance(node, dict):
            return
        if isinstance(node.get("$ref"), str):
            found.setdefault(start, set()).add(node["$ref"].rsplit("/", 1)[-1])
        for name in node.get("required", ()):
            walk(node.get("properties", {}).get(name), start)
        for key in ("items", "additionalProperties"):
            walk(node.get(key), start)
        for key in ("anyOf", "oneOf", "prefixItems"):
            for item in node.get(key, ()):
                walk(item, start)

    for name, definition in written.get("$defs", {}).items():
        walk(definition, name)
    reached = {name: set(names) for name, names in found.items()}
    for _ in reached:
        reached = {name: names.union(*(reached.get(one, set()) for one in names)) for name, names in reached.items()}
    return any(name in names for name, names in reached.items())


@many
@given(ROOTS)
def test_circles_of_references_run_through_optional_properties(schema: dict[str, Any]) -> None:
    """As the API demands of `responseJsonSchema`."""
    try:
        written = to_json_schema(schema)
    except RequestError:
        return

    assert not required_circles(written)


# --- bounds of size and time


def test_definitions_that_all_name_one_another_stay_small() -> None:
    names = [f"D{number}" for number in range(8)]
    union = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in names]}
    loop = {"type": "object", "properties": {"left": union, "right": union}, "required": ["left", "right"]}
    leaf = {"type": "object", "properties": {"value": {"type": "number"}}, "required": ["value"]}
    schema = {"$defs": dict.fromkeys(names, loop) | {"D0": leaf}, "$ref": "#/$defs/D1"}

    assert complaints(to_parameters(schema)) == []
    assert len(json.dumps(to_parameters(schema))) < 200_000
    assert json_schema_complaints(to_json_schema(schema)) == []


@pytest.mark.parametrize("keyword", ["properties", "items", "anyOf", "allOf", "not"])
def test_depth_is_refused_not_suffered(keyword: str) -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(900):
        inner: Any = {"a": schema} if keyword == "properties" else [schema] if keyword.endswith("Of") else schema
        schema = {keyword: inner}

    for call in (to_parameters, to_json_schema):
        if keyword == "not":
            call(schema)
            continue
        with pytest.raises(RequestError, match=r"split|merge"):
            call(schema)


def test_alternatives_of_alternatives_are_asked_once_each() -> None:
    """Fourteen definitions that are each any of the fourteen have 14! ways through them."""
    names = [f"D{number}" for number in range(14)]
    ways = [{"$ref": f"#/$defs/{name}"} for name in names]
    schema = {"$defs": {name: {"anyOf": ways} for name in names[:-1]} | {"D13": {"anyOf": [*ways, {"type": "string"}]}}}
    schema["$ref"] = "#/$defs/D0"  # type: ignore[assignment]  # a reference is no mapping

    assert conforms("text", schema) is None
    assert "must be string, got 1." in (conforms(1, schema) or "")


def test_no_answer_is_too_deep() -> None:
    answer: Any = None
    for _ in range(2_000):
        answer = {"next": answer}
    link = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Link"}}, "required": ["next"]}
    schema = {"$defs": {"Link": {"anyOf": [{"type": "null"}, link]}}, "$ref": "#/$defs/Link"}

    assert conforms(answer, schema) is None
    assert conforms({"next": {"next": 1}}, schema) is not None


@pytest.mark.parametrize("keyword", ["not", "if", "anyOf", "allOf", "items"])
def test_no_schema_is_too_deep(keyword: str) -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(2_000):
        schema = {keyword: [schema] if keyword.endswith("Of") else schema}

    assert conforms("text", schema) is None


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (r"^(a+)+$", "a" * 5_000 + "b", False),
        (r"^(a|aa)+$", "a" * 5_000, True),
        (r"^(\w+\s?)*$", "word " * 1_000 + "!", False),
        (r"a.*b.*c.*d.*e", "abcd" * 500, False),
        (r"^(?=.*\d)(?=.*[a-z])[a-z\d]{2,}$", "a" * 100 + "1", True),
        (r"(?i)^(?:[A-F]{2}:){5}[A-F]{2}$", "aa:bb:cc:dd:ee:ff:00", False),
        (r"a{99999999999}", "text", True),
    ],
)
def test_a_pattern_takes_no_longer_than_its_text(pattern: str, text: str, fits: bool) -> None:  # noqa: FBT001
    """Python's own engine would try the first three for longer than the universe has existed."""
    assert (conforms(text, {"pattern": pattern}) is None) == fits


@many
@given(st.text("ab.c\n", max_size=12), st.data())
def test_patterns_are_found_where_python_finds_them(text: str, data: st.DataObject) -> None:
    """Both ways of following a pattern agree, for patterns of every construct that the own way knows."""
    atoms = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\w", r"\.", "^", "$", r"\b", r"[\]a]", "(?=a)", "(?!b)"])
    repeated = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{,2}", "*?"])
    patterns = st.recursive(
        atoms,
        lambda inner: (
            st.builds("{}{}".format, inner, inner)
            | st.builds("({}|{})".format, inner, inner)
            | st.builds("(?:{}){}".format, inner, repeated)
        ),
        max_leaves=8,
    )
    pattern = data.draw(patterns)
    program = _engine(pattern).program

    assert program is None or _run(program, text) == (re.search(pattern, text) is not None)


@pytest.mark.parametrize(
    ("answer", "schema", "fits"),
    [
        (10**400, {"multipleOf": 0.5}, True),
        (0.3, {"multipleOf": 0.1}, True),
        (2.0, {"type": "integer", "enum": [2]}, True),
        ([True], {"enum": [[1]]}, False),
        ({"a.b": 1, "a": {"b": "x"}}, {"properties": {"a.b": {"type": "integer"}, "a": {"additionalProperties": {"type": "string"}}}}, True),
        ({"a": 1}, {"dependentRequired": {"a": ["b"]}}, False),
        ({"a": 1}, {"allOf": [{"properties": {"a": {}}}, {"additionalProperties": False}]}, False),
        ("ab", {"allOf": [{"pattern": "^a"}, {"pattern": "^b"}]}, False),
    ],
)  # fmt: skip
def test_answers_are_held_to_what_no_target_can_say(answer: Any, schema: dict[str, Any], fits: bool) -> None:  # noqa: FBT001
    assert (conforms(answer, schema) is None) == fits


# --- the functions' own corners


def test_ordering_follows_the_schema() -> None:
    schema = {
        "type": "object",
        "properties": {"b": {"type": "string"}, "a": {"type": "object", "properties": {"c": {}}}},
    }

    written = to_parameters(schema, ordering=True)

    assert written["propertyOrdering"] == ["b", "a"]
    assert "propertyOrdering" not in written["properties"]["a"], "one property has no order"
    assert "propertyOrdering" not in to_parameters(schema)


def test_results_share_nothing_that_a_caller_could_spoil() -> None:
    schema = {"type": "object", "properties": {"a": {}, "b": {}}}

    first = to_parameters(schema)
    first["properties"]["a"]["anyOf"].clear()

    assert to_parameters(schema)["properties"]["a"]["anyOf"]
    assert first["properties"]["b"]["anyOf"]


def test_the_parameters_of_a_function_are_one_object() -> None:
    schema = {
        "type": "object",
        "properties": {"by": {"type": "string"}},
        "oneOf": [
            {"properties": {"id": {"type": "integer"}, "by": {"const": "id"}}, "required": ["by", "id"]},
            {"properties": {"name": {"type": "string"}, "id": {"type": "string"}}, "required": ["by", "name"]},
        ],
    }

    written = to_parameters(schema)

    assert written["properties"] == {
        "by": {"type": "STRING"},
        "id": {"anyOf": [{"type": "INTEGER"}, {"type": "STRING"}]},
        "name": {"type": "STRING"},
    }
    assert written["required"] == ["by"]
    assert [item.keyword for item in explain(schema, "parameters")] == ["oneOf"]


def test_definitions_of_one_name_are_told_apart() -> None:
    part = {"$defs": {"A": {"type": "string"}}, "$ref": "#/$defs/A"}
    schema = {
        "$defs": {"B": {"$defs": {"A": {"type": "integer"}}, "type": "array", "items": {"$ref": "#/properties/A"}}},
        "type": "object",
        "properties": {"A": {"type": "number"}, "p": part, "q": {"$ref": "#/$defs/B"}},
    }

    written = to_json_schema(schema)

    assert written["properties"]["p"] == {"$ref": "#/$defs/A"}
    assert written["$defs"]["A"] == {"type": "string"}
    assert written["$defs"]["B"]["items"] == {"$ref": "#/$defs/A_2"}
    assert written["$defs"]["A_2"] == {"type": "number"}


def test_recursion_beside_constraints_ends() -> None:
    schema = {
        "$defs": {"N": {"type": "object", "properties": {"n": {"$ref": "#/$defs/N", "minProperties": 1}}}},
        "$ref": "#/$defs/N",
    }

    assert json_schema_complaints(to_json_schema(schema)) == []
    assert complaints(to_parameters(schema)) == []


def test_explain_says_why() -> None:
    (widening,) = explain(
        {"type": "object", "properties": {"a": {"type": "array", "items": {"format": "x"}}}}, "parameters"
    )[:1]

    assert (widening.path, widening.keyword) == ("properties.a.items", "type")
    assert widening.why


class Film(BaseModel):
    title: str


class Untyped:
    pass


@dataclasses.dataclass
class Size:
    width: int


def test_schema_of_takes_types_and_passes_schemas_on() -> None:
    schema = {"type": "string"}

    assert schema_of(schema) is schema
    assert schema_of(Film)["required"] == ["title"]
    assert schema_of(Size)["required"] == ["width"]
    assert schema_of(list[int]) == {"type": "array", "items": {"type": "integer"}}


@pytest.mark.parametrize("kind", [Untyped, type(lambda: None)])
def test_schema_of_names_what_has_no_schema(kind: type) -> None:
    with pytest.raises(RequestError, match=kind.__name__):
        schema_of(kind)


@pytest.mark.parametrize(
    ("answer", "schema", "complaint"),
    [
        ({"kids": [{"name": 1}]}, {"properties": {"kids": {"items": {"properties": {"name": {"type": "string"}}}}}}, "'kids[0].name' must be string, got 1."),
        (True, {"type": "integer"}, "The answer must be integer, got true."),
        ({}, {"required": ["a"]}, "The answer lacks the required property 'a'."),
        ({"b": 1}, {"additionalProperties": False}, "The answer has the unknown property 'b'."),
        (3, {"enum": [1, 2]}, "The answer must be 1 or 2, got 3."),
        (1, {"const": True}, "The answer must be true, got 1."),
        (0, {"exclusiveMinimum": 0}, "The answer must be greater than 0, got 0."),
        (10, {"maximum": 9}, "The answer must be at most 9, got 10."),
        (3, {"multipleOf": 2}, "The answer must be a multiple of 2, got 3."),
        ("b", {"pattern": "^a"}, "The answer must match '^a', got \"b\"."),
        ("", {"minLength": 1}, "The answer must have at least 1 characters, got 0."),
        ([1, 1], {"uniqueItems": True}, "The answer must not hold an item twice."),
        ([1, 2], {"maxItems": 1}, "The answer must have at most 1 items, got 2."),
        ([1, "a"], {"prefixItems": [{}, {"type": "integer"}]}, "'[1]' must be integer, got \"a\"."),
        ([1], {"items": False}, "'[0]' is not allowed (got 1)."),
        (1, {"not": {"type": "integer"}}, "The answer is excluded by 'not' (got 1)."),
        (1, {"oneOf": [{"type": "integer"}, {"type": "number"}]}, "The answer fits 2 alternatives where exactly one is allowed."),
        (1, {"anyOf": [{"type": "string"}, {"type": "null"}]}, "The answer fits none of 2 alternatives. The answer must be string, got 1. The answer must be null, got 1."),
        ({"x": 1}, {"patternProperties": {"^x": {"type": "string"}}}, "'x' must be string, got 1."),
        ({"x": 1}, {"propertyNames": {"maxLength": 0}}, "The answer has the property 'x', whose name is not allowed."),
        (1, {"$ref": "#"}, "itself"),
        (1, {"anyOf": [{"$ref": "#"}]}, "very schema"),
    ],
)  # fmt: skip
def test_conforms_names_the_place(answer: Any, schema: dict[str, Any], complaint: str) -> None:
    try:
        said = conforms(answer, schema)
    except RequestError as error:
        said = str(error)

    assert said is not None
    assert complaint in said


@pytest.mark.parametrize(
    ("answer", "schema"),
    [
        (1.0, {"type": "integer"}),
        (1, {"type": "number"}),
        (None, {"type": "string", "nullable": True}),
        ("x", {"pattern": "(?<bad"}),
        (math.pi, {}),
        ({"n": {"n": {}}}, {"properties": {"n": {"$ref": "#"}}}),
        ({"a": 1}, {"allOf": [{"required": ["a"]}, {"properties": {"a": {"type": "integer"}}}]}),
    ],
)
def test_conforms_lets_through_what_fits(answer: Any, schema: dict[str, Any]) -> None:
    assert conforms(answer, schema) is None


def test_typing_typed_dict_is_taken_or_explained() -> None:
    """Pydantic wants `typing_extensions.TypedDict` before Python 3.12 and says so."""

    class Script(TypedDict):
        pages: int

    if sys.version_info >= (3, 12):
        assert schema_of(Script)["required"] == ["pages"]
    else:
        with pytest.raises(RequestError, match="typing_extensions"):
            schema_of(Script)


def test_public_names_are_there_and_sorted() -> None:
    assert gstream.schema.__all__ == sorted(gstream.schema.__all__)
    assert all(hasattr(gstream.schema, name) for name in gstream.schema.__all__)

"""The model obeys what a description says: the sentences that gstream writes, read back as what they were."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import create_model

from gstream.emulator.arguments import Filling
from gstream.emulator.instructed import instructed, schema_in
from gstream.emulator.numbers import nearest
from gstream.emulator.words import Words
from gstream.schema import conforms, schema_of, to_json_schema, to_parameters
from tests.kinds import ASKED, FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.emulator import Emulator

TOWN = {"type": "OBJECT", "title": "Town", "properties": {"name": {"type": "STRING"}}}
INTEGER = {"type": "integer"}
STRING = {"type": "string"}

SENTENCES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "order": ("ARRAY", "In this order: integer, string.", {"prefixItems": [INTEGER, STRING], "items": False}),
    "order with a rest": (
        "ARRAY",
        "A pair. In this order: integer. Any further items: string.",
        {"prefixItems": [INTEGER], "items": STRING},
    ),
    "order with JSON": (
        "ARRAY",
        'In this order: {"type":"STRING","description":"Format: date. No, really."}, any, integer or null.',
        {
            "prefixItems": [
                {"type": "STRING", "description": "Format: date. No, really."},
                {},
                {"type": "integer", "nullable": True},
            ],
            "items": False,
        },
    ),
    "free keys": ("OBJECT", "Keys are free; each value: integer.", {"additionalProperties": INTEGER}),
    "further keys": ("OBJECT", "Further keys are free; each value: any.", {"additionalProperties": {}}),
    "kinds of keys": (
        "OBJECT",
        'Keys are free; each value: integer. Each key: {"type":"STRING","enum":["a"]}.',
        {"additionalProperties": INTEGER, "propertyNames": {"type": "STRING", "enum": ["a"]}},
    ),
    "keys by patterns": (
        "OBJECT",
        r"Keys that match ^a\. b; each value: integer. Keys that match c$; each value: string.",
        {"patternProperties": {r"^a\. b": INTEGER, "c$": STRING}},
    ),
    "format": ("STRING", "The day. Format: date.", {"format": "date"}),
    "media type": (
        "STRING",
        "Media type: application/json. Content: integer.",
        {"contentMediaType": "application/json", "contentSchema": INTEGER},
    ),
    "pattern": (
        "STRING",
        r'At least 2 characters. At most 9 characters. Matches the regular expression ^v\d\. a\.$. Default: "v1. a.".',
        {"minLength": 2, "maxLength": 9, "pattern": r"^v\d\. a\.$"},
    ),
    "steps and open bounds": (
        "NUMBER",
        "Greater than 0. Less than 1e3. A multiple of 0.5.",
        {"exclusiveMinimum": 0, "exclusiveMaximum": 1000.0, "multipleOf": 0.5},
    ),
    "numbers of keys": ("OBJECT", "At least 1 keys. At most 2 keys.", {"minProperties": 1, "maxProperties": 2}),
    "no item twice": ("ARRAY", "No item twice.", {"uniqueItems": True}),
    "values": ("INTEGER", "How many. One of 1, 2, 9.", {"enum": [1, 2, 9]}),
    "lists as values": ("ARRAY", "One of [1,2], [3].", {"enum": [[1, 2], [3]]}),
    "one value": ("BOOLEAN", "Must be true.", {"const": True}),
    "examples before it": ("STRING", 'Examples: "Format: time.", "b". Format: date.', {"format": "date"}),
    "a full stop of another language": ("STRING", "日期。 Format: date.", {"format": "date"}),
}
"""The type, the description, and the keywords it says."""


@pytest.mark.parametrize(("kind", "description", "said"), SENTENCES.values(), ids=SENTENCES)
def test_a_sentence_is_read_as_keywords(kind: str, description: str, said: dict[str, Any]) -> None:
    schema = {"type": kind, "description": description}

    assert instructed(schema) == {**schema, **said}


@pytest.mark.parametrize(
    ("kind", "description"),
    [
        ("INTEGER", "Must be 18 or older."),
        ("STRING", "One of the best."),
        ("STRING", "Must be 5."),
        ("STRING", "Format: day, month, year."),
        ("INTEGER", "Format: date."),
        ("ARRAY", "In this order: first the name, then the size."),
        ("OBJECT", "Keys are free; each value: {broken."),
        ("ARRAY", 'In this order: integer, "string".'),
        ("STRING", "In the text Format: date. is no sentence of its own"),
        ("ARRAY", "No item twice as large."),
    ],
)
def test_other_words_say_nothing(kind: str, description: str) -> None:
    schema = {"type": kind, "description": description}

    assert instructed(schema) == schema


def test_a_title_in_an_order_is_the_object_among_the_items() -> None:
    schema = {"type": "ARRAY", "items": {"anyOf": [TOWN, {"type": "INTEGER"}]}}
    found = instructed({**schema, "description": "In this order: Town, integer, Town or null."})

    assert found["prefixItems"] == [TOWN, INTEGER, {**TOWN, "nullable": True}]


def test_what_the_schema_says_itself_counts_for_more_than_its_description() -> None:
    schema = {"type": "STRING", "format": "date-time", "description": "Format: date."}

    assert instructed(schema) == schema


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize("write", [to_parameters, to_json_schema])
def test_the_words_of_each_target_are_enough_for_a_right_value(
    kind: str, write: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    """One side writes the words, the other reads them, and the schema as it was judges the value."""
    schema = schema_of(create_model("Holder", value=(FIELDS[kind], ...)))
    written = write(schema)
    value = Filling(Words(ASKED), written, generous=True).value(written)

    assert conforms(value, schema) is None


@pytest.mark.parametrize("write", [to_parameters, to_json_schema])
def test_without_its_words_a_schema_is_filled_otherwise(
    write: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    """So the test above holds the words, not luck."""
    step = {"type": "integer", "multipleOf": 7}
    written = {**write(step), "description": "a number"}

    assert conforms(Filling(Words(ASKED), written).value(written), step) is not None


@pytest.mark.parametrize(
    ("number", "limits", "whole", "expected"),
    [
        (3, {}, True, 3),
        (2.5, {}, False, 2.5),
        (3, {"minimum": 5, "exclusiveMaximum": 10}, True, 5),
        (70, {"minimum": 5, "exclusiveMaximum": 10}, True, 9),
        (3, {"multipleOf": 7, "minimum": 10}, True, 14),
        (3, {"multipleOf": 1.5}, True, 3),
        (1, {"multipleOf": 0.1, "exclusiveMinimum": 0.25, "exclusiveMaximum": 0.4}, False, 0.3),
        (3, {"exclusiveMinimum": 0, "exclusiveMaximum": 0.5}, False, 0.25),
        (0, {"exclusiveMinimum": 0}, False, 0.5),
        (0, {"minimum": 0, "exclusiveMinimum": True}, False, 0.5),
        (9, {"exclusiveMaximum": 2}, False, 1.5),
    ],
)
def test_the_nearest_number_keeps_to_every_limit(
    number: float,
    limits: dict[str, Any],
    whole: bool,  # noqa: FBT001 - a column of the table
    expected: float,
) -> None:
    found = nearest(number, limits, whole=whole)

    assert found == expected
    assert isinstance(found, int) or not whole


# --- a schema in the prompt


def test_the_last_schema_of_a_text_is_found_and_taken_out() -> None:
    first = json.dumps({"properties": {"foo": {"type": "array"}}, "required": ["foo"]})
    second = json.dumps({"type": "object", "properties": {"town": {"type": "string"}}})
    schema, rest = schema_in(f"For {{x}} and {first} do this: {second}, now.")

    assert schema == json.loads(second)
    assert rest == f"For {{x}} and {first} do this: , now."


@pytest.mark.parametrize(
    "text", ["", "{", '{"properties": 1}', "{}" * 3, '{"a": {"properties": {}}, "properties', "{" * 3000]
)
def test_a_text_without_a_schema_holds_none(text: str) -> None:
    assert schema_in(text) == (None, text)


def test_a_schema_in_the_prompt_is_answered_in_json(google: Emulator, ask: Callable[..., Any]) -> None:
    schema = {"type": "object", "properties": {"town": {"type": "string"}, "size": {"type": "integer"}}}
    asked = f"Paris has 300 streets. Answer by this schema: {json.dumps(schema)}"

    for config in ({}, {"responseMimeType": "application/json"}):
        assert json.loads(ask(google, asked, generationConfig=config).text) == {"town": "Paris", "size": 300}


def test_a_schema_in_the_instructions_counts_where_json_is_asked_for(google: Emulator, ask: Callable[..., Any]) -> None:
    schema = {"type": "object", "properties": {"town": {"type": "string"}}}
    system = {"parts": [{"text": f"Keep to {json.dumps(schema)}"}]}
    config = {"responseMimeType": "application/json"}

    assert json.loads(ask(google, "Paris?", systemInstruction=system, generationConfig=config).text) == {
        "town": "Paris"
    }
    assert ask(google, "Paris?", systemInstruction=system).text.startswith("You asked")

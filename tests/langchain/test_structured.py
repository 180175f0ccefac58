"""Structured output: the right object of every kind of schema by every method, or a typed error that says why not."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any

import pytest
from langchain_core.exceptions import ModelInvalidRequestError, OutputParserException
from langchain_core.messages import AIMessage
from pydantic import BaseModel, create_model, field_validator

from gstream import RequestError
from gstream.emulator import Emulator
from langchain_gstream.errors import StructuredAnswerError
from langchain_gstream.schemas import form_of
from tests.kinds import ASKED, FIELDS, UNSAID
from tests.langchain.asking import (
    METHODS,
    NO_OBJECTS,
    RAW,
    SHAPES,
    WAYS,
    Bounds,
    Data,
    Dictionary,
    NestedV1,
    Old,
    Partial,
    Tuples,
    answering,
    ask,
    request_of,
)
from tests.langchain.conftest import model_of

# -- every kind of schema -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", SHAPES)
async def test_every_kind_of_schema_comes_back_as_its_object(shape: str, way: str) -> None:
    schema, value, expected = SHAPES[shape]
    before = copy.deepcopy(schema)
    with Emulator("google", script=answering(value)) as emulator:
        for method in METHODS:
            chain = model_of(emulator).with_structured_output(schema, method=method)  # type: ignore[arg-type]  # of METHODS
            pieces = await ask(chain, way)

            assert pieces[-1] == expected
            assert repr(pieces[-1]) == repr(expected)
            assert len(pieces) == 1 or way in {"stream", "astream"}
    assert schema == before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", SHAPES)
async def test_include_raw_gives_the_message_beside_the_object(shape: str, way: str) -> None:
    schema, value, expected = SHAPES[shape]
    with Emulator("google", script=answering(value)) as emulator:
        for method in METHODS:
            chain = model_of(emulator).with_structured_output(schema, method=method, include_raw=True)  # type: ignore[arg-type]  # of METHODS
            answer = reduce(add, await ask(chain, way))

            assert set(answer) == {"raw", "parsed", "parsing_error"}
            assert answer["parsed"] == expected
            assert answer["parsing_error"] is None
            assert answer["raw"].response_metadata["finish_reason"] == "STOP"


@pytest.mark.parametrize("shape", NO_OBJECTS)
def test_what_is_no_object_comes_back_by_json_schema_and_is_refused_as_a_function(shape: str) -> None:
    schema, value, expected = NO_OBJECTS[shape]
    with Emulator("google", script=answering(value)) as emulator:
        model = model_of(emulator)

        assert model.with_structured_output(schema).invoke("hello") == expected
        with pytest.raises(RequestError, match="is no object, as the arguments of a function must be"):
            model.with_structured_output(schema, method="function_calling")


# -- what the emulator's model makes of each schema ------------------------------------------------------------------


def by_answer(schema: Any) -> str:
    """Return the question with the schema in it, for the method that sends none."""
    return f"{ASKED} Answer in JSON by this schema: {json.dumps(form_of(schema).schema)}"


@pytest.mark.parametrize("shape", SHAPES)
def test_the_model_of_each_endpoint_fills_the_schema_it_was_sent(emulator: Emulator, shape: str) -> None:
    """Also what only words can say where an endpoint takes no JSON Schema: it reads them in the descriptions."""
    schema, _, expected = SHAPES[shape]
    for method in METHODS:
        chain = model_of(emulator).with_structured_output(schema, method=method)  # type: ignore[arg-type]  # of METHODS
        answer = chain.invoke(by_answer(schema) if method == "json_mode" else ASKED)

        assert type(answer) is type(expected)


@pytest.mark.parametrize("kind", FIELDS)
def test_every_type_of_a_field_comes_out_right_at_every_endpoint(emulator: Emulator, kind: str) -> None:
    """One field that is widened, of each type; the object's class is what checks the value."""
    schema = create_model("Holder", value=(FIELDS[kind], ...))
    for method in METHODS:
        chain = model_of(emulator).with_structured_output(schema, method=method)  # type: ignore[arg-type]  # of METHODS
        answer = chain.invoke(by_answer(schema) if method == "json_mode" else ASKED)

        assert type(answer) is schema
        assert answer.value or isinstance(answer.value, int)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", UNSAID)
def test_what_no_schema_says_is_a_typed_error(emulator: Emulator, kind: str) -> None:
    schema = create_model("Holder", value=(UNSAID[kind], ...))
    for method in METHODS[:2]:
        chain = model_of(emulator).with_structured_output(schema, method=method)  # type: ignore[arg-type]  # of METHODS
        with pytest.raises(StructuredAnswerError, match="value"):
            chain.invoke(ASKED)


def test_descriptions_of_a_typed_dict_reach_the_model(google: Emulator) -> None:
    model_of(google).with_structured_output(Dictionary).invoke("hello")
    schema = request_of(google)["generationConfig"]["responseJsonSchema"]

    assert schema["description"] == "A dictionary."
    assert schema["required"] == ["name", "inner", "color"]
    assert schema["properties"]["name"] == {"type": "string", "description": "the name"}
    assert schema["properties"]["color"]["description"] == "what color it has"
    assert schema["properties"]["maybe"] == {"type": "integer", "description": "how many"}
    assert schema["$defs"]["InnerDict"]["properties"] == {"x": {"type": "integer", "description": "the x"}}


class Unwritable(BaseModel):
    run: Callable[[], None]


NO_SCHEMAS: dict[str, tuple[Any, str]] = {
    "a function as a value": (Unwritable, "Unwritable has no JSON Schema"),
    "a schema that no value fits": (
        {"type": "object", "properties": {"a": {"type": "array", "items": False}, "b": False}, "required": ["b"]},
        "The schema at 'properties.b'",
    ),
    "a reference to nothing": (
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/No"}}},
        "The schema at 'properties.a' refers to '#/$defs/No'",
    ),
    "an unknown type": (
        {"type": "object", "properties": {"a": {"type": "text"}}},
        "The schema at 'properties.a' has the unknown type 'text'",
    ),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("schema", "sentence"), NO_SCHEMAS.values(), ids=NO_SCHEMAS)
def test_a_schema_that_cannot_be_said_is_told_before_any_request(
    google: Emulator, schema: Any, sentence: str, method: Any
) -> None:
    with pytest.raises(RequestError) as caught:
        model_of(google).with_structured_output(schema, method=method)

    assert sentence in str(caught.value)
    assert isinstance(caught.value, ModelInvalidRequestError)
    assert google.requests == []


# -- wrong objects ------------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[Any, Any, str]] = {
    "a missing key of a JSON schema": (RAW, {"a": 1, "n": {}}, "'n' lacks the required property 'v'"),
    "a wrong type in a JSON schema": (RAW, {"a": "1", "n": {"v": "x"}}, "'a' must be integer"),
    "what only a description could say": (
        {"type": "object", "properties": {"a": {"type": "array", "uniqueItems": True}}},
        {"a": [1, 1]},
        "'a' must not hold an item twice",
    ),
    "a map's value": (
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"a": "x"},
        "'a' must be integer",
    ),
    "a missing key of a TypedDict": (Partial, {"a": "x"}, "b: Field required"),
    "a wrong value of a TypedDict": (Dictionary, {"name": "a", "inner": {"x": 1}, "color": "green"}, "color: Input"),
    "a wrong typing.TypedDict": (Old, {"b": [{"a": "x"}]}, "b"),
    "a tuple": (Tuples, {"pair": ["a", 1], "many": [], "unique": []}, "pair.0: Input should be a valid integer"),
    "a bound": (Bounds, {"n": 70, "s": "abc", "code": "ABC", "even": 4}, "n: Input should be less than 10"),
    "pydantic 1": (NestedV1, {"name": "a"}, "field required"),
    "a dataclass": (Data, {"b": []}, "a: Field required"),
}


@pytest.mark.parametrize("endpoint", ["google", "maisi"])
@pytest.mark.parametrize(("schema", "value", "sentence"), WRONG.values(), ids=WRONG)
async def test_an_object_that_does_not_fit_the_callers_schema_is_an_error(
    schema: Any, value: Any, sentence: str, endpoint: str
) -> None:
    with Emulator(endpoint, script=answering(value)) as emulator:
        for method in METHODS:
            chain = model_of(emulator).with_structured_output(schema, method=method)  # type: ignore[arg-type]  # of METHODS
            for way in WAYS:
                with pytest.raises(StructuredAnswerError) as caught:
                    await ask(chain, way)

                assert sentence in str(caught.value)
                assert "The answer does not fit" in str(caught.value)
                assert isinstance(caught.value, OutputParserException)
                assert json.loads(caught.value.llm_output or "") == value
                assert caught.value.endpoint == endpoint


@pytest.mark.parametrize("way", WAYS)
async def test_include_raw_gives_the_error_beside_the_message(way: str) -> None:
    with Emulator("google", script=answering({"a": 1})) as emulator:
        for method in METHODS:
            chain = model_of(emulator).with_structured_output(RAW, method=method, include_raw=True)  # type: ignore[arg-type]  # of METHODS
            answer = reduce(add, await ask(chain, way))

            assert answer["parsed"] is None
            assert isinstance(answer["parsing_error"], StructuredAnswerError)
            assert isinstance(answer["raw"], AIMessage)


class Picky(BaseModel):
    a: int

    @field_validator("a")
    @classmethod
    def check(cls, value: int) -> int:
        return {1: value}[value]


def test_whatever_a_validator_raises_becomes_the_typed_error() -> None:
    with Emulator("google", script=answering({"a": 2})) as emulator:
        chain = model_of(emulator).with_structured_output(Picky)
        with pytest.raises(StructuredAnswerError, match="The answer does not fit 'Picky': 2") as caught:
            chain.invoke("hello")
    copied = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own

    assert isinstance(caught.value.__cause__, KeyError)
    assert (str(copied), copied.llm_output, copied.retryable) == (str(caught.value), '{"a": 2}', True)


@pytest.mark.parametrize("method", METHODS)
def test_growing_objects_are_shown_unchecked_and_the_last_one_is_whole(method: Any) -> None:
    value = {"a": 1, "n": {"v": "a longer text than one piece holds"}}
    with Emulator("google", script=answering(value)) as emulator:
        pieces = list(model_of(emulator).with_structured_output(RAW, method=method).stream("hello"))

    assert pieces[-1] == value
    if method != "function_calling":  # a call arrives in one piece
        assert pieces[:2] == [{"a": 1}, {"a": 1, "n": {}}]
        assert len(pieces) > 4
    assert all(earlier != later for earlier, later in pairwise(pieces))

"""Python types to their JSON Schema, and what is said of those that have none."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any, ClassVar, Literal

import pytest
from pydantic import BaseModel
from pydantic import v1 as pydantic_v1
from typing_extensions import TypedDict

from gstream.errors import RequestError
from gstream.schema import schema_of


class New(BaseModel):
    a: int


class Old(pydantic_v1.BaseModel):
    a: int = pydantic_v1.Field(gt=0)


class Keys(TypedDict):
    a: int


@dataclasses.dataclass
class Data:
    a: int


class Colour(enum.Enum):
    RED = "red"


def call(a: int) -> None:
    """Do it."""


class Fielded:
    """Has the fields of an old model, but no schema."""

    __fields__: ClassVar[dict[str, Any]] = {}


class Schemed:
    """Has a `schema` of its own, which is no model's."""

    @classmethod
    def schema(cls) -> dict[str, Any]:
        raise AssertionError


class Silent(pydantic_v1.BaseModel):
    @classmethod
    def schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
        raise ValueError


class Broken:
    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> Any:
        raise KeyError("field")


class Wordy:
    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> Any:
        raise ValueError("...the first line...\nthe second line")


@pytest.mark.parametrize("kind", [New, Keys, Data, call])
def test_a_kind_of_one_integer_is_an_object_of_one_integer(kind: Any) -> None:
    schema = schema_of(kind)

    assert schema["type"] == "object"
    assert schema["properties"] == {"a": {"type": "integer", "title": "A"}}
    assert schema["required"] == ["a"]


def test_a_class_of_pydantic_1_has_the_schema_that_it_makes_itself() -> None:
    assert schema_of(Old) == {
        "title": "Old",
        "type": "object",
        "properties": {"a": {"title": "A", "exclusiveMinimum": 0, "type": "integer"}},
        "required": ["a"],
    }


def test_other_types_have_the_schema_that_pydantic_gives_them() -> None:
    assert schema_of(list[int]) == {"type": "array", "items": {"type": "integer"}}
    assert schema_of(Literal["a", "b"])["enum"] == ["a", "b"]  # type: ignore[arg-type]  # it is a form, not a type
    assert schema_of(Colour)["enum"] == ["red"]
    assert schema_of(int) == {"type": "integer"}


def test_a_schema_is_returned_as_it_is() -> None:
    schema = {"type": "string"}

    assert schema_of(schema) is schema


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Silent, "Silent has no JSON Schema (ValueError): pass a pydantic class or a JSON Schema."),
        (Broken, "Broken has no JSON Schema ('field'): pass a pydantic class or a JSON Schema."),
        (Wordy, "Wordy has no JSON Schema (...the first line): pass a pydantic class or a JSON Schema."),
    ],
    ids=["without a word", "a foreign exception", "of two lines"],
)
def test_a_kind_without_a_schema_is_named_with_the_reason(kind: type, sentence: str) -> None:
    with pytest.raises(RequestError) as caught:
        schema_of(kind)

    assert str(caught.value) == sentence
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("kind", [Fielded, Schemed])
def test_a_class_that_only_looks_like_an_old_model_is_none(kind: type) -> None:
    with pytest.raises(RequestError, match=rf"^{kind.__name__} has no JSON Schema \(Unable to generate"):
        schema_of(kind)


def test_a_kind_without_a_name_is_shown() -> None:
    with pytest.raises(RequestError, match=r"^<.*Broken.*> has no JSON Schema|^3 has no JSON Schema"):
        schema_of(3)  # type: ignore[arg-type]  # a caller's mistake

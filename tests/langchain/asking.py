"""What the tests of structured output share: schemas of every kind, scripted answers, and every way to ask."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
import uuid
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, NotRequired, Optional, Required, TypedDict, TypeVar

import typing_extensions
from pydantic import BaseModel, ConfigDict, Field
from pydantic import v1 as pydantic_v1

from gstream.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_core.runnables import Runnable

    from gstream.emulator.errors import JsonObject


Json = dict[str, Any]
METHODS = ("json_schema", "function_calling", "json_mode")
WAYS = ("invoke", "ainvoke", "stream", "astream")


# -- what is asked for --------------------------------------------------------------------------------------------


class Color(str, enum.Enum):  # noqa: UP042 - what people write
    """A color."""

    RED = "red"
    BLUE = "blue"


class Level(int, enum.Enum):
    """How much."""

    LOW = 1
    HIGH = 3


class Inner(BaseModel):
    x: int
    label: str


class Nested(BaseModel):
    inner: Inner
    many: list[Inner]


class Optionals(BaseModel):
    a: int | None
    b: Optional[str] = None  # noqa: UP045 - the other spelling
    c: Inner | None = None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str]


class Unions(BaseModel):
    pet: Cat | Dog
    value: int | str
    told: Annotated[Cat | Dog, Field(discriminator="kind")]


class Literals(BaseModel):
    text: Literal["a", "b"]
    number: Literal[1, 2, 3]
    only: Literal["only"]
    mixed: Literal["x", 1]


class Node(BaseModel):
    """A tree."""

    value: int
    kids: list[Node] = []


class Maps(BaseModel):
    counts: dict[str, int]
    models: dict[str, Inner]


class Tuples(BaseModel):
    pair: tuple[int, str]
    many: tuple[int, ...]
    unique: set[str]


class Formats(BaseModel):
    when: dt.datetime
    id: uuid.UUID
    color: Color
    level: Level


class Bounds(BaseModel):
    n: int = Field(ge=5, lt=10)
    s: str = Field(min_length=3, max_length=5)
    code: str = Field(pattern=r"^[A-Z]{3}$")
    even: int = Field(multiple_of=2)


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    day: dt.date
    pair: tuple[int, str]
    named: int = Field(alias="otherName")


class InnerV1(pydantic_v1.BaseModel):
    x: int


class NestedV1(pydantic_v1.BaseModel):
    """Of pydantic 1."""

    name: str
    inner: InnerV1
    many: list[InnerV1] = []


class InnerDict(typing_extensions.TypedDict):
    x: Annotated[int, ..., "the x"]


class Dictionary(typing_extensions.TypedDict):
    """A dictionary.

    Args:
        color: what color it has
    """

    name: Annotated[str, ..., "the name"]
    inner: InnerDict
    color: Color
    maybe: NotRequired[Annotated[int, ..., "how many"]]


class Partial(typing_extensions.TypedDict, total=False):
    a: str
    b: Required[int]


class OldInner(TypedDict):
    a: int


class Old(TypedDict):
    b: Annotated[list[OldInner], ..., "a list"]


@dataclasses.dataclass
class Data:
    a: int
    b: list[str] = dataclasses.field(default_factory=list)


T = TypeVar("T")


class Box(BaseModel, Generic[T]):
    item: T


RAW: Json = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "n": {"$ref": "#/$defs/N"}},
    "required": ["a", "n"],
    "$defs": {"N": {"type": "object", "properties": {"v": {"type": "string"}}, "required": ["v"]}},
}
CAT = {"kind": "cat", "lives": 9}
UUID = "12345678-1234-5678-1234-567812345678"
SHAPES: dict[str, tuple[Any, Any, Any]] = {
    "nested": (
        Nested,
        {"inner": {"x": 1, "label": "a"}, "many": [{"x": 2, "label": "b"}]},
        Nested(inner=Inner(x=1, label="a"), many=[Inner(x=2, label="b")]),
    ),
    "optional": (Optionals, {"a": None, "b": None}, Optionals(a=None)),
    "union": (
        Unions,
        {"pet": CAT, "value": "v", "told": {"kind": "dog", "tricks": ["sit"]}},
        Unions(pet=Cat(kind="cat", lives=9), value="v", told=Dog(kind="dog", tricks=["sit"])),
    ),
    "literal": (
        Literals,
        {"text": "b", "number": 2, "only": "only", "mixed": 1},
        Literals(text="b", number=2, only="only", mixed=1),
    ),
    "recursive": (Node, {"value": 1, "kids": [{"value": 2}]}, Node(value=1, kids=[Node(value=2)])),
    "dict": (
        Maps,
        {"counts": {"a": 1}, "models": {"b": {"x": 2, "label": "c"}}},
        Maps(counts={"a": 1}, models={"b": Inner(x=2, label="c")}),
    ),
    "tuple and set": (
        Tuples,
        {"pair": [1, "a"], "many": [1, 2, 3], "unique": ["a", "b"]},
        Tuples(pair=(1, "a"), many=(1, 2, 3), unique={"a", "b"}),
    ),
    "formats": (
        Formats,
        {"when": "2025-01-02T03:04:05Z", "id": UUID, "color": "blue", "level": 3},
        Formats.model_validate_json(f'{{"when": "2025-01-02T03:04:05Z", "id": "{UUID}", "color": "blue", "level": 3}}'),
    ),
    "bounds": (Bounds, {"n": 7, "s": "abc", "code": "ABC", "even": 4}, Bounds(n=7, s="abc", code="ABC", even=4)),
    "strict class with an alias": (
        Strict,
        {"day": "2025-01-02", "pair": [1, "a"], "otherName": 5},
        Strict(day=dt.date(2025, 1, 2), pair=(1, "a"), otherName=5),
    ),
    "pydantic 1": (
        NestedV1,
        {"name": "a", "inner": {"x": 1}, "many": [{"x": 2}]},
        NestedV1(name="a", inner=InnerV1(x=1), many=[InnerV1(x=2)]),
    ),
    "TypedDict": (
        Dictionary,
        {"name": "a", "inner": {"x": 1}, "color": "red"},
        {"name": "a", "inner": {"x": 1}, "color": Color.RED},
    ),
    "TypedDict of total=False": (Partial, {"b": 1}, {"b": 1}),
    "typing.TypedDict": (Old, {"b": [{"a": 1}]}, {"b": [{"a": 1}]}),
    "dataclass": (Data, {"a": 1, "b": ["x"]}, Data(1, ["x"])),
    "generic class": (Box[int], {"item": 1}, Box[int](item=1)),
    "JSON schema": (RAW, {"a": 1, "n": {"v": "x"}}, {"a": 1, "n": {"v": "x"}}),
    "JSON schema with a title": ({"title": "My thing", **RAW}, {"a": 1, "n": {"v": "x"}}, {"a": 1, "n": {"v": "x"}}),
}
NO_OBJECTS: dict[str, tuple[Any, Any, Any]] = {
    "list": (list[Inner], [{"x": 1, "label": "a"}], [Inner(x=1, label="a")]),
    "union of classes": (Cat | Dog, CAT, Cat(kind="cat", lives=9)),
    "one word": (Literal["a", "b"], "b", "b"),
}


PERSON: Json = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "mood": {"type": "string", "enum": ["glad", "sad"]}},
    "required": ["name", "mood"],
}


# -- how it is answered -------------------------------------------------------------------------------------------


def documents(*parts: Json, finish: str = "STOP") -> list[JsonObject]:
    """Return the documents of a response, one for each part."""
    made = [{"candidates": [{"content": {"parts": [part], "role": "model"}}]} for part in parts]
    return [*made, {"candidates": [{"finishReason": finish}]}]


def answering(value: Any, finish: str = "STOP") -> Callable[[JsonObject], list[JsonObject]]:
    """Return a script that gives `value` as the request asks for it: by the one function, or as text in pieces."""

    def answer(body: JsonObject) -> list[JsonObject]:
        if "tools" in body:
            name = body["tools"][0]["functionDeclarations"][0]["name"]
            return documents({"functionCall": {"name": name, "args": value}}, finish=finish)
        text = json.dumps(value)
        return documents(*({"text": text[at : at + 9]} for at in range(0, len(text), 9)), finish=finish)

    return answer


def saying(*texts: str, finish: str = "STOP") -> Emulator:
    """Return an emulator that says these texts, whatever it is asked."""
    return Emulator("google", script=[documents(*({"text": text} for text in texts), finish=finish)])


async def ask(chain: Runnable[Any, Any], way: str, given: Any = "hello") -> list[Any]:
    """Return what a chain gives, piece by piece."""
    if way == "invoke":
        return [chain.invoke(given)]
    if way == "ainvoke":
        return [await chain.ainvoke(given)]
    return list(chain.stream(given)) if way == "stream" else [piece async for piece in chain.astream(given)]


def request_of(emulator: Emulator) -> Json:
    body = emulator.requests[-1].body
    assert body is not None
    return {name: value for name, value in body.items() if name != "contents"}

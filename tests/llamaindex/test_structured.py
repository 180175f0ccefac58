"""Structured prediction: every form of a call, in every mode, for every kind of class, and what goes wrong."""

from __future__ import annotations

import copy
import json
from datetime import datetime
from enum import Enum
from typing import Any, Generic, Literal, TypeVar

import pytest
from llama_index.core.base.llms.types import ChatMessage, ImageBlock, TextBlock
from llama_index.core.output_parsers import PydanticOutputParser
from llama_index.core.program import FunctionCallingProgram, LLMTextCompletionProgram
from llama_index.core.program.utils import get_program_for_llm
from llama_index.core.prompts import ChatPromptTemplate, PromptTemplate
from llama_index.core.types import BaseOutputParser, PydanticProgramMode
from pydantic import BaseModel, ConfigDict, Field, RootModel, create_model

from gstream import RequestError
from llamaindex_gstream.errors import StructuredAnswerError
from llamaindex_gstream.structured import instructed, parsed_by
from tests.kinds import ASKED, FIELDS, UNSAID
from tests.llamaindex.shapes import (
    ASK,
    FORMS,
    MODES,
    TRIP,
    TRIP_JSON,
    Town,
    Tree,
    Trip,
    answered,
    documents,
    obedient,
    pieces,
    predict,
    predicted,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Level(int, Enum):
    LOW = 1
    HIGH = 2


class Nested(BaseModel):
    trip: Trip
    towns: list[Town]


class Optionals(BaseModel):
    name: str
    nick: str | None = None
    age: int | None


class Unions(BaseModel):
    value: int | str
    place: Town | Trip


class Literals(BaseModel):
    letter: Literal["a", "b"]
    number: Literal[1, 2]
    only: Literal["only"]
    seven: Literal[7]


class Dicts(BaseModel):
    counts: dict[str, int]
    towns: dict[str, Town]


class Tuples(BaseModel):
    pair: tuple[int, str]
    many: tuple[int, ...]


class Link(BaseModel):
    number: int
    next: Link | None = None


class Enums(BaseModel):
    color: Color
    level: Level


class Moments(BaseModel):
    at: datetime


class Bounds(BaseModel):
    number: int = Field(gt=0, lt=10)
    share: float = Field(ge=0, le=1)
    word: str = Field(min_length=2, max_length=5)
    several: list[int] = Field(min_length=2, max_length=3)


class Aliased(BaseModel):
    first: str = Field(alias="firstName")


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    at: datetime
    pair: tuple[int, str]
    color: Color


class Row(RootModel[list[Town]]):
    pass


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]


CLASSES = (
    Nested, Optionals, Unions, Literals, Dicts, Tuples, Tree, Link, Enums, Moments, Bounds, Aliased, Strict, Page[int],
)  # fmt: skip


@pytest.fixture(params=["google", "maisi", "shuyou", "shengsuanyun", "apigo", "juheai"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Each of the five resellers, and Google."""
    return str(request.param)


@pytest.fixture(params=MODES, ids=lambda mode: mode.value)
def mode(request: pytest.FixtureRequest) -> PydanticProgramMode:
    """Each way of asking for an object."""
    chosen: PydanticProgramMode = request.param
    return chosen


def asked_of(start: Any, make: Any, dialect: str, mode: PydanticProgramMode, **parameters: Any) -> Any:
    """Return a model at an emulator that can answer in this mode."""
    emulator = start(dialect, script=obedient if mode == PydanticProgramMode.LLM else None)
    return make(emulator, pydantic_program_mode=mode, **parameters)


# -- every form, mode, dialect and class ------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-3-flash-preview"])
async def test_every_form_predicts_the_same_object(
    dialect: str, mode: PydanticProgramMode, model: str, start: Any, make: Any
) -> None:
    """The sync forms are called inside the running loop."""
    llm = asked_of(start, make, dialect, mode, model=model, include_thoughts=True)

    made = [*await predicted(llm, Trip), *await answered(llm, Trip)]

    assert len(made) == 12
    assert {type(one) for one in made} == {Trip}
    assert made[0].stops[0] == Town(name="Paris", population=2)
    assert all(one == made[0] for one in made)


@pytest.mark.parametrize("output_cls", CLASSES, ids=lambda one: one.__name__)
async def test_every_kind_of_class_is_predicted(
    output_cls: type[BaseModel], mode: PydanticProgramMode, start: Any, make: Any
) -> None:
    for dialect in ("google", "juheai"):  # JSON Schema as it is, and the OpenAPI subset
        made = await predicted(asked_of(start, make, dialect, mode), output_cls)

        assert {type(one) for one in made} == {output_cls}
        assert all(one == made[0] for one in made)


@pytest.mark.parametrize("kind", FIELDS)
def test_every_type_of_a_field_comes_out_right_in_every_dialect(dialect: str, kind: str, start: Any, make: Any) -> None:
    """Also what only words can say there, and in the mode that sends no schema but a prompt: nothing is scripted."""
    output_cls = create_model("Holder", value=(FIELDS[kind], ...))
    emulator = start(dialect)

    for mode in MODES:
        made: Any = make(emulator, pydantic_program_mode=mode).structured_predict(output_cls, PromptTemplate(ASKED))

        assert made.value or isinstance(made.value, int)
        assert type(made) is output_cls


async def test_a_list_is_predicted_by_schema_and_by_prompt_and_refused_as_a_function(start: Any, make: Any) -> None:
    by_schema = await predicted(asked_of(start, make, "google", PydanticProgramMode.DEFAULT), Row)
    by_prompt = await predicted(asked_of(start, make, "google", PydanticProgramMode.LLM), Row)
    emulator = start()
    llm = make(emulator, pydantic_program_mode=PydanticProgramMode.FUNCTION)

    for form in FORMS:
        with pytest.raises(RequestError, match="Row is no object with fields"):
            await predict(form, llm, Row)

    assert {type(one) for one in by_schema + by_prompt} == {Row}
    assert emulator.requests == []


@pytest.mark.parametrize("kind", UNSAID)
async def test_what_no_schema_says_is_a_typed_error(kind: str, start: Any, make: Any) -> None:
    output_cls = create_model("Holder", value=(UNSAID[kind], ...))
    for mode in MODES[:2]:
        llm = asked_of(start, make, "juheai", mode)
        for form in FORMS:
            with pytest.raises(StructuredAnswerError, match="'value"):
                await predict(form, llm, output_cls)


# -- what is sent -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
async def test_a_function_is_forced_in_every_form(form: str, wired: Any) -> None:
    call = {"functionCall": {"name": "Trip", "args": TRIP}}
    answer = {"candidates": [{"content": {"parts": [call]}, "finishReason": "STOP"}]}
    llm, bodies = wired(answer, pydantic_program_mode=PydanticProgramMode.FUNCTION)

    await predict(form, llm, tool_choice="none", tool_required=False, allow_parallel_tool_calls=True)

    (declared,) = bodies[0]["tools"][0]["functionDeclarations"]
    assert (declared["name"], declared["description"]) == ("Trip", "A journey through towns.")
    assert bodies[0]["toolConfig"]["functionCallingConfig"]["mode"] == "ANY"


@pytest.mark.parametrize("form", FORMS)
async def test_settings_model_and_system_prompt_count_in_every_form_and_mode(
    form: str, mode: PydanticProgramMode, start: Any, make: Any
) -> None:
    emulator = start(script=obedient if mode == PydanticProgramMode.LLM else None)
    llm = make(emulator, pydantic_program_mode=mode, system_prompt="Be brief.", temperature=1.0)
    given = {"temperature": 0.25, "model": "gemini-2.5-pro", "extra_headers": {"x-team": "team-secret"}}
    before = copy.deepcopy(given)

    await predict(form, llm, **given)

    (request,) = emulator.requests
    assert request.body["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    assert request.body["generationConfig"]["temperature"] == 0.25
    assert request.model == "gemini-2.5-pro"
    assert request.headers["x-team"] == "team-secret"
    assert given == before


def test_a_prompt_of_several_messages_and_blocks_is_sent_whole(
    mode: PydanticProgramMode, start: Any, make: Any
) -> None:
    emulator = start(script=obedient if mode == PydanticProgramMode.LLM else None)
    llm = make(emulator, pydantic_program_mode=mode)
    blocks = [TextBlock(text="Where is this, {place}?"), ImageBlock(image=PNG, image_mimetype="image/png")]
    messages = [
        ChatMessage(role="system", content="Speak of {place}."),
        ChatMessage(role="user", content="Hi"),
        ChatMessage(role="assistant", content='Hello {"a": 1}.'),
        ChatMessage(role="user", blocks=blocks),
    ]
    before = [message.model_dump_json() for message in messages]

    llm.structured_predict(Trip, ChatPromptTemplate(message_templates=messages), place="Paris")
    llm.as_structured_llm(Trip).chat(messages)

    predicted_, chatted = (request.body for request in emulator.requests)
    assert predicted_["systemInstruction"]["parts"][0]["text"] == "Speak of Paris."
    assert [content["role"] for content in predicted_["contents"]] == ["user", "model", "user"]
    assert predicted_["contents"][1]["parts"] == [{"text": 'Hello {"a": 1}.'}]
    assert predicted_["contents"][2]["parts"][0] == {"text": "Where is this, Paris?"}
    assert predicted_["contents"][2]["parts"][1]["inlineData"]["mimeType"] == "image/png"
    assert chatted["contents"][2]["parts"][0] == {"text": "Where is this, {place}?"}
    assert [message.model_dump_json() for message in messages] == before


def test_a_prompt_keeps_its_own_parser_in_the_mode_of_prompts(start: Any, make: Any) -> None:
    """Core's program replaces the parser of the caller's template for good."""
    llm = asked_of(start, make, "google", PydanticProgramMode.LLM)
    prompt = copy.deepcopy(ASK)

    llm.structured_predict(Trip, prompt, place="Paris")

    assert prompt.output_parser is None
    assert prompt == ASK


class Shouting(BaseOutputParser):
    """Wants capitals, and gives small letters back."""

    def format(self, query: str) -> str:
        return f"{query} IN CAPITALS"

    def parse(self, output: str) -> str:
        return output.lower()


async def test_the_models_output_parser_writes_the_prompt_and_reads_the_answer(start: Any, make: Any) -> None:
    emulator = start(script=documents(['{"NAME": "PARIS", "POPULATION": 2}']))
    llm = make(emulator, output_parser=Shouting())

    made = await predicted(llm, Town)

    assert made == [Town(name="paris", population=2)] * 4
    assert all(request.body["contents"][0]["parts"][0]["text"].endswith("IN CAPITALS") for request in emulator.requests)


def test_a_parser_and_an_instruction_write_into_copies() -> None:
    """Core's parsers write into the blocks they are given, which may be those of the caller's template."""
    messages = [ChatMessage(role="user", blocks=[TextBlock(text="Hi")])]

    written = instructed(parsed_by(Shouting(), messages), Trip)

    assert [block.text for block in messages[0].blocks] == ["Hi"]  # type: ignore[union-attr]
    assert next(block.text for block in written[0].blocks) == "Hi IN CAPITALS"  # type: ignore[union-attr]


async def test_cores_pydantic_parser_reads_the_answer_and_its_refusal_is_typed(start: Any, make: Any) -> None:
    parser = PydanticOutputParser(Town)
    good = make(start(script=documents(['So: {"name": "Paris", "population": 2}'])), output_parser=parser)
    bad = make(start(script=documents(['So: {"name": "Paris"}'])), output_parser=parser)

    assert await predicted(good, Town) == [Town(name="Paris", population=2)] * 4
    for form in FORMS:
        with pytest.raises(StructuredAnswerError, match=r"output_parser refuses it .*population"):
            await predict(form, bad, Town)


# -- what is answered -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        TRIP_JSON,
        f"```json\n{TRIP_JSON}\n```",
        f"```\n{TRIP_JSON}\n```",
        f"As {{you}} [1] asked:\n```json\n{json.dumps(TRIP, indent=2)}\n```\nEnjoy {{it}}!",
        f'The schema {{"type": "object"}} gives {TRIP_JSON}',
        f"{TRIP_JSON}\n{TRIP_JSON}",
    ],
)
async def test_fences_prose_and_thoughts_around_the_object_do_no_harm(text: str, start: Any, make: Any) -> None:
    script = documents(pieces(text), thoughts=['{"title": "a thought", ', '"stops": []}'])
    for mode in (PydanticProgramMode.DEFAULT, PydanticProgramMode.LLM):
        llm = make(start(script=script), pydantic_program_mode=mode)

        assert await predicted(llm, Trip) == [Trip(**TRIP)] * 4
        assert await answered(llm, Trip) == [Trip(**TRIP)] * 8


# -- core's own programs ----------------------------------------------------------------------------------------------


async def test_cores_programs_run_on_it(start: Any, make: Any) -> None:
    llm = make(start())
    said = "Plan a trip to {place} with 2 stops for 300 people."
    by_call = FunctionCallingProgram.from_defaults(Trip, said, llm=llm)
    by_mode = get_program_for_llm(Trip, copy.deepcopy(ASK), llm)
    taught = make(start(script=documents(pieces(TRIP_JSON))))
    by_text = LLMTextCompletionProgram.from_defaults(output_cls=Trip, prompt_template_str=said, llm=taught)

    for program in (by_call, by_mode, by_text):
        made: list[Any] = [
            program(place="Paris"),
            await program.acall(place="Paris"),
            list(program.stream_call(place="Paris"))[-1],
            [one async for one in await program.astream_call(place="Paris")][-1],
        ]
        assert {type(one) for one in made} == {Trip}
        assert all(one == made[0] for one in made)


async def test_a_program_of_several_calls_makes_a_list(wired: Any) -> None:
    towns = [{"name": "Paris", "population": 2}, {"name": "Lyon", "population": 1}]
    parts = [{"functionCall": {"name": "Town", "args": town}} for town in towns]
    llm, _ = wired({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})
    program = FunctionCallingProgram.from_defaults(Town, "Towns?", llm=llm, allow_parallel_tool_calls=True)
    lone = FunctionCallingProgram.from_defaults(Town, "Towns?", llm=llm)

    expected = [Town(**town) for town in towns]
    assert program() == expected
    assert await program.acall() == expected
    assert list(program.stream_call())[-1] == expected
    assert [one async for one in await program.astream_call()][-1] == expected
    assert lone() == expected[0]

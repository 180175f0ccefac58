"""Classes to predict, every form of a call that predicts one, and answers to script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.prompts import PromptTemplate
from llama_index.core.types import PydanticProgramMode
from pydantic import BaseModel, Field

from gstream.emulator.arguments import Filling
from gstream.emulator.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

ASK = PromptTemplate("Plan a trip to {place} with 2 stops for 300 people.")
MODES = (PydanticProgramMode.DEFAULT, PydanticProgramMode.FUNCTION, PydanticProgramMode.LLM)
ASKED = "Plan a trip to Paris with 2 stops for 300 people."


class Town(BaseModel):
    name: str
    population: int


class Trip(BaseModel):
    """A journey through towns."""

    title: str
    stops: list[Town] = Field(min_length=1)
    note: str | None = None


class Tree(BaseModel):
    name: str
    kids: list[Tree] = []


TRIP = {"title": "Seine", "stops": [{"name": "Paris", "population": 2}], "note": 'By {boat}, "slow"\n```'}
TRIP_JSON = json.dumps(TRIP)


async def predicted(llm: Any, output_cls: Any, **llm_kwargs: Any) -> list[Any]:
    """Return what each of the four methods predicts, streams as their last object."""
    said = {"output_cls": output_cls, "prompt": ASK, "llm_kwargs": llm_kwargs, "place": "Paris"}
    return [
        llm.structured_predict(**said),
        await llm.astructured_predict(**said),
        list(llm.stream_structured_predict(**said))[-1],
        [made async for made in await llm.astream_structured_predict(**said)][-1],
    ]


async def answered(llm: Any, output_cls: Any) -> list[Any]:
    """Return the `raw` of each of the eight methods of a structured LLM, streams as their last one."""
    structured = llm.as_structured_llm(output_cls)
    messages = [ChatMessage(role="user", content=ASKED)]
    responses = [
        structured.chat(messages),
        await structured.achat(messages),
        list(structured.stream_chat(messages))[-1],
        [response async for response in await structured.astream_chat(messages)][-1],
        structured.complete(ASKED),
        await structured.acomplete(ASKED),
        list(structured.stream_complete(ASKED))[-1],
        [response async for response in await structured.astream_complete(ASKED)][-1],
    ]
    return [response.raw for response in responses]


FORMS = ("structured_predict", "astructured_predict", "stream_structured_predict", "astream_structured_predict")


async def predict(form: str, llm: Any, output_cls: Any = Trip, **llm_kwargs: Any) -> Any:
    """Return what the method of this name predicts, a stream as the list of its objects."""
    made = getattr(llm, form)(output_cls, ASK, llm_kwargs, place="Paris")
    if form == "structured_predict":
        return made
    if form == "stream_structured_predict":
        return list(made)
    if form == "astructured_predict":
        return await made
    return [one async for one in await made]


def documents(pieces: Sequence[str], finish: str | None = "STOP", thoughts: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the documents of a stream: thoughts, then one text a piece, then its end."""
    parts = [{"text": thought, "thought": True} for thought in thoughts] + [{"text": piece} for piece in pieces]
    stream: list[dict[str, Any]] = [{"candidates": [{"content": {"role": "model", "parts": [part]}}]} for part in parts]
    if finish:
        stream.append({"candidates": [{"content": {"role": "model", "parts": [{"text": ""}]}, "finishReason": finish}]})
    return stream


def pieces(text: str, size: int = 7) -> list[str]:
    """Return the text cut into pieces."""
    return [text[start : start + size] for start in range(0, len(text), size)]


def obedient(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Answer as a model does that follows a schema in its prompt: thoughts, prose, and JSON in a fence of code."""
    prompt = body["contents"][-1]["parts"][-1]["text"]
    schema = json.loads(prompt[prompt.index('{"') :])
    value = Filling(Words(ASKED), schema, generous=True).value(schema)
    text = f"Here {{as asked}} it is:\n```json\n{json.dumps(value, indent=1)}\n```\nAnything else?"
    return documents(pieces(text), thoughts=['Perhaps {"title": "no"}', " or not."])

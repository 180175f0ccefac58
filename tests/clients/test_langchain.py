"""langchain-google-genai's chat model: its ordinary calls against the emulator, blocking and in an event loop."""

from __future__ import annotations

import base64
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_google_genai import ChatGoogleGenerativeAI  # type: ignore[import-not-found,unused-ignore]
from langchain_google_genai.chat_models import (  # type: ignore[import-not-found,unused-ignore]
    ChatGoogleGenerativeAIError,
)
from pydantic import BaseModel

from tests.clients.conftest import BOTH, PNG, SECOND, THEN, THIRD, get_time, get_weather, root

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from gstream.emulator import Emulator

    Ask = Callable[..., Awaitable[Any]]

_TOOLS = {"get_weather": get_weather, "get_time": get_time}
_RIVERS = "Tell me about rivers."


class City(BaseModel):
    """A city."""

    name: str
    population: int


def model_of(emulator: Emulator, **parameters: Any) -> Any:
    """Return the chat model, which asks again at most once."""
    named = {"model": SECOND, "api_key": emulator.api_key, "base_url": root(emulator), "max_retries": 1}
    return ChatGoogleGenerativeAI(**{**named, **parameters})


@pytest.fixture(params=["invoke", "ainvoke", "stream", "astream"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Ask in each of the four ways; of a stream the sum of its chunks."""

    async def ask(model: Any, given: Any) -> Any:
        if request.param == "invoke":
            return model.invoke(given)
        if request.param == "ainvoke":
            return await model.ainvoke(given)
        if request.param == "stream":
            return reduce(add, list(model.stream(given)))
        return reduce(add, [chunk async for chunk in model.astream(given)])

    return ask


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_text_comes_with_its_reason_and_its_counts(ask: Ask, emulator: Emulator, model: str) -> None:
    answer = await ask(model_of(emulator, model=model), [SystemMessage("Be brief."), HumanMessage(_RIVERS)])

    assert "rivers" in answer.text
    assert "Be brief." in answer.text
    assert answer.response_metadata["finish_reason"] == "STOP"
    assert answer.usage_metadata["input_tokens"] > 0
    assert answer.usage_metadata["output_tokens"] > 0


async def _conversation(ask: Ask, emulator: Emulator, model: str) -> str:
    """Return the second answer of a conversation."""
    chat = model_of(emulator, model=model)
    said: list[Any] = [HumanMessage(_RIVERS)]
    said += [await ask(chat, said), HumanMessage("And lakes?")]
    return str((await ask(chat, said)).text)


@pytest.mark.parametrize("ask", ["invoke", "ainvoke"], indirect=True)
@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_a_conversation_goes_on_from_what_was_said(ask: Ask, emulator: Emulator, model: str) -> None:
    assert "Earlier you said: “Tell me about rivers.”" in await _conversation(ask, emulator, model)


@pytest.mark.parametrize("ask", ["stream", "astream"], indirect=True)
@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_a_conversation_goes_on_from_what_was_streamed(ask: Ask, emulator: Emulator, model: str) -> None:
    assert "Earlier you said: “Tell me about rivers.”" in await _conversation(ask, emulator, model)


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_thoughts_are_told_apart_from_the_answer(ask: Ask, emulator: Emulator, model: str) -> None:
    answer = await ask(model_of(emulator, model=model, include_thoughts=True), "Why is the sky blue?")
    thoughts = "".join(block["reasoning"] for block in answer.content_blocks if block["type"] == "reasoning")

    assert "Reading the request" in thoughts
    assert "Reading the request" not in answer.text
    assert answer.usage_metadata["output_token_details"]["reasoning"] > 0


@pytest.mark.parametrize("model", [SECOND, THIRD])
@pytest.mark.parametrize("asked", [BOTH, THEN])
async def test_tools_are_called_until_there_is_an_answer(ask: Ask, emulator: Emulator, model: str, asked: str) -> None:
    chat = model_of(emulator, model=model).bind_tools(list(_TOOLS.values()))
    said: list[Any] = [HumanMessage(asked)]
    answer = await ask(chat, said)
    while answer.tool_calls:
        said += [answer, *_results(answer.tool_calls)]
        answer = await ask(chat, said)

    assert "It is sunny in Paris" in answer.text
    assert "It is noon in" in answer.text


def _results(calls: Sequence[Any]) -> list[ToolMessage]:
    return [ToolMessage(_TOOLS[call["name"]](**call["args"]), tool_call_id=call["id"]) for call in calls]


async def test_a_choice_of_tools_is_honoured(ask: Ask, emulator: Emulator) -> None:
    chat = model_of(emulator, model=THIRD).bind_tools(list(_TOOLS.values()), tool_choice="get_time")
    answer = await ask(chat, "Paris")

    assert [(call["name"], call["args"]) for call in answer.tool_calls] == [("get_time", {"city": "Paris"})]


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_a_structured_answer_is_parsed(emulator: Emulator, model: str, method: str) -> None:
    chat = model_of(emulator, model=model).with_structured_output(City, method=method)

    assert isinstance(chat.invoke("The city of Paris"), City)
    assert isinstance(await chat.ainvoke("The city of Paris"), City)


async def test_an_image_is_seen(ask: Ask, emulator: Emulator) -> None:
    image = {"type": "image", "mime_type": "image/png", "base64": base64.b64encode(PNG).decode()}
    answer = await ask(model_of(emulator), [HumanMessage([{"type": "text", "text": "What is this?"}, image])])

    assert f"image/png ({len(PNG)} bytes)" in answer.text


async def test_an_image_is_painted(ask: Ask, emulator: Emulator) -> None:
    painter = model_of(emulator, model="gemini-2.5-flash-image", response_modalities=["TEXT", "IMAGE"])
    answer = await ask(painter, "Paint a river.")

    assert "iVBORw0KGgo" in str(answer.content)


async def test_tokens_are_counted(emulator: Emulator) -> None:
    chat = model_of(emulator)
    answer = chat.invoke(_RIVERS)

    assert chat.get_num_tokens(_RIVERS) == answer.usage_metadata["input_tokens"]


async def test_a_wrong_key_is_an_error_of_the_client(emulator: Emulator) -> None:
    with pytest.raises(ChatGoogleGenerativeAIError, match="API key not valid"):
        model_of(emulator, api_key="made-up-key-of-a-stranger").invoke(_RIVERS)


async def test_an_answer_can_be_batched(emulator: Emulator) -> None:
    answers = await model_of(emulator).abatch([f"Tell me about river number {number}." for number in range(5)])

    assert all(isinstance(answer, AIMessage) for answer in answers)
    assert [f"number {number}." in answer.text for number, answer in enumerate(answers)] == [True] * 5

"""llama-index-llms-google-genai: its ordinary calls against the emulator, blocking and in an event loop.

Its blocking calls start an event loop of their own, so the tests that make them have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.base.llms.types import ChatMessage, ImageBlock, TextBlock, ThinkingBlock
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.tools import FunctionTool
from llama_index.llms.google_genai import GoogleGenAI  # type: ignore[import-not-found,import-untyped,unused-ignore]
from pydantic import BaseModel

from tests.clients.conftest import (
    BOTH,
    PNG,
    SECOND,
    THEN,
    THIRD,
    get_time,
    get_weather,
    root,
)

if TYPE_CHECKING:
    from gstream.emulator import Emulator

_RIVERS = [ChatMessage("Tell me about rivers.")]
_LIMITS = {"max_tokens": 8_192, "context_window": 1_000_000}
"""Without them its constructor asks what the model can do."""


class City(BaseModel):
    """A city."""

    name: str
    population: int


def model_of(emulator: Emulator, **parameters: Any) -> Any:
    """Return the model, which asks once."""
    named = {"model": SECOND, "api_key": emulator.api_key, "http_options": {"base_url": root(emulator)}, **_LIMITS}
    return GoogleGenAI(**{**named, "max_retries": 0, **parameters})


def test_it_learns_its_limits_from_the_api(emulator: Emulator) -> None:
    metadata = model_of(emulator, max_tokens=None, context_window=None).metadata

    assert (metadata.context_window, metadata.num_output) == (1_048_576 + 65_536, 65_536)


@pytest.mark.parametrize("model", [SECOND, THIRD])
def test_text_comes_whole_and_streamed(emulator: Emulator, model: str) -> None:
    llm = model_of(emulator, model=model)
    whole = llm.chat(_RIVERS)
    streamed = list(llm.stream_chat(_RIVERS))

    assert "rivers" in whole.message.content
    assert streamed[-1].message.content == whole.message.content
    assert "".join(chunk.delta for chunk in streamed) == whole.message.content
    assert llm.complete("Tell me about rivers.").text == whole.message.content
    assert whole.raw["usage_metadata"]["total_token_count"] > 0


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_text_comes_whole_and_streamed_in_an_event_loop(emulator: Emulator, model: str) -> None:
    llm = model_of(emulator, model=model)
    whole = await llm.achat(_RIVERS)
    streamed = [chunk async for chunk in await llm.astream_chat(_RIVERS)]

    assert "rivers" in whole.message.content
    assert streamed[-1].message.content == whole.message.content


def test_a_system_message_is_kept_to(emulator: Emulator) -> None:
    answer = model_of(emulator).chat([ChatMessage("Be brief.", role="system"), *_RIVERS])

    assert "Be brief." in answer.message.content


@pytest.mark.parametrize("model", [SECOND, THIRD])
def test_a_conversation_goes_on_from_what_was_said(emulator: Emulator, model: str) -> None:
    llm = model_of(emulator, model=model)
    answer = llm.chat([*_RIVERS, llm.chat(_RIVERS).message, ChatMessage("And lakes?")])

    assert "Earlier you said: “Tell me about rivers.”" in answer.message.content


def test_thoughts_are_told_apart_from_the_answer(emulator: Emulator) -> None:
    llm = model_of(emulator, generation_config=thinking())
    answer = llm.chat([ChatMessage("Why is the sky blue?")])
    (thought,) = [block for block in answer.message.blocks if isinstance(block, ThinkingBlock)]

    assert "Reading the request" in str(thought.content)
    assert "Reading the request" not in answer.message.content


def thinking() -> Any:
    """Return a configuration that shows thoughts."""
    from google.genai import types  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - used here alone

    return types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True))


@pytest.mark.parametrize("model", [SECOND, THIRD])
@pytest.mark.parametrize("asked", [BOTH, THEN])
@pytest.mark.parametrize("streaming", [True, False])
async def test_an_agent_calls_its_tools(
    emulator: Emulator,
    model: str,
    asked: str,
    streaming: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    agent = FunctionAgent(tools=[get_weather, get_time], llm=model_of(emulator, model=model), streaming=streaming)
    answer = str(await agent.run(asked, memory=ChatMemoryBuffer.from_defaults(token_limit=100_000)))

    assert "It is sunny in Paris" in answer
    assert "It is noon in" in answer


def test_calls_are_read_from_an_answer(emulator: Emulator) -> None:
    llm = model_of(emulator, model=THIRD)
    answer = llm.chat_with_tools([FunctionTool.from_defaults(get_time)], "What is the time in Paris?")
    (call,) = llm.get_tool_calls_from_response(answer)

    assert (call.tool_name, call.tool_kwargs) == ("get_time", {"city": "Paris"})


@pytest.mark.parametrize("model", [SECOND, THIRD])
def test_a_structured_answer_is_parsed(emulator: Emulator, model: str) -> None:
    llm = model_of(emulator, model=model).as_structured_llm(City)

    assert isinstance(llm.chat([ChatMessage("The city of Paris")]).raw, City)
    assert isinstance(list(llm.stream_chat([ChatMessage("The city of Paris")]))[-1].raw, City)


def test_an_image_is_seen(emulator: Emulator) -> None:
    blocks = [TextBlock(text="What is this?"), ImageBlock(image=PNG, image_mimetype="image/png")]
    answer = model_of(emulator).chat([ChatMessage(blocks=blocks)])

    assert f"image/png ({len(PNG)} bytes)" in answer.message.content


def test_an_image_is_painted(emulator: Emulator) -> None:
    from google.genai import types  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - used here alone

    config = types.GenerateContentConfig(response_modalities=["TEXT", "IMAGE"])
    answer = model_of(emulator, model="gemini-2.5-flash-image", generation_config=config).chat([ChatMessage("Paint.")])
    (image,) = [block for block in answer.message.blocks if isinstance(block, ImageBlock)]

    assert image.resolve_image().read().startswith(b"\x89PNG")

"""google-genai, Google's own client: its ordinary calls against the emulator, blocking and in an event loop."""

from __future__ import annotations

import enum
import inspect
from typing import TYPE_CHECKING, Any

import pytest
from google.genai import types  # type: ignore[import-not-found,unused-ignore]
from google.genai.errors import ClientError, ServerError  # type: ignore[import-not-found,unused-ignore]
from pydantic import BaseModel

from gstream.emulator import Emulator
from tests.clients.conftest import (
    BOTH,
    PNG,
    SECOND,
    STREAMED,
    THEN,
    THIRD,
    get_time,
    get_weather,
    root,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Ask = Callable[..., Awaitable[Any]]

_TOOLS = [get_weather, get_time]
_BY_HAND = {"tools": _TOOLS, "automatic_function_calling": {"disable": True}}
_RIVERS = "Tell me about rivers."


class City(BaseModel):
    """A city."""

    name: str
    population: int


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


async def settled(value: Any) -> Any:
    """Return what a call of either half of the client gives."""
    return await value if inspect.isawaitable(value) else value


async def listed(stream: Any) -> list[Any]:
    """Return what a stream of either half of the client gives."""
    stream = await settled(stream)
    return [item async for item in stream] if hasattr(stream, "__aiter__") else list(stream)


@pytest.fixture(params=["sync", "async"])
def half(request: pytest.FixtureRequest, client: Any) -> Any:
    """The client, and its half for event loops."""
    return client if request.param == "sync" else client.aio


@pytest.fixture
def ask(half: Any) -> Ask:
    """Ask for a whole answer."""

    async def ask(contents: Any = _RIVERS, model: str = SECOND, **config: Any) -> Any:
        return await settled(half.models.generate_content(model=model, contents=contents, config=config or None))

    return ask


# -- text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [SECOND, THIRD, f"models/{SECOND}"])
async def test_text_comes_with_its_reason_its_counts_and_the_model(ask: Ask, model: str) -> None:
    answer = await ask(model=model)
    usage = answer.usage_metadata

    assert "rivers" in answer.text
    assert answer.candidates[0].finish_reason is types.FinishReason.STOP
    assert usage.prompt_token_count + usage.candidates_token_count == usage.total_token_count
    assert answer.model_version == model.removeprefix("models/")
    assert answer.response_id


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_a_stream_adds_up_to_the_whole_answer(half: Any, ask: Ask, model: str) -> None:
    chunks = await listed(half.models.generate_content_stream(model=model, contents=_RIVERS))

    assert len(chunks) > 2
    assert "".join(chunk.text or "" for chunk in chunks) == (await ask(model=model)).text
    assert [chunk.candidates[0].finish_reason for chunk in chunks][-1] is types.FinishReason.STOP
    assert chunks[-1].usage_metadata.total_token_count


async def test_a_system_instruction_is_kept_to(ask: Ask) -> None:
    assert "Be brief." in (await ask(system_instruction="Be brief.")).text


async def test_all_settings_are_taken(ask: Ask, emulator: Emulator) -> None:
    answer = await ask(
        temperature=0.1,
        top_p=0.9,
        top_k=4,
        max_output_tokens=2000,
        stop_sequences=["never said"],
        seed=3,
        candidate_count=2,
        presence_penalty=0.1,
        frequency_penalty=0.2,
        response_logprobs=True,
        logprobs=2,
        safety_settings=[{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
    )

    assert len(answer.candidates) == 2
    assert answer.candidates[0].logprobs_result.chosen_candidates[0].token
    assert emulator.requests[-1].status == 200


async def test_an_answer_ends_at_the_limit_of_tokens(ask: Ask) -> None:
    assert (await ask(max_output_tokens=3)).candidates[0].finish_reason is types.FinishReason.MAX_TOKENS


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_thoughts_are_told_apart_from_the_answer(ask: Ask, model: str) -> None:
    answer = await ask("Why is the sky blue?", model, thinking_config={"include_thoughts": True})
    thoughts = [part.text for part in answer.candidates[0].content.parts if part.thought]

    assert "Reading the request" in thoughts[0]
    assert "Reading the request" not in answer.text
    assert answer.usage_metadata.thoughts_token_count > 0


# -- chats ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_a_chat_goes_on_from_what_was_said(half: Any, emulator: Emulator, model: str) -> None:
    chat = half.chats.create(model=model)
    await settled(chat.send_message(_RIVERS))
    await listed(chat.send_message_stream("And lakes?"))
    answer = await settled(chat.send_message("And seas?"))
    body = emulator.requests[-1].body

    assert "Earlier you said: “And lakes?”" in answer.text
    assert body is not None
    assert body["contents"][0] == {"role": "user", "parts": [{"text": _RIVERS}]}


# -- tools ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [SECOND, THIRD])
@pytest.mark.parametrize("asked", [BOTH, THEN])
async def test_functions_are_called_by_the_client_itself(ask: Ask, model: str, asked: str) -> None:
    answer = await ask(asked, model, tools=_TOOLS)

    assert "It is sunny in Paris" in answer.text
    assert "It is noon in" in answer.text


@pytest.mark.parametrize("model", [SECOND, pytest.param(THIRD, marks=STREAMED)])
@pytest.mark.parametrize("asked", [BOTH, THEN])
async def test_functions_are_called_by_the_client_itself_while_it_streams(half: Any, model: str, asked: str) -> None:
    chat = half.chats.create(model=model, config={"tools": _TOOLS})
    text = "".join(chunk.text or "" for chunk in await listed(chat.send_message_stream(asked)))

    assert "It is sunny in Paris" in text
    assert "It is noon in" in text


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_calls_and_results_go_round_by_hand(ask: Ask, model: str) -> None:
    called = await ask(BOTH, model, **_BY_HAND)
    results = [
        {"function_response": {"id": call.id, "name": call.name, "response": {"output": "noon"}}}
        for call in called.function_calls
    ]
    asked = types.Content(role="user", parts=[types.Part(text=BOTH)])
    answered = types.Content(role="user", parts=results)
    answer = await ask([asked, called.candidates[0].content, answered], model, **_BY_HAND)

    assert [(call.name, call.args) for call in called.function_calls] == [
        ("get_weather", {"city": "Paris"}),
        ("get_time", {"city": "Paris"}),
    ]
    assert "The result of get_time is: noon" in answer.text


async def test_a_call_of_a_third_generation_needs_its_signature(ask: Ask) -> None:
    called = await ask("What is the time in Paris?", THIRD, **_BY_HAND)
    content = called.candidates[0].content
    assert content.parts[0].thought_signature
    content.parts[0].thought_signature = None
    result = types.Part.from_function_response(name="get_time", response={"output": "noon"})

    with pytest.raises(ClientError, match="missing a thought_signature"):
        await ask(["What is the time in Paris?", content, result], THIRD, **_BY_HAND)


async def test_a_choice_of_functions_is_honoured(ask: Ask) -> None:
    choice = {"function_calling_config": {"mode": "ANY", "allowed_function_names": ["get_time"]}}
    (call,) = (await ask("Paris", THIRD, **_BY_HAND, tool_config=choice)).function_calls

    assert (call.name, call.args) == ("get_time", {"city": "Paris"})


async def test_code_runs_and_is_shown(ask: Ask) -> None:
    parts = (await ask("What is 17 * 23?", tools=[{"code_execution": {}}])).candidates[0].content.parts

    assert parts[0].executable_code.language is types.Language.PYTHON
    assert parts[1].code_execution_result.outcome is types.Outcome.OUTCOME_OK
    assert parts[1].code_execution_result.output == "391\n"


async def test_a_search_names_its_sources(ask: Ask) -> None:
    grounding = (await ask("Who won?", tools=[{"google_search": {}}])).candidates[0].grounding_metadata

    assert grounding.web_search_queries
    assert all(chunk.web.uri for chunk in grounding.grounding_chunks)
    assert grounding.grounding_supports[0].segment.text


# -- structured answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [SECOND, THIRD])
async def test_a_structured_answer_is_parsed(ask: Ask, model: str) -> None:
    json = {"response_mime_type": "application/json"}
    one = await ask("The city of Paris", model, **json, response_schema=City)
    many = await ask("The city of Paris", model, **json, response_schema=list[City])
    plain = await ask("The city of Paris", model, **json, response_json_schema=City.model_json_schema())
    mood = await ask("How are you?", model, response_mime_type="text/x.enum", response_schema=Mood)

    assert isinstance(one.parsed, City)
    assert isinstance(many.parsed[0], City)
    assert City.model_validate(plain.parsed).name
    assert mood.parsed in Mood


# -- media ----------------------------------------------------------------------------------------------------------


async def test_an_image_is_seen(ask: Ask, emulator: Emulator) -> None:
    """Whatever its bytes are: the client writes them in the alphabet of URLs."""
    image = PNG + b"\xff\xfe\xfb" * 100
    answer = await ask([types.Part.from_bytes(data=image, mime_type="image/png"), "What is this?"])

    assert f"image/png ({len(image)} bytes)" in answer.text
    assert "_" in str(emulator.requests[-1].body)


async def test_a_file_that_lies_at_google_is_named(ask: Ask) -> None:
    uri = "https://generativelanguage.googleapis.com/v1beta/files/abc"

    assert uri in (await ask([types.Part.from_uri(file_uri=uri, mime_type="image/png"), "What is this?"])).text


async def test_an_image_is_painted(ask: Ask) -> None:
    answer = await ask(
        "Paint a river.",
        "gemini-2.5-flash-image",
        response_modalities=["TEXT", "IMAGE"],
        image_config={"aspect_ratio": "16:9"},
    )
    (image,) = [part.as_image() for part in answer.parts if part.inline_data]

    assert image.image_bytes.startswith(b"\x89PNG")


async def test_speech_is_spoken(ask: Ask) -> None:
    voice = {"voice_config": {"prebuilt_voice_config": {"voice_name": "Kore"}}}
    speech = {"response_modalities": ["AUDIO"], "speech_config": voice}
    (part, *_) = (await ask("Say hi.", "gemini-2.5-flash-preview-tts", **speech)).candidates[0].content.parts

    assert part.inline_data.mime_type.startswith("audio/")
    assert part.inline_data.data


# -- other routes ---------------------------------------------------------------------------------------------------


async def test_tokens_are_counted_as_they_are_billed(half: Any, ask: Ask) -> None:
    counted = await settled(half.models.count_tokens(model=SECOND, contents=_RIVERS))

    assert counted.total_tokens == (await ask()).usage_metadata.prompt_token_count


async def test_the_models_are_listed(half: Any) -> None:
    models = await listed(half.models.list())

    assert {f"models/{SECOND}", f"models/{THIRD}"} <= {model.name for model in models}
    assert all("generateContent" in model.supported_actions for model in models)


async def test_one_model_tells_its_limits(half: Any) -> None:
    model = await settled(half.models.get(model=SECOND))

    assert (model.name, model.input_token_limit, model.output_token_limit) == (f"models/{SECOND}", 1_048_576, 65_536)


# -- errors ---------------------------------------------------------------------------------------------------------


async def test_a_wrong_key_is_refused_in_googles_words(emulator: Emulator) -> None:
    from google.genai import Client  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - once only

    stranger = Client(api_key="made-up-key-of-a-stranger", http_options={"base_url": root(emulator)})

    with pytest.raises(ClientError) as caught:
        stranger.models.generate_content(model=SECOND, contents=_RIVERS)
    assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")
    assert caught.value.message == "API key not valid. Please pass a valid API key."


async def test_an_overloaded_model_is_the_servers_fault() -> None:
    from google.genai import Client  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - once only

    with Emulator("google", fault="error_503") as emulator:
        client = Client(api_key=emulator.api_key, http_options={"base_url": root(emulator)})
        with pytest.raises(ServerError) as caught:
            list(client.models.generate_content_stream(model=SECOND, contents=_RIVERS))

    assert (caught.value.code, caught.value.status) == (503, "UNAVAILABLE")

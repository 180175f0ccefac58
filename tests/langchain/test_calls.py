"""`ChatGStream` against every dialect over a socket: answers, thoughts, tools, usage; sync and async alike."""

from __future__ import annotations

import asyncio
from functools import reduce
from operator import add
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from pydantic import BaseModel

from gstream import ENDPOINTS, RateLimitError
from gstream.emulator import Emulator
from langchain_gstream import ChatGStream
from tests.langchain.conftest import model_of

if TYPE_CHECKING:
    from langchain_core.outputs import LLMResult

    from tests.langchain.conftest import Invoke, Stream


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"{city}: 21 degrees and sunny"


@tool
def get_time(city: str) -> str:
    """Tell the local time in a city."""
    return f"{city}: half past nine"


def added(chunks: list[AIMessageChunk]) -> AIMessageChunk:
    return reduce(add, chunks)


@pytest.mark.parametrize("name", [name for name in ENDPOINTS if name != "google"])
def test_the_same_five_lines_work_for_each_endpoint(name: str) -> None:
    with Emulator(name) as e:
        llm = ChatGStream(model="gemini-2.5-flash", endpoint=e.endpoint, api_key=e.api_key)
        answer = ""
        for chunk in llm.stream("Why is the sky blue?"):
            answer += chunk.text

    assert "sky" in answer


async def test_an_answer_streams_in_chunks_and_ends_with_one_that_says_so(emulator: Emulator, stream: Stream) -> None:
    chunks = await stream(model_of(emulator), "Why is the sky blue?")
    whole = added(chunks)
    received = emulator.requests[-1]

    assert len(chunks) > 3
    assert [chunk.chunk_position for chunk in chunks][-1] == "last"
    assert all(chunk.chunk_position is None for chunk in chunks[:-1])
    assert isinstance(whole.content, str)
    assert "sky" in whole.content
    assert whole.response_metadata["model_provider"] == "gstream"
    assert whole.response_metadata["finish_reason"] == "STOP"
    assert whole.response_metadata["model_name"] == "gemini-3-flash-preview"
    assert whole.response_metadata["endpoint"] == emulator.endpoint.name
    assert received.usage is not None
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["total_tokens"] == received.usage["totalTokenCount"]


async def test_invoke_gives_what_stream_adds_up_to(emulator: Emulator, invoke: Invoke, stream: Stream) -> None:
    model = model_of(emulator, include_thoughts=True)
    whole = await invoke(model, "Why is the sky blue?")
    streamed = added(await stream(model, "Why is the sky blue?"))

    def bare(message: AIMessage) -> list[Any]:
        return [{key: value for key, value in block.items() if key != "index"} for block in message.content_blocks]

    assert bare(streamed) == bare(whole)
    assert [block["type"] for block in whole.content_blocks][:2] == ["reasoning", "text"]
    assert streamed.usage_metadata == whole.usage_metadata


async def test_thoughts_stream_as_reasoning_blocks_and_are_counted(emulator: Emulator, stream: Stream) -> None:
    chunks = await stream(model_of(emulator, model="gemini-2.5-flash", include_thoughts=True), "Why is the sky blue?")
    whole = added(chunks)
    blocks = whole.content_blocks
    assert whole.usage_metadata is not None

    assert [block["type"] for block in blocks] == ["reasoning", "text"]
    assert "**" not in whole.text
    assert whole.usage_metadata["output_token_details"]["reasoning"] > 0


async def test_a_tool_loop_runs_to_its_answer(emulator: Emulator, stream: Stream) -> None:
    """Two parallel calls; the emulator refuses a missing or misplaced Gemini 3 signature."""
    model = model_of(emulator).bind_tools([get_weather, get_time])
    messages: list[Any] = [SystemMessage("Use the tools."), HumanMessage("What is the weather and the time in Paris?")]
    called: list[str] = []
    for _ in range(4):
        answer = added(await stream(model, messages))
        messages.append(answer)
        if not answer.tool_calls:
            break
        for call in answer.tool_calls:
            called.append(call["name"])
            chosen = {"get_weather": get_weather, "get_time": get_time}[call["name"]]
            messages.append(chosen.invoke(call))

    assert sorted(called) == ["get_time", "get_weather"]
    assert "21 degrees" in messages[-1].text
    assert "half past nine" in messages[-1].text
    assert all(received.status == 200 for received in emulator.requests)


async def test_results_in_another_order_reach_their_own_calls(emulator: Emulator, invoke: Invoke) -> None:
    """Two calls of one tool; 2.x servers give no ids, so only the order tells them apart."""
    model = model_of(emulator, model="gemini-2.5-flash").bind_tools([get_weather])
    question = HumanMessage("What is the weather in Paris and in Tokyo?")
    asked = await invoke(model, [question])
    results = [get_weather.invoke(call) for call in asked.tool_calls]
    assert [call["args"]["city"] for call in asked.tool_calls] == ["Paris", "Tokyo"]
    await invoke(model, [question, asked, *reversed(results)])
    sent = emulator.requests[-1].body
    assert sent is not None
    responses = [part["functionResponse"]["response"]["output"] for part in sent["contents"][-1]["parts"]]

    assert responses == ["Paris: 21 degrees and sunny", "Tokyo: 21 degrees and sunny"]


async def test_settings_and_the_model_can_be_given_per_call(google: Emulator, invoke: Invoke) -> None:
    model = model_of(google, temperature=0.5, max_tokens=100)
    bound = model.bind(model="gemini-2.5-flash", temperature=0.1, max_output_tokens=50, stop=["zzz"], seed=7)
    await invoke(bound, "hello")
    received = google.requests[-1]
    assert received.body is not None

    assert received.model == "gemini-2.5-flash"
    assert received.body["generationConfig"] == {
        "temperature": 0.1,
        "maxOutputTokens": 50,
        "stopSequences": ["zzz"],
        "seed": 7,
    }


async def test_one_function_at_a_time_is_one_call_an_answer(emulator: Emulator, stream: Stream, invoke: Invoke) -> None:
    """The agent that asks for it comes to its answer by one call after another; what was left out is named."""
    model = model_of(emulator).bind_tools([get_weather, get_time], parallel_tool_calls=False)
    question: list[Any] = [HumanMessage("What is the weather and the time in Paris?")]
    streamed, whole = added(await stream(model, question)), await invoke(model, question)

    for answer in (streamed, whole):
        assert [call["name"] for call in answer.tool_calls] == ["get_weather"]
        assert answer.response_metadata["dropped_tool_calls"] == [{"name": "get_time", "args": {"city": "Paris"}}]
    result = get_weather.invoke(whole.tool_calls[0])
    await invoke(model, [*question, whole, result])
    assert emulator.requests[-1].status == 200


async def test_parallel_calls_are_allowed_unless_forbidden(google: Emulator, invoke: Invoke) -> None:
    model = model_of(google).bind_tools([get_weather, get_time], parallel_tool_calls=True)
    answer = await invoke(model, "What is the weather and the time in Paris?")

    assert len(answer.tool_calls) == 2
    assert "dropped_tool_calls" not in answer.response_metadata


def test_several_candidates_come_as_several_generations(google: Emulator) -> None:
    result = model_of(google, n=3).generate([[HumanMessage("hello there")]])

    assert len(result.generations[0]) == 3


def test_a_candidate_nobody_asked_for_is_not_mixed_into_the_answer() -> None:
    def part(text: str) -> Any:
        return {"content": {"parts": [{"text": text}], "role": "model"}}

    first = {"candidates": [{**part("one "), "index": 0}, {**part("zwei "), "index": 1}]}
    last = {"candidates": [{**part("two"), "finishReason": "STOP"}, {**part("drei"), "finishReason": "STOP"}]}
    with Emulator("google", script=[first, last]) as e:
        model = model_of(e)

        assert added(list(model.stream("hello"))).content == "one two"
        assert model.invoke("hello").content == "one two"


def test_a_callback_hears_each_token_once_and_no_key(emulator: Emulator) -> None:
    heard: list[str] = []
    everything: list[str] = []

    class Recorder(BaseCallbackHandler):
        def on_chat_model_start(self, *args: Any, **kwargs: Any) -> None:
            everything.append(repr((args, kwargs)))

        def on_llm_new_token(self, token: Any, **kwargs: Any) -> None:
            heard.append(token)
            everything.append(repr(kwargs))

        def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:
            everything.append(repr((response, kwargs)))

    model = model_of(emulator, extra_headers={"x-team": emulator.api_key})
    text = "".join(chunk.text for chunk in model.stream("Hello you", config={"callbacks": [Recorder()]}))

    assert "".join(heard) == text
    assert emulator.api_key not in "".join(everything)


def test_one_model_works_over_several_event_loops_and_threads(google: Emulator) -> None:
    model = model_of(google)
    answers = [asyncio.run(model.ainvoke("hello")).text for _ in range(3)]
    threads = [Thread(target=lambda: answers.append(model.invoke("hello").text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 11
    assert len(set(answers)) == 1


async def test_images_of_a_tool_result_go_inside_or_beside_it_as_the_endpoint_documents(emulator: Emulator) -> None:
    picture = {"type": "image", "base64": "iVBORw0KGgo=", "mime_type": "image/png"}
    asked = AIMessage("", tool_calls=[{"name": "look", "args": {}, "id": "1", "type": "tool_call"}])
    result = ToolMessage(["a picture", picture], tool_call_id="1")

    @tool
    def look() -> str:
        """Look out of the window."""
        return ""

    await model_of(emulator).bind_tools([look]).ainvoke([HumanMessage("Look!"), asked, result])
    body = emulator.requests[-1].body
    assert body is not None
    parts = body["contents"][-1]["parts"]
    inline = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}

    if emulator.endpoint.response_parts:
        assert parts[0]["functionResponse"]["parts"] == [inline]
        assert len(parts) == 1
    else:
        assert "parts" not in parts[0]["functionResponse"]
        assert parts[1] == inline


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
async def test_structured_output_gives_an_object_of_the_class(emulator: Emulator, method: Any) -> None:
    class Place(BaseModel):
        """A place."""

        city: str
        people: int

    model = model_of(emulator).with_structured_output(Place, method=method)
    for place in (model.invoke("Paris has 2000000 people"), await model.ainvoke("Paris has 2000000 people")):
        assert place == Place(city="Paris", people=2000000)


def test_structured_output_keeps_the_raw_message_where_asked(google: Emulator) -> None:
    schema = {"title": "Place", "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    result = model_of(google).with_structured_output(schema, include_raw=True).invoke("I live in Paris")

    assert isinstance(result["raw"], AIMessage)
    assert result["parsed"] == {"city": "Paris"}
    assert result["parsing_error"] is None


def test_with_fallbacks_and_with_retry_work_because_errors_are_typed() -> None:
    with Emulator("shuyou", fault="error_429") as broken, Emulator("apigo") as working:
        first = model_of(broken, max_retries=0)
        with pytest.raises(RateLimitError):
            first.invoke("hello")
        answer = first.with_fallbacks([model_of(working)], exceptions_to_handle=(RateLimitError,)).invoke("hello")

    assert "hello" in answer.text

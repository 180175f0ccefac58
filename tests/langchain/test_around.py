"""What LangChain does around a model: tracing, caching, counting, events, retries, copies, processes."""

from __future__ import annotations

import subprocess
import sys
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, Final, TypedDict

import pytest
from langchain_core import exceptions as langchain
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.rate_limiters import BaseRateLimiter
from langchain_core.tools import tool
from langgraph.graph import StateGraph
from pydantic import SecretStr

import gstream
from gstream import ConfigurationError
from gstream.emulator import Emulator
from langchain_gstream import errors
from tests.langchain.conftest import model_of, response, sent_parts

if TYPE_CHECKING:
    from langchain_core.outputs import LLMResult

    from tests.langchain.conftest import Invoke, Stream

Json = dict[str, Any]


@tool
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"{city}: 21 degrees and sunny"


# -- counting ---------------------------------------------------------------------------------------------------------


def test_tokens_are_counted_offline_and_with_care_for_east_asian_text(google: Emulator) -> None:
    model = model_of(google)

    assert model.get_num_tokens("four") == 1
    assert model.get_num_tokens("東京都") == 2
    assert google.requests == []


def test_tokens_of_messages_count_tools_calls_results_and_media(google: Emulator) -> None:
    """LangChain's own counting leaves out tools, with a warning, and media, without one."""
    model = model_of(google)
    wav = b"RIFF" + bytes(24) + (16_000).to_bytes(4, "little") + bytes(32_000)
    pdf = b"%PDF-1.7 /Type /Pages /Type /Page /Type/Page>>"
    sizes = {
        "text": model.get_num_tokens_from_messages([HumanMessage("x" * 400)]),
        "image": model.get_num_tokens_from_messages([HumanMessage([_media("image/png", b"x")])]),
        "two pages": model.get_num_tokens_from_messages([HumanMessage([_media("application/pdf", pdf)])]),
        "two seconds": model.get_num_tokens_from_messages([HumanMessage([_media("audio/wav", wav)])]),
        "elsewhere": model.get_num_tokens_from_messages([HumanMessage([{"type": "video", "url": "gs://a/b"}])]),
    }
    asked = AIMessage("", tool_calls=[{"name": "f", "args": {"x": "y" * 400}, "id": "1", "type": "tool_call"}])
    history = [HumanMessage("hi"), asked, ToolMessage("z" * 800, tool_call_id="1")]

    assert sizes == {"text": 104, "image": 262, "two pages": 520, "two seconds": 68, "elsewhere": 262}
    assert 300 < model.get_num_tokens_from_messages(history) < 400
    without = model.get_num_tokens_from_messages([HumanMessage("hi")])
    assert model.get_num_tokens_from_messages([HumanMessage("hi")], tools=[get_weather]) > without + 20
    assert google.requests == []


def _media(mime_type: str, content: bytes) -> Json:
    blob = gstream.Blob.of(content, mime_type)
    return {"type": mime_type.partition("/")[0].replace("application", "file"), "base64": blob.data,
            "mime_type": mime_type}  # fmt: skip


def test_ids_of_tokens_come_from_the_callers_own_tokenizer_or_from_nowhere(google: Emulator) -> None:
    with pytest.raises(ConfigurationError, match="custom_get_token_ids"):
        model_of(google).get_token_ids("hello")
    own = model_of(google, custom_get_token_ids=lambda text: list(text.encode()))

    assert own.get_token_ids("abc") == [97, 98, 99]
    assert own.get_num_tokens("abc") == 3


# -- the cache, the rate limiter, callbacks ---------------------------------------------------------------------------


async def test_the_cache_gives_the_same_answer_to_the_same_question_and_settings(invoke: Invoke) -> None:
    parts: list[Json] = [{"text": "hm", "thought": True}, {"functionCall": {"name": "f", "args": {}, "id": "a"}}]
    parts[1]["thoughtSignature"] = "c2ln"
    cache = InMemoryCache()
    with Emulator("google", script=response(*parts)) as e, Emulator("google") as other:
        model = model_of(e, cache=cache)
        first = await invoke(model, "hello")
        second = await invoke(model_of(e, cache=cache), "hello")
        assert len(e.requests) == 1
        for different in (
            model.model_copy(update={"temperature": 0.5}),
            model.bind(seed=7),
            model.bind(model="gemini-2.5-flash"),
            model_of(e, cache=cache, thinking_level="low"),
        ):
            await invoke(different, "hello")
        assert len(e.requests) == 5
        await invoke(model_of(other, cache=cache), "hello")
        assert len(other.requests) == 1
        key = e.api_key

    assert (second.content, second.tool_calls, second.additional_kwargs) == (
        first.content,
        first.tool_calls,
        first.additional_kwargs,
    )
    assert key not in repr(cache.__dict__)


class Counting(BaseRateLimiter):
    """Lets everything pass, and counts."""

    def __init__(self) -> None:
        self.count = 0

    def acquire(self, *, blocking: bool = True) -> bool:
        assert blocking
        self.count += 1
        return True

    async def aacquire(self, *, blocking: bool = True) -> bool:
        return self.acquire(blocking=blocking)


async def test_the_rate_limiter_is_asked_once_a_call(google: Emulator, invoke: Invoke, stream: Stream) -> None:
    limiter = Counting()
    model = model_of(google, rate_limiter=limiter)
    await invoke(model, "hello")
    await stream(model, "hello")

    assert limiter.count == 2


class Recorder(BaseCallbackHandler):
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.tokens: list[Any] = []
        self.results: list[LLMResult] = []
        self.errors: list[BaseException] = []

    def on_llm_new_token(self, token: Any, **kwargs: Any) -> None:  # noqa: ARG002 - LangChain's signature
        self.tokens.append(token)

    def on_llm_end(self, response: LLMResult, **kwargs: Any) -> None:  # noqa: ARG002 - as above
        self.results.append(response)

    def on_llm_error(self, error: BaseException, **kwargs: Any) -> None:  # noqa: ARG002 - as above
        self.errors.append(error)


@pytest.mark.parametrize("streaming", [True, False], ids=["streaming", "not streaming"])
async def test_each_token_is_told_once_in_every_form_of_a_call(
    google: Emulator, invoke: Invoke, stream: Stream, *, streaming: bool
) -> None:
    """`invoke` tells tokens where the model was made to stream, `stream` always."""
    heard, streamed = Recorder(), Recorder()
    answer = await invoke(model_of(google, streaming=streaming, callbacks=[heard]), "Hello you")
    await stream(model_of(google, callbacks=[streamed]), "Hello you")

    assert "".join(heard.tokens) == (answer.text if streaming else "")
    assert "".join(streamed.tokens) == answer.text
    assert len(heard.results) == len(streamed.results) == 1


async def test_a_callback_hears_the_typed_error_that_the_caller_gets(invoke: Invoke, stream: Stream) -> None:
    heard = Recorder()
    with Emulator("google", fault="error_429") as e:
        model = model_of(e, max_retries=0, callbacks=[heard])
        with pytest.raises(gstream.RateLimitError) as first:
            await invoke(model, "hello")
        with pytest.raises(langchain.ModelRateLimitError) as second:
            await stream(model, "hello")

    assert heard.errors == [first.value, second.value]


# -- several candidates -----------------------------------------------------------------------------------------------


async def test_a_listener_for_tokens_does_not_cost_the_other_candidates(google: Emulator) -> None:
    """`invoke` streams by itself where somebody listens for tokens, and a stream is one message."""
    heard = Recorder()
    model = model_of(google, n=3, streaming=True, callbacks=[heard])
    results = [model.generate([[HumanMessage("hello")]]), await model.agenerate([[HumanMessage("hello")]])]

    assert [len(result.generations[0]) for result in results] == [3, 3]
    assert heard.tokens == []


@pytest.mark.filterwarnings("ignore:.*v3.*")
@pytest.mark.parametrize("how", ["messages", "events"])
def test_a_graph_that_streams_messages_may_ask_for_several_candidates(google: Emulator, how: str) -> None:
    class State(TypedDict):
        said: str

    model = model_of(google)

    def answer(_: State) -> State:
        return {"said": model.invoke("hello", candidate_count=2).text}

    builder: Any = StateGraph(State)
    graph = builder.add_node("answer", answer).set_entry_point("answer").compile()
    if how == "messages":
        said = "".join(message.text for message, _ in graph.stream({"said": ""}, stream_mode="messages"))
    else:
        said = str(graph.stream_events({"said": ""}, version="v3").output["said"])

    assert said
    assert len(google.requests) == 1


async def test_a_stream_of_several_candidates_is_refused_before_any_request(google: Emulator, stream: Stream) -> None:
    for model in (model_of(google, n=2), model_of(google).bind(candidate_count=2)):
        with pytest.raises(ConfigurationError, match="candidate_count=2 cannot be streamed"):
            await stream(model, "hello")

    assert google.requests == []


# -- events -----------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*v3.*")
@pytest.mark.parametrize("how", ["sync", "async"])
async def test_events_of_the_newer_version_add_up_to_the_message(google: Emulator, how: str) -> None:
    """Thoughts, then a call whose signature the emulator demands back."""
    model = model_of(google, include_thoughts=True).bind_tools([get_weather])
    question = HumanMessage("What is the weather in Paris?")
    if how == "sync":
        run: Any = model.stream_events([question], version="v3")
        events = list(run)
        message = run.output
    else:
        arun: Any = await model.astream_events([question], version="v3")
        events = [event async for event in arun]
        message = await arun.output
    kinds = [event["content"]["type"] for event in events if event["event"] == "content-block-start"]
    (call,) = message.tool_calls
    model.invoke([question, message, get_weather.invoke(call)])

    assert kinds == ["reasoning", "tool_call_chunk"]
    assert [block["type"] for block in message.content_blocks] == ["reasoning", "tool_call"]
    assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"})
    assert message.usage_metadata is not None
    assert message.usage_metadata["output_token_details"]["reasoning"] > 0
    assert [received.status for received in google.requests] == [200, 200]
    assert sent_parts(google)[1][-1]["thoughtSignature"]


async def test_events_of_the_older_version_tell_chunks_and_the_end(google: Emulator) -> None:
    model = model_of(google, include_thoughts=True).bind_tools([get_weather])
    events = [event async for event in model.astream_events("What is the weather in Paris?", version="v2")]
    chunks = [event["data"]["chunk"] for event in events if event["event"] == "on_chat_model_stream"]
    whole = reduce(add, chunks)
    end = events[-1]["data"]["output"]

    assert whole.tool_calls == end.tool_calls
    assert [call["name"] for call in whole.tool_calls] == ["get_weather"]
    assert whole.content_blocks[0]["type"] == "reasoning"


@pytest.mark.parametrize("args", ['{"x": ', "[1]", "nope", "5"])
def test_malformed_arguments_are_an_invalid_call_in_events_too(args: str) -> None:
    """LangChain's events take any JSON for arguments, and then break on what is no object."""
    call = {"functionCall": {"name": "f", "args": args, "id": "a"}}
    with Emulator("google", script=response(call)) as e:
        message = model_of(e).stream_events("hello", version="v3").output

    assert message.tool_calls == []
    assert [call["args"] for call in message.invalid_tool_calls] == [f"not a JSON object: {args}"]


# -- batches, retries, copies, processes ------------------------------------------------------------------------------


async def test_batches_come_in_order_or_as_they_are_done(google: Emulator) -> None:
    model = model_of(google)
    questions: list[Any] = ["Hello one", "Hello two", "Hello three"]
    expected = [model.invoke(question).text for question in questions]
    done = [(number, message.text) for number, message in model.batch_as_completed(questions)]
    adone = [(number, message.text) async for number, message in model.abatch_as_completed(questions)]

    assert [message.text for message in model.batch(questions)] == expected
    assert [message.text for message in await model.abatch(questions)] == expected
    assert sorted(done) == sorted(adone) == list(enumerate(expected))


def test_a_batch_returns_typed_errors_where_asked(google: Emulator) -> None:
    bad: list[Any] = [HumanMessage([{"type": "hologram"}])]
    good, failed = model_of(google).batch(["hello", bad], return_exceptions=True)

    assert isinstance(good, AIMessage)
    assert isinstance(failed, errors.RequestError)


def test_with_retry_asks_again_after_what_may_heal_and_not_after_what_does_not() -> None:
    healing = (langchain.ModelRateLimitError, langchain.ModelAPIError)
    with Emulator("google", fault="error_429", fault_times=1) as e:
        model = model_of(e, max_retries=0).with_retry(
            retry_if_exception_type=healing, wait_exponential_jitter=False, stop_after_attempt=2
        )
        assert model.invoke("hello").text
        assert len(e.requests) == 2
    with Emulator("google", api_key="made-up-right") as e:
        wrong = model_of(e, max_retries=0).model_copy(update={"api_key": SecretStr("made-up-wrong")})
        with pytest.raises(langchain.ModelError) as caught:
            wrong.with_retry(retry_if_exception_type=healing, wait_exponential_jitter=False).invoke("hello")
        assert len(e.requests) == 1

    assert isinstance(caught.value, gstream.AuthenticationError)
    assert not caught.value.is_retryable


_FORK: Final = """
import os, sys
from langchain_gstream import ChatGStream
model = ChatGStream(model="gemini-2.5-flash", endpoint="google", base_url=sys.argv[1])
first = model.invoke("hello").text
child = os.fork()
if child == 0:
    os._exit(0 if model.invoke("hello").text == first else 1)
_, status = os.waitpid(child, 0)
print(os.waitstatus_to_exitcode(status), model.invoke("hello").text == first)
"""


def test_a_model_works_in_a_child_after_a_fork_and_goes_on_in_the_parent(
    google: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection shared by two processes would mix up their answers."""
    monkeypatch.setenv("GOOGLE_API_KEY", google.api_key)
    place = google.endpoint.base_url
    assert place is not None
    done = subprocess.run([sys.executable, "-c", _FORK, place], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("0 True\n", "")
    assert [received.status for received in google.requests] == [200, 200, 200]


SPELLINGS: Final = {
    "google/gemini-2.5-pro": (1_048_576, True),
    "gemini-2.5-flash-thinking-8192": (1_048_576, True),
    "[free]gemini-2.5-pro-search": (1_048_576, True),
    "gemini-3-pro-preview-high": (1_048_576, True),
    "nobody-knows-this": (32_768, True),
}


@pytest.mark.parametrize(("name", "expected"), SPELLINGS.items(), ids=SPELLINGS)
def test_the_profile_is_that_of_the_family_in_a_resellers_spelling(
    google: Emulator, name: str, expected: tuple[int, bool]
) -> None:
    profile = model_of(google, model=name).profile
    assert profile is not None

    assert (profile["max_input_tokens"], profile["pdf_inputs"]) == expected


def test_what_cannot_be_counted_is_told_in_langchains_class(google: Emulator) -> None:
    with pytest.raises(langchain.ModelInvalidRequestError, match="holds no data"):
        model_of(google).get_num_tokens_from_messages([HumanMessage([{"type": "image"}])])


def test_media_of_every_kind_count_by_their_size(google: Emulator) -> None:
    model = model_of(google)

    def count(block: Json) -> int:
        return model.get_num_tokens_from_messages([HumanMessage([block])]) - 4

    assert count({**_media("text/plain", b"x" * 400), "type": "file"}) == 100
    assert count(_media("application/json", b"x" * 400)) == 100
    assert count(_media("video/mp4", b"x")) == 263
    assert count({"type": "file", "base64": "no base64!", "mime_type": "text/plain"}) == 3
    assert model.get_num_tokens_from_messages([HumanMessage("x")], tools=[{"google_search": {}}]) > count(
        {"type": "text", "text": "x"}
    )

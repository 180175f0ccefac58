"""What callers may rely on besides the answer: wrong inputs, nothing of theirs changed, threads, loops, processes."""

from __future__ import annotations

import asyncio
import copy
import multiprocessing
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ImageBlock, TextBlock, ToolCallBlock

from gstream import ConfigurationError, ContentBlockedError, EmptyAnswerError, GStreamError, RequestError
from tests.llamaindex.forms import CHATS, COMPLETIONS, ask

ASK = [ChatMessage(role="user", content="Tell me about rivers.")]


@pytest.mark.parametrize("method", CHATS)
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("Hi", ["list of ChatMessage", "'str'"]),
        (ChatMessage(role="user", content="Hi"), ["list of ChatMessage", "[ChatMessage("]),
        (["Hi"], ["messages[0]", "'str'"]),
        ([ASK[0], {"role": "user", "content": "Hi"}], ["messages[1]", "'dict'"]),
        ([("user", "Hi")], ["messages[0]", "'tuple'"]),
        (None, ["list of ChatMessage", "'NoneType'"]),
        ([], ["prompt is empty", "at least one message"]),
        ([ChatMessage(role="user", content="")], ["prompt is empty"]),
    ],
)
async def test_what_is_no_conversation_is_one_sentence_before_any_request(
    method: str, given: Any, words: list[str], heard: list[Any], wired: Any
) -> None:
    """Also with a handler that listens: core builds its event of the messages, which fails with pydantic's words."""
    llm, bodies = wired()

    with pytest.raises(RequestError) as caught:
        await ask(llm, method, given)

    assert bodies == []
    assert [word for word in words if word not in str(caught.value)] == []
    assert not any("End" in type(event).__name__ for event in heard)


@pytest.mark.parametrize("method", COMPLETIONS)
async def test_what_is_no_prompt_is_one_sentence_before_any_request(method: str, wired: Any) -> None:
    llm, bodies = wired()

    for given in (7, None, ASK, b"Hi"):
        with pytest.raises(RequestError, match="prompt must be a text"):
            await ask(llm, method, given)
    with pytest.raises(ConfigurationError, match="needs prompt"):
        await ask(llm, method)
    assert bodies == []


@pytest.mark.parametrize("method", [*CHATS, *COMPLETIONS])
async def test_headers_that_are_none_are_an_error_that_does_not_show_them(method: str, wired: Any) -> None:
    llm, bodies = wired()
    given = ASK if "chat" in method else "Hi"

    for headers in ({"x-team": 7}, "made-up-secret", [("x-team", "made-up-secret")]):
        with pytest.raises(ConfigurationError, match="extra_headers") as caught:
            await ask(llm, method, given, extra_headers=headers)
        assert "made-up-secret" not in str(caught.value)
    assert bodies == []


@pytest.mark.parametrize("method", CHATS)
async def test_messages_may_be_anything_that_yields_them_given_by_place_or_by_name(method: str, wired: Any) -> None:
    llm, bodies = wired()

    await ask(llm, method, tuple(ASK))
    await ask(llm, method, iter(ASK))
    await ask(llm, method, messages=ASK)

    assert bodies == [{"contents": [{"role": "user", "parts": [{"text": "Tell me about rivers."}]}]}] * 3


def whole(value: Any) -> Any:
    """Return a value as plain data, to compare it deeply with what it is later."""
    return copy.deepcopy([item.model_dump() if isinstance(item, ChatMessage) else item for item in value])


@pytest.mark.parametrize("method", CHATS)
async def test_nothing_of_the_callers_is_changed(method: str, start: Any, make: Any) -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(16)
    schema = {"type": "object", "properties": {"x": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}
    messages = [
        ChatMessage(role="system", content="Be brief."),
        ChatMessage(role="user", blocks=[TextBlock(text="Hi"), ImageBlock(image=png)]),
        ChatMessage(role="user", content="there"),
        ChatMessage(role="assistant", blocks=[ToolCallBlock(tool_call_id="f", tool_name="f", tool_kwargs={"x": 1})]),
        ChatMessage(role="tool", content='{"y": 2}', additional_kwargs={"tool_call_id": "f"}),
    ]
    settings = {
        "tools": [{"type": "function", "function": {"name": "f", "description": "F.", "parameters": schema}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "safety_settings": {"HARM_CATEGORY_HARASSMENT": "BLOCK_NONE"},
        "extra_body": {"generationConfig": {"temperature": 0.5}},
        "extra_headers": {"x-team": "team"},
        "stop": ["X"],
    }
    before = whole(messages), copy.deepcopy(settings)

    llm = make(start())
    first = await ask(llm, method, messages, **settings)
    second = await ask(llm, method, messages, **settings)

    assert (whole(messages), settings) == before
    assert first.message.content == second.message.content


@pytest.mark.parametrize("method", [*CHATS, *COMPLETIONS])
async def test_settings_of_a_call_are_honoured_by_every_method(method: str, wired: Any) -> None:
    llm, bodies = wired(temperature=0.1)

    await ask(llm, method, ASK if "chat" in method else "Hi", temperature=0.9, max_tokens=5, extra_body={"labels": {}})
    await ask(llm, method, ASK if "chat" in method else "Hi")

    assert bodies[0]["generationConfig"] == {"temperature": 0.9, "maxOutputTokens": 5}
    assert bodies[1]["generationConfig"] == {"temperature": 0.1}


@pytest.mark.parametrize("method", [*CHATS, *COMPLETIONS])
async def test_no_answer_is_an_error_of_every_method(method: str, start: Any, make: Any) -> None:
    given = ASK if "chat" in method else "Hi"
    blocked = make(start(script=[{"promptFeedback": {"blockReason": "SAFETY"}}]), max_retries=0)
    empty = make(start(script=[{"candidates": [{"finishReason": "STOP"}]}]), max_retries=0)

    with pytest.raises(ContentBlockedError):
        await ask(blocked, method, given)
    with pytest.raises(EmptyAnswerError):
        await ask(empty, method, given)


def test_thirty_two_threads_share_one_model(start: Any, make: Any) -> None:
    llm = make(start())

    def one(number: int) -> tuple[str, str, str]:
        asked = [ChatMessage(role="user", content=f"Tell me about river number {number}.")]
        streamed = "".join(response.delta or "" for response in llm.stream_chat(asked))
        return f"river number {number}", str(llm.chat(asked).message.content), streamed

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(one, range(64)))

    assert all(asked in answer and answer == streamed for asked, answer, streamed in answers)


def test_loops_in_threads_share_one_model(start: Any, make: Any) -> None:
    llm = make(start())

    def one(_: int) -> str:
        return str(asyncio.run(llm.achat(ASK)).message.content)

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(one, range(8)))

    assert len(answers) == 1
    assert "rivers" in answers.pop()


def _child(llm: Any, outcome: Any) -> None:
    try:
        outcome.put([str(llm.chat(ASK).message.content), str(asyncio.run(llm.achat(ASK)).message.content)])
    except GStreamError as error:
        outcome.put([repr(error)])


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_used_model_works_in_a_forked_process(start: Any, make: Any) -> None:
    """It must not use the connections of its parent."""
    llm = make(start(), max_retries=0)
    expected = str(llm.chat(ASK).message.content)
    context: Any = multiprocessing.get_context("fork")
    outcome = context.SimpleQueue()

    process = context.Process(target=_child, args=(llm, outcome))
    process.start()
    answers = outcome.get()
    process.join(30)

    assert answers == [expected, expected]
    assert process.exitcode == 0
    assert str(llm.chat(ASK).message.content) == expected


def test_messages_of_an_answer_can_be_copied_and_pickled(wired: Any) -> None:
    parts = [{"text": "Hm", "thought": True}, {"text": "One"}, {"text": "", "thoughtSignature": "c2ln"}]
    llm, bodies = wired({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})

    message = llm.chat(ASK).message
    for again in (message, copy.deepcopy(message), pickle.loads(pickle.dumps(message))):  # noqa: S301 - our own bytes
        llm.chat([*ASK, again, *ASK])

    assert bodies[1]["contents"][1]["parts"] == parts
    assert bodies[1] == bodies[2] == bodies[3]

"""Chunks of the core become LangChain messages: what `stream` adds up to, what `invoke` gives, and both agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.load import dumps, loads
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.messages.utils import convert_to_messages, message_chunk_to_message

from gstream import (
    Blob,
    Chunk,
    CodeResult,
    ExecutableCode,
    FileRef,
    FunctionCall,
    FunctionResponse,
    Opaque,
    Text,
    Thought,
    Turn,
    Usage,
    collect,
)
from langchain_gstream.chunks import MessageStream, answer
from langchain_gstream.messages import read_messages

if TYPE_CHECKING:
    from gstream import Part

Steps = list[list["Part"]]

LAST = Chunk(
    finish_reason="STOP",
    usage=Usage(prompt=5, candidates=7, thoughts=3, cached=2, stated_total=15, details={"prompt": {"image": 4}}),
    raw={"modelVersion": "gemini-x", "responseId": "r1", "candidates": [{"safetyRatings": [{"category": "C"}]}]},
    last=True,
    endpoint="shuyou",
)

CASES: dict[str, Steps] = {
    "plain text": [[Text("Hel")], [Text("lo")]],
    "text and the signature behind it": [[Text("Hel")], [Text("lo")], [Text("", "c2ln")]],
    "a signed first text": [[Text("I", "c2ln")], [Text(" see")]],
    "a signed last text": [[Text("I")], [Text(" see", "c2ln")]],
    "thoughts, then text": [[Thought("Let ")], [Thought("me")], [Text("Yes")], [Text(".")]],
    "thoughts between texts": [[Thought("a")], [Text("b")], [Thought("c")], [Text("d")]],
    "text before an unexpected thought": [[Text("b")], [Thought("c")], [Text("d")]],
    "one signed call": [[FunctionCall("f", {"x": 1}, "id1", "c2ln")]],
    "two calls, the first signed": [[FunctionCall("f", {"x": 1}, "id1", "c2ln"), FunctionCall("g", {}, "id2")]],
    "text, then a call": [[Text("I call.")], [FunctionCall("f", {}, "id1", "c2ln")]],
    "text on both sides of a call": [[Text("A")], [FunctionCall("f", {}, "id1")], [Text("B")]],
    "a call, then text": [[FunctionCall("f", {}, "id1", "c2ln")], [Text("B")]],
    "a thought, a call, a thought": [[Thought("a")], [FunctionCall("f", {}, "id1", "c2ln")], [Thought("b")]],
    "an image": [[Text("See: ")], [Blob("image/png", "aGk=", None, signature="c2ln")]],
    "a draft image": [[Blob("image/png", "aGk=", thought=True)], [Text("done")]],
    "a file and its name": [[Blob("application/pdf", "aGk=", "a.pdf")], [FileRef("https://x/y.mp4", "video/mp4")]],
    "raw sound in two pieces": [
        [Text("Listen: ")],
        [Blob("audio/L16;rate=24000", "YWJjZA==")],
        [Blob("audio/L16;rate=24000", "ZWZnaGk=")],
    ],
    "raw sound in two pieces, then text": [
        [Blob("audio/L16;rate=24000", "YWJjZA==")],
        [Blob("audio/L16;rate=24000", "ZWZnaGk=")],
        [Text("Heard?")],
    ],
    "code and its result": [
        [ExecutableCode("print(1)", "PYTHON", "c1", "c2ln")],
        [CodeResult("OUTCOME_OK", "1\n", "c1")],
        [Text("One.")],
    ],
    "a kind nobody knows": [[Opaque({"toolCall": {"id": "t"}, "thoughtSignature": "c2ln"})], [Text("x")]],
    "keys no field holds": [[Text("x", None, {"partMetadata": {"a": 1}})], [Text("y")]],
}


def streamed(steps: Steps, *, blocks: bool = False) -> AIMessageChunk:
    """Return the sum of the message chunks of a stream."""
    state = MessageStream(blocks=blocks)
    total: Any = None
    for step in [*steps, None]:
        made = state.feed(LAST if step is None else Chunk(tuple(step))).message
        total = made if total is None else total + made
    assert isinstance(total, AIMessageChunk)
    return total


def whole(steps: Steps) -> AIMessage:
    """Return what `invoke` makes of the same stream."""
    return answer(collect([*(Chunk(tuple(step)) for step in steps), LAST]))


def sent(message: AIMessage) -> tuple[Part, ...]:
    """Return the parts that go back for a message, its calls answered."""
    results = [ToolMessage("ok", tool_call_id=call["id"] or "") for call in message.tool_calls]
    turns, _ = read_messages([HumanMessage("hi"), message, *results])
    assert turns[1].role == "model"
    return turns[1].parts


def merged(steps: Steps) -> tuple[Part, ...]:
    return collect(Chunk(tuple(step)) for step in steps).parts


@pytest.mark.parametrize("blocks", [False, True], ids=["text first", "blocks first"])
@pytest.mark.parametrize("steps", CASES.values(), ids=CASES)
def test_a_streamed_answer_goes_back_part_for_part(steps: Steps, blocks: bool) -> None:  # noqa: FBT001 - a pytest parameter
    total = streamed(steps, blocks=blocks)

    assert merged(steps) == sent(total)


@pytest.mark.parametrize("steps", CASES.values(), ids=CASES)
def test_a_whole_answer_goes_back_part_for_part(steps: Steps) -> None:
    assert merged(steps) == sent(whole(steps))


@pytest.mark.filterwarnings("ignore:The function `loads` is in beta")  # it is what checkpointers use
@pytest.mark.parametrize("steps", CASES.values(), ids=CASES)
def test_an_answer_survives_json_and_goes_back_part_for_part(steps: Steps) -> None:
    through_json = loads(dumps(whole(steps)), allowed_objects="all")
    through_chunk = message_chunk_to_message(streamed(steps))
    (through_dict,) = convert_to_messages([whole(steps).model_dump()])

    for message in (through_json, through_chunk, through_dict):
        assert isinstance(message, AIMessage)
        assert merged(steps) == sent(message)


@pytest.mark.parametrize("steps", CASES.values(), ids=CASES)
def test_invoke_and_stream_give_the_same_blocks(steps: Steps) -> None:
    def bare(message: AIMessage) -> list[Any]:
        return [{key: value for key, value in block.items() if key != "index"} for block in message.content_blocks]

    joined = [block for block in bare(streamed(steps)) if block != {"type": "text", "text": ""}]

    assert bare(whole(steps)) == joined


def test_content_is_a_string_while_it_is_only_text() -> None:
    for name in ("plain text", "text and the signature behind it"):
        assert whole(CASES[name]).content == "Hello"
        assert streamed(CASES[name]).content == "Hello"
    assert whole(CASES["two calls, the first signed"]).content == ""
    assert whole(CASES["text, then a call"]).content == "I call."


def test_a_stream_says_once_how_it_ended_and_what_it_cost() -> None:
    total = streamed(CASES["plain text"])

    assert total.chunk_position == "last"
    assert total.usage_metadata == {
        "input_tokens": 5,
        "output_tokens": 10,
        "total_tokens": 15,
        "input_token_details": {"image": 4, "cache_read": 2},
        "output_token_details": {"reasoning": 3},
    }
    assert total.response_metadata == {
        "model_provider": "gstream",
        "endpoint": "shuyou",
        "finish_reason": "STOP",
        "model_name": "gemini-x",
        "response_id": "r1",
        "safety_ratings": [{"category": "C"}],
    }
    assert whole(CASES["plain text"]).response_metadata == total.response_metadata
    assert whole(CASES["plain text"]).usage_metadata == total.usage_metadata


def test_calls_without_an_id_get_one_each_that_is_never_sent() -> None:
    message = whole([[FunctionCall("f", {"n": 1}), FunctionCall("f", {"n": 2})]])
    first, second = (call["id"] for call in message.tool_calls)

    assert first
    assert second
    assert first != second
    results = [ToolMessage("two", tool_call_id=second), ToolMessage("one", tool_call_id=first)]
    turns, _ = read_messages([HumanMessage("hi"), message, *results])
    assert [part.id for part in turns[1].parts if isinstance(part, FunctionCall)] == [first, second]
    assert all(str(id_).startswith("gstream-") for id_ in (first, second))


def test_arguments_that_are_no_object_become_an_invalid_tool_call() -> None:
    """LangChain itself would complete half an object and run the tool with it."""
    steps: Steps = [[FunctionCall("f", {}, "id1", malformed='{"x": ')], [FunctionCall("g", {}, "id2", malformed="[1]")]]
    for message in (whole(steps), streamed(steps)):
        invalid = [(call["name"], call["args"], call["id"]) for call in message.invalid_tool_calls]

        assert message.tool_calls == []
        assert invalid == [("f", 'not a JSON object: {"x": ', "id1"), ("g", "not a JSON object: [1]", "id2")]


def test_another_providers_answer_loses_its_thoughts_and_keeps_its_calls_under_local_ids() -> None:
    foreign = AIMessage(
        content=[
            {"type": "thinking", "thinking": "hm", "signature": "theirs"},
            {"type": "text", "text": "I look."},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"x": 1}},
        ],
        tool_calls=[{"name": "f", "args": {"x": 1}, "id": "toolu_1", "type": "tool_call"}],
        response_metadata={"model_provider": "anthropic"},
    )
    turns, _ = read_messages([HumanMessage("hi"), foreign, ToolMessage("ok", tool_call_id="toolu_1")])

    assert turns[1:] == (
        Turn("model", (Text("I look."), FunctionCall("f", {"x": 1}, "gstream-toolu_1"))),
        Turn("user", (FunctionResponse("f", {"output": "ok"}, "gstream-toolu_1"),)),
    )

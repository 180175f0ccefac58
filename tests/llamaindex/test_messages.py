"""Messages in, request out: every block, every role, and what cannot be sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from llama_index.core.base.llms.types import (
    CacheControl,
    CachePoint,
    ChatMessage,
    DocumentBlock,
    ImageBlock,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from gstream import Blob, FunctionCall, FunctionResponse, RequestError, Text, Thought, Turn
from llamaindex_gstream.messages import conversation

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(16)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(16)
PDF = b"%PDF-1.7 ..."


def sent(*messages: ChatMessage) -> tuple[Turn, ...]:
    return conversation(messages)[0]


def user(*blocks: Any) -> ChatMessage:
    return ChatMessage(role="user", blocks=list(blocks))


def called(*calls: tuple[str, str | None], **known: Any) -> ChatMessage:
    blocks = [ToolCallBlock(tool_name=name, tool_call_id=id_, tool_kwargs={"x": 1}) for name, id_ in calls]
    return ChatMessage(role="assistant", blocks=blocks, additional_kwargs=known)


def result(content: str, id_: str | None = None, **known: Any) -> ChatMessage:
    return ChatMessage(role="tool", content=content, additional_kwargs={"tool_call_id": id_, **known})


def test_a_cache_point_and_empty_texts_are_not_sent() -> None:
    point = CachePoint(cache_control=CacheControl(type="ephemeral"))

    assert sent(user(TextBlock(text="A"), point, TextBlock(text=""), TextBlock(text="B"))) == (
        Turn("user", (Text("A"), Text("B"))),
    )


def test_every_system_and_developer_message_is_system_text() -> None:
    turns, system = conversation(
        [
            ChatMessage(role="system", content="One."),
            ChatMessage(role="user", content="Hi"),
            ChatMessage(role="developer", content="Two."),
        ]
    )

    assert system == (Text("One."), Text("Two."))
    assert turns == (Turn("user", (Text("Hi"),)),)


@pytest.mark.parametrize("role", [MessageRole.ASSISTANT, MessageRole.MODEL, MessageRole.CHATBOT])
def test_every_name_of_the_model_is_its_role(role: MessageRole) -> None:
    assert sent(ChatMessage(role=role, content="Hi")) == (Turn("model", (Text("Hi"),)),)


def test_neighbours_of_one_role_are_joined_on_the_wire_and_left_alone_here(wired: Any) -> None:
    llm, bodies = wired()
    messages = [ChatMessage(role="user", content="A"), ChatMessage(role="user", content="B")]
    before = [message.model_dump_json() for message in messages]

    for _ in range(2):
        llm.chat(messages)

    assert bodies[0]["contents"] == [{"role": "user", "parts": [{"text": "A"}, {"text": "B"}]}]
    assert bodies[0] == bodies[1]
    assert [message.model_dump_json() for message in messages] == before


def test_a_thought_goes_back_as_a_thought() -> None:
    block = ThinkingBlock(content="Hm", additional_information={"thought_signature": "c2ln"})

    assert sent(ChatMessage(role="assistant", blocks=[block])) == (Turn("model", (Thought("Hm", "c2ln"),)),)


def test_arguments_given_as_text_are_read() -> None:
    block = ToolCallBlock(tool_name="f", tool_call_id="1", tool_kwargs='{"x": 1}')
    broken = ToolCallBlock(tool_name="f", tool_call_id="1", tool_kwargs='{"x": ')

    ((_, (call,)),) = ((turn.role, turn.parts) for turn in sent(ChatMessage(role="assistant", blocks=[block])))
    ((_, (bad,)),) = ((turn.role, turn.parts) for turn in sent(ChatMessage(role="assistant", blocks=[broken])))

    assert call == FunctionCall("f", {"x": 1}, "1")
    assert bad == FunctionCall("f", {}, "1", malformed='{"x": ')


def test_a_result_answers_its_call_under_name_and_id() -> None:
    turns = sent(called(("f", "a"), ("g", "b")), result('{"ok": true}', "b"), result("plain", "a"))

    assert turns[1:] == (
        Turn("user", (FunctionResponse("g", {"ok": True}, "b"),)),
        Turn("user", (FunctionResponse("f", {"output": "plain"}, "a"),)),
    )


def test_a_result_of_the_role_function_is_found_by_name() -> None:
    message = ChatMessage(role="function", content="1", additional_kwargs={"name": "f"})

    assert sent(called(("f", None)), message)[1] == Turn("user", (FunctionResponse("f", {"output": "1"}),))


@pytest.mark.parametrize("text", ['{"x": NaN}', "[1, 2]", "{'x': 1}", "", "{broken"])
def test_a_result_that_is_no_json_object_is_output(text: str) -> None:
    (response,) = sent(called(("f", "a")), result(text, "a"))[1].parts

    assert response == FunctionResponse("f", {"output": text}, "a")


def test_media_of_a_result_go_with_it() -> None:
    message = ChatMessage(
        role="tool", blocks=[TextBlock(text="A map"), ImageBlock(image=PNG)], additional_kwargs={"tool_call_id": "a"}
    )

    (response,) = sent(called(("f", "a")), message)[1].parts

    assert response == FunctionResponse("f", {"output": "A map"}, "a", (Blob.of(PNG, "image/png"),))


def test_a_tool_call_id_counts_on_results_only() -> None:
    """With `return_direct`, agents put one on the assistant's message too."""
    message = ChatMessage(role="assistant", content="Done", additional_kwargs={"tool_call_id": "a"})

    assert sent(message) == (Turn("model", (Text("Done"),)),)


def test_calls_of_other_providers_get_local_ids_on_both_sides() -> None:
    class Function:
        name = "g"
        arguments = "{}"

    class Call:
        id = "call_2"
        function = Function()

    openai = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
    message = ChatMessage(role="assistant", content=None, additional_kwargs={"tool_calls": [openai, Call()]})

    turns = sent(message, result("1", "call_1"), result("2", "call_2"))

    assert turns[0] == Turn(
        "model", (FunctionCall("f", {"x": 1}, "gstream-call_1"), FunctionCall("g", {}, "gstream-call_2"))
    )
    assert [turn.parts[0].id for turn in turns[1:]] == ["gstream-call_1", "gstream-call_2"]  # type: ignore[union-attr]


def test_an_id_that_is_the_name_is_none() -> None:
    """`GoogleGenAI` writes it where its server gave no id."""
    turns = sent(called(("f", "f"), ("f", "f")), result("1", "f"), result("2", "f"))

    assert {part.id for turn in turns for part in turn.parts} == {"gstream-f"}  # type: ignore[union-attr]


def test_local_ids_are_not_sent_and_server_ids_are(wired: Any) -> None:
    llm, bodies = wired()

    llm.chat(
        [
            user(TextBlock(text="Hi")),
            called(("f", "gstream-1"), ("g", "srv")),
            result("1", "gstream-1"),
            result("2", "srv"),
        ]
    )

    _, call, response = bodies[0]["contents"]
    assert [part["functionCall"].get("id") for part in call["parts"]] == [None, "srv"]
    assert [part["functionResponse"].get("id") for part in response["parts"]] == [None, "srv"]


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([user(ToolCallBlock(tool_name="f"))], ["messages[0] (role 'user')", "'f'", "assistant"]),
        ([user(TextBlock(text="A"), ImageBlock())], ["messages[0]", "block 1 (image)", "neither bytes nor a path"]),
        ([user(ImageBlock(url="ftp://x/y.png"))], ["block 0 (image)", "ftp"]),
        ([user(DocumentBlock(data=b"\xff\xfe\x00\xff"))], ["block 0 (document)", "media type"]),
        ([user(DocumentBlock(path="/no/such/file.pdf"))], ["block 0 (document)", "No such file"]),
        (["Hi"], ["messages[0]", "ChatMessage", "'str'"]),
        (
            [ChatMessage(role="assistant", additional_kwargs={"tool_calls": [{"id": "x"}]})],
            ["messages[0] (role 'assistant')", "without a name"],
        ),
    ],
)
def test_what_cannot_be_sent_is_named_with_its_place(messages: list[Any], words: list[str]) -> None:
    with pytest.raises(RequestError) as caught:
        conversation(messages)

    assert [word for word in words if word not in str(caught.value)] == []


def test_messages_history_and_settings_of_the_caller_stay_as_they_are(start: Any, make: Any) -> None:
    messages = [
        ChatMessage(role="system", content="Be brief."),
        ChatMessage(role="user", blocks=[TextBlock(text="Hi"), ImageBlock(image=PNG)]),
        called(("f", None)),
        result("1"),
        ChatMessage(role="user", content="And now?"),
    ]
    before = json.dumps([message.model_dump(mode="json") for message in messages])
    safety = {"HARM_CATEGORY_HARASSMENT": "BLOCK_NONE"}
    llm = make(start())

    llm.chat(messages, safety_settings=safety)
    list(llm.stream_chat(messages, safety_settings=safety))

    assert json.dumps([message.model_dump(mode="json") for message in messages]) == before
    assert safety == {"HARM_CATEGORY_HARASSMENT": "BLOCK_NONE"}

"""What a model said goes back part for part, through JSON, and as far as it can after an edit."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, TextBlock, ThinkingBlock

from gstream import Blob, Chunk, CodeResult, ExecutableCode, FileRef, FunctionCall, Opaque, Part, Text, Thought
from llamaindex_gstream.chunks import Answer
from llamaindex_gstream.messages import conversation

CASES: dict[str, tuple[Part, ...]] = {
    "text": (Text("Hello."),),
    "signed empty text at the end": (Text("Hello."), Text("", "c2ln")),
    "signed text between texts": (Text("One "), Text("two ", "c2ln"), Text("three")),
    "white space around": (Text("\n Hello "), Text(" there\n", "c2ln")),
    "only white space": (Text(" \n", "c2ln"),),
    "only a signature": (Thought("Hm"), Text("", "c2ln")),
    "thoughts": (Thought("Hm"), Text("Yes."), Thought("Well", "dGhpcw==")),
    "neighbouring thoughts, one signed": (Thought("a", "c2ln"), Thought("b")),
    "calls, the first signed": (FunctionCall("f", {"x": 1}, "a", "c2ln"), FunctionCall("g", {}, "b")),
    "only the last call signed": (
        FunctionCall("f", {}, "a"),
        FunctionCall("g", {}, "b"),
        FunctionCall("g", {}, "c", "c2ln"),
    ),
    "text around a call": (Text("one "), FunctionCall("f", {}, "a", "c2ln"), Text("two"), Text("", "ZW5k")),
    "a call with more beside it": (FunctionCall("f", {}, "a", "c2ln", None, {"partMetadata": {"k": 1}}),),
    "malformed arguments": (FunctionCall("f", {}, "a", None, '{"x": '),),
    "code": (
        ExecutableCode("print(1)", "PYTHON", "x", "c2ln"),
        CodeResult("OUTCOME_OK", "1\n", "x"),
        Text("It is 1."),
    ),
    "image between texts": (Text("See "), Blob("image/png", "iVBORw0KGgo=", signature="c2ln"), Text("that.")),
    "a draft": (Blob("image/png", "iVBORw0KGgo=", None, thought=True), Blob("image/png", "iVBORw0KGgo=")),
    "audio": (Blob("audio/L16;codec=pcm;rate=24000", "AAEC"), Blob("audio/mp3", "AAEC"), Blob("audio/x-wav", "AAEC")),
    "video and document": (Blob("video/mp4", "AAEC"), Blob("application/pdf", "JVBERi0="), Blob("text/plain", "QQ==")),
    "a file elsewhere": (FileRef("https://example.com", "image/png"), Text("There."), FileRef("gs://b/x", None, "x")),
    "unknown kinds": (Opaque({"toolCall": {"id": "1"}, "thoughtSignature": "c2ln"}), Text("Found.")),
    "text with more beside it": (Text("Hello.", None, {"partMetadata": {"k": [1, 2]}}),),
}


def message_of(*parts: Part) -> ChatMessage:
    answer = Answer(model="gemini-3-pro-preview")
    for part in parts:
        answer.feed(Chunk((part,)))
    answer.feed(Chunk((), "STOP", last=True))
    return answer.close(streamed=True).message


def sent(message: ChatMessage) -> tuple[Part, ...]:
    ((turn,), _) = conversation([message])
    return turn.parts


@pytest.mark.parametrize("parts", [pytest.param(parts, id=name) for name, parts in CASES.items()])
def test_parts_come_back_equal_through_json(parts: tuple[Part, ...]) -> None:
    message = message_of(*parts)

    stored = ChatMessage.model_validate_json(message.model_dump_json())

    assert sent(message) == parts
    assert sent(stored) == parts
    assert (message.content or "") == "".join(part.text for part in parts if isinstance(part, Text))


@pytest.mark.parametrize("name", ["text", "thoughts", "calls, the first signed", "video and document"])
def test_nothing_is_written_beside_blocks_that_say_it_all(name: str) -> None:
    assert "gstream_parts" not in message_of(*CASES[name]).additional_kwargs


def test_signatures_survive_the_strip_of_a_chat_engine() -> None:
    message = message_of(Text("\nHello.\n"), Text("", "c2ln"))

    message.blocks = [TextBlock(text=str(message.content).strip())]

    assert sent(message) == (Text("\nHello.\n"), Text("", "c2ln"))


def test_an_edited_text_is_sent_as_it_is_now_without_the_signature_of_the_old() -> None:
    message = message_of(Thought("Hm"), Text("One "), Text("two", "c2ln"), FunctionCall("f", {}, "a", "Y2FsbA=="))

    message.blocks = [TextBlock(text="Three") if isinstance(block, TextBlock) else block for block in message.blocks]

    assert sent(message) == (Thought("Hm"), Text("Three"), FunctionCall("f", {}, "a", "Y2FsbA=="))


def test_a_removed_block_is_gone_and_an_added_one_comes_last() -> None:
    message = message_of(Thought("Hm"), Text("One"), Text("", "c2ln"))

    message.blocks = [message.blocks[1], ThinkingBlock(content="New")]

    assert sent(message) == (Thought("New"), Text("One"), Text("", "c2ln")) or sent(message) == (
        Text("One"),
        Text("", "c2ln"),
        Thought("New"),
    )


def test_a_call_keeps_its_signature_wherever_it_moves() -> None:
    message = message_of(FunctionCall("f", {}, "a"), FunctionCall("g", {}, "b", "c2ln"))

    message.blocks = message.blocks[1:]

    assert sent(message) == (FunctionCall("g", {}, "b", "c2ln"),)


def test_a_call_without_an_id_gets_a_local_one_of_its_own() -> None:
    message = message_of(FunctionCall("f", {}), FunctionCall("f", {}))

    first, second = sent(message)

    assert isinstance(first, FunctionCall)
    assert isinstance(second, FunctionCall)
    assert str(first.id).startswith("gstream-")
    assert first.id != second.id


def test_the_emulator_knows_its_signatures_again(start: Any, make: Any) -> None:
    """It refuses a signature that moved to another part."""
    llm = make(start(), model="gemini-3-flash-preview", include_thoughts=True)
    messages = [ChatMessage(role="user", content="Tell me about rivers.")]

    for stored in (False, True):
        message = list(llm.stream_chat(messages))[-1].message
        if stored:
            message = ChatMessage.model_validate_json(message.model_dump_json())
        messages += [message, ChatMessage(role="user", content="And about lakes?")]

    assert llm.chat(messages).message.content

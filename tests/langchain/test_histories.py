"""Every row of the table of messages: histories of every origin, and the exact request they become."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from gstream import FunctionCall, FunctionResponse, Prompt, RequestError, Text
from gstream.request import build_body
from gstream.turns import PLACEHOLDER
from langchain_gstream.messages import read_messages
from tests.langchain.test_inputs import PDF, PNG, Json, body_of, contents_of, inline, text, user

if TYPE_CHECKING:
    from gstream.emulator import Emulator


def model(*parts: Json) -> Json:
    return {"role": "model", "parts": list(parts)}


# -- messages -----------------------------------------------------------------------------------------------------


def test_a_human_message_that_is_a_string(google: Emulator) -> None:
    assert contents_of(google, HumanMessage("hello")) == [user(text("hello"))]


def test_several_system_messages_anywhere(google: Emulator) -> None:
    messages: list[AnyMessage] = [
        HumanMessage("hello"),
        SystemMessage("Be kind."),
        AIMessage("Hi."),
        SystemMessage([{"type": "text", "text": "Be short."}]),
        ChatMessage(content="Be right.", role="developer"),
        HumanMessage("and now?"),
    ]
    body = body_of(google, messages)

    assert body["systemInstruction"] == {"parts": [text("Be kind."), text("Be short."), text("Be right.")]}
    assert body["contents"] == [user(text("hello")), model(text("Hi.")), user(text("and now?"))]


def test_an_empty_human_message_is_left_out(google: Emulator) -> None:
    assert contents_of(google, HumanMessage("hello"), AIMessage("Hi."), HumanMessage(""), HumanMessage("more")) == [
        user(text("hello")),
        model(text("Hi.")),
        user(text("more")),
    ]


def test_two_human_messages_in_a_row(google: Emulator) -> None:
    assert contents_of(google, HumanMessage("a"), HumanMessage("b")) == [user(text("a"), text("b"))]


def test_chat_messages_by_role(google: Emulator) -> None:
    messages = [
        ChatMessage(content="hello", role="user"),
        ChatMessage(content="Hi.", role="assistant"),
        ChatMessage(content="b", role="user"),
    ]

    assert contents_of(google, *messages) == [user(text("hello")), model(text("Hi.")), user(text("b"))]


# -- results of tools ---------------------------------------------------------------------------------------------

ASKED = AIMessage("", tool_calls=[{"name": "look", "args": {"at": "sky"}, "id": "c1", "type": "tool_call"}])
ASKED_SENT = model({"functionCall": {"name": "look", "args": {"at": "sky"}}, "thoughtSignature": PLACEHOLDER})


def answered(response: Json, *parts: Json) -> Json:
    return user(
        {"functionResponse": {"name": "look", "response": response, **({"parts": list(parts)} if parts else {})}}
    )


RESULTS: dict[str, tuple[str | list[str | Json], Json]] = {
    "str": ("blue", {"output": "blue"}),
    "empty str": ("", {"output": ""}),
    "JSON object": ('{"colour": "blue"}', {"colour": "blue"}),
    "empty JSON object": ("{}", {"output": "{}"}),
    "JSON array": ('[1, "b"]', {"output": [1, "b"]}),
    "JSON number stays exact": ("12345678901234567890", {"output": "12345678901234567890"}),
    "what only looks like JSON": ("{blue", {"output": "{blue"}),
    "NaN": ('{"x": NaN}', {"output": '{"x": NaN}'}),
    "half a character": (r'{"x": "\ud83d"}', {"output": r'{"x": "\ud83d"}'}),
    "an escaped emoji": (r'{"x": "\ud83d\ude00"}', {"x": "😀"}),
    "nested too deeply": ("[" * 100_000, {"output": "[" * 100_000}),
    "list of strings": (["a", "b"], {"output": "a\nb"}),
    "list of text": ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], {"output": "a\nb"}),
    "json block": ([{"type": "json", "json": {"x": 1}}], {"x": 1}),
    "dict without type": ([{"x": 1}], {"x": 1}),
    "block of an unknown type": ([{"type": "wormhole", "x": 1}], {"type": "wormhole", "x": 1}),
}


@pytest.mark.parametrize(("content", "response"), RESULTS.values(), ids=RESULTS)
def test_a_tool_message(google: Emulator, content: str | list[str | Json], response: Json) -> None:
    contents = contents_of(google, HumanMessage("go"), ASKED, ToolMessage(content, tool_call_id="c1"))

    assert contents == [user(text("go")), ASKED_SENT, answered(response)]


MEDIA_RESULTS: dict[str, tuple[Json, str, str]] = {
    "v1 image": ({"type": "image", "base64": PNG, "mime_type": "image/png"}, "image/png", PNG),
    "OpenAI image_url": ({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}, "image/png", PNG),
    "Anthropic image": (
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
        "image/png",
        PNG,
    ),
    "v1 PDF": ({"type": "file", "base64": PDF}, "application/pdf", PDF),
    "Anthropic PDF": (
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}},
        "application/pdf",
        PDF,
    ),
}


@pytest.mark.parametrize(("block", "mime_type", "data"), MEDIA_RESULTS.values(), ids=MEDIA_RESULTS)
def test_a_tool_message_with_media(google: Emulator, block: Json, mime_type: str, data: str) -> None:
    result = ToolMessage([{"type": "text", "text": "here"}, block], tool_call_id="c1")
    contents = contents_of(google, HumanMessage("go"), ASKED, result)

    assert contents[-1] == answered({"output": "here"}, inline(mime_type, data))


def test_a_tool_message_with_media_where_no_endpoint_document_knows_them_inside(emulator: Emulator) -> None:
    contents = contents_of(
        emulator,
        HumanMessage("go"),
        ASKED,
        ToolMessage([{"type": "image", "base64": PNG, "mime_type": "image/png"}], tool_call_id="c1"),
    )
    picture = inline("image/png", PNG)
    beside = answered({"output": ""})
    beside["parts"].append(picture)
    expected = answered({"output": ""}, picture) if emulator.endpoint.response_parts else beside

    assert contents[-1] == expected


def test_a_tool_message_with_status_error(google: Emulator) -> None:
    failed = ToolMessage("no such sky", tool_call_id="c1", status="error")

    assert contents_of(google, HumanMessage("go"), ASKED, failed)[-1] == answered({"error": "no such sky"})


def test_a_tool_message_without_a_matching_call_is_named() -> None:
    with pytest.raises(RequestError, match=r"message 2 \(tool\) answers the call 'c9', which no earlier message holds"):
        read_messages([HumanMessage("go"), ToolMessage("x", tool_call_id="c9")])


def test_a_function_message(google: Emulator) -> None:
    contents = contents_of(google, HumanMessage("go"), ASKED, FunctionMessage(content='{"x": 1}', name="look"))

    assert contents[-1] == answered({"x": 1})


def test_results_in_another_order_go_out_in_the_order_of_the_calls(google: Emulator) -> None:
    two = AIMessage("", tool_calls=[{"name": "look", "args": {"at": at}, "id": at} for at in ("a", "b")])
    contents = contents_of(
        google, HumanMessage("go"), two, ToolMessage("B", tool_call_id="b"), ToolMessage("A", tool_call_id="a")
    )

    assert contents[-1]["parts"] == [*answered({"output": "A"})["parts"], *answered({"output": "B"})["parts"]]


# -- other providers' histories -----------------------------------------------------------------------------------

CALL = {"type": "tool_use", "id": "c1", "name": "look", "input": {"at": "sky"}}
SAID_AND_CALLED = model(text("I look."), *ASKED_SENT["parts"])


def test_anthropic_tool_use_and_tool_result_in_a_human_message(google: Emulator) -> None:
    asked = AIMessage([{"type": "text", "text": "I look."}, CALL])
    result = {"type": "tool_result", "tool_use_id": "c1", "content": [
        {"type": "text", "text": "blue"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
    ]}  # fmt: skip
    contents = contents_of(google, HumanMessage("go"), asked, HumanMessage([result, {"type": "text", "text": "So?"}]))

    said = model(text("I look."), {"functionCall": {"name": "look", "args": {"at": "sky"}}})
    results = answered({"output": "blue"}, inline("image/png", PNG))
    assert contents == [user(text("go")), said, results, user(text("So?"))]


def test_anthropic_tool_result_with_is_error(google: Emulator) -> None:
    result = {"type": "tool_result", "tool_use_id": "c1", "content": "no sky", "is_error": True}
    contents = contents_of(google, HumanMessage("go"), ASKED, HumanMessage([result]))

    assert contents == [user(text("go")), ASKED_SENT, answered({"error": "no sky"})]


FOREIGN: dict[str, AIMessage] = {
    "anthropic": AIMessage(
        [{"type": "thinking", "thinking": "hm", "signature": "theirs"}, {"type": "text", "text": "I look."}, CALL],
        tool_calls=ASKED.tool_calls,
        response_metadata={"model_provider": "anthropic"},
    ),
    "openai": AIMessage(
        [
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]},
            {"type": "text", "text": "I look.", "annotations": []},
            {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "look", "arguments": '{"at": "sky"}'},
        ],
        tool_calls=ASKED.tool_calls,
        response_metadata={"model_provider": "openai"},
    ),
    "google_genai": AIMessage(
        [
            {"type": "thinking", "thinking": "hm"},
            {"type": "text", "text": "I look.", "extras": {"signature": "theirs"}},
        ],
        tool_calls=ASKED.tool_calls,
        additional_kwargs={"__gemini_function_call_thought_signatures__": {"c1": "theirs"}},
        response_metadata={"model_provider": "google_genai"},
    ),
    "nobody": AIMessage("I look.", tool_calls=ASKED.tool_calls),
}


@pytest.mark.parametrize("message", FOREIGN.values(), ids=FOREIGN)
def test_an_answer_of_another_provider(google: Emulator, message: AIMessage) -> None:
    contents = contents_of(google, HumanMessage("go"), message, ToolMessage("blue", tool_call_id="c1"))

    assert contents == [user(text("go")), SAID_AND_CALLED, answered({"output": "blue"})]


def test_a_call_goes_back_where_it_stood_between_texts(google: Emulator) -> None:
    between = AIMessage([{"type": "text", "text": "A"}, CALL, {"type": "text", "text": "B"}])
    contents = contents_of(google, HumanMessage("go"), between, ToolMessage("blue", tool_call_id="c1"))

    assert contents[1] == model(text("A"), *ASKED_SENT["parts"], text("B"))


def test_code_that_another_librarys_gemini_ran(google: Emulator) -> None:
    ran = AIMessage(
        [
            {"type": "executable_code", "executable_code": "print(1)", "language": "PYTHON", "id": "x"},
            {"type": "code_execution_result", "code_execution_result": "1\n", "outcome": 1, "tool_call_id": "x"},
            {"type": "text", "text": "One."},
        ],
        response_metadata={"model_provider": "google_genai"},
    )

    assert contents_of(google, HumanMessage("go"), ran, HumanMessage("more"))[1] == model(
        {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
        text("One."),
    )


# -- our own history ----------------------------------------------------------------------------------------------

OWN = {"model_provider": "gstream"}


def test_reasoning_and_server_tool_calls_of_our_own_history() -> None:
    own = AIMessage(
        [
            {"type": "reasoning", "reasoning": "hm", "extras": {"signature": "c2ln"}},
            {"type": "server_tool_call", "name": "code_interpreter", "id": "x", "args": {"code": "print(1)"}},
            {"type": "server_tool_result", "tool_call_id": "x", "status": "error", "output": "1\n"},
            {"type": "text", "text": "One."},
            {"type": "refusal", "refusal": "no"},
        ],
        response_metadata=OWN,
    )

    turns, system = read_messages([HumanMessage("go"), own, HumanMessage("more")])

    assert build_body(Prompt("gemini-3-flash-preview", turns, system))["contents"][1] == model(
        {"text": "hm", "thought": True, "thoughtSignature": "c2ln"},
        {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "1\n"}},
        text("One."),
    )


def test_a_tool_message_whose_call_was_left_out_goes_under_its_own_name() -> None:
    turns, _ = read_messages([HumanMessage("go"), ToolMessage("blue", tool_call_id="c9", name="look")])

    assert turns[-1].parts == (FunctionResponse("look", {"output": "blue"}),)


def test_a_call_without_an_id_goes_back_without_one() -> None:
    asked = AIMessage("", tool_calls=[{"name": "look", "args": {"at": "sky"}, "id": None, "type": "tool_call"}])

    assert read_messages([HumanMessage("go"), asked])[0][1].parts == (FunctionCall("look", {"at": "sky"}),)


def test_a_tool_of_the_server_that_gemini_has_not_is_left_out() -> None:
    searched = {"type": "server_tool_call", "name": "web_search", "id": "x", "args": {"query": "sky"}}
    own = AIMessage([searched, {"type": "text", "text": "Blue."}], response_metadata=OWN)

    assert read_messages([HumanMessage("go"), own])[0][1].parts == (Text("Blue."),)


def test_a_message_of_an_unknown_class_is_named() -> None:
    class Note(BaseMessage):
        type: str = "note"

    with pytest.raises(RequestError, match=r"message 1 \(note\) of class Note cannot be sent"):
        read_messages([Note(content="x")])

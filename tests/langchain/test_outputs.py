"""What comes out: for each kind of part the exact message, whole and streamed alike, and the way back in."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, Final, TypedDict

import pytest
from langchain_core.messages import HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import StateGraph

from gstream.emulator import Emulator
from langchain_gstream.metadata import REFUSALS
from tests.langchain.conftest import bare, model_of, response, sent_parts

if TYPE_CHECKING:
    from tests.langchain.conftest import Ask

Json = dict[str, Any]

RAW: Final = "audio/L16;codec=pcm;rate=24000"


def inline(mime_type: str | None, data: str, **more: Any) -> Json:
    return {"inlineData": {**({"mimeType": mime_type} if mime_type else {}), "data": data}, **more}


def text(said: str, **more: Any) -> Json:
    return {"type": "text", "text": said, **more}


ROWS: Final[dict[str, tuple[list[Json], list[Json]]]] = {
    "text": ([{"text": "Hel"}, {"text": "lo"}], [text("Hello")]),
    "thoughts": (
        [{"text": "Let ", "thought": True}, {"text": "me", "thought": True}, {"text": "Yes"}],
        [{"type": "reasoning", "reasoning": "Let me"}, text("Yes")],
    ),
    "signature of a text": (
        [{"text": "Yes", "thoughtSignature": "c2ln"}],
        [text("Yes", extras={"signature": "c2ln"})],
    ),
    "signature behind a text": (
        [{"text": "hm", "thought": True}, {"text": "Yes"}, {"text": "", "thoughtSignature": "c2ln"}],
        [{"type": "reasoning", "reasoning": "hm"}, text("Yes", extras={"signature_behind": "c2ln"})],
    ),
    "signature of a thought": (
        [{"text": "hm", "thought": True, "thoughtSignature": "c2ln"}, {"text": "Yes"}],
        [{"type": "reasoning", "reasoning": "hm", "extras": {"signature": "c2ln"}}, text("Yes")],
    ),
    "executable_code and code_execution_result": (
        [
            {"executableCode": {"id": "c1", "language": "PYTHON", "code": "print(1)"}},
            {"codeExecutionResult": {"id": "c1", "outcome": "OUTCOME_OK", "output": "1\n"}},
            {"text": "One."},
        ],
        [
            {
                "type": "server_tool_call",
                "name": "code_interpreter",
                "id": "c1",
                "args": {"code": "print(1)", "language": "PYTHON"},
                "extras": {"id": "c1"},
            },
            {
                "type": "server_tool_result",
                "tool_call_id": "c1",
                "status": "success",
                "output": "1\n",
                "extras": {"id": "c1", "outcome": "OUTCOME_OK"},
            },
            text("One."),
        ],
    ),
    "image": (
        [{"text": "See: "}, inline("image/png", "aGk=", thoughtSignature="c2ln")],
        [
            text("See: "),
            {"type": "image", "base64": "aGk=", "mime_type": "image/png", "extras": {"signature": "c2ln"}},
        ],
    ),
    "audio that is no raw sound": (
        [inline("audio/mp3", "SUQz")],
        [{"type": "audio", "base64": "SUQz", "mime_type": "audio/mp3"}],
    ),
    "other inlineData": (
        [{"inlineData": {"mimeType": "application/pdf", "data": "aGk=", "displayName": "a.pdf"}}],
        [{"type": "file", "base64": "aGk=", "mime_type": "application/pdf", "extras": {"name": "a.pdf"}}],
    ),
    "inlineData without mimeType": (
        [inline(None, "aGk=")],
        [{"type": "file", "base64": "aGk=", "mime_type": "application/octet-stream"}],
    ),
    "fileData": (
        [{"fileData": {"fileUri": "https://a.example/b.mp4", "mimeType": "video/mp4"}}],
        [{"type": "video", "url": "https://a.example/b.mp4", "mime_type": "video/mp4"}],
    ),
    "fileData by id": (
        [{"fileData": {"fileUri": "files/b1"}}],
        [{"type": "file", "file_id": "files/b1"}],
    ),
    "a part of a kind nobody knows": (
        [{"hologram": {"depth": 3}}, {"text": "x"}],
        [{"type": "non_standard", "value": {"hologram": {"depth": 3}}}, text("x")],
    ),
    "output_version v1": (
        [{"text": "a", "thought": True}, {"text": "b"}, {"text": "c", "thought": True}, {"text": "d"}],
        [
            {"type": "reasoning", "reasoning": "a"},
            text("b"),
            {"type": "reasoning", "reasoning": "c"},
            text("d"),
        ],
    ),
}


@pytest.mark.parametrize("version", ["v0", "v1"])
@pytest.mark.parametrize(("parts", "blocks"), ROWS.values(), ids=ROWS)
async def test_each_kind_of_part_becomes_its_standard_block(
    parts: list[Json], blocks: list[Json], version: str, ask: Ask
) -> None:
    with Emulator("google", script=response(*parts)) as e:
        message = await ask(model_of(e, output_version=version))
        again = await ask(model_of(e, output_version=version).bind(include_thoughts=True))

    assert bare(message.content_blocks) == bare(again.content_blocks) == blocks
    assert bare(message.content) == blocks
    assert message.tool_calls == []
    assert message.response_metadata.get("output_version") == ("v1" if version == "v1" else None)


@pytest.mark.parametrize("version", ["v0", "v1"])
async def test_content_is_a_string_where_it_is_only_text_and_v1_was_not_asked(version: str, ask: Ask) -> None:
    with Emulator("google", script=response({"text": "Hel"}, {"text": "lo"})) as e:
        message = await ask(model_of(e, output_version=version))

    assert isinstance(message.content, str) == (version == "v0")
    assert message.text == "Hello"


@pytest.mark.parametrize("version", ["v0", "v1"])
async def test_function_calls_keep_their_order_ids_arguments_and_signatures(version: str, ask: Ask) -> None:
    """Two calls and a text behind them: LangChain's own numbering would put the text into the second call."""
    parts: list[Json] = [
        {"functionCall": {"name": "f", "args": {"x": 1}, "id": "a"}, "thoughtSignature": "c2ln"},
        {"functionCall": {"name": "g", "args": {}, "id": "b"}},
        {"text": "Both asked."},
    ]
    with Emulator("google", script=response(*parts)) as e:
        message = await ask(model_of(e, output_version=version))

    assert message.tool_calls == [
        {"name": "f", "args": {"x": 1}, "id": "a", "type": "tool_call"},
        {"name": "g", "args": {}, "id": "b", "type": "tool_call"},
    ]
    assert message.text == "Both asked."
    calls = [block for block in message.content_blocks if block["type"] == "tool_call"]
    assert [(call["name"], call["args"], call["id"]) for call in calls] == [("f", {"x": 1}, "a"), ("g", {}, "b")]
    assert message.additional_kwargs["gstream"]["calls"] == {"a": {"at": 0, "signature": "c2ln"}, "b": {"at": 0}}


async def test_code_without_an_id_gets_one_that_its_result_shares_and_no_request_carries(ask: Ask) -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "print(1)"}}
    result = {"codeExecutionResult": {"outcome": "OUTCOME_FAILED"}}
    with Emulator("google", script=response(code, result, code, result)) as e:
        model = model_of(e)
        message = await ask(model)
        model.invoke([("human", "hi"), message, ("human", "go on")])
        body = e.requests[-1].body
    first, failed, second, _ = message.content_blocks

    assert [first["type"], failed["type"]] == ["server_tool_call", "server_tool_result"]
    assert first["id"] == failed["tool_call_id"] != second["id"]  # type: ignore[typeddict-item]  # as just asserted
    assert failed["status"] == "error"  # type: ignore[typeddict-item]  # as above
    assert body is not None
    assert body["contents"][1]["parts"] == [code, result, code, result]


GROUNDING: Final = {
    "groundingChunks": [{"web": {"uri": "https://a.example"}}],
    "groundingSupports": [
        {"segment": {"endIndex": 4, "text": "One."}, "groundingChunkIndices": [0]},
        {"segment": {"startIndex": 4, "endIndex": 8, "text": "Two."}, "groundingChunkIndices": [0]},
    ],
}


@pytest.mark.parametrize("version", ["v0", "v1"])
async def test_annotations_stand_on_the_block_they_speak_of(version: str, ask: Ask) -> None:
    """Also behind two calls, where LangChain's own numbering would put them onto the second call."""
    call = {"functionCall": {"name": "f", "args": {}, "id": "a"}}
    parts: list[Json] = [
        {"text": "One."},
        call,
        {"functionCall": {"name": "f", "args": {}, "id": "b"}},
        {"text": "Two."},
    ]
    with Emulator("google", script=response(*parts, groundingMetadata=GROUNDING)) as e:
        message = await ask(model_of(e, output_version=version))
    first, second = (block for block in message.content_blocks if block["type"] == "text")
    cited = {"type": "citation", "url": "https://a.example", "start_index": 0, "end_index": 4}

    assert bare([first]) == [text("One.", annotations=[{**cited, "cited_text": "One."}])]
    assert bare([second]) == [text("Two.", annotations=[{**cited, "cited_text": "Two."}])]
    assert [call["id"] for call in message.tool_calls] == ["a", "b"]
    assert message.content_blocks == message.content_blocks


# -- indices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v0", "v1"])
def test_no_two_blocks_of_a_stream_share_an_index(version: str) -> None:
    parts: list[Json] = [
        {"text": "a", "thought": True},
        {"text": "b"},
        {"functionCall": {"name": "f", "args": {}, "id": "1"}},
        {"functionCall": {"name": "f", "args": {}, "id": "2"}},
        {"text": "c"},
        inline("image/png", "aGk="),
        inline(RAW, "AQACAA=="),
        inline(RAW, "AQACAA=="),
        {"text": "", "thoughtSignature": "c2ln"},
    ]
    with Emulator("google", script=response(*parts, finishReason="SAFETY", groundingMetadata=GROUNDING)) as e:
        model = model_of(e, output_version=version, include_thoughts=True)
        total = reduce(add, model.stream("hi"))
    kinds = [block["type"] for block in total.content_blocks]
    indices = [block["index"] for block in total.content_blocks if "index" in block]

    assert len(set(indices)) == len(indices)
    assert sorted(kinds) == sorted(
        ["reasoning", "text", "tool_call", "tool_call", "text", "image", "audio", "text", *["refusal"] * REFUSALS]
    )


# -- signatures on their way ------------------------------------------------------------------------------------------

SIGNED: Final[list[Json]] = [
    {"text": "hm", "thought": True, "thoughtSignature": "b25l"},
    {"text": "I ask."},
    {"functionCall": {"name": "f", "args": {"x": 1}, "id": "a"}, "thoughtSignature": "dHdv"},
    {"functionCall": {"name": "f", "args": {"x": 2}, "id": "b"}},
    {"inlineData": {"mimeType": "image/png", "data": "aGk="}, "thoughtSignature": "dGhyZWU="},
    {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "AQACAA=="}},
    {"text": "Done."},
    {"text": "", "thoughtSignature": "Zm91cg=="},
]


@pytest.mark.filterwarnings("ignore:.*v3.*")
@pytest.mark.parametrize("way", ["invoke", "stream", "v1 invoke", "v1 stream", "events"])
def test_an_answer_goes_back_part_for_part_out_of_a_checkpoint(way: str) -> None:
    """Also what a stream adds up to, as v1 content, and as the newer events give it."""

    class State(TypedDict):
        messages: list[Any]

    with Emulator("google", script=response(*SIGNED)) as e:
        model = model_of(e, output_version="v1" if way.startswith("v1") else "v0")

        def ask(state: State) -> State:
            if way == "events":
                answer: Any = model.stream_events(state["messages"], version="v3").output
            else:
                answer = reduce(add, model.stream(state["messages"])) if "stream" in way else model.invoke("hi")
            return {"messages": [*state["messages"], answer]}

        saver = InMemorySaver()
        thread: Any = {"configurable": {"thread_id": "1"}}
        builder: Any = StateGraph(State)
        graph = builder.add_node("ask", ask).set_entry_point("ask").compile(checkpointer=saver)
        graph.invoke({"messages": [HumanMessage("hi")]}, thread)
        kept = graph.get_state(thread).values["messages"]
        results = [ToolMessage("ok", tool_call_id=call["id"]) for call in kept[1].tool_calls]
        model.invoke([*kept, *results])

        assert sent_parts(e)[1] == SIGNED

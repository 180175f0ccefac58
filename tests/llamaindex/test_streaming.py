"""The streaming contract: what each response of a stream holds, and what the last one adds."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    DocumentBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)

from gstream import ContentBlockedError, EmptyAnswerError, IncompleteStreamError

if TYPE_CHECKING:
    from gstream.emulator import Emulator

ASK = [ChatMessage(role="user", content="Tell me about rivers and mountains.")]


def parts(*wire: dict[str, Any], **candidate: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"role": "model", "parts": list(wire)}, **candidate}]}


def joined(responses: list[ChatResponse]) -> str:
    return "".join(response.delta or "" for response in responses)


def test_all_eight_methods_answer_alike_in_every_dialect(reseller: Emulator, make: Any) -> None:
    llm = make(reseller)
    prompt = str(ASK[0].content)

    async def asynchronous() -> list[str]:
        chunks = [chunk async for chunk in await llm.astream_chat(ASK)]
        completions = [chunk async for chunk in await llm.astream_complete(prompt)]
        answers = [(await llm.achat(ASK)).message.content, (await llm.acomplete(prompt)).text]
        return [*answers, joined(chunks), chunks[-1].message.content, completions[-1].text]

    chunks = list(llm.stream_chat(ASK))
    completions = list(llm.stream_complete(prompt))
    answers = [
        llm.chat(ASK).message.content,
        llm.complete(prompt).text,
        joined(chunks),
        chunks[-1].message.content,
        completions[-1].text,
        "".join(chunk.delta or "" for chunk in completions),
        *asyncio.run(asynchronous()),
    ]

    assert len(chunks) > 2
    assert answers[0]
    assert set(answers) == {answers[0]}


def test_streams_are_generators(start: Any, make: Any) -> None:
    llm = make(start())

    async def asynchronous() -> None:
        assert isinstance(await llm.astream_chat(ASK), AsyncGenerator)
        assert isinstance(await llm.astream_complete("Hi"), AsyncGenerator)

    assert isinstance(llm.stream_chat(ASK), Generator)
    assert isinstance(llm.stream_complete("Hi"), Generator)
    asyncio.run(asynchronous())


def test_the_last_response_of_a_stream_is_what_chat_returns(reseller: Emulator, make: Any) -> None:
    llm = make(reseller, include_thoughts=True)

    last = list(llm.stream_chat(ASK))[-1]
    whole = llm.chat(ASK)

    assert whole.message == last.message
    assert whole.raw["usage"] == last.raw["usage"]
    assert (whole.delta, last.delta) == (None, "")


def test_thoughts_are_one_block_and_their_deltas_stand_apart(reseller: Emulator, make: Any) -> None:
    responses = list(make(reseller, include_thoughts=True).stream_chat(ASK))

    thinking = [block for block in responses[-1].message.blocks if isinstance(block, ThinkingBlock)]
    thought = "".join(response.additional_kwargs.get("thinking_delta", "") for response in responses)

    assert [thought] == [block.content for block in thinking]
    assert joined(responses) == responses[-1].message.content
    assert thought not in joined(responses)
    assert all(isinstance(response.delta, str) for response in responses)


def test_usage_and_finish_reason_are_plain_values_on_the_last_response(reseller: Emulator, make: Any) -> None:
    last = list(make(reseller, include_thoughts=True).stream_chat(ASK))[-1]

    sent = reseller.requests[-1].usage
    assert sent is not None
    usage = last.raw["usage"]
    assert usage["prompt_tokens"] == sent["promptTokenCount"]
    assert usage["completion_tokens"] == sent["candidatesTokenCount"] + sent["thoughtsTokenCount"]
    assert usage["total_tokens"] == sent["totalTokenCount"]
    assert all(type(count) is int for count in usage.values())
    assert last.raw["finish_reason"] == "STOP"
    assert {name: last.additional_kwargs[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")} == {
        name: usage[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    }
    assert reseller.api_key not in last.model_dump_json()


def test_every_response_is_whole_so_far_with_its_own_blocks(wired: Any) -> None:
    llm, _ = wired(
        parts({"text": "Let me ", "thought": True}),
        parts({"text": "think.", "thought": True}),
        parts({"text": "One"}),
        parts({"functionCall": {"name": "f", "args": {"x": 1}}}),
        parts({"text": " two"}),
        parts({"functionCall": {"name": "g"}}, finishReason="STOP"),
    )

    responses = list(llm.stream_chat(ASK))

    seen = [
        [getattr(block, "text", None) or getattr(block, "content", None) or block.tool_name for block in blocks]
        for blocks in (response.message.blocks for response in responses)
    ]
    expected = [
        ["Let me "],
        ["Let me think."],
        ["Let me think.", "One"],
        ["Let me think.", "One", "f"],
        ["Let me think.", "One two", "f"],
        ["Let me think.", "One two", "f", "g"],
        ["Let me think.", "One two", "f", "g"],
    ]
    assert seen == expected
    assert [response.delta for response in responses] == ["", "", "One", "", " two", "", ""]
    blocks = [id(block) for response in responses for block in response.message.blocks]
    assert len(set(blocks)) == len(blocks)


def test_text_around_a_call_gains_no_line_break(wired: Any) -> None:
    llm, _ = wired(
        parts({"text": "one "}), parts({"functionCall": {"name": "f"}}), parts({"text": "two"}, finishReason="STOP")
    )

    responses = list(llm.stream_chat(ASK))

    assert joined(responses) == "one two"
    assert responses[-1].message.content == "one two"


def test_tool_calls_are_told_where_core_looks_for_them_and_only_then(wired: Any) -> None:
    llm, _ = wired(
        parts({"text": "Hm."}), parts({"functionCall": {"name": "f", "args": {"x": 1}}}, finishReason="STOP")
    )

    before, called, last = llm.stream_chat(ASK)

    assert "tool_calls" not in before.message.additional_kwargs
    for response in (called, last):
        ((call,), (block,)) = (
            response.message.additional_kwargs["tool_calls"],
            [block for block in response.message.blocks if isinstance(block, ToolCallBlock)],
        )
        assert call == {
            "id": block.tool_call_id,
            "type": "function",
            "function": {"name": "f", "arguments": '{"x": 1}'},
        }
    assert called.message == last.message


def test_media_become_blocks_of_their_kind(wired: Any) -> None:
    llm, _ = wired(
        parts({"text": "See:"}, {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}),
        parts({"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "AAEC"}}),
        parts({"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "AwQF"}}),
        parts({"inlineData": {"mimeType": "application/pdf", "data": "JVBERi0="}}, finishReason="STOP"),
    )

    text, image, audio, document = list(llm.stream_chat(ASK))[-1].message.blocks

    assert isinstance(text, TextBlock)
    assert isinstance(image, ImageBlock)
    assert image.resolve_image().read() == b"\x89PNG\r\n\x1a\n"
    with wave.open(audio.resolve_audio()) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (24_000, 1, 2)
        assert sound.readframes(3) == bytes(range(6))
    assert isinstance(document, DocumentBlock)
    assert document.document_mimetype == "application/pdf"


def test_log_probabilities_are_set(start: Any, make: Any) -> None:
    llm = make(start(), response_logprobs=True, logprobs=2)

    tokens = llm.chat(ASK).logprobs

    assert len(tokens) > 3
    assert [token.logprob for token in tokens[0]] == [-0.125, -1.125]


def test_further_candidates_are_kept_beside_the_first(start: Any, make: Any) -> None:
    llm = make(start(), candidate_count=3)

    whole = llm.chat(ASK)
    responses = list(llm.stream_chat(ASK))

    assert len(whole.raw["alternatives"]) == 2
    assert joined(responses) == whole.message.content
    assert responses[-1].raw["alternatives"] == whole.raw["alternatives"]
    assert responses[-1].raw["usage"] == whole.raw["usage"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [("blocked", ContentBlockedError), ("empty", IncompleteStreamError), ("malformed_call", EmptyAnswerError)],
)
def test_no_answer_is_an_error_in_every_form(fault: str, error: type[Exception], start: Any, make: Any) -> None:
    documents: dict[str, Any] = {
        "blocked": {"promptFeedback": {"blockReason": "SAFETY"}},
        "empty": {},
        "malformed_call": {"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]},
    }
    llm = make(start(script=[documents[fault]]), max_retries=0)

    with pytest.raises(error):
        llm.chat(ASK)
    with pytest.raises(error):
        list(llm.stream_chat(ASK))
    with pytest.raises(error):
        llm.complete("Hi")


def test_what_had_arrived_is_delivered_before_a_cut_and_told_by_the_error(wired: Any) -> None:
    llm, _ = wired(parts({"text": "Half an"}), max_retries=0)
    responses: list[ChatResponse] = []

    with pytest.raises(IncompleteStreamError) as caught:
        responses.extend(llm.stream_chat(ASK))

    assert joined(responses) == "Half an"
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Half an"


async def test_sync_methods_work_inside_a_running_loop(start: Any, make: Any) -> None:
    llm = make(start())

    assert llm.chat(ASK).message.content == joined(list(llm.stream_chat(ASK)))
    assert llm.complete("Hi").text == (await llm.acomplete("Hi")).text


def test_one_model_serves_several_loops(start: Any, make: Any) -> None:
    llm = make(start())

    first, second = asyncio.run(llm.achat(ASK)), asyncio.run(llm.achat(ASK))

    assert first.message == second.message


async def test_streams_run_side_by_side_on_one_model(start: Any, make: Any) -> None:
    llm = make(start())

    async def one(number: int) -> tuple[str, str]:
        asked = f"Tell me about river number {number}."
        responses = [response async for response in await llm.astream_chat([ChatMessage(content=asked)])]
        return asked, joined(responses)

    answers = await asyncio.gather(*(one(number) for number in range(50)))

    assert all(asked in answer for asked, answer in answers)

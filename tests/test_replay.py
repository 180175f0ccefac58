"""Recorded streams, replayed by the emulator over a socket, come out right through both frameworks."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ThinkingBlock, ToolCallBlock

from gstream import Blob, GStreamError
from gstream.emulator import Emulator
from langchain_gstream import ChatGStream
from langchain_gstream.messages import read_messages
from llamaindex_gstream import GStream
from tests.recordings import ERRORS, FOLDERS, Plain, meta, name_of, plain

if TYPE_CHECKING:
    from pathlib import Path

    from langchain_core.messages import AIMessageChunk

pytestmark = pytest.mark.shared

STREAMS = [
    pytest.param(folder, id=name_of(folder))
    for folder in FOLDERS
    if meta(folder)["stream"] and name_of(folder) not in ERRORS
] or [pytest.param(None, id="absent")]
FAILURES = [
    pytest.param(folder, id=name_of(folder))
    for folder in FOLDERS
    if meta(folder)["stream"] and name_of(folder) in ERRORS
] or [pytest.param(None, id="absent")]


def counts(reading: Plain) -> tuple[int, int]:
    """Return the tokens read and written that a recording states."""
    number = {key: value for key, value in reading.usage.items() if isinstance(value, int)}
    read = number.get("promptTokenCount", 0) + number.get("toolUsePromptTokenCount", 0)
    return read, number.get("candidatesTokenCount", 0) + number.get("thoughtsTokenCount", 0)


_SIGNED = {"signature", "signature_behind", "thoughtSignature"}


def signatures(value: Any) -> list[str]:
    """Return every signature that lies anywhere in a message's JSON."""
    if isinstance(value, dict):
        found = [item for key, item in value.items() if key in _SIGNED and isinstance(item, str)]
        return found + [item for inner in value.values() for item in signatures(inner)]
    return [item for inner in value for item in signatures(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize("folder", STREAMS)
def test_a_recorded_stream_comes_out_right_through_langchain(folder: Path) -> None:
    expected = plain(folder)
    with Emulator("google", replay=folder / "response.raw") as e:
        llm = ChatGStream(model="gemini-2.5-flash", endpoint=e.endpoint, api_key=e.api_key, max_retries=0)
        chunks: list[AIMessageChunk] = list(llm.stream("hello"))
        whole = reduce(add, chunks)
    blocks = [block for block in whole.content if isinstance(block, dict)] if isinstance(whole.content, list) else []
    (turn,), _ = read_messages([whole])
    media = [part.data for part in turn.parts if isinstance(part, Blob)]

    assert whole.text == expected.text
    assert "".join(block.get("reasoning", "") for block in blocks) == expected.thoughts
    assert [(call["name"], call["args"]) for call in whole.tool_calls] == expected.spelt
    assert media == [data for _, data in expected.blobs]
    assert sorted(signatures([blocks, whole.additional_kwargs])) == sorted(expected.signatures)
    if expected.usage:
        assert whole.usage_metadata is not None
        assert (whole.usage_metadata["input_tokens"], whole.usage_metadata["output_tokens"]) == counts(expected)
    assert whole.chunk_position == "last"


@pytest.mark.parametrize("folder", STREAMS)
def test_a_recorded_stream_comes_out_right_through_llamaindex(folder: Path) -> None:
    expected = plain(folder)
    with Emulator("google", replay=folder / "response.raw") as e:
        llm = GStream(model="gemini-2.5-flash", endpoint=e.endpoint, api_key=e.api_key, max_retries=0)
        responses = list(llm.stream_chat([ChatMessage("hello")]))
    last = responses[-1]
    blocks = last.message.blocks
    calls = [block for block in blocks if isinstance(block, ToolCallBlock)]

    assert "".join(response.delta or "" for response in responses) == expected.text
    assert (last.message.content or "") == expected.text
    assert "".join(block.content or "" for block in blocks if isinstance(block, ThinkingBlock)) == expected.thoughts
    assert [(call.tool_name, call.tool_kwargs) for call in calls] == expected.spelt
    assert isinstance(last.raw, dict)
    if expected.usage:
        assert (last.raw["usage"]["prompt_tokens"], last.raw["usage"]["completion_tokens"]) == counts(expected)


@pytest.mark.parametrize("folder", FAILURES)
def test_a_recorded_failure_is_the_same_typed_error_through_both(folder: Path) -> None:
    caught: list[GStreamError] = []
    with Emulator("google", replay=folder / "response.raw") as e:
        chat = ChatGStream(model="gemini-2.5-flash", endpoint=e.endpoint, api_key=e.api_key, max_retries=0)
        llama = GStream(model="gemini-2.5-flash", endpoint=e.endpoint, api_key=e.api_key, max_retries=0)
        for ask in (lambda: list(chat.stream("hello")), lambda: list(llama.stream_chat([ChatMessage("hello")]))):
            with pytest.raises(ERRORS[name_of(folder)]) as info:
                ask()
            assert isinstance(info.value, GStreamError)
            caught.append(info.value)

    assert str(caught[0]) == str(caught[1])

"""Grounding and recitation become citations on the text they speak of."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from gstream.emulator import Emulator
from tests.langchain.conftest import model_of

ANSWER = "東京は晴れ。Tokyo is sunny."
GROUNDING = {
    "groundingChunks": [{"web": {"uri": "https://a.example", "title": "A"}}, {"web": {"uri": "https://b.example"}}],
    "groundingSupports": [
        {"segment": {"endIndex": 18, "text": "東京は晴れ。"}, "groundingChunkIndices": [0, 1]},
        {"segment": {"startIndex": 18, "endIndex": 33, "text": "Tokyo is sunny."}, "groundingChunkIndices": [1, 7]},
    ],
}
DOCUMENTS: list[dict[str, Any]] = [
    {"candidates": [{"content": {"parts": [{"text": "東京は晴"}], "role": "model"}}]},
    {"candidates": [{"content": {"parts": [{"text": "れ。Tokyo is sunny."}], "role": "model"}}]},
    {"candidates": [{"finishReason": "STOP", "groundingMetadata": GROUNDING}]},
]
JAPANESE = {"cited_text": "東京は晴れ。", "start_index": 0, "end_index": 6}
ENGLISH = {"cited_text": "Tokyo is sunny.", "start_index": 6, "end_index": 21}
EXPECTED = [
    {"type": "citation", "url": "https://a.example", "title": "A", **JAPANESE},
    {"type": "citation", "url": "https://b.example", **JAPANESE},
    {"type": "citation", "url": "https://b.example", **ENGLISH},
]


def cited(blocks: Any) -> list[Any]:
    return [one for block in blocks if block["type"] == "text" for one in block.get("annotations", ())]


@pytest.mark.parametrize("version", ["v0", "v1"])
def test_grounding_becomes_citations_counted_in_characters(version: str) -> None:
    """The API counts bytes, Python counts characters; a source that is not there is no citation."""
    with Emulator("google", script=DOCUMENTS) as e:
        model = model_of(e, output_version=version)
        whole = model.invoke("weather")
        streamed = reduce(add, model.stream("weather"))

    assert whole.text == streamed.text == ANSWER
    assert cited(whole.content_blocks) == EXPECTED
    assert cited(streamed.content_blocks) == EXPECTED


def test_content_stays_a_string_with_citations() -> None:
    with Emulator("google", script=DOCUMENTS) as e:
        assert model_of(e).invoke("weather").content == ANSWER


def test_a_recited_source_is_a_citation() -> None:
    source = {"startIndex": 0, "endIndex": 5, "uri": "https://c.example", "license": "mit"}
    document = {
        "candidates": [
            {
                "content": {"parts": [{"text": "Hello"}], "role": "model"},
                "finishReason": "STOP",
                "citationMetadata": {"citationSources": [source]},
            }
        ]
    }
    with Emulator("google", script=[document]) as e:
        message = model_of(e).invoke("hi")

    assert cited(message.content_blocks) == [
        {"type": "citation", "url": "https://c.example", "start_index": 0, "end_index": 5}
    ]


def test_a_citation_stands_on_the_block_that_holds_its_place() -> None:
    parts = [{"text": "One."}, {"text": "hm", "thought": True}, {"text": "Two."}]
    support = {"segment": {"startIndex": 4, "endIndex": 8, "text": "Two."}, "groundingChunkIndices": [0]}
    grounding = {"groundingChunks": [{"web": {"uri": "https://a.example"}}], "groundingSupports": [support]}
    document = {
        "candidates": [{"content": {"parts": parts}, "finishReason": "STOP", "groundingMetadata": grounding}],
    }
    with Emulator("google", script=[document]) as e:
        texts = [block for block in model_of(e).invoke("hi").content_blocks if block["type"] == "text"]

    assert "annotations" not in texts[0]
    assert [(one["start_index"], one["end_index"]) for one in cited(texts[1:])] == [(0, 4)]


def test_each_chunk_of_a_stream_has_its_own_citations_once() -> None:
    """The last one holds them on a text that is empty: what they speak of came before it."""
    with Emulator("google", script=DOCUMENTS) as e:
        chunks = list(model_of(e).stream("weather"))

    assert [one for chunk in chunks for one in cited(chunk.content_blocks)] == EXPECTED


def test_a_text_that_nothing_is_cited_on_stays_bare() -> None:
    citation = {"type": "citation", "url": "https://a.example", "start_index": 0, "end_index": 3}
    message = AIMessage(
        [{"type": "text", "text": "One"}, {"type": "text", "text": "two"}],
        additional_kwargs={"gstream": {"citations": [citation]}},
        response_metadata={"model_provider": "gstream"},
    )

    assert message.content_blocks == [
        {"type": "text", "text": "One", "annotations": [citation]},
        {"type": "text", "text": "two"},
    ]

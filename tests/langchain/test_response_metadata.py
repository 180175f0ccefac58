"""What a response says besides its parts: `response_metadata` and `usage_metadata`, whole and streamed alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from gstream.emulator import Emulator
from tests.langchain.conftest import model_of, response

if TYPE_CHECKING:
    from tests.langchain.conftest import Ask

Json = dict[str, Any]

SAID: Final[dict[str, tuple[Json, Json, Json]]] = {
    "finish_reason": ({}, {"finishReason": "MAX_TOKENS"}, {"finish_reason": "MAX_TOKENS"}),
    "finish_message": ({}, {"finishMessage": "because"}, {"finish_message": "because"}),
    "model_name": ({"modelVersion": "gemini-x"}, {}, {"model_name": "gemini-x"}),
    "response_id": ({"responseId": "r1"}, {}, {"response_id": "r1"}),
    "safety_ratings": ({}, {"safetyRatings": [{"category": "C"}]}, {"safety_ratings": [{"category": "C"}]}),
    "grounding_metadata": (
        {},
        {"groundingMetadata": {"webSearchQueries": ["q"]}},
        {"grounding_metadata": {"webSearchQueries": ["q"]}},
    ),
    "url_context_metadata": (
        {},
        {"urlContextMetadata": {"urlMetadata": [{"retrievedUrl": "https://a.example"}]}},
        {"url_context_metadata": {"urlMetadata": [{"retrievedUrl": "https://a.example"}]}},
    ),
    "logprobs": (
        {},
        {"avgLogprobs": -0.5, "logprobsResult": {"chosenCandidates": [{"token": "a", "logProbability": -0.5}]}},
        {"avg_logprobs": -0.5, "logprobs": {"chosenCandidates": [{"token": "a", "logProbability": -0.5}]}},
    ),
    "citation_metadata": (
        {},
        {"citationMetadata": {"citationSources": [{"uri": "https://a.example"}]}},
        {"citation_metadata": {"citationSources": [{"uri": "https://a.example"}]}},
    ),
    "prompt_feedback": (
        {"promptFeedback": {"safetyRatings": [{"category": "C"}]}},
        {},
        {"prompt_feedback": {"safetyRatings": [{"category": "C"}]}},
    ),
    "service_tier": ({"usageMetadata": {"serviceTier": "flex"}}, {}, {"service_tier": "flex"}),
    "model_status": ({"modelStatus": {"modelStage": "STABLE"}}, {}, {"model_status": {"modelStage": "STABLE"}}),
}


@pytest.mark.parametrize(("around", "candidate", "expected"), SAID.values(), ids=SAID)
async def test_each_thing_a_response_says_stands_in_response_metadata_once(
    around: Json, candidate: Json, expected: Json, ask: Ask
) -> None:
    """Said in the middle and said again at the end."""
    documents = response({"text": "Hel"}, {"text": "lo"}, **candidate)
    documents[1] = {**documents[1], **around}
    documents[2] = {**documents[2], **around}
    with Emulator("google", script=documents) as e:
        metadata = (await ask(model_of(e))).response_metadata

    ways = {"model_provider": "gstream", "endpoint": "google", "finish_reason": "STOP", "framing": "sse"}
    request_id = {"request_id": metadata["request_id"]} if "request_id" in metadata else {}
    assert metadata == {**ways, **request_id, **expected}


def test_the_request_id_of_the_response_is_told() -> None:
    with Emulator("maisi") as e:
        message = model_of(e, model="gemini-2.5-flash").invoke("hello")

    assert message.response_metadata["endpoint"] == "maisi"
    assert message.response_metadata["request_id"]


@pytest.mark.parametrize("version", ["v0", "v1"])
async def test_usage_is_told_once_with_cache_reasoning_and_each_modality(version: str, ask: Ask) -> None:
    """Counts are cumulative, so adding up each chunk's would be wrong."""
    growing: Json = {"promptTokenCount": 10, "candidatesTokenCount": 1, "totalTokenCount": 11}
    final: Json = {
        "promptTokenCount": 10,
        "cachedContentTokenCount": 4,
        "toolUsePromptTokenCount": 2,
        "candidatesTokenCount": 7,
        "thoughtsTokenCount": 3,
        "totalTokenCount": 22,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 3}, {"modality": "AUDIO", "tokenCount": 7}],
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 6}],
    }
    documents = response({"text": "Hel"}, {"text": "lo"})
    documents = [{**document, "usageMetadata": growing} for document in documents[:-1]]
    documents.append({**response()[0], "usageMetadata": final})
    with Emulator("google", script=documents) as e:
        message = await ask(model_of(e, output_version=version))

    assert message.usage_metadata == {
        "input_tokens": 12,
        "output_tokens": 10,
        "total_tokens": 22,
        "input_token_details": {"audio": 7, "cache_read": 4, "tool_use": 2},
        "output_token_details": {"image": 6, "reasoning": 3},
    }

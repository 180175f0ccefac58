"""What a response says about itself in, LangChain's `usage_metadata`, `response_metadata` and refusal out; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from langchain_core.messages import content
from langchain_core.messages.ai import InputTokenDetails, OutputTokenDetails, UsageMetadata

from gstream.parts import value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gstream import Chunk, Usage
    from langchain_gstream.blocks import Block

__all__ = ["REFUSALS", "refusal", "refused", "response_metadata", "usage_metadata"]


def usage_metadata(usage: Usage) -> UsageMetadata:
    """Return token counts in LangChain's form: input with built-in tools' results, output with thoughts.

    The details are parts of those sums: `cache_read`, `tool_use` and each modality but text of the input, `reasoning`
    and each modality but text of the output. They may overlap: a cached image counts as both.
    """
    read = usage.details.get("prompt", {})
    written = usage.details.get("candidates", {})
    input_details: dict[str, int] = {name: count for name, count in read.items() if name != "text"}
    output_details: dict[str, int] = {name: count for name, count in written.items() if name != "text"}
    if usage.cached:
        input_details["cache_read"] = usage.cached
    if usage.tool_use:
        input_details["tool_use"] = usage.tool_use
    if usage.thoughts:
        output_details["reasoning"] = usage.thoughts
    result = UsageMetadata(input_tokens=usage.input, output_tokens=usage.output, total_tokens=usage.total)
    if input_details:
        result["input_token_details"] = InputTokenDetails(**input_details)  # type: ignore[typeddict-item]  # its keys are open
    if output_details:
        result["output_token_details"] = OutputTokenDetails(**output_details)  # type: ignore[typeddict-item]  # as above
    return result


_FROM_CANDIDATE: Final = {
    "finish_message": "finishMessage",
    "safety_ratings": "safetyRatings",
    "grounding_metadata": "groundingMetadata",
    "citation_metadata": "citationMetadata",
    "url_context_metadata": "urlContextMetadata",
    "logprobs": "logprobsResult",
    "avg_logprobs": "avgLogprobs",
}


def response_metadata(chunk: Chunk) -> dict[str, Any]:
    """Return what the last chunk says about its response, under the names LangChain users know, as far as it does.

    Values stay as they came, in the API's spelling.
    """
    candidate = chunk.candidate
    found: dict[str, Any] = {
        "endpoint": chunk.endpoint,
        "finish_reason": chunk.finish_reason,
        "model_name": chunk.model_version,
        "response_id": chunk.response_id,
        "request_id": chunk.request_id,
        "framing": chunk.framing,
        "prompt_feedback": value_of(chunk.raw, "promptFeedback"),
        "model_status": value_of(chunk.raw, "modelStatus"),
        "service_tier": value_of(value_of(chunk.raw, "usageMetadata") or {}, "serviceTier"),
        "dropped_tool_calls": [{"name": call.name, "args": call.args} for call in chunk.dropped] or None,
        **{name: value_of(candidate, key) for name, key in _FROM_CANDIDATE.items()},
    }
    return {name: value for name, value in found.items() if value is not None}


REFUSALS: Final = hasattr(content, "RefusalContentBlock")
"""Whether the installed LangChain knows refusal blocks, which came with langchain-core 1.7.5."""
_REFUSED: Final = frozenset(
    {"SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "MODEL_ARMOR", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT"}
)
"""Finish reasons by which a provider withholds an answer because of what it holds: the three that langchain-core takes
for a refusal of `google_genai`, and their kin."""


def refused(finish_reason: object) -> bool:
    """Return whether a finish reason says that the provider withheld the answer."""
    return finish_reason in _REFUSED


def refusal(metadata: Mapping[str, Any]) -> Block | None:
    """Return the refusal block of an answer with this `response_metadata`; `None` if nothing was withheld."""
    reason = metadata.get("finish_reason")
    feedback = metadata.get("prompt_feedback")
    blocked = value_of(feedback, "blockReason") if isinstance(feedback, dict) else None
    extras: dict[str, Any] = {"finish_reason": reason} if refused(reason) else {}
    if isinstance(blocked, str) and not blocked.endswith("UNSPECIFIED"):
        extras["block_reason"] = blocked
    if not extras:
        return None
    return {"type": "refusal", "refusal": str(metadata.get("finish_message") or ""), "extras": extras}

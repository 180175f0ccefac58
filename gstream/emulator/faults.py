"""Named ways to fail, as data: what a fault says, and which of three things it replaces.

A fault may replace the answer as a whole (`reply`), change the documents before they are framed (`documents`), or move
the bytes otherwise (`delivery`). A new fault is a new entry of `FAULTS`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from gstream.emulator.dialects import Reply
from gstream.emulator.errors import JsonObject, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gstream.emulator.delivery import Answer, Delivery, Wire

__all__ = ["CONSOLE_PAGE", "FAULTS", "Fault"]

Documents: TypeAlias = Callable[[Sequence[JsonObject]], list[JsonObject]]
"""The documents of the stream -> those that are sent instead."""


@dataclass(frozen=True)
class Fault:
    """One way to fail."""

    summary: str
    """One sentence: what the client sees."""
    reply: Reply | bytes | None = None
    """Sent instead of any answer; bytes are an HTML page with status 200."""
    documents: Documents | None = None
    """Applied to the documents of an answer that would have been right."""
    delivery: Delivery | None = None
    """How the bytes get onto the socket; `None`: as they should."""


_QUOTA: Final = Refused(
    429,
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, "
    "head to: https://ai.google.dev/gemini-api/docs/rate-limits.\nPlease retry in 1s.",
    details=[
        {
            "@type": "type.googleapis.com/google.rpc.Help",
            "links": [
                {
                    "description": "Learn more about Gemini API quotas",
                    "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
                }
            ],
        },
        {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [
                {
                    "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                    "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
                }
            ],
        },
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"},
    ],
)
_OVERLOADED: Final = Refused(503, "The model is overloaded. Please try again later.", status="UNAVAILABLE")
_INTERNAL: Final = Refused(
    500,
    "An internal error has occurred. Please retry or report in "
    "https://developers.generativeai.google/guide/troubleshooting",
    status="INTERNAL",
)
CONSOLE_PAGE: Final = (
    b'<!doctype html>\n<html lang="zh">\n<head><meta charset="utf-8"><title>API Console</title></head>\n'
    b'<body><div id="root"></div><noscript>You need to enable JavaScript to run this app.</noscript></body>\n</html>\n'
)
_CUT_BEHIND: Final = 2
"""Whole documents that arrive before a stream breaks."""


def _without_finish(documents: Sequence[JsonObject]) -> list[JsonObject]:
    result = copy.deepcopy(list(documents))
    for document in result:
        for candidate in document.get("candidates", ()):
            candidate.pop("finishReason", None)
    return result


def _blocked(documents: Sequence[JsonObject]) -> list[JsonObject]:
    last = documents[-1]
    ratings = [{"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}]
    kept: JsonObject = {name: last[name] for name in ("modelVersion", "responseId") if name in last}
    prompt = last.get("usageMetadata", {}).get("promptTokenCount", 0)
    usage = {"promptTokenCount": prompt, "totalTokenCount": prompt}
    return [{"promptFeedback": {"blockReason": "SAFETY", "safetyRatings": ratings}, "usageMetadata": usage, **kept}]


def _then_error(documents: Sequence[JsonObject]) -> list[JsonObject]:
    return [*_without_finish(documents[:_CUT_BEHIND]), _INTERNAL.document()]


async def _cut_mid_event(wire: Wire, answer: Answer) -> None:
    """Send up to two pieces and half of the next, then RST."""
    whole = min(_CUT_BEHIND, len(answer.pieces) - 1)
    await wire.open(answer)
    for piece in answer.pieces[:whole]:
        await wire.send(piece)
        await wire.pause()
    half = answer.pieces[whole]
    await wire.send(half[: max(1, len(half) // 2)])
    wire.reset()


FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "error_429": Fault(
            "429 with Google's RESOURCE_EXHAUSTED document and RetryInfo of one second.",
            reply=Reply(429, _QUOTA.document(), "application/json; charset=UTF-8"),
        ),
        "error_503": Fault(
            "503 with Google's UNAVAILABLE document.",
            reply=Reply(503, _OVERLOADED.document(), "application/json; charset=UTF-8"),
        ),
        "cut_mid_event": Fault(
            "The connection is reset (RST) inside the third event, or inside the last where there are fewer.",
            delivery=_cut_mid_event,
        ),
        "no_finish": Fault("The stream ends properly, but no chunk has a finish reason.", documents=_without_finish),
        "blocked_prompt": Fault("promptFeedback.blockReason SAFETY and no candidates.", documents=_blocked),
        "error_mid_stream": Fault(
            "An error document as an event of its own after two chunks, then a proper end.", documents=_then_error
        ),
        "html": Fault("Status 200 with a console's HTML page.", reply=CONSOLE_PAGE),
    }
)
"""The faults by name."""

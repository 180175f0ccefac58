"""Values of absurd types and sizes where words and numbers belong: an answer or a typed error, in both frameworks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.core.loopback import Loopback
from tests.faults.forms import FORMS, TEXT, Form
from tests.hostile.servers import event, whole

if TYPE_CHECKING:
    import asyncio

HUGE = "x" * 20_000
DEEP: Any = 1
for _ in range(100):
    DEEP = [DEEP]
DEEPER: Any = 1
for _ in range(120):
    DEEPER = [DEEPER]
VALUES: dict[str, Any] = {
    "an object": {"a": {"b": None}},
    "a list": [["STOP"], 1],
    "deep": DEEP,
    "deep in a short document": DEEPER,
    "a large number": 10**4_000,
    "a negative number": -(10**4_000),
    "a fraction": 1.5e308,
    "infinite": float("inf"),
    "no number": float("nan"),
    "true": True,
    "a long text": HUGE,
    "half a character": "\ud800",
    "a zero byte": "\x00",
    "a number in text": "9" * 5_000,
    "an empty name": {"": {"": ""}},
}
_USAGE = (
    "promptTokenCount",
    "candidatesTokenCount",
    "totalTokenCount",
    "thoughtsTokenCount",
    "cachedContentTokenCount",
)


def _at(place: str, value: Any) -> dict[str, Any]:  # noqa: C901 - a table of places
    """Return an answer in one document, with `value` at one of its places."""
    part: dict[str, Any] = {"text": "Hello"}
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    document: dict[str, Any] = {"candidates": [candidate], "usageMetadata": dict.fromkeys(_USAGE, 7)}
    if place == "usage":
        document["usageMetadata"] = dict.fromkeys(_USAGE, value)
    elif place == "usageDetails":
        document["usageMetadata"]["promptTokensDetails"] = [{"modality": value, "tokenCount": value}]
    elif place == "args":
        candidate["content"]["parts"].append({"functionCall": {"name": "f", "args": {"a": value}}})
    elif place == "call":
        candidate["content"]["parts"].append({"functionCall": {"name": "f", "id": value, "args": value}})
    elif place == "name":
        candidate["content"]["parts"].append({"functionCall": {"name": value, "args": {}}})
    elif place == "part":
        part.update(thought=value, thoughtSignature=value, novel=value)
    elif place == "media":
        candidate["content"]["parts"].append({"inlineData": {"mimeType": value, "data": "aGVsbG8="}})
    elif place == "promptFeedback":
        document = {"promptFeedback": {"blockReason": value, "safetyRatings": value, "blockReasonMessage": value}}
    elif place == "error":
        document = {"error": {"code": value, "message": value, "status": value, "details": value}}
    elif place in {
        "finishReason",
        "finishMessage",
        "index",
        "safetyRatings",
        "groundingMetadata",
        "citationMetadata",
    } or place in {"logprobsResult", "urlContextMetadata", "avgLogprobs", "tokenCount"}:
        candidate[place] = value
    else:
        document[place] = value
    return document


PLACES = (
    "usage", "usageDetails", "args", "call", "name", "part", "media", "promptFeedback", "error", "finishReason",
    "finishMessage", "index", "safetyRatings", "groundingMetadata", "citationMetadata", "logprobsResult",
    "urlContextMetadata", "avgLogprobs", "responseId", "modelVersion", "createTime", "modelStatus",
)  # fmt: skip
_FORMS = [form for form in FORMS if form.name in {"invoke", "stream", "chat", "astream_chat"}]


def _same(document: dict[str, Any]) -> bytes:
    return event(document) if "\ud800" not in repr(document) else b"data: " + json.dumps(document).encode() + b"\n\n"


@pytest.mark.parametrize("form", _FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("place", PLACES)
def test_a_value_of_any_type_is_an_answer_or_a_typed_error(place: str, form: Form, runner: asyncio.Runner) -> None:
    """What leaves is ours; whatever was told can be shown."""
    found: dict[str, str] = {}
    for name, value in VALUES.items():
        with Loopback(whole(_same(_at(place, value)))) as server:
            model = form.make(model="gemini-2.5-flash", base_url=server.base_url, api_key="made-up-key", max_retries=0)
            try:
                outcome = form(model, TEXT, runner)
            except Exception as error:  # noqa: BLE001 - what must not leave is collected
                found[name] = f"{type(error).__name__}: {error}"[:300]
                continue
        if outcome.error is None and outcome.told is not None:
            repr(outcome.told)
        elif len(str(outcome.error)) > 3_000:
            found[name] = f"a message of {len(str(outcome.error))} characters"

    assert found == {}

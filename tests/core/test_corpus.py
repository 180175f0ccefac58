"""Recorded exchanges with the API: what the decoder says is what a plain reading of the documents says."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from gstream import (
    AuthenticationError,
    ContentBlockedError,
    EmptyAnswerError,
    EndpointError,
    IncompleteStreamError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
)
from tests.conftest import CORPUS
from tests.core.feeding import Heard, hear, scattered, singles

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared

FOLDERS = sorted(path.parent for path in CORPUS.glob("*/*/meta.json"))
CASES = [pytest.param(folder, id=f"{folder.parent.name}/{folder.name}") for folder in FOLDERS] or [
    pytest.param(None, id="no corpus")
]
BYTE_BY_BYTE_LIMIT = 100_000
"""Longer bodies are cut at random places only."""

# Exchanges that are no whole answer, and what each must be; every other one must decode without an error.
ERRORS: dict[str, type[Exception]] = {
    "firebase/vertexai-streaming-failure-error-mid-stream": EndpointError,
    "firebase/vertexai-unary-success-empty-text-part": EmptyAnswerError,
    "generative-ai-js/unary-unknown-enum": IncompleteStreamError,
    "firebase/vertexai-streaming-failure-api-key": AuthenticationError,
    "firebase/vertexai-unary-failure-quota-exceeded": RateLimitError,
    "firebase/vertexai-streaming-failure-prompt-blocked-safety-with-message": ContentBlockedError,
    "firebase/googleai-unary-failure-only-prompt-feedback": IncompleteStreamError,
    "firebase/vertexai-unary-failure-invalid-response": IncompleteStreamError,
    "firebase/vertexai-streaming-success-quotes-escaped": IncompleteStreamError,
    "firebase/vertexai-unary-failure-finish-reason-safety-no-content": EmptyAnswerError,
    "firebase/vertexai-unary-failure-malformed-content": IncompleteStreamError,
    "firebase/vertexai-streaming-failure-empty-content": IncompleteStreamError,
    "braintrust-js/google-genai-v1-latest.cassette--10": EmptyAnswerError,
    "rig/response_identity-auth_rejection_keeps_transport_shape": AuthenticationError,
    "js-genai/Chats_Tests_sendMessage_Send_message_stream_with_error": NotFoundError,
    "ruby_llm/chat_real_error_scenarios_gemini_gemini-2_5-flash_handles_context_length_exceeded_errors": RateLimitError,
    "otel-python-contrib/vertexai-test_generate_content_missing_model": NotFoundError,
    "otel-python-contrib/vertexai-test_generate_content_extra_params": EmptyAnswerError,
    "langchaingo/TestGoogleAIErrorHandling": PermissionDeniedError,
    "adk-go/TestPluginCallbackIntegration_agent_tool_default_schema--2": EmptyAnswerError,
    "adk-go/TestPluginCallbackIntegration_agent_tool_default_schema--4": EmptyAnswerError,
    "adk-go/TestPluginCallbackIntegration_agent_tool_default_schema--6": EmptyAnswerError,
    "generative-ai-js/unary-failure-citations": EmptyAnswerError,
    "mirascope-py/authentication_error-google_gemini_2_5_flash": AuthenticationError,
    "prism/tts-flash-1-1": IncompleteStreamError,
    "lingua/imageConfigParam-followup-response-streaming": EmptyAnswerError,
    "lingua/speechConfigParam-response": EmptyAnswerError,
    "pydantic-ai/armor_response_template_real_block": EmptyAnswerError,
    "pydantic-ai/armor_prompt_template_text_gets_blocked": ContentBlockedError,
}


@cache
def meta(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return found


def body(folder: Path) -> bytes:
    return (folder / "response.raw").read_bytes()


def documents(folder: Path) -> list[dict[str, Any]]:
    """Return the documents of a recording by the framing its collector noted; none of the library's code is used."""
    text = body(folder).decode("utf-8")
    if meta(folder)["framing"] == "sse":
        lines = re.split(r"\r\n|\r|\n", text)
        found = [json.loads(line[5:]) for line in lines if line.startswith("data:")]
        bare = "\n".join(line for line in lines if not line.startswith("data:")).strip()
        return [*found, json.loads(bare)] if bare.startswith("{") else found
    value = json.loads(text)
    return value if isinstance(value, list) else [value]


def name_of(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


@dataclass
class Plain:
    """A plain reading of the first candidate of recorded documents."""

    text: str = ""
    thoughts: str = ""
    calls: list[tuple[str, Any, str | None, str | None]] = field(default_factory=list)
    blobs: list[tuple[str | None, str]] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    usage: dict[str, Any] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    finish: Any = None


def plain(folder: Path) -> Plain:
    reading = Plain()
    for document in documents(folder):
        reading.usage.update(document.get("usageMetadata", {}))
        for candidate in document.get("candidates", ()):
            if candidate.get("index", 0):
                continue
            reading.finish = candidate.get("finishReason") or reading.finish
            for part in candidate.get("content", {}).get("parts", ()):
                note(part, reading)
    return reading


def note(part: dict[str, Any], reading: Plain) -> None:
    signature = part.get("thoughtSignature")
    if signature:
        reading.signatures.append(signature)
    if part.get("thought"):
        reading.thoughts += part.get("text", "")
    else:
        reading.text += part.get("text", "")
    call = part.get("functionCall")
    if call and "name" in call:
        reading.calls.append((call["name"], call.get("args", {}), call.get("id"), signature))
    if blob := part.get("inlineData"):
        reading.blobs.append((blob.get("mimeType"), blob["data"]))
    reading.kinds += [
        kind
        for kind in ("executableCode", "codeExecutionResult", "fileData", "toolCall", "toolResponse")
        if kind in part
    ]


COUNTS = {
    "promptTokenCount": "prompt",
    "candidatesTokenCount": "candidates",
    "thoughtsTokenCount": "thoughts",
    "cachedContentTokenCount": "cached",
    "toolUsePromptTokenCount": "tool_use",
}


def decoded(folder: Path, reads: list[bytes]) -> Heard:
    return hear(reads, status=meta(folder)["http_status"])


@pytest.mark.parametrize("folder", CASES)
def test_a_recording_decodes_to_what_its_documents_say(folder: Path) -> None:
    heard, expected = decoded(folder, [body(folder)]), plain(folder)
    chunks = [chunk for chunk in heard.chunks if chunk.index == 0]

    assert expected.text == "".join(chunk.text for chunk in chunks)
    assert expected.thoughts == "".join(chunk.thoughts for chunk in chunks)
    assert expected.blobs == [(blob.mime_type, blob.data) for chunk in chunks for blob in chunk.blobs]
    assert expected.signatures == [part.signature for chunk in chunks for part in chunk.parts if part.signature]
    if "streamedFunctionCallArgs" not in meta(folder)["features"]:
        calls = [(call.name, call.args, call.id, call.signature) for chunk in chunks for call in chunk.calls]
        assert expected.calls == calls
    if heard.error is None:
        usage = heard.last.usage
        counts = {key: value for key, value in expected.usage.items() if key in COUNTS}
        assert counts == {key: getattr(usage, COUNTS[key]) for key in counts}
        assert expected.usage.get("totalTokenCount") == (usage.stated_total if usage else None)


@pytest.mark.parametrize("folder", CASES)
def test_the_parts_of_a_recording_that_are_neither_text_nor_calls_are_all_kept(folder: Path) -> None:
    names = {"ExecutableCode": "executableCode", "CodeResult": "codeExecutionResult", "FileRef": "fileData"}
    heard = decoded(folder, [body(folder)])
    kinds = []
    for part in (part for chunk in heard.chunks if chunk.index == 0 for part in chunk.parts):
        kind = type(part).__name__
        if kind == "Opaque":
            kinds += [key for key in getattr(part, "raw", {}) if key in {"toolCall", "toolResponse"}]
        elif kind in names:
            kinds.append(names[kind])

    assert plain(folder).kinds == kinds


@pytest.mark.parametrize("folder", CASES)
def test_a_recording_decodes_the_same_however_it_is_cut(folder: Path) -> None:
    data = body(folder)
    whole = decoded(folder, [data])
    for seed in range(5):
        assert whole.answer == decoded(folder, scattered(data, seed)).answer
    if len(data) <= BYTE_BY_BYTE_LIMIT:
        assert whole.answer == decoded(folder, singles(data)).answer


@pytest.mark.parametrize("folder", CASES)
def test_a_recording_ends_as_it_did(folder: Path) -> None:
    """With a finish reason and no error, or with the one error it must be."""
    heard, wanted = decoded(folder, [body(folder)]), ERRORS.get(name_of(folder))

    assert wanted is (None if heard.error is None else type(heard.error)), str(heard.error)
    if heard.error is None:
        numbers = {1: "STOP", 2: "MAX_TOKENS"}
        finish = plain(folder).finish
        assert numbers.get(finish, finish) == heard.last.finish_reason


@pytest.mark.parametrize("folder", CASES)
def test_the_framing_of_a_recording_is_recognised(folder: Path) -> None:
    assert meta(folder)["framing"] == decoded(folder, [body(folder)]).framing or meta(folder)["http_status"] != 200


@pytest.mark.parametrize("folder", CASES)
def test_an_error_of_a_recording_has_the_providers_words(folder: Path) -> None:
    error = decoded(folder, [body(folder)]).error
    said = next((document["error"] for document in documents(folder) if "error" in document), None)
    if said is None:
        assert not isinstance(error, EndpointError)
        return

    assert isinstance(error, EndpointError)
    assert (said["code"], said["status"], said["message"].strip()) == (error.status, error.code, error.provider_message)
    waits = [detail["retryDelay"] for detail in said.get("details", ()) if "retryDelay" in detail]
    assert waits == (
        [] if error.retry_after_s is None else [f"{error.retry_after_s:.9f}".rstrip("0").rstrip(".") + "s"]
    )


def test_the_streamed_arguments_of_recordings_are_put_together() -> None:
    """Vertex streams arguments in pieces: each recorded call has the arguments its pieces spell."""
    for folder in FOLDERS:
        if "streamedFunctionCallArgs" not in meta(folder)["features"]:
            continue
        spelt: list[tuple[str, dict[str, Any]]] = []
        for document in documents(folder):
            for candidate in document.get("candidates", ()):
                for part in candidate.get("content", {}).get("parts", ()):
                    spell(part.get("functionCall", {}), spelt)
        heard = decoded(folder, [body(folder)])

        assert spelt == [(call.name, call.args) for chunk in heard.chunks for call in chunk.calls], folder


def spell(call: dict[str, Any], spelt: list[tuple[str, dict[str, Any]]]) -> None:
    """Add a piece of a recorded call; the recordings have plain paths, `$.name` or `$.name[0]`, only."""
    if "name" in call:
        spelt.append((call["name"], dict(call.get("args", {}))))
    for item in call.get("partialArgs", ()):
        value = next((item[key] for key in ("stringValue", "numberValue", "boolValue") if key in item), None)
        args = spelt[-1][1]
        steps = [int(step) if step.isdigit() else step for step in re.findall(r"[^.$\[\]]+", item["jsonPath"])]
        node: Any = args
        for step, following in pairwise(steps):
            if isinstance(node, list) and len(node) <= int(step):
                node.append([] if isinstance(following, int) else {})
            elif isinstance(node, dict) and step not in node:
                node[step] = [] if isinstance(following, int) else {}
            node = node[step]
        if isinstance(node, list):
            node.extend([""] * (int(steps[-1]) + 1 - len(node)))
            node[int(steps[-1])] = (node[int(steps[-1])] or "") + value if isinstance(value, str) else value
        else:
            node[steps[-1]] = node.get(steps[-1], "") + value if isinstance(value, str) else value


def test_every_listed_error_is_a_recording() -> None:
    assert set(ERRORS) <= {name_of(folder) for folder in FOLDERS}

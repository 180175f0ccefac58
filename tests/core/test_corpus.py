"""Recorded exchanges with the API: what the decoder says is what a plain reading of the documents says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gstream import (
    EndpointError,
)
from tests.core.feeding import Heard, hear, scattered, singles
from tests.recordings import ERRORS, FOLDERS, body, documents, meta, name_of, plain

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared

CASES = [pytest.param(folder, id=f"{folder.parent.name}/{folder.name}") for folder in FOLDERS] or [
    pytest.param(None, id="no corpus")
]
BYTE_BY_BYTE_LIMIT = 100_000
"""Longer bodies are cut at random places only."""

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
        heard = decoded(folder, [body(folder)])

        assert plain(folder).spelt == [
            (call.name, call.args) for chunk in heard.chunks if chunk.index == 0 for call in chunk.calls
        ], folder


def test_every_listed_error_is_a_recording() -> None:
    assert set(ERRORS) <= {name_of(folder) for folder in FOLDERS}

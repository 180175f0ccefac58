"""Blocks that LangChain itself stumbles over before it asks a model: they are sent, or refused with a sentence."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

import pytest
from langchain_core.messages import HumanMessage

from langchain_gstream import errors
from tests.langchain.conftest import model_of, sent_parts

if TYPE_CHECKING:
    from gstream.emulator import Emulator
    from tests.langchain.conftest import Invoke, Stream

Json = dict[str, Any]

PNG: Final = "iVBORw0KGgo="
UNREADABLE: Final[dict[str, tuple[Json, Json]]] = {
    "a v1 image without a media type": (
        {"type": "image", "base64": PNG},
        {"inlineData": {"mimeType": "image/png", "data": PNG}},
    ),
    "a v0 image without a media type": (
        {"type": "image", "source_type": "base64", "data": "/9j/"},
        {"inlineData": {"mimeType": "image/jpeg", "data": "/9j/"}},
    ),
    "a v1 file without a media type": (
        {"type": "file", "base64": "JVBERi0="},
        {"inlineData": {"mimeType": "application/pdf", "data": "JVBERi0="}},
    ),
    "a v0 text": ({"type": "file", "source_type": "text", "text": "said"}, {"text": "said"}),
    "a v0 text with a media type": (
        {"type": "file", "source_type": "text", "text": "said", "mime_type": "text/plain"},
        {"text": "said"},
    ),
}


@pytest.mark.parametrize(("block", "part"), UNREADABLE.values(), ids=UNREADABLE)
async def test_a_block_that_langchain_stumbles_over_is_sent(
    google: Emulator, block: Json, part: Json, invoke: Invoke, stream: Stream
) -> None:
    message = HumanMessage([{"type": "text", "text": "Look:"}, block])
    before = copy.deepcopy(message)
    await invoke(model_of(google), [message])
    assert sent_parts(google) == [[{"text": "Look:"}, part]]
    await stream(model_of(google), [message])
    assert sent_parts(google) == [[{"text": "Look:"}, part]]

    assert message == before


HOLLOW: Final[list[Json]] = [
    {"type": "image"},
    {"type": "image", "base64": None},
    {"type": "image", "text": "x"},
    {"type": "image", "source_type": "base64"},
    {"type": "image", "source_type": "url"},
    {"type": "audio", "source_type": "base64"},
    {"type": "file", "source_type": "id"},
    {"type": "file", "source_type": "text"},
]


@pytest.mark.parametrize("block", HOLLOW, ids=repr)
async def test_a_block_that_holds_nothing_is_a_request_error(google: Emulator, block: Json, invoke: Invoke) -> None:
    with pytest.raises(errors.RequestError, match="message 1 \\(human\\), block 1 holds no data"):
        await invoke(model_of(google), [HumanMessage([block])])

    assert google.requests == []

"""Every request a test builds is held against Google's description: that the fixture sees them all."""

from __future__ import annotations

from contextlib import suppress

import httpx
import pytest

import gstream
from gstream import ENDPOINTS, Client, GStreamError, Prompt, Settings, Target, Text, Turn
from gstream.emulator import Emulator
from gstream.request import build_body
from tests.conftest import COMPLAINTS

WRONG = Prompt(
    "gemini-2.5-flash",
    (Turn("user", (Text("Hello"),)),),
    settings=Settings(extra_body={"generationConfig": {"top_p": 1}}),
)
ASKED = ["GenerateContentRequest.generationConfig: unknown name 'top_p'"]

seen = pytest.mark.undescribed("shows that what is wrong is seen")


@pytest.mark.shared
@seen
def test_a_body_that_is_only_built_is_seen() -> None:
    build_body(WRONG)

    assert ASKED == COMPLAINTS


@pytest.mark.shared
@seen
def test_a_request_that_is_only_built_is_seen() -> None:
    gstream.build_request(WRONG, ENDPOINTS["google"], "made-up-key")

    assert ASKED == COMPLAINTS


@pytest.mark.shared
@seen
@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_a_request_to_the_emulator_is_seen(name: str) -> None:
    """Whatever the emulator thinks of it."""
    with Emulator(name) as emulator:
        with suppress(GStreamError):
            Client(Target(emulator.endpoint, emulator.api_key), max_retries=0).generate(WRONG)

        assert len(emulator.requests) == len(COMPLAINTS) == 1


@pytest.mark.shared
@seen
async def test_a_request_of_async_code_is_seen() -> None:
    answer = {"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]}
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer))) as http:
        client = Client(Target(ENDPOINTS["google"], "made-up-key"), http_async_client=http)
        chunks = [chunk async for chunk in client.astream(WRONG)]

    assert chunks
    assert ASKED == COMPLAINTS


@pytest.mark.parametrize("name", ["gemini-2.5-flash", "google/gemini-2.5-pro", "[特价]gemini-2.5-pro:free 1%2F+"])
def test_a_model_name_in_any_spelling_reaches_the_server_unharmed(name: str) -> None:
    """Over a real socket; the path is decoded once there."""
    asked = Prompt(f"models/{name}", WRONG.turns)
    with Emulator("google") as emulator, suppress(GStreamError):
        Client(Target(emulator.endpoint, emulator.api_key), max_retries=0).generate(asked)

    assert emulator.requests[0].model == name

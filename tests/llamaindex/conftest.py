"""Models at an emulated reseller: in each dialect, with scripted answers, and over a transport that notes requests."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import httpx
import pytest

from gstream.emulator import Emulator
from llamaindex_gstream import GStream
from tests.llamaindex.forms import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

FIVE = ("maisi", "shuyou", "shengsuanyun", "apigo", "juheai")
KEY = "made-up-key-of-the-tests"


class Start(Protocol):
    def __call__(self, endpoint: str = "google", **options: Any) -> Emulator: ...


class Make(Protocol):
    def __call__(self, emulator: Emulator, **parameters: Any) -> GStream: ...


class Wired(Protocol):
    def __call__(self, *documents: dict[str, Any], **parameters: Any) -> tuple[GStream, list[dict[str, Any]]]: ...


@pytest.fixture(params=(*FIVE, "google"))
def reseller(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """Each of the five resellers, and Google."""
    with Emulator(request.param) as emulator:
        yield emulator


@pytest.fixture
def start() -> Iterator[Start]:
    """Start an emulator with options; it is stopped behind the test."""
    with ExitStack() as running:

        def start(endpoint: str = "google", **options: Any) -> Emulator:
            return running.enter_context(Emulator(endpoint, **options))

        yield start


@pytest.fixture
def make() -> Make:
    """Make a model that asks an emulator."""

    def make(emulator: Emulator, **parameters: Any) -> GStream:
        defaults = {"model": "gemini-2.5-flash", "endpoint": emulator.endpoint, "api_key": emulator.api_key}
        return GStream(**{**defaults, **parameters})

    return make


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    """The instrumentation events of the test."""
    with listening() as events:
        yield events


@pytest.fixture
def wired() -> Wired:
    """Make a model whose transport answers with the given documents, and the list of bodies it was sent."""

    def wired(*documents: dict[str, Any], **parameters: Any) -> tuple[GStream, list[dict[str, Any]]]:
        bodies: list[dict[str, Any]] = []
        answer = b"".join(b"data: " + json.dumps(document).encode() + b"\n\n" for document in documents or (TEXT,))

        def handle(request: httpx.Request) -> httpx.Response:
            bodies.append(json.loads(request.content))
            return httpx.Response(200, content=answer)

        transport = httpx.MockTransport(handle)
        defaults = {"model": "gemini-2.5-flash", "endpoint": "google", "api_key": KEY}
        clients = {
            "http_client": httpx.Client(transport=transport),
            "http_async_client": httpx.AsyncClient(transport=transport),
        }
        return GStream(**{**defaults, **clients, **parameters}), bodies

    return wired


TEXT: dict[str, Any] = {"candidates": [{"content": {"parts": [{"text": "Hello."}]}, "finishReason": "STOP"}]}

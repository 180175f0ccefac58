"""An emulator of Google's own dialect for clients that nobody here wrote, and what their tests share.

These tests run in an environment of their own (`make test-clients`). They say nothing about gstream's clients: what a
client of Google's cannot do here, the emulator does wrong.
"""

from __future__ import annotations

import base64
import warnings
from typing import TYPE_CHECKING, Any, Final

import pytest

from gstream.emulator import Emulator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the clients do while they are imported is not this project's
    import google.genai  # type: ignore[import-not-found,unused-ignore]
    import langchain_google_genai  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
    import llama_index.llms.google_genai  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND: Final = "gemini-2.5-flash"
THIRD: Final = "gemini-3-flash-preview"
"""A Gemini 3: the emulator refuses calls of it that come back without their signature."""
# `strict`, so that whoever mends it takes the mark away.
STREAMED = pytest.mark.xfail(reason="google-genai sends each chunk back as a turn, empty texts too", strict=True)
NOISE: Final = (DeprecationWarning, UserWarning, ResourceWarning, pytest.PytestUnraisableExceptionWarning)
"""What the clients themselves warn of, connections that they leave open included."""
PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BOTH: Final = "What is the weather and the time in Paris?"
THEN: Final = "First get the weather in Paris, then the time in Tokyo."


def get_weather(city: str) -> str:
    """Get the weather of a city."""
    return f"It is sunny in {city}."


def get_time(city: str) -> str:
    """Get the local time of a city."""
    return f"It is noon in {city}."


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Overlook the clients' own warnings: in tests, and behind the last one, where connections are let go."""
    for category in NOISE:
        name = category.__qualname__ if category.__module__ == "builtins" else f"pytest.{category.__qualname__}"
        config.addinivalue_line("filterwarnings", f"ignore::{name}")
        warnings.simplefilter("ignore", category)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator of Google's own dialect."""
    with Emulator("google") as running:
        yield running


def root(emulator: Emulator) -> str:
    """Return the address as Google's clients take it, without the version of the API."""
    return emulator.base_url.removesuffix("/v1beta")


@pytest.fixture
def client(emulator: Emulator) -> Any:
    """google-genai's client, at the emulator."""
    return google.genai.Client(api_key=emulator.api_key, http_options={"base_url": root(emulator)})

"""One way to ask an emulator over its socket, and to read what came back whatever its framing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gstream.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FLASH = "gemini-2.5-flash"
PRO3 = "gemini-3-pro-preview"
STRING = {"type": "STRING"}
INTEGER = {"type": "INTEGER"}


def user(*parts: str | dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "parts": [{"text": part} if isinstance(part, str) else part for part in parts]}


def function(name: str, properties: dict[str, Any] | None = None, description: str = "") -> dict[str, Any]:
    declared: dict[str, Any] = {"name": name, "description": description}
    if properties is not None:
        declared["parameters"] = {"type": "OBJECT", "properties": properties, "required": list(properties)}
    return declared


@dataclass
class Heard:
    """A response, read."""

    response: httpx.Response

    @property
    def documents(self) -> list[dict[str, Any]]:
        text = self.response.content.decode()
        if text.lstrip().startswith("["):
            found: list[dict[str, Any]] = json.loads(text)
            return found
        return [json.loads(line[5:]) for line in re.split(r"[\r\n]+", text) if line.startswith("data:")]

    @property
    def parts(self) -> list[dict[str, Any]]:
        candidates = (candidate for document in self.documents for candidate in document.get("candidates", ()))
        return [part for one in candidates if not one.get("index") for part in one.get("content", {}).get("parts", ())]

    @property
    def text(self) -> str:
        return "".join(part.get("text", "") for part in self.parts if not part.get("thought"))

    @property
    def thoughts(self) -> str:
        return "".join(part["text"] for part in self.parts if part.get("thought"))

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            (part["functionCall"]["name"], part["functionCall"]["args"])
            for part in self.parts
            if "functionCall" in part
        ]

    @property
    def usage(self) -> dict[str, Any]:
        usage: dict[str, Any] = self.documents[-1]["usageMetadata"]
        return usage

    @property
    def finish(self) -> list[str]:
        return [
            candidate["finishReason"]
            for document in self.documents
            for candidate in document.get("candidates", ())
            if "finishReason" in candidate
        ]

    @property
    def error(self) -> dict[str, Any]:
        document = self.response.json()
        error: dict[str, Any] = (document[0] if isinstance(document, list) else document)["error"]
        return error


def ask(
    emulator: Emulator,
    contents: str | list[dict[str, Any]],
    *,
    model: str = FLASH,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    action: str = "streamGenerateContent",
    **fields: Any,
) -> Heard:
    """Send a request; without `headers` the key travels in `x-goog-api-key`, without `query` it says `alt=sse`."""
    body = {"contents": [user(contents)] if isinstance(contents, str) else contents, **fields}
    response = httpx.post(
        f"{emulator.base_url}/models/{model}:{action}",
        params={"alt": "sse"} if query is None else query,
        headers={"x-goog-api-key": emulator.api_key} if headers is None else headers,
        json=body,
    )
    return Heard(response)


@pytest.fixture(scope="session")
def google() -> Iterator[Emulator]:
    with Emulator("google") as emulator:
        yield emulator


@pytest.fixture(name="ask", scope="session")
def asking() -> Callable[..., Heard]:
    return ask


@pytest.fixture(name="user", scope="session")
def user_turn() -> Callable[..., dict[str, Any]]:
    return user


@pytest.fixture(name="function", scope="session")
def function_declaration() -> Callable[..., dict[str, Any]]:
    return function

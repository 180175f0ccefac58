"""What all tests share: where the recorded data lie, and one way to ask a client in sync and in async code.

The data are not part of this repository. They are read from `GSTREAM_SHARED` (else `../shared` beside the checkout),
the recorded exchanges from `GSTREAM_CORPUS` (else `corpus` in there). A test marked `shared` skips where they are
absent, or fails if `GSTREAM_REQUIRE_SHARED` is set, as it is in CI.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import httpx
import pytest

from gstream import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from gstream import Chunk, Prompt, Target

T = TypeVar("T")
SHARED = Path(os.environ.get("GSTREAM_SHARED") or Path(__file__).parents[2] / "shared")
CORPUS = Path(os.environ.get("GSTREAM_CORPUS") or SHARED / "corpus")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip (or fail) what needs data that are not here."""
    if item.get_closest_marker("shared") is not None:
        present(SHARED, CORPUS)


def present(*paths: Path) -> None:
    """Skip (or, where they are required, fail) the test that needs `paths` if one is not here."""
    absent = [str(path) for path in paths if not path.exists()]
    if not absent:
        return
    reason = f"{' and '.join(absent)} is not here: set GSTREAM_SHARED (and GSTREAM_CORPUS) to the shared data"
    if os.environ.get("GSTREAM_REQUIRE_SHARED"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; use it in tests marked `shared`."""
    return SHARED


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of recorded exchanges; use it in tests marked `shared`."""
    return CORPUS


@dataclass(frozen=True)
class Collect:
    """Asks through the sync or the async half of `Client`, so that a test says once what both must do."""

    mode: Literal["sync", "async"]

    def __call__(
        self,
        prompt: Prompt,
        *targets: Target,
        answer: Callable[[httpx.Request], httpx.Response] | None = None,
        seen: list[Chunk] | None = None,
        **options: Any,
    ) -> list[Chunk]:
        """Return the chunks of the streamed answer.

        Args:
            prompt: what to ask.
            targets: whom.
            answer: answers in place of a network; `None`: the network.
            seen: a list that gets each chunk as it comes, for calls that fail in the middle.
            options: further parameters of `Client`.
        """
        seen = [] if seen is None else seen
        if self.mode == "sync":

            def ask(client: Client) -> list[Chunk]:
                for chunk in client.stream(prompt):
                    seen.append(chunk)
                return seen

            return self._sync(ask, targets, answer, options)

        async def aask(client: Client) -> list[Chunk]:
            async for chunk in client.astream(prompt):
                seen.append(chunk)
            return seen

        return self._async(aask, targets, answer, options)

    def generate(
        self,
        prompt: Prompt,
        *targets: Target,
        answer: Callable[[httpx.Request], httpx.Response] | None = None,
        **options: Any,
    ) -> Chunk:
        """Return the whole answer, got in one piece."""
        if self.mode == "sync":
            return self._sync(lambda client: client.generate(prompt), targets, answer, options)
        return self._async(lambda client: client.agenerate(prompt), targets, answer, options)

    def generate_all(
        self,
        prompt: Prompt,
        *targets: Target,
        answer: Callable[[httpx.Request], httpx.Response] | None = None,
        **options: Any,
    ) -> list[Chunk]:
        """Return all candidates of the answer."""
        if self.mode == "sync":
            return self._sync(lambda client: client.generate_all(prompt), targets, answer, options)
        return self._async(lambda client: client.agenerate_all(prompt), targets, answer, options)

    @staticmethod
    def _sync(
        ask: Callable[[Client], T],
        targets: tuple[Target, ...],
        answer: Callable[[httpx.Request], httpx.Response] | None,
        options: dict[str, Any],
    ) -> T:
        if answer is None:
            return ask(Client(*targets, **options))
        with httpx.Client(transport=httpx.MockTransport(answer)) as http:
            return ask(Client(*targets, http_client=http, **options))

    @staticmethod
    def _async(
        ask: Callable[[Client], Coroutine[Any, Any, T]],
        targets: tuple[Target, ...],
        answer: Callable[[httpx.Request], httpx.Response] | None,
        options: dict[str, Any],
    ) -> T:
        async def run() -> T:
            if answer is None:
                return await ask(Client(*targets, **options))
            async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
                return await ask(Client(*targets, http_async_client=http, **options))

        return asyncio.run(run())


@pytest.fixture(params=["sync", "async"])
def collect(request: pytest.FixtureRequest) -> Collect:
    """Ask a client for the chunks of an answer, once through its sync half and once through its async half."""
    return Collect(request.param)

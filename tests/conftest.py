"""What all tests share: where the recorded data lie, and one way to ask a client in sync and in async code.

The data are not part of this repository. They are read from `GSTREAM_SHARED` (else `../shared` beside the checkout),
the recorded exchanges from `GSTREAM_CORPUS` (else `corpus` in there). A test marked `shared` skips where they are
absent, or fails if `GSTREAM_REQUIRE_SHARED` is set, as it is in CI.

Every request that a test builds, whether it is sent or not, is held against Google's own description of the API, which
is one of those data (see `described`).
"""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import httpx
import pytest

import gstream.request
from gstream import Client
from tests.core.discovery import complaints
from tests.figures import pytest_runtest_makereport, pytest_sessionfinish  # noqa: F401 - hooks, found by their names
from tests.summary import pytest_terminal_summary  # noqa: F401 - the same

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from gstream import Chunk, Prompt, Target

T = TypeVar("T")
SHARED = Path(os.environ.get("GSTREAM_SHARED") or Path(__file__).parents[2] / "shared")
CORPUS = Path(os.environ.get("GSTREAM_CORPUS") or SHARED / "corpus")
DISCOVERY = SHARED / "specs" / "generativelanguage-discovery.json"
UNDESCRIBED = "undescribed(reason): sends on purpose what Google's description of the API does not list; says why"
COMPLAINTS: list[str] = []
"""What is wrong with the bodies built since the last test ended."""


def pytest_configure(config: pytest.Config) -> None:
    """Have every body judged as it is built, before any test module is imported.

    All requests, those of both adapters and of the command line included, come out of `build_body`, so that is where
    they are seen: what it returns is looked at and passed on unchanged.
    """
    config.addinivalue_line("markers", UNDESCRIBED)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell ignores Ctrl-C for what it runs in the background, and programs that tests press it in inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not DISCOVERY.exists():
        if os.environ.get("GSTREAM_REQUIRE_SHARED"):
            raise pytest.UsageError(f"{DISCOVERY} is not here, so that no request can be judged: set GSTREAM_SHARED")
        return
    build = gstream.request.build_body

    @wraps(build)
    def judged(*args: Any, **keywords: Any) -> dict[str, Any]:
        body = build(*args, **keywords)
        COMPLAINTS.extend(complaints(body, DISCOVERY))
        return body

    observer = pytest.MonkeyPatch()
    observer.setattr(gstream.request, "build_body", judged)
    config.add_cleanup(observer.undo)


def pytest_report_header() -> str:
    """Say whether requests are judged."""
    return f"requests: {'judged' if DISCOVERY.exists() else 'not judged, as it is not here,'} by {DISCOVERY}"


@pytest.fixture(autouse=True)
def described(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that built a request Google's description does not allow: unknown names, wrong types and words.

    A test that does so on purpose is marked `undescribed("why")`, and fails if it no longer does.
    """
    yield
    found = [*COMPLAINTS]
    COMPLAINTS.clear()
    marker = request.node.get_closest_marker("undescribed")
    if marker is not None and not marker.args:
        pytest.fail("the mark `undescribed` needs a reason", pytrace=False)
    if found and marker is None:
        pytest.fail(
            "Google's description does not allow a request of this test:\n" + "\n".join(found[:20]), pytrace=False
        )
    if marker is not None and not found and DISCOVERY.exists():
        pytest.fail("all requests of this test are as described: take the mark `undescribed` off", pytrace=False)


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

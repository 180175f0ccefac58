"""What the tests behind a gateway share: the one proxy of the run, and the fixtures of the suites that go through it.

The suites are those of `tests/langchain` and `tests/llamaindex`; here their fixtures give an emulator that is reached
through the proxy, once by each of its routes.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from llamaindex_gstream import GStream
from tests.gateways.proxy import ROUTES, Gateway, Upstream, litellm
from tests.langchain.test_standard import downloads  # noqa: F401 - a fixture of the suite that runs here again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.gateways.proxy import Route


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The proxy; it starts once and is ended behind the last test."""
    with litellm(tmp_path_factory.mktemp("litellm")) as running:
        yield running


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """An event loop; what runs on it shares one pool of connections."""
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(params=ROUTES)
def start(request: pytest.FixtureRequest, gateway: Gateway) -> Iterator[Callable[..., Upstream]]:
    """Start an emulator with options behind one route after another; it is stopped behind the test."""
    with ExitStack() as running:

        def start(**options: Any) -> Upstream:
            route: Route = request.param
            return running.enter_context(Upstream(gateway, route, **options))

        yield start


@pytest.fixture
def emulator(start: Callable[..., Upstream]) -> Upstream:
    """An emulator without a fault, under the name that the tests of LangChain know it by."""
    return start()


@pytest.fixture
def reseller(emulator: Upstream) -> Upstream:
    """The same, under the name that the tests of LlamaIndex know it by."""
    return emulator


@pytest.fixture
def make() -> Callable[..., GStream]:
    """Make a model that asks an emulator through the proxy, which it knows by `base_url` alone."""

    def make(emulator: Upstream, **parameters: Any) -> GStream:
        named = {"model": "gemini-2.5-flash", "base_url": emulator.base_url, "api_key": emulator.api_key}
        return GStream(**{**named, **parameters})

    return make

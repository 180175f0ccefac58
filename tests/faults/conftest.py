"""One event loop a session, and one emulator a fault: tests that ask the same one run after each other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gstream.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """An event loop; what runs on it shares one pool of connections."""
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator of Google's dialect with the fault that the test names."""
    with Emulator("google", fault=request.param) as running:
        yield running

"""One event loop for all tests of this folder that go through the frameworks."""

from __future__ import annotations

from tests.faults.conftest import runner

__all__ = ["runner"]

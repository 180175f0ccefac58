"""What the plainest client does: httpx's bytes, and one JSON parse an event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

__all__ = ["FloorWire"]

_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100)


class FloorWire:
    """Sends a body that it is given, and reads the events of the answer, well-formed ones only.

    Args:
        url: where to.
    """

    def __init__(self, url: str) -> None:
        self.url = f"{url}/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
        self.body: dict[str, Any] = {}
        """The request's body; whoever measures sets it before each call."""
        self._http: httpx.Client | None = None
        self._http_async: httpx.AsyncClient | None = None

    def parts(self) -> Iterator[dict[str, Any]]:
        """Yield the only part of each event."""
        if self._http is None:
            self._http = httpx.Client(limits=_LIMITS, timeout=60)
        with self._http.stream("POST", self.url, content=json.dumps(self.body)) as response:
            held: list[bytes] = []
            for data in response.iter_bytes():
                for line in _lines(held, data):
                    yield json.loads(line[6:])["candidates"][0]["content"]["parts"][0]

    async def aparts(self) -> AsyncIterator[dict[str, Any]]:
        """Yield as `parts` does."""
        if self._http_async is None:
            self._http_async = httpx.AsyncClient(limits=_LIMITS, timeout=60)
        async with self._http_async.stream("POST", self.url, content=json.dumps(self.body)) as response:
            held: list[bytes] = []
            async for data in response.aiter_bytes():
                for line in _lines(held, data):
                    yield json.loads(line[6:])["candidates"][0]["content"]["parts"][0]


def _lines(held: list[bytes], data: bytes) -> list[bytes]:
    """Return the lines of data that `data` ends; `held` keeps the pieces of the one that goes on."""
    if b"\n" not in data:
        held.append(data)
        return []
    *lines, rest = (b"".join(held) + data if held else data).split(b"\n")
    held[:] = [rest] if rest else []
    return [line for line in lines if line.startswith(b"data: ")]

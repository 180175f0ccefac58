"""Bytes onto the socket: the one place that touches a connection, so that a fault can replace just this.

A delivery is a coroutine that takes a `Wire` and an `Answer`. `deliver` is the honest one.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gstream.emulator.errors import JsonObject
    from gstream.emulator.received import Received

__all__ = ["Answer", "Delivery", "Wire", "deliver"]

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of zero seconds: closing sends RST instead of FIN."""

_SETTLE_S: Final = 0.01
"""Seconds in which bytes surely cross loopback."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response before it is sent."""

    status: int
    content_type: str
    pieces: tuple[bytes, ...]
    """What is written, one flush each."""
    headers: tuple[tuple[str, str], ...] = ()
    streamed: bool = False
    """Whether it goes out chunked, piece by piece; otherwise whole, with its length."""
    usage: JsonObject | None = field(default=None, repr=False)
    """The last `usageMetadata` inside."""


class Wire:
    """One response on its connection."""

    def __init__(self, request: web.BaseRequest, received: Received, pace_s: float) -> None:
        self._request = request
        self._received = received
        self.pace_s = pace_s
        """Seconds between two pieces."""
        self.response = web.StreamResponse()
        """The response as aiohttp keeps it, for faults that bend it before `open`."""

    @property
    def transport(self) -> asyncio.Transport:
        """The connection itself.

        Raises:
            ConnectionResetError: it is gone already.
        """
        transport = self._request.transport
        if not isinstance(transport, asyncio.Transport):
            raise ConnectionResetError("the connection is closed")
        return transport

    async def open(self, answer: Answer) -> None:
        """Send the status line and the headers."""
        self.response.set_status(answer.status)
        self.response.headers["Content-Type"] = answer.content_type
        for name, value in answer.headers:
            self.response.headers[name] = value
        if not answer.streamed:
            self.response.content_length = sum(map(len, answer.pieces))
        self._received.status = answer.status
        await self.response.prepare(self._request)

    async def send(self, piece: bytes) -> None:
        """Send a piece of the body, framed as the transfer encoding demands."""
        await self.response.write(piece)
        self._received.sent_pieces += 1

    async def send_head(self, answer: Answer) -> None:
        """Send status line and headers of a body that nothing but the end of the connection delimits."""
        fields = (("Content-Type", answer.content_type), *answer.headers, ("Connection", "close"))
        lines = [f"HTTP/1.1 {answer.status} OK", *(f"{name}: {value}" for name, value in fields), "", ""]
        self._received.status = answer.status
        await self.send_raw("\r\n".join(lines).encode("latin-1"))

    async def send_raw(self, data: bytes) -> None:
        """Put bytes on the connection as they are, outside any transfer encoding."""
        self.transport.write(data)
        self._received.sent_pieces += 1
        await asyncio.sleep(0)

    async def settle(self) -> None:
        """Let what was written reach the client before the connection is torn down."""
        await asyncio.sleep(_SETTLE_S)

    async def pause(self) -> None:
        """Wait as long as the pace between pieces says; not at all by default."""
        if self.pace_s:
            await asyncio.sleep(self.pace_s)

    async def close(self) -> None:
        """End the body properly."""
        await self.response.write_eof()
        self._received.finished = True

    def abort(self) -> None:
        """Cut the connection from this side, if it still stands."""
        if self._request.transport is not None:
            self.transport.abort()

    def hang_up(self) -> None:
        """Close the connection (FIN) behind what was written, whatever the response still owes."""
        self.transport.close()

    def reset(self) -> None:
        """Cut the connection with RST."""
        transport = self.transport
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()


Delivery: TypeAlias = "Callable[[Wire, Answer], Awaitable[None]]"
"""How an answer gets onto a wire."""


async def deliver(wire: Wire, answer: Answer) -> None:
    """Send the answer as it is, piece by piece."""
    await wire.open(answer)
    for number, piece in enumerate(answer.pieces):
        if number:
            await wire.pause()
        await wire.send(piece)
    await wire.close()

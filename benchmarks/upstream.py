"""A loopback server in a process of its own that answers every request with the same prepared stream.

It does nothing but write, so that what is measured on the other side is the client's cost.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

__all__ = ["text_events", "upstream"]


def text_events(count: int) -> bytes:
    """Return `count` text chunks as Google frames them, the last with a finish reason."""
    events = []
    for number in range(count):
        candidate: dict[str, Any] = {"content": {"parts": [{"text": f"word {number} "}], "role": "model"}, "index": 0}
        if number == count - 1:
            candidate["finishReason"] = "STOP"
        document = {
            "candidates": [candidate],
            "usageMetadata": {
                "promptTokenCount": 10,
                "candidatesTokenCount": number,
                "totalTokenCount": 10 + number,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 10}],
            },
            "modelVersion": "gemini-2.5-flash",
            "responseId": "benchmark",
        }
        events.append(b"data: " + json.dumps(document).encode() + b"\r\n\r\n")
    return b"".join(b"%x\r\n%s\r\n" % (len(event), event) for event in events) + b"0\r\n\r\n"


async def _serve(body: bytes, ready: Connection) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in request.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                )
                await reader.readexactly(length)
                writer.write(head + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=4096)
    ready.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _run(body: bytes, ready: Connection) -> None:
    asyncio.run(_serve(body, ready))


@contextmanager
def upstream(body: bytes) -> Iterator[str]:
    """Serve `body` (chunked framing included) to every request and give the base URL."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(body, sender), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{receiver.recv()}"
    finally:
        process.terminate()
        process.join()

"""A loopback server in a process of its own that answers each request with a prepared answer, named by its path.

`/text/v1beta/models/any:streamGenerateContent` and `/text/v1/chat/completions` give the answer "text". It does nothing
but read and write, so that what is measured on the other side is the client's cost.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.answers import answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

__all__ = ["upstream"]

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ntransfer-encoding: chunked\r\n\r\n"
_NONE = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
_LENGTH = re.compile(rb"^content-length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)
_TARGET = re.compile(rb"^POST /(\w+)/(\S*)")
_STREAMED = re.compile(rb'"stream":\s*true')


def _pieces(target: re.Match[bytes], body: bytes) -> tuple[bytes, ...]:
    """Return the bursts of the answer that a request asks for; one that is a JSON document if it asks for no stream."""
    wanted = answer(target[1].decode())
    if target[2].endswith(b"chat/completions"):
        return wanted.openai if _STREAMED.search(body) else (wanted.openai_whole,)
    return wanted.gemini if b":streamGenerateContent" in target[2] else (wanted.whole,)


async def _answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection until it is closed."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            body = await reader.readexactly(int(length[1])) if length is not None else b""
            target = _TARGET.match(head)
            pieces = _pieces(target, body) if target is not None else ()
            streamed = pieces and b"data:" in pieces[0][:20]
            kind = b"text/event-stream" if streamed else b"application/json"
            writer.write(_HEAD % kind if pieces else _NONE)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                if len(pieces) > 1:
                    await asyncio.sleep(0.02)  # so that many streams are open at a time, as those of models are
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _serve(ready: Connection) -> None:
    server = await asyncio.start_server(_answered, "127.0.0.1", 0, backlog=4096)
    ready.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _run(ready: Connection) -> None:
    asyncio.run(_serve(ready))


@contextmanager
def upstream() -> Iterator[str]:
    """Serve, and give the URL to put an answer's name behind."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(sender,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{receiver.recv()}"
    finally:
        process.terminate()
        process.join()

"""A server on loopback that says exactly what a test tells it to, down to how the connection ends."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

LONGEST_S = 10.0
"""No test waits longer for a socket: beyond it something hangs."""


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection of a client, for a script to speak on."""

    def __init__(self, sock: socket.socket, stop: threading.Event) -> None:
        self._socket = sock
        self._stop = stop
        self.closed_by_client = threading.Event()

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._socket.sendall(piece)

    def head(self, status: int = 200, *, framing: str = "transfer-encoding: chunked", extra: str = "") -> None:
        # Each connection serves one request, and says so: a client must not hope to use it again.
        lines = [f"HTTP/1.1 {status} X", "content-type: text/event-stream", "connection: close", framing, extra]
        self.send("\r\n".join([*(line for line in lines if line), "", ""]).encode())

    def chunk(self, *pieces: bytes) -> None:
        """Send pieces in HTTP's chunk framing."""
        for piece in pieces:
            self.send(b"%x\r\n%b\r\n" % (len(piece), piece))

    def end(self) -> None:
        self.send(b"0\r\n\r\n")

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def wait_for_close(self) -> None:
        """Return when the client closed the connection, or the test ends."""
        self._socket.settimeout(0.05)
        while not self._stop.is_set():
            try:
                if not self._socket.recv(65536):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            return
        self.closed_by_client.set()


class Loopback:
    """Answers connection after connection by the given scripts; the last one serves all further connections."""

    def __init__(self, *scripts: Callable[[Connection], None]) -> None:
        self._scripts = list(scripts)
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self.received: list[Received] = []
        self.connections: list[Connection] = []
        self.port: int = self._listener.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}/v1beta"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(LONGEST_S)

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._start(lambda sock=sock: self._serve(sock))  # type: ignore[misc]  # binds the socket of this round

    def _serve(self, sock: socket.socket) -> None:
        connection = Connection(sock, self._stop)
        with self._lock:
            self.connections.append(connection)
        with sock, contextlib.suppress(OSError):
            sock.settimeout(LONGEST_S)
            request = self._read(sock)
            if request is None:
                return
            with self._lock:
                self.received.append(request)
                script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            script(connection)

    @staticmethod
    def _read(sock: socket.socket) -> Received | None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = sock.recv(65536)
            if not piece:
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        line, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (item.partition(":") for item in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += sock.recv(65536)
        return Received(line, headers, body)

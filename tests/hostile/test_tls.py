"""Certificates that do not hold: no request, and so no key, goes to a server that cannot say who it is."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme

from gstream import Client, ConnectionFailed, Endpoint, RequestTimeout, Target
from tests.hostile.servers import CANARY, KEY, PACE_S, PROMPT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Collect

_AUTHORITY = trustme.CA()


def _target(port: int, host: str = "localhost") -> Target:
    return Target(Endpoint("custom", base_url=f"https://{host}:{port}/v1beta"), KEY)


@contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve connections one after the other, and give the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(5)
                serve(connection)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@contextmanager
def _secured(*names: str, heard: list[bytes]) -> Iterator[int]:
    """Serve with a certificate for `names`; what a client says behind the handshake goes into `heard`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _AUTHORITY.issue_cert(*names).configure_cert(context)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            heard.append(secured.recv(65_536))

    with _listening(serve) as port:
        yield port


def test_a_certificate_of_an_authority_that_nobody_knows_is_refused(collect: Collect) -> None:
    heard: list[bytes] = []
    with _secured("localhost", heard=heard) as port, pytest.raises(ConnectionFailed, match="certificate") as caught:
        collect(PROMPT, _target(port), max_retries=0)

    assert b"".join(heard) == b""
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_certificate_for_another_host_is_refused(mode: str) -> None:
    context = ssl.create_default_context()
    _AUTHORITY.configure_trust(context)
    heard: list[bytes] = []
    with _secured("elsewhere.example", heard=heard) as port:
        if mode == "sync":
            with httpx.Client(verify=context) as http, pytest.raises(ConnectionFailed, match="certificate"):
                Client(_target(port), http_client=http, max_retries=0).generate(PROMPT)
        else:

            async def ask() -> None:
                async with httpx.AsyncClient(verify=context) as http:
                    await Client(_target(port), http_async_client=http, max_retries=0).agenerate(PROMPT)

            with pytest.raises(ConnectionFailed, match="certificate"):
                asyncio.run(ask())

    assert b"".join(heard) == b""


def test_a_server_that_speaks_no_tls_is_a_failed_connection(collect: Collect) -> None:
    with (
        _listening(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as port,
        pytest.raises(ConnectionFailed),
    ):
        collect(PROMPT, _target(port), max_retries=0)


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "dripping"])
def test_a_handshake_that_never_ends_is_ended_by_the_limit_of_connecting(drips: bool, collect: Collect) -> None:  # noqa: FBT001 - a parameter of the test
    def serve(connection: socket.socket) -> None:
        connection.settimeout(PACE_S)
        if drips:
            connection.sendall(b"\x16\x03\x03\x40\x00")  # a handshake record of 16 KiB follows
        while True:
            if drips:
                connection.sendall(b"\x02")
            try:
                if not connection.recv(65_536):
                    return
            except TimeoutError:
                continue

    with _listening(serve) as port, pytest.raises(RequestTimeout) as caught:
        collect(PROMPT, _target(port), timeout={"connect": 0.3}, max_retries=0)

    assert caught.value.phase == "connect"

"""The HTTP connections that everything in a process shares, and what httpx may log of them.

Clients wait for calls: those of a process for sync calls, those of an event loop for async calls. That makes
constructing a model free, and lets thousands of short-lived models use the same connections. A client is made when none
waits, again after a fork, and closed when the process or the loop ends, so nothing warns at exit.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import threading
import time
import weakref
from collections import deque
from contextlib import contextmanager
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import httpx

from gstream.errors import REDACTED, ConfigurationError

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping

__all__ = ["HEAD_AWAITED", "TRANSPORT", "awaiting_head", "clause", "lent_async_client", "lent_client"]

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)

TRANSPORT: Final = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict)
"""The roots of everything httpx raises."""

_CLAUSES: Final = {
    httpx.ConnectError: "no connection",
    httpx.ReadError: "the connection was reset",
    httpx.RemoteProtocolError: "the connection was cut",
    httpx.WriteError: "the connection was closed while the request was sent",
    httpx.ProxyError: "the proxy refused",
}


def clause(error: Exception) -> str:
    """Return what a transport exception says as a clause; its class where it says nothing."""
    text = str(error).strip().rstrip(".")
    lead = next((words for kind, words in _CLAUSES.items() if isinstance(error, kind)), type(error).__name__)
    return f"{lead} ({text})" if text else lead


class _KeyFilter(logging.Filter):
    """Takes keys out of httpx's log: it notes the URL of each request, and some endpoints want the key in there."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                arg.copy_set_param("key", REDACTED) if isinstance(arg, httpx.URL) and "key" in arg.params else arg
                for arg in record.args
            )
        return True


logging.getLogger("httpx").addFilter(_KeyFilter())


# -- the head of a response ---------------------------------------------------------------------------------------

HEAD_AWAITED: Final = "receive_response_headers.started"
"""The end of the name under which httpcore tells that a request is out (`extensions["trace"]`, HTTP/1.1 and 2)."""
_CONNECTED: Final = (".connect_tcp.complete", ".connect_unix_socket.complete", ".start_tls.complete")
"""The ends of the names under which it tells of a new connection, in `info["return_value"]`."""


class _Wait(threading.local):
    """What the request of this thread waits for: a head until when, on the clock of `time.monotonic`."""

    until: float | None = None


_wait = _Wait()


@contextmanager
def awaiting_head(
    limit_s: Callable[[], float | None], left_s: float | None
) -> Iterator[Callable[[str, Mapping[str, Any]], None]]:
    """Hold all reads and writes of the block together to a limit, and give what httpcore must be told to call.

    httpx limits each read by itself, so a server that sends a header, or a 1xx response, a second is never too late.
    Only for blocking code: an event loop has limits that need none of this.

    Args:
        limit_s: gives the seconds from the end of the request to the end of the head; `None`: no limit.
        left_s: the seconds for everything, connecting and sending included.

    Raises:
        httpx.ReadTimeout: a limit was reached.
    """

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(_CONNECTED):
            stream: Any = info["return_value"]
            with contextlib.suppress(TypeError):  # a stream of somebody's own may refuse
                kind: Any = type(stream)
                stream.__class__ = _held(kind)
        elif event.endswith(HEAD_AWAITED) and (limit := limit_s()) is not None:
            _wait.until = time.monotonic() + limit

    _wait.until = None if left_s is None else time.monotonic() + left_s
    try:
        yield trace
    finally:
        _wait.until = None


@lru_cache(maxsize=8)
def _held(base: Any) -> type:
    """Return the class of a connection's stream as one that also minds `_wait`."""

    def read(self: object, max_bytes: int, timeout: float | None = None) -> bytes:
        data: bytes = base.read(self, max_bytes, timeout if _wait.until is None else _left(timeout))
        return data

    def write(self: object, buffer: bytes, timeout: float | None = None) -> None:
        base.write(self, buffer, timeout if _wait.until is None else _left(timeout))

    return type(base.__name__, (base,), {"read": read, "write": write})


def _left(timeout: float | None) -> float:
    left = (_wait.until or 0.0) - time.monotonic()
    if left <= 0:
        raise httpx.ReadTimeout("the head of the response took too long")
    return left if timeout is None else min(timeout, left)


# -- shared connections -------------------------------------------------------------------------------------------

_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=2, keepalive_expiry=30.0)
"""Of one client, which serves one call at a time: what stays open is the connection to its endpoint, and one more to a
fallback or to where media come from. So no more than twice `_KEPT` connections wait for a next call."""
_KEPT: Final = 100
"""Clients that wait for a next call, of one process or one event loop."""
_STALE_S: Final = 30.0
"""Seconds after which a client that waits is closed."""


class _Idle(Generic[Http]):
    """Clients that serve no call now. The one used last is taken first, so that those too many grow old and go.

    A client is lent to one call at a time because httpcore's pool is not safe to share: it may close a connection, as
    idle too long or as one too many, that it has handed to another call a moment before. That call then fails, or waits
    in its thread for a socket that is gone until its limit of time. No locks, as another thread may fork while one is
    held, and the child would wait for it for ever: a deque's ends need none.
    """

    def __init__(self) -> None:
        self._clients: deque[tuple[float, Http]] = deque()
        self._closed = False

    def take(self) -> Http | None:
        """Return a client; `None`: there is none."""
        try:
            return self._clients.pop()[1]
        except IndexError:
            return None

    def put(self, client: Http) -> list[Http]:
        """Take a client back, and return those that are to be closed."""
        if self._closed:
            return [client]
        now = time.monotonic()
        self._clients.append((now, client))
        over = []
        with contextlib.suppress(IndexError):  # other threads took them all meanwhile
            while len(self._clients) > _KEPT or now - self._clients[0][0] > _STALE_S:
                over.append(self._clients.popleft()[1])
        return over

    def close(self) -> list[Http]:
        """Keep no client any more, and return those that are to be closed."""
        self._closed = True
        clients = [client for _, client in self._clients]
        self._clients.clear()
        return clients


_sync: dict[int, _Idle[httpx.Client]] = {}
"""The clients of each process (by id): a forked child must not use its parent's connections."""
_async: weakref.WeakKeyDictionary[
    asyncio.AbstractEventLoop, tuple[_Idle[httpx.AsyncClient], AsyncGenerator[None, None]]
] = weakref.WeakKeyDictionary()


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Return the one TLS context: loading the certificates takes tens of milliseconds."""
    return httpx.create_ssl_context()


_LOOPBACK: Final = {f"all://{host}": None for host in ("127.0.0.1", "localhost", "[::1]")}
"""Hosts that no proxy is asked for: many who need one set HTTP_PROXY and forget NO_PROXY."""


def _options() -> dict[str, Any]:
    """Return what both kinds of client are made with; cookies are refused, as keys of several users share a pool."""
    jar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    return {"limits": _LIMITS, "verify": _tls(), "cookies": jar, "follow_redirects": False, "mounts": _LOOPBACK}


def _made(kind: type[Http]) -> Http:
    """Return a new client of the kind; what the environment says of proxies and certificates may make it impossible.

    The causes are left out of what is raised: they repeat the proxy's URL, which can hold a password.
    """
    try:
        return kind(**_options())
    except ImportError:
        message = "The proxy in the environment speaks SOCKS, which httpx needs another package for: pip install "
        raise ConfigurationError(f"{message}'httpx[socks]', or unset ALL_PROXY.") from None
    except (ValueError, httpx.InvalidURL):
        message = "A proxy in the environment cannot be used: HTTP_PROXY, HTTPS_PROXY and ALL_PROXY take URLs like"
        raise ConfigurationError(f"{message} http://host:port, https://host:port or socks5://host:port.") from None
    except OSError as error:
        message = "The certificates cannot be read: check the files that SSL_CERT_FILE and SSL_CERT_DIR name"
        raise ConfigurationError(f"{message} ({error}).") from error


@contextmanager
def lent_client(given: httpx.Client | None = None) -> Iterator[httpx.Client]:
    """Lend a client of this process to the one call of the block; `given` is used in its place.

    Raises:
        ConfigurationError: the environment names a proxy or certificates that cannot be used.
    """
    if given is not None:
        yield given
        return
    idle: _Idle[httpx.Client] = _sync.setdefault(os.getpid(), _Idle())
    client = idle.take() or _made(httpx.Client)
    try:
        yield client
    finally:
        for one in idle.put(client):
            one.close()


@atexit.register
def _close() -> None:
    idle = _sync.pop(os.getpid(), None)
    for client in idle.close() if idle is not None else ():
        client.close()


class lent_async_client:  # noqa: N801 - used as `lent_client` is
    """Lends as `lent_client` does, of the running event loop, which closes its clients with its async generators.

    No generator itself, as the loop would end it then beside the stream that uses it.
    """

    def __init__(self, given: httpx.AsyncClient | None = None) -> None:
        self._given = given
        self._client: httpx.AsyncClient | None = None
        self._idle: _Idle[httpx.AsyncClient] | None = None

    async def __aenter__(self) -> httpx.AsyncClient:
        if self._given is not None:
            return self._given
        loop = asyncio.get_running_loop()
        entry = _async.get(loop)
        if entry is None:
            idle: _Idle[httpx.AsyncClient] = _Idle()
            entry = _async[loop] = (idle, _closing(idle))
            await anext(entry[1])  # from here on the loop knows the generator, and closes it
        self._idle = entry[0]
        self._client = self._idle.take() or _made(httpx.AsyncClient)
        return self._client

    async def __aexit__(self, *_: object) -> None:
        if self._idle is not None and self._client is not None:
            for one in self._idle.put(self._client):
                await one.aclose()


async def _closing(idle: _Idle[httpx.AsyncClient]) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        for client in idle.close():
            await client.aclose()

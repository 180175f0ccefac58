"""The one module that touches HTTP: it moves bytes between httpx and a `Call`, in a sync and an async loop.

All clients share their connections: one pool a process for sync calls, one an event loop for async calls. That makes
constructing a model free, and lets thousands of short-lived models use the same connections. A pool is made on first
use, again after a fork, and closed when the process or the loop ends, so nothing warns at exit.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import socket
import threading
import time
import weakref
from contextlib import contextmanager
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final, Protocol

import httpx

from gstream.call import Call
from gstream.chunks import collect
from gstream.errors import REDACTED, ConfigurationError
from gstream.retry import RetryPolicy
from gstream.timeout import Timeout

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator

    from gstream.chunks import Chunk
    from gstream.endpoints import Target
    from gstream.messages import Prompt
    from gstream.settings import OnIncomplete
    from gstream.timeout import TimeoutLike

__all__ = ["Client"]


class Client:
    """Asks an endpoint (and its fallbacks) and streams what comes back.

    Constructing one does nothing: connections are made on the first request, and shared by all clients of a process
    (sync) or an event loop (async), so one client serves any number of threads and loops and needs no closing.

    Args:
        targets: where requests go; the further ones are fallbacks, tried in order before the first chunk.
        timeout: see `Timeout.of`.
        max_retries: see `RetryPolicy.max_retries`; a whole `RetryPolicy` is taken too.
        on_incomplete: what a stream without a finish reason becomes.
        http_client: your own `httpx.Client` (proxies, certificates, ...); you close it.
        http_async_client: your own `httpx.AsyncClient`; it belongs to one event loop.
    """

    def __init__(
        self,
        *targets: Target,
        timeout: TimeoutLike = None,
        max_retries: int | RetryPolicy = 2,
        on_incomplete: OnIncomplete = "raise",
        http_client: httpx.Client | None = None,
        http_async_client: httpx.AsyncClient | None = None,
    ) -> None:
        if not targets:
            raise ConfigurationError("A client needs at least one target: use gstream.resolve('shuyou', api_key=...).")
        self.targets = targets
        self.timeout = Timeout.of(timeout)
        self.policy = max_retries if isinstance(max_retries, RetryPolicy) else RetryPolicy(max_retries)
        self.on_incomplete: OnIncomplete = on_incomplete
        self._http_client = http_client
        self._http_async_client = http_async_client

    def stream(self, prompt: Prompt) -> Generator[Chunk, None, None]:
        """Yield the chunks of the answer as they arrive. Closing the generator closes the connection.

        With `candidate_count` above 1 the chunks of all candidates come mixed; `Chunk.index` tells them apart.

        Raises:
            GStreamError: anything that goes wrong; see `errors` for the classes and what they carry.
        """
        return self._stream(self._call(prompt))

    def astream(self, prompt: Prompt) -> AsyncGenerator[Chunk, None]:
        """Yield as `stream` does, on the running event loop."""
        return self._astream(self._call(prompt))

    def generate(self, prompt: Prompt) -> Chunk:
        """Return the whole answer (the first candidate's) as one chunk.

        As nothing is delivered before the end, a failure at any point may be retried.

        Raises:
            GStreamError: as `stream`.
        """
        return self.generate_all(prompt)[0]

    async def agenerate(self, prompt: Prompt) -> Chunk:
        """Return as `generate` does, on the running event loop."""
        return (await self.agenerate_all(prompt))[0]

    def generate_all(self, prompt: Prompt) -> list[Chunk]:
        """Return all candidates (`candidate_count`), in the order of their index."""
        return _by_candidate(self._stream(self._call(prompt, held=True)))

    async def agenerate_all(self, prompt: Prompt) -> list[Chunk]:
        """Return as `generate_all` does, on the running event loop."""
        return _by_candidate([chunk async for chunk in self._astream(self._call(prompt, held=True))])

    def _call(self, prompt: Prompt, *, held: bool = False) -> Call:
        return Call(
            prompt,
            self.targets,
            timeout=self.timeout,
            policy=self.policy,
            on_incomplete=self.on_incomplete,
            held=held,
        )

    def _stream(self, call: Call) -> Generator[Chunk, None, None]:
        http = self._http_client or shared_client()
        while not call.complete:
            request = _request(call, http)
            try:
                response = http.send(request, stream=True, follow_redirects=False)
                try:
                    _open(call, request, response)
                    with _in_time(call, response, _later):
                        for data in response.iter_bytes():
                            yield from call.feed(data)
                            if call.done:
                                break
                finally:
                    response.close()
            except _TRANSPORT as error:
                _tell(call, error)
            yield from call.finish()
            if call.wait_s:
                time.sleep(call.wait_s)

    async def _astream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        http = self._http_async_client or await shared_async_client()
        while not call.complete:
            request = _request(call, http)
            try:
                response = await http.send(request, stream=True, follow_redirects=False)
                try:
                    _open(call, request, response)
                    with _in_time(call, response, asyncio.get_running_loop().call_later):
                        async for data in response.aiter_bytes():
                            for chunk in call.feed(data):
                                yield chunk
                            if call.done:
                                break
                finally:
                    await response.aclose()
            except _TRANSPORT as error:
                _tell(call, error)
            for chunk in call.finish():
                yield chunk
            if call.wait_s:
                await asyncio.sleep(call.wait_s)


def _by_candidate(chunks: Iterable[Chunk]) -> list[Chunk]:
    candidates: dict[int, list[Chunk]] = {}
    for chunk in chunks:
        candidates.setdefault(chunk.index, []).append(chunk)
    return [collect(candidates[index]) for index in sorted(candidates)]


# -- httpx's words, told to a call --------------------------------------------------------------------------------


class _Cancellable(Protocol):
    def cancel(self) -> object: ...


_TRANSPORT: Final = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict)
"""The roots of everything httpx raises."""


def _request(call: Call, http: httpx.Client | httpx.AsyncClient) -> httpx.Request:
    wire = call.request()
    if http.is_closed:
        raise ConfigurationError("The HTTP client you gave is closed: give an open one, or none.")
    wait = call.limit("first_byte")
    timeout = httpx.Timeout(connect=call.limit("connect"), read=wait, write=wait, pool=wait)
    try:
        return http.build_request(wire.method, wire.url, headers=wire.headers, content=wire.body, timeout=timeout)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise ConfigurationError(
            f"No request can be made of this base_url and these headers ({type(error).__name__}): check base_url and "
            "extra_headers."
        ) from None


def _open(call: Call, request: httpx.Request, response: httpx.Response) -> None:
    call.opened(response.status_code, response.headers)
    # httpcore reads this limit when the body's first read begins, so from here on it is the idle one.
    request.extensions["timeout"]["read"] = call.limit("idle")


def _later(delay_s: float, action: Callable[[], None]) -> threading.Timer:
    """Run `action` in `delay_s` seconds on a thread of its own, unless cancelled before."""
    timer = threading.Timer(delay_s, action)
    timer.daemon = True
    timer.start()
    return timer


@contextmanager
def _in_time(
    call: Call, response: httpx.Response, later: Callable[[float, Callable[[], None]], _Cancellable]
) -> Iterator[None]:
    """End the response when the call's total time is over, also while a read of it waits for longer."""
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None else None
    left_s = call.left_s
    if left_s is None or connection is None:
        yield
        return
    alarm = later(left_s, lambda: _end(connection))
    try:
        yield
    finally:
        alarm.cancel()


def _end(connection: socket.socket) -> None:
    """End a connection so that whoever reads from it notices at once; one that is closed already needs no end."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _tell(call: Call, error: Exception) -> None:
    """Tell `call` how the transport failed."""
    if isinstance(error, httpx.ConnectTimeout):
        call.timed_out("connect")
    elif isinstance(error, httpx.TimeoutException):
        call.timed_out("idle" if call.begun else "first byte")
    elif isinstance(error, httpx.DecodingError):
        call.garbled(str(error))
    elif isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        call.unusable(type(error).__name__)  # its words may quote a header, which may be secret
    else:
        call.cut(_clause(error))


_CLAUSES: Final = {
    httpx.ConnectError: "no connection",
    httpx.ReadError: "the connection was reset",
    httpx.RemoteProtocolError: "the connection was cut",
    httpx.WriteError: "the connection was closed while the request was sent",
    httpx.ProxyError: "the proxy refused",
}


def _clause(error: Exception) -> str:
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


# -- shared connections -------------------------------------------------------------------------------------------

_LIMITS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=30.0)
"""As many connections as there are streams (a thousand must run at once); idle ones are kept for a next turn."""

_lock = threading.Lock()
_sync: dict[int, httpx.Client] = {}
"""The pool of each process (by id): a forked child must not use its parent's connections."""
_async: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[httpx.AsyncClient, AsyncGenerator[None, None]]] = (
    weakref.WeakKeyDictionary()
)


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


def shared_client() -> httpx.Client:
    """Return this process's client."""
    client = _sync.get(os.getpid())
    if client is None:
        with _lock:
            client = _sync.get(os.getpid())
            if client is None:
                client = _sync[os.getpid()] = httpx.Client(**_options())
    return client


@atexit.register
def _close() -> None:
    client = _sync.pop(os.getpid(), None)
    if client is not None:
        client.close()


async def shared_async_client() -> httpx.AsyncClient:
    """Return the running loop's client; the loop closes it when it shuts down its async generators."""
    loop = asyncio.get_running_loop()
    entry = _async.get(loop)
    if entry is None:
        client = httpx.AsyncClient(**_options())
        guard = _closing(client)
        _async[loop] = (client, guard)
        await anext(guard)  # from here on the loop knows the generator, and closes it
        return client
    return entry[0]


async def _closing(client: httpx.AsyncClient) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await client.aclose()

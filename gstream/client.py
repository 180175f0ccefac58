"""The loops that ask: they move bytes between httpx and a `Call`, one sync, one async, and decide nothing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from gstream.call import Call
from gstream.chunks import collect
from gstream.connections import HEAD_AWAITED, TRANSPORT, awaiting_head, clause, lent_async_client, lent_client
from gstream.encoding import ACCEPTED
from gstream.errors import ConfigurationError
from gstream.fetcher import UrlFetcher
from gstream.retry import RetryPolicy
from gstream.settings import MAX_ANSWER_BYTES
from gstream.timeout import Timeout

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable, Iterator

    from gstream.chunks import Chunk
    from gstream.endpoints import Target
    from gstream.messages import Prompt
    from gstream.remote import Fetcher
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
        fetcher: what fetches media that a prompt names by URL; `None`: a `UrlFetcher`.
        max_answer_bytes: bytes of one response, unpacked; a single document may be a quarter of it, and there may be
            one for every 256 of them. A longer one is a `StreamError`.
    """

    def __init__(
        self,
        *targets: Target,
        timeout: TimeoutLike = None,
        max_retries: int | RetryPolicy = 2,
        on_incomplete: OnIncomplete = "raise",
        http_client: httpx.Client | None = None,
        http_async_client: httpx.AsyncClient | None = None,
        fetcher: Fetcher | None = None,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        if not targets:
            raise ConfigurationError("A client needs at least one target: use gstream.resolve('shuyou', api_key=...).")
        if max_answer_bytes < 1:
            raise ConfigurationError(f"max_answer_bytes must be a number of bytes above 0; got {max_answer_bytes!r}.")
        self.targets = targets
        self.timeout = Timeout.of(timeout)
        self.policy = max_retries if isinstance(max_retries, RetryPolicy) else RetryPolicy(max_retries)
        self.on_incomplete: OnIncomplete = on_incomplete
        self.max_answer_bytes = max_answer_bytes
        self._http_client = http_client
        self._http_async_client = http_async_client
        self._fetcher = fetcher or UrlFetcher()

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
            max_answer_bytes=self.max_answer_bytes,
        )

    def _stream(self, call: Call) -> Generator[Chunk, None, None]:
        data = b""
        while not call.complete:
            for url in call.wanted():
                with _told(call, url):
                    call.fetched(url, self._fetcher.fetch(url))
            try:
                with lent_client(self._http_client) as http:
                    response = _send(call, http)
                    try:
                        _open(call, response)
                        with _in_time(call, response, _later):
                            for data in _body(response):
                                yield from call.feed(data)
                                if call.done:
                                    break
                    finally:
                        response.close()
            except TRANSPORT as error:
                _tell(call, error)
            data = b""  # tools that show an error's local variables would show what the server said
            yield from call.finish()
            if call.wait_s:
                time.sleep(call.wait_s)

    async def _astream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        data = b""
        while not call.complete:
            if urls := call.wanted():
                await self._afetch(call, urls)
            try:
                async with lent_async_client(self._http_async_client) as http:
                    response = await _asend(call, http)
                    try:
                        _open(call, response)
                        with _in_time(call, response, asyncio.get_running_loop().call_later):
                            async for data in _abody(response):
                                for chunk in call.feed(data):
                                    yield chunk
                                if call.done:
                                    break
                    finally:
                        await response.aclose()
            except TRANSPORT as error:
                _tell(call, error)
            data = b""  # as above
            for chunk in call.finish():
                yield chunk
            if call.wait_s:
                await asyncio.sleep(call.wait_s)

    async def _afetch(self, call: Call, urls: Iterable[str]) -> None:
        """Fetch all of `urls` at once; the first failure ends the others."""

        async def one(url: str) -> None:
            with _told(call, url):
                call.fetched(url, await self._fetcher.afetch(url))

        try:
            async with asyncio.TaskGroup() as group:
                for url in urls:
                    group.create_task(one(url))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None


@contextmanager
def _told(call: Call, url: str) -> Iterator[None]:
    """Tell `call` what a fetch raised. A fetcher may be anybody's code, and raise anything."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - no foreign exception leaves
        raise call.unfetched(url, error) from None


def _by_candidate(chunks: Iterable[Chunk]) -> list[Chunk]:
    candidates: dict[int, list[Chunk]] = {}
    for chunk in chunks:
        candidates.setdefault(chunk.index, []).append(chunk)
    return [collect(candidates[index]) for index in sorted(candidates)]


# -- httpx's words, told to a call --------------------------------------------------------------------------------


class _Cancellable(Protocol):
    def cancel(self) -> object: ...


def _send(call: Call, http: httpx.Client) -> httpx.Response:
    """Send a call's request and return the response, of which only the head was read.

    The request itself, which holds the key, is no variable here: tools that show those of an error would show it.
    """
    with awaiting_head(lambda: call.limit("first_byte"), call.left_s) as trace:
        return http.send(_request(call, http, trace), stream=True, follow_redirects=False)


async def _asend(call: Call, http: httpx.AsyncClient) -> httpx.Response:
    """Return as `_send` does, on the running event loop."""
    try:
        async with asyncio.timeout(call.left_s) as limit:

            async def trace(event: str, _: object) -> None:
                if event.endswith(HEAD_AWAITED) and (seconds := call.limit("first_byte")) is not None:
                    limit.reschedule(asyncio.get_running_loop().time() + seconds)

            return await http.send(_request(call, http, trace), stream=True, follow_redirects=False)
    except TimeoutError:
        raise httpx.ReadTimeout("the head of the response took too long") from None


def _request(call: Call, http: httpx.Client | httpx.AsyncClient, trace: Callable[..., Any]) -> httpx.Request:
    wire = call.request()
    if http.is_closed:
        raise ConfigurationError("The HTTP client you gave is closed: give an open one, or none.")
    wait = call.limit("first_byte")
    try:
        return http.build_request(
            wire.method,
            wire.url,
            headers={"accept-encoding": ACCEPTED, **wire.headers},
            content=wire.body,
            timeout=httpx.Timeout(connect=call.limit("connect"), read=wait, write=wait, pool=wait),
            extensions={"trace": trace},
        )
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        kind = type(error).__name__
    # Out of the handler, as what was caught there knows the URL and the headers.
    raise ConfigurationError(
        f"No request can be made of this base_url and these headers ({kind}): check base_url and extra_headers."
    )


def _open(call: Call, response: httpx.Response) -> None:
    call.opened(response.status_code, response.headers, unpacked=response.is_stream_consumed)
    # httpcore reads this limit when the body's first read begins, so from here on it is the idle one.
    response.request.extensions["timeout"]["read"] = call.limit("idle")


def _body(response: httpx.Response) -> Iterator[bytes]:
    """Return the body's bytes as they travel; unpacked where a transport of the caller's has read them already."""
    return response.iter_bytes() if response.is_stream_consumed else response.iter_raw()


def _abody(response: httpx.Response) -> AsyncIterator[bytes]:
    return response.aiter_bytes() if response.is_stream_consumed else response.aiter_raw()


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
        call.cut(clause(error))

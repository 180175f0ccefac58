"""One call, from prompt to last chunk, without I/O: what to send, what the bytes mean, whether to try again.

`client` moves the bytes. It asks a `Call` for requests, tells it what came or how the transport failed, and passes on
the chunks it gets; so the sync and the async loop cannot decide differently.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal, TypeAlias

from gstream.calls import OneCall
from gstream.decoder import StreamDecoder
from gstream.encoding import Garbled, Inflater, coding_of
from gstream.errors import (
    ConfigurationError,
    ConnectionFailed,
    GStreamError,
    RequestError,
    RequestTimeout,
    StreamError,
)
from gstream.remote import shown_url, to_fetch, with_content
from gstream.request import build_request
from gstream.retry import Route
from gstream.settings import MAX_ANSWER_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gstream.chunks import Chunk
    from gstream.endpoints import Target
    from gstream.messages import Prompt
    from gstream.remote import Fetched
    from gstream.request import WireRequest
    from gstream.retry import RetryPolicy
    from gstream.settings import OnIncomplete
    from gstream.timeout import Timeout

__all__ = ["Call", "Phase"]

Phase: TypeAlias = Literal["connect", "first byte", "idle", "total"]
"""Which limit of time was reached."""


class Call:
    """One call: its route, the response being decoded, and whether anything reached the caller.

    The loop that drives it: while not `complete`, fetch what is `wanted()` and send `request()`; then `opened`, `feed`
    until `done`; on a failure of the transport one of `timed_out`, `cut`, `unreachable`, `garbled`, `unusable`; then
    `finish()` and wait `wait_s`.

    Args:
        prompt: what to ask.
        targets: where; the further ones are fallbacks.
        timeout: limits of time.
        policy: when to ask again.
        on_incomplete: what a stream without a finish reason becomes.
        held: keep all chunks back until the end, so that a failure at any point may be retried. Only the last chunk
            of each candidate then has a `raw`.
        max_answer_bytes: bytes of one response; see `StreamDecoder`.
    """

    def __init__(
        self,
        prompt: Prompt,
        targets: Sequence[Target],
        *,
        timeout: Timeout,
        policy: RetryPolicy,
        on_incomplete: OnIncomplete = "raise",
        held: bool = False,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self.complete = False
        self.wait_s = 0.0
        """Seconds to wait before the next request."""
        self._prompt = prompt
        self._route = Route(targets, policy)
        self._timeout = timeout
        self._deadline = None if timeout.total is None else time.monotonic() + timeout.total
        self._on_incomplete: OnIncomplete = on_incomplete
        self._held: list[Chunk] | None = [] if held else None
        self._several = (prompt.settings.candidate_count or 1) > 1
        self._max_answer_bytes = max_answer_bytes
        self._inflater: Inflater | None = None
        self._one_call: OneCall | None = None
        self._delivered = False
        self._fetched: dict[str, Fetched] = {}
        self._decoder: StreamDecoder | None = None
        self._error: GStreamError | None = None
        self._cut: str | None = None
        self._heard = time.monotonic()
        """When the last part of an answer came (or the request went out)."""
        self._heard_something = False

    @property
    def begun(self) -> bool:
        """Whether a response has begun."""
        return self._decoder is not None

    @property
    def left_s(self) -> float | None:
        """The seconds that are left of the total; `None` without a limit."""
        return None if self._deadline is None else max(0.001, self._deadline - time.monotonic())

    @property
    def done(self) -> bool:
        """Whether the rest of the current response need not be read."""
        return self._error is not None or self._cut is not None or (self._decoder is not None and self._decoder.done)

    def wanted(self) -> tuple[str, ...]:
        """Return the URLs of media that must be fetched before the next request; what was fetched once is kept."""
        urls = to_fetch(self._prompt, self._route.target.endpoint)
        return tuple(url for url in urls if url not in self._fetched)

    def fetched(self, url: str, content: Fetched) -> None:
        """Take what lies at a URL that is wanted."""
        self._fetched[url] = content

    def unfetched(self, url: str, error: Exception) -> GStreamError:
        """Return what a failed fetch is to the caller; asking an endpoint again, or another one, would not heal it."""
        if not isinstance(error, GStreamError):
            said = f"{type(error).__name__}: {error}".rstrip(": .")
            error = RequestError(f"The file at {shown_url(url)} could not be fetched ({said}).")
        return self._located(error)

    def request(self) -> WireRequest:
        """Return the next request; whatever an earlier one left is forgotten.

        Raises:
            RequestError, ConfigurationError: as `build_request`.
        """
        self._decoder, self._inflater, self._error, self._cut, self.wait_s = None, None, None, None, 0.0
        self._heard, self._heard_something = time.monotonic(), False
        if self._held is not None:
            self._held.clear()
        target = self._route.target
        try:
            prompt = with_content(self._route.prompt(self._prompt), self._fetched)
            return build_request(prompt, target.endpoint, target.api_key, auth=target.auth)
        except GStreamError as error:
            raise self._route.final(self._located(error)) from None

    def limit(self, phase: Literal["connect", "first_byte", "idle"]) -> float | None:
        """Return the seconds a phase may take from now on: its own limit, or what is left of the total if less."""
        limit: float | None = getattr(self._timeout, phase)
        limits = [seconds for seconds in (limit, self.left_s) if seconds is not None]
        return min(limits) if limits else None

    def opened(self, status: int, headers: Mapping[str, str], *, unpacked: bool = False) -> None:
        """Note that a response began.

        Args:
            status: its HTTP status.
            headers: its headers, names in lower case.
            unpacked: whether its content encoding has been removed already.
        """
        self._one_call = None if self._prompt.parallel_calls else OneCall()
        self._decoder = StreamDecoder(
            status=status,
            headers=headers,
            on_incomplete=self._on_incomplete,
            several=self._several,
            max_bytes=self._max_answer_bytes,
            secrets=self._route.secrets,
        )
        encoding = headers.get("content-encoding")
        if encoding and not unpacked:
            try:
                coding = coding_of(encoding)
            except Garbled as error:
                self.garbled(str(error))
            else:
                self._inflater = Inflater(coding) if coding else None

    def feed(self, data: bytes) -> Iterable[Chunk]:
        """Return the chunks for the caller that `data` completes.

        Bytes that are packed are unpacked as the chunks are asked for, so that what comes out is never had at once.
        """
        return self._fed(data) if self._inflater is None else self._unpacked(self._inflater, data)

    def _unpacked(self, inflater: Inflater, data: bytes) -> Iterator[Chunk]:
        try:
            for piece in inflater.feed(data):
                yield from self._fed(piece)
                if self.done:
                    return
        except Garbled as error:
            self.garbled(str(error))

    def _fed(self, data: bytes) -> list[Chunk]:
        if self._decoder is None:
            return []
        chunks = self._decoder.feed(data)
        now = time.monotonic()
        if chunks:
            self._heard, self._heard_something = now, True
        elif self._timeout.first_byte is not None and now - self._heard > self._timeout.first_byte:
            self.timed_out("first byte")  # bytes came all the time, but they only kept the connection alive
        if self._deadline is not None and now > self._deadline:
            self.timed_out("total")
        return self._passed(chunks)

    def finish(self) -> Iterator[Chunk]:
        """Yield the last chunks, or decide what to do about the failure: `wait_s` and not `complete`, or raise.

        Raises:
            GStreamError: the failure, if the caller has received something or there is nothing left to try.
        """
        try:
            if self._error is not None or self._decoder is None:
                raise self._error or ConnectionFailed(f"No answer from {self._place}.")
            yield from self._passed(self._decoder.drain())
            chunks = self._decoder.close(cut=self._cut)
        except GStreamError as error:
            self._failed(error)
            return
        self.complete = True
        for chunk in chunks:
            chunk.endpoint = self._route.target.endpoint.name
        chunks = self._passed(chunks)
        yield from chunks if self._held is None else self._held

    # -- how a transport fails ----------------------------------------------------------------------------------

    def timed_out(self, phase: Phase) -> None:
        """Note that a limit of time was reached. An answer that has ended, on a connection that has not, is whole."""
        if self._decoder is not None and self._decoder.ended:
            self._cut = "the connection stayed open"
            return
        if self._deadline is not None and time.monotonic() >= self._deadline:
            phase = "total"
        name = phase.replace(" ", "_")
        limit = getattr(self._timeout, name)
        stated = "" if limit is None else f" within {limit:g} s"
        what = {
            "connect": f"No connection to {self._place}{stated}",
            "first byte": f"No {'further ' if self._heard_something else ''}part of an answer{stated}",
            "idle": f"The answer stopped: not one more byte{stated}",
            "total": f"The answer was not complete{stated}",
        }[phase]
        message = f"{what}; raise timeout={{{name!r}: ...}} to wait longer."
        self._error = RequestTimeout(message, phase=phase, limit_s=limit)

    def cut(self, how: str) -> None:
        """Note that the connection broke. `how` is a clause; what arrived before decides what that means."""
        if self._deadline is not None and time.monotonic() >= self._deadline:
            self.timed_out("total")
        elif self._decoder is None:
            self.unreachable(how)
        else:
            self._cut = how

    def unreachable(self, how: str) -> None:
        """Note that no response came at all."""
        self._error = ConnectionFailed(f"No answer from {self._place}: {how}.")

    def garbled(self, how: str) -> None:
        """Note that the response's content encoding is broken. What has ended is whole, and a status says enough."""
        if self._decoder is not None and (self._decoder.ended or self._decoder.status >= 300):  # noqa: PLR2004 - success
            self._cut = how
            return
        self._error = StreamError(f"The response's content encoding is broken: {how}.", retryable=True)

    def unusable(self, how: str) -> None:
        """Note that no request can be made of the URL or the headers."""
        self._error = ConfigurationError(f"No request can be made of this base_url and these headers: {how}.")

    # -- inside -------------------------------------------------------------------------------------------------

    def _passed(self, chunks: list[Chunk]) -> list[Chunk]:
        if self._one_call is not None:
            chunks = self._one_call.feed(chunks)
        if not chunks:
            return chunks
        if self._held is not None:
            for chunk in chunks:
                if not chunk.last:
                    chunk.raw = {}  # many times as large as what is collected of it
            self._held += chunks
            return []
        self._delivered = True
        return chunks

    def _failed(self, error: GStreamError) -> None:
        """Note where `error` happened, then set the wait for another try or raise it."""
        if error.partial is None and self._decoder is not None:
            error.partial = self._decoder.partial
        self._located(error)
        if self._delivered:
            raise self._route.final(error) from None
        self.wait_s = self._route.failed(error)
        if self._deadline is not None and time.monotonic() + self.wait_s > self._deadline:
            raise self._route.final(error) from None

    def _located(self, error: GStreamError) -> GStreamError:
        """Return `error` with the place it happened at in it, and without any key.

        What raised it goes too, and the frames it came through: the local variables in there are the request itself,
        and some tools show them.
        """
        target = self._route.target
        error.located(endpoint=target.endpoint.name, model=target.model or self._prompt.model)
        error.__cause__ = error.__context__ = error.__traceback__ = None
        return error.redacted(self._route.secrets)

    @property
    def _place(self) -> str:
        return str(self._route.target.endpoint.base_url)

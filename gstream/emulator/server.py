"""`Emulator`: a reseller that listens on loopback, in a thread with its own event loop.

Rule 1: `stop()` ends everything that was started: streams, the server, the loop, the thread.
Rule 2: the caller's event loop is never touched, so that blocking and async callers use it alike.
"""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

from aiohttp import web

from gstream.emulator.dialects import DIALECTS, Dialect
from gstream.emulator.faults import FAULTS, Fault
from gstream.emulator.received import Received, Record
from gstream.emulator.reseller import Reseller, Script
from gstream.endpoints import ENDPOINTS, Endpoint
from gstream.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import TypeVar

    Named = TypeVar("Named")

__all__ = ["Emulator"]

_BACKLOG = 4096
"""Connections that may wait to be accepted: a thousand streams begin at once."""
_GOODBYE_S = 0.05
"""Seconds that a handler gets to end once its connection was cut."""


class Emulator:
    """A local reseller.

    Use it as a context manager, or call `start()` and `stop()`. It may be started again after it was stopped.

    Args:
        endpoint: a name of `DIALECTS`, or an own `Dialect`.
        host: the address to listen on.
        port: the port; 0: any free one.
        api_key: the one key that is taken; `None`: a random one.
        fault: a name of `FAULTS`, or an own `Fault`; `None`: it answers honestly.
        fault_times: how many of the first requests meet the fault; `None`: all.
        replay: recorded bytes of a response, or the path of a file with them: the answer to every request.
        replay_type: the content type of `replay`; `None`: what its bytes look like.
        pace_s: seconds between two chunks.
        script: answers in place of the model's: a callable that gets the request body, or a list of which each
            request takes the next (the last one stays). An answer is a list of response documents, which the dialect
            frames, or raw bytes; one answer alone is the answer to every request. Scripted and replayed answers are
            given whatever the body says.
        keep: how many of the last requests `requests` holds, bodies included, at least 1; `None`: all, which is for
            tests. An emulator that runs for long needs a number.

    Raises:
        ConfigurationError: an unknown endpoint or fault, or a `keep` below 1.
    """

    def __init__(
        self,
        endpoint: str | Dialect = "google",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str | None = None,
        fault: str | Fault | None = None,
        fault_times: int | None = None,
        replay: bytes | str | Path | None = None,
        replay_type: str | None = None,
        pace_s: float = 0.0,
        script: Script | None = None,
        keep: int | None = None,
    ) -> None:
        if keep is not None and keep < 1:
            raise ConfigurationError(f"keep must be a number of requests from 1 on, or None for all; got {keep!r}.")
        self.dialect = endpoint if isinstance(endpoint, Dialect) else _named(endpoint, DIALECTS, "endpoint")
        self.host = host
        self.port = port
        """The port; the real one as soon as it is started."""
        self.api_key = api_key or f"emulated-{secrets.token_hex(16)}"
        self._facts = ENDPOINTS.get(self.dialect.name) or Endpoint(name=self.dialect.name)
        self._record = Record(keep)
        self._reseller = Reseller(
            dialect=self.dialect,
            prefix=self._facts.path,
            api_key=self.api_key,
            record=self._record,
            fault=_named(fault, FAULTS, "fault") if isinstance(fault, str) else fault,
            fault_name=fault if isinstance(fault, str) else "custom",
            fault_times=fault_times,
            replay=replay if isinstance(replay, bytes | None) else Path(replay).read_bytes(),
            replay_type=replay_type,
            script=script,
            pace_s=pace_s,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._failures: list[OSError] = []

    @property
    def base_url(self) -> str:
        """What `base_url=` takes: scheme, host, port and the endpoint's own path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{self._facts.path}"

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint's facts, with this server's address."""
        return dataclasses.replace(self._facts, base_url=self.base_url)

    @property
    def requests(self) -> list[Received]:
        """The requests so far, in order of arrival; the last `keep` of them. `Received.number` counts all."""
        return self._record.copy()

    def wait_until(self, condition: Callable[[list[Received]], bool], timeout_s: float = 1.0) -> bool:
        """Return whether `condition` became true of `requests` within `timeout_s` seconds."""
        return self._record.wait(condition, timeout_s)

    def start(self) -> Self:
        """Listen, and return once connections are taken.

        Raises:
            OSError: the address cannot be had.
        """
        if self._thread is not None:
            return self
        listening = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(listening,), name=f"gstream-emulator-{self.dialect.name}", daemon=True
        )
        self._thread.start()
        listening.wait()
        if self._failures:
            self._thread.join()
            self._thread = None
            raise self._failures.pop()
        return self

    def stop(self) -> None:
        """Cut what is open, stop listening and end the thread; does nothing where nothing runs."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = self._loop = self._stopping = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Emulator {self.dialect.name} {self.base_url}>"

    def _run(self, listening: threading.Event) -> None:
        with asyncio.Runner() as runner:
            try:
                runner.run(self._serve(listening))
            except OSError as error:
                self._failures.append(error)
                listening.set()

    async def _serve(self, listening: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._reseller.aborting = False
        server = web.Server(self._reseller.handle, handler_cancellation=True, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=_GOODBYE_S)
        await runner.setup()
        try:
            site = web.TCPSite(runner, self.host, self.port, backlog=_BACKLOG, reuse_address=True)
            await site.start()
            self.port = runner.addresses[0][1]
            listening.set()
            await self._stopping.wait()
        finally:
            self._reseller.abort()
            await runner.cleanup()


def _named(name: str, known: Mapping[str, Named], what: str) -> Named:
    found = known.get(name)
    if found is None:
        raise ConfigurationError(f"{what}={name!r} is not known to the emulator: choose one of {', '.join(known)}.")
    return found

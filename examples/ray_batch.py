r"""Ask a model about every row of a file, on all machines of a Ray cluster; stop and go on whenever you like.

    pip install 'gstream[langchain]' 'ray[data]'      # or gstream[llamaindex] with --framework llamaindex
    export SHUYOU_API_KEY=... JUHEAI_API_KEY=...
    python ray_batch.py reviews.jsonl --prompt 'Is this review positive? {text}' --out answers \
        --model gemini-2.5-flash --endpoint shuyou --fallback juheai --rpm shuyou=300 --rpm juheai=60

Each row needs a unique id. An answer is written the moment it is whole, so the same command again asks only for what is
missing, whatever ended the first one: Ctrl-C (once: answers under way are waited for), a killed worker, a lost machine.
Rows that failed are left alone until `--retry-failed`. A wrong key, an empty balance or an unknown model ends the run
at once, and counts as no row's failure.

On several machines `--out` must be on a file system that all of them see.

The limits of `--rpm` hold for all workers together and for every single request, retries and fallbacks included. The
model object travels to the workers, pickled with its key inside; they need no variables of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import batch_ledger
import batch_models
import httpx
import ray
import ray.data
from batch_ledger import Ledger, Pace, Row, Writer, claim, columns_of, digest, key_of, summary
from batch_models import FRAMEWORKS

from gstream import AuthenticationError, ConfigurationError, GStreamError, NotFoundError, QuotaError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from batch_models import Model

HOPELESS = (AuthenticationError, ConfigurationError, NotFoundError, QuotaError)
"""What no other row would fare better with."""
READERS = {".jsonl": ray.data.read_json, ".json": ray.data.read_json, ".csv": ray.data.read_csv}


# -- one for the whole run -----------------------------------------------------------------------------------------


@ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)
class Gate:
    """Says when the next request may be sent, and that there shall be none any more."""

    def __init__(self, per_minute: dict[str, float]) -> None:
        self._paces = {endpoint: Pace(limit) for endpoint, limit in per_minute.items()}
        self._stopped = ""

    def reserve(self, endpoint: str) -> float:
        """Return the seconds to wait before a request to `endpoint`."""
        pace = self._paces.get(endpoint)
        return pace.reserve(time.monotonic()) if pace else 0.0

    def stop(self, reason: str) -> None:
        """End the run; the first reason stays."""
        self._stopped = self._stopped or reason

    def stopped(self) -> str:
        """Return why the run ends; empty: it goes on."""
        return self._stopped


# -- one a worker --------------------------------------------------------------------------------------------------


class Stopped(Exception):  # noqa: N818 - no error: the run ends before this request
    """The run is being ended."""


class Worker:
    """A Ray actor that asks for a batch of rows, `in_flight` at a time, and writes what comes of each."""

    def __init__(self, model: Model, gate: Any, options: argparse.Namespace) -> None:
        self._places = {target.endpoint.base_url: target.endpoint.name for target in model.targets()}
        self._loop = asyncio.Runner()  # one loop for all batches keeps connections open between them
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=options.in_flight)
        http = httpx.AsyncClient(event_hooks={"request": [self._wait]}, limits=limits)
        self._model = model.model_copy(update={"http_async_client": http})
        self._ask = FRAMEWORKS[options.framework][1]
        self._gate, self._options = gate, options
        self._slots = asyncio.Semaphore(options.in_flight)
        self._ledger, self._writer = Ledger(options.out), Writer(options.out)
        self._stop = asyncio.Event()

    def __call__(self, batch: pa.Table) -> dict[str, list[str]]:
        """Return id and outcome ("answered", "known", "stopped", or an error's name) of each row of `batch`."""
        self._ledger.refresh()  # a worker that was killed may have written some of these
        rows = batch.to_pylist()
        outcomes = self._loop.run(self._all(rows))
        self._writer.sync()
        return {"id": [str(row[self._options.id_column]) for row in rows], "outcome": outcomes}

    async def _all(self, rows: list[Row]) -> list[str]:
        watch = asyncio.create_task(self._watch())
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._one(row)) for row in rows]
        finally:
            watch.cancel()
            await asyncio.wait([watch])
        return [task.result() for task in tasks]

    async def _watch(self) -> None:
        while not await self._gate.stopped.remote():  # noqa: ASYNC110 - another process knows, and tells when asked
            await asyncio.sleep(1)
        self._stop.set()

    async def _one(self, row: Row) -> str:
        options = self._options
        id_, prompt = str(row[options.id_column]), options.prompt.format_map(row)
        line = {"id": id_, "prompt": digest(prompt)}
        if self._known(line):
            return "known"
        async with self._slots:
            if self._stop.is_set():
                return "stopped"
            try:
                said = await self._ask(self._model, options.system, prompt)
            except Stopped:
                return "stopped"
            except GStreamError as error:
                return await self._failed(line, error)
        self._writer.result({**line, **said})
        return "answered"

    def _known(self, line: Row) -> bool:
        """Return whether a row needs no asking."""
        failure = self._ledger.failed.get(key_of(line))
        retry = self._options.retry_failed and failure is not None and failure["run"] != self._options.run
        return key_of(line) in self._ledger.answered or (failure is not None and not retry)

    async def _failed(self, line: Row, error: GStreamError) -> str:
        if all(isinstance(attempt, HOPELESS) for attempt in error.attempts or (error,)):
            self._stop.set()
            await self._gate.stop.remote(str(error))
            return "stopped"
        name = type(error).__name__
        said = {"error": name, "message": str(error), "retryable": error.retryable, "run": self._options.run}
        self._writer.failure({**line, **said})
        return name

    async def _wait(self, request: httpx.Request) -> None:
        """Hold a request (a retry and one to a fallback too) until its endpoint may be asked."""
        url = str(request.url)
        name = next((name for base, name in self._places.items() if url.startswith(f"{base}/")), "")
        wait_s = await self._gate.reserve.remote(name)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), wait_s)
        if self._stop.is_set():
            raise Stopped


# -- the command ---------------------------------------------------------------------------------------------------


def read_options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the command line, checked as far as it can be without the data."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=Path, help="a JSONL, CSV or Parquet file, or a folder of Parquet files")
    parser.add_argument("--out", type=Path, required=True, help="the folder of this run's results")
    parser.add_argument("--prompt", required=True, help="a template with columns in braces: 'Translate: {text}'")
    parser.add_argument("--system", help="the system instruction of all rows")
    parser.add_argument("--id-column", default="id", help="the column of unique ids (default: id)")
    parser.add_argument("--framework", choices=["langchain", "llamaindex"], default="langchain")
    parser.add_argument("--model", default="gemini-2.5-flash")
    parser.add_argument("--endpoint", help="whom to ask (default: GSTREAM_ENDPOINT, or the one whose key is set)")
    parser.add_argument("--fallback", action="append", default=[], help="whom to ask next; may be repeated")
    parser.add_argument("--rpm", action="append", default=[], metavar="NAME=N", help="requests a minute; repeatable")
    parser.add_argument("--max-retries", type=int, default=4, help="at each endpoint, for each row (default: 4)")
    parser.add_argument("--timeout", type=float, help="seconds without a sign of life (default: 600)")
    parser.add_argument("--retry-failed", action="store_true", help="ask again for rows that failed in earlier runs")
    parser.add_argument("--workers", type=int, default=2, help="actors (default: 2)")
    parser.add_argument("--in-flight", type=int, default=16, help="requests at a time of one worker (default: 16)")
    parser.add_argument("--price-in", type=float, help="the price of a million tokens of prompt, for the summary")
    parser.add_argument("--price-out", type=float, help="the price of a million tokens of answer")
    options = parser.parse_args(arguments)
    try:
        options.rpm = {name: float(limit) for name, limit in (pair.split("=") for pair in options.rpm)}
        options.columns = columns_of(options.prompt) | {options.id_column}
    except ValueError as error:
        parser.error(f"--rpm takes NAME=NUMBER, --prompt a template: {error}")
    if not all(limit > 0 for limit in options.rpm.values()):
        parser.error("--rpm takes limits above 0.")
    options.out, options.run = options.out.resolve(), uuid.uuid4().hex
    return options


def run(options: argparse.Namespace) -> str:
    """Ask for all rows and show how far that is; return why it ended early, or an empty text."""
    given = ("model", "endpoint", "max_retries", "timeout")
    parameters = {"fallbacks": options.fallback, **{name: getattr(options, name) for name in given}}
    model = FRAMEWORKS[options.framework][0](parameters)  # wrong options and missing keys are found here
    if unknown := {*options.rpm} - {target.endpoint.name for target in model.targets()}:
        raise ValueError(f"--rpm limits {', '.join(sorted(unknown))}, which this run does not ask.")
    names = ("prompt", "system", "id_column", "framework", "model")
    claim(options.out, {name: getattr(options, name) for name in names})
    rows = READERS.get(options.input.suffix, ray.data.read_parquet)(str(options.input))
    schema = rows.schema()
    if missing := options.columns - {*(schema.names if schema else ())}:
        raise ValueError(f"{options.input} has no column {', '.join(sorted(missing))}, or no rows.")
    gate = Gate.remote(options.rpm)
    outcomes = rows.repartition(target_num_rows_per_block=4 * options.in_flight).map_batches(
        Worker,
        fn_constructor_kwargs={"model": model, "gate": gate, "options": options},
        batch_size=None,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=options.workers),
        num_cpus=0.25,  # a worker waits more than it computes
    )
    total, seen, began_s = rows.count(), 0, time.monotonic()
    with stopping_gently(gate):
        for batch in outcomes.iter_batches(batch_size=None, prefetch_batches=0):
            seen += len(batch["id"])
            print(f"{seen:,} of {total:,} rows after {time.monotonic() - began_s:,.0f} s", file=sys.stderr)
    return str(ray.get(gate.stopped.remote()))


@contextlib.contextmanager
def stopping_gently(gate: Any) -> Iterator[None]:
    """Make the first Ctrl-C end the run behind what is under way, and the second one end it at once."""
    wanted = threading.Event()

    def first(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        wanted.set()

    def tell() -> None:
        wanted.wait()
        ray.get(gate.stop.remote("interrupted"))

    before = signal.signal(signal.SIGINT, first)
    threading.Thread(target=tell, daemon=True).start()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def main() -> int:
    """Run the command line; return 0 where every row was asked for, 1 where the run ended early, 2 where none was."""
    options = read_options()
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    for module in (batch_ledger, batch_models):  # so that other machines need no copy of them
        ray.cloudpickle.register_pickle_by_value(module)
    ray.init(include_dashboard=False, logging_level=logging.ERROR)
    try:
        reason = run(options)
    except (GStreamError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(summary(Ledger(options.out).refresh(), price_in=options.price_in, price_out=options.price_out))
    if reason:
        print(f"Ended early: {reason}. The same command goes on from here.", file=sys.stderr)
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())

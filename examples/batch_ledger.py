"""What `ray_batch.py` keeps on disk and decides without Ray: answered ids, result files, pace, prompts, the summary.

A folder holds one run: `run.json` (what was asked for), and for each worker `results-*.jsonl` and `failures-*.jsonl`,
one JSON object a line. Only whole lines count, so a worker may be killed at any moment; a later worker never writes to
an earlier one's file. On several machines the folder must be on a file system that all of them see.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import uuid
from collections import Counter
from string import Formatter
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["Ledger", "Pace", "Row", "Writer", "claim", "columns_of", "digest", "key_of", "summary"]

Row: TypeAlias = dict[str, Any]
"""One row of the input, or one line of a result or failure file."""
Key: TypeAlias = tuple[str, str]
"""A row's id and its prompt's digest: rows that share an id by mistake are not taken for each other."""


class Pace:
    """Spreads requests evenly over time; pure, the caller brings the clock and does the waiting.

    Args:
        per_minute: how many requests may begin in a minute; `None`: any number.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._interval_s = 60 / per_minute if per_minute else 0.0
        self._free_s = float("-inf")

    def reserve(self, now_s: float) -> float:
        """Take the next free moment and return how many seconds after `now_s` it is."""
        begin_s = max(now_s, self._free_s)
        self._free_s = begin_s + self._interval_s
        return begin_s - now_s


class Ledger:
    """What the files of a run say so far. `refresh` reads only what was written since it last looked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}
        """File -> bytes read of it; they always end with a line."""
        self.answered: dict[Key, Row] = {}
        """The results, without their texts."""
        self.failed: dict[Key, Row] = {}
        """The last failure of each row; rows answered later stay in here too."""

    def refresh(self) -> Ledger:
        """Read what is new, and return itself."""
        for row in self._new("results-*.jsonl"):
            self.answered.setdefault(key_of(row), {name: value for name, value in row.items() if name != "text"})
        for row in self._new("failures-*.jsonl"):
            self.failed[key_of(row)] = row
        return self

    @property
    def open_failures(self) -> list[Row]:
        """The failures of rows without an answer."""
        return [row for key, row in self.failed.items() if key not in self.answered]

    def _new(self, pattern: str) -> Iterator[Row]:
        for path in sorted(self._folder.glob(pattern)):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                data = file.read()
            whole = data[: data.rfind(b"\n") + 1]  # a torn line, of a killed worker or one that writes now, has no end
            self._read[path] = self._read.get(path, 0) + len(whole)
            for line in whole.splitlines():
                yield json.loads(line)


class Writer:
    """The two files of one worker, made with their first line.

    A line is with the operating system when a method returns (and with the server of a network file system, as the
    file is closed behind each), and on disk after `sync`.
    """

    def __init__(self, folder: Path) -> None:
        name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}.jsonl"
        self._results, self._failures = folder / f"results-{name}", folder / f"failures-{name}"

    def result(self, row: Row) -> None:
        """Add a line to the results."""
        _append(self._results, row)

    def failure(self, row: Row) -> None:
        """Add a line to the failures."""
        _append(self._failures, row)

    def sync(self) -> None:
        """Force everything written so far onto the disk."""
        for path in (self._results, self._failures):
            if path.exists():
                with path.open("ab") as file:
                    os.fsync(file.fileno())


def _append(path: Path, row: Row) -> None:
    line = json.dumps(row, ensure_ascii=False).encode(
        "utf-8", "backslashreplace"
    )  # half a surrogate pair is valid JSON
    with path.open("ab") as file:
        file.write(line + b"\n")


def claim(folder: Path, asked: Mapping[str, Any]) -> None:
    """Make `folder` the place of this run, or find that it holds the beginning of the same run.

    Raises:
        ValueError: it holds answers to something else, which a rerun must not be mixed with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "run.json"
    if not path.exists():
        whole = path.with_suffix(f".{uuid.uuid4().hex[:8]}")
        whole.write_text(json.dumps(asked, ensure_ascii=False, indent=2), encoding="utf-8")
        whole.replace(path)
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    changed = sorted(name for name in {*before, *asked} if before.get(name) != asked.get(name))
    if changed:
        raise ValueError(f"{folder} holds a run with another {', '.join(changed)}: choose another folder with --out.")


def columns_of(template: str) -> set[str]:
    """Return the columns that a prompt template like "Summarise: {text}" names.

    Raises:
        ValueError: its braces do not match, or one names no column.
    """
    fields = [field for field in Formatter().parse(template) if field[1] is not None]
    for _, name, form, conversion in fields:
        if (
            not str(name).isidentifier() or form or conversion
        ):  # what else may stand there can fail in the middle of a run
            raise ValueError(f"{{{name}...}} is no column: write {{name}}, and {{{{ and }}}} for braces.")
    return {str(name) for _, name, _, _ in fields}


def digest(prompt: str) -> str:
    """Return what a prompt is recognised by."""
    return hashlib.sha256(prompt.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def key_of(row: Row) -> Key:
    """Return what a result or a failure is found by."""
    return row["id"], row["prompt"]


def summary(ledger: Ledger, *, price_in: float | None = None, price_out: float | None = None) -> str:
    """Return what became of a run, all of its sessions together, for people to read.

    Args:
        ledger: the run's.
        price_in: what a million tokens of prompt cost; `None`: the cost is left out, as resellers' prices differ.
        price_out: what a million tokens of answer (thoughts included) cost.
    """
    answered = ledger.answered.values()
    read, written = (_total(answered, name) for name in ("input_tokens", "output_tokens"))
    lines = [f"answered  {len(answered):>9,}   {_shares(row.get('endpoint') for row in answered)}".rstrip()]
    failures = ledger.open_failures
    lines.append(f"failed    {len(failures):>9,}   {_shares(row['error'] for row in failures)}".rstrip())
    if cut := Counter(row["finish_reason"] for row in answered if row.get("finish_reason") != "STOP"):
        lines.append(f"not whole {cut.total():>9,}   {_shares(cut.elements())}")
    lines.append(f"tokens    {read:>9,} in, {written:,} out")
    if unknown := sum(row.get("output_tokens") is None for row in answered):
        lines.append(f"          {unknown:>9,} answers came without a count of tokens")
    if price_in is not None and price_out is not None:
        cost = (read * price_in + written * price_out) / 1_000_000
        lines.append(f"cost      {cost:>9,.4f} at the prices given; requests that failed or were retried are not in it")
    return "\n".join(lines)


def _total(rows: Iterable[Row], name: str) -> int:
    return sum(row.get(name) or 0 for row in rows)


def _shares(names: Iterable[str | None]) -> str:
    return ", ".join(f"{name or 'unknown'} {count:,}" for name, count in Counter(names).most_common())

"""`examples/ray_batch.py` on a local Ray, against resellers that fail at random. Run by `make test-examples`.

Ray is heavy, so this file is named such that `make test` does not collect it; it has an environment of its own.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from examples.batch_ledger import Ledger
from gstream.emulator import Emulator
from gstream.emulator.delivery import Answer, Wire, deliver
from gstream.emulator.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(__file__).parents[2] / "examples" / "ray_batch.py"
ROWS = 60
BUSY_S = 300
"""How long a worker may take to begin: each loads Ray, and the machine may have more to do."""
BLOCKED = {"13", "26"}
"""Rows whose prompt is refused."""
UNPAID = {"7", "17", "27"}
"""Rows for which the first endpoint says that the balance is used up."""


class Moods:
    """Cuts, resets and overload at random, from a seed that is printed."""

    def __init__(self) -> None:
        seed = random.randrange(1_000_000)
        print(f"the seed of the faults is {seed}")  # noqa: T201 - shown where a test fails
        self._random = random.Random(seed)

    async def __call__(self, wire: Wire, answer: Answer) -> None:
        """Deliver an answer, or not."""
        mood = self._random.choice(("kind", "kind", "kind", "cut", "reset", "busy"))
        if mood == "busy":
            error = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
            await deliver(wire, Answer(503, "application/json", (json.dumps(error).encode(),)))
        elif mood == "reset":
            wire.reset()
        elif mood == "cut":
            await wire.open(answer)
            await wire.send(answer.pieces[0])
            await wire.settle()
            wire.abort()
        else:
            await deliver(wire, answer)


class Stage:
    """Two resellers, a file of rows, and the command that asks about them.

    Args:
        folder: where everything is kept.
        fault: what the first reseller does to its answers.
        suffix: which kind of file the rows are in.
    """

    def __init__(self, folder: Path, fault: Fault | None = None, suffix: str = ".jsonl") -> None:
        self.out = folder / "out"
        self.input = folder / f"rows{suffix}"
        if suffix == ".csv":
            self.input.write_text("id,text\n" + "".join(f"{row},t{row}\n" for row in range(ROWS)))
        else:
            self.input.write_text("".join(json.dumps({"id": row, "text": f"t{row}"}) + "\n" for row in range(ROWS)))
        self.first = Emulator("shuyou", script=self._first, fault=fault, pace_s=0.02)
        self.second = Emulator("juheai", script=self._answered)
        self.asked: Counter[str] = Counter()
        """Row -> requests for it."""
        self.late: list[str] = []
        """Rows that were asked for although their result was written."""
        self.blocked = BLOCKED

    def _answered(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        found = re.search(r"Row (\d+):", json.dumps(body))
        assert found is not None
        row = found[1]
        self.asked[row] += 1
        if row in {id_ for id_, _ in Ledger(self.out).refresh().answered}:
            self.late.append(row)
        if row in self.blocked:
            return [{"promptFeedback": {"blockReason": "SAFETY"}}]
        parts = [{"candidates": [{"content": {"parts": [{"text": text}]}}]} for text in ("It is ", f"{row}.")]
        usage = {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}
        return [*parts, {"candidates": [{"finishReason": "STOP"}], "usageMetadata": usage}]

    def _first(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        documents = self._answered(body)
        if any(f"Row {row}:" in json.dumps(body) for row in UNPAID):
            return [{"error": {"code": 402, "message": "Insufficient balance.", "status": "PAYMENT_REQUIRED"}}]
        return documents

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start the command."""
        environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        for reseller, name in ((self.first, "SHUYOU"), (self.second, "JUHEAI")):
            environment |= {f"{name}_BASE_URL": reseller.base_url, f"{name}_API_KEY": reseller.api_key}
        # Ray kills workers when anything on the machine takes the memory; here only a test may.
        environment |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_memory_monitor_refresh_ms": "0", **variables}
        command = [sys.executable, str(PROGRAM), str(self.input), "--out", str(self.out), "--endpoint", "shuyou"]
        command += ["--fallback", "juheai", "--prompt", "Row {id}: {text}", "--in-flight", "4", *arguments]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Run the command to its end; return its exit code and everything it printed."""
        return self.ended(self.start(*arguments, **variables))

    def ended(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        """Return the exit code and everything a started command printed, once it has ended."""
        said, complained = process.communicate(timeout=2 * BUSY_S)
        return process.returncode, said + complained

    def files(self) -> dict[Path, int]:
        """Return the result files and how many lines each has."""
        return {path: path.read_bytes().count(b"\n") for path in self.out.glob("results-*.jsonl")}

    def results(self) -> Counter[str]:
        """Return how often each row stands in the results."""
        lines = [line for path in self.files() for line in path.read_text().splitlines()]
        return Counter(json.loads(line)["id"] for line in lines)

    def failures(self) -> dict[str, str]:
        """Return the class of the error of each row that failed and was never answered."""
        return {row["id"]: row["error"] for row in Ledger(self.out).refresh().open_failures}


@pytest.fixture
def calm(tmp_path: Path) -> Iterator[Stage]:
    """Resellers that answer."""
    stage = Stage(tmp_path)
    with stage.first, stage.second:
        yield stage


@pytest.fixture(scope="module", params=[("langchain", ".jsonl"), ("llamaindex", ".csv")], ids=lambda param: param[0])
def killed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A finished run at moody resellers, of whose two workers one was killed in the middle."""
    framework, suffix = request.param
    fault = Fault("It fails at random.", delivery=Moods())
    stage = Stage(tmp_path_factory.mktemp("killed"), fault, suffix)
    with stage.first, stage.second:
        process = stage.start("--framework", framework, "--rpm", "shuyou=900", "--max-retries", "6")
        busy = stage.first.wait_until(lambda _: len(files := stage.files()) > 1 and min(files.values()) > 2, BUSY_S)
        if not busy:
            process.kill()
            pytest.fail(stage.ended(process)[1])
        victim = next(iter(stage.files()))
        os.kill(int(victim.stem.rsplit("-", 2)[1]), signal.SIGKILL)
        assert sum(stage.files().values()) < ROWS - 10
        code, said = stage.ended(process)
        assert code == 0, said
        yield stage


def test_after_a_kill_every_row_is_answered_once_or_named_in_the_failures(killed: Stage) -> None:
    expected = {str(row) for row in range(ROWS)}

    assert killed.results() == Counter(expected - BLOCKED)
    assert killed.failures() == dict.fromkeys(BLOCKED, "ContentBlockedError")
    assert len(killed.files()) > 2


def test_no_row_is_asked_for_again_once_its_result_is_written(killed: Stage) -> None:
    assert killed.late == []


def test_rows_that_the_first_endpoint_does_not_answer_are_answered_by_the_second(killed: Stage) -> None:
    answered = Ledger(killed.out).refresh().answered

    assert {answered[key]["endpoint"] for key in answered if key[0] in UNPAID} == {"juheai"}


def test_a_rerun_asks_only_for_what_is_missing_then_for_failures_when_told(killed: Stage) -> None:
    """A torn line is an answer that is missing, rows that failed are left alone until `--retry-failed`."""
    path, _ = max(killed.files().items(), key=lambda item: item[1])
    whole = path.read_bytes()
    torn = json.loads(whole.splitlines()[-1])["id"]
    path.write_bytes(whole[:-9])
    killed.asked.clear()
    framework = json.loads((killed.out / "run.json").read_text())["framework"]
    code, said = killed.run("--framework", framework)

    assert code == 0, said
    assert set(killed.asked) == {torn}

    killed.asked.clear()
    killed.blocked = set()
    code, said = killed.run("--framework", framework, "--retry-failed")

    assert code == 0, said
    assert set(killed.asked) == BLOCKED
    assert killed.failures() == {}
    assert "answered         60" in said


def test_one_limit_holds_for_all_workers_and_ctrl_c_does_not_wait_for_it(calm: Stage) -> None:
    """At one request a minute two workers send one, and the run ends when it is answered and Ctrl-C was pressed."""
    process = calm.start("--rpm", "shuyou=1")
    assert calm.first.wait_until(lambda _: bool(calm.files()), BUSY_S)
    process.send_signal(signal.SIGINT)
    code, said = calm.ended(process)

    assert code == 1
    assert "interrupted" in said
    assert calm.asked.total() == 1
    assert calm.results().total() == 1


def test_ctrl_c_loses_no_answer_that_was_paid_for(calm: Stage) -> None:
    process = calm.start("--rpm", "shuyou=600")
    assert calm.first.wait_until(lambda _: sum(calm.files().values()) > 5, BUSY_S)
    process.send_signal(signal.SIGINT)
    code, said = calm.ended(process)
    paid = {row for row in calm.asked if row not in BLOCKED}

    assert code == 1, said
    assert set(calm.results()) == paid
    assert len(paid) < ROWS - len(BLOCKED)

    code, said = calm.run()

    assert code == 0, said
    assert calm.late == []
    assert calm.results() == Counter({str(row) for row in range(ROWS)} - BLOCKED)


def test_a_wrong_key_ends_the_run_and_is_no_rows_failure(calm: Stage) -> None:
    wrong = "made-up-wrong-key"
    code, said = calm.run(SHUYOU_API_KEY=wrong, JUHEAI_API_KEY=wrong)

    assert code == 1
    assert "AuthenticationError" in said or "key" in said
    assert wrong not in said
    assert calm.failures() == {}
    assert len(calm.first.requests) <= 8


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--prompt", "{nothing}"), "has no column nothing"),
        (("--rpm", "juhei=60"), "--rpm limits juhei, which this run does not ask."),
        (("--endpoint", "juhei"), "is not a known endpoint"),
    ],
    ids=["column", "limit", "endpoint"],
)
def test_what_cannot_begin_says_why_before_any_request(arguments: tuple[str, str], reason: str, calm: Stage) -> None:
    code, said = calm.run(*arguments)

    assert (code, reason in said) == (2, True), said
    assert calm.first.requests == []

"""`gstream serve`: a process that listens, reports, and ends on Ctrl-C."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gstream.emulator import FAULTS, Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

HELLO: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
ROUTE = "/models/gemini-2.5-flash:streamGenerateContent"


@dataclass
class Serving:
    """A `gstream serve` that runs."""

    process: subprocess.Popen[str]
    introduction: str

    def found(self, pattern: str) -> str:
        match = re.search(pattern, self.introduction)
        assert match is not None, self.introduction
        return match[1]

    @property
    def base_url(self) -> str:
        return self.found(r"base URL +(\S+)")

    @property
    def key(self) -> str:
        return self.found(r"key +(\S+)")

    def ask(self) -> httpx.Response:
        return httpx.post(
            f"{self.base_url}{ROUTE}", params={"alt": "sse"}, headers={"x-goog-api-key": self.key}, json=HELLO
        )

    def next_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(10)


@pytest.fixture
def serve(clean_environment: dict[str, str]) -> Callable[..., Any]:
    @contextmanager
    def started(*arguments: str) -> Iterator[Serving]:
        command = [sys.executable, "-m", "gstream", "serve", *arguments]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment, encoding="utf-8"
        ) as process:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line == "# requests\n":
                    break
            try:
                yield Serving(process, "".join(lines))
            finally:
                process.kill()

    return started


def test_it_serves_reports_and_ends_on_ctrl_c_with_0(serve: Callable[..., Any]) -> None:
    with serve("juheai") as serving:
        answer = serving.ask()
        line = serving.next_line()
        refused = httpx.get(f"{serving.base_url}/models", headers={"x-goog-api-key": "wrong"})
        second = serving.next_line()
        code = serving.interrupt()
        errors = serving.process.stderr.read()

    assert answer.status_code == 200
    assert "You asked" in answer.text
    assert re.fullmatch(rf"\d\d:\d\d:\d\d  POST  /v1beta{ROUTE}  200  2 -> \d+ tokens", line)
    assert refused.status_code == 401
    assert re.fullmatch(r"\d\d:\d\d:\d\d  GET  /v1beta/models  401", second)
    assert code == 0
    assert errors == ""


def test_what_it_prints_to_paste_works(serve: Callable[..., Any]) -> None:
    """Each Python snippet is run as it stands; the curl line holds the same address and key."""
    pytest.importorskip("langchain_core")
    with serve("shengsuanyun") as serving:
        snippet = serving.found(r"(?s)# LangChain\n(.*?)\n\n# LlamaIndex")
        names: dict[str, Any] = {}
        exec(snippet, names)  # noqa: S102 - what users do with it
        said = names["llm"].invoke("Hello").text
        curl = serving.found(r"(?s)# curl\n(.*?)\n\n")

    assert "Hello" in said
    assert serving.base_url in curl
    assert serving.key in curl
    assert "\x1b" not in serving.introduction


@pytest.mark.parametrize(
    ("fault", "told"),
    [("error_429", "429  fault error_429"), ("cut_mid_event", "200  2 -> \\d+ tokens  fault cut_mid_event")],
)
def test_a_fault_is_met_as_often_as_asked_and_told(serve: Callable[..., Any], fault: str, told: str) -> None:
    with serve("--fault", fault, "--fault-times", "1") as serving:
        try:
            broken = serving.ask().status_code != 200
        except (httpx.RemoteProtocolError, httpx.ReadError):
            broken = True
        first = serving.next_line()
        healthy = serving.ask()
        second = serving.next_line()

    assert broken
    assert re.search(rf"  {told}$", first)
    assert healthy.status_code == 200
    assert "fault" not in second


def test_it_replays_a_file(serve: Callable[..., Any], tmp_path: Path) -> None:
    recorded = b'data: {"candidates": [{"content": {"parts": [{"text": "recorded"}]}, "finishReason": "STOP"}]}\n\n'
    file = tmp_path / "response.raw"
    file.write_bytes(recorded)
    with serve("--replay", str(file)) as serving:
        answer = serving.ask()

    assert answer.content == recorded


def test_list_faults_lists_all_with_their_sentence(gstream: Run) -> None:
    shown = gstream("serve", "--list-faults")
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in shown.stdout.splitlines()}

    assert shown.returncode == 0
    assert lines == {name: " ".join(fault.summary.split()) for name, fault in FAULTS.items()}


def test_a_port_that_is_taken_is_one_sentence_and_exit_code_1(gstream: Run) -> None:
    with Emulator() as other:
        refused = gstream("serve", "--port", str(other.port))

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: Cannot listen on 127.0.0.1, port {other.port}: ")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.20", "::", "example.com"])  # noqa: S104 - refused
def test_a_host_that_is_not_loopback_is_refused(gstream: Run, host: str) -> None:
    refused = gstream("serve", "--host", host)

    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr == (
        f"Error: --host {host} is no loopback address, and the emulator serves this machine only: "
        "use 127.0.0.1, ::1 or localhost.\n"
    )


@pytest.mark.parametrize("arguments", [("nowhere",), ("--fault", "nothing")])
def test_an_unknown_name_lists_the_choices(gstream: Run, arguments: tuple[str, ...]) -> None:
    refused = gstream("serve", *arguments)

    assert refused.returncode == 2
    assert "choose one of " in refused.stderr

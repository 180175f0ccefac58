"""No command prints the key, whatever it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gstream.emulator import Emulator
from tests.cli.terminal import Terminal
from tests.secrets.looking import CANARY, KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HERE = ("--endpoint", "juheai", "--base-url")
_COMMANDS = {
    "endpoints": (("endpoints",), ("endpoints", "--json")),
    "request": tuple(
        ("request", "Hello", "--as", form, "--auth", auth, *_HERE)
        for form in ("curl", "json", "httpx")
        for auth in ("header", "bearer", "query")
    ),
    "check": (("check", "--yes", "--tries", "1", *_HERE), ("check", "--yes", "--json", "--only", "answer", *_HERE)),
    "chat": (("chat", "Hello", *_HERE), ("chat", "Hello", "--json", "--auth", "query", *_HERE)),
    "serve": (("serve", "--list-faults"), ("serve", "nobody")),
}


@pytest.fixture(scope="module", params=[None, "key_echoed", "error_500", "html"], ids=str)
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator("juheai", fault=request.param, api_key=KEY) as running:
        yield running


def _environ() -> dict[str, str]:
    return {**os.environ, "JUHEAI_API_KEY": KEY, "GSTREAM_API_KEY": KEY, "PYTHONIOENCODING": "utf-8"}


def _printed(*arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gstream", *arguments],
        capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, env=_environ(), input=given,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.parametrize("command", ["check", "chat"])
def test_no_command_that_asks_prints_the_key(command: str, emulator: Emulator) -> None:
    for arguments in _COMMANDS[command]:
        printed = _printed(*arguments, emulator.base_url)

        assert printed
        assert CANARY not in printed, arguments

    assert any(received.credential for received in emulator.requests)


@pytest.mark.parametrize("command", ["endpoints", "request", "serve"])
def test_no_command_that_asks_nobody_prints_the_key(command: str) -> None:
    for arguments in _COMMANDS[command]:
        printed = _printed(*arguments, *(("http://127.0.0.1:9/v1beta",) if arguments[-1] == "--base-url" else ()))

        assert printed
        assert CANARY not in printed, arguments


def test_a_report_in_a_file_holds_no_key(emulator: Emulator, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    _printed("check", "--yes", "--only", "answer", "--html", str(page), *_HERE, emulator.base_url)

    assert CANARY not in page.read_text(encoding="utf-8")


def test_a_replayed_error_shows_what_the_file_holds_and_nothing_of_the_environment(tmp_path: Path) -> None:
    capture = tmp_path / "answer.txt"
    capture.write_text('HTTP/1.1 401 Unauthorized\n\n{"error": {"message": "bad key"}}', encoding="utf-8")

    assert CANARY not in _printed("replay", str(capture)) + _printed("replay", "--json", str(capture))


def test_a_chat_in_a_terminal_shows_no_key(emulator: Emulator) -> None:
    with Terminal("chat", *_HERE, emulator.base_url, environ=_environ()) as terminal:
        terminal.until("> ")
        terminal.press("Hello\r")
        terminal.until("> ")
        terminal.press("/help\r")
        terminal.until("> ")
        terminal.leave("\x04")

    assert CANARY not in terminal.text

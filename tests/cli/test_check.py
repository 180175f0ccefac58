"""`gstream check` as users run it: what it prints where, what it asks before, and its exit codes."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from gstream.check import BATTERY
from gstream.cli.app import app
from gstream.emulator import Emulator, Fault
from gstream.emulator.delivery import deliver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gstream.emulator.delivery import Answer, Wire

    Run = Callable[..., subprocess.CompletedProcess[str]]

QUICK = ("--only", "call", "--tries", "1")
"""Options of a check of four requests."""


def variables(emulator: Emulator) -> dict[str, str]:
    """Return the environment in which an endpoint's name leads to its emulator."""
    name = emulator.dialect.name.upper()
    return {f"{name}_BASE_URL": emulator.base_url, f"{name}_API_KEY": emulator.api_key}


def statuses(shown: str) -> dict[str, str]:
    """Return name and status of each row of the table."""
    rows = re.findall(r"^  (\w+) +(pass|FAIL|not offered|not run) ", shown, re.MULTILINE)
    return {name: status for name, status in rows if name in BATTERY}


def test_an_honest_endpoint_is_all_green(gstream: Run) -> None:
    """Piped: nothing is asked, nothing is coloured, each probe is a line, and the key is nowhere."""
    with Emulator("juheai", pace_s=0.005) as emulator:
        shown = gstream("check", "--endpoint", "juheai", **variables(emulator))

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stderr == ""
    assert list(statuses(shown.stdout)) == list(BATTERY)
    assert "FAIL" not in shown.stdout
    assert not re.search(r"[\x1b\r…]", shown.stdout)
    assert emulator.api_key not in shown.stdout
    assert "This sends about 21 requests: roughly " in shown.stdout
    assert "0 fail, 3 not offered; 21 requests, " in shown.stdout
    assert (
        "\nTo use it as it was found to work, its key in JUHEAI_API_KEY:\n"
        f'llm = ChatGStream(model="gemini-2.5-flash", endpoint="juheai", base_url="{emulator.base_url}")\n'
    ) in shown.stdout
    assert shown.stdout.splitlines()[-1].startswith("llm = GStream(")


def test_a_failure_is_named_with_what_it_means_and_exit_code_1(gstream: Run) -> None:
    with Emulator("google", fault="call_args_broken") as emulator:
        shown = gstream("check", "--endpoint", "google", *QUICK, **variables(emulator))

    assert shown.returncode == 1
    assert statuses(shown.stdout) == {"reach": "pass", "credential": "pass", "answer": "pass", "call": "FAIL"}
    assert "the arguments of the call are no JSON object" in shown.stdout
    assert "→ No agent works here" in shown.stdout


def test_where_nothing_answers_there_is_nothing_to_paste_and_no_key(gstream: Run, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    with Emulator("google", fault="key_echoed") as emulator:
        shown = gstream("check", "--endpoint", "google", "--html", str(page), **variables(emulator))

    assert shown.returncode == 1
    assert "Incorrect API key provided: [key]" in shown.stdout
    assert "llm = " not in shown.stdout
    assert emulator.api_key not in shown.stdout + shown.stderr + page.read_text(encoding="utf-8")


def test_any_base_url_is_searched_for_the_form_of_the_key(gstream: Run) -> None:
    with Emulator("shuyou") as emulator:
        shown = gstream("check", "--base-url", emulator.base_url, *QUICK, GSTREAM_API_KEY=emulator.api_key)
        fixed = gstream(
            "check", "--base-url", emulator.base_url, "--auth", "query", *QUICK, GSTREAM_API_KEY=emulator.api_key
        )

    assert shown.returncode == 0
    assert f'llm = GStream(model="gemini-2.5-flash", base_url="{emulator.base_url}")' in shown.stdout
    assert fixed.returncode == 1
    assert "no form of the key is taken (?key=KEY)" in fixed.stdout


def test_json_is_one_document_and_the_cost_stands_beside_it(gstream: Run) -> None:
    with Emulator("google", fault="usage_nowhere") as emulator:
        shown = gstream("check", "--endpoint", "google", "--only", "usage", "--json", **variables(emulator))
    said = json.loads(shown.stdout)
    (endpoint,) = said["endpoints"]

    assert shown.returncode == 1
    assert said["ok"] is False
    assert {probe["name"]: probe["status"] for probe in endpoint["probes"]}["usage"] == "fail"
    assert len(endpoint["speed"]["first_chunk_s"]["values"]) == 3
    assert "requests" in shown.stderr
    assert len([line for line in shown.stderr.splitlines() if line]) == 2  # rich 13 adds an empty one
    assert emulator.api_key not in shown.stdout


def test_several_stand_side_by_side_in_the_terminal_and_on_a_page(gstream: Run, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    options = ("--only", "framing", "--skip", "call", "--tries", "2", "--html", str(page))
    with Emulator("juheai") as first, Emulator("apigo", fault="one_object") as second:
        shown = gstream("check", "--compare", "juheai, apigo", *options, **variables(first), **variables(second))

    assert shown.returncode == 1
    assert re.search(r"^probe +juheai +apigo", shown.stdout, re.MULTILINE)
    assert re.search(r"^framing +pass +FAIL", shown.stdout, re.MULTILINE)
    assert re.search(r"^first chunk +\d+ ms +\d+ ms", shown.stdout, re.MULTILINE)
    assert "apigo framing\n" in shown.stdout
    assert page.read_text(encoding="utf-8").count("<svg") == 2
    assert shown.stdout.endswith(f"The report is in {page}\n")


def test_a_file_that_cannot_be_written_is_told_behind_the_table(gstream: Run, tmp_path: Path) -> None:
    with Emulator("google") as emulator:
        shown = gstream(
            "check", "--endpoint", "google", *QUICK, "--html", str(tmp_path / ("x" * 300)), **variables(emulator)
        )

    assert shown.returncode == 2
    assert statuses(shown.stdout)["call"] == "pass"
    assert "cannot be written" in shown.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--endpoint", "juheai"), "No API key for the endpoint 'juheai': set JUHEAI_API_KEY or GSTREAM_API_KEY"),
        (("--endpoint", "nowhere"), "endpoint='nowhere' is not a known endpoint"),
        (("--only", "finsh"), "--only 'finsh' is no probe: did you mean 'finish'?"),
        (("--auth", "cookie"), "--auth takes auto, header, bearer, query; got 'cookie'."),
        (("--compare", "google,nowhere"), "is not a known endpoint"),
        (("--compare", "google", "--endpoint", "google"), "--compare names the endpoints itself"),
        (("--compare", ","), "--compare names no endpoint"),
        (("--html", "/no/such/folder/a.html"), "there is no folder /no/such/folder"),
    ],
)
def test_a_wrong_call_sends_nothing_and_exits_with_2(
    options: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.endswith(("_API_KEY", "_BASE_URL")) or name == "GSTREAM_ENDPOINT"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GOOGLE_API_KEY", "made-up")
    shown = CliRunner().invoke(app, ["check", *options])

    assert shown.exit_code == 2
    assert told in " ".join(shown.stderr.split())
    assert "Checking" not in shown.stdout


def test_the_list_names_every_probe_and_needs_no_key(gstream: Run) -> None:
    shown = gstream("check", "--list")

    assert shown.returncode == 0
    assert [line.split()[0] for line in shown.stdout.splitlines()[2:] if line.strip()] == list(BATTERY)


def test_its_help_has_an_example() -> None:
    shown = CliRunner().invoke(app, ["check", "--help"])

    assert shown.exit_code == 0
    assert "Example: gstream check --endpoint juheai" in shown.output


def in_terminal(emulator: Emulator, clean_environment: dict[str, str], answer: str, *options: str) -> tuple[int, str]:
    """Run a check in a pseudo-terminal and answer its question; return the exit code and all that was written."""
    master, slave = pty.openpty()
    written = ""
    program = [sys.executable, "-m", "gstream", "check", "--endpoint", emulator.dialect.name, *QUICK, *options]
    environment = {**clean_environment, **variables(emulator), "TERM": "xterm-256color", "COLUMNS": "80"}
    with subprocess.Popen(program, stdin=slave, stdout=slave, stderr=slave, env=environment) as process:
        os.close(slave)
        while select.select([master], [], [], 20)[0]:
            try:
                data = os.read(master, 65_536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not data:
                break
            written += data.decode("utf-8", "replace")
            if "[Y/n]" in written and answer:
                os.write(master, answer.encode())
                answer = ""
    os.close(master)
    return process.returncode, written


def test_in_a_terminal_it_asks_before_it_sends(clean_environment: dict[str, str]) -> None:
    with Emulator("google") as emulator:
        code, written = in_terminal(emulator, clean_environment, "n\n")

        assert (code, emulator.requests) == (130, [])
        assert "Go on? [Y/n]" in written

        code, written = in_terminal(emulator, clean_environment, "\n")

        assert (code, len(emulator.requests)) == (0, 2)
        assert "\x1b[1;36mgoogle" in written, "progress is shown in colour"
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)
        assert statuses(plain.replace("\r", ""))["call"] == "pass"


def test_yes_goes_on_without_asking(clean_environment: dict[str, str]) -> None:
    with Emulator("google") as emulator:
        code, written = in_terminal(emulator, clean_environment, "", "--yes")

    assert code == 0
    assert "[Y/n]" not in written


def _then_silent(count: int) -> Fault:
    """Return the fault of an endpoint that answers `count` requests and takes each further one for ever."""
    seen: list[Answer] = []

    async def delivery(wire: Wire, answer: Answer) -> None:
        seen.append(answer)
        if len(seen) > count:
            await wire.open(answer)
            await asyncio.Event().wait()
        await deliver(wire, answer)

    return Fault("It falls silent.", "silence", delivery=delivery)


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["table", "json"])
def test_ctrl_c_ends_with_what_was_found_so_far(form: tuple[str, ...], clean_environment: dict[str, str]) -> None:
    with Emulator("google", fault=_then_silent(1)) as emulator:
        program = [sys.executable, "-m", "gstream", "check", "--endpoint", "google", *QUICK, *form]
        with subprocess.Popen(
            program,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**clean_environment, **variables(emulator)},
        ) as process:
            assert emulator.wait_until(lambda received: len(received) == 2, 20)
            process.send_signal(signal.SIGINT)
            out, errors = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "Traceback" not in errors
    if form:
        (endpoint,) = json.loads(out)["endpoints"]
        assert endpoint["interrupted"] is True
        assert [probe["status"] for probe in endpoint["probes"]] == ["pass", "pass", "pass", "not run"]
    else:
        assert statuses(out) == {"reach": "pass", "credential": "pass", "answer": "pass", "call": "not run"}
        assert "The check was interrupted: this is what was found so far." in out

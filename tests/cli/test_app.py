"""The command line as a whole: help, version, exit codes, the missing extra."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from gstream import GStreamError, __version__
from gstream.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

COMMANDS = ("demo", "check", "chat", "serve", "endpoints", "request", "replay")
MISSING = 'This command needs the cli extra: pip install "gstream[cli]"\n'


def test_help_lists_the_commands(gstream: Run) -> None:
    shown = gstream("--help")

    assert shown.returncode == 0
    assert all(f"  {command} " in shown.stdout for command in COMMANDS)
    assert "\x1b" not in shown.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_in_its_help(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])

    assert shown.exit_code == 0
    assert f"Example: gstream {command}" in shown.output


def test_version(gstream: Run) -> None:
    assert gstream("--version").stdout == f"gstream {__version__}\n"


def test_an_unknown_command_exits_with_2(gstream: Run) -> None:
    refused = gstream("nothing")

    assert refused.returncode == 2
    assert "No such command" in refused.stderr


def test_a_configuration_error_is_one_line_on_stderr_and_exit_code_2(gstream: Run) -> None:
    refused = gstream("demo", "--endpoint", "nowhere")

    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr == (
        "Error: --endpoint 'nowhere' is not known: choose from maisi, shuyou, shengsuanyun, apigo, juheai, google.\n"
    )


def test_ctrl_c_exits_with_130_and_without_a_traceback(clean_environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "gstream", "demo", "--framework", "langchain"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if "get_weather" in line)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 130
    assert errors == ""


@pytest.mark.parametrize("module", ["typer", "rich", "aiohttp"])
def test_without_the_extra_one_sentence_says_what_to_install(module: str) -> None:
    program = f"import sys; sys.modules[{module!r}] = None; from gstream.cli import main; main()"
    refused = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert refused.returncode == 2
    assert refused.stderr == MISSING
    assert refused.stdout == ""


def test_importing_the_package_loads_nothing_of_the_extra() -> None:
    program = "import sys, gstream.cli; print({'typer', 'rich', 'aiohttp'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert shown.stdout == "set()\n"


def test_commands_load_neither_a_framework_nor_the_emulator_before_they_run() -> None:
    program = "import sys, gstream.cli.app; print({'langchain_core', 'llama_index', 'aiohttp'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert shown.stdout == "set()\n"


def test_an_error_cannot_steer_the_terminal() -> None:
    """A server's words stand in it."""
    typed = typer.Typer(cls=app.info.cls)

    @typed.command()
    def fail() -> None:
        raise GStreamError("cleared \x1b[2J")

    @typed.command()
    def other() -> None:
        """Be there, so that the commands are a group."""

    shown = CliRunner().invoke(typed, ["fail"])

    assert shown.exit_code == 1
    assert shown.stderr == "Error: cleared [2J\n"

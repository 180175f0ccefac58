"""Every block of code of the READMEs runs as written, in a folder of its own, against emulators and nothing else.

The environment is that of a user who has set the variables of all endpoints, and `photo.png` lies where they are. The
rule for what is not run: the comment `<!-- not run: REASON -->` stands before the block, and the block only installs or
calls make; what it names is held against `Makefile` and `pyproject.toml` here.
"""

from __future__ import annotations

import base64
import io
import os
import re
import shlex
import signal
import subprocess
import sys
import tokenize
import tomllib
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import pytest

from gstream.emulator import DIALECTS, Emulator
from tests.docs.markdown import ROOT, blocks, prose
from tests.readme import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.docs.markdown import Block

ENGLISH: Final = blocks("README.md")
RUN: Final = [block for block in ENGLISH if block.not_run is None]
PYTHON: Final = [block for block in RUN if block.language == "python"]
SERVES: Final = [block for block in RUN if block.code.startswith("gstream serve") and "--list-faults" not in block.code]
BASH: Final = [block for block in RUN if block.language == "bash" and block not in SERVES]
NOT_RUN: Final = [block for language in LANGUAGES for block in blocks(language.file) if block.not_run is not None]
PIXEL: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The variables of a user with a key for every endpoint, each an emulator; the web is behind a closed door."""
    kept = {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH"}
    told = {name: value for name, value in os.environ.items() if name in kept}
    told["PATH"] = f"{os.path.dirname(sys.executable)}{os.pathsep}{told.get('PATH', '')}"  # noqa: PTH120 - no symlinks
    told |= {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    told |= {"COLUMNS": "120", "PYTHONWARNINGS": "error::ResourceWarning"}
    with ExitStack() as running:
        for name in DIALECTS:
            emulator = running.enter_context(Emulator(name, pace_s=0.01))  # as a model writes
            told |= {f"{name.upper()}_BASE_URL": emulator.base_url, f"{name.upper()}_API_KEY": emulator.api_key}
        yield told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a block runs."""
    (tmp_path / "photo.png").write_bytes(base64.b64decode(PIXEL))
    return tmp_path


# -- what runs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", PYTHON, ids=str)
def test_a_program_runs_as_written(block: Block, folder: Path, environment: dict[str, str]) -> None:
    """It prints something, and nothing at all on standard error, LangChain's remark on its `load` excepted."""
    done = subprocess.run(
        [sys.executable, "-c", block.code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert [line for line in done.stderr.splitlines() if "LangChainBetaWarning: The function `load`" not in line] == []
    assert done.returncode == 0
    assert done.stdout.strip()


@pytest.mark.parametrize("block", BASH, ids=str)
def test_commands_run_as_written(block: Block, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["/usr/bin/env", "bash", "-eo", "pipefail", "-c", block.code],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("block", SERVES, ids=str)
def test_a_server_runs_as_written_until_it_is_interrupted(
    block: Block, folder: Path, environment: dict[str, str]
) -> None:
    with subprocess.Popen(
        shlex.split(block.code), cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        listening = next(line for line in server.stdout if line.startswith("base URL"))
        assert next(line for line in server.stdout if line.startswith("# requests"))
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)

    assert "http://127.0.0.1:" in listening
    assert server.returncode == 0


def test_blocks_of_both_kinds_are_found() -> None:
    """A reader of Markdown that finds none would make all the tests above pass."""
    assert len(PYTHON) >= 8
    assert len(BASH) >= 3
    assert len(SERVES) == 1
    assert {block.language for block in ENGLISH} == {"python", "bash"}


# -- what cannot run ------------------------------------------------------------------------------------------------


def test_what_is_not_run_only_installs_or_calls_make() -> None:
    """And the targets, the extras and the program it names exist."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    lines = [shlex.split(line, comments=True) for block in NOT_RUN for line in block.code.splitlines()]

    assert len(NOT_RUN) == 3 * len(LANGUAGES)
    for words in lines:
        if words[0] == "make":
            assert set(words[1:]) <= targets
        elif words[1] == "install":
            extras = re.findall(r"\[([\w,]+)\]", words[-1])
            assert words[0].endswith("pip")
            assert extras
            assert set(extras[0].split(",")) <= set(project["optional-dependencies"])
        else:
            assert words[:3] == ["python3", "-m", "venv"] or words[0].removeprefix(".venv/bin/") in project["scripts"]


# -- what stands between the blocks ---------------------------------------------------------------------------------


def named_commands() -> list[str]:
    """Return what stands in backticks within the text of the READMEs and begins with `gstream`."""
    texts = [text for language in LANGUAGES for text in prose(language.file).values()]
    return sorted({found for text in texts for found in re.findall(r"`(gstream [a-z][^`]*)`", text)})


def test_a_command_named_in_the_text_exists_with_its_options() -> None:
    commands = [shlex.split(command) for command in named_commands()]
    helps = {name: help_of(name) for name in {words[1] for words in commands}}

    assert {"check", "chat", "serve", "request"} <= set(helps)
    for _, name, *words in commands:
        assert {word for word in words if word.startswith("-")} <= set(re.findall(r"--[\w-]+", helps[name]))


def help_of(command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gstream", command, "--help"], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


# -- the other languages --------------------------------------------------------------------------------------------


def spoken(block: Block) -> tuple[str, str, bool, list[str]]:
    """Return what a block does: its language and place, whether it is run, and its words without the comments."""
    if block.language == "python":
        read = tokenize.generate_tokens(io.StringIO(block.code).readline)
        words = [token.string for token in read if token.type not in {tokenize.COMMENT, tokenize.NL}]
    else:
        words = [word for line in block.code.splitlines() for word in [*shlex.split(line, comments=True), "\n"]]
    return block.language, block.section, block.not_run is None, words


@pytest.mark.parametrize("file", [language.file for language in LANGUAGES[1:]])
def test_a_translation_has_the_same_blocks(file: str) -> None:
    """They differ in their comments alone, so what runs above is what they say."""
    assert list(map(spoken, blocks(file))) == list(map(spoken, ENGLISH))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
@pytest.mark.parametrize("section", ["langchain", "llamaindex"])
def test_one_changed_line_makes_a_snippet_real(section: str, language: object) -> None:
    """The line in the comment constructs the same class on a known endpoint, its key from the variable it names."""
    file = next(known.file for known in LANGUAGES if known is language)
    (block,) = (block for block in blocks(file) if block.section == section)
    line = re.search(r"# .*?(llm = .*?)  # .*?([A-Z_]+_API_KEY)", block.code)
    assert line is not None
    imports = "\n".join(found for found in block.code.splitlines() if found.startswith("from "))
    program = f"import os\nos.environ[{line[2]!r}] = 'made-up'\n{imports}\n{line[1]}\nprint(type(llm).__name__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)

    assert len(block.code.splitlines()) <= 10
    assert done.stderr == ""
    assert done.stdout.strip() in {"ChatGStream", "GStream"}

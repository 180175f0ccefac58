"""The wheel holds the three packages and nothing else, and works alone: with each extra, in a fresh environment."""

from __future__ import annotations

import email
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from gstream import __version__
from gstream.emulator import Emulator
from tests.versions.requirements import required

if TYPE_CHECKING:
    from email.message import Message

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("gstream", "langchain_gstream", "llamaindex_gstream")
FRAMEWORKS: Final = {"langchain": "langchain-core", "llamaindex": "llama-index-core"}
LISTED: Final = "from importlib.metadata import distributions as d; print(*sorted({x.name.lower() for x in d()}))"
ADAPTERS: Final = {
    "langchain": "import sys; from langchain_gstream import ChatGStream as M; "
    "m = M(model='gemini-2.5-flash', endpoint='google', base_url=sys.argv[1], api_key=sys.argv[2]); "
    "print(m.invoke('Say hello').text or sys.exit('no text'))",
    "llamaindex": "import sys; from llamaindex_gstream import GStream as M; "
    "m = M(model='gemini-2.5-flash', endpoint='google', base_url=sys.argv[1], api_key=sys.argv[2]); "
    "print(m.complete('Say hello').text or sys.exit('no text'))",
}
CORE: Final = (
    "import sys; from gstream import Client, Prompt, Text, Turn, resolve; "
    "t = resolve('google', base_url=sys.argv[1], api_key=sys.argv[2]); "
    "p = Prompt('gemini-2.5-flash', (Turn('user', (Text('Say hello'),)),)); "
    "print(Client(t).generate(p).text or sys.exit('no text'))"
)
ABSENT: Final = {
    "langchain": ("import langchain_gstream", 'needs langchain-core: pip install "gstream[langchain]"'),
    "llamaindex": ("import llamaindex_gstream", 'needs llama-index-core: pip install "gstream[llamaindex]"'),
    "cli": ("from gstream.cli import main; main()", 'needs the cli extra: pip install "gstream[cli]"'),
    "emulator": ("import gstream.emulator as e; e.Emulator('google')", 'pip install "gstream[emulator]"'),
}
"""What an extra is needed for, and what is said without it."""
BRINGS: Final = {
    "": set(),
    "langchain": {"langchain"},
    "llamaindex": {"llamaindex", "emulator"},  # its framework brings aiohttp
    "emulator": {"emulator"},
    "cli": {"cli", "emulator"},
    "all": set(ABSENT),
}
"""Extra -> those that it brings."""


def ran(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program away from the checkout, so that only what is installed can be imported."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "FORCE_COLOR", "COLUMNS"}}
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=900, check=False, env=kept)


def said(*command: str | Path, cwd: Path) -> str:
    """Run a program that must succeed; return what it printed."""
    it = ran(*command, cwd=cwd)
    assert it.returncode == 0, f"{command} ended with {it.returncode}:\n{it.stdout}{it.stderr}"
    return it.stdout


@dataclass(frozen=True)
class Environment:
    """A fresh environment; its folder is also where its programs are run."""

    folder: Path
    extra: str = ""
    """What gstream was installed with; empty: no extra."""

    @property
    def programs(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def python(self, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return ran(self.programs / "python", "-c", code, *arguments, cwd=self.folder)

    def install(self, *what: str) -> set[str]:
        """Install with pip; return the names of all distributions that are there then."""
        python = self.programs / "python"
        said(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what, cwd=self.folder)
        return set(said(python, "-c", LISTED, cwd=self.folder).split())


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    said(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (path,) = dist.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as opened:
        return email.message_from_bytes(opened.read(f"gstream-{__version__}.dist-info/METADATA"))


@pytest.fixture(scope="module", params=BRINGS, ids=lambda extra: extra or "no extra")
def environment(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A fresh environment in which the wheel was installed with one extra."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    made = Environment(folder, request.param)
    made.install(f"{wheel}[{made.extra}]" if made.extra else str(wheel))
    return made


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    listed = said("git", "ls-files", "--cached", "--others", "--exclude-standard", *PACKAGES, cwd=ROOT).split()
    expected = {name for name in listed if (ROOT / name).exists()}
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
    info = f"gstream-{__version__}.dist-info"

    assert names - expected == {
        f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    }
    assert expected - names == set()
    assert {f"{package}/py.typed" for package in PACKAGES} <= names


def test_the_source_archive_holds_no_recording_and_no_environment(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as opened:
        folders = {name.split("/")[1] for name in opened.getnames()}

    assert folders >= {*PACKAGES, "tests", "pyproject.toml", "LICENSE", "README.md", "PKG-INFO"}
    assert not {name for name in folders if name.startswith(".") and name != ".gitignore"}
    assert not folders & {"build", "dist", "shared"}


def test_the_metadata_says_what_is_needed_and_offered(metadata: Message, wheel: Path) -> None:
    needed = {line.replace(" ", "") for line in metadata.get_all("Requires-Dist") or [] if "extra ==" not in line}
    with zipfile.ZipFile(wheel) as opened:
        entries = opened.read(f"gstream-{__version__}.dist-info/entry_points.txt").decode().split()

    assert {name.split("<")[0].split(">")[0] for name in needed} == {"httpx", "pydantic"}
    assert all(">=" in line and "<" in line for line in needed)
    assert set(metadata.get_all("Provides-Extra") or []) >= {"all", "cli", "emulator", "langchain", "llamaindex"}
    assert (metadata["Version"], metadata["License-Expression"], metadata["License-File"]) == (
        __version__,
        "MIT",
        "LICENSE",
    )
    assert metadata["Requires-Python"] == ">=3.11"
    assert entries == ["[console_scripts]", "gstream", "=", "gstream.cli:main"]


def test_what_an_extra_does_not_bring_is_told_in_one_sentence(environment: Environment) -> None:
    for extra in set(ABSENT) - BRINGS[environment.extra]:
        code, sentence = ABSENT[extra]
        it = environment.python(code)

        assert it.returncode != 0, extra
        assert sentence in it.stderr.splitlines()[-1], it.stderr


def test_what_an_extra_brings_answers_alone(environment: Environment) -> None:
    """A real call, to an emulator in this process, from an environment that has nothing but the extra."""
    asked = {name: code for name, code in ADAPTERS.items() if name in BRINGS[environment.extra]}
    with Emulator("google") as emulator:
        for code in (CORE, *asked.values()):
            it = environment.python(code, emulator.base_url, emulator.api_key)

            assert (it.returncode, it.stderr) == (0, "")
            assert it.stdout.strip()


def test_the_command_runs_where_its_extra_is(environment: Environment) -> None:
    """Its demo asks through the frameworks that are there."""
    program = environment.programs / "gstream"
    if "cli" not in BRINGS[environment.extra]:
        assert ran(program, "--version", cwd=environment.folder).returncode == 2
        return

    assert __version__ in said(program, "--version", cwd=environment.folder)
    shown = ran(program, "demo", cwd=environment.folder)
    if environment.extra == "all":
        assert (shown.returncode, shown.stderr) == (0, "")
    else:
        assert shown.returncode != 0
        assert 'pip install "gstream[' in shown.stderr
        assert "Traceback" not in shown.stderr


@pytest.mark.parametrize("extra", FRAMEWORKS)
def test_gstream_alone_is_added_to_a_framework(extra: str, wheel: Path, tmp_path: Path) -> None:
    """Installing gstream beside a framework that is there downloads nothing but gstream."""
    (requirement,) = required(extra)
    venv.create(tmp_path / "with", with_pip=True)
    environment = Environment(tmp_path / "with")
    before = environment.install(str(requirement))

    assert environment.install(f"{wheel}[{extra}]") - before == {"gstream"}

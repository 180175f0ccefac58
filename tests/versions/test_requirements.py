"""The lowest versions that are tested are those that pyproject.toml names."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.versions import requirements
from tests.versions.requirements import EXTRAS, Requirement, frameworks, lowest, promised, required

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """
[project]
dependencies = ["web>=1.2,<2", "forms >= 3.4"]
[project.optional-dependencies]
langchain = ["chain-core>=1.7,<2"]
llamaindex = ["index-core>=0.14.25,<0.15"]
emulator = ["server>=3,<4; python_version >= '3.11'"]
cli = ["gstream[emulator,langchain]", "screen[colour,keys]>=5"]
test = ["gstream[cli]", "langchain>=1.3,<2", "linter>=9"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "pyproject.toml"
    path.write_text(PROJECT, encoding="utf-8")
    return path


def test_a_requirement_is_read_with_extras_bounds_and_spaces() -> None:
    assert Requirement.parse("screen[colour, keys] >= 5, <6 ; os_name == 'posix'") == Requirement(
        "screen", ("colour", "keys"), (">=5", "<6")
    )
    assert str(Requirement("screen", ("colour", "keys"), (">=5", "<6"))) == "screen[colour,keys]>=5,<6"


@pytest.mark.parametrize(
    ("line", "lower", "upper"),
    [
        ("a>=1.2,<2", "1.2", "2"),
        ("a<2,>=1", "1", "2"),
        ("a", None, None),
        ("a>=1,!=1.5", "1", None),
        ("a<=2", None, None),
    ],
)
def test_bounds_are_found_wherever_they_stand(line: str, lower: str | None, upper: str | None) -> None:
    """Neither what is left out nor `<=` is an upper bound: one says too little, the other shuts fixes out."""
    assert (Requirement.parse(line).lower, Requirement.parse(line).upper) == (lower, upper)


def test_a_line_that_is_no_requirement_is_refused() -> None:
    with pytest.raises(ValueError, match="is no requirement"):
        Requirement.parse(">=1")


def test_the_lowest_of_everything_a_user_may_install_is_pinned(project: Path) -> None:
    """With the frameworks around them, and neither the tests' tools nor gstream itself."""
    assert lowest(project) == {
        "web": "1.2",
        "forms": "3.4",
        "chain-core": "1.7",
        "index-core": "0.14.25",
        "server": "3",
        "screen": "5",
        "langchain": "1.3",
    }
    assert [str(one) for one in frameworks(project)] == [
        "chain-core>=1.7,<2",
        "index-core>=0.14.25,<0.15",
        "langchain>=1.3,<2",
    ]


def test_nothing_goes_without_a_lower_bound(project: Path) -> None:
    project.write_text(PROJECT.replace("forms >= 3.4", "forms"), encoding="utf-8")

    with pytest.raises(ValueError, match=r"no lower bound in pyproject\.toml: forms"):
        lowest(project)


def test_the_promised_extras_are_those_of_all() -> None:
    """A new extra for users that is missing here would be tested on no bound."""
    (everything,) = required("all")

    assert sorted(everything.extras) == sorted(EXTRAS)


def test_the_files_for_pip_are_written_without_anything_installed(tmp_path: Path) -> None:
    """`-I -S`: the standard library alone, as in an environment that is only being made."""
    subprocess.run([sys.executable, "-I", "-S", requirements.__file__, str(tmp_path)], check=True, timeout=60)
    written = {path.name: path.read_text(encoding="utf-8").splitlines() for path in tmp_path.iterdir()}

    assert written["lowest.txt"] == [f"{name}=={version}" for name, version in lowest().items()]
    assert set(written["lowest.txt"]) - set(written["tests.txt"]) == {f"httpx=={lowest()['httpx']}"}
    assert written["frameworks.txt"] == [str(one) for one in frameworks()]
    assert {one.name for one in promised()} <= set(lowest())

"""The short examples do what they say, as programs, at an emulated reseller."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gstream.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def reseller() -> Iterator[Emulator]:
    """The reseller that the programs ask."""
    with Emulator("shuyou") as running:
        yield running


def run(reseller: Emulator, name: str, *arguments: str, key: str | None = None) -> tuple[int, str, str]:
    """Return the exit code of an example, what it printed and what it complained of; `key`: not the right one."""
    bare = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
    named = {"SHUYOU_BASE_URL": reseller.base_url, "SHUYOU_API_KEY": key or reseller.api_key}
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    ended = subprocess.run(command, env={**bare, **named}, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout, ended.stderr


def test_the_agent_calls_its_tools_and_remembers(reseller: Emulator) -> None:
    code, said, complained = run(
        reseller, "langgraph_agent.py", "What is the weather in Paris, and convert 20 euros?", "Thank you!"
    )

    assert code == 0, complained
    assert "[get_weather] Paris: 21 degrees and sunny" in said
    assert "3200.0" in said
    assert "Paris" in str((reseller.requests[-1].body or {})["contents"][0])


def test_the_reader_answers_from_the_files(reseller: Emulator, tmp_path: Path) -> None:
    (tmp_path / "promises.txt").write_text("Kim promised to water the lemon trees.", encoding="utf-8")
    code, said, complained = run(reseller, "llamaindex_rag.py", str(tmp_path), "Who promised what?")

    assert code == 0, complained
    assert said.endswith("(from promises.txt)\n")
    assert "lemon trees" in str(reseller.requests[-1].body)


@pytest.mark.parametrize("name", ["langgraph_agent.py", "llamaindex_rag.py"])
def test_a_wrong_key_is_one_sentence(name: str, reseller: Emulator, tmp_path: Path) -> None:
    (tmp_path / "promises.txt").write_text("Kim promised to water the lemon trees.", encoding="utf-8")
    arguments = [str(tmp_path), "Who promised what?"] if "rag" in name else []
    code, _, complained = run(reseller, name, *arguments, key="made-up-wrong-key")

    assert code == 1
    assert complained.startswith("[shuyou, gemini-2.5-flash] ")
    assert "Traceback" not in complained
    assert "made-up-wrong-key" not in complained

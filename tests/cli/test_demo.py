"""`gstream demo`: every endpoint, both frameworks, live, judged."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gstream import ENDPOINTS
from gstream.cli.demo.tools import EXPECTED

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

CLASSES = {"LangChain": "ChatGStream", "LlamaIndex": "GStream"}
ROW = re.compile(
    r"(?P<endpoint>\w+) +(?P<framework>LangChain|LlamaIndex) +(?P<framing>\S+) +(?P<first>\d+) ms +(?P<chunks>\d+) "
    r"+(?P<calls>\d+) +(?P<input>\d+)/(?P<output>\d+) +(?P<verdict>ok|FAIL)"
)


@pytest.fixture(scope="module")
def whole(gstream: Run) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("langchain_core")
    pytest.importorskip("llama_index.core")
    return gstream("demo")


def test_all_loops_are_right(whole: subprocess.CompletedProcess[str]) -> None:
    shown = whole

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stderr == ""
    assert "12 of 12 tool loops are right" in shown.stdout


def test_the_table_has_a_row_for_each_endpoint_and_framework(
    whole: subprocess.CompletedProcess[str],
) -> None:
    rows = [match.groupdict() for match in ROW.finditer(whole.stdout)]

    assert [(row["endpoint"], row["framework"]) for row in rows] == [
        (name, framework) for name in ENDPOINTS for framework in CLASSES
    ]
    for row in rows:
        assert row["framing"] == ("json-array" if row["endpoint"] == "shengsuanyun" else "sse")
        assert int(row["chunks"]) > 10
        assert int(row["calls"]) == 3
        assert int(row["input"]) > int(row["output"]) > 100
        assert row["verdict"] == "ok"


def test_each_section_tells_provider_path_key_thoughts_calls_and_answer(
    whole: subprocess.CompletedProcess[str],
) -> None:
    sections = re.split(r"(?m)^(?=\w+  .* ─+$)", whole.stdout)[1:]

    assert len(sections) == len(ENDPOINTS)
    for section, endpoint in zip(sections, ENDPOINTS.values(), strict=True):
        flat = " ".join(section.split())
        assert section.startswith(f"{endpoint.name}  {endpoint.title} ")
        assert re.search(rf"(?m)^POST  {endpoint.path}/models/gemini-\S+:streamGenerateContent$", section)
        assert re.search(r"(?m)^key   .*\bKEY$", section)
        assert "I should look at weather first." in flat
        for framework, class_ in CLASSES.items():
            assert f"\n{framework} {class_}\n" in section
        for result in EXPECTED:
            assert flat.count(f" = {result}") >= len(CLASSES)
            assert flat.count(f"is: {result}") >= len(CLASSES)


def test_piped_output_is_plain_and_fits_80_columns(whole: subprocess.CompletedProcess[str]) -> None:
    output = whole.stdout

    assert "\x1b" not in output
    assert "\r" not in output
    assert "…" not in output
    assert max(map(len, output.splitlines())) <= 80


def test_it_ends_with_the_line_to_change(whole: subprocess.CompletedProcess[str]) -> None:
    assert whole.stdout.splitlines()[-2:] == [
        "On a real endpoint, only this line changes:",
        'llm = ChatGStream(model="gemini-2.5-flash", endpoint="shuyou", api_key="sk-...")',
    ]


@pytest.mark.parametrize(("framework", "title"), [("langchain", "LangChain"), ("llamaindex", "LlamaIndex")])
def test_one_endpoint_through_one_framework(gstream: Run, framework: str, title: str) -> None:
    shown = gstream("demo", "--endpoint", "juheai", "--framework", framework)
    rows = [match.groupdict() for match in ROW.finditer(shown.stdout)]

    assert shown.returncode == 0
    assert [(row["endpoint"], row["framework"]) for row in rows] == [("juheai", title)]
    assert f'llm = {CLASSES[title]}(model="gemini-2.5-flash", endpoint="juheai", ' in shown.stdout


def test_the_user_s_environment_takes_no_part(gstream: Run) -> None:
    """A proxy, a base URL of the real endpoint and a tracer are set; nothing of it is asked."""
    shown = gstream(
        "demo",
        "--endpoint",
        "maisi",
        "--framework",
        "langchain",
        MAISI_BASE_URL="https://maisi.invalid/gemini",
        GSTREAM_ENDPOINT="google",
        HTTP_PROXY="http://127.0.0.1:1",
        ALL_PROXY="http://127.0.0.1:1",
        LANGSMITH_TRACING="true",
    )

    assert shown.returncode == 0, shown.stdout
    assert 'endpoint="maisi", base_url="https://...", api_key="sk-..."' in shown.stdout


def _without(modules: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the demo where the modules cannot be imported."""
    program = (
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {modules.split()!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Blocked())\n"
        f"sys.argv = ['gstream', 'demo', '--endpoint', 'google', *{arguments!r}]\n"
        "from gstream.cli import main\n"
        "main()\n"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_where_one_framework_is_missing_the_other_is_shown() -> None:
    shown = _without("llama_index")

    assert shown.returncode == 0
    assert 'LlamaIndex is not installed: pip install "gstream[llamaindex]".\n' in shown.stdout
    assert "1 of 1 tool loops are right" in shown.stdout


def test_where_both_are_missing_it_says_so_and_exits_with_2() -> None:
    shown = _without("llama_index langchain_core")

    assert shown.returncode == 2
    assert shown.stderr == (
        'Error: LangChain is not installed: pip install "gstream[langchain]". '
        'LlamaIndex is not installed: pip install "gstream[llamaindex]".\n'
    )


def _in_terminal(clean_environment: dict[str, str], *arguments: str) -> list[str]:
    """Run the demo in a pseudo-terminal; return what was written, piece by piece as it arrived."""
    master, slave = pty.openpty()
    arrived = []
    with subprocess.Popen(
        [sys.executable, "-m", "gstream", "demo", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**clean_environment, "TERM": "xterm-256color", "COLUMNS": "100"},
    ):
        os.close(slave)
        while select.select([master], [], [], 20)[0]:
            try:
                data = os.read(master, 65_536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not data:
                break
            arrived.append(data.decode("utf-8", "replace"))
    os.close(master)
    return arrived


def test_in_a_terminal_it_streams_in_colour(clean_environment: dict[str, str]) -> None:
    arrived = _in_terminal(clean_environment, "--endpoint", "apigo", "--framework", "langchain")

    assert "\x1b[2;3m" in "".join(arrived), "thoughts are dim"
    assert len(arrived) > 20, "the answer was seen to grow"


def test_plain_has_no_colour_in_a_terminal(clean_environment: dict[str, str]) -> None:
    arrived = _in_terminal(clean_environment, "--endpoint", "apigo", "--framework", "langchain", "--plain")

    assert "\x1b" not in "".join(arrived)

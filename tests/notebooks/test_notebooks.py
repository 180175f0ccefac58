"""The notebooks, each run once in a real Jupyter kernel without any key: what their cells gave, how they are kept."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from gstream import ENDPOINTS

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
GUIDES = ["compare_endpoints", "langchain", "llamaindex", "migrate"]
PATIENCE_S = 120
SUM = "That is all the emulator can tell from your request alone."


def without_keys() -> dict[str, str]:
    """Return the environment without what would send a request to a real endpoint."""
    return {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}


def cells(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    return found


@cache
def outputs(name: str) -> dict[str, list[Any]]:
    """Return what each code cell of a notebook gave, by the cell's id; it is run once."""
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)  # type: ignore[no-untyped-call]  # it has no types
    place = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=PATIENCE_S, kernel_name="python3", resources=place).execute(env=without_keys())
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def printed(name: str, cell: str) -> str:
    """Return what a cell printed."""
    given = outputs(name)[cell]

    assert {output.get("name", output.output_type) for output in given} <= {"stdout"}, given
    return "".join(output.text for output in given)


def drawn(name: str, cell: str) -> list[dict[str, str]]:
    """Return the MIME bundles that a cell shows, as they are at its end."""
    given = outputs(name)[cell]

    assert {output.output_type for output in given} == {"display_data"}, given
    return [output.data for output in given]


def markdown(name: str, cell: str) -> str:
    """Return the one text that a cell shows."""
    (bundle,) = drawn(name, cell)
    return bundle["text/markdown"]


# -- how they are kept ----------------------------------------------------------------------------------------------


def test_all_guides_are_there() -> None:
    assert set(GUIDES) < set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_holds_no_outputs_no_counts_and_no_key(name: str) -> None:
    text = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    code = [cell for cell in cells(name) if cell["cell_type"] == "code"]

    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all(cell["metadata"] == {} for cell in cells(name))
    assert not re.search(r"emulated-[0-9a-f]|AIza|sk-[A-Za-z0-9]{8}|Bearer [A-Za-z0-9]", text)


@pytest.mark.parametrize("name", GUIDES)
def test_a_notebook_explains_itself_between_its_cells(name: str) -> None:
    kinds = [cell["cell_type"] for cell in cells(name)]

    assert kinds[0] == "markdown"
    assert kinds.count("markdown") >= len(kinds) // 3
    assert "".join(cells(name)[0]["source"]).startswith("# ")


@pytest.mark.parametrize("name", GUIDES)
def test_one_changed_line_asks_a_real_endpoint(name: str) -> None:
    """The line in the comment stands in the first code cell, runs, and takes its keys from the variables it names."""
    first = next("".join(cell["source"]) for cell in cells(name) if cell["cell_type"] == "code")
    line = re.search(r"^# for real: (.+?)  # keys? from ([A-Z_, ]+)$", first, re.MULTILINE)
    assert line is not None, first
    keys = dict.fromkeys(line[2].split(", "), "made-up")
    asks = "ChatGStream(**{'model': 'm', **WHERE}).endpoint" if "WHERE" in line[1] else "targets[0].endpoint.name"
    imports = "from gstream import ENDPOINTS, resolve\nfrom langchain_gstream import ChatGStream"
    program = f"{imports}\n{line[1]}\nassert {asks} in ENDPOINTS"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60,
        env={**without_keys(), **keys},
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")


def test_links_lead_to_notebooks_that_are_there() -> None:
    texts = ["".join(cell["source"]) for name in NOTEBOOKS for cell in cells(name) if cell["cell_type"] == "markdown"]
    linked = [target for text in texts for target in re.findall(r"\]\(([\w.]+\.ipynb)\)", text)]

    assert linked
    assert all((FOLDER / target).exists() for target in linked)


# -- langchain.ipynb ------------------------------------------------------------------------------------------------


def test_langchain_chats() -> None:
    said, usage, end = printed("langchain", "chat").splitlines()

    assert "“Why is the sky blue?”" in said
    assert "“You are a patient teacher.”" in said
    assert re.fullmatch(r"\{'input_tokens': \d+, 'output_tokens': \d+, 'total_tokens': \d+\}", usage)
    assert end == "STOP from shuyou"


def test_langchain_streams_into_one_display_with_folded_thoughts() -> None:
    shown = markdown("langchain", "stream")

    assert shown.startswith('<details style="opacity: 0.65"><summary>Thoughts</summary>\n\n**Reading the request**')
    assert "</details>\n\nYou asked: “Explain in **one** sentence why the sea is salty.”" in shown
    assert shown.endswith(SUM)
    assert "Earlier you said: “Explain in one sentence why the sea is salty.”" in markdown("langchain", "history")


def test_langchain_calls_tools_and_answers_with_their_results() -> None:
    assert printed("langchain", "tools") == "get_weather {'city': 'Paris'}\nget_weather {'city': 'Tokyo'}\n"
    assert all(
        f"18 degrees and light rain in {city}" in markdown("langchain", "tool-results") for city in ("Paris", "Tokyo")
    )


def test_langchain_gives_objects() -> None:
    assert printed("langchain", "structured") == (
        "Recipe(name='Tomato soup', minutes=25, ingredients=['tomatoes', 'basil', 'salt'])\n"
    )


def test_langchain_shows_a_picture_and_looks_at_it() -> None:
    text, picture = drawn("langchain", "draw")

    assert "“Draw a fox in the snow.”" in text["text/markdown"]
    assert base64.b64decode(picture["image/png"]).startswith(b"\x89PNG")
    assert "You gave me image/png" in printed("langchain", "look")


def test_langchain_plays_sound() -> None:
    (sound,) = drawn("langchain", "speech")
    source = re.fullmatch(r'<audio controls src="data:audio/wav;base64,([^"]+)"></audio>', sound["text/html"])

    assert source is not None
    assert base64.b64decode(source[1]).startswith(b"RIFF")


def test_langchain_runs_an_agent() -> None:
    shown = markdown("langchain", "agent")
    steps = ["get_weather(city='Tokyo')", "population(city='Tokyo')", "population: 14000000", "You asked:", SUM]

    assert [shown.index(step) for step in steps] == sorted(shown.index(step) for step in steps)


def test_langchain_tells_what_broke_and_what_had_come() -> None:
    told, had_come = printed("langchain", "errors").splitlines()

    assert told.startswith("IncompleteStreamError: [shuyou, gemini-2.5-flash] The answer is incomplete")
    assert had_come.startswith("What had come: You asked: “Why is the sky blue?”")


# -- llamaindex.ipynb -----------------------------------------------------------------------------------------------


def test_llamaindex_streams_with_folded_thoughts() -> None:
    shown = markdown("llamaindex", "complete")

    assert shown.startswith("<details")
    assert shown.endswith(SUM)


def test_llamaindex_answers_from_real_documents_and_names_them() -> None:
    counted = re.fullmatch(r"3 documents, (\d+) passages\n", printed("llamaindex", "documents"))
    sources = [line.split(": ")[0] for line in printed("llamaindex", "sources").splitlines()]
    shown = markdown("llamaindex", "engine")

    assert counted is not None
    assert int(counted[1]) > 10
    assert "“What happens to media that are named by URL? Answer from these passages alone: file: " in shown
    assert 1 < len(sources) <= 4
    assert {"ARCHITECTURE.md"} <= set(sources) <= {"README.md", "ARCHITECTURE.md", "CHANGELOG.md"}


def test_llamaindex_gives_objects() -> None:
    assert printed("llamaindex", "structured") == (
        "Release(name='gstream', version='1.0', highlights=['retries', 'fallbacks'])\n"
    )


def test_llamaindex_runs_an_agent_with_a_function_and_with_the_documents() -> None:
    lines = len((FOLDER.parent / "README.md").read_text(encoding="utf-8").splitlines())
    counted, found = markdown("llamaindex", "agent"), markdown("llamaindex", "agent-documents")

    assert "count_lines(file='README.md')" in counted
    assert f"The result of count_lines is: {lines}." in counted
    assert "search_documentation(input='endpoints')" in found
    assert re.search(r"file: (README|ARCHITECTURE|CHANGELOG)\.md", found)
    assert found.endswith(SUM)


# -- compare_endpoints.ipynb ----------------------------------------------------------------------------------------


def test_the_comparison_measures_every_endpoint() -> None:
    header, *rows = printed("compare_endpoints", "table").splitlines()
    row = re.compile(r"(\w+) +([\d.]+) ms +([\d.]+) ms +([\d,]+) +(\d+)")
    measured = [found.groups() for line in rows if (found := row.fullmatch(line))]

    assert printed("compare_endpoints", "measure") == f"{5 * len(ENDPOINTS)} answers from {len(ENDPOINTS)} endpoints\n"
    assert header.split() == ["endpoint", "first", "chunk", "slowest", "tokens/s", "chunks"]
    assert [name for name, *_ in measured] == [*ENDPOINTS]
    assert all(0 < float(first) <= float(slowest) for _, first, slowest, *_ in measured)
    assert all(int(rate.replace(",", "")) > 0 and int(chunks) > 2 for *_, rate, chunks in measured)


def test_the_comparison_is_plotted() -> None:
    (plot,) = drawn("compare_endpoints", "plot")
    content = base64.b64decode(plot["image/png"])

    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") > 600  # pixels wide


# -- migrate.ipynb --------------------------------------------------------------------------------------------------


def test_what_was_migrated_answers() -> None:
    assert "“Why is the sky blue?”" in printed("migrate", "google")
    assert "“Why is the sky blue?”" in printed("migrate", "openai")


def test_a_foreign_history_and_foreign_images_come_along() -> None:
    assert "Earlier you said: “What is the weather in Paris?”" in printed("migrate", "history")
    assert "You gave me image/png (70 bytes)" in printed("migrate", "images")


def test_a_foreign_name_is_told_and_errors_are_of_both_worlds() -> None:
    same, message = printed("migrate", "errors").splitlines()

    assert printed("migrate", "typo") == "Unknown parameter 'google_api_key': did you mean 'api_key'?\n"
    assert same == "True True"
    assert message.startswith("[shengsuanyun, gemini-2.5-flash] The endpoint answered 429")


def test_what_the_tables_say_is_the_same_is_a_parameter() -> None:
    """Every name that the right-hand columns of the migration tables give is one that ChatGStream takes."""
    from langchain_gstream import ChatGStream  # noqa: PLC0415 - the other tests use it in a kernel

    rows = [
        [cell.strip() for cell in row.strip("|").split("|")]
        for cell in cells("migrate")
        for row in "".join(cell["source"]).splitlines()
        if cell["cell_type"] == "markdown" and row.startswith("| `")
    ]
    same = {name for left, right in rows if right.startswith("the same") for name in re.findall(r"\b[a-z_]+\b", left)}
    named = {name for _, right in rows for name in re.findall(r"\b([a-z_]+)=", right)}
    taken = {*ChatGStream.model_fields, "max_tokens", "stop_sequences", "n", "with_structured_output", "bind_tools"}

    assert len(same) > 20
    assert same <= taken
    assert named <= taken

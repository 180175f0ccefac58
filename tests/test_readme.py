"""What README.md says is true: its snippets run as written, and its table is that of the code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from gstream import ENDPOINTS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
QUICKSTART = SNIPPETS[:2]
"""The two that the notebook holds too."""


@pytest.mark.parametrize("snippet", SNIPPETS, ids=["langchain", "llamaindex", "fault"])
def test_a_snippet_runs_as_written_and_prints_an_answer(snippet: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", snippet],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.stderr == ""
    assert done.returncode == 0
    assert "sky" in done.stdout


@pytest.mark.parametrize("snippet", QUICKSTART, ids=["langchain", "llamaindex"])
def test_one_changed_line_makes_a_snippet_real(snippet: str) -> None:
    """The line in the comment constructs the same class on a known endpoint, its key from the named variable."""
    line = re.search(r"# for real: (llm = .*?)  # key from (\w+)", snippet)
    assert line is not None
    imports = "\n".join(found for found in snippet.splitlines() if found.startswith("from "))
    program = f"import os\nos.environ[{line[2]!r}] = 'made-up'\n{imports}\n{line[1]}\nprint(type(llm).__name__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)

    assert done.stderr == ""
    assert done.stdout.strip() in {"ChatGStream", "GStream"}


def test_the_endpoint_table_is_that_of_the_code() -> None:
    """`make readme` writes it."""
    from gstream.cli.endpoints import endpoint_table  # noqa: PLC0415 - the CLI is not needed for the other tests

    assert endpoint_table() in README
    assert all(f"`{name}`" in README for name in ENDPOINTS)


def test_the_readme_counts_the_faults_of_the_emulator() -> None:
    from gstream.emulator import FAULTS  # noqa: PLC0415 - the emulator is not needed for the other tests

    assert f"fail in {len(FAULTS)} named ways" in README


def test_the_quickstart_notebook_holds_the_snippets_and_no_outputs() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]).strip() for cell in notebook["cells"] if cell["cell_type"] == "code"]

    assert [snippet.strip() for snippet in QUICKSTART] == cells
    assert all(not cell.get("outputs") for cell in notebook["cells"])


def test_the_quickstart_notebook_runs_in_a_kernel() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    printed = ["".join(output.text for output in cell if output.get("name") == "stdout") for cell in outputs]

    assert len(printed) == len(QUICKSTART)
    assert all("sky" in text for text in printed)

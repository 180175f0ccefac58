"""The quickstart notebook is what README.md begins with, and runs. What else the READMEs say `tests/docs` holds."""

from __future__ import annotations

import json
from typing import Final

import nbformat
from nbclient import NotebookClient

from tests.docs.markdown import ROOT, blocks

NOTEBOOK: Final = ROOT / "notebooks" / "quickstart.ipynb"
QUICKSTART: Final = [
    block.code.strip() for block in blocks("README.md") if block.section in {"langchain", "llamaindex"}
]
"""The two that the notebook holds too."""


def test_the_quickstart_notebook_holds_the_snippets_and_no_outputs() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]).strip() for cell in notebook["cells"] if cell["cell_type"] == "code"]

    assert len(QUICKSTART) == 2
    assert cells == QUICKSTART
    assert all(not cell.get("outputs") for cell in notebook["cells"])


def test_the_quickstart_notebook_runs_in_a_kernel() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    printed = ["".join(output.text for output in cell if output.get("name") == "stdout") for cell in outputs]

    assert len(printed) == len(QUICKSTART)
    assert all("sky" in text for text in printed)

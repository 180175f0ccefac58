"""The API reference is written without a warning, holds every public name, and its links lead somewhere."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from docs.build import PAGES
from tests.docs.links import Page, broken

ROOT = Path(__file__).parents[2]
WRITE = "import sys; from pathlib import Path; from docs.build import write; write(Path(sys.argv[1]))"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Page]:
    """All pages, written by a process of its own, in which a warning is an error."""
    folder = tmp_path_factory.mktemp("reference").resolve()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WRITE, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}


def page_of(module: str, pages: dict[Path, Page]) -> Page:
    ending = f"{module.replace('.', '/')}.html"
    (found,) = (page for path, page in pages.items() if path.as_posix().endswith(f"/{ending}"))
    return found


@pytest.mark.parametrize("module", PAGES)
def test_every_public_name_is_on_its_modules_page(module: str, pages: dict[Path, Page]) -> None:
    """`__version__` says it all by itself; everything else of `__all__` has its place, and a page for each module."""
    page = page_of(module, pages)
    names = {name for name in importlib.import_module(module).__all__ if not name.startswith("__")}

    assert names - page.places == set()


def test_every_public_class_and_function_says_something(pages: dict[Path, Page]) -> None:
    """A name without a word of description would be a heading with nothing below it (values show themselves)."""
    sections = {
        f"{module}.{name}": page_of(module, pages).text.split(f'<section id="{name}">')[1].split("</section>")[0]
        for module in PAGES
        for name in importlib.import_module(module).__all__
        if callable(getattr(importlib.import_module(module), name))
    }

    assert [name for name, section in sections.items() if '<div class="docstring">' not in section] == []


def test_the_constructors_parameters_are_described_with_their_default(pages: dict[Path, Page]) -> None:
    page = page_of("gstream.parameters", pages)

    assert {"ModelParameters.model", "ModelParameters.max_retries", "ModelParameters.fetcher"} <= page.places
    assert "only while nothing has reached the caller; 0 is none" in page.text
    assert "PydanticUndefined" not in page.text


def test_the_first_page_leads_to_every_module(pages: dict[Path, Page]) -> None:
    """With what each of them is for."""
    page = page_of("index", pages)

    assert {f"{module.replace('.', '/')}.html" for module in PAGES} <= set(page.links)
    assert "as a LangChain chat model" in page.text


def test_links_between_the_pages_lead_somewhere(pages: dict[Path, Page]) -> None:
    assert broken(pages) == []


def test_links_to_the_web_are_encrypted(pages: dict[Path, Page]) -> None:
    schemes = {urlsplit(link).scheme for page in pages.values() for link in page.links}

    assert schemes <= {"", "https", "data"}


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<a href="#there">1</a><a href="#here" id="here">2</a><a href="gone.html">3</a>', encoding="utf-8")

    assert broken({page: Page(page.read_text(encoding="utf-8"))}) == [
        "page.html: #there: page.html has no #there",
        f"page.html: gone.html: there is no {tmp_path / 'gone.html'}",
    ]

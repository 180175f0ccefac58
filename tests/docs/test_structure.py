"""The three READMEs say the same in the same order, each in its own language, and their links lead somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.markdown import ROOT, anchors, links, prose, tables
from tests.readme import LANGUAGES, generated

if TYPE_CHECKING:
    from tests.readme import Language

FILES: Final = [language.file for language in LANGUAGES]
TRANSLATED: Final = FILES[1:]
PAGES: Final = [*FILES, "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"]
SCRIPTS: Final = {
    "README.zh-CN.md": re.compile(r"[\u4e00-\u9fff]"),
    "README.ja.md": re.compile(r"[\u3040-\u30ff]"),
}
"""What only that language is written in: Chinese characters, and kana."""
ROOM: Final = 360
"""Lines that a README may have."""


@pytest.mark.parametrize("file", TRANSLATED)
def test_a_translation_has_the_same_sections_in_the_same_order(file: str) -> None:
    """The anchor before each heading is the same in every language, so links from elsewhere fit all of them."""
    assert anchors(file) == anchors("README.md")


def test_every_section_has_an_anchor_and_no_two_the_same() -> None:
    (title, level), *rest = anchors("README.md")
    names = [anchor for anchor, _ in rest]

    assert (title, level) == ("", "h1")
    assert len(set(names)) == len(names) > 12
    assert "" not in names


@pytest.mark.parametrize("file", TRANSLATED)
def test_a_translation_has_the_same_rows_in_its_tables(file: str) -> None:
    """As many cells in each, and the same names, statuses, classes and faults in backticks in the first."""
    english, there = tables("README.md"), tables(file)

    assert [table.section for table in there] == [table.section for table in english]
    assert [[len(row) for row in table.rows] for table in there] == [
        [len(row) for row in table.rows] for table in english
    ]
    assert [table.names for table in there] == [table.names for table in english]


@pytest.mark.parametrize("file", TRANSLATED)
def test_every_section_of_a_translation_is_translated(file: str) -> None:
    untranslated = [section for section, text in prose(file).items() if not SCRIPTS[file].search(text)]

    assert untranslated == []


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_the_generated_tables_are_those_of_the_code(language: Language) -> None:
    """`make readme` writes them."""
    text = (ROOT / language.file).read_text(encoding="utf-8")

    assert generated(text, language) == text


@pytest.mark.parametrize("file", FILES)
def test_a_readme_is_short(file: str) -> None:
    """But for the generated tables, which have as many rows as there are endpoints and settings."""
    text = (ROOT / file).read_text(encoding="utf-8")
    written = re.sub(r"<!-- (\w+): written by .*?<!-- end of \1 -->\n", "", text, flags=re.DOTALL)

    assert 100 < len(written.splitlines()) < ROOM


@pytest.mark.parametrize("file", PAGES)
def test_links_within_the_repository_lead_somewhere(file: str) -> None:
    broken = []
    for link in links(file):
        target = urlsplit(link)
        if target.scheme:
            continue
        place = (ROOT / file).parent / unquote(target.path) if target.path else ROOT / file
        known = {anchor for anchor, _ in anchors(place.name)} if target.fragment and place.suffix == ".md" else set()
        if not place.exists() or (target.fragment and target.fragment not in known):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("file", PAGES)
def test_links_to_the_web_are_encrypted(file: str) -> None:
    assert {urlsplit(link).scheme for link in links(file)} <= {"", "https"}


@pytest.mark.parametrize("file", FILES)
def test_a_reader_finds_the_other_languages(file: str) -> None:
    assert set(FILES) - {file} <= set(links(file))

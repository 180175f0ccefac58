"""The pages that are written: the report of a check, and the reference, on a desktop and on a phone, light and dark."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from docs.build import write
from gstream.emulator import Emulator

if TYPE_CHECKING:
    from pathlib import Path

    from tests.screens.browser import Browser, Page

DESKTOP: Final = 1280
PHONE: Final = 390
OVERFLOWING: Final = """
(() => {
  const wide = document.documentElement.clientWidth;
  const scrolls = e => e && (["auto", "scroll"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter(e => e.getClientRects().length && !scrolls(e) && e.getBoundingClientRect().right > wide + 1)
    .map(e => `${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`);
})()
"""
"""The elements that reach beyond the page, but for those in something that scrolls by itself."""
OVERLAPPING: Final = """
[...document.querySelectorAll("svg")].flatMap(chart => {
  const frame = chart.getBoundingClientRect();
  const texts = [...chart.querySelectorAll("text")].map(e => ({said: e.textContent, box: e.getBoundingClientRect()}));
  const outside = texts.filter(({box}) => box.left < frame.left - 1 || box.right > frame.right + 1
    || box.top < frame.top - 1 || box.bottom > frame.bottom + 1).map(({said}) => `outside: ${said}`);
  const marks = [...chart.querySelectorAll("rect, circle")].map(e =>
    ({said: e.tagName, box: e.getBoundingClientRect()}));
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const pairs = texts.flatMap((one, place) => [...texts.slice(place + 1), ...marks].filter(other =>
    meet(one.box, other.box)).map(other => `${one.said} on ${other.said}`));
  return [...outside, ...pairs];
})
"""
"""The labels of charts that lie on another or on a bar, or outside of their chart."""
SMALLEST: Final = """
Math.min(...[...document.querySelectorAll("svg text")].map(e => e.getBoundingClientRect().height))
"""
CONTRASTS: Final = """
(() => {
  const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const read = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const ground = e => { const c = read(getComputedStyle(e).backgroundColor);
    return c.length === 4 && c[3] === 0 ? (e.parentElement ? ground(e.parentElement) : [255, 255, 255]) : c; };
  return [...document.body.querySelectorAll("*")].filter(e => [...e.childNodes].some(n => n.nodeType === 3 &&
    n.textContent.trim()) && e.getClientRects().length).map(e => {
      const style = getComputedStyle(e);
      const ink = light(read(e.namespaceURI.endsWith("svg") ? style.fill : style.color)), under = light(ground(e));
      return [(Math.max(ink, under) + 0.05) / (Math.min(ink, under) + 0.05), e.textContent.slice(0, 40)];
    }).filter(([ratio]) => ratio < 4.5);
})()
"""
"""Texts that are hard to read on their ground: WCAG 2 asks for a contrast of 4.5."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page that `gstream check --compare ... --html` writes, with failures on it."""
    folder = tmp_path_factory.mktemp("report")
    with (
        Emulator("juheai", pace_s=0.01) as first,
        Emulator("shengsuanyun", fault="call_args_broken", pace_s=0.03) as second,
        Emulator("google", fault="one_object") as third,
        Emulator("maisi", fault="html") as fourth,
    ):
        told = {
            f"{one.dialect.name.upper()}_{what}": value
            for one in (first, second, third, fourth)
            for what, value in (("BASE_URL", one.base_url), ("API_KEY", one.api_key))
        }
        done = subprocess.run(
            [
                sys.executable, "-m", "gstream", "check", "--compare", "juheai,shengsuanyun,google,maisi",
                "--html", str(folder / "report.html"),
            ],
            env={**told, "PATH": "", "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        text = (folder / "report.html").read_text(encoding="utf-8")
        assert done.returncode == 1, done.stderr
        assert not [one for one in (first, second, third, fourth) if one.api_key in text]
    return folder / "report.html"


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first page of what `make docs` writes."""
    folder = tmp_path_factory.mktemp("docs")
    write(folder)
    return folder / "index.html"


def assert_self_contained(page: Page, folder: Path) -> None:
    """Assert that a page asked for nothing but files beside it, and that nothing complained."""
    assert {url for url in page.asked if not url.startswith((folder.as_uri(), "data:"))} == set()
    assert page.complaints == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_report(*, width: int, dark: bool, report: Path, browser: Browser, pictures: Path) -> None:
    page = browser.open(report.as_uri(), width=width, dark=dark, phone=width == PHONE)
    page.picture(pictures / f"report-{'phone' if width == PHONE else 'desktop'}{'-dark' if dark else ''}.png")

    assert page.asked == [report.as_uri()]
    assert page.complaints == []
    assert page.value(OVERFLOWING) == []
    assert page.value("document.documentElement.scrollWidth") == width
    assert page.value("document.querySelectorAll('figure svg').length") == 2
    assert page.value(OVERLAPPING) == []
    assert page.value(SMALLEST) >= 11
    assert page.value(CONTRASTS) == []
    assert labels(page) == ["juheai", "shengsuanyun", "google", "maisi"] * 2


def labels(page: Page) -> Any:
    """Return what stands beside the bars."""
    return page.value("[...document.querySelectorAll('svg text.name')].map(e => e.textContent)")


def test_ground_and_ink_follow_the_readers_wish(report: Path, browser: Browser) -> None:
    grounds = [
        browser.open(report.as_uri(), width=DESKTOP, dark=dark).value("getComputedStyle(document.body).backgroundColor")
        for dark in (False, True)
    ]
    light, dark = (sum(map(int, re.findall(r"\d+", ground))) for ground in grounds)

    assert light > 600
    assert dark < 150


@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_reference(width: int, reference: Path, browser: Browser, pictures: Path) -> None:
    page = browser.open(reference.as_uri(), width=width, phone=width == PHONE)
    page.picture(pictures / f"reference-{'phone' if width == PHONE else 'desktop'}.png")

    assert_self_contained(page, reference.parent)
    assert page.value(OVERFLOWING) == []


@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_page_of_the_reference(width: int, reference: Path, browser: Browser, pictures: Path) -> None:
    page = browser.open((reference.parent / "langchain_gstream.html").as_uri(), width=width, phone=width == PHONE)
    if width == DESKTOP:  # on a phone the page is taller than a picture can be
        page.picture(pictures / "reference-class-desktop.png", of="document.body")

    assert_self_contained(page, reference.parent)
    assert page.value(OVERFLOWING) == []

"""What is left of a check: the JSON document, the lines to paste, the web page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from gstream import ENDPOINTS, Endpoint, Target
from gstream.check import BATTERY, Report, Verdict, chosen, document
from gstream.check.charts import bars
from gstream.check.page import page
from tests.check.conftest import checked

if TYPE_CHECKING:
    from gstream.endpoints import Auth

NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
NASTY = "<script>alert(1)</script> & \"quoted\" 'too'"


@pytest.fixture(scope="module")
def good() -> Report:
    return checked("juheai", tries=2)


@pytest.fixture(scope="module")
def bad() -> Report:
    return checked("google", "one_object")


def test_the_document_says_everything(good: Report, bad: Report) -> None:
    said = json.loads(json.dumps(document([good, bad])))
    first, second = said["endpoints"]

    assert (said["ok"], first["ok"], second["ok"]) == (False, True, False)
    assert [probe["name"] for probe in first["probes"]] == list(BATTERY)
    assert (first["endpoint"], first["model"], first["auth"]) == ("juheai", "gemini-2.5-flash", "query")
    assert len(first["speed"]["first_chunk_s"]["values"]) == 2
    assert first["tokens"]["in"] > 500
    assert first["requests"] == 21
    framing = next(probe for probe in second["probes"] if probe["name"] == "framing")
    assert framing == {
        "name": "framing",
        "group": "answers",
        "status": "fail",
        "reason": "the answer came as one JSON object, not as a stream",
        "means": "Nothing can be shown before the whole answer is there.",
        "details": {"framing": "json-object"},
    }


@pytest.mark.parametrize(
    ("endpoint", "auth", "arguments"),
    [
        (ENDPOINTS["juheai"], "query", 'endpoint="juheai"'),
        (ENDPOINTS["juheai"], "header", 'endpoint="juheai", auth="header"'),
        (
            replace(ENDPOINTS["shuyou"], base_url="https://gw.example/v1beta"),
            "bearer",
            'endpoint="shuyou", base_url="https://gw.example/v1beta"',
        ),
        (Endpoint("custom", base_url="https://gw.example/v1beta"), "header", 'base_url="https://gw.example/v1beta"'),
    ],
)
def test_the_line_to_paste_holds_what_was_found_and_no_key(endpoint: Endpoint, auth: Auth, arguments: str) -> None:
    target = Target(endpoint, "made-up-secret", auth=auth)
    report = Report(target, "gemini-2.5-pro", BATTERY, found=target, key_variable="GSTREAM_API_KEY")
    report.verdicts["answer"] = Verdict("pass", "")

    expected = f'llm = GStream(model="gemini-2.5-pro", {arguments})'
    assert expected == report.line("GStream")
    assert report.use.endswith(", its key in GSTREAM_API_KEY")


def test_there_is_no_line_where_nothing_answered() -> None:
    assert checked(fault="stop_empty", probes=chosen(["reach"])).line("GStream") == ""


class _Loads(HTMLParser):
    """Notes what a page would load, and the tags that are left open."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [str(value) for name, value in attrs if name in {"src", "href", "xlink:href", "data"}]
        self.loads += [tag] if tag in {"script", "link", "iframe", "img", "object"} else []
        if tag not in {"meta", "line", "rect", "circle"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that closes itself leaves none open."""

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_loads_nothing_and_escapes_all(good: Report, bad: Report) -> None:
    nasty = replace(bad, model=NASTY, verdicts={**bad.verdicts, "framing": Verdict("fail", NASTY)})
    text = page([good, nasty], now=NOW)
    reader = _Loads()
    reader.feed(text)

    assert reader.loads == []
    assert reader.open == []
    assert NASTY in reader.texts
    assert "<script" not in text
    assert not re.search(r"url\(|@import|https?://(?!127\.0\.0\.1)", text)
    assert "prefers-color-scheme:dark" in text


def test_the_page_of_several_shows_them_side_by_side_with_charts(good: Report, bad: Report) -> None:
    text = page([good, bad], now=NOW)

    assert "Side by side" in text
    assert text.count("<svg") == 2
    assert "2026-07-01 12:30 UTC" in text
    assert "Nothing can be shown before the whole answer is there." in text
    assert "Side by side" not in page([good], now=NOW)


def test_the_page_of_an_interrupted_check_says_so(bad: Report) -> None:
    report = Report(bad.target, bad.model, BATTERY)
    report.interrupt()
    text = page([report])

    assert "interrupted" in text
    assert "<svg" not in text
    assert not report.good


def test_bars_reach_as_far_as_their_figures() -> None:
    drawn = bars("Times", [("a", [1.0, 3.0, 2.0]), ("b", []), ("x" * 40 + "<", [4.0])], lambda value: f"{value:g} s")
    widths = [float(width) for width in re.findall(r'class="bar"[^>]* width="([\d.]+)"', drawn)]

    assert widths[1] == pytest.approx(2 * widths[0])
    assert drawn.count("<circle") == 4
    assert "x" * 29 + "…" in drawn
    assert ">4 s</text>" in drawn
    assert "<svg" in bars("Nothing", [("a", [])], str)

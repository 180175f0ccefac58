"""`gstream endpoints`: the table, the JSON, the Markdown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gstream import ENDPOINTS
from gstream.cli.endpoints import endpoint_table

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]


def test_piped_it_is_a_line_an_endpoint(gstream: Run) -> None:
    lines = gstream("endpoints").stdout.splitlines()
    rows = [line.split() for line in lines]

    assert "\x1b" not in "".join(lines)
    for endpoint in ENDPOINTS.values():
        (row,) = (row for row in rows if row and row[0] == endpoint.name)
        assert endpoint.document in row
        assert set(endpoint.key_variables) <= set(row)
        assert (endpoint.base_url or endpoint.base_url_variable) in row


@pytest.mark.parametrize("columns", [80, 120])
def test_in_a_terminal_nothing_is_folded_or_cut(gstream: Run, columns: int) -> None:
    shown = gstream("endpoints", COLUMNS=str(columns), TTY_COMPATIBLE="1", FORCE_COLOR="1").stdout

    assert "\x1b[" in shown
    assert "…" not in shown
    for endpoint in ENDPOINTS.values():
        assert endpoint.title in shown
        assert endpoint.document in shown
        assert (endpoint.base_url or endpoint.base_url_variable) in shown


def test_json_has_every_endpoint_with_its_sources(gstream: Run) -> None:
    facts = json.loads(gstream("endpoints", "--json").stdout)

    assert [entry["name"] for entry in facts] == list(ENDPOINTS)
    assert facts[0] == {
        "name": "maisi",
        "title": "Maisi-AI",
        "base_url": None,
        "base_url_variable": "MAISI_BASE_URL",
        "path": "/gemini/v1beta",
        "auth": "bearer",
        "auths": ["bearer", "header", "query"],
        "key_sent_as": "Authorization: Bearer KEY",
        "key_variables": ["MAISI_API_KEY"],
        "query": {"alt": "sse"},
        "document": "000_ec5477b337932289.txt",
        "sources": dict(ENDPOINTS["maisi"].sources),
    }


def test_an_old_encoding_does_not_stop_it(gstream: Run) -> None:
    shown = gstream("endpoints", PYTHONIOENCODING="ascii")

    assert shown.returncode == 0
    assert "???? shuyou.ai" in shown.stdout


def test_markdown_has_a_row_an_endpoint() -> None:
    header, rule, *rows = endpoint_table().splitlines()

    assert header == "| name | provider | base URL | key variable | key sent as | document |"
    assert rule == "|---|---|---|---|---|---|"
    assert len(rows) == len(ENDPOINTS)
    assert rows[0] == (
        "| `maisi` | Maisi-AI | yours, in `MAISI_BASE_URL` | `MAISI_API_KEY` | `Authorization: Bearer KEY` "
        "| `000_ec5477b337932289.txt` |"
    )
    assert rows[-1] == (
        "| `google` | Google | `https://generativelanguage.googleapis.com/v1beta` "
        "| `GOOGLE_API_KEY` or `GEMINI_API_KEY` | `x-goog-api-key: KEY` | `generativelanguage-discovery.json` |"
    )

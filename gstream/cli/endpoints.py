"""`gstream endpoints`: what is known of each endpoint, as a table, as JSON, and as Markdown for the README."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from gstream import ENDPOINTS
from gstream.cli import console
from gstream.endpoints import KEY_FORMS

if TYPE_CHECKING:
    from gstream import Endpoint

__all__ = ["endpoint_table", "endpoints"]

_COLUMNS: Final = ("name", "provider", "base URL", "key variable", "key sent as", "document")
_Layout: TypeAlias = tuple[tuple[str, ...], ...]
_LAYOUTS: Final[tuple[_Layout, ...]] = (
    tuple((name,) for name in _COLUMNS),
    (("name", "provider"), ("base URL", "document"), ("key sent as", "key variable")),
    (("name", "provider"), ("base URL", "key sent as", "key variable", "document")),
)
"""Columns, and what stands in each below each other; widest first, the last one for 80 columns."""
_CUSTOM: Final = "Any other reseller: base_url='https://...', the key in GSTREAM_API_KEY, sent as x-goog-api-key: KEY."


def endpoints(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print every known fact as JSON, for programs.")] = False,
) -> None:
    """List the endpoints that are known by name.

    The first key variable that is set counts; GSTREAM_API_KEY is tried after them. Documents are file names of the
    collection that the facts were read from; --json has the source of each fact.
    """
    out = console.output()
    if as_json:
        facts = [_facts(endpoint) for endpoint in ENDPOINTS.values()]
        console.unwrapped(out, json.dumps(facts, ensure_ascii=False, indent=2))
        return
    tables = [_table(layout) for layout in _LAYOUTS]
    out.print(next((table for table in tables if console.fits(out, table)), tables[-1]))
    out.print(_CUSTOM, style="dim")


def endpoint_table() -> str:
    """Return the table of `ENDPOINTS` in Markdown, without a line break at the end."""
    lines = ["| " + " | ".join(_COLUMNS) + " |", "|" + "---|" * len(_COLUMNS)]
    for endpoint in ENDPOINTS.values():
        base_url = f"`{endpoint.base_url}`" if endpoint.base_url else f"yours, in `{endpoint.base_url_variable}`"
        cells = (
            f"`{endpoint.name}`",
            endpoint.title,
            base_url,
            " or ".join(f"`{variable}`" for variable in endpoint.key_variables),
            f"`{KEY_FORMS[endpoint.auth]}`",
            f"`{endpoint.document}`",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _facts(endpoint: Endpoint) -> dict[str, Any]:
    """Return what programs may want to know of an endpoint, under the names of its fields."""
    return {
        "name": endpoint.name,
        "title": endpoint.title,
        "base_url": endpoint.base_url,
        "base_url_variable": endpoint.base_url_variable,
        "path": endpoint.path,
        "auth": endpoint.auth,
        "auths": list(endpoint.auths),
        "key_sent_as": KEY_FORMS[endpoint.auth],
        "key_variables": list(endpoint.key_variables),
        "query": dict(endpoint.query),
        "document": endpoint.document,
        "sources": dict(endpoint.sources),
    }


def _table(layout: _Layout) -> Table:
    """Return the table whose cells hold, below each other, what each column of the layout names."""
    table = Table(*map(", ".join, layout), box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in table.columns:
        column.overflow = "fold"
    stacked = len(layout) < len(_COLUMNS)
    for endpoint in ENDPOINTS.values():
        facts = {
            "name": Text(endpoint.name, "bold cyan"),
            "provider": Text(endpoint.title),
            "base URL": Text(endpoint.base_url or f"yours: set {endpoint.base_url_variable}"),
            "key variable": Text(" or ".join(endpoint.key_variables)),
            "key sent as": Text(KEY_FORMS[endpoint.auth]),
            "document": Text(endpoint.document, "dim"),
        }
        table.add_row(*(Text("\n").join(facts[name] for name in column) for column in layout))
        if stacked:
            table.add_row()
    return table

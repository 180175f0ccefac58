"""What the resellers' documents state, read from the pages themselves.

Five pages in three forms (Apifox, Apifox with its code samples, Mintlify); what all of them have is a request line and
a `curl` command whose body shows every field.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from pathlib import Path

    from gstream.endpoints import Fields

FREE = {"args", "response", "parameters", "responseSchema"}
"""Fields whose content is the user's, so that what an example shows below them is no list."""


@dataclass(frozen=True)
class Document:
    """One page."""

    address: str
    """The address of the request, with a host where the page gives one."""
    fields: Fields
    """Every field of the body, nested; `None` below a name: the page shows nothing or anything there."""
    auths: frozenset[str]
    """How the page says that a key may travel."""
    query: frozenset[tuple[str, str]]
    """The query parameters it shows, the key excepted."""


def read(path: Path) -> Document:
    """Return what the page at `path` states."""
    page = path.read_text(encoding="utf-8")
    address = re.search(r"^(?:POST\n|  --url )(\S*/models/\S+:streamGenerateContent)", page, re.MULTILINE)
    body = re.search(r"--data(?:-raw)? '\s*(\{.*?\n\})\s*'", page, re.DOTALL)
    assert address
    assert body
    fields = _fields(json.loads(body[1]))
    assert fields
    sample = re.search(r"https://\S+:streamGenerateContent\?[^\s']+", page)
    query = parse_qsl(urlsplit(sample[0]).query, keep_blank_values=True) if sample else []
    stated = {
        "header": "x-goog-api-key" in page,
        "bearer": "--header 'Authorization" in page,
        "query": any(name == "key" for name, _ in query) or "クエリ文字列 API キーもサポート" in page,
    }
    auths = frozenset(name for name, said in stated.items() if said)
    return Document(address[1], fields, auths, frozenset(pair for pair in query if pair[0] != "key"))


def _fields(example: Any) -> Fields | None:
    if isinstance(example, list):
        return _fields(example[0])
    if not isinstance(example, dict) or not example:
        return None
    return {_camel(name): None if name in FREE else _fields(value) for name, value in example.items()}


def _camel(name: str) -> str:
    """Return a name as Maisi's page demands it (仅使用小驼峰字段), although its own example has some in snake_case."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)

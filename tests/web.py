"""A web of a few pages, for prompts that name media by URL: a fetcher that looks them up and notes what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gstream.remote import Fetched

__all__ = ["Web"]


class Web:
    """Fetches from `pages` (URL -> content and media type) or `hosts` (host -> what lies everywhere there).

    Any other URL is a `LookupError`.
    """

    def __init__(self, pages: Mapping[str, Fetched], hosts: Mapping[str, Fetched] | None = None) -> None:
        self._pages = pages
        self._hosts = hosts or {}
        self.asked: list[tuple[str, str]] = []
        """"fetch" or "afetch", and the URL."""

    def fetch(self, url: str) -> Fetched:
        self.asked.append(("fetch", url))
        return self._found(url)

    async def afetch(self, url: str) -> Fetched:
        self.asked.append(("afetch", url))
        return self._found(url)

    def _found(self, url: str) -> Fetched:
        host = urlsplit(url).hostname or ""
        return self._hosts[host] if host in self._hosts else self._pages[url]

"""The links and the places to link to of an HTML page."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Page", "broken"]


@dataclass
class Page(HTMLParser):
    """One page, read."""

    text: str
    links: list[str] = field(default_factory=list)
    """What `href` and `src` say, as they stand."""
    places: set[str] = field(default_factory=set)
    """What can stand behind a `#`: every `id`."""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag links to and what it is called."""
        for name, value in attrs:
            if value and name == "id":
                self.places.add(value)
            elif value and (name == "href" or (name == "src" and tag != "input")):
                self.links.append(value)


def broken(pages: dict[Path, Page]) -> list[str]:
    """Return the links between pages (and to files beside them) that lead nowhere; links to the web are not followed.

    Args:
        pages: the absolute place of each page, and the page.
    """
    found = []
    for path, page in pages.items():
        for link in page.links:
            target = urlsplit(link)
            if target.scheme or target.netloc:
                continue
            file = (path.parent / unquote(target.path)).resolve() if target.path else path
            known = pages.get(file)
            if not file.exists():
                found.append(f"{path.name}: {link}: there is no {file}")
            elif target.fragment and known is not None and unquote(target.fragment) not in known.places:
                found.append(f"{path.name}: {link}: {file.name} has no #{target.fragment}")
    return found

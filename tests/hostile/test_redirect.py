"""A server of the web that redirects a fetch to this machine or its network: nothing there is even connected to.

The web is a proxy on loopback that the environment names; it answers for a public address. What a redirect may reach
if nobody refuses it is a second server on loopback, which no proxy stands in front of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gstream import Blob, FileRef, Prompt, RequestError, Target, Text, Turn, UrlFetcher, connections
from gstream.emulator import Emulator
from tests.core.loopback import Connection, Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Collect

    Web = Callable[..., Loopback]

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
URL = "http://93.184.216.34/a.png"
"""A public address as a number, so that nobody is asked for it."""
PRIVATE = {
    "this machine": "http://127.0.0.1:{port}/",
    "its name": "http://localhost:{port}/",
    "as one number": "http://2130706433:{port}/",
    "any address of it": "http://0.0.0.0:{port}/",
    "IPv6 around IPv4": "http://[::ffff:127.0.0.1]:{port}/",
    "a cloud's own data": "http://169.254.169.254/latest/meta-data/",
    "a neighbour": "http://10.0.0.1/",
}


def picture(url: str = URL) -> Prompt:
    return Prompt("gemini-2.5-flash", (Turn("user", (Text("Look:"), FileRef(url, fetch="image"))),))


def leading(*places: str) -> list[Callable[[Connection], None]]:
    """Return a script a request: a redirect to each place, and then a picture."""

    def to(place: str) -> Callable[[Connection], None]:
        head = f"HTTP/1.1 302 X\r\nlocation: {place}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        return lambda connection: connection.send(head.encode())

    return [*map(to, places), lambda connection: connection.send(b"HTTP/1.1 200 X\r\nconnection: close\r\n\r\n", PNG)]


@pytest.fixture
def trap() -> Iterator[Loopback]:
    """A server of this machine that would give everybody a picture."""
    with Loopback(*leading()) as running:
        yield running


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """Start what stands for the web; it redirects to each of the given places, and then gives a picture."""
    started: list[Loopback] = []

    def web(*places: str) -> Loopback:
        started.append(Loopback(*leading(*places)).__enter__())
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{started[-1].port}")
        return started[-1]

    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(connections, "_sync", {})  # clients read the environment when they are made
    yield web
    connections._close()
    for one in started:
        one.__exit__(None, None, None)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator("google") as running:
        yield running


@pytest.mark.parametrize("place", PRIVATE)
def test_a_redirect_to_a_private_address_is_not_followed(
    place: str, web: Web, trap: Loopback, emulator: Emulator, collect: Collect
) -> None:
    asked = web(PRIVATE[place].format(port=trap.port))

    with pytest.raises(RequestError, match="private network"):
        collect(picture(), Target(emulator.endpoint, emulator.api_key))
    assert [received.line for received in asked.received] == [f"GET {URL} HTTP/1.1"]
    assert trap.connections == []
    assert emulator.requests == []


def test_nor_is_one_behind_a_redirect_that_may_be_followed(
    web: Web, trap: Loopback, emulator: Emulator, collect: Collect
) -> None:
    asked = web("http://93.184.216.35/b.png", f"http://127.0.0.1:{trap.port}/")

    with pytest.raises(RequestError, match="private network"):
        collect(picture(), Target(emulator.endpoint, emulator.api_key))
    assert len(asked.received) == 2
    assert trap.connections == []


def test_a_redirect_within_the_web_is_followed(web: Web, emulator: Emulator, collect: Collect) -> None:
    asked = web("http://93.184.216.35/b.png")
    collect(picture(), Target(emulator.endpoint, emulator.api_key))

    assert [received.line.split()[1] for received in asked.received] == [URL, "http://93.184.216.35/b.png"]
    assert len(emulator.requests) == 1


def test_who_allows_private_addresses_reaches_them(
    web: Web, trap: Loopback, emulator: Emulator, collect: Collect
) -> None:
    """So that it is the limit, and nothing else, that keeps the others out."""
    web(f"http://127.0.0.1:{trap.port}/")
    target = Target(emulator.endpoint, emulator.api_key)
    collect(picture(), target, fetcher=UrlFetcher(private_addresses=True))

    assert len(trap.received) == 1
    assert emulator.requests[0].body is not None
    assert Blob.of(PNG, "image/png").data in str(emulator.requests[0].body)

"""What the environment says of proxies and certificates either works or is told as what it is."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from typing import TYPE_CHECKING

import httpx
import pytest

import gstream.connections
from gstream import ConfigurationError, GStreamError, Prompt, Text, Turn, UrlFetcher, resolve
from gstream.connections import awaiting_head, lent_async_client, lent_client

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Collect

PROMPT = Prompt("gemini-2.5-flash", (Turn("user", (Text("Hi"),)),))
HIDDEN = "made-up-password"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test make its own connections, in an environment that says nothing."""
    monkeypatch.setattr(gstream.connections, "_sync", {})
    monkeypatch.setattr(gstream.connections, "_tls", gstream.connections._tls.__wrapped__)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def told(collect: Collect) -> str:
    """Return what is said to somebody whose call cannot even begin."""
    with pytest.raises(ConfigurationError) as caught:
        collect(PROMPT, resolve(base_url="https://gateway.invalid", api_key="made-up"), max_retries=0)
    assert HIDDEN not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_a_socks_proxy_without_its_package_names_the_package(collect: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", f"socks5://user:{HIDDEN}@127.0.0.1:9")

    assert "pip install 'httpx[socks]'" in told(collect)


@pytest.mark.parametrize(
    "proxy", [f"gopher://user:{HIDDEN}@127.0.0.1:9", f"http://user:{HIDDEN}@host:port"], ids=["scheme", "port"]
)
def test_a_proxy_that_is_none_names_the_variables(
    proxy: str, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)

    assert "HTTP_PROXY, HTTPS_PROXY and ALL_PROXY" in told(collect)


_GOES_PAST = pytest.mark.skipif(httpx.__version__ < "0.28", reason="httpx 0.27 goes past a file that is not there")


@pytest.mark.parametrize(
    "content", [pytest.param(None, id="missing", marks=_GOES_PAST), pytest.param("no certificate", id="garbage")]
)
def test_certificates_that_cannot_be_read_name_the_variables(
    content: str | None, collect: Collect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "certificates.pem"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))

    assert "SSL_CERT_FILE" in told(collect)


async def test_a_download_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:9")
    fetcher = UrlFetcher()

    with pytest.raises(GStreamError, match="HTTP_PROXY"):
        fetcher.fetch("https://gateway.invalid/cat.png")
    with pytest.raises(GStreamError, match="HTTP_PROXY"):
        await fetcher.afetch("https://gateway.invalid/cat.png")


def test_a_client_serves_one_call_at_a_time_and_then_another() -> None:
    """Httpcore's pool may close a connection that it has just handed to another call: so no two calls share one."""
    with lent_client() as first, lent_client() as second:
        assert first is not second

    with lent_client() as again:
        assert again in {first, second}
    assert not first.is_closed
    assert not second.is_closed


async def test_an_async_client_serves_one_call_at_a_time_and_then_another() -> None:
    async with lent_async_client() as first, lent_async_client() as second:
        assert first is not second

    async with lent_async_client() as again:
        assert again in {first, second}
    assert not first.is_closed
    assert not second.is_closed


async def test_a_client_of_the_callers_own_is_used_and_left_open() -> None:
    with httpx.Client() as own, lent_client(own) as used:
        assert used is own
    async with httpx.AsyncClient() as aown:
        async with lent_async_client(aown) as aused:
            assert aused is aown
        assert not aown.is_closed


@pytest.mark.parametrize(("kept", "stale_s"), [(1, 30.0), (100, -1.0)], ids=["too many", "too old"])
async def test_clients_that_nobody_needs_are_closed(kept: int, stale_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst of calls leaves no more behind than a next one is likely to need."""
    monkeypatch.setattr(gstream.connections, "_KEPT", kept)
    monkeypatch.setattr(gstream.connections, "_STALE_S", stale_s)
    with lent_client() as first, lent_client() as second:
        pass
    async with lent_async_client() as afirst, lent_async_client() as asecond:
        pass

    assert [client.is_closed for client in (second, first)] == [True, kept != 1]
    assert [client.is_closed for client in (asecond, afirst)] == [True, kept != 1]


def test_clients_are_closed_when_the_program_ends_and_those_in_use_behind_their_call() -> None:
    with lent_client() as used:
        with lent_client() as waiting:
            pass
        gstream.connections._close()
        gstream.connections._close()  # nothing is left to close

        assert [waiting.is_closed, used.is_closed] == [True, False]
    assert [waiting.is_closed, used.is_closed] == [True, True]
    with lent_client() as new:
        assert new not in {used, waiting}


def test_clients_of_an_event_loop_are_closed_with_it() -> None:
    async def lend() -> httpx.AsyncClient:
        async with lent_async_client() as client:
            return client

    first, second = asyncio.run(lend()), asyncio.run(lend())

    assert first is not second
    assert first.is_closed
    assert second.is_closed


async def test_a_call_that_outlives_the_end_of_its_loop_closes_its_client() -> None:
    async with lent_async_client() as client:
        await asyncio.get_running_loop().shutdown_asyncgens()
        assert [client.is_closed] == [False]
    assert client.is_closed


def test_a_line_of_httpx_that_holds_no_url_is_logged_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    logging.getLogger("httpx").info("%(word)s", {"word": "Hello"})
    logging.getLogger("httpx").info("%s %s", "GET", httpx.URL("https://a.example/?key=made-up&x=1"))

    assert caplog.messages == ["Hello", "GET https://a.example/?key=%5Bkey%5D&x=1"]


def test_a_head_that_is_too_late_already_is_not_awaited() -> None:
    """A limit that has passed while the request was sent is a timeout, and no read without one."""
    with pytest.raises(httpx.ReadTimeout, match="head of the response"), awaiting_head(lambda: None, 0.0):
        gstream.connections._left(5.0)

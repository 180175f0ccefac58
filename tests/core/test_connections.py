"""What the environment says of proxies and certificates either works or is told as what it is."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import gstream.connections
from gstream import ConfigurationError, GStreamError, Prompt, Text, Turn, UrlFetcher, resolve
from gstream.connections import awaiting_head, shared_client

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


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["missing", "garbage"])
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


def test_two_threads_that_begin_at_once_share_one_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that comes second throws its own away."""
    made: list[httpx.Client] = []

    class Slow(httpx.Client):
        """Takes so long to make that another thread makes and shares one meanwhile."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            made.append(self)
            if len(made) == 1:
                other = threading.Thread(target=shared_client)
                other.start()
                other.join()

    monkeypatch.setattr(httpx, "Client", Slow)

    assert shared_client() is made[1]
    assert shared_client() is made[1]
    assert [client.is_closed for client in made] == [True, False]


def test_the_pool_is_closed_when_the_program_ends() -> None:
    client = shared_client()
    gstream.connections._close()
    gstream.connections._close()  # nothing is left to close

    assert client.is_closed
    assert shared_client() is not client


def test_a_line_of_httpx_that_holds_no_url_is_logged_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    logging.getLogger("httpx").info("%(word)s", {"word": "Hello"})
    logging.getLogger("httpx").info("%s %s", "GET", httpx.URL("https://a.example/?key=made-up&x=1"))

    assert caplog.messages == ["Hello", "GET https://a.example/?key=%5Bkey%5D&x=1"]


def test_a_head_that_is_too_late_already_is_not_awaited() -> None:
    """A limit that has passed while the request was sent is a timeout, and no read without one."""
    with pytest.raises(httpx.ReadTimeout, match="head of the response"), awaiting_head(lambda: None, 0.0):
        gstream.connections._left(5.0)

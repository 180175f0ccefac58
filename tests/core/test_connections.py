"""What the environment says of proxies and certificates either works or is told as what it is."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING

import pytest

import gstream.connections
from gstream import ConfigurationError, GStreamError, Prompt, Text, Turn, UrlFetcher, resolve

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

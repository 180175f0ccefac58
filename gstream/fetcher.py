"""The loops that fetch media by URL: they move bytes between httpx and a `Download`, one sync, one async.

Connections go to an address that was checked, under the host's own name, so that a name which answers with a public
address first and a private one later reaches nothing. Only where a proxy makes the connections does it find the host.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, Final
from urllib.request import getproxies, proxy_bypass

import httpx

from gstream._version import __version__
from gstream.connections import TRANSPORT, clause, lent_async_client, lent_client
from gstream.encoding import Garbled, Inflater, coding_of
from gstream.remote import Download, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gstream.remote import Fetched

__all__ = ["UrlFetcher"]


class UrlFetcher:
    """Fetches media from the web. It knows no key: what it sends is the URL, and it uses none of your HTTP clients.

        ChatGStream(..., fetcher=UrlFetcher(max_bytes=5_000_000))

    Args:
        max_bytes: the largest file, in bytes.
        timeout_s: seconds for one file, from the first connection to the last byte.
        private_addresses: whether addresses of a private network may be asked.
        redirects: how many redirects are followed.
    """

    def __init__(
        self,
        *,
        max_bytes: int = Limits.max_bytes,
        timeout_s: float = Limits.timeout_s,
        private_addresses: bool = Limits.private_addresses,
        redirects: int = Limits.redirects,
    ) -> None:
        self.limits = Limits(max_bytes, timeout_s, private_addresses, redirects)

    def fetch(self, url: str) -> Fetched:
        """Return what lies at `url`.

        Raises:
            RequestError: it cannot be had within the limits; the text says why.
        """
        download = Download(url, self.limits)
        while not download.complete:
            if not download.address:
                _resolve(download)
            begun = False
            try:
                with lent_client() as http:
                    response = http.send(_request(download, http), stream=True, follow_redirects=False)
                    try:
                        begun = True
                        if download.answered(response.status_code, response.headers):
                            unpack = _unpacking(response)
                            for data in response.iter_raw():
                                for piece in unpack(data):
                                    download.feed(piece)
                            download.ended()
                    finally:
                        response.close()
            except Garbled as error:
                download.failed(f"its content encoding is broken ({error})", before_answer=False)
            except TRANSPORT as error:
                download.failed(clause(error), before_answer=not begun)
        return download.fetched

    async def afetch(self, url: str) -> Fetched:
        """Return as `fetch` does, on the running event loop."""
        download = Download(url, self.limits)
        while not download.complete:
            if not download.address:
                await _aresolve(download)
            begun = False
            try:
                async with lent_async_client() as http:
                    response = await http.send(_request(download, http), stream=True, follow_redirects=False)
                    try:
                        begun = True
                        if download.answered(response.status_code, response.headers):
                            unpack = _unpacking(response)
                            async for data in response.aiter_raw():
                                for piece in unpack(data):
                                    download.feed(piece)
                            download.ended()
                    finally:
                        await response.aclose()
            except Garbled as error:
                download.failed(f"its content encoding is broken ({error})", before_answer=False)
            except TRANSPORT as error:
                download.failed(clause(error), before_answer=not begun)
        return download.fetched


_HEADERS: Final = {"user-agent": f"gstream/{__version__}", "accept": "*/*", "accept-encoding": "identity"}
"""Nothing compressed is asked for: media are already. Some servers send what they keep compressed all the same."""


def _unpacking(response: httpx.Response) -> Callable[[bytes], Iterable[bytes]]:
    """Return what makes the content of the bytes of a body, a bounded piece at a time."""
    coding = coding_of(response.headers.get("content-encoding", ""))
    return Inflater(coding).feed if coding else _as_it_is


def _as_it_is(data: bytes) -> tuple[bytes, ...]:
    return (data,)


def _request(download: Download, http: httpx.Client | httpx.AsyncClient) -> httpx.Request:
    url = httpx.URL(download.url)
    extensions: dict[str, Any] = {}
    if download.address is not None:
        url = url.copy_with(host=download.address)
        extensions["sni_hostname"] = download.host
    # Signed in or not is a matter of the URL alone: what stands before the host in it is not sent.
    url = url.copy_with(userinfo=b"")
    timeout = httpx.Timeout(download.left_s, connect=min(_CONNECT_S, download.left_s))
    headers = {**_HEADERS, "host": download.authority}
    return http.build_request("GET", url, headers=headers, timeout=timeout, extensions=extensions)


_CONNECT_S: Final = 10.0
"""Seconds for one address, so that there is time for another."""


def _resolve(download: Download) -> None:
    try:
        found: Iterable[Any] = socket.getaddrinfo(download.host, download.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # no such name, as far as this machine can tell, or none at all
        found = ()
    download.resolved(_addresses(found), proxied=_proxied(download))


async def _aresolve(download: Download) -> None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(download.left_s):
            found: Iterable[Any] = await loop.getaddrinfo(download.host, download.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # as above, or it took too long
        found = ()
    download.resolved(_addresses(found), proxied=_proxied(download))


def _addresses(found: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def _proxied(download: Download) -> bool:
    """Return whether the environment names a proxy for this URL, as httpx reads it."""
    proxies = getproxies()
    scheme = download.url.partition(":")[0].lower()
    return bool(proxies.get(scheme) or proxies.get("all")) and not proxy_bypass(download.host)

"""Media named by URL: which are fetched, how far a fetch goes, and what the request holds in the end."""

from __future__ import annotations

import asyncio
import base64
import gzip
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import gstream.connections
from gstream import (
    ENDPOINTS,
    Blob,
    Client,
    FileRef,
    FunctionResponse,
    Prompt,
    RequestError,
    RetryPolicy,
    Target,
    Text,
    Turn,
    UrlFetcher,
)
from gstream.emulator import Emulator
from gstream.remote import Download, Limits, to_fetch, with_content
from tests.core.loopback import Connection, Loopback
from tests.web import Web

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.remote import Fetched
    from tests.conftest import Collect

GOOGLE = ENDPOINTS["google"]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
WEBP = b"RIFF\0\0\0\0WEBPVP8 "
URL = "https://pictures.example/a.png?signature=secret-part"


def prompt_of(*parts: Any) -> Prompt:
    return Prompt("gemini-2.5-flash", (Turn("user", parts),))


def picture(url: str = URL, mime_type: str | None = None, fetch: str = "image") -> FileRef:
    return FileRef(url, mime_type, fetch=fetch)


# -- which --------------------------------------------------------------------------------------------------------

HELD = {
    "a video site": "https://www.youtube.com/watch?v=x",
    "a video site's short form": "https://youtu.be/x",
    "the Files API": "https://generativelanguage.googleapis.com/v1beta/files/abc",
    "the endpoint's own Files API": "https://api.shuyou.ai/v1beta/files/abc",
}


@pytest.mark.parametrize("url", HELD.values(), ids=HELD)
def test_what_the_endpoint_keeps_or_knows_stays_a_reference(url: str) -> None:
    assert (
        to_fetch(prompt_of(picture(url)), replace(ENDPOINTS["shuyou"], base_url="https://api.shuyou.ai/v1beta")) == ()
    )


def test_a_host_that_only_ends_like_a_video_site_is_fetched() -> None:
    assert to_fetch(prompt_of(picture("https://notyoutube.com/a")), GOOGLE) == ("https://notyoutube.com/a",)


def test_a_reference_that_was_not_meant_to_be_fetched_stays_one() -> None:
    assert to_fetch(prompt_of(FileRef(URL)), GOOGLE) == ()


def test_an_endpoint_that_reads_urls_gets_them() -> None:
    assert to_fetch(prompt_of(picture()), replace(GOOGLE, reads_urls=True)) == ()


def test_each_url_is_wanted_once_wherever_it_stands() -> None:
    result = FunctionResponse("see", {}, parts=(picture("https://a.example/2"), Blob("image/png", "aGk=")))
    prompt = replace(prompt_of(Text("x"), picture(), result, picture()), system=(picture("https://a.example/0"),))

    assert to_fetch(prompt, GOOGLE) == ("https://a.example/0", URL, "https://a.example/2")


# -- what becomes of them -----------------------------------------------------------------------------------------


def test_what_was_fetched_stands_where_the_url_stood() -> None:
    extra = {"mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}}
    named = FileRef(URL, "image/png", "a.png", "c2ln", extra, fetch="image")
    result = FunctionResponse("see", {"ok": 1}, parts=(picture(), FileRef("files/kept")))
    prompt = replace(prompt_of(Text("x"), named, result), system=(picture(),))
    data = base64.b64encode(PNG).decode()

    filled = with_content(prompt, {URL: (PNG, None)})

    plain = Blob("image/png", data)
    assert filled.turns[0].parts == (
        Text("x"),
        Blob("image/png", data, "a.png", signature="c2ln", extra=extra),
        FunctionResponse("see", {"ok": 1}, parts=(plain, FileRef("files/kept"))),
    )
    assert filled.system == (plain,)


TYPES: dict[str, tuple[FileRef, Fetched, str]] = {
    "what the prompt says": (picture(mime_type="text/markdown", fetch="file"), (b"# A", "text/plain"), "text/markdown"),
    "an image as its bytes are": (picture(mime_type="image/png"), (WEBP, "image/png"), "image/webp"),
    "what the bytes show": (picture(), (PNG, "application/octet-stream"), "image/png"),
    "what is served": (picture(fetch="file"), (b"a,b", "Text/CSV; charset=utf-8"), "text/csv"),
    "a page where a file is wanted": (picture(fetch="file"), (b"<html>", "text/html"), "text/html"),
    "sound the prompt knows better": (picture(mime_type="audio/mp4"), (b"\0\0\0\x18ftypisom", None), "audio/mp4"),
}


@pytest.mark.parametrize(("ref", "fetched", "expected"), TYPES.values(), ids=TYPES)
def test_the_media_type_is(ref: FileRef, fetched: Fetched, expected: str) -> None:
    (part,) = with_content(prompt_of(ref), {ref.uri: fetched}).turns[0].parts

    assert isinstance(part, Blob)
    assert part.mime_type == expected


@pytest.mark.parametrize(
    ("ref", "fetched", "sentence"),
    [
        (picture(), (b"<html>Sign in", "text/html"), "is a web page and no image"),
        (picture(mime_type="application/pdf", fetch="file"), (b"<html>", "text/html; charset=x"), "is a web page"),
        (picture(fetch="file"), (b"?", None), "its media type cannot be told"),
        (picture(fetch="file"), (b"?", "application/octet-stream"), "its media type cannot be told"),
    ],
)
def test_what_cannot_be_what_the_prompt_takes_it_for_is_refused(ref: FileRef, fetched: Fetched, sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence) as caught:
        with_content(prompt_of(ref), {ref.uri: fetched})

    assert "secret-part" not in str(caught.value)


# -- one download, without I/O ------------------------------------------------------------------------------------

PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104 - refused
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
    "64:ff9b::a00:1", "2002:a00:1::", "nonsense",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused(address: str) -> None:
    with pytest.raises(RequestError, match=r"private network.*private_addresses=True"):
        Download(URL, Limits()).resolved([address])


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_a_public_address_is_taken(address: str) -> None:
    download = Download(URL, Limits())
    download.resolved([address])

    assert download.address == address
    assert download.authority == "pictures.example"


def test_one_private_address_among_public_ones_is_refused() -> None:
    with pytest.raises(RequestError, match="private network"):
        Download(URL, Limits()).resolved(["93.184.216.34", "10.0.0.1"])


def test_a_proxy_finds_hosts_that_this_machine_cannot_find_but_not_private_ones() -> None:
    download = Download(URL, Limits())
    download.resolved([], proxied=True)

    assert download.address is None
    with pytest.raises(RequestError, match="private network"):
        download.resolved(["10.0.0.1"], proxied=True)


def test_a_host_without_an_address_cannot_be_found() -> None:
    with pytest.raises(RequestError, match="has a host that cannot be found"):
        Download(URL, Limits()).resolved([])


def test_a_url_that_is_none_is_told_by_the_download() -> None:
    """Which files to fetch is decided before anything is fetched, and breaks on no text."""
    (url,) = to_fetch(prompt_of(picture("http://[::1")), GOOGLE)

    with pytest.raises(RequestError, match="something other than an http or https URL"):
        Download(url, Limits())


def test_the_target_of_a_redirect_is_resolved_anew() -> None:
    download = Download("https://a.example/x/y.png", Limits())
    download.resolved(["93.184.216.34"])

    assert not download.answered(302, {"location": "../z.png"})
    assert (download.url, download.address) == ("https://a.example/z.png", None)
    assert not download.answered(301, {"location": "http://b.example:8080/"})
    assert (download.host, download.port, download.authority) == ("b.example", 8080, "b.example:8080")


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://a.example/", "http://[::1", "gopher://x", "http://a:x/"]
)
def test_a_redirect_leads_to_the_web_only(target: str) -> None:
    with pytest.raises(RequestError, match="something other than an http or https URL"):
        Download("https://a.example/", Limits()).answered(302, {"location": target})


def test_redirects_come_to_an_end() -> None:
    download = Download("https://a.example/", Limits(redirects=1))
    download.answered(302, {"location": "/b"})

    with pytest.raises(RequestError, match="more than 1 times"):
        download.answered(302, {"location": "/c"})


def test_another_address_is_tried_before_giving_up() -> None:
    download = Download(URL, Limits())
    download.resolved(["2606:2800:220:1::1", "93.184.216.34"])
    download.failed("no connection", before_answer=True)

    assert download.address == "93.184.216.34"
    with pytest.raises(RequestError, match="could not be read: no connection"):
        download.failed("no connection", before_answer=True)


def test_a_message_shows_neither_a_signature_nor_a_password() -> None:
    with pytest.raises(RequestError) as caught:
        Download("https://user:made-up-word@a.example/b.png?sig=made-up-word", Limits()).answered(404, {})

    assert "https://a.example/b.png?..." in str(caught.value)
    assert "made-up-word" not in str(caught.value)


# -- over a socket ------------------------------------------------------------------------------------------------


def answering(*pieces: bytes, head: str = "", status: int = 200, reset: bool = False) -> Callable[[Connection], None]:
    def script(connection: Connection) -> None:
        lines = [f"HTTP/1.1 {status} X", "connection: close", *([head] if head else []), "", ""]
        connection.send("\r\n".join(lines).encode(), *pieces)
        if reset:
            connection.reset()

    return script


def local(server: Loopback, path: str = "/a.png") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


@pytest.fixture(params=["sync", "async"])
def fetch(request: pytest.FixtureRequest) -> Callable[[UrlFetcher, str], Fetched]:
    """`fetch` or `afetch`, to be called either way."""
    if request.param == "sync":
        return lambda fetcher, url: fetcher.fetch(url)
    return lambda fetcher, url: asyncio.run(fetcher.afetch(url))


Fetch = Any


def test_a_file_is_fetched_without_any_credential(fetch: Fetch) -> None:
    with Loopback(answering(PNG, head="content-type: image/png")) as server:
        url = f"http://me:made-up-word@127.0.0.1:{server.port}/a.png?x=1"
        assert fetch(UrlFetcher(private_addresses=True), url) == (PNG, "image/png")

    (received,) = server.received
    assert received.line == "GET /a.png?x=1 HTTP/1.1"
    assert received.headers["host"] == f"127.0.0.1:{server.port}"
    assert {name for name in received.headers if "auth" in name or "key" in name or "cookie" in name} == set()


def test_a_private_server_is_not_even_connected_to(fetch: Fetch) -> None:
    with Loopback(answering(PNG)) as server, pytest.raises(RequestError, match="private network"):
        fetch(UrlFetcher(), local(server))

    assert server.connections == []


def test_a_name_of_a_private_server_is_not_connected_to(fetch: Fetch) -> None:
    with Loopback(answering(PNG)) as server, pytest.raises(RequestError, match="private network"):
        fetch(UrlFetcher(), f"http://localhost:{server.port}/a.png")

    assert server.connections == []


def test_a_redirect_is_followed(fetch: Fetch) -> None:
    with Loopback(answering(status=302, head="location: /b.png"), answering(PNG)) as server:
        assert fetch(UrlFetcher(private_addresses=True), local(server)) == (PNG, None)

    assert [received.line for received in server.received] == ["GET /a.png HTTP/1.1", "GET /b.png HTTP/1.1"]


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example", "a\0b", "\u2024.invalid"], ids=ascii)
def test_a_host_that_is_no_name_cannot_be_found(host: str, fetch: Fetch) -> None:
    with pytest.raises(RequestError):
        fetch(UrlFetcher(), f"https://{host}/cat.png")


def test_a_packed_file_is_unpacked(fetch: Fetch) -> None:
    """Nothing packed is asked for, but some servers send what they keep packed all the same."""
    with Loopback(answering(gzip.compress(PNG), head="content-encoding: gzip")) as server:
        assert fetch(UrlFetcher(private_addresses=True), local(server)) == (PNG, None)


def test_the_next_address_of_a_host_is_tried(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens at the first one."""
    real = socket.getaddrinfo

    def both(host: str, *rest: Any, **more: Any) -> list[Any]:
        names = ("::1", "127.0.0.1") if host == "pictures.example" else (host,)
        return [place for name in names for place in real(name, *rest, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with Loopback(answering(PNG)) as server:
        url = f"http://pictures.example:{server.port}/a.png"
        assert fetch(UrlFetcher(private_addresses=True), url) == (PNG, None)

    assert server.received[0].headers["host"] == f"pictures.example:{server.port}"


def test_a_host_that_is_not_there_is_a_sentence(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(RequestError, match="has a host that cannot be found"):
        fetch(UrlFetcher(), URL)


def test_a_proxy_of_the_environment_finds_the_host(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for the URL as it stands, as only it may know the host."""
    monkeypatch.setattr(gstream.connections, "_sync", {})
    for name in ("no_proxy", "NO_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Loopback(answering(PNG)) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert fetch(UrlFetcher(), "http://pictures.invalid/a.png") == (PNG, None)

    assert proxy.received[0].line == "GET http://pictures.invalid/a.png HTTP/1.1"
    assert proxy.received[0].headers["host"] == "pictures.invalid"


REFUSED: dict[str, tuple[Callable[[Connection], None], str]] = {
    "not packed as it says": (answering(b"plain", head="content-encoding: gzip"), "its content encoding is broken"),
    "packed as nobody asked": (answering(b"x", head="content-encoding: br"), "its content encoding is broken"),
    "too large, as its length says": (answering(head="content-length: 101"), "larger than 100 bytes"),
    "too large, as it turns out": (answering(bytes(101)), "larger than 100 bytes"),
    "not there": (answering(b"no", status=404), "answered with status 404"),
    "empty": (answering(), "is empty"),
    "cut": (answering(b"half", head="content-length: 50"), "could not be read: the connection was cut"),
    "reset": (answering(b"half", head="content-length: 50", reset=True), "could not be read: "),
    "no HTTP": (lambda connection: connection.send(b"nonsense\r\n\r\n"), "could not be read: "),
}


@pytest.mark.parametrize(("script", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_goes_wrong_is_a_sentence(fetch: Fetch, script: Callable[[Connection], None], sentence: str) -> None:
    with Loopback(script) as server, pytest.raises(RequestError, match=sentence):
        fetch(UrlFetcher(private_addresses=True, max_bytes=100), local(server))


def test_a_server_that_drips_is_left_in_time(fetch: Fetch) -> None:
    def drip(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 X\r\nconnection: close\r\n\r\n")
        while not connection.closed_by_client.wait(0.02):
            connection.send(b".")

    begun = time.monotonic()
    with Loopback(drip) as server, pytest.raises(RequestError, match=r"longer than 0\.3 s|could not be read"):
        fetch(UrlFetcher(private_addresses=True, timeout_s=0.3), local(server))

    assert time.monotonic() - begun < 10  # it ended because of the limit, not because of the test


# -- in a call ----------------------------------------------------------------------------------------------------


@pytest.fixture
def emulator() -> Any:
    with Emulator("shuyou") as running:
        yield running


def target_of(emulator: Emulator) -> Target:
    return Target(emulator.endpoint, emulator.api_key)


def test_a_call_sends_what_it_fetched(collect: Collect, emulator: Emulator) -> None:
    web = Web({URL: (PNG, "image/png"), "https://b.example/": (b"a", "text/plain")})
    prompt = prompt_of(Text("Look:"), picture(), picture("https://b.example/", fetch="file"))
    collect(prompt, target_of(emulator), fetcher=web)

    (received,) = emulator.requests
    assert received.body is not None
    assert received.body["contents"][0]["parts"] == [
        {"text": "Look:"},
        {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(PNG).decode()}},
        {"inlineData": {"mimeType": "text/plain", "data": "YQ=="}},
    ]
    own = "fetch" if collect.mode == "sync" else "afetch"
    assert sorted(web.asked) == [(own, "https://b.example/"), (own, URL)]


def test_a_retry_and_a_fallback_do_not_fetch_again(collect: Collect, emulator: Emulator) -> None:
    web = Web({URL: (PNG, "image/png")})
    with Emulator("juheai", fault="error_503") as busy:
        targets = (target_of(busy), target_of(emulator))
        collect(prompt_of(Text("Look:"), picture()), *targets, fetcher=web, max_retries=RetryPolicy(1, base_s=0.0))

    assert len(busy.requests) + len(emulator.requests) > 1
    assert len(web.asked) == 1


def test_nothing_is_fetched_for_an_endpoint_that_reads_urls(collect: Collect, emulator: Emulator) -> None:
    reading = Target(replace(emulator.endpoint, reads_urls=True), emulator.api_key)
    web = Web({})
    collect(prompt_of(Text("Look:"), picture()), reading, fetcher=web)

    assert web.asked == []
    assert emulator.requests[0].body is not None
    assert emulator.requests[0].body["contents"][0]["parts"][1] == {"fileData": {"fileUri": URL}}


def test_whatever_a_fetcher_raises_is_a_request_error_before_any_request(collect: Collect, emulator: Emulator) -> None:
    with pytest.raises(RequestError, match=r"shuyou.*pictures\.example/a\.png\?\.\.\. could not be fetched \(KeyError"):
        collect(prompt_of(picture()), target_of(emulator), fetcher=Web({}))

    assert emulator.requests == []


async def test_files_are_fetched_side_by_side_and_the_first_failure_ends_the_others(emulator: Emulator) -> None:
    """Two fetches wait for each other to begin; a third fails, and they are cancelled."""
    waiting = asyncio.Semaphore(0)
    cancelled: list[str] = []

    class Slow:
        async def afetch(self, url: str) -> Fetched:
            waiting.release()
            if url.endswith("bad"):
                await waiting.acquire()
                await waiting.acquire()
                await waiting.acquire()
                raise OSError("gone")
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(url)
                raise
            raise AssertionError(url)

        def fetch(self, url: str) -> Fetched:
            raise AssertionError(url)

    prompt = prompt_of(*(picture(f"https://a.example/{name}") for name in ("1", "2", "bad")))
    with pytest.raises(RequestError, match="gone"):
        await Client(target_of(emulator), fetcher=Slow()).agenerate(prompt)

    assert sorted(cancelled) == ["https://a.example/1", "https://a.example/2"]


def test_the_clients_own_fetcher_asks_the_web(collect: Collect, emulator: Emulator) -> None:
    with Loopback(answering(PNG)) as server:
        prompt = prompt_of(picture(local(server)))
        collect(prompt, target_of(emulator), fetcher=UrlFetcher(private_addresses=True))
        with pytest.raises(RequestError, match="private network"):
            collect(prompt, target_of(emulator))

    assert len(server.received) == len(emulator.requests) == 1

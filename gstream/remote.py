"""Media that a prompt names by URL: which of them the client fetches, within which limits, and what becomes of them.

Pure: `Download` decides about one file as its bytes arrive, and knows no HTTP library; `fetcher` moves the bytes.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, runtime_checkable
from urllib.parse import SplitResult, urljoin, urlsplit

from gstream.errors import RequestError
from gstream.media import type_of_content
from gstream.messages import Blob, FileRef, FunctionResponse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gstream.endpoints import Endpoint
    from gstream.messages import Part, Prompt

__all__ = ["Download", "Fetched", "Fetcher", "Limits", "shown_url", "to_fetch", "with_content"]

Fetched: TypeAlias = tuple[bytes, str | None]
"""The content of a file, and the media type its server names (`Content-Type`), if any."""


@runtime_checkable
class Fetcher(Protocol):
    """What fetches media by URL; give your own as `fetcher=` (a cache, an object store, a test)."""

    def fetch(self, url: str) -> Fetched:
        """Return what lies at `url`. Whatever it raises becomes a `RequestError`."""
        ...

    async def afetch(self, url: str) -> Fetched:
        """Return as `fetch` does, without blocking the event loop."""
        ...


@dataclass(frozen=True)
class Limits:
    """How far a fetch may go."""

    max_bytes: int = 20_000_000
    """The largest file, in bytes. Google takes 20 MB of inline data a request, and more only lately."""
    timeout_s: float = 30.0
    """Seconds for one file, from the first connection to the last byte."""
    private_addresses: bool = False
    """Whether addresses of a private network may be asked (10.x, 127.x, link-local metadata services, ...): a prompt
    often holds URLs that strangers wrote."""
    redirects: int = 5
    """How many redirects are followed; the address of each is checked anew."""


# -- which, and what becomes of them --------------------------------------------------------------------------------

_VIDEO_SITES: Final = ("youtube.com", "youtu.be")
"""Sites whose addresses the API takes as video (ai.google.dev/gemini-api/docs/video-understanding)."""
_GOOGLE_HOST: Final = "generativelanguage.googleapis.com"


def to_fetch(prompt: Prompt, endpoint: Endpoint) -> tuple[str, ...]:
    """Return the URLs that have to be fetched before `endpoint` can be asked, each once, in their order."""
    if endpoint.reads_urls:
        return ()
    urls = (ref.uri for part in _parts(prompt) for ref in _references(part) if not _is_kept_there(ref.uri, endpoint))
    return tuple(dict.fromkeys(urls))


def _parts(prompt: Prompt) -> Iterator[Part]:
    yield from prompt.system
    for turn in prompt.turns:
        yield from turn.parts


def _references(part: Part) -> tuple[FileRef, ...]:
    if isinstance(part, FileRef):
        return (part,) if part.fetch else ()
    if isinstance(part, FunctionResponse):
        return tuple(media for media in part.parts if isinstance(media, FileRef) and media.fetch)
    return ()


def _is_kept_there(url: str, endpoint: Endpoint) -> bool:
    """Return whether `fileData` is right for a URL everywhere: a file of the Files API, or a YouTube video."""
    host, path = _host_and_path(url)
    if any(host == site or host.endswith(f".{site}") for site in _VIDEO_SITES):
        return True
    return host in {_GOOGLE_HOST, _host_and_path(endpoint.base_url or "")[0]} and "/files/" in path


def _host_and_path(url: str) -> tuple[str, str]:
    try:
        place = urlsplit(url)
    except ValueError:
        return "", ""  # `Download` says what is wrong with it
    return (place.hostname or "").lower(), place.path


def with_content(prompt: Prompt, fetched: Mapping[str, Fetched]) -> Prompt:
    """Return the prompt with each fetched file in place of its URL.

    Raises:
        RequestError: what was fetched is not what the prompt takes it for, or its media type cannot be told.
    """
    if not fetched:
        return prompt
    return replace(
        prompt,
        turns=tuple(replace(turn, parts=_filled(turn.parts, fetched)) for turn in prompt.turns),
        system=_filled(prompt.system, fetched),
    )


def _filled(parts: tuple[Part, ...], fetched: Mapping[str, Fetched]) -> tuple[Part, ...]:
    if not any(_references(part) for part in parts):
        return parts
    return tuple(_filled_part(part, fetched) for part in parts)


def _filled_part(part: Part, fetched: Mapping[str, Fetched]) -> Part:
    if isinstance(part, FunctionResponse) and part.parts:
        return replace(part, parts=tuple(_inlined(media, fetched) for media in part.parts))
    return _inlined(part, fetched) if isinstance(part, FileRef) else part


def _inlined(media: Blob | FileRef, fetched: Mapping[str, Fetched]) -> Blob | FileRef:
    if isinstance(media, Blob) or not media.fetch or media.uri not in fetched:
        return media
    content, served_as = fetched[media.uri]
    data = base64.b64encode(content).decode("ascii")
    return Blob(_type_of(media, content, served_as), data, media.name, signature=media.signature, extra=media.extra)


_VAGUE: Final = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/binary"})
"""What servers say of files they know nothing about."""


def _type_of(ref: FileRef, content: bytes, served_as: str | None) -> str:
    """Return the media type of what was fetched: what the prompt says, then what the bytes show, then what is served.

    Only of images the bytes know better than the prompt: many servers answer a .png with WebP.
    """
    stated = ref.mime_type
    shown = type_of_content(content[:32])
    served = (served_as or "").partition(";")[0].strip().lower()
    if shown is None and served == "text/html" and (ref.fetch != "file" or stated not in {None, "text/html"}):
        raise RequestError(
            f"{shown_url(ref.uri)} was fetched, but is a web page and no {ref.fetch}: check that it can be opened "
            "without signing in, or give the content itself."
        )
    if stated and not (shown and stated.startswith("image/") and shown.startswith("image/")):
        return stated
    if shown:
        return shown
    if served not in _VAGUE:
        return served
    raise RequestError(
        f"{shown_url(ref.uri)} was fetched, but its media type cannot be told: give it with the URL (mime_type=...)."
    )


def shown_url(url: str) -> str:
    """Return a URL fit for a message: what signs it, or signs in, stays out."""
    place, query, _ = url.partition("?")
    return f"{_USER.sub('//', place, count=1)[:200]}{'?...' if query else ''}"


_USER: Final = re.compile(r"//[^/]*@")
"""What stands before the host in `https://user:password@host/`."""


# -- one file -------------------------------------------------------------------------------------------------------


class Download:
    """One file that is being fetched.

    The loop that drives it: while not `complete`, resolve `host` and tell the addresses to `resolved`; send a GET to
    `url` at `address`; tell `answered`, and if it wants the body `feed` all of it and `ended`. A failure of the
    transport goes to `failed`, which raises unless another address is left.

    Args:
        url: where the file lies; http or https.
        limits: how far to go.
    """

    def __init__(self, url: str, limits: Limits) -> None:
        self.url = url
        self.complete = False
        self.content_type: str | None = None
        self._given = url
        self._limits = limits
        self._deadline = time.monotonic() + limits.timeout_s
        self._redirects = 0
        self._addresses: list[str] = []
        self._content = bytearray()
        self._place = self._checked(url)

    @property
    def host(self) -> str:
        """The host whose addresses `resolved` wants."""
        return self._place.hostname or ""

    @property
    def port(self) -> int:
        """The port to connect to."""
        return self._place.port or (443 if self._place.scheme == "https" else 80)

    @property
    def authority(self) -> str:
        """The `Host` header: the connection goes to an address, so that nobody can answer with another one later."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self._place.port}" if self._place.port else host

    @property
    def address(self) -> str | None:
        """The address to connect to, which was checked; `None`: a proxy finds it."""
        return self._addresses[0] if self._addresses else None

    @property
    def left_s(self) -> float:
        """The seconds that are left.

        Raises:
            RequestError: none is.
        """
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise self._refusal(f"took longer than {self._limits.timeout_s:g} s")
        return left_s

    @property
    def fetched(self) -> Fetched:
        """The content and the media type its server names."""
        return bytes(self._content), self.content_type

    def resolved(self, addresses: Sequence[str], *, proxied: bool = False) -> None:
        """Take the addresses of `host`, best first.

        Args:
            addresses: what the name service says.
            proxied: whether a proxy makes the connection, by its own name service.

        Raises:
            RequestError: there is none, or one lies in a private network.
        """
        if not addresses and not proxied:
            raise self._refusal("has a host that cannot be found")
        private = [address for address in addresses if not _is_public(address)]
        if private and not self._limits.private_addresses:
            raise self._refusal(
                "lies in a private network, which prompts may not reach unless you allow it with "
                "fetcher=UrlFetcher(private_addresses=True)"
            )
        self._addresses = [] if proxied else list(addresses)

    def answered(self, status: int, headers: Mapping[str, str]) -> bool:
        """Take the head of a response and return whether its body is wanted; otherwise a redirect is followed.

        Raises:
            RequestError: it is no answer with content, or one redirect too many.
        """
        if status in _REDIRECTS and (target := headers.get("location")):
            self._redirects += 1
            if self._redirects > self._limits.redirects:
                raise self._refusal(f"was redirected more than {self._limits.redirects} times")
            self._place = self._checked(target)
            self.url = self._place.geturl()
            self._addresses = []
            return False
        if status != _OK:
            raise self._refusal(f"was answered with status {status}")
        self._content.clear()
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._limits.max_bytes:
            raise self._too_large()
        self.content_type = headers.get("content-type")
        return True

    def feed(self, data: bytes) -> None:
        """Take a piece of the body.

        Raises:
            RequestError: the file is too large, or takes too long.
        """
        self._content += data
        if len(self._content) > self._limits.max_bytes:
            raise self._too_large()
        _ = self.left_s

    def ended(self) -> None:
        """Note that the body is whole.

        Raises:
            RequestError: it is empty.
        """
        if not self._content:
            raise self._refusal("is empty")
        self.complete = True

    def failed(self, how: str, *, before_answer: bool) -> None:
        """Note a failure of the transport; the next address is tried where nothing had been answered.

        Raises:
            RequestError: there is no other address.
        """
        _ = self.left_s
        if not before_answer or len(self._addresses) <= 1:
            raise self._refusal(f"could not be read: {how}")
        self._addresses.pop(0)

    def _checked(self, url: str) -> SplitResult:
        """Return a URL of the web, seen from where the download stands, in its pieces."""
        try:
            place = urlsplit(urljoin(self.url, url))
            known = place.scheme in {"http", "https"} and place.hostname and place.port != 0
        except ValueError:
            known = False
        if not known:
            raise self._refusal("is, or was redirected to, something other than an http or https URL")
        return place

    def _too_large(self) -> RequestError:
        return self._refusal(
            f"is larger than {self._limits.max_bytes:,} bytes: upload it with the Files API and give its URI, "
            "or raise the limit with fetcher=UrlFetcher(max_bytes=...)"
        )

    def _refusal(self, what: str) -> RequestError:
        return RequestError(f"The file at {shown_url(self._given)} {what}; nothing was sent to the model.")


_OK: Final = 200
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones (RFC 6052)."""


def _is_public(address: str) -> bool:
    """Return whether an address can be meant for everyone; IPv4 inside IPv6 is judged as the IPv4 it reaches."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found in _NAT64:
            inner = ipaddress.IPv4Address(found.packed[-4:])
        if inner is not None:
            found = inner
    return found.is_global and not found.is_multicast

"""A captured response, in whatever form people save one, taken apart into status, headers and body; and blanked.

Taken are: the body alone, what `curl -i` or a raw socket wrote (head in front, HTTP chunk framing and gzip removed
where they are still there), and a HAR file of a browser. What a body means is the decoder's business.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gstream import ConfigurationError

__all__ = ["Capture", "blanked", "read_capture"]


@dataclass(frozen=True)
class Capture:
    """One response as it was captured."""

    body: bytes
    """Without HTTP chunk framing and without compression."""
    status: int | None = None
    """`None` where the capture holds the body alone."""
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case."""
    cut: str | None = None
    """Why the bytes are known to be no clean end, as a clause; `None` where nothing tells."""


def read_capture(content: bytes) -> Capture:
    """Return what a captured file holds.

    Raises:
        ConfigurationError: it is a HAR file without a response in it, or its compression cannot be undone.
    """
    if (entries := _har_entries(content)) is not None:
        return _of_har(entries)
    if not content.startswith(b"HTTP/"):
        return _unpacked(Capture(content))
    return _unpacked(_without_framing(_without_head(content)))


# -- a head in front ------------------------------------------------------------------------------------------------

_HEAD: Final = re.compile(rb"HTTP/[\d.]+ +(\d{3})[^\n]*\n(.*?)(?:\r?\n\r?\n|\Z)", re.DOTALL)


def _without_head(content: bytes) -> Capture:
    """Return the last response: `curl -i` writes the heads of a proxy, of 100 Continue and of redirects before it."""
    capture = Capture(content)
    while (head := _HEAD.match(capture.body)) is not None:
        headers: dict[str, str] = {}
        for line in head[2].decode("latin-1").splitlines():
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        capture = Capture(capture.body[head.end() :], int(head[1]), headers)
    return capture


_CHUNK: Final = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")


def _without_framing(capture: Capture) -> Capture:
    """Return the capture without HTTP chunk framing, which `curl -i` removes but a raw socket shows."""
    if "chunked" not in capture.headers.get("transfer-encoding", "") or not _CHUNK.match(capture.body):
        return capture
    pieces: list[bytes] = []
    place = 0
    while (line := _CHUNK.match(capture.body, place)) is not None:
        size = int(line[1], 16)
        if size == 0:
            return replace(capture, body=b"".join(pieces))
        piece = capture.body[line.end() : line.end() + size]
        pieces.append(piece)
        if len(piece) < size:
            break
        place = line.end() + size
        place += 2 if capture.body[place : place + 2] == b"\r\n" else capture.body[place : place + 1] == b"\n"
    return replace(capture, body=b"".join(pieces), cut="the capture ends inside the HTTP response")


_GZIP: Final = b"\x1f\x8b"


def _unpacked(capture: Capture) -> Capture:
    if not capture.body.startswith(_GZIP):
        encoding = capture.headers.get("content-encoding", "identity")
        if encoding in {"br", "zstd"} and not capture.body[:1].isascii():
            raise ConfigurationError(f"The body is compressed with {encoding}: capture it with curl --compressed.")
        return capture
    decompress = zlib.decompressobj(wbits=31)
    try:
        body = decompress.decompress(capture.body)
    except zlib.error as error:
        raise ConfigurationError(f"The body is no whole gzip ({error}): capture it with curl --compressed.") from None
    return replace(capture, body=body, cut=capture.cut or (None if decompress.eof else "the gzip data end early"))


# -- HAR ------------------------------------------------------------------------------------------------------------


def _har_entries(content: bytes) -> list[Any] | None:
    """Return the exchanges of a HAR file; `None` if it is none."""
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") or b'"entries"' not in content:
        return None
    try:
        log = json.loads(content.decode("utf-8-sig")).get("log")
    except (ValueError, RecursionError):
        return None
    entries = log.get("entries") if isinstance(log, dict) else None
    return entries if isinstance(entries, list) else None


def _of_har(entries: list[Any]) -> Capture:
    """Return the last exchange of a HAR file that asked a Gemini, else the last one."""
    asked = [entry for entry in entries if "enerateContent" in str(_at(entry, "request", "url"))]
    response = _at((asked or entries or [None])[-1], "response")
    text = _at(response, "content", "text")
    if not isinstance(response, dict) or not isinstance(text, str):
        raise ConfigurationError("The HAR file holds no body of a response: save it with its content.")
    packed = _at(response, "content", "encoding") == "base64"
    try:
        body = base64.b64decode(text) if packed else text.encode("utf-8", "surrogatepass")
    except ValueError:
        raise ConfigurationError("The HAR file holds a body that is not base64, although it says so.") from None
    listed = response.get("headers")
    headers = {
        str(item.get("name")).lower(): str(item.get("value"))
        for item in (listed if isinstance(listed, list) else ())
        if isinstance(item, dict)
    }
    status = response.get("status")
    return Capture(body, status if isinstance(status, int) and status else None, headers)


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


# -- blanked --------------------------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"(\s*:)?|"((?:[^"\\]|\\.)*)\Z|[{}]', re.DOTALL)
_TELLING: Final = frozenset(
    {b"@type", b"blockReason", b"category", b"code", b"finishReason", b"language", b"mimeType", b"modality",
     b"modelVersion", b"outcome", b"probability", b"role", b"status"}
)  # fmt: skip
"""Keys whose values say how a response is built, not what is in it."""
_WORD: Final = re.compile(rb"[\w./;=-]{0,64}")
_CALLERS: Final = frozenset({b"args", b"response"})
"""Keys under which everything is the caller's or the model's."""


_JSON_BEGINS: Final = re.compile(rb"\s*(?:\Z|[{\[]|:|(?:data|event|id|retry):)")


def blanked(body: bytes) -> bytes:
    """Return the body with an x in place of each byte of every text in its JSON, but of words that name its form.

    The framing, the keys, the numbers and each length stay, and half an event stays half an event.

    Raises:
        ConfigurationError: the body is neither JSON nor server-sent events, so that its words cannot be told apart.
    """
    if not _JSON_BEGINS.match(body):
        raise ConfigurationError("The capture holds no JSON whose texts could be told apart: blank it by hand.")
    pieces: list[bytes] = []
    key, place, depth = b"", 0, 0
    inside: int | None = None
    """The depth at which the caller's own object began."""
    for token in _TOKEN.finditer(body):
        if (text := token[1] if token[1] is not None else token[3]) is None:
            depth += 1 if token[0] == b"{" else -1
            if token[0] == b"{" and inside is None and key in _CALLERS:
                inside = depth
            elif inside is not None and depth < inside:
                inside = None
        elif token[2]:
            key = text if inside is None else key
        elif inside is not None or key not in _TELLING or not _WORD.fullmatch(text):
            start = token.start() + 1
            pieces += [body[place:start], b"x" * len(text)]
            place = start + len(text)
    return b"".join([*pieces, body[place:]])

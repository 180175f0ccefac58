"""Frames that a reader must see through: the documents are right, only their bytes are unusual.

Every fault here frames by itself, whatever the dialect does, and is answered with the whole right answer.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gstream.emulator.faults.bending import each_document, each_text
from gstream.emulator.faults.fault import Fault
from gstream.emulator.framing import Framing, merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gstream.emulator.faults.fault import Pieces

__all__ = ["FRAMING", "SSE", "gzipped"]

_SPACED: Final = (",", ": ")
SSE: Final = Framing("text/event-stream", before=b"data: ", after=b"\r\n\r\n", separators=_SPACED)
"""Events as Google sends them; the others differ in one thing each."""
_LF: Final = replace(SSE, after=b"\n\n")
_ARRAY: Final = Framing("application/json; charset=UTF-8", opens=b"[", between=b",", closes=b"]")
_COMMENTS: Final = (b": ping\n\n", b": PING\r\n\r\n", b"::PING\n\n", b":\n\n", b": keep-alive\n")


def _joined(pieces: Sequence[bytes]) -> list[bytes]:
    return [b"".join(pieces)]


def _bytewise(pieces: Sequence[bytes]) -> list[bytes]:
    whole = b"".join(pieces)
    return [whole[place : place + 1] for place in range(len(whole))]


def _crlf_apart(pieces: Sequence[bytes]) -> list[bytes]:
    return re.findall(rb"\n?[^\n]*\r|\n?[^\r\n]+\Z|\n\Z", b"".join(pieces))


def _commented(pieces: Sequence[bytes]) -> list[bytes]:
    result: list[bytes] = []
    for number, piece in enumerate(pieces):
        result += [_COMMENTS[number % len(_COMMENTS)], piece]
    return [*result, *_COMMENTS]


def _interleaved(*extra: bytes) -> Pieces:
    """Return what puts `extra` before every piece and at the end."""

    def changed(pieces: Sequence[bytes]) -> list[bytes]:
        return [*(one for piece in pieces for one in (*extra, piece)), *extra]

    return changed


def _fields(pieces: Sequence[bytes]) -> list[bytes]:
    heads = (b"event: message\nid: %d\nretry: 3000\n", b"id:%d\nevent:\n", b"retry\nid: %d\nx-trace: 7\n")
    return [heads[number % len(heads)] % number + piece for number, piece in enumerate(pieces)]


def _multiline(pieces: Sequence[bytes]) -> list[bytes]:
    return [piece.rstrip(b"\n").replace(b"\n", b"\ndata: ") + b"\n\n" for piece in pieces]


def _raw(*escapes: tuple[bytes, bytes]) -> Pieces:
    """Return what writes control characters as they are where JSON wants an escape."""

    def changed(pieces: Sequence[bytes]) -> list[bytes]:
        result = list(pieces)
        for escape, character in escapes:
            result = [re.sub(rb"(?<!\\)" + re.escape(escape), character, piece) for piece in result]
        return result

    return changed


def gzipped(pieces: Sequence[bytes]) -> list[bytes]:
    """Return the pieces packed with gzip, each so that it can be unpacked as soon as it came."""
    packer = zlib.compressobj(wbits=31)
    return [*(packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) for piece in pieces), packer.flush()]


def _unterminated(pieces: Sequence[bytes]) -> list[bytes]:
    return [*pieces[:-1], pieces[-1].rstrip(b"\r\n")]


_EVENTS: Final[dict[str, Fault]] = {
    "sse_lf": Fault("Events that end in LF.", "answer", "WIRE 2; new-api, LiteLLM, gemini-balance", framing=_LF),
    "sse_cr": Fault(
        "Events whose lines end in a bare CR.", "answer", "WIRE 2; HTML standard", framing=replace(SSE, after=b"\r\r")
    ),
    "sse_crlf_apart": Fault(
        "Each CR and its LF travel in different writes.", "answer", "WIRE 2", framing=SSE, pieces=_crlf_apart
    ),
    "sse_no_space": Fault(
        "No space behind 'data:'.", "answer", "WIRE 2; python-genai PR#2584", framing=replace(SSE, before=b"data:")
    ),
    "sse_one_newline": Fault(
        "Events separated by one newline, without a blank line.", "answer", "WIRE 2", framing=replace(SSE, after=b"\n")
    ),
    "sse_blank_lines": Fault(
        "Blank lines before, between and behind the events.",
        "answer",
        "WIRE 2",
        framing=SSE,
        pieces=_interleaved(b"\r\n\r\n\n"),
    ),
    "sse_comments": Fault(
        "Comments of all kinds around the events (': ping', ': PING', '::PING', ':').",
        "answer",
        "WIRE 2; new-api (': PING'), one-hub ('::PING'), CLIProxyAPI (': keep-alive')",
        framing=SSE,
        pieces=_commented,
    ),
    "sse_fields": Fault(
        "event:, id:, retry: and unknown fields in every event.",
        "answer",
        "WIRE 2; HTML standard",
        framing=_LF,
        pieces=_fields,
    ),
    "sse_multiline": Fault(
        "Pretty-printed JSON over several 'data:' lines.",
        "answer",
        "WIRE 2; HTML standard",
        framing=replace(_LF, indent=2),
        pieces=_multiline,
    ),
    "sse_bom": Fault(
        "A byte order mark before the first event.",
        "answer",
        "WIRE 2; HTML standard",
        framing=replace(SSE, opens=b"\xef\xbb\xbf"),
    ),
    "sse_empty_data": Fault(
        "Events with empty data between the others.",
        "answer",
        "WIRE 2",
        framing=SSE,
        pieces=_interleaved(b"data:\r\n\r\n", b"data: \n\n", b"data\n\n"),
    ),
    "sse_empty_documents": Fault(
        "'data: {}', 'data: null' and 'data: []' between the events.",
        "answer",
        "WIRE 2",
        framing=SSE,
        pieces=_interleaved(b"data: {}\r\n\r\n", b"data: null\n\n", b"data: []\n\n"),
    ),
    "sse_done": Fault(
        "'data: [DONE]' behind the last event.",
        "answer",
        "WIRE 2; LiteLLM before PR#29426, 9router PR#2194",
        framing=replace(_LF, closes=b"data: [DONE]\n\n"),
    ),
    "sse_done_bare": Fault(
        "'[DONE]' without 'data:' behind the last event.", "answer", "WIRE 2", framing=replace(_LF, closes=b"[DONE]\n")
    ),
    "sse_unterminated": Fault("The last event has no newline.", "answer", "WIRE 2", framing=SSE, pieces=_unterminated),
    "sse_line_separators": Fault(
        "U+2028, U+2029 and U+0085 stand raw in the texts, in place of each space.",
        "answer",
        "WIRE 2; legal JSON, and no line ends of SSE",
        documents=each_text(lambda text: text.replace(" ", "\u2028\u2029\u0085")),
        framing=SSE,
    ),
    "sse_raw_newlines": Fault(
        "Line feeds in texts, one in place of each space, are not escaped.",
        "answer",
        "WIRE 2; LiteLLM turns U+2028 into real newlines inside the JSON string",
        documents=each_text(lambda text: text.replace(" ", "\n")),
        framing=_LF,
        pieces=_raw((rb"\n", b"\n")),
    ),
    "sse_raw_controls": Fault(
        "Tabs and U+0001 in texts, in place of each space, are not escaped.",
        "answer",
        "WIRE 2",
        documents=each_text(lambda text: text.replace(" ", "\t\x01")),
        framing=SSE,
        pieces=_raw((rb"\t", b"\t"), (rb"\u0001", b"\x01")),
    ),
}
_WRITES: Final[dict[str, Fault]] = {
    "byte_by_byte": Fault("Every byte is written by itself.", "answer", "WIRE 2", framing=SSE, pieces=_bytewise),
    "one_write": Fault("The whole stream comes in one write.", "answer", "WIRE 2", framing=SSE, pieces=_joined),
    "gzip": Fault(
        "The stream is compressed with gzip, flushed event by event.",
        "answer",
        "WIRE 2; gpt-load",
        framing=SSE,
        pieces=gzipped,
        headers=(("Content-Encoding", "gzip"),),
    ),
    "charset_lie": Fault(
        "The header claims ISO-8859-1; the bytes are UTF-8.",
        "answer",
        "WIRE 2",
        framing=replace(SSE, content_type="text/event-stream; charset=iso-8859-1"),
    ),
    "content_type_lie": Fault(
        "Events labelled as an HTML page.",
        "answer",
        "WIRE 2: never trust the header",
        framing=replace(SSE, content_type="text/html; charset=gbk"),
    ),
}
_VALUES: Final[dict[str, Fault]] = {
    "array_pretty": Fault(
        "A pretty-printed JSON array whose ']' is a flush of its own.",
        "answer",
        "WIRE 2; Google without alt=sse, recorded",
        framing=replace(_ARRAY, after=b"\n", between=b",\r\n", indent=2, separators=_SPACED),
    ),
    "array_compact": Fault("A JSON array on one line.", "answer", "WIRE 2", framing=_ARRAY),
    "array_lines": Fault(
        "A JSON array with one element a line.",
        "answer",
        "WIRE 2",
        framing=replace(_ARRAY, opens=b"[\n", between=b",\n", closes=b"\n]\n"),
    ),
    "array_in_data": Fault(
        "The whole JSON array in one 'data:'.",
        "answer",
        "WIRE 2",
        framing=replace(_ARRAY, content_type="text/event-stream", opens=b"data: [", closes=b"]\n\n"),
    ),
    "array_as_event_stream": Fault(
        "A JSON array labelled text/event-stream.",
        "answer",
        "WIRE 2; gpt-load",
        framing=replace(_ARRAY, content_type="text/event-stream"),
    ),
    "ndjson": Fault(
        "One JSON document a line, without 'data:'.",
        "answer",
        "WIRE 2",
        framing=Framing("application/x-ndjson", after=b"\n"),
    ),
    "one_object": Fault(
        "One whole JSON object in place of a stream.",
        "answer",
        "WIRE 2; gateways that collect the stream",
        documents=lambda documents: [merged(documents)],
        framing=Framing("application/json"),
    ),
    "wrapped_response": Fault(
        "Every document is wrapped in {'response': ...}.",
        "answer",
        "WIRE 2; code-assist gateways",
        documents=each_document(lambda document: {"response": document, "traceId": "7"}),
    ),
    "wrapped_data": Fault(
        "Every document is wrapped in {'code': 200, 'data': ...}.",
        "answer",
        "WIRE 2",
        documents=each_document(lambda document: {"code": 200, "msg": "ok", "data": document}),
    ),
}

FRAMING: Final[Mapping[str, Fault]] = MappingProxyType({**_EVENTS, **_WRITES, **_VALUES})
"""The faults of framing by name."""

"""How answers break, on the connection itself: cut, reset, silent, held open, or ended as if nothing were missing."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gstream.emulator.delivery import Answer
from gstream.emulator.faults.bending import ARRIVED, cut_short, without_finish
from gstream.emulator.faults.fault import Fault
from gstream.emulator.faults.framing import SSE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gstream.emulator.delivery import Wire
    from gstream.emulator.faults.fault import Pieces

__all__ = ["ENDS"]

_HEARTBEAT_S: Final = 0.05
"""Seconds between comments that only keep a connection alive."""
_PROMISED: Final = 4096
"""Bytes that a Content-Length promises and that never come."""
_STREAM: Final = "text/event-stream"


def _half(piece: bytes) -> bytes:
    return piece[: max(1, len(piece) // 2)]


def _half_event(pieces: Sequence[bytes]) -> list[bytes]:
    whole = min(ARRIVED, len(pieces) - 1)
    return [*pieces[:whole], _half(pieces[whole])]


def _then(*tail: bytes) -> Pieces:
    """Return what lets `tail` follow."""
    return lambda pieces: [*pieces, *tail]


async def _begin(wire: Wire, answer: Answer) -> int:
    """Send the headers and up to two pieces, never the last one; return how many."""
    whole = min(ARRIVED, len(answer.pieces) - 1)
    await wire.open(answer)
    for piece in answer.pieces[:whole]:
        await wire.send(piece)
        await wire.pause()
    return whole


async def _cut_mid_event(wire: Wire, answer: Answer) -> None:
    whole = await _begin(wire, answer)
    await wire.send(_half(answer.pieces[whole]))
    wire.reset()


async def _cut_chunked(wire: Wire, answer: Answer) -> None:
    whole = await _begin(wire, answer)
    await wire.send(_half(answer.pieces[whole]))
    wire.hang_up()


async def _cut_between_events(wire: Wire, answer: Answer) -> None:
    await _begin(wire, answer)
    wire.hang_up()


async def _cut_content_length(wire: Wire, answer: Answer) -> None:
    wire.response.content_length = sum(map(len, answer.pieces)) + _PROMISED
    whole = await _begin(wire, answer)
    await wire.send(_half(answer.pieces[whole]))
    wire.hang_up()


async def _close_delimited(wire: Wire, answer: Answer) -> None:
    await wire.send_head(answer)
    for piece in answer.pieces:
        await wire.send_raw(piece)
        await wire.pause()
    wire.hang_up()


async def _cut_close_delimited(wire: Wire, answer: Answer) -> None:
    await wire.send_head(answer)
    for piece in _half_event(answer.pieces):
        await wire.send_raw(piece)
    wire.hang_up()


async def _reset_before_headers(wire: Wire, _: Answer) -> None:
    wire.reset()


async def _close_before_headers(wire: Wire, _: Answer) -> None:
    wire.hang_up()


async def _reset_before_events(wire: Wire, answer: Answer) -> None:
    await wire.open(answer)
    await wire.settle()
    wire.reset()


async def _all(wire: Wire, answer: Answer) -> None:
    await wire.open(answer)
    for piece in answer.pieces:
        await wire.send(piece)
        await wire.pause()


async def _reset_after_finish(wire: Wire, answer: Answer) -> None:
    await _all(wire, answer)
    wire.reset()


async def _close_after_finish(wire: Wire, answer: Answer) -> None:
    await _all(wire, answer)
    wire.hang_up()


async def _stay_open(wire: Wire, answer: Answer) -> None:
    await _all(wire, answer)
    await _for_ever()


async def _silent_before_headers(_: Wire, __: Answer) -> None:
    await _for_ever()


async def _silent_before_events(wire: Wire, answer: Answer) -> None:
    await wire.open(answer)
    await _for_ever()


async def _silent_mid_stream(wire: Wire, answer: Answer) -> None:
    await _begin(wire, answer)
    await _for_ever()


async def _comments_for_ever(wire: Wire, answer: Answer) -> None:
    await wire.open(answer)
    await _heartbeats(wire)


async def _comments_mid_stream(wire: Wire, answer: Answer) -> None:
    await _begin(wire, answer)
    await _heartbeats(wire)


async def _heartbeats(wire: Wire) -> None:
    while True:
        await wire.send(b": keep-alive\n\n")
        await asyncio.sleep(_HEARTBEAT_S)


async def _for_ever() -> None:
    await asyncio.get_running_loop().create_future()


_CLEAN: Final[dict[str, Fault]] = {
    "no_finish": Fault(
        "The stream ends properly, but no chunk has a finish reason.",
        "incomplete",
        "WIRE 3; new-api, gemini-balance, gpt-load hide a break of the upstream so",
        documents=without_finish,
    ),
    "ends_early": Fault(
        "The stream ends properly after two chunks.",
        "incomplete",
        "WIRE 3; new-api, gemini-balance, gpt-load",
        documents=cut_short(),
    ),
    "half_event": Fault(
        "The stream ends properly inside the third event, or inside the last where there are fewer.",
        "incomplete",
        "WIRE 3",
        pieces=_half_event,
    ),
    "unexpected_eof": Fault(
        "The text 'unexpected EOF' after two chunks, then a proper end.",
        "incomplete",
        "WIRE 3; one-hub",
        documents=cut_short(),
        pieces=_then(b"unexpected EOF"),
    ),
    "done_early": Fault(
        "'data: [DONE]' after two chunks, without a finish reason.",
        "incomplete",
        "WIRE 3",
        documents=cut_short(),
        framing=SSE,
        pieces=_then(b"data: [DONE]\r\n\r\n"),
    ),
    "empty": Fault(
        "Status 200 and an empty body.", "empty", "WIRE 3; gemini-balance, captured", reply=Answer(200, _STREAM, ())
    ),
    "only_comments": Fault(
        "Comments and nothing else.",
        "empty",
        "WIRE 3; new-api's ping",
        reply=Answer(200, _STREAM, (b": PING\n\n", b"::PING\n\n", b": PING\n\n"), streamed=True),
    ),
    "only_done": Fault(
        "'data: [DONE]' and nothing else.",
        "empty",
        "WIRE 3",
        reply=Answer(200, _STREAM, (b"data: [DONE]\n\n",), streamed=True),
    ),
    "only_usage": Fault(
        "A document that only counts tokens, and nothing else.",
        "empty",
        "WIRE 3, 4",
        documents=lambda documents: [
            {name: value for name, value in documents[-1].items() if name != "candidates"},
        ],
    ),
    "no_content": Fault("Status 204.", "empty", "WIRE 3; gcli2api", reply=Answer(204, "application/json", ())),
}
_CUT: Final[dict[str, Fault]] = {
    "cut_mid_event": Fault(
        "The connection is reset (RST) inside the third event, or inside the last where there are fewer.",
        "incomplete",
        "WIRE 3; LiteLLM's pass-through, captured",
        delivery=_cut_mid_event,
    ),
    "cut_chunked": Fault(
        "The connection is closed inside the third event, without the last chunk of HTTP.",
        "incomplete",
        "WIRE 3; LiteLLM's pass-through, captured",
        delivery=_cut_chunked,
    ),
    "cut_between_events": Fault(
        "The connection is closed behind the second event, without the last chunk of HTTP.",
        "incomplete",
        "WIRE 3",
        delivery=_cut_between_events,
    ),
    "cut_content_length": Fault(
        "The connection is closed before all bytes came that Content-Length promised.",
        "incomplete",
        "WIRE 3",
        delivery=_cut_content_length,
    ),
    "cut_close_delimited": Fault(
        "A body that only the connection's end delimits ends inside the third event.",
        "incomplete",
        "WIRE 3",
        delivery=_cut_close_delimited,
    ),
    "close_delimited": Fault(
        "A whole answer that only the connection's end delimits.", "answer", "WIRE 3", delivery=_close_delimited
    ),
    "close_after_finish": Fault(
        "A whole answer, and then the connection is closed without the last chunk of HTTP.",
        "answer",
        "WIRE 3",
        delivery=_close_after_finish,
    ),
    "reset_after_finish": Fault(
        "A whole answer, and then the connection is reset (RST).", "answer", "WIRE 3", delivery=_reset_after_finish
    ),
    "reset_before_headers": Fault(
        "The connection is reset (RST) before the headers.", "empty", "WIRE 3", delivery=_reset_before_headers
    ),
    "close_before_headers": Fault(
        "The connection is closed before the headers.", "empty", "WIRE 3", delivery=_close_before_headers
    ),
    "reset_before_events": Fault(
        "The connection is reset (RST) between the headers and the first event.",
        "empty",
        "WIRE 3",
        delivery=_reset_before_events,
    ),
}
_SILENT: Final[dict[str, Fault]] = {
    "silent_before_headers": Fault(
        "The request is taken, and nothing ever comes.", "silence", "issue 3: time", delivery=_silent_before_headers
    ),
    "silent_before_events": Fault(
        "Headers come, and then nothing.", "silence", "issue 3: time", delivery=_silent_before_events
    ),
    "silent_mid_stream": Fault(
        "Two events come, and then nothing; the connection stays open.",
        "silence",
        "issue 3: time",
        delivery=_silent_mid_stream,
    ),
    "comments_for_ever": Fault(
        "Comments keep the connection alive for ever; no event ever comes.",
        "silence",
        "WIRE 2; new-api's ping while the upstream hangs",
        framing=SSE,
        delivery=_comments_for_ever,
    ),
    "comments_mid_stream": Fault(
        "Two events come, and then comments for ever.",
        "silence",
        "WIRE 2; one-hub's heartbeat",
        framing=SSE,
        delivery=_comments_mid_stream,
    ),
    "stays_open": Fault(
        "A whole answer, and then the connection stays open.", "answer", "issue 3: time", delivery=_stay_open
    ),
}

ENDS: Final[Mapping[str, Fault]] = MappingProxyType({**_CLEAN, **_CUT, **_SILENT})
"""The faults of endings by name."""

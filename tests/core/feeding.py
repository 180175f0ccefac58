"""Ways to cut a body into reads, and what a decoder makes of them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gstream import Chunk, GStreamError, StreamDecoder
from gstream.frames import Done, Malformed, Stray
from gstream.framing import Framer
from gstream.parts import merge_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gstream import Part


def singles(body: bytes) -> list[bytes]:
    """Return the body byte by byte."""
    return [body[position : position + 1] for position in range(len(body))]


def cuttings(body: bytes) -> Iterator[list[bytes]]:
    """Yield the body whole, byte by byte, and cut in two at every position."""
    yield [body]
    yield singles(body)
    for position in range(1, len(body)):
        yield [body[:position], body[position:]]


def scattered(body: bytes, seed: int, pieces: int = 12) -> list[bytes]:
    """Return the body cut at a few places that `seed` decides."""
    places = sorted(random.Random(seed).choices(range(len(body) + 1), k=pieces))
    return [body[start:end] for start, end in zip([0, *places], [*places, len(body)], strict=True)]


def framed(reads: Iterable[bytes]) -> tuple[list[Any], str | None]:
    """Return the frames of a body (a stray text as `"stray: ..."`) and the framing that was recognised."""
    framer = Framer()
    frames = [frame for data in reads for frame in framer.feed(data)]
    return [_shown(frame) for frame in (*frames, *framer.close())], framer.framing


def _shown(frame: Any) -> Any:
    if isinstance(frame, Done):
        return "done"
    if isinstance(frame, Stray):
        return f"stray: {frame.text}"
    if isinstance(frame, Malformed):
        return "cut" if frame.cut else "malformed"
    return frame


@dataclass
class Heard:
    """What came out of a decoder."""

    chunks: list[Chunk] = field(default_factory=list)
    error: GStreamError | None = None
    framing: str | None = None

    def parts(self, index: int = 0) -> tuple[Part, ...]:
        """The parts of a candidate, merged."""
        return merge_parts([part for chunk in self.chunks if chunk.index == index for part in chunk.parts])

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks)

    @property
    def last(self) -> Chunk:
        """The last chunk of the first candidate."""
        return next(chunk for chunk in self.chunks if chunk.last)

    @property
    def answer(self) -> Any:
        """Everything that must not depend on how the bytes were cut."""
        error = None if self.error is None else (type(self.error).__name__, str(self.error))
        finals = [(c.index, c.finish_reason, c.usage, c.raw) for c in self.chunks if c.last]
        indices = sorted({chunk.index for chunk in self.chunks})
        return [(index, self.parts(index)) for index in indices], finals, error, self.framing


def hear(
    body: bytes | Sequence[bytes],
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    cut: str | None = None,
    **options: Any,
) -> Heard:
    """Return what a decoder makes of a body, given whole or as reads. Any exception that is not ours leaves."""
    decoder = StreamDecoder(status=status, headers=headers, **options)
    heard = Heard()
    try:
        for data in [body] if isinstance(body, bytes) else body:
            heard.chunks += decoder.feed(data)
            if decoder.done:
                break
        heard.chunks += decoder.drain()
        heard.chunks += decoder.close(cut=cut)
    except GStreamError as error:
        heard.error = error
    heard.framing = decoder.framing
    return heard


def event(document: Any) -> bytes:
    """Return a document as Google sends an event."""
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\r\n\r\n"


def events(*documents: Any) -> bytes:
    """Return documents as a stream of events."""
    return b"".join(map(event, documents))


def said(*parts: Any, finish: Any = None, **fields: Any) -> dict[str, Any]:
    """Return a document with one candidate; a text stands for a text part."""
    candidate: dict[str, Any] = {
        "content": {"role": "model", "parts": [{"text": part} if isinstance(part, str) else part for part in parts]},
        "index": 0,
    }
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], **fields}

"""Answers that the loopback server gives, in the words of Gemini and of OpenAI, and what a client must find in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["BURST", "CALLS", "CHUNKS", "IMAGE", "SHORT", "STREAM", "Answer", "Said", "answer", "image_data"]

CHUNKS = 1_000
"""Chunks of an answer whose cost is measured by the chunk."""
STREAM = 50
"""Chunks of each of many streams at a time."""
BURST = 20
"""Chunks of each of very many streams at a time."""
CALLS = 20
"""Tool calls of one answer."""
IMAGE = 10_000_000
"""Characters of base64 of a large image: 10 MB on the wire."""
SHORT = 3
"""Chunks of an answer whose beginning is measured."""

Delta: TypeAlias = dict[str, Any]
"""`choices[].delta` of an OpenAI chunk."""
GeminiPart: TypeAlias = dict[str, Any]
"""One element of `candidates[].content.parts`."""


@dataclass(frozen=True)
class Said:
    """What an answer says, to be found again by whoever reads it."""

    text: str = ""
    thoughts: str = ""
    calls: int = 0
    """Tool calls."""
    media: int = 0
    """Characters of base64."""

    def lost(self, expected: Said) -> str | None:
        """Return, as a clause, what of `expected` is not here; `None` if everything is."""
        names = [
            name for name in ("text", "thoughts", "calls", "media") if getattr(self, name) != getattr(expected, name)
        ]
        return f"loses {' and '.join(names)}" if names else None


@dataclass(frozen=True)
class Answer:
    """One prepared answer."""

    gemini: tuple[bytes, ...]
    """Server-sent events, in bursts that are written one after another."""
    openai: tuple[bytes, ...]
    """The same in OpenAI's words; empty where these have none for it."""
    whole: bytes
    """The same as the one JSON document that Gemini gives to who does not stream."""
    openai_whole: bytes
    """The same in OpenAI's words."""
    says: Said


@cache
def image_data() -> str:
    """Return the base64 of a large image: what a PNG begins with, then zeros."""
    return "iVBORw0KGgo".ljust(IMAGE, "A")


@cache
def answer(name: str) -> Answer:
    """Return the answer of a name: "text", "thoughts", "calls", "image", "short", "stream" or "burst".

    Raises:
        KeyError: there is none of that name.
    """
    parts, says = _CONTENT[name]()
    bursts = len(parts) // 10 if name in {"stream", "burst"} else 1
    openai = () if name == "image" else _framed([*_openai_events(parts), b"data: [DONE]\n\n"], bursts)
    return Answer(
        _framed((b"data: " + event + b"\r\n\r\n" for event in _gemini_events(parts)), bursts),
        openai,
        _framed([next(_gemini_events([{"text": says.text}]))], 1)[0],
        _framed([_openai_whole(says.text)], 1)[0],
        says,
    )


def _words(count: int) -> list[str]:
    return [f"word {number} " for number in range(count)]


def _texts(count: int) -> tuple[list[GeminiPart], Said]:
    words = _words(count)
    return [{"text": word} for word in words], Said(text="".join(words))


def _thoughts() -> tuple[list[GeminiPart], Said]:
    words = _words(CHUNKS - 1)
    parts: list[GeminiPart] = [{"text": word, "thought": True} for word in words]
    return [*parts, {"text": "So it is."}], Said(text="So it is.", thoughts="".join(words))


def _calls() -> tuple[list[GeminiPart], Said]:
    call = {"name": "tool_3", "args": {"city": "Osaka", "days": 3, "units": "metric"}}
    return [{"functionCall": {**call, "id": f"call-{number}"}} for number in range(CALLS)], Said(calls=CALLS)


def _image() -> tuple[list[GeminiPart], Said]:
    return [{"inlineData": {"mimeType": "image/png", "data": image_data()}}], Said(media=IMAGE)


_CONTENT: dict[str, Callable[[], tuple[list[GeminiPart], Said]]] = {
    "text": lambda: _texts(CHUNKS),
    "thoughts": _thoughts,
    "calls": _calls,
    "image": _image,
    "short": lambda: _texts(SHORT),
    "stream": lambda: _texts(STREAM),
    "burst": lambda: _texts(BURST),
}


def _gemini_events(parts: list[GeminiPart]) -> Iterator[bytes]:
    """Yield one document a part; the last one has a finish reason."""
    for number, part in enumerate(parts):
        candidate: dict[str, Any] = {"content": {"parts": [part], "role": "model"}, "index": 0}
        if number == len(parts) - 1:
            candidate["finishReason"] = "STOP"
        document = {
            "candidates": [candidate],
            "usageMetadata": {
                "promptTokenCount": 10,
                "candidatesTokenCount": number + 1,
                "totalTokenCount": 11 + number,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 10}],
            },
            "modelVersion": "gemini-2.5-flash",
            "responseId": "benchmark",
        }
        yield json.dumps(document).encode()


def _openai_events(parts: list[GeminiPart]) -> Iterator[bytes]:
    """Yield the same as chunks of a chat completion, as gateways write Gemini's answers in OpenAI's words."""
    for number, part in enumerate(parts):
        ended = number == len(parts) - 1
        choice = {"index": 0, "delta": _delta(part, number), "finish_reason": "stop" if ended else None}
        document = {
            "id": "chatcmpl-benchmark",
            "object": "chat.completion.chunk",
            "created": 1_760_000_000,
            "model": "gemini-2.5-flash",
            "choices": [choice],
        }
        yield b"data: " + json.dumps(document).encode() + b"\n\n"


def _openai_whole(text: str) -> bytes:
    """Return a chat completion that says `text`."""
    message = {"role": "assistant", "content": text}
    document = {
        "id": "chatcmpl-benchmark",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": "gemini-2.5-flash",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13},
    }
    return json.dumps(document).encode()


def _delta(part: GeminiPart, number: int) -> Delta:
    if (called := part.get("functionCall")) is not None:
        function = {"name": called["name"], "arguments": json.dumps(called["args"])}
        call = {"index": number, "id": called["id"], "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    name = "reasoning_content" if part.get("thought") else "content"
    return {"role": "assistant", name: part["text"]}


def _framed(events: Iterable[bytes], bursts: int) -> tuple[bytes, ...]:
    """Return the body in HTTP's chunk framing, an event a chunk, cut into `bursts` pieces between events."""
    framed = [b"%x\r\n%s\r\n" % (len(event), event) for event in events]
    size = -(-len(framed) // bursts)
    pieces = [b"".join(framed[start : start + size]) for start in range(0, len(framed), size)]
    return (*pieces[:-1], pieces[-1] + b"0\r\n\r\n")

"""Errors in every shape (WIRE 3), each at every place: as an HTTP status, a 200 body, the first event, in mid-stream.

The same failure, a 503 of the model, is told by all of them, as far as the shape has room for it. Names are
`<place>_<shape>`: `status_`, `body_`, `first_`, `mid_`.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gstream.emulator.delivery import Answer
from gstream.emulator.faults.bending import cut_short
from gstream.emulator.faults.fault import Fault
from gstream.emulator.faults.framing import SSE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SAID", "SHAPED", "SHAPES"]

SAID: Final = "The model is overloaded. Please try again later."
"""The provider's own words in all of them."""
_GOOGLE: Final = {"error": {"code": 503, "message": SAID, "status": "UNAVAILABLE"}}
_PRETTY: Final = json.dumps(_GOOGLE, indent=2).encode()

SHAPES: Final[Mapping[str, tuple[Any, str, str]]] = MappingProxyType(
    {
        "google": (_GOOGLE, "Google's error document", "Google"),
        "array": ([_GOOGLE], "Google's error document in an array", "Google without alt=sse"),
        "openai_number": (
            {"error": {"message": SAID, "type": "upstream_error", "param": "", "code": 503}},
            "an OpenAI-shaped error with a number as code",
            "new-api",
        ),
        "openai_string": (
            {"error": {"message": SAID, "type": "None", "param": "None", "code": "503"}},
            "an OpenAI-shaped error with a number in a string as code",
            "LiteLLM",
        ),
        "openai_word": (
            {"error": {"message": SAID, "type": "server_error", "param": None, "code": "service_unavailable"}},
            "an OpenAI-shaped error with a word as code",
            "OpenAI",
        ),
        "openai_empty": (
            {"error": {"message": SAID, "type": "new_api_error", "param": "", "code": ""}},
            "an OpenAI-shaped error with an empty code",
            "new-api",
        ),
        "openai_null": (
            {"error": {"message": SAID, "type": "upstream_error", "param": None, "code": None}},
            "an OpenAI-shaped error without a code",
            "LiteLLM, shengsuanyun",
        ),
        "error_text": ({"error": SAID}, "an error that is only a text", "gateways' own handlers"),
        "message": ({"message": SAID}, "a lone message", "API gateways (Kong, AWS)"),
        "detail": ({"detail": SAID}, "a lone detail", "FastAPI: LiteLLM, gcli2api"),
        "success": ({"success": False, "message": SAID}, "success: false", "one-api's console API"),
        "code_msg": ({"code": 1002, "msg": SAID}, "a code of the provider's own and msg", "Chinese API markets"),
        "bare": ({"code": 503, "message": SAID, "status": "UNAVAILABLE"}, "Google's error without 'error'", "WIRE 3"),
        "typed": (
            {"type": "error", "error": {"type": "overloaded_error", "message": SAID}},
            "an Anthropic-shaped error",
            "CLIProxyAPI, new-api",
        ),
        "nested": (
            {"error": {"code": 503, "message": json.dumps(_GOOGLE, indent=2)}},
            "the upstream's body as a JSON string inside the message",
            "gemini-balance, captured",
        ),
    }
)
"""Shape -> (the document, what it is, who sends it)."""


def _dumped(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _at_every_place() -> dict[str, Fault]:
    result: dict[str, Fault] = {}
    for shape, (document, what, who) in SHAPES.items():
        source, body = f"WIRE 3; {who}", _dumped(document)
        result |= {
            f"status_{shape}": Fault(
                f"503 with {what}.", "error", source, reply=Answer(503, "application/json", (body,))
            ),
            f"body_{shape}": Fault(
                f"Status 200, and as body {what}.", "error", source, reply=Answer(200, "application/json", (body,))
            ),
            f"first_{shape}": Fault(
                f"As first and only event {what}.",
                "error",
                source,
                reply=Answer(200, "text/event-stream", (b"data: " + body + b"\n\n",), streamed=True),
            ),
            f"mid_{shape}": Fault(
                f"After two chunks, as an event of its own, {what}.", "error", source, documents=cut_short(document)
            ),
        }
    return dict(sorted(result.items(), key=lambda item: _PLACES.index(item[0].partition("_")[0])))


_PLACES: Final = ("status", "body", "first", "mid")


def _mid(summary: str, source: str, tail: bytes) -> Fault:
    """Return a fault whose stream breaks after two events with bytes that are no proper event of it."""
    return Fault(summary, "error", source, documents=cut_short(), framing=SSE, pieces=lambda pieces: [*pieces, tail])


_OTHERWISE: Final[dict[str, Fault]] = {
    "mid_bare_json": _mid(
        "Google's error document pretty-printed in mid-stream, without 'data:'.",
        "WIRE 3; Google, recorded; LiteLLM, captured",
        _PRETTY + b"\n",
    ),
    "first_bare_json": Fault(
        "Google's error document without 'data:' in an event stream.",
        "error",
        "WIRE 3; LiteLLM, captured",
        reply=Answer(200, "text/event-stream", (_PRETTY + b"\n",), streamed=True),
    ),
    "mid_event_error": _mid(
        "'event: error' with Google's error document in mid-stream.",
        "WIRE 3; CLIProxyAPI",
        b"event: error\ndata: " + _dumped(_GOOGLE) + b"\n\n",
    ),
    "mid_event_error_text": _mid(
        "'event: error' with a text in mid-stream.",
        "WIRE 3",
        b"event: error\ndata: " + SAID.encode() + b"\n\n",
    ),
    "status_event_stream": Fault(
        "503 with an error document under text/event-stream.",
        "error",
        "WIRE 3; new-api",
        reply=Answer(503, "text/event-stream", (_dumped(SHAPES["openai_number"][0]),)),
    ),
    "status_text": Fault(
        "503 with a text.", "error", "WIRE 3", reply=Answer(503, "text/plain; charset=utf-8", (SAID.encode(),))
    ),
    "status_nothing": Fault("503 with an empty body.", "error", "WIRE 3", reply=Answer(503, "text/plain", ())),
    "body_text": Fault(
        "Status 200, and as body a text.",
        "error",
        "WIRE 3",
        reply=Answer(200, "text/plain; charset=utf-8", (SAID.encode(),)),
    ),
}

SHAPED: Final[Mapping[str, Fault]] = MappingProxyType(_at_every_place() | _OTHERWISE)
"""The faults of errors' shapes by name."""

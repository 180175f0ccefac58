"""One request, from its path to its answer: route, key, fault, refusal, model, framing.

`Reseller.handle` is what the HTTP server calls; every decision below it is made without touching the connection.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote

from gstream.emulator.delivery import Answer, Delivery, Wire, deliver
from gstream.emulator.dialects import Reply
from gstream.emulator.errors import JsonObject, Refused
from gstream.emulator.families import is_known
from gstream.emulator.faults import CONSOLE_PAGE, Fault
from gstream.emulator.framing import finish_apart, in_snake_case, merged
from gstream.emulator.model import respond
from gstream.emulator.received import Received, Record
from gstream.emulator.refuse import accepted
from gstream.emulator.tokens import details, prompt_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aiohttp import web

    from gstream.emulator.dialects import Credential, Dialect

__all__ = ["Canned", "Reseller", "Script"]

Canned: TypeAlias = "bytes | Sequence[JsonObject]"
"""A scripted answer: raw bytes, or response documents to be framed."""

Script: TypeAlias = "Callable[[JsonObject], Canned] | bytes | Sequence[JsonObject] | Sequence[Canned]"
"""Where scripted answers come from: one for all requests, one after the other, or made from the request body."""

_MODELS: Final = (
    "gemini-2.5-flash",
    "gemini-2.5-pro",
    "gemini-2.5-flash-image",
    "gemini-2.5-flash-preview-tts",
    "gemini-3-flash-preview",
    "gemini-3-pro-preview",
    "gemini-3.5-flash",
)
_STREAM: Final = "streamGenerateContent"
_GENERATE: Final = "generateContent"
_COUNT: Final = "countTokens"
_KEPT_ANSWERS: Final = 256
"""Answers kept for requests that come again byte for byte (load tests)."""
_KEPT_BODY_LIMIT: Final = 65_536
_REPLAY_WRITES: Final = 7
_SOON_S: Final = 2
"""How far ahead the date of a `Retry-After` is."""
_HONEST: Final = Fault("Nothing goes wrong.", "answer")


class _Answered(Exception):  # noqa: N818 - control flow inside this module: the answer is known early
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass
class Reseller:
    """What the server serves."""

    dialect: Dialect
    prefix: str
    """The path before `/models`."""
    api_key: str = field(repr=False)
    record: Record
    fault: Fault | None = None
    fault_name: str = ""
    fault_times: int | None = None
    replay: bytes | None = None
    replay_type: str | None = None
    script: Script | None = None
    pace_s: float = 0.0
    _wires: set[Wire] = field(default_factory=set)
    _answers: OrderedDict[tuple[str, str, bytes], Answer] = field(default_factory=OrderedDict)
    _faults: int = 0
    _scripted: int = 0
    aborting: bool = False
    """Whether connections end from this side now."""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request and record what became of it."""
        received = Received(
            method=request.method,
            path=request.rel_url.raw_path,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
        )
        self.record.add(received)
        wire = Wire(request, received, self.pace_s)
        self._wires.add(wire)
        try:
            answer, delivery = self._decide(received, await request.content.read())
            received.usage = answer.usage
            await delivery(wire, answer)
        except ConnectionResetError:
            if not self.aborting:
                received.leave()
        except asyncio.CancelledError:
            if not received.finished and not self.aborting:
                received.leave()
            raise
        finally:
            self._wires.discard(wire)
            self.record.notify()
        return wire.response

    def abort(self) -> None:
        """Cut every open connection."""
        self.aborting = True
        for wire in list(self._wires):
            wire.abort()

    def _decide(self, received: Received, raw: bytes) -> tuple[Answer, Delivery]:
        received.body = _parsed_or_none(raw)
        try:
            self._route(received)
            self._authenticate(received)
            fault = self._next_fault(received)
            if fault is not None and fault.reply is not None:
                return self._faulty_reply(received, fault.reply), deliver
            answer = self._generated(received, raw, fault)
        except _Answered as early:
            return early.answer, deliver
        return answer, fault.delivery if fault is not None and fault.delivery is not None else deliver

    # --- the way to a model

    def _route(self, received: Received) -> None:
        path = received.path
        for prefix in (self.prefix, *self.dialect.aliases):
            if path.rstrip("/") == f"{prefix}/models" and received.method == "GET":
                received.action = "models"
                return
            if path.startswith(f"{prefix}/models/") and received.method == "GET":
                received.model, received.action = unquote(path[len(prefix) + len("/models/") :]), "model"
                return
            if path.startswith(f"{prefix}/models/") and received.method == "POST":
                model, _, action = unquote(path[len(prefix) + len("/models/") :]).rpartition(":")
                known = action in {_STREAM, _GENERATE} or (action == _COUNT and self.dialect.counts_tokens)
                if model and known:
                    received.model, received.action = model, action
                    return
        if self.dialect.console and not path.startswith(self.dialect.console):
            raise _Answered(Answer(200, "text/html; charset=utf-8", (CONSOLE_PAGE,)))
        raise _Answered(self._replied(received, self.dialect.unknown_path))

    def _authenticate(self, received: Received) -> None:
        for place in self.dialect.credentials:
            key = _key(received, place)
            if key:
                received.credential = place
                if key != self.api_key:
                    raise _Answered(self._replied(received, self.dialect.wrong_key))
                return
        raise _Answered(self._replied(received, self.dialect.missing_key))

    def _next_fault(self, received: Received) -> Fault | None:
        if self.fault is None or (self.fault_times is not None and self._faults >= self.fault_times):
            return None
        if received.action not in {_STREAM, _GENERATE}:
            return None
        self._faults += 1
        received.fault = self.fault_name
        return self.fault

    # --- answers

    def _generated(self, received: Received, raw: bytes, fault: Fault | None) -> Answer:
        if received.action == "models":
            return self._model_list(received)
        if received.action == "model":
            return self._model_alone(received)
        if self.replay is not None:
            return _replayed(self.replay, self.replay_type)
        honest = fault is None and self.script is None and len(raw) <= _KEPT_BODY_LIMIT
        key = (f"{received.model}:{received.action}", received.query.get("alt", ""), raw)
        known = self._answers.get(key) if honest else None
        if known is not None:
            self._answers.move_to_end(key)
            return self._with_headers(received, known)
        try:
            answer = self._thought_out(received, raw, fault)
        except Refused as refused:
            raise _Answered(self._refused(received, refused)) from None
        if honest:
            self._answers[key] = answer
            while len(self._answers) > _KEPT_ANSWERS:
                self._answers.popitem(last=False)
        return self._with_headers(received, answer)

    def _thought_out(self, received: Received, raw: bytes, fault: Fault | None) -> Answer:
        if self.script is not None:
            canned = self._next_canned(received.body or {})
            if isinstance(canned, bytes):
                return _replayed(canned, None)
            return self._framed(received, list(canned), fault)
        if not is_known(received.model) or received.model.startswith("models/"):
            raise _Answered(self._replied(received, self.dialect.unknown_model))
        body = _parsed(raw)
        if received.action == _COUNT:
            return self._counted(body, received.model)
        request = accepted(body, received.model, self.dialect.ignored)
        return self._framed(received, respond(request, received.model), fault)

    def _framed(self, received: Received, documents: list[JsonObject], fault: Fault | None) -> Answer:
        usage = next(
            (document["usageMetadata"] for document in reversed(documents) if "usageMetadata" in document), None
        )
        fault = fault or _HONEST
        if received.action == _GENERATE:
            documents = [merged(documents)]
        elif self.dialect.finish_apart:
            documents = finish_apart(documents)
        if fault.documents is not None:
            documents = fault.documents(documents)
        if self.dialect.snake_case:
            documents = in_snake_case(documents)
        framing = fault.framing or self.dialect.framing(alt=received.query.get("alt"))
        if received.action == _GENERATE:
            body = framing.dumped(documents[0] if documents else {})
            return Answer(200, "application/json; charset=UTF-8", (body,), usage=usage)
        pieces = framing.pieces(documents)
        if fault.pieces is not None:
            pieces = fault.pieces(pieces)
        return Answer(200, framing.content_type, tuple(pieces), fault.headers, streamed=True, usage=usage)

    def _next_canned(self, body: JsonObject) -> Canned:
        script = self.script
        if callable(script):
            return script(body)
        if isinstance(script, bytes) or script is None:
            return script or b""
        if all(isinstance(entry, dict) for entry in script):
            return [entry for entry in script if isinstance(entry, dict)]
        entry = script[min(self._scripted, len(script) - 1)]
        self._scripted += 1
        return [entry] if isinstance(entry, dict) else entry

    def _counted(self, body: Any, model: str) -> Answer:
        inner = body.get("generateContentRequest", body) if isinstance(body, dict) else body
        request = accepted(inner, model, self.dialect.ignored)
        per_modality = prompt_tokens(request)
        document = {"totalTokens": sum(per_modality.values()), "promptTokensDetails": details(per_modality)}
        return _document(200, document, "application/json; charset=UTF-8", self.dialect.error_indent)

    def _about(self, model: str) -> JsonObject:
        return {
            "name": f"{self.dialect.model_prefix}{model}",
            "displayName": model,
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": [_GENERATE, _STREAM, *([_COUNT] if self.dialect.counts_tokens else [])],
        }

    def _model_alone(self, received: Received) -> Answer:
        if received.model not in _MODELS:
            return self._replied(received, self.dialect.unknown_model)
        document = self._about(received.model)
        answer = _document(200, document, "application/json; charset=UTF-8", self.dialect.error_indent)
        return self._with_headers(received, answer)

    def _model_list(self, received: Received) -> Answer:
        models = [self._about(name) for name in _MODELS]
        answer = _document(200, {"models": models}, "application/json; charset=UTF-8", self.dialect.error_indent)
        return self._with_headers(received, answer)

    def _faulty_reply(self, received: Received, reply: Reply | Answer) -> Answer:
        return self._with_headers(received, reply) if isinstance(reply, Answer) else self._replied(received, reply)

    # --- refusals

    def _values(self, received: Received) -> dict[str, str]:
        return {
            "request_id": uuid.uuid4().hex,
            "model": received.model,
            "path": received.path,
            "method": received.method,
            "key": received.query.get("key") or _key(received, "x-goog-api-key") or _key(received, "bearer"),
            "soon": formatdate(time.time() + _SOON_S, usegmt=True),
        }

    def _replied(self, received: Received, reply: Reply) -> Answer:
        return self._error(received, reply, reply.filled(self._values(received)))

    def _refused(self, received: Received, refused: Refused) -> Answer:
        document = self.dialect.passed_on(refused, self._values(received))
        upstream = self.dialect.upstream or Reply(0, {}, "application/json; charset=UTF-8")
        return self._error(received, upstream, document, status=refused.code)

    def _error(self, received: Received, reply: Reply, document: JsonObject, *, status: int | None = None) -> Answer:
        wrapped = received.action == _STREAM and self.dialect.framing(alt=received.query.get("alt")).wraps_errors
        answer = _document(
            reply.status if status is None else status,
            [document] if wrapped else document,
            reply.content_type,
            self.dialect.error_indent,
        )
        return self._with_headers(received, dataclasses.replace(answer, headers=reply.headers))

    def _with_headers(self, received: Received, answer: Answer) -> Answer:
        """Return the answer with the dialect's headers before its own, all filled in."""
        values = self._values(received)
        both = (*self.dialect.headers, *answer.headers)
        return dataclasses.replace(answer, headers=tuple((name, value.format_map(values)) for name, value in both))


def _key(received: Received, place: Credential) -> str:
    if place == "query":
        return received.query.get("key", "")
    if place == "x-goog-api-key":
        return received.headers.get("x-goog-api-key", "")
    scheme, _, key = received.headers.get("authorization", "").partition(" ")
    if place == "bearer":
        return key.strip() if scheme.lower() == "bearer" else ""
    return scheme if not key else ""


def _document(status: int, document: Any, content_type: str, indent: int | None) -> Answer:
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(document, ensure_ascii=False, indent=indent, separators=separators) + "\n"
    return Answer(status, content_type, (text.encode(),))


def _replayed(raw: bytes, content_type: str | None) -> Answer:
    size = max(1, -(-len(raw) // _REPLAY_WRITES))
    pieces = tuple(raw[start : start + size] for start in range(0, len(raw), size))
    return Answer(200, content_type or _sniffed(raw), pieces, streamed=True)


def _sniffed(raw: bytes) -> str:
    head = raw.lstrip()[:1]
    if head in {b"[", b"{"}:
        return "application/json; charset=UTF-8"
    return "text/html; charset=utf-8" if head == b"<" else "text/event-stream"


def _parsed(raw: bytes) -> Any:
    if not raw.strip():
        return {}
    try:
        return json.loads(raw)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        shown = raw[:40].decode("utf-8", "replace")
        raise Refused(400, f"Invalid JSON payload received. Unexpected token.\n{shown}\n^") from error


def _parsed_or_none(raw: bytes) -> JsonObject | None:
    try:
        body = json.loads(raw) if raw else None
    except (UnicodeDecodeError, json.JSONDecodeError):
        return None
    return body if isinstance(body, dict) else None

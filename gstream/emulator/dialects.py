"""What is known of how each endpoint answers, as data: one frozen literal a dialect, each fact with its source.

Rule 1: a quirk is a value of a field here; no other module asks for a dialect's name.
Rule 2: a fact names its source: a reseller's document (file name as in `gstream.endpoints`), recorded bytes, the source
code of a gateway that the reseller most likely runs, or "inference" where nobody documents it. None of the five was
seen live: the five resellers' dialects are what their documents and gateways' sources tell.

In every text of a body or a header, `{request_id}`, `{model}`, `{path}`, `{method}`, `{message}`, `{code}`, `{status}`
and `{details}` stand for those of the request and its refusal; `{key}` is the key that came, `{soon}` a date two
seconds ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from gstream.emulator.framing import Framing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gstream.emulator.errors import JsonObject, Refused

__all__ = ["DIALECTS", "Credential", "Dialect", "Reply"]

Credential: TypeAlias = Literal["x-goog-api-key", "query", "bearer", "raw"]
"""Where a key may stand: that header, `?key=`, `Authorization: Bearer KEY`, `Authorization: KEY`."""


@dataclass(frozen=True)
class Reply:
    """An answer that is no stream: a status and a body to be filled in."""

    status: int
    body: JsonObject
    content_type: str = "application/json; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers."""

    def filled(self, values: Mapping[str, Any]) -> JsonObject:
        """Return the body with every `{name}` replaced; a text that is nothing but `{name}` takes the value itself."""
        result = _filled(self.body, values)
        return result if isinstance(result, dict) else {}


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(template, dict):
        pairs = ((name, _filled(inner, values)) for name, inner in template.items())
        return {name: inner for name, inner in pairs if inner != []}
    if not isinstance(template, str):
        return template
    if template.startswith("{") and template[1:-1] in values:
        return values[template[1:-1]]
    return template.format_map(values)


@dataclass(frozen=True)
class Dialect:
    """How one endpoint accepts, frames, spells and refuses."""

    name: str
    """The endpoint's name in `gstream.endpoints.ENDPOINTS`."""
    stream: Framing
    """How `:streamGenerateContent` answers with `alt=sse`."""
    stream_without_alt: Framing | None = None
    """How it answers without; `None`: the same."""
    aliases: tuple[str, ...] = ()
    """Further path prefixes that lead to the same API."""
    credentials: tuple[Credential, ...] = ("x-goog-api-key", "query")
    """Where the key is looked for; the first place that holds one decides."""
    missing_key: Reply = Reply(401, {})
    wrong_key: Reply = Reply(401, {})
    unknown_model: Reply = Reply(404, {})
    unknown_path: Reply = Reply(404, {})
    upstream: Reply | None = None
    """How a refusal of Google's is passed on (its status stays); `None`: verbatim."""
    console: tuple[str, ...] = ()
    """Path prefixes that belong to the API: any other path gets the console's HTML page, with status 200. Empty: none
    does."""
    snake_case: bool = False
    """Whether the names in a response envelope are spelled in snake_case."""
    finish_apart: bool = False
    """Whether finish reason and safety ratings come in a last chunk without parts."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers of every API response; `{request_id}` is filled in."""
    ignored: frozenset[str] = frozenset()
    """Request fields dropped without a word, as `Message.name` in the spelling that is dropped."""
    model_prefix: str = "models/"
    """What stands before the names in the model list."""
    counts_tokens: bool = False
    """Whether `:countTokens` counts. Where it does not, it is an unknown path."""
    error_indent: int | None = None
    """Spaces of pretty-printing in error documents; `None`: one line."""
    sources: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Field of this class -> where that fact stands."""

    def framing(self, *, alt: str | None) -> Framing:
        """Return how a stream is framed for that value of `alt`."""
        return self.stream if alt == "sse" or self.stream_without_alt is None else self.stream_without_alt

    def passed_on(self, refused: Refused, values: Mapping[str, Any]) -> JsonObject:
        """Return the error document for a refusal of Google's."""
        if self.upstream is None:
            return refused.document()
        told = {"message": refused.message, "code": refused.code, "status": refused.status, "details": refused.details}
        return self.upstream.filled({**values, **told})


def _google_error(code: int, message: str, status: str, *details: JsonObject) -> JsonObject:
    error: JsonObject = {"code": code, "message": message, "status": status}
    return {"error": {**error, "details": list(details)} if details else error}


_GOOGLE_TYPE: Final = "application/json; charset=UTF-8"
_KEY_INVALID: Final = "API key not valid. Please pass a valid API key."
_GOOGLE_MISSING: Final = Reply(
    403,
    _google_error(
        403,
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
        "other form of API consumer identity to call this API.",
        "PERMISSION_DENIED",
    ),
    _GOOGLE_TYPE,
)
_GOOGLE_WRONG: Final = Reply(
    400,
    _google_error(
        400,
        _KEY_INVALID,
        "INVALID_ARGUMENT",
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"},
        },
        {"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US", "message": _KEY_INVALID},
    ),
    _GOOGLE_TYPE,
)
_GOOGLE_MODEL: Final = Reply(
    404,
    _google_error(
        404,
        "models/{model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels "
        "to see the list of available models and their supported methods.",
        "NOT_FOUND",
    ),
    _GOOGLE_TYPE,
)
_GOOGLE_PATH: Final = Reply(404, _google_error(404, "Requested entity was not found.", "NOT_FOUND"), _GOOGLE_TYPE)
_VERBATIM: Final = (",", ": ")
"""Separators of Google's one-line JSON, as recorded."""


_GOOGLE: Final = Dialect(
    name="google",
    stream=Framing("text/event-stream", before=b"data: ", after=b"\r\n\r\n", separators=_VERBATIM),
    stream_without_alt=Framing(
        _GOOGLE_TYPE,
        opens=b"[",
        after=b"\n",
        between=b",\r\n",
        closes=b"]",
        indent=2,
        separators=_VERBATIM,
        wraps_errors=True,
    ),
    missing_key=_GOOGLE_MISSING,
    wrong_key=_GOOGLE_WRONG,
    unknown_model=_GOOGLE_MODEL,
    unknown_path=_GOOGLE_PATH,
    headers=(("Content-Disposition", "attachment"), ("Vary", "X-Origin")),
    counts_tokens=True,
    error_indent=2,
    sources={
        "stream": "recorded: all SSE bodies of Google use CRLF and one-line JSON with ': ' behind names",
        "stream_without_alt": "recorded (simonw/llm-gemini, tmc/langchaingo): '}\\n,\\r\\n{' and a flush of ']' alone",
        "credentials": "generativelanguage discovery, parameters.key; the header is what Google's client sends",
        "missing_key": "recorded: tmc/langchaingo TestGoogleAIErrorHandling",
        "wrong_key": "recorded: Mirascope/mirascope authentication_error",
        "unknown_model": "recorded: googleapis/js-genai Chats_Tests_sendMessage, DebugInfo left out",
        "unknown_path": "inference (Google answers with an HTML page outside the API)",
    },
)

_MAISI_ERROR: Final = {"message": "{message} (request id: {request_id})"}
_MAISI_KEY: Final = Reply(401, {"error": {"message": "无效的令牌 (request id: {request_id})", "type": "one_hub_error"}})
_MAISI: Final = Dialect(
    name="maisi",
    stream=Framing(
        "text/event-stream", preamble=b"::PING\n\n", before=b"data: ", after=b"\r\n\r\n", separators=_VERBATIM
    ),
    credentials=("x-goog-api-key", "query", "bearer", "raw"),
    missing_key=_MAISI_KEY,
    wrong_key=_MAISI_KEY,
    unknown_model=Reply(
        503,
        {
            "error": {
                "code": 503,
                "message": "当前分组 default 下对于模型 {model} 无可用渠道 (request id: {request_id})",
                "status": "one_hub_error",
            }
        },
    ),
    unknown_path=Reply(
        404,
        {
            "error": {
                "message": "Invalid URL ({method} {path})",
                "type": "invalid_request_error",
                "param": "",
                "code": "",
            }
        },
    ),
    upstream=Reply(0, {"error": {"code": "{code}", **_MAISI_ERROR, "status": "gemini_error"}}),
    console=("/gemini", "/v1", "/api", "/assets"),
    headers=(("Cache-Control", "no-cache"), ("X-Request-Id", "{request_id}")),
    sources={
        "stream": "MartialBE/one-hub providers/gemini/relay.go, relay_util/heartbeat.go: upstream lines untouched "
        "behind a '::PING' heartbeat; that maisi runs it is inference (path, menu)",
        "credentials": "000_ec5477b337932289.txt: Authorization, its form not stated; one-hub middleware/auth.go: "
        "x-goog-api-key, ?key=, Authorization with or without Bearer",
        "wrong_key": "one-hub middleware/auth.go",
        "unknown_model": "one-hub: 503, the words of its distributor",
        "unknown_path": "one-hub router: 404 JSON below /v1 and /api; its words are new-api's (same family)",
        "upstream": "one-hub: {error:{code,message,status: gemini_error}}",
        "console": "one-hub router: any other path is the console's index.html",
    },
)

_SHUYOU: Final = Dialect(
    name="shuyou",
    stream=Framing("application/json", before=b"data: ", after=b"\n\n"),
    stream_without_alt=Framing("text/event-stream", opens=b"[", between=b",", closes=b"]"),
    credentials=("bearer", "x-goog-api-key"),
    missing_key=Reply(401, {"error": {"code": 401, "message": "API key is required", "status": "UNAUTHENTICATED"}}),
    wrong_key=Reply(401, {"error": {"code": 401, "message": "Invalid API key", "status": "UNAUTHENTICATED"}}),
    unknown_model=_GOOGLE_MODEL,
    unknown_path=Reply(404, {"code": 404, "message": "page not found: {path}"}),
    snake_case=True,
    sources={
        "stream": "001_b97e75a04ea40ad6.txt: response application/json, so the label; the SSE inside is inference",
        "stream_without_alt": "tbphp/gpt-load: an array labelled text/event-stream; that shuyou does so is inference",
        "credentials": "001_b97e75a04ea40ad6.txt states none; the provider's other pages use Authorization: Bearer",
        "unknown_path": "inference",
        "missing_key": "Wei-Shaw/sub2api's shape; that shuyou uses it is inference",
        "wrong_key": "as missing_key",
        "snake_case": "inference: an aggregator over aggregators; snake_case envelopes are seen behind such",
    },
)

_SHENGSUANYUN_KEY: Final = Reply(
    401,
    {
        "error": {
            "type": "authentication_error",
            "message": "Incorrect API key provided.",
            "code": "invalid_api_key",
            "param": None,
        }
    },
)
_SHENGSUANYUN: Final = Dialect(
    name="shengsuanyun",
    stream=Framing("application/json", opens=b"[", between=b",\n", closes=b"]\n"),
    aliases=("/api/v1",),
    missing_key=_SHENGSUANYUN_KEY,
    wrong_key=_SHENGSUANYUN_KEY,
    unknown_model=Reply(
        404,
        {
            "error": {
                "type": "invalid_request_error",
                "message": "The model `{model}` does not exist or you do not have access to it.",
                "code": "model_not_found",
                "param": "model",
            }
        },
    ),
    unknown_path=Reply(
        404, {"error": {"type": "not_found_error", "message": "{path} not found", "code": "not_found", "param": None}}
    ),
    sources={
        "stream": "002_b34d4d73c443005d.txt: application/json, 'streamed', alt not promised; the array is inference",
        "aliases": "002_b34d4d73c443005d.txt: /api/v1 too",
        "credentials": "002_b34d4d73c443005d.txt: ?key= or x-goog-api-key",
        "wrong_key": "published error example of its documentation: authentication_error, invalid_api_key",
        "unknown_model": "inference: the same shape in OpenAI's words",
        "unknown_path": "inference",
    },
)

_APIGO_KEY: Final = Reply(401, {"error": {"code": 401, "message": _KEY_INVALID, "status": "UNAUTHENTICATED"}})
_APIGO: Final = Dialect(
    name="apigo",
    stream=Framing("text/event-stream; charset=utf-8", before=b"data:", after=b"\n\n", ascii=True),
    missing_key=_APIGO_KEY,
    wrong_key=_APIGO_KEY,
    unknown_model=_GOOGLE_MODEL,
    unknown_path=Reply(404, {"detail": "Not Found"}),
    finish_apart=True,
    headers=(("Cache-Control", "no-cache"),),
    sources={
        "stream": "003_c51f242d7f41eb8e.txt promises SSE; no space behind 'data:' as in googleapis/python-genai#2584 "
        "and ASCII-only JSON as in gemini-balance (captured): both inference for apigo",
        "credentials": "003_c51f242d7f41eb8e.txt: x-goog-api-key required, a key in the query supported",
        "wrong_key": "inference",
        "finish_apart": "003_c51f242d7f41eb8e.txt: finish reason and safety may appear only in later chunks",
        "unknown_path": "inference: the answer of the web framework most such gateways use",
    },
)

_NEW_API_KEY: Final = Reply(
    401, {"error": {"message": "无效的令牌 (request id: {request_id})", "type": "new_api_error", "code": ""}}
)
_JUHEAI: Final = Dialect(
    name="juheai",
    stream=Framing("text/event-stream", preamble=b": PING\n\n", before=b"data: ", after=b"\n\n", separators=_VERBATIM),
    aliases=("/v1",),
    credentials=("x-goog-api-key", "query", "bearer"),
    missing_key=_NEW_API_KEY,
    wrong_key=_NEW_API_KEY,
    unknown_model=Reply(
        503,
        {
            "error": {
                "message": "No available channel for model {model} under group default (distributor) "
                "(request id: {request_id})",
                "type": "new_api_error",
                "code": "model_not_found",
            }
        },
    ),
    unknown_path=Reply(
        404,
        {
            "error": {
                "message": "Invalid URL ({method} {path})",
                "type": "invalid_request_error",
                "param": "",
                "code": "",
            }
        },
    ),
    upstream=Reply(
        0,
        {"error": {"message": "{message}", "type": "upstream_error", "param": "", "code": "{code}"}},
        "text/event-stream",
    ),
    console=("/v1", "/api", "/assets"),
    headers=(("Cache-Control", "no-cache"), ("X-Accel-Buffering", "no"), ("X-Oneapi-Request-Id", "{request_id}")),
    ignored=frozenset({"GenerateContentRequest.labels", "GenerateContentRequest.store", "FunctionCall.id"})
    | {"GenerateContentRequest.serviceTier", "ExecutableCode.id", "CodeExecutionResult.id", "Part.partMetadata"}
    | {"GenerateContentRequest.generation_config", "GenerateContentRequest.tool_config", "Part.thought_signature"}
    | {"GenerateContentRequest.safety_settings", "GenerateContentRequest.cached_content"},
    model_prefix="",
    sources={
        "stream": "QuantumNous/new-api relay-gemini-native.go: 'data: <upstream JSON>\\n\\n' with and without alt; "
        "': PING' on some channels and older installs; that juheai runs it is inference (its other routes)",
        "credentials": "004_c4137e8d2aa54f20.txt: ?key=; new-api middleware/auth.go: x-goog-api-key, ?key=, Bearer",
        "wrong_key": "new-api middleware/auth.go",
        "unknown_model": "new-api middleware/distributor.go: 503 model_not_found",
        "unknown_path": "new-api router/web-router.go",
        "upstream": "new-api: upstream_error with a numeric code, status and details gone, under the headers of the "
        "event stream",
        "console": "new-api router/web-router.go: any other path is the console's index.html, with status 200",
        "ignored": "new-api dto/gemini.go; unknown names, which it drops too, are refused here all the same",
    },
)

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {dialect.name: dialect for dialect in (_MAISI, _SHUYOU, _SHENGSUANYUN, _APIGO, _JUHEAI, _GOOGLE)}
)
"""The dialects by the name of their endpoint."""

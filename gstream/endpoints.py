"""What is known of each reseller, as data: one frozen literal an endpoint, each fact with its source.

Rule 1: a quirk is a value of a field here; no other module asks for an endpoint's name.
Rule 2: a fact names its source: a document (by its file name in the collection the project was given), a gateway's
source, or "default" where nobody documents it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations of `Endpoint`
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from gstream.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ENDPOINTS", "KEY_FORMS", "Auth", "Endpoint", "Target", "normalise_base_url", "resolve"]

Auth: TypeAlias = Literal["header", "bearer", "query"]
"""How the key travels: `x-goog-api-key: KEY`, `Authorization: Bearer KEY`, or `?key=KEY`. Exactly one is sent."""

KEY_FORMS: Final[Mapping[Auth, str]] = {
    "header": "x-goog-api-key: KEY",
    "bearer": "Authorization: Bearer KEY",
    "query": "?key=KEY",
}
"""The ways of sending a key, as they look in a request."""

AUTHS: Final[tuple[Auth, ...]] = ("header", "bearer", "query")

Fields: TypeAlias = "dict[str, Fields | None]"
"""Documented request fields, nested as in the body; `None` below a name: anything below it is documented."""


@dataclass(frozen=True)
class Endpoint:
    """The facts of one place that speaks `:streamGenerateContent`.

    Make your own, or change a known one: `dataclasses.replace(ENDPOINTS["shuyou"], base_url="https://gw.example/api")`.
    """

    name: str
    """What users type as `endpoint=`; also the prefix of its environment variables, upper case."""
    title: str = ""
    """The provider's name as people know it."""
    base_url: str | None = None
    """Scheme, host and path up to the version, e.g. `https://api.shuyou.ai/v1beta`; `None`: the user must give it."""
    path: str = "/v1beta"
    """The path that belongs behind a bare host; its last segment is the API version."""
    auth: Auth = "header"
    """How the key is sent unless the user says otherwise. "header" is what every gateway we read accepts."""
    auths: tuple[Auth, ...] = AUTHS
    """The ways of sending a key that this endpoint accepts, best first, as far as its document or gateway tells."""
    key_variables: tuple[str, ...] = ()
    """Environment variables that may hold the key, first match wins; `GSTREAM_API_KEY` is tried after them."""
    query: tuple[tuple[str, str], ...] = (("alt", "sse"),)
    """Query parameters of every request, the key excepted."""
    call_ids: bool = True
    """Whether `functionCall.id` and `functionResponse.id` are sent, where the server gave an id."""
    response_parts: bool = False
    """Whether media of a tool result may go inside `functionResponse.parts`; otherwise they go beside it."""
    media_names: bool = False
    """Whether `displayName` of media is sent; most descriptions do not list it, and unknown names are refused."""
    reads_urls: bool = False
    """Whether it opens any URL of the web in `fileData` itself; otherwise the client fetches what lies there. Google
    does since January 2026 (blog.google, "Increased file size limits"), but not for every model and media type, and
    resellers' documents promise nothing, so it is off everywhere."""
    json_schema: bool = False
    """Whether `parametersJsonSchema` and `responseJsonSchema` are taken; otherwise the OpenAPI subset is sent."""
    documented: str | None = field(default=None, repr=False)
    """The request fields its document lists, as `name{child child{...} open{*}}`; `None`: all of Google's API."""
    document: str = ""
    """Where its documentation was read: a file name of the collection, or a URL."""
    sources: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Field of this class -> where that fact stands."""

    @cached_property
    def fields(self) -> Fields | None:
        """`documented` as nested dictionaries; `None`: everything Google's API defines."""
        return None if self.documented is None else _read_fields(iter(re.findall(r"[\w*]+|[{}]", self.documented)))

    @property
    def base_url_variable(self) -> str:
        """The environment variable that may hold the base URL, e.g. `MAISI_BASE_URL`."""
        return f"{self.name.upper()}_BASE_URL"


def _read_fields(words: Iterator[str]) -> Fields:
    result: Fields = {}
    name = ""
    for word in words:
        if word == "}":
            break
        if word == "{":
            children = _read_fields(words)
            result[name] = None if "*" in children else children
        else:
            name = word
            result[name] = None
    return result


_MAISI_VOICE = "voiceConfig{prebuiltVoiceConfig{voiceName}}"
_SHENGSUANYUN_CONTENT = (
    "role parts{text inlineData{mimeType data} fileData{mimeType fileUri} functionCall{name args{*}} "
    "functionResponse{name response{*}} thought executableCode{language code} codeExecutionResult{outcome output}}"
)
_APIGO_CONTENT = "role parts{text inlineData{mimeType data} fileData{mimeType fileUri}}"

_MAISI: Final = Endpoint(
    name="maisi",
    title="Maisi-AI",
    base_url=None,
    path="/gemini/v1beta",
    auth="bearer",
    auths=("bearer", "header", "query"),
    key_variables=("MAISI_API_KEY",),
    documented=(
        "contents{parts{codeExecutionResult{*} executableCode{*} functionCall{name} "
        "functionResponse{name response{*}} inlineData{data mimeType} text thought thoughtSignature} role} "
        "generationConfig{maxOutputTokens responseMimeType responseModalities responseSchema{*} "
        f"speechConfig{{languageCode multiSpeakerVoiceConfig{{speakerVoiceConfigs{{speaker {_MAISI_VOICE}}}}} "
        f"{_MAISI_VOICE}}} stopSequences temperature "
        "thinkingConfig{includeThoughts thinkingBudget} topK topP} "
        "safetySettings{*} systemInstruction{parts{text}} "
        "toolConfig{functionCallingConfig{allowedFunctionNames mode}} "
        "tools{codeExecution{*} functionDeclarations{description name parameters{*}} googleSearch{*}}"
    ),
    document="000_ec5477b337932289.txt",
    sources={
        "base_url": "000_ec5477b337932289.txt: the request line has a path but no host",
        "path": "000_ec5477b337932289.txt: POST /gemini/v1beta/models/{mode}:streamGenerateContent",
        "auth": "000_ec5477b337932289.txt: header 'Authorization', its form not stated; Bearer is the field's habit",
        "documented": "000_ec5477b337932289.txt: request example; its snake_case names read as the camelCase the "
        "same page demands (仅使用小驼峰字段)",
        "json_schema": "000_ec5477b337932289.txt lists parameters and responseSchema only",
        "response_parts": "000_ec5477b337932289.txt lists functionResponse{name response} only",
    },
)

_SHUYOU: Final = Endpoint(
    name="shuyou",
    title="数游科技 shuyou.ai",
    base_url="https://api.shuyou.ai/v1beta",
    auth="bearer",
    auths=("bearer", "header"),
    key_variables=("SHUYOU_API_KEY",),
    response_parts=True,
    documented=(
        "contents{role parts{thought thoughtSignature partMetadata{*} text inlineData{mimeType data} "
        "functionCall{id name args{*}} functionResponse{id name response{*} parts{*} willContinue scheduling} "
        "fileData{mimeType fileUri} executableCode{language code} codeExecutionResult{outcome output} "
        "videoMetadata{startOffset endOffset fps}}} "
        "tools{functionDeclarations{name description} googleSearchRetrieval{*} codeExecution{*} googleSearch{*} "
        "computerUse{*} urlContext{*} fileSearch{*} googleMaps{*}} "
        "toolConfig{functionCallingConfig{*} retrievalConfig{*}} safetySettings{*} systemInstruction{*} "
        "generationConfig{stopSequences responseMimeType responseSchema{*} responseModalities candidateCount "
        "maxOutputTokens temperature topK seed presencePenalty frequencyPenalty responseLogprobs logprobs "
        "enableEnhancedCivicAnswers speechConfig{voiceConfig{*} multiSpeakerVoiceConfig{*} languageCode} "
        "thinkingConfig{includeThoughts thinkingBudget thinkingLevel} imageConfig{aspectRatio imageSize} "
        "mediaResolution} cachedContent"
    ),
    document="001_b97e75a04ea40ad6.txt",
    sources={
        "base_url": "001_b97e75a04ea40ad6.txt: POST https://api.shuyou.ai/v1beta/models/{model}:streamGenerateContent",
        "auth": "001_b97e75a04ea40ad6.txt states none; the provider's other pages use Authorization: Bearer",
        "documented": "001_b97e75a04ea40ad6.txt: request example (safetySettings shown as strings, which is no "
        "JSON the API takes: objects are sent)",
        "response_parts": "001_b97e75a04ea40ad6.txt: functionResponse.parts",
        "json_schema": "001_b97e75a04ea40ad6.txt lists responseSchema only",
    },
)

_SHENGSUANYUN: Final = Endpoint(
    name="shengsuanyun",
    title="胜算云 shengsuanyun",
    base_url="https://router.shengsuanyun.com/api/v1beta",
    path="/api/v1beta",
    auth="header",
    auths=("header", "query"),
    key_variables=("SHENGSUANYUN_API_KEY",),
    documented=(
        f"contents{{{_SHENGSUANYUN_CONTENT}}} systemInstruction{{{_SHENGSUANYUN_CONTENT}}} "
        "generationConfig{temperature topP topK maxOutputTokens candidateCount stopSequences responseMimeType "
        "responseSchema{*} presencePenalty frequencyPenalty responseLogprobs logprobs seed responseModalities "
        "thinkingConfig{includeThoughts thinkingBudget}} safetySettings{category threshold} "
        "tools{functionDeclarations{name description parameters{*}} googleSearch{*} googleSearchRetrieval{*} "
        "codeExecution{*}} toolConfig{functionCallingConfig{mode allowedFunctionNames}} cachedContent"
    ),
    document="002_b34d4d73c443005d.txt",
    sources={
        "base_url": "002_b34d4d73c443005d.txt: POST https://router.shengsuanyun.com/api/v1beta/models/{model}:...",
        "path": "002_b34d4d73c443005d.txt: the version stands behind /api",
        "auth": "002_b34d4d73c443005d.txt: key in the query or x-goog-api-key; the header stays out of logs",
        "documented": "002_b34d4d73c443005d.txt: request example",
        "json_schema": "002_b34d4d73c443005d.txt lists parameters and responseSchema only",
        "response_parts": "002_b34d4d73c443005d.txt lists functionResponse{name response} only",
    },
)

_APIGO: Final = Endpoint(
    name="apigo",
    title="apigo.ai",
    base_url="https://maas.apigo.ai/v1beta",
    auth="header",
    auths=("header", "query"),
    key_variables=("APIGO_API_KEY",),
    documented=(
        f"contents{{{_APIGO_CONTENT}}} systemInstruction{{{_APIGO_CONTENT}}} "
        "generationConfig{temperature topP maxOutputTokens responseMimeType} "
        "safetySettings{category threshold} tools{*}"
    ),
    document="003_c51f242d7f41eb8e.txt",
    sources={
        "base_url": "003_c51f242d7f41eb8e.txt: --url https://maas.apigo.ai/v1beta/models/{model}:...",
        "auth": "003_c51f242d7f41eb8e.txt: x-goog-api-key required; a key in the query is supported too",
        "documented": "003_c51f242d7f41eb8e.txt: request example",
        "json_schema": "003_c51f242d7f41eb8e.txt lists neither schema field",
        "response_parts": "003_c51f242d7f41eb8e.txt does not list functionResponse",
    },
)

_JUHEAI: Final = Endpoint(
    name="juheai",
    title="JuheNext juheai.top",
    base_url="https://api.juheai.top/v1beta",
    auth="query",
    auths=("query", "header"),
    key_variables=("JUHEAI_API_KEY",),
    documented="contents{role parts{text}} generationConfig{thinkingConfig{thinkingBudget includeThoughts}}",
    document="004_c4137e8d2aa54f20.txt",
    sources={
        "base_url": "004_c4137e8d2aa54f20.txt: POST https://api.juheai.top/v1beta/models/gemini-2.5-flash:...",
        "auth": "004_c4137e8d2aa54f20.txt: ?key=; x-goog-api-key is likely (the software is of the new-api family)",
        "query": "004_c4137e8d2aa54f20.txt: alt=sse",
        "documented": "004_c4137e8d2aa54f20.txt: request example",
        "json_schema": "004_c4137e8d2aa54f20.txt lists neither schema field",
        "response_parts": "004_c4137e8d2aa54f20.txt does not list functionResponse",
    },
)

_GOOGLE_DOCUMENT = "generativelanguage-discovery.json"

_GOOGLE: Final = Endpoint(
    name="google",
    title="Google",
    base_url="https://generativelanguage.googleapis.com/v1beta",
    auth="header",
    auths=("header", "query"),
    key_variables=("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    response_parts=True,
    json_schema=True,
    document=_GOOGLE_DOCUMENT,
    sources={
        "base_url": f"{_GOOGLE_DOCUMENT}: rootUrl and version",
        "auth": f"{_GOOGLE_DOCUMENT}: parameters.key; the header is what Google's own client sends",
        "response_parts": f"{_GOOGLE_DOCUMENT}: FunctionResponse.parts",
        "json_schema": f"{_GOOGLE_DOCUMENT}: FunctionDeclaration.parametersJsonSchema, "
        "GenerationConfig.responseJsonSchema",
    },
)

_CUSTOM: Final = Endpoint(name="custom", title="any other base URL", document="default")

ENDPOINTS: Final[Mapping[str, Endpoint]] = MappingProxyType(
    {endpoint.name: endpoint for endpoint in (_MAISI, _SHUYOU, _SHENGSUANYUN, _APIGO, _JUHEAI, _GOOGLE)}
)
"""The endpoints known by name."""


@dataclass(frozen=True)
class Target:
    """One place a request may go to: the endpoint, the key for it, and its own name of the model."""

    endpoint: Endpoint
    api_key: str = field(default="", repr=False)
    """The key; never shown."""
    model: str | None = None
    """The model name here; `None`: the prompt's."""
    auth: Auth | None = None
    """How the key is sent; `None`: as the endpoint prefers."""


def resolve(
    endpoint: str | Endpoint | None = None,
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    auth: Auth | None = None,
    model: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Target:
    """Return where to send requests, from what the user typed and, where they typed nothing, the environment.

    The endpoint is `endpoint`; else "custom" if `base_url` is given; else `GSTREAM_ENDPOINT`; else the one whose key
    variable is set. The base URL is `base_url`, else that of an `Endpoint` given as `endpoint`, else
    `<NAME>_BASE_URL`, else the known one. The key is `api_key`, else the endpoint's own variables, else
    `GSTREAM_API_KEY`.

    Raises:
        ConfigurationError: the endpoint is unknown, ambiguous or missing, it has no base URL, the URL is malformed,
            there is no key, or the key cannot travel in a header.
    """
    chosen = _choose_endpoint(endpoint, base_url, environ)
    own = chosen.base_url if isinstance(endpoint, Endpoint) else None  # an endpoint the user made means what it says
    url = base_url or own or environ.get(chosen.base_url_variable) or chosen.base_url
    if not url:
        raise ConfigurationError(
            f"The endpoint {chosen.name!r} has no base URL of its own: set {chosen.base_url_variable} "
            "or pass base_url='https://...'."
        )
    key = _choose_key(chosen, api_key, environ)
    if auth is not None and auth not in AUTHS:
        raise ConfigurationError(f"auth must be one of {', '.join(map(repr, AUTHS))}; got {auth!r}.")
    return Target(replace(chosen, base_url=normalise_base_url(url, chosen.path)), key, model, auth)


def _choose_endpoint(endpoint: str | Endpoint | None, base_url: str | None, environ: Mapping[str, str]) -> Endpoint:
    if isinstance(endpoint, Endpoint):
        return endpoint
    name, origin = endpoint, "endpoint"
    if not name and base_url:
        return _CUSTOM
    if not name:
        name, origin = environ.get("GSTREAM_ENDPOINT"), "GSTREAM_ENDPOINT"
    choices = ", ".join(ENDPOINTS)
    if name:
        known = _CUSTOM if name.lower() == _CUSTOM.name else ENDPOINTS.get(name.strip().lower())
        if known is None:
            raise ConfigurationError(
                f"{origin}={name!r} is not a known endpoint: choose one of {choices}, or pass base_url='https://...'."
            )
        return known
    keyed = [known for known in ENDPOINTS.values() if any(environ.get(variable) for variable in known.key_variables)]
    if len(keyed) == 1:
        return keyed[0]
    if keyed:
        raise ConfigurationError(
            f"Keys of several endpoints are set ({', '.join(known.name for known in keyed)}): "
            "say which to use with endpoint=... or GSTREAM_ENDPOINT."
        )
    raise ConfigurationError(
        f"No endpoint given: pass endpoint= one of {choices} (or base_url='https://...'), or set GSTREAM_ENDPOINT "
        "or one of their key variables."
    )


def _choose_key(endpoint: Endpoint, api_key: str | None, environ: Mapping[str, str]) -> str:
    variables = (*endpoint.key_variables, "GSTREAM_API_KEY")
    given = (api_key, *(environ.get(name) for name in variables))
    key = next((text.strip() for text in given if text and text.strip()), "")
    if not key:
        raise ConfigurationError(
            f'No API key for the endpoint {endpoint.name!r}: set {" or ".join(variables)}, or pass api_key="...".'
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            f"The API key for the endpoint {endpoint.name!r} holds spaces, line breaks or non-ASCII characters: "
            "copy it again without what stands around it."
        )
    return key


_VERSION = re.compile(r"v\d+(?:alpha|beta)?\d*$")
_TAIL = re.compile(r"/(?:models(?:/.*)?|(?:openai/)?chat/completions|openai)$")
"""What may stand behind the version in a URL that was copied from somewhere."""


def normalise_base_url(url: str, path: str = "/v1beta") -> str:
    """Return the URL up to and with the API version, to which `/models/{model}:...` is appended.

    Any form a user may paste is taken: without a scheme (https is assumed, http for loopback), with a trailing slash,
    a prefix, the version, `/models`, the whole `...:streamGenerateContent` URL with its query, or the `/v1` of an
    OpenAI-compatible door (which becomes the version of `path`: no gateway keeps Gemini's tools and thoughts on v1).

    Args:
        url: what the user typed.
        path: the path that belongs behind a bare host; its last segment is the version.

    Raises:
        ConfigurationError: it is no http(s) URL, or it carries a key or credentials (pass `api_key=` instead).
    """
    split = _split_url(url)
    given = parse_qsl(split.query)
    if split.username or split.password:
        raise ConfigurationError('base_url carries a user name or password: pass the key as api_key="..." instead.')
    if any(name == "key" for name, _ in given):
        raise ConfigurationError('base_url carries a key in its query: take it out and pass it as api_key="...".')
    if lost := ", ".join(repr(name) for name, _ in given if name != "alt"):
        raise ConfigurationError(
            f"base_url has query parameters ({lost}) that a request would lose: take them out of the URL; "
            "fixed parameters go into Endpoint(query=...)."
        )
    prefix = re.sub(r"/{2,}", "/", split.path).rstrip("/")
    if not _VERSION.match(prefix.rsplit("/", 1)[-1]):
        prefix = _TAIL.sub("", prefix)
    version = path.rsplit("/", 1)[-1]
    last = prefix.rsplit("/", 1)[-1]
    if not prefix:
        prefix = path
    elif last == "v1":
        prefix = prefix[: -len("v1")] + version
    elif not _VERSION.match(last):
        prefix = f"{prefix}/{version}"
    return urlunsplit((split.scheme.lower(), split.netloc, prefix, "", ""))


def _split_url(url: str) -> SplitResult:
    text = url.strip()
    if re.match(r"https?:/?(?!/)", text):
        raise ConfigurationError(f"base_url={text[:80]!r} lacks a slash: write it like 'https://host/prefix'.")
    if "://" not in text:
        local = re.match(r"(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::|/|$)", text)
        text = f"{'http' if local else 'https'}://{text}"
    try:
        split = urlsplit(text)
        host, _ = split.hostname, split.port
    except ValueError:
        split, host = urlsplit(""), None
    hostlike = bool(host) and re.fullmatch(r"[\w.-]+|[\da-fA-F:.%]+", host or "")
    if not hostlike or split.scheme.lower() not in {"http", "https"}:
        shown = text.split("?")[0].split("@")[-1]  # neither a key nor a password is repeated
        raise ConfigurationError(f"base_url={shown!r} is no http(s) URL: write it like 'https://host/prefix'.")
    return split

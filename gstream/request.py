"""A prompt in, the one HTTP request for it out; pure.

What goes out is camelCase, without nulls and empty containers, in Google's spelling and order of things: results of
tools stand together in the user turn behind the calls they answer, a signature goes back on its own part, exactly one
credential is sent. What Google is known to refuse is refused here, before anything is sent, in a sentence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from gstream._version import __version__
from gstream.endpoints import ENDPOINTS
from gstream.errors import ConfigurationError, RequestError
from gstream.messages import Blob, FunctionResponse, Tool
from gstream.parts import filled, part_json
from gstream.schema import schema_of, to_json_schema, to_parameters
from gstream.turns import arranged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gstream.endpoints import Auth, Endpoint, Fields
    from gstream.messages import BuiltInTool, FileRef, JsonObject, Part, Prompt
    from gstream.settings import Settings

__all__ = ["WireRequest", "build_body", "build_request"]

_KEY_HEADER: Final = "x-goog-api-key"


@dataclass(frozen=True)
class WireRequest:
    """One HTTP request, ready to be sent. Its repr shows no credential."""

    method: str
    url: str = field(repr=False)
    """The whole URL; it holds the key where the endpoint takes it in the query."""
    headers: dict[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)
    """JSON in UTF-8."""
    shown_url: str = ""
    """The URL with the key replaced; safe to print."""


def build_request(prompt: Prompt, endpoint: Endpoint, key: str, *, auth: Auth | None = None) -> WireRequest:
    """Return the request that asks `endpoint` to answer `prompt`.

    Args:
        prompt: what to ask; its `model` is percent-encoded into the path, otherwise passed through.
        endpoint: where; its `base_url` must be set (`endpoints.resolve` sees to that).
        key: the credential; sent in one place.
        auth: how to send it; `None`: as the endpoint prefers.

    Raises:
        RequestError: the prompt cannot be expressed, or uses an undocumented field with `undocumented="error"`.
        ConfigurationError: there is no model name, or a setting has no place in a request.
    """
    model = prompt.model.strip().removeprefix("models/")
    if not model or not model.isprintable():
        raise ConfigurationError("No model given: pass model='gemini-2.5-flash' or another name of the endpoint.")
    headers = {
        "content-type": "application/json",
        "accept": "text/event-stream, application/json",
        "user-agent": f"gstream/{__version__}",
    }
    auth = auth or endpoint.auth
    query = list(endpoint.query)
    shown = list(query)
    if auth == "header":
        headers[_KEY_HEADER] = key
    elif auth == "bearer":
        headers["authorization"] = f"Bearer {key}"
    else:
        query.append(("key", key))
        shown.append(("key", "..."))
    headers.update({name.lower(): value for name, value in (prompt.settings.extra_headers or {}).items()})
    path = f"{endpoint.base_url}/models/{quote(model, safe='')}:streamGenerateContent"
    body = _encode(build_body(prompt, endpoint))
    return WireRequest("POST", f"{path}?{urlencode(query)}", headers, body, f"{path}?{urlencode(shown)}")


def _encode(body: JsonObject) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise RequestError(
            f"The prompt holds half a character (a lone surrogate, U+{ord(error.object[error.start]):04X}), which no "
            "request can carry: clean the text first, e.g. text.encode('utf-8', 'replace').decode()."
        ) from None
    except RecursionError:
        raise RequestError("The prompt holds arguments or results that are nested too deeply for JSON.") from None
    except (TypeError, ValueError) as error:
        raise RequestError(f"The prompt holds a value that JSON cannot express: {error}.") from None


def build_body(prompt: Prompt, endpoint: Endpoint = ENDPOINTS["google"]) -> JsonObject:
    """Return the request body of `prompt` as JSON, as `endpoint` takes it.

    Raises:
        RequestError: as `build_request`.
    """
    settings = prompt.settings
    turns, system = arranged(prompt)
    body: JsonObject = {
        "contents": [{"role": turn.role, "parts": list(_parts_json(turn.parts, endpoint))} for turn in turns]
    }
    if system:
        body["systemInstruction"] = {"parts": list(_parts_json(system, endpoint))}
    if prompt.tools:
        body["tools"] = _tools_json(prompt.tools, endpoint)
    if prompt.tool_choice is not None:
        choice: JsonObject = {"mode": prompt.tool_choice.mode.upper()}
        if prompt.tool_choice.names:
            choice["allowedFunctionNames"] = list(prompt.tool_choice.names)
        body["toolConfig"] = {"functionCallingConfig": choice}
    if generation := _generation_json(settings, endpoint):
        body["generationConfig"] = generation
    if settings.safety_settings:
        body["safetySettings"] = _safety_json(settings.safety_settings)
    if settings.cached_content:
        body["cachedContent"] = settings.cached_content
    if settings.labels:
        body["labels"] = dict(settings.labels)
    if settings.undocumented != "send" and endpoint.fields is not None:
        body = _documented(body, endpoint, settings)
    return _merged(body, settings.extra_body) if settings.extra_body else body


# -- parts --------------------------------------------------------------------------------------------------------


def _parts_json(parts: Iterable[Part], endpoint: Endpoint) -> Iterable[JsonObject]:
    """Yield the wire parts; media of a tool result follow it where the endpoint does not take them inside.

    Inside, only inline data may stand (discovery: `FunctionResponsePart`).
    """
    beside: list[Blob | FileRef] = []
    for part in parts:
        if isinstance(part, FunctionResponse) and part.parts:
            inside = tuple(media for media in part.parts if isinstance(media, Blob) and endpoint.response_parts)
            beside += [media for media in part.parts if media not in inside]
            part = replace(part, parts=inside)  # noqa: PLW2901 - the part as this endpoint takes it
        yield part_json(part, call_ids=endpoint.call_ids, names=endpoint.media_names)
    for media in beside:
        yield part_json(media, names=endpoint.media_names)


# -- tools and settings -------------------------------------------------------------------------------------------


def _tools_json(tools: Iterable[Tool | BuiltInTool], endpoint: Endpoint) -> list[JsonObject]:
    declarations: list[JsonObject] = []
    built_in: list[JsonObject] = []
    for tool in tools:
        if isinstance(tool, Tool):
            declarations.append(_declaration(tool, endpoint))
        else:
            built_in.append({tool.name: tool.config})
    return [{"functionDeclarations": declarations}, *built_in] if declarations else built_in


def _declaration(tool: Tool, endpoint: Endpoint) -> JsonObject:
    declaration = filled(name=tool.name, description=tool.description)
    if not tool.schema:
        return declaration
    try:
        parameters = to_json_schema(tool.schema) if endpoint.json_schema else to_parameters(tool.schema)
    except RequestError as error:
        raise RequestError(f"Tool {tool.name!r}: {error.message}") from None
    if set(parameters) <= _EMPTY_OBJECT or not parameters.get("properties", True):
        return declaration  # a function without parameters: Google refuses an OBJECT without properties
    declaration["parametersJsonSchema" if endpoint.json_schema else "parameters"] = parameters
    return declaration


_EMPTY_OBJECT: Final = frozenset({"type", "title", "description"})
"""What the schema of a function without parameters says at most."""


_PLAIN: Final = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "max_output_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "response_logprobs": "responseLogprobs",
    "logprobs": "logprobs",
    "candidate_count": "candidateCount",
    "response_mime_type": "responseMimeType",
    "image_config": "imageConfig",
    "speech_config": "speechConfig",
}
"""Settings that become one field of `generationConfig` as they are."""


def _generation_json(settings: Settings, endpoint: Endpoint) -> JsonObject:
    config = {wire: value for name, wire in _PLAIN.items() if (value := getattr(settings, name)) not in (None, [], {})}
    if settings.response_modalities:
        config["responseModalities"] = [modality.upper() for modality in settings.response_modalities]
    if settings.media_resolution:
        word = settings.media_resolution.upper()
        config["mediaResolution"] = word if word.startswith("MEDIA_") else f"MEDIA_RESOLUTION_{word}"
    if given := settings.response_schema:
        schema = given if isinstance(given, dict) else _schema_of_class(given)  # type: ignore[arg-type]  # classes are hashable
        config.setdefault("responseMimeType", "application/json")
        if endpoint.json_schema:
            config["responseJsonSchema"] = to_json_schema(schema)
        else:
            config["responseSchema"] = to_parameters(schema, ordering=True)
    thinking = {
        "thinkingBudget": settings.thinking_budget,
        "thinkingLevel": settings.thinking_level.upper() if settings.thinking_level else None,
        "includeThoughts": settings.include_thoughts,
    }
    if thinking := {name: value for name, value in thinking.items() if value is not None}:
        config["thinkingConfig"] = thinking
    return config


@lru_cache(maxsize=128)
def _schema_of_class(kind: type[Any]) -> JsonObject:
    """Return the JSON Schema of a class; kept, as pydantic takes its time to make one."""
    return schema_of(kind)


def _safety_json(given: dict[str, str] | list[dict[str, str]]) -> list[dict[str, str]]:
    if isinstance(given, list):
        return given
    return [{"category": _category(category), "threshold": threshold.upper()} for category, threshold in given.items()]


def _category(word: str) -> str:
    word = word.upper()
    return word if word.startswith("HARM_CATEGORY_") else f"HARM_CATEGORY_{word}"


# -- what the endpoint documents, and what the caller adds --------------------------------------------------------


def _documented(body: JsonObject, endpoint: Endpoint, settings: Settings) -> JsonObject:
    """Return `body` without the settings the endpoint's document does not list, or refuse it because of them.

    What a conversation says is never dropped: a prompt without its image or its tool is another prompt.
    """
    dropped: list[str] = []
    kept = _pruned(body, endpoint.fields, "", dropped)
    wrong = dropped if settings.undocumented == "error" else [path for path in dropped if _is_content(path)]
    if wrong:
        names = ", ".join(sorted(set(wrong)))
        raise RequestError(
            f"The documentation of {endpoint.name!r} ({endpoint.document}) does not list {names}: "
            "leave the setting out, or pass undocumented='send' to send it all the same."
        )
    result: JsonObject = kept
    return result


_CONTENT: Final = ("contents.", "systemInstruction", "tools")
_ASIDE: Final = ("thoughtSignature", "thought", "id", "videoMetadata", "partMetadata", "mediaResolution", "displayName")
"""Fields of a part that say nothing of its content, so that they may be dropped."""


def _is_content(path: str) -> bool:
    return path.startswith(_CONTENT) and path.rsplit(".", 1)[-1] not in _ASIDE


def _pruned(value: Any, fields: Fields | None, path: str, dropped: list[str]) -> Any:
    if fields is None:
        return value
    if isinstance(value, list):
        items = [_pruned(item, fields, path, dropped) for item in value]
        return [item for item in items if item not in ({}, [])]
    if not isinstance(value, dict):
        return value
    kept: JsonObject = {}
    for name, item in value.items():
        place = f"{path}.{name}" if path else name
        if name not in fields:
            dropped.append(place)
            continue
        pruned = _pruned(item, fields[name], place, dropped)
        if pruned not in ({}, []) or item in ({}, []):
            kept[name] = pruned
    return kept


def _merged(body: JsonObject, extra: JsonObject) -> JsonObject:
    """Return `body` with `extra` merged in deeply: objects are joined, everything else is replaced."""
    result = dict(body)
    for name, value in extra.items():
        known = result.get(name)
        result[name] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result

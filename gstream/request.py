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
from gstream.generation import PLACES, settings_json
from gstream.messages import Blob, FunctionResponse, Tool
from gstream.parts import filled, part_json
from gstream.schema import to_json_schema, to_parameters
from gstream.tools import checked
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
        ConfigurationError: there is no model name, or as `build_body`.
    """
    model = _model_name(prompt.model)
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


def _model_name(given: str) -> str:
    model = given.strip().removeprefix("models/")
    if not model:
        raise ConfigurationError("No model given: pass model='gemini-2.5-flash' or another name of the endpoint.")
    if not model.isprintable():
        raise ConfigurationError(f"model={given!r} holds characters that cannot be seen: copy the name again.")
    return model


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
        ConfigurationError: a tool's name is none the API takes or stands twice, or the model is not steered by a
            thinking setting as it is given.
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
    body.update(settings_json(settings, prompt.model, endpoint))
    if settings.undocumented != "send" and endpoint.fields is not None:
        body = _documented(body, endpoint, settings)
    return _merged(body, settings.extra_body) if settings.extra_body else body


# -- parts --------------------------------------------------------------------------------------------------------


def _parts_json(parts: Iterable[Part], endpoint: Endpoint) -> Iterable[JsonObject]:
    """Yield the wire parts; media of a tool result follow it where the endpoint does not take them inside.

    Inside, only inline data may stand (discovery: `FunctionResponsePart`), so a blob that says more stays whole beside.
    """
    beside: list[Blob | FileRef] = []
    for part in parts:
        if isinstance(part, FunctionResponse) and part.parts:
            inside = tuple(filter(_is_plain, part.parts)) if endpoint.response_parts else ()
            beside += [media for media in part.parts if media not in inside]
            part = replace(part, parts=inside)  # noqa: PLW2901 - the part as this endpoint takes it
        yield part_json(part, call_ids=endpoint.call_ids, names=endpoint.media_names)
    for media in beside:
        yield part_json(media, names=endpoint.media_names)


def _is_plain(media: Blob | FileRef) -> bool:
    return isinstance(media, Blob) and not (media.thought or media.signature or media.extra)


# -- tools --------------------------------------------------------------------------------------------------------


def _tools_json(tools: Iterable[Tool | BuiltInTool], endpoint: Endpoint) -> list[JsonObject]:
    declarations: list[JsonObject] = []
    built_in: list[JsonObject] = []
    for tool in checked(tools):
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
        parameters = _parameters(tool.schema, endpoint)
    except RequestError as error:
        raise RequestError(f"Tool {tool.name!r}: {error.message}") from None
    if set(parameters) <= _EMPTY_OBJECT or not parameters.get("properties", True):
        return declaration  # a function without parameters: Google refuses an OBJECT without properties
    declaration["parametersJsonSchema" if endpoint.json_schema else "parameters"] = parameters
    return declaration


def _parameters(schema: JsonObject, endpoint: Endpoint) -> JsonObject:
    """Return a tool's schema as `endpoint` takes it. The same tools go out with each step, so the work is kept."""
    try:
        text = json.dumps(schema)
    except (TypeError, ValueError, RecursionError):  # a default that is no JSON, a circle: the schema's own business
        return _converted(schema, endpoint.json_schema)
    parameters: JsonObject = json.loads(_kept(text, endpoint.json_schema))
    return parameters


@lru_cache(maxsize=512)
def _kept(text: str, json_schema: bool) -> str:  # noqa: FBT001 - the key of the cache
    return json.dumps(_converted(json.loads(text), json_schema))


def _converted(schema: JsonObject, json_schema: bool) -> JsonObject:  # noqa: FBT001 - the same
    return to_json_schema(schema) if json_schema else to_parameters(schema)


_EMPTY_OBJECT: Final = frozenset({"type", "title", "description"})
"""What the schema of a function without parameters says at most."""


# -- what the endpoint documents, and what the caller adds --------------------------------------------------------


def _documented(body: JsonObject, endpoint: Endpoint, settings: Settings) -> JsonObject:
    """Return `body` without the settings the endpoint's document does not list, or refuse it because of them.

    What a conversation says is never dropped: a prompt without its image or its tool is another prompt.
    """
    dropped: list[str] = []
    result: JsonObject = _pruned(body, endpoint.fields, "", dropped)
    wrong = dropped if settings.undocumented == "error" else [path for path in dropped if _is_content(path)]
    if wrong:
        names = ", ".join(sorted({_named(path) for path in wrong}))
        without = "leave it out" if len(set(wrong)) == 1 else "leave them out"
        if not any(map(_is_content, wrong)):
            without += ", pass undocumented='drop' to go without"
        raise RequestError(
            f"The documentation of {endpoint.name!r} ({endpoint.document}) does not list {names}: {without}, or pass "
            "undocumented='send' to send it all the same."
        )
    return result


def _named(path: str) -> str:
    """Return the name a user knows a place in the body by: the setting with the place, or the place alone."""
    steps = path.split(".")
    within = (".".join(steps[:length]) for length in range(len(steps), 0, -1))
    setting = next((PLACES[place] for place in within if place in PLACES), None)
    return f"{setting} ({path})" if setting else path


_CONTENT: Final = ("contents.", "systemInstruction", "tools")
_ASIDE: Final = ("thoughtSignature", "thought", "id", "videoMetadata", "partMetadata", "mediaResolution", "displayName")
"""Fields of a part that say nothing of its content, so that they may be dropped."""


_GROUPS: Final = {"generationConfig", "generationConfig.thinkingConfig"}
"""Objects that are no setting but hold several."""


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
            if place in _GROUPS:
                _pruned(item, {}, place, dropped)  # each of its settings by its own name
            else:
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

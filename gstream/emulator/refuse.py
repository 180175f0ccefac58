"""The door: a body comes in, a request in one spelling goes out, or Google's refusal.

Known words (quoted by users or in Google's pages) and chosen words are told apart at each rule; what is refused is
documented in the discovery document or in Google's guides, unless the rule says "inference".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gstream.emulator.declared import check_function, check_json_schema, check_schema
from gstream.emulator.errors import JsonObject, Refused, invalid
from gstream.emulator.families import generation
from gstream.emulator.payload import normalised
from gstream.emulator.turns import check_parts, check_turns

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["accepted"]

_THIRD = 3
_STOP_LIMIT = 5
_CANDIDATE_LIMIT = 8
_SERVER_TOOLS = ("googleSearch", "googleSearchRetrieval", "codeExecution", "urlContext", "googleMaps", "fileSearch")
_JSON_TYPES = {"application/json", "text/x.enum"}
_CACHED = "cachedContents/"


def accepted(body: Any, model: str, ignored: Collection[str] = ()) -> JsonObject:
    """Return the request as the model reads it: camelCase names, lists where fields repeat, no nulls.

    Args:
        body: the parsed JSON body.
        model: the model name of the path.
        ignored: see `payload.normalised`.

    Raises:
        Refused: with Google's status and words.
    """
    if not isinstance(body, dict):
        raise invalid('Invalid JSON payload received. Unknown name "": Root element must be a message.')
    request = normalised(body, ignored)
    check_turns(request.get("contents", []), model)
    if "systemInstruction" in request:
        check_parts(request["systemInstruction"], "system_instruction")
    config = request.get("generationConfig", {})
    _check_tools(request, config, model)
    _check_numbers(config)
    _check_schemas(config)
    _check_thinking(config.get("thinkingConfig", {}), model)
    _check_cache(request)
    return request


def _check_tools(request: JsonObject, config: JsonObject, model: str) -> None:
    names: list[str] = []
    server = False
    for number, tool in enumerate(request.get("tools", ())):
        if not tool or tool == {"functionDeclarations": []}:
            raise invalid(
                f"* GenerateContentRequest.tools[{number}].tool_type: "
                "required one_of 'tool_type' must have one initialized field\n"
            )
        server = server or any(kind in tool for kind in _SERVER_TOOLS)
        for index, function in enumerate(tool.get("functionDeclarations", ())):
            check_function(function, f"tools[{number}].function_declarations[{index}]")
            if function["name"] in names:
                raise invalid(f"Duplicate function declaration found: {function['name']}")
            names.append(function["name"])
    _check_choice(request.get("toolConfig", {}).get("functionCallingConfig"), names)
    if generation(model) < _THIRD:
        _check_combination(bool(names), server=server, json=config.get("responseMimeType") == "application/json")


def _check_combination(functions: bool, *, server: bool, json: bool) -> None:  # noqa: FBT001 - reads as its name
    """Raise `Refused` for what models before Gemini 3 cannot combine; the words are Google's (symfony/ai#803)."""
    if functions and server:
        raise invalid("Tool use with function calling is unsupported")
    if functions and json:
        raise invalid("Function calling with a response mime type: 'application/json' is unsupported")


def _check_choice(choice: JsonObject | None, names: list[str]) -> None:
    """Raise `Refused` for a function choice that cannot be met; the first sentence is Google's, the others chosen."""
    if choice is None:
        return
    allowed = choice.get("allowedFunctionNames", [])
    mode = choice.get("mode", "AUTO")
    if mode in {"ANY", "VALIDATED"} and not names:
        raise invalid("Function calling config is set without function_declarations.")
    if allowed and mode not in {"ANY", "VALIDATED"}:
        raise invalid("Allowed function names should be set only when function calling mode is ANY or VALIDATED.")
    for name in allowed:
        if name not in names:
            raise invalid(f"Allowed function name {name!r} is not among the declared functions.")


def _check_numbers(config: JsonObject) -> None:
    """Raise `Refused` for settings outside the range that discovery or Google's pages give.

    The sentence about stop sequences is Google's (continuedev/continue#2702); the pattern of the others is Vertex's.
    """
    if len(config.get("stopSequences", ())) > _STOP_LIMIT:
        raise invalid("the number of stop_sequences must not exceed 5")
    for name, low, high in (
        ("temperature", 0, 2),
        ("topP", 0, 1),
        ("candidateCount", 1, _CANDIDATE_LIMIT),
        ("logprobs", 0, 20),
        ("maxOutputTokens", 1, 2**31),
        ("presencePenalty", -2, 2),
        ("frequencyPenalty", -2, 2),
    ):
        value = config.get(name)
        if value is not None and not low <= value <= high:
            raise invalid(
                f"Unable to submit request because it has a {name} value of {value} but the supported range is from "
                f"{low} (inclusive) to {high} (inclusive). Update the value and try again."
            )
    if "logprobs" in config and not config.get("responseLogprobs"):
        raise invalid("logprobs is only allowed when response_logprobs is true.")


def _check_schemas(config: JsonObject) -> None:
    """Raise `Refused` for a response schema without a JSON mime type, or two of them; the words are chosen."""
    given = [name for name in ("responseSchema", "responseJsonSchema", "_responseJsonSchema") if name in config]
    if not given:
        return
    if len(given) > 1:
        raise invalid("response_schema and response_json_schema are mutually exclusive.")
    if config.get("responseMimeType") not in _JSON_TYPES:
        raise invalid(
            "* GenerateContentRequest.generation_config.response_mime_type: a response schema is only allowed with "
            "response mime type application/json or text/x.enum\n"
        )
    if given == ["responseSchema"]:
        check_schema(config["responseSchema"], "generation_config.response_schema")
    else:
        check_json_schema(config[given[0]], "generation_config.response_json_schema")


def _check_thinking(thinking: JsonObject, model: str) -> None:
    """Raise `Refused` in Google's words (RooCodeInc/Roo-Code#10700, #4399; sterlp/eclipse-peon-ai#115)."""
    budget, level = thinking.get("thinkingBudget"), thinking.get("thinkingLevel")
    if budget is not None and level is not None:
        raise invalid("You can only set only one of thinking budget and thinking level.")
    if level is not None and generation(model) < _THIRD:
        raise invalid("Thinking level is not supported for this model.")
    if budget is not None and not -1 <= budget <= 32_768:  # noqa: PLR2004 - the widest range of any model
        raise invalid(f"The thinking budget ({budget}) is invalid.")


def _check_cache(request: JsonObject) -> None:
    name = request.get("cachedContent")
    if not name:
        return
    if not name.startswith(_CACHED):
        raise Refused(403, "CachedContent not found (or permission denied)")
    if any(field in request for field in ("systemInstruction", "tools", "toolConfig")):
        raise invalid(
            "CachedContent can not be used with GenerateContent request setting system_instruction, tools or "
            "tool_config.\n\nProposed fix: move those values to CachedContent from GenerateContent request."
        )

"""The order of turns: who may follow whom, which parts must carry a signature, and which signatures are genuine.

The words are Google's, as users quote them; where none is known, the docstring says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gstream.emulator.errors import JsonObject, invalid
from gstream.emulator.families import needs_signatures
from gstream.emulator.signatures import PLACEHOLDERS, is_own

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DATA", "check_turns", "current_turn_start", "parts_of"]

DATA: Final = (
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
)
"""The members of `Part.data`: a part has exactly one."""

_CALL_PLACE: Final = (
    "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
)
_RESPONSE_PLACE: Final = "Please ensure that function response turn comes immediately after a function call turn."
_RESPONSE_COUNT: Final = (
    "Please ensure that the number of function response parts is equal to the number of function call parts of the "
    "function call turn."
)
_SIGNATURE_MISSING: Final = (
    "Function call is missing a thought_signature in functionCall parts. This is required for tools to work "
    "correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call "
    "`default_api:{name}` , position {position}. Please refer to "
    "https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
)


def parts_of(content: JsonObject, kind: str) -> list[JsonObject]:
    """Return what stands under `kind` in the parts of one element of `contents[]`."""
    return [part[kind] for part in content.get("parts", ()) if kind in part]


def check_turns(contents: Sequence[JsonObject], model: str) -> None:
    """Raise `Refused` for the first turn that cannot stand where it stands."""
    if not contents:
        raise invalid("* GenerateContentRequest.contents: contents is not specified\n")
    for index, content in enumerate(contents):
        check_parts(content, f"contents[{index}]")
        role = content.get("role", "user" if len(contents) == 1 else "")
        if role not in {"user", "model"}:
            raise invalid("Please use a valid role: user, model.")
    _check_order(contents)
    _check_signatures(contents, model)


def check_parts(content: JsonObject, path: str) -> None:
    """Raise `Refused` for a content without parts, a part without data or with several kinds of it.

    An empty text without a signature is refused in the words for a part without data: that is what users report
    (router-for-me/CLIProxyAPI#1292, 54xzh/FLIT#69), though some models may be milder.
    """
    parts = content.get("parts")
    if not parts:
        raise invalid(f"* GenerateContentRequest.{path}.parts: contents.parts must not be empty.\n")
    for number, part in enumerate(parts):
        where = f"{path}.parts[{number}]"
        kinds = [kind for kind in DATA if kind in part]
        if len(kinds) > 1:
            raise invalid(
                f"Invalid value at '{where}' (oneof), oneof field 'data' is already set. Cannot set '{kinds[1]}'"
            )
        if not kinds or (kinds == ["text"] and not part["text"] and "thoughtSignature" not in part):
            raise invalid(
                f"* GenerateContentRequest.{where}.data: required oneof field 'data' must have one initialized field\n"
            )
        _check_members(part, where)


def _check_members(part: JsonObject, where: str) -> None:
    for kind, member in (("functionCall", "name"), ("functionResponse", "name"), ("inlineData", "mimeType")):
        if kind in part and not part[kind].get(member):
            spelled = {"functionCall": "function_call", "functionResponse": "function_response"}.get(kind)
            if spelled:
                raise invalid(f"* GenerateContentRequest.{where}.{spelled}.name: Name cannot be empty.\n")
            raise invalid(f"* GenerateContentRequest.{where}.inline_data.mime_type: mime_type is required.\n")


def _check_order(contents: Sequence[JsonObject]) -> None:
    calls = 0
    role = ""
    for content in contents:
        called, answered = parts_of(content, "functionCall"), parts_of(content, "functionResponse")
        if content.get("role") == "model":
            called, answered = _left_open(content)
        if answered and not calls:
            raise invalid(_RESPONSE_PLACE)
        if len(answered) != calls:
            raise invalid(_RESPONSE_COUNT)
        if called and (content.get("role") != "model" or role != "user"):
            raise invalid(_CALL_PLACE)
        calls, role = len(called), content.get("role", "user")
    if calls:
        raise invalid(_RESPONSE_COUNT)


def _left_open(content: JsonObject) -> tuple[list[JsonObject], list[JsonObject]]:
    """Return the calls and responses of a model's turn that its own parts do not bring together.

    Google's server-side MCP tools are called and answered within one turn of the model, in parts of the same kinds
    as a client's (recorded: js-genai, "should call server side MCP server").
    """
    called: list[JsonObject] = []
    answered: list[JsonObject] = []
    for part in content["parts"]:
        if "functionCall" in part:
            called.append(part["functionCall"])
        elif "functionResponse" in part:
            answer = part["functionResponse"]
            match = next((call for call in called if call.get("name") == answer.get("name")), None)
            if match is None:
                answered.append(answer)
            else:
                called.remove(match)
    return called, answered


def current_turn_start(contents: Sequence[JsonObject]) -> int:
    """Return the index of the last user turn with ordinary content (anything but function responses)."""
    for index in range(len(contents) - 1, -1, -1):
        content = contents[index]
        if content.get("role", "user") == "user" and not parts_of(content, "functionResponse"):
            return index
    return 0


def _check_signatures(contents: Sequence[JsonObject], model: str) -> None:
    """Raise `Refused` for a missing signature of the current turn, or one that was not issued for its part.

    Google documents the rule for Gemini 3 and its words; that a moved signature is refused like a corrupted one is
    this emulator's choice: it makes a client's mistake visible.
    """
    start = current_turn_start(contents)
    demanded = needs_signatures(model)
    for index, content in enumerate(contents):
        first = True
        for part in content["parts"]:
            signature = part.get("thoughtSignature")
            if "functionCall" in part:
                if first and demanded and index > start and not signature:
                    name = part["functionCall"]["name"]
                    raise invalid(_SIGNATURE_MISSING.format(name=name, position=index + 1))
                first = False
            if signature and signature not in PLACEHOLDERS and not is_own(part):
                raise invalid("Corrupted thought signature.")

"""The order of turns that the API demands, made from the order a conversation happened in; pure.

The rules, each decided once for both frameworks:

1. A part that says nothing (an empty text without a signature, media without data, a call without a name) is dropped;
   a turn left without parts is dropped; a prompt left without turns
   sends its system text as the user's, and one without any text is a `RequestError`.
2. Neighbouring turns of one role are joined, except that results of tools are never joined with what a user says.
3. All results of one model turn stand together in the one user turn right behind it, in the order of its calls. They
   are matched by id, then by name and order. A call without a result, or a result without a call, is a `RequestError`.
4. Gemini 3 demands the signature of the first call of each step since the user last spoke. Where history from another
   model lacks it, the documented placeholder stands in for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gstream.errors import RequestError
from gstream.messages import Blob, FileRef, FunctionCall, FunctionResponse, Opaque, Text, Thought, Turn
from gstream.models import facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gstream.messages import Part, Prompt

__all__ = ["PLACEHOLDER", "arranged"]

PLACEHOLDER: Final = "skip_thought_signature_validator"
"""What Google documents for calls that no Gemini 3 model made (ai.google.dev/gemini-api/docs/thought-signatures)."""


def arranged(prompt: Prompt) -> tuple[list[Turn], tuple[Part, ...]]:
    """Return the turns and the system parts as they are to be sent.

    Raises:
        RequestError: there is nothing to send, or calls and results do not match.
    """
    turns = _answered(_joined(_filled_turns(prompt.turns)))
    system = _filled(prompt.system)
    if not turns:
        if not system:
            raise RequestError("The prompt is empty: give at least one message with text or media in it.")
        turns, system = [Turn("user", system)], ()
    if facts(prompt.model).needs_signatures:
        turns = _signed(turns)
    return turns, system


def _filled(parts: Iterable[Part]) -> tuple[Part, ...]:
    return tuple(part for part in parts if _says_something(part))


def _says_something(part: Part) -> bool:
    """Whether a part holds what its kind is for; Google answers one that does not with 400."""
    if isinstance(part, Text | Thought):
        return bool(part.text or part.signature or part.extra)
    if isinstance(part, Blob):
        return bool(part.data)
    if isinstance(part, FileRef):
        return bool(part.uri)
    if isinstance(part, FunctionCall):
        return bool(part.name)
    if isinstance(part, Opaque):
        call = part.raw.get("functionCall")
        return bool(part.raw) and not (isinstance(call, dict) and not call.get("name"))
    return True


def _filled_turns(turns: Iterable[Turn]) -> list[Turn]:
    return [Turn(turn.role, parts) for turn in turns if (parts := _filled(turn.parts))]


def _has_results(parts: Iterable[Part]) -> bool:
    return any(isinstance(part, FunctionResponse) for part in parts)


def _joined(turns: Sequence[Turn]) -> list[Turn]:
    """Join neighbours of one role, in one pass; results of tools part from what a user says."""
    joined: list[tuple[Turn, list[Part]]] = []
    for turn in turns:
        for group in _apart(turn):
            if joined and joined[-1][0].role == turn.role and _has_results(joined[-1][1][:1]) == _has_results(group):
                joined[-1][1].extend(group)
            else:
                joined.append((turn, list(group)))
    return [Turn(first.role, tuple(parts)) for first, parts in joined]


def _apart(turn: Turn) -> list[Sequence[Part]]:
    """Return the results of a user turn first, what else it says second."""
    if turn.role == "model" or not _has_results(turn.parts):
        return [turn.parts]
    results = [part for part in turn.parts if isinstance(part, FunctionResponse)]
    rest = [part for part in turn.parts if not isinstance(part, FunctionResponse)]
    return [results, rest] if rest else [results]


def _answered(turns: list[Turn]) -> list[Turn]:
    """Put each model turn's results behind it in the order of its calls, and refuse what does not match."""
    result: list[Turn] = []
    for position, turn in enumerate(turns):
        if turn.role == "user" and _has_results(turn.parts):
            before = turns[position - 1] if position else None
            calls = [part for part in before.parts if isinstance(part, FunctionCall)] if before else []
            responses = [part for part in turn.parts if isinstance(part, FunctionResponse)]
            result.append(Turn("user", tuple(_matched(calls, responses))))
            continue
        calls = [part for part in turn.parts if isinstance(part, FunctionCall)] if turn.role == "model" else []
        after = turns[position + 1] if position + 1 < len(turns) else None
        if calls and (after is None or not _has_results(after.parts)):
            raise RequestError(
                f"The call of {calls[0].name!r} in message turn {position + 1} has no result behind it: add the "
                "tool's result (or leave the call out) before asking again."
            )
        result.append(turn)
    return result


def _matched(calls: Sequence[FunctionCall], responses: Sequence[FunctionResponse]) -> list[FunctionResponse]:
    """Return one response a call, in the calls' order, each under its call's name and server-given id."""
    waiting = list(responses)
    ordered: list[FunctionResponse] = []
    by_id = [_take(waiting, _same_id, call) for call in calls]
    for call, same in zip(calls, by_id, strict=True):
        found = same or _take(waiting, _same_name, call)
        if found is None:
            shown = f"{call.name!r} (id {call.id!r})" if call.id else f"{call.name!r}"
            raise RequestError(
                f"The call of {shown} has no result among the {len(responses)} given behind it: add the tool's result."
            )
        ordered.append(replace(found, name=call.name, id=call.id))
    if waiting:
        extra = waiting[0]
        shown = f"{extra.name!r} (id {extra.id!r})" if extra.id else f"{extra.name!r}"
        raise RequestError(
            f"The result of {shown} answers no call of the model turn before it: leave it out, or add the call."
        )
    return ordered


def _same_id(call: FunctionCall, response: FunctionResponse) -> bool:
    return bool(call.id) and response.id == call.id


def _same_name(call: FunctionCall, response: FunctionResponse) -> bool:
    return response.name in {call.name, ""} and not (response.id and call.id)


def _take(
    waiting: list[FunctionResponse], fits: Callable[[FunctionCall, FunctionResponse], bool], call: FunctionCall
) -> FunctionResponse | None:
    """Take the first response that fits the call out of `waiting`."""
    for position, response in enumerate(waiting):
        if fits(call, response):
            return waiting.pop(position)
    return None


def _signed(turns: list[Turn]) -> list[Turn]:
    """Give the first call of each step of the current turn the placeholder where it has no signature."""
    spoken = [position for position, turn in enumerate(turns) if turn.role == "user" and not _has_results(turn.parts)]
    start = spoken[-1] if spoken else 0
    return [_signed_step(turn) if position > start else turn for position, turn in enumerate(turns)]


def _signed_step(turn: Turn) -> Turn:
    first = next((part for part in turn.parts if isinstance(part, FunctionCall)), None)
    if turn.role != "model" or first is None or first.signature:
        return turn
    signed = replace(first, signature=PLACEHOLDER)
    return Turn(turn.role, tuple(signed if part is first else part for part in turn.parts))

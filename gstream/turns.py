"""The order of turns that the API demands, made from the order a conversation happened in; pure.

The rules, each decided once for both frameworks:

1. A part that says nothing (an empty text without a signature, media without data, a call without a name) is dropped,
   and so is a turn left without parts. A prompt left without turns sends its system text as the user's; one without any
   text is a `RequestError`.
2. Neighbouring turns of one role are joined, except that results of tools are never joined with what a user says: they
   come first, in a turn of their own.
3. All results of one model turn stand together in the one user turn right behind it, in the order of its calls. They
   are matched by id, then by name and order, and take their call's name and id. A call without a result, or a result
   without a call, is a `RequestError`: neither is invented nor left out, as either changes what the model believes.
4. Only the model calls, and only behind a user's turn; there is no third role. Results are the user's, except those
   that the server itself put behind a call in the model's turn (tools of `mcpServers`): they stay there and answer it.
   Anything else is a `RequestError`, as Google answers it with 400. Words of the model at the very start stay where
   they are, and so do those at the very end: the model goes on from there.
5. Gemini 3 demands the signature of the first call of each step since the user last spoke. Where history from another
   model lacks it, the documented placeholder stands in for it. Earlier turns and other models are sent none.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
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
        RequestError: there is nothing to send, calls and results do not match, or one stands where none may.
    """
    turns = _joined(_filled_turns(prompt.turns))
    _check_places(turns)
    turns = _answered(turns)
    system = _filled(prompt.system)
    if not turns:
        if not system:
            raise RequestError("The prompt is empty: give at least one message with text or media in it.")
        turns, system = [Turn("user", system)], ()
    if facts(prompt.model).needs_signatures:
        turns = _signed(turns)
    return turns, system


def _filled(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return parts if all(map(_says_something, parts)) else tuple(filter(_says_something, parts))


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
    filled = ((turn, _filled(turn.parts)) for turn in turns)
    return [turn if parts is turn.parts else Turn(turn.role, parts) for turn, parts in filled if parts]


def _has_results(parts: Iterable[Part]) -> bool:
    return any(isinstance(part, FunctionResponse) for part in parts)


def _joined(turns: Iterable[Turn]) -> list[Turn]:
    """Join neighbours of one role, in one pass; results of tools part from what else the user says, in front of it."""
    joined: list[Turn] = []
    for _, neighbours in groupby(turns, key=_role):
        run = list(neighbours)
        turn = run[0] if len(run) == 1 else Turn(run[0].role, tuple(part for turn in run for part in turn.parts))
        joined += _apart(turn)
    return joined


def _role(turn: Turn) -> str:
    return turn.role


def _apart(turn: Turn) -> list[Turn]:
    """Return the results of a user turn first, what else it says second."""
    if turn.role == "model" or not _has_results(turn.parts):
        return [turn]
    results = tuple(part for part in turn.parts if isinstance(part, FunctionResponse))
    rest = tuple(part for part in turn.parts if not isinstance(part, FunctionResponse))
    return [Turn(turn.role, results), Turn(turn.role, rest)] if rest else [turn]


def _check_places(turns: Sequence[Turn]) -> None:
    """Raise `RequestError` for a role, a call or a result that Google takes nowhere or not there."""
    for position, turn in enumerate(turns):
        if turn.role not in {"user", "model"}:
            raise RequestError(f"Message turn {position + 1} has the role {turn.role!r}: there are 'user' and 'model'.")
        called = next((part for part in turn.parts if isinstance(part, FunctionCall)), None)
        if called is not None and (turn.role == "user" or position == 0):
            where = "in a turn of the user" if turn.role == "user" else "at the beginning of the conversation"
            raise RequestError(
                f"The call of {called.name!r} stands {where} (message turn {position + 1}): only the model calls, and "
                "only behind what a user says, so keep the user's message in front of it."
            )


def _answered(turns: list[Turn]) -> list[Turn]:
    """Put each model turn's results behind it in the order of its calls, and refuse what does not match."""
    result: list[Turn] = []
    for position, turn in enumerate(turns):
        if turn.role == "user" and _has_results(turn.parts):
            before = turns[position - 1] if position else None
            calls = _open_calls(before) if before else []
            responses = [part for part in turn.parts if isinstance(part, FunctionResponse)]
            result.append(Turn("user", tuple(_matched(calls, responses))))
            continue
        calls = _open_calls(turn)
        after = turns[position + 1] if position + 1 < len(turns) else None
        if calls and (after is None or not _has_results(after.parts)):
            raise RequestError(
                f"The call of {calls[0].name!r} in message turn {position + 1} has no result behind it: add the "
                "tool's result (or leave the call out) before asking again."
            )
        result.append(turn)
    return result


def _open_calls(turn: Turn) -> list[FunctionCall]:
    """Return the calls of a turn that nothing in it answers."""
    calls: list[FunctionCall] = []
    for part in turn.parts:
        if isinstance(part, FunctionCall):
            calls.append(part)
        elif isinstance(part, FunctionResponse) and turn.role == "model":
            answered = next((call for call in calls if _same_id(call, part) or _same_name(call, part)), None)
            if answered is None:
                raise _orphan(part)
            calls.remove(answered)
    return calls


def _orphan(result: FunctionResponse) -> RequestError:
    shown = f"{result.name!r} (id {result.id!r})" if result.id else f"{result.name!r}"
    return RequestError(
        f"The result of {shown} answers no call of the model turn before it: leave it out, or add the call."
    )


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
        raise _orphan(waiting[0])
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

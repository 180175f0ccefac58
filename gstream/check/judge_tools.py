"""Verdicts on tool calls and signatures: each a pure function of the exchanges of a probe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gstream.check import questions
from gstream.check.verdict import Verdict, failed, not_offered, not_run, passed, quoted, told
from gstream.messages import Opaque
from gstream.models import facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gstream.check.exchange import Exchange, Seen
    from gstream.messages import FunctionCall

__all__ = ["call", "forbidden", "forced", "parallel", "result", "signatures"]


def _calls(exchange: Exchange) -> tuple[FunctionCall, ...]:
    return exchange.answer.calls if exchange.answer else ()


def _absent(exchange: Exchange) -> str:
    """Return what came in place of a call."""
    parts = exchange.answer.parts if exchange.answer else ()
    if any(isinstance(part, Opaque) and {"functionCall", "function_call"} & set(part.raw) for part in parts):
        return "a call came that names no function"
    return f"no call came; the answer is {quoted(exchange.text)}"


def _city(one: FunctionCall) -> str:
    value = one.args.get("city")
    return value if isinstance(value, str) else ""


def _wrong(calls: Sequence[FunctionCall]) -> str:
    """Return what is wrong with the form of calls; empty: nothing."""
    for one in calls:
        if one.name != questions.TOOL.name:
            return f"the call names {one.name!r}, not the tool {questions.TOOL.name!r}"
        if one.malformed is not None:
            return f"the arguments of the call are no JSON object: {one.malformed[:60]!r}"
        if not _city(one):
            return f"the call lacks the argument 'city': it came with {one.args!r}"
    return ""


def call(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge a call: there, by its name, with its argument."""
    calls = _calls(exchanges[0])
    if not calls:
        return failed(_absent(exchanges[0]))
    if wrong := _wrong(calls):
        return failed(wrong)
    if questions.CITIES[0].lower() not in _city(calls[0]).lower():
        return failed(f"the call is about {_city(calls[0])!r}, not {questions.CITIES[0]!r}")
    return passed(f"{calls[0].name}(city={_city(calls[0])!r})")


def parallel(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge two calls in one answer, told apart."""
    calls = _calls(exchanges[0])
    if wrong := _wrong(calls):
        return failed(wrong)
    cities = {city for city in questions.CITIES for one in calls if city.lower() in _city(one).lower()}
    if len(cities) < len(questions.CITIES):
        return failed(f"{len(calls)} call{'' if len(calls) == 1 else 's'} came, where two were to come at once")
    ids = [one.id for one in calls if one.id]
    if len(set(ids)) < len(ids):
        return failed(f"the calls share the id {ids[0]!r}, so that their results cannot be told apart")
    return passed(f"{len(calls)} calls in one answer")


def forced(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that a call came where one was demanded."""
    if _calls(exchanges[0]):
        return passed("mode ANY brought a call")
    return failed(f"mode ANY was ignored: no call came; the answer is {quoted(exchanges[0].text)}")


def forbidden(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that no call came where none was allowed."""
    if _calls(exchanges[0]):
        return failed("mode NONE was ignored: a call came")
    return passed("mode NONE brought no call")


def result(exchanges: Sequence[Exchange]) -> Verdict:
    """Judge that the answer speaks of the tool's result."""
    exchange = exchanges[0]
    if questions.DEGREES in exchange.text or questions.DEGREES.split(".", maxsplit=1)[0] in exchange.text:
        return passed("the answer speaks of the result")
    if _calls(exchange):
        return failed("the call was made again, as if its result had not come")
    return failed(f"the answer says nothing of the result ({questions.DEGREES} degrees): {quoted(exchange.text)}")


def signatures(seen: Seen) -> Verdict:
    """Judge that the signature of `call` came, and that it was taken back by `result`, where that was asked."""
    exchange = seen["call"][0]
    returned = seen.get("result", ())
    needed = facts(exchange.prompt.model).needs_signatures
    parts = exchange.answer.parts if exchange.answer else ()
    signed = [part for part in parts if part.signature]
    calls = _calls(exchange)
    if not signed and not needed:
        return not_offered(f"{facts(exchange.prompt.model).family or 'this model'} gives none, and needs none back")
    if needed and calls and not calls[0].signature:
        return failed("the call came without its signature, which this model demands back: something takes it out")
    error = returned[0].error if returned else None
    if error is not None and "signature" in error.message.lower():
        return failed(f"the signature came, but was refused on its way back: {told(error)}")
    if error is not None:
        return not_run("needs result, which failed for another reason")
    size = sum(len(part.signature or "") for part in signed)
    return passed(f"{len(signed)} came ({size:,} characters){' and went back' if returned else ''}")

"""Calls that arrive in pieces, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from gstream import Chunk, FunctionCall, Opaque, Part, Text
from gstream.calls import CallAssembler, OneCall
from gstream.parts import CallFragment


@dataclass(frozen=True)
class Case:
    id: str
    fragments: tuple[dict[str, Any], ...]
    parts: tuple[Part, ...]


def assembled(*fragments: dict[str, Any]) -> tuple[Part, ...]:
    assembler = CallAssembler()
    parts = [part for raw in fragments for part in assembler.feed(CallFragment(raw))]
    return (*parts, *assembler.close())


def begun(**fields: Any) -> dict[str, Any]:
    return {"name": "f", "willContinue": True, **fields}


def more(path: str, *, open_: bool = False, **value: Any) -> dict[str, Any]:
    item = {"jsonPath": path, **value, **({"willContinue": True} if open_ else {})}
    return {"partialArgs": [item], "willContinue": True}


def piece(text: str, name: str | None = None) -> dict[str, Any]:
    return {**({"name": name} if name else {}), "args": {"arguments": text}}


CASES = (
    Case(
        "a text in pieces",
        (begun(), more("$.city", open_=True, stringValue="To"), more("$.city", stringValue="kyo"), {}),
        (FunctionCall("f", {"city": "Tokyo"}),),
    ),
    Case(
        "two texts, each whole",
        (begun(), more("$.a", stringValue="x"), more("$.a", stringValue="y"), {}),
        (FunctionCall("f", {"a": "y"}),),
    ),
    Case(
        "numbers, truth and null",
        (begun(), more("$.n", numberValue=1.5), more("$.t", boolValue=False), more("$.z", nullValue="NULL_VALUE"), {}),
        (FunctionCall("f", {"n": 1.5, "t": False, "z": None}),),
    ),
    Case(
        "nested paths",
        (
            begun(),
            more("$.r.steps[0].name", stringValue="a"),
            more("$.r.steps[1].name", stringValue="b"),
            more("$['a b'][\"c.d\"]", stringValue="c"),
            more("$.matrix[0][1]", numberValue=1),
            {},
        ),
        (
            FunctionCall(
                "f", {"r": {"steps": [{"name": "a"}, {"name": "b"}]}, "a b": {"c.d": "c"}, "matrix": [[None, 1]]}
            ),
        ),
    ),
    Case(
        "snake case",
        (
            {"name": "f", "will_continue": True},
            {"partial_args": [{"json_path": "$.a", "string_value": "x"}], "will_continue": True},
            {},
        ),
        (FunctionCall("f", {"a": "x"}),),
    ),
    Case("the end is missing", (begun(id="7"), more("$.a", stringValue="x")), (FunctionCall("f", {"a": "x"}, "7"),)),
    Case(
        "a second call ends the first",
        (begun(), more("$.a", stringValue="x"), {"name": "g", "willContinue": False}),
        (FunctionCall("f", {"a": "x"}), FunctionCall("g", {})),
    ),
    Case("nothing but a beginning and an end", (begun(), {}), (FunctionCall("f", {}),)),
    Case("an end without a beginning", ({},), ()),
    Case("a piece without a call", ({"args": {"a": 1}},), (Opaque({"functionCall": {"args": {"a": 1}}}),)),
    Case(
        "whole arguments beside pieces",
        (begun(args={"a": 1}), more("$.b", numberValue=2), {}),
        (FunctionCall("f", {"a": 1, "b": 2}),),
    ),
    Case("a path that is none", (begun(), more("]x[", stringValue="y"), {}), (FunctionCall("f", {"]x[": "y"}),)),
    Case(
        "no path",
        (begun(), {"partialArgs": [{"stringValue": "y"}, 7, None], "willContinue": True}, {}),
        (FunctionCall("f", {"$": "y"}),),
    ),
    Case("pieces of no list", (begun(), {"partialArgs": {}, "willContinue": True}, {}), (FunctionCall("f", {}),)),
    # gateways in front of OpenAI models
    Case(
        "fragments of text",
        (piece("", "f"), piece('{"ci'), piece('ty": "x"'), piece("}")),
        (FunctionCall("f", {"city": "x"}),),
    ),
    Case(
        "fragments, the first of them text",
        (piece('{"ci', "f"), piece('ty": "x"}')),
        (FunctionCall("f", {"city": "x"}),),
    ),
    Case(
        "fragments of two calls",
        (piece("", "f"), piece('{"a": 1}'), piece("", "g"), piece('{"b":'), piece(" 2}")),
        (FunctionCall("f", {"a": 1}), FunctionCall("g", {"b": 2})),
    ),
    Case("a brace inside a string", (piece("", "f"), piece('{"a": "}'), piece('"}')), (FunctionCall("f", {"a": "}"}),)),
    Case(
        "fragments that are never whole",
        (piece("", "f"), piece('{"a": ')),
        (FunctionCall("f", {}, malformed='{"a": '),),
    ),
    Case("a call without arguments", (piece("", "f"),), (FunctionCall("f", {}),)),
    Case(
        "a parameter of the name arguments",
        (piece("--verbose", "run"),),
        (FunctionCall("run", {"arguments": "--verbose"}),),
    ),
    Case(
        "JSON in a parameter of that name",
        (piece('{"a": 1}', "run"),),
        (FunctionCall("run", {"arguments": '{"a": 1}'}),),
    ),
)


BROKEN = (
    Case("arguments as text in pieces", (begun(), {"args": '{"a": '}, {"args": "1}"}), (FunctionCall("f", {"a": 1}),)),
    Case(
        "arguments that stay broken",
        (begun(), {"args": '{"a": '}, {"args": "1"}, {}),
        (FunctionCall("f", {}, malformed='{"a": 1'),),
    ),
    Case(
        "pieces that are no objects",
        (begun(), {"partialArgs": [7, None], "willContinue": True}, {}),
        (FunctionCall("f", {}),),
    ),
    Case("an end with willContinue only", ({"willContinue": False},), ()),
    Case(
        "an empty fragment behind a whole call",
        (piece("", "f"), piece('{"a": 1}'), piece("")),
        (FunctionCall("f", {"a": 1}),),
    ),
)
KNOWN = [pytest.param(case) for case in BROKEN]


@pytest.mark.parametrize("case", [*CASES, *KNOWN], ids=lambda case: case.id)
def test_fragments_become(case: Case) -> None:
    assert case.parts == assembled(*case.fragments)


def test_a_call_keeps_the_first_signature_and_id_of_its_fragments() -> None:
    assembler = CallAssembler()
    first = assembler.feed(CallFragment(begun(id="1"), "s"))
    last = assembler.feed(CallFragment({"id": "2"}, "late"))

    assert first == []
    assert [FunctionCall("f", {}, "1", "s")] == last


def test_a_signature_that_comes_late_is_kept() -> None:
    assembler = CallAssembler()
    assembler.feed(CallFragment(begun()))

    assert [FunctionCall("f", {}, None, "s")] == assembler.feed(CallFragment({}, "s"))


def test_a_signature_on_an_end_without_a_beginning_is_not_lost() -> None:
    assembler = CallAssembler()

    (part,) = assembler.feed(CallFragment({}, "s"))

    assert part.signature == "s"


@pytest.mark.parametrize("index", ["99999999999999999999", "10000000", "99999"])
def test_a_hostile_index_costs_no_memory(index: str) -> None:
    (call,) = assembled(begun(), more(f"$.a[{index}]", numberValue=1), {})

    assert isinstance(call, FunctionCall)
    assert len(str(call.args)) < 200_000


def test_a_path_of_many_steps_costs_no_more_than_its_length() -> None:
    """Each index may point far behind its list's end, so a chain of them multiplies what one read costs."""
    (call,) = assembled(begun(), more("$.a" + "[9999]" * 20, numberValue=1), {})

    assert isinstance(call, FunctionCall)
    assert len(str(call.args)) < 200_000


F, G, H = (FunctionCall(name, {}) for name in "fgh")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            [Chunk((Text("a"), F, G)), Chunk((H,)), Chunk((Text("b"),)), Chunk(last=True)],
            [Chunk((Text("a"), F)), Chunk((Text("b"),)), Chunk(last=True, dropped=(G, H))],
            id="calls in several chunks",
        ),
        pytest.param(
            [Chunk((F,)), Chunk((G,), "STOP", last=True)],
            [Chunk((F,)), Chunk((), "STOP", last=True, dropped=(G,))],
            id="a call in the last chunk",
        ),
        pytest.param([Chunk((F,)), Chunk(last=True)], [Chunk((F,)), Chunk(last=True)], id="one call"),
        pytest.param([Chunk(()), Chunk(last=True)], [Chunk(()), Chunk(last=True)], id="no call"),
        pytest.param(
            [Chunk((F,)), Chunk((F, G), index=1), Chunk(last=True), Chunk(last=True, index=1)],
            [Chunk((F,)), Chunk((F,), index=1), Chunk(last=True), Chunk(last=True, index=1, dropped=(G,))],
            id="each candidate for itself",
        ),
    ],
)
def test_an_answer_is_held_to_its_first_call(given: list[Chunk], expected: list[Chunk]) -> None:
    one = OneCall()

    assert [kept for chunk in given for kept in one.feed([chunk])] == expected

"""The order of turns that the API demands, made from the order a conversation happened in."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gstream import Blob, FileRef, FunctionCall, FunctionResponse, Part, Prompt, RequestError, Text, Thought, Turn
from gstream.messages import local_id
from gstream.turns import PLACEHOLDER, arranged

FLASH, PRO3 = "gemini-2.5-flash", "gemini-3-pro-preview"
IMAGE = Blob("image/png", "YQ==")


def user(*parts: Part | str) -> Turn:
    return Turn("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def model(*parts: Part | str) -> Turn:
    return Turn("model", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def call(name: str = "f", id_: str | None = None, signature: str | None = None) -> FunctionCall:
    return FunctionCall(name, {}, id_, signature)


def result(name: str = "f", id_: str | None = None, value: int = 1) -> FunctionResponse:
    return FunctionResponse(name, {"r": value}, id_)


def sent(*turns: Turn, name: str = FLASH) -> list[Turn]:
    return arranged(Prompt(name, turns))[0]


@dataclass(frozen=True)
class Case:
    id: str
    turns: tuple[Turn, ...]
    sent: tuple[Turn, ...]


CASES = (
    Case("as it is", (user("a"), model("b"), user("c")), (user("a"), model("b"), user("c"))),
    Case("neighbours of one role are joined", (user("a"), user("b"), model("c"), model("d")), (user("a", "b"), model("c", "d"))),
    Case("empty texts are dropped", (user("a", "", "b"), model("", "c")), (user("a", "b"), model("c"))),
    Case("an empty turn is dropped and its neighbours joined", (user("a"), model(""), user("b")), (user("a", "b"),)),
    Case("a turn without parts is dropped", (user(), user("a"), model()), (user("a"),)),
    Case("an empty thought is dropped", (user("a"), model(Thought(""), "b")), (user("a"), model("b"))),
    Case("an empty text with a signature stays", (user("a"), model("b", Text("", "s"))), (user("a"), model("b", Text("", "s")))),
    Case("signed parts stay apart", (user("a"), model(Text("b", "s")), model("c")), (user("a"), model(Text("b", "s"), "c"))),
    Case("results that come one by one stand together", (user("a"), model(call("f"), call("g")), user(result("f")), user(result("g"))),
         (user("a"), model(call("f"), call("g")), user(result("f"), result("g")))),
    Case("results in another order", (user("a"), model(call("f"), call("g")), user(result("g"), result("f"))),
         (user("a"), model(call("f"), call("g")), user(result("f"), result("g")))),
    Case("results by id", (user("a"), model(call("f", "1"), call("f", "2")), user(result("f", "2", 2), result("f", "1", 1))),
         (user("a"), model(call("f", "1"), call("f", "2")), user(result("f", "1", 1), result("f", "2", 2)))),
    Case("results of one name without ids keep their order", (user("a"), model(call("f"), call("f")), user(result("f", None, 1), result("f", None, 2))),
         (user("a"), model(call("f"), call("f")), user(result("f", None, 1), result("f", None, 2)))),
    Case("a result takes its call's name and id", (user("a"), model(call("f", "1")), user(result("", "1"))), (user("a"), model(call("f", "1")), user(result("f", "1")))),
    Case("a result without an id", (user("a"), model(call("f", "1")), user(result("f"))), (user("a"), model(call("f", "1")), user(result("f", "1")))),
    Case("two calls under one id", (user("a"), model(call("f", "1"), call("f", "1")), user(result("f", "1", 1), result("f", "1", 2))),
         (user("a"), model(call("f", "1"), call("f", "1")), user(result("f", "1", 1), result("f", "1", 2)))),
    Case("what the user says behind results is a turn of its own", (user("a"), model(call()), user(result()), user("and?")),
         (user("a"), model(call()), user(result()), user("and?"))),
    Case("what the user says in the turn of the results", (user("a"), model(call()), user("and?", result(), IMAGE)),
         (user("a"), model(call()), user(result()), user("and?", IMAGE))),
    Case("calls in two neighbouring turns", (user("a"), model("x", call("f")), model(call("g")), user(result("g"), result("f"))),
         (user("a"), model("x", call("f"), call("g")), user(result("f"), result("g")))),
    Case("a result that the server gave stays in the model's turn", (user("a"), model(call("f"), result("f"), "b"), user("c")),
         (user("a"), model(call("f"), result("f"), "b"), user("c"))),
    Case("a call that the server answered and one that it did not", (user("a"), model(call("f"), result("f"), call("f")), user(result("f", None, 2))),
         (user("a"), model(call("f"), result("f"), call("f")), user(result("f", None, 2)))),
    Case("words of the model at the end", (user("a"), model("b")), (user("a"), model("b"))),
    Case("words of the model at the start", (model("a"), user("b")), (model("a"), user("b"))),
    Case("the model alone", (model("a"),), (model("a"),)),
    Case("results between what the user says", (user("a"), model(call("f"), call("g")), user(result("f"), "and?"), user(result("g"), "well?")),
         (user("a"), model(call("f"), call("g")), user(result("f"), result("g")), user("and?", "well?"))),
    Case("a call without a name is dropped", (user("a"), model("b", call("")), user("c")), (user("a"), model("b"), user("c"))),
    Case("media without data are dropped", (user("a", Blob("image/png", ""), FileRef("")),), (user("a"),)),
    Case("a loop of steps", (user("a"), model(call("f")), user(result("f")), model(call("g")), user(result("g")), model("done")),
         (user("a"), model(call("f")), user(result("f")), model(call("g")), user(result("g")), model("done"))),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_turns_are_sent_as(case: Case) -> None:
    assert list(case.sent) == sent(*case.turns)


def test_a_result_with_an_id_goes_to_its_call_also_behind_a_call_of_the_same_name_without_one() -> None:
    """A server may give an id to some calls only; a decoder drops an id that comes twice."""
    turns = sent(user("a"), model(call("f"), call("f", "2")), user(result("f", "2", 2), result("f", None, 1)))

    assert user(result("f", None, 1), result("f", "2", 2)) == turns[-1]


def test_results_are_matched_by_local_ids() -> None:
    one, two = local_id(), local_id()
    turns = sent(user("a"), model(call("f", one), call("f", two)), user(result("f", two, 2), result("f", one, 1)))

    assert user(result("f", one, 1), result("f", two, 2)) == turns[-1]


@pytest.mark.parametrize(
    ("turns", "words"),
    [
        ((user("a"), model(call("look"))), "'look'.* no result"),
        ((user("a"), model(call("look")), user("b")), "'look'.* no result"),
        ((user("a"), model(call("look"), call("see")), user(result("look"))), "'see' has no result among the 1"),
        ((user("a"), model(call("look", "7")), user(result("look", "8"))), "id '7'"),
        ((user("a"), model("b"), user(result("look"))), "'look' answers no call"),
        ((user(result("look")),), "'look' answers no call"),
        ((user("a"), user(result("look"))), "'look' answers no call"),
        (
            (user("a"), model(call("look")), user(result("look"), result("see", "9"))),
            r"'see' \(id '9'\) answers no call",
        ),
        ((model(call("look")), user(result("look"))), "call of 'look' stands at the beginning"),
        ((model("so", call("look")), user(result("look"))), "call of 'look' stands at the beginning"),
        ((user("a", call("look")), user(result("look"))), "call of 'look' stands in a turn of the user"),
        ((user("a"), model("b"), model(result("look"))), "'look' answers no call"),
        ((user("a"), model(call("look"), result("look")), user(result("look"))), "'look' answers no call"),
        ((user("a"), model(call("look"), result("look"), call("look"))), "'look'.* no result"),
        ((user("a"), Turn("assistant", (Text("b"),))), "turn 2 has the role 'assistant'"),  # type: ignore[arg-type]  # a caller without mypy
        ((), "empty"),
        ((user(""), model(Thought(""))), "empty"),
    ],
)
def test_what_does_not_match_is_a_request_error_that_names_it(turns: tuple[Turn, ...], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        sent(*turns)


def test_a_system_text_alone_is_sent_as_the_users() -> None:
    assert ([user("s")], ()) == arranged(Prompt(FLASH, (), system=(Text("s"),)))
    assert ([user("a")], (Text("s"),)) == arranged(Prompt(FLASH, (user("a"),), system=(Text("s"), Text(""))))


def signatures(turns: list[Turn]) -> list[list[str | None]]:
    return [
        [part.signature for part in turn.parts if isinstance(part, FunctionCall)]
        for turn in turns
        if turn.role == "model"
    ]


HISTORY = (
    user("a"), model(call("f")), user(result("f")), model("b"),
    user("c"), model(call("f"), call("g")), user(result("f"), result("g")), model("hm", call("h")), user(result("h")),
)  # fmt: skip


def test_calls_of_the_current_turn_get_the_placeholder_where_gemini_3_demands_a_signature() -> None:
    """The first call of each step since the user last spoke; earlier turns are not checked."""
    assert signatures(sent(*HISTORY, name=PRO3)) == [[None], [], [PLACEHOLDER, None], [PLACEHOLDER]]


@pytest.mark.parametrize("name", [FLASH, "gpt-5", "gemini-2.0-flash"])
def test_no_placeholder_goes_to_other_models(name: str) -> None:
    assert signatures(sent(*HISTORY, name=name)) == [[None], [], [None, None], [None]]


@pytest.mark.parametrize("name", ["google/gemini-3-pro-preview", "gemini-3-flash-preview", "[vip]gemini-3.5-flash"])
def test_the_placeholder_is_decided_by_the_family_inside_the_name(name: str) -> None:
    assert PLACEHOLDER in signatures(sent(*HISTORY, name=name))[-1]


def test_a_signature_that_is_there_stays() -> None:
    turns = sent(user("a"), model(call("f", None, "s"), call("g")), user(result("f"), result("g")), name=PRO3)

    assert signatures(turns) == [["s", None]]


def test_a_result_with_words_behind_it_ends_the_current_turn() -> None:
    turns = sent(user("a"), model(call("f")), user(result("f")), user("stop, do this"), name=PRO3)

    assert signatures(turns) == [[None]]

"""What the mutation run makes of mutmut's files: what a mutant changed, whether it counts, and what explains it."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from tests.mutants.explanations import explained, judge, stub
from tests.mutants.mutants import Mutant, difference, read_mutants, rewords
from tests.mutants.subjects import SUBJECTS
from tests.mutants.workshop import ROOT, Workshop, undecorated

if TYPE_CHECKING:
    from pathlib import Path


def body(line: str) -> list[str]:
    return ["def f(self):", f"    {line}"]


def mutant(outcome: Any, before: str = "a < b", after: str = "a <= b") -> Mutant:
    return Mutant("gstream.x.x_f__mutmut_1", "gstream.x", "f", before, after, outcome)


@pytest.mark.parametrize(
    ("old", "new", "only_words"),
    [
        ('raise E("It is too long.")', 'raise E("XXIt is too long.XX")', True),
        ('raise E(f"It is {x}." "Wait for it.")', 'raise E(f"It is {x}." "wait for it.")', True),
        ('raise E("It is too long.")', "raise E(None)", False),
        ('raise E(f"It is {x[:9]} too long.")', 'raise E(f"It is {x[:10]} too long.")', False),
        ('x = y["candidates"]', 'x = y["CANDIDATES"]', False),
        ('x = ": ".join(y)', 'x = "XX: XX".join(y)', False),
        ("x = 1", "x = 2", False),
        ("x = y", "x = y", False),
    ],
)
def test_a_mutant_counts_unless_it_changes_nothing_but_the_words_of_a_sentence(
    old: str,
    new: str,
    only_words: bool,  # noqa: FBT001 - a case
) -> None:
    assert only_words == rewords(body(old), body(new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (["a", "  b", "c"], ["a", "  x", "c"], ("b", "x")),
        (["a", "  b(", "    1,", "  )", "c"], ["a", "  b(", "  )", "c"], ("1,", "")),
        (["a", "  b", "  c"], ["a", "  x", "  y"], ("b c", "x y")),
        (["a", "a"], ["a", "a", "a"], ("", "a")),
    ],
)
def test_a_mutant_is_known_by_the_lines_it_changes(old: list[str], new: list[str], expected: tuple[str, str]) -> None:
    assert expected == difference(old, new)


def test_the_copy_has_decorators_below_their_functions_as_mutmut_leaves_decorated_ones_alone() -> None:
    source = (
        "@cache\ndef f() -> int:\n    return 1\n\n\n"
        "class C:\n    @property\n    def p(self) -> int:\n        return f()\n\n"
        "    @classmethod\n    def m(cls) -> int:\n        return 2\n\n    def n(self) -> int:\n        return 3\n"
    )
    copy = undecorated(source)

    assert "@cache" not in copy
    assert "@property" not in copy
    assert "    return 1\nf = cache(f)\n" in copy
    assert "        return f()\n    p = property(p)\n" in copy
    assert "    @classmethod\n    def m(cls) -> int:\n" in copy
    assert copy.count("\n") == source.count("\n"), "one line less above, one more below"


def test_a_survivor_is_explained_as_often_as_it_is_listed() -> None:
    known = ("gstream.x", "f", "a < b", "a <= b")

    assert judge([mutant("survived")], [known]).holds
    assert judge([mutant("untested")], [known]).holds
    assert judge([mutant("survived")] * 2, [known]).unexplained == (mutant("survived"),)
    assert judge([mutant("survived", after="a > b")], []).unexplained == (mutant("survived", after="a > b"),)
    assert not judge([mutant("survived")] * 2, [known]).holds


def test_an_explanation_of_what_is_killed_or_gone_is_stale() -> None:
    known = ("gstream.x", "f", "a < b", "a <= b")

    assert judge([mutant("killed")], [known]).stale == (known,)
    assert judge([], [known]).stale == (known,)
    assert not judge([], [known]).holds


def test_a_mutant_that_was_not_judged_is_left_over_even_where_it_is_explained() -> None:
    known = ("gstream.x", "f", "a < b", "a <= b")

    assert judge([mutant("unknown")], [known]).unexplained == (mutant("unknown"),)


def test_a_reworded_sentence_does_not_count() -> None:
    verdict = judge([mutant("reworded"), mutant("killed")], [])

    assert (verdict.mutants, verdict.killed, verdict.reworded) == (1, 1, 1)
    assert verdict.holds


@pytest.mark.parametrize("quote", ["a == 'x'", 'a == "x"', r"a == '\n'"])
def test_what_is_left_over_is_printed_as_the_file_that_explains_takes_it(quote: str, tmp_path: Path) -> None:
    left = mutant("survived", quote, "")
    path = tmp_path / "x.toml"
    path.write_text(stub(left).replace('why = ""', 'why = "Because."'))

    assert judge([left], explained(path)).holds


def test_an_explanation_without_a_reason_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(stub(mutant("survived")))

    with pytest.raises(ValueError, match="has no reason"):
        explained(path)


def test_mutants_are_read_from_what_mutmut_leaves(tmp_path: Path) -> None:
    mutated = tmp_path / "mutants" / "gstream" / "x.py"
    mutated.parent.mkdir(parents=True)
    bodies = {"orig": "1", "1": "2", "2": "None", "3": "-1", "4": "0"}
    lines: list[str] = []
    spans = {}
    for name, value in bodies.items():
        spans[f"xǁCǁf__mutmut_{name}"] = [len(lines) + 1, len(lines) + 2]
        lines += [f"    def xǁCǁf__mutmut_{name}(self):", f"        return {value}"]
    mutated.write_text("\n".join(lines))
    codes = dict(zip((f"gstream.x.xǁCǁf__mutmut_{name}" for name in "1234"), (0, 1, 33, None), strict=True))
    mutated.with_name("x.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    mutated.with_name("x.py.spans").write_text(json.dumps({"spans": spans}))
    found = read_mutants(tmp_path, "gstream/x.py")

    assert [each.outcome for each in found] == ["survived", "killed", "untested", "unknown"]
    assert {(each.module, each.function, each.before) for each in found} == {("gstream.x", "C.f", "return 1")}
    assert [each.after for each in found] == ["return 2", "return None", "return -1", "return 0"]


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_subject_names_files_tests_and_explanations_that_are_there(name: str) -> None:
    subject = SUBJECTS[name]
    tests = [ROOT / test.partition("::")[0] for test in (*subject.tests, *subject.deselected)]
    path = ROOT / "tests" / "mutants" / "survivors" / f"{name}.toml"

    assert Workshop(name, subject).sources()
    assert [test for test in tests if not test.exists()] == []
    assert not path.exists() or tomllib.loads(path.read_text()).keys() == {"survivor"}

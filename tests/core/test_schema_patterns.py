"""Patterns of texts: found where Python finds them, in time that grows with the text."""

from __future__ import annotations

import re

import pytest

from gstream.schema import conforms
from gstream.schema.patterns import _engine, _run, found

# What both ways of following a pattern are asked; the own one must know each.
PATTERNS = [
    "",
    "a",
    "ab|cd",
    "^(ab|cd)$",
    "a*b",
    "a+b",
    "a?b",
    "a{2}b",
    "a{2,}b",
    "a{2,3}b",
    "a{,2}b",
    "a{,}b",
    "^a{2,3}$",
    "^a{0,1}$",
    "^a{0}$",
    "a{}",
    "a*?b",
    "a+?b",
    "a??b",
    "a{1,2}?b",
    "^(a|b)*$",
    "^(ab){2}$",
    "^(?:ab)+$",
    "^(?P<name>ab)+$",
    "(a(b(c)))",
    "(|a)b",
    "(a|)b",
    "()*b",
    "(){3}b",
    "^(|a|b)+$",
    "[abc]+d",
    "[^abc]+$",
    "[]a]b",
    "[^]a]b",
    r"[\]a]b",
    r"[a\\]b",
    "[a-c]d",
    "[|]",
    "[(]",
    "[*+]",
    r"\|",
    r"\.",
    r"\(",
    r"\\",
    r"\d+",
    r"^\D+$",
    r"\s\w",
    r"\S\W",
    r"\bab\b",
    r"a\Bb",
    r"\Aab",
    r"ab\Z",
    r"\x61b",
    r"\u0061b",
    r"\U00000061b",
    r"^\x61b$",
    r"^\u0061b$",
    r"^\U00000061b$",
    r"\n",
    r"\t",
    "a.c",
    "a$",
    "^$",
    "^",
    "$",
    "(?=a)a",
    "(?!a)b",
    "(?<=a)b",
    "(?<!a)b",
    "(?=a*b)a",
    "a(?=b|c)",
    "^(?=.*b)(?=.*c)[abc]+$",
    "(?i)AB",
    "(?i)[A-C]+d",
    "(?s)a.b",
    "(?m)^b$",
    "(?a)\\w",
    "(?u)\\w",
    "(?is)A.B",
    "(a+)+$",
    "(a|aa)+$",
    "(a*)*b",
    "x*y*z*",
    "a|b|c|d",
    "a||b",
    "-",
    "#",
    "{",
    "{a}",
    "a{b}",
    "Xa",
]
TEXTS = [
    "", "a", "b", "ab", "aab", "aaab", "aaaab", "ba", "cd", "abab", "abc", "a b", "a\nb", "b\n", "\n", "\t", "a.c", ".",
    "aa", "aaa", "d", "abd", "bd", "]b", "\\b", "\\", "|", "(", "*", "é", " é", "1", "12", "AB", "A\nB", "aB", "xyz",
    "a{}", "a{,}b", "{", "{a}", "a{b}", "-", "#", "acb", "cab", "name", "Xa",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_found_where_python_finds_it(pattern: str) -> None:
    program = _engine(pattern).program
    assert program is not None
    expected = [re.search(pattern, text) is not None for text in TEXTS]

    assert [_run(program, text) for text in TEXTS] == expected
    assert [found(pattern, text) for text in TEXTS] == expected


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_found_in_a_long_text_as_in_a_short_one(pattern: str) -> None:
    far = "!" * 1_001
    texts = [far, f"ab{far}", f"{far}ab", f"{far}\nb"]

    assert [found(pattern, text) for text in texts] == [re.search(pattern, text) is not None for text in texts]


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("(?:aa?|a|ab?|a)+c", "a" * 200, False),
        (r"^(\w+\s?)+$", "word " * 40 + "!", False),
        ("a?" * 40 + "a" * 40, "a" * 39, False),
        ("a?" * 40 + "a" * 40, "a" * 40, True),
        ("a{0,60}a{0,60}a{0,60}a{0,60}a{0,60}c", "a" * 300, False),
        ("(?:a|aa)" * 40 + "b", "a" * 80, False),
        ("(?:a|aa)" * 40 + "b", "a" * 80 + "b", True),
        ("a*a*a*a*a*a*a*b", "a" * 400, False),
        ("a*(?=a*b)c", "a" * 900, False),
        ("(){1000000000}x", "y" * 1_200, False),
        ("((){1000000000}){1000000000}x", "yx", True),
        ("^(a|b){1,200}$", "ab" * 100, True),
        ("^(a|b){1,200}$", "ab" * 100 + "a", False),
    ],
)
def test_no_pattern_keeps_anyone_busy(pattern: str, text: str, fits: bool) -> None:  # noqa: FBT001
    """Python's own engine would try each combination of the alternatives one after the other."""
    assert found(pattern, text) == fits


@pytest.mark.parametrize(
    "pattern",
    [r"(a)\1", r"(?P<x>a)(?P=x)", "(?>a+)b", "a++b", "(a)?(?(1)b|c)", "(?i:a)b", r"\N{DIGIT ONE}", r"a\07", "(?x) a"],
)
def test_what_only_python_s_engine_can_follow_is_followed_by_it_in_short_texts(pattern: str) -> None:
    """Groups referred to, atomic groups, possessive repetitions, conditions, flags in the middle, names, octals."""
    assert _engine(pattern).program is None
    assert [found(pattern, text) for text in TEXTS] == [re.search(pattern, text) is not None for text in TEXTS]


@pytest.mark.parametrize(
    ("pattern", "length", "judged"),
    [
        (r"^(a)\1$", 200, True),
        (r"^(a)\1$", 201, False),
        (r"^(XXX)\1$", 200, True),
        (r"^(a|b|c|d|e|f|g|h)+?\1$", 4, True),
        (r"^(a|b|c|d|e|f|g|h)+?\1$", 5, False),
        (r"^(a+)\1$", 199, True),
        (r"^(a+)\1$", 201, False),
        (r"^(a+)+\1$", 7, True),
        (r"^(a+)+\1$", 9, False),
        (r"^(a|aa|a)\1$", 7, True),
        (r"^(a|aa|a)\1$", 9, False),
        (r"^(?:a?)(a*)\1$", 8, True),
        (r"^(?:a?)(a*)\1$", 9, False),
        (r"^(?:(a?)*){2}\1$", 6, True),
        (r"^(?:(a?)*){2}\1$", 7, False),
        ("(?=(?:a+)+$)a", 7, True),
        ("(?=(?:a+)+$)a", 9, False),
        ("(?>(?:a|aa)+)$", 7, True),
        ("(?>(?:a|aa)+)$", 9, False),
    ],
)
def test_a_text_that_might_keep_python_s_engine_busy_is_let_through(pattern: str, length: int, judged: bool) -> None:  # noqa: FBT001
    """Of `length` characters, the last of which does not fit, so that only a judge says no."""
    assert found(pattern, "a" * (length - 1) + "!") is not judged


def test_a_program_has_five_thousand_steps_and_its_end() -> None:
    program = _engine("a" * 5_000).program

    assert program is not None
    assert len(program) == 5_001
    assert _engine("a" * 5_001).program is None


def test_a_pattern_too_large_for_a_program_is_left_to_python_s_engine() -> None:
    large = "^" + "[ab]" * 6_000
    assert _engine(large).program is None

    assert not found(large, "a" * 900)
    assert found(large, "a" * 1_001), "where one repetition, tried at each place, might take long"


def test_a_large_pattern_with_repetitions_in_repetitions_lets_long_texts_through() -> None:
    large = "^(?:(?:a{1,100}b?){1,100})$"
    assert _engine(large).program is None

    assert not found(large, "!!")
    assert found(large, "!" * 30)


@pytest.mark.parametrize("pattern", ["(?<year>a)", r"\p{L}", "(", "[a", "a**", "*", "a{2,1}", r"\u00", "(?P<1>a)"])
def test_a_pattern_of_another_dialect_is_found_in_every_text(pattern: str) -> None:
    assert found(pattern, "")
    assert found(pattern, "b" * 3_000)


def test_a_pattern_nested_beyond_reading_is_found_in_every_text() -> None:
    assert found("(" * 5_000 + "a" + ")" * 5_000, "b")


@pytest.mark.parametrize(
    ("pattern", "simple"),
    [
        ("^a$", True),
        (r"(b)\1", False),
        ("a*", True),
        ("a*b*", False),
        ("a*b+", False),
        ("a{2,}", True),
        ("a{2,}b{2,}", False),
        ("(a|b)+", False),
        ("(ab)*", False),
        ("(ab)?", True),
        ("(ab){1}", True),
        ("(ab){2}", False),
        ("a|b|c|d|e|f|g|h", True),
        ("a|b|c|d|e|f|g|h|i", False),
        ("(a|b)(a|b)(a|b)", True),
        ("(a|b)(a|b)(a|b)(a|b)", False),
        ("a?b?c?", True),
        ("a?b?c?d?", False),
        ("a{1,8}", True),
        ("a{1,9}", False),
        ("a{5}", True),
        ("a*(b|c)", True),
        ("(?=a*)b", True),
        ("(?=a*)b*", False),
        ("(?=a|b)(c|d)(e|f)", True),
        ("(?=a|b)(c|d)(e|f)(g|h)", False),
        ("(a+)(?=b)", True),
        ("(?:(ab)*)(?=b)", False),
        ("(?:(ab)*)(b)", False),
        ("a*(b*)", False),
        ("a{1,4}b*", True),
        ("a?b?c*", True),
        ("(a|b)(c|d)e*f?", True),
    ],
)
def test_python_s_engine_is_trusted_where_it_tries_few_combinations(pattern: str, simple: bool) -> None:  # noqa: FBT001
    """One repetition at most, no repetition of what repeats or branches, and no more than eight alternatives."""
    assert _engine(pattern).simple is simple


def test_a_long_text_is_not_given_to_python_s_engine() -> None:
    """Tried at each of 60,000 places, even one repetition would take minutes."""
    assert conforms("a" * 60_000, {"pattern": "a*b"}) is not None

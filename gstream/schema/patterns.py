r"""Is a regular expression of a schema found in a text? In time that grows with the text, never exponentially.

Python's own engine tries alternatives one after the other, so that a pattern like `^(a+)+$` can keep it busy for years.
It is used where that cannot happen; for other patterns all alternatives are followed at once, character by character.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias

__all__ = ["found"]

_QUADRATIC: Final = 1_000
"""Characters from which even one repetition, tried at each place, takes noticeable time."""
_CUBIC: Final = 200
"""The same where what was repeated may have to be compared besides (`(a+)\\1`)."""
_MOST_PATHS: Final = 10_000
"""Ways through a text that Python's engine may try one after the other."""
_MOST_WAYS: Final = 8
"""The same for the alternatives of a pattern alone, without what it repeats."""
_MOST_STEPS: Final = 5_000
"""The size of a program; `(a{1,100}){1,100}` would be larger."""

_REPETITION: Final = re.compile(r"\*|\+|\?|\{(\d*)(,?)(\d*)\}")
_FLAGS: Final = re.compile(r"\(\?([aimsu]+)\)")


def found(pattern: str, text: str) -> bool:
    """Tell whether `pattern` is found in `text`; a pattern that Python cannot read is found in every text.

    The same holds for what only Python's own engine can follow (references to groups, atomic groups, repetitions in
    look-arounds) where the text is longer than a dozen characters and the pattern might keep it busy.
    """
    engine = _engine(pattern)
    if engine.compiled is None:
        return True
    if engine.simple and len(text) <= _QUADRATIC:
        return engine.compiled.search(text) is not None
    if engine.program is not None:
        return _run(engine.program, text)
    if engine.simple or not _ends_soon(pattern, len(text)):
        return True
    return engine.compiled.search(text) is not None


def _ends_soon(pattern: str, length: int) -> bool:
    """Tell whether Python's engine ends soon on a text of so many characters, for a pattern of which nothing is known.

    At each character it has as many ways to go on as the pattern has repetitions and alternatives, and one more.
    """
    choices = sum(map(pattern.replace("(?", "(").count, "|*+?{"))
    return length <= _CUBIC if choices <= 1 else (choices + 1) ** min(length, _CUBIC) <= _MOST_PATHS


@dataclass(frozen=True)
class _Engine:
    compiled: re.Pattern[str] | None
    simple: bool
    """Whether Python's engine takes quadratic time at most."""
    program: list[_Step] | None


@lru_cache(maxsize=256)
def _engine(pattern: str) -> _Engine:
    try:
        compiled = re.compile(pattern)
        reader = _Reader(pattern)
        node = reader.choice()
    except (re.error, OverflowError, RecursionError, FutureWarning):  # another dialect: not ours to judge
        return _Engine(None, simple=True, program=None)
    except _BeyondError:
        return _Engine(compiled, simple=False, program=None)
    program = _Compiler(reader.flags)
    try:
        program.write(node)
    except (_BeyondError, RecursionError):
        return _Engine(compiled, simple=reader.simple, program=None)
    return _Engine(compiled, simple=reader.simple, program=[*program.steps, _Step("end")])


class _BeyondError(Exception):
    """The pattern needs Python's own engine."""


# -- reading ----------------------------------------------------------------------------------------------------------


@dataclass
class _Atom:
    """What is one character, or none (`^`, a word's edge, look-around), as the pattern spells it."""

    text: str
    empty: bool = False


@dataclass
class _Repeat:
    node: _Node
    least: int
    most: int | None


@dataclass
class _Choice:
    """Alternatives, each a sequence."""

    ways: list[list[_Node]] = field(default_factory=list)


_Node: TypeAlias = "_Atom | _Repeat | _Choice"


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.place = 0
        self.flags = 0
        self.open = 0
        """How many repetitions without end were read."""
        self.ways = 1
        """How many combinations of alternatives and of other repetitions were read."""
        self.grouped = False
        """Whether something that repeats or branches is itself repeated."""
        if (flags := _FLAGS.match(pattern)) is not None:
            self.place = flags.end()
            for letter in flags[1]:
                self.flags |= getattr(re, letter.upper())

    @property
    def simple(self) -> bool:
        return self.open <= 1 and self.ways <= _MOST_WAYS and not self.grouped

    def choice(self) -> _Choice:
        node = _Choice([[]])
        while self.place < len(self.pattern) and self.pattern[self.place] != ")":
            if self.pattern[self.place] == "|":
                self.place += 1
                node.ways.append([])
            else:
                node.ways[-1].append(self.repeated(self.one()))
        self.ways *= len(node.ways)
        return node

    def repeated(self, node: _Node) -> _Node:
        match = _REPETITION.match(self.pattern, self.place)
        if match is None or match[0] == "{}":
            return node
        self.place = match.end()
        if self.pattern[self.place : self.place + 1] == "+":
            raise _BeyondError  # possessive
        self.place += self.pattern[self.place : self.place + 1] == "?"
        sign = match[0]
        if sign in "*+?":
            least, most = int(sign == "+"), 1 if sign == "?" else None
        else:
            least = int(match[1] or 0)
            most = int(match[3]) if match[3] else None if match[2] else least
        self.open += most is None
        self.ways *= 1 if most is None else most - least + 1
        self.grouped = self.grouped or (isinstance(node, _Choice) and most != 1)
        return _Repeat(node, least, most)

    def one(self) -> _Node:
        start, letter = self.place, self.pattern[self.place]
        if letter == "(":
            return self.group()
        if letter == "[":
            self.klass()
        elif letter == "\\":
            self.escape()
            if self.pattern[start + 1] in "bBAZ":
                return _Atom(self.pattern[start : self.place], empty=True)
        else:
            self.place += 1
        return _Atom(self.pattern[start : self.place], empty=letter in "^$")

    def group(self) -> _Node:
        start = self.place
        head = re.compile(r"\((?:\?(?::|P<\w+>|(=|!|<=|<!)))?").match(self.pattern, start)
        if head is None or self.pattern[head.end() : head.end() + 1] == "?":
            raise _BeyondError  # flags in the middle, atomic groups, references, conditions
        self.place = head.end()
        outside = self.open, self.ways, self.grouped
        self.open, self.ways, self.grouped = 0, 1, False
        node = self.choice()
        self.place += 1
        if head[1] is not None and not self.simple:
            raise _BeyondError
        self.open, self.ways, self.grouped = self.open + outside[0], self.ways * outside[1], self.grouped or outside[2]
        return node if head[1] is None else _Atom(self.pattern[start : self.place], empty=True)

    def klass(self) -> None:
        self.place += 1
        self.place += self.pattern.startswith("^", self.place)
        self.place += self.pattern.startswith("]", self.place)
        while self.pattern[self.place] != "]":
            if self.pattern[self.place] == "\\":
                self.escape()
            else:
                self.place += 1
        self.place += 1

    def escape(self) -> None:
        letter = self.pattern[self.place + 1]
        if letter in string.digits or letter == "N":
            raise _BeyondError
        self.place += {"x": 4, "u": 6, "U": 10}.get(letter, 2)


# -- following --------------------------------------------------------------------------------------------------------


@dataclass
class _Step:
    """One step of a program: "one" character, an "empty" test, a "fork" to two steps, or the "end"."""

    kind: str
    test: re.Pattern[str] | None = None
    first: int = 0
    second: int = 0


class _Compiler:
    def __init__(self, flags: int) -> None:
        self.flags = flags
        self.steps: list[_Step] = []

    def add(self, step: _Step) -> _Step:
        if len(self.steps) >= _MOST_STEPS:
            raise _BeyondError
        self.steps.append(step)
        return step

    def write(self, node: _Node) -> None:
        if isinstance(node, _Atom):
            self.add(_Step("empty" if node.empty else "one", re.compile(node.text, self.flags)))
        elif isinstance(node, _Choice):
            self.choice(node)
        else:
            for _ in range(node.least):
                before = len(self.steps)
                self.write(node.node)
                if len(self.steps) == before:  # what is empty is empty however often
                    break
            if node.most is None:
                fork, start = self.add(_Step("fork")), len(self.steps)
                self.write(node.node)
                back = self.add(_Step("fork"))
                back.first = back.second = start - 1
                fork.first, fork.second = start, len(self.steps)
            for _ in range((node.most or 0) - node.least):
                fork = self.add(_Step("fork"))
                fork.first = len(self.steps)
                self.write(node.node)
                fork.second = len(self.steps)

    def choice(self, node: _Choice) -> None:
        leaving: list[_Step] = []
        for number, way in enumerate(node.ways):
            fork = self.add(_Step("fork", first=len(self.steps) + 1)) if number < len(node.ways) - 1 else None
            for item in way:
                self.write(item)
            if fork is not None:
                leaving.append(self.add(_Step("fork")))
                fork.second = len(self.steps)
        for step in leaving:
            step.first = step.second = len(self.steps)


def _run(program: list[_Step], text: str) -> bool:
    """Follow all ways at once, beginning anew at each character."""
    current: set[int] = set()
    for place in range(len(text) + 1):
        current.add(0)
        waiting, reached = list(current), set(current)
        following: set[int] = set()
        while waiting:
            number = waiting.pop()
            step = program[number]
            if step.kind == "end":
                return True
            if step.kind == "one":
                if place < len(text) and step.test is not None and step.test.match(text, place):
                    following.add(number + 1)
                continue
            if step.kind == "fork":
                onward = {step.first, step.second}
            else:
                onward = {number + 1} if step.test is not None and step.test.match(text, place) else set()
            waiting += onward - reached
            reached |= onward
        current = following
    return False

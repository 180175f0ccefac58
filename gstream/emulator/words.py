"""What stands in a text: names, numbers, quotations, dates, addresses, the words that matter.

Nothing here understands language. It finds what a model would take arguments from, in English, Chinese and Japanese.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from gstream.emulator.lexicon import BEGINNERS, COMMON, FILLERS

__all__ = ["Words", "is_east_asian", "is_japanese", "stems"]

_QUOTED = re.compile(
    r"(?<!\w)'([^'\n]{1,200})'(?!\w)|\"([^\"\n]{1,200})\"|“([^”\n]{1,200})”|‘([^’\n]{1,200})’"  # noqa: RUF001
    r"|「([^」\n]{1,200})」|『([^』\n]{1,200})』|《([^》\n]{1,200})》|`([^`\n]{1,200})`"
)
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])-?\d+(?:,\d{3})+(?:\.\d+)?|(?<![A-Za-z0-9_.])-?\d+(?:\.\d+)?")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_URL = re.compile(r"https?://[^\s\"'<>，。）)]+")  # noqa: RUF001 - marks that end an address in Chinese text
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)")
_CAPITALISED = re.compile(r"\b[A-ZÀ-Þ][\w'’-]*(?:[ \t]+[A-ZÀ-Þ][\w'’-]*)*(?:,[ \t]+[A-Z]{2}\b)?")  # noqa: RUF001
_EAST_ASIAN_RUN = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_WORD = re.compile(r"[A-Za-zÀ-ÿ][\w'’-]*")  # noqa: RUF001
_BEHIND = re.compile(r"\b(?:in|at|near|for|from|to) ([a-z][\w'-]+)")
_PART_OF_NAME = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_FILLER = re.compile("|".join(sorted(map(re.escape, FILLERS), key=len, reverse=True)))
_NAME_LENGTH: Final = range(2, 13)
_LONGEST_TOPIC: Final = 80


def is_east_asian(text: str) -> bool:
    """Return whether most letters of the text are Chinese, Japanese or Korean."""
    letters = sum(len(run) for run in _EAST_ASIAN_RUN.findall(text))
    return letters > sum(len(word) for word in _WORD.findall(text)) / 2 if letters else False


def is_japanese(text: str) -> bool:
    """Return whether the text holds kana."""
    return re.search(r"[\u3040-\u30ff]", text) is not None


def stems(name: str) -> list[str]:
    """Return the words inside an identifier or a sentence, lower case, plural endings off."""
    return [stem(part.lower()) for part in _PART_OF_NAME.findall(name)]


def stem(word: str) -> str:
    """Return the word without the endings that English puts on the same word."""
    for ending, rest in (
        ("ies", "y"),
        ("ing", ""),
        ("ers", ""),
        ("er", ""),
        ("ed", ""),
        ("es", "e"),
        ("s", ""),
        ("e", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3:  # noqa: PLR2004 - a stem has three letters
            return word[: -len(ending)] + ("" if rest == "e" else rest)
    return word


@dataclass(frozen=True)
class Words:
    """A text, and what was found in it, each kind in order of appearance."""

    text: str

    @cached_property
    def quotations(self) -> list[str]:
        """What stands in quotation marks of any kind."""
        return [next(group for group in match.groups() if group) for match in _QUOTED.finditer(self.text)]

    @cached_property
    def emails(self) -> list[str]:
        """E-mail addresses."""
        return _EMAIL.findall(self.text)

    @cached_property
    def urls(self) -> list[str]:
        """Web addresses."""
        return _URL.findall(self.text)

    @cached_property
    def dates(self) -> list[str]:
        """Dates written as 2026-01-31."""
        return _DATE.findall(self.text)

    @cached_property
    def times(self) -> list[str]:
        """Times of day written as 9:30."""
        return _TIME.findall(self.text)

    @cached_property
    def numbers(self) -> list[float | int]:
        """Numbers, those of dates, times and addresses left out."""
        text = self.text
        for pattern in (_URL, _EMAIL, _DATE, _TIME):
            text = pattern.sub(" ", text)
        plain = (found.replace(",", "") for found in _NUMBER.findall(text))
        return [float(number) if "." in number else int(number) for number in plain]

    @cached_property
    def names(self) -> list[str]:
        """Quotations, capitalised phrases and East Asian names, without repetition."""
        return [name for name, _ in self.placed_names]

    @cached_property
    def placed_names(self) -> list[tuple[str, int]]:
        """The names, each with where it begins."""
        quoted = [
            (next(group for group in m.groups() if group), m.start(), m.end()) for m in _QUOTED.finditer(self.text)
        ]
        found = [(name, start) for name, start, _ in quoted]
        blank = self.text
        for _, start, end in quoted:
            blank = blank[:start] + " " * (end - start) + blank[end:]
        for match in _CAPITALISED.finditer(blank):
            found.extend(_proper(match[0], match.start()))
        for match in _EAST_ASIAN_RUN.finditer(blank):
            found.extend(_left_over(match[0], match.start()))
        result: dict[str, int] = {}
        for name, start in sorted(found, key=lambda entry: entry[1]):
            result.setdefault(name, start)
        return list(result.items())

    @cached_property
    def place(self) -> str:
        """The word behind "in" or the like, for names that nobody capitalised; empty where there is none."""
        found = (word for word in _BEHIND.findall(self.text) if word.lower() not in COMMON)
        return next(found, "")

    @cached_property
    def keys(self) -> list[str]:
        """Quotations that look like identifiers, as people name the keys of an object."""
        found = [quoted for quoted in self.quotations if re.fullmatch(r"[A-Za-z_]\w*", quoted)]
        if found:
            return list(dict.fromkeys(found))
        listed = re.search(r"\b(?:keys|fields)[:\s]+((?:[A-Za-z_]\w*(?:\s*,\s*|\s+and\s+)?)+)", self.text)
        return [] if listed is None else [word for word in re.split(r"[\s,]+", listed[1]) if word not in {"", "and"}]

    @cached_property
    def telling(self) -> list[str]:
        """The words that matter, as written, without repetition."""
        words = [word for word in _WORD.findall(self.text) if word.lower() not in COMMON and len(word) > 1]
        if words and not is_east_asian(self.text):
            return list(dict.fromkeys(words))
        runs = [name for run in _EAST_ASIAN_RUN.findall(self.text) for name, _ in _left_over(run, 0)]
        return list(dict.fromkeys([*runs, *words]))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of all words, the meaningless left out."""
        return frozenset(
            part for word in _WORD.findall(self.text) if word.lower() not in COMMON for part in stems(word)
        )

    @cached_property
    def all_stems(self) -> frozenset[str]:
        """The stems of all words."""
        return frozenset(part for word in _WORD.findall(self.text) for part in stems(word))

    @cached_property
    def topic(self) -> str:
        """What it is about: what stands behind "about" or the like, else the words that matter."""
        about = re.search(r"\b(?:about|regarding|concerning)\s+([^.,;:!?\n]+)|关于([^，。！？的\n]+)", self.text)  # noqa: RUF001
        if about is not None:
            return (about[1] or about[2]).strip()[:_LONGEST_TOPIC]
        joined = ("" if is_east_asian(self.text) else " ").join(self.telling[:4])
        return joined[:_LONGEST_TOPIC] or self.text.strip()[:_LONGEST_TOPIC]


def _proper(phrase: str, start: int) -> list[tuple[str, int]]:
    words = phrase.split(" ")
    while words and words[0].lower().strip("'’") in BEGINNERS:  # noqa: RUF001
        start += len(words[0]) + 1
        words = words[1:]
    name = " ".join(words).removesuffix("'s").removesuffix("’s")  # noqa: RUF001
    return [(name, start)] if name and name.lower() not in COMMON else []


def _left_over(run: str, start: int) -> list[tuple[str, int]]:
    """Return what is left of a run of East Asian characters once the fillers are taken out."""
    result = []
    position = 0
    for filler in [*_FILLER.finditer(run), None]:
        end = len(run) if filler is None else filler.start()
        if end - position in _NAME_LENGTH:
            result.append((run[position:end], start + position))
        position = end if filler is None else filler.end()
    return result

"""Which functions are called, with which arguments, in which step: decided by the words of the prompt.

A function is meant where the prompt says a word of its name, or several of its description. Several are called at
once, unless the prompt orders them ("then", 然后, その後): then one a step. A call whose result is there is not made
again; in mode ANY the functions not called yet come first, and where every one was called, the answer is prose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gstream.emulator.arguments import Filling
from gstream.emulator.lexicon import EMPTY_BIGRAMS, EMPTY_NAMES, LIKES, SEQUENCE, TRANSLATED
from gstream.emulator.words import Words, stems

if TYPE_CHECKING:
    from gstream.emulator.errors import JsonObject
    from gstream.emulator.reading import Function, Reading

__all__ = ["Call", "calls_for"]

_EMPTY_NAMES: Final = frozenset(stem for word in EMPTY_NAMES for stem in stems(word))
_SEQUENCE = re.compile(SEQUENCE, re.IGNORECASE)
_BETWEEN_LIKES = re.compile(LIKES, re.IGNORECASE)
_TRANSLATED: Final = {stem: said for word, said in TRANSLATED.items() for stem in stems(word)}
_LIKES_LIMIT: Final = 4
_MEANT_BY_DESCRIPTION: Final = 2
"""Words of its description that must occur, where none of its name does."""
_BIGRAM = re.compile(r"(?=([\u3040-\u30ff\u3400-\u9fff]{2}))")


@dataclass(frozen=True)
class Call:
    """A call to make."""

    name: str
    args: JsonObject


@dataclass(frozen=True)
class _Meant:
    function: Function
    place: int
    """Where in the prompt it is meant."""


def calls_for(reading: Reading) -> list[Call]:
    """Return the calls of this step; empty: the model answers itself."""
    mode = reading.choice.get("mode", "AUTO")
    if not reading.functions or mode == "NONE":
        return []
    must = mode == "ANY" or (mode == "VALIDATED" and bool(reading.choice.get("allowedFunctionNames")))
    meant = _meant(reading)
    planned = [call for one, text in _shares(reading, meant) for call in _calls_of(one.function, text, reading)]
    left = _not_done(planned, reading)
    if not left and must:
        left = _forced(reading, meant)
    return left[:1] if _SEQUENCE.search(reading.prompt) else left


def _forced(reading: Reading, meant: list[_Meant]) -> list[Call]:
    """Return a call though the prompt asks for none (any more): of a function that was not called in this turn."""
    done = {result.name for result in reading.results}
    fresh = [function for function in reading.functions if function.name not in done]
    if not fresh:
        return []
    told = Words(" ".join([reading.prompt, *(result.text for result in reading.results)]))
    likeliest = max(fresh, key=lambda function: _score(function, told))
    named = {one.function.name for one in meant}
    chosen = next((function for function in fresh if function.name in named), likeliest)
    return [Call(chosen.name, _filled(chosen, told, told, None))]


# --- which functions


def _meant(reading: Reading) -> list[_Meant]:
    """Return the functions that the prompt means, in the order in which it does."""
    found: list[tuple[Function, frozenset[str], int]] = []
    for function in reading.functions:
        hits = _hits(function, reading.words)
        if hits:
            found.append((function, frozenset(hits), min(hits.values())))
    best = [entry for entry in found if not any(_is_closer(other, entry) for other in found if other is not entry)]
    return [_Meant(function, place) for function, _, place in sorted(best, key=lambda entry: entry[2])]


def _is_closer(other: tuple[Function, frozenset[str], int], entry: tuple[Function, frozenset[str], int]) -> bool:
    """Return whether `other` is meant by the same words, and more fully, so that `entry` is not meant at all."""
    if entry[1] < other[1]:
        return True
    return entry[1] == other[1] and _share(other[0], other[1]) > _share(entry[0], entry[1])


def _share(function: Function, hits: frozenset[str]) -> float:
    own = _telling_stems(function.name)
    return len(hits & own) / len(own) if own else 0.0


def _telling_stems(name: str) -> frozenset[str]:
    own = frozenset(stems(name))
    return own - _EMPTY_NAMES or own


def _hits(function: Function, words: Words) -> dict[str, int]:
    """Return what of the function the text says -> where; empty: it is not meant."""
    text = words.text
    exact = re.search(rf"(?<![\w]){re.escape(function.name)}(?![\w])", text)
    if exact:
        return {function.name: exact.start()}
    own = _telling_stems(function.name)
    hits = {stem: _place(stem, text) for stem in own if stem in words.all_stems}
    hits |= {stem: text.index(said) for stem in own for said in _TRANSLATED.get(stem, ()) if said in text}
    if hits:
        return hits
    said = frozenset(stems(function.description)) - _EMPTY_NAMES
    hits = {stem: _place(stem, text) for stem in said if stem in words.stems}
    if len(hits) >= _MEANT_BY_DESCRIPTION:
        return hits
    pairs = set(_BIGRAM.findall(function.description)) - EMPTY_BIGRAMS
    return {pair: text.index(pair) for pair in pairs if pair in text}


def _place(stem: str, text: str) -> int:
    return max(0, text.lower().find(stem))


def _score(function: Function, words: Words) -> int:
    said = stems(f"{function.name} {function.description} {' '.join(function.schema.get('properties', ()))}")
    return len(frozenset(said) & words.stems)


# --- which arguments


def _shares(reading: Reading, meant: list[_Meant]) -> list[tuple[_Meant, Words]]:
    """Return each meant function with the stretch of the prompt that is about it."""
    if not meant:
        return []
    text = reading.prompt
    ends = [*(one.place for one in meant[1:]), len(text)]
    starts = [0, *(one.place for one in meant[1:])]
    return [
        (one, Words(text[start:end]) if len(meant) > 1 else reading.words)
        for one, start, end in zip(meant, starts, ends, strict=True)
    ]


def _calls_of(function: Function, words: Words, reading: Reading) -> list[Call]:
    """Return one call, or one for each of several names or numbers that stand side by side."""
    leads = _alike(function, words)
    if len(leads) < 2:  # noqa: PLR2004 - one call
        return [Call(function.name, _filled(function, words, reading.words, None))]
    if isinstance(leads[0], str):
        return [Call(function.name, _filled(function, words, reading.words, str(lead))) for lead in leads]
    return [Call(function.name, _filled(function, Words(str(lead)), Words(str(lead)), None)) for lead in leads]


def _alike(function: Function, words: Words) -> list[str | float]:
    """Return the names (numbers) joined by "and" or a comma, if the function takes just one of the kind."""
    kinds = [str(inner.get("type", "")).lower() for inner in _demanded(function)]
    if kinds.count("string") == 1 and not {"array", "object"} & set(kinds):
        return list(_side_by_side(words)[:_LIKES_LIMIT])
    number = re.search(r"(-?\d+(?:\.\d+)?)((?:\s*(?:,|and|和|と|、)\s*-?\d+(?:\.\d+)?)+)", words.text)
    if len(kinds) == 1 and kinds[0] in {"integer", "number"} and number:
        return list(Words(number[0]).numbers[:_LIKES_LIMIT])
    return []


def _demanded(function: Function) -> list[JsonObject]:
    properties = function.schema.get("properties", {})
    names = function.schema.get("required") or list(properties)
    return [
        properties[name] for name in names if isinstance(properties.get(name), dict) and "enum" not in properties[name]
    ]


def _side_by_side(words: Words) -> list[str]:
    """Return the longest row of names with nothing but "and" or commas between them."""
    rows: list[list[str]] = []
    end = -1
    for name, start in words.placed_names:
        if rows and end >= 0 and _BETWEEN_LIKES.fullmatch(words.text[end:start]):
            rows[-1].append(name)
        else:
            rows.append([name])
        end = start + len(name)
    return max(rows, key=len, default=[])


def _filled(function: Function, words: Words, wider: Words, lead: str | None) -> JsonObject:
    if not function.schema:
        return {}
    value = Filling(words, function.schema, wider, lead=lead).value(function.schema)
    return value if isinstance(value, dict) else {}


def _not_done(planned: list[Call], reading: Reading) -> list[Call]:
    """Return the calls that have no result yet: by arguments, and by count where a client changed them."""
    left: list[Call] = []
    done = [(result.name, result.args) for result in reading.results]
    for call in planned:
        if (call.name, call.args) in done:
            done.remove((call.name, call.args))
        elif call not in left:
            left.append(call)
    changed = [name for name, _ in done]
    kept = []
    for call in left:
        if call.name in changed:
            changed.remove(call.name)
        else:
            kept.append(call)
    return kept

"""An answer in words: sentences made from the prompt, in its language, that say what was understood of the request."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from gstream.emulator.arguments import Filling
from gstream.emulator.lexicon import CHINESE, ENGLISH, JAPANESE
from gstream.emulator.words import is_east_asian, is_japanese

if TYPE_CHECKING:
    from gstream.emulator.lexicon import Sentences
    from gstream.emulator.reading import Reading

__all__ = ["as_json", "prose", "thoughts", "units"]

_SHOWN: Final = 160
"""Characters of a text that are quoted."""
_UNITS = re.compile(r"\s*[A-Za-zÀ-ÿ0-9][^\s\u2e80-\uffff]*|\s*[\u2e80-\uffff]|\s*\S|\s+")


def _language(text: str) -> Sentences:
    if is_japanese(text) and is_east_asian(text):
        return JAPANESE
    return CHINESE if is_east_asian(text) else ENGLISH


def prose(reading: Reading, number: int = 0) -> str:
    """Return the answer of the candidate of that number."""
    say = _language(reading.prompt)
    sentences = []
    if number:
        sentences.append(say["varied"].format(number + 1, _short(reading.prompt)))
    elif reading.prompt:
        sentences.append(say["asked"].format(_short(reading.prompt)))
    if reading.system:
        sentences.append(say["system"].format(_short(reading.system)))
    if reading.media:
        sentences.append(say["media"].format(_listed(reading.media, say)))
    sentences += [say["result"].format(result.name, result.text.rstrip(".。")) for result in reading.results]
    telling = reading.words.telling[:3]
    if reading.results:
        sentences.append(say["found"].format(_listed(telling, say) if telling else reading.results[0].name))
    elif telling:
        sentences.append(say["matters"].format(_listed(telling, say)))
    sentences += [say["before"].format(_short(text)) for text in reading.said_before[-2:]]
    sentences.append(say["end"])
    return say["gap"].join(sentences)


def thoughts(reading: Reading) -> list[str]:
    """Return the summary of thinking, in pieces."""
    say = _language(reading.prompt)
    telling = reading.words.telling or [reading.prompt[:20] or "…"]
    about = _listed(telling[:3], say)
    return [piece.format(about, telling[0]) for piece in say["plan"].split("|")]


def as_json(reading: Reading, number: int = 0) -> str:
    """Return the answer as JSON text: for the schema, else for the keys that the prompt names."""
    schema = reading.response_schema
    if schema is not None:
        value = Filling(reading.words, schema, generous=True).value(schema)
    elif reading.words.keys:
        strings = {"type": "object", "properties": {key: {"type": "string"} for key in reading.words.keys}}
        value = Filling(reading.words, strings, generous=True).value(strings)
    else:
        value = {"answer": prose(reading, number)}
    return json.dumps(value, ensure_ascii=False, indent=2)


def units(text: str) -> list[str]:
    """Return the text cut where a model's tokens would end: words with the space before them, single characters."""
    return _UNITS.findall(text)


def _listed(entries: list[str], say: Sentences) -> str:
    head, tail = entries[:-1], entries[-1]
    return f"{say['comma'].join(head)}{say['and']}{tail}" if head else tail


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"

"""Which text fits a property of a given name: hints of its name and format, then the words at hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from gstream.emulator.arithmetic import expression_in
from gstream.emulator.words import Words, stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gstream.emulator.errors import JsonObject

__all__ = ["another", "text_for"]

_WHOLE: Final = frozenset(
    stem for name in ("query", "question", "prompt", "search", "instruction") for stem in stems(name)
)
_SENTENCE: Final = frozenset(
    stem
    for name in ("text", "message", "content", "body", "description", "summary", "answer", "setup", "punchline", "note")
    for stem in stems(name)
)
_SUM: Final = frozenset(stem for name in ("expression", "formula", "equation", "calculation") for stem in stems(name))
_FORMATS: Final = {
    "date-time": "2026-01-31T09:30:00Z",
    "date": "2026-01-31",
    "time": "09:30:00Z",
    "duration": "PT1H",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uuid1": "00000000-0000-1000-8000-000000000000",
    "uuid3": "00000000-0000-3000-8000-000000000000",
    "uuid4": "00000000-0000-4000-8000-000000000000",
    "uuid5": "00000000-0000-5000-8000-000000000000",
    "uuid6": "00000000-0000-6000-8000-000000000000",
    "uuid7": "00000000-0000-7000-8000-000000000000",
    "uuid8": "00000000-0000-8000-8000-000000000000",
    "ipv4network": "192.0.2.0/24",
    "ipv6network": "2001:db8::/32",
    "ipv4interface": "192.0.2.1/24",
    "ipv6interface": "2001:db8::1/32",
    "ipvanyaddress": "192.0.2.1",
    "ipvanynetwork": "192.0.2.0/24",
    "ipvanyinterface": "192.0.2.1/24",
    "multi-host-uri": "https://example.com/",
    "uri-reference": "https://example.com/",
    "name-email": "Someone <someone@example.com>",
    "base64": "QUJD",
    "base64url": "QUJD",
    "json-string": "null",
    "color": "#336699",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "hostname": "example.com",
}
"""What stands in for a format that the words do not give."""


def text_for(name: str, schema: JsonObject, words: Words, wider: Words, names: Sequence[str]) -> tuple[str, str | None]:
    """Return a text for a property, and the name of `names` that it used up, if any.

    Args:
        name: the property's name.
        schema: its schema, references followed.
        words: the text nearest to it.
        wider: the whole prompt.
        names: the names not used yet.
    """
    hints = set(stems(name))
    formatted = _formatted(schema.get("format", ""), hints, words, wider)
    if formatted is not None:
        return formatted, None
    found = expression_in(words.text) or expression_in(wider.text) if hints & _SUM else None
    if found is not None:
        return found, None
    last = set(stems(name)[-1:])
    if last & _WHOLE:
        return wider.text.strip() or name, None
    if last & _SENTENCE:
        quoted = words.quotations or wider.quotations
        return (quoted[0], quoted[0]) if quoted and not wider.keys else (_sentence(name, words), None)
    if names:
        return names[0], names[0]
    default = schema.get("default", schema.get("example"))
    told = words.place or wider.place or words.topic or wider.topic or name or "value"
    return default if isinstance(default, str) and default else told, None


def another(text: str, number: int, form: str) -> str | None:
    """Return the text of that number beside one of the same format; `None` where this module knows none.

    Args:
        text: the text that is taken already.
        number: 1 for the first one beside it.
        form: the format; empty for none.
    """
    if form in {"date", "date-time"}:
        try:
            return f"{date.fromisoformat(text[:10]) + timedelta(days=number)}{text[10:]}"
        except (ValueError, OverflowError):
            return None
    if form.startswith("uuid"):
        return f"{text[:-4]}{number:04x}"
    if form.startswith("ip") or form in {"time", "duration", "base64", "base64url", "json-string", "color"}:
        return None
    return (
        f"{number + 1}{text}"
        if form in {"email", "hostname"}
        else f"{text}{number + 1}"
        if form
        else (f"{text} {number + 1}")
    )


def _formatted(form: str, hints: set[str], words: Words, wider: Words) -> str | None:
    """Return an address, a date or the like, where the format or the name asks for one."""
    for kind, asked, found in (
        ("email", "email", words.emails or wider.emails),
        ("uri", "url", words.urls or wider.urls),
        ("date", "date", words.dates or wider.dates),
        ("time", "time", words.times or wider.times),
    ):
        if form == kind and found:
            hour, colon, rest = found[0].partition(":")
            return f"{hour:0>2}{colon}{rest}Z" if kind == "time" else found[0]
        if not form and found and hints & set(stems(asked)):
            return found[0]
    if form == "date-time" and (words.dates or wider.dates):
        return f"{(words.dates or wider.dates)[0]}T00:00:00Z"
    return _FORMATS.get(form)


def _sentence(name: str, words: Words) -> str:
    topic = words.topic
    shown = name.replace("_", " ").strip().capitalize()
    return f"{shown}: {topic}" if topic else shown

"""The checks of an answer by keywords that hold no schema: type, values, numbers, texts, sizes.

Each takes a value, the schema, and the value's place, and returns what is wrong in one sentence, or `None`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from gstream.schema.keywords import count, limits, types_of
from gstream.schema.literals import identity, kind_of
from gstream.schema.patterns import found
from gstream.schema.widenings import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.schema.place import Place
    from gstream.schema.widenings import JsonObject

__all__ = ["ASSERTIONS", "size"]

_MOST_CHOICES: Final = 20
"""How many of the allowed values a sentence lists."""


def _type(value: Any, node: JsonObject, place: Place) -> str | None:
    types, kind = types_of(node, place), kind_of(value)
    if types and kind not in types and not (kind == "integer" and "number" in types):
        return f"{place.in_words()} must be {' or '.join(types)}, got {shown(value)}."
    return None


def _values(value: Any, node: JsonObject, place: Place) -> str | None:
    for choices in ([node["const"]] if "const" in node else None, node.get("enum")):
        if isinstance(choices, list | tuple) and not _among(value, choices):
            listed = [shown(choice) for choice in choices[:_MOST_CHOICES]]
            if len(choices) > _MOST_CHOICES:
                listed.append(f"one of {len(choices) - _MOST_CHOICES} others")
            return f"{place.in_words()} must be {' or '.join(listed)}, got {shown(value)}."
    return None


def _among(value: Any, choices: list[Any] | tuple[Any, ...]) -> bool:
    if isinstance(value, str):  # nothing but a text equals a text, so that long lists cost little
        return value in choices
    wanted = identity(value)
    return any(identity(choice) == wanted for choice in choices)


def _number(value: Any, node: JsonObject, place: Place) -> str | None:
    if kind_of(value) not in {"integer", "number"}:
        return None
    low, high = limits(node, place)
    if low is not None and (value < low.value or (low.open and value == low.value)):
        return (
            f"{place.in_words()} must be {'greater than' if low.open else 'at least'} {low.value}, got {shown(value)}."
        )
    if high is not None and (value > high.value or (high.open and value == high.value)):
        return f"{place.in_words()} must be {'less than' if high.open else 'at most'} {high.value}, got {shown(value)}."
    step = node.get("multipleOf")
    if (
        isinstance(step, int | float)
        and kind_of(step) in {"integer", "number"}
        and step > 0
        and _exact(value) % _exact(step)
    ):
        return f"{place.in_words()} must be a multiple of {shown(step)}, got {shown(value)}."
    return None


def _exact(number: float) -> Fraction:
    """Return the number as it is written: 0.3 is a multiple of 0.1, though its nearest double is not."""
    return Fraction(number) if isinstance(number, int) else Fraction(float.__repr__(number))


def _string(value: Any, node: JsonObject, place: Place) -> str | None:
    if not isinstance(value, str):
        return None
    if (reason := size(len(value), node, place, "Length", "characters")) is not None:
        return reason
    pattern = node.get("pattern")
    if isinstance(pattern, str) and not found(pattern, value):
        return f"{place.in_words()} must match {pattern!r}, got {shown(value)}."
    return None


def size(size: int, node: JsonObject, place: Place, what: str, unit: str) -> str | None:
    """Hold a size against the two keywords that bound it.

    Args:
        size: how many there are.
        node: the schema.
        place: where the value stands that has the size.
        what: how the keywords end, e.g. `Items` of `minItems` and `maxItems`.
        unit: what is counted, for the sentence.
    """
    least, most = count(node, f"min{what}", place), count(node, f"max{what}", place)
    if least is not None and size < least:
        return f"{place.in_words()} must have at least {least} {unit}, got {size}."
    if most is not None and size > most:
        return f"{place.in_words()} must have at most {most} {unit}, got {size}."
    return None


ASSERTIONS: Final[tuple[tuple[frozenset[str], Callable[[Any, JsonObject, Place], str | None]], ...]] = (
    (frozenset({"type"}), _type),
    (frozenset({"enum", "const"}), _values),
    (frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}), _number),
    (frozenset({"minLength", "maxLength", "pattern"}), _string),
)
"""Keywords, and the check that reads them."""

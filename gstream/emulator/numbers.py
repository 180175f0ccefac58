"""The number nearest to a given one that the limits of a schema let through."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gstream.emulator.errors import JsonObject

__all__ = ["nearest"]

_NUDGE: Final = Fraction(1, 2)
"""How far a number without a step keeps from an open limit, where there is room."""


def nearest(number: float, schema: JsonObject, *, whole: bool) -> float | int:
    """Return the nearest number within `minimum`, `maximum`, their exclusive forms and `multipleOf`.

    Args:
        number: the number one would like to give.
        schema: where the limits stand; draft 4's exclusive booleans are understood. Limits that exclude each other
            give a number that breaks one of them.
        whole: whether only integers count.
    """
    least, most = _exact(schema.get("minimum")), _exact(schema.get("maximum"))
    above, below = _open(schema, "exclusiveMinimum", least), _open(schema, "exclusiveMaximum", most)
    step = _exact(schema.get("multipleOf"))
    if step is not None and step <= 0:
        step = None
    if whole:
        step = Fraction(step.numerator) if step else Fraction(1)
    wished = _exact(number) or Fraction(0)
    if step is None:
        found = _between(wished, least, most, above, below)
    else:
        count = math.ceil(wished / step)
        lows = [math.ceil(least / step)] if least is not None else []
        lows += [math.floor(above / step) + 1] if above is not None else []
        highs = [math.floor(most / step)] if most is not None else []
        highs += [math.ceil(below / step) - 1] if below is not None else []
        found = min([max([count, *lows]), *highs]) * step
    if whole:
        return int(found)
    return number if found == wished else int(found) if found.denominator == 1 else float(found)


def _between(
    wished: Fraction, least: Fraction | None, most: Fraction | None, above: Fraction | None, below: Fraction | None
) -> Fraction:
    lowest = max((limit for limit in (least, above) if limit is not None), default=None)
    highest = min((limit for limit in (most, below) if limit is not None), default=None)
    if lowest is not None and wished < lowest:
        wished = lowest
    if highest is not None and wished > highest:
        wished = highest
    if wished not in (above, below):
        return wished
    if lowest is not None and highest is not None:
        return (lowest + highest) / 2
    return wished + _NUDGE if wished == above else wished - _NUDGE


def _open(schema: JsonObject, name: str, closed: Fraction | None) -> Fraction | None:
    return closed if schema.get(name) is True else _exact(schema.get(name))


def _exact(value: Any) -> Fraction | None:
    """Return a limit as it is written, in decimals; `None` where it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return Fraction(str(value))

"""The question of the demo, and the functions that answer it: plain Python, known to both frameworks as they are."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["EXPECTED", "MOST_STEPS", "QUESTION", "TOOLS", "use"]

QUESTION: Final = "How is the weather in Tokyo and Shanghai, and what is the exchange rate from CNY to JPY?"
MOST_STEPS: Final = 5
"""Answers after which a loop gives up: the emulator needs two."""

_WEATHER: Final = {"Tokyo": "18 °C, light rain", "Shanghai": "24 °C, clear"}
_RATES: Final = {("CNY", "JPY"): "1 CNY = 20.94 JPY"}


def get_weather(city: str) -> str:
    """Return today's weather in a city."""
    return _WEATHER.get(city, f"nothing known of {city}")


def get_exchange_rate(source: str, target: str) -> str:
    """Return the exchange rate between two currencies, given by their codes."""
    return _RATES.get((source, target), f"nothing known of {source} and {target}")


TOOLS: Final[Mapping[str, Callable[..., str]]] = MappingProxyType(
    {"get_weather": get_weather, "get_exchange_rate": get_exchange_rate}
)
"""The functions by name."""

EXPECTED: Final = (*_WEATHER.values(), *_RATES.values())
"""What the right calls give, and the answer must therefore say."""


def use(name: str, arguments: Mapping[str, Any]) -> str:
    """Return the result of a call, or in words what is wrong with it, as a good agent tells its model."""
    tool = TOOLS.get(name)
    if tool is None:
        return f"there is no tool {name!r}"
    try:
        return tool(**arguments)
    except TypeError as error:
        return f"wrong arguments: {error}"

"""Limits of time, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from gstream.errors import ConfigurationError

__all__ = ["Timeout", "TimeoutLike"]

TimeoutLike: TypeAlias = "float | Mapping[str, float | None] | Timeout | None"
"""What `timeout=` takes; see `Timeout.of`."""
_FOREVER_S: Final = 1_000_000.0
"""A longer limit (eleven days) is none; sockets cannot even be told one above some 300 years."""


@dataclass(frozen=True)
class Timeout:
    """Limits of time, in seconds; `None` is no limit. Sync and async mean the same."""

    connect: float | None = 10.0
    """Until the connection stands, TLS included."""
    first_byte: float | None = 600.0
    """From the request to the response's first byte. A model may think for minutes before it; gateways give up after
    300 to 600 s themselves (new-api and gemini-balance 300, gpt-load 600)."""
    idle: float | None = 600.0
    """Between two reads of the response; also from its headers to its first byte, as some gateways send the headers at
    once and the answer after a long thought. Comments that keep a connection alive are bytes too, but a part of an
    answer must come within `first_byte` of the one before all the same."""
    total: float | None = None
    """The whole call, its retries included."""

    @classmethod
    def of(cls, value: TimeoutLike) -> Timeout:
        """Return the limits that `timeout=` means: a number limits connect, first byte and idle; a mapping names parts.

        Raises:
            ConfigurationError: a part is unknown, or a limit is no positive number.
        """
        known = cls.__dataclass_fields__
        if value is None:
            parts: Mapping[str, Any] = {}
        elif isinstance(value, Timeout):
            parts = vars(value)
        elif isinstance(value, int | float):
            parts = {"connect": min(value, cls.connect or value), "first_byte": value, "idle": value}
        elif isinstance(value, Mapping):
            parts = value
        else:
            raise ConfigurationError(f"timeout takes seconds, or {', '.join(known)}; got a {type(value).__name__}.")
        if wrong := [name for name in parts if name not in known]:
            raise ConfigurationError(f"timeout has no part {wrong[0]!r}: it takes seconds, or {', '.join(known)}.")
        for name, limit in parts.items():
            if limit is not None and not (isinstance(limit, int | float) and limit > 0):
                raise ConfigurationError(f"timeout {name} must be a number of seconds above 0 or None; got {limit!r}.")
        return cls(**{name: None if limit is None or limit > _FOREVER_S else limit for name, limit in parts.items()})

"""Settings as they are typed after `--set`: `NAME=VALUE`, the value JSON or text; pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gstream import ConfigurationError, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["assigned"]


def assigned(assignments: Iterable[str]) -> dict[str, Any]:
    """Return the settings that `assignments` name, by name; the last of a name counts.

    Raises:
        ConfigurationError: one of them is no `NAME=VALUE`.
    """
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name.strip():
            raise ConfigurationError(f"--set {assignment!r} is no NAME=VALUE: write it like temperature=0.2.")
        values[name.strip()] = _value(name.strip(), text)
    return values


def _value(name: str, text: str) -> Any:
    """Return a value from JSON, or the text itself where it is none or a text is wanted."""
    field = Settings.model_fields.get(name)
    if field is not None and field.annotation in (str, str | None):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text

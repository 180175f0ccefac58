"""Text that may be a JSON object: arguments of calls, results of tools."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["json_object"]


def json_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that `text` is; `None` if it is anything else (NaN and Infinity are no JSON)."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _no_constant(name: str) -> None:
    raise ValueError(name)

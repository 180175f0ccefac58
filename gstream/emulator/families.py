"""What the name of a model tells: resellers put prefixes and suffixes around the family's own name."""

from __future__ import annotations

import re

__all__ = ["generation", "is_known", "needs_signatures"]

_GENERATION = re.compile(r"gemini-(\d+)")


def is_known(model: str) -> bool:
    """Return whether a model of that name is sold here."""
    return "gemini-" in model.lower()


def generation(model: str) -> int:
    """Return the generation inside the name: 3 for `google/gemini-3-pro-preview`; 2 where the name tells none."""
    found = _GENERATION.search(model.lower())
    return int(found[1]) if found else 2


def needs_signatures(model: str) -> bool:
    """Return whether function calls of the current turn must carry their signature (Gemini 3, its image model not).

    Source: https://ai.google.dev/gemini-api/docs/thought-signatures
    """
    return generation(model) >= 3 and "-image" not in model.lower()  # noqa: PLR2004 - the third generation

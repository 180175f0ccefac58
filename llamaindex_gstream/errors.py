"""Errors that only LlamaIndex's ways of asking can end in; each is the `ValueError` that core's own code expects."""

from __future__ import annotations

import gstream

__all__ = ["NoToolCallError", "StructuredAnswerError"]


class NoToolCallError(gstream.GStreamError, ValueError):
    """A call was demanded and the model answered without one; its words are in the message."""


class StructuredAnswerError(gstream.StructuredAnswerError, ValueError):
    """As `gstream.StructuredAnswerError`."""

"""What the reseller refuses with: one exception that holds Google's status, words and details.

A `Refused` never leaves the server; a dialect writes it in its own shape.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

__all__ = ["JsonObject", "Refused", "invalid"]

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object as `json.loads` returns it."""

_STATUS: Final = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure of this program
    """A request that gets an error document instead of an answer."""

    def __init__(
        self, code: int, message: str, *, status: str | None = None, details: list[JsonObject] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        """The HTTP status, and `error.code`."""
        self.message = message
        self.status = status or _STATUS.get(code, "UNAVAILABLE")
        """`error.status`, the google.rpc code's name."""
        self.details = details or []
        """`error.details[]`, each with its `@type`."""

    def document(self) -> JsonObject:
        """Return Google's error document."""
        error: JsonObject = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str) -> Refused:
    """Return the refusal Google gives for a well-formed request that makes no sense: 400 INVALID_ARGUMENT."""
    return Refused(400, message)

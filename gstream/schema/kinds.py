"""Python types -> their JSON Schema, as pydantic sees them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, TypeAdapter

from gstream.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.schema.widenings import JsonObject

__all__ = ["schema_of"]


def schema_of(kind: type[Any] | Callable[..., Any] | JsonObject) -> JsonObject:
    """Return the JSON Schema of `kind`.

    Args:
        kind: a class of pydantic 2 or 1, a `TypedDict`, a dataclass, a function (its arguments), any other type
            pydantic understands (`list[int]`, `Literal["a", "b"]`), or a JSON Schema, which is returned as it is, not
            copied.

    Raises:
        RequestError: pydantic cannot make a JSON Schema of it.
    """
    if isinstance(kind, dict):
        return kind
    name = getattr(kind, "__name__", repr(kind))
    try:
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            return kind.model_json_schema()
        legacy = getattr(kind, "schema", None)  # importing pydantic.v1 to ask would warn on Python 3.14
        if hasattr(kind, "__fields__") and callable(legacy):
            return dict(legacy())
        return TypeAdapter(kind).json_schema()  # type: ignore[arg-type]  # it takes functions too
    except Exception as error:  # a class may make its schema with code of the caller's, which may raise anything
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise RequestError(f"{name} has no JSON Schema ({reason}): pass a pydantic class or a JSON Schema.") from error

"""Further instances of a pydantic model like one that was validated, without validating each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Prebuilt"]

Model = TypeVar("Model", bound=BaseModel)

_new = object.__new__
_set = object.__setattr__


class Prebuilt(Generic[Model]):
    """Makes instances that are equal to a template but for the fields that are given.

    A framework's chunk costs more to validate than everything else that happens to it, and a stream has thousands that
    differ in one text. `BaseModel.model_construct` is no help: it works out every default anew, and is slower.

    Args:
        template: a validated instance. Fields that a newer version of the framework adds come from it; lists and
            dictionaries, which must not be shared, begin empty.
    """

    def __init__(self, template: Model) -> None:
        self._kind = type(template)
        self._fields = dict(vars(template))
        self._fresh = [(name, type(value)) for name, value in self._fields.items() if isinstance(value, dict | list)]
        if any(self._fields[name] for name, _ in self._fresh):
            raise ValueError("the template holds a list or dictionary that is not empty")
        if template.__pydantic_private__ is not None or template.__pydantic_extra__:
            raise ValueError("the template holds what is not in its fields")
        self._open = template.__pydantic_extra__ is not None

    def __call__(self, given: Mapping[str, Any]) -> Model:
        """Return an instance with `given` as its set fields; their values are the caller's word."""
        fields = {**self._fields}
        for name, kind in self._fresh:
            fields[name] = kind()
        fields.update(given)
        made = _new(self._kind)
        _set(made, "__dict__", fields)
        _set(made, "__pydantic_fields_set__", set(given))
        _set(made, "__pydantic_extra__", {} if self._open else None)
        _set(made, "__pydantic_private__", None)
        return made

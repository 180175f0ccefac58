"""JSON Schema -> what the API takes, and back: does an answer conform to the schema the caller meant?

Pure: no I/O, and the schema that was given is never changed. `to_parameters` serves every endpoint, `to_json_schema`
those that take JSON Schema itself; `explain` lists what either of them cannot say, `conforms` checks it afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gstream.schema.conformance import conforms
from gstream.schema.json_schema import write_json_schema
from gstream.schema.kinds import schema_of
from gstream.schema.parameters import write_parameters
from gstream.schema.references import Source
from gstream.schema.widenings import JsonObject, Widening, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Widening", "conforms", "explain", "schema_of", "to_json_schema", "to_parameters"]


def to_parameters(schema: JsonObject, *, ordering: bool = False) -> JsonObject:
    """Return `schema` in the OpenAPI subset that `parameters` and `responseSchema` take.

    References are inlined (recursion unrolled three levels), `allOf` merged, `oneOf` written as `anyOf`, null as
    `nullable`. Values of `enum` that are no text become bounds and a sentence in the description. The result holds no
    null and nothing empty: an object without properties is `{"type": "OBJECT"}`.

    Args:
        schema: a JSON Schema of any draft, or the subset itself.
        ordering: whether objects get `propertyOrdering`, which keeps an answer's keys in the schema's order.

    Raises:
        RequestError: the schema cannot be said at all: the message names the place and what to do.
    """
    return _written(lambda: write_parameters(Source(schema), ordering=ordering))


def to_json_schema(schema: JsonObject) -> JsonObject:
    """Return `schema` in the keywords that `parametersJsonSchema` and `responseJsonSchema` take.

    Definitions stay, all under the root's `$defs`; a `$ref` stands alone; `const` is written as `enum`. A required
    property through which a definition contains itself becomes optional, as the API demands.

    Raises:
        RequestError: the schema cannot be said at all: the message names the place and what to do.
    """
    return _written(lambda: write_json_schema(Source(schema)))


def explain(schema: JsonObject, target: Literal["parameters", "json_schema"]) -> list[Widening]:
    """Return what `target` cannot say of `schema`, in the order of the schema; empty if it says everything.

    Raises:
        RequestError: the schema cannot be said at all.
    """
    source = Source(schema)
    if target == "parameters":
        _written(lambda: write_parameters(source, ordering=False))
    else:
        _written(lambda: write_json_schema(source))
    return source.widenings


def _written(write: Callable[[], JsonObject]) -> JsonObject:
    try:
        return write()
    except RecursionError:  # a literal nested hundreds of levels deep, e.g. under `enum`
        raise refusal("", "is nested too deeply", "split it into smaller ones") from None

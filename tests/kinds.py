"""Types of fields that the OpenAPI subset says in words only, for the structured tests of both frameworks."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import ipaddress
import uuid
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import UUID7, AnyHttpUrl, BaseModel, Field, FutureDatetime, Json, NaiveDatetime

ASKED = "Tell me of 3 cats, Ann and Bob."


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Town(BaseModel):
    name: str
    size: int


class Pair(NamedTuple):
    number: int
    name: str = "a"


FIELDS: dict[str, Any] = {
    "tuple": tuple[int, str],
    "tuple of objects": tuple[Town, int, Town | None],
    "tuple of tuples": tuple[str, tuple[int, Town]],
    "tuple with anything": tuple[int, Any],
    "named tuple": Pair,
    "list of tuples": list[tuple[Color, dict[str, Literal[2, 5]]]],
    "map of numbers": dict[str, int],
    "map of objects": dict[str, Town],
    "map of maps of tuples": dict[str, dict[str, tuple[int, str]]],
    "map of lists": dict[str, list[Town]],
    "map of anything": dict[str, Any],
    "map of two at least": Annotated[dict[str, int], Field(min_length=2)],
    "map with ids as keys": dict[uuid.UUID, int],
    "map with dates as keys": dict[dt.date, int],
    "map with words as keys": dict[Literal["a", "b"], int],
    "map with a pattern for keys": dict[Annotated[str, Field(pattern="^[a-z]{2}-[0-9]+$")], int],
    "set": set[str],
    "set of three numbers at least": Annotated[set[int], Field(min_length=3)],
    "set of an enum": set[Color],
    "set of dates": set[dt.date],
    "date": dt.date,
    "date or none": dt.date | None,
    "time": dt.time,
    "datetime": dt.datetime,
    "duration": dt.timedelta,
    "id": uuid.UUID,
    "id of a version": UUID7,
    "decimal": decimal.Decimal,
    "decimal with bounds": Annotated[decimal.Decimal, Field(gt=0, max_digits=5, decimal_places=2)],
    "address of the web": AnyHttpUrl,
    "address of a host": ipaddress.IPv4Address,
    "network": ipaddress.IPv6Network,
    "multiple": Annotated[int, Field(multiple_of=7, ge=10)],
    "multiple of a fraction": Annotated[float, Field(multiple_of=0.1, gt=0.25, lt=0.5)],
    "open bounds": Annotated[float, Field(gt=0, lt=0.3)],
    "pattern": Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{2,4}$")],
    "pattern with full stops": Annotated[str, Field(pattern=r"^v\d+\. [a-z]+\.$", description="Version")],
    "pattern and length": Annotated[str, Field(pattern="^[a-z]+$", min_length=6, max_length=8)],
    "numbers": Literal[2, 5, 9],
    "choice of several types": Literal[7, True],
    "truth": Literal[True],
    "JSON in a text": Json[list[int]],
    "map with an enum as keys": dict[Color, int],
}
"""Each has a right value at every endpoint, asked in any way."""

UNSAID: dict[str, Any] = {
    "numbers as keys": dict[int, str],  # keys of JSON are texts, and pydantic does not say which
    "a moment to come": FutureDatetime,  # as any other moment
    "a moment without a zone": NaiveDatetime,  # as above
}
"""Types of which pydantic's own schema does not tell what they demand: no model can know."""

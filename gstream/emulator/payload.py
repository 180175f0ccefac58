"""The body against `fields`: unknown names, wrong types and enum values, found as Google's JSON reader finds them.

Rule 1: everything wrong is collected before anything is refused, as Google does.
Rule 2: what comes out is the same request in one spelling: camelCase names, lists where fields repeat, no nulls.
Paths in the words are Google's: the proto names, snake_case. The words are those of protobuf's JSON reader.
"""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gstream.emulator.errors import JsonObject, Refused
from gstream.emulator.fields import ENUMS, MESSAGES

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["normalised", "snake_case"]

_PACKAGE: Final = "type.googleapis.com/google.ai.generativelanguage.v1beta."
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_SPELLINGS: Final[dict[str, dict[str, str]]] = {}
_SHOWN_LIMIT: Final = 200
"""Characters of a wrong value that are repeated in the refusal."""
_INT_LIMITS: Final = {"int32": 2**31, "int64": 2**63}


def snake_case(name: str) -> str:
    """Return the proto spelling of a camelCase name."""
    return _HUMP.sub(lambda found: "_" + found[1].lower(), name)


def _spellings(message: str) -> dict[str, str]:
    """Return every accepted spelling of the message's fields -> the camelCase one."""
    known = _SPELLINGS.get(message)
    if known is None:
        names = MESSAGES[message]
        known = {snake_case(name): name for name in names} | {name: name for name in names}
        _SPELLINGS[message] = known
    return known


def normalised(body: JsonObject, ignored: Collection[str] = ()) -> JsonObject:
    """Return the request in one spelling.

    Args:
        body: the JSON object as it came.
        ignored: `Message.name` as spelled in the body: fields that this reseller drops without a word.

    Raises:
        Refused: 400 with one `fieldViolations[]` entry per mistake.
    """
    reader = _Reader(ignored)
    result = reader.message("GenerateContentRequest", body, "")
    if not reader.violations:
        return result
    details = {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [
            {"field": path, "description": words} if path else {"description": words}
            for path, words in reader.violations
        ],
    }
    raise Refused(400, "\n".join(words for _, words in reader.violations), details=[details])


@dataclass
class _Reader:
    ignored: Collection[str]
    violations: list[tuple[str, str]] = field(default_factory=list)
    """(path of the field's owner or of the field, the sentence)."""

    def message(self, kind: str, value: JsonObject, path: str) -> JsonObject:
        types = MESSAGES[kind]
        spellings = _spellings(kind)
        result: JsonObject = {}
        for given, content in value.items():
            name = spellings.get(given)
            if f"{kind}.{given}" in self.ignored:
                continue
            if name is None:
                where = f" at '{path}'" if path else ""
                words = f'Invalid JSON payload received. Unknown name "{given}"{where}: Cannot find field.'
                self.violations.append((path, words))
            elif content is not None:
                inner = f"{path}.{snake_case(name)}" if path else snake_case(name)
                result[name] = self.field(types[name], content, inner, given)
        return result

    def field(self, kind: str, value: Any, path: str, given: str) -> Any:
        if kind[0] == "[":
            elements = value if isinstance(value, list) else [value]  # a lone value is taken for a list of one
            return [
                self.field(kind[1:-1], element, f"{path}[{index}]", given) for index, element in enumerate(elements)
            ]
        if kind == "any":
            return value
        if isinstance(value, list):
            owner = path.rpartition(".")[0]
            where = f" at '{owner}'" if owner else ""
            words = (
                f'Invalid JSON payload received. Unknown name "{given}"{where}: '
                "Proto field is not repeating, cannot start list."
            )
            self.violations.append((owner, words))
            return None
        if kind[0] == "{" or kind == "struct" or kind in MESSAGES:
            return self._object(kind, value, path, given)
        if isinstance(value, dict):
            owner = path.rpartition(".")[0]
            self.violations.append(
                (owner, f"Invalid value at '{owner}' ({given}), Starting an object on a scalar field")
            )
            return None
        return self._enum(kind, value, path) if kind in ENUMS else self._scalar(kind, value, path)

    def _object(self, kind: str, value: Any, path: str, given: str) -> Any:
        if not isinstance(value, dict):
            named = "type.googleapis.com/google.protobuf.Struct" if kind == "struct" else _PACKAGE + kind.strip("{}")
            return self._wrong(named, value, path)
        if kind == "struct":
            return value
        if kind[0] == "{":
            return {
                key: self.field(kind[1:-1], element, f"{path}[{index}].value", given)
                for index, (key, element) in enumerate(value.items())
            }
        return self.message(kind, value, path)

    def _enum(self, kind: str, value: Any, path: str) -> Any:
        values = ENUMS[kind]
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(values):
            return values[value]
        spelled = value.lower() if isinstance(value, str) else None  # Google takes "string" for "STRING" (recorded)
        known = next((one for one in values if one.lower() == spelled), None)
        return self._wrong(_PACKAGE + kind, value, path) if known is None else known

    def _scalar(self, kind: str, value: Any, path: str) -> Any:
        if kind == "bytes":
            return self._bytes(value, path)
        if kind in {"string", "duration", "timestamp"}:
            return value if isinstance(value, str) else self._wrong("TYPE_STRING", value, path)
        if kind == "boolean":
            return value if isinstance(value, bool) else self._wrong("TYPE_BOOL", value, path)
        number = _number(value)
        if number is None:
            return self._wrong(f"TYPE_{kind.upper()}", value, path)
        if kind in _INT_LIMITS:
            limit = _INT_LIMITS[kind]
            whole = number == int(number) and -limit <= number < limit
            return int(number) if whole else self._wrong(f"TYPE_{kind.upper()}", value, path)
        return number

    def _bytes(self, value: Any, path: str) -> Any:
        if not isinstance(value, str):
            return self._wrong("TYPE_BYTES", value, path)
        standard = value.translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
        try:
            base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
        except ValueError:  # no base64, or no ASCII
            shown = json.dumps(value[:_SHOWN_LIMIT], ensure_ascii=False)
            self.violations.append(
                (path, f"Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed for {shown}")
            )
        return value

    def _wrong(self, named: str, value: Any, path: str) -> Any:
        shown = json.dumps(value, ensure_ascii=False)[:_SHOWN_LIMIT]
        self.violations.append((path, f"Invalid value at '{path}' ({named}), {shown}"))
        return None


def _number(value: Any) -> float | int | None:
    """Return a JSON number, or a string that holds one (protobuf's JSON takes both); `None` for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value

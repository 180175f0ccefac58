"""The table of fields against Google's own description."""

from __future__ import annotations

import json
from typing import Any

from gstream.emulator.fields import ENUMS, MESSAGES
from tests.conftest import SHARED, present

RENAMED = {"V1mainMediaResolution": "MediaResolution"}


def read(name: str) -> dict[str, Any]:
    path = SHARED / "specs" / name
    present(path)
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def reference(schema: dict[str, Any]) -> str:
    name: str = schema["$ref"].rsplit("/", 1)[-1]
    return RENAMED.get(name, name)


def check(schema: dict[str, Any], kind: str, where: str) -> None:
    """Assert that the table's type says what the schema does."""
    if "$ref" in schema:
        assert kind == reference(schema), where
    elif schema.get("type") == "array":
        assert kind[0] == "[", where
        check(schema["items"], kind[1:-1], where)
    elif "enum" in schema:
        assert ENUMS[kind] == tuple(schema["enum"]), where
    elif isinstance(schema.get("additionalProperties"), dict) and kind[0] == "{":
        check(schema["additionalProperties"], kind[1:-1], where)
    elif schema.get("type") == "object":
        assert kind == "struct", where
    elif schema.get("format") in {"int32", "int64", "float", "double"}:
        assert kind == schema["format"], where
    elif schema.get("format") == "byte":
        assert kind == "bytes", where
    elif schema.get("type") in {"string", "boolean"}:
        assert kind in {schema["type"], "duration", "timestamp", "bytes"}, where


def test_every_field_of_the_discovery_document_is_in_the_table_with_its_type() -> None:
    schemas = read("generativelanguage-discovery.json")["schemas"]
    for message, fields in MESSAGES.items():
        described = schemas.get(message, {}).get("properties", {})
        assert set(described) <= set(fields), message
        for name, schema in described.items():
            check(schema, fields[name], f"{message}.{name}")


def test_the_table_knows_no_field_that_neither_document_has() -> None:
    old = read("generativelanguage-discovery.json")["schemas"]
    new = {RENAMED.get(name, name): schema for name, schema in read("request-schema-20260930.json")["$defs"].items()}
    for message, fields in MESSAGES.items():
        known = {*old.get(message, {}).get("properties", {}), *new.get(message, {}).get("properties", {})}

        assert set(fields) == known, message


def test_every_type_of_the_table_is_defined() -> None:
    plain = {
        "string",
        "bytes",
        "boolean",
        "int32",
        "int64",
        "float",
        "double",
        "duration",
        "timestamp",
        "struct",
        "any",
    }
    for fields in MESSAGES.values():
        for kind in fields.values():
            assert kind.strip("[]{}") in plain | MESSAGES.keys() | ENUMS.keys()

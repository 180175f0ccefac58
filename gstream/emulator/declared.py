"""Declared schemas and functions: what Google's validator refuses in `functionDeclarations` and response schemas."""

from __future__ import annotations

import re
from typing import Any, Final

from gstream.emulator.errors import JsonObject, invalid

__all__ = ["check_function", "check_json_schema", "check_schema"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")
_REF_SIBLINGS: Final = "schemas with a $ref may not set other fields, except those that begin with $"


def check_function(function: JsonObject, path: str) -> None:
    """Raise `Refused` for one element of `tools[].functionDeclarations[]` that Google does not take."""
    name = function.get("name", "")
    if not _NAME.fullmatch(name):
        raise invalid(
            f"* GenerateContentRequest.{path}.name: Invalid function name. Must start with a letter or an underscore. "
            "Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a "
            "maximum length of 128.\n"
        )
    if "parameters" in function and "parametersJsonSchema" in function:
        raise invalid(
            f"* GenerateContentRequest.{path}: parameters and parameters_json_schema are mutually exclusive.\n"
        )
    if "parameters" in function:
        parameters = function["parameters"]
        if parameters.get("type") != "OBJECT":
            raise invalid(f"* GenerateContentRequest.{path}.parameters: should be of type OBJECT\n")
        check_schema(parameters, f"{path}.parameters")
    if "parametersJsonSchema" in function:
        check_json_schema(function["parametersJsonSchema"], f"{path}.parameters_json_schema")


def check_schema(schema: JsonObject, path: str) -> None:
    """Raise `Refused` for a `Schema` (the OpenAPI subset) with something missing or contradictory.

    The words "items: missing field", "enum: only allowed for STRING type", "required[0]: property is not defined" are
    Google's, as users quote them.
    """
    kind = schema.get("type")
    if kind is None and "anyOf" not in schema:
        raise invalid(f"* GenerateContentRequest.{path}.type: must be specified\n")
    if kind == "ARRAY" and "items" not in schema:
        raise invalid(f"* GenerateContentRequest.{path}.items: missing field.\n")
    if "enum" in schema and kind not in {"STRING", "INTEGER", "NUMBER"}:
        raise invalid(f"* GenerateContentRequest.{path}.enum: only allowed for STRING type\n")
    if "enum" in schema and not all(schema["enum"]):
        raise invalid(f"* GenerateContentRequest.{path}.enum[{schema['enum'].index('')}]: cannot be empty\n")
    properties = schema.get("properties", {})
    for index, name in enumerate(schema.get("required", ())):
        if name not in properties:
            raise invalid(f"* GenerateContentRequest.{path}.required[{index}]: property is not defined\n")
    for name, inner in properties.items():
        check_schema(inner, f"{path}.properties[{name}]")
    if "items" in schema:
        check_schema(schema["items"], f"{path}.items")
    for index, inner in enumerate(schema.get("anyOf", ())):
        check_schema(inner, f"{path}.any_of[{index}]")


def check_json_schema(schema: Any, path: str) -> None:
    """Raise `Refused` for a JSON Schema that breaks the rules documented with `responseJsonSchema`.

    Documented there: a `$ref` stands alone. The words are not known and are this emulator's.
    """
    if isinstance(schema, list):
        for inner in schema:
            check_json_schema(inner, path)
        return
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        if any(not name.startswith("$") for name in schema):
            raise invalid(f"* GenerateContentRequest.{path}: {_REF_SIBLINGS}\n")
        if not isinstance(schema["$ref"], str) or not schema["$ref"].startswith("#"):
            raise invalid(f"* GenerateContentRequest.{path}: reference {schema['$ref']!r} cannot be resolved\n")
    for key in ("items", "additionalProperties", "prefixItems", "anyOf", "oneOf"):
        check_json_schema(schema.get(key), path)
    for key in ("properties", "$defs"):
        _check_members(schema.get(key, {}), f"{path}.{key}")


def _check_members(members: Any, path: str) -> None:
    if not isinstance(members, dict):
        raise invalid(f"* GenerateContentRequest.{path}: must be an object\n")
    for inner in members.values():
        check_json_schema(inner, path)

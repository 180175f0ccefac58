"""What `with_structured_output` binds and how it reads the answer, for each of its three methods; pure."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from langchain_core.output_parsers import (
    JsonOutputKeyToolsParser,
    JsonOutputParser,
    PydanticOutputParser,
    PydanticToolsParser,
)
from langchain_core.runnables import RunnableMap, RunnablePassthrough
from langchain_core.utils.function_calling import convert_to_json_schema
from langchain_core.utils.pydantic import is_basemodel_subclass

from gstream import ConfigurationError
from langchain_gstream.tools import bindable_tool, with_references

if TYPE_CHECKING:
    from langchain_core.language_models import LanguageModelInput
    from langchain_core.runnables import Runnable

__all__ = ["Method", "bindings", "format_settings", "parser", "with_raw"]

Method: TypeAlias = Literal["json_schema", "function_calling", "json_mode"]
"""Ask for JSON by schema, by a forced call, or by media type alone."""


def bindings(schema: Any, method: Method, *, strict: bool | None) -> dict[str, Any]:
    """Return the keyword arguments to bind to the model.

    Raises:
        ConfigurationError: the method is unknown, or needs a schema and has none.
    """
    if method not in ("json_schema", "function_calling", "json_mode"):
        raise ConfigurationError(f"method must be 'json_schema', 'function_calling' or 'json_mode'; got {method!r}.")
    if schema is None and method != "json_mode":
        raise ConfigurationError(f"with_structured_output needs a schema for the method {method!r}.")
    if method == "function_calling":
        tool = bindable_tool(_named(schema), strict=strict)
        bound: dict[str, Any] = {"tools": [tool], "tool_choice": tool["function"]["name"]}
    else:
        bound = {"response_mime_type": "application/json"}
        if method == "json_schema":
            bound["response_schema"] = with_references(schema) or _json_schema(schema)
    if schema is not None:  # LangChain's tracing demands a schema wherever this is given
        bound["ls_structured_output_format"] = {"kwargs": {"method": method}, "schema": _json_schema(schema)}
    return bound


def _json_schema(schema: Any) -> dict[str, Any]:
    """Return a schema in any form LangChain knows as LangChain's JSON Schema of it.

    Raises:
        ConfigurationError: it is no schema.
    """
    try:
        return convert_to_json_schema(_named(schema))
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            f"with_structured_output cannot read the schema {getattr(schema, '__name__', type(schema).__name__)!r}: "
            f"{error}"
        ) from None


def _named(schema: Any) -> Any:
    """Return a JSON Schema with a title, which LangChain demands and the model sees as the function's name."""
    if not isinstance(schema, dict) or {"title", "name", "function", "toolSpec"} & set(schema):
        return schema
    return {**schema, "title": "Answer"}


def format_settings(response_format: Any) -> dict[str, Any]:
    """Return the settings that OpenAI's `response_format` means, which `create_agent` binds for a schema.

    Args:
        response_format: `{"type": "json_schema", "json_schema": {"schema": ...}}`, `{"type": "json_object"}`, `{"type":
            "text"}`, or a schema itself; `None` asks for nothing.

    Raises:
        ConfigurationError: it is none of these.
    """
    if response_format is None:
        return {}
    if isinstance(response_format, dict):
        kind = response_format.get("type")
        inner = response_format.get("json_schema")
        if kind == "text":
            return {}
        if kind == "json_object":
            return {"response_mime_type": "application/json"}
        if kind == "json_schema":
            schema = inner.get("schema") if isinstance(inner, dict) else None
            if not isinstance(schema, dict):
                raise ConfigurationError("response_format of the type 'json_schema' holds no json_schema.schema.")
            return {"response_mime_type": "application/json", "response_schema": schema}
    schema = with_references(response_format) or _json_schema(response_format)
    return {"response_mime_type": "application/json", "response_schema": schema}


def parser(schema: Any, method: Method) -> Runnable[Any, Any]:
    """Return what reads the answer: an object of a pydantic class, otherwise a dict."""
    is_class = isinstance(schema, type) and is_basemodel_subclass(schema)
    if method == "function_calling":
        if is_class:
            return PydanticToolsParser(tools=[schema], first_tool_only=True)
        name = bindable_tool(_named(schema))["function"]["name"]
        return JsonOutputKeyToolsParser(key_name=name, first_tool_only=True)
    return PydanticOutputParser(pydantic_object=schema) if is_class else JsonOutputParser()


def with_raw(
    model: Runnable[LanguageModelInput, Any], reader: Runnable[Any, Any]
) -> Runnable[LanguageModelInput, dict[str, Any]]:
    """Return the chain of `include_raw=True`: {"raw": message, "parsed": object or None, "parsing_error": or None}."""
    parsed = RunnablePassthrough.assign(parsed=itemgetter("raw") | reader, parsing_error=lambda _: None)
    failed = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=model) | parsed.with_fallbacks([failed], exception_key="parsing_error")

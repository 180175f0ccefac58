"""What `with_structured_output` and OpenAI's `response_format` bind to the model; pure. `parsing` reads the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gstream import ConfigurationError, RequestError
from langchain_gstream.tools import bindable_tools

if TYPE_CHECKING:
    from langchain_gstream.parsing import AnswerParser, Method
    from langchain_gstream.schemas import Form

__all__ = ["format_settings", "structured"]

JsonObject = dict[str, Any]


def structured(
    schema: Any, method: Method, *, include_raw: bool, strict: bool | None, keywords: JsonObject
) -> tuple[JsonObject, AnswerParser]:
    """Return the keyword arguments to bind to the model, and what reads its answers.

    Args:
        schema: any form that `schemas.form_of` knows; `None` with the method "json_mode" only.
        method: how to ask.
        include_raw: as `AnswerParser.include_raw`.
        strict: as `schemas.form_of`.
        keywords: what the caller wants bound along; `tools` and `tool_choice` are joined with the form's own.

    Raises:
        ConfigurationError: the method is unknown, or needs a schema and has none; tools are bound without
            `include_raw`.
        RequestError: the schema cannot be said at all.
    """
    from gstream.schema import to_json_schema  # noqa: PLC0415 - who asks for no object need not wait for it
    from langchain_gstream.parsing import AnswerParser  # noqa: PLC0415 - as above
    from langchain_gstream.schemas import form_of, traced  # noqa: PLC0415 - as above

    if method not in ("json_schema", "function_calling", "json_mode"):
        raise ConfigurationError(f"method must be 'json_schema', 'function_calling' or 'json_mode'; got {method!r}.")
    if schema is None and method != "json_mode":
        raise ConfigurationError(f"with_structured_output needs a schema for the method {method!r}.")
    tools = keywords.get("tools") or ()
    if tools and not include_raw:
        raise ConfigurationError(
            "with_structured_output(tools=...) needs include_raw=True: the model may call a tool instead of answering, "
            "and only the raw message holds that call."
        )
    form = form_of(schema, strict=strict)
    if form.schema is not None:
        to_json_schema(form.schema)  # what cannot be said is told here, not at the first call
    bound = {**keywords}
    if method == "function_calling":
        bound.update(_function(form, tools, keywords.get("tool_choice"), strict=strict))
    else:
        bound["response_mime_type"] = "application/json"
        if method == "json_schema":
            bound["response_schema"] = form.schema
        if tools:
            bound["tools"] = bindable_tools(tools, strict=strict, choice=keywords.get("tool_choice"))
    if schema is not None:  # LangChain's tracing demands a schema wherever this is given
        bound["ls_structured_output_format"] = {"kwargs": {"method": method}, "schema": traced(schema, form)}
    return bound, AnswerParser(form=form, method=method, include_raw=include_raw, may_call=bool(tools))


def _function(form: Form, tools: Any, choice: Any, *, strict: bool | None) -> JsonObject:
    """Return the tools and the choice that make the model call a function with the form as its arguments."""
    from langchain_gstream.schemas import function_name, root_of  # noqa: PLC0415 - as in structured

    schema = form.schema or {}
    root = root_of(schema)
    kind = root.get("type")
    if not (str(kind).lower() == "object" or (kind is None and ("properties" in root or "allOf" in root))):
        raise RequestError(
            f"The schema {form.name!r} is no object, as the arguments of a function must be: use "
            "method='json_schema', or a schema with properties."
        )
    name = function_name(form.name)
    about = root.get("description")
    arguments = {key: value for key, value in schema.items() if key not in {"title", "description"}}
    function = {"name": name, "description": about if isinstance(about, str) else "", "parameters": arguments}
    own = {"type": "function", "function": function}
    wanted = choice if choice is not None else "any" if tools else name
    bound = bindable_tools([*tools, own], strict=strict if tools else None, choice=wanted)
    return {"tools": bound, "tool_choice": wanted}


def format_settings(response_format: Any) -> JsonObject:
    """Return the settings that OpenAI's `response_format` means, which `create_agent` binds for a schema.

    Args:
        response_format: `{"type": "json_schema", "json_schema": {"schema": ...}}`, `{"type": "json_object"}`, `{"type":
            "text"}`, or a schema itself; `None` asks for nothing.

    Raises:
        ConfigurationError: it is none of these.
        RequestError: it is a type that JSON Schema cannot express.
    """
    kind = response_format.get("type") if isinstance(response_format, dict) else None
    if response_format is None or kind == "text":
        return {}
    if kind == "json_object":
        return {"response_mime_type": "application/json"}
    from langchain_gstream.schemas import form_of  # noqa: PLC0415 - as in structured

    return {"response_mime_type": "application/json", "response_schema": form_of(response_format).schema}

"""Every form of a schema that LangChain users write in, its JSON Schema and how its objects are made out; pure."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Final, NotRequired, Required, get_args, get_origin, get_type_hints

from langchain_core.utils.function_calling import convert_to_json_schema
from pydantic import BaseModel, PydanticUserError, TypeAdapter

from gstream import ConfigurationError, RequestError, Tool
from gstream.schema import conforms, schema_of
from gstream.tools import read_tools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "UNREADABLE",
    "Form",
    "closed",
    "form_of",
    "function_name",
    "json_schema_of",
    "root_of",
    "title_of",
    "traced",
]

JsonObject = dict[str, Any]

UNREADABLE: Final = (
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    NameError,
    PydanticUserError,
    RecursionError,
)
"""What LangChain's and pydantic's conversions raise for what they cannot convert."""


@dataclasses.dataclass(frozen=True)
class Form:
    """The form that answers must have."""

    name: str
    """What the schema is called, as its author wrote it."""
    schema: JsonObject | None
    """Its JSON Schema with every limit the author set; `None`: any JSON will do."""
    kind: Any = None
    """The Python type of which answers become objects; `None`: they stay JSON."""

    @property
    def plain(self) -> bool:
        """Whether half an object can be shown too, as a dict."""
        return self.kind is None or _is_typed_dict(self.kind)

    def made(self, value: Any) -> Any:
        """Return the object that an answer means.

        Args:
            value: JSON as `json.loads` returns it.

        Raises:
            ValueError: it does not fit; the message says where and why.
            Exception: what a validator of the caller's own raises.
        """
        if self.kind is None or (adapter := _adapter(self.kind)) is None:
            complaint = None if self.schema is None else conforms(value, self.schema)
            if complaint is not None:
                raise ValueError(complaint)
            return value
        return adapter(value)


def _adapter(kind: Any) -> Callable[[Any], Any] | None:
    """Return what makes JSON an object of a type; `None` where pydantic cannot (`typing.TypedDict` on Python 3.11).

    JSON is given to pydantic as JSON: only then does a strict class take a date or a tuple for what it is.
    """
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return lambda value: kind.model_validate_json(json.dumps(value))
    if _is_v1(kind):
        parse: Callable[[Any], Any] = kind.parse_obj
        return parse
    try:
        adapter = TypeAdapter(kind)
    except PydanticUserError:
        return None
    return lambda value: adapter.validate_json(json.dumps(value))


# -- from what the user typed to a form ---------------------------------------------------------------------------


def form_of(schema: Any, *, strict: bool | None = None) -> Form:
    """Return the form that a schema means.

    Args:
        schema: a class of pydantic 2 or 1, a TypedDict, a dataclass, any other type that pydantic knows, a JSON Schema,
            a function or tool in any form (its arguments are the form), OpenAI's `{"type": "json_schema", ...}`;
            `None`: any JSON.
        strict: whether objects have the properties listed and no others.

    Raises:
        ConfigurationError: it is no schema.
        RequestError: it is a type that JSON Schema cannot express.
    """
    form = _form(schema)
    return dataclasses.replace(form, schema=closed(form.schema)) if strict and form.schema else form


def _form(schema: Any) -> Form:
    if schema is None:
        return Form("Answer", None)
    if isinstance(schema, dict):
        return _form_of_dict(schema)
    if isinstance(schema, type) or get_origin(schema) is not None:
        written = json_schema_of(schema)
        return Form(title_of(written) or getattr(schema, "__name__", "") or "Answer", written, schema)
    return _form_of_dict(_by_langchain(schema))


def _form_of_dict(schema: JsonObject) -> Form:
    if schema.get("type") == "json_schema":
        inside = schema.get("json_schema", schema)
        if not isinstance(inside, dict) or not isinstance(inside.get("schema"), dict):
            raise ConfigurationError("The schema of the type 'json_schema' holds no json_schema.schema.")
        return Form(str(inside.get("name") or title_of(inside["schema"]) or "Answer"), inside["schema"])
    if {"name", "function", "toolSpec"} & schema.keys():
        (tool,) = read_tools(schema) or (None,)
        if not isinstance(tool, Tool):
            raise ConfigurationError(
                f"with_structured_output cannot read the schema with {', '.join(map(str, schema))}."
            )
        said = {"title": tool.name, **({"description": tool.description} if tool.description else {})}
        return Form(tool.name, {**said, **(tool.schema or {"type": "object", "properties": {}})})
    return Form(title_of(schema) or "Answer", schema)


def _by_langchain(schema: Any) -> JsonObject:
    """Return a schema of a form that only LangChain knows as LangChain's JSON Schema of it.

    Raises:
        ConfigurationError: it is no schema.
    """
    try:
        return convert_to_json_schema(schema)
    except UNREADABLE as error:
        name = getattr(schema, "__name__", type(schema).__name__)
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigurationError(f"with_structured_output cannot read the schema {name!r}: {reason}") from None


def traced(schema: Any, form: Form) -> JsonObject:
    """Return the JSON Schema that LangChain's tracing is shown: LangChain's own, or ours where it cannot read it.

    It takes a dataclass for a function.
    """
    if dataclasses.is_dataclass(schema):
        return {"title": form.name, **(form.schema or {})}
    try:
        return convert_to_json_schema(schema)
    except UNREADABLE:
        return {"title": form.name, **(form.schema or {})}


# -- JSON Schema of Python types ----------------------------------------------------------------------------------


def json_schema_of(kind: Any) -> JsonObject:
    """Return the JSON Schema of a type, references kept, without titles that only repeat a property's name.

    Raises:
        RequestError: pydantic cannot make a JSON Schema of it.
    """
    if not _is_typed_dict(kind):
        return _terse(schema_of(kind))
    try:
        schema = schema_of(kind)
    except RequestError:
        return _typed_dict_by_langchain(kind)
    return _terse(_explained(schema, kind))


def _is_typed_dict(kind: Any) -> bool:
    """Tell whether it is a TypedDict, of `typing` or of `typing_extensions`."""
    return isinstance(kind, type) and issubclass(kind, dict) and hasattr(kind, "__total__")


def _is_v1(kind: Any) -> bool:
    """Tell whether it is a class of pydantic 1; to import that to ask would warn on Python 3.14."""
    return hasattr(kind, "__fields__") and callable(getattr(kind, "parse_obj", None))


def _typed_dict_by_langchain(kind: Any) -> JsonObject:
    """Return the schema of a `typing.TypedDict` on Python 3.11, which pydantic refuses."""
    try:
        schema = convert_to_json_schema(kind)
    except UNREADABLE:
        raise RequestError(
            f"{kind.__name__} has no JSON Schema: import TypedDict from typing_extensions, or pass a pydantic class or "
            "a JSON Schema."
        ) from None
    required = [name for name in schema.get("required", ()) if name in kind.__required_keys__]
    rest = {name: value for name, value in schema.items() if name != "required"}
    return {**rest, **({"required": required} if required else {})}


def _explained(schema: JsonObject, kind: Any) -> JsonObject:
    """Return the schema with what LangChain users write into `Annotated[..., ..., "what it is"]` and under `Args:`."""
    told = {dictionary.__name__: dictionary for dictionary in _typed_dicts(kind, set())}
    definitions = {
        name: _described(inner, told[name]) if name in told else inner
        for name, inner in schema.get("$defs", {}).items()
    }
    result = _described(schema, kind) if "properties" in schema else schema
    return {**result, "$defs": definitions} if definitions else result


def _typed_dicts(kind: Any, seen: set[Any]) -> Iterator[Any]:
    """Yield the TypedDicts that a type is made of."""
    if _is_typed_dict(kind):
        if kind in seen:
            return
        seen.add(kind)
        yield kind
        for hint in _hints(kind).values():
            yield from _typed_dicts(hint, seen)
    for argument in get_args(kind):
        yield from _typed_dicts(argument, seen)


def _hints(kind: Any) -> dict[str, Any]:
    try:
        return get_type_hints(kind, include_extras=True)
    except (NameError, TypeError):
        return {}


def _described(schema: JsonObject, kind: Any) -> JsonObject:
    """Return the schema of one TypedDict with its keys described."""
    about, _, block = (inspect.getdoc(kind) or "").partition("\nArgs:\n")
    told = dict(re.findall(r"^\s+(\w+)(?: \([^\n]*?\))?: *([^\n]+)", block, re.MULTILINE))
    for name, hint in _hints(kind).items():
        inner = hint
        while get_origin(inner) in {Required, NotRequired}:
            inner = get_args(inner)[0]
        texts = [extra for extra in get_args(inner)[1:] if isinstance(extra, str)] if _is_annotated(inner) else []
        told.update({name: texts[-1]} if texts else {})
    properties = {
        name: {**inner, "description": told[name]}
        if name in told and isinstance(inner, dict) and "description" not in inner
        else inner
        for name, inner in schema.get("properties", {}).items()
    }
    said = {"description": about.strip()} if block and "description" in schema else {}
    return {**schema, "properties": properties, **said}


def _is_annotated(hint: Any) -> bool:
    return get_origin(hint) is Annotated


def _terse(schema: JsonObject) -> JsonObject:
    def terse(node: JsonObject, name: str | None) -> JsonObject:
        title = node.get("title")
        if name is None or not isinstance(title, str) or _letters(title) != _letters(name):
            return node
        return {key: value for key, value in node.items() if key != "title"}

    result: JsonObject = _rewritten(schema, terse)
    return result


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def closed(schema: JsonObject) -> JsonObject:
    """Return a schema whose objects take no other properties than those it lists; maps stay maps."""

    def close(node: JsonObject, _: str | None) -> JsonObject:
        if not node.get("properties") or "additionalProperties" in node:
            return node
        return {**node, "additionalProperties": False}

    result: JsonObject = _rewritten(schema, close)
    return result


def _rewritten(node: Any, rewrite: Callable[[JsonObject, str | None], JsonObject], name: str | None = None) -> Any:
    """Return a copy of a schema with `rewrite(schema, name of the property)` done to each schema in it.

    Members of `allOf` stay as they are, being parts of one schema.
    """
    if isinstance(node, list):
        return [_rewritten(member, rewrite) for member in node]
    if not isinstance(node, dict):
        return node
    result: JsonObject = {}
    for key, value in node.items():
        if key in {"properties", "$defs", "definitions", "patternProperties"} and isinstance(value, dict):
            result[key] = {
                inner: _rewritten(member, rewrite, inner if key == "properties" else None)
                for inner, member in value.items()
            }
        elif key in {"items", "prefixItems", "anyOf", "oneOf", "additionalProperties"}:
            result[key] = _rewritten(value, rewrite)
        else:
            result[key] = value
    return rewrite(result, name)


def root_of(schema: JsonObject) -> JsonObject:
    """Return what a schema says at its root, where that is a reference into its own definitions."""
    ref = schema.get("$ref")
    if not isinstance(ref, str) or ref.count("/") != 2:  # noqa: PLR2004 - "#/$defs/Name"
        return schema
    _, definitions, name = ref.split("/")
    found = schema.get(definitions, {}).get(name) if isinstance(schema.get(definitions, {}), dict) else None
    return (
        {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
        if isinstance(found, dict)
        else schema
    )


def title_of(schema: JsonObject) -> str:
    """Return the title of a schema; empty where it has none."""
    title = root_of(schema).get("title")
    return title if isinstance(title, str) else ""


def function_name(title: str) -> str:
    """Return a title as a name that the API takes for a function (`Box[int]` becomes `Box_int_`)."""
    name = re.sub(r"[^A-Za-z0-9_.:-]", "_", title)[:128]
    return name if re.match(r"[A-Za-z_]", name) else f"_{name}"[:128]

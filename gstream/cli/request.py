"""`gstream request`: what would be sent, to look at, to paste and to report. Nothing is sent, and no key is needed.

What the options say becomes a prompt here; how the request looks is `wire_forms`.
"""

from __future__ import annotations

import json
import mimetypes
import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from gstream import Blob, ConfigurationError, Prompt, RequestError, Settings, Text, Turn, resolve
from gstream.cli import console
from gstream.cli.assignments import assigned
from gstream.cli.options import (  # noqa: TC001 - typer reads the annotations
    AuthForm,
    BaseUrl,
    EndpointName,
    ModelName,
    Set,
    Stdin,
    System,
)
from gstream.cli.wire_forms import Form, shown
from gstream.tools import checked, read_tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gstream import BuiltInTool, Part, Tool

__all__ = ["request"]

_DASH: Final = "-"
"""As the prompt: read it from standard input."""


def request(
    question: Annotated[
        str | None, typer.Argument(metavar="PROMPT", show_default=False, help="What to ask; - reads standard input.")
    ] = None,
    *,
    model: ModelName = "gemini-2.5-flash",
    endpoint: EndpointName = None,
    base_url: BaseUrl = None,
    auth: AuthForm = None,
    system: System = None,
    image: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Add an image, or any other media file; repeatable."),
    ] = None,
    tool: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE.json", help="Declare the function, or the list of them, in a file; repeatable."),
    ] = None,
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="Demand an answer of this JSON Schema.")
    ] = None,
    settings: Set = None,
    stdin: Stdin = False,
    form: Annotated[Form, typer.Option("--as", help="A command, a description, or a program.")] = Form.CURL,
) -> None:
    """Print the request that would be sent.

    It is the very request that both frameworks send. In place of the key stands the variable it is read from, so that
    the command and the program run as they are where that is set. Nothing is sent.
    """
    try:
        prompt = Prompt(
            model=model,
            turns=(Turn("user", tuple(_spoken(question, stdin=stdin, files=image or ()))),),
            system=(Text(system),) if system else (),
            tools=checked(made for file in tool or () for made in _tools(_read_json(file), file)),
            settings=_settings(settings or (), schema),
        )
        # `resolve` knows the three ways of sending a key, and refuses any other.
        target = resolve(endpoint, api_key="unused", base_url=base_url, auth=auth)  # type: ignore[arg-type]
        text = shown(prompt, target, form, ascii_only=not _writes_unicode())
    except RequestError as error:  # nothing was sent, so it is the call of this command that was wrong
        raise ConfigurationError(error.message) from None
    console.unwrapped(console.output(plain=True), text)


def _writes_unicode() -> bool:
    return (sys.stdout.encoding or "ascii").lower().replace("-", "").startswith("utf")


# -- what is said ---------------------------------------------------------------------------------------------------


def _spoken(question: str | None, *, stdin: bool, files: Sequence[Path]) -> Iterator[Part]:
    """Yield the media, then the text: the order that Google advises for one image and a question about it."""
    for file in files:
        kind, encoding = mimetypes.guess_type(file.name)
        if kind is None or encoding is not None:
            raise ConfigurationError(f"--image {file}: the ending says no media type; name it like photo.png.")
        yield Blob.of(_read(file), kind)
    said = [] if question in (None, _DASH) else [str(question)]
    if stdin or question == _DASH:
        said.append(_decoded(sys.stdin.buffer.read(), "standard input"))
    text = "\n\n".join(said)
    if not text.strip() and not files:
        raise ConfigurationError(
            'There is no prompt: write it in quotes, as in gstream request "Why is the sky blue?".'
        )
    yield Text(text)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror or error}.") from None


def _decoded(content: bytes, origin: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{origin} holds no text in UTF-8: convert it, or pass media with --image.") from None


def _read_json(file: Path) -> Any:
    try:
        return json.loads(_decoded(_read(file), str(file)))
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" (line {error.lineno}: {error.msg})" if isinstance(error, json.JSONDecodeError) else ""
        raise ConfigurationError(f"{file} holds no JSON{where}.") from None


# -- tools and settings ---------------------------------------------------------------------------------------------


def _tools(given: Any, file: Path) -> Iterator[Tool | BuiltInTool]:
    """Yield the tools of a file: one in any provider's form, or a list of them."""
    for item in given if isinstance(given, list) else [given]:
        found = read_tools(item)
        if not found:
            raise ConfigurationError(
                f'{file} holds no tool: write {{"name": ..., "description": ..., "parameters": ...}} or a list of them.'
            )
        yield from found


def _settings(assignments: Sequence[str], schema: Path | None) -> Settings:
    demanded = {} if schema is None else {"response_schema": _read_json(schema)}
    return Settings(**assigned(assignments), **demanded)

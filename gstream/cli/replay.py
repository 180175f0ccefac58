"""`gstream replay`: a captured response through the decoder, chunk by chunk, to the answer or the typed error.

How a capture is taken apart is `captures`; here it is decoded and shown.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import typer
from rich import box
from rich.table import Table
from rich.text import Text as Styled

from gstream import (
    Blob,
    CodeResult,
    ConfigurationError,
    ExecutableCode,
    FileRef,
    FunctionCall,
    FunctionResponse,
    GStreamError,
    Opaque,
    StreamDecoder,
    Text,
    Thought,
    collect,
)
from gstream.cli import console
from gstream.cli.captures import blanked, read_capture
from gstream.parts import part_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gstream import Chunk, Part, Usage
    from gstream.cli.captures import Capture

__all__ = ["replay"]

JsonObject: TypeAlias = dict[str, Any]

_EXCERPT: Final = 120
"""How many characters of a text a row shows at most; a terminal's width may cut it earlier."""


def replay(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The capture; - reads standard input."),
    ],
    *,
    status: Annotated[
        int | None, typer.Option(min=100, max=599, metavar="N", help="Its HTTP status, if FILE does not say. [200]")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option(metavar="NAME:VALUE", help="A header of the response; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    redact: Annotated[
        bool, typer.Option("--redact", help="Print the body with all texts blanked, for a bug report.")
    ] = False,
) -> None:
    """Decode a captured response and show what it says.

    FILE holds a body (SSE, a JSON array, lines of JSON, one object), with or without the head that curl -i writes, or
    a browser's HAR. Exit code 0: a whole answer; 1: the error that a call would raise; 2: wrongly called.
    """
    capture = read_capture(_content(file))
    known = {**capture.headers, **dict(map(_header, header or ()))}
    decoder = StreamDecoder(status=status or capture.status or 200, headers=known)
    chunks, error = _decoded(decoder, capture)
    out = console.output()
    if redact:
        sys.stdout.buffer.write(blanked(capture.body))
        sys.stdout.buffer.flush()
    elif as_json:
        lines = [*map(_described, chunks), _outcome(chunks, error, decoder)]
        for line in lines:
            console.unwrapped(out, json.dumps(line, ensure_ascii=False, default=str))
    else:
        if chunks:
            table = _table(chunks)
            console.fits(out, table)  # in a pipe the console is made as wide as the table
            out.print(table)
            out.print()
        _conclude(chunks, error, decoder)
    if error is not None:
        raise typer.Exit(1)


def _content(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror or error}.") from None


def _header(given: str) -> tuple[str, str]:
    name, colon, value = given.partition(":")
    if not colon or not name.strip():
        raise ConfigurationError(f"--header {given!r} is no NAME:VALUE: write it like 'retry-after: 30'.")
    return name.strip().lower(), value.strip()


def _decoded(decoder: StreamDecoder, capture: Capture) -> tuple[list[Chunk], GStreamError | None]:
    """Return the chunks up to the end or the error."""
    chunks: list[Chunk] = []
    try:
        chunks += decoder.feed(capture.body)
        chunks += decoder.drain()
        chunks += decoder.close(cut=capture.cut)
    except GStreamError as error:
        return chunks, error
    return chunks, None


# -- for people -----------------------------------------------------------------------------------------------------


def _table(chunks: Sequence[Chunk]) -> Table:
    """Return a row for each part, and one for the end of each candidate."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    several = len({chunk.index for chunk in chunks}) > 1
    parts = [part for chunk in chunks for part in chunk.parts]
    table.add_column("chunk", justify="right", style="dim", no_wrap=True, min_width=len("chunk"))
    if several:
        table.add_column("candidate", justify="right", no_wrap=True)
    table.add_column("kind", style="cyan", no_wrap=True, min_width=max(map(len, map(_kind, parts)), default=0))
    table.add_column("content")
    for number, chunk in enumerate(chunks, 1):
        rows = [(_kind(part), _content_of(part)) for part in chunk.parts]
        if chunk.last:
            rows.append(("end", _end(chunk)))
        for position, (kind, said) in enumerate(rows):
            place = [str(number) if position == 0 else "", *([str(chunk.index)] if several else [])]
            table.add_row(*place, kind, Styled(said, no_wrap=True, overflow="ellipsis"))
    return table


def _kind(part: Part) -> str:
    names: dict[type[Any], str] = {
        Text: "text", Thought: "thought", FunctionCall: "call", FunctionResponse: "result", Blob: "media",
        FileRef: "file", ExecutableCode: "code", CodeResult: "code result", Opaque: "unknown",
    }  # fmt: skip
    return names[type(part)] + (", signed" if part.signature else "")


def _content_of(part: Part) -> str:
    """Return what a part says, in one line."""
    if isinstance(part, Text | Thought):
        return _excerpt(_line(part.text))
    if isinstance(part, FunctionCall):
        arguments = part.malformed if part.malformed is not None else json.dumps(part.args, ensure_ascii=False)
        note = "" if part.malformed is None else " (arguments that are no object)"
        return _excerpt(f"{part.name}({arguments}){note}" + (f" id {part.id}" if part.id else ""))
    if isinstance(part, Blob):
        return f"{part.mime_type}, {len(part.data) * 3 // 4:,} bytes" + (", of a thought" if part.thought else "")
    if isinstance(part, FileRef):
        return _excerpt(f"{part.uri} {part.mime_type or ''}".rstrip())
    if isinstance(part, ExecutableCode):
        return _excerpt(f"{part.language}: {_line(part.code)}")
    if isinstance(part, CodeResult):
        return _excerpt(f"{part.outcome}: {_line(part.output)}")
    return _excerpt(json.dumps(part_json(part), ensure_ascii=False))


def _line(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _excerpt(text: str) -> str:
    """Return the beginning of a text; what would move a terminal's cursor is escaped."""
    short = text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}..."
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in short
    )


def _end(chunk: Chunk) -> str:
    said = [chunk.finish_reason or "no finish reason"]
    if chunk.usage is not None:
        said.append(_counted(chunk.usage))
    return _excerpt("; ".join(said))


def _counted(usage: Usage) -> str:
    notes = [f"{count} {name}" for name, count in (("cached", usage.cached), ("of thoughts", usage.thoughts)) if count]
    return f"{usage.input} -> {usage.output} tokens" + (f" ({', '.join(notes)})" if notes else "")


def _conclude(chunks: Sequence[Chunk], error: GStreamError | None, decoder: StreamDecoder) -> None:
    """Print the outcome: a whole answer to standard output, an error to standard error."""
    if error is not None:
        console.errors().print(console.printable(f"{type(error).__name__}: {error}"), style="red")
        return
    last = chunks[-1] if chunks else None
    facts = [f"HTTP {decoder.status}", f"framed as {decoder.framing}"]
    facts += [f"model {last.model_version}"] if last and last.model_version else []
    facts += [f"request {last.request_id}"] if last and last.request_id else []
    said = f" The model adds: {last.finish_message}" if last and last.finish_message else ""
    out = console.output()
    whole = console.printable(f"A whole answer in {len(chunks)} chunks ({', '.join(facts)}).{said}")
    out.print(whole, style="green", soft_wrap=not out.is_terminal)


# -- for programs ---------------------------------------------------------------------------------------------------


def _described(chunk: Chunk) -> JsonObject:
    return {
        "index": chunk.index,
        "parts": [part_json(part) for part in chunk.parts],
        **({"last": True, "finish_reason": chunk.finish_reason} if chunk.last else {}),
        **({"usage": asdict(chunk.usage)} if chunk.usage else {}),
    }


_FACTS: Final = ("status", "code", "provider_message", "retry_after_s", "request_id", "reason", "finish_reason")


def _outcome(chunks: Iterable[Chunk], error: GStreamError | None, decoder: StreamDecoder) -> JsonObject:
    said: JsonObject = {"http_status": decoder.status, "framing": decoder.framing}
    if error is None:
        return {"outcome": "whole", **said, "text": collect(chunk for chunk in chunks if chunk.index == 0).text}
    facts = {name: value for name in _FACTS if (value := getattr(error, name, None)) not in (None, "")}
    return {"outcome": type(error).__name__, **said, "message": str(error), "retryable": error.retryable, **facts}

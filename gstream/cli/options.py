"""Options that several commands have, each declared once: its name, its type and its words in `--help`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

__all__ = ["AuthForm", "BaseUrl", "EndpointName", "ModelName", "Set", "Stdin", "System"]

EndpointName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Whom to ask; see gstream endpoints. [default: GSTREAM_ENDPOINT, or the one with a key]"
    ),
]
BaseUrl: TypeAlias = Annotated[str | None, typer.Option(metavar="URL", help="Where it listens, if not where known.")]
AuthForm: TypeAlias = Annotated[
    str | None, typer.Option(metavar="FORM", help="Send the key as header, bearer or query.")
]
ModelName: TypeAlias = Annotated[str, typer.Option(metavar="NAME", help="As the endpoint spells it.")]
System: TypeAlias = Annotated[str | None, typer.Option(metavar="TEXT", help="The system instruction.")]
Set: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting, e.g. temperature=0.2; JSON or text; repeatable."),
]
Stdin: TypeAlias = Annotated[bool, typer.Option("--stdin", help="Put standard input behind the question.")]

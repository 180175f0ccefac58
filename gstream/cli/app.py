"""The commands, put together: what `gstream --help` lists, and which exit code an error becomes.

A new command is a module with one function and one line here.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from gstream import ConfigurationError, GStreamError, __version__
from gstream.cli import chat, check, console, demo, endpoints, replay, request, serve

__all__ = ["app"]

FAILED: Final = 1
WRONGLY_CALLED: Final = 2
INTERRUPTED: Final = 130
"""128 and the number of SIGINT, as shells count."""


class _Commands(TyperGroup):
    """The group of all commands: errors of gstream leave as one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that `ctx` names."""
        try:
            return super().invoke(ctx)
        except GStreamError as error:
            console.errors().print(console.printable(f"Error: {error}"), style="red")
            code = WRONGLY_CALLED if isinstance(error, ConfigurationError) else FAILED
            raise typer.Exit(code) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None


app: Final = typer.Typer(
    name="gstream",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
"""The command line; call it, or hand it to `typer.testing.CliRunner`."""


def _show_version(asked: bool) -> None:  # noqa: FBT001 - the value of a flag, passed by typer
    if asked:
        console.output().print(f"gstream {__version__}")
        raise typer.Exit


@app.callback()
def _gstream(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Gemini through any reseller, for LangChain and LlamaIndex."""


app.command("demo", epilog="Example: gstream demo --endpoint juheai --framework langchain")(demo.demo)
app.command("check", epilog="Example: gstream check --endpoint juheai --model gemini-2.5-flash")(check.check)
app.command("chat", epilog="Example: gstream chat --endpoint juheai --model gemini-2.5-pro")(chat.chat)
app.command("endpoints", epilog="Example: gstream endpoints --json")(endpoints.endpoints)
app.command("request", epilog='Example: gstream request "Why is the sky blue?" --endpoint juheai --as curl')(
    request.request
)
app.command("replay", epilog="Example: gstream replay answer.txt, with what curl -i printed in it")(replay.replay)
app.command("serve", epilog="Example: gstream serve juheai --port 8750 --fault error_429 --fault-times 1")(serve.serve)

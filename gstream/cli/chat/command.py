"""The options of `gstream chat`, and its three ways: a chat in a terminal, one question, a step of a pipe."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from gstream import ENDPOINTS, Client, ConfigurationError, GStreamError, Settings, collect, resolve
from gstream.cli import console
from gstream.cli.assignments import assigned
from gstream.cli.chat import files
from gstream.cli.chat.answer import Flow, unfinished
from gstream.cli.chat.conversation import Conversation
from gstream.cli.chat.keyboard import typed
from gstream.cli.chat.screen import Screen
from gstream.cli.chat.session import Session, conclude, show
from gstream.cli.options import AuthForm, BaseUrl, Set, Stdin, System  # noqa: TC001 - typer reads the annotations
from gstream.models import facts
from gstream.parts import part_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gstream import Chunk, Prompt, Target
    from gstream.endpoints import Auth

__all__ = ["chat", "settings_for", "target_of"]

_MODEL: Final = "gemini-2.5-flash"
_DASH: Final = "-"
"""As the question: read it from standard input."""


def chat(
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="QUESTION", show_default=False, help="Answer this and exit; - reads it from standard input."
        ),
    ] = None,
    *,
    endpoint: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|URL",
            help="Whom to ask; see gstream endpoints. [default: GSTREAM_ENDPOINT, or the one with a key]",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help=f"As the endpoint spells it. [{_MODEL}]")] = None,
    base_url: BaseUrl = None,
    auth: AuthForm = None,
    system: System = None,
    image: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Send this image with the question; repeatable.")
    ] = None,
    file: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Send this PDF, sound, video or text with the question; repeatable."),
    ] = None,
    load: Annotated[str | None, typer.Option(metavar="FILE", help="Go on with a chat that /save wrote.")] = None,
    settings: Set = None,
    thoughts: Annotated[
        bool | None,
        typer.Option("--thoughts/--no-thoughts", help="Show what the model thinks. [in a terminal, if it can think]"),
    ] = None,
    media_dir: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where images and sound of answers are written.")
    ] = Path(),
    stdin: Stdin = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Chat with a model in the terminal.

    With QUESTION, or with a question from a pipe, it answers and exits. Piped output is the bare answer. In a chat,
    /help lists the commands, Ctrl-C stops an answer, and Ctrl-D ends the chat. To try it without a key, run gstream
    serve in another terminal and give its URL as --endpoint, its key in GSTREAM_API_KEY.

    Exit code 0: answered; 1: the endpoint failed; 2: wrongly called.
    """
    given = assigned(settings or ())
    target = target_of(endpoint, base_url=base_url, auth=auth)
    conversation = _opened(load, model, system)
    for path in image or ():
        conversation = conversation.attach(files.attachment(str(path), image=True))
    for path in file or ():
        conversation = conversation.attach(files.attachment(str(path), image=False))
    asked = _question(question, stdin=stdin)
    out = console.output()
    screen = Screen(out, console.errors())
    wanted = partial(settings_for, given=given, thoughts=thoughts, shown=out.is_terminal and not as_json)
    if asked is None:
        if as_json or not out.is_terminal:
            raise ConfigurationError('A chat needs a terminal: give the question, as in gstream chat "Hello".')
        _converse(Session(target, conversation, wanted, screen, media_dir, partial(target_of, auth=auth)))
        return
    prompt = conversation.ask(asked).prompt(wanted(conversation.model))
    if as_json:
        _print_json(target, prompt)
    elif out.is_terminal:
        _draw(target, prompt, screen, media_dir)
    else:
        _print_plain(target, prompt, media_dir)


def _draw(target: Target, prompt: Prompt, screen: Screen, folder: Path) -> None:
    """Draw the answer to the one question."""
    came: list[Chunk] = []
    started = time.monotonic()
    show(target, prompt, screen, folder, came)
    conclude(collect(came), time.monotonic() - started, prompt.model, target, screen)


def _converse(session: Session) -> None:
    if session.conversation.turns:
        session.screen.remark(f"Going on behind {session.conversation.count}.")
    session.screen.remark(session.whom())
    session.screen.remark("/help lists the commands, Ctrl-D ends the chat.")
    session.run(typed())


def _opened(load: str | None, model: str | None, system: str | None) -> Conversation:
    """Return the conversation to begin with: a saved one or a new one, as the other options change it."""
    conversation = files.load(load) if load else Conversation(_MODEL)
    changed = replace(conversation, model=model or conversation.model or _MODEL)
    return changed if system is None else replace(changed, system=system)


def _question(question: str | None, *, stdin: bool) -> str | None:
    """Return the one question to answer; `None`: a chat is wanted."""
    said = [] if question in (None, _DASH) else [str(question)]
    if stdin or question == _DASH or (question is None and not sys.stdin.isatty()):
        try:
            said.append(sys.stdin.buffer.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ConfigurationError("Standard input is no text in UTF-8: convert it, or use --file.") from None
    elif question is None:
        return None
    text = "\n\n".join(said).strip()
    if not text:
        raise ConfigurationError('There is no question: write it in quotes, as in gstream chat "Hello".')
    return text


# -- whom to ask, and how -------------------------------------------------------------------------------------------

_URL: Final = re.compile(r"https?://|localhost\b|127\.|\[::1\]", re.IGNORECASE)


def target_of(
    endpoint: str | None,
    *,
    base_url: str | None = None,
    auth: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Target:
    """Return whom to ask.

    Args:
        endpoint: a name, or a URL in its place; `None`: as `resolve` decides.
        base_url: where it listens; `None`: where it is known to.
        auth: how the key is sent; `None`: as the endpoint prefers.
        environ: the environment.

    Raises:
        ConfigurationError: as `resolve`; where a key is missing, it tells how to do without.
    """
    if endpoint and not base_url and _URL.match(endpoint):
        endpoint, base_url = None, endpoint
    form: Auth | None = auth  # type: ignore[assignment]  # `resolve` knows the three and refuses any other
    try:
        return resolve(endpoint, base_url=base_url, auth=form, environ=environ)
    except ConfigurationError:
        variables = _missing_key(endpoint, base_url, form, environ)
        if variables is None:
            raise
    raise ConfigurationError(
        f"There is no key: set {variables}; or, to try it without one, run gstream serve in another terminal, then "
        "GSTREAM_API_KEY=<its key> gstream chat --endpoint <its base URL>."
    )


def _missing_key(
    endpoint: str | None, base_url: str | None, auth: Auth | None, environ: Mapping[str, str]
) -> str | None:
    """Return the variables of which one should hold the key, in words; `None` if a key is not what is missing."""
    everybodys = [variable for known in ENDPOINTS.values() for variable in known.key_variables]
    if not endpoint and not base_url and not environ.get("GSTREAM_ENDPOINT"):
        if any(environ.get(variable) for variable in everybodys):
            return None
        return f"the key variable of an endpoint ({', '.join(everybodys)})"
    try:
        target = resolve(endpoint, api_key="none", base_url=base_url, auth=auth, environ=environ)
    except ConfigurationError:
        return None
    variables = (*target.endpoint.key_variables, "GSTREAM_API_KEY")
    return None if any(environ.get(variable) for variable in variables) else " or ".join(variables)


def settings_for(model: str, *, given: Mapping[str, Any], thoughts: bool | None, shown: bool) -> Settings:
    """Return the settings for a model.

    Args:
        model: its name.
        given: what the user set.
        thoughts: whether thoughts are wanted; `None`: where they are shown and the model is known to think.
        shown: whether thoughts have a place to be shown in.
    """
    known = facts(model)
    wanted = shown and known.known and known.thinking != "none" if thoughts is None else thoughts
    return Settings(**{**({"include_thoughts": True} if wanted else {}), **given})


# -- for pipes and programs -----------------------------------------------------------------------------------------


def _print_plain(target: Target, prompt: Prompt, folder: Path) -> None:
    """Print the text of the answer as it comes, and nothing else; the rest is told on standard error."""
    flow = Flow()
    ends_line = True
    errors = console.errors()
    last: Chunk | None = None
    try:
        with contextlib.closing(Client(target).stream(prompt)) as chunks:
            for chunk in chunks:
                if chunk.index:
                    continue
                last = chunk
                if text := chunk.text:
                    sys.stdout.write(text)
                    sys.stdout.flush()
                    ends_line = text.endswith("\n")
                _tell(flow, chunk, folder)
    finally:
        if not ends_line:
            sys.stdout.write("\n")
            sys.stdout.flush()
    _tell(flow, None, folder)
    if last is not None and (sentence := unfinished(last.finish_reason, last.finish_message)) is not None:
        errors.print(sentence)


def _tell(flow: Flow, chunk: Chunk | None, folder: Path) -> None:
    """Save the media of a chunk (`None`: what the end completes), and tell on standard error where."""
    for block in flow.close() if chunk is None else flow.feed(chunk.parts):
        if block.media is not None and (path := files.keep(block.media, folder)) is not None:
            console.errors().print(f"{block.media.mime_type.split(';')[0]} saved in {path}")
        elif block.kind == "note":
            console.errors().print(block.text)


def _print_json(target: Target, prompt: Prompt) -> None:
    """Print a line for each chunk; behind a failure, one that tells it."""
    try:
        with contextlib.closing(Client(target).stream(prompt)) as chunks:
            for chunk in chunks:
                _print_line(_described(chunk))
    except GStreamError as error:
        _print_line({"error": type(error).__name__, "message": str(error), "retryable": error.retryable})
        raise


def _print_line(item: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(item, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _described(chunk: Chunk) -> dict[str, Any]:
    return {
        "index": chunk.index,
        "text": chunk.text,
        "parts": [part_json(part) for part in chunk.parts],
        **({"last": True, "finish_reason": chunk.finish_reason} if chunk.last else {}),
        **({"usage": asdict(chunk.usage)} if chunk.usage else {}),
    }

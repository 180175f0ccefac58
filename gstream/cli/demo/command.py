"""The command: which endpoints and frameworks, one emulator after the other, and the exit code."""

from __future__ import annotations

import importlib
import os
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import typer

from gstream import ENDPOINTS, ConfigurationError
from gstream.cli import console
from gstream.cli.demo.events import Place
from gstream.cli.demo.outcome import Outcome, observe, unlike_announced
from gstream.cli.demo.screen import Screen

if TYPE_CHECKING:
    from gstream import Endpoint
    from gstream.cli.demo.events import Loop
    from gstream.emulator import Emulator

__all__ = ["demo"]

_PACE_S: Final = 0.006
"""Seconds between two chunks in a terminal, so that an eye can follow; piped output does not wait."""
_MODELS: Final = ("gemini-3-flash-preview", "gemini-2.5-flash", "gemini-3-pro-preview", "gemini-2.5-pro")
"""The endpoints take turns: Gemini 3 demands its signatures back, 2.5 gives none."""


class Framework(StrEnum):
    """What `--framework` takes."""

    LANGCHAIN = "langchain"
    LLAMAINDEX = "llamaindex"
    BOTH = "both"


_CLASSES: Final = {Framework.LANGCHAIN: ("LangChain", "ChatGStream"), Framework.LLAMAINDEX: ("LlamaIndex", "GStream")}
"""A framework's name as its users write it, and our class for it."""
_ROOTS: Final = ("langchain_core", "llama_index")
"""The packages whose absence means that a framework is not installed."""


def demo(
    *,
    endpoint: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this one; repeatable. [default: all]")
    ] = None,
    framework: Annotated[Framework, typer.Option(help="Whose loop to run.")] = Framework.BOTH,
    plain: Annotated[bool, typer.Option("--plain", help="No colours and no waiting, as when piped.")] = False,
) -> None:
    """Watch a tool loop stream through every endpoint.

    It runs in LangChain and in LlamaIndex, against an emulator of each endpoint's dialect on this machine: no key, no
    network. Exit code 1: a loop fell short of what it should give, and the table says why.
    """
    started = time.perf_counter()
    chosen = _chosen(endpoint or list(ENDPOINTS))
    out = console.output(plain=plain)
    screen = Screen(out)
    screen.title()
    _keep_to_this_machine()
    importlib.import_module("gstream.client")  # it loads the HTTP library, which the first row must not be charged for
    loops = _loops(framework, screen)
    pace_s = _PACE_S if out.is_terminal else 0.0
    outcomes = [
        outcome
        for place, name in enumerate(chosen)
        for outcome in _section(name, _MODELS[place % len(_MODELS)], loops, screen, pace_s)
    ]
    screen.table(outcomes)
    good = sum(not outcome.wrong for outcome in outcomes)
    screen.closing(
        f"{good} of {len(outcomes)} tool loops are right: {sum(outcome.steps for outcome in outcomes)} streams in "
        f"{time.perf_counter() - started:.1f} s.",
        _line_for(next((ENDPOINTS[name] for name in chosen if ENDPOINTS[name].base_url), ENDPOINTS[chosen[0]]), loops),
    )
    if good < len(outcomes):
        raise typer.Exit(1)


def _chosen(names: list[str]) -> list[str]:
    for name in names:
        if name not in ENDPOINTS:
            raise ConfigurationError(f"--endpoint {name!r} is not known: choose from {', '.join(ENDPOINTS)}.")
    return list(dict.fromkeys(names))


def _keep_to_this_machine() -> None:
    """Let neither a proxy nor a tracer of the user's environment take part."""
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        os.environ[name] = "false"


def _loops(framework: Framework, screen: Screen) -> dict[Framework, Loop]:
    """Return the loops to run.

    Raises:
        ConfigurationError: no framework is installed for any of them.
    """
    wanted = list(_CLASSES) if framework is Framework.BOTH else [framework]
    found: dict[Framework, Loop] = {}
    missing = []
    for name in wanted:
        try:
            found[name] = importlib.import_module(f"gstream.cli.demo.with_{name}").loop
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] not in _ROOTS:
                raise
            missing.append(f'{_CLASSES[name][0]} is not installed: pip install "gstream[{name}]".')
    if not found:
        raise ConfigurationError(" ".join(missing))
    for words in missing:
        screen.note(words)
    return found


def _section(name: str, model: str, loops: dict[Framework, Loop], screen: Screen, pace_s: float) -> list[Outcome]:
    """Run the loops through one endpoint and show them."""
    from gstream.emulator import Emulator  # noqa: PLC0415 - an HTTP server; `gstream --help` does without

    with Emulator(name, pace_s=pace_s) as emulator:
        place = Place(emulator.endpoint, model, emulator.api_key)
        path = f"{urlsplit(emulator.base_url).path}/models/{model}:streamGenerateContent"
        screen.endpoint(place.endpoint, path)
        return [_run(kind, loop, place, path=path, emulator=emulator, screen=screen) for kind, loop in loops.items()]


def _run(kind: Framework, loop: Loop, place: Place, *, path: str, emulator: Emulator, screen: Screen) -> Outcome:
    """Run one loop, show it, and return what became of it."""
    title, class_name = _CLASSES[kind]
    screen.framework(f"{title} {class_name}")
    outcome = Outcome(place.endpoint.name, title)
    before = len(emulator.requests)
    observe(outcome, loop(place), screen.event)
    screen.end_paragraph()
    outcome.wrong += unlike_announced(emulator.requests[before:], path, place.endpoint.auth)
    return outcome


def _line_for(endpoint: Endpoint, loops: dict[Framework, Loop]) -> str:
    """Return the line that makes a model object for the real endpoint."""
    _, class_name = _CLASSES[next(iter(loops))]
    where = "" if endpoint.base_url else ', base_url="https://..."'
    return f'llm = {class_name}(model="gemini-2.5-flash", endpoint="{endpoint.name}"{where}, api_key="sk-...")'

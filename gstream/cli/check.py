"""`gstream check`: what an endpoint really does, probe by probe, before code is written for it.

The probes and their verdicts are `gstream.check`; here are the options, the question whether to go on, and the exit
code. How it looks is `check_screen`, and the report in a file `gstream.check.page`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gstream import ENDPOINTS, ConfigurationError, resolve
from gstream.cli import console
from gstream.cli.check_screen import Screen
from gstream.cli.options import BaseUrl, EndpointName, ModelName  # noqa: TC001 - typer reads the annotations
from gstream.endpoints import AUTHS

if TYPE_CHECKING:
    from gstream import Target
    from gstream.check import Check, Report
    from gstream.endpoints import Auth

__all__ = ["check"]

_AUTO: Final = "auto"
_FAILED: Final = 1
_INTERRUPTED: Final = 130


def check(  # noqa: PLR0913, C901, RUF100 - one parameter an option
    *,
    endpoint: EndpointName = None,
    base_url: BaseUrl = None,
    auth: Annotated[
        str, typer.Option(metavar="FORM", help="Send the key as header, bearer or query; auto tries them in order.")
    ] = _AUTO,
    model: ModelName = "gemini-2.5-flash",
    image_model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Ask this one for a picture too; none is asked without it.")
    ] = None,
    compare: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Check several endpoints and put them side by side.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="PROBE", help="Only these and what they build on; repeatable, or a,b.")
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option(metavar="PROBE", help="Not these nor what builds on them; repeatable, or a,b.")
    ] = None,
    list_probes: Annotated[bool, typer.Option("--list", help="List the probes and exit.")] = False,
    tries: Annotated[int, typer.Option(min=1, max=20, metavar="N", help="How often to measure the speed.")] = 3,
    timeout: Annotated[
        float, typer.Option(min=0.1, metavar="S", help="Seconds to wait for each part of an answer.")
    ] = 120.0,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Write the report as a web page, with charts.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document, for programs.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before sending.")] = False,
) -> None:
    """Find out what an endpoint really does.

    It asks some twenty small questions: which form of the key and which path work, whether chunks stream, tools,
    thoughts, schemas, media, errors, speed. The key is read from the endpoint's variable and shown nowhere. Exit code
    1: something failed, and the table says what that means for an agent.
    """
    from gstream.check import BATTERY, Check, chosen, document  # noqa: PLC0415 - `--help` does without

    screen = Screen(console.errors() if as_json else console.output())
    if list_probes:
        screen.probes(BATTERY.values())
        return
    probes = chosen(_names(only), _names(skip))
    form = _form(auth)
    if html is not None and not html.absolute().parent.is_dir():
        raise ConfigurationError(f"--html {html}: there is no folder {html.absolute().parent}.")
    checks = [
        Check(target, model, probes, image_model=image_model, tries=tries, timeout=timeout)
        for target in _targets(endpoint, base_url, form, compare)
    ]
    for one in checks:
        one.report.key_variable = _key_variable(one.target)
    screen.announce([(one.report.name, one.cost()) for one in checks], model)
    if not yes and _is_terminal() and not screen.confirmed():
        raise typer.Exit(_INTERRUPTED)
    complete = _run(checks, screen)
    reports = [one.report for one in checks if one.report.verdicts]
    if as_json:
        console.unwrapped(console.output(plain=True), json.dumps(document(reports), ensure_ascii=False, indent=2))
    else:
        screen.show(reports)
    if html is not None:
        _write(html, reports, screen)
    if not complete:
        raise typer.Exit(_INTERRUPTED)
    if not all(report.good for report in reports):
        raise typer.Exit(_FAILED)


def _names(given: list[str] | None) -> list[str]:
    return [name.strip() for text in given or () for name in text.split(",") if name.strip()]


def _form(auth: str) -> Auth | None:
    """Return the one form of the key to try; `None`: all.

    Raises:
        ConfigurationError: there is no such form.
    """
    if auth != _AUTO and auth not in AUTHS:
        raise ConfigurationError(f"--auth takes {_AUTO}, {', '.join(AUTHS)}; got {auth!r}.")
    return next((known for known in AUTHS if known == auth), None)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _targets(endpoint: str | None, base_url: str | None, form: Auth | None, compare: str | None) -> list[Target]:
    """Return whom to check.

    Raises:
        ConfigurationError: an endpoint is unknown, or there is no key for it.
    """
    if compare is None:
        return [resolve(endpoint, base_url=base_url, auth=form)]
    if endpoint is not None or base_url is not None:
        raise ConfigurationError("--compare names the endpoints itself: leave --endpoint and --base-url out.")
    names = list(dict.fromkeys(_names([compare])))
    if not names:
        raise ConfigurationError(f"--compare names no endpoint: write it like {','.join(list(ENDPOINTS)[:2])}.")
    return [resolve(name, auth=form) for name in names]


def _key_variable(target: Target) -> str:
    """Return the environment variable that a key was read from."""
    variables = (*target.endpoint.key_variables, "GSTREAM_API_KEY")
    return next((name for name in variables if os.environ.get(name, "").strip() == target.api_key), variables[0])


def _run(checks: list[Check], screen: Screen) -> bool:
    """Run the checks one after the other; return whether they came to their end."""
    current = checks[0]
    try:
        for current in checks:
            with screen.progress(current.report) as step:
                for probe in current.run():
                    step(probe)
    except KeyboardInterrupt:
        current.report.interrupt()
        return False
    return True


def _write(file: Path, reports: list[Report], screen: Screen) -> None:
    from gstream.check.page import page  # noqa: PLC0415 - only where a page is wanted

    try:
        file.write_text(page(reports), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"--html {file} cannot be written: {error.strerror or error}.") from None
    screen.wrote(file)

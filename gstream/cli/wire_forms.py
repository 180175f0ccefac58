"""One request as a curl command, as JSON, and as a program with httpx; the key stays outside each of them.

In place of the key stands the environment variable that holds it. Headers of the caller's own that look like
credentials are shown the same way.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit, urlunsplit
from uuid import uuid4

from gstream import build_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gstream import Endpoint, Prompt, Target

__all__ = ["Form", "shown"]

_LONGEST_ARGUMENT: Final = 100_000
"""Bytes of a body that stands in the command line itself: Linux takes 128 KiB an argument."""
_WIDTH: Final = 80
_SECRET_HEADER: Final = re.compile(r"authorization|cookie|key|token|secret|password")
_PATIENCE_S: Final = 600
"""What the printed program waits for a byte: thinking models say nothing for minutes."""


class Form(StrEnum):
    """What `--as` takes."""

    CURL = "curl"
    JSON = "json"
    HTTPX = "httpx"


@dataclass(frozen=True)
class _Shape:
    """A request whose secrets are marks: texts that occur nowhere else in it."""

    url: str
    headers: dict[str, str]
    body: bytes
    variables: dict[str, str]
    """Each mark and the environment variable to be read in its place."""


def shown(prompt: Prompt, target: Target, form: Form, *, ascii_only: bool = False) -> str:
    """Return the request for `prompt` to `target` in the given form; the target's own key is not looked at.

    Args:
        prompt: what to ask.
        target: whom.
        form: how to write it.
        ascii_only: write other characters of the body as JSON's escapes, for an output that cannot hold them.

    Raises:
        RequestError: the prompt cannot be sent.
        ConfigurationError: there is no model name, or a setting has no place in a request.
    """
    shape = _shape(prompt, target)
    if form is Form.JSON:
        return _as_json(shape, ascii_only=ascii_only)
    if form is Form.HTTPX:
        return _as_httpx(shape, ascii_only=ascii_only)
    return _as_curl(shape, ascii_only=ascii_only)


def _shape(prompt: Prompt, target: Target) -> _Shape:
    mark = f"key{uuid4().hex}"
    variables = {mark: key_variable(target.endpoint, os.environ)}
    wire = build_request(prompt, target.endpoint, mark, auth=target.auth)
    headers = dict(wire.headers)
    for name, value in wire.headers.items():
        if mark not in value and _SECRET_HEADER.search(name):
            headers[name] = f"header{uuid4().hex}"
            variables[headers[name]] = re.sub(r"\W", "_", name).upper()
    return _Shape(wire.url, headers, wire.body, variables)


def key_variable(endpoint: Endpoint, environ: Mapping[str, str]) -> str:
    """Return the variable that the endpoint's key is read from: the first that is set, else the first that is asked."""
    variables = (*endpoint.key_variables, "GSTREAM_API_KEY")
    return next((name for name in variables if environ.get(name)), variables[0])


def _marked(text: str, variables: Mapping[str, str]) -> list[tuple[str, bool]]:
    """Return the pieces of `text`, each with whether it is the name of a variable; a text holds one mark at most."""
    for mark, variable in variables.items():
        before, found, after = text.partition(mark)
        if found:
            return [(before, False), (variable, True), (after, False)]
    return [(text, False)]


# -- curl -----------------------------------------------------------------------------------------------------------


def _as_curl(shape: _Shape, *, ascii_only: bool) -> str:
    lines = [f"curl -N {_quoted(shape.url, shape.variables)}"]
    lines += [f"-H {_quoted(f'{name}: {value}', shape.variables)}" for name, value in shape.headers.items()]
    body = _compact(json.loads(shape.body)) if ascii_only else shape.body.decode()
    if len(body.encode()) <= _LONGEST_ARGUMENT:
        return " \\\n  ".join([*lines, f"--data-raw {shlex.quote(body)}"])
    return " \\\n  ".join([*lines, "--data-binary @- <<'END_OF_BODY'"]) + f"\n{body}\nEND_OF_BODY"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _quoted(text: str, variables: Mapping[str, str]) -> str:
    """Return an argument of a POSIX shell: in single quotes, or in double quotes around a variable."""
    pieces = _marked(text, variables)
    if len(pieces) == 1:
        return f"'{text}'" if "'" not in text else shlex.quote(text)
    return (
        '"' + "".join(f"${piece}" if named else re.sub(r'([\\"$`])', r"\\\1", piece) for piece, named in pieces) + '"'
    )


# -- json -----------------------------------------------------------------------------------------------------------


def _as_json(shape: _Shape, *, ascii_only: bool) -> str:
    request = {
        "method": "POST",
        "url": _with_variables(shape.url, shape.variables),
        "headers": {name: _with_variables(value, shape.variables) for name, value in shape.headers.items()},
        "body": json.loads(shape.body),
    }
    return json.dumps(request, ensure_ascii=ascii_only, indent=2)


def _with_variables(text: str, variables: Mapping[str, str]) -> str:
    return "".join(f"${piece}" if named else piece for piece, named in _marked(text, variables))


# -- httpx ----------------------------------------------------------------------------------------------------------

_PROGRAM: Final = """import os

import httpx

url = {url}
params = {params}
headers = {headers}
body = {body}

with httpx.stream(
    "POST", url, params=params, headers=headers, json=body, timeout={patience}
) as response:
    for line in response.iter_lines():
        print(line)"""


def _as_httpx(shape: _Shape, *, ascii_only: bool) -> str:
    split = urlsplit(shape.url)
    url = urlunsplit((split.scheme, split.netloc, split.path, "", ""))
    values = {
        "url": url,
        "params": dict(parse_qsl(split.query)),
        "headers": shape.headers,
        "body": json.loads(shape.body),
    }
    written = {name: _literal(value, ascii_only=ascii_only) for name, value in values.items()}
    for mark, variable in shape.variables.items():
        read = f'os.environ["{variable}"]'
        for name in ("params", "headers"):
            alone = written[name].replace(f'"{mark}"', read)
            written[name] = alone.replace(f'{mark}"', f'" + {read}')
    return _PROGRAM.format(**written, patience=_PATIENCE_S)


def _literal(value: Any, level: int = 0, *, ascii_only: bool) -> str:
    """Return a JSON value as Python writes it, short ones in one line."""
    if isinstance(value, str):
        return ascii(value) if ascii_only else json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value:
        return repr(value)
    ends = "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, dict):
        pairs = [(f"{_literal(name, ascii_only=ascii_only)}: ", item) for name, item in value.items()]
    else:
        pairs = [("", item) for item in value]
    items = [f"{name}{_literal(item, level + 1, ascii_only=ascii_only)}" for name, item in pairs]
    line = ", ".join(items)
    if len(line) + 4 * level <= _WIDTH and "\n" not in line:
        return f"{ends[0]}{line}{ends[1]}"
    pad = "    " * level
    return f"{ends[0]}\n" + "".join(f"{pad}    {item},\n" for item in items) + f"{pad}{ends[1]}"

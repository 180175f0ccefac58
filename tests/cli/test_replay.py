"""`gstream replay`: every form a response is captured in, shown chunk by chunk, with an exit code that tells."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from gstream.cli.app import app
from gstream.cli.captures import blanked, read_capture
from tests.conftest import CORPUS, SHARED
from tests.core.feeding import hear
from tests.recordings import ERRORS, FOLDERS, name_of

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

DOCUMENTS: list[dict[str, Any]] = [
    {"candidates": [{"content": {"parts": [{"text": "plan", "thought": True}]}}]},
    {"candidates": [{"content": {"parts": [{"text": "春\x1b[31m\n"}]}}]},
    {
        "candidates": [
            {
                "content": {
                    "parts": [{"functionCall": {"name": "f", "args": {"city": "Oslo"}}, "thoughtSignature": "s"}]
                },
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 4, "thoughtsTokenCount": 1},
    },
]
SSE = "".join(f"data: {json.dumps(item)}\r\n\r\n" for item in DOCUMENTS).encode()
ARRAY = json.dumps(DOCUMENTS).encode()
LINES = "\n".join(map(json.dumps, DOCUMENTS)).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
PIECES = b"".join(b"%x\r\n%s\r\n" % (len(SSE[at : at + 50]), SSE[at : at + 50]) for at in range(0, len(SSE), 50))
PROXY = b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"


def har(text: str, **content: str) -> bytes:
    page = {"request": {"url": "https://shop.example/"}, "response": {"status": 200, "content": {"text": "<html>"}}}
    asked = {
        "request": {"url": "https://gw.example/v1beta/models/m:streamGenerateContent?alt=sse"},
        "response": {"status": 200, "headers": [], "content": {"text": text, **content}},
    }
    return json.dumps({"log": {"entries": [page, asked, page]}}).encode()


FORMS = {
    "sse": SSE,
    "array": ARRAY,
    "lines": LINES,
    "curl -i": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + SSE,
    "curl -i through a proxy": PROXY + HEAD + b"\r\n" + SSE,
    "a socket": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + PIECES + b"0\r\n\r\n",
    "gzip": HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(SSE),
    "har": har(SSE.decode()),
    "har in base64": har(base64.b64encode(SSE).decode(), encoding="base64"),
}


def run(content: bytes, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["replay", "-", *arguments], input=content)


def described(content: bytes, *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(content, "--json", *arguments).stdout.splitlines()]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_capture_says_the_same(form: str) -> None:
    lines = described(FORMS[form])

    assert [line.get("parts") for line in lines[:3]] == [
        [{"text": "plan", "thought": True}],
        [{"text": "春\x1b[31m\n"}],
        [{"functionCall": {"name": "f", "args": {"city": "Oslo"}}, "thoughtSignature": "s"}],
    ]
    assert lines[-2]["finish_reason"] == "STOP"
    assert lines[-2]["usage"]["prompt"] == 3
    assert (lines[-1]["outcome"], lines[-1]["text"]) == ("whole", "春\x1b[31m\n")


def test_people_see_a_table_and_the_outcome() -> None:
    """Kind, excerpt, call, finish reason and usage; what would steer a terminal is escaped."""
    shown = run(SSE)

    assert shown.exit_code == 0
    for words in ('thought        "plan"', r'"春\u001b[31m\n"', 'call, signed   f({"city": "Oslo"})'):
        assert words in shown.stdout
    assert "STOP; 3 -> 5 tokens (1 of thoughts)" in shown.stdout
    assert "A whole answer in 4 chunks (HTTP 200, framed as sse)" in shown.stdout
    assert "\x1b" not in shown.stdout


ERROR = b'{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "slow down"}}'


@pytest.mark.parametrize(
    ("content", "arguments", "told"),
    [
        (SSE[:-60], (), "IncompleteStreamError"),
        (b"", (), "IncompleteStreamError"),
        (b"<html><title>Console</title></html>", (), "StreamError"),
        (ERROR, ("--status", "429", "--header", "retry-after: 7"), "RateLimitError"),
        (
            b"HTTP/2 503 \r\ncontent-type: application/json\r\n\r\n" + ERROR.replace(b"429", b"503"),
            (),
            "OverloadedError",
        ),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + PIECES[:-90], (), "IncompleteStreamError"),
        (HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(SSE)[:-40], (), "IncompleteStreamError"),
    ],
)
def test_an_error_is_typed_and_exits_with_1(content: bytes, arguments: tuple[str, ...], told: str) -> None:
    shown = run(content, *arguments)
    line = described(content, *arguments)[-1]

    assert shown.exit_code == 1
    assert shown.stderr.startswith(f"{told}: ")
    assert line["outcome"] == told
    if told == "RateLimitError":
        assert (line["http_status"], line["code"], line["retry_after_s"]) == (429, "RESOURCE_EXHAUSTED", 7.0)


@pytest.mark.parametrize(
    ("content", "arguments", "told"),
    [
        (SSE, ("--header", "nonsense"), "is no NAME:VALUE"),
        (b'{"log": {"entries": []}}', (), "holds no body of a response"),
        (b"plain words", ("--redact",), "holds no JSON"),
        (HEAD + b"content-encoding: br\r\n\r\n\x8b\x02\x80", (), "compressed with br"),
        (b"\x1f\x8b rubbish", (), "no whole gzip"),
    ],
)
def test_a_wrong_call_exits_with_2(content: bytes, arguments: tuple[str, ...], told: str) -> None:
    shown = run(content, *arguments)

    assert shown.exit_code == 2
    assert told in shown.stderr


def test_a_missing_file_exits_with_2() -> None:
    assert CliRunner().invoke(app, ["replay", "gone.txt"]).exit_code == 2


def test_a_redacted_body_keeps_its_form_and_no_words() -> None:
    """Same length, same framing, same chunks; the model's and the caller's words are x."""
    shown = run(SSE, "--redact").stdout_bytes

    assert len(shown) == len(SSE)
    assert [document["candidates"][0]["content"]["parts"] for document in map(json.loads, shown.split(b"data: ")[1:])][
        2
    ] == [{"functionCall": {"name": "x", "args": {"city": "xxxx"}}, "thoughtSignature": "x"}]
    assert b'"finishReason": "STOP"' in shown
    assert not any(word in shown for word in (b"plan", b"Oslo"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"text": "half', b'{"text": "xxxx'),
        (
            b'{"args": {"status": "ill", "a": ["b"]}, "status": "OK"}',
            b'{"args": {"status": "xxx", "a": ["x"]}, "status": "OK"}',
        ),
        (b'{"status": "two words"}', b'{"status": "xxxxxxxxx"}'),
        (b'{"text": "a\\"b", "n": 7}', b'{"text": "xxxx", "n": 7}'),
    ],
)
def test_blanking_reaches_what_is_cut_and_what_only_looks_like_form(body: bytes, expected: bytes) -> None:
    assert blanked(body) == expected


@pytest.mark.shared
def test_every_recording_is_replayed_with_the_right_outcome() -> None:
    """What the table of recordings calls an error exits with 1, everything else with 0."""
    wrong = [
        name_of(folder)
        for folder in FOLDERS
        if (CliRunner().invoke(app, ["replay", str(folder / "response.raw"), "--json"]).exit_code == 1)
        != (name_of(folder) in ERRORS)
    ]

    assert wrong == []


CAPTURES = sorted(SHARED.glob("captures/*/*.raw")) or [SHARED / "captures"]


@pytest.mark.shared
@pytest.mark.parametrize("file", CAPTURES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_gateways_capture_is_replayed(file: Path) -> None:
    """Head and chunk framing are taken off, and the chunks are those the decoder makes of the body."""
    capture = read_capture(file.read_bytes())
    heard = hear([capture.body], status=capture.status or 200)
    done = CliRunner().invoke(app, ["replay", str(file), "--json"])

    assert CORPUS.exists()
    assert done.exit_code == (0 if heard.error is None else 1)
    assert len(done.stdout.splitlines()) == len(heard.chunks) + 1


def test_help_has_an_example() -> None:
    assert "Example: " in CliRunner().invoke(app, ["replay", "--help"]).output
    assert "gstream replay answer.txt" in CliRunner().invoke(app, ["replay", "--help"]).output

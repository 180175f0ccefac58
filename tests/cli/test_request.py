"""`gstream request`: what is printed is what is sent, and runs as it is printed."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from gstream import ENDPOINTS, Blob, Prompt, Settings, Text, Tool, Turn, build_request
from gstream.cli.app import app
from gstream.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

QUESTION = "Why is the 'sky' \"blue\", $HOME `id` \\ !x\n天空为什么是蓝的? 😀"
WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "description": "The weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def ask(*arguments: str, **variables: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["request", *arguments], env=variables)
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("name", [name for name, endpoint in ENDPOINTS.items() if endpoint.base_url])
def test_json_is_the_request_that_the_core_builds(name: str, tmp_path: Path) -> None:
    """Method, URL, headers and body of `build_request`, the key's variable in place of the key."""
    (tmp_path / "sky.png").write_bytes(PNG)
    (tmp_path / "tool.json").write_text(json.dumps(WEATHER), encoding="utf-8")
    code, out, _ = ask(
        QUESTION, "--endpoint", name, "--model", "gemini-2.5-pro", "--system", "Be brief.", "--as", "json",
        "--image", str(tmp_path / "sky.png"), "--tool", str(tmp_path / "tool.json"),
        "--set", "temperature=0.2", "--set", 'stop=["END"]', "--set", "cached_content=cachedContents/7",
    )  # fmt: skip
    endpoint = ENDPOINTS[name]
    variable = f"${endpoint.key_variables[0]}"
    prompt = Prompt(
        "gemini-2.5-pro",
        (Turn("user", (Blob.of(PNG, "image/png"), Text(QUESTION))),),
        (Text("Be brief."),),
        (Tool("get_weather", "The weather of a city.", WEATHER["parameters"]),),
        settings=Settings(temperature=0.2, stop=["END"], cached_content="cachedContents/7"),
    )
    expected = build_request(prompt, endpoint, "made-up-key")
    shown = json.loads(out)

    assert code == 0
    assert shown["method"] == "POST"
    assert shown["url"] == expected.url.replace("made-up-key", variable)
    assert shown["headers"] == {key: text.replace("made-up-key", variable) for key, text in expected.headers.items()}
    assert shown["body"] == json.loads(expected.body)


@pytest.mark.parametrize("size", [1, 200_000], ids=["short", "longer than an argument may be"])
@pytest.mark.parametrize("name", ["juheai", "shuyou", "google"])
def test_the_curl_command_runs_as_printed(name: str, size: int, tmp_path: Path) -> None:
    """A shell gets it as it is, the key in its variable; the emulator sees the very body the core builds."""
    curl = shutil.which("curl")
    assert curl is not None, "the command is there to be run with curl: install it"
    system = "blue " * (size // 5)
    with Emulator(name) as e:
        arguments = ["--endpoint", name, "--base-url", e.base_url, *(["--system", system] if system else [])]
        _, script, _ = ask(QUESTION, *arguments)
        variable = ENDPOINTS[name].key_variables[0]
        done = subprocess.run(
            ["/bin/sh"], input=script.encode(),
            capture_output=True, check=False, timeout=60, cwd=tmp_path,
            env={"PATH": curl.rsplit("/", 1)[0], variable: e.api_key, "no_proxy": "127.0.0.1"},
        )  # fmt: skip
        received = e.requests[-1]

    assert done.returncode == 0, done.stderr
    assert b'"candidates"' in done.stdout
    assert received.status == 200
    assert received.body is not None
    assert received.body["contents"] == [{"role": "user", "parts": [{"text": QUESTION}]}]
    assert e.api_key not in script


@pytest.mark.parametrize("name", ["juheai", "shuyou", "google"])
def test_the_program_runs_as_printed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ("--set", "include_thoughts=true", "--set", "temperature=0.5")
    with Emulator(name) as e:
        _, program, _ = ask(QUESTION, "--endpoint", name, "--base-url", e.base_url, "--as", "httpx", *settings)
        monkeypatch.setenv(ENDPOINTS[name].key_variables[0], e.api_key)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(program, {})  # noqa: S102 - what users do with it
        received = e.requests[-1]

    assert "candidates" in printed.getvalue()
    assert received.status == 200
    assert received.body is not None
    assert received.body["contents"] == [{"role": "user", "parts": [{"text": QUESTION}]}]
    assert received.body["generationConfig"] == {"temperature": 0.5, "thinkingConfig": {"includeThoughts": True}}
    assert e.api_key not in program


@pytest.mark.parametrize("form", ["curl", "json", "httpx"])
def test_no_secret_of_the_environment_or_of_a_header_is_printed(form: str) -> None:
    """Neither the key, nor the value of a header that looks like a credential; the variable that is set is named."""
    headers = '{"Proxy-Authorization": "Basic made-up-secret", "x-team": "sky"}'
    secrets = {"GEMINI_API_KEY": "made-up-key"}
    code, out, _ = ask("hi", "--endpoint", "google", "--as", form, "--set", f"extra_headers={headers}", **secrets)

    assert code == 0
    assert "made-up" not in out
    assert "GEMINI_API_KEY" in out
    assert "PROXY_AUTHORIZATION" in out
    assert "sky" in out


def test_the_prompt_comes_from_standard_input(gstream: Run) -> None:
    alone = CliRunner().invoke(app, ["request", "-", "--endpoint", "google", "--as", "json"], input="Hello")
    behind = CliRunner().invoke(app, ["request", "Say:", "--stdin", "--endpoint", "google", "--as", "json"], input="Hi")
    piped = gstream("request", "天空", "--endpoint", "google", PYTHONIOENCODING="ascii")

    assert json.loads(alone.stdout)["body"]["contents"][0]["parts"] == [{"text": "Hello"}]
    assert json.loads(behind.stdout)["body"]["contents"][0]["parts"] == [{"text": "Say:\n\nHi"}]
    assert r"\u5929\u7a7a" in piped.stdout


def test_a_schema_and_several_tools_are_taken(tmp_path: Path) -> None:
    openai = {"type": "function", "function": {**WEATHER, "name": "other"}}
    (tmp_path / "tools.json").write_text(json.dumps([WEATHER, openai, {"googleSearch": {}}]), encoding="utf-8")
    (tmp_path / "schema.json").write_text('{"type": "object", "properties": {"a": {"type": "integer"}}}')
    files = ("--tool", str(tmp_path / "tools.json"), "--schema", str(tmp_path / "schema.json"))
    _, out, _ = ask("hi", "--endpoint", "shuyou", "--as", "json", *files)
    body = json.loads(out)["body"]

    assert [tool["name"] for tool in body["tools"][0]["functionDeclarations"]] == ["get_weather", "other"]
    assert body["tools"][1:] == [{"googleSearch": {}}]
    assert body["generationConfig"]["responseSchema"]["properties"] == {"a": {"type": "INTEGER"}}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "There is no prompt"),
        (("hi", "--endpoint", "nowhere"), "not a known endpoint"),
        (("hi", "--endpoint", "maisi"), "has no base URL"),
        (("hi", "--endpoint", "google", "--auth", "telepathy"), "auth must be one of"),
        (("hi", "--endpoint", "google", "--model", " "), "No model given"),
        (("hi", "--endpoint", "google", "--set", "temprature=1"), "did you mean 'temperature'"),
        (("hi", "--endpoint", "google", "--set", "temperature=hot"), "temperature"),
        (("hi", "--endpoint", "google", "--set", "temperature"), "is no NAME=VALUE"),
        (("hi", "--endpoint", "google", "--image", "gone.png"), "gone.png cannot be read"),
        (("hi", "--endpoint", "google", "--image", "odd.zzz"), "says no media type"),
        (("hi", "--endpoint", "google", "--tool", "gone.json"), "gone.json cannot be read"),
        (("hi", "--endpoint", "google", "--tool", "broken.json"), "broken.json holds no JSON (line 1"),
        (("hi", "--endpoint", "google", "--tool", "number.json"), "number.json holds no tool"),
        (("hi", "--endpoint", "google", "--schema", "odd.json"), "unknown type 'int'"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(
    arguments: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("broken.json", "{"), ("number.json", "[7]"), ("odd.json", '{"type": "int"}')):
        (tmp_path / name).write_text(text)
    code, out, error = ask(*arguments)

    assert code == 2
    assert out == ""
    assert error.startswith("Error: ")
    assert told in error
    assert error.count("\n") == 1


def test_a_key_is_not_needed_and_the_emulators_endpoint_is_shown_as_it_is() -> None:
    url = "https://gateway.example/api"
    code, out, _ = ask("hi", "--base-url", url)

    assert code == 0
    assert "https://gateway.example/api/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse" in out
    assert '"x-goog-api-key: $GSTREAM_API_KEY"' in out
    assert replace(ENDPOINTS["google"]).name not in out


def test_help_has_an_example() -> None:
    assert "Example: gstream request" in CliRunner().invoke(app, ["request", "--help"]).output

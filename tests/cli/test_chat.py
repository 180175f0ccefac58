"""`gstream chat` as people use it: in a terminal, for one question, in a pipe; always against an emulator."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest

from gstream.emulator import Emulator
from gstream.emulator.media import picture
from tests.cli.terminal import HEIGHT, Terminal, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]
    Open = Callable[..., Terminal]

PROMPT = r"\n> "
THIRD = ("--model", "gemini-3-flash-preview")
END = r"\d+ -> [\d,]+ tokens[^\n]*\n"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator("juheai") as running:
        yield running


def arguments(emulator: Emulator) -> tuple[str, ...]:
    return ("chat", "--endpoint", "juheai", "--base-url", emulator.base_url)


@pytest.fixture
def chat(emulator: Emulator, clean_environment: dict[str, str]) -> Iterator[Open]:
    """Open a chat with `emulator` in a terminal, with further arguments."""
    opened: list[Terminal] = []

    def start(*further: str, at: Emulator = emulator) -> Terminal:
        environ = {**clean_environment, "JUHEAI_API_KEY": at.api_key}
        terminal = Terminal(*arguments(at), *further, environ=environ)
        opened.append(terminal.__enter__())
        return terminal

    yield start
    for terminal in opened:
        terminal.__exit__(None, None, None)


def said(request: Any) -> list[tuple[str, str]]:
    """Return the visible text of each turn that was sent."""
    return [
        (turn["role"], "".join(part.get("text", "") for part in turn["parts"] if not part.get("thought")))
        for turn in request.body["contents"]
    ]


# -- in a terminal --------------------------------------------------------------------------------------------------


def test_a_chat_streams_tells_figures_and_remembers_part_for_part(chat: Open, emulator: Emulator) -> None:
    terminal = chat(*THIRD)
    opened = terminal.until(PROMPT)
    terminal.press("Why is the sky blue?\r")
    first = terminal.until(END)
    terminal.until(PROMPT)
    terminal.press("And the sea?\r")
    terminal.until(END)
    terminal.until(PROMPT)
    terminal.press("/quit\r")
    code = terminal.end()
    question, answer, *_ = emulator.requests[1].body["contents"]  # type: ignore[index]  # each has a body

    assert code == 0
    assert "Asking gemini-3-flash-preview at juheai.\n/help lists the commands" in opened
    assert "You asked: “Why is the sky blue?”" in first
    assert "gemini-3-flash-preview, juheai\n" in first
    assert question["parts"] == [{"text": "Why is the sky blue?"}]
    assert answer["role"] == "model"
    assert answer["parts"][0]["thought"] is True
    assert answer["parts"][-1]["thoughtSignature"]
    assert said(emulator.requests[1])[2] == ("user", "And the sea?")


def test_thoughts_are_dimmed_and_the_answer_is_drawn_as_markdown(chat: Open) -> None:
    documents: list[dict[str, Any]] = [
        {"candidates": [{"content": {"parts": [part]}}]}
        for part in ({"text": "Hm.", "thought": True}, {"text": "**Blue**"}, {"text": " light."})
    ]
    documents.append({"candidates": [{"content": {"parts": [{"text": ""}]}, "finishReason": "STOP"}]})
    with Emulator("juheai", script=documents) as scripted:
        terminal = chat(at=scripted)
        terminal.until(PROMPT)
        terminal.press("Why?\r")
        terminal.until("juheai\n")

        assert b"\x1b[2;3mHm.\x1b[0m" in terminal.raw
        assert b"\x1b[1mBlue\x1b[0m light." in terminal.raw
        assert "**" not in terminal.text


def test_text_pasted_over_several_lines_is_one_question(chat: Open, emulator: Emulator) -> None:
    terminal = chat()
    terminal.until(PROMPT)
    terminal.paste("Line one\n天空二\n\nline four")
    terminal.press("\r")
    terminal.until(END)

    assert b"\x1b[?2004h" in terminal.raw  # asks the terminal to mark what is pasted
    assert said(emulator.requests[0]) == [("user", "Line one\n天空二\n\nline four")]


def test_a_backslash_goes_on_in_the_next_line(chat: Open, emulator: Emulator) -> None:
    terminal = chat()
    terminal.until(PROMPT)
    terminal.press("Line one\\\r")
    terminal.until(r"\. > ")
    terminal.press("line two\r")
    terminal.until(END)

    assert said(emulator.requests[0]) == [("user", "Line one\nline two")]


def test_ctrl_c_stops_an_answer_at_once_and_keeps_what_came(chat: Open) -> None:
    with Emulator("juheai", pace_s=0.3) as slow:
        terminal = chat("--no-thoughts", at=slow)
        terminal.until(PROMPT)
        terminal.press("Why is the sky blue?\r")
        terminal.until("You asked")
        terminal.press("\x03")
        stopped = terminal.until(r"Stopped\. What came is kept\.\n[^\n]*\n")
        left = slow.wait_until(lambda requests: requests[0].disconnected, 10)
        terminal.until(PROMPT)
        terminal.press("Go on\r")
        terminal.until(END)
        (_, first), (role, kept), (_, second) = said(slow.requests[1])

    assert left
    assert " s, gemini-2.5-flash, juheai" in stopped
    assert (first, role, second) == ("Why is the sky blue?", "model", "Go on")
    assert kept.startswith("You asked")
    assert not kept.endswith("alone.")


def test_ctrl_c_before_anything_came_leaves_the_question_for_retry(chat: Open) -> None:
    with Emulator("juheai", fault="silent_before_headers", fault_times=1) as silent:
        terminal = chat(at=silent)
        terminal.until(PROMPT)
        terminal.press("Why is the sky blue?\r")
        assert silent.wait_until(lambda requests: bool(requests and requests[0].fault), 10)
        terminal.press("\x03")
        terminal.until(r"Stopped\. /retry asks again\.")
        terminal.until(PROMPT)
        terminal.press("/retry\r")
        terminal.until(END)

        assert said(silent.requests[1]) == [("user", "Why is the sky blue?")]


def test_an_error_is_one_sentence_and_the_chat_goes_on(chat: Open) -> None:
    with Emulator("juheai", fault="error_403", fault_times=1) as refusing:
        terminal = chat(at=refusing)
        terminal.until(PROMPT)
        terminal.press("Hello\r")
        told = terminal.until(r"/retry asks again\.\n")
        terminal.until(PROMPT)
        terminal.press("Why is the sky blue?\r")
        terminal.until(END)

        assert "Error: The endpoint answered 403" in told
        assert "Traceback" not in terminal.text
        assert said(refusing.requests[-1]) == [("user", "Why is the sky blue?")]
        assert refusing.api_key not in terminal.text


def test_a_mistake_in_a_command_is_told_and_nothing_is_sent(chat: Open, emulator: Emulator) -> None:
    terminal = chat()
    for typed, told in (
        ("/modle x", r"Did you mean\s+/model\?"),
        ("/image nowhere.png", r"nowhere\.png cannot be read"),
        ("/endpoint nowhere", r"is not a known\s+endpoint"),
        ("/endpoint shuyou", r"There is no key: set SHUYOU_API_KEY or\s+GSTREAM_API_KEY"),
        ("/retry", "There is no question to ask again"),
        ("/help", r"/save FILE +Write the conversation"),
    ):
        terminal.until(PROMPT)
        terminal.press(f"{typed}\r")
        terminal.until(told)

    assert emulator.requests == []


def test_model_and_system_change_what_is_asked(chat: Open, emulator: Emulator) -> None:
    terminal = chat()
    for typed, told in (
        ("/model gemini-2.5-pro", r"Asking gemini-2\.5-pro at juheai\."),
        ("/system Be brief.", "The system instruction is set"),
    ):
        terminal.until(PROMPT)
        terminal.press(f"{typed}\r")
        terminal.until(told)
    terminal.until(PROMPT)
    terminal.press("Hello\r")
    terminal.until(END)
    request = emulator.requests[0]

    assert request.model == "gemini-2.5-pro"
    assert request.body is not None
    assert request.body["systemInstruction"] == {"parts": [{"text": "Be brief."}]}


def test_another_endpoint_gets_the_same_conversation(emulator: Emulator, clean_environment: dict[str, str]) -> None:
    environ = {**clean_environment, "GSTREAM_API_KEY": emulator.api_key}
    with (
        Emulator("google", api_key=emulator.api_key) as other,
        Terminal("chat", "--endpoint", emulator.base_url, environ=environ) as terminal,
    ):
        terminal.until(PROMPT)
        terminal.press("Hello\r")
        terminal.until(END)
        terminal.until(PROMPT)
        terminal.press(f"/endpoint {other.base_url}\r")
        terminal.until(f"at 127.0.0.1:{other.port}")
        terminal.until(PROMPT)
        terminal.press("And now?\r")
        terminal.until(END)

        assert [role for role, _ in said(other.requests[0])] == ["user", "model", "user"]


def test_an_image_goes_with_a_question_and_one_of_the_answer_is_saved(
    chat: Open, emulator: Emulator, tmp_path: Path
) -> None:
    png = b64decode(picture("a fox")["inlineData"]["data"])
    (tmp_path / "a fox.png").write_bytes(png)
    terminal = chat("--set", 'response_modalities=["TEXT","IMAGE"]', "--media-dir", str(tmp_path))
    terminal.until(PROMPT)
    terminal.press(f"/image '{tmp_path}/a fox.png'\r")
    terminal.until(r"\[1 attached\] > ")
    terminal.press("What is this?\r")
    told = terminal.until(END)
    sent = emulator.requests[0].body["contents"][0]["parts"]  # type: ignore[index]  # it has a body

    assert [b64decode(part["inlineData"]["data"]) for part in sent if "inlineData" in part] == [png]
    assert "image/png saved in" in told
    assert (tmp_path / "answer-1.png").read_bytes().startswith(b"\x89PNG")


def test_a_saved_chat_holds_no_key_and_goes_on_in_another(chat: Open, emulator: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "chat.json"
    terminal = chat(*THIRD)
    terminal.until(PROMPT)
    terminal.press("Why is the sky blue?\r")
    terminal.until(END)
    terminal.until(PROMPT)
    terminal.press(f"/save {file}\r")
    terminal.until("Saved in")
    terminal.until(PROMPT)
    terminal.press("/quit\r")
    terminal.end()
    other = chat("--load", str(file))
    opened = other.until(PROMPT)
    other.press("And the sea?\r")
    other.until(END)
    sent = emulator.requests[1].body["contents"]  # type: ignore[index]  # it has a body

    assert emulator.api_key not in file.read_text(encoding="utf-8")
    assert "1 question and its answer" in opened
    assert emulator.requests[1].model == "gemini-3-flash-preview"
    assert [turn["role"] for turn in sent] == ["user", "model", "user"]
    assert sent[1]["parts"][-1]["thoughtSignature"]


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_ctrl_c_and_ctrl_d_at_the_prompt_end_the_chat_with_0(chat: Open, key: str) -> None:
    terminal = chat()
    terminal.until(PROMPT)

    assert terminal.leave(key) == 0
    assert "Traceback" not in terminal.text
    assert "Aborted" not in terminal.text


def test_one_question_in_a_terminal_is_drawn_and_done(chat: Open) -> None:
    terminal = chat("Why is the sky blue?")

    assert terminal.end() == 0
    assert "You asked: “Why is the sky blue?”" in terminal.text
    assert "s, gemini-2.5-flash, juheai\n" in terminal.text
    assert "\n> " not in terminal.text


def test_what_is_typed_during_an_answer_waits_for_the_prompt(chat: Open) -> None:
    with Emulator("juheai", pace_s=0.2) as slow:
        terminal = chat("--no-thoughts", at=slow)
        terminal.until(PROMPT)
        terminal.press("Why is the sky blue?\r")
        terminal.until("You asked")
        terminal.press("And the sea?\r")
        first = terminal.until(END)
        terminal.until(END)

        assert "And the sea?" not in first
        assert said(slow.requests[1])[-1] == ("user", "And the sea?")


def test_ctrl_c_ends_one_question_with_130(chat: Open) -> None:
    with Emulator("juheai", pace_s=0.3) as slow:
        terminal = chat("Why is the sky blue?", at=slow)
        terminal.until("You asked")
        terminal.press("\x03")

        assert terminal.end() == 130
        assert "Traceback" not in terminal.text
        assert slow.wait_until(lambda requests: requests[0].disconnected, 10)


def test_a_block_taller_than_the_terminal_is_drawn_whole_in_the_end(chat: Open) -> None:
    """While it grows its last lines are drawn; behind its end each line stands there once."""
    code = "".join(f"line_{number} = {number}\n" for number in range(100))
    pieces = ["```python\n", *(code[start : start + 200] for start in range(0, len(code), 200)), "```"]
    documents: list[dict[str, Any]] = [{"candidates": [{"content": {"parts": [{"text": piece}]}}]} for piece in pieces]
    documents.append({"candidates": [{"content": {"parts": [{"text": "\n"}]}, "finishReason": "STOP"}]})
    with Emulator("juheai", script=documents, pace_s=0.1) as scripted:
        terminal = chat("Count", at=scripted)
        code_ended = terminal.end()
    drawings = [re.findall(r"line_(\d+) = \1\b", plain(drawing)) for drawing in terminal.raw.split(b"\x1b[2K")]
    whole = [numbers for numbers in drawings if len(numbers) > HEIGHT]

    assert code_ended == 0
    assert whole == [[str(number) for number in range(100)]]
    assert any(numbers[:1] != ["0"] for numbers in drawings if numbers)


# -- in a pipe ------------------------------------------------------------------------------------------------------

ANSWER = "You asked: “Hello there” That is all the emulator can tell from your request alone.\n"


def piped(
    emulator: Emulator, *further: str, environ: dict[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gstream", *arguments(emulator), *further],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env={**environ, "JUHEAI_API_KEY": emulator.api_key},
    )


@pytest.mark.parametrize(
    ("further", "stdin"),
    [((), "Hello there\n"), (("Hello there",), ""), (("-",), "Hello there"), (("--stdin",), "Hello there")],
)
def test_a_pipe_gets_the_bare_answer(
    emulator: Emulator, clean_environment: dict[str, str], further: tuple[str, ...], stdin: str
) -> None:
    done = piped(emulator, *further, environ=clean_environment, stdin=stdin)

    assert (done.returncode, done.stdout, done.stderr) == (0, ANSWER, "")


def test_a_question_and_standard_input_go_together(emulator: Emulator, clean_environment: dict[str, str]) -> None:
    piped(emulator, "Explain this:", "--stdin", environ=clean_environment, stdin="x = 1\n")

    assert said(emulator.requests[0]) == [("user", "Explain this:\n\nx = 1")]


def test_json_is_a_line_for_each_chunk(emulator: Emulator, clean_environment: dict[str, str]) -> None:
    done = piped(emulator, "Hello there", "--json", environ=clean_environment)
    lines = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0
    assert "".join(line["text"] for line in lines) == ANSWER.strip()
    assert len(lines) > 2
    assert [line.get("finish_reason") for line in lines[-2:]] == [None, "STOP"]
    assert lines[-1]["usage"]["candidates"] > 0


@pytest.mark.parametrize("further", [(), ("--json",)])
def test_a_failure_exits_with_1_behind_what_had_come(
    clean_environment: dict[str, str], further: tuple[str, ...]
) -> None:
    with Emulator("juheai", fault="cut_between_events") as cutting:
        done = piped(cutting, "Hello there", *further, environ=clean_environment)
    lines = done.stdout.splitlines()

    assert done.returncode == 1
    assert "You asked: “Hello" in lines[0]
    assert done.stderr.startswith("Error: [juheai, gemini-2.5-flash] ")
    assert done.stderr.count("\n") == 1
    assert not further or json.loads(lines[-1])["error"] == "IncompleteStreamError"


def test_media_of_a_piped_answer_are_saved_and_told_beside_it(
    emulator: Emulator, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    done = piped(
        emulator, "Hello", "--set", "response_modalities=AUDIO", "--media-dir", str(tmp_path), environ=clean_environment
    )

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"audio/L16 saved in {tmp_path}/answer-1.wav\n"
    assert (tmp_path / "answer-1.wav").read_bytes().startswith(b"RIFF")


def test_an_answer_that_was_cut_short_is_told_beside_it(emulator: Emulator, clean_environment: dict[str, str]) -> None:
    done = piped(emulator, "Hello there", "--set", "max_output_tokens=3", environ=clean_environment)

    assert done.returncode == 0
    assert ANSWER.startswith(done.stdout.strip())
    assert done.stderr == "The answer ended at the limit of tokens (MAX_TOKENS).\n"


@pytest.mark.parametrize(
    ("further", "told"),
    [
        (("--load", "nowhere.json"), "nowhere.json cannot be read"),
        (("--set", "temprature=1"), "did you mean 'temperature'?"),
        (("--auth", "carrier pigeon"), "auth must be one of"),
    ],
)
def test_a_wrong_call_exits_with_2_and_sends_nothing(
    emulator: Emulator, clean_environment: dict[str, str], further: tuple[str, ...], told: str
) -> None:
    done = piped(emulator, "Hello", *further, environ=clean_environment)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert told in done.stderr
    assert emulator.requests == []


def test_an_empty_question_is_refused(emulator: Emulator, clean_environment: dict[str, str]) -> None:
    done = piped(emulator, environ=clean_environment)

    assert done.returncode == 2
    assert done.stderr.startswith("Error: There is no question")


def test_without_a_key_it_says_how_to_try_it(gstream: Run) -> None:
    keyless = {"JUHEAI_API_KEY": "", "GSTREAM_API_KEY": ""}
    done = gstream("chat", "Hello", "--endpoint", "juheai", **keyless)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: There is no key: set JUHEAI_API_KEY or GSTREAM_API_KEY; or, to try it")
    assert "gstream serve" in done.stderr


def test_its_help_has_an_example(gstream: Run) -> None:
    assert "Example: gstream chat" in gstream("chat", "--help").stdout

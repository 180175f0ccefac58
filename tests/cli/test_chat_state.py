"""What `gstream chat` decides with: lines, the conversation, the blocks of an answer, whom it asks."""

from __future__ import annotations

import json
import wave
from typing import TYPE_CHECKING, Any

import pytest

from gstream import (
    Blob,
    CodeResult,
    ConfigurationError,
    ConnectionFailed,
    Endpoint,
    ExecutableCode,
    FileRef,
    FunctionCall,
    Opaque,
    Settings,
    Text,
    Thought,
    Turn,
    Usage,
)
from gstream.cli.assignments import assigned
from gstream.cli.chat import files
from gstream.cli.chat.answer import Block, Flow, figures, sentence, settled, unfinished
from gstream.cli.chat.command import settings_for, target_of
from gstream.cli.chat.conversation import Conversation
from gstream.cli.chat.lines import COMMANDS, Command, Mistake, Say, continues, parse, path_of
from gstream.cli.console import printable

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
SOUND = "audio/L16;codec=pcm;rate=16000"


# -- lines ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("Hello", Say("Hello")),
        ("  two\nlines ", Say("two\nlines")),
        ("/etc/hosts is what?", Say("/etc/hosts is what?")),
        ("// a comment", Say("// a comment")),
        ("/novel\nand more", Say("/novel\nand more")),
        (" /model", Say("/model")),
        ("/", Say("/")),
        ("/model gemini-2.5-pro", Command("model", "gemini-2.5-pro")),
        ("/MODEL", Command("model")),
        ("/system Be brief.\nBe kind.", Command("system", "Be brief.\nBe kind.")),
        ("/system\tBe brief.", Command("system", "Be brief.")),
        ("/exit", Command("quit")),
        ("/?", Command("help")),
        ("/image  a b.png ", Command("image", "a b.png")),
        ("   ", None),
        ("", None),
    ],
)
def test_a_line_is_said_or_done(line: str, meant: Say | Command | None) -> None:
    assert parse(line) == meant


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/modle x", "There is no command /modle. Did you mean /model? To say it, put a space before it."),
        ("/zzzz", "There is no command /zzzz. /help lists the commands. To say it, put a space before it."),
        ("/image", "/image needs a FILE behind it."),
        ("/retry now", "/retry takes nothing behind it."),
    ],
)
def test_a_mistake_is_told_in_a_sentence(line: str, told: str) -> None:
    assert parse(line) == Mistake(told)


def test_a_line_goes_on_behind_a_lone_backslash() -> None:
    assert [continues(line) for line in ("a\\", "a", "a\\\\", "\\")] == [True, False, False, True]


@pytest.mark.parametrize("typed", ["'a b.png'", '"a b.png"', "a\\ b.png", "a b.png"])
def test_a_path_may_be_typed_as_terminals_drop_it(typed: str) -> None:
    assert path_of(typed) == "a b.png"


# -- the conversation -----------------------------------------------------------------------------------------------

ANSWER = (Thought("Hm."), Text("Blue.", signature="sig+nature/=="), Opaque({"novel": {"key": 1}}))


def answered() -> Conversation:
    return Conversation("gemini-2.5-pro", "Be brief.").attach(Blob.of(PNG, "image/png")).ask("Why?").answered(ANSWER)


def test_an_answer_goes_back_part_for_part() -> None:
    prompt = answered().ask("And red?").prompt(Settings(temperature=0.5))

    assert prompt.model == "gemini-2.5-pro"
    assert prompt.system == (Text("Be brief."),)
    assert prompt.settings.temperature == 0.5
    assert prompt.turns == (
        Turn("user", (Blob.of(PNG, "image/png"), Text("Why?"))),
        Turn("model", ANSWER),
        Turn("user", (Text("And red?"),)),
    )


def test_what_was_attached_goes_with_one_question_only() -> None:
    assert answered().ask("And red?").attached == ()
    assert answered().attached == ()


def test_a_question_is_asked_again_in_place_of_its_answer() -> None:
    first = Conversation("m").ask("One").answered([Text("1")])
    both = first.ask("Two").answered([Text("2")])
    again = both.again()

    assert again is not None
    assert again.prompt(Settings()).turns == (*first.turns, Turn("user", (Text("Two"),)))


def test_a_question_without_an_answer_is_asked_again_as_it_was() -> None:
    asked = Conversation("m").attach(Blob.of(PNG, "image/png")).ask("One")

    assert asked.answered([]) == asked
    assert asked.again() == asked
    assert Conversation("m").again() is None


def test_a_question_that_was_not_answered_is_replaced_by_the_next() -> None:
    assert Conversation("m").ask("One").ask("Two").prompt(Settings()).turns == (Turn("user", (Text("Two"),)),)


def test_clearing_keeps_the_model_and_the_system_instruction() -> None:
    assert answered().cleared() == Conversation("gemini-2.5-pro", "Be brief.")


def test_a_saved_conversation_is_read_back_as_it_was() -> None:
    text = answered().dump(Endpoint(name="juheai"))

    assert Conversation.load(text, "chat.json") == answered()
    assert json.loads(text)["endpoint"] == "juheai"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"form": "gstream chat 1"}',
        '{"form": "gstream chat 1", "turns": [1]}',
        '{"form": "gstream chat 1", "turns": [{"role": "user", "parts": [{"text": "One"}]}]}',
        '{"form": "gstream chat 1", "turns": [{"role": "system", "parts": [{"text": "One"}]}]}',
        "[" * 100_000,
    ],
)
def test_a_file_that_holds_no_conversation_is_refused(content: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^chat\.json holds "):
        Conversation.load(content, "chat.json")


# -- blocks ---------------------------------------------------------------------------------------------------------

BLOCKS = [
    "# Title\n\n",
    "One\u2028line.\n\n",
    "1. a\n\n   more\n\n2. b\n\n",
    "```python\nx = 1\n\n\ny = 2\n```\n\n",
    "~~~\n```\n\n~~~\n\n",
    "| a |\n|---|\n| 1 |\n\n",
    "Two:\n- x\n\n- y\n\n",
    "End.",
]
MARKDOWN = "".join(BLOCKS)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_markdown_settles_at_its_blocks_however_it_is_cut(size: int) -> None:
    """A fence with blank lines inside stays whole, and so does a list."""
    flow = Flow()
    blocks = []
    for start in range(0, len(MARKDOWN), size):
        blocks += flow.feed([Text(MARKDOWN[start : start + size])])
    blocks += flow.close()

    assert "".join(block.text for block in blocks) == MARKDOWN
    ends = [MARKDOWN.index(block) for block in BLOCKS]
    assert {sum(len(block.text) for block in blocks[:count]) for count in range(len(blocks))} <= set(ends)
    assert size == 1000 or [block.text for block in blocks] == BLOCKS


def test_nothing_settles_before_the_next_block_has_begun() -> None:
    assert [settled(text) for text in ("One.", "One.\n\n", "- One.\n\n1", "One.\n\n1")] == [0, 0, 0, 6]


def test_thoughts_media_and_text_become_blocks_in_order() -> None:
    image, sound = Blob.of(PNG, "image/png"), Blob.of(b"\0\1", SOUND)
    flow = Flow()
    blocks = flow.feed([Thought("Hm. "), Thought("Yes."), Text("One."), image, sound])
    blocks += flow.feed([sound, Text("Two."), ExecutableCode("1 + 1"), CodeResult("OUTCOME_OK", "2\n")])
    still = flow.open
    blocks += flow.feed([FileRef("https://files.example/1"), Opaque({"novel": 1}), FunctionCall("f", {})])

    assert blocks == [
        Block("thought", "Hm. Yes."),
        Block("text", "One."),
        Block("media", media=image),
        Block("media", media=Blob.of(b"\0\1\0\1", SOUND)),
        Block("text", "Two."),
        Block("text", "```python\n1 + 1\n```"),
        Block("text", "```text\n2\n```"),
        Block("note", "A file at https://files.example/1"),
        Block("note", "Something this version cannot show: novel"),
        Block("note", "The model calls f(), which a chat cannot run."),
    ]
    assert still is None
    assert flow.close() == []


def test_the_block_that_grows_is_told() -> None:
    flow = Flow()
    flow.feed([Text("One.\n\nTw")])

    assert flow.open == Block("text", "Tw")


def test_a_signature_without_text_neither_opens_nor_ends_a_block() -> None:
    flow = Flow()

    assert flow.feed([Text("One"), Thought("", "sig"), Text("", "sig"), Text(" two.")]) == []
    assert flow.close() == [Block("text", "One two.")]


def test_an_answer_cannot_steer_the_terminal() -> None:
    assert printable("\x1b]0;owned\x07a\tb\n\x9b2Jc\r\u200d👩") == "]0;owneda\tb\n2Jc\u200d👩"


def test_figures_tell_tokens_seconds_and_who_answered() -> None:
    usage = Usage(prompt=1234, candidates=20, thoughts=100, cached=1000)

    assert (
        figures(usage, 1.26, "m", "juheai") == "1,234 -> 120 tokens (100 of thoughts, 1,000 cached), 1.3 s, m, juheai"
    )
    assert figures(None, 0.04, "m", "juheai") == "0.0 s, m, juheai"
    assert figures(Usage(), 0.04, "m", "juheai") == "0.0 s, m, juheai"


def test_an_end_that_is_no_end_is_told() -> None:
    assert unfinished("STOP") is None
    assert unfinished("MAX_TOKENS") == "The answer ended at the limit of tokens (MAX_TOKENS)."
    assert unfinished("NOVEL", "So be it.") == "The answer ended early (NOVEL). The endpoint adds: So be it."
    assert unfinished(None) == "The answer ended early (no reason given)."


def test_an_error_is_told_in_one_line_that_cannot_steer_the_terminal() -> None:
    first, last = ConnectionFailed("No answer."), ConnectionFailed("No\x1b[2J answer,\nagain.")
    last.located(endpoint="juheai", model="m", request_id="r-1").earlier = (first,)

    assert sentence(last) == "No[2J answer, again. (request id r-1) It was tried 2 times."
    assert sentence(first) == "No answer."


# -- files ----------------------------------------------------------------------------------------------------------


def test_a_text_goes_as_text_and_a_medium_as_itself(tmp_path: Path) -> None:
    (tmp_path / "photo").write_bytes(PNG)
    (tmp_path / "notes.py").write_text("x = '天'\n", encoding="utf-8")

    assert files.attachment(f"{tmp_path}/photo", image=True) == Blob.of(PNG, "image/png")
    assert files.attachment(f"'{tmp_path}/notes.py'", image=False) == Text("notes.py:\n\nx = '天'\n\n")


@pytest.mark.parametrize(
    ("content", "image", "told"),
    [
        (None, False, "cannot be read: No such file or directory."),
        (b"", False, "is empty."),
        (b"text", True, "is no image: send it with /file."),
        (b"\xff\xfe\x00", False, "is no text in UTF-8 and no medium that is known: convert it."),
    ],
)
def test_a_file_that_cannot_be_sent_is_refused(tmp_path: Path, content: bytes | None, image: bool, told: str) -> None:  # noqa: FBT001
    path = tmp_path / "thing"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        files.attachment(str(path), image=image)

    assert refused.value.message == f"{path} {told}"


def test_sound_is_kept_as_a_wav_and_nothing_is_overwritten(tmp_path: Path) -> None:
    first = files.keep(Blob.of(b"\1\0" * 10, SOUND), tmp_path)
    second = files.keep(Blob.of(b"\2\0" * 10, SOUND), tmp_path)
    damaged = files.keep(Blob("image/png", "no base64!"), tmp_path)

    assert (first, second, damaged) == (tmp_path / "answer-1.wav", tmp_path / "answer-2.wav", None)
    with wave.open(str(first), "rb") as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        assert sound.readframes(99) == b"\1\0" * 10


def test_what_is_kept_is_named_by_what_it_is(tmp_path: Path) -> None:
    kept = [files.keep(Blob.of(*media), tmp_path) for media in ((PNG, "image/jpeg"), (b"?", "application/../x"))]

    assert [path.name for path in kept if path] == ["answer-1.png", "answer-1.bin"]


def test_media_find_a_place_where_the_folder_takes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    kept = files.keep(Blob.of(PNG, "image/png"), tmp_path / "absent")

    assert kept is not None
    assert kept.is_relative_to(tmp_path)
    assert kept.read_bytes() == PNG


def test_saving_overwrites_a_saved_chat_and_nothing_else(tmp_path: Path) -> None:
    chat, other = tmp_path / "chat.json", tmp_path / "thesis.txt"
    other.write_text("precious", encoding="utf-8")
    files.save(str(chat), Conversation("m"), Endpoint(name="juheai"))
    files.save(str(chat), answered(), Endpoint(name="juheai"))
    with pytest.raises(ConfigurationError, match="is there already and is no saved chat: choose another name"):
        files.save(str(other), answered(), Endpoint(name="juheai"))

    assert files.load(str(chat)) == answered()
    assert other.read_text(encoding="utf-8") == "precious"


# -- whom to ask ----------------------------------------------------------------------------------------------------

KEY = "made-up-key"


def test_a_url_does_in_place_of_a_name() -> None:
    target = target_of("http://127.0.0.1:8750/v1beta", environ={"GSTREAM_API_KEY": KEY})

    assert target.endpoint.base_url == "http://127.0.0.1:8750/v1beta"
    assert target.api_key == KEY


@pytest.mark.parametrize(
    ("endpoint", "environ", "variables"),
    [
        (None, {}, "the key variable of an endpoint (MAISI_API_KEY, SHUYOU_API_KEY, "),
        ("juheai", {}, "JUHEAI_API_KEY or GSTREAM_API_KEY;"),
        ("juheai", {"SHUYOU_API_KEY": KEY}, "JUHEAI_API_KEY or GSTREAM_API_KEY;"),
        (None, {"GSTREAM_ENDPOINT": "google"}, "GOOGLE_API_KEY or GEMINI_API_KEY or GSTREAM_API_KEY;"),
        ("localhost:8750", {}, "GSTREAM_API_KEY;"),
    ],
)
def test_without_a_key_one_sentence_tells_how_to_get_on(
    endpoint: str | None, environ: dict[str, str], variables: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        target_of(endpoint, environ=environ)

    assert refused.value.message.startswith(f"There is no key: set {variables}")
    assert refused.value.message.endswith(
        "run gstream serve in another terminal, then GSTREAM_API_KEY=<its key> gstream chat --endpoint <its base URL>."
    )


@pytest.mark.parametrize(
    ("endpoint", "environ", "told"),
    [
        ("nowhere", {}, "is not a known endpoint"),
        (None, {"JUHEAI_API_KEY": KEY, "SHUYOU_API_KEY": KEY}, "Keys of several endpoints are set"),
        ("juheai", {"JUHEAI_API_KEY": "a b"}, "holds spaces"),
    ],
)
def test_any_other_mistake_is_told_as_it_is(endpoint: str | None, environ: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        target_of(endpoint, environ=environ)


@pytest.mark.parametrize(
    ("model", "thoughts", "shown", "included"),
    [
        ("gemini-2.5-flash", None, True, True),
        ("gemini-2.5-flash", None, False, None),
        ("gemini-2.0-flash", None, True, None),
        ("somebody-elses", None, True, None),
        ("somebody-elses", True, False, True),
        ("gemini-2.5-flash", False, True, None),
    ],
)
def test_thoughts_are_asked_for_where_they_are_to_be_had_and_seen(
    model: str,
    thoughts: bool | None,  # noqa: FBT001
    shown: bool,  # noqa: FBT001
    included: bool | None,  # noqa: FBT001
) -> None:
    settings = settings_for(model, given={"temperature": 1}, thoughts=thoughts, shown=shown)

    assert settings.include_thoughts is included
    assert settings.temperature == 1


def test_settings_are_json_or_text() -> None:
    typed = ["temperature=0.5", 'stop=["a"]', "thinking_level=low", "response_mime_type=1"]
    expected: dict[str, Any] = {"temperature": 0.5, "stop": ["a"], "thinking_level": "low", "response_mime_type": "1"}

    assert assigned(typed) == expected
    with pytest.raises(ConfigurationError, match="is no NAME=VALUE"):
        assigned(["temperature"])


def test_every_command_has_a_sentence() -> None:
    assert all(sentence.endswith(".") for _, sentence in COMMANDS.values())

"""`gstream.notebook`: any framework's stream becomes what a notebook draws, and the whole answer."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.output_parsers import StrOutputParser
from llama_index.core import Document, SummaryIndex
from llama_index.core.chat_engine import SimpleChatEngine
from llama_index.core.llms import ChatMessage, ChatResponse, CompletionResponse
from llama_index.core.memory import ChatMemoryBuffer
from nbclient import NotebookClient

from gstream import (
    Blob,
    Chunk,
    Client,
    CodeResult,
    ConfigurationError,
    ExecutableCode,
    FileRef,
    FunctionCall,
    IncompleteStreamError,
    Prompt,
    Text,
    Thought,
    Turn,
    resolve,
)
from gstream.emulator import Emulator
from gstream.notebook import ashow, show
from gstream.notebook.answers import Answer, Piece
from gstream.notebook.bundles import bundles
from langchain_gstream import ChatGStream
from llamaindex_gstream import GStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
PNG_DATA = base64.b64encode(PNG).decode()
SAID = "You asked: “Hello fox”"
MODEL = "gemini-3-flash-preview"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator("google") as running:
        yield running


@pytest.fixture
def loop() -> Iterator[None]:
    """The event loop of this thread: LlamaIndex makes one where there is none, and leaves it open."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    made.run_until_complete(made.shutdown_asyncgens())
    made.close()
    asyncio.set_event_loop(None)


def chain(emulator: Emulator) -> ChatGStream:
    return ChatGStream(model=MODEL, endpoint=emulator.endpoint, api_key=emulator.api_key, include_thoughts=True)


def index(emulator: Emulator) -> GStream:
    return GStream(model=MODEL, endpoint=emulator.endpoint, api_key=emulator.api_key, include_thoughts=True)


PROMPT = Prompt(MODEL, (Turn("user", (Text("Hello fox"),)),))
MESSAGES = [ChatMessage(role="user", content="Hello fox")]
WAYS: dict[str, tuple[Callable[[Emulator], Any], Callable[[Emulator], Any], type]] = {
    "langchain": (
        lambda e: chain(e).stream("Hello fox"),
        lambda e: chain(e).astream("Hello fox"),
        AIMessageChunk,
    ),
    "langchain chain": (
        lambda e: (chain(e) | StrOutputParser()).stream("Hello fox"),
        lambda e: (chain(e) | StrOutputParser()).astream("Hello fox"),
        str,
    ),
    "langchain message": (lambda e: chain(e).invoke("Hello fox"), lambda e: chain(e).ainvoke("Hello fox"), AIMessage),
    "llamaindex chat": (
        lambda e: index(e).stream_chat(MESSAGES),
        lambda e: index(e).astream_chat(MESSAGES),
        ChatResponse,
    ),
    "llamaindex completion": (
        lambda e: index(e).stream_complete("Hello fox"),
        lambda e: index(e).astream_complete("Hello fox"),
        CompletionResponse,
    ),
    "llamaindex whole": (lambda e: index(e).chat(MESSAGES), lambda e: index(e).achat(MESSAGES), ChatResponse),
    "core": (
        lambda e: Client(resolve(e.endpoint, api_key=e.api_key)).stream(PROMPT),
        lambda e: Client(resolve(e.endpoint, api_key=e.api_key)).astream(PROMPT),
        Chunk,
    ),
}


def visible(whole: Any) -> str:
    if isinstance(whole, ChatResponse):
        return whole.message.content or ""
    return whole if isinstance(whole, str) else str(whole.text)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_stream_is_shown_and_given_back_whole(
    emulator: Emulator, way: str, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a notebook it is written once, at its end."""
    stream, astream, kind = WAYS[way]

    async def shown() -> Any:
        return await ashow(astream(emulator))

    whole = show(stream(emulator)) if mode == "sync" else asyncio.run(shown())
    written = capsys.readouterr().out

    assert isinstance(whole, kind)
    assert visible(whole).startswith(SAID)
    assert visible(whole).endswith("alone.")
    assert written.count(SAID) == 1
    assert written.endswith("alone.\n")


@pytest.mark.usefixtures("loop")
def test_an_engine_streams_its_text(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    documents = SummaryIndex.from_documents([Document(text="A fox is red.")])
    engine = documents.as_query_engine(llm=index(emulator), streaming=True)

    async def asked() -> Any:
        return await ashow(engine.aquery("Hello fox"))

    texts = [show(engine.query("Hello fox")), asyncio.get_event_loop().run_until_complete(asked())]

    assert all(text.endswith("alone.") for text in texts)
    assert capsys.readouterr().out == "".join(f"{text}\n" for text in texts)


@pytest.mark.usefixtures("loop")
def test_a_chat_engine_streams_its_text(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    memory = ChatMemoryBuffer.from_defaults(token_limit=10_000)  # core's default one leaves a database open
    engine = SimpleChatEngine.from_defaults(llm=index(emulator), memory=memory)

    async def asked() -> Any:
        return await ashow(engine.astream_chat("Hello owl"))

    texts = [show(engine.stream_chat("Hello fox")), asyncio.get_event_loop().run_until_complete(asked())]

    assert "“Hello fox”" in texts[0]
    assert "Earlier you said: “Hello fox”" in texts[1]
    assert capsys.readouterr().out == "".join(f"{text}\n" for text in texts)


def test_what_came_before_a_failure_stays_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with Emulator("google", fault="cut_mid_event") as cutting:
        model = ChatGStream(model=MODEL, endpoint=cutting.endpoint, api_key=cutting.api_key, max_retries=0)
        with pytest.raises(IncompleteStreamError):
            show(model.stream("Hello fox"))

    assert capsys.readouterr().out.startswith("You asked: “Hello")


def test_showing_that_is_stopped_closes_the_connection() -> None:
    """A stop of the cell (here: an item that cannot be shown) ends the stream it reads."""
    with Emulator("google", pace_s=0.05) as slow:
        chunks = Client(resolve(slow.endpoint, api_key=slow.api_key)).stream(PROMPT)

        def broken() -> Iterator[Any]:
            try:
                yield next(chunks)
                yield object()
            finally:
                chunks.close()

        with pytest.raises(ConfigurationError, match="show\\(\\) cannot show object"):
            show(broken())

        assert slow.wait_until(lambda requests: requests[0].disconnected, 10)


def test_an_asynchronous_stream_given_to_show_is_a_sentence(emulator: Emulator) -> None:
    for given in (chain(emulator).astream("Hello"), index(emulator).astream_chat(MESSAGES)):
        with pytest.raises(ConfigurationError, match=r"use await ashow\(\.\.\.\)"):
            show(given)


@pytest.mark.parametrize("thing", [{"messages": []}, 1, None, [{"updates": 1}]])
def test_what_nobody_can_show_is_a_sentence(thing: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^show\(\) cannot show \w+: give it the stream of a model"):
        show(thing)


# -- in a kernel ----------------------------------------------------------------------------------------------------

PROGRAM = """
from gstream.emulator import Emulator
from gstream.notebook import show
from langchain_gstream import ChatGStream

with Emulator("google", pace_s=0.15) as e:
    llm = ChatGStream(
        model="gemini-3-flash-preview", endpoint=e.endpoint, api_key=e.api_key,
        include_thoughts=True, response_modalities=["TEXT", "IMAGE"],
    )
    message = show(llm.stream("Hello fox"))
"""


class Listening(NotebookClient):
    """Notes what a kernel displays, in order."""

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Note a message, and handle it as ever."""
        if msg["msg_type"] in {"display_data", "update_display_data"}:
            shown = (msg["msg_type"], msg["content"]["transient"]["display_id"], msg["content"]["data"])
            self.displayed = [*getattr(self, "displayed", []), shown]
        return super().process_message(msg, cell, cell_index)


def test_in_a_notebook_one_display_grows_and_media_are_sent_once() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(PROGRAM)])  # type: ignore[no-untyped-call]
    client = Listening(notebook, timeout=120, kernel_name="python3")
    client.execute()
    kinds = [(kind, name[-2:]) for kind, name, _ in client.displayed]
    texts = [data["text/markdown"] for *_, data in client.displayed if "text/markdown" in data]

    assert kinds[0] == ("display_data", "-0")
    assert kinds.count(("display_data", "-1")) == 1
    assert {kind for kind in kinds[1:] if kind[1] == "-0"} == {("update_display_data", "-0")}
    assert len(kinds) == len(texts) + 1
    assert len(texts) > 4
    assert texts[0].startswith('<details open style="opacity: 0.65">')
    assert texts[-1].startswith('<details style="opacity: 0.65">')
    assert [len(text) for text in texts[3:]] == sorted(len(text) for text in texts[3:])


@pytest.mark.parametrize(
    ("program", "ended"),
    [
        (
            "import sys, gstream.notebook; print({'IPython', 'langchain_core', 'llama_index'} & set(sys.modules))",
            "set()",
        ),
        (
            "import sys; sys.modules['IPython'] = None\nfrom gstream.notebook import show\nshow('Hello')",
            "show() draws with IPython, which is missing: pip install jupyterlab",
        ),
    ],
)
def test_ipython_is_needed_by_showing_alone(program: str, ended: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)

    assert (done.stdout + done.stderr).strip().endswith(ended)


# -- pieces ---------------------------------------------------------------------------------------------------------


def pieces(*items: Any) -> list[Piece]:
    answer = Answer()
    for item in items:
        answer.feed(item)
    return answer.pieces()


def test_parts_of_the_core_become_pieces_and_other_candidates_are_left_out() -> None:
    parts = (
        Thought("Hm."), Text("One"), Text("."), Blob.of(PNG, "image/webp"), FileRef("https://files.example/1"),
        FunctionCall("f", {"x": 1}), ExecutableCode("1 + 1"), CodeResult("OUTCOME_OK", "2"),
    )  # fmt: skip

    assert pieces(Chunk(parts), Chunk((Text("Other."),), index=1)) == [
        Piece("thought", "Hm."),
        Piece("text", "One."),
        Piece("media", "", "image/png", PNG_DATA),
        Piece("media", "https://files.example/1"),
        Piece("call", "x=1", "f"),
        Piece("code", "1 + 1", "python"),
        Piece("output", "2"),
    ]


def test_raw_sound_becomes_a_wav_and_damaged_media_are_named() -> None:
    sound, damaged = pieces(Chunk((Blob.of(b"\0\1", "audio/L16;rate=24000"), Blob("image/png", "no base64!"))))

    assert sound.name == "audio/wav"
    assert base64.b64decode(sound.data).startswith(b"RIFF")
    assert damaged == Piece("media", "", "image/png whose data are damaged")


def test_messages_of_an_agent_stay_apart_and_the_last_is_the_whole() -> None:
    answer = Answer()
    calls = [{"name": "f", "args": '{"x": 1}', "id": "1", "index": 0}]
    messages: list[BaseMessage] = [
        AIMessageChunk(content="", id="a", tool_call_chunks=calls),
        ToolMessage("42", tool_call_id="1", name="f"),
        AIMessageChunk(content="It is ", id="b"),
        AIMessageChunk(content="42.", id="b"),
    ]
    for message in messages:
        answer.feed((message, {"langgraph_node": "model"}))

    assert answer.pieces() == [Piece("call", "x=1", "f"), Piece("result", "42", "f"), Piece("text", "It is 42.")]
    assert answer.whole().content == "It is 42."


# -- bundles --------------------------------------------------------------------------------------------------------


def test_a_text_around_a_picture_is_drawn_in_two() -> None:
    drawn = bundles([Piece("text", "One"), Piece("media", "", "image/png", PNG_DATA), Piece("text", "Two")], ended=True)

    assert drawn == [
        {"text/markdown": "One", "text/plain": "One"},
        {"image/png": PNG_DATA, "text/plain": "image/png"},
        {"text/markdown": "Two", "text/plain": "Two"},
    ]


def test_thoughts_are_folded_as_soon_as_something_follows() -> None:
    thought = Piece("thought", "Hm.")
    growing = bundles([thought], ended=False)[0]["text/markdown"]
    followed = bundles([thought, Piece("text", "So.")], ended=False)[0]["text/markdown"]

    assert growing == '<details open style="opacity: 0.65"><summary>Thoughts</summary>\n\nHm.\n\n</details>'
    assert followed == '<details style="opacity: 0.65"><summary>Thoughts</summary>\n\nHm.\n\n</details>\n\nSo.'


def test_a_fence_is_longer_than_those_inside() -> None:
    assert bundles([Piece("output", "```\n````")], ended=True)[0]["text/markdown"] == "`````text\n```\n````\n`````"


@pytest.mark.parametrize(
    ("piece", "html"),
    [
        (Piece("media", "", "image/webp", "AAAA"), '<img src="data:image/webp;base64,AAAA" alt="image/webp">'),
        (Piece("media", "", "audio/wav", "AAAA"), '<audio controls src="data:audio/wav;base64,AAAA"></audio>'),
        (Piece("media", "https://x.example/v", "video/mp4"), '<video controls src="https://x.example/v"></video>'),
        (
            Piece("media", 'https://x.example/"><script>', "image/png"),
            '<img src="https://x.example/&quot;&gt;&lt;script&gt;" alt="image/png">',
        ),
        (
            Piece("media", "https://x.example/a.pdf"),
            '<a href="https://x.example/a.pdf">a file https://x.example/a.pdf</a>',
        ),
        (Piece("media", "javascript:alert(1)", "image/png"), "image/png javascript:alert(1)"),
        (Piece("media", "", "application/pdf", "AAAA"), "application/pdf"),
        (Piece("media", "", 'image/"><script>', "AAAA"), "image/&quot;&gt;&lt;script&gt;"),
    ],
)
def test_media_are_drawn_as_such_and_nothing_of_theirs_becomes_markup(piece: Piece, html: str) -> None:
    (bundle,) = bundles([piece], ended=True)

    assert bundle["text/html"] == html


def test_nothing_is_drawn_where_nothing_can_be_read() -> None:
    assert bundles([Piece("text", ""), Piece("thought", " \n")], ended=True) == []

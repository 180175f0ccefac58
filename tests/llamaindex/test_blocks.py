"""Every kind of block, both ways: the exact part it is on the wire, and the exact block a part of an answer becomes."""

from __future__ import annotations

import base64
import io
import json
import wave
from typing import TYPE_CHECKING, Any

import pytest
from llama_index.core.base.llms.types import (
    AudioBlock,
    CacheControl,
    CachePoint,
    ChatMessage,
    CitableBlock,
    CitationBlock,
    DocumentBlock,
    ImageBlock,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
    VideoBlock,
)

from gstream import Blob
from llamaindex_gstream.blocks import parts_of
from tests.web import Web

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(16)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(16)
PDF = b"%PDF-1.7 ..."
PCM = bytes(range(8))
PCM_TYPE = "audio/L16;codec=pcm;rate=16000"
YOUTUBE = "https://www.youtube.com/watch?v=x"
ASK = ChatMessage(role="user", content="Hi")


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def inline(mime_type: str, content: bytes, **more: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": mime_type, "data": b64(content)}, **more}


def answer(id_: str | None) -> ChatMessage:
    return ChatMessage(role="tool", content="2", additional_kwargs={"tool_call_id": id_})


CITED = {"title": "t", "source": "s"}

USER: dict[str, tuple[Any, list[dict[str, Any]]]] = {
    "text": (TextBlock(text="Hello"), [{"text": "Hello"}]),
    "image, bytes": (ImageBlock(image=PNG), [inline("image/png", PNG)]),
    "image, base64": (ImageBlock(image=base64.b64encode(PNG)), [inline("image/png", PNG)]),
    "image, stated type": (ImageBlock(image=PNG, image_mimetype="image/webp"), [inline("image/webp", PNG)]),
    "image, data URL": (ImageBlock(url=f"data:image/png;base64,{b64(PNG)}"), [inline("image/png", PNG)]),
    "image, URL": (ImageBlock(url="https://web.example/a.png"), [inline("image/png", PNG)]),
    "image, bucket": (
        ImageBlock(url="gs://bucket/a.png"),
        [{"fileData": {"mimeType": "image/png", "fileUri": "gs://bucket/a.png"}}],
    ),
    "audio, bytes": (AudioBlock(audio=WAV, format="wav"), [inline("audio/wav", WAV)]),
    "audio, base64": (AudioBlock(audio=base64.b64encode(WAV), format="mp3"), [inline("audio/mpeg", WAV)]),
    "audio, URL": (AudioBlock(url="https://web.example/a.wav"), [inline("audio/wav", WAV)]),
    "video, bytes": (VideoBlock(video=MP4), [inline("video/mp4", MP4)]),
    "video, rate": (VideoBlock(video=MP4, fps=2), [inline("video/mp4", MP4, videoMetadata={"fps": 2})]),
    "video, site": (VideoBlock(url=YOUTUBE), [{"fileData": {"fileUri": YOUTUBE}}]),
    "document, PDF": (DocumentBlock(data=PDF, title="Report"), [inline("application/pdf", PDF)]),
    "document, text": (DocumentBlock(data=b"# Title?"), [inline("text/plain", b"# Title?")]),
    "document, URL": (DocumentBlock(url="https://web.example/a.pdf"), [inline("application/pdf", PDF)]),
    "citable": (
        CitableBlock(**CITED, content=[TextBlock(text="One"), ImageBlock(image=PNG), DocumentBlock(data=PDF)]),
        [{"text": "One"}, inline("image/png", PNG), inline("application/pdf", PDF)],
    ),
    "citation, text": (CitationBlock(**CITED, cited_content="Said", additional_location_info={}), [{"text": "Said"}]),
    "citation, image": (
        CitationBlock(**CITED, cited_content=ImageBlock(image=PNG), additional_location_info={}),
        [inline("image/png", PNG)],
    ),
    "cache point": (CachePoint(cache_control=CacheControl(type="ephemeral")), []),
    "empty text": (TextBlock(text=""), []),
}
PAGES = {
    "https://web.example/a.png": (PNG, "image/png"),
    "https://web.example/a.wav": (WAV, "audio/wav"),
    "https://web.example/a.pdf": (PDF, "application/pdf"),
}


@pytest.mark.parametrize("name", USER)
def test_a_block_of_the_user_is_this_part_of_the_request(name: str, wired: Any) -> None:
    block, expected = USER[name]
    llm, bodies = wired(fetcher=Web(PAGES))
    message = ChatMessage(role="user", blocks=[TextBlock(text="See"), block])
    before = message.model_dump_json()

    for _ in range(2):
        llm.chat([message])

    assert bodies[0] == {"contents": [{"role": "user", "parts": [{"text": "See"}, *expected]}]}
    assert bodies[1] == bodies[0]
    assert message.model_dump_json() == before


@pytest.mark.parametrize(
    "content",
    [
        b"QUJD", b"QUI=", b"QQ==", b"QR==", b"QUJD\n", b"QU JD", b"QQ=", b"Q===", b"====", b"=QQQ", b"Q=QQ",
        b"QQ==QUJD", b"QQ", b"_-_-", b"\x89PNG", "Ångström".encode(),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [ImageBlock, DocumentBlock])
def test_bytes_that_core_did_not_look_at_are_sent_as_core_reads_them(
    kind: type[ImageBlock | DocumentBlock], content: bytes
) -> None:
    """What is base64 is sent as it is, in its only form; anything else is raw and is encoded."""
    if kind is ImageBlock:
        block: Any = ImageBlock.model_construct(image=content, image_mimetype="image/png")
        read = block.resolve_image().read()
    else:
        block = DocumentBlock.model_construct(data=content, document_mimetype="application/pdf")
        read = block.resolve_document().read()

    (part,) = parts_of(block)

    assert isinstance(part, Blob)
    assert part.data == base64.b64encode(read).decode()


def test_a_stream_is_read_and_left_where_it_stood(wired: Any) -> None:
    llm, bodies = wired()
    stream = io.BytesIO(PNG)

    for _ in range(2):
        llm.chat([ChatMessage(role="user", blocks=[ImageBlock(image=stream)])])

    assert [body["contents"][0]["parts"] for body in bodies] == [[inline("image/png", PNG)]] * 2
    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("a.png", ImageBlock, ("image/png", PNG)),
        ("a", ImageBlock, ("image/png", PNG)),
        ("a.wav", AudioBlock, ("audio/wav", WAV)),
        ("a.mp4", VideoBlock, ("video/mp4", MP4)),
        ("a.pdf", DocumentBlock, ("application/pdf", PDF)),
        ("a.md", DocumentBlock, ("text/markdown", b"# A")),
    ],
)
def test_a_file_is_this_part_of_the_request(
    name: str, kind: Any, expected: tuple[str, bytes], tmp_path: Path, wired: Any
) -> None:
    (tmp_path / name).write_bytes(expected[1])
    llm, bodies = wired()

    llm.chat([ChatMessage(role="user", blocks=[kind(path=tmp_path / name)])])

    assert bodies[0]["contents"][0]["parts"] == [inline(*expected)]


CALL = ToolCallBlock(tool_call_id="1", tool_name="f", tool_kwargs={"x": [1]})
SIGNED = ThinkingBlock(content="Hm", additional_information={"thought_signature": "c2ln"})

MODEL: dict[str, tuple[Any, list[dict[str, Any]]]] = {
    "text": (TextBlock(text="Hello"), [{"text": "Hello"}]),
    "thought": (ThinkingBlock(content="Hm"), [{"text": "Hm", "thought": True}]),
    "signed thought": (SIGNED, [{"text": "Hm", "thought": True, "thoughtSignature": "c2ln"}]),
    "call, dictionary": (CALL, [{"functionCall": {"name": "f", "args": {"x": [1]}, "id": "1"}}]),
    "call, text": (
        ToolCallBlock(tool_call_id="1", tool_name="f", tool_kwargs='{"x": [1]}'),
        [{"functionCall": {"name": "f", "args": {"x": [1]}, "id": "1"}}],
    ),
    "call, nothing": (ToolCallBlock(tool_name="f", tool_kwargs=""), [{"functionCall": {"name": "f"}}]),
    "image": (ImageBlock(image=PNG), [inline("image/png", PNG)]),
}


@pytest.mark.parametrize("name", MODEL)
def test_a_block_of_the_model_is_this_part_of_the_request(name: str, wired: Any) -> None:
    block, expected = MODEL[name]
    llm, bodies = wired()
    said = ChatMessage(role="assistant", blocks=[block])
    called = isinstance(block, ToolCallBlock)

    llm.chat([ASK, said, answer(block.tool_call_id) if called else ASK])

    assert bodies[0]["contents"][1] == {"role": "model", "parts": expected}


def test_the_result_of_a_tool_carries_its_media(wired: Any) -> None:
    """What the model reads of a result is `output`; its media stand beside it or inside, as the endpoint takes them."""
    llm, bodies = wired()
    blocks = [TextBlock(text="A map"), ImageBlock(image=PNG), DocumentBlock(data=PDF)]
    result = ChatMessage(role="tool", blocks=blocks, additional_kwargs={"tool_call_id": "1"})

    llm.chat([ASK, ChatMessage(role="assistant", blocks=[CALL]), result])

    sent = json.dumps(bodies[0]["contents"][2])
    assert '"functionResponse": {"name": "f", "id": "1", "response": {"output": "A map"}' in sent
    assert [b64(content) in sent for content in (PNG, PDF)] == [True, True]


def test_system_texts_of_both_roles_and_turns_of_one_role_are_joined_part_by_part(wired: Any) -> None:
    llm, bodies = wired()

    llm.chat(
        [
            ChatMessage(role="system", content="One."),
            ChatMessage(role="developer", blocks=[TextBlock(text="Two."), TextBlock(text="Three.")]),
            ChatMessage(role="user", content="A"),
            ChatMessage(role="user", blocks=[TextBlock(text="B"), TextBlock(text="C")]),
            ChatMessage(role="assistant", content="D"),
            ChatMessage(role="chatbot", content="E"),
            ChatMessage(role="system", content="Four."),
            ChatMessage(role="user", content="F"),
        ]
    )

    assert bodies[0] == {
        "contents": [
            {"role": "user", "parts": [{"text": "A"}, {"text": "B"}, {"text": "C"}]},
            {"role": "model", "parts": [{"text": "D"}, {"text": "E"}]},
            {"role": "user", "parts": [{"text": "F"}]},
        ],
        "systemInstruction": {"parts": [{"text": "One."}, {"text": "Two."}, {"text": "Three."}, {"text": "Four."}]},
    }


ANSWERS: dict[str, tuple[list[dict[str, Any]], list[Any]]] = {
    "text": ([{"text": "One "}, {"text": "two\n"}, {"text": "three"}], [TextBlock(text="One two\nthree")]),
    "signed text": ([{"text": "One"}, {"text": "", "thoughtSignature": "c2ln"}], [TextBlock(text="One")]),
    "thought": (
        [{"text": "Hm, ", "thought": True}, {"text": "yes", "thought": True}, {"text": "A"}],
        [ThinkingBlock(content="Hm, yes"), TextBlock(text="A")],
    ),
    "signed thought": (
        [{"text": "Hm", "thought": True, "thoughtSignature": "c2ln"}, {"text": "A"}],
        [SIGNED, TextBlock(text="A")],
    ),
    "calls": (
        [
            {"functionCall": {"name": "f", "args": {"x": [1]}, "id": "1"}, "thoughtSignature": "c2ln"},
            {"functionCall": {"name": "f", "id": "2"}},
        ],
        [CALL, ToolCallBlock(tool_call_id="2", tool_name="f", tool_kwargs={})],
    ),
    "image": ([inline("image/png", PNG)], [ImageBlock(image=PNG, image_mimetype="image/png")]),
    "text and image": (
        [{"text": "See"}, inline("image/png", PNG, thoughtSignature="c2ln")],
        [TextBlock(text="See"), ImageBlock(image=PNG, image_mimetype="image/png")],
    ),
    "audio": ([inline("audio/mpeg", WAV)], [AudioBlock(audio=WAV, format="mp3")]),
    "video": ([inline("video/mp4", MP4)], [VideoBlock(video=MP4, video_mimetype="video/mp4")]),
    "document": ([inline("application/pdf", PDF)], [DocumentBlock(data=PDF, document_mimetype="application/pdf")]),
    "file elsewhere": (
        [{"fileData": {"mimeType": "image/png", "fileUri": "https://web.example/a.png"}}, {"text": "There."}],
        [ImageBlock(url="https://web.example/a.png", image_mimetype="image/png"), TextBlock(text="There.")],
    ),
    "code": (
        [
            {"executableCode": {"language": "PYTHON", "code": "print(1)"}},
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
            {"text": "It is 1."},
        ],
        [TextBlock(text="It is 1.")],
    ),
    "unknown": ([{"toolCall": {"id": "1"}, "thoughtSignature": "c2ln"}, {"text": "A"}], [TextBlock(text="A")]),
}


def answered(wire: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the documents of a stream that brings one part each."""
    last = {"candidates": [{"finishReason": "STOP"}]}
    return [*({"candidates": [{"content": {"parts": [part]}}]} for part in wire), last]


def shown(blocks: list[Any]) -> list[dict[str, Any]]:
    return [json.loads(block.model_dump_json(exclude_none=True)) for block in blocks]


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("name", ANSWERS)
def test_a_part_of_an_answer_is_this_block_and_goes_back_as_it_came(name: str, streamed: bool, wired: Any) -> None:  # noqa: FBT001 - a parameter of the test
    """Also through JSON, as memories and contexts store messages."""
    wire, expected = ANSWERS[name]
    llm, bodies = wired(*answered(wire))

    responses = list(llm.stream_chat([ASK])) if streamed else [llm.chat([ASK])]
    message = responses[-1].message
    stored = ChatMessage.model_validate_json(message.model_dump_json())
    results = [answer(block.tool_call_id) for block in expected if isinstance(block, ToolCallBlock)]
    for again in (message, stored):
        llm.chat([ASK, again, *results, ASK])

    assert shown(message.blocks) == shown(expected)
    assert bodies[1]["contents"][1] == {"role": "model", "parts": joined(wire)}
    assert bodies[2] == bodies[1]
    if streamed:
        assert "".join(response.delta or "" for response in responses) == (message.content or "")


def joined(wire: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the parts with neighbours of bare text, or of bare thought, as one; an image's base64 is as it came."""
    result: list[dict[str, Any]] = []
    for part in wire:
        bare = {"text"}, {"text", "thought"}
        if result and set(part) == set(result[-1]) and set(part) in bare:
            result[-1] = {**result[-1], "text": result[-1]["text"] + part["text"]}
        else:
            result.append(part)
    return result


@pytest.mark.parametrize("streamed", [True, False])
def test_raw_sound_can_be_played_and_goes_back_raw(streamed: bool, wired: Any) -> None:  # noqa: FBT001 - a parameter of the test
    llm, bodies = wired(*answered([inline(PCM_TYPE, PCM), inline(PCM_TYPE, PCM[::-1])]))

    message = (list(llm.stream_chat([ASK]))[-1] if streamed else llm.chat([ASK])).message
    block: Any
    (block,) = message.blocks
    llm.chat([ASK, ChatMessage.model_validate_json(message.model_dump_json()), ASK])
    block_alone = ChatMessage(role="user", blocks=[block])
    llm.chat([block_alone])

    assert isinstance(block, AudioBlock)
    assert block.format == "wav"
    with wave.open(io.BytesIO(block.resolve_audio().read())) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16_000, 1, 2)
        assert sound.readframes(100) == PCM + PCM[::-1]
    assert bodies[1]["contents"][1]["parts"] == [inline(PCM_TYPE, PCM + PCM[::-1])]
    assert bodies[2]["contents"][0]["parts"] == [inline("audio/wav", block.resolve_audio().read())]


def test_a_medium_that_was_put_in_the_place_of_another_keeps_its_own_type(wired: Any) -> None:
    llm, bodies = wired(*answered([inline(PCM_TYPE, PCM)]))

    message = llm.chat([ASK]).message
    message.blocks = [AudioBlock(audio=WAV, format="wav")]
    llm.chat([ASK, message, ASK])
    message.blocks = [ImageBlock(image=PNG)]
    llm.chat([ASK, message, ASK])

    assert [body["contents"][1]["parts"] for body in bodies[1:]] == [
        [inline("audio/wav", WAV)],
        [inline("image/png", PNG)],
    ]


def test_what_the_emulator_says_and_draws_goes_back_to_it(reseller: Any, make: Any) -> None:
    sound: Any
    speaks = make(reseller, model="gemini-2.5-flash-preview-tts", response_modalities=["AUDIO"])
    draws = make(reseller, model="gemini-3-pro-image-preview", response_modalities=["TEXT", "IMAGE"])

    (sound,) = list(speaks.stream_chat([ASK]))[-1].message.blocks
    picture = list(draws.stream_chat([ASK]))[-1].message
    again = draws.chat([ASK, picture, ChatMessage(role="user", content="Make it blue.")])

    with wave.open(sound.resolve_audio()) as played:
        assert played.getnframes() == 12_000
    assert [block.block_type for block in picture.blocks] == ["text", "image"]
    assert again.message.content

"""Every row of the table of inputs: what LangChain messages become in the request, exactly, as the emulator took it."""

from __future__ import annotations

import base64
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.messages import AnyMessage, HumanMessage

from gstream import Prompt, RequestError
from gstream.media import type_of_base64
from gstream.request import build_body
from langchain_gstream.messages import read_messages
from tests.langchain.conftest import model_of
from tests.web import Web

if TYPE_CHECKING:
    from gstream.emulator import Emulator

Json = dict[str, Any]


def encoded(head: bytes) -> str:
    return base64.b64encode(head + bytes(8)).decode("ascii")


PNG = encoded(b"\x89PNG\r\n\x1a\n")
JPEG = encoded(b"\xff\xd8\xff\xe0")
GIF = encoded(b"GIF89a")
PDF = encoded(b"%PDF-1.7")
WAV = encoded(b"RIFF\0\0\0\0WAVEfmt ")
MP3 = encoded(b"ID3\x04")
MP4 = encoded(b"\0\0\0\x18ftypmp42")
PLAIN = base64.b64encode(b"plain words").decode("ascii")
YOUTUBE = "https://www.youtube.com/watch?v=9hE5-98ZeCg"
FILES_API = "https://generativelanguage.googleapis.com/v1beta/files/abc-123"
WEB = {
    f"https://example.com/{name}": (base64.b64decode(data), "application/octet-stream")
    for name, data in {
        "cat.png?x=1": PNG, "cat.jpg": JPEG, "a.gif": GIF, "a.png": PNG, "a.pdf": PDF, "a.md": PLAIN,
    }.items()
}  # fmt: skip
"""What lies where the rows say; everything else named there stays a reference."""


def body_of(emulator: Emulator, messages: list[AnyMessage], **parameters: Any) -> Json:
    """Return the request that `messages` become; the caller's own are not touched by it."""
    before = copy.deepcopy(messages)
    model_of(emulator, fetcher=Web(WEB), **parameters).invoke(messages)
    assert messages == before
    received = emulator.requests[-1]
    assert received.status == 200
    assert received.body is not None
    return received.body


def contents_of(emulator: Emulator, *messages: AnyMessage) -> list[Json]:
    contents: list[Json] = body_of(emulator, list(messages))["contents"]
    return contents


def user(*parts: Json) -> Json:
    return {"role": "user", "parts": list(parts)}


def text(words: str) -> Json:
    return {"text": words}


def inline(mime_type: str, data: str) -> Json:
    return {"inlineData": {"mimeType": mime_type, "data": data}}


def file(uri: str, mime_type: str | None = None) -> Json:
    return {"fileData": {**({"mimeType": mime_type} if mime_type else {}), "fileUri": uri}}


@dataclass(frozen=True)
class Case:
    """One block of a human message, and the parts it becomes."""

    id: str
    block: str | Json
    parts: tuple[Json, ...]


def case(id_: str, block: str | Json, *parts: Json) -> Case:
    return Case(id_, block, parts)


VIDEO = {"start_offset": "10s", "end_offset": "20s", "fps": 2}
VIDEO_SENT = {"startOffset": "10s", "endOffset": "20s", "fps": 2}

BLOCKS = [
    case("a string in a list", "hello", text("hello")),
    case("text", {"type": "text", "text": "hello"}, text("hello")),
    # v1 blocks
    case("v1 image base64", {"type": "image", "base64": PNG, "mime_type": "image/png"}, inline("image/png", PNG)),
    case(
        "v1 image url",
        {"type": "image", "url": "https://example.com/cat.png?x=1"},
        inline("image/png", PNG),
    ),
    case("v1 image data url", {"type": "image", "url": f"data:image/webp;base64,{PNG}"}, inline("image/webp", PNG)),
    case("v1 image file_id", {"type": "image", "file_id": FILES_API}, file(FILES_API)),
    case("v1 audio base64", {"type": "audio", "base64": WAV}, inline("audio/wav", WAV)),
    case("v1 audio base64 mp3", {"type": "audio", "base64": MP3}, inline("audio/mp3", MP3)),
    case("v1 audio url", {"type": "audio", "url": "gs://b/a.flac"}, file("gs://b/a.flac", "audio/flac")),
    case("v1 audio file_id", {"type": "audio", "file_id": FILES_API}, file(FILES_API)),
    case("v1 video base64", {"type": "video", "base64": MP4}, inline("video/mp4", MP4)),
    case("v1 video url on YouTube", {"type": "video", "url": YOUTUBE}, file(YOUTUBE)),
    case("v1 video file_id", {"type": "video", "file_id": FILES_API}, file(FILES_API)),
    case(
        "v1 video with video_metadata",
        {"type": "video", "url": YOUTUBE, "extras": {"video_metadata": VIDEO}},
        {**file(YOUTUBE), "videoMetadata": VIDEO_SENT},
    ),
    case("v1 file base64", {"type": "file", "base64": PDF}, inline("application/pdf", PDF)),
    case(
        "v1 file url in a bucket",
        {"type": "file", "url": "gs://bucket/a.pdf"},
        file("gs://bucket/a.pdf", "application/pdf"),
    ),
    case("v1 file url of the Files API", {"type": "file", "url": FILES_API}, file(FILES_API)),
    case(
        "v1 file file_id",
        {"type": "file", "file_id": "files/abc", "mime_type": "text/csv"},
        file("files/abc", "text/csv"),
    ),
    case("v1 text-plain", {"type": "text-plain", "text": "plain words"}, text("plain words")),
    case("v1 text-plain base64", {"type": "text-plain", "base64": PLAIN}, inline("text/plain", PLAIN)),
    case(
        "v1 text-plain url",
        {"type": "text-plain", "url": "https://example.com/a.md"},
        inline("text/markdown", PLAIN),
    ),
    case("v1 text-plain file_id", {"type": "text-plain", "file_id": FILES_API}, file(FILES_API)),
    # OpenAI's
    case(
        "OpenAI image_url data url",
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"}},
        inline("image/png", PNG),
    ),
    case(
        "OpenAI image_url as a string",
        {"type": "image_url", "image_url": f"data:image/png;base64,{PNG}"},
        inline("image/png", PNG),
    ),
    case(
        "OpenAI image_url https",
        {"type": "image_url", "image_url": {"url": "https://example.com/cat.jpg"}},
        inline("image/jpeg", JPEG),
    ),
    case(
        "OpenAI image_url gs",
        {"type": "image_url", "image_url": {"url": "gs://b/cat.webp"}},
        file("gs://b/cat.webp", "image/webp"),
    ),
    case(
        "OpenAI input_audio",
        {"type": "input_audio", "input_audio": {"data": WAV, "format": "wav"}},
        inline("audio/wav", WAV),
    ),
    case(
        "OpenAI file.file_data",
        {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PDF}"}},
        inline("application/pdf", PDF),
    ),
    case(
        "OpenAI file.file_data that is bare base64",
        {"type": "file", "file": {"file_data": PDF}},
        inline("application/pdf", PDF),
    ),
    case("OpenAI file.file_id", {"type": "file", "file": {"file_id": "files/abc"}}, file("files/abc")),
    # v0 blocks
    case(
        "legacy v0 base64",
        {"type": "image", "source_type": "base64", "data": PNG, "mime_type": "image/png"},
        inline("image/png", PNG),
    ),
    case(
        "legacy v0 url",
        {"type": "image", "source_type": "url", "url": "https://example.com/a.gif"},
        inline("image/gif", GIF),
    ),
    case("legacy v0 id", {"type": "file", "source_type": "id", "id": "files/abc"}, file("files/abc")),
    # Google's
    case("media data", {"type": "media", "mime_type": "video/mp4", "data": MP4}, inline("video/mp4", MP4)),
    case("media data without a type", {"type": "media", "data": MP4}, inline("video/mp4", MP4)),
    case(
        "media file_uri",
        {"type": "media", "mime_type": "video/mp4", "file_uri": FILES_API},
        file(FILES_API, "video/mp4"),
    ),
    case(
        "media with video_metadata and media_resolution",
        {"type": "media", "file_uri": YOUTUBE, "video_metadata": VIDEO, "media_resolution": "low"},
        {**file(YOUTUBE), "videoMetadata": VIDEO_SENT, "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}},
    ),
    # Anthropic's
    case(
        "Anthropic image base64",
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
        inline("image/png", PNG),
    ),
    case(
        "Anthropic image url",
        {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
        inline("image/png", PNG),
    ),
    case(
        "Anthropic document base64",
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}},
        inline("application/pdf", PDF),
    ),
    case(
        "Anthropic document url",
        {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}},
        inline("application/pdf", PDF),
    ),
    case(
        "Anthropic document file",
        {"type": "document", "source": {"type": "file", "file_id": "files/abc"}},
        file("files/abc"),
    ),
    case(
        "Anthropic document text",
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "plain words"}},
        text("plain words"),
    ),
    case(
        "Anthropic document content",
        {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "a"}, "b"]}},
        text("a"),
        text("b"),
    ),
    # the rest
    case("a data url that is not base64", {"type": "file", "url": "data:text/plain;charset=utf-8,a%20b"}, inline(
        "text/plain", base64.b64encode(b"a b").decode("ascii"))),
    case("cachePoint", {"cachePoint": {"type": "default"}, "type": "cachePoint"}),
    case(
        "non_standard of the wire",
        {"type": "non_standard", "value": inline("image/png", PNG)},
        inline("image/png", PNG),
    ),
    case(
        "non_standard of another provider",
        {"type": "non_standard", "value": {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}},
        inline("image/png", PNG),
    ),
    case("a dict without type that holds text", {"text": "hello"}, text("hello")),
    case("a dict without type that is a part", inline("image/png", PNG), inline("image/png", PNG)),
]  # fmt: skip


BARE = [
    case(
        "text with a signature in its extras",
        {"type": "text", "text": "hello", "extras": {"signature": "c2ln"}},
        {"text": "hello", "thoughtSignature": "c2ln"},
    ),
    case("v1 image base64 without a type", {"type": "image", "base64": JPEG}, inline("image/jpeg", JPEG)),
    case("v1 image base64 in lines", {"type": "image", "base64": PNG[:8] + "\n" + PNG[8:]}, inline("image/png", PNG)),
    case("v1 image bytes", {"type": "image", "base64": base64.b64decode(PNG)}, inline("image/png", PNG)),
]
"""Rows that LangChain's tracing refuses (an image without a type), or the emulator (a made-up signature)."""


@pytest.mark.parametrize("row", BARE, ids=lambda row: row.id)
def test_a_block_that_only_the_library_itself_takes(row: Case) -> None:
    turns, system = read_messages([HumanMessage(["Look:", row.block])])
    body = build_body(Prompt("gemini-3-flash-preview", turns, system))

    assert body == {"contents": [user(text("Look:"), *row.parts)]}


@pytest.mark.parametrize("row", BLOCKS, ids=lambda row: row.id)
def test_a_block_of_a_human_message(google: Emulator, row: Case) -> None:
    contents = contents_of(google, HumanMessage(["Look:", row.block]))

    assert contents == [user(text("Look:"), *row.parts)]


UNTOUCHED = [
    case("sound alone", {"type": "input_audio", "input_audio": WAV}, inline("audio/wav", WAV)),
    case("sound without a format", {"type": "input_audio", "input_audio": {"data": WAV}}, inline("audio/wav", WAV)),
    case("a file alone", {"type": "file", "file": PDF}, inline("application/pdf", PDF)),
    case("a file by its id", {"type": "file", "file": {"file_id": "files/abc"}}, file("files/abc")),
    case(
        "a file as a data URL",
        {"type": "file", "file": {"file_data": f"data:image/png;base64,{PNG}"}},
        inline("image/png", PNG),
    ),
    case(
        "what our own answers keep beside media",
        {"type": "image", "base64": PNG, "extras": {"part": {"videoMetadata": {"fps": 1}}}},
        {**inline("image/png", PNG), "videoMetadata": {"fps": 1}},
    ),
    case(
        "a resolution as on the wire",
        {"type": "image", "base64": PNG, "media_resolution": {"level": "MEDIA_RESOLUTION_LOW"}},
        {**inline("image/png", PNG), "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}},
    ),
]
"""Blocks as programs write them by hand, read without LangChain's own conversions before."""


@pytest.mark.parametrize("row", UNTOUCHED, ids=lambda row: row.id)
def test_a_block_written_by_hand_is_read(row: Case) -> None:
    turns, system = read_messages([HumanMessage([row.block])])

    assert build_body(Prompt("gemini-3-flash-preview", turns, system)) == {"contents": [user(*row.parts)]}


WRONG = [
    ({"type": "document"}, "block 2 has the type 'document', which cannot be sent"),
    ({"type": "document", "source": {"type": "url"}}, "block 2 holds no data"),
    ({"type": "wormhole", "x": 1}, "message 1 (human), block 2 has the type 'wormhole'"),
    ({"x": 1, "y": 2}, "message 1 (human), block 2 has no type, only 'x', 'y'"),
    ({"type": "image"}, "message 1 (human), block 2 holds no data"),
    ({"type": "image", "id": "lc_123"}, "message 1 (human), block 2 holds no data"),
    ({"type": "image_url", "image_url": {}}, "message 1 (human), block 2 holds no data"),
    ({"type": "image_url", "image_url": "/home/me/cat.png"}, "block 2 holds '/home/me/cat.png', which is no URL"),
    ({"type": "file", "base64": "aGVsbG8="}, "block 2 holds data whose media type cannot be told"),
    ({"type": "media", "file_uri": YOUTUBE, "video_metadata": 3}, "block 2 has a video_metadata that is no dict"),
    ({"type": "tool_result", "tool_use_id": "t1", "content": "x"}, "block 2 answers the call 't1'"),
]


@pytest.mark.parametrize(("block", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_a_block_that_cannot_be_sent_is_named(block: Json, sentence: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_messages([HumanMessage(["Look:", block])])

    assert sentence in str(caught.value)


KNOWN = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff\xe0": "image/jpeg",
    b"GIF89a": "image/gif",
    b"RIFF\0\0\0\0WEBP": "image/webp",
    b"%PDF-1.4": "application/pdf",
    b"RIFF\0\0\0\0WAVE": "audio/wav",
    b"ID3\x03": "audio/mp3",
    b"\xff\xfb\x90": "audio/mp3",
    b"\0\0\0\x20ftypisom": "video/mp4",
    b"hello": None,
    b"": None,
}


@pytest.mark.parametrize(("head", "expected"), KNOWN.items(), ids=str)
def test_a_media_type_is_told_from_the_first_bytes(head: bytes, expected: str | None) -> None:
    assert type_of_base64(base64.b64encode(head).decode("ascii")) == expected


def test_no_text_is_taken_for_base64() -> None:
    assert type_of_base64("ÄÖ%%") is None

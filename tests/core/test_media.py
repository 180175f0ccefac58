"""What the first bytes of a file, or the end of its name, say it is."""

from __future__ import annotations

import base64

import pytest

from gstream.media import type_by_name, type_of_base64, type_of_content

HEADS: dict[str, tuple[bytes, str | None]] = {
    "PNG": (b"\x89PNG\r\n\x1a\n", "image/png"),
    "JPEG": (b"\xff\xd8\xff\xe0", "image/jpeg"),
    "GIF": (b"GIF89a", "image/gif"),
    "WebP": (b"RIFF\0\0\0\0WEBP", "image/webp"),
    "WAV": (b"RIFF\0\0\0\0WAVE", "audio/wav"),
    "AVI": (b"RIFF\0\0\0\0AVI ", "video/avi"),
    "another RIFF": (b"RIFF\0\0\0\0CDDA", None),
    "HEIC": (b"\0\0\0\x18ftypheic", "image/heic"),
    "M4A": (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
    "MP4 of any brand": (b"\0\0\0\x18ftypisom", "video/mp4"),
    "MP3 without a tag": (b"\xff\xfb\x90", "audio/mp3"),
    "MP3 with one": (b"ID3\x04", "audio/mp3"),
    "PDF": (b"%PDF-1.7", "application/pdf"),
    "WebM": (b"\x1aE\xdf\xa3", "video/webm"),
    "text": (b"Hello", None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize(("head", "mime_type"), HEADS.values(), ids=HEADS)
def test_the_first_bytes_say_what_a_file_is(head: bytes, mime_type: str | None) -> None:
    assert type_of_content(head) == mime_type
    assert type_of_base64(base64.b64encode(head + bytes(40)).decode()) == mime_type
    assert type_of_base64(base64.urlsafe_b64encode(head).decode().rstrip("=")) == mime_type


@pytest.mark.parametrize("data", ["a", "é" * 8])
def test_what_is_no_base64_is_no_file(data: str) -> None:
    assert type_of_base64(data) is None


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("a.PNG", "image/png"),
        ("x.tar.pdf", "application/pdf"),
        ("a.xyz", None),
        ("png", None),
        ("", None),
        (None, None),
    ],
)
def test_the_end_of_a_name_says_what_a_file_is(name: str | None, mime_type: str | None) -> None:
    assert type_by_name(name) == mime_type

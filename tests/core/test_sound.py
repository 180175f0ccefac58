"""Samples to a WAV file and back, as Python's own reader of WAV files sees it."""

from __future__ import annotations

import io
import wave

import pytest

from gstream.sound import samples_of, wav_of

STATED: dict[str, tuple[str, int, int]] = {
    "as Gemini says it": ("audio/L16;codec=pcm;rate=24000", 24_000, 1),
    "another rate": ("audio/pcm; rate=16000", 16_000, 1),
    "two channels": ('audio/L16; Rate="44100"; channels=2', 44_100, 2),
    "nothing": ("audio/L16", 24_000, 1),
    "no rate of this world": ("audio/L16;rate=0;channels=300", 24_000, 1),
    "a number that is too long": ("audio/L16;rate=16000000000", 24_000, 1),
}


@pytest.mark.parametrize(("mime_type", "rate", "channels"), STATED.values(), ids=STATED)
def test_a_wav_says_what_the_media_type_said(mime_type: str, rate: int, channels: int) -> None:
    samples = bytes(range(8))
    with wave.open(io.BytesIO(wav_of(samples, mime_type))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (rate, channels, 2)
        assert file.readframes(100) == samples


@pytest.mark.parametrize("samples", [b"", b"abc", b"abcd"], ids=len)
def test_samples_come_back_as_they_went_in(samples: bytes) -> None:
    """An odd number of bytes too, which the file pads."""
    file = wav_of(samples, "audio/L16")

    assert samples_of(file) == samples
    assert len(file) % 2 == 0


@pytest.mark.parametrize("file", [b"", b"RIFF", wav_of(b"ab", "")[:-4], bytes(60), b"RIFF" + bytes(60)], ids=len)
def test_what_is_no_such_file_has_no_samples(file: bytes) -> None:
    assert samples_of(file) is None

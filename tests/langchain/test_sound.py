"""Raw sound becomes a WAV that anything plays, and goes back to the model as what it was."""

from __future__ import annotations

import base64
import io
import wave
from typing import TYPE_CHECKING, Any, Final

import pytest

from gstream.emulator import Emulator
from langchain_gstream.sound import raw_sound
from tests.langchain.conftest import bare, model_of, response

if TYPE_CHECKING:
    from tests.langchain.conftest import Ask

Json = dict[str, Any]

PCM: Final = b"\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00"
"""Five samples of raw sound."""
RAW: Final = "audio/L16;codec=pcm;rate=24000"


def inline(mime_type: str | None, data: str, **more: Any) -> Json:
    return {"inlineData": {**({"mimeType": mime_type} if mime_type else {}), "data": data}, **more}


def text(said: str, **more: Any) -> Json:
    return {"type": "text", "text": said, **more}


def recorded(block: Any) -> wave.Wave_read:
    return wave.open(io.BytesIO(base64.b64decode(block["base64"])), "rb")


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


@pytest.mark.parametrize("version", ["v0", "v1"])
async def test_raw_sound_comes_out_as_one_wav_and_goes_back_as_the_part_it_was(version: str, ask: Ask) -> None:
    """The pieces are cut inside samples and inside base64's groups of three bytes."""
    pieces = [inline(RAW, encoded(PCM[start : start + 4])) for start in (0, 4, 8)]
    with Emulator("google", script=response({"text": "Listen: "}, *pieces, {"text": "Heard?"})) as e:
        model = model_of(e, output_version=version)
        message = await ask(model)
        model.invoke([("human", "hi"), message, ("human", "again")])
        body = e.requests[-1].body
    said, sound, asked = message.content_blocks

    assert bare([said, asked]) == [text("Listen: "), text("Heard?")]
    assert sound["type"] == "audio"
    assert sound["mime_type"] == "audio/wav"
    assert sound["extras"] == {"mime_type": RAW}
    with recorded(sound) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        assert file.getnframes() == 5
        assert file.readframes(9) == PCM
    assert body is not None
    assert body["contents"][1]["parts"] == [{"text": "Listen: "}, inline(RAW, encoded(PCM)), {"text": "Heard?"}]


TYPES: Final = {
    "audio/L16;rate=16000;channels=2": (16_000, 2),
    "audio/pcm; rate=48000": (48_000, 1),
    "AUDIO/L16": (24_000, 1),
    "audio/L16;rate=fast;channels=0": (24_000, 1),
    "audio/L16;rate=99999999999": (24_000, 1),
}


@pytest.mark.parametrize(("mime_type", "shape"), TYPES.items(), ids=TYPES)
def test_rate_and_channels_are_those_of_the_media_type(mime_type: str, shape: tuple[int, int]) -> None:
    with Emulator("google", script=response(inline(mime_type, encoded(PCM)))) as e:
        (sound,) = model_of(e).invoke("hi").content_blocks

    with recorded(sound) as file:
        assert (file.getframerate(), file.getnchannels()) == shape


async def test_sound_with_a_signature_goes_back_under_it(ask: Ask) -> None:
    parts = [inline(RAW, encoded(PCM), thoughtSignature="c2ln"), inline(RAW, encoded(PCM[:3]))]
    with Emulator("google", script=response(*parts)) as e:
        model = model_of(e)
        message = await ask(model)
        model.invoke([("human", "hi"), message, ("human", "again")])
        body = e.requests[-1].body

    assert [block["type"] for block in message.content_blocks] == ["audio", "audio"]
    assert body is not None
    assert body["contents"][1]["parts"] == parts


async def test_raw_sound_that_is_no_base64_stays_as_it_came(ask: Ask) -> None:
    with Emulator("google", script=response(inline(RAW, "?"))) as e:
        message = await ask(model_of(e))

    assert bare(message.content_blocks) == [{"type": "audio", "base64": "?", "mime_type": RAW}]


def test_a_recording_said_back_by_a_person_is_sent_as_the_wav_it_is() -> None:
    with Emulator("google", script=response(inline(RAW, encoded(PCM)))) as e:
        model = model_of(e)
        sound: Any = model.invoke("hi").content[0]
        model.invoke([("human", [sound])])
        body = e.requests[-1].body

    assert body is not None
    assert body["contents"][0]["parts"] == [inline("audio/wav", sound["base64"])]


FOREIGN: dict[str, Json] = {
    "no media type of raw sound": {"extras": {}, "base64": encoded(PCM)},
    "no extras": {"base64": encoded(PCM)},
    "no base64": {"extras": {"mime_type": RAW}, "base64": "?"},
    "no data": {"extras": {"mime_type": RAW}},
    "no WAV of ours": {"extras": {"mime_type": RAW}, "base64": encoded(PCM)},
}


@pytest.mark.parametrize("block", FOREIGN.values(), ids=FOREIGN)
def test_sound_that_was_not_made_here_is_not_taken_apart(block: Json) -> None:
    assert raw_sound(block) is None

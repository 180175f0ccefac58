"""langchain-tests, LangChain's own standard of a chat model, with every capability on: each endpoint, on the emulator.

Nothing is left out of the suite and nothing in it skips. What it wants of the internet is given here:

- The three files that it downloads are made here (`FILES`); any other address is an error.
- The recording that `test_stream_time` replays is made of the emulator's answer, right before. With xdist,
  pytest-benchmark times nothing and runs the code once.

Usage details: `cache_creation_input` is not asked, as Gemini tells no such number; all others are.
"""

from __future__ import annotations

import base64
import io
import json
import wave
from functools import partial, reduce
from operator import add
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, Literal

import httpx
import pytest
from langchain_core.load import load
from langchain_core.messages import HumanMessage
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.integration_tests import chat_models as standard
from langchain_tests.unit_tests import ChatModelUnitTests
from langchain_tests.unit_tests import chat_models as unit_standard
from vcr import VCR  # type: ignore[import-untyped]

from gstream import ENDPOINTS
from langchain_gstream import ChatGStream
from tests.langchain.conftest import model_of
from tests.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from langchain_core.messages import AIMessage
    from vcr.cassette import Cassette  # type: ignore[import-untyped]

    from gstream.emulator import Emulator

MODEL: Final = "gemini-3-flash-preview"
"""A Gemini 3: the emulator refuses calls of it that come back without their signature."""


# -- what the suite downloads -------------------------------------------------------------------------------------


def wav() -> bytes:
    """Return a tenth of a second of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(bytes(1600))
    return file.getvalue()


def pdf() -> bytes:
    """Return a document of one empty page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>",
    )
    written, starts = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        starts.append(len(written))
        written += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    end = b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(written)
    return bytes(written + b"xref\n0 4\n0000000000 65535 f \n" + table + end)


PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
FILES: Final = {
    "raw.githubusercontent.com": ("image/png", PNG),
    "upload.wikimedia.org": ("audio/wav", wav()),
    "www.w3.org": ("application/pdf", pdf()),
}
"""Host -> media type and content of the one file that the suite fetches there."""


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """Give the suite a `httpx.get` that reaches no network (`ChatGStream` keeps its own), and tell what it fetched."""
    fetched: list[bytes] = []

    def serve(request: httpx.Request) -> httpx.Response:
        media_type, content = FILES[request.url.host]
        fetched.append(content)
        return httpx.Response(200, headers={"Content-Type": media_type}, content=content)

    with httpx.Client(transport=httpx.MockTransport(serve)) as client:
        monkeypatch.setattr(standard, "httpx", SimpleNamespace(get=client.get))
        monkeypatch.setenv("LANGCHAIN_TESTS_USER_AGENT", "gstream-tests")
        yield fetched


# -- the suites ---------------------------------------------------------------------------------------------------


class TestUnit(ChatModelUnitTests):
    """The part of the suite that asks nobody."""

    endpoint: str

    @pytest.fixture(autouse=True, params=ENDPOINTS)
    def chosen(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
        """Choose one endpoint after another, and forget the keys of whoever runs this."""
        self.endpoint = request.param
        monkeypatch.delenv("GSTREAM_ENDPOINT", raising=False)
        for variable in ("GSTREAM_API_KEY", *(name for known in ENDPOINTS.values() for name in known.key_variables)):
            monkeypatch.delenv(variable, raising=False)

    @property
    def chat_model_class(self) -> type[ChatGStream]:
        return ChatGStream

    @property
    def chat_model_params(self) -> dict[str, Any]:
        address = "https://gateway.example" if ENDPOINTS[self.endpoint].base_url is None else None
        return {"model": MODEL, "endpoint": self.endpoint, "base_url": address, "api_key": "emulated-key"}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        variable = ENDPOINTS[self.endpoint].key_variables[0]
        parameters = {name: value for name, value in self.chat_model_params.items() if name != "api_key"}
        return {variable: "emulated-key"}, parameters, {"model": MODEL, "endpoint": self.endpoint}

    @pytest.fixture(autouse=True)
    def loadable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Name `ChatGStream` to `load`, as users must: "all" means the classes on langchain-core's own list."""
        path = tuple(ChatGStream.lc_id())
        monkeypatch.setattr(unit_standard, "load", partial(load, additional_import_mappings={path: path}))


class TestIntegration(ChatModelIntegrationTests):
    """The part of the suite that asks a model."""

    emulator: Emulator

    @pytest.fixture(autouse=True)
    def asked(self, emulator: Emulator, downloads: list[bytes]) -> Iterator[None]:
        """Ask one emulator after another, which must never refuse and must get what the suite downloaded."""
        self.emulator = emulator
        yield
        assert {request.status for request in emulator.requests} <= {200}
        for file in downloads:
            assert base64.b64encode(file).decode() in json.dumps(emulator.requests[0].body)

    @pytest.fixture
    def vcr(self, request: pytest.FixtureRequest, emulator: Emulator, tmp_path: Path) -> Iterator[Cassette | None]:
        """Record the emulator's story and replay it; asked for every test, as pytest-recording's own is."""
        if request.node.get_closest_marker("vcr") is None:
            yield None
            return
        model = model_of(emulator, model=MODEL, **self.standard_chat_model_params)
        recorder = VCR(cassette_library_dir=str(tmp_path), match_on=["method", "uri", "body"])
        with recorder.use_cassette("story.yaml"):
            told = "".join(chunk.text for chunk in model.stream("Write a story about a cat."))
        with recorder.use_cassette("story.yaml", record_mode="none", allow_playback_repeats=True) as cassette:
            yield cassette
            assert cassette.play_count > 0
            assert "".join(chunk.text for chunk in model.stream("Write a story about a cat.")) == told != ""
        assert len(emulator.requests) == 1

    @property
    def chat_model_class(self) -> type[ChatGStream]:
        return ChatGStream

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {
            "model": MODEL,
            "endpoint": self.emulator.endpoint,
            "api_key": self.emulator.api_key,
            "fetcher": Web({}, {host: (content, kind) for host, (kind, content) in FILES.items()}),
        }

    @property
    def has_tool_calling(self) -> bool:
        return True

    @property
    def has_tool_choice(self) -> bool:
        return True

    @property
    def has_structured_output(self) -> bool:
        return True

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_image_inputs(self) -> bool:
        return True

    @property
    def supports_image_urls(self) -> bool:
        return True

    @property
    def supports_pdf_inputs(self) -> bool:
        return True

    @property
    def supports_audio_inputs(self) -> bool:
        return True

    @property
    def supports_video_inputs(self) -> bool:
        return True

    @property
    def supports_anthropic_inputs(self) -> bool:
        return True

    @property
    def supports_image_tool_message(self) -> bool:
        return True

    @property
    def supports_pdf_tool_message(self) -> bool:
        return True

    @property
    def enable_vcr_tests(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return "gemini-2.5-pro"

    @property
    def supported_usage_metadata_details(self) -> dict[Literal["invoke", "stream"], list[Any]]:
        details = ["audio_input", "audio_output", "reasoning_output", "cache_read_input"]
        return {"invoke": details, "stream": details}

    def invoke_with_audio_input(self, *, stream: bool = False) -> AIMessage:
        sound = {"type": "audio", "mime_type": "audio/wav", "base64": base64.b64encode(wav()).decode()}
        return self.answer([{"type": "text", "text": "What do you hear?"}, sound], stream=stream)

    def invoke_with_audio_output(self, *, stream: bool = False) -> AIMessage:
        speaker = "gemini-2.5-flash-preview-tts"
        return self.answer("Say hello.", stream=stream, model=speaker, response_modalities=["AUDIO"])

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> AIMessage:
        return self.answer("Why is the sky blue?", stream=stream, include_thoughts=True)

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> AIMessage:
        return self.answer("Sum it up.", stream=stream, cached_content="cachedContents/abc")

    def answer(self, content: str | list[str | dict[str, Any]], *, stream: bool, **parameters: Any) -> AIMessage:
        """Return the answer to one message, streamed chunks added up."""
        model = model_of(self.emulator, **{"model": MODEL, **parameters})
        asked = [HumanMessage(content)]
        return reduce(add, model.stream(asked)) if stream else model.invoke(asked)

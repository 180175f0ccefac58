"""What a chunk, a large payload, an import and a constructor cost, counted in things that no machine makes slower.

The figures of time are those of `make bench`; these keep what they come from.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING, Any

import httpx
import pydantic
import pytest
from llama_index.core.base.llms.types import ChatMessage, ImageBlock

import gstream.values
from gstream import StreamDecoder
from langchain_gstream import ChatGStream
from llamaindex_gstream import GStream
from llamaindex_gstream.blocks import parts_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

FEW, MANY = 40, 120
SIZE = 10_000_000
"""Characters of base64 of a large image."""


def event(part: dict[str, Any], *, last: bool) -> bytes:
    candidate = {"content": {"parts": [part], "role": "model"}, "index": 0} | ({"finishReason": "STOP"} if last else {})
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 1, "totalTokenCount": 11}
    document = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-2.5-flash"}
    return b"data: " + json.dumps(document).encode() + b"\r\n\r\n"


def answering(count: int) -> httpx.Client:
    """Return a client that gets `count` text chunks, each as bytes of its own."""

    def pieces() -> Iterator[bytes]:
        for number in range(count):
            yield event({"text": f"word {number} "}, last=number == count - 1)

    return httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=pieces())))


def langchain_stream(count: int) -> Callable[[], int]:
    model = ChatGStream(
        model="gemini-2.5-flash", base_url="http://any", api_key="made-up", http_client=answering(count)
    )
    return lambda: sum(1 for _ in model.stream("hello"))


def llamaindex_stream(count: int) -> Callable[[], int]:
    model = GStream(model="gemini-2.5-flash", base_url="http://any", api_key="made-up", http_client=answering(count))
    return lambda: sum(1 for _ in model.stream_chat([ChatMessage("hello")]))


STREAMS = {"langchain": langchain_stream, "llamaindex": llamaindex_stream}


def calls(work: Callable[[], object], *packages: str) -> int:
    """Return how many Python functions of `packages` (every one if none are named) `work` calls."""
    count = 0

    def note(frame: Any, happened: str, _: object) -> None:
        nonlocal count
        if happened == "call":
            name = frame.f_globals.get("__name__", "").partition(".")[0]
            count += not packages or name in packages

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    ("framework", "package", "most"),
    [("langchain", "langchain_gstream", 29), ("llamaindex", "llamaindex_gstream", 37)],
)
def test_a_text_chunk_costs_few_function_calls_of_ours(framework: str, package: str, most: int) -> None:
    """Entering a generator again counts as a call, so a chunk passes through few hands."""
    few, many = STREAMS[framework](FEW), STREAMS[framework](MANY)
    assert (few(), many()) == (FEW + 1, MANY + 1)  # warm: everything is imported, the text is whole

    each = (calls(many, "gstream", package) - calls(few, "gstream", package)) / (MANY - FEW)

    assert each <= most


@pytest.mark.parametrize("framework", STREAMS)
def test_the_function_calls_of_a_stream_grow_with_its_length_alone(framework: str) -> None:
    """Three times the chunks cost three times the calls: nothing goes over what came before."""
    counts = []
    for length in (FEW, MANY, MANY + MANY - FEW):
        work = STREAMS[framework](length)
        work()
        counts.append(calls(work, "gstream", "langchain_gstream", "llamaindex_gstream"))

    assert counts[2] - counts[1] == pytest.approx(counts[1] - counts[0], rel=0.01)


@pytest.mark.parametrize("framework", STREAMS)
def test_each_event_is_parsed_as_json_once(framework: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = 0

    def counted(parse: Callable[..., Any]) -> Callable[..., Any]:
        def parsing(*arguments: Any) -> Any:
            nonlocal parsed
            parsed += 1
            return parse(*arguments)

        return parsing

    for name in ("_decode", "_scan"):  # what `values` parses with
        monkeypatch.setattr(gstream.values, name, counted(getattr(gstream.values, name)))
    STREAMS[framework](FEW)()

    assert parsed == FEW


@pytest.mark.parametrize("framework", STREAMS)
def test_a_text_chunk_is_made_without_validating_a_model(framework: str) -> None:
    """Neither the framework's chunk, its message and its block, nor, where nobody listens, an event that holds them."""
    few, many = STREAMS[framework](FEW), STREAMS[framework](MANY)
    few(), many()

    assert initialisations(many) == initialisations(few)


def initialisations(work: Callable[[], object]) -> int:
    """Return how many pydantic models are validated into being while `work` runs: `BaseModel.__init__` by any class."""
    file = pydantic.BaseModel.__init__.__code__.co_filename
    count = 0

    def note(frame: Any, happened: str, _: object) -> None:
        nonlocal count
        count += happened == "call" and frame.f_code.co_name == "__init__" and frame.f_code.co_filename == file

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def peak(work: Callable[[], object]) -> int:
    """Return the most bytes that were held at a time while `work` ran, what it returns included."""
    gc.collect()
    tracemalloc.start()
    try:
        kept = work()
        _, most = tracemalloc.get_traced_memory()
        assert kept is not None
    finally:
        tracemalloc.stop()
    return most


IMAGE = event({"inlineData": {"mimeType": "image/png", "data": "A" * SIZE}}, last=True)
BARE = IMAGE.removeprefix(b"data: ")
"""The same as a document that is no event."""


def pieces_of(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


async def apieces_of(body: bytes) -> AsyncIterator[bytes]:
    for piece in pieces_of(body):
        yield piece


def decoded(body: bytes) -> object:
    decoder = StreamDecoder()
    chunks = [chunk for piece in pieces_of(body) for chunk in decoder.feed(piece)]
    return chunks + decoder.close()


def drawing(model: Callable[..., Any]) -> Any:
    """Return a model whose every answer is the image."""
    clients = {
        "http_client": httpx.Client(
            transport=httpx.MockTransport(lambda _: httpx.Response(200, content=pieces_of(IMAGE)))
        ),
        "http_async_client": httpx.AsyncClient(
            transport=httpx.MockTransport(lambda _: httpx.Response(200, content=apieces_of(IMAGE)))
        ),
    }
    return model(model="gemini-2.5-flash", base_url="http://any", api_key="made-up", **clients)


def langchain_image() -> object:
    return list(drawing(ChatGStream).stream("draw"))


def llamaindex_image() -> object:
    return list(drawing(GStream).stream_chat([ChatMessage("draw")]))


def langchain_async_image() -> object:
    async def read() -> None:
        found.extend([chunk async for chunk in drawing(ChatGStream).astream("draw")])

    found: list[object] = []
    asyncio.run(read())
    return found


def llamaindex_async_image() -> object:
    async def read() -> None:
        found.extend([item async for item in await drawing(GStream).astream_chat([ChatMessage("draw")])])

    found: list[object] = []
    asyncio.run(read())
    return found


@pytest.mark.parametrize(
    ("work", "most"),
    [
        (lambda: decoded(IMAGE), 2.05),
        (lambda: decoded(BARE), 2.05),
        (langchain_image, 2.05),
        (langchain_async_image, 2.1),
        (llamaindex_image, 2.05),
        (llamaindex_async_image, 2.1),
    ],
    ids=["event", "document", "langchain", "langchain, async", "llamaindex", "llamaindex, async"],
)
def test_a_large_image_is_held_few_times_while_it_is_read(work: Callable[[], object], most: float) -> None:
    """The bytes as they come and their text, then the text and the string inside it.

    At last that string and, for LlamaIndex, its bytes, which all responses of a stream share.
    """
    work()

    assert peak(work) / SIZE <= most


def test_a_large_image_of_a_llamaindex_message_is_copied_once() -> None:
    """Core's validators keep it as base64, so it need not be decoded, encoded and made a text."""
    block = ImageBlock(image=b"iVBORw0KGgo".ljust(SIZE, b"A"), image_mimetype="image/png")
    parts_of(block)

    assert peak(lambda: parts_of(block)) / SIZE <= 1.05


def test_a_chunk_that_is_gone_takes_its_memory_along() -> None:
    """Nobody but the caller holds on to the documents of a stream of text: what is kept is the text itself."""
    text = "x" * 1_000
    decoder = StreamDecoder()
    decoder.feed(event({"text": text}, last=False))
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(1_000):
            decoder.feed(event({"text": text}, last=False))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held / (1_000 * len(text)) <= 1.5


PROGRAM = """
import sys
import {framework}
before = set(sys.modules)
import {package}
new = {{name for name in set(sys.modules) - before}}
print(*sorted({{name.partition(".")[0] for name in new}}))
print(*sorted(name for name in new if name.startswith({framework!r}.partition(".")[0])))
print(len(new))
"""


def pulled_in(framework: str, package: str) -> tuple[set[str], set[str], int]:
    """Return what importing `package` loads beyond `framework` and the standard library.

    The names at the top, the framework's own modules, and how many modules it is in all.
    """
    program = PROGRAM.format(framework=framework, package=package)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    roots, more, count = done.stdout.splitlines()
    return set(roots.split()) - sys.stdlib_module_names, set(more.split()), int(count)


def test_importing_langchain_gstream_loads_itself_and_the_core_alone() -> None:
    roots, more, count = pulled_in("langchain_core.language_models.chat_models", "langchain_gstream")

    assert (roots, more) == ({"gstream", "langchain_gstream"}, set())
    assert count <= 40


def test_importing_llamaindex_gstream_loads_itself_and_the_core_alone() -> None:
    roots, more, count = pulled_in("llama_index.core", "llamaindex_gstream")

    assert (roots, more) == ({"gstream", "llamaindex_gstream"}, set())
    assert count <= 40


@pytest.mark.parametrize(("package", "name"), [("langchain_gstream", "ChatGStream"), ("llamaindex_gstream", "GStream")])
def test_constructing_a_model_makes_no_client_and_loads_no_module_of_ours(package: str, name: str) -> None:
    """Neither httpx's client nor a TLS context, which costs tens of milliseconds: both wait for the first request."""
    program = f"""
import ssl, sys
import {package}
import httpx
before = set(sys.modules)
made = []
for kind in (httpx.Client, httpx.AsyncClient, ssl.SSLContext):
    kind.__init__ = lambda self, *_, kind=kind, **__: made.append(kind.__name__)
{package}.{name}(model="gemini-2.5-flash", base_url="http://any", api_key="made-up")
print(made, sorted(module for module in set(sys.modules) - before if module.startswith("gstream")))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == "[] []"

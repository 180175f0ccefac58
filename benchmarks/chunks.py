"""CPU per streamed text chunk: gstream through each framework, beside the floor each framework sets, in one run.

The floor is what no client can avoid: httpx's bytes, one JSON parse an event, and the framework's own cheapest chunk
through the framework's own streaming. Run it with `make bench`.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.llms.callbacks import llm_chat_callback
from llama_index.core.llms.custom import CustomLLM

from benchmarks.upstream import text_events, upstream
from langchain_gstream import ChatGStream
from llamaindex_gstream import GStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNKS = 2_000
ROUNDS = 9


def _documents(http: httpx.Client, url: str) -> Iterator[dict[str, Any]]:
    with http.stream("POST", url, json={}) as response:
        held = b""
        for data in response.iter_bytes():
            *lines, held = (held + data).split(b"\n")
            for line in lines:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])


class _Floor(BaseChatModel):
    """The cheapest chat model that streams this API at all."""

    url: str
    http: Any

    @property
    def _llm_type(self) -> str:
        return "floor"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        for document in _documents(self.http, self.url):
            text = document["candidates"][0]["content"]["parts"][0]["text"]
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))


class _LlamaFloor(CustomLLM):
    """The cheapest LLM that streams this API at all, through core's own callback."""

    url: str
    http: Any

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(is_chat_model=True)

    def complete(self, *_: Any, **__: Any) -> CompletionResponse:
        raise NotImplementedError

    def stream_complete(self, *_: Any, **__: Any) -> CompletionResponseGen:
        raise NotImplementedError

    @llm_chat_callback()
    def stream_chat(self, *_: Any, **__: Any) -> ChatResponseGen:
        return self._responses()

    def _responses(self) -> ChatResponseGen:
        whole = ""
        for document in _documents(self.http, self.url):
            text = document["candidates"][0]["content"]["parts"][0]["text"]
            whole += text
            yield ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=whole), delta=text)


def measured(cases: dict[str, Callable[[], int]]) -> dict[str, list[float]]:
    """Return the microseconds of CPU per chunk of each case, round by round, the cases taking turns."""
    spent: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, case in cases.items():
            start = time.process_time()
            count = case()
            spent[name].append((time.process_time() - start) / count * 1e6)
    return spent


def main() -> None:
    """Measure and print a table."""
    with upstream(text_events(CHUNKS)) as base, httpx.Client() as http:
        url = f"{base}/floor"
        floor = _Floor(url=url, http=http)
        chat = ChatGStream(model="gemini-2.5-flash", base_url=base, api_key="benchmark")
        llama = GStream(model="gemini-2.5-flash", base_url=base, api_key="benchmark")
        question = [ChatMessage(role=MessageRole.USER, content="hello")]
        llama_floor = _LlamaFloor(url=url, http=http)
        cases: dict[str, Callable[[], int]] = {
            "LangChain floor": lambda: sum(1 for _ in floor.stream("hello")),
            "ChatGStream.stream": lambda: sum(1 for _ in chat.stream("hello")),
            "LlamaIndex floor": lambda: sum(1 for _ in llama_floor.stream_chat(question)),
            "GStream.stream_chat": lambda: sum(1 for _ in llama.stream_chat(question)),
        }
        for case in cases.values():
            case()
        spent = measured(cases)
    out = sys.stdout.write
    out(f"{'':24}{'min us':>9}{'median us':>11}{'x floor':>9}\n")
    floors = {"ChatGStream.stream": "LangChain floor", "GStream.stream_chat": "LlamaIndex floor"}
    for name, values in spent.items():
        least, middle = min(values), statistics.median(values)
        ratio = f"{middle / statistics.median(spent[floors[name]]):.2f}" if name in floors else ""
        out(f"{name:24}{least:9.1f}{middle:11.1f}{ratio:>9}\n")


if __name__ == "__main__":
    main()

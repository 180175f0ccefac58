"""The eight methods of a LlamaIndex LLM, asked alike; and what the instrumentation tells meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from llama_index_instrumentation import get_dispatcher
from llama_index_instrumentation.event_handlers import BaseEventHandler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llama_index_instrumentation.base import BaseEvent

__all__ = ["CHATS", "COMPLETIONS", "ask", "listening"]

CHATS = ["chat", "achat", "stream_chat", "astream_chat"]
COMPLETIONS = ["complete", "acomplete", "stream_complete", "astream_complete"]


async def ask(llm: Any, method: str, *given: Any, **keywords: Any) -> Any:
    """Return the whole answer of any of the eight methods: of a stream its last response."""
    answer = getattr(llm, method)(*given, **keywords)
    if method.startswith("a"):
        answer = await answer
    if "stream" not in method:
        return answer
    return [item async for item in answer][-1] if method.startswith("a") else list(answer)[-1]


class _Listener(BaseEventHandler):
    heard: list[Any]

    def handle(self, event: BaseEvent, **_: Any) -> None:
        self.heard.append(event)


@contextmanager
def listening() -> Iterator[list[Any]]:
    """Give the list of the events that come while the block runs."""
    dispatcher = get_dispatcher()
    before = list(dispatcher.event_handlers)
    listener = _Listener(heard=[])
    dispatcher.add_event_handler(listener)
    try:
        yield listener.heard
    finally:
        dispatcher.event_handlers = before

"""The demo's tool loop in LlamaIndex, with nothing beyond llama-index-core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.tools import FunctionTool

from gstream.cli.demo.events import Called, Piece, StepEnded
from gstream.cli.demo.tools import MOST_STEPS, QUESTION, TOOLS, use
from llamaindex_gstream import GStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llama_index.core.base.llms.types import ChatResponse

    from gstream.cli.demo.events import Event, Place

__all__ = ["loop"]


def loop(place: Place) -> Iterator[Event]:
    """Ask, call what the model wants called, and ask again until it answers.

    Raises:
        GStreamError: as `GStream.stream_chat` does.
    """
    llm = GStream(
        model=place.model,
        endpoint=place.endpoint,
        base_url=place.endpoint.base_url,
        api_key=place.api_key,
        include_thoughts=True,
    )
    tools = [FunctionTool.from_defaults(function) for function in TOOLS.values()]
    messages = [ChatMessage(role=MessageRole.USER, content=QUESTION)]
    for _ in range(MOST_STEPS):
        answer: ChatResponse | None = None
        for answer in llm.stream_chat_with_tools(tools, chat_history=messages, allow_parallel_tool_calls=True):
            yield Piece(answer.additional_kwargs.get("thinking_delta") or "", answer.delta or "")
        if answer is None:
            return
        yield _end(answer)
        messages.append(answer.message)
        calls = llm.get_tool_calls_from_response(answer, error_on_no_tool_call=False)
        if not calls:
            return
        for call in calls:
            result = use(call.tool_name, call.tool_kwargs)
            told = {"tool_call_id": call.tool_id}
            messages.append(ChatMessage(role=MessageRole.TOOL, content=result, additional_kwargs=told))
            yield Called(call.tool_name, call.tool_kwargs, result)


def _end(answer: ChatResponse) -> StepEnded:
    raw: dict[str, Any] = answer.raw if isinstance(answer.raw, dict) else {}
    usage: dict[str, int] = raw.get("usage") or {}
    return StepEnded(
        finish_reason=str(raw.get("finish_reason") or ""),
        framing=str(raw.get("framing") or ""),
        input=usage.get("prompt_tokens", 0),
        output=usage.get("completion_tokens", 0),
    )

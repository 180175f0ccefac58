"""The demo's tool loop in LangChain, with nothing beyond langchain-core."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from langchain_core.messages import HumanMessage, ToolMessage

from gstream.cli.demo.events import Called, Piece, StepEnded
from gstream.cli.demo.tools import MOST_STEPS, QUESTION, TOOLS, use
from langchain_gstream import ChatGStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_core.messages import AIMessageChunk, BaseMessage

    from gstream.cli.demo.events import Event, Place

__all__ = ["loop"]


def loop(place: Place) -> Iterator[Event]:
    """Ask, call what the model wants called, and ask again until it answers.

    Raises:
        GStreamError: as `ChatGStream.stream` does.
    """
    llm = ChatGStream(
        model=place.model,
        endpoint=place.endpoint,
        base_url=place.endpoint.base_url,
        api_key=place.api_key,
        include_thoughts=True,
    ).bind_tools(list(TOOLS.values()))
    messages: list[BaseMessage] = [HumanMessage(QUESTION)]
    for _ in range(MOST_STEPS):
        answer: AIMessageChunk | None = None
        for message in llm.stream(messages):
            chunk = cast("AIMessageChunk", message)
            yield Piece(_thoughts(chunk), str(chunk.text))
            answer = chunk if answer is None else answer + chunk
        if answer is None:
            return
        yield _end(answer)
        messages.append(answer)
        if not answer.tool_calls:
            return
        for call in answer.tool_calls:
            result = use(call["name"], call["args"])
            messages.append(ToolMessage(result, tool_call_id=call["id"]))
            yield Called(call["name"], call["args"], result)


def _thoughts(chunk: AIMessageChunk) -> str:
    return "".join(str(block.get("reasoning", "")) for block in chunk.content_blocks if block["type"] == "reasoning")


def _end(answer: AIMessageChunk) -> StepEnded:
    usage = answer.usage_metadata
    return StepEnded(
        finish_reason=str(answer.response_metadata.get("finish_reason", "")),
        framing=str(answer.response_metadata.get("framing", "")),
        input=usage["input_tokens"] if usage else 0,
        output=usage["output_tokens"] if usage else 0,
    )

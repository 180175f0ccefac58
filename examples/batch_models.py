"""The two frameworks for `ray_batch.py`: how a model is made, and what is kept of an answer. Keep the one you use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from batch_ledger import Row

    from langchain_gstream import ChatGStream
    from llamaindex_gstream import GStream

    Model: TypeAlias = ChatGStream | GStream

__all__ = ["FRAMEWORKS"]


def langchain_model(parameters: dict[str, Any]) -> ChatGStream:
    """Return a chat model of LangChain."""
    from langchain_gstream import ChatGStream  # noqa: PLC0415 - only one of the two frameworks need be installed

    return ChatGStream(**parameters)


async def ask_langchain(model: ChatGStream, system: str | None, prompt: str) -> Row:
    """Return the text of an answer, the endpoint that gave it, why it ended, and its tokens (`None`: not told)."""
    message = await model.ainvoke([*([("system", system)] if system else []), ("human", prompt)])
    usage = message.usage_metadata
    read, written = (usage["input_tokens"], usage["output_tokens"]) if usage else (None, None)
    return answer(message.text, message.response_metadata, read, written)


def llamaindex_model(parameters: dict[str, Any]) -> GStream:
    """Return an LLM of LlamaIndex."""
    from llamaindex_gstream import GStream  # noqa: PLC0415 - see `langchain_model`

    return GStream(**parameters)


async def ask_llamaindex(model: GStream, system: str | None, prompt: str) -> Row:
    """Return as `ask_langchain` does."""
    from llama_index.core.llms import ChatMessage  # noqa: PLC0415 - see `langchain_model`

    messages = [*([ChatMessage(role="system", content=system)] if system else []), ChatMessage(content=prompt)]
    response = await model.achat(messages)
    tokens = response.additional_kwargs
    return answer(response.message.content, response.raw, tokens.get("prompt_tokens"), tokens.get("completion_tokens"))


def answer(text: str | None, said: Any, read: int | None, written: int | None) -> Row:
    """Return what is kept of an answer; "finish_reason" tells a whole one ("STOP") from one cut at a limit."""
    ended = {name: said.get(name) for name in ("endpoint", "finish_reason")}
    return {"text": text, **ended, "input_tokens": read, "output_tokens": written}


FRAMEWORKS: dict[str, tuple[Any, Any]] = {
    "langchain": (langchain_model, ask_langchain),
    "llamaindex": (llamaindex_model, ask_llamaindex),
}
"""Name -> what makes a model of parameters, and what asks it."""

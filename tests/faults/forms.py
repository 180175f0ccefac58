"""The eight ways to ask, each as one function with one result, and the questions they ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, TypeAlias

from langchain_core.messages import AIMessage, HumanMessage
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ThinkingBlock, ToolCallBlock

from gstream import GStreamError, RetryPolicy
from langchain_gstream import ChatGStream
from langchain_gstream.messages import read_messages
from llamaindex_gstream import GStream
from llamaindex_gstream.messages import conversation
from tests.faults.told import Told, Usage, called, heard, plain

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from gstream.emulator import Emulator

Model: TypeAlias = "ChatGStream | GStream"


@dataclass(frozen=True)
class Question:
    """What is asked, and of which model."""

    prompt: str
    parameters: dict[str, Any]
    tools: tuple[dict[str, Any], ...] = ()


_WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
TEXT = Question("Why is the sky blue?", {"model": "gemini-2.5-flash"})
THOUGHTS = Question("Why is the sky blue?", {"model": "gemini-2.5-flash", "include_thoughts": True})
CALLS = Question(
    "What is the weather in Paris and in Rome?",
    {"model": "gemini-3-flash-preview", "include_thoughts": True},
    (_WEATHER,),
)
CODE = Question("What is 17 * 23?", {"model": "gemini-2.5-flash"}, ({"codeExecution": {}},))
SPEECH = Question("Say hello", {"model": "gemini-2.5-flash-preview-tts", "response_modalities": ["AUDIO"]})


@dataclass
class Outcome:
    """What became of one call."""

    told: Told | None = None
    error: GStreamError | None = None
    delivered: str = ""
    """The visible text that a stream had given before it ended."""
    ids: list[str] = field(default_factory=list)
    """The ids of the calls, as the framework's user sees them."""


@dataclass(frozen=True)
class Form:
    """A way to ask."""

    name: str
    make: type[ChatGStream | GStream]
    streams: bool
    ask: Callable[[Any, Question, Outcome, asyncio.Runner], Told]

    def __call__(self, model: Model, question: Question, runner: asyncio.Runner) -> Outcome:
        """Ask, and return what came of it. Exceptions that are not the library's leave."""
        outcome = Outcome()
        try:
            outcome.told = self.ask(model, question, outcome, runner)
        except GStreamError as error:
            outcome.error = error
        return outcome

    def model(self, emulator: Emulator, question: Question, **parameters: Any) -> Model:
        """Return a model that asks `emulator` and waits for nothing between two requests."""
        named = {"endpoint": emulator.endpoint, "api_key": emulator.api_key, **question.parameters, **parameters}
        model: Model = self.make(**named)
        model.core_client().policy = RetryPolicy(model.max_retries, base_s=0.0, longest_wish_s=0.5)
        return model


# -- LangChain ------------------------------------------------------------------------------------------------------


def _bound(model: ChatGStream, question: Question) -> Any:
    return model.bind_tools(list(question.tools)) if question.tools else model


def _invoke(model: ChatGStream, question: Question, outcome: Outcome, _: asyncio.Runner) -> Told:
    return _of_message(_bound(model, question).invoke(question.prompt), outcome)


def _ainvoke(model: ChatGStream, question: Question, outcome: Outcome, runner: asyncio.Runner) -> Told:
    async def ask() -> Any:
        return await _bound(model, question).ainvoke(question.prompt)

    return _of_message(runner.run(ask()), outcome)


def _stream(model: ChatGStream, question: Question, outcome: Outcome, _: asyncio.Runner) -> Told:
    chunks = []
    for chunk in _bound(model, question).stream(question.prompt):
        outcome.delivered += chunk.text
        chunks.append(chunk)
    return _of_message(reduce(add, chunks), outcome)


def _astream(model: ChatGStream, question: Question, outcome: Outcome, runner: asyncio.Runner) -> Told:
    async def ask() -> list[Any]:
        chunks = []
        async for chunk in _bound(model, question).astream(question.prompt):
            outcome.delivered += chunk.text
            chunks.append(chunk)
        return chunks

    return _of_message(reduce(add, runner.run(ask())), outcome)


def _of_message(message: AIMessage, outcome: Outcome) -> Told:
    usage = message.usage_metadata
    calls = [*message.tool_calls, *message.invalid_tool_calls]
    outcome.ids = [str(call["id"]) for call in calls]
    (turn,), _ = read_messages([HumanMessage(""), message][1:])
    return Told(
        text=str(message.text),
        thoughts="".join(block["reasoning"] for block in message.content_blocks if block["type"] == "reasoning"),
        calls=tuple(
            (str(call["name"]), plain(_said(call["args"])) if isinstance(call["args"], str) else call["args"])
            for call in calls
        ),
        finish=message.response_metadata.get("finish_reason"),
        usage=usage
        and Usage(
            usage["input_tokens"],
            usage["output_tokens"],
            usage["total_tokens"],
            usage.get("output_token_details", {}).get("reasoning", 0),
        ),
        **heard(turn.parts),
    )


def _said(arguments: str) -> str:
    """Return what the server sent as arguments, out of what an invalid tool call shows."""
    lead = "not a JSON object: "
    assert arguments.startswith(lead)
    return arguments.removeprefix(lead)


# -- LlamaIndex -----------------------------------------------------------------------------------------------------


def _messages(question: Question) -> tuple[list[ChatMessage], dict[str, Any]]:
    return [ChatMessage(question.prompt)], {"tools": list(question.tools)} if question.tools else {}


def _chat(model: GStream, question: Question, outcome: Outcome, _: asyncio.Runner) -> Told:
    messages, keywords = _messages(question)
    return _of_response(model.chat(messages, **keywords), outcome)


def _achat(model: GStream, question: Question, outcome: Outcome, runner: asyncio.Runner) -> Told:
    messages, keywords = _messages(question)
    return _of_response(runner.run(model.achat(messages, **keywords)), outcome)


def _stream_chat(model: GStream, question: Question, outcome: Outcome, _: asyncio.Runner) -> Told:
    messages, keywords = _messages(question)
    response = None
    for response in model.stream_chat(messages, **keywords):
        outcome.delivered += response.delta or ""
    assert response is not None
    return _of_response(response, outcome)


def _astream_chat(model: GStream, question: Question, outcome: Outcome, runner: asyncio.Runner) -> Told:
    messages, keywords = _messages(question)

    async def ask() -> ChatResponse:
        response = None
        async for response in await model.astream_chat(messages, **keywords):
            outcome.delivered += response.delta or ""
        assert response is not None
        return response

    return _of_response(runner.run(ask()), outcome)


def _of_response(response: ChatResponse, outcome: Outcome) -> Told:
    message, raw = response.message, response.raw
    blocks = [block for block in message.blocks if isinstance(block, ToolCallBlock)]
    outcome.ids = [str(block.tool_call_id) for block in blocks]
    (turn,), _ = conversation([message])
    assert [name for name, _ in called(turn.parts)] == [block.tool_name for block in blocks]
    assert raw is not None
    usage = raw.get("usage")
    return Told(
        text=message.content or "",
        thoughts="".join(block.content or "" for block in message.blocks if isinstance(block, ThinkingBlock)),
        calls=called(turn.parts),
        finish=raw["finish_reason"],
        usage=usage
        and Usage(usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"], usage["thoughts_tokens"]),
        **heard(turn.parts),
    )


FORMS = (
    Form("invoke", ChatGStream, streams=False, ask=_invoke),
    Form("stream", ChatGStream, streams=True, ask=_stream),
    Form("ainvoke", ChatGStream, streams=False, ask=_ainvoke),
    Form("astream", ChatGStream, streams=True, ask=_astream),
    Form("chat", GStream, streams=False, ask=_chat),
    Form("stream_chat", GStream, streams=True, ask=_stream_chat),
    Form("achat", GStream, streams=False, ask=_achat),
    Form("astream_chat", GStream, streams=True, ask=_astream_chat),
)

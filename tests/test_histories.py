"""What a model said goes back to it part for part, and recorded requests come out of both adapters as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    messages_from_dict,
    messages_to_dict,
)
from llama_index.core.base.llms.types import ChatMessage, MessageRole, TextBlock, ToolCallBlock

from gstream import ENDPOINTS, Blob, Chunk, FunctionCall, FunctionResponse, Prompt, Text, Turn, collect
from gstream.parts import read_parts
from gstream.request import build_body
from gstream.schema import to_parameters
from langchain_gstream import ChatGStream
from langchain_gstream.chunks import answer
from llamaindex_gstream import GStream
from llamaindex_gstream.blocks import media_block_of
from llamaindex_gstream.chunks import message_of
from tests.core.feeding import hear
from tests.recordings import ERRORS, FOLDERS, body, meta, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

pytestmark = pytest.mark.shared

Json = dict[str, Any]
MODEL = "gemini-2.5-flash"
STOP = {"candidates": [{"content": {"parts": [{"text": "ok"}]}, "finishReason": "STOP"}]}
# These fields say the same as `parametersJsonSchema`, in the words that recorded requests mostly use.
PLACE = replace(ENDPOINTS["google"], json_schema=False, reads_urls=True)


class Wire:
    """An endpoint that answers with the bytes it is given, then with "ok", and keeps what was sent."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.bodies: list[Json] = []
        self.http = httpx.Client(transport=httpx.MockTransport(self.respond))

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(json.loads(request.content))
        return httpx.Response(200, content=self.answers.pop(0) if self.answers else json.dumps(STOP).encode())

    def langchain(self, model: str = MODEL, **settings: Any) -> ChatGStream:
        return ChatGStream(
            model=model, endpoint=PLACE, api_key="made-up", http_client=self.http, max_retries=0, **settings
        )

    def llamaindex(self, model: str = MODEL, **settings: Any) -> GStream:
        return GStream(model=model, endpoint=PLACE, api_key="made-up", http_client=self.http, max_retries=0, **settings)


# -- answers as history -----------------------------------------------------------------------------------------------

WHOLE = [pytest.param(folder, id=name_of(folder)) for folder in FOLDERS if name_of(folder) not in ERRORS] or [
    pytest.param(None, id="no corpus")
]


def received(folder: Path) -> Json:
    """Return the model turn that the core makes of a recorded answer."""
    said = collect(
        [chunk for chunk in hear([body(folder)], status=meta(folder)["http_status"]).chunks if not chunk.index]
    )
    there = {part.name for part in said.parts if isinstance(part, FunctionResponse)}
    open_ = [call for call in said.calls if call.name not in there]
    results = tuple(FunctionResponse(call.name, {"output": "done"}, call.id) for call in open_)
    turns = (
        Turn("user", (Text("hello"),)),
        Turn("model", said.parts),
        Turn("user", results),
        Turn("user", (Text("go on"),)),
    )
    turn: Json = build_body(Prompt(MODEL, turns), PLACE)["contents"][1]
    return turn


def answered_there(folder: Path) -> set[str]:
    """Return the names of the functions whose results the server itself gave (its own MCP tools)."""
    parts = received(folder)["parts"]
    return {part["functionResponse"]["name"] for part in parts if "functionResponse" in part}


def langchain_turn(folder: Path, *, streamed: bool, stored: bool) -> tuple[Json, Json]:
    """Return the model turn and the turn behind it in the second request of a LangChain conversation."""
    wire = Wire(body(folder))
    llm = wire.langchain()
    said: Any = reduce(add, llm.stream("hello")) if streamed else llm.invoke("hello")
    if stored:
        (said,) = messages_from_dict(json.loads(json.dumps(messages_to_dict([said]))))
    open_ = [call for call in said.tool_calls if call["name"] not in answered_there(folder)]
    results = [ToolMessage("done", tool_call_id=call["id"]) for call in open_]
    llm.invoke([HumanMessage("hello"), said, *results, HumanMessage("go on")])
    contents = wire.bodies[-1]["contents"]
    return contents[1], contents[2]


def llamaindex_turn(folder: Path, *, streamed: bool, stored: bool) -> tuple[Json, Json]:
    """Return the same of a LlamaIndex conversation."""
    wire = Wire(body(folder))
    llm = wire.llamaindex()
    hello, go_on = ChatMessage("hello"), ChatMessage("go on")
    said = (list(llm.stream_chat([hello]))[-1] if streamed else llm.chat([hello])).message
    if stored:
        said = ChatMessage.model_validate_json(said.model_dump_json())
    calls = [block for block in said.blocks if isinstance(block, ToolCallBlock)]
    calls = [call for call in calls if call.tool_name not in answered_there(folder)]
    results = [
        ChatMessage("done", role=MessageRole.TOOL, additional_kwargs={"tool_call_id": call.tool_call_id})
        for call in calls
    ]
    llm.chat([hello, said, *results, go_on])
    contents = wire.bodies[-1]["contents"]
    return contents[1], contents[2]


@pytest.mark.parametrize("stored", [False, True], ids=["", "stored"])
@pytest.mark.parametrize("folder", WHOLE)
@pytest.mark.parametrize("turn_of", [langchain_turn, llamaindex_turn])
def test_a_recorded_answer_goes_back_part_for_part(
    turn_of: Callable[..., tuple[Json, Json]], folder: Path, *, stored: bool
) -> None:
    """Signatures, media, code and unknown kinds included; also after the message lay in a store as JSON."""
    expected = received(folder)
    calls = [
        part["functionCall"]
        for part in expected["parts"]
        if "functionCall" in part and part["functionCall"]["name"] not in answered_there(folder)
    ]
    for streamed in (True, False):
        sent, behind = turn_of(folder, streamed=streamed, stored=stored)
        answers = [part["functionResponse"] for part in behind["parts"] if "functionResponse" in part]

        assert sent == expected
        assert [(item["name"], item.get("id")) for item in answers] == [
            (item["name"], item.get("id")) for item in calls
        ]


# -- recorded requests ------------------------------------------------------------------------------------------------

_NUMBERS = "Categories and thresholds of safety, or types of a schema, are numbers of protocol buffers, not words."
UNSPEAKABLE: dict[str, str] = {
    "langchaingo/TestGoogleAIErrorHandling": _NUMBERS,
    "langchaingo/TestGoogleAIGenerateContentWithMultipleMessages": _NUMBERS,
    "langchaingo/TestGoogleAIGenerateContentWithSystemMessage": _NUMBERS,
    "langchaingo/TestGoogleAIWithStreaming": _NUMBERS,
    "otel-python-contrib/vertexai-test_tool_events_no_content": _NUMBERS,
}
"""Recordings whose request the adapters refuse, each with the reason."""
NOT_OF_LLAMAINDEX: dict[str, str] = {
    "js-genai/Client_Tests_server_side_MCP_server_ML_Dev_should_call_server_side_MCP_server": "mcpServers is a list.",
    "js-genai/Client_Tests_server_side_MCP_server_ML_Dev_should_call_server_side_MCP_server-_stream": (
        "mcpServers is a list, and the adapter takes built-in tools with an object only."
    ),
    "pydantic-ai/youtube_video_url_input_with_vendor_metadata": "VideoBlock.fps is a whole number; this is 0.2.",
}
"""Recordings whose request LlamaIndex's messages and tools cannot say, each with the reason."""

VERTEX = pytest.mark.undescribed(
    "modelArmorConfig and streamFunctionCallArguments are Vertex AI's, in no description here"
)


def marked(folder: Path) -> tuple[pytest.MarkDecorator, ...]:
    text = (folder / "request.json").read_text(encoding="utf-8")
    return (VERTEX,) if "modelArmorConfig" in text or "streamFunctionCallArguments" in text else ()


REQUESTS = [
    pytest.param(folder, id=name_of(folder), marks=marked(folder))
    for folder in FOLDERS
    if (folder / "request.json").exists() and name_of(folder) not in UNSPEAKABLE
] or [pytest.param(None, id="no corpus")]

SETTINGS = {
    "temperature": "temperature", "topP": "top_p", "topK": "top_k", "maxOutputTokens": "max_output_tokens",
    "candidateCount": "candidate_count", "stopSequences": "stop", "seed": "seed", "logprobs": "logprobs",
    "presencePenalty": "presence_penalty", "frequencyPenalty": "frequency_penalty", "imageConfig": "image_config",
    "responseLogprobs": "response_logprobs", "responseMimeType": "response_mime_type", "speechConfig": "speech_config",
    "responseModalities": "response_modalities", "mediaResolution": "media_resolution",
    "responseSchema": "response_schema", "responseJsonSchema": "response_schema",
}  # fmt: skip
THINKING = {
    "thinkingBudget": "thinking_budget",
    "thinkingLevel": "thinking_level",
    "includeThoughts": "include_thoughts",
}


def request_of(folder: Path) -> Json:
    """Return a recorded request, names in camelCase, without the one thing that is refused: a result's schema."""
    found: Json = camel(json.loads((folder / "request.json").read_text(encoding="utf-8")))
    for tool in found.get("tools") or ():
        for function in tool.get("functionDeclarations") or ():
            function.pop("responseJsonSchema", None)
    return found


FREE = {"args", "response", "properties", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema",
        "labels"}  # fmt: skip
"""Keys whose contents are the caller's own."""


def camel(value: Any) -> Any:
    """Return the names of the envelope in camelCase."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    named = {}
    for name, item in value.items():
        head, *tail = name.split("_")
        key = head + "".join(map(str.capitalize, tail))
        named[key] = item if key in FREE else camel(item)
    return named


def settings_of(request: Json) -> Json:
    """Return the keywords that both classes take for what a request says besides its turns and tools."""
    config = dict(request.get("generationConfig") or {})
    thinking = config.pop("thinkingConfig", None) or {}
    found = {SETTINGS[name]: value for name, value in config.items() if value not in (None, [], {})}
    found |= {THINKING[name]: value for name, value in thinking.items()}
    found |= {"safety_settings": request["safetySettings"]} if request.get("safetySettings") else {}
    found |= {"cached_content": request["cachedContent"]} if request.get("cachedContent") else {}
    found |= {"labels": request["labels"]} if request.get("labels") else {}
    rest = {name: request[name] for name in ("modelArmorConfig", "toolConfig") if request.get(name)}
    return found | ({"extra_body": rest} if rest else {})


def as_langchain(request: Json) -> list[AnyMessage]:
    """Return the turns of a request as LangChain's messages, the model's turns as this library's answers."""
    messages: list[AnyMessage] = []
    system = request.get("systemInstruction") or {}
    if parts := system.get("parts"):
        messages.append(SystemMessage([{"type": "text", "text": part["text"]} for part in listed(parts)]))
    calls: list[Any] = []
    for turn in request["contents"]:
        parts = read(turn["parts"])
        if turn.get("role") == "model":
            said = answer(Chunk(tuple(parts), last=True))
            calls = list(said.tool_calls)
            messages.append(AIMessage.model_validate_json(said.model_dump_json()))
            continue
        blocks: list[Any] = []
        for part, wire in zip(parts, listed(turn["parts"]), strict=True):
            if isinstance(part, FunctionResponse):
                call = next(item for item in calls if item["name"] == part.name and part.id in (None, item["id"]))
                calls.remove(call)
                content: list[Any] = [{"type": "text", "text": json.dumps(part.response)}]
                content += [{"type": "image", "base64": item.data, "mime_type": item.mime_type}
                            for item in part.parts if isinstance(item, Blob)]  # fmt: skip
                messages.append(ToolMessage(content, tool_call_id=call["id"], name=part.name))
            else:
                blocks.append({"type": "text", "text": part.text} if isinstance(part, Text) else wire)
        if blocks:
            messages.append(HumanMessage(blocks))
    return messages


def as_llamaindex(request: Json) -> list[ChatMessage]:
    """Return the turns of a request as LlamaIndex's messages, the model's turns as this library's answers."""
    messages: list[ChatMessage] = []
    system = request.get("systemInstruction") or {}
    if parts := system.get("parts"):
        blocks = [TextBlock(text=part["text"]) for part in listed(parts)]
        messages.append(ChatMessage(role=MessageRole.SYSTEM, blocks=blocks))
    calls: list[FunctionCall] = []
    for turn in request["contents"]:
        parts = read(turn["parts"])
        if turn.get("role") == "model":
            known = [replace(part, id=part.id or f"gstream-{number}") if isinstance(part, FunctionCall) else part
                     for number, part in enumerate(parts)]  # fmt: skip
            calls = [part for part in known if isinstance(part, FunctionCall)]
            messages.append(ChatMessage.model_validate_json(message_of(known).model_dump_json()))
            continue
        spoken: list[Any] = []
        for part in parts:
            if isinstance(part, FunctionResponse):
                call = next(item for item in calls if item.name == part.name and part.id in (None, item.id))
                calls.remove(call)
                known_as = {"tool_call_id": call.id}
                told = [TextBlock(text=json.dumps(part.response)), *map(media_block_of, part.parts)]
                messages.append(ChatMessage(role=MessageRole.TOOL, blocks=told, additional_kwargs=known_as))
            else:
                spoken.append(TextBlock(text=part.text) if isinstance(part, Text) else media_block_of(part))
        if spoken:
            messages.append(ChatMessage(role=MessageRole.USER, blocks=spoken))
    return messages


def listed(parts: Any) -> list[Json]:
    return parts if isinstance(parts, list) else [parts]


def read(parts: Any) -> list[Any]:
    return [part for wire in listed(parts) for part in read_parts([wire])]


def meaning(request: Json) -> Json:
    """Return the normal form of a request: what two requests have in common that mean the same.

    Names in camelCase, "user" as the role where none is given, neighbours of one role together, no empty values and no
    `thought: false`, neighbouring plain texts of the model joined, declarations in one list, every schema in the words
    of `parameters`, words of enumerations in capitals.
    """
    turns: list[tuple[str, list[Any]]] = []
    for turn in request["contents"]:
        role = turn.get("role") or "user"
        parts = [plain(part) for part in listed(turn["parts"])]
        parts = [part for part in parts if part not in ({}, {"text": ""})]
        if not turns or turns[-1][0] != role:
            turns.append((role, []))
        for part in parts:
            if role == "model":
                add_text(turns[-1][1], part)
            else:
                turns[-1][1].append(part)
    system = [plain(part) for part in listed((request.get("systemInstruction") or {}).get("parts") or [])]
    rest = {
        name: request.get(name)
        for name in ("safetySettings", "toolConfig", "cachedContent", "labels", "modelArmorConfig")
    }
    config = dict(request.get("generationConfig") or {})
    if level := (config.get("thinkingConfig") or {}).get("thinkingLevel"):
        config["thinkingConfig"] = {**config["thinkingConfig"], "thinkingLevel": level.upper()}
    schema = config.pop("responseJsonSchema", None) or config.pop("responseSchema", None)
    return {
        "turns": turns,
        "system": system,
        "tools": tools_meant(request.get("tools") or []),
        "schema": unordered(to_parameters(schema)) if schema else None,
        "config": {name: value for name, value in config.items() if value not in (None, [], {})},
        **{name: value for name, value in rest.items() if value},
    }


SAME_TYPE = {"audio/mp3": "audio/mpeg"}
"""LlamaIndex keeps the ending of a sound's file, not its media type."""


def plain(part: Json) -> Json:
    """Return a part without what says nothing: no `thought: false`, no empty `args`, one alphabet of base64."""
    kept = {name: value for name, value in part.items() if not (name == "thought" and value is False)}
    if "functionCall" in kept:
        kept["functionCall"] = {name: value for name, value in kept["functionCall"].items() if value != {}}
    if "inlineData" in kept:
        data = kept["inlineData"]["data"].replace("-", "+").replace("_", "/")
        kept["inlineData"] = {
            "mimeType": SAME_TYPE.get(kept["inlineData"]["mimeType"], kept["inlineData"]["mimeType"]),
            "data": data,
        }
    return kept


def add_text(parts: list[Json], part: Json) -> None:
    """Add a part; plain text joins the plain text, or the plain thought, before it."""
    last = parts[-1] if parts else {}
    if "text" in part and part.keys() == last.keys() and part.keys() <= {"text", "thought"}:
        parts[-1] = {**last, "text": last["text"] + part["text"]}
    else:
        parts.append(part)


def unordered(schema: Any) -> Any:
    if isinstance(schema, list):
        return [unordered(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: unordered(value) for name, value in schema.items() if name != "propertyOrdering"}


def tools_meant(tools: Iterable[Json]) -> list[Any]:
    declared: list[Any] = []
    for tool in tools:
        for name, value in tool.items():
            if name != "functionDeclarations":
                declared += [(name, value)] if value is not None else []
                continue
            for function in value:
                schema = function.get("parametersJsonSchema") or function.get("parameters")
                written = to_parameters(schema) if schema else {}
                said = function.get("description") or ""
                declared.append((function["name"], said, written if written.get("properties") else {}))
    return declared


@pytest.mark.parametrize("folder", REQUESTS)
@pytest.mark.parametrize("adapter", ["langchain", "llamaindex"])
def test_a_recorded_request_comes_out_equal_in_meaning(adapter: str, folder: Path) -> None:
    if adapter == "llamaindex" and name_of(folder) in NOT_OF_LLAMAINDEX:
        return
    recorded = request_of(folder)
    model = "gemini-3-pro-preview" if "thinkingLevel" in json.dumps(recorded) else MODEL
    wire = Wire()
    tools = [{name: value} for tool in recorded.get("tools") or [] for name, value in tool.items() if value is not None]
    if adapter == "langchain":
        wire.langchain(model, **settings_of(recorded)).invoke(as_langchain(recorded), tools=tools or None)
    else:
        wire.llamaindex(model, **settings_of(recorded)).chat(as_llamaindex(recorded), tools=openai_tools(tools))

    assert meaning(wire.bodies[0]) == meaning(recorded)


def openai_tools(tools: Iterable[Json]) -> list[Json]:
    """Return declarations in OpenAI's form, the one LlamaIndex has for tools that are no functions of Python."""
    found = []
    for tool in tools:
        for function in tool.get("functionDeclarations", ()):
            schema = function.get("parametersJsonSchema") or function.get("parameters")
            inner = {"name": function["name"], "description": function.get("description") or "", "parameters": schema}
            found.append({"type": "function", "function": inner})
        found += [] if "functionDeclarations" in tool else [tool]
    return found


def test_what_cannot_be_said_is_recorded_and_has_a_reason() -> None:
    reasons = {**UNSPEAKABLE, **NOT_OF_LLAMAINDEX}

    assert set(reasons) <= {name_of(folder) for folder in FOLDERS}
    assert all(reason.endswith(".") for reason in reasons.values())

"""Whatever is asked of any endpoint: a `GStreamError`, or a request that Google's description of the API allows.

`make test` runs the same small number of examples each time, `make fuzz` twenty thousand new ones
(`GSTREAM_FUZZ_EXAMPLES`).
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gstream import (
    ENDPOINTS,
    Blob,
    BuiltInTool,
    CodeResult,
    ExecutableCode,
    FileRef,
    FunctionCall,
    FunctionResponse,
    GStreamError,
    Opaque,
    Prompt,
    Settings,
    Text,
    Thought,
    Tool,
    ToolChoice,
    Turn,
    build_request,
    words,
)
from gstream.generation import PLACES
from gstream.messages import local_id
from gstream.request import build_body
from tests.conftest import DISCOVERY
from tests.core.discovery import complaints

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from gstream import Part

EXAMPLES = os.environ.get("GSTREAM_FUZZ_EXAMPLES")
fuzzed = settings(
    max_examples=int(EXAMPLES or "100"),
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,  # no timed assertion
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

text = st.text(max_size=8)
some = st.text(min_size=1, max_size=8)
signatures = st.none() | st.sampled_from(["c2ln", "no base64!"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(text, json_values, max_size=3)
names = st.sampled_from([*["look", "get.weather:v1", "a-b_c", "x" * 128] * 5, "天气", "a b", "x" * 129])
whole_numbers = st.integers(0, 100) | st.integers(0, 100) | st.integers()
ids = st.none() | st.sampled_from(["1", "2"]) | st.just(local_id("1"))

# -- parts and turns ------------------------------------------------------------------------------------------------

extras = st.none() | st.fixed_dictionaries({"partMetadata": st.dictionaries(text, text, max_size=2)})
videos = st.none() | st.fixed_dictionaries({"videoMetadata": st.fixed_dictionaries({"fps": st.floats(0.1, 24)})})
blobs = st.builds(
    Blob,
    st.sampled_from(["image/png", "audio/L16;rate=24000", "application/pdf"]),
    st.sampled_from(["", "YQ==", "-_8="]),
    st.none() | text,
    st.booleans(),
    signatures,
    videos,
)
files = st.builds(
    FileRef, st.sampled_from(["", "https://a.example/b"]), st.none() | st.just("video/mp4"), st.none() | text
)
calls = st.builds(FunctionCall, names, objects, ids, signatures)
results = st.builds(FunctionResponse, names, objects, ids, st.lists(blobs | files, max_size=2).map(tuple))
server_calls = st.fixed_dictionaries(
    {"toolCall": st.fixed_dictionaries({"toolType": st.just("URL_CONTEXT"), "args": objects, "id": some})}
).map(Opaque)
spoken: SearchStrategy[Part] = st.builds(Text, text, signatures, extras) | blobs | files
thought: SearchStrategy[Part] = (
    st.builds(Text, text, signatures, extras)
    | st.builds(Thought, text, signatures)
    | st.builds(ExecutableCode, text, st.sampled_from(["PYTHON", "LANGUAGE_UNSPECIFIED"]), ids, signatures)
    | st.builds(CodeResult, st.sampled_from(["OUTCOME_OK", "OUTCOME_FAILED"]), text, ids)
    | server_calls
)


@st.composite
def steps(draw: st.DrawFn) -> list[Turn]:
    """Return what the user says, perhaps what the model answers, and its calls with their results, in any order."""
    turns = [Turn("user", (Text(draw(some)), *draw(st.lists(spoken, max_size=2))))]
    answer = [*draw(st.lists(thought, max_size=2)), *(called := draw(st.lists(calls, max_size=2)))]
    if answer:
        turns.append(Turn("model", tuple(answer)))
    given_results = [
        FunctionResponse(call.name, draw(objects), call.id, tuple(draw(st.lists(blobs | files, max_size=1))))
        for call in called
    ]
    shuffled = draw(st.permutations(given_results))
    if shuffled:
        together = draw(st.booleans())
        turns += [Turn("user", tuple(shuffled))] if together else [Turn("user", (result,)) for result in shuffled]
    return turns


orderly = st.lists(steps(), min_size=1, max_size=3).map(
    lambda several: tuple(turn for step in several for turn in step)
)
wild = st.lists(
    st.builds(
        Turn, st.sampled_from(["user", "model"]), st.lists(spoken | thought | calls | results, max_size=3).map(tuple)
    ),
    max_size=3,
).map(tuple)

# -- tools ----------------------------------------------------------------------------------------------------------

kinds = st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"])
whole = st.integers(-2, 5)
leaves = st.fixed_dictionaries(
    {},
    optional={
        "type": kinds | st.lists(kinds, min_size=1, max_size=3, unique=True),
        "description": text,
        "title": text,
        "default": json_values,
        "enum": st.lists(json_values, max_size=3),
        "const": json_values,
        "format": st.sampled_from(["date-time", "int64", "email", "byte"]),
        "pattern": st.just("^a+$"),
        "minimum": whole | st.floats(-5, 5),
        "maximum": whole,
        "exclusiveMinimum": whole,
        "minLength": whole,
        "maxLength": whole,
        "minItems": whole,
        "maxItems": whole,
        "multipleOf": whole,
        "nullable": st.booleans(),
        "x-own": json_values,
        "$ref": st.sampled_from(["#/$defs/A", "#", "#/$defs/none"]),
    },
)


def nodes(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
    several = st.lists(inner, max_size=3)
    holding = st.fixed_dictionaries(
        {},
        optional={
            "type": kinds,
            "properties": st.dictionaries(some, inner, max_size=3),
            "required": st.lists(some, max_size=2),
            "additionalProperties": inner | st.booleans(),
            "items": inner | several,
            "prefixItems": several,
            "anyOf": several,
            "oneOf": several,
            "allOf": several,
            "not": inner,
            "description": text,
        },
    )
    return holding | leaves


schemas = st.builds(
    lambda schema, defined: {**schema, "$defs": {"A": defined}} if defined else schema,
    st.fixed_dictionaries(
        {
            "type": st.just("object"),
            "properties": st.dictionaries(some, st.recursive(leaves, nodes, max_leaves=5), max_size=3),
        },
        optional={"required": st.lists(some, max_size=2), "additionalProperties": st.booleans()},
    )
    | st.recursive(leaves, nodes, max_leaves=5),
    st.none() | st.recursive(leaves, nodes, max_leaves=4),
)
built_in = st.sampled_from(
    [BuiltInTool(name) for name in ("googleSearch", "codeExecution", "urlContext", "googleSearchRetrieval")]
    + [
        BuiltInTool("googleMaps", {"enableWidget": True}),
        BuiltInTool("computerUse", {"environment": "ENVIRONMENT_BROWSER"}),
    ]
)
tools = st.lists(st.builds(Tool, names, text, st.none() | schemas) | built_in, max_size=3).map(tuple)
choices = st.builds(
    ToolChoice, st.sampled_from(["auto", "any", "none", "validated"]), st.lists(names, max_size=1).map(tuple)
)

# -- settings -------------------------------------------------------------------------------------------------------

texts = st.dictionaries(some, text, max_size=2)
wishes = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.floats(0, 2.1),
        "top_p": st.floats(0, 1),
        "top_k": whole_numbers,
        "max_output_tokens": whole_numbers,
        "stop": st.lists(text, max_size=6),
        "seed": whole_numbers,
        "presence_penalty": st.floats(-2, 2) | st.floats(),
        "frequency_penalty": st.floats(-2, 2),
        "response_logprobs": st.booleans(),
        "logprobs": st.integers(0, 21),
        "candidate_count": st.integers(1, 8),
        "thinking_budget": st.integers(-2, 40_000),
        "thinking_level": st.sampled_from([*["low", "HIGH"] * 4, "hard"]),
        "include_thoughts": st.booleans(),
        "response_mime_type": st.sampled_from(["", "application/json"]),
        "response_schema": schemas,
        "response_modalities": st.lists(st.sampled_from([*["text", "IMAGE"] * 4, "sound"]), max_size=2),
        "media_resolution": st.sampled_from([*["low", "MEDIA_RESOLUTION_HIGH"] * 4, "sharp"]),
        "image_config": st.dictionaries(
            st.sampled_from([*["aspect_ratio", "imageSize"] * 4, "size"]), st.none() | text, max_size=2
        ),
        "speech_config": some | st.fixed_dictionaries({"language_code": text}),
        "safety_settings": st.dictionaries(
            st.sampled_from([*words.CATEGORIES, "harassment", "manners"]),
            st.sampled_from([*["none", "OFF"] * 4, "never"]),
            max_size=2,
        ),
        "cached_content": text,
        "labels": texts,
        "undocumented": st.sampled_from(["send", "drop", "error"]),
    },
)
MODELS = (
    "gemini-2.5-flash", "google/gemini-2.5-pro-thinking-8192", "gemini-3-pro-preview", "models/gemini-2.0-flash",
    "[vip]gemini-3.5-flash-high", "gemma-4-31b-it", "别家/模型:free", "",
)  # fmt: skip
hosted = [
    replace(endpoint, base_url=endpoint.base_url or "https://host.example/v1beta") for endpoint in ENDPOINTS.values()
]
prompts = st.builds(
    Prompt,
    st.sampled_from(MODELS),
    orderly | orderly | wild,
    st.lists(spoken, max_size=2).map(tuple),
    tools,
    st.none() | choices,
)


@pytest.mark.shared
@fuzzed
@given(prompt=prompts, asked=wishes, endpoint=st.sampled_from(hosted))
def test_what_is_asked_becomes_a_request_that_google_describes_or_our_error(
    prompt: Prompt, asked: dict[str, Any], endpoint: Any
) -> None:
    """And nothing is in it that was not asked for; what was asked for is in it, unless it was to be dropped."""
    try:
        prompt = replace(prompt, settings=Settings(**asked))
        body = build_body(prompt, endpoint)
    except GStreamError:
        return

    assert complaints(body, DISCOVERY) == []
    assert_only_what_was_asked(body, prompt)
    if prompt.settings.undocumented == "send":
        assert_all_that_was_asked(body, prompt)
    try:
        sent = build_request(prompt, endpoint, "made-up-key").body
    except GStreamError:
        return
    assert json.loads(sent) == body


def assert_only_what_was_asked(body: dict[str, Any], prompt: Prompt) -> None:
    asked = {name for name in Settings.model_fields if getattr(prompt.settings, name) is not None}
    present = {setting for path, setting in PLACES.items() if at(body, path) is not None}
    if "response_schema" in asked:
        present.discard("response_mime_type")  # which it implies
    parents = {path.split(".")[0] for path, setting in PLACES.items() if setting in asked}
    given_ = {"systemInstruction": prompt.system, "tools": prompt.tools, "toolConfig": prompt.tool_choice}

    assert present <= asked
    assert set(body) <= {"contents"} | parents | {name for name, value in given_.items() if value}
    assert paths(body.get("generationConfig", {})) <= {path.removeprefix("generationConfig.") for path in PLACES}


def assert_all_that_was_asked(body: dict[str, Any], prompt: Prompt) -> None:
    present = {setting for path, setting in PLACES.items() if at(body, path) is not None}
    asked = {name for name in {*PLACES.values()} if getattr(prompt.settings, name) not in (None, [], {}, "")}
    asked -= {"thinking_budget", "thinking_level"}  # of both, one is sent
    if not (prompt.settings.cached_content or "").strip():
        asked.discard("cached_content")
    if not prompt.settings.response_schema:
        asked.discard("response_schema")
    said = [part.text for turn in prompt.turns for part in turn.parts if isinstance(part, Text | Thought) and part.text]
    sent = [part["text"] for turn in body["contents"] for part in turn["parts"] if part.get("text")]
    declared = [tool["functionDeclarations"] for tool in body.get("tools", []) if "functionDeclarations" in tool]

    assert asked <= present
    assert said == (sent if any(turn.parts for turn in prompt.turns) and said else said)
    assert sum(map(len, declared)) == sum(isinstance(tool, Tool) for tool in prompt.tools)


def at(body: Any, path: str) -> Any:
    for step in path.split("."):
        body = body.get(step) if isinstance(body, dict) else None
    return body


def paths(config: dict[str, Any]) -> set[str]:
    """Return the places of settings in `generationConfig`."""
    thinking = {f"thinkingConfig.{name}" for name in config.get("thinkingConfig", {})}
    return (set(config) - {"thinkingConfig"}) | thinking


def test_settings_are_taken_or_refused_by_our_error_alone() -> None:
    """The table of nonsense: nothing but `ConfigurationError` leaves `Settings`."""
    nonsense: list[Any] = [object(), [], {}, "", b"x", 1j, {"a": object()}, [None], float("nan"), 10**400, {1: 2}, [[]]]
    for name in set(Settings.model_fields) - {"extra_body"}:
        for value in nonsense:
            try:
                build_body(Prompt("m", (Turn("user", (Text("a"),)),), settings=Settings(**{name: value})))
            except GStreamError:
                continue

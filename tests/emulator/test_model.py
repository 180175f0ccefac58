"""The model answers from the request alone: prose, thoughts, schemas, media, sums, citations, usage."""

# ruff: noqa: E501 - one case a line

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.emulator import Emulator

PRO3 = "gemini-3-pro-preview"
WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "description": "Get the weather in a location.",
    "parameters": {"type": "OBJECT", "properties": {"location": {"type": "STRING"}}, "required": ["location"]},
}


# --- prose


def test_prose_comes_in_several_chunks_that_join_without_loss(google: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(google, "Tell me about the whales of Iceland")

    assert 4 <= len(heard.documents) <= 10
    assert heard.text.startswith("You asked: “Tell me about the whales of Iceland”")
    assert heard.finish == ["STOP"]


@pytest.mark.parametrize(
    ("prompt", "start"), [("给我讲讲鲸鱼的故事", "你问的是"), ("クジラについて教えてください", "ご質問は")]
)
def test_prose_is_in_the_language_of_the_prompt(
    google: Emulator, ask: Callable[..., Any], prompt: str, start: str
) -> None:
    heard = ask(google, prompt)

    assert heard.text.startswith(start)
    assert prompt in heard.text


def test_the_same_request_gets_the_same_bytes(google: Emulator, ask: Callable[..., Any]) -> None:
    first, second = (ask(google, "Hello there", model=PRO3).response.content for _ in range(2))

    assert first == second


def test_the_system_instruction_and_earlier_turns_are_heard(
    google: Emulator, ask: Callable[..., Any], user: Callable[..., Any]
) -> None:
    contents = [user("My name is Zed."), {"role": "model", "parts": [{"text": "Hi"}]}, user("What is my name?")]
    text = ask(google, contents, systemInstruction={"parts": [{"text": "Speak like a pirate."}]}).text

    assert "Speak like a pirate." in text
    assert "My name is Zed." in text


def test_max_output_tokens_cuts_the_text_and_says_so(google: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(google, "Tell me about whales", generationConfig={"maxOutputTokens": 5})

    assert heard.finish == ["MAX_TOKENS"]
    assert 0 < heard.usage["candidatesTokenCount"] <= 5


def test_a_stop_sequence_ends_the_text_before_it(google: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(google, "Tell me about whales", generationConfig={"stopSequences": ["whales"]})

    assert heard.text == "You asked: “Tell me about "
    assert heard.finish == ["STOP"]


def test_several_candidates_come_side_by_side_with_their_index(google: Emulator, ask: Callable[..., Any]) -> None:
    documents = ask(google, "Tell me about whales", generationConfig={"candidateCount": 2}).documents
    texts = ["", ""]
    for document in documents:
        for candidate in document["candidates"]:
            texts[candidate["index"]] += candidate["content"]["parts"][0]["text"]

    assert "whales" in texts[0]
    assert texts[0] != texts[1]
    assert "whales" in texts[1]


# --- thoughts and signatures


def test_thoughts_come_first_when_asked_for_and_are_counted(google: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(google, "Hello", generationConfig={"thinkingConfig": {"includeThoughts": True}})

    assert heard.parts[0]["thought"] is True
    assert heard.thoughts.startswith("**Reading the request**")
    assert heard.usage["thoughtsTokenCount"] > 0
    assert not ask(google, "Hello").thoughts


def test_gemini_3_signs_an_empty_text_at_the_end(google: Emulator, ask: Callable[..., Any]) -> None:
    *_, last = ask(google, "Hello", model=PRO3).parts

    assert last["text"] == ""
    assert base64.b64decode(last["thoughtSignature"], validate=True)


def test_the_answer_given_back_part_for_part_is_taken(
    google: Emulator, ask: Callable[..., Any], user: Callable[..., Any]
) -> None:
    parts = ask(google, "Hello", model=PRO3).parts
    again = ask(google, [user("Hello"), {"role": "model", "parts": parts}, user("Go on")], model=PRO3)

    assert again.response.status_code == 200


# --- structured output

PERSON: dict[str, Any] = {
    "type": "object",
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
            "required": ["name"],
        }
    },
    "properties": {
        "age": {"type": "integer", "minimum": 10, "maximum": 20},
        "level": {"enum": [1, 2, 3]},
        "mood": {"type": "string", "enum": ["happy", "sad"]},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 4},
        "pair": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2},
        "scores": {"type": "object", "additionalProperties": {"type": "number"}},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "code": {"type": "string", "pattern": "^[A-Z]{3}-\\d{2,4}$"},
        "short": {"type": "string", "minLength": 3, "maxLength": 6},
        "when": {"type": "string", "format": "date"},
        "step": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5},
        "tree": {"$ref": "#/$defs/Node"},
        "kind": {"const": "person"},
        "either": {"oneOf": [{"type": "object", "properties": {"x": {"type": "boolean"}}, "required": ["x"]}, {"type": "null"}]},
        "nullable": {"type": ["string", "null"]},
    },
}  # fmt: skip
PERSON["required"] = list(PERSON["properties"])


@pytest.mark.parametrize("prompt", ["A sad person of 15 called Ada, on 2026-02-03, with 4.5 points", "你好", "x"])
def test_a_json_answer_fulfils_the_json_schema(google: Emulator, ask: Callable[..., Any], prompt: str) -> None:
    config = {"responseMimeType": "application/json", "responseJsonSchema": PERSON}
    heard = ask(google, prompt, generationConfig=config)

    jsonschema.validate(json.loads(heard.text), PERSON)
    assert len(heard.documents) > 3


def test_a_schema_that_demands_itself_ends_where_null_is_allowed(google: Emulator, ask: Callable[..., Any]) -> None:
    node = {
        "type": "object",
        "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
        "required": ["next"],
    }
    schema: dict[str, Any] = {"$ref": "#/$defs/Node", "$defs": {"Node": node}}
    config = {"responseMimeType": "application/json", "responseJsonSchema": schema}

    jsonschema.validate(json.loads(ask(google, "A list", generationConfig=config).text), schema)


def test_a_json_answer_takes_its_values_from_the_words(google: Emulator, ask: Callable[..., Any]) -> None:
    schema = {
        "type": "OBJECT",
        "properties": {
            "name": {"type": "STRING"},
            "age": {"type": "INTEGER"},
            "mood": {"type": "STRING", "enum": ["HAPPY", "SAD"]},
            "email": {"type": "STRING", "nullable": True},
        },
        "required": ["name", "age", "mood"],
        "propertyOrdering": ["mood", "age", "name", "email"],
    }
    prompt = "Extract: Ada Lovelace is 36, sad, and writes as ada@example.org"
    heard = ask(google, prompt, generationConfig={"responseMimeType": "application/json", "responseSchema": schema})

    assert list(json.loads(heard.text).items()) == [
        ("mood", "SAD"),
        ("age", 36),
        ("name", "Ada Lovelace"),
        ("email", "ada@example.org"),
    ]


def test_json_mode_without_a_schema_uses_the_keys_that_the_prompt_names(
    google: Emulator, ask: Callable[..., Any]
) -> None:
    prompt = (
        "Tell me a joke about cats. Return the result as a JSON with 'setup' and 'punchline' keys. "
        "Return nothing other than JSON."
    )
    answer = json.loads(ask(google, prompt, generationConfig={"responseMimeType": "application/json"}).text)

    assert answer.keys() == {"setup", "punchline"}
    assert all("cats" in value for value in answer.values())


def test_an_enum_answer_is_one_of_its_values(google: Emulator, ask: Callable[..., Any]) -> None:
    config = {
        "responseMimeType": "text/x.enum",
        "responseSchema": {"type": "STRING", "enum": ["percussion", "string", "woodwind"]},
    }

    assert ask(google, "What sort is an oboe, a woodwind?", generationConfig=config).text == "woodwind"


# --- media, code, search


def test_an_image_comes_as_a_real_png(google: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(google, "Draw a whale", generationConfig={"responseModalities": ["TEXT", "IMAGE"]})
    blob = next(part["inlineData"] for part in heard.parts if "inlineData" in part)
    png = base64.b64decode(blob["data"], validate=True)
    start = png.index(b"IDAT")
    pixels = zlib.decompress(png[start + 4 : start + 4 + struct.unpack(">I", png[start - 4 : start])[0]])

    assert blob["mimeType"] == "image/png"
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(pixels) == 32 * (1 + 32 * 3)
    assert heard.text
    assert heard.usage["candidatesTokensDetails"][-1]["modality"] == "IMAGE"


def test_speech_comes_in_two_blobs_of_pcm(google: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(google, "Say hello", generationConfig={"responseModalities": ["AUDIO"]})
    blobs = [part["inlineData"] for part in heard.parts if "inlineData" in part]

    assert [blob["mimeType"] for blob in blobs] == ["audio/L16;codec=pcm;rate=24000"] * 2
    assert not heard.text


def test_media_are_named_with_their_type_and_size(
    google: Emulator, ask: Callable[..., Any], user: Callable[..., Any]
) -> None:
    image = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(b"x" * 68).decode()}}
    file = {"fileData": {"mimeType": "application/pdf", "fileUri": "https://example.com/a.pdf"}}
    heard = ask(google, [user("What are these?", image, file)])

    assert "image/png (68 bytes)" in heard.text
    assert "application/pdf at https://example.com/a.pdf" in heard.text
    assert {entry["modality"]: entry["tokenCount"] for entry in heard.usage["promptTokensDetails"]} == {
        "TEXT": 4,
        "IMAGE": 258,
        "DOCUMENT": 258,
    }


@pytest.mark.parametrize("model", ["gemini-2.5-flash", PRO3])
def test_a_sum_is_run_as_code(google: Emulator, ask: Callable[..., Any], model: str) -> None:
    heard = ask(google, "Calculate 17 * (23 + 2)", model=model, tools=[{"codeExecution": {}}])
    code, result = heard.parts[0]["executableCode"], heard.parts[1]["codeExecutionResult"]

    assert code["code"] == "result = 17 * (23 + 2)\nprint(result)"
    assert (result["outcome"], result["output"]) == ("OUTCOME_OK", "425\n")
    assert "425" in heard.text
    assert ("id" in code) == (model == PRO3)
    assert heard.usage["toolUsePromptTokenCount"] > 0


def test_search_cites_its_pages_in_the_last_chunk(google: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(google, "What is new about Café whales?", tools=[{"googleSearch": {}}])
    metadata = heard.documents[-1]["candidates"][0]["groundingMetadata"]
    text = heard.text.encode()

    assert metadata["groundingChunks"][0]["web"]["uri"].startswith("https://")
    for support in metadata["groundingSupports"]:
        segment = support["segment"]
        assert text[segment["startIndex"] : segment["endIndex"]].decode() == segment["text"]
    assert all("groundingMetadata" not in document["candidates"][0] for document in heard.documents[:-1])


def test_logprobs_are_given_for_every_token(google: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(google, "Hello", generationConfig={"responseLogprobs": True, "logprobs": 2})
    result = heard.documents[-1]["candidates"][0]["logprobsResult"]

    assert "".join(token["token"] for token in result["chosenCandidates"]) == heard.text
    assert {len(entry["candidates"]) for entry in result["topCandidates"]} == {2}


# --- usage


def test_usage_is_on_every_chunk_and_adds_up(google: Emulator, ask: Callable[..., Any]) -> None:
    heard = ask(google, "Hello whales", model=PRO3, generationConfig={"thinkingConfig": {"includeThoughts": True}})
    counts = [document["usageMetadata"] for document in heard.documents]

    for usage in counts:
        spent = usage.get("candidatesTokenCount", 0) + usage.get("thoughtsTokenCount", 0)
        assert usage["totalTokenCount"] == usage["promptTokenCount"] + spent
    assert [usage["totalTokenCount"] for usage in counts] == sorted(usage["totalTokenCount"] for usage in counts)
    assert counts[0]["promptTokenCount"] == 3
    assert google.requests[-1].usage == counts[-1]


def test_tools_and_system_count_into_the_prompt(google: Emulator, ask: Callable[..., Any]) -> None:
    bare = ask(google, "Hello").usage["promptTokenCount"]
    tooled = ask(google, "Hello", tools=[{"functionDeclarations": [WEATHER]}]).usage["promptTokenCount"]
    told = ask(google, "Hello", systemInstruction={"parts": [{"text": "Be kind."}]}).usage["promptTokenCount"]

    assert (bare, told) == (2, 4)
    assert tooled > 20


def test_cached_content_is_counted_apart(google: Emulator, ask: Callable[..., Any]) -> None:
    usage = ask(google, "Hello", cachedContent="cachedContents/abc").usage

    assert usage["cachedContentTokenCount"] == 1024
    assert usage["promptTokenCount"] == 1026

"""What Google refuses, in its words; and that what it takes is taken."""

# ruff: noqa: E501 - one case a line

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from gstream.emulator.signatures import signed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gstream.emulator import Emulator

HELLO: dict[str, Any] = {"role": "user", "parts": [{"text": "Hello"}]}
CALL: dict[str, Any] = {"functionCall": {"name": "f", "args": {}}}
RESULT: dict[str, Any] = {"functionResponse": {"name": "f", "response": {"result": 1}}}
MODEL: dict[str, Any] = {"role": "model", "parts": [CALL]}
ANSWER: dict[str, Any] = {"role": "user", "parts": [RESULT]}


def tools(parameters: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    return [{"functionDeclarations": [{"name": "f", "parameters": parameters, **fields}]}]


@dataclass(frozen=True)
class Case:
    id: str
    words: str
    contents: list[dict[str, Any]] = field(default_factory=lambda: [HELLO])
    rest: dict[str, Any] = field(default_factory=dict)
    model: str = "gemini-2.5-flash"


CASES = [
    Case("unknown part", "Unknown name \"foo\" at 'contents[0].parts[0]': Cannot find field.", [{"role": "user", "parts": [{"foo": 1}]}]),
    Case("unknown top", 'Invalid JSON payload received. Unknown name "foo": Cannot find field.', rest={"foo": 1}),
    Case(
        "unknown in schema",
        "Unknown name \"additionalProperties\" at 'tools[0].function_declarations[0].parameters': Cannot find field.",
        rest={"tools": tools({"type": "OBJECT", "additionalProperties": False})},
    ),
    Case("wrong type", "Invalid value at 'generation_config.temperature' (TYPE_FLOAT), \"hot\"", rest={"generationConfig": {"temperature": "hot"}}),
    Case("wrong integer", "Invalid value at 'generation_config.top_k' (TYPE_INT32), 1.5", rest={"generationConfig": {"topK": 1.5}}),
    Case(
        "wrong enum",
        '(type.googleapis.com/google.ai.generativelanguage.v1beta.Type), "text"',
        rest={"tools": tools({"type": "text"})},
    ),
    Case(
        "wrong safety",
        "Invalid value at 'safety_settings[0]' (type.googleapis.com/google.ai.generativelanguage.v1beta.SafetySetting), \"x\"",
        rest={"safetySettings": ["x"]},
    ),
    Case(
        "list for one",
        'Unknown name "text" at \'contents[0].parts[0]\': Proto field is not repeating, cannot start list.',
        [{"role": "user", "parts": [{"text": ["a"]}]}],
    ),
    Case("object for text", "(text), Starting an object on a scalar field", [{"role": "user", "parts": [{"text": {}}]}]),
    Case(
        "base64",
        "Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed for \"%%\"",
        [{"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "%%"}}]}],
    ),
    Case("no contents", "* GenerateContentRequest.contents: contents is not specified", []),
    Case("no parts", "* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.", [{"role": "user"}]),
    Case("empty part", "contents[0].parts[0].data: required oneof field 'data' must have one initialized field", [{"role": "user", "parts": [{}]}]),
    Case("empty text", "required oneof field 'data' must have one initialized field", [{"role": "user", "parts": [{"text": ""}]}]),
    Case(
        "two kinds",
        "Invalid value at 'contents[0].parts[0]' (oneof), oneof field 'data' is already set. Cannot set 'functionCall'",
        [{"role": "user", "parts": [{"text": "a", **CALL}]}],
    ),
    Case("role", "Please use a valid role: user, model.", [{"role": "assistant", "parts": [{"text": "a"}]}]),
    Case("system role", "Please use a valid role: user, model.", [{"role": "system", "parts": [{"text": "a"}]}, HELLO]),
    Case("no answer", "the number of function response parts is equal to the number of function call parts", [HELLO, MODEL, HELLO]),
    Case("too few answers", "the number of function response parts is equal", [HELLO, {"role": "model", "parts": [CALL, CALL]}, ANSWER]),
    Case("call at the end", "the number of function response parts is equal", [HELLO, MODEL]),
    Case("stray answer", "function response turn comes immediately after a function call turn", [HELLO, ANSWER]),
    Case("call first", "function call turn comes immediately after a user turn or after a function response turn", [MODEL, ANSWER]),
    Case("stops", "the number of stop_sequences must not exceed 5", rest={"generationConfig": {"stopSequences": list("abcdef")}}),
    Case("schema without json", "only allowed with response mime type", rest={"generationConfig": {"responseSchema": {"type": "STRING"}}}),
    Case("items", "items: missing field", rest={"tools": tools({"type": "OBJECT", "properties": {"a": {"type": "ARRAY"}}})}),
    Case("required", "required[0]: property is not defined", rest={"tools": tools({"type": "OBJECT", "required": ["a"]})}),
    Case(
        "both parameters",
        "parameters and parameters_json_schema are mutually exclusive",
        rest={"tools": tools({"type": "OBJECT"}, parametersJsonSchema={"type": "object"})},
    ),
    Case("function name", "Invalid function name. Must start with a letter or an underscore.", rest={"tools": [{"functionDeclarations": [{"name": "1 f"}]}]}),
    Case("empty tool", "required one_of 'tool_type' must have one initialized field", rest={"tools": [{}]}),
    Case(
        "two of a name",
        "Duplicate function declaration found: f",
        rest={"tools": [{"functionDeclarations": [{"name": "f"}, {"name": "f"}]}]},
    ),
    Case("any without functions", "Function calling config is set without function_declarations.", rest={"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}}),
    Case("level on 2.5", "Thinking level is not supported for this model.", rest={"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}}),
    Case(
        "level and budget",
        "You can only set only one of thinking budget and thinking level.",
        rest={"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 1}}},
        model="gemini-3-pro-preview",
    ),
    Case("ref siblings", "$ref may not set other fields", rest={"generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": {"$ref": "#/$defs/A", "description": "x", "$defs": {"A": {"type": "string"}}}}}),
    Case("search with functions", "Tool use with function calling is unsupported", rest={"tools": [{"googleSearch": {}}, *tools({"type": "OBJECT"})]}),
    Case(
        "json with functions",
        "Function calling with a response mime type: 'application/json' is unsupported",
        rest={"tools": tools({"type": "OBJECT"}), "generationConfig": {"responseMimeType": "application/json"}},
    ),
    Case("cache with system", "CachedContent can not be used with GenerateContent request setting system_instruction", rest={"cachedContent": "cachedContents/x", "systemInstruction": HELLO}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_it_is_refused_in_googles_words(google: Emulator, ask: Callable[..., Any], case: Case) -> None:
    heard = ask(google, case.contents, model=case.model, **case.rest)

    assert heard.response.status_code == 400
    assert (heard.error["code"], heard.error["status"]) == (400, "INVALID_ARGUMENT")
    assert case.words in heard.error["message"]


def test_every_mistake_is_listed_with_its_field(google: Emulator, ask: Callable[..., Any]) -> None:
    error = ask(google, [HELLO], foo=1, generationConfig={"bar": 2}).error

    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [
                {"description": 'Invalid JSON payload received. Unknown name "foo": Cannot find field.'},
                {
                    "field": "generation_config",
                    "description": "Invalid JSON payload received. Unknown name \"bar\" at 'generation_config': "
                    "Cannot find field.",
                },
            ],
        }
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"contents": [{"parts": [{"text": "no role alone"}]}]},
        {"contents": {"parts": {"text": "lone values for lists"}}},
        {"contents": [HELLO], "generation_config": {"max_output_tokens": 10}, "system_instruction": HELLO},
        {"contents": [HELLO], "generationConfig": {"topK": "40", "temperature": 1}, "labels": {"team": "a"}},
        {"contents": [HELLO, {"role": "model", "parts": [{"text": "Hi"}]}, HELLO]},
        {"contents": [HELLO, HELLO, {"role": "model", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hi"}]}, HELLO]},
        {"contents": [HELLO, MODEL, ANSWER]},
        {"contents": [HELLO], "tools": tools({"type": "object", "properties": {"a": {"type": "string"}}})},
        {"contents": [HELLO, MODEL, ANSWER, MODEL, ANSWER]},
        {"contents": [HELLO, {"role": "model", "parts": [CALL, RESULT, {"text": "It is 1."}]}, HELLO]},
        {"contents": [HELLO, {"role": "model", "parts": [CALL, RESULT, CALL]}, ANSWER]},
        {"contents": [HELLO], "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}]},
        {"contents": [{"role": "user", "parts": [{"inlineData": {"mimeType": "a/b", "data": base64.urlsafe_b64encode(b"\xff\xfe?").decode()}}]}]},
    ],
    ids=str,
)  # fmt: skip
def test_what_google_takes_is_taken(google: Emulator, ask: Callable[..., Any], body: dict[str, Any]) -> None:
    assert ask(google, body.pop("contents"), **body).response.status_code == 200


def history(*parts: dict[str, Any]) -> list[dict[str, Any]]:
    """A question, a step of calls with its results."""
    answers = [
        {"functionResponse": {"name": "f", "response": {"result": 1}}} for part in parts if "functionCall" in part
    ]
    return [HELLO, {"role": "model", "parts": list(parts)}, {"role": "user", "parts": answers}]


def test_gemini_3_demands_the_signature_of_the_first_call_of_a_step(google: Emulator, ask: Callable[..., Any]) -> None:
    error = ask(google, history(CALL), model="google%2Fgemini-3-pro-preview").error

    assert error["message"].startswith("Function call is missing a thought_signature in functionCall parts.")
    assert "function call `default_api:f` , position 2." in error["message"]


@pytest.mark.parametrize(
    "contents",
    [
        history(signed(CALL), CALL),
        history({**CALL, "thoughtSignature": "skip_thought_signature_validator"}),
        [*history(CALL), {"role": "model", "parts": [{"text": "done"}]}, HELLO],
    ],
    ids=["own signature on the first", "documented placeholder", "an earlier turn"],
)
def test_gemini_3_takes_calls_that_are_signed_or_old(
    google: Emulator, ask: Callable[..., Any], contents: list[dict[str, Any]]
) -> None:
    assert ask(google, contents, model="gemini-3-pro-preview").response.status_code == 200


def test_gemini_2_demands_no_signature(google: Emulator, ask: Callable[..., Any]) -> None:
    assert ask(google, history(CALL)).response.status_code == 200


@pytest.mark.parametrize(
    "part",
    [
        {**CALL, "thoughtSignature": "AAAA"},
        {"functionCall": {"name": "f", "args": {"a": 1}}, "thoughtSignature": signed(CALL)["thoughtSignature"]},
    ],
    ids=["foreign", "moved"],
)
def test_a_signature_that_was_not_issued_for_its_part_is_corrupted(
    google: Emulator, ask: Callable[..., Any], part: dict[str, Any]
) -> None:
    assert ask(google, history(part), model="gemini-3-pro-preview").error["message"] == "Corrupted thought signature."


def test_a_signature_may_move_to_the_joined_text_but_to_no_call(google: Emulator, ask: Callable[..., Any]) -> None:
    """Google checks nothing on texts, and its own clients put a stream's last signature on the text they joined."""
    issued = signed({"text": ""})["thoughtSignature"]
    contents = [HELLO, {"role": "model", "parts": [{"text": "merged answer", "thoughtSignature": issued}]}, HELLO]
    call = {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": issued}
    forged = [HELLO, {"role": "model", "parts": [{"text": "a", "thoughtSignature": "c2ln"}]}, HELLO]

    assert ask(google, contents, model="gemini-3-pro-preview").response.status_code == 200
    for wrong in (history(call), forged):
        assert ask(google, wrong, model="gemini-3-pro-preview").error["message"] == "Corrupted thought signature."


def test_a_signature_is_known_in_either_alphabet(google: Emulator, ask: Callable[..., Any]) -> None:
    """google-genai writes it anew, with "-" and "_"."""
    issued = signed({"functionCall": {"name": "f", "args": {"a": 3}}})
    urlsafe = issued["thoughtSignature"].replace("+", "-").replace("/", "_").rstrip("=")
    returned = {"functionCall": {"name": "f", "args": {"a": 3}}, "thoughtSignature": urlsafe}

    assert urlsafe != issued["thoughtSignature"]
    assert ask(google, history(returned), model="gemini-3-pro-preview").response.status_code == 200


def test_a_whole_number_that_became_a_float_keeps_its_signature(google: Emulator, ask: Callable[..., Any]) -> None:
    issued = signed({"functionCall": {"name": "f", "args": {"a": 3}}})
    returned = {"functionCall": {"name": "f", "args": {"a": 3.0}}, "thoughtSignature": issued["thoughtSignature"]}

    assert ask(google, history(returned), model="gemini-3-pro-preview").response.status_code == 200


def test_broken_json_is_refused(google: Emulator) -> None:
    import httpx  # noqa: PLC0415 - the only test here that needs raw bytes

    response = httpx.post(
        f"{google.base_url}/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        headers={"x-goog-api-key": google.api_key},
        content=b'{"contents": [',
    )

    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith("Invalid JSON payload received.")

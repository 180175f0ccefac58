"""A prompt in, the one HTTP request for it out: bodies in full."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gstream import (
    ENDPOINTS,
    Blob,
    BuiltInTool,
    CodeResult,
    ConfigurationError,
    Endpoint,
    ExecutableCode,
    FileRef,
    FunctionCall,
    FunctionResponse,
    Opaque,
    Part,
    Prompt,
    RequestError,
    Settings,
    Text,
    Thought,
    Tool,
    ToolChoice,
    Turn,
    build_request,
)
from gstream.messages import local_id
from gstream.parts import part_json, read_parts
from gstream.request import build_body
from tests.core.discovery import complaints
from tests.core.test_generation import SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

FLASH = "gemini-2.5-flash"
GOOGLE = ENDPOINTS["google"]
SHENGSUANYUN = ENDPOINTS["shengsuanyun"]
KEY = "key-Secret.1234+/="
HELLO = (Turn("user", (Text("Hello"),)),)
SIGNATURE = "c2ln"


def prompt(*parts: Part, model: str = FLASH, **fields: Any) -> Prompt:
    return Prompt(model, (Turn("user", parts or (Text("Hello"),)),), **fields)


def body(*parts: Part, endpoint: Endpoint = GOOGLE, **fields: Any) -> dict[str, Any]:
    return build_body(prompt(*parts, **fields), endpoint)


@dataclass(frozen=True)
class Case:
    id: str
    part: Part
    wire: dict[str, Any]


PARTS = (
    Case("text", Text("a"), {"text": "a"}),
    Case("signed text", Text("a", SIGNATURE), {"text": "a", "thoughtSignature": SIGNATURE}),
    Case("signature alone", Text("", SIGNATURE), {"text": "", "thoughtSignature": SIGNATURE}),
    Case("text with metadata", Text("a", None, {"partMetadata": {"k": 1}}), {"text": "a", "partMetadata": {"k": 1}}),
    Case("thought", Thought("a"), {"text": "a", "thought": True}),
    Case("signed thought", Thought("a", SIGNATURE), {"text": "a", "thought": True, "thoughtSignature": SIGNATURE}),
    Case(
        "call",
        FunctionCall("f", {"a_b": None, "c": []}, "1", SIGNATURE),
        {"functionCall": {"name": "f", "args": {"a_b": None, "c": []}, "id": "1"}, "thoughtSignature": SIGNATURE},
    ),
    Case("call without arguments", FunctionCall("f", {}), {"functionCall": {"name": "f"}}),
    Case(
        "call under a local id",
        FunctionCall("f", {"a": 1}, local_id()),
        {"functionCall": {"name": "f", "args": {"a": 1}}},
    ),
    Case(
        "result",
        FunctionResponse("f", {"a_b": None}, "1"),
        {"functionResponse": {"name": "f", "id": "1", "response": {"a_b": None}}},
    ),
    Case("empty result", FunctionResponse("f", {}), {"functionResponse": {"name": "f", "response": {}}}),
    Case(
        "result under a local id",
        FunctionResponse("f", {"a": 1}, local_id("x")),
        {"functionResponse": {"name": "f", "response": {"a": 1}}},
    ),
    Case(
        "result with an image",
        FunctionResponse("f", {"a": 1}, parts=(Blob("image/png", "YQ=="),)),
        {
            "functionResponse": {
                "name": "f",
                "response": {"a": 1},
                "parts": [{"inlineData": {"mimeType": "image/png", "data": "YQ=="}}],
            }
        },
    ),
    Case(
        "result that will continue",
        FunctionResponse("f", {"a": 1}, extra={"functionResponse": {"willContinue": True}}),
        {"functionResponse": {"name": "f", "response": {"a": 1}, "willContinue": True}},
    ),
    Case("image", Blob("image/png", "YQ=="), {"inlineData": {"mimeType": "image/png", "data": "YQ=="}}),
    Case(
        "image in the other alphabet",
        Blob("image/png", "-_8="),
        {"inlineData": {"mimeType": "image/png", "data": "+/8="}},
    ),
    Case(
        "draft image",
        Blob("image/png", "YQ==", thought=True, signature=SIGNATURE),
        {"inlineData": {"mimeType": "image/png", "data": "YQ=="}, "thought": True, "thoughtSignature": SIGNATURE},
    ),
    Case(
        "video with its metadata",
        Blob("video/mp4", "YQ==", extra={"videoMetadata": {"fps": 2.0}}),
        {"inlineData": {"mimeType": "video/mp4", "data": "YQ=="}, "videoMetadata": {"fps": 2.0}},
    ),
    Case(
        "file", FileRef("https://a/b", "video/mp4"), {"fileData": {"mimeType": "video/mp4", "fileUri": "https://a/b"}}
    ),
    Case("file without a type", FileRef("https://a/b"), {"fileData": {"fileUri": "https://a/b"}}),
    Case(
        "code",
        ExecutableCode("1", id="x", signature=SIGNATURE),
        {"executableCode": {"language": "PYTHON", "code": "1", "id": "x"}, "thoughtSignature": SIGNATURE},
    ),
    Case(
        "result of code",
        CodeResult("OUTCOME_OK", "2", "x"),
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2", "id": "x"}},
    ),
    Case("code that printed nothing", CodeResult("OUTCOME_OK"), {"codeExecutionResult": {"outcome": "OUTCOME_OK"}}),
    Case(
        "opaque",
        Opaque({"toolCall": {"toolType": "URL_CONTEXT", "id": "1"}}),
        {"toolCall": {"toolType": "URL_CONTEXT", "id": "1"}},
    ),
)


@pytest.mark.parametrize("case", PARTS, ids=lambda case: case.id)
def test_a_part_is_sent_as(case: Case) -> None:
    assert case.wire == part_json(case.part)


@pytest.mark.parametrize("case", PARTS, ids=lambda case: case.id)
def test_a_part_that_was_sent_and_comes_back_is_the_same(case: Case) -> None:
    """Local ids are never sent, the alphabet of base64 is the standard one; all else survives."""
    (back,) = read_parts([case.wire])

    assert case.wire == part_json(back)  # type: ignore[arg-type]  # whole parts only, no fragments


@pytest.mark.shared
@pytest.mark.parametrize("case", PARTS, ids=lambda case: case.id)
def test_google_takes_each_part(case: Case, shared: Path) -> None:
    assert complaints(case.wire, shared / "specs" / "generativelanguage-discovery.json", "Part") == []


@pytest.mark.shared
@pytest.mark.parametrize(
    "part",
    [
        Blob("image/png", "YQ==", "a.png"),
        FileRef("https://a/b", "a/b", "a.mp4"),
        FunctionResponse("f", {"a": 1}, parts=(FileRef("https://a/b", "a/b"),)),
        FunctionResponse("f", {"a": 1}, parts=(Blob("image/png", "YQ==", "a.png"),)),
    ],
    ids=["named blob", "named file", "file in a result", "named blob in a result"],
)
def test_google_takes_what_its_description_does_not_list_of_media(part: Part, shared: Path) -> None:
    """`displayName` is Vertex's; the Gemini API answers unknown names with 400, and results hold inline data only."""
    turns: tuple[Turn, ...]
    if isinstance(part, FunctionResponse):
        turns = (*HELLO, Turn("model", (FunctionCall("f", {}),)), Turn("user", (part,)))
    else:
        turns = (Turn("user", (part,)),)
    sent = build_body(Prompt(FLASH, turns), GOOGLE)

    assert complaints(sent, shared / "specs" / "generativelanguage-discovery.json") == []


@pytest.mark.parametrize("part", [Blob("image/png", ""), FileRef(""), FunctionCall("", {}), Opaque({})], ids=repr)
def test_a_part_that_says_nothing_is_dropped_or_refused(part: Part) -> None:
    """Google answers a part without its data with 400."""
    try:
        sent = build_body(Prompt(FLASH, (Turn("user", (Text("a"), part)),)), GOOGLE)
    except RequestError:
        return

    assert sent["contents"][0]["parts"] == [{"text": "a"}]


# -- what the caller adds -----------------------------------------------------------------------------------------


@pytest.mark.undescribed("shows that an unknown field of the caller's is sent")
def test_extra_body_replaces_lists_and_leaves_the_settings_alone() -> None:
    extra = {"contents": [{"role": "user", "parts": [{"text": "other"}]}], "a": {"b": {"c": 1}}}
    kept = json.dumps(extra)
    sent = build_body(Prompt(FLASH, HELLO, settings=Settings(extra_body=extra)), GOOGLE)

    assert json.loads(kept) == sent
    assert kept == json.dumps(extra)


@pytest.mark.undescribed("an empty list and a null of the caller's")
def test_extra_body_wins_inside_every_part_of_the_body() -> None:
    """Objects are joined, lists and everything else replaced; what it does not name stays."""
    extra = {
        "tools": [{"googleSearch": {}}],
        "toolConfig": {"functionCallingConfig": {"mode": "NONE"}, "retrievalConfig": {"languageCode": "ja"}},
        "safetySettings": [],
        "systemInstruction": {"role": "system"},
        "generationConfig": {"thinkingConfig": {"includeThoughts": True}, "stopSequences": None},
    }
    kept = json.dumps(extra)
    settings = Settings(
        thinking_budget=8, stop=["a"], temperature=0.5, safety_settings={"harassment": "off"}, extra_body=extra
    )
    sent = body(tools=(Tool("f"),), tool_choice=ToolChoice("any", ("f",)), system=(Text("Hi"),), settings=settings)
    contents = sent.pop("contents")

    assert contents == [{"role": "user", "parts": [{"text": "Hello"}]}]
    assert sent == {
        "tools": [{"googleSearch": {}}],
        "toolConfig": {
            "functionCallingConfig": {"mode": "NONE", "allowedFunctionNames": ["f"]},
            "retrievalConfig": {"languageCode": "ja"},
        },
        "safetySettings": [],
        "systemInstruction": {"parts": [{"text": "Hi"}], "role": "system"},
        "generationConfig": {
            "temperature": 0.5,
            "stopSequences": None,
            "thinkingConfig": {"thinkingBudget": 8, "includeThoughts": True},
        },
    }
    assert kept == json.dumps(extra)


def test_building_twice_gives_the_same_and_changes_no_prompt() -> None:
    settings = Settings(extra_body={"generationConfig": {"topK": 1}}, temperature=1.0, labels={"a": "b"})
    asked = Prompt(
        FLASH,
        HELLO,
        tools=(Tool("f", "d", {"type": "object", "properties": {"a": {"type": "string"}}}),),
        settings=settings,
    )
    shown = repr(asked)
    requests = [build_request(asked, endpoint, KEY) for endpoint in (GOOGLE, SHENGSUANYUN, GOOGLE)]

    assert requests[0] == requests[2]
    assert shown == repr(asked)


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@dataclass(frozen=True)
class Tools:
    id: str
    fields: dict[str, Any]
    sent: dict[str, Any]
    endpoint: Endpoint = GOOGLE


TOOLS = (
    Tools(
        "a function where JSON Schema is taken",
        {"tools": (Tool("f", "Does.", SCHEMA),)},
        {"tools": [{"functionDeclarations": [{"name": "f", "description": "Does.", "parametersJsonSchema": SCHEMA}]}]},
    ),
    Tools(
        "a function where it is not",
        {"tools": (Tool("f", "Does.", SCHEMA),)},
        {
            "tools": [
                {
                    "functionDeclarations": [
                        {
                            "name": "f",
                            "description": "Does.",
                            "parameters": {
                                "type": "OBJECT",
                                "properties": {"city": {"type": "STRING"}},
                                "required": ["city"],
                            },
                        }
                    ]
                }
            ]
        },
        SHENGSUANYUN,
    ),
    Tools(
        "a function without parameters", {"tools": (Tool("f"),)}, {"tools": [{"functionDeclarations": [{"name": "f"}]}]}
    ),
    Tools(
        "a function with an object without properties",
        {"tools": (Tool("f", schema={"type": "object", "properties": {}}),)},
        {"tools": [{"functionDeclarations": [{"name": "f"}]}]},
    ),
    Tools(
        "functions and tools of the endpoint",
        {"tools": (BuiltInTool("googleSearch"), Tool("f"), BuiltInTool("codeExecution"), Tool("g"))},
        {
            "tools": [
                {"functionDeclarations": [{"name": "f"}, {"name": "g"}]},
                {"googleSearch": {}},
                {"codeExecution": {}},
            ]
        },
    ),
    Tools(
        "a tool with its settings",
        {"tools": (BuiltInTool("googleMaps", {"enableWidget": True}),)},
        {"tools": [{"googleMaps": {"enableWidget": True}}]},
    ),
    *(
        Tools(
            mode, {"tool_choice": ToolChoice(mode)}, {"toolConfig": {"functionCallingConfig": {"mode": mode.upper()}}}
        )
        for mode in ("auto", "any", "none", "validated")
    ),
    Tools(
        "only one function",
        {"tools": (Tool("f"),), "tool_choice": ToolChoice("any", ("f",))},
        {
            "tools": [{"functionDeclarations": [{"name": "f"}]}],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
        },
    ),
    Tools("a system text", {"system": (Text("Be brief."),)}, {"systemInstruction": {"parts": [{"text": "Be brief."}]}}),
    Tools("an empty system text", {"system": (Text(""),)}, {}),
)


@pytest.mark.parametrize("case", TOOLS, ids=lambda case: case.id)
def test_tools_and_system_are_sent_as(case: Tools) -> None:
    assert {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}], **case.sent} == body(
        endpoint=case.endpoint, **case.fields
    )


@pytest.mark.parametrize(
    ("tools", "words"),
    [
        ((Tool("天气"),), "'天气' cannot be the name of a tool"),
        ((Tool(""),), "'' cannot be the name"),
        ((Tool("a b"),), "'a b' cannot be the name"),
        ((Tool("x" * 129),), "at most 128"),
        ((Tool("f"), BuiltInTool("googleSearch"), Tool("f")), "Two tools have the name 'f'"),
    ],
)
def test_names_of_tools_that_google_refuses_are_refused_here(tools: tuple[Tool, ...], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        body(tools=tools)


def test_changing_a_body_or_a_schema_changes_no_later_body() -> None:
    """Schemas are translated once; what is kept is nobody's to change."""
    schema = json.loads(json.dumps(SCHEMA))
    first = body(tools=(Tool("f", schema=schema),))
    first["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"]["properties"].clear()
    again = body(tools=(Tool("f", schema=schema),))
    schema["properties"]["city"]["type"] = "integer"
    changed = body(tools=(Tool("f", schema=schema),))

    assert again["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"] == SCHEMA
    assert changed["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"] == schema


@pytest.mark.parametrize("endpoint", [GOOGLE, SHENGSUANYUN], ids=lambda endpoint: endpoint.name)
@pytest.mark.parametrize("key", ["anyOf", "oneOf", "allOf"])
def test_parameters_that_are_a_choice_of_objects_are_never_silently_lost(key: str, endpoint: Endpoint) -> None:
    schema = {"type": "object", key: [SCHEMA]}
    try:
        sent = body(endpoint=endpoint, tools=(Tool("f", schema=schema),))
    except RequestError:
        return

    (declaration,) = sent["tools"][0]["functionDeclarations"]
    assert "city" in json.dumps(declaration)


# -- the whole request --------------------------------------------------------------------------------------------


def test_the_whole_request_is() -> None:
    request = build_request(prompt(settings=Settings(temperature=1.0)), GOOGLE, KEY)

    assert request.method == "POST"
    assert (
        request.url == f"https://generativelanguage.googleapis.com/v1beta/models/{FLASH}:streamGenerateContent?alt=sse"
    )
    assert request.headers.pop("user-agent").startswith("gstream/")
    assert request.headers == {
        "content-type": "application/json",
        "accept": "text/event-stream, application/json",
        "x-goog-api-key": KEY,
    }
    assert (
        request.body
        == b'{"contents":[{"role":"user","parts":[{"text":"Hello"}]}],"generationConfig":{"temperature":1.0}}'
    )


@pytest.mark.parametrize("endpoint", [*ENDPOINTS.values()], ids=lambda endpoint: endpoint.name)
@pytest.mark.parametrize("auth", ["header", "bearer", "query", None])
def test_exactly_one_credential_is_sent(endpoint: Endpoint, auth: Any) -> None:
    request = build_request(
        prompt(), replace(endpoint, base_url=endpoint.base_url or "https://host/v1beta"), KEY, auth=auth
    )
    places = {
        "header": request.headers.get("x-goog-api-key") == KEY,
        "bearer": request.headers.get("authorization") == f"Bearer {KEY}",
        "query": ("key", KEY) in parse_qsl(urlsplit(request.url).query),
    }

    assert [auth or endpoint.auth] == [place for place, used in places.items() if used]
    everything = f"{request.url} {request.headers} {request.body!r}"
    assert everything.count("Secret") == 1


@pytest.mark.parametrize("auth", ["header", "bearer", "query"])
def test_no_key_is_in_what_can_be_shown_of_a_request(auth: Any) -> None:
    request = build_request(
        prompt(settings=Settings(extra_headers={"x-proxy": "hidden-token"})), GOOGLE, KEY, auth=auth
    )

    for shown in (repr(request), str(request), request.shown_url):
        assert "Secret" not in shown
        assert "hidden-token" not in shown
    assert FLASH in request.shown_url


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (FLASH, FLASH),
        (f"models/{FLASH}", FLASH),
        (f" {FLASH} ", FLASH),
        ("google/gemini-2.5-pro", "google%2Fgemini-2.5-pro"),
        ("[tag]name", "%5Btag%5Dname"),
        ("a b?c#d", "a%20b%3Fc%23d"),
        ("模型", "%E6%A8%A1%E5%9E%8B"),
        ("假流式/gemini-2.5-pro-search", "%E5%81%87%E6%B5%81%E5%BC%8F%2Fgemini-2.5-pro-search"),
        ("publishers/google/models/gemini-2.5-pro", "publishers%2Fgoogle%2Fmodels%2Fgemini-2.5-pro"),
        ("gemini-2.5-pro:free", "gemini-2.5-pro%3Afree"),
        ("a%2Fb+c&d=e", "a%252Fb%2Bc%26d%3De"),
        ("gemini-2.5-pro-thinking-8192", "gemini-2.5-pro-thinking-8192"),
        ("../../x", "..%2F..%2Fx"),
    ],
)
def test_a_model_name_is_passed_through_percent_encoded(model: str, path: str) -> None:
    url = build_request(prompt(model=model), GOOGLE, KEY).url

    assert f"https://generativelanguage.googleapis.com/v1beta/models/{path}:streamGenerateContent?alt=sse" == url


@pytest.mark.parametrize("model", ["", "  ", "models/"])
def test_a_missing_model_name_is_a_configuration_error(model: str) -> None:
    with pytest.raises(ConfigurationError, match="No model given"):
        build_request(prompt(model=model), GOOGLE, KEY)


@pytest.mark.parametrize("model", ["gemini-2.5\u200b-pro", "gemini\n2.5", "\x00"])
def test_a_model_name_with_something_unseen_in_it_is_a_configuration_error(model: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be seen"):
        build_request(prompt(model=model), GOOGLE, KEY)


def test_half_a_character_in_a_model_name_is_our_error() -> None:
    with pytest.raises((ConfigurationError, RequestError)):
        build_request(prompt(model="gemini-\ud83d"), GOOGLE, KEY)


def test_headers_of_the_caller_win() -> None:
    settings = Settings(extra_headers={"User-Agent": "mine", "X-Team": "a"})
    headers = build_request(prompt(settings=settings), GOOGLE, KEY).headers

    assert (headers["user-agent"], headers["x-team"]) == ("mine", "a")
    assert all(name == name.lower() for name in headers)


def deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def circular() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["a"] = value
    return value


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"a": math.nan}, "JSON"),
        ({"a": math.inf}, "JSON"),
        ({"a": {1, 2}}, "JSON"),
        ({"a": b"x"}, "JSON"),
        ({"a": "\ud83d"}, "half a character"),
        (circular(), "JSON"),
        pytest.param(deep(100_000), "nested"),
    ],
    ids=["nan", "inf", "set", "bytes", "surrogate", "circular", "deep"],
)
def test_what_json_cannot_express_is_a_request_error(args: dict[str, Any], words: str) -> None:
    turns = (*HELLO, Turn("model", (FunctionCall("f", args),)), Turn("user", (FunctionResponse("f", {}),)))
    with pytest.raises(RequestError, match=words):
        build_request(Prompt(FLASH, turns), GOOGLE, KEY)


# -- what an endpoint documents -----------------------------------------------------------------------------------

NARROW = Endpoint(
    "narrow",
    base_url="https://host/v1beta",
    documented="contents{role parts{text}} generationConfig{temperature imageConfig{*}} safetySettings{category}",
    document="its page",
)
WISHES = Settings(
    temperature=0.5,
    top_k=3,
    seed=1,
    image_config={"aspectRatio": "1:1"},
    safety_settings={"harassment": "OFF"},
    cached_content="cachedContents/x",
)


def test_undocumented_fields_are_sent_by_default() -> None:
    assert build_body(Prompt(FLASH, HELLO, settings=WISHES), NARROW) == build_body(
        Prompt(FLASH, HELLO, settings=WISHES), GOOGLE
    )


def test_undocumented_fields_are_dropped_on_request() -> None:
    wishes = WISHES.override({"undocumented": "drop"})

    assert build_body(Prompt(FLASH, HELLO, settings=wishes), NARROW) == {
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
        "generationConfig": {"temperature": 0.5, "imageConfig": {"aspectRatio": "1:1"}},
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT"}],
    }


@pytest.mark.undescribed("a part that no API has")
def test_a_part_of_an_unexpected_shape_is_left_as_it_is() -> None:
    """What is no object where the documentation has one cannot be looked through, and is content all the same."""
    odd = Opaque({"inlineData": "aGk="})
    sent = body(odd, endpoint=ENDPOINTS["maisi"], settings=Settings(undocumented="drop"))

    assert sent["contents"][0]["parts"] == [{"inlineData": "aGk="}]


@pytest.mark.parametrize("endpoint", [GOOGLE, SHENGSUANYUN], ids=lambda endpoint: endpoint.name)
def test_a_schema_that_is_no_json_is_read_all_the_same(endpoint: Endpoint) -> None:
    """A default of the caller's own class is left out; it is no reason to refuse the tool."""
    schema = {"type": "object", "properties": {"at": {"type": "string", "default": object()}}}
    plain = {"type": "object", "properties": {"at": {"type": "string"}}}

    tools = body(endpoint=endpoint, tools=(Tool("look", schema=schema),))["tools"]
    assert "object at" not in json.dumps(tools)
    assert (
        tools[0]["functionDeclarations"][0].keys()
        == body(endpoint=endpoint, tools=(Tool("look", schema=plain),))["tools"][0]["functionDeclarations"][0].keys()
    )


def test_undocumented_fields_are_refused_on_request_by_name() -> None:
    wishes = WISHES.override({"undocumented": "error"})
    with pytest.raises(RequestError) as caught:
        build_body(Prompt(FLASH, HELLO, settings=wishes), NARROW)

    for name in (
        "'narrow'",
        "its page",
        "cachedContent",
        "generationConfig.seed",
        "generationConfig.topK",
        "safetySettings.threshold",
    ):
        assert name in str(caught.value)
    assert "temperature" not in str(caught.value)


def test_a_documented_request_is_no_error() -> None:
    wishes = Settings(temperature=0.5, undocumented="error")

    assert build_body(Prompt(FLASH, HELLO, settings=wishes), NARROW)["generationConfig"] == {"temperature": 0.5}


@pytest.mark.undescribed("the caller's own field")
def test_an_extra_body_is_sent_although_nobody_documents_it() -> None:
    wishes = Settings(undocumented="error", extra_body={"vendorField": 1})

    assert build_body(Prompt(FLASH, HELLO, settings=wishes), NARROW)["vendorField"] == 1


@pytest.mark.parametrize("name", ["shengsuanyun", "apigo", "juheai", "maisi", "shuyou"])
def test_dropping_undocumented_fields_never_loses_what_is_asked(name: str) -> None:
    """A dropped setting is a wish not granted; a dropped image, argument or schema is another question."""
    turns = (
        Turn("user", (Text("What is this?"), Blob("image/png", "YQ=="))),
        Turn("model", (FunctionCall("look", {"where": "left"}),)),
        Turn("user", (FunctionResponse("look", {"seen": "cat"}),)),
    )
    asked = Prompt(FLASH, turns, tools=(Tool("look", schema=SCHEMA),), settings=Settings(undocumented="drop"))
    try:
        sent = json.dumps(build_body(asked, ENDPOINTS[name]))
    except RequestError:
        return

    assert [word for word in ("What is this?", "YQ==", "left", "cat", "city") if word not in sent] == []


# -- both sides of every fact of an endpoint ------------------------------------------------------------------------

CALLED = (
    *HELLO,
    Turn("model", (FunctionCall("f", {"a": 1}, "1"),)),
    Turn("user", (FunctionResponse("f", {"r": 1}, "1", (Blob("image/png", "YQ=="),)),)),
)


@pytest.mark.parametrize(
    "media",
    [
        FileRef("https://a/b", "video/mp4"),
        Blob("image/png", "YQ==", thought=True),
        Blob("image/png", "YQ==", signature=SIGNATURE),
        Blob("video/mp4", "YQ==", extra={"videoMetadata": {"fps": 2.0}}),
    ],
    ids=["file", "draft", "signed", "with metadata"],
)
def test_media_that_cannot_stand_inside_a_result_stand_beside_it_whole(media: Blob | FileRef) -> None:
    """Discovery's `FunctionResponsePart` holds inline data and nothing else."""
    plain = Blob("image/png", "YQ==")
    turns = (
        *HELLO,
        Turn("model", (FunctionCall("f", {}),)),
        Turn("user", (FunctionResponse("f", {}, None, (media, plain)),)),
    )
    result, beside = build_body(Prompt(FLASH, turns), GOOGLE)["contents"][2]["parts"]

    assert result["functionResponse"]["parts"] == [{"inlineData": {"mimeType": "image/png", "data": "YQ=="}}]
    assert beside == part_json(media)


@pytest.mark.parametrize("sent", [True, False])
def test_ids_of_calls_are_sent_or_not(sent: bool) -> None:  # noqa: FBT001 - a parameter of the test
    contents = build_body(Prompt(FLASH, CALLED), replace(GOOGLE, call_ids=sent))["contents"]

    assert sent == ("id" in contents[1]["parts"][0]["functionCall"])
    assert sent == ("id" in contents[2]["parts"][0]["functionResponse"])


def test_media_of_a_result_go_inside_it_or_beside_it() -> None:
    inside = build_body(Prompt(FLASH, CALLED), replace(GOOGLE, response_parts=True))["contents"][2]["parts"]
    beside = build_body(Prompt(FLASH, CALLED), replace(GOOGLE, response_parts=False))["contents"][2]["parts"]
    media = {"inlineData": {"mimeType": "image/png", "data": "YQ=="}}

    assert [{"functionResponse": {"name": "f", "id": "1", "response": {"r": 1}, "parts": [media]}}] == inside
    assert [{"functionResponse": {"name": "f", "id": "1", "response": {"r": 1}}}, media] == beside


@pytest.mark.parametrize(
    "sent", [pytest.param(True, marks=pytest.mark.undescribed("displayName is known to Vertex AI alone")), False]
)
def test_names_of_media_are_sent_or_not(sent: bool) -> None:  # noqa: FBT001 - a parameter of the test
    turns = (Turn("user", (Blob("image/png", "YQ==", "a.png"), FileRef("https://a/b", "a/b", "b"))),)
    parts = build_body(Prompt(FLASH, turns), replace(GOOGLE, media_names=sent))["contents"][0]["parts"]

    assert sent == ("displayName" in parts[0]["inlineData"])
    assert sent == ("displayName" in parts[1]["fileData"])


def test_the_query_of_an_endpoint_is_sent() -> None:
    endpoint = replace(GOOGLE, query=(("alt", "sse"), ("region", "東京")))
    url = build_request(prompt(), endpoint, KEY, auth="query").url

    assert parse_qsl(urlsplit(url).query) == [("alt", "sse"), ("region", "東京"), ("key", KEY)]


def test_every_field_of_an_endpoint_has_a_test_of_both_sides() -> None:
    """Names, titles, sources and the like are looked up, not acted upon; the rest is tested here and beside it."""
    here = {"auth", "query", "call_ids", "response_parts", "media_names", "json_schema", "documented"}
    resolved = {"name", "base_url", "path", "key_variables"}
    shown = {"title", "auths", "document", "sources"}
    fetching = {"reads_urls"}  # tested with what fetches

    assert here | resolved | shown | fetching == {field.name for field in dataclasses.fields(Endpoint)}


# -- all that can be built is what Google describes -----------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_google_takes_a_request_with_everything_in_it(name: str, shared: Path) -> None:
    settings: dict[str, Any] = {}
    for case in SETTINGS:
        if case.endpoint is GOOGLE and case.sent and "extra_body" not in case.settings:
            settings.update(case.settings)
    turns = (
        Turn(
            "user",
            tuple(
                case.part
                for case in PARTS
                if isinstance(case.part, Text | Blob | FileRef) and not getattr(case.part, "thought", False)
            ),
        ),
        Turn(
            "model",
            tuple(case.part for case in PARTS if isinstance(case.part, Thought | ExecutableCode | CodeResult | Opaque)),
        ),
        *CALLED[1:],
        Turn("user", (Text("And now?"),)),
    )
    asked = Prompt(
        "gemini-3-pro-preview",
        turns,
        system=(Text("Be brief."),),
        tools=(Tool("f", "Does.", SCHEMA), BuiltInTool("googleSearch")),
        tool_choice=ToolChoice("any", ("f",)),
        settings=Settings(**settings),
    )
    sent = json.loads(build_request(asked, replace(ENDPOINTS[name], base_url="https://host/v1beta"), KEY).body)

    assert complaints(sent, shared / "specs" / "generativelanguage-discovery.json") == []


@pytest.mark.shared
def test_the_judge_finds_unknown_names_wrong_types_and_wrong_words(shared: Path) -> None:
    path = shared / "specs" / "generativelanguage-discovery.json"
    wrong = {
        "contents": [{"role": 7, "parts": [{"txt": "a"}]}],
        "generationConfig": {"topK": 1.5, "mediaResolution": "SHARP"},
        "safetySettings": {},
        "top": None,
    }

    assert [line.split(" [")[0] for line in complaints(wrong, path)] == [
        "GenerateContentRequest.contents[].role: not a string but 7",
        "GenerateContentRequest.contents[].parts[]: unknown name 'txt'",
        "GenerateContentRequest.generationConfig.topK: not a integer but 1.5",
        "GenerateContentRequest.generationConfig.mediaResolution: 'SHARP' is none of",
        "GenerateContentRequest.safetySettings: not a list but {}",
        "GenerateContentRequest: unknown name 'top'",
    ]

"""One element of `parts[]` in, part values out."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import pytest

from gstream import (
    Blob,
    CodeResult,
    ExecutableCode,
    FileRef,
    FunctionCall,
    FunctionResponse,
    Opaque,
    Part,
    Text,
    Thought,
)
from gstream.parts import CallFragment, merge_parts, part_json, read_part, read_parts, value_of

SIGNATURE = "CiQBVKhc7vB+/a==not base64 at all=="


@dataclass(frozen=True)
class Case:
    id: str
    wire: Any
    parts: tuple[Part | CallFragment, ...]


CASES = (
    Case("no parts", None, ()),
    Case("no list but a number", 7, ()),
    Case("an empty list", [], ()),
    Case("an object in place of the list", {"text": "a"}, (Text("a"),)),
    Case("a text in place of the list", "a", (Text("a"),)),
    Case("a text in place of an element", ["a", "", None], (Text("a"),)),
    Case("a number in place of an element", [7], (Opaque({"value": 7}),)),
    Case("an empty object", [{}], ()),
    Case("empty text", [{"text": ""}], ()),
    Case("null text", [{"text": None}], ()),
    Case("text", [{"text": " \n"}], (Text(" \n"),)),
    Case("text that is a number", [{"text": 7}], (Opaque({"text": 7}),)),
    Case("a thought", [{"text": "a", "thought": True}], (Thought("a"),)),
    Case("no thought", [{"text": "a", "thought": False}], (Text("a"),)),
    Case(
        "a thought that is a file",
        [{"fileData": {"fileUri": "u"}, "thought": True}],
        (FileRef("u", extra={"thought": True}),),
    ),
    Case(
        "a thought that is code",
        [{"executableCode": {"code": "x"}, "thought": True}],
        (ExecutableCode("x", extra={"thought": True}),),
    ),
    Case("arguments as text", [{"functionCall": {"name": "f", "args": '{"a": 1}'}}], (FunctionCall("f", {"a": 1}),)),
    Case("null as text for arguments", [{"functionCall": {"name": "f", "args": "null"}}], (FunctionCall("f", {}),)),
    Case(
        "a list as text for arguments",
        [{"functionCall": {"name": "f", "args": "[1]"}}],
        (FunctionCall("f", {}, malformed="[1]"),),
    ),
    Case(
        "a list for arguments",
        [{"functionCall": {"name": "f", "args": [1]}}],
        (FunctionCall("f", {}, malformed="[1]"),),
    ),
    Case("a thought in words", [{"text": "a", "thought": "true"}], (Thought("a"),)),
    Case("an empty thought", [{"text": "", "thought": True}], ()),
    Case("signed text", [{"text": "a", "thoughtSignature": SIGNATURE}], (Text("a", SIGNATURE),)),
    Case("signed in snake case", [{"text": "a", "thought_signature": SIGNATURE}], (Text("a", SIGNATURE),)),
    Case("a signature on an empty text", [{"text": "", "thoughtSignature": SIGNATURE}], (Text("", SIGNATURE),)),
    Case("a signature alone", [{"thoughtSignature": SIGNATURE}], (Text("", SIGNATURE),)),
    Case("an empty signature", [{"text": "a", "thoughtSignature": ""}], (Text("a"),)),
    Case("a signed thought", [{"text": "", "thought": True, "thoughtSignature": "s"}], (Thought("", "s"),)),
    Case(
        "metadata beside text",
        [{"text": "a", "partMetadata": {"k": 1}}],
        (Text("a", None, {"partMetadata": {"k": 1}}),),
    ),
    Case(
        "a call",
        [
            {
                "functionCall": {"name": "f", "args": {"some_key": {"inner_key": None}}, "id": "1"},
                "thoughtSignature": "s",
            }
        ],
        (FunctionCall("f", {"some_key": {"inner_key": None}}, "1", "s"),),
    ),
    Case("a call in snake case", [{"function_call": {"name": "f", "args": {}}}], (FunctionCall("f", {}),)),
    Case("a call without arguments", [{"functionCall": {"name": "f"}}], (FunctionCall("f", {}),)),
    Case("a call with null arguments", [{"functionCall": {"name": "f", "args": None}}], (FunctionCall("f", {}),)),
    Case("a call with empty text arguments", [{"functionCall": {"name": "f", "args": ""}}], (FunctionCall("f", {}),)),
    Case("arguments as text", [{"functionCall": {"name": "f", "args": '{"a": 1}'}}], (FunctionCall("f", {"a": 1}),)),
    Case(
        "arguments as a list",
        [{"functionCall": {"name": "f", "args": [1, "ä"]}}],
        (FunctionCall("f", {}, malformed='[1, "ä"]'),),
    ),
    Case(
        "arguments as broken text",
        [{"functionCall": {"name": "f", "args": '{"a": '}}],
        (FunctionCall("f", {}, malformed='{"a": '),),
    ),
    Case("an id that is a number", [{"functionCall": {"name": "f", "id": 7}}], (FunctionCall("f", {}, "7"),)),
    Case(
        "several calls, the first signed",
        [
            {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "s"},
            {"functionCall": {"name": "g", "args": {}}},
        ],
        (FunctionCall("f", {}, None, "s"), FunctionCall("g", {})),
    ),
    Case(
        "a call, a signature and an empty text in one part",
        [{"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "s", "text": ""}],
        (FunctionCall("f", {}, None, "s"),),
    ),
    Case(
        "text and a call in one part",
        [{"text": "a", "functionCall": {"name": "f", "args": {}}, "thoughtSignature": "s"}],
        (Text("a"), FunctionCall("f", {}, None, "s")),
    ),
    Case("a nameless call", [{"functionCall": {"args": {"a": 1}}}], (CallFragment({"args": {"a": 1}}),)),
    Case("a call that is no object", [{"functionCall": "f"}], (Opaque({"functionCall": "f"}),)),
    Case(
        "an image",
        [{"inlineData": {"mimeType": "image/png", "data": "aa=="}, "thoughtSignature": "s"}],
        (Blob("image/png", "aa==", signature="s"),),
    ),
    Case(
        "an image in snake case",
        [{"inline_data": {"mime_type": "image/png", "data": "aa=="}}],
        (Blob("image/png", "aa=="),),
    ),
    Case("media without a type", [{"inlineData": {"data": "aa=="}}], (Blob("application/octet-stream", "aa=="),)),
    Case("media without data", [{"inlineData": {"mimeType": "a/b"}}], (Opaque({"inlineData": {"mimeType": "a/b"}}),)),
    Case(
        "a draft image",
        [{"inlineData": {"mimeType": "image/png", "data": "aa=="}, "thought": True}],
        (Blob("image/png", "aa==", thought=True),),
    ),
    Case(
        "a file",
        [{"fileData": {"mimeType": "a/b", "fileUri": "u"}}, {"file_data": {"file_uri": "v"}}],
        (FileRef("u", "a/b"), FileRef("v")),
    ),
    Case(
        "code and its result",
        [
            {"executableCode": {"language": "PYTHON", "code": "1", "id": "x"}, "thoughtSignature": "s"},
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2", "id": "x"}},
            {"executable_code": {"code": "3"}},
            {"code_execution_result": {}},
        ],
        (
            ExecutableCode("1", "PYTHON", "x", "s"),
            CodeResult("OUTCOME_OK", "2", "x"),
            ExecutableCode("3"),
            CodeResult("OUTCOME_UNSPECIFIED"),
        ),
    ),
    Case(
        "a function's result",
        [{"functionResponse": {"name": "f", "id": "1", "response": {"a_b": 1}, "willContinue": True}}],
        (FunctionResponse("f", {"a_b": 1}, "1", extra={"functionResponse": {"willContinue": True}}),),
    ),
    Case(
        "a server's tool call",
        [{"toolCall": {"toolType": "GOOGLE_SEARCH_WEB", "id": "1"}, "thoughtSignature": "s"}],
        (Opaque({"toolCall": {"toolType": "GOOGLE_SEARCH_WEB", "id": "1"}, "thoughtSignature": "s"}),),
    ),
    Case("a kind nobody knows", [{"hologram": {"some_key": 1}}], (Opaque({"hologram": {"some_key": 1}}),)),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_wire_part_is_read_as(case: Case) -> None:
    assert list(case.parts) == read_parts(case.wire)


def test_an_opaque_part_knows_its_signature() -> None:
    (part,) = read_parts([{"toolCall": {}, "thought_signature": "s", "x": 1}])

    assert isinstance(part, Opaque)
    assert part.signature == "s"


def test_a_signature_of_more_than_a_million_characters_is_kept_verbatim() -> None:
    signature = "Ab+/-_=" * 200_000

    assert [FunctionCall("f", {}, None, signature)] == read_parts(
        [{"functionCall": {"name": "f"}, "thoughtSignature": signature}]
    )


def test_a_key_is_found_in_both_spellings_and_null_is_nothing() -> None:
    assert [
        value_of(source, "promptTokenCount")
        for source in (
            {"promptTokenCount": 1},
            {"prompt_token_count": 2},
            {"promptTokenCount": None, "prompt_token_count": 3},
            {},
        )
    ] == [1, 2, 3, None]


def pcm(content: bytes, mime_type: str = "audio/L16;rate=24000") -> Blob:
    return Blob.of(content, mime_type)


@dataclass(frozen=True)
class Merge:
    id: str
    parts: tuple[Part, ...]
    merged: tuple[Part, ...]


MERGES = (
    Merge("text", (Text("a"), Text("b"), Text("c")), (Text("abc"),)),
    Merge(
        "thoughts and answers alternate",
        (Thought("a"), Thought("b"), Text("c"), Thought("d"), Text("e")),
        (Thought("ab"), Text("c"), Thought("d"), Text("e")),
    ),
    Merge(
        "a signed text stays alone",
        (Text("a"), Text("b", "s"), Text("c"), Text("d")),
        (Text("a"), Text("b", "s"), Text("cd")),
    ),
    Merge("an empty signed text stays", (Text("a"), Text("", "s")), (Text("a"), Text("", "s"))),
    Merge("extra keys part", (Text("a"), Text("b", None, {"k": 1})), (Text("a"), Text("b", None, {"k": 1}))),
    Merge(
        "calls are never one",
        (FunctionCall("f", {}), FunctionCall("f", {})),
        (FunctionCall("f", {}), FunctionCall("f", {})),
    ),
    Merge("one recording in pieces", (pcm(b"abc"), pcm(b"d"), pcm(b"ef")), (pcm(b"abcdef"),)),
    Merge(
        "recordings of two rates",
        (pcm(b"a"), pcm(b"b", "audio/L16;rate=16000")),
        (pcm(b"a"), pcm(b"b", "audio/L16;rate=16000")),
    ),
    Merge(
        "images are never one",
        (pcm(b"a", "image/png"), pcm(b"b", "image/png")),
        (pcm(b"a", "image/png"), pcm(b"b", "image/png")),
    ),
    Merge(
        "a signed recording stays alone",
        (pcm(b"a"), Blob("audio/L16;rate=24000", "YQ==", signature="s")),
        (pcm(b"a"), Blob("audio/L16;rate=24000", "YQ==", signature="s")),
    ),
)


@pytest.mark.parametrize("case", MERGES, ids=lambda case: case.id)
def test_neighbours_are_joined_where_that_loses_nothing(case: Merge) -> None:
    assert case.merged == merge_parts(case.parts)


def test_recordings_that_are_no_base64_stay_as_they_came() -> None:
    """Joining them would have to guess; nothing is lost where nothing is joined."""
    broken = (Blob("audio/L16", "####"), Blob("audio/L16", "YQ=="))

    assert broken == merge_parts(broken)


@pytest.mark.parametrize("data", ["_-8=", "/+8=", "_-8", "/+\n8="])
def test_a_blob_decodes_both_alphabets_with_or_without_padding(data: str) -> None:
    assert base64.b64decode("/+8=") == Blob("a/b", data).content()


@pytest.mark.parametrize(
    "data",
    ["A", pytest.param("####"), pytest.param("https://example.com/a.png")],
)
def test_a_blob_that_is_no_base64_says_so(data: str) -> None:
    with pytest.raises(ValueError, match="a/b blob is not base64"):
        Blob("a/b", data).content()


def test_the_data_of_a_blob_are_not_in_its_repr() -> None:
    assert "c2VjcmV0" not in repr(Blob.of(b"secret", "a/b"))


def test_what_a_gateway_adds_beside_a_part_is_kept_and_not_sent_back() -> None:
    """Google refuses names it does not know, which would end a tool loop at its second request."""
    (part,) = read_part({"text": "a", "xPart": {"k": 1}, "partMetadata": {"m": 2}, "thoughtSignature": "c2ln"})

    assert part == Text("a", "c2ln", {"xPart": {"k": 1}, "partMetadata": {"m": 2}})
    assert part_json(part) == {"text": "a", "thoughtSignature": "c2ln", "partMetadata": {"m": 2}}

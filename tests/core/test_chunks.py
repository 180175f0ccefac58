"""What a response says, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from gstream import Blob, Chunk, FunctionCall, Text, Thought, Usage, collect
from gstream.chunks import candidate_index, finish_reason_of, merge_usage, read_candidate


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        ("STOP", "STOP"),
        ("stop", "STOP"),
        (" Max_Tokens ", "MAX_TOKENS"),
        ("", None),
        (None, None),
        ("null", None),
        ("FINISH_REASON_UNSPECIFIED", None),
        (0, None),
        (1, "STOP"),
        (2, "MAX_TOKENS"),
        (3, "SAFETY"),
        (99, "FINISH_REASON_99"),
        (True, None),
        ({}, None),
        ([], None),
        (1.5, None),
        ("length", "MAX_TOKENS"),
        ("tool_calls", "STOP"),
        ("content_filter", "SAFETY"),
        ("A_WORD_NOBODY_KNOWS", "A_WORD_NOBODY_KNOWS"),
        ("MALFORMED_FUNCTION_CALL", "MALFORMED_FUNCTION_CALL"),
    ],
)
def test_a_finish_reason_is_read_as(wire: object, reason: str | None) -> None:
    assert reason == finish_reason_of(wire)


@dataclass(frozen=True)
class Counted:
    id: str
    wire: dict[str, Any]
    usage: Usage


USAGES = (
    Counted("nothing", {}, Usage()),
    Counted(
        "all",
        {
            "promptTokenCount": 1,
            "candidatesTokenCount": 2,
            "thoughtsTokenCount": 3,
            "cachedContentTokenCount": 4,
            "toolUsePromptTokenCount": 5,
            "totalTokenCount": 11,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}, {"modality": "IMAGE", "tokenCount": 2}],
            "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 2}],
            "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 4}],
            "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 5}],
        },
        Usage(
            1,
            2,
            3,
            4,
            5,
            11,
            {
                "prompt": {"text": 1, "image": 2},
                "candidates": {"audio": 2},
                "cache": {"text": 4},
                "tool_use": {"text": 5},
            },
        ),
    ),
    Counted("snake case", {"prompt_token_count": 1, "total_token_count": 2}, Usage(prompt=1, stated_total=2)),
    Counted(
        "numbers as text", {"promptTokenCount": "12", "candidatesTokenCount": "3.0"}, Usage(prompt=12, candidates=3)
    ),
    Counted("floats", {"promptTokenCount": 12.0}, Usage(prompt=12)),
    Counted(
        "no numbers",
        {"promptTokenCount": "N/A", "candidatesTokenCount": None, "thoughtsTokenCount": True, "totalTokenCount": {}},
        Usage(),
    ),
    Counted(
        "no finite numbers",
        {"promptTokenCount": "inf", "candidatesTokenCount": "nan", "totalTokenCount": "1e999"},
        Usage(),
    ),
    Counted("negative", {"promptTokenCount": -1}, Usage()),
    Counted("details as an object", {"promptTokensDetails": {}}, Usage()),
    Counted(
        "details of nobody",
        {"promptTokensDetails": [None, 7, {"modality": 1}, {"tokenCount": 1}, {"modality": "TEXT"}]},
        Usage(),
    ),
)


@pytest.mark.parametrize("case", USAGES, ids=lambda case: case.id)
def test_usage_is_read_as(case: Counted) -> None:
    assert case.usage == Usage.read(case.wire)


def test_sums_of_usage_count_thoughts_and_tools_beside_the_rest() -> None:
    usage = Usage(prompt=10, candidates=20, thoughts=30, tool_use=40, stated_total=60)

    assert (usage.input, usage.output, usage.total) == (50, 50, 100)


def test_a_stated_total_above_the_sum_counts() -> None:
    assert Usage(prompt=1, stated_total=60).total == 60


@dataclass(frozen=True)
class Merged:
    id: str
    documents: tuple[dict[str, Any], ...]
    known: dict[str, Any]


@pytest.mark.parametrize(
    "case",
    [
        Merged("the last value counts", ({"a": 1}, {"a": 3}), {"a": 3}),
        Merged("counts can fall", ({"a": 9}, {"a": 4}), {"a": 4}),
        Merged("a count can fall to zero", ({"a": 9}, {"a": 0}), {"a": 0}),
        Merged("a field that is missing later stays", ({"a": 1, "b": 2}, {"a": 3}), {"a": 3, "b": 2}),
        Merged("null undoes nothing", ({"a": 1}, {"a": None}), {"a": 1}),
        Merged("N/A undoes nothing", ({"a": 1}, {"a": "N/A"}), {"a": 1}),
        Merged("empty details undo nothing", ({"d": [1]}, {"d": []}, {"d": {}}), {"d": [1]}),
        Merged("the last details count", ({"d": [1]}, {"d": [2]}), {"d": [2]}),
        Merged("the last object counts", ({"d": {"a": 1}}, {"d": {"b": 2}}), {"d": {"b": 2}}),
        Merged("numbers in text count", ({"a": 1}, {"a": "2"}), {"a": "2"}),
        pytest.param(Merged("a negative count undoes nothing", ({"a": 1}, {"a": -1}), {"a": 1})),
        Merged("words are kept", ({"tier": "standard"},), {"tier": "standard"}),
    ],
    ids=lambda case: case.id,
)
def test_usage_over_documents_is(case: Merged) -> None:
    known: dict[str, Any] = {}
    for document in case.documents:
        merge_usage(known, document)

    assert case.known == known


@pytest.mark.parametrize(
    ("candidate", "position", "index"),
    [({"index": 2}, 0, 2), ({}, 1, 1), ({"index": None}, 1, 1), ({"index": -1}, 1, 1), ({"index": "1"}, 0, 0)],
)
def test_a_candidate_without_an_index_is_known_by_its_position(
    candidate: dict[str, Any], position: int, index: int
) -> None:
    assert index == candidate_index(candidate, position)


@pytest.mark.parametrize(
    "candidate",
    [
        {"content": {"parts": [{"text": "a"}]}},
        {"content": {"role": "assistant", "parts": [{"text": "a"}]}},
        {"content": {"parts": {"text": "a"}}},
        {"content": [{"text": "a"}]},
        {"content": "a"},
        {"parts": [{"text": "a"}]},
        {"content": None, "parts": [{"text": "a"}]},
    ],
)
def test_the_content_of_a_candidate_is_found_where_gateways_put_it(candidate: dict[str, Any]) -> None:
    assert [Text("a")] == read_candidate(candidate)


@pytest.mark.parametrize(
    "candidate", [{}, {"content": None}, {"content": {}}, {"content": {"parts": None}}, {"content": 7}]
)
def test_a_candidate_without_content_has_no_parts(candidate: dict[str, Any]) -> None:
    assert read_candidate(candidate) == []


def test_a_chunk_shows_its_parts_by_kind() -> None:
    call, blob = FunctionCall("f", {}), Blob.of(b"x", "a/b")
    chunk = Chunk((Thought("t"), Text("a"), call, blob, Text("b")))

    assert ("ab", "t", (call,), (blob,)) == (chunk.text, chunk.thoughts, chunk.calls, chunk.blobs)


def test_a_chunk_finds_its_own_candidate_in_the_document() -> None:
    raw = {"candidates": [{"index": 1, "finishMessage": "one"}, {"index": 0, "finish_message": "zero"}]}

    assert tuple(Chunk(index=index, raw=raw).finish_message for index in (1, 0, 2)) == ("one", "zero", "")


@pytest.mark.parametrize("raw", [{}, {"candidates": None}, {"candidates": {}}, {"candidates": [None]}])
def test_a_chunk_without_a_candidate_has_an_empty_one(raw: dict[str, Any]) -> None:
    assert Chunk(raw=raw).candidate == {}


def test_version_and_response_id_are_read_in_both_spellings() -> None:
    chunks = (
        Chunk(raw={"modelVersion": "m", "responseId": "r"}),
        Chunk(raw={"model_version": "m", "response_id": "r"}),
    )

    assert [(chunk.model_version, chunk.response_id) for chunk in chunks] == [("m", "r")] * 2
    assert Chunk(raw={"modelVersion": 7}).model_version is None


def test_collected_chunks_are_one_with_the_facts_of_the_last() -> None:
    usage = Usage(prompt=1)
    merged = collect([Chunk((Text("a"),)), Chunk((Text("b"),)), Chunk((), "STOP", usage, last=True)])

    assert Chunk((Text("ab"),), "STOP", usage, last=True) == merged


def test_collecting_nothing_gives_an_empty_chunk() -> None:
    assert Chunk() == collect([])


def test_nothing_counted_is_zero_in_all() -> None:
    assert (Usage().input, Usage().output, Usage().total) == (0, 0, 0)


def test_counts_of_one_modality_are_added() -> None:
    """Google names a modality once for each kind of tokens; in whose case it does is free."""
    details = [
        {"modality": "TEXT", "tokenCount": 1},
        {"modality": "AUDIO", "tokenCount": 4},
        {"modality": "Text", "tokenCount": 2},
        {"modality": "TEXT", "tokenCount": "N/A"},
        {"modality": "VIDEO"},
    ]

    assert Usage.read({"promptTokensDetails": details}).details == {"prompt": {"text": 3, "audio": 4}}


def test_thoughts_of_several_parts_are_one_text() -> None:
    assert Chunk((Thought("a"), Text("x"), Thought("b"))).thoughts == "ab"


def test_a_chunk_finds_a_candidate_without_an_index_by_its_place() -> None:
    raw = {"candidates": [{"finishMessage": "zero"}, {"finishMessage": "one"}]}

    assert [Chunk(index=index, raw=raw).finish_message for index in (0, 1, 2)] == ["zero", "one", ""]


@pytest.mark.parametrize("value", [7, "", None, ["m"]])
def test_a_version_and_an_id_that_are_no_text_are_none(value: object) -> None:
    chunk = Chunk(raw={"modelVersion": value, "responseId": value})

    assert (chunk.model_version, chunk.response_id) == (None, None)


@pytest.mark.parametrize(
    ("number", "reason"), [(13, "TOO_MANY_TOOL_CALLS"), (14, "FINISH_REASON_14"), (-1, "FINISH_REASON_-1")]
)
def test_a_reason_by_number_is_one_that_google_counts_or_its_number(number: int, reason: str) -> None:
    assert reason == finish_reason_of(number)


@pytest.mark.parametrize("count", [0, 1, 2**53 + 1])
def test_a_count_is_exact_and_nought_is_one(count: int) -> None:
    """A total of 0 was stated; a number that no float holds is still that number."""
    assert Usage.read({"totalTokenCount": count}).stated_total == count
    assert Usage.read({"totalTokenCount": str(count % 2**53)}).stated_total == count % 2**53
    assert Usage.read({"cacheTokensDetails": [{"modality": "TEXT", "tokenCount": count}]}).details == {
        "cache": {"text": count}
    }

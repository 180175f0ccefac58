"""One response: what it says, how it ends, and how it fails in the middle."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, field
from typing import Any

import pytest

from gstream import (
    Blob,
    Chunk,
    ContentBlockedError,
    EmptyAnswerError,
    FunctionCall,
    GStreamError,
    IncompleteAnswerWarning,
    IncompleteStreamError,
    OverloadedError,
    Part,
    ServerError,
    StreamDecoder,
    StreamError,
    Text,
    Thought,
    Usage,
)
from tests.core.feeding import cuttings, event, events, hear, said

SIGNATURE = "CiQB+/a==not base64=="


@dataclass(frozen=True)
class Case:
    """A body that is a whole answer."""

    id: str
    body: bytes
    parts: tuple[Part, ...]
    reason: str | None = "STOP"
    usage: Usage | None = None


CASES = (
    Case("a text", events(said("Hel"), said("lo", finish="STOP")), (Text("Hello"),)),
    Case("a finish reason behind the text", events(said("a"), said(finish="STOP")), (Text("a"),)),
    Case(
        "STOP is not the end",
        events(
            said("a", finish="STOP"), said("b"), said("c", finish="STOP"), {"usageMetadata": {"promptTokenCount": 3}}
        ),
        (Text("abc"),),
        usage=Usage(prompt=3),
    ),
    Case("STOP on every chunk", events(said("a", finish="STOP"), said("b", finish="STOP")), (Text("ab"),)),
    Case("empty STOP chunks lead", events(said(finish="STOP"), said("", finish="STOP"), said("a")), (Text("a"),)),
    Case("empty reasons follow", events(said("a", finish="STOP"), said("b", finish=""), said(finish=0)), (Text("ab"),)),
    Case(
        "a null reason follows",
        events(said("a", finish="MAX_TOKENS"), {"candidates": [{"finishReason": None}]}),
        (Text("a"),),
        "MAX_TOKENS",
    ),
    Case("a reason in lower case", events(said("a", finish="stop")), (Text("a"),)),
    Case("a reason as a number", events(said("a", finish=2)), (Text("a"),), "MAX_TOKENS"),
    Case("a reason of nobody", events(said("a", finish="NEW_ONE")), (Text("a"),), "NEW_ONE"),
    Case(
        "a reason in snake case",
        events({"candidates": [{"content": {"parts": [{"text": "a"}]}, "finish_reason": "STOP"}]}),
        (Text("a"),),
    ),
    Case(
        "STOP behind an abnormal end",
        events(said("a", finish="MAX_TOKENS"), said(finish="STOP")),
        (Text("a"),),
        "MAX_TOKENS",
    ),
    Case(
        "the last reason counts", events(said("a", finish="STOP"), said("b", finish="SAFETY")), (Text("ab"),), "SAFETY"
    ),
    Case("done", events(said("a", finish="STOP")) + b"data: [DONE]\n\n", (Text("a"),)),
    Case(
        "nothing before the answer",
        b": ping\n\ndata: {}\n\ndata: null\n\n" + events(said("a", finish="STOP")),
        (Text("a"),),
    ),
    Case(
        "one object", b'{"candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"}]}', (Text("a"),)
    ),
    Case("candidates as an object", events({"candidates": said("a", finish="STOP")["candidates"][0]}), (Text("a"),)),
    Case(
        "null candidates between",
        events(said("a"), {"candidates": None}, {"candidates": []}, said(finish="STOP")),
        (Text("a"),),
    ),
    Case("an error that is null", events({"error": None, **said("a", finish="STOP")}), (Text("a"),)),
    Case(
        "wrapped in response",
        events({"response": said("a"), "traceId": "t"}, {"response": said("b", finish="STOP")}),
        (Text("ab"),),
    ),
    Case(
        "wrapped in data",
        json.dumps({"code": 200, "message": "ok", "data": said("a", finish="STOP")}).encode(),
        (Text("a"),),
    ),
    Case(
        "thoughts and answers alternate",
        events(
            said({"text": "t", "thought": True}),
            said({"text": "u", "thought": True}, "a"),
            said({"text": "v", "thought": True}),
            said("b", finish="STOP"),
        ),
        (Thought("tu"), Text("a"), Thought("v"), Text("b")),
    ),
    Case(
        "a signature alone at the end",
        events(said("a"), said("b"), said({"text": "", "thoughtSignature": SIGNATURE}, finish="STOP")),
        (Text("ab"), Text("", SIGNATURE)),
    ),
    Case(
        "a signed part is merged with no other",
        events(said("a"), said({"text": "b", "thoughtSignature": SIGNATURE}), said("c", finish="STOP")),
        (Text("a"), Text("b", SIGNATURE), Text("c")),
    ),
    Case(
        "calls in one chunk and in several",
        events(
            said(
                {"functionCall": {"name": "f", "args": {"a": 1}}, "thoughtSignature": SIGNATURE},
                {"functionCall": {"name": "g"}},
            ),
            said({"functionCall": {"name": "f", "args": {"a": 1}}}, finish="STOP"),
        ),
        (FunctionCall("f", {"a": 1}, None, SIGNATURE), FunctionCall("g", {}), FunctionCall("f", {"a": 1})),
    ),
    Case(
        "two calls under one id",
        events(
            said({"functionCall": {"name": "f", "id": "1"}}),
            said({"functionCall": {"name": "g", "id": "1"}}, finish="STOP"),
        ),
        (FunctionCall("f", {}, "1"), FunctionCall("g", {})),
    ),
    Case(
        "a streamed call",
        events(
            said({"functionCall": {"name": "f", "id": "1", "willContinue": True}, "thoughtSignature": SIGNATURE}),
            said(
                {
                    "functionCall": {
                        "partialArgs": [{"jsonPath": "$.a", "stringValue": "x", "willContinue": True}],
                        "willContinue": True,
                    }
                }
            ),
            said({"functionCall": {"partialArgs": [{"jsonPath": "$.a", "stringValue": "y"}], "willContinue": True}}),
            said({"functionCall": {}}),
            said("", finish="STOP"),
        ),
        (FunctionCall("f", {"a": "xy"}, "1", SIGNATURE),),
    ),
    Case(
        "a streamed call whose end is missing",
        events(
            said({"functionCall": {"name": "f", "willContinue": True}}),
            said({"functionCall": {"partialArgs": [{"jsonPath": "$.a", "stringValue": "x"}], "willContinue": True}}),
            said("", finish="STOP"),
        ),
        (FunctionCall("f", {"a": "x"}),),
    ),
    Case(
        "a streamed call, then a whole one",
        events(
            said({"functionCall": {"name": "f", "willContinue": True}}),
            said({"functionCall": {"name": "g", "args": {"b": 1}}}, finish="STOP"),
        ),
        (FunctionCall("f", {}), FunctionCall("g", {"b": 1})),
    ),
    Case(
        "an OpenAI stream's fragments",
        events(
            said({"functionCall": {"name": "f", "args": {"arguments": ""}}}),
            said({"functionCall": {"name": "", "args": {"arguments": '{"city":'}}}),
            said({"functionCall": {"args": {"arguments": ' "x"}'}}}, finish="tool_calls"),
        ),
        (FunctionCall("f", {"city": "x"}),),
    ),
    Case(
        "a recording in pieces",
        events(
            said({"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "YWI="}}),
            said({"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "Yw=="}}, finish="STOP"),
        ),
        (Blob("audio/L16;rate=24000", "YWJj"),),
    ),
    Case(
        "usage on every chunk",
        events(
            said("a", usageMetadata={"promptTokenCount": 9, "candidatesTokenCount": 5, "thoughtsTokenCount": 7}),
            said("b", finish="STOP", usageMetadata={"promptTokenCount": 4, "candidatesTokenCount": "N/A"}),
            {"usage_metadata": {"candidatesTokenCount": 6, "totalTokenCount": "17"}},
        ),
        (Text("ab"),),
        usage=Usage(prompt=4, candidates=6, thoughts=7, stated_total=17),
    ),
    Case(
        "parts as an object",
        events({"candidates": [{"content": {"parts": {"text": "a"}}, "finishReason": "STOP"}]}),
        (Text("a"),),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_an_answer_is_whole_and_the_same_however_it_is_cut(case: Case) -> None:
    whole = hear(case.body)

    assert whole.error is None
    assert (case.parts, case.reason, case.usage) == (whole.parts(), whole.last.finish_reason, whole.last.usage)
    for reads in cuttings(case.body):
        assert whole.answer == hear(reads).answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_only_the_last_chunk_has_the_reason_and_the_usage(case: Case) -> None:
    chunks = hear(case.body).chunks

    assert [chunk.last for chunk in chunks if chunk.finish_reason or chunk.usage or chunk.framing or chunk.last] == [
        True
    ]
    assert chunks[-1].last


@dataclass(frozen=True)
class Failure:
    """A body that is no whole answer."""

    id: str
    body: bytes
    error: type[GStreamError]
    words: str
    before: str = ""
    status: int = 200
    cut: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


ERROR = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
PRETTY = json.dumps(ERROR, indent=2).replace("\n", "\r\n").encode() + b"\r\n"
OVERLOADED = {"status": 503, "code": "UNAVAILABLE", "provider_message": "The model is overloaded."}
RESET = "the connection was reset"

FAILURES = (
    Failure("no reason", events(said("a"), said("b")), IncompleteStreamError, "without a finish reason", "ab"),
    Failure(
        "no reason but done",
        events(said("a")) + b"data: [DONE]\n\n",
        IncompleteStreamError,
        "without a finish reason",
        "a",
    ),
    Failure("cut between events", events(said("a")), IncompleteStreamError, RESET, "a", cut=RESET),
    Failure(
        "cut inside an event", events(said("a")) + event(said("b"))[:30], IncompleteStreamError, RESET, "a", cut=RESET
    ),
    Failure(
        "half an event at a clean end",
        events(said("a")) + event(said("b"))[:30],
        IncompleteStreamError,
        "half an event",
        "a",
    ),
    Failure(
        "half an array",
        b"[" + event(said("a"))[6:-4] + b"\n,\r\n{",
        IncompleteStreamError,
        "ended inside an event",
        "a",
    ),
    Failure("half an object", event(said("abc", finish="STOP"))[6:40], IncompleteStreamError, "half an event"),
    Failure("nothing", b"", IncompleteStreamError, "empty"),
    Failure("nothing, cut", b"", IncompleteStreamError, RESET, cut=RESET),
    Failure("204", b"", IncompleteStreamError, "empty", status=204),
    Failure("only comments", b": ping\n\n: ping\n\n", IncompleteStreamError, "empty"),
    Failure("only done", b"data: [DONE]\n\n", IncompleteStreamError, "empty"),
    Failure("an empty array", b"[]", IncompleteStreamError, "empty"),
    Failure("only usage", events({"usageMetadata": {"promptTokenCount": 1}}), IncompleteStreamError, "before any part"),
    Failure("empty objects", b"data: {}\n\n", IncompleteStreamError, "before any part"),
    Failure(
        "an empty answer", events(said("", finish="STOP")), EmptyAnswerError, "STOP", facts={"finish_reason": "STOP"}
    ),
    Failure(
        "a malformed call",
        events(
            {"candidates": [{"content": {}, "finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "bad print()"}]}
        ),
        EmptyAnswerError,
        "bad print()",
        facts={"finish_reason": "MALFORMED_FUNCTION_CALL", "finish_message": "bad print()", "retryable": True},
    ),
    Failure(
        "an unsafe answer",
        events({"candidates": [{"finishReason": "SAFETY"}]}),
        EmptyAnswerError,
        "SAFETY",
        facts={"finish_reason": "SAFETY"},
    ),
    Failure(
        "a blocked prompt",
        events({"promptFeedback": {"blockReason": "SAFETY", "safetyRatings": [{"category": "C", "blocked": True}]}}),
        ContentBlockedError,
        "SAFETY",
        facts={
            "reason": "SAFETY",
            "ratings": [{"category": "C", "blocked": True}],
            "explanation": "",
            "retryable": False,
        },
    ),
    Failure(
        "a blocked prompt in snake case, with words",
        events({"prompt_feedback": {"block_reason": "OTHER", "block_reason_message": "No.", "safety_ratings": None}}),
        ContentBlockedError,
        "No.",
        facts={"reason": "OTHER", "ratings": [], "explanation": "No."},
    ),
    Failure("an error first", events(ERROR), OverloadedError, "overloaded", facts=OVERLOADED),
    Failure("an error in an array", b"[" + event(ERROR)[6:-4] + b"]", OverloadedError, "overloaded", facts=OVERLOADED),
    Failure("an error pretty-printed under 200", PRETTY, OverloadedError, "overloaded", facts=OVERLOADED),
    Failure(
        "an error in mid-stream",
        events(said("a"), ERROR, said("b")),
        OverloadedError,
        "overloaded",
        "a",
        facts=OVERLOADED,
    ),
    Failure(
        "an error in mid-stream, bare", events(said("a")) + PRETTY, OverloadedError, "overloaded", "a", facts=OVERLOADED
    ),
    Failure(
        "an error as the second element",
        b"[" + event(said("a"))[6:-4] + b",\r\n" + event(ERROR)[6:-4] + b"]",
        OverloadedError,
        "overloaded",
        "a",
        facts=OVERLOADED,
    ),
    Failure(
        "an error behind STOP",
        events(said("a", finish="STOP"), ERROR),
        OverloadedError,
        "overloaded",
        "a",
        facts=OVERLOADED,
    ),
    Failure(
        "an error beside a text", events({**said("a"), **ERROR}), OverloadedError, "overloaded", "a", facts=OVERLOADED
    ),
    Failure(
        "an error beside a wrapped answer",
        events({**ERROR, "data": said("a", finish="STOP")}),
        OverloadedError,
        "overloaded",
        "a",
        facts=OVERLOADED,
    ),
    Failure(
        "an error beside wrapped counts",
        events({**ERROR, "data": {"usageMetadata": {"promptTokenCount": 1}}}),
        OverloadedError,
        "overloaded",
        facts=OVERLOADED,
    ),
    Failure(
        "event: error",
        events(said("a")) + b"event: error\n" + event(ERROR),
        OverloadedError,
        "overloaded",
        "a",
        facts=OVERLOADED,
    ),
    Failure(
        "type error",
        events(said("a"), {"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}),
        OverloadedError,
        "Busy",
        "a",
        facts={"status": 529, "code": "overloaded_error"},
    ),
    Failure(
        "an error without a shell",
        events(said("a"), ERROR["error"]),
        OverloadedError,
        "overloaded",
        "a",
        facts=OVERLOADED,
    ),
    Failure(
        "an error as text",
        events(said("a"), {"error": "boom"}),
        ServerError,
        "boom",
        "a",
        facts={"provider_message": "boom"},
    ),
    Failure(
        "words in mid-stream", events(said("a")) + b"unexpected EOF\n", IncompleteStreamError, "unexpected EOF", "a"
    ),
    Failure(
        "words as data",
        events(said("a")) + b"event: error\ndata: upstream died\n\n",
        IncompleteStreamError,
        "upstream died",
        "a",
    ),
    Failure(
        "a page in mid-stream",
        events(said("a")) + b"<html><title>502</title></html>\n",
        IncompleteStreamError,
        "502",
        "a",
    ),
    Failure(
        "a console's page",
        b"<!doctype html><html><head><title>New&nbsp;API</title></head></html>",
        StreamError,
        "New API",
        facts={"retryable": False},
    ),
    Failure(
        "a text instead of an answer",
        b"upstream connect error",
        StreamError,
        "upstream connect error",
        facts={"retryable": True},
    ),
    Failure("a string instead of an answer", b'"busy right now"', StreamError, "busy right now"),
    Failure(
        "broken JSON",
        events(said("a")) + b'data: {"candidates": nonsense}\n\n',
        StreamError,
        "cannot be read",
        "a",
        facts={"retryable": True},
    ),
    Failure("no UTF-8", events(said("a")) + b'data: {"candidates": "\xff"}\n\n', StreamError, "UTF-8", "a"),
    Failure("only a bare done", b"[DONE]\n", IncompleteStreamError, "empty"),
    Failure("a text like a field", b"error: insufficient balance\n", StreamError, "insufficient balance"),
)


@pytest.mark.parametrize("case", FAILURES, ids=lambda case: case.id)
def test_what_is_no_whole_answer_is_an_error_with_what_had_arrived(case: Failure) -> None:
    reference = None
    for reads in cuttings(case.body):
        heard = hear(reads, status=case.status, cut=case.cut)

        assert isinstance(heard.error, case.error)
        assert case.words in str(heard.error)
        assert case.facts == {name: getattr(heard.error, name) for name in case.facts}
        assert case.before == heard.text, "chunks that came before an error are delivered"
        assert case.before == (heard.error.partial.text if heard.error.partial else "")
        reference = reference or (type(heard.error), str(heard.error))
        assert reference == (type(heard.error), str(heard.error))


def test_text_without_a_last_line_end_is_delivered_before_the_error() -> None:
    heard = hear(event(said("a")).rstrip())

    assert isinstance(heard.error, IncompleteStreamError)
    assert heard.text == "a"


def test_a_call_that_was_being_streamed_when_the_connection_broke_is_not_delivered_as_whole() -> None:
    heard = hear(events(said("a"), said({"functionCall": {"name": "pay", "willContinue": True}})), cut=RESET)

    assert isinstance(heard.error, IncompleteStreamError)
    assert [call for chunk in heard.chunks for call in chunk.calls] == []


@pytest.mark.parametrize("how", ["warn", "ignore"])
def test_half_a_call_is_an_error_even_where_incomplete_answers_may_pass(how: Any) -> None:
    """A tool must not run with arguments that are not whole."""
    body = events(said("a"), said({"functionCall": {"name": "pay", "willContinue": True}}))
    heard = hear(body, on_incomplete=how)

    assert isinstance(heard.error, IncompleteStreamError)


def test_half_an_event_behind_the_finish_reason_is_an_incomplete_answer() -> None:
    """Code execution sends parts behind a STOP: what was cut off may be one of them."""
    heard = hear(events(said("a", finish="STOP")) + b'data: {"candidates": [{"content"')

    assert isinstance(heard.error, IncompleteStreamError)
    assert "the stream ended inside an event" in str(heard.error)


def test_a_failed_decoder_raises_the_same_error_again() -> None:
    decoder = StreamDecoder()
    first = decoder.feed(events(said("a"), ERROR))

    assert [chunk.text for chunk in first] == ["a"]
    assert decoder.done
    for _ in range(2):
        with pytest.raises(OverloadedError):
            decoder.feed(event(said("b")))
        with pytest.raises(OverloadedError):
            decoder.close()


def test_done_says_that_nothing_more_need_be_read() -> None:
    decoder = StreamDecoder()
    decoder.feed(events(said("a", finish="STOP")))
    assert not decoder.done
    decoder.feed(b"data: [DONE]\n\n")

    assert decoder.done


def test_an_answer_that_is_cut_behind_its_reason_is_whole() -> None:
    heard = hear(events(said("a", finish="STOP")), cut=RESET)

    assert (heard.error, heard.text) == (None, "a")


def test_an_incomplete_answer_is_let_through_with_a_warning() -> None:
    with pytest.warns(IncompleteAnswerWarning, match="without a finish reason"):
        heard = hear(events(said("a")), on_incomplete="warn")

    assert (heard.error, heard.text, heard.last.finish_reason) == (None, "a", None)


def test_an_incomplete_answer_is_let_through_in_silence() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        heard = hear(events(said("a")), on_incomplete="ignore")

    assert (heard.error, heard.text) == (None, "a")


@pytest.mark.parametrize("on_incomplete", ["warn", "ignore"])
def test_an_error_and_an_empty_response_are_errors_also_where_incomplete_answers_are_let_through(
    on_incomplete: str,
) -> None:
    for body in (b"", events(ERROR), events(said("a"), ERROR)):
        assert hear(body, on_incomplete=on_incomplete).error is not None


def candidates(*texts: str | None, finish: str | None = None, indexed: bool = True) -> dict[str, Any]:
    return {
        "candidates": [
            {
                **({"index": index} if indexed and index else {}),
                "content": {"parts": [{"text": text}] if text else []},
                **({"finishReason": finish} if finish else {}),
            }
            for index, text in enumerate(texts)
        ]
    }


@pytest.mark.parametrize("indexed", [True, False])
def test_several_candidates_stay_apart(indexed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    body = events(candidates("a", "x", indexed=indexed), candidates("b", "y", finish="STOP", indexed=indexed))
    heard = hear(body)

    assert ((Text("ab"),), (Text("xy"),)) == (heard.parts(0), heard.parts(1))
    assert [(chunk.index, chunk.finish_reason) for chunk in heard.chunks if chunk.last] == [(0, "STOP"), (1, "STOP")]


def test_candidates_in_the_wrong_order_are_known_by_their_index() -> None:
    document = {"candidates": list(reversed(candidates("a", "b", finish="STOP")["candidates"]))}
    document["candidates"][1]["index"] = 0
    heard = hear(events(document))

    assert ((Text("a"),), (Text("b"),)) == (heard.parts(0), heard.parts(1))


def test_a_candidate_that_never_ends_makes_the_answer_incomplete() -> None:
    body = events(
        {"candidates": [said("a", finish="STOP")["candidates"][0], {"index": 1, "content": {"parts": [{"text": "b"}]}}]}
    )

    assert isinstance(hear(body).error, IncompleteStreamError)


def test_the_tokens_of_several_candidates_are_counted_once() -> None:
    body = events({**candidates("a", "b", finish="STOP"), "usageMetadata": {"promptTokenCount": 5}})

    assert [Usage(prompt=5), None] == [chunk.usage for chunk in hear(body).chunks if chunk.last]


def test_the_last_chunk_says_all_that_was_said_besides_parts() -> None:
    body = events(
        said("a", modelVersion="m", responseId="r", xUnknown={"k": [1]}, promptFeedback={"safetyRatings": [1]}),
        {
            "candidates": [
                {
                    "index": 0,
                    "content": {"parts": [{"text": "b"}]},
                    "safetyRatings": [{"category": "C"}],
                    "avgLogprobs": -0.5,
                }
            ]
        },
        {
            "candidates": [{"index": 0, "finishReason": "STOP", "finishMessage": "done", "content": {"parts": []}}],
            "modelVersion": "",
        },
        {"usageMetadata": {"serviceTier": "standard", "promptTokenCount": 1}},
    )
    last = hear(body).last

    assert last.raw == {
        "modelVersion": "m",
        "responseId": "r",
        "xUnknown": {"k": [1]},
        "promptFeedback": {"safetyRatings": [1]},
        "usageMetadata": {"serviceTier": "standard", "promptTokenCount": 1},
        "candidates": [
            {
                "index": 0,
                "safetyRatings": [{"category": "C"}],
                "avgLogprobs": -0.5,
                "finishReason": "STOP",
                "finishMessage": "done",
            }
        ],
    }
    assert (last.model_version, last.response_id, last.finish_message) == ("m", "r", "done")


def grounded(**metadata: Any) -> dict[str, Any]:
    return {"candidates": [{"index": 0, "groundingMetadata": metadata}]}


def test_grounding_that_comes_in_pieces_grows() -> None:
    one, two = {"web": {"uri": "1"}}, {"web": {"uri": "2"}}
    body = events(
        said("a"),
        grounded(groundingChunks=[one], webSearchQueries=["q"], searchEntryPoint={"renderedContent": "x"}),
        grounded(groundingChunks=[two], webSearchQueries=["q"]),
        said(finish="STOP"),
    )

    assert {
        "groundingChunks": [one, two],
        "webSearchQueries": ["q"],
        "searchEntryPoint": {"renderedContent": "x"},
    } == hear(body).last.candidate["groundingMetadata"]


def test_grounding_that_is_sent_anew_each_time_is_not_doubled() -> None:
    one, two = {"web": {"uri": "1"}}, {"web": {"uri": "2"}}
    body = events(said("a"), grounded(groundingChunks=[one]), grounded(groundingChunks=[one, two]), said(finish="STOP"))

    assert [one, two] == hear(body).last.candidate["groundingMetadata"]["groundingChunks"]


def test_equal_log_probabilities_of_two_chunks_are_two_tokens() -> None:
    token = {"token": "ha", "logProbability": -0.1}
    chosen = {"candidates": [{"index": 0, "logprobsResult": {"chosenCandidates": [token]}}]}
    heard = hear(events(said("haha"), chosen, chosen, said(finish="STOP")))

    assert [token, token] == heard.last.candidate["logprobsResult"]["chosenCandidates"]


def test_each_chunk_shows_the_document_it_came_from() -> None:
    document = said("a", xUnknown=1)

    assert document == hear(events(document, said(finish="STOP"))).chunks[0].raw


@pytest.mark.parametrize(
    ("body", "framing"),
    [
        (events(said("a", finish="STOP")), "sse"),
        (b"[" + event(said("a", finish="STOP"))[6:-4] + b"]", "json-array"),
        (event(said("a", finish="STOP"))[6:-4], "json-object"),
        (event(said("a"))[6:-4] + b"\n" + event(said("b", finish="STOP"))[6:], "ndjson"),
    ],
)
def test_the_last_chunk_says_how_the_response_was_framed(body: bytes, framing: str) -> None:
    assert framing == hear(body).last.framing


def test_the_request_id_of_the_headers_is_on_the_last_chunk_and_on_errors() -> None:
    headers = {"x-request-id": "req-1"}

    assert hear(events(said("a", finish="STOP")), headers=headers).last.request_id == "req-1"
    for body in (events(said("a")), events(ERROR), b"", b"<html></html>"):
        error = hear(body, headers=headers).error
        assert error is not None
        assert error.request_id == "req-1"


def test_partial_is_everything_that_arrived_merged() -> None:
    decoder = StreamDecoder()
    decoder.feed(events(said("a"), said("b", {"functionCall": {"name": "f"}}, usageMetadata={"promptTokenCount": 1})))
    partial = decoder.partial

    assert isinstance(partial, Chunk)
    assert (Text("ab"), FunctionCall("f", {})) == partial.parts
    assert Usage(prompt=1) == partial.usage


def test_partial_is_none_where_nothing_arrived() -> None:
    assert StreamDecoder().partial is None


def test_partial_is_of_the_first_candidate_where_there_are_several() -> None:
    decoder = StreamDecoder()
    decoder.feed(events(candidates("a", "x")))

    assert decoder.partial is not None
    assert decoder.partial.text == "a"


JUNK: tuple[Any, ...] = (None, True, 7, -1.5, "", "x", [], [7], [None], {}, {"k": 1}, [{}], [[]], {"parts": 7})
KEYS = (
    "candidates",
    "promptFeedback",
    "usageMetadata",
    "error",
    "response",
    "data",
    "message",
    "code",
    "detail",
    "success",
    "type",
    "modelVersion",
    "status",
    "msg",
)
INNER = (
    "content",
    "parts",
    "finishReason",
    "index",
    "safetyRatings",
    "citationMetadata",
    "groundingMetadata",
    "logprobsResult",
    "finishMessage",
)
ERROR_KEYS = ("message", "code", "status", "details", "type", "param", "msg", "errors")
PART_KEYS = (
    "text",
    "thought",
    "thoughtSignature",
    "functionCall",
    "functionResponse",
    "inlineData",
    "fileData",
    "executableCode",
    "codeExecutionResult",
)
CALL_KEYS = ("name", "args", "id", "partialArgs", "willContinue")


def deviations() -> list[Any]:
    """Documents in which one field has a type it never has."""
    documents: list[Any] = []
    for junk in JUNK:
        documents += [{key: junk} for key in KEYS]
        documents += [{**said("a"), key: junk} for key in KEYS]
        documents += [{"candidates": [{key: junk}]} for key in INNER]
        documents += [{"candidates": [{**said("a")["candidates"][0], key: junk}]} for key in INNER]
        documents += [{"error": {key: junk}} for key in ERROR_KEYS]
        documents += [{"error": {"message": "m", "code": 400, key: junk}} for key in ERROR_KEYS]
        documents += [said({key: junk}) for key in PART_KEYS]
        documents += [said({"functionCall": {"name": "f", key: junk}}) for key in CALL_KEYS]
        documents += [
            said({kind: {key: junk}})
            for kind in PART_KEYS[4:]
            for key in ("data", "mimeType", "code", "name", "response", "parts", "outcome", "fileUri")
        ]
        documents += [said({"functionCall": {"name": "f", "partialArgs": [{"jsonPath": junk, "stringValue": "x"}]}})]
        documents += [
            said(
                {
                    "functionCall": {
                        "name": "f",
                        "partialArgs": [
                            {"jsonPath": "$.a", "stringValue": junk},
                            {"jsonPath": "$.a[0]", "stringValue": "y"},
                        ],
                    }
                }
            )
        ]
        documents += [{"promptFeedback": {key: junk}} for key in ("blockReason", "safetyRatings", "blockReasonMessage")]
        documents += [
            said("a", usageMetadata={key: junk})
            for key in ("promptTokenCount", "totalTokenCount", "promptTokensDetails")
        ]
    return documents


@pytest.mark.parametrize("status", [200, 400])
def test_no_field_of_a_wrong_type_raises_a_foreign_exception(status: int) -> None:
    """`hear` lets every exception that is not ours pass."""
    foreign = []
    for document in deviations():
        for body in (events(document), events(said("a"), document, document, said("b", finish="STOP"))):
            try:
                heard = hear(body, status=status)
                str(heard.error)
                for chunk in heard.chunks:
                    _ = (chunk.text, chunk.candidate, chunk.model_version, chunk.finish_message, repr(chunk))
            except Exception as error:  # noqa: BLE001 - any exception at all is what this looks for
                foreign.append((type(error).__name__, document))

    assert foreign == []

"""What an error says in full: how much of the server's words it repeats, and what it keeps of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from gstream import (
    ContentBlockedError,
    EmptyAnswerError,
    EndpointError,
    GStreamError,
    IncompleteAnswerWarning,
    IncompleteStreamError,
    ServerError,
    StreamDecoder,
    StreamError,
)
from tests.core.feeding import event, events, hear, said, singles

SECRET = "made-up-secret-of-a-test"  # noqa: S105 - as it says
LONG = "word " * 1_000
PAGE = "<html><head><title>Sign in</title></head><body>" + "x" * 3_000 + "</body></html>"
RESET = "the connection was reset"


@dataclass(frozen=True)
class Case:
    """A body, and all that its error says."""

    id: str
    body: bytes
    error: type[GStreamError]
    message: str
    facts: dict[str, Any] = field(default_factory=dict)
    cut: str | None = None


def ended(reason: str, message: Any = "") -> bytes:
    return events({"candidates": [{"finishReason": reason, "finishMessage": message}]})


def blocked(**feedback: Any) -> bytes:
    return events({"promptFeedback": feedback})


CASES = (
    Case(
        "no reason",
        events(said("a")),
        IncompleteStreamError,
        "The answer is incomplete: the stream ended without a finish reason. What had arrived is in .partial.",
        {"received": "", "retryable": True},
    ),
    Case(
        "a broken connection",
        events(said("a")),
        IncompleteStreamError,
        "The answer is incomplete: the connection was reset. What had arrived is in .partial.",
        cut=RESET,
    ),
    Case(
        "half an event",
        events(said("a")) + b'data: {"t": "' + b"x" * 200,
        IncompleteStreamError,
        "The answer is incomplete: the stream ended inside an event. It also sent "
        f'\'half an event: {{"t": "{"x" * 73}\'. What had arrived is in .partial.',
        {"received": 'half an event: {"t": "' + "x" * 73},
    ),
    Case(
        "half a first event",
        b'{"t": "x',
        IncompleteStreamError,
        'No answer came: the stream ended inside an event. It also sent \'half an event: {"t": "x\'.',
        {"received": 'half an event: {"t": "x', "retryable": True},
    ),
    Case(
        "half a first event on a broken connection",
        b'{"t": "x',
        IncompleteStreamError,
        'No answer came: the connection was reset. It also sent \'half an event: {"t": "x\'.',
        cut=RESET,
    ),
    Case("nothing", b"", IncompleteStreamError, "No answer came: the response was empty.", {"received": ""}),
    Case(
        "no parts",
        b"data: {}\n\n",
        IncompleteStreamError,
        "No answer came: the stream ended before any part.",
        {"received": ""},
    ),
    Case(
        "words behind a document",
        b"data: {}\n\n" + LONG.encode() + b"\n",
        IncompleteStreamError,
        f"No answer came: the stream ended before any part. It also sent {LONG[:200]!r}.",
        {"received": LONG[:2_000]},
    ),
    Case(
        "words in mid-stream",
        events(said("a")) + LONG.encode() + b"\n",
        IncompleteStreamError,
        "The answer is incomplete: the stream ended without a finish reason. "
        f"It also sent {LONG[:200]!r}. What had arrived is in .partial.",
        {"received": LONG[:2_000]},
    ),
    Case(
        "a page in mid-stream",
        events(said("a")) + b"<html><title>502</title></html>\n",
        IncompleteStreamError,
        "The answer is incomplete: the stream ended without a finish reason. "
        "It also sent 'an HTML page, 502'. What had arrived is in .partial.",
        {"received": "<html><title>502</title></html>"},
    ),
    Case(
        "a page",
        PAGE.encode(),
        StreamError,
        "The endpoint sent an HTML page, 'Sign in', instead of an answer: check base_url, it probably points to the "
        "provider's website and not to its API.",
        {"received": PAGE, "retryable": False},
    ),
    Case(
        "words",
        LONG.encode(),
        StreamError,
        f"The endpoint sent text instead of an answer: {LONG[:200]!r}.",
        {"received": LONG[:2_000], "retryable": True},
    ),
    Case(
        "the first of several words",
        b"busy\nreally\n",
        StreamError,
        "The endpoint sent text instead of an answer: 'busy'.",
        {"received": "busy"},
    ),
    Case(
        "broken JSON",
        b'data: {"a": nonsense, "b": "' + b"x" * 3_000 + b'"}\n\n',
        StreamError,
        "The endpoint sent JSON that cannot be read (Expecting value: line 1 column 7 (char 6)): "
        f'\'{{"a": nonsense, "b": "{"x" * 98}\'.',
        {"received": '{"a": nonsense, "b": "' + "x" * (2_000 - 22), "retryable": True},
    ),
    Case(
        "a blocked prompt",
        blocked(blockReason="SAFETY"),
        ContentBlockedError,
        "The prompt was blocked: SAFETY.",
        {"reason": "SAFETY", "explanation": "", "ratings": []},
    ),
    Case(
        "a blocked prompt, explained at length",
        blocked(blockReason="X" * 700, blockReasonMessage=LONG, safetyRatings=[{"category": "C"}, 7, "x"]),
        ContentBlockedError,
        f"The prompt was blocked: {'X' * 500}. {LONG[:500].rstrip()}",
        {"reason": "X" * 500, "explanation": LONG, "ratings": [{"category": "C"}]},
    ),
    Case(
        "a blocked prompt, without words",
        blocked(blockReason=7, blockReasonMessage={"text": "no"}, safetyRatings={"category": "C"}),
        ContentBlockedError,
        "The prompt was blocked: 7.",
        {"reason": "7", "explanation": "", "ratings": []},
    ),
    Case(
        "an end without an answer",
        ended("OTHER"),
        EmptyAnswerError,
        "The model ended with OTHER and no answer.",
        {"finish_reason": "OTHER", "finish_message": "", "retryable": True},
    ),
    Case(
        "an end that would come again",
        ended("RECITATION", {"text": "no"}),
        EmptyAnswerError,
        "The model ended with RECITATION and no answer.",
        {"finish_reason": "RECITATION", "finish_message": "", "retryable": False},
    ),
    Case(
        "an end, explained at length",
        ended("X" * 700, LONG),
        EmptyAnswerError,
        f"The model ended with {'X' * 500} and no answer. {LONG[:500].rstrip()}",
        {"finish_reason": "X" * 500, "finish_message": LONG, "retryable": True},
    ),
    Case(
        "an end without an answer, on a connection that broke",
        ended("OTHER"),
        IncompleteStreamError,
        "No answer came: the connection was reset.",
        cut=RESET,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_an_error_says_in_full(case: Case) -> None:
    error = hear(case.body, cut=case.cut).error

    assert type(error) is case.error
    assert case.message == error.message
    assert case.facts == {name: getattr(error, name) for name in case.facts}


@pytest.mark.parametrize("reason", ["MAX_TOKENS", "SAFETY", "SPII", "MODEL_ARMOR", "IMAGE_RECITATION"])
def test_an_end_that_the_prompt_brings_about_is_not_asked_for_again(reason: str) -> None:
    error = hear(ended(reason)).error

    assert isinstance(error, EmptyAnswerError)
    assert not error.retryable


def test_a_warning_says_what_the_error_would_and_no_secret() -> None:
    with pytest.warns(IncompleteAnswerWarning) as caught:
        hear(events(said("a")) + f"the key is {SECRET}\n".encode(), on_incomplete="warn", secrets=[SECRET])

    sentence = (
        "The answer is incomplete: the stream ended without a finish reason. "
        "It also sent 'the key is [key]'. What had arrived is in .partial."
    )
    assert [str(warning.message) for warning in caught] == [sentence]


def test_the_id_of_a_request_is_on_the_last_chunk_without_a_secret_in_it() -> None:
    headers = {"x-request-id": f"r-{SECRET}"}

    assert hear(events(said("a", finish="STOP")), headers=headers, secrets=[SECRET]).last.request_id == "r-[key]"


def test_an_error_of_a_status_has_the_facts_of_the_headers_and_of_the_status() -> None:
    headers = {"retry-after": "7", "x-request-id": "req-1"}
    for body in (b'{"error": {"message": "busy"}}', b"busy", b'{"note": "busy"}', b'{"data": {"error": "busy"}}'):
        error = hear(body, status=502, headers=headers).error

        assert isinstance(error, ServerError), body
        assert (error.status, error.retry_after_s, error.request_id) == (502, 7.0, "req-1")
        assert "busy" in error.message


def test_an_error_of_a_status_is_the_same_however_its_body_is_cut() -> None:
    body = b'{"error": {"code": 429, "message": "Slow down, please."}}'
    whole, cut = (hear(reads, status=429).error for reads in ([body], singles(body)))

    assert str(whole) == str(cut)
    assert "Slow down, please." in str(whole)


def test_an_error_in_the_stream_has_the_facts_of_the_headers() -> None:
    error = hear(events({"error": {"message": "busy"}}), headers={"retry-after": "7"}).error

    assert isinstance(error, ServerError)
    assert error.retry_after_s == 7.0


@pytest.mark.parametrize(("status", "good"), [(199, False), (200, True), (299, True), (300, False)])
def test_the_statuses_from_200_to_299_are_those_of_success(status: int, good: bool) -> None:  # noqa: FBT001 - a case
    decoder = StreamDecoder(status=status)

    assert bool(decoder.feed(events(said("a", finish="STOP")))) == good
    assert decoder.feed(event(said("b")).rstrip()) == []
    assert bool(decoder.drain()) == good
    if good:
        assert decoder.close()[-1].last
    else:
        with pytest.raises(EndpointError) as caught:
            decoder.close()
        assert caught.value.status in {status, None}, "below 300 a status says nothing of an error"


def test_what_had_arrived_says_of_which_candidate_it_is_and_what_was_said_beside_it() -> None:
    candidate = {**said("a")["candidates"][0], "index": 1, "safetyRatings": [{"category": "C"}]}
    error = hear(
        events({"candidates": [candidate], "modelVersion": "m", "usageMetadata": {"promptTokenCount": 3}})
    ).error

    assert error is not None
    assert error.partial is not None
    assert error.partial.index == 1
    assert error.partial.candidate == {"index": 1, "safetyRatings": [{"category": "C"}]}
    assert error.partial.model_version == "m"
    assert error.partial.raw["usageMetadata"] == {"promptTokenCount": 3}


def test_an_answer_has_ended_when_each_candidate_has_parts_and_a_reason() -> None:
    decoder = StreamDecoder()
    ended = [decoder.ended]
    for candidate in (
        {"index": 0, "finishReason": "STOP"},
        {"index": 0, "content": {"parts": [{"text": "a"}]}},
        {"index": 1, "content": {"parts": [{"text": "b"}]}},
        {"index": 1, "finishReason": "STOP"},
    ):
        decoder.feed(events({"candidates": [candidate]}))
        ended.append(decoder.ended)

    assert ended == [False, False, True, False, True]

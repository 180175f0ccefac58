"""What one response may cost, to the byte: what a limit allows passes, and one more is an error."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gstream import IncompleteStreamError, StreamDecoder, StreamError
from tests.core.feeding import Heard, event, events, hear, said, singles

COMMENT = b": comment\n"
"""Ten bytes that say nothing."""
FIELDS = 10_000
"""How many different fields the documents of a response may have."""
ADVICE = "; if that is right, raise max_answer_bytes."


def refused(heard: Heard, why: str, *, adjustable: bool) -> bool:
    """Return whether the answer was found too large for a reason, and said so in full."""
    if heard.error is None:
        return False
    sentence = f"The answer is larger than any should be: {why}{ADVICE if adjustable else '.'}"
    return (type(heard.error), heard.error.message, heard.error.retryable) == (StreamError, sentence, False)


@pytest.mark.parametrize("cut", [singles, lambda body: [body]], ids=["in bytes", "whole"])
def test_a_response_may_have_as_many_bytes_as_allowed_and_not_one_more(cut: Any) -> None:
    body = COMMENT * 100 + events(said("a"), said("b" * 40), said(finish="STOP")).rstrip()
    why = f"it is longer than {len(body) - 1:,} bytes"

    assert hear(cut(body), max_bytes=len(body)).error is None
    assert refused(hear(cut(body), max_bytes=len(body) - 1), why, adjustable=True)


def test_a_document_may_have_a_quarter_of_it() -> None:
    """An error says which limit it was, in numbers."""
    document = json.dumps(said("a" * 600, finish="STOP")).encode()
    why = f"one event or document is longer than {len(document) - 1:,} bytes"

    assert hear(document, max_bytes=4 * len(document)).error is None
    assert refused(hear(document, max_bytes=4 * len(document) - 1), why, adjustable=True)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_response_of_a_few_bytes_at_most_is_no_division_by_nothing(limit: int) -> None:
    assert isinstance(hear(b"[]"[:limit], max_bytes=limit).error, IncompleteStreamError)
    assert refused(hear(b"[1]4", max_bytes=limit), f"it is longer than {limit} bytes", adjustable=True)


@pytest.mark.parametrize("limit", [3, 7])
def test_a_document_may_have_a_byte_at_least(limit: int) -> None:
    why = "one event or document is longer than 1 bytes"

    assert "larger" not in str(hear(b"x\n", max_bytes=limit).error)
    assert refused(hear(b"xx\n", max_bytes=limit), why, adjustable=True)


@pytest.mark.parametrize("line", [b"data: {}\n\n", b"data: 1\n\n\n", b"x-note: 1\n"])
def test_a_response_may_come_in_one_event_for_each_256_of_its_bytes(line: bytes) -> None:
    """What is made of an event of ten bytes is many times its size."""
    limit = 256 * 10
    ten, eleven = ([*singles(line * count), COMMENT * 2] for count in (10, 11))

    assert isinstance(hear(ten, max_bytes=limit).error, StreamError)
    assert "larger" not in str(hear(ten, max_bytes=limit).error)
    assert refused(hear(eleven, max_bytes=limit), "it came in more than 10 events", adjustable=True)


def test_events_and_words_are_counted_together() -> None:
    reads = [*singles(b"data: {}\n\n" * 6 + b"data: 1\n\n\n" * 5), COMMENT * 2]

    assert refused(hear(reads, max_bytes=256 * 10), "it came in more than 10 events", adjustable=True)


@pytest.mark.parametrize("usage", [0, 4_000])
def test_the_documents_of_a_response_may_have_ten_thousand_different_fields(usage: int) -> None:
    why = "its documents have more than 10,000 different fields"
    for more in (0, 1):
        fields = {f"f{number}": 1 for number in range(FIELDS - usage + more)}
        counts = {"usageMetadata": {f"u{number}": 1 for number in range(usage)}}
        # Looked at once in a while: behind the flood, and before the answer's end.
        reads = [events(said("a", **fields, **counts)), COMMENT * 1_000, events(said(finish="STOP"))]
        heard = hear(reads, max_bytes=1_000_000)

        assert bool(more) == refused(heard, why, adjustable=False)
        assert more or (heard.error, heard.text) == (None, "a")


@pytest.mark.parametrize("count", [128, 129])
def test_a_response_may_have_128_candidates(count: int) -> None:
    spoken = [{**said("a")["candidates"][0], "index": index} for index in range(count)]
    ended = [{**said(finish="STOP")["candidates"][0], "index": index} for index in range(count)]
    reads = [event({"candidates": spoken}), COMMENT * 1_000, event({"candidates": ended})]
    heard = hear(reads, max_bytes=1_000_000)

    assert refused(heard, "it has more than 128 candidates", adjustable=False) == (count > 128)
    assert (heard.error is None) == (count == 128)


def test_no_setting_makes_a_document_deeper() -> None:
    deep = event({"x": json.loads("[" * 129 + "1" * 600 + "]" * 129)})

    assert refused(hear(deep), "it is nested more than 128 levels deep", adjustable=False)


def test_an_answer_that_has_ended_is_whole_and_the_rest_is_not_read() -> None:
    """The limit guards the caller's memory; what came before it and has its end is no less right for it."""
    decoder = StreamDecoder(max_bytes=1_000)
    chunks = decoder.feed(events(said("a", finish="STOP")))
    while not decoder.done:
        chunks += decoder.feed(COMMENT)

    assert decoder.feed(events(said("b"))) == []
    assert [chunk.text for chunk in [*chunks, *decoder.close()]] == ["a", ""]


def test_a_response_beyond_its_limit_hands_out_nothing_more() -> None:
    decoder = StreamDecoder(max_bytes=1_000)
    decoder.feed(events(said("a")))

    assert decoder.feed(events(said("b"), said("c" * 1_000))) == []
    with pytest.raises(StreamError, match=r"longer than 1,000 bytes") as caught:
        decoder.close()
    assert caught.value.partial is not None
    assert caught.value.partial.text == "a"


def test_the_limits_are_looked_at_once_every_256th_of_the_bytes() -> None:
    """What has passed a limit is found at the latest then, however small the reads are."""
    decoder, done = StreamDecoder(max_bytes=256 * 100), []
    for data in (b"data: {}\n" * 101, b":" * 100, b":"):  # looked at before the first is read, and from byte 1,010 on
        decoder.feed(data)
        done.append(decoder.done)

    assert done == [False, False, True]


def test_of_an_errors_body_a_mebibyte_is_read() -> None:
    decoder, done = StreamDecoder(status=503), []
    for data in (b"x" * (1_048_576 - 1), b"yz", b"z"):
        decoder.feed(data)
        done.append(decoder.done)
    with pytest.raises(Exception, match="503"):
        decoder.close()

    assert done == [False, True, True]
    assert decoder._body[-2:] == b"xy"

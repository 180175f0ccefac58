"""A key that a server repeats, wherever it repeats it: nothing that an error shows or carries holds it."""

from __future__ import annotations

import json
import pickle
import traceback
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from gstream import EndpointError, GStreamError, IncompleteAnswerWarning
from gstream.errors import REDACTED, without
from tests.core.feeding import said
from tests.core.loopback import Loopback
from tests.hostile.servers import CANARY, KEY, PROMPT, event, target, whole

if TYPE_CHECKING:
    from tests.conftest import Collect
    from tests.hostile.servers import Script

_BAD = {"error": {"code": 401, "message": f"Incorrect API key provided: {KEY}. Find it at ...", "status": KEY}}
_DETAILED = {"error": {"code": 429, "message": "wait", "details": [{"reason": KEY, "retryDelay": KEY}]}}
ECHOES: dict[str, Script] = {
    "an error": whole(json.dumps(_BAD).encode(), status=401),
    "an error in single bytes": whole(json.dumps(_BAD).encode(), status=401, size=1),
    "an error under 200": whole(json.dumps(_BAD).encode()),
    "an error in the stream": whole(event(said("Hello")) + event(_BAD), size=3),
    "details": whole(json.dumps(_DETAILED).encode(), status=429),
    "a text": whole(f"no such key: {KEY}".encode(), status=403),
    "a text under 200": whole(f"no such key: {KEY}".encode()),
    "a title": whole(f"<html><title>no such key: {KEY}</title>".encode(), status=502),
    "a title under 200": whole(f"<html><title>no such key: {KEY}</title>".encode()),
    "a redirect": whole(b"", status=307, extra=f"location: https://elsewhere.example/{KEY}?key={KEY}"),
    "an id": whole(json.dumps(_BAD).encode(), status=500, extra=f"x-request-id: {KEY}"),
    "an id of a stream": whole(event(said("Hello")), extra=f"x-request-id: {KEY}"),
    "words behind an answer": whole(event(said("Hello")) + f"upstream died with {KEY}\n".encode()),
    "half an event": whole(event(said("Hello")) + f'data: {{"key": "{KEY}'.encode()),
    "broken JSON": whole(event(said("Hello")) + f'data: {{"key": "{KEY}" nonsense}}\n\n'.encode()),
    "a block": whole(
        event({"promptFeedback": {"blockReason": KEY, "blockReasonMessage": KEY, "safetyRatings": [_BAD]}})
    ),
    "an end": whole(event({"candidates": [{"finishReason": "OTHER", "finishMessage": KEY}]})),
    "an encoding": whole(b"x", extra=f"content-encoding: br, {KEY}"),
    "a header that is none": lambda connection: connection.send(f"HTTP/1.1 {KEY}\r\n\r\n".encode()),
}


def shown(error: BaseException) -> list[str]:
    """Return everything that an error shows or carries."""
    told = [str(error), repr(error), repr(vars(error)), pickle.dumps(error).decode("latin-1")]
    told += traceback.TracebackException.from_exception(error, capture_locals=True).format()
    for other in (error.__cause__, error.__context__, *getattr(error, "earlier", ())):
        told += [] if other is None else shown(other)
    return told


@pytest.mark.parametrize("auth", ["header", "bearer", "query"])
@pytest.mark.parametrize("place", ECHOES)
def test_no_error_repeats_a_key_that_the_server_repeats(place: str, auth: Any, collect: Collect) -> None:
    with Loopback(ECHOES[place]) as server, pytest.raises(GStreamError) as caught:
        collect(PROMPT, target(server, auth=auth), max_retries=0)

    assert KEY in str(server.received[0].headers) or "CANARY" in server.received[0].line
    assert [text for text in shown(caught.value) if CANARY in text] == []


@pytest.mark.parametrize("before", range(40, 560, 13))
def test_a_key_that_is_cut_short_with_the_text_it_stands_in_is_not_shown(before: int, collect: Collect) -> None:
    """Messages repeat only the beginning of long texts, and a key may stand across any such end."""
    for body, status in (
        (json.dumps({"error": {"message": "x" * before + KEY + "y" * 600}}), 500),
        ("x" * before + KEY + "y" * 600, 500),
        ("what: " + "x" * before + KEY + "y" * 600, 200),
        ('data: {"a": ' + "x" * before + KEY + "}\n\n", 200),
    ):
        with Loopback(whole(body.encode(), status=status)) as server, pytest.raises(GStreamError) as caught:
            collect(PROMPT, target(server), max_retries=0)

        assert [text for text in (str(caught.value), repr(caught.value)) if CANARY in text] == []


def test_a_warning_repeats_no_key(collect: Collect) -> None:
    body = event(said("Hello")) + f"upstream died with {KEY}\n".encode()
    with Loopback(whole(body)) as server, pytest.warns(IncompleteAnswerWarning) as caught:
        collect(PROMPT, target(server), on_incomplete="warn")

    assert REDACTED in str(caught[0].message)
    assert CANARY not in str(caught[0].message)


def test_an_id_that_an_answer_carries_is_no_key(collect: Collect) -> None:
    body = event(said("Hello", finish="STOP"))
    with Loopback(whole(body, extra=f"x-request-id: {KEY}")) as server, warnings.catch_warnings():
        assert collect.generate(PROMPT, target(server)).request_id == REDACTED


def test_a_redirect_is_not_followed_with_a_key(collect: Collect) -> None:
    with Loopback(whole(event(said("Hello", finish="STOP")))) as elsewhere:
        script = whole(b"", status=302, extra=f"location: {elsewhere.base_url}")
        with Loopback(script) as server, pytest.raises(EndpointError, match="not followed with a key"):
            collect(PROMPT, target(server))

        assert elsewhere.received == []


def test_what_is_cut_of_a_secret_is_taken_out_and_nothing_else() -> None:
    secret = KEY + "0123456789"
    assert without(f"a {secret} b {secret[:15]} c", [secret]) == f"a {REDACTED} b {REDACTED} c"
    assert without(secret[:10], [secret]) == secret[:10]
    assert without({"a": [secret, 1, {secret: None}]}, [secret]) == {"a": [REDACTED, 1, {REDACTED: None}]}
    assert without("abc", ["abc"]) == "abc"

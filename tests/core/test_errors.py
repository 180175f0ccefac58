"""Every exception that may leave, and what it shows."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import gstream
from gstream import (
    Chunk,
    ConnectionFailed,
    ContentBlockedError,
    EmptyAnswerError,
    EndpointError,
    GStreamError,
    IncompleteStreamError,
    OverloadedError,
    RateLimitError,
    RequestTimeout,
    RetryPolicy,
    ServerError,
    StreamError,
    StructuredAnswerError,
    Target,
    Text,
)
from gstream.endpoints import ENDPOINTS
from gstream.retry import Route

KEY = "key-Secret.1234"


def made(cls: type[GStreamError]) -> GStreamError:
    """Return an error of a class with all it may hold."""
    facts: dict[str, Any] = {}
    if issubclass(cls, EndpointError):
        facts = {"status": 429, "code": "x", "provider_message": "words", "retry_after_s": 2.0}
    elif cls is RequestTimeout:
        facts = {"phase": "idle", "limit_s": 3.0}
    elif issubclass(cls, StreamError):
        facts = {"received": "<html>"}
    elif cls is ContentBlockedError:
        facts = {"reason": "SAFETY", "ratings": [{"category": "C"}], "explanation": "no"}
    elif cls is EmptyAnswerError:
        facts = {"finish_reason": "OTHER", "finish_message": "why"}
    error = cls("It failed.", **facts)
    error.partial = Chunk((Text("a"),), raw={"k": [1]})
    return error.located(endpoint="juheai", model="m", request_id="r-1")


def classes(cls: type[GStreamError] = GStreamError) -> list[type[GStreamError]]:
    return [
        cls,
        *(found for below in cls.__subclasses__() if below.__module__ == "gstream.errors" for found in classes(below)),
    ]


CLASSES = sorted(set(classes()), key=lambda cls: cls.__name__)


def test_every_error_is_public() -> None:
    assert {cls.__name__ for cls in CLASSES} == {
        name
        for name in gstream.__all__
        if isinstance(getattr(gstream, name), type) and issubclass(getattr(gstream, name), GStreamError)
    }


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301 - our own bytes
def test_an_error_can_be_copied_and_sent_to_another_process(cls: type[GStreamError], copied: Any) -> None:
    error = made(cls)
    twin = copied(error)

    assert cls is type(twin)
    assert (str(error), error.args, vars(error)) == (str(twin), twin.args, vars(twin))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301 - our own bytes
def test_an_error_of_several_attempts_can_be_copied_too(copied: Any) -> None:
    route = Route([Target(ENDPOINTS["google"], KEY)], RetryPolicy(1))
    route.failed(RateLimitError("first"))
    last = OverloadedError("second")
    with pytest.raises(OverloadedError):
        route.failed(last)

    twin = copied(last)
    assert str(last) == str(twin)
    assert [attempt.message for attempt in twin.attempts] == ["first", "second"]


@pytest.mark.parametrize("cls", CLASSES)
def test_an_error_says_where_it_happened(cls: type[GStreamError]) -> None:
    assert str(made(cls)) == "[juheai, m] It failed. (request id r-1)"


def test_an_error_says_only_what_it_knows() -> None:
    assert str(GStreamError("It failed.")) == "It failed."
    assert (
        str(GStreamError("It failed (r-1).").located(endpoint="a", model="", request_id="r-1"))
        == "[a] It failed (r-1)."
    )


def test_the_place_that_was_noted_first_stays() -> None:
    error = GStreamError("x").located(endpoint="a", model="m").located(endpoint="b", model="n", request_id="r")

    assert (error.endpoint, error.model, error.request_id) == ("a", "m", "r")


def test_attempts_are_told_in_order() -> None:
    first, last = ConnectionFailed("one"), ServerError("two")
    last.earlier = (first,)

    assert last.attempts == (first, last)
    assert str(last) == "two This was attempt 2; before it: 1. one"


@pytest.mark.parametrize("cls", CLASSES)
def test_a_key_is_taken_out_of_every_text(cls: type[GStreamError]) -> None:
    error = made(cls)
    for name, value in list(vars(error).items()):
        if isinstance(value, str):
            setattr(error, name, f"{value} {KEY}")
    error.redacted([KEY])

    assert "Secret" not in f"{error} {error!r} {vars(error)}"
    assert "[key]" in str(error)


def test_a_key_is_taken_out_of_what_the_provider_listed() -> None:
    error = ContentBlockedError("x", reason="OTHER", ratings=[{"note": f"key {KEY}"}]).redacted([KEY])

    assert "Secret" not in repr(error.ratings)


def test_a_secret_too_short_to_tell_is_left_alone() -> None:
    assert str(GStreamError("a cat").redacted(["a", ""])) == "a cat"


RETRYABLE = {
    ConnectionFailed,
    RequestTimeout,
    RateLimitError,
    OverloadedError,
    ServerError,
    IncompleteStreamError,
    EmptyAnswerError,
    StructuredAnswerError,
}


@pytest.mark.parametrize("cls", CLASSES)
def test_only_what_waiting_may_heal_is_retryable(cls: type[GStreamError]) -> None:
    assert (cls in RETRYABLE) == made(cls).retryable


def test_retryable_can_be_said_for_one_error() -> None:
    assert ServerError("x", retryable=False).retryable is False
    assert StreamError("x", retryable=True).retryable is True
    assert ServerError.retryable is False
    assert ServerError("x").retryable is True

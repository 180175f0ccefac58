"""Whether and when to ask again, and whom."""

from __future__ import annotations

from typing import Any

import pytest

from gstream import (
    ENDPOINTS,
    AuthenticationError,
    ConfigurationError,
    ConnectionFailed,
    ContentBlockedError,
    EmptyAnswerError,
    GStreamError,
    IncompleteStreamError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    Prompt,
    QuotaError,
    RateLimitError,
    RequestError,
    RequestTimeout,
    RetryPolicy,
    ServerError,
    StreamError,
    Target,
    Text,
    Turn,
)
from gstream.retry import Route

PROMPT = Prompt("m", (Turn("user", (Text("a"),)),))
TARGETS = (
    Target(ENDPOINTS["google"], "k1"),
    Target(ENDPOINTS["apigo"], "k2", "other"),
    Target(ENDPOINTS["juheai"], "k3"),
)


def always(share: float) -> Any:
    return lambda: share


def test_waits_grow_by_two_up_to_the_cap() -> None:
    policy = RetryPolicy(max_retries=100, base_s=0.5, cap_s=8.0)
    waits = [policy.delay(attempt, ConnectionFailed("x"), share=always(1.0)) for attempt in (1, 2, 3, 4, 5, 6, 100)]

    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_wait_is_a_share_of_it(share: float) -> None:
    assert 2.0 * share == RetryPolicy().delay(2, ConnectionFailed("x"), share=always(2.0 * share))


def test_by_default_the_share_is_random() -> None:
    waits = {RetryPolicy().delay(1, ConnectionFailed("x")) for _ in range(20)}

    assert len(waits) > 1
    assert all(wait is not None and 0 <= wait <= 0.5 for wait in waits)


@pytest.mark.parametrize(("retries", "asked"), [(0, 1), (1, 2), (2, 3)])
def test_there_are_no_more_retries_than_allowed(retries: int, asked: int) -> None:
    policy = RetryPolicy(retries)
    waits = [policy.delay(attempt, ServerError("x"), share=always(1.0)) for attempt in range(1, 10)]

    assert asked == 1 + sum(wait is not None for wait in waits)


@pytest.mark.parametrize(("wish", "wait"), [(0.0, 0.0), (7.5, 7.5), (60.0, 60.0), (60.1, None), (float("inf"), None)])
def test_the_endpoints_own_wish_is_obeyed_within_reason(wish: float, wait: float | None) -> None:
    assert wait == RetryPolicy().delay(1, RateLimitError("x", retry_after_s=wish), share=always(0.5))


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError("x"),
        RequestError("x"),
        AuthenticationError("x", retry_after_s=1.0),
        PermissionDeniedError("x"),
        QuotaError("x"),
        NotFoundError("x"),
        InvalidRequestError("x"),
        ContentBlockedError("x", reason="y"),
        StreamError("x"),
    ],
)
def test_what_waiting_does_not_heal_is_not_asked_again(error: GStreamError) -> None:
    assert RetryPolicy().delay(1, error) is None


def walk(*errors: GStreamError, retries: int = 2, targets: tuple[Target, ...] = TARGETS) -> list[Any]:
    """Return the keys of the targets that are asked when requests fail with `errors`, then how the walk ended."""
    route = Route(targets, RetryPolicy(retries, base_s=0.0))
    asked: list[Any] = []
    for error in errors:
        asked.append(route.target.api_key)
        try:
            route.failed(error)
        except GStreamError as raised:
            return [*asked, type(raised).__name__, len(raised.attempts)]
    return [*asked, f"next {route.target.api_key}"]


def test_a_fallback_comes_when_the_retries_are_used_up() -> None:
    assert walk(*(ServerError("x") for _ in range(3))) == ["k1", "k1", "k1", "next k2"]


@pytest.mark.parametrize("cls", [AuthenticationError, PermissionDeniedError, QuotaError, NotFoundError])
def test_a_fallback_comes_at_once_where_waiting_does_not_heal(cls: type[GStreamError]) -> None:
    assert ["k1", "k2", "k3", cls.__name__, 3] == walk(*(cls("x") for _ in range(3)))


def test_each_target_has_all_retries() -> None:
    assert walk(*(ServerError("x") for _ in range(6)), retries=1) == [
        "k1",
        "k1",
        "k2",
        "k2",
        "k3",
        "k3",
        "ServerError",
        6,
    ]


@pytest.mark.parametrize(
    "error",
    [ConfigurationError("x"), RequestError("x"), InvalidRequestError("x"), ContentBlockedError("x", reason="y")],
)
def test_no_fallback_is_asked_for_what_lies_in_the_question(error: GStreamError) -> None:
    assert ["k1", type(error).__name__, 0] == walk(error)


def test_a_wish_too_long_goes_to_the_fallback_at_once() -> None:
    assert walk(RateLimitError("x", retry_after_s=3600.0)) == ["k1", "next k2"]


@pytest.mark.parametrize(
    "error",
    [
        ConnectionFailed("x"),
        RequestTimeout("x", phase="first byte", limit_s=1.0),
        IncompleteStreamError("x"),
        EmptyAnswerError("x", finish_reason="OTHER"),
        StreamError("x", retryable=True),
    ],
)
def test_what_may_heal_is_asked_again(error: GStreamError) -> None:
    assert walk(error) == ["k1", "next k1"]


def test_one_failed_request_lists_no_attempts() -> None:
    assert walk(AuthenticationError("x"), targets=TARGETS[:1]) == ["k1", "AuthenticationError", 0]


def test_the_prompt_has_the_targets_own_name_of_the_model() -> None:
    route = Route(TARGETS, RetryPolicy(0))
    assert route.prompt(PROMPT) is PROMPT
    route.failed(ServerError("x"))

    assert route.prompt(PROMPT).model == "other"
    assert PROMPT.model == "m"


def test_a_thousand_retries_wait_no_longer_than_thirty() -> None:
    """Twice the wait before, a thousand times, would be a number that no float holds."""
    policy = RetryPolicy(max_retries=5_000, base_s=2.0**-30, cap_s=100.0)

    assert [policy.delay(attempt, ServerError("x"), share=always(1.0)) for attempt in (31, 5_000)] == [1.0, 1.0]


def test_a_fallback_is_asked_without_a_wait() -> None:
    """What made the first one fail says nothing about the next."""
    route = Route(TARGETS, RetryPolicy())

    assert route.failed(AuthenticationError("x")) == 0.0


def test_the_keys_of_all_targets_are_secret_as_they_are_and_as_a_url_shows_them() -> None:
    """Also those of targets that were left behind: what they said of the key is in the error that leaves."""
    targets = (
        Target(ENDPOINTS["google"], "made/up"),
        Target(ENDPOINTS["juheai"], ""),
        Target(ENDPOINTS["apigo"], "k2"),
    )
    route = Route(targets, RetryPolicy(0))
    route.failed(ServerError("x"))

    assert route.secrets == ["made/up", "k2", "made%2Fup", "k2"]

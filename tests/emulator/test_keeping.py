"""`keep`: how many of the last requests an emulator holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gstream.cli.serve import _since
from gstream.emulator import Emulator, Received
from gstream.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable


def told(emulator: Emulator) -> list[tuple[int, str]]:
    """Return the number and the words of each request that is kept."""
    bodies: list[dict[str, Any]] = [received.body or {} for received in emulator.requests]
    words = [body["contents"][0]["parts"][0]["text"] for body in bodies]
    return list(zip([received.number for received in emulator.requests], words, strict=True))


def test_only_the_last_requests_are_kept_under_their_own_numbers(ask: Callable[..., Any]) -> None:
    with Emulator(keep=2) as emulator:
        for word in ("one", "two", "three", "four", "five"):
            ask(emulator, word)

    assert told(emulator) == [(4, "four"), (5, "five")]


def test_all_requests_are_kept_unless_it_is_told_otherwise(ask: Callable[..., Any]) -> None:
    with Emulator() as emulator:
        for _ in range(60):
            ask(emulator, "hello")

    assert [number for number, _ in told(emulator)] == list(range(1, 61))


def test_waiting_sees_a_request_that_pushes_another_one_out(ask: Callable[..., Any]) -> None:
    with Emulator(keep=1) as emulator:
        ask(emulator, "one")
        ask(emulator, "two")

        assert emulator.wait_until(lambda requests: [one.number for one in requests] == [2])


@pytest.mark.parametrize("keep", [0, -1])
def test_nothing_kept_is_refused(keep: int) -> None:
    with pytest.raises(ConfigurationError, match=f"from 1 on, or None for all; got {keep}"):
        Emulator(keep=keep)


def test_the_report_of_serve_knows_what_it_has_not_seen() -> None:
    """So that a burst which pushes requests out before they are listed is counted, not passed over."""
    kept = [Received("POST", "/", {}, {}, number=number) for number in (8, 9)]

    assert _since(9, kept) == ([], 0)
    assert _since(8, kept) == (kept[1:], 0)
    assert _since(7, kept) == (kept, 0)
    assert _since(3, kept) == (kept, 4)
    assert _since(0, []) == ([], 0)

"""The soak itself, for some seconds: it accounts for every call, and it notices what is wrong."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.soak.__main__ import figures, report, soak
from tests.soak.calls import Account, Asked, drawn
from tests.soak.gauges import Gauges

if TYPE_CHECKING:
    import pytest


def test_some_seconds_of_it_account_for_every_call() -> None:
    account, gauges, left = soak(4.0, 16, 7)

    assert account.wrong == []
    assert left == []
    assert account.begun == account.ended > 0
    assert account.right > 0
    assert account.errors.total() > 0
    assert gauges.memory


def test_the_table_tells_of_calls_errors_memory_and_sockets(capsys: pytest.CaptureFixture[str]) -> None:
    account = Account()
    account.begin()
    account.note(drawn(random.Random(1)), None, "QuotaError")
    report(account, _still(), [], 1.0)
    told = capsys.readouterr().out

    assert [word for word in ("calls", "QuotaError", "100 -> 100 MB", "20 -> 20") if word not in told] == []


def test_the_figures_count_every_call() -> None:
    account = Account()
    chance = random.Random(1)
    for wrong, error in ((None, None), (None, "QuotaError"), ("it sang", None)):
        account.begin()
        account.note(drawn(chance), wrong, error)
    told = figures(account, _still(), ["a task is left"], off=2)

    assert (told["calls"], told["right"], told["errors"], told["wrong"]) == (3, 1, {"QuotaError": 1}, 1)
    assert (told["left"], told["off"]) == (1, 2)
    assert (told["memory"], told["descriptors"]) == ((100_000_000, 100_000_000), (20, 20))


def test_a_call_that_ends_otherwise_than_it_must_is_off() -> None:
    account = Account()
    account.begin()
    account.note(drawn(random.Random(1)), "it sang", None)

    assert [text for text in report(account, _still(), [], 1.0) if "it sang" in text]


def test_a_call_that_never_ends_is_off() -> None:
    account = Account()
    account.begin()

    assert report(account, _still(), [], 1.0) == ["1 calls never ended"]


def test_memory_and_sockets_that_grow_are_off() -> None:
    growing = Gauges([number * 100_000_000 for number in range(1, 13)], [100 * number for number in range(1, 13)])

    assert len(report(Account(), growing, [], 1.0)) == 2


def test_what_is_left_is_off() -> None:
    assert report(Account(), _still(), ["a task is left"], 1.0) == ["a task is left"]


def test_calls_are_drawn_by_the_seed_alone() -> None:
    one, other = random.Random("1/1"), random.Random("1/1")
    calls: list[Asked] = [drawn(one) for _ in range(50)]

    assert calls == [drawn(other) for _ in range(50)]


def _still() -> Gauges:
    return Gauges([100_000_000] * 12, [20] * 12)

"""What `examples/ray_batch.py` decides without Ray: what is done, when to ask, what to say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from examples.batch_ledger import Ledger, Pace, Writer, claim, columns_of, digest, key_of, summary

if TYPE_CHECKING:
    from pathlib import Path


def result(id_: str, **said: Any) -> dict[str, Any]:
    """Return a result line."""
    plain = {"endpoint": "shuyou", "finish_reason": "STOP", "input_tokens": 3, "output_tokens": 2}
    return {"id": id_, "prompt": digest(id_), "text": "It is.", **plain, **said}


def failure(id_: str, error: str = "ServerError") -> dict[str, Any]:
    """Return a failure line."""
    return {"id": id_, "prompt": digest(id_), "error": error, "message": "It broke.", "retryable": True, "run": "1"}


def test_a_result_is_known_to_another_worker_as_soon_as_it_is_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    writer = Writer(tmp_path)
    for id_ in ("1", "2"):
        writer.result(result(id_))

        assert key_of(result(id_)) in ledger.refresh().answered


def test_a_torn_line_counts_once_it_is_whole(tmp_path: Path) -> None:
    """Cut at every byte: what a killed worker was writing is no result, and what it had written is."""
    first, second = (json.dumps(result(id_)).encode() + b"\n" for id_ in "12")
    path = tmp_path / "results-a.jsonl"
    for cut in range(len(second)):
        path.write_bytes(first + second[:cut])
        ledger = Ledger(tmp_path).refresh()

        assert [id_ for id_, _ in ledger.answered] == ["1"]

        path.write_bytes(first + second)

        assert [id_ for id_, _ in ledger.refresh().answered] == ["1", "2"]


def test_two_workers_never_write_to_one_file(tmp_path: Path) -> None:
    for id_ in "123":
        Writer(tmp_path).result(result(id_))

    assert len(list(tmp_path.glob("results-*.jsonl"))) == 3


def test_a_writer_without_rows_leaves_no_files(tmp_path: Path) -> None:
    Writer(tmp_path).sync()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["two\nlines\r\n", "\u2028\u0085\x1c", "书有", "half of a pair: \ud83d", '"}'])
def test_any_text_is_one_line_and_comes_back(text: str, tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.result(result("1", text=text))
    writer.sync()
    (path,) = tmp_path.glob("results-*.jsonl")

    assert path.read_bytes().count(b"\n") == 1
    assert json.loads(path.read_bytes())["text"] == text
    assert list(Ledger(tmp_path).refresh().answered) == [("1", digest("1"))]


def test_rows_that_share_an_id_are_not_taken_for_each_other(tmp_path: Path) -> None:
    Writer(tmp_path).result(result("1"))
    answered = Ledger(tmp_path).refresh().answered

    assert ("1", digest("1")) in answered
    assert ("1", digest("another prompt")) not in answered


def test_a_failure_is_open_until_its_row_is_answered(tmp_path: Path) -> None:
    writer, ledger = Writer(tmp_path), Ledger(tmp_path)
    writer.failure(failure("1"))
    writer.failure(failure("2", "RateLimitError"))

    assert [row["error"] for row in ledger.refresh().open_failures] == ["ServerError", "RateLimitError"]

    writer.result(result("1"))

    assert [row["id"] for row in ledger.refresh().open_failures] == ["2"]


def test_a_pace_spreads_requests_over_the_minute_and_saves_up_none() -> None:
    pace = Pace(30)

    assert [pace.reserve(100.0) for _ in range(3)] == [0.0, 2.0, 4.0]
    assert pace.reserve(105.0) == 1.0
    assert [pace.reserve(500.0), pace.reserve(500.0)] == [0.0, 2.0]


def test_without_a_limit_nobody_waits() -> None:
    pace = Pace(None)

    assert [pace.reserve(float(now)) for now in (3, 3, 3)] == [0.0] * 3


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    claim(folder, {"prompt": "{text}", "model": "a"})
    claim(folder, {"prompt": "{text}", "model": "a"})
    with pytest.raises(ValueError, match="another model, prompt: choose another folder with --out"):
        claim(folder, {"prompt": "{text}!", "model": "b"})

    assert [path.name for path in folder.iterdir()] == ["run.json"]


@pytest.mark.parametrize(
    ("template", "columns"), [("{text}", {"text"}), ("{{}} {a} {b} {a}", {"a", "b"}), ("nothing", set())]
)
def test_a_template_names_its_columns(template: str, columns: set[str]) -> None:
    assert columns_of(template) == columns


@pytest.mark.parametrize("template", ["{", "{}", "{0}", "{text.__class__}", "{a b}", "{a:>5}", "{a!r}"])
def test_a_template_that_names_no_column_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        columns_of(template)


def test_the_summary_counts_answers_failures_tokens_and_cost(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    for id_ in "123":
        writer.result(result(id_))
    writer.result(result("4", endpoint="juheai", finish_reason="MAX_TOKENS", input_tokens=None, output_tokens=None))
    writer.failure(failure("5"))
    writer.failure(failure("1"))
    ledger = Ledger(tmp_path).refresh()

    assert summary(ledger, price_in=100_000, price_out=1_000_000).splitlines() == [
        "answered          4   shuyou 3, juheai 1",
        "failed            1   ServerError 1",
        "not whole         1   MAX_TOKENS 1",
        "tokens            9 in, 6 out",
        "                  1 answers came without a count of tokens",
        "cost         6.9000 at the prices given; requests that failed or were retried are not in it",
    ]
    assert "cost" not in summary(ledger)

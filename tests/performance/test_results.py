"""What the benchmark says of its figures: ratios, goals, failures, the table and the chart."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from benchmarks.answers import CALLS, CHUNKS, IMAGE, answer
from benchmarks.cases import Case, Failure, Figure, Goal, Measured, Row
from benchmarks.chart import svg
from benchmarks.machine import Setting
from benchmarks.report import lines, markdown, verdict
from benchmarks.subjects import SUBJECTS

if TYPE_CHECKING:
    from benchmarks.cases import Outcome

WHERE = Setting("2026-11-20", "2 cores, Linux x86_64", "CPython 3.11.7", {"gstream": "0.1.0", "httpx": "0.28.1"})


def row(goal: Goal, **others: Outcome) -> Row:
    """Return a row in which gstream took 2, 4 and 3 µs."""
    figure = Figure("cpu", "CPU", "µs", goal=goal, chart="LangChain: <CPU> per chunk")
    case = Case("LangChain", "`stream()`", dict, (figure,))
    outcomes = {name.replace("_", "-"): outcome for name, outcome in others.items()}
    return Row(case, figure, {"gstream": Measured((2.0, 4.0, 3.0)), **outcomes})


def test_a_ratio_is_the_median_over_the_rounds() -> None:
    """In one slow round both are slow, so rounds are compared with themselves."""
    assert Measured((2.0, 40.0, 3.0)).over(Measured((1.0, 20.0, 1.0))) == 2.0


@pytest.mark.parametrize(
    ("goal", "ours", "floor", "peer", "reached"),
    [
        (Goal(floors=1.3), 9, 1.3, None, True),
        (Goal(floors=1.3), 9, 1.31, None, False),
        (Goal(floors=1.3), 9, None, None, False),
        (Goal(peer=7), 9, None, 7, True),
        (Goal(peer=7), 9, None, 6.9, False),
        (Goal(peer=7), 9, None, None, True),
        (Goal(most=9), 9, None, None, True),
        (Goal(most=9), 9.1, None, None, False),
        (Goal(floors=1.3, peer=7), 9, 1.2, 6, False),
    ],
)
def test_a_goal_is_reached_if_all_its_bounds_hold(
    goal: Goal, ours: float, floor: float | None, peer: float | None, *, reached: bool
) -> None:
    assert goal.reached(ours, floor, peer) is reached


def test_a_goal_missed_is_told_as_missed() -> None:
    said = verdict(row(Goal(floors=1.3), floor=Measured((1.0, 1.0, 1.0))))

    assert said == "at most 1.3 x floor: missed"


def test_a_goal_against_the_peer_is_against_the_package_for_the_same_api() -> None:
    others = {"langchain_google_genai": Measured((20.0, 40.0, 30.0)), "langchain_openai": Measured((3.0, 3.0, 3.0))}

    assert verdict(row(Goal(peer=7), **others)) == "the peer at least 7 x: reached"


def test_what_a_contender_cannot_do_stands_where_its_figure_would() -> None:
    failing = row(Goal(), langchain_openai=Failure("loses thoughts"))

    assert "langchain-openai                loses thoughts" in "\n".join(lines(failing))
    assert "loses thoughts" in markdown(WHERE, [("CPU", [failing])])
    assert "loses thoughts" in svg(WHERE, [failing])


def test_the_table_shows_median_minimum_and_ratio_of_each() -> None:
    shown = row(Goal(), floor=Measured((2.0, 2.0, 2.0)), langchain_google_genai=Measured((20.0, 40.0, 30.0)))

    table = markdown(WHERE, [("CPU", [shown])])

    assert "| LangChain | floor | gstream | langchain-google-genai | langchain-openai |" in table
    assert "| 2.0 µs | 3.0 µs (2.0), 1.50 x floor | 30.0 µs (20.0), 10.0 x gstream |  |" in table
    assert "httpx 0.28.1" in table


def test_the_chart_is_well_formed_and_its_texts_are_text() -> None:
    shown = row(Goal(), floor=Measured((1.0, 1.0, 1.0)), langchain_google_genai=Measured((20.0, 40.0, 30.0)))

    drawn = ET.fromstring(svg(WHERE, [shown]))  # noqa: S314 - our own
    texts = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    bars = [float(bar.get("width", "0")) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")][1:]

    assert "LangChain: <CPU> per chunk" in texts
    assert "30.0 µs, 10.0 x" in texts
    assert [round(bar / max(bars) * 30, 1) for bar in bars] == [3.0, 1.0, 30.0]


def test_every_answer_says_what_its_bytes_hold() -> None:
    """Each contender's answer is compared with this, so it must be right."""
    assert answer("text").gemini[0].count(b"data: ") == CHUNKS
    assert answer("calls").says.calls == CALLS == answer("calls").openai[0].count(b'"tool_calls"')
    assert len(answer("thoughts").says.thoughts) > CHUNKS
    assert answer("image").says.media == IMAGE < len(answer("image").gemini[0])


def test_the_figures_of_a_case_are_told_apart() -> None:
    for _, cases in SUBJECTS.values():
        for case in cases:
            assert len({figure.key for figure in case.figures}) == len(case.figures)


def test_the_benchmark_measures_gstream_in_one_go() -> None:
    """The whole way of a case that needs no peer's package: server, worker, round, row."""
    program = (
        "from benchmarks.running import Run\n"
        "from benchmarks.subjects.construction import CASES\n"
        "from benchmarks.upstream import upstream\n"
        "if __name__ == '__main__':\n"
        "    with upstream() as base, Run(base, quick=True) as run:\n"
        "        print(type(run.rows(CASES[0])[0].outcomes['gstream']).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)

    assert (done.stdout.strip(), done.stderr) == ("Measured", "")

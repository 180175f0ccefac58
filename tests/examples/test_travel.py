"""A model object in other processes, threads and tasks: where a program grows to, the same object goes along."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gstream import Target
from gstream.emulator import Emulator
from langchain_gstream import ChatGStream
from llamaindex_gstream import GStream

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY = 12


def ask(model: ChatGStream | GStream, question: str) -> str:
    """Return the text of an answer; importable by name, as what a pool of processes runs must be."""
    return str(model.invoke(question).text if isinstance(model, ChatGStream) else model.complete(question).text)


async def aask(model: ChatGStream | GStream, question: str) -> str:
    """Return as `ask` does."""
    answer: Any = await (model.ainvoke(question) if isinstance(model, ChatGStream) else model.acomplete(question))
    return str(answer.text)


def aask_alone(model: ChatGStream | GStream, question: str) -> str:
    """Return as `ask` does, through an event loop of this call."""
    return asyncio.run(aask(model, question))


QUESTIONS = [f"Repeat word{number}" for number in range(MANY)]


@pytest.fixture
def reseller() -> Iterator[Emulator]:
    """A reseller that many processes ask at once."""
    with Emulator("shuyou") as running:
        yield running


@pytest.fixture(params=[ChatGStream, GStream])
def model(request: pytest.FixtureRequest, reseller: Emulator) -> ChatGStream | GStream:
    """A model of each framework, used once, so that it holds connections of this process."""
    made = request.param(model="gemini-2.5-flash", endpoint=reseller.endpoint, api_key=reseller.api_key)
    ask(made, "hello")
    aask_alone(made, "hello")
    return made  # type: ignore[no-any-return]  # of a fixture's parameter nothing is known


def assert_each_has_its_own(answers: list[str]) -> None:
    """Fail unless each question got the answer to itself."""
    assert [f"word{number}" for number in range(MANY) if f"Repeat word{number}”" not in answers[number]] == []


@pytest.mark.parametrize(("method", "way"), [("spawn", ask), ("fork", ask), ("fork", aask_alone)])
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # which is what is tested
def test_a_used_model_works_in_a_pool_of_processes(model: ChatGStream | GStream, method: str, way: Any) -> None:
    """Pickled for each call, into processes that are new or copies of one that has open connections."""
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        answers = list(pool.map(way, [model] * MANY, QUESTIONS))

    assert_each_has_its_own(answers)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # which is what is tested
def test_prefork_workers_and_their_parent_use_one_used_model_at_once(model: ChatGStream | GStream) -> None:
    """As under Celery or Gunicorn: the object is never pickled, and no process reads another one's connection."""
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()

    def work(number: int) -> None:
        for question in QUESTIONS[number::3]:
            answers.put((question, ask(model, question)))
            answers.put((question, aask_alone(model, question)))

    workers = [context.Process(target=work, args=(number,)) for number in (0, 1)]
    for worker in workers:
        worker.start()
    work(2)
    told = [answers.get() for _ in range(2 * MANY)]
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0, 0]
    assert [question for question, answer in told if f"{question}”" not in answer] == []
    assert sorted(question for question, _ in told) == sorted(QUESTIONS * 2)


def test_a_model_from_the_environment_works_where_there_is_none(
    reseller: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pickle carries the key, the fallback's too, so a worker needs neither variables nor a configuration."""
    with monkeypatch.context() as environment, Emulator("juheai") as second:
        environment.setenv("SHUYOU_BASE_URL", reseller.base_url)
        environment.setenv("SHUYOU_API_KEY", reseller.api_key)
        spare = Target(second.endpoint, second.api_key, "gemini-2.5-pro")
        models = [
            kind(model="gemini-2.5-flash", endpoint="shuyou", fallbacks=[spare]) for kind in (ChatGStream, GStream)
        ]
    bare = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
    code = "import pickle, sys\nfor model in pickle.load(sys.stdin.buffer): print(model.targets())\n"
    code += "from tests.examples.test_travel import ask\nprint(ask(model, 'hello'))"
    command = [sys.executable, "-c", code]
    root = Path(__file__).parents[2]
    worker = subprocess.run(command, cwd=root, env=bare, input=pickle.dumps(models), capture_output=True, check=False)
    said = worker.stdout.decode()

    assert worker.returncode == 0, worker.stderr.decode()
    assert said.count(reseller.base_url) == said.count(second.base_url) == 2
    assert "hello" in said
    assert len(reseller.requests) == 1


@pytest.mark.parametrize("way", [ask, aask_alone])
def test_threads_share_one_model(model: ChatGStream | GStream, way: Any) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(way, [model] * MANY, QUESTIONS))

    assert_each_has_its_own(answers)


async def test_tasks_of_a_group_share_one_model(model: ChatGStream | GStream) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(aask(model, question)) for question in QUESTIONS]

    assert_each_has_its_own([task.result() for task in tasks])


@pytest.mark.parametrize("most", [None, 1, 3])
async def test_langchains_batches_give_answers_in_order(reseller: Emulator, most: int | None) -> None:
    model = ChatGStream(model="gemini-2.5-flash", endpoint=reseller.endpoint, api_key=reseller.api_key)
    config: Any = {"max_concurrency": most} if most else None

    assert_each_has_its_own([message.text for message in model.batch([*QUESTIONS], config)])
    assert_each_has_its_own([message.text for message in await model.abatch([*QUESTIONS], config)])

    completed = {number: message.text async for number, message in model.abatch_as_completed([*QUESTIONS], config)}
    assert_each_has_its_own([completed[number] for number in range(MANY)])

"""Models travel to other processes, and take their key along: a worker can ask without any environment of its own.

So a pickle of a model is a secret. Everything else that a model can be turned into holds none.
"""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from gstream import ENDPOINTS, Target
from gstream.emulator import Emulator
from langchain_gstream import ChatGStream
from llamaindex_gstream import GStream
from tests.secrets.looking import CANARY, KEY, of_model

if TYPE_CHECKING:
    from collections.abc import Iterator

MODELS = (ChatGStream, GStream)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator("juheai", api_key=KEY) as running:
        yield running


def _asked(model: Any) -> str:
    return str(model.invoke("Hello").text if isinstance(model, ChatGStream) else model.complete("Hello").text)


@pytest.mark.parametrize("used", [False, True], ids=["new", "used"])
@pytest.mark.parametrize("kind", MODELS)
def test_a_pickled_model_carries_its_key_and_asks(kind: Any, used: bool, emulator: Emulator) -> None:  # noqa: FBT001 - a parameter of the test
    model = kind(model="gemini-2.5-flash", endpoint=emulator.endpoint, api_key=KEY)
    answer = _asked(model) if used else ""
    stored = pickle.dumps(model)
    again = pickle.loads(stored)  # noqa: S301 - made two lines above

    assert CANARY.encode() in stored
    assert _asked(again)
    assert not used or _asked(again) == answer
    assert [text for text in of_model(again) if CANARY in text] == []


@pytest.mark.parametrize("kind", MODELS)
def test_a_key_of_the_environment_travels_too(kind: Any, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUHEAI_API_KEY", KEY)
    model = kind(model="gemini-2.5-flash", endpoint="juheai", base_url=emulator.base_url)
    stored = pickle.dumps(model)
    monkeypatch.delenv("JUHEAI_API_KEY")

    assert _asked(pickle.loads(stored))  # noqa: S301 - made above


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
@pytest.mark.parametrize("kind", MODELS)
def test_a_copy_asks_too_and_shows_no_more(kind: Any, copied: Any, emulator: Emulator) -> None:
    fallback = Target(ENDPOINTS["google"], KEY)
    model = kind(model="gemini-2.5-flash", endpoint=emulator.endpoint, api_key=KEY, fallbacks=[fallback])
    _asked(model)
    again = copied(model)

    assert _asked(again)
    assert [text for text in of_model(again) if CANARY in text] == []


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_works_in_another_process(kind: Any, emulator: Emulator) -> None:
    model = kind(model="gemini-2.5-flash", endpoint=emulator.endpoint, api_key=KEY)
    answer = _asked(model)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(_asked, model).result() == answer

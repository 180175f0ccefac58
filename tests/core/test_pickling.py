"""What a pickled model carries: all that asking elsewhere needs; and that the object it was made of stays as it is."""

from __future__ import annotations

import os
import pickle
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import BaseModel

import gstream.connections
from gstream import ConfigurationError
from langchain_gstream import ChatGStream
from llamaindex_gstream import GStream

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "made-up-key"
OTHER = "made-up-key-of-the-other-side"


@pytest.fixture(params=[ChatGStream, GStream])
def make(request: pytest.FixtureRequest) -> Callable[..., ChatGStream | GStream]:
    """Make a model of each framework."""

    def make(**parameters: Any) -> ChatGStream | GStream:
        made: ChatGStream | GStream = request.param(model="gemini-2.5-flash", **parameters)
        return made

    return make


def travelled(model: Any) -> Any:
    """Return what arrives at the other side."""
    return pickle.loads(pickle.dumps(model))  # noqa: S301 - our own bytes


def test_the_other_sides_environment_does_not_move_a_model(
    make: Callable[..., ChatGStream | GStream], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUYOU_API_KEY", KEY)
    model = make()
    pickled = pickle.dumps(model)
    monkeypatch.delenv("SHUYOU_API_KEY")
    monkeypatch.setenv("JUHEAI_API_KEY", OTHER)
    (target,) = pickle.loads(pickled).targets()  # noqa: S301 - our own bytes

    assert (target.endpoint.name, target.api_key) == ("shuyou", KEY)


def test_which_parameters_were_given_travels_too(make: Callable[..., ChatGStream | GStream]) -> None:
    model = make(endpoint="google", api_key=KEY, temperature=0.5)

    assert travelled(model).model_fields_set == model.model_fields_set


@pytest.mark.parametrize("name", ["http_client", "http_async_client"])
def test_an_own_http_client_is_refused_and_stays(name: str, make: Callable[..., ChatGStream | GStream]) -> None:
    client = {"http_client": httpx.Client, "http_async_client": httpx.AsyncClient}[name]()
    model = make(endpoint="google", api_key=KEY, **{name: client})
    with pytest.raises(ConfigurationError, match=f"{name} holds connections of this process"):
        pickle.dumps(model)

    assert getattr(model, name) is client


class Rebuilt(httpx.Client):
    """A client that says how it is made anew elsewhere."""

    def __reduce__(self) -> tuple[type[Rebuilt], tuple[()]]:
        return Rebuilt, ()


def test_an_own_http_client_that_says_how_it_is_pickled_travels(make: Callable[..., ChatGStream | GStream]) -> None:
    with Rebuilt() as client:
        arrived = travelled(make(endpoint="google", api_key=KEY, http_client=client))

        assert isinstance(arrived.http_client, Rebuilt)

        arrived.http_client.close()


def test_what_pickle_cannot_write_is_an_error_and_never_left_out(make: Callable[..., ChatGStream | GStream]) -> None:
    class Local(BaseModel):
        x: int

    model = make(endpoint="google", api_key=KEY, response_schema=Local)
    with pytest.raises((pickle.PicklingError, AttributeError), match="Local"):
        pickle.dumps(model)

    assert model.response_schema is Local


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")  # which is what is tested
def test_no_lock_of_the_connections_outlives_a_fork() -> None:
    """A thread that makes the first connection may hold any lock of the module while another one forks."""
    locks = [value for value in vars(gstream.connections).values() if isinstance(value, type(threading.Lock()))]

    assert locks == []

    child = os.fork()
    if child == 0:
        with gstream.connections.lent_client():
            os._exit(0)

    assert os.waitpid(child, 0)[1] == 0

"""Everything that an object, an error or a program shows of itself, as texts to look for a key in."""

from __future__ import annotations

import pickle
import traceback
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.load import dumps
from langchain_core.load.serializable import Serializable
from langchain_core.tracers.base import BaseTracer
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.span_handlers import SimpleSpanHandler
from llama_index_instrumentation import get_dispatcher
from rich.traceback import Traceback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_core.tracers.schemas import Run

CANARY = "CANARY"
KEY = f"made-up-{CANARY}/7f+3a="
"""A key that a URL must quote, so that both of its spellings are looked for by the same word."""
_DEEPEST = 12


def held(value: Any, place: str, seen: set[int], depth: int = 0) -> Iterator[str]:  # noqa: C901 - all kinds of values
    """Yield where in the fields of an object, and of what they hold, the key stands; frames are another matter."""
    if id(value) in seen or depth > _DEEPEST:
        return
    seen.add(id(value))
    if isinstance(value, str | bytes):
        if CANARY in (value if isinstance(value, str) else value.decode("latin-1")):
            yield f"{place}: {value!r}"
        return
    if isinstance(value, dict):
        for name, item in value.items():
            yield from held(name, f"{place} name", seen, depth + 1)
            yield from held(item, f"{place}[{name!r}]", seen, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for number, item in enumerate(value):
            yield from held(item, f"{place}[{number}]", seen, depth + 1)
    if isinstance(value, BaseException):
        for name in ("args", "__cause__", "__context__", "__notes__"):
            yield from held(getattr(value, name, None), f"{place}.{name}", seen, depth + 1)
    for name in [*getattr(value, "__dict__", {}), *_slots(value)]:
        yield from held(getattr(value, name, None), f"{place}.{name}", seen, depth + 1)


def _slots(value: Any) -> list[str]:
    return [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ()) if isinstance(name, str)]


def of_error(error: BaseException) -> Iterator[str]:
    """Yield everything that tools show of an error: its texts, its traceback with and without locals, its pickle."""
    yield from (str(error), repr(error), repr(vars(error)), pickle.dumps(error).decode("latin-1"))
    for captured in (False, True):
        yield from traceback.TracebackException.from_exception(error, capture_locals=captured).format()
    yield from _drawn(error)
    yield from held(error, "error", set())


def _drawn(error: BaseException) -> Iterator[str]:
    """Yield what rich's tracebacks show of each frame's variables, containers opened, without the drawing of it."""
    trace = Traceback.extract(
        type(error), error, error.__traceback__, show_locals=True, locals_max_string=10_000, locals_max_length=1_000
    )
    for stack in trace.stacks:
        yield stack.exc_value
        for frame in stack.frames:
            yield from (f"{frame.name}: {name} = {node}" for name, node in (frame.locals or {}).items())


def of_model(model: Any) -> Iterator[str]:
    """Yield everything that a model object shows or is stored as."""
    yield from (str(model), repr(model), repr(model.core_client()), repr(model.core_client().targets))
    yield from (repr(model.model_dump()), repr(dict(model)), str(model.metadata))
    if isinstance(model, Serializable):
        yield from (dumps(model), dumps(model, pretty=True), repr(model.to_json()), repr(model.lc_attributes))
        yield from (repr(model._identifying_params), repr(model._get_ls_params()), repr(model.asdict()))  # type: ignore[attr-defined]
    else:
        yield from (repr(model.to_dict()), model.to_json(), repr(model.dict()))


def of_answer(answer: Any) -> Iterator[str]:
    """Yield everything that an answer shows or is stored as."""
    yield from (str(answer), repr(answer), pickle.dumps(answer).decode("latin-1"))
    if isinstance(answer, Serializable):
        yield dumps(answer)
    yield from held(answer, "answer", set())


class Tracer(BaseTracer):
    """Keeps what LangSmith's tracer would send: each run whole, in JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []

    def _persist_run(self, run: Run) -> None:
        self.runs += [repr(run), str(run.model_dump())]


class Callbacks(BaseCallbackHandler):
    """Keeps what every callback is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("on_"):
            return super().__getattribute__(name)

        def note(*arguments: Any, **named: Any) -> None:
            self.told.append(f"{name} {arguments!r} {named!r}")

        return note


class Events(BaseEventHandler):
    """Keeps LlamaIndex's events."""

    told: list[str] = []  # noqa: RUF012 - a field: pydantic copies it for each object

    @classmethod
    def class_name(cls) -> str:
        return "Events"

    def handle(self, event: Any, **_: Any) -> None:
        self.told.extend((repr(event), str(event.model_dump())))


class Listening:
    """Adds handlers of events and spans to LlamaIndex's root dispatcher, for a block."""

    def __enter__(self) -> list[str]:
        self._root = get_dispatcher()
        self._events, self._spans = Events(), SimpleSpanHandler()
        self._before = list(self._root.event_handlers), list(self._root.span_handlers)
        self._root.add_event_handler(self._events)
        self._root.add_span_handler(self._spans)
        return self._events.told

    def __exit__(self, *_: object) -> None:
        self._events.told.extend(repr(span) for span in self._spans.completed_spans + self._spans.dropped_spans)
        self._root.event_handlers, self._root.span_handlers = self._before

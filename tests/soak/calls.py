"""The calls of a soak: what is asked, what must come of it, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from gstream import ENDPOINTS, GStreamError
from gstream.emulator import Emulator
from langchain_gstream import ChatGStream
from tests.faults.forms import CALLS, CODE, FORMS, SPEECH, TEXT, THOUGHTS, Form, Outcome, Question
from tests.faults.table import ANSWERS, ERRORS, Answered, Failed
from tests.faults.told import Told, honest_documents, read

if TYPE_CHECKING:
    import asyncio
    import random
    from collections.abc import Callable, Mapping

HONEST_SHARE = 0.5
"""How many of the calls meet no fault."""
_SHORT = {"connect": 30.0, "first_byte": 1.5, "idle": 1.5}
_PATIENT = {"connect": 30.0, "first_byte": 60.0, "idle": 60.0}
_HONEST = tuple(Answered("", question) for question in (TEXT, THOUGHTS, CALLS, CODE, SPEECH))
_ROWS: tuple[Answered | Failed, ...] = (*(row for row in ANSWERS if not row.bent_signatures), *ERRORS)


@dataclass(frozen=True)
class Asked:
    """One call: its form, and the row of the table that says what must come of it."""

    form: Form
    row: Answered | Failed
    retries: int


@dataclass
class Account:
    """What became of all calls."""

    right: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    """Typed errors that were to come, by class."""
    wrong: list[str] = field(default_factory=list)
    """Calls that ended in any other way, as sentences."""
    begun: int = 0
    forms: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    @property
    def ended(self) -> int:
        """All calls that are accounted for."""
        return self.right + self.errors.total() + len(self.wrong)

    def begin(self) -> None:
        """Note that a call goes out."""
        with self._lock:
            self.begun += 1

    def note(self, asked: Asked, wrong: str | None, error: str | None) -> None:
        """Note how a call ended: `wrong` says what is not as it must be, `error` is the class of a right error."""
        with self._lock:
            self.forms[asked.form.name] += 1
            if wrong is not None:
                self.wrong.append(f"{asked.form.name} with {asked.row.fault or 'no fault'}: {wrong}")
            elif error is not None:
                self.errors[error] += 1
            else:
                self.right += 1


def drawn(chance: random.Random) -> Asked:
    """Return the next call."""
    row: Answered | Failed = chance.choice(_HONEST) if chance.random() < HONEST_SHARE else chance.choice(_ROWS)
    return Asked(chance.choice(FORMS), row, chance.randrange(1, 3))


def honest_answers(runner: asyncio.Runner) -> dict[tuple[str, type], list[dict[str, Any]]]:
    """Return the documents with which an honest emulator answers each question (by its prompt) of each adapter."""
    answers: dict[tuple[str, type], list[dict[str, Any]]] = {}
    with Emulator("google") as emulator:
        for question in (TEXT, THOUGHTS, CALLS, CODE, SPEECH):
            for form in FORMS:
                if (_label(question), form.make) not in answers:
                    form(form.model(emulator, question), question, runner)
                    answers[_label(question), form.make] = honest_documents(emulator.requests[-1])
    return answers


def _label(question: Question) -> str:
    return f"{question.prompt} {sorted(question.parameters)}"


def expected(row: Answered, form: Form, honest: Told) -> Told:
    """Return what must be told."""
    told = row.expect(honest)
    return replace(told, signatures=()) if row.unsent and form.make is ChatGStream else told


class Caller:
    """Makes calls, one after the other, and judges them.

    Args:
        places: where each fault is served: base URL and key.
        documents: what `honest_answers` gives.
        runner: what runs coroutines.
        account: where the calls are noted.
    """

    def __init__(
        self,
        places: Mapping[str, tuple[str, str]],
        documents: Mapping[tuple[str, type], list[dict[str, Any]]],
        runner: asyncio.Runner,
        account: Account,
    ) -> None:
        self._places = places
        self._documents = documents
        self._runner = runner
        self._account = account

    def __call__(self, asked: Asked) -> None:
        """Make one call."""
        self._account.begin()
        try:
            outcome = asked.form(self._model(asked), asked.row.question, self._runner)
        except Exception as error:  # noqa: BLE001 - what must not leave is what is looked for
            self._account.note(asked, f"{type(error).__name__} left: {error}"[:500], None)
            return
        judge: Callable[..., str | None] = _misled if isinstance(asked.row, Failed) else _mistold
        documents = self._documents[_label(asked.row.question), asked.form.make]
        wrong = judge(asked.row, asked.form, outcome, documents)
        self._account.note(asked, wrong, _name(outcome.error) if outcome.error else None)

    def _model(self, asked: Asked) -> Any:
        base_url, key = self._places[asked.row.fault]
        place: Any = type("Place", (), {"endpoint": replace(ENDPOINTS["google"], base_url=base_url), "api_key": key})
        short = isinstance(asked.row, Failed) and asked.row.short
        return asked.form.model(
            place, asked.row.question, max_retries=asked.retries, timeout=_SHORT if short else _PATIENT
        )


def _name(error: GStreamError) -> str:
    return next(cls.__name__ for cls in type(error).__mro__ if cls.__module__ == "gstream.errors")


def _mistold(row: Answered, form: Form, outcome: Outcome, documents: list[dict[str, Any]]) -> str | None:
    """Return what is wrong with the outcome of a call that must be answered."""
    if outcome.error is not None:
        return f"{outcome.error!r}"[:500]
    wanted = expected(row, form, read(documents))
    if outcome.told is None or _unsigned(outcome.told) != _unsigned(wanted):
        differ = [f.name for f in fields(wanted) if getattr(outcome.told, f.name, None) != getattr(wanted, f.name)]
        both = [f"{name} {getattr(outcome.told, name, None)!r} and not {getattr(wanted, name)!r}" for name in differ]
        return "; ".join(both)[:500]
    if form.streams and outcome.delivered != wanted.text:
        return f"delivered {outcome.delivered!r} and not {wanted.text!r}"[:900]
    return None


def _unsigned(told: Told) -> Told:
    """Return what is told, of signatures only where they stand: each process makes its own."""
    return replace(told, signatures=tuple((label, "") for label, _ in told.signatures))


def _misled(row: Failed, form: Form, outcome: Outcome, documents: list[dict[str, Any]]) -> str | None:
    """Return what is wrong with the outcome of a call that must fail."""
    error = outcome.error
    if error is None:
        return f"answered {outcome.told!r}"[:500]
    if _name(error) != row.error.__name__:
        return f"{_name(error)} and not {row.error.__name__}: {error}"[:500]
    arrived = read(documents[: row.arrived])
    partial = "" if error.partial is None else error.partial.text
    if partial != arrived.text or (form.streams and outcome.delivered != arrived.text):
        return f"kept {partial!r}, delivered {outcome.delivered!r}, and not {arrived.text!r}"[:500]
    return None

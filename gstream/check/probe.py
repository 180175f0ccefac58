"""What a probe is: a value that says what is asked, what the answer tells, and who can be asked at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from gstream.check.exchange import Exchange, Seen
from gstream.messages import Prompt

if TYPE_CHECKING:
    from gstream.check.verdict import Verdict
    from gstream.endpoints import Endpoint
    from gstream.models import Model

__all__ = ["Asked", "Group", "Judge", "Overall", "Probe", "Question", "undocumented"]

Group: TypeAlias = Literal["access", "answers", "thinking", "tools", "structure", "media", "errors"]
Judge: TypeAlias = "Callable[[Sequence[Exchange]], Verdict]"
"""The exchanges of a probe, none of which failed -> the verdict."""
Overall: TypeAlias = "Callable[[Seen], Verdict]"
"""Everything heard so far -> the verdict."""
Asked: TypeAlias = Literal["model", "image model", "model without key"]
"""Whom a question goes to: the model, the one of `--image-model`, or the model with a key that does not exist."""
Question: TypeAlias = Callable[[str, Seen], Prompt]
"""The model's name and everything heard so far -> what to ask."""


@dataclass(frozen=True)
class Probe:
    """One thing to find out."""

    name: str
    """As `--only` and `--skip` take it."""
    group: Group
    asks: str
    """What is sent, as a clause."""
    tells: str
    """What a pass means, as a clause."""
    failing: str
    """What a failure means for an agent, as a sentence."""
    judge: Judge | None = None
    """What its exchanges mean; `None`: see `overall`, and for the search for a way in `access`."""
    overall: Overall | None = None
    """What everything heard so far means, failed exchanges among it; `None`: see `judge`."""
    question: Question | None = None
    """`None`: nothing is asked for it."""
    reads: str = ""
    """The probe whose exchanges it judges; empty: its own."""
    needs: tuple[str, ...] = ("answer",)
    """Probes that must pass, or this one would tell nothing."""
    fields: tuple[str, ...] = ()
    """Request fields it is about, as paths: where the endpoint's document does not list one, a failure is none."""
    unable: Callable[[Model], str] = field(default=lambda _: "")
    """Why a model cannot do it, from its facts; empty: it can, or nobody knows."""
    json_schema: bool | None = None
    """In which field a response schema is sent (`Endpoint.json_schema`); `None`: as the endpoint has it."""
    asked: Asked = "model"
    """Whom it asks."""
    measured: bool = False
    """Whether it asks several times, and judges failed tries too."""
    expects_error: bool = False
    """Whether an error is what it asks for, so that nothing is repeated."""
    tokens_in: int = 30
    """About how many tokens go out with each question."""
    tokens_out: int = 40
    """About how many come back, thoughts excepted."""


def undocumented(probe: Probe, endpoint: Endpoint) -> str:
    """Return the first field of a probe that the endpoint's document does not list; empty: it lists them all."""
    return next((path for path in probe.fields if not _listed(path, endpoint.fields)), "")


def _listed(path: str, fields: Mapping[str, object] | None) -> bool:
    known: object = fields
    for step in path.split("."):
        if known is None:
            return True
        if not isinstance(known, Mapping) or step not in known:
            return False
        known = known[step]
    return True

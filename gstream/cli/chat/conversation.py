"""What was said, as a value, and its JSON form; pure.

The model's turns are kept part for part, signatures included, so that they go back as they came. The JSON holds the
parts in the API's own form and never a key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gstream import ConfigurationError, Opaque, Prompt, Text, Turn
from gstream.parts import CallFragment, part_json, read_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gstream import Endpoint, Part, Settings

__all__ = ["Conversation"]

_FORM: Final = "gstream chat 1"
"""What a saved conversation begins with; the number changes if an older gstream could not read it."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation between two questions. Each method returns a new one."""

    model: str
    """The model that is asked next."""
    system: str = ""
    """The system instruction; empty for none."""
    turns: tuple[Turn, ...] = ()
    """What was asked and answered: the user's and the model's turns by turns."""
    attached: tuple[Part, ...] = ()
    """What goes with the next question."""
    unanswered: Turn | None = None
    """The last question, where no answer to it is in `turns`."""

    @property
    def count(self) -> str:
        """How much was asked and answered, in words."""
        count = len(self.turns) // 2
        return "1 question and its answer" if count == 1 else f"{count} questions and their answers"

    def attach(self, part: Part) -> Conversation:
        """Return the conversation in which `part` goes with the next question."""
        return replace(self, attached=(*self.attached, part))

    def ask(self, text: str) -> Conversation:
        """Return the conversation in which this, behind what was attached, is the question."""
        return replace(self, unanswered=Turn("user", (*self.attached, Text(text))), attached=())

    def again(self) -> Conversation | None:
        """Return the conversation in which the last question is asked anew; `None` if there is none."""
        if self.unanswered is not None:
            return self
        if not self.turns:
            return None
        return replace(self, turns=self.turns[:-2], unanswered=self.turns[-2])

    def answered(self, parts: Sequence[Part]) -> Conversation:
        """Return the conversation in which `parts` answer the question; unchanged if there are none."""
        if self.unanswered is None or not parts:
            return self
        return replace(self, turns=(*self.turns, self.unanswered, Turn("model", tuple(parts))), unanswered=None)

    def cleared(self) -> Conversation:
        """Return the conversation before anything was said; the model and the system instruction stay."""
        return Conversation(self.model, self.system)

    def prompt(self, settings: Settings) -> Prompt:
        """Return what is to be sent for the question."""
        turns = self.turns if self.unanswered is None else (*self.turns, self.unanswered)
        system = (Text(self.system),) if self.system else ()
        return Prompt(self.model, turns, system=system, settings=settings)

    def dump(self, endpoint: Endpoint) -> str:
        """Return the conversation as JSON text, which `load` reads.

        Args:
            endpoint: who was asked last; noted for people, as another may know the model under another name.
        """
        saved = {
            "form": _FORM,
            "endpoint": endpoint.name,
            "model": self.model,
            "system": self.system,
            "turns": [{"role": turn.role, "parts": [part_json(part) for part in turn.parts]} for turn in self.turns],
        }
        return json.dumps(saved, ensure_ascii=False, indent=1)

    @classmethod
    def load(cls, text: str, origin: str) -> Conversation:
        """Return the conversation that `dump` wrote.

        Args:
            text: the content of the file.
            origin: its name, for the error.

        Raises:
            ConfigurationError: it is no saved conversation.
        """
        try:
            saved = json.loads(text)
        except (ValueError, RecursionError):
            saved = None
        if not isinstance(saved, dict) or saved.get("form") != _FORM or not isinstance(saved.get("turns"), list):
            raise ConfigurationError(f"{origin} holds no conversation that gstream chat saved.")
        turns = tuple(_turn(item, origin) for item in saved["turns"])
        if [turn.role for turn in turns] != ["user", "model"] * (len(turns) // 2):
            raise ConfigurationError(f"{origin} holds a conversation whose questions and answers do not alternate.")
        return cls(str(saved.get("model") or ""), str(saved.get("system") or ""), turns)


def _turn(item: Any, origin: str) -> Turn:
    role = item.get("role") if isinstance(item, dict) else None
    parts = read_parts(item.get("parts")) if isinstance(item, dict) else []
    if role not in {"user", "model"} or not parts:
        raise ConfigurationError(f"{origin} holds a turn that says nothing, or is nobody's.")
    return Turn(role, tuple(Opaque({"functionCall": p.raw}) if isinstance(p, CallFragment) else p for p in parts))

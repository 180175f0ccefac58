"""A request as the model sees it: what is asked now, what was said before, which functions there are, what they gave.

Made once from an accepted request (`refuse.accepted`); everything that answers looks here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gstream.emulator.families import generation
from gstream.emulator.instructed import schema_in
from gstream.emulator.media import described
from gstream.emulator.turns import current_turn_start, parts_of
from gstream.emulator.words import Words

if TYPE_CHECKING:
    from gstream.emulator.errors import JsonObject

__all__ = ["Function", "Reading", "Result"]


@dataclass(frozen=True)
class Function:
    """A declared function."""

    name: str
    description: str
    schema: JsonObject
    """The schema of its arguments, OpenAPI subset or JSON Schema; `{}` where it takes none."""


@dataclass(frozen=True)
class Result:
    """A function call of the current turn that was answered."""

    name: str
    args: JsonObject
    response: JsonObject

    @property
    def text(self) -> str:
        """The result as one would say it: a lone text as it is, else JSON."""
        values = list(self.response.values())
        if len(values) == 1 and isinstance(values[0], str | int | float):
            return str(values[0])
        return json.dumps(values[0] if len(values) == 1 else self.response, ensure_ascii=False)


@dataclass(frozen=True)
class Reading:
    """A request, read."""

    request: JsonObject
    model: str

    @cached_property
    def config(self) -> JsonObject:
        """`generationConfig`."""
        config: JsonObject = self.request.get("generationConfig", {})
        return config

    @property
    def third(self) -> bool:
        """Whether the model is of the third generation or later: signatures, ids, one call a chunk."""
        return generation(self.model) >= 3  # noqa: PLR2004

    @cached_property
    def _start(self) -> int:
        return current_turn_start(self.request["contents"])

    @cached_property
    def prompt(self) -> str:
        """The text of the current turn's question; texts of directly preceding user turns belong to it."""
        contents = self.request["contents"]
        first = self._start
        while first > 0 and contents[first - 1].get("role", "user") == "user":
            if parts_of(contents[first - 1], "functionResponse"):
                break
            first -= 1
        return "\n".join(_text(content) for content in contents[first : self._start + 1]).strip()

    @cached_property
    def _shown(self) -> tuple[JsonObject | None, str]:
        """The schema that stands in the prompt, and the prompt without it."""
        return schema_in(self.prompt)

    @cached_property
    def words(self) -> Words:
        """The words of the prompt, a schema in it left out."""
        return Words(self._shown[1])

    @cached_property
    def system(self) -> str:
        """The text of the system instruction."""
        return _text(self.request.get("systemInstruction", {}))

    @cached_property
    def said_before(self) -> list[str]:
        """Texts of the user's earlier turns."""
        earlier = self.request["contents"][: self._start]
        texts = [_text(content) for content in earlier if content.get("role", "user") == "user"]
        return [text for text in texts if text and text not in self.prompt]

    @cached_property
    def media(self) -> list[str]:
        """What each medium of the current turn is, tool results' included."""
        parts = [part for content in self.request["contents"][self._start :] for part in content["parts"]]
        inner = [part for answer in parts for part in answer.get("functionResponse", {}).get("parts", ())]
        return [text for text in map(described, [*parts, *inner]) if text]

    @cached_property
    def functions(self) -> list[Function]:
        """All declared functions that may be called."""
        allowed = self.choice.get("allowedFunctionNames") or None
        declared = [one for tool in self.request.get("tools", ()) for one in tool.get("functionDeclarations", ())]
        return [
            Function(
                one["name"],
                one.get("description", ""),
                one.get("parameters") or one.get("parametersJsonSchema") or {},
            )
            for one in declared
            if allowed is None or one["name"] in allowed
        ]

    @cached_property
    def choice(self) -> JsonObject:
        """`toolConfig.functionCallingConfig`."""
        choice: JsonObject = self.request.get("toolConfig", {}).get("functionCallingConfig", {})
        return choice

    def has_tool(self, *names: str) -> bool:
        """Return whether one of these server-side tools is offered."""
        return any(name in tool for tool in self.request.get("tools", ()) for name in names)

    @cached_property
    def results(self) -> list[Result]:
        """The answered calls of the current turn, in order."""
        result: list[Result] = []
        called: list[JsonObject] = []
        for content in self.request["contents"][self._start :]:
            answers = parts_of(content, "functionResponse")
            for call, answer in zip(_in_order(called, answers), answers, strict=False):
                result.append(Result(answer["name"], call.get("args", {}), answer.get("response", {})))
            called = parts_of(content, "functionCall")
        return result

    @cached_property
    def response_schema(self) -> Any:
        """The schema the answer must fulfil: a field of the request, else what the text shows; `None` for none."""
        for name in ("responseSchema", "responseJsonSchema", "_responseJsonSchema"):
            if name in self.config:
                return self.config[name]
        sent = self.config.get("responseFormat", {}).get("text", {}).get("schema")
        return sent or self._shown[0] or schema_in(self.system)[0]

    @property
    def wants_json(self) -> bool:
        """Whether the answer must be JSON: the request says so, or the prompt shows a schema and offers no function."""
        if self._shown[0] is not None and not self.functions:
            return True
        mime_type = self.config.get("responseMimeType") or self.config.get("responseFormat", {}).get("text", {}).get(
            "mimeType"
        )
        return mime_type in {"application/json", "APPLICATION_JSON"}


def _text(content: JsonObject) -> str:
    return "\n".join(part["text"] for part in content.get("parts", ()) if part.get("text") and not part.get("thought"))


def _in_order(called: list[JsonObject], answers: list[JsonObject]) -> list[JsonObject]:
    """Return the calls in the order of their answers: by id where both have one, else by place."""
    by_id = {call["id"]: call for call in called if call.get("id")}
    placed = [*called, *({} for _ in range(len(answers) - len(called)))]
    return [by_id.get(answer.get("id", ""), call) for answer, call in zip(answers, placed, strict=False)]

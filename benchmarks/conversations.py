"""The conversation and the tools that every contender is asked with, in words of no framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["TOOLS", "Called", "Image", "Message", "Returned", "User", "functions", "history", "wire_body"]

TOOLS = 30
"""Tools that an agent has."""


@dataclass(frozen=True)
class User:
    """What the user says."""

    text: str


@dataclass(frozen=True)
class Image:
    """A PNG that the user shows."""

    data: str
    """Base64."""


@dataclass(frozen=True)
class Called:
    """A tool that the model called."""

    id: str
    name: str
    args: dict[str, Any]
    """The arguments by name."""


@dataclass(frozen=True)
class Returned:
    """What the tool gave back."""

    id: str
    name: str
    text: str


Message: TypeAlias = User | Image | Called | Returned


def history(steps: int) -> list[Message]:
    """Return the conversation of an agent after `steps` tool calls: one question, then a call and its result each."""
    messages: list[Message] = [User("How will the weather be in the cities of Japan?")]
    for number in range(steps):
        name, id_ = f"tool_{number % TOOLS}", f"call-{number}"
        messages += [
            Called(id_, name, {"city": f"City {number}", "days": number % 7, "units": "metric"}),
            Returned(
                id_, name, f"Day {number}: 21 degrees, light wind from the south-east, no rain before the evening."
            ),
        ]
    return messages


def functions() -> list[Callable[..., str]]:
    """Return the Python functions of the tools, with types and docstrings as users write them."""
    return [_function(number) for number in range(TOOLS)]


def _function(number: int) -> Callable[..., str]:
    def tool(city: str, days: int = 3, units: Literal["metric", "imperial"] = "metric") -> str:
        return f"{city} {days} {units}"

    # Frameworks evaluate annotations in a function's own module; as objects they need no evaluating.
    tool.__annotations__ = {"city": str, "days": int, "units": Literal["metric", "imperial"], "return": str}
    tool.__name__ = tool.__qualname__ = f"tool_{number}"
    tool.__doc__ = f"Tell the weather of a city, as source {number} sees it."
    return tool


def wire_body(messages: Sequence[Message], *, tools: bool) -> dict[str, Any]:
    """Return the body of the request that says `messages`, for the floor, which is given it ready made."""
    body: dict[str, Any] = {"contents": [_turn(message) for message in messages]}
    if tools:
        body["tools"] = [{"functionDeclarations": [_DECLARATION | {"name": f"tool_{n}"} for n in range(TOOLS)]}]
    return body


_DECLARATION: dict[str, Any] = {
    "description": "Tell the weather of a city.",
    "parameters": {
        "type": "OBJECT",
        "properties": {
            "city": {"type": "STRING"},
            "days": {"type": "INTEGER", "default": 3},
            "units": {"type": "STRING", "enum": ["metric", "imperial"], "default": "metric"},
        },
        "required": ["city"],
    },
}


def _turn(message: Message) -> dict[str, Any]:
    """Return one element of `contents`."""
    match message:
        case User(text):
            return {"role": "user", "parts": [{"text": text}]}
        case Image(data):
            return {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": data}}]}
        case Called(id_, name, args):
            return {"role": "model", "parts": [{"functionCall": {"id": id_, "name": name, "args": args}}]}
        case Returned(id_, name, text):
            result = {"id": id_, "name": name, "response": {"output": text}}
            return {"role": "user", "parts": [{"functionResponse": result}]}

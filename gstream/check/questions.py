"""What is asked: one function a question, a model's name (and what was heard before) in, a `Prompt` out; pure.

Each question is worded so that a model that hears all of it gives an answer which shows that it did: a code word that
only the system instruction holds, a number that only a tool's result holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gstream.check.samples import picture, sheet
from gstream.messages import Blob, FunctionResponse, Prompt, Text, Tool, ToolChoice, Turn
from gstream.models import facts
from gstream.settings import Settings

if TYPE_CHECKING:
    from gstream.chunks import Chunk
    from gstream.messages import JsonObject, Part

__all__ = [
    "CITIES",
    "DEGREES",
    "EARLIER_WORD",
    "NO_KEY",
    "NO_MODEL",
    "SCHEMA",
    "STOP",
    "SYSTEM_WORD",
    "TOOL",
    "UNICODE",
    "WORDS",
]

SYSTEM_WORD: Final = "MARMALADE73"
EARLIER_WORD: Final = "LANTERN41"
UNICODE: Final = ("天气很好", "ありがとう", "안녕", "😀", "👩‍🚀", "é")
"""What must come back letter by letter; a line separator stands before the last."""
WORDS: Final = ("alpha", "bravo", "charlie", "delta", "echo")
STOP: Final = "delta"
CITIES: Final = ("Tokyo", "Paris")
DEGREES: Final = "31.7"
NO_MODEL: Final = "gstream-check-no-such-model"
NO_KEY: Final = "gstream-check-made-up"
TOOL: Final = Tool(
    "get_weather",
    "Get the current weather in a city.",
    {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "The name of the city, in English."}},
        "required": ["city"],
    },
)
SCHEMA: Final[JsonObject] = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "year": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["title", "year", "tags"],
}


def _said(model: str, *parts: Part | str, **more: Any) -> Prompt:
    """Return the prompt of one turn."""
    return Prompt(
        model, (Turn("user", tuple(Text(part) if isinstance(part, str) else part for part in parts)),), **more
    )


def plain(model: str) -> Prompt:
    """Ask for next to nothing."""
    return _said(model, "Reply with one short sentence of greeting.")


def long(model: str) -> Prompt:
    """Ask for an answer that takes a while."""
    return _said(model, "Describe the sea on a stormy day in about 150 words of plain prose.")


def unicode(model: str) -> Prompt:
    """Ask for texts of several scripts back, a line separator (U+2028) among them."""
    *words, last = UNICODE
    return _said(model, f"Repeat exactly, and nothing else: {' '.join(words)}\u2028{last}")


def system(model: str) -> Prompt:
    """Ask anything, under an instruction that shows in the answer."""
    order = f"End every answer with the word {SYSTEM_WORD}."
    return _said(model, "Name one colour of the rainbow.", system=(Text(order),))


def turns(model: str) -> Prompt:
    """Ask for what only an earlier turn said."""
    conversation = (
        Turn("user", (Text(f"My code word is {EARLIER_WORD}. Remember it."),)),
        Turn("model", (Text("I will remember it."),)),
        Turn("user", (Text("What is my code word? Reply with it alone."),)),
    )
    return Prompt(model, conversation)


def stop(model: str) -> Prompt:
    """Ask for words in order, to be ended before one of them."""
    return _said(model, f"Write these words in this order: {' '.join(WORDS)}", settings=Settings(stop=[STOP]))


def thinking(model: str) -> Prompt:
    """Ask a riddle, and for the thoughts about it."""
    known = facts(model)
    steered: dict[str, Any] = {}
    if known.thinking == "budget":
        steered = {"thinking_budget": 1024}
    elif known.thinking == "level" and known.known:
        steered = {"thinking_level": "low" if "low" in known.levels else known.levels[-1]}
    return _said(
        model,
        "A farmer has 17 sheep. All but 9 run away, then 3 come back. How many has he? Think first.",
        settings=Settings(include_thoughts=True, **steered),
    )


def unthinking(model: str) -> Prompt:
    """Ask the like, and for no thoughts at all."""
    return _said(model, "A basket holds 12 eggs and 5 break. How many are whole?", settings=Settings(thinking_budget=0))


def call(model: str) -> Prompt:
    """Ask what only the tool can tell."""
    return _said(model, f"What is the weather in {CITIES[0]} right now? Use the tool.", tools=(TOOL,))


def parallel(model: str) -> Prompt:
    """Ask two things at once that only the tool can tell."""
    question = (
        f"What is the weather in {CITIES[0]} and {CITIES[1]}? Call the tool for each of the two at the same time."
    )
    return _said(model, question, tools=(TOOL,))


def forced(model: str) -> Prompt:
    """Ask for nothing that needs the tool, and demand its use."""
    return _said(model, "Good morning to you!", tools=(TOOL,), tool_choice=ToolChoice("any"))


def forbidden(model: str) -> Prompt:
    """Ask what only the tool can tell, and forbid its use."""
    return _said(model, f"What is the weather in {CITIES[0]} right now?", tools=(TOOL,), tool_choice=ToolChoice("none"))


def result(model: str, called: Chunk) -> Prompt:
    """Return to the question of `call` the model's own turn and what the tool gave."""
    given = tuple(FunctionResponse(one.name, {"weather": f"hail, {DEGREES} degrees"}, one.id) for one in called.calls)
    first = call(model)
    return Prompt(model, (*first.turns, Turn("model", called.parts), Turn("user", given)), tools=first.tools)


def schema(model: str) -> Prompt:
    """Ask for an object of a schema; in which field it is sent, the endpoint's facts decide."""
    return _said(
        model,
        "Describe the novel 'Moby Dick' of 1851 as JSON, with two or three tags.",
        settings=Settings(response_schema=SCHEMA),
    )


def image(model: str) -> Prompt:
    """Show a picture."""
    return _said(model, Blob.of(picture(), "image/png"), "Which one colour fills this picture? Reply with one word.")


def document(model: str) -> Prompt:
    """Show a document."""
    return _said(model, Blob.of(sheet(), "application/pdf"), "Which code word is printed on this page?")


def drawing(model: str) -> Prompt:
    """Ask for a picture."""
    return _said(
        model,
        "Draw a small yellow circle on a blue ground.",
        settings=Settings(response_modalities=["TEXT", "IMAGE"]),
    )

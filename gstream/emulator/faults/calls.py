"""Function calls and thought signatures in every form that was seen. An answer without calls is left as it is."""

from __future__ import annotations

import copy
import json
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gstream.emulator.faults.bending import each_call, each_part, said
from gstream.emulator.faults.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gstream.emulator.errors import JsonObject
    from gstream.emulator.faults.fault import Documents

__all__ = ["BROKEN", "CALLS", "HUGE", "NOT_BASE64"]

BROKEN: Final = '{"city": "Par'
"""Arguments that end in the middle."""
HUGE: Final = "QUJD" * 350_000
"""A signature of 1.4 million characters."""
NOT_BASE64: Final = "sig:§\u2028 not/base64!"
"""A signature that is none by its spelling."""
_FRAGMENT: Final = 7


def _args(make: Callable[[JsonObject], Any]) -> Documents:
    """Return what replaces the arguments of every call by what `make` makes of them."""

    def altered(call: JsonObject) -> None:
        call["args"] = make(call.get("args", {}))

    return each_call(altered)


def _shared_id(call: JsonObject) -> None:
    call["id"] = "call_0"


def _nameless(call: JsonObject) -> None:
    call.pop("name", None)


def _as_chunks(pieces: Callable[[JsonObject], list[JsonObject]]) -> Documents:
    """Return what makes a chunk of its own of every part that `pieces` makes of a call's part."""

    def bent(documents: Sequence[JsonObject]) -> list[Any]:
        result: list[Any] = []
        for document in copy.deepcopy(list(documents)):
            for candidate in document.get("candidates", ()):
                parts = candidate.get("content", {}).get("parts", ())
                calls = [part for part in parts if "functionCall" in part]
                index = candidate.get("index", 0)
                made = (piece for part in calls for piece in pieces(part))
                result += [{**document, "candidates": [said(piece, index=index)]} for piece in made]
                if calls:
                    candidate["content"]["parts"] = [part for part in parts if part not in calls]
            result.append(document)
        return result

    return bent


def _openai(part: JsonObject) -> list[JsonObject]:
    """Return a call as new-api converts an OpenAI stream: each piece of the arguments' text is a call."""
    call = part["functionCall"]
    text = json.dumps(call.get("args", {}))
    pieces = ["", *(text[start : start + _FRAGMENT] for start in range(0, len(text), _FRAGMENT))]
    signed = {name: part[name] for name in ("thoughtSignature",) if name in part}
    return [
        {"functionCall": {"name": "" if number else call["name"], "args": {"arguments": piece}}, **signed}
        for number, piece in enumerate(pieces)
    ]


def _leaves(path: str, value: Any) -> Iterator[JsonObject]:
    """Yield the `partialArgs[]` that spell `value`; texts come in two pieces."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if name.isidentifier() else f"{path}['{name}']", inner)
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from _leaves(f"{path}[{place}]", inner)
    elif isinstance(value, str):
        half = len(value) // 2
        yield {"jsonPath": path, "stringValue": value[:half], "willContinue": True}
        yield {"jsonPath": path, "stringValue": value[half:], "willContinue": True}
        yield {"jsonPath": path, "stringValue": ""}
    elif isinstance(value, bool):
        yield {"jsonPath": path, "boolValue": value}
    elif isinstance(value, int | float):
        yield {"jsonPath": path, "numberValue": value}
    else:
        yield {"jsonPath": path, "nullValue": "NULL_VALUE"}


def _partial(*, ended: bool) -> Callable[[JsonObject], list[JsonObject]]:
    """Return what makes Vertex's streamed arguments of a call's part, with or without the empty call at the end."""

    def pieces(part: JsonObject) -> list[JsonObject]:
        call = part["functionCall"]
        head = {name: call[name] for name in ("name", "id") if name in call} | {"willContinue": True}
        leaves = [
            {"functionCall": {"partialArgs": [leaf], "willContinue": True}}
            for leaf in _leaves("$", call.get("args", {}))
        ]
        return [{**part, "functionCall": head}, *leaves, *([{"functionCall": {}}] if ended else [])]

    return pieces


def _together(documents: Sequence[JsonObject]) -> list[Any]:
    """Return the documents with all calls in the chunk of the first one."""
    result = copy.deepcopy(list(documents))
    first: list[Any] | None = None
    for document in result:
        for candidate in document.get("candidates", ()):
            parts = candidate.get("content", {}).get("parts", [])
            calls = [part for part in parts if "functionCall" in part]
            if first is None:
                first = parts if calls else None
            elif calls:
                first += calls
                parts[:] = [part for part in parts if part not in calls]
    return result


def _signed_last(signature: str) -> Documents:
    """Return what puts an empty text with a signature behind everything else, with the finish reason."""

    def bent(documents: Sequence[JsonObject]) -> list[Any]:
        *head, last = copy.deepcopy(list(documents))
        ends = {}
        for candidate in last.get("candidates", ()):
            ends = {name: candidate.pop(name) for name in ("finishReason",) if name in candidate}
        return [*head, last, {**last, "candidates": [said({"text": "", "thoughtSignature": signature}, **ends)]}]

    return bent


def _signed_texts(documents: Sequence[JsonObject]) -> list[Any]:
    """Return the documents with a signature of its own on every second text."""
    numbers = count()

    def signed(part: JsonObject) -> list[Any]:
        plain = part.get("text") and "thoughtSignature" not in part and not part.get("thought")
        number = next(numbers) if plain else 1
        return [part if number % 2 else {**part, "thoughtSignature": f"c2ln{number:04d}"}]

    return each_part(signed)(documents)


def _null_signed(part: JsonObject) -> list[Any]:
    return [part if "thoughtSignature" in part else {**part, "thoughtSignature": None, "thought_signature": ""}]


_CALLED: Final[dict[str, Fault]] = {
    "call_no_id": Fault(
        "No call has an id.",
        "answer",
        "WIRE 4; Gemini 2.x, new-api",
        documents=each_call(lambda call: call.pop("id", None)),
    ),
    "call_shared_id": Fault("All calls share one id.", "answer", "WIRE 4", documents=each_call(_shared_id)),
    "call_args_missing": Fault(
        "No call has args.", "answer", "WIRE 4", documents=each_call(lambda call: call.pop("args", None))
    ),
    "call_args_null": Fault("The args of calls are null.", "answer", "WIRE 4", documents=_args(lambda _: None)),
    "call_args_string": Fault(
        "The args of calls are a JSON string.",
        "answer",
        "WIRE 4",
        documents=_args(lambda args: json.dumps(args, ensure_ascii=False)),
    ),
    "call_args_list": Fault("The args of calls are a list.", "answer", "WIRE 4", documents=_args(lambda args: [args])),
    "call_args_broken": Fault(
        "The args of calls are half a JSON string.", "answer", "WIRE 4", documents=_args(lambda _: BROKEN)
    ),
    "call_name_missing": Fault("No call has a name.", "answer", "WIRE 4", documents=each_call(_nameless)),
    "call_openai_fragments": Fault(
        "Calls as pieces of their arguments' text, nameless from the second on.",
        "answer",
        "WIRE 4; new-api in front of OpenAI channels",
        documents=_as_chunks(_openai),
    ),
    "call_partial_args": Fault(
        "Arguments streamed as partialArgs, ended by an empty call.",
        "answer",
        "WIRE 4; Vertex, recorded",
        documents=_as_chunks(_partial(ended=True)),
    ),
    "call_partial_args_open": Fault(
        "Arguments streamed as partialArgs, without the empty call at the end.",
        "answer",
        "WIRE 4; Vertex, recorded once",
        documents=_as_chunks(_partial(ended=False)),
    ),
    "calls_together": Fault("All calls in one chunk.", "answer", "WIRE 4", documents=_together),
}
_SIGNED: Final[dict[str, Fault]] = {
    "signature_last": Fault(
        "A signature alone on an empty text at the end.",
        "answer",
        "WIRE 4; 21 of 119 recorded streams",
        documents=_signed_last("c2lnbmF0dXJlIGF0IHRoZSBlbmQ="),
    ),
    "signature_texts": Fault(
        "Every second text carries a signature of its own.", "answer", "WIRE 4", documents=_signed_texts
    ),
    "signature_not_base64": Fault(
        "A signature that is no base64.", "answer", "WIRE 4: verbatim", documents=_signed_last(NOT_BASE64)
    ),
    "signature_huge": Fault(
        "A signature of 1.4 million characters.", "answer", "WIRE 4; LiteLLM#30471", documents=_signed_last(HUGE)
    ),
    "signature_null": Fault(
        "Signatures that are null or empty.", "answer", "WIRE 4", documents=each_part(_null_signed)
    ),
}

CALLS: Final[Mapping[str, Fault]] = MappingProxyType({**_CALLED, **_SIGNED})
"""The faults of calls and signatures by name."""

"""Function calls that arrive in pieces, put together; and an answer held to its first call.

Two servers do it. Vertex streams arguments as `partialArgs` (a JSON path and a value each) between a named part with
`willContinue: true` and an empty `functionCall: {}`; the end may be missing. Gateways in front of OpenAI models turn
each piece of the arguments' text into a part of its own, `args: {"arguments": "<piece>"}`, nameless from the second on.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gstream.messages import FunctionCall, Opaque, Text
from gstream.parts import arguments, value_of

if TYPE_CHECKING:
    from gstream.chunks import Chunk
    from gstream.messages import JsonObject, Part
    from gstream.parts import CallFragment

__all__ = ["CallAssembler", "OneCall"]

_STEP = re.compile(
    r"""\.?(?P<name>[^.\[\]'"$]+)
      | \[(?P<index>\d+)\]
      | \['(?P<single>(?:[^'\\]|\\.)*)'\]
      | \["(?P<double>(?:[^"\\]|\\.)*)"\]""",
    re.VERBOSE,
)
_FURTHEST: Final = 256
"""How far behind a list's end an index may point; one beyond it (a hostile one) adds one element instead."""
_NOTHING: Final[tuple[Any, ...]] = (None, "", {}, [], False, {"arguments": ""})
"""Values of a fragment that say nothing: what servers send behind a call that has ended already."""


class CallAssembler:
    """The state of the call that is being streamed; at most one is open at a time.

    `feed` takes a fragment and returns what it completes, `close` what was left open. A fragment that belongs to no
    call is returned as `Opaque`.
    """

    def __init__(self) -> None:
        self._name = ""
        self._id: str | None = None
        self._signature: str | None = None
        self._args: JsonObject = {}
        self._texts: list[str] = []
        self._open_path: str | None = None

    @property
    def open(self) -> bool:
        """Whether a call has begun and not ended."""
        return bool(self._name)

    def feed(self, fragment: CallFragment) -> list[Part]:
        """Return the calls (or the opaque part) that `fragment` completes."""
        raw = fragment.raw
        completed: list[Part] = []
        if isinstance(name := raw.get("name"), str) and name:
            completed += self.close()
            self._name = name
            self._signature = fragment.signature
        elif not self._name:
            if any(value not in _NOTHING for value in raw.values()):
                return [_opaque(fragment)]
            return [Text("", fragment.signature)] if fragment.signature else []
        self._id = self._id or (str(raw["id"]) if raw.get("id") else None)
        self._signature = self._signature or fragment.signature
        if self._take(raw):
            completed += self.close()
        return completed

    def close(self) -> list[Part]:
        """Return the open call, if there is one, as whole as it became."""
        if not self._name:
            return []
        args, malformed = self._args, None
        if self._texts:
            text = "".join(self._texts)
            joined, malformed = arguments(text)
            if malformed is None:
                args = {**args, **joined}
            elif len(self._texts) == 1:  # no stream after all: the function's one parameter is named "arguments"
                args, malformed = {**args, "arguments": text}, None
        call = FunctionCall(self._name, args, self._id, self._signature, malformed)
        self.__init__()  # type: ignore[misc]  # back to the first state, by the one definition of it
        return [call]

    def _take(self, raw: JsonObject) -> bool:
        """Add what a fragment brings; return whether the call ends with it."""
        partial = value_of(raw, "partialArgs")
        for item in partial if isinstance(partial, list) else ():
            if isinstance(item, dict):
                self._add(item)
        args = raw.get("args")
        if isinstance(args, dict) and args.keys() == {"arguments"} and isinstance(piece := args["arguments"], str):
            return self._add_text(piece)
        whole, malformed = arguments(args)
        self._args.update(whole)
        if malformed is not None:
            return self._add_text(malformed)
        return not value_of(raw, "willContinue")

    def _add_text(self, piece: str) -> bool:
        if not self._texts and isinstance(_parsed(piece), dict):
            # A gateway wraps only what it cannot parse: this is a parameter named "arguments".
            self._args["arguments"] = piece
            return True
        self._texts.append(piece)
        return piece.rstrip().endswith("}") and isinstance(_parsed("".join(self._texts)), dict)

    def _add(self, item: JsonObject) -> None:
        path = value_of(item, "jsonPath")
        path = path if isinstance(path, str) else "$"
        value: Any = next(
            (
                found
                for key in ("stringValue", "numberValue", "boolValue")
                if (found := value_of(item, key)) is not None
            ),
            None,
        )
        continues = isinstance(value, str) and path == self._open_path
        _put(self._args, path, value, append=continues)
        self._open_path = path if value_of(item, "willContinue") else None


def _parsed(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _opaque(fragment: CallFragment) -> Opaque:
    signed = {"thoughtSignature": fragment.signature} if fragment.signature else {}
    return Opaque({"functionCall": fragment.raw, **signed})


def _steps(path: str) -> list[str | int]:
    """Return the names and indices of a JSON path like `$.recipe.steps[0]['a b']`; the path itself if it is none."""
    steps: list[str | int] = []
    position = 1 if path.startswith("$") else 0
    while position < len(path):
        match = _STEP.match(path, position)
        if not match:
            return [path]
        if (index := match["index"]) is not None:
            steps.append(int(index) if len(index) < len(str(_FURTHEST)) + 1 else index)
        else:
            steps.append(match["name"] or re.sub(r"\\(.)", r"\1", match["single"] or match["double"] or ""))
        position = match.end()
    return steps or [path]


def _put(root: JsonObject, path: str, value: object, *, append: bool) -> None:
    """Set (or, for streamed text, extend) what stands at `path`, making the objects and lists on the way."""
    steps = _steps(path)
    node: Any = root
    for position, step in enumerate(steps):
        last = position == len(steps) - 1
        if isinstance(node, list):
            key: Any = step if isinstance(step, int) and step <= len(node) + _FURTHEST else len(node)
            while len(node) <= key:
                node.append(None)
            current = node[key]
        else:
            key = str(step)
            current = node.get(key)
        if last:
            node[key] = current + value if append and isinstance(current, str) and isinstance(value, str) else value
        else:
            wanted = list if isinstance(steps[position + 1], int) else dict
            if not isinstance(current, list | dict):
                current = node[key] = wanted()
            node = current


class OneCall:
    """Takes every call but the first out of the answers of a stream, each candidate's for itself."""

    def __init__(self) -> None:
        self._begun: set[int] = set()
        """The candidates that have called."""
        self._dropped: dict[int, list[FunctionCall]] = {}

    def feed(self, chunks: list[Chunk]) -> list[Chunk]:
        """Return `chunks` without further calls; the last chunk of a candidate names what was taken out."""
        return [kept for chunk in chunks if (kept := self._kept(chunk)) is not None]

    def _kept(self, chunk: Chunk) -> Chunk | None:
        dropped = self._dropped.setdefault(chunk.index, [])
        parts: list[Part] = []
        for part in chunk.parts:
            if isinstance(part, FunctionCall) and chunk.index in self._begun:
                dropped.append(part)
                continue
            if isinstance(part, FunctionCall):
                self._begun.add(chunk.index)
            parts.append(part)
        if chunk.last and dropped:
            return replace(chunk, parts=tuple(parts), dropped=tuple(dropped))
        if len(parts) == len(chunk.parts):
            return chunk
        return replace(chunk, parts=tuple(parts)) if parts else None

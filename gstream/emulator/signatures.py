"""Thought signatures that the emulator issues and knows again: each is bound to the content of its part.

Google's are opaque; these are an HMAC of the part's content under a key of this module, so that any emulator can tell
its own from others', and one that was moved to another part from one that stayed. They are deterministic: the same
part gets the same signature.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gstream.emulator.errors import JsonObject

__all__ = ["PLACEHOLDERS", "is_own", "signed"]

PLACEHOLDERS: Final = frozenset({"skip_thought_signature_validator", "context_engineering_is_the_way_to_go"})
"""What Google documents for calls that come from elsewhere (thought-signatures, FAQ)."""

_KEY: Final = b"gstream.emulator thought signatures"
_MARK: Final = b"\x12\xe8\x01\x0a"
"""First bytes, so that a signature looks like one (Google's begin with a protobuf tag and a length)."""
_CHECK_BYTES: Final = 32
_KINDS: Final = ("text", "functionCall", "executableCode", "inlineData", "codeExecutionResult", "functionResponse")


def signed(part: JsonObject) -> JsonObject:
    """Return the part (one element of `content.parts[]`) with its `thoughtSignature`."""
    return {**part, "thoughtSignature": _signature(part)}


def is_own(part: JsonObject) -> bool:
    """Return whether the part's signature was issued here, and, unless it is a text, for this very content.

    Either alphabet of base64 will do. On texts Google checks nothing, and clients put the signature that a stream ends
    with on the text they joined.
    """
    given = str(part["thoughtSignature"]).replace("-", "+").replace("_", "/").rstrip("=")
    if "text" not in part:
        return given == _signature(part).rstrip("=")
    try:
        raw = base64.b64decode(given + "=" * (-len(given) % 4), validate=True)
    except ValueError:
        return False
    digest = raw[len(_MARK) : -_CHECK_BYTES]
    return raw == _MARK + digest + hashlib.sha256(digest).digest()


def _signature(part: JsonObject) -> str:
    content = json.dumps(_content(part), sort_keys=True, ensure_ascii=False).encode()
    digest = hmac.new(_KEY, content, hashlib.sha512).digest()
    return base64.b64encode(_MARK + digest + hashlib.sha256(digest).digest()).decode("ascii")


def _content(part: JsonObject) -> list[Any]:
    """Return what the signature is bound to: the kind and its content, without ids (gateways drop them)."""
    kind = next((kind for kind in _KINDS if kind in part), "text")
    content = part.get(kind, "")
    if isinstance(content, dict):
        content = {key: value for key, value in content.items() if key not in {"id", "displayName"}}
        if kind == "functionCall":
            content.setdefault("args", {})
    return [kind, bool(part.get("thought")), _plain(content)]


def _plain(value: Any) -> Any:
    """Return the value with whole floats as integers: JSON travels through readers that turn 3 into 3.0."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value

"""What a caller may ask of one generation, and the spelling of those wishes.

Lives here: `Settings`, one field a setting, each named as users type it and documented with the request field it
becomes. Must not live here: where a setting goes in the request body (`request`), which model takes it (`models`).
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator

from gstream import words
from gstream.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = [
    "ALIASES",
    "MAX_ANSWER_BYTES",
    "OnIncomplete",
    "Settings",
    "Undocumented",
    "canonical_names",
    "configuration_error",
]

ALIASES = {"max_tokens": "max_output_tokens", "stop_sequences": "stop", "n": "candidate_count"}
"""Other spellings that users of both frameworks type, and the field each stands for."""

OnIncomplete: TypeAlias = Literal["raise", "warn", "ignore"]
"""What to do when a stream ends without a finish reason: raise `IncompleteStreamError`, or give what came."""
Undocumented: TypeAlias = Literal["send", "drop", "error"]
"""What to do with a request field that the endpoint's own documentation does not list."""

_Int32: TypeAlias = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
"""The whole numbers that the API's integers hold (discovery: `"format": "int32"`)."""
_Finite: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]

_CANONICAL: Final[Mapping[str, Callable[[Any], Any]]] = {
    "thinking_level": words.thinking_level,
    "response_modalities": words.response_modalities,
    "media_resolution": words.media_resolution,
    "image_config": words.image_config,
    "speech_config": words.speech_config,
    "safety_settings": words.safety_settings,
}
"""Settings that may be given in several spellings, and what makes the API's of them."""


MAX_ANSWER_BYTES: Final = 268_435_456
"""Bytes of one response, if nothing else is said: 256 MiB, unpacked. The largest answers that are known (media of
20 MB) are a tenth of it; it is there for a server that never ends."""


class Settings(BaseModel):
    """The settings of one generation. `None` (the default everywhere) means: not sent, the endpoint decides.

    Limits are those that the API's own description states, so a value beyond them is a mistake wherever it goes. What
    one model takes and another does not is left to the endpoint, thinking excepted (see `thinking_level`).

    Raises:
        ConfigurationError: a name is unknown (the nearest known one is named), or a value has a wrong type, is beyond
            a limit, or is a word that means nothing (the choices are named).
    """

    model_config = ConfigDict(defer_build=True, extra="forbid", arbitrary_types_allowed=True)

    temperature: Annotated[_Finite, Field(ge=0, le=2)] | None = None
    """Randomness, 0 to 2. Sent as `generationConfig.temperature`."""
    top_p: Annotated[_Finite, Field(ge=0, le=1)] | None = None
    """Nucleus sampling, 0 to 1. Sent as `generationConfig.topP`."""
    top_k: _Int32 | None = None
    """Sample among the k likeliest tokens. Sent as `generationConfig.topK`."""
    max_output_tokens: _Int32 | None = None
    """The most tokens the answer may have, thoughts included. Also `max_tokens`."""
    stop: Annotated[list[str], Field(max_length=5)] | None = None
    """Up to 5 texts at which the answer ends. Also `stop_sequences`."""
    seed: _Int32 | None = None
    """A number that makes sampling repeatable where the model supports it."""
    presence_penalty: _Finite | None = None
    """Above 0: favour tokens not used yet."""
    frequency_penalty: _Finite | None = None
    """Above 0: disfavour tokens in proportion to their use so far."""
    response_logprobs: bool | None = None
    """Ask for log probabilities of the chosen tokens."""
    logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    """How many likeliest tokens to list at each position, 0 to 20; needs `response_logprobs`."""
    candidate_count: _Int32 | None = None
    """How many answers to generate. Also `n`."""
    thinking_budget: _Int32 | None = None
    """Tokens the model may think with: 0 turns it off, -1 lets the model decide. For Gemini 2.5, whose documented
    ranges are held; Gemini 3 tolerates it. Where `thinking_level` is set too, each model is sent the one that its
    family is steered by, so that a fallback may be of another generation; a model nobody knows is sent both."""
    thinking_level: str | None = None
    """How hard to think: "minimal", "low", "medium" or "high". For Gemini 3 and later (which of them a model takes, the
    endpoint tells); earlier models answer it with an error, so it is one here."""
    include_thoughts: bool | None = None
    """Stream summaries of the model's thoughts beside the answer."""
    response_mime_type: str | None = None
    """The answer's media type, e.g. "application/json"."""
    response_schema: dict[str, Any] | type[Any] | None = None
    """JSON Schema (or a pydantic class) the answer must follow; implies "application/json"."""
    response_modalities: list[str] | None = None
    """What the answer may hold: "TEXT", "IMAGE", "AUDIO", in any case; one of them may stand alone."""
    media_resolution: str | None = None
    """How finely media of the prompt are read: "low", "medium", "high" or Google's full name."""
    image_config: dict[str, Any] | None = None
    """`generationConfig.imageConfig`, e.g. `{"aspect_ratio": "16:9", "image_size": "2K"}`; camelCase is taken too."""
    speech_config: dict[str, Any] | None = None
    """The name of a voice ("Kore"), or `generationConfig.speechConfig`, e.g. `{"voice_config": {...}}`."""
    safety_settings: dict[str, str] | list[dict[str, str]] | None = None
    """Category to threshold: short words (`{"harassment": "none", "hate_speech": "high"}`, where "high" blocks only
    what is very likely harmful), the API's names (`{"HARM_CATEGORY_HARASSMENT": "BLOCK_NONE"}`) or members of an
    enumeration; or a list of objects with `category` and `threshold`. Held in the API's names."""
    cached_content: str | None = None
    """The name of cached content, with or without `cachedContents/` in front."""
    labels: dict[str, str] | None = None
    """Labels for the bill, where the endpoint knows them."""
    extra_body: dict[str, Any] | None = None
    """Merged into the request body last and deeply; wins over everything else."""
    extra_headers: dict[str, str] | None = Field(default=None, exclude=True, repr=False)
    """More request headers. They may hold secrets, so they are never shown and never serialized."""
    undocumented: Undocumented = "send"
    """What to do with fields the endpoint's documentation does not list: "send", "drop" or "error". What a conversation
    says (its media, calls, results and tools) is never dropped; that is an error too."""

    @field_validator(*_CANONICAL, mode="before")
    @classmethod
    def _canonical(cls, value: Any, info: ValidationInfo) -> Any:
        return None if value is None else _CANONICAL[info.field_name or ""](value)

    def __init__(self, **parameters: Any) -> None:
        known = {*type(self).model_fields, *(field.alias for field in type(self).model_fields.values() if field.alias)}
        named = canonical_names(parameters, known)
        try:
            super().__init__(**named)
        except ValidationError as error:
            raise configuration_error(error) from None

    def override(self, keywords: Mapping[str, Any]) -> Settings:
        """Return settings in which `keywords` (field names or aliases, `None` = leave as is) win over these.

        Raises:
            ConfigurationError: a keyword is not a setting (the nearest is named), or has a wrong type.
        """
        named = canonical_names(keywords, Settings.model_fields)
        changed = {name: value for name, value in named.items() if value is not None}
        if not changed:
            return self
        values = {name: getattr(self, name) for name in Settings.model_fields}
        return Settings(**{**values, **changed})


def canonical_names(keywords: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """Return `keywords` with aliases replaced by the names they stand for.

    Args:
        keywords: what the caller typed.
        known: the names that are accepted (aliases are accepted where they stand for one of them).

    Raises:
        ConfigurationError: a name is unknown (the nearest known one is named), or given under two spellings.
    """
    names = set(known)
    result: dict[str, Any] = {}
    for typed, value in keywords.items():
        name = typed if typed in names else ALIASES.get(typed, typed)
        if name not in names:
            choices = sorted(names | {alias for alias, meant in ALIASES.items() if meant in names})
            near = difflib.get_close_matches(typed, choices, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(choices)}."
            raise ConfigurationError(f"Unknown parameter {typed!r}: {hint}")
        if name in result and result[name] != value:
            raise ConfigurationError(f"{name!r} was given twice under different spellings; give it once.")
        result[name] = value
    return result


def configuration_error(error: ValidationError) -> ConfigurationError:
    """Return pydantic's complaint as one sentence that names each parameter and what was expected of it.

    A value is shown only where it is a short number or word of a parameter that cannot hold a secret.
    """
    complaints = []
    for item in error.errors(include_url=False, include_context=False):
        name = ".".join(str(step) for step in item["loc"]) or "parameters"
        given = item.get("input")
        plain = isinstance(given, bool | int | float) or (isinstance(given, str) and len(given) <= 40)  # noqa: PLR2004
        secret = isinstance(given, SecretStr) or any(word in name for word in ("key", "header", "url", "fallback"))
        shown = f" (got {given!r})" if plain and not secret else ""
        complaints.append(f"{name!r}: {item['msg'].lower()}{shown}")
    return ConfigurationError(f"Invalid parameter {'; '.join(complaints)}.")

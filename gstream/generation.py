"""Settings in, the fields of the request body they become out; pure.

One setting becomes one field (a response schema also says that JSON is meant), and what was not set is not sent. Which
of two settings a model is steered by is decided here, by what `models` knows of its family.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from gstream import words
from gstream.errors import ConfigurationError
from gstream.models import facts
from gstream.schema import schema_of, to_json_schema, to_parameters

if TYPE_CHECKING:
    from gstream.endpoints import Endpoint
    from gstream.messages import JsonObject
    from gstream.settings import Settings

__all__ = ["PLACES", "settings_json"]

_PLAIN: Final = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "max_output_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "response_logprobs": "responseLogprobs",
    "logprobs": "logprobs",
    "candidate_count": "candidateCount",
    "response_mime_type": "responseMimeType",
}
"""Settings that become one field of `generationConfig` as they are."""
_WORDED: Final = {
    "response_modalities": ("responseModalities", words.response_modalities),
    "media_resolution": ("mediaResolution", words.media_resolution),
    "image_config": ("imageConfig", words.image_config),
    "speech_config": ("speechConfig", words.speech_config),
}
"""Settings that become one field of `generationConfig` in the API's spelling. `Settings` has brought them to it
already, unless somebody assigned to an attribute."""

PLACES: Final = {
    **{f"generationConfig.{wire}": name for name, wire in _PLAIN.items()},
    **{f"generationConfig.{wire}": name for name, (wire, _) in _WORDED.items()},
    "generationConfig.responseSchema": "response_schema",
    "generationConfig.responseJsonSchema": "response_schema",
    "generationConfig.thinkingConfig.thinkingBudget": "thinking_budget",
    "generationConfig.thinkingConfig.thinkingLevel": "thinking_level",
    "generationConfig.thinkingConfig.includeThoughts": "include_thoughts",
    "safetySettings": "safety_settings",
    "cachedContent": "cached_content",
    "labels": "labels",
}
"""Where in the body each setting goes: path -> the setting's name."""


def settings_json(settings: Settings, model: str, endpoint: Endpoint) -> JsonObject:
    """Return what `settings` add to the body: `generationConfig`, `safetySettings`, `cachedContent`, `labels`.

    Args:
        settings: the wishes; `None` and empty ones are not sent.
        model: the model's name in any reseller's spelling; its family decides how thinking is steered.
        endpoint: decides in which field a response schema goes.

    Raises:
        ConfigurationError: the model is not steered by a thinking setting as it is given.
        RequestError: the response schema cannot be expressed.
    """
    sent: JsonObject = {}
    if generation := _generation_json(settings, model, endpoint):
        sent["generationConfig"] = generation
    if settings.safety_settings:
        chosen = words.safety_settings(settings.safety_settings)
        sent["safetySettings"] = (
            chosen
            if isinstance(chosen, list)
            else [{"category": category, "threshold": threshold} for category, threshold in chosen.items()]
        )
    if settings.cached_content and (name := words.cached_content(settings.cached_content)):
        sent["cachedContent"] = name
    if settings.labels:
        sent["labels"] = dict(settings.labels)
    return sent


def _generation_json(settings: Settings, model: str, endpoint: Endpoint) -> JsonObject:
    config: JsonObject = {
        wire: value for name, wire in _PLAIN.items() if (value := getattr(settings, name)) not in (None, [], "")
    }
    for name, (wire, canonical) in _WORDED.items():
        if (value := getattr(settings, name)) and (worded := canonical(value)):
            config[wire] = worded
    if (given := settings.response_schema) is not None:
        schema = given if isinstance(given, dict) else _schema_of_class(given)  # type: ignore[arg-type]  # classes are hashable
        config.setdefault("responseMimeType", "application/json")
        if schema and endpoint.json_schema:
            config["responseJsonSchema"] = to_json_schema(schema)
        elif schema:
            config["responseSchema"] = to_parameters(schema, ordering=True)
    if thinking := _thinking_json(settings, model):
        config["thinkingConfig"] = thinking
    return config


@lru_cache(maxsize=128)
def _schema_of_class(kind: type[Any]) -> JsonObject:
    """Return the JSON Schema of a class; kept, as pydantic takes its time to make one."""
    return schema_of(kind)


def _thinking_json(settings: Settings, model: str) -> JsonObject:
    """Return `thinkingConfig`, with the one of budget and level by which the family of `model` is steered.

    Google answers both together with 400, a level with an error before Gemini 3, and a budget outside the family's
    range with 400; Gemini 3 takes a budget, and a model nobody knows is sent what was given.
    """
    budget, level = settings.thinking_budget, settings.thinking_level
    known = facts(model)
    if budget is not None and level is not None and known.thinking != "none":
        budget, level = (budget, None) if known.thinking == "budget" else (None, level)
    if level is not None and known.refuses_levels:
        instead = "set thinking_budget, beside it or in its place" if known.budget else "leave it out"
        raise ConfigurationError(
            f"{model!r} takes no thinking_level, which is for Gemini 3 and later: {instead} (got {level!r})."
        )
    if budget is not None and known.budget is not None and known.budget.documented and not known.budget.takes(budget):
        off = "0 for no thoughts" if known.budget.can_be_off else "it cannot be turned off"
        raise ConfigurationError(
            f"thinking_budget of {known.family} is {known.budget.least} to {known.budget.most} tokens, or -1 to let "
            f"the model decide ({off}); got {budget}."
        )
    sent = {
        "thinkingBudget": budget,
        "thinkingLevel": None if level is None else words.thinking_level(level),
        "includeThoughts": settings.include_thoughts,
    }
    return {name: value for name, value in sent.items() if value is not None}

"""The words and shapes that settings take, in any spelling, to the API's own; pure.

Users bring what they have: short words ("harassment": "none"), the API's names, members of another library's
enumerations, snake_case keys. Each function here returns what the API takes and gives the same for what it returned; a
word that means nothing is a `ConfigurationError` that names the choices. The words are those of Google's discovery
document (`generativelanguage-discovery.json`); what a newer API or another vendor adds goes into `extra_body`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final, TypeAlias

from gstream.errors import ConfigurationError

__all__ = [
    "CATEGORIES",
    "LEVELS",
    "MODALITIES",
    "RESOLUTIONS",
    "THRESHOLDS",
    "cached_content",
    "image_config",
    "media_resolution",
    "response_modalities",
    "safety_settings",
    "speech_config",
    "thinking_level",
]

CATEGORIES: Final = (
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
    "HARM_CATEGORY_CIVIC_INTEGRITY",
    "HARM_CATEGORY_JAILBREAK",
    "HARM_CATEGORY_UNSPECIFIED",
    "HARM_CATEGORY_DEROGATORY",
    "HARM_CATEGORY_TOXICITY",
    "HARM_CATEGORY_VIOLENCE",
    "HARM_CATEGORY_SEXUAL",
    "HARM_CATEGORY_MEDICAL",
    "HARM_CATEGORY_DANGEROUS",
)
"""`SafetySetting.category`; the first six are those of Gemini, the others PaLM's."""
THRESHOLDS: Final = (
    "BLOCK_NONE",
    "BLOCK_ONLY_HIGH",
    "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_LOW_AND_ABOVE",
    "OFF",
    "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
)
"""`SafetySetting.threshold`."""
LEVELS: Final = ("MINIMAL", "LOW", "MEDIUM", "HIGH", "THINKING_LEVEL_UNSPECIFIED")
"""`ThinkingConfig.thinkingLevel`."""
MODALITIES: Final = ("TEXT", "IMAGE", "AUDIO", "MODALITY_UNSPECIFIED")
"""`GenerationConfig.responseModalities`."""
RESOLUTIONS: Final = (
    "MEDIA_RESOLUTION_LOW",
    "MEDIA_RESOLUTION_MEDIUM",
    "MEDIA_RESOLUTION_HIGH",
    "MEDIA_RESOLUTION_UNSPECIFIED",
)
"""`GenerationConfig.mediaResolution`."""

_GEMINI: Final = 6
_SHORT_CATEGORIES: Final = {name.removeprefix("HARM_CATEGORY_"): name for name in CATEGORIES[:_GEMINI]}
_CATEGORY_WORDS: Final = {
    **{name: name for name in CATEGORIES},
    **_SHORT_CATEGORIES,
    "HATE": "HARM_CATEGORY_HATE_SPEECH",
    "SEXUAL": "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "DANGEROUS": "HARM_CATEGORY_DANGEROUS_CONTENT",
}
_SHORT_THRESHOLDS: Final = {
    "NONE": "BLOCK_NONE",
    "HIGH": "BLOCK_ONLY_HIGH",
    "MEDIUM": "BLOCK_MEDIUM_AND_ABOVE",
    "LOW": "BLOCK_LOW_AND_ABOVE",
    "OFF": "OFF",
}
"""What is blocked, from nothing to the most: "high" blocks only what is very likely harmful."""
_THRESHOLD_WORDS: Final = {
    **{name: name for name in THRESHOLDS},
    **{name.removeprefix("BLOCK_"): name for name in THRESHOLDS},
    **_SHORT_THRESHOLDS,
}
_RESOLUTION_WORDS: Final = {
    **{name: name for name in RESOLUTIONS},
    **{name.removeprefix("MEDIA_RESOLUTION_"): name for name in RESOLUTIONS[:-1]},
}


def _word(value: object) -> str | None:
    """Return the word a text, a member of an enumeration or an object with `.name` stands for; `None` for others."""
    if isinstance(value, Enum):
        value = value.value if isinstance(value.value, str) else value.name
    if not isinstance(value, str):
        names = (getattr(value, "name", None), getattr(value, "value", None))
        value = next((name for name in names if isinstance(name, str)), None)
    return value if isinstance(value, str) else None


def _chosen(value: object, words: Mapping[str, str], place: str, choices: Iterable[str]) -> str:
    """Return the API's name for `value`.

    Args:
        value: what the caller typed.
        words: every spelling, in upper case -> the API's name.
        place: the parameter, for the error.
        choices: what the error offers.

    Raises:
        ConfigurationError: `value` is none of `words`.
    """
    text = _word(value)
    found = None if text is None else words.get(text.strip().upper().replace("-", "_").replace(" ", "_"))
    if found is None:
        shown = repr(text[:60]) if text is not None else type(value).__name__
        raise ConfigurationError(f"{place} must be one of {', '.join(choices)}; got {shown}.")
    return found


def thinking_level(value: object) -> str:
    """Return "MINIMAL", "LOW", "MEDIUM" or "HIGH" for a word in any case, or a member of an enumeration.

    Raises:
        ConfigurationError: it is no level.
    """
    return _chosen(value, {name: name for name in LEVELS}, "thinking_level", map(str.lower, LEVELS[:-1]))


def media_resolution(value: object) -> str:
    """Return the API's name for "low", "medium", "high" or that name itself, in any case.

    Raises:
        ConfigurationError: it is no resolution.
    """
    return _chosen(value, _RESOLUTION_WORDS, "media_resolution", ("low", "medium", "high"))


def response_modalities(value: object) -> list[str]:
    """Return "TEXT", "IMAGE" or "AUDIO" for each of some words, or for a single one.

    Raises:
        ConfigurationError: one of them is no modality.
    """
    given = [value] if _word(value) is not None or not isinstance(value, Iterable) else list(value)
    words = {name: name for name in MODALITIES}
    return [_chosen(item, words, "response_modalities", MODALITIES[:-1]) for item in given]


def cached_content(value: str) -> str:
    """Return the name of cached content with `cachedContents/` in front, whether it was there or not."""
    name = value.strip()
    return name if not name or "cachedContents/" in name else f"cachedContents/{name}"


# -- safety -------------------------------------------------------------------------------------------------------


def safety_settings(value: object) -> dict[str, str] | list[dict[str, str]]:
    """Return safety settings with the API's names: category to threshold, or `{"category", "threshold"}` objects.

    Args:
        value: a mapping of categories to thresholds, one object, or several: mappings or objects with `category` and
            `threshold`. Each word may be the API's name, a short one or a member of an enumeration.

    Raises:
        ConfigurationError: a word is unknown, an object says something else, or a category has two thresholds.
    """
    if isinstance(value, Mapping) and not (value and value.keys() <= {"category", "threshold"}):
        pairs = [(_category(category), _threshold(threshold)) for category, threshold in value.items()]
        return _one_each(pairs)
    several = [value] if isinstance(value, Mapping | str) or not isinstance(value, Iterable) else list(value)
    chosen = _one_each([_pair(item) for item in several])
    return [{"category": category, "threshold": threshold} for category, threshold in chosen.items()]


def _one_each(pairs: list[tuple[str, str]]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for category, threshold in pairs:
        if chosen.setdefault(category, threshold) != threshold:
            raise ConfigurationError(f"safety_settings gives {category} two thresholds: give it one.")
    return chosen


def _pair(item: object) -> tuple[str, str]:
    if isinstance(item, Mapping) and item.keys() == {"category", "threshold"}:
        return _category(item["category"]), _threshold(item["threshold"])
    category, threshold = getattr(item, "category", None), getattr(item, "threshold", None)
    if category is None or threshold is None:
        raise ConfigurationError(
            "safety_settings must be like {'harassment': 'none'} or a list of "
            "{'category': 'HARM_CATEGORY_HARASSMENT', 'threshold': 'BLOCK_NONE'}; got "
            + (f"an object with {', '.join(map(repr, item))}." if isinstance(item, Mapping) else f"{item!r:.60}.")
        )
    return _category(category), _threshold(threshold)


def _category(value: object) -> str:
    return _chosen(value, _CATEGORY_WORDS, "A category of safety_settings", map(str.lower, _SHORT_CATEGORIES))


def _threshold(value: object) -> str:
    choices = (f"{short.lower()} ({name})" for short, name in _SHORT_THRESHOLDS.items())
    return _chosen(value, _THRESHOLD_WORDS, "A threshold of safety_settings", choices)


# -- images and speech --------------------------------------------------------------------------------------------

_Shape: TypeAlias = "dict[str, _Shape] | list[_Shape] | type[str]"
"""What a setting may hold: known keys, elements, or text."""

_IMAGE: Final[_Shape] = {"aspectRatio": str, "imageSize": str}
_VOICE: Final[_Shape] = {"prebuiltVoiceConfig": {"voiceName": str}}
_SPEECH: Final[_Shape] = {
    "languageCode": str,
    "voiceConfig": _VOICE,
    "multiSpeakerVoiceConfig": {"speakerVoiceConfigs": [{"speaker": str, "voiceConfig": _VOICE}]},
}


def image_config(value: object) -> dict[str, Any]:
    """Return `generationConfig.imageConfig` of keys in camelCase or snake_case.

    Raises:
        ConfigurationError: a key is unknown, or a value is no text.
    """
    shaped: dict[str, Any] = _shaped(value, _IMAGE, "image_config")
    return shaped


def speech_config(value: object) -> dict[str, Any]:
    """Return `generationConfig.speechConfig` of a voice's name, or of keys in camelCase or snake_case.

    Raises:
        ConfigurationError: a key is unknown, a value is no text, or both one voice and several are given.
    """
    if isinstance(value, str):
        value = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": value}}} if value.strip() else {}
    shaped: dict[str, Any] = _shaped(value, _SPEECH, "speech_config")
    if "voiceConfig" in shaped and "multiSpeakerVoiceConfig" in shaped:
        raise ConfigurationError("speech_config has voiceConfig and multiSpeakerVoiceConfig: give one of them.")
    return shaped


def _shaped(value: Any, shape: _Shape, place: str) -> Any:
    """Return `value` in camelCase without nulls and empty containers, checked against `shape`."""
    if isinstance(shape, list):
        if not isinstance(value, list | tuple):
            raise ConfigurationError(f"{place} must be a list; got {type(value).__name__}.")
        return [_shaped(item, shape[0], f"{place}[{number}]") for number, item in enumerate(value)]
    if not isinstance(shape, dict):
        text = _word(value)
        if text is None:
            raise ConfigurationError(f"{place} must be a text; got {type(value).__name__}.")
        return text
    if callable(dump := getattr(value, "model_dump", None)):  # a pydantic object of another library
        value = dump(exclude_none=True)
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"{place} must be an object with {', '.join(shape)}; got {type(value).__name__}.")
    result: dict[str, Any] = {}
    for key, item in value.items():
        name = _camel(str(key))
        if name not in shape:
            raise ConfigurationError(
                f"{place} has no key {str(key)[:60]!r}: known are {', '.join(shape)}. What your endpoint takes "
                "beside them goes into extra_body."
            )
        if item is not None and (shaped := _shaped(item, shape[name], f"{place}.{name}")) not in ({}, []):
            result[name] = shaped
    return result


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)

"""Settings in, the fields of the request body they become out: each alone, in full."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from gstream import ENDPOINTS, ConfigurationError, Endpoint, Prompt, RequestError, Settings, Text, Turn, words
from gstream.generation import PLACES
from gstream.models import MODELS, facts
from gstream.request import build_body
from tests.core.discovery import LATER

if TYPE_CHECKING:
    from pathlib import Path

FLASH, PRO3 = "gemini-2.5-flash", "gemini-3-pro-preview"
GOOGLE = ENDPOINTS["google"]
SHENGSUANYUN = ENDPOINTS["shengsuanyun"]
HELLO = (Turn("user", (Text("Hello"),)),)
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def added(settings: Settings, endpoint: Endpoint = GOOGLE, model: str = FLASH) -> dict[str, Any]:
    """Return what settings add to the body."""
    sent = build_body(Prompt(model, HELLO, settings=settings), endpoint)
    assert sent.pop("contents") == [{"role": "user", "parts": [{"text": "Hello"}]}]
    return sent


@dataclass(frozen=True)
class Setting:
    id: str
    settings: dict[str, Any]
    sent: dict[str, Any]
    endpoint: Endpoint = GOOGLE
    model: str = FLASH


def generation(**fields: Any) -> dict[str, Any]:
    return {"generationConfig": fields}


VOICE = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}
DIALOGUE = {"multiSpeakerVoiceConfig": {"speakerVoiceConfigs": [{"speaker": "Jo", **VOICE}]}}

SETTINGS = (
    Setting("none", {}, {}),
    Setting("temperature", {"temperature": 0.5}, generation(temperature=0.5)),
    Setting("temperature 0", {"temperature": 0}, generation(temperature=0)),
    Setting("top_p", {"top_p": 0.9}, generation(topP=0.9)),
    Setting("top_k", {"top_k": 40}, generation(topK=40)),
    Setting("max_output_tokens", {"max_output_tokens": 9}, generation(maxOutputTokens=9)),
    Setting("stop", {"stop": ["a", "b"]}, generation(stopSequences=["a", "b"])),
    Setting("no stop", {"stop": []}, {}),
    Setting("seed 0", {"seed": 0}, generation(seed=0)),
    Setting("presence_penalty", {"presence_penalty": -0.5}, generation(presencePenalty=-0.5)),
    Setting("frequency_penalty", {"frequency_penalty": 0.5}, generation(frequencyPenalty=0.5)),
    Setting("logprobs", {"logprobs": 3, "response_logprobs": True}, generation(responseLogprobs=True, logprobs=3)),
    Setting("response_logprobs off", {"response_logprobs": False}, generation(responseLogprobs=False)),
    Setting("candidate_count", {"candidate_count": 2}, generation(candidateCount=2)),
    Setting("thinking_budget 0", {"thinking_budget": 0}, generation(thinkingConfig={"thinkingBudget": 0})),
    Setting(
        "thinking_level", {"thinking_level": "high"}, generation(thinkingConfig={"thinkingLevel": "HIGH"}), model=PRO3
    ),
    Setting("include_thoughts", {"include_thoughts": False}, generation(thinkingConfig={"includeThoughts": False})),
    Setting("response_mime_type", {"response_mime_type": "text/x.enum"}, generation(responseMimeType="text/x.enum")),
    Setting("no response_mime_type", {"response_mime_type": ""}, {}),
    Setting("response_modalities", {"response_modalities": ["text", "IMAGE"]}, generation(responseModalities=["TEXT", "IMAGE"])),
    Setting("one modality", {"response_modalities": "Audio"}, generation(responseModalities=["AUDIO"])),
    Setting("no modalities", {"response_modalities": []}, {}),
    Setting("media_resolution", {"media_resolution": "low"}, generation(mediaResolution="MEDIA_RESOLUTION_LOW")),
    Setting("media_resolution in full", {"media_resolution": "MEDIA_RESOLUTION_HIGH"}, generation(mediaResolution="MEDIA_RESOLUTION_HIGH")),
    Setting("image_config", {"image_config": {"aspectRatio": "16:9"}}, generation(imageConfig={"aspectRatio": "16:9"})),
    Setting(
        "image_config in snake_case",
        {"image_config": {"aspect_ratio": "16:9", "image_size": "2K"}},
        generation(imageConfig={"aspectRatio": "16:9", "imageSize": "2K"}),
    ),
    Setting("image_config of nulls", {"image_config": {"aspect_ratio": None}}, {}),
    Setting("speech_config", {"speech_config": {"languageCode": "ja-JP"}}, generation(speechConfig={"languageCode": "ja-JP"})),
    Setting("a voice's name", {"speech_config": "Kore"}, generation(speechConfig=VOICE)),
    Setting("no voice", {"speech_config": ""}, {}),
    Setting(
        "speech_config in snake_case",
        {"speech_config": {"language_code": "de-DE", "voice_config": {"prebuilt_voice_config": {"voice_name": "Kore"}}}},
        generation(speechConfig={"languageCode": "de-DE", **VOICE}),
    ),
    Setting("several voices", {"speech_config": DIALOGUE}, generation(speechConfig=DIALOGUE)),
    Setting("cached_content", {"cached_content": "cachedContents/x"}, {"cachedContent": "cachedContents/x"}),
    Setting("cached_content by its name", {"cached_content": " x "}, {"cachedContent": "cachedContents/x"}),
    Setting("no cached_content", {"cached_content": " "}, {}),
    Setting("labels", {"labels": {"team": "a"}}, {"labels": {"team": "a"}}),
    Setting("no labels", {"labels": {}}, {}),
    Setting(
        "safety_settings",
        {"safety_settings": {"harassment": "block_none", "HARM_CATEGORY_HATE_SPEECH": "OFF"}},
        {
            "safetySettings": [
                {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"},
                {"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "OFF"},
            ]
        },
    ),
    Setting("no safety_settings", {"safety_settings": {}}, {}),
    Setting(
        "response_schema where JSON Schema is taken",
        {"response_schema": SCHEMA},
        generation(responseMimeType="application/json", responseJsonSchema=SCHEMA),
    ),
    Setting(
        "response_schema where it is not",
        {"response_schema": SCHEMA},
        generation(
            responseMimeType="application/json",
            responseSchema={"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
        ),
        SHENGSUANYUN,
    ),
    Setting("a response_schema of anything", {"response_schema": {}}, generation(responseMimeType="application/json")),
    Setting(
        "response_schema with an own media type",
        {"response_schema": {"type": "string", "enum": ["a"]}, "response_mime_type": "text/x.enum"},
        generation(responseMimeType="text/x.enum", responseJsonSchema={"type": "string", "enum": ["a"]}),
    ),
    Setting("extra_body", {"extra_body": {"serviceTier": "flex"}}, {"serviceTier": "flex"}),
    Setting(
        "extra_body deep inside",
        {"temperature": 0.5, "top_k": 3, "stop": ["a", "b"],
         "extra_body": {"generationConfig": {"topK": 4, "stopSequences": ["c"], "thinkingConfig": {"thinkingBudget": 1}}}},
        generation(temperature=0.5, topK=4, stopSequences=["c"], thinkingConfig={"thinkingBudget": 1}),
    ),
    Setting("extra_headers", {"extra_headers": {"x": "y"}}, {}),
    Setting("undocumented", {"undocumented": "error"}, {}),
)  # fmt: skip


@pytest.mark.parametrize("case", SETTINGS, ids=lambda case: case.id)
def test_a_setting_is_sent_as(case: Setting) -> None:
    assert case.sent == added(Settings(**case.settings), case.endpoint, case.model)


def test_every_setting_is_in_the_table() -> None:
    assert set(Settings.model_fields) == {name for case in SETTINGS for name in case.settings}


@pytest.mark.parametrize("case", SETTINGS, ids=lambda case: case.id)
def test_a_setting_that_is_assigned_is_sent_as_one_that_is_passed(case: Setting) -> None:
    """Assigning to an attribute goes past the validators; the words are understood all the same."""
    settings = Settings()
    for name, value in case.settings.items():
        setattr(settings, name, value)

    assert case.sent == added(settings, case.endpoint, case.model)


@pytest.mark.parametrize("case", SETTINGS, ids=lambda case: case.id)
def test_settings_are_the_same_after_a_round_trip(case: Setting) -> None:
    """What is held is what the API spells, so that a serialized model object asks the same."""
    settings = Settings(**case.settings)

    assert settings.model_dump() == Settings(**json.loads(settings.model_dump_json())).model_dump()


@pytest.mark.shared
def test_what_the_judge_adds_to_the_description_is_in_the_newest(shared: Path) -> None:
    """The description of July 2026 does not list labels, the one of September does: the judge takes that one's word."""
    newest = json.loads((shared / "specs" / "request-schema-20260930.json").read_text(encoding="utf-8"))["$defs"]

    for name, fields in LATER.items():
        described = newest.get(name) or newest[f"V1main{name}"]
        assert fields.items() <= described["properties"].items()


class Answer(BaseModel):
    a: str


def test_a_class_as_response_schema_is_sent_as_its_schema() -> None:
    sent = added(Settings(response_schema=Answer))["generationConfig"]

    assert sent["responseJsonSchema"]["properties"].keys() == {"a"}
    assert sent["responseJsonSchema"]["required"] == ["a"]


# -- words ----------------------------------------------------------------------------------------------------------


class Category(enum.Enum):
    HARM_CATEGORY_HARASSMENT = 7


class Threshold(enum.StrEnum):
    NONE = "BLOCK_NONE"


HARASSMENT = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]


@pytest.mark.parametrize(
    "given",
    [
        {"harassment": "none"},
        {"Harassment": "Block None"},
        {"HARM_CATEGORY_HARASSMENT": "BLOCK_NONE"},
        {"harm-category-harassment": "block-none"},
        {Category.HARM_CATEGORY_HARASSMENT: Threshold.NONE},
        {SimpleNamespace(name="HARM_CATEGORY_HARASSMENT").name: SimpleNamespace(name="BLOCK_NONE")},
        {"category": "harassment", "threshold": "none"},
        [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
        ({"category": Category.HARM_CATEGORY_HARASSMENT, "threshold": Threshold.NONE},),
        [SimpleNamespace(category=Category.HARM_CATEGORY_HARASSMENT, threshold=Threshold.NONE)],
        SimpleNamespace(category="harassment", threshold=SimpleNamespace(value="BLOCK_NONE")),
        [{"category": "harassment", "threshold": "none"}, {"category": "harassment", "threshold": "BLOCK_NONE"}],
    ],
    ids=repr,
)
def test_a_safety_setting_may_be_written_as(given: Any) -> None:
    assert added(Settings(safety_settings=given)) == {"safetySettings": HARASSMENT}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("none", "BLOCK_NONE"),
        ("off", "OFF"),
        ("high", "BLOCK_ONLY_HIGH"),
        ("only_high", "BLOCK_ONLY_HIGH"),
        ("medium", "BLOCK_MEDIUM_AND_ABOVE"),
        ("medium_and_above", "BLOCK_MEDIUM_AND_ABOVE"),
        ("low", "BLOCK_LOW_AND_ABOVE"),
        ("HARM_BLOCK_THRESHOLD_UNSPECIFIED", "HARM_BLOCK_THRESHOLD_UNSPECIFIED"),
    ],
)
def test_a_threshold_may_be_a_short_word(word: str, name: str) -> None:
    assert Settings(safety_settings={"harassment": word}).safety_settings == {"HARM_CATEGORY_HARASSMENT": name}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("hate", "HATE_SPEECH"),
        ("hate_speech", "HATE_SPEECH"),
        ("sexual", "SEXUALLY_EXPLICIT"),
        ("dangerous", "DANGEROUS_CONTENT"),
        ("dangerous content", "DANGEROUS_CONTENT"),
        ("civic_integrity", "CIVIC_INTEGRITY"),
        ("jailbreak", "JAILBREAK"),
        ("HARM_CATEGORY_DANGEROUS", "DANGEROUS"),  # the name in full is PaLM's category
    ],
)
def test_a_category_may_be_a_short_word(word: str, name: str) -> None:
    assert Settings(safety_settings={word: "off"}).safety_settings == {f"HARM_CATEGORY_{name}": "OFF"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"safety_settings": {"harrassment": "none"}}, "category .* must be one of harassment, hate_speech, .*; got 'harrassment'"),
        ({"safety_settings": {"harassment": "never"}}, r"threshold .* none \(BLOCK_NONE\), high \(BLOCK_ONLY_HIGH\), .*; got 'never'"),
        ({"safety_settings": {"harassment": 3}}, "threshold .*; got int"),
        ({"safety_settings": {3: "none"}}, "category .*; got int"),
        ({"safety_settings": "none"}, "must be like {'harassment': 'none'}"),
        ({"safety_settings": 7}, "must be like"),
        ({"safety_settings": {"category": "harassment"}}, "must be like .* got an object with 'category'"),
        ({"safety_settings": [{"category": "harassment", "level": "none"}]}, "got an object with 'category', 'level'"),
        ({"safety_settings": {"harassment": "none", "HARM_CATEGORY_HARASSMENT": "off"}}, "HARM_CATEGORY_HARASSMENT two thresholds"),
        ({"thinking_level": "hard"}, "thinking_level must be one of minimal, low, medium, high; got 'hard'"),
        ({"thinking_level": 3}, "thinking_level must be one of .*; got int"),
        ({"media_resolution": "ultra"}, "media_resolution must be one of low, medium, high; got 'ultra'"),
        ({"response_modalities": ["TEXT", "SMELL"]}, "response_modalities must be one of TEXT, IMAGE, AUDIO; got 'SMELL'"),
        ({"response_modalities": 5}, "response_modalities must be one of .*; got int"),
        ({"image_config": {"ratio": "1:1"}}, "image_config has no key 'ratio': known are aspectRatio, imageSize.*extra_body"),
        ({"image_config": {"aspect_ratio": 1.5}}, "image_config.aspectRatio must be a text; got float"),
        ({"image_config": "16:9"}, "image_config must be an object with aspectRatio, imageSize; got str"),
        ({"speech_config": {"voice": "Kore"}}, "speech_config has no key 'voice': known are languageCode, voiceConfig"),
        ({"speech_config": {"voiceConfig": "Kore"}}, "speech_config.voiceConfig must be an object with prebuiltVoiceConfig"),
        ({"speech_config": {"multiSpeakerVoiceConfig": {"speakerVoiceConfigs": {}}}}, "speakerVoiceConfigs must be a list"),
        ({"speech_config": {**VOICE, **DIALOGUE}}, "give one of them"),
        ({"temperature": 2.5}, "'temperature': .*less than or equal to 2 .got 2.5"),
        ({"temperature": -0.1}, "'temperature': .*greater than or equal to 0"),
        ({"temperature": float("nan")}, "'temperature'"),
        ({"presence_penalty": float("inf")}, "'presence_penalty': .*finite"),
        ({"top_p": 1.5}, "'top_p': .*less than or equal to 1"),
        ({"logprobs": 21}, "'logprobs': .*less than or equal to 20"),
        ({"stop": ["a", "b", "c", "d", "e", "f"]}, "'stop': .*at most 5"),
        ({"seed": 2**31}, "'seed': .*2147483647"),
        ({"top_k": -(2**31) - 1}, "'top_k'"),
    ],
)  # fmt: skip
def test_a_word_or_number_that_means_nothing_is_an_error_that_names_the_choices(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Settings(**settings)
    with pytest.raises(ConfigurationError, match=message):
        Settings().override(settings)


class Config(BaseModel):
    """Another library's object with the same fields."""

    aspect_ratio: str | None = None
    image_size: str | None = None


def test_an_object_of_another_library_is_read_by_its_fields() -> None:
    assert Settings(image_config=Config(aspect_ratio="1:1")).image_config == {"aspectRatio": "1:1"}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("schema", "field", "known"),
    [
        ("SafetySetting", "category", words.CATEGORIES),
        ("SafetySetting", "threshold", words.THRESHOLDS),
        ("ThinkingConfig", "thinkingLevel", words.LEVELS),
        ("GenerationConfig", "responseModalities", words.MODALITIES),
        ("GenerationConfig", "mediaResolution", words.RESOLUTIONS),
    ],
)
def test_the_words_known_are_those_of_the_description(
    schema: str, field: str, known: tuple[str, ...], shared: Path
) -> None:
    description = json.loads((shared / "specs" / "generativelanguage-discovery.json").read_text(encoding="utf-8"))
    property_ = description["schemas"][schema]["properties"][field]

    assert set(known) == set(property_.get("items", property_)["enum"])


# -- thinking -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "settings", "thinking"),
    [
        (FLASH, {"thinking_budget": 1024}, {"thinkingBudget": 1024}),
        (FLASH, {"thinking_budget": 0}, {"thinkingBudget": 0}),
        (FLASH, {"thinking_budget": -1}, {"thinkingBudget": -1}),
        ("gemini-2.5-pro", {"thinking_budget": 128}, {"thinkingBudget": 128}),
        ("google/gemini-2.5-pro-thinking-8192", {"thinking_budget": 32_768}, {"thinkingBudget": 32_768}),
        ("gemini-2.5-computer-use-preview", {"thinking_budget": 0}, {"thinkingBudget": 0}),
        (PRO3, {"thinking_level": "low"}, {"thinkingLevel": "LOW"}),
        ("[vip]gemini-3.5-flash-high", {"thinking_level": "low"}, {"thinkingLevel": "LOW"}),
        ("gemini-5-ultra", {"thinking_level": "low"}, {"thinkingLevel": "LOW"}),
        ("gemini-flash-latest", {"thinking_level": "low"}, {"thinkingLevel": "LOW"}),
        (PRO3, {"thinking_budget": 64}, {"thinkingBudget": 64}),
        ("gemini-3-pro-image-preview", {"thinking_level": "high"}, {"thinkingLevel": "HIGH"}),
        ("gemini-2.0-flash", {"thinking_budget": 5}, {"thinkingBudget": 5}),
        ("somebody/else", {"thinking_level": "low"}, {"thinkingLevel": "LOW"}),
        ("somebody/else", {"thinking_budget": 99_999}, {"thinkingBudget": 99_999}),
        ("somebody/else", {"thinking_budget": 1, "thinking_level": "low"}, {"thinkingBudget": 1, "thinkingLevel": "LOW"}),
        (FLASH, {"thinking_budget": 1024, "thinking_level": "low"}, {"thinkingBudget": 1024}),
        (PRO3, {"thinking_budget": 1024, "thinking_level": "low"}, {"thinkingLevel": "LOW"}),
        ("gemini-5-ultra", {"thinking_budget": 1024, "thinking_level": "low"}, {"thinkingLevel": "LOW"}),
        (FLASH, {"thinking_budget": 1, "include_thoughts": True}, {"thinkingBudget": 1, "includeThoughts": True}),
    ],
)  # fmt: skip
def test_thinking_is_steered_as_the_family_of_the_model_takes_it(
    model: str, settings: dict[str, Any], thinking: dict[str, Any]
) -> None:
    assert added(Settings(**settings), model=model) == generation(thinkingConfig=thinking)


@pytest.mark.parametrize(
    ("model", "settings", "words_"),
    [
        (FLASH, {"thinking_level": "low"}, "'gemini-2.5-flash' takes no thinking_level.*Gemini 3.*thinking_budget"),
        ("a/gemini-2.5-pro-high", {"thinking_level": "low"}, "'a/gemini-2.5-pro-high' takes no thinking_level"),
        ("gemini-2.0-flash", {"thinking_level": "low"}, "takes no thinking_level"),
        ("gemini-2.0-flash", {"thinking_level": "low", "thinking_budget": 1}, "takes no thinking_level"),
        ("gemini-2.5-pro", {"thinking_budget": 0}, "gemini-2.5-pro is 128 to 32768 tokens, or -1 .*cannot be turned off"),
        ("gemini-2.5-pro", {"thinking_budget": 127}, "got 127"),
        (FLASH, {"thinking_budget": 24_577}, r"1 to 24576 tokens, or -1 .*\(0 for no thoughts\); got 24577"),
        ("gemini-2.5-flash-lite-nothinking", {"thinking_budget": 511}, "gemini-2.5-flash-lite is 512 to 24576"),
        (FLASH, {"thinking_budget": -2}, "got -2"),
    ],
)  # fmt: skip
def test_thinking_that_a_family_does_not_take_is_a_configuration_error(
    model: str, settings: dict[str, Any], words_: str
) -> None:
    with pytest.raises(ConfigurationError, match=words_):
        added(Settings(**settings), model=model)


@pytest.mark.parametrize("family", MODELS)
def test_levels_are_refused_before_gemini_3_alone(family: str) -> None:
    assert facts(family).refuses_levels == family.startswith(("gemini-1", "gemini-2"))


# -- what an endpoint documents -------------------------------------------------------------------------------------


def listed(endpoint: Endpoint, path: str) -> bool:
    """Return whether a place in the body is documented, read from the fields step by step."""
    fields = endpoint.fields
    for step in path.split("."):
        if fields is None:
            return True
        if step not in fields:
            return False
        fields = fields[step]
    return True


ONE_EACH = {
    name: next(case for case in SETTINGS if list(case.settings)[:1] == [name] and case.sent)
    for name in sorted({*PLACES.values()})
}


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=lambda endpoint: endpoint.name)
@pytest.mark.parametrize("name", ONE_EACH)
def test_each_setting_is_sent_dropped_or_refused_by_what_each_endpoint_documents(name: str, endpoint: Endpoint) -> None:
    case = ONE_EACH[name]
    settings = Settings(**case.settings)
    sent = added(settings, endpoint, case.model)
    paths = [path for path, setting in PLACES.items() if setting == name and at(sent, path) is not None]
    undocumented = [path for path in paths if not listed(endpoint, path)]
    dropped = added(settings.override({"undocumented": "drop"}), endpoint, case.model)
    strict = settings.override({"undocumented": "error"})

    assert len(paths) == 1
    assert at(dropped, paths[0]) == (None if undocumented else at(sent, paths[0]))
    if sent == dropped:
        assert added(strict, endpoint, case.model) == sent
    else:
        with pytest.raises(RequestError) as caught:
            added(strict, endpoint, case.model)
        for path in undocumented:
            assert f"{name} ({path})" in str(caught.value)
        assert f"{endpoint.name!r} ({endpoint.document}) does not list" in str(caught.value)
        assert "undocumented='send'" in str(caught.value)
        assert "undocumented='drop'" in str(caught.value)


def at(body: Any, path: str) -> Any:
    """Return what stands at a place in the body; `None` where nothing does."""
    for step in path.split("."):
        body = body.get(step) if isinstance(body, dict) else None
    return body


def test_every_place_of_a_setting_is_one_the_table_shows() -> None:
    shown = {path for case in SETTINGS for path in PLACES if at(case.sent, path) is not None}

    assert set(PLACES) == shown


def test_a_setting_inside_another_is_refused_by_the_name_of_the_whole() -> None:
    narrow = replace(GOOGLE, documented="contents{role parts{text}} generationConfig{imageConfig{aspectRatio}}")
    wishes = Settings(image_config={"imageSize": "2K"}, undocumented="error")

    with pytest.raises(RequestError, match=r"does not list image_config \(generationConfig.imageConfig.imageSize\)"):
        added(wishes, narrow)

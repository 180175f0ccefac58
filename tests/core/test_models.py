"""Facts of models, and how they are found behind a reseller's spelling."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import gstream.models
from gstream.models import MODELS, Budget, Model, Spelling, facts, spelling, token_estimate

SPELLINGS = [
    ("gemini-2.5-pro", "gemini-2.5-pro"),
    ("google/gemini-2.5-pro", "gemini-2.5-pro"),
    ("models/gemini-2.5-flash", "gemini-2.5-flash"),
    ("publishers/google/models/gemini-2.5-flash", "gemini-2.5-flash"),
    ("Gemini-2.5-Flash", "gemini-2.5-flash"),
    (" gemini-2.5-flash ", "gemini-2.5-flash"),
    ("gemini-2.5-pro-thinking-8192", "gemini-2.5-pro"),
    ("gemini-2.5-flash-nothinking", "gemini-2.5-flash"),
    ("gemini-2.5-pro-search", "gemini-2.5-pro"),
    ("[tag]gemini-3-pro-preview", "gemini-3-pro"),
    ("假流式/gemini-2.5-pro-maxthinking-search", "gemini-2.5-pro"),
    ("gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash"),
    ("gemini-2.5-flash-lite-preview-06-17", "gemini-2.5-flash-lite"),
    ("gemini-2.5-flash-image-preview", "gemini-2.5-flash-image"),
    ("gemini-2.5-flash-preview-tts", "gemini-2.5-flash-preview-tts"),
    ("gemini-2.5-pro-preview-tts", "gemini-2.5-flash-preview-tts"),
    ("gemini-2.5-flash-preview-native-audio-dialog", "gemini-2.5-flash-native-audio"),
    ("gemini-live-2.5-flash-preview-native-audio", "gemini-2.5-flash-native-audio"),
    ("gemini-2.5-computer-use-preview-10-2025", "gemini-2.5-computer-use"),
    ("gemini-2.0-flash-001", "gemini-2.0-flash"),
    ("custom-gemini-2.0-flash", "gemini-2.0-flash"),
    ("gemini-2.0-flash-lite", "gemini-2.0-flash-lite"),
    ("gemini-2.0-flash-thinking-exp-1219", "gemini-2.0-flash-thinking"),
    ("gemini-2.0-flash-preview-image-generation", "gemini-2.0-flash-preview-image-generation"),
    ("gemini-1.5-flash-latest", "gemini-1.5-flash"),
    ("gemini-1.5-flash-8b-001", "gemini-1.5-flash-8b"),
    ("gemini-3.0-flash-preview", "gemini-3-flash"),
    ("gemini-3-pro-image-preview", "gemini-3-pro-image"),
    ("gemini-3.1-pro-preview-customtools", "gemini-3.1-pro"),
    ("gemini-3.1-flash-lite-image", "gemini-3.1-flash-lite-image"),
    ("gemini-3.5-flash", "gemini-3.5-flash"),
    ("gemini-3.5-flash-lite", "gemini-3.5-flash-lite"),
    ("gemini-3.8-flash-high", "gemini-3.7-flash"),
    ("gemini-flash-latest", "gemini-flash-latest"),
    ("gemini-flash-lite-latest", "gemini-flash-latest"),
    ("gemini-4-argon", "gemini-4-argon"),
    ("gemma-4-31b-it", "gemma-4"),
]


@pytest.mark.parametrize(("name", "family"), SPELLINGS)
def test_the_family_is_found_inside_the_name(name: str, family: str) -> None:
    assert facts(name).family == family
    assert facts(name).known
    assert spelling(name).family == family


@pytest.mark.parametrize(
    "name", ["", "gpt-4o", "gemini", "gemini-pro", "my-gemini-2.5-proxy", "gemini-2.5", "gemini-1.0-pro", "深度"]
)
def test_an_unknown_name_gets_low_limits_and_every_ability(name: str) -> None:
    model = facts(name)

    assert not model.known
    assert (model.context_window, model.output_limit) == (32_768, 8_192)
    assert model.function_calling
    assert model.system_instruction
    assert not model.needs_signatures
    assert spelling(name).family == ""


@pytest.mark.parametrize("name", ["gemini-3.9-flash", "gemini-4-hydrogen", "x/gemini-12-ultra-preview"])
def test_an_unknown_model_of_a_later_generation_has_what_all_of_them_have(name: str) -> None:
    model = facts(name)

    assert not model.known
    assert model.needs_signatures
    assert model.thinking == "level"
    assert model.levels == ("low", "high")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gemini-2.5-pro", {}),
        ("gemini-2.5-pro-thinking", {"thinking": True}),
        ("gemini-2.5-pro-thinking-8192", {"thinking": True, "thinking_budget": 8192}),
        ("gemini-2.5-flash-nothinking", {"thinking": False, "thinking_budget": 0}),
        ("gemini-2.5-flash-non-thinking", {"thinking": False, "thinking_budget": 0}),
        ("gemini-2.5-flash-maxthinking", {"thinking": True}),
        ("gemini-2.5-pro-search", {"search": True}),
        ("gemini-2.5-pro-thinking-1024-search", {"thinking": True, "thinking_budget": 1024, "search": True}),
        ("gemini-2.5-pro-search-nothinking", {"thinking": False, "thinking_budget": 0, "search": True}),
        ("gemini-3-pro-preview-high", {"thinking": True, "thinking_level": "high"}),
        ("gemini-3-pro-preview-low", {"thinking": True, "thinking_level": "low"}),
        ("gemini-3-flash-minimal", {"thinking": True, "thinking_level": "minimal"}),
        ("gemini-3-flash-medium", {"thinking": True, "thinking_level": "medium"}),
        ("gemini-3-pro-preview-max", {"thinking": True, "thinking_level": "max"}),
        ("gemini-3-pro-preview-xhigh", {"thinking": True, "thinking_level": "xhigh"}),
        ("gemini-2.0-flash-thinking-exp", {}),
        ("gemini-2.5-flash-preview-09-2025", {}),
        ("other-model-high", {"thinking": True, "thinking_level": "high"}),
    ],
)
def test_suffixes_say_what_the_name_fixes(name: str, expected: dict[str, Any]) -> None:
    assert spelling(name) == Spelling(family=spelling(name).family, **expected)


def test_a_family_that_ends_like_a_suffix_fixes_nothing() -> None:
    assert spelling("gemini-2.0-flash-thinking") == Spelling(family="gemini-2.0-flash-thinking")


BOTH_SIDES = {
    "aliases": ("gemini-2.5-flash-preview-tts", "gemini-2.5-pro"),
    "known": ("gemini-2.5-pro", "unheard-of"),
    "thinking": ("gemini-2.5-pro", "gemini-3-pro"),
    "budget": ("gemini-2.5-pro", "gemini-3-pro"),
    "levels": ("gemini-3-pro", "gemini-2.5-pro"),
    "default_level": ("gemini-3.1-flash-lite", "gemini-flash-latest"),
    "needs_signatures": ("gemini-3-flash", "gemini-2.5-flash"),
    "function_calling": ("gemini-2.5-flash", "gemini-2.5-flash-image"),
    "structured_output": ("gemini-2.5-flash", "gemini-2.5-computer-use"),
    "system_instruction": ("gemini-2.5-flash", "gemini-2.5-flash-preview-tts"),
    "sampling": ("gemini-3.5-flash", "gemini-3.6-flash"),
    "temperature_default": ("gemini-3.5-flash", "gemini-3.6-flash"),
    "context_window": ("gemini-1.5-pro", "gemini-2.5-flash-image"),
    "output_limit": ("gemini-2.5-pro", "gemini-2.0-flash"),
    "inputs": ("gemini-2.5-pro", "gemini-2.5-flash-image"),
    "outputs": ("gemini-2.5-pro", "gemini-2.5-flash-image"),
    "family": ("gemini-2.5-pro", "gemini-2.5-flash"),
    "source": ("gemini-2.5-pro", "gemini-2.0-flash"),
}


@pytest.mark.parametrize("field", BOTH_SIDES)
def test_each_field_tells_models_apart(field: str) -> None:
    one, other = BOTH_SIDES[field]

    assert getattr(facts(one), field) != getattr(facts(other), field)


def test_every_field_that_differs_has_both_sides_tested() -> None:
    """`parallel_calls` alone says the same of all models so far."""
    assert {field.name for field in dataclasses.fields(Model)} - BOTH_SIDES.keys() == {"parallel_calls"}


def test_figures_of_the_models_most_people_use() -> None:
    assert facts("gemini-2.5-pro").budget == Budget(128, 32_768, can_be_off=False)
    assert facts("gemini-2.5-flash").budget == Budget(1, 24_576, can_be_off=True)
    assert facts("gemini-2.5-flash-lite").budget == Budget(512, 24_576, can_be_off=True)
    assert facts("gemini-3-pro-preview").levels == ("low", "high")
    assert facts("gemini-3.1-pro-preview").levels == ("low", "medium", "high")
    assert facts("gemini-3-flash-preview").levels == ("minimal", "low", "medium", "high")
    assert facts("gemini-2.5-flash").context_window == 1_048_576
    assert facts("gemini-2.5-flash").output_limit == 65_536
    assert facts("gemini-1.5-pro").context_window == 2_097_152
    assert facts("gemini-3.1-flash-lite-image").output_limit == 4_096


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.family)
def test_the_facts_of_a_family_fit_together(model: Model) -> None:
    assert model.source
    assert (model.thinking == "budget") == (model.budget is not None)
    assert (model.thinking == "level") == bool(model.levels)
    assert model.default_level is None or model.default_level in model.levels
    assert set(model.levels) <= {"minimal", "low", "medium", "high"}
    assert model.inputs <= {"text", "image", "audio", "video", "pdf"}
    assert model.outputs <= {"text", "image", "audio"}
    assert "text" in model.inputs
    assert 0 < model.output_limit <= model.context_window or model.outputs == {"audio"}
    assert model.sampling == (model.temperature_default is not None)
    assert model.needs_signatures == (facts(model.family).family.startswith(("gemini-3", "gemini-4", "gemini-flash-")))
    for name in (model.family, *model.aliases):
        assert facts(name) is model


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        facts("gemini-2.5-pro").output_limit = 1  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("a", 1, 1),
        ("The quick brown fox jumps over the lazy dog.", 9, 13),
        ("敏捷的棕色狐狸跳过了懒狗。", 6, 13),
        ("素早い茶色の狐がのろまな犬を飛び越える。", 10, 20),
        ("빠른 갈색 여우가 게으른 개를 뛰어넘는다.", 10, 20),
        ("Быстрая коричневая лиса прыгает через ленивую собаку.", 11, 25),
        ("Gemini 会说中文 and English", 6, 12),
    ],
)
def test_token_estimate_is_of_the_right_size(text: str, least: int, most: int) -> None:
    assert least <= token_estimate(text) <= most


def test_token_estimate_grows_with_the_text() -> None:
    assert token_estimate("x" * 4_000) == 1_000
    assert token_estimate("字" * 3_000) == 2_000


def test_public_names_are_there_and_sorted() -> None:
    assert set(gstream.models.__all__) == {
        "MODELS",
        "Budget",
        "Model",
        "Spelling",
        "facts",
        "spelling",
        "token_estimate",
    }
    assert all(hasattr(gstream.models, name) for name in gstream.models.__all__)

"""What is known of Gemini models, as data: one frozen literal a family, each with the source of its figures.

Rule 1: facts only; what to do about them (drop a setting, add a signature) is decided elsewhere.
Rule 2: an unknown name is no error. Resellers rename models and sell others: `facts` then gives a `Model` with
`known=False`, whose limits are low and whose abilities are all granted, so that nothing is refused on a guess.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

__all__ = ["MODELS", "Budget", "Model", "Spelling", "facts", "spelling", "token_estimate"]

_ALL: Final = frozenset({"text", "image", "audio", "video", "pdf"})
_TEXT: Final = frozenset({"text"})
_AUDIO: Final = frozenset({"audio"})
_SEEN: Final = frozenset({"text", "image", "pdf"})
_DRAWN: Final = frozenset({"text", "image"})

_PROFILES = "model profiles shipped with langchain-google-genai 4.4.2 (documented, not verified)"
_RECORDED = "recorded exchanges of public projects"
_BUDGETS = "ai.google.dev/gemini-api/docs/thinking, table of budgets (documented, not verified)"
_LEVELS = "Google Cloud, models/thinking, table of levels (documented, not verified)"
_OLD = "ai.google.dev/gemini-api/docs/models as of its day (documented; shut down since)"


@dataclass(frozen=True, slots=True)
class Budget:
    """The values `thinkingConfig.thinkingBudget` takes, in tokens."""

    least: int
    most: int
    can_be_off: bool
    """Whether 0 turns thinking off (otherwise it is an error)."""
    dynamic: bool = True
    """Whether -1 lets the model decide."""
    documented: bool = True
    """Whether Google states this range for the family; otherwise it is a neighbour's, and nothing may be refused."""

    def takes(self, tokens: int) -> bool:
        """Return whether `tokens` lies in the range, or is the 0 or -1 that the family takes."""
        return self.least <= tokens <= self.most or (tokens == 0 and self.can_be_off) or (tokens == -1 and self.dynamic)


@dataclass(frozen=True, slots=True)
class Model:
    """The facts of one family. The defaults are what most models since 2.0 have in common."""

    family: str
    """The part of a model name that the facts hang on, e.g. `"gemini-2.5-flash"`."""
    source: str
    """Where the figures come from."""
    aliases: tuple[str, ...] = ()
    """Other spellings of `family`."""
    known: bool = True
    """Whether these are facts; `False` for the two guesses at names nobody has described."""
    context_window: int = 1_048_576
    """Tokens of the prompt. Gemini 4 counts prompt and answer together."""
    output_limit: int = 65_536
    """Tokens of the answer, thoughts included."""
    inputs: frozenset[str] = _ALL
    """Kinds of content it reads: "text", "image", "audio", "video", "pdf"."""
    outputs: frozenset[str] = _TEXT
    """Kinds of content it makes: "text", "image", "audio"."""
    thinking: Literal["none", "budget", "level"] = "none"
    """By which setting its thinking is steered; "none": it does not think, or it cannot be steered."""
    budget: Budget | None = None
    """The range of `thinkingBudget` where `thinking` is "budget". (Gemini 3 tolerates a budget, advising levels.)"""
    levels: tuple[str, ...] = ()
    """The values of `thinkingLevel`, least first, where `thinking` is "level"."""
    default_level: str | None = None
    """The level it takes by itself; `None` where it has none or nobody says."""
    needs_signatures: bool = False
    """Whether a function call of the current turn without its `thoughtSignature` is answered with 400.
    https://ai.google.dev/gemini-api/docs/thought-signatures: Gemini 3 and later; 2.5 gives and takes them freely."""
    function_calling: bool = True
    """Whether `tools[].functionDeclarations` are accepted."""
    parallel_calls: bool = True
    """Whether one turn may hold several function calls."""
    structured_output: bool = True
    """Whether `responseSchema` is accepted."""
    system_instruction: bool = True
    """Whether `systemInstruction` is accepted."""
    sampling: bool = True
    """Whether temperature, topP and topK still count: since Gemini 3.5 Flash-Lite and 3.6 Flash (July 2026) Google
    calls them deprecated for new models."""
    temperature_default: float | None = 1.0
    """The temperature without a setting; `None` where `sampling` is off."""

    @property
    def refuses_levels(self) -> bool:
        """Whether `thinkingLevel` is answered with an error (discovery: "Use with earlier models" than Gemini 3)."""
        generation = _GENERATION.match(self.family)
        return self.known and generation is not None and int(generation[1]) < 3  # noqa: PLR2004 - Gemini 3


_FLASH_BUDGET = Budget(1, 24_576, can_be_off=True)
_LITE_BUDGET = Budget(512, 24_576, can_be_off=True)
_PRO_BUDGET = Budget(128, 32_768, can_be_off=False)
_FOUR = ("minimal", "low", "medium", "high")
_THREE = ("low", "medium", "high")

_GEMINI_1_5 = (
    Model(family="gemini-1.5-pro", source=_OLD, context_window=2_097_152, output_limit=8_192),
    Model(family="gemini-1.5-flash", source=f"{_OLD}; {_RECORDED}", output_limit=8_192),
    Model(family="gemini-1.5-flash-8b", source=_OLD, output_limit=8_192),
)

_GEMINI_2_0 = (
    Model(
        family="gemini-2.0-flash",
        source="ai.google.dev model page: 8,192 (Google Cloud's page says 65,536; the lower is safe everywhere); "
        + _RECORDED,
        output_limit=8_192,
    ),
    Model(family="gemini-2.0-flash-lite", source="ai.google.dev model page (documented)", output_limit=8_192),
    Model(family="gemini-2.0-flash-thinking", source=_OLD, function_calling=False, structured_output=False),
    Model(family="gemini-2.0-pro", source=_OLD, context_window=2_097_152, output_limit=8_192),
    Model(
        family="gemini-2.0-flash-preview-image-generation",
        aliases=("gemini-2.0-flash-exp-image-generation",),
        source=f"{_OLD}; {_RECORDED}",
        context_window=32_768,
        output_limit=8_192,
        outputs=_DRAWN,
        function_calling=False,
        structured_output=False,
        system_instruction=False,
    ),
)

_GEMINI_2_5 = (
    Model(
        family="gemini-2.5-pro",
        source=f"{_PROFILES}; {_BUDGETS}; {_RECORDED}",
        thinking="budget",
        budget=_PRO_BUDGET,
    ),
    Model(
        family="gemini-2.5-flash",
        source=f"{_PROFILES}; {_BUDGETS}; {_RECORDED}",
        thinking="budget",
        budget=_FLASH_BUDGET,
    ),
    Model(
        family="gemini-2.5-flash-lite",
        source=f"{_PROFILES}; {_BUDGETS}; {_RECORDED}",
        thinking="budget",
        budget=_LITE_BUDGET,
    ),
    Model(
        family="gemini-2.5-flash-image",
        source=f"{_PROFILES}; {_RECORDED}",
        context_window=32_768,
        output_limit=32_768,
        inputs=_SEEN,
        outputs=_DRAWN,
        function_calling=False,
        structured_output=False,
    ),
    Model(
        family="gemini-2.5-flash-preview-tts",
        aliases=("gemini-2.5-flash-tts", "gemini-2.5-pro-preview-tts", "gemini-2.5-pro-tts"),
        source=f"{_PROFILES}; {_RECORDED}",
        context_window=8_192,
        output_limit=16_384,
        inputs=_TEXT,
        outputs=_AUDIO,
        function_calling=False,
        structured_output=False,
        system_instruction=False,
    ),
    Model(
        family="gemini-2.5-flash-native-audio",
        aliases=("gemini-2.5-flash-preview-native-audio", "gemini-live-2.5-flash", "gemini-2.5-flash-live"),
        source="Google Cloud, models/gemini/2-5-flash-live-api: 128K and 64K (documented, not verified)",
        context_window=131_072,
        inputs=frozenset({"text", "image", "audio", "video"}),
        outputs=frozenset({"text", "audio"}),
        thinking="budget",
        budget=replace(_FLASH_BUDGET, documented=False),
        structured_output=False,
    ),
    Model(
        family="gemini-2.5-computer-use",
        source=f"{_PROFILES}: thinking, its range not stated, so that of Pro is assumed",
        context_window=128_000,
        output_limit=64_000,
        inputs=_SEEN,
        thinking="budget",
        budget=replace(_PRO_BUDGET, documented=False),
        structured_output=False,
    ),
)

_GEMINI_3 = (
    Model(
        family="gemini-3-pro",
        source=f"{_PROFILES} for levels; limits as gemini-3.1-pro; {_RECORDED}",
        thinking="level",
        levels=("low", "high"),
        default_level="high",
        needs_signatures=True,
    ),
    Model(
        family="gemini-3-flash",
        source=f"{_PROFILES}; {_RECORDED}",
        thinking="level",
        levels=_FOUR,
        default_level="high",
        needs_signatures=True,
    ),
    Model(
        family="gemini-3-pro-image",
        source=f"{_PROFILES}: 65,536 (131,072 for the preview)",
        context_window=65_536,
        output_limit=32_768,
        inputs=_SEEN,
        outputs=_DRAWN,
        needs_signatures=True,
        function_calling=False,
        structured_output=False,
    ),
    Model(
        family="gemini-3.1-pro",
        source=f"{_PROFILES}; {_RECORDED}",
        thinking="level",
        levels=_THREE,
        default_level="high",
        needs_signatures=True,
    ),
    Model(
        family="gemini-3.1-flash-lite",
        source=_PROFILES,
        thinking="level",
        levels=_FOUR,
        default_level="minimal",
        needs_signatures=True,
    ),
    Model(
        family="gemini-3.1-flash-image",
        source=f"{_PROFILES}: the lower figures of preview and release; levels of the preview",
        context_window=65_536,
        output_limit=32_768,
        inputs=_SEEN,
        outputs=_DRAWN,
        thinking="level",
        levels=("minimal", "high"),
        default_level="minimal",
        needs_signatures=True,
        function_calling=False,
        structured_output=False,
    ),
    Model(
        family="gemini-3.1-flash-lite-image",
        source=f"{_PROFILES}; {_RECORDED}",
        context_window=65_536,
        output_limit=4_096,
        inputs=_SEEN,
        outputs=_DRAWN,
        needs_signatures=True,
        structured_output=False,
    ),
    Model(
        family="gemini-3.1-flash-tts",
        source=_PROFILES,
        context_window=8_192,
        output_limit=16_384,
        inputs=_TEXT,
        outputs=_AUDIO,
        needs_signatures=True,
        function_calling=False,
        structured_output=False,
        system_instruction=False,
    ),
    Model(
        family="gemini-3.1-flash-live",
        source=_PROFILES,
        context_window=131_072,
        inputs=frozenset({"text", "image", "audio", "video"}),
        outputs=frozenset({"text", "audio"}),
        thinking="level",
        levels=_FOUR,
        needs_signatures=True,
        structured_output=False,
    ),
    Model(
        family="gemini-3.5-flash",
        source=f"{_PROFILES}; {_RECORDED}",
        thinking="level",
        levels=_FOUR,
        default_level="medium",
        needs_signatures=True,
    ),
    Model(
        family="gemini-3.5-flash-lite",
        source=f"{_PROFILES}; {_LEVELS}",
        thinking="level",
        levels=_FOUR,
        default_level="minimal",
        needs_signatures=True,
        sampling=False,
        temperature_default=None,
    ),
    Model(
        family="gemini-3.6-flash",
        source=f"{_PROFILES}; {_LEVELS}",
        thinking="level",
        levels=_FOUR,
        default_level="medium",
        needs_signatures=True,
        sampling=False,
        temperature_default=None,
    ),
    Model(
        family="gemini-3.7-flash",
        aliases=("gemini-3.8-flash",),
        source=f"{_PROFILES}; {_LEVELS}: minimal is an error; requests for 3.7 are answered by 3.8",
        thinking="level",
        levels=_THREE,
        default_level="medium",
        needs_signatures=True,
        sampling=False,
        temperature_default=None,
    ),
)

_OTHERS = (
    Model(
        family="gemini-4-argon",
        source=f"{_PROFILES}; ai.google.dev latest-model page: 1M tokens for prompt and answer together",
        thinking="level",
        levels=_THREE,
        default_level="medium",
        needs_signatures=True,
        sampling=False,
        temperature_default=None,
    ),
    Model(
        family="gemini-flash-latest",
        aliases=("gemini-flash-lite-latest", "gemini-pro-latest"),
        source=f"{_PROFILES}; ai.google.dev changelog: moved to Gemini 3 on 2026-01-21; levels all of them have",
        thinking="level",
        levels=("low", "high"),
        needs_signatures=True,
    ),
    Model(
        family="gemma-4",
        source=f"{_PROFILES}; thinking is not steered",
        context_window=262_144,
        output_limit=32_768,
        inputs=_SEEN,
        system_instruction=False,
    ),
)

MODELS: Final = {model.family: model for model in (*_GEMINI_1_5, *_GEMINI_2_0, *_GEMINI_2_5, *_GEMINI_3, *_OTHERS)}
"""The families that are known, by name."""

_UNKNOWN: Final = Model(
    family="",
    source="a guess: 32,768 and 8,192 are the lowest figures of any text model here",
    known=False,
    context_window=32_768,
    output_limit=8_192,
    outputs=_TEXT | _DRAWN | _AUDIO,
)
_LATER: Final = Model(
    family="gemini-3 or later",
    source="a guess: what all text models since Gemini 3 share",
    known=False,
    outputs=_TEXT | _DRAWN | _AUDIO,
    thinking="level",
    levels=("low", "high"),
    needs_signatures=True,
)

_NAMES: Final = {name: model for model in MODELS.values() for name in (model.family, *model.aliases)}
_FAMILY: Final = re.compile(
    r"(?<![a-z0-9])(?:" + "|".join(map(re.escape, sorted(_NAMES, key=len, reverse=True))) + r")(?![a-z0-9]|\.\d)"
)
_GENERATION: Final = re.compile(r"(?<![a-z0-9])gemini-(\d+)(?![a-z0-9])")
_SUFFIX: Final = re.compile(
    r"-(?:(?P<off>no-?thinking|non-thinking)|(?P<on>max-?thinking|thinking)(?:-(?P<budget>\d+))?"
    r"|(?P<level>minimal|low|medium|high|xhigh|max)|(?P<search>search))$"
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a reseller's model name says beside the family. The name travels as it is: the reseller acts on it."""

    family: str
    """The known family in the name; empty where there is none."""
    thinking: bool | None = None
    """Whether the name turns thinking on (`-thinking`, `-high`) or off (`-nothinking`); `None`: it does not say."""
    thinking_budget: int | None = None
    """Tokens of thought fixed by the name: `-thinking-8192`, and 0 for `-nothinking`."""
    thinking_level: str | None = None
    """`-minimal`, `-low`, `-medium`, `-high`, `-xhigh` or `-max` at the end, without the dash."""
    search: bool = False
    """Whether the name adds a web search (`-search`)."""


@lru_cache(maxsize=256)
def facts(name: str) -> Model:
    """Return what is known of the model that a reseller calls `name`.

    The longest known family inside the name counts: `google/gemini-2.5-flash-lite-preview-06-17`,
    `[free]gemini-2.5-pro-search`. Of an unknown Gemini 3 or later, what that generation shares is returned, of any
    other name the lowest limits; both have `known=False`.
    """
    plain = _plain(name)
    if family := _family(plain):
        return _NAMES[family]
    generation = _GENERATION.search(plain)
    return _LATER if generation and int(generation[1]) >= 3 else _UNKNOWN  # noqa: PLR2004 - Gemini 3


@lru_cache(maxsize=256)
def spelling(name: str) -> Spelling:
    """Return what the suffixes of `name` fix, in the dialect of new-api, gcli2api and their kin."""
    plain = _plain(name)
    family = _family(plain)
    thinking: bool | None = None
    budget: int | None = None
    level: str | None = None
    search = False
    while (suffix := _SUFFIX.search(plain)) and not (family and plain.endswith(family)):
        plain = plain[: suffix.start()]
        if suffix["search"]:
            search = True
        elif suffix["off"]:
            thinking, budget = False, 0
        else:
            thinking, level = True, suffix["level"] or level
            budget = int(suffix["budget"]) if suffix["budget"] else budget
    return Spelling(
        family=_NAMES[family].family if family else "",
        thinking=thinking,
        thinking_budget=budget,
        thinking_level=level,
        search=search,
    )


def _plain(name: str) -> str:
    return re.sub(r"gemini-(\d)\.0-", r"gemini-\1-", name.strip().lower()).replace("gemini-2-", "gemini-2.0-")


def _family(plain: str) -> str:
    return max(_FAMILY.findall(plain), key=len, default="")


_CJK: Final = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+"
)


def token_estimate(text: str) -> int:
    """Return about how many tokens `text` has, without asking a server (gateways bill `countTokens` as a request).

    An estimate: 4 characters a token (Google's own rule of thumb), 1.5 for Chinese, Japanese and Korean, 2.5 for other
    letters beyond ASCII. Expect a fifth more or less for prose and twice that for code, numbers and rare scripts.
    """
    if text.isascii():
        return math.ceil(len(text) / 4)
    dense = sum(map(len, _CJK.findall(text)))
    plain = sum(map(len, re.findall(r"[\x00-\x7f]+", text)))
    return math.ceil(plain / 4 + dense / 1.5 + (len(text) - plain - dense) / 2.5)

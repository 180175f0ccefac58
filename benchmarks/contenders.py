"""Who is measured: gstream, its peers, and the floor of each framework, as data."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CONTENDERS", "FLOOR", "FRAMEWORKS", "OURS", "PEERS", "Contender", "Framework", "FrameworkName"]

FrameworkName: TypeAlias = Literal["LangChain", "LlamaIndex"]
KEY = "made-up-for-the-benchmark"
MODEL = "gemini-2.5-flash"


@dataclass(frozen=True)
class Framework:
    """One framework."""

    distribution: str
    """What its own install is."""
    peer: str
    """The package for the same API that its users have without gstream."""
    module: str
    """What anyone who uses a model of it has imported anyway."""
    asking: tuple[str, str]
    """Module and class that ask a model through it."""

    def load(self) -> Any:
        """Return the class that asks; the import of the framework happens here."""
        return getattr(import_module(self.asking[0]), self.asking[1])


@dataclass(frozen=True)
class Contender:
    """One way to a model."""

    name: str
    """Its distribution; "floor" for the floor."""
    module: str
    class_name: str
    parameters: Callable[[str], dict[str, Any]]
    """The URL of an answer to the constructor's parameters."""
    thinking: dict[str, Any]
    """The parameters that ask for thoughts to be shown."""

    def load(self) -> Any:
        """Return the model's class; the import of the package happens here."""
        return getattr(import_module(self.module), self.class_name)


def _ours(url: str) -> dict[str, Any]:
    return {"model": MODEL, "base_url": url, "api_key": KEY}


def _google(url: str) -> dict[str, Any]:
    return {"model": MODEL, "base_url": url, "api_key": KEY}


def _openai(url: str) -> dict[str, Any]:
    return {"model": MODEL, "base_url": f"{url}/v1", "api_key": KEY}


def _llama_google(url: str) -> dict[str, Any]:
    # Without max_tokens and context_window its constructor asks the network what the model can do.
    limits = {"max_tokens": 8_192, "context_window": 1_000_000}
    return {"model": MODEL, "api_key": KEY, "http_options": {"base_url": url}, **limits}


FLOOR, OURS = "floor", "gstream"
FRAMEWORKS: dict[FrameworkName, Framework] = {
    "LangChain": Framework(
        "langchain-core",
        "langchain-google-genai",
        "langchain_core.language_models.chat_models",
        ("benchmarks.frameworks.langchain", "LangChain"),
    ),
    "LlamaIndex": Framework(
        "llama-index-core",
        "llama-index-llms-google-genai",
        "llama_index.core",
        ("benchmarks.frameworks.llamaindex", "LlamaIndex"),
    ),
}
CONTENDERS: dict[FrameworkName, dict[str, Contender]] = {
    "LangChain": {
        contender.name: contender
        for contender in (
            Contender(OURS, "langchain_gstream", "ChatGStream", _ours, {"include_thoughts": True}),
            Contender(
                "langchain-google-genai",
                "langchain_google_genai",
                "ChatGoogleGenerativeAI",
                _google,
                {"include_thoughts": True},
            ),
            Contender("langchain-openai", "langchain_openai", "ChatOpenAI", _openai, {"reasoning_effort": "low"}),
        )
    },
    "LlamaIndex": {
        contender.name: contender
        for contender in (
            Contender(OURS, "llamaindex_gstream", "GStream", _ours, {"include_thoughts": True}),
            Contender(
                "llama-index-llms-google-genai", "llama_index.llms.google_genai", "GoogleGenAI", _llama_google, {}
            ),
        )
    },
}
PEERS = tuple(dict.fromkeys(name for those in CONTENDERS.values() for name in those if name != OURS))
"""Every package that gstream is measured against."""

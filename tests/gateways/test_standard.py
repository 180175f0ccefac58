"""langchain-tests through the proxy: `tests/langchain/test_standard.py` again, with `base_url` alone as the address."""

from __future__ import annotations

from typing import Any

from tests.langchain import test_standard


class TestIntegration(test_standard.TestIntegration):
    """The part of the suite that asks a model; what the emulator refuses or does not get fails here too."""

    @property
    def chat_model_params(self) -> dict[str, Any]:
        given = {name: value for name, value in super().chat_model_params.items() if name != "endpoint"}
        return {**given, "base_url": self.emulator.base_url}

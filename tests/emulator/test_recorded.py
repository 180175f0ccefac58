"""Requests that Google took are taken here: the recorded ones, read from the corpus where it is at hand."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from gstream.emulator.model import respond
from gstream.emulator.refuse import accepted
from tests.conftest import CORPUS, present

if TYPE_CHECKING:
    from pathlib import Path

PLACEHOLDER = "skip_thought_signature_validator"
"""Stands in for Google's own signatures, which nobody else can verify."""


def recorded() -> list[Any]:
    """The requests to the Gemini API that were answered with 200."""
    result = []
    for path in sorted(CORPUS.glob("*/*/meta.json")):
        meta = json.loads(path.read_text(encoding="utf-8"))
        taken = meta.get("api") == "gemini" and meta.get("http_status") == 200
        if taken and path.with_name("request.json").exists():
            result.append(pytest.param(path.with_name("request.json"), meta["model"], id=path.parent.name))
    return result


@pytest.mark.parametrize(("path", "model"), recorded() or [pytest.param(None, "", id="no corpus")])
def test_a_request_that_google_took_is_taken_and_answered(path: Path, model: str) -> None:
    present(CORPUS)
    body = re.sub(r'("thought_?[sS]ignature": ?)"[^"]*"', rf'\1"{PLACEHOLDER}"', path.read_text(encoding="utf-8"))
    documents = respond(accepted(json.loads(body), model), model)

    assert documents[-1]["candidates"][0]["finishReason"] in {"STOP", "MAX_TOKENS"}

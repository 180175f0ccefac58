"""What the READMEs' tables claim is what happens: each row is tried, against the emulator or the code."""

from __future__ import annotations

import re
from typing import Final

import pytest

import gstream
from gstream import Client, GStreamError, Prompt, Text, Tool, Turn, errors, resolve
from gstream.cli.endpoints import endpoint_table
from gstream.emulator import FAULTS, Emulator
from gstream.failures import failure_of_document
from tests.docs.markdown import ROOT, prose, tables
from tests.readme import LANGUAGES

MODEL: Final = "gemini-2.5-flash"
SHORT: Final = {"connect": 5, "first_byte": 0.3, "idle": 0.3}
"""Limits that only a server which would never answer reaches."""
NO_ERROR_OF_A_CALL: Final = {"GStreamError", "EndpointError"}
"""The classes that others are made of; nothing is advised for them."""
_CITY: Final = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER: Final = Tool("weather", "Tell the weather in a city.", _CITY)
PROMPTS: Final = (
    Prompt(MODEL, (Turn("user", (Text("Why is the sky blue?"),)),)),
    Prompt(MODEL, (Turn("user", (Text("What is the weather in Paris?"),)),), tools=(WEATHER,)),
)


def rows(section: str, file: str = "README.md") -> list[tuple[str, ...]]:
    (table,) = (table for table in tables(file) if table.section == section)
    return list(table.rows)


def classes(cell: str) -> list[str]:
    return [name for name in re.findall(r"`(\w+)`", cell) if name in errors.__all__]


def told(prompt: Prompt, fault: str | None) -> object:
    """Return what an endpoint with a fault says: the text, the calls and the counts, or the class of the error."""
    with Emulator("google", fault=fault) as emulator:
        target = resolve(emulator.endpoint, api_key=emulator.api_key)
        try:
            whole = gstream.collect(Client(target, timeout=SHORT, max_retries=0).stream(prompt))
        except GStreamError as error:
            return type(error).__name__
    counts = (whole.usage.input, whole.usage.output) if whole.usage else None
    return whole.text, [(call.name, call.args) for call in whole.calls], whole.finish_reason, counts


FAULT_ROWS: Final = [
    (fault, classes(row[1]), language.file)
    for language in LANGUAGES
    for row in rows("resellers", language.file)
    for fault in re.findall(r"`(\w+)`", row[2])
]
ENGLISH_FAULTS: Final = [(fault, named) for fault, named, file in FAULT_ROWS if file == "README.md"]


@pytest.mark.parametrize(("fault", "named"), ENGLISH_FAULTS, ids=[fault for fault, _ in ENGLISH_FAULTS])
def test_a_broken_reseller_gives_what_the_table_says(fault: str, named: list[str]) -> None:
    """The error of the class in the second cell; where it names none, the answer an honest endpoint gives."""
    if named:
        assert [told(prompt, fault) for prompt in PROMPTS] == named * len(PROMPTS)
    else:
        assert [told(prompt, fault) for prompt in PROMPTS] == [told(prompt, None) for prompt in PROMPTS]


def test_every_language_names_the_same_faults_and_classes() -> None:
    for language in LANGUAGES[1:]:
        assert [(fault, named) for fault, named, file in FAULT_ROWS if file == language.file] == ENGLISH_FAULTS


def class_of(text: str, status: int) -> str:
    """Return the class of the error that a gateway with this text and status means."""
    failure = failure_of_document({"error": {"message": text, "type": "new_api_error"}}, status=status)
    return type(failure).__name__


@pytest.mark.parametrize("file", [language.file for language in LANGUAGES])
def test_a_gateways_text_is_of_the_class_the_table_says(file: str) -> None:
    """With the status and in the shape in which new-api and its kin send it."""
    found = {
        (text, status, class_of(text, int(status)))
        for texts, status, *_ in rows("texts", file)
        for text in re.findall(r"`([^`]+)`", texts)
    }
    claimed = {
        (text, status, name)
        for texts, status, named, _ in rows("texts", file)
        for text in re.findall(r"`([^`]+)`", texts)
        for name in classes(named)
    }

    assert found == claimed


@pytest.mark.parametrize("file", [language.file for language in LANGUAGES])
def test_every_class_of_error_has_its_advice(file: str) -> None:
    named = [name for row in rows("errors", file) for name in classes(row[0])]

    assert sorted(named) == sorted(set(errors.__all__) - NO_ERROR_OF_A_CALL)


@pytest.mark.parametrize("file", [language.file for language in LANGUAGES])
def test_the_faults_of_the_emulator_are_counted(file: str) -> None:
    assert re.findall(r"\b(\d{3})\b", prose(file)["emulator"]) == [str(len(FAULTS))]


def test_the_endpoint_table_of_the_readme_is_that_of_the_command() -> None:
    assert endpoint_table() in (ROOT / "README.md").read_text(encoding="utf-8")

"""What is mutated, and the tests that must notice it.

A subject's tests are those about it, and quick: each mutant is judged by those of them that reach its function, one
after another until one fails, so a mutant that no test tells apart costs them all. Tests that draw their examples at
random are left out, as what they find differs from run to run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["SUBJECTS", "Subject"]


@dataclass(frozen=True)
class Subject:
    """Files that are mutated together."""

    files: tuple[str, ...]
    """Patterns of paths from the root of the checkout, as mutmut matches them (`fnmatch`)."""
    tests: tuple[str, ...]
    """Files, folders and single tests, as pytest takes them."""
    deselected: tuple[str, ...] = ()
    """Ids of tests among them that are too slow to be asked of each mutant, and parts of ids."""


SUBJECTS: Final = {
    "retry": Subject(("gstream/retry.py",), ("tests/core/test_retry.py", "tests/core/test_errors.py")),
    "decoder": Subject(
        ("gstream/decoder.py",),
        (
            "tests/core/test_decoder.py",
            "tests/core/test_decoder_documents.py",
            "tests/core/test_decoder_limits.py",
            "tests/core/test_decoder_sentences.py",
            "tests/core/test_failures.py",
            "tests/core/test_corpus.py::test_a_recording_ends_as_it_did",
        ),
        ("tests/core/test_decoder.py::test_no_field_of_a_wrong_type_raises_a_foreign_exception",),
    ),
    "chunks": Subject(
        ("gstream/chunks.py",),
        ("tests/core/test_chunks.py", "tests/core/test_corpus.py::test_a_recording_ends_as_it_did"),
    ),
    "framing": Subject(
        ("gstream/framing.py",),
        ("tests/core/test_framing.py", "tests/core/test_framing_limits.py"),
        ("tests/core/test_framing.py::test_the_cost_is_linear_in_the_bytes_however_they_are_cut[an event of many",),
    ),
    "schema": Subject(
        ("gstream/schema/*.py",),
        (
            "tests/core/test_schema.py",
            "tests/core/test_schema_conforms.py",
            "tests/core/test_schema_kinds.py",
            "tests/core/test_schema_patterns.py",
            "tests/core/test_schema_reading.py",
            "tests/core/test_schema_recursion.py",
            "tests/core/test_schema_table.py",
            "tests/core/test_schema_writing.py",
        ),
        ("tests/core/test_schema.py::test_definitions_that_all_name_one_another_stay_small",),
    ),
}
"""The modules that decide whether an answer is whole, each by its name on the command line."""

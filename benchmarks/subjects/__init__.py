"""The subjects, in the order in which they are measured and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.subjects import chunks, concurrency, construction, conversions, images, imports, installs

if TYPE_CHECKING:
    from benchmarks.cases import Case

__all__ = ["SUBJECTS"]

SUBJECTS: dict[str, tuple[str, tuple[Case, ...]]] = {
    subject.__name__.rpartition(".")[2]: (subject.TITLE, subject.CASES)
    for subject in (chunks, conversions, images, concurrency, imports, construction, installs)
}
"""Titles and cases by the name of the subject."""

"""What the figures of a run say, in a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["further", "held", "result", "stood_on"]

_OUTCOMES: Final = {
    "passed": "passed",
    "failed": "**failed**",
    "error": "**broke**",
    "skipped": "were skipped",
    "xfailed": "failed as expected",
    "xpassed": "**passed against expectation**",
}
_MINUTE_S: Final = 120
_WHOLE: Final = 100.0


def result(run: str, figures: Mapping[str, Any]) -> str:
    """Return the result of a run in a phrase."""
    say = _WORDS.get(run, _tests if "counts" in figures else _plain)
    return say(figures)


def held(counts: Mapping[str, int]) -> str:
    """Return how the tests of a promise ended."""
    return ", ".join(f"{counts[name]:,} {words}" for name, words in _OUTCOMES.items() if counts.get(name))


def further(shows: str, figures: Mapping[str, Any], holds: Callable[[str], bool]) -> str:
    """Return what a promise shows besides its tests; empty where the run did not count it.

    Args:
        shows: as `Promise.shows`.
        figures: of the run.
        holds: whether a test is one of the promise.
    """
    found = figures.get(shows)
    if not found:
        return ""
    if shows == "faults":
        return f"{found} faults survived"
    if shows == "standard":
        return "; ".join(f"{name} {held(counts)}" for name, counts in found.items())
    kinds = [(test.rpartition("::")[2], number) for test, number in sorted(found.items()) if holds(test)]
    return "; ".join(f"{number:,} examples of `{name}`" for name, number in kinds)


def stood_on(figures: Mapping[str, Any]) -> str:
    """Return the versions that a run stood on; empty: they are not known."""
    known: Mapping[str, str] = figures.get("versions") or {}
    return ", ".join(f"{name} {version}" for name, version in known.items())


def _duration(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < _MINUTE_S else f"{seconds / 60:.0f} min"


def _tests(figures: Mapping[str, Any]) -> str:
    return f"{held(figures['counts'])} in {_duration(figures['seconds'])}"


def _fuzz(figures: Mapping[str, Any]) -> str:
    examples: Mapping[str, int] = figures.get("examples", {})
    return f"{_tests(figures)}; {sum(examples.values()):,} examples of {len(examples)} kinds"


def _soak(figures: Mapping[str, Any]) -> str:
    wrong = f"**{figures['wrong']:,} wrong**" if figures["wrong"] else "none wrong"
    left = f"**{figures['left']:,} things left**" if figures["left"] else "nothing left"
    memory, sockets = figures["memory"], figures["descriptors"]
    return (
        f"{figures['calls']:,} calls in {_duration(figures['seconds'])}, {figures['streams']:,} at once: "
        f"{figures['right']:,} right answers, {sum(figures['errors'].values()):,} right errors of "
        f"{len(figures['errors'])} classes, {wrong}; memory {memory[0] / 1e6:.0f} to {memory[1] / 1e6:.0f} MB, "
        f"open files and sockets {sockets[0]:.0f} to {sockets[1]:.0f}, {left}; seed {figures['seed']}"
    )


def _coverage(figures: Mapping[str, Any]) -> str:
    covered = f"{figures['covered']:g} %" if figures["covered"] <= _WHOLE else f"{figures['covered']:,}"
    return (
        f"{covered} of {figures['lines']:,} lines and {figures['branches']:,} branches; missing: {figures['missing']}"
    )


def _mutants(figures: Mapping[str, Any]) -> str:
    subjects: Mapping[str, Mapping[str, int]] = figures["of"]
    said = []
    for name, counts in subjects.items():
        left = counts["mutants"] - counts["killed"] - counts["explained"]
        unexplained = f", **{left} unexplained**" if left else ""
        said.append(
            f"`{name}` {counts['killed']:,} of {counts['mutants']:,} noticed, {counts['explained']} explained"
            f"{unexplained}"
        )
    return "; ".join(said)


def _versions(figures: Mapping[str, Any]) -> str:
    said = []
    for one in figures["of"]:
        on = ", ".join(f"{name} {version}" for name, version in one["versions"].items())
        said.append(f"{one['name']}: {held({name: one.get(name, 0) for name in _OUTCOMES})} ({on})")
    return "; ".join(said)


def _plain(figures: Mapping[str, Any]) -> str:
    """Return the numbers and words of a run that has no words of its own."""
    stamp = ("date", "versions")
    said = [f"{name} {value}" for name, value in figures.items() if name not in stamp and not isinstance(value, dict)]
    return ", ".join(said) or "done"


_WORDS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "fuzz": _fuzz,
    "soak": _soak,
    "coverage": _coverage,
    "mutants": _mutants,
    "versions": _versions,
}

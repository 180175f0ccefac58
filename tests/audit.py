"""`python -m tests.audit`: are there known vulnerabilities in what gstream's extra `all` brings?

pip-audit asks a service of vulnerabilities about the very versions that are installed here. Exit code: 0 nothing is
known, or no service answered (which is said); 1 a vulnerability is known, or pip-audit itself failed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

__all__ = ["ask", "installed", "judged"]

_LIMIT_S: Final = 20.0
"""For the whole of it. A service that answers does so for all of some eighty distributions in less."""
_UNREACHED: Final = ("Could not connect", "ConnectionError", "timed out", "Max retries exceeded")
"""Words of pip-audit's errors which say that no service was reached."""


def installed(name: str = "gstream", extras: frozenset[str] = frozenset({"all"})) -> dict[str, str]:
    """Return name -> version of all that a distribution with extras requires here, itself left out."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - judging needs it not
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - the same

    found: dict[str, str] = {}
    pending, seen = [(canonicalize_name(name), extras)], set()
    while pending:
        one, wanted = item = pending.pop()
        if item in seen:
            continue
        seen.add(item)
        try:
            there = distribution(one)
        except PackageNotFoundError:  # a marker of another platform, or an extra that the environment is without
            continue
        if one != name:
            found[one] = there.version
        for line in there.requires or ():
            needed = Requirement(line)
            kinds = [{"extra": extra} for extra in ("", *wanted)]
            if needed.marker is None or any(needed.marker.evaluate(kind) for kind in kinds):
                pending.append((canonicalize_name(needed.name), frozenset(needed.extras)))
    return dict(sorted(found.items()))


def ask(versions: dict[str, str], *options: str, limit_s: float = _LIMIT_S) -> tuple[int, str, str] | None:
    """Run pip-audit over pinned versions; return its exit code, output and errors, `None` if time was up.

    Args:
        versions: distribution -> version.
        options: further ones of pip-audit's.
        limit_s: seconds for all.
    """
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder) / "pinned.txt"
        pinned.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(pinned), "--no-deps", "--disable-pip"]
        command += ["--progress-spinner", "off", "--format", "json", "--timeout", "5", *options]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=limit_s)
        except subprocess.TimeoutExpired:
            return None
    return ran.returncode, ran.stdout, ran.stderr


def judged(answer: tuple[int, str, str] | None) -> tuple[int, list[str]]:
    """Return the exit code and the lines to print for what `ask` returned.

    pip-audit ends with 1 both for a vulnerability and for a service that is not there, and with 0 if a service knows
    nothing of any distribution; only what it wrote as JSON tells them apart.
    """
    if answer is None:
        return 0, ["audit: not done, as no service of vulnerabilities answered in time"]
    code, output, errors = answer
    try:
        entries = json.loads(output)["dependencies"]
        known = [
            f"{one['name']} {one['version']}: {bad['id']}{_mended(bad)}"
            for one in entries
            for bad in one.get("vulns", ())
        ]
        audited = [one for one in entries if "vulns" in one]
    except (ValueError, KeyError, TypeError):
        if any(word in errors for word in _UNREACHED):
            return 0, ["audit: not done, as no service of vulnerabilities answered"]
        return 1, [f"audit: pip-audit failed with {code}:", errors.strip()]
    if known:
        return 1, [f"audit: {len(known)} known vulnerabilities in {len(audited)} distributions", *known]
    if not audited:
        return 0, ["audit: not done, as the service of vulnerabilities knows none of the distributions"]
    unknown = len(entries) - len(audited)
    return 0, [
        f"audit: nothing is known against {len(audited)} distributions{f'; {unknown} unknown' if unknown else ''}"
    ]


def _mended(bad: dict[str, object]) -> str:
    versions = bad.get("fix_versions")
    return f", mended in {', '.join(map(str, versions))}" if isinstance(versions, list) and versions else ""


if __name__ == "__main__":
    status, lines = judged(ask(installed()))
    print("\n".join(lines))  # noqa: T201 - its output
    raise SystemExit(status)

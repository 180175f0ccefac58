"""What of the system pictures are taken with; a test that lacks some of it fails and says what to install."""

from __future__ import annotations

import shutil
import subprocess
from typing import Final

import pytest

__all__ = ["CHROMIUM", "TMUX", "demand_fonts", "demand_program"]

CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
"""Names of the browser, the first one that is there counts."""
TMUX: Final = ("tmux",)
_FC_LIST: Final = ("fc-list",)
_FONTS: Final = ("DejaVu Sans Mono", "Noto Sans CJK SC")
"""What screens are drawn with: boxes in place of characters would look like a mistake of the command."""
_INSTALL: Final = (
    "On Debian or Ubuntu: apt-get install --no-install-recommends "
    "chromium tmux fontconfig fonts-dejavu-core fonts-noto-cjk"
)


def demand_program(names: tuple[str, ...]) -> str:
    """Return the path of the first of `names` that is installed.

    Raises:
        pytest.fail.Exception: none is, and pictures are not something to do without.
    """
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail(f"{names[0]} is not installed. {_INSTALL}", pytrace=False)
    return found


def demand_fonts() -> None:
    """Fail the test where a font is missing."""
    known = subprocess.run(
        [demand_program(_FC_LIST), ":", "family"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    if absent := [family for family in _FONTS if family not in known]:
        pytest.fail(f"The font {' and '.join(absent)} is not installed. {_INSTALL}", pytrace=False)

"""What the tests of pictures share: the folder they write into, the browser, and an environment with endpoints."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.screens.browser import Browser
from tests.screens.programs import demand_fonts
from tests.screens.screen import DARK, LIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.screens.screen import Screen

    Draw = Callable[[Screen, str], None]

FOLDER = Path(__file__).parents[2] / "build" / "screenshots"
LIGHT_COLUMNS = 80
"""How wide a screen may be that is drawn on a light ground as well: colours do not depend on the width."""
KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH"}


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The folder of the pictures, for people to look at."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    return FOLDER


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of the run."""
    demand_fonts()
    running = Browser()
    yield running
    running.close()


@pytest.fixture
def draw(pictures: Path, browser: Browser, tmp_path: Path) -> Draw:
    """Take a picture of a screen under a name: on a dark ground and, one of 80 columns, on a light one too."""

    def draw(screen: Screen, name: str) -> None:
        for theme, ending in ((DARK, ""), (LIGHT, "-light")):
            if theme is LIGHT and screen.columns > LIGHT_COLUMNS:
                continue
            file = tmp_path / f"{name}{ending}.html"
            file.write_text(screen.page(theme), encoding="utf-8")
            page = browser.open(file.as_uri(), width=1600)
            page.picture(pictures / f"{name}{ending}.png", of="document.body")

    return draw


@pytest.fixture
def clean_environment() -> dict[str, str]:
    """The environment without endpoints, keys and what would change colours."""
    return {name: value for name, value in os.environ.items() if name in KEPT}

"""`python -m tests.reliability`: write RELIABILITY.md from the promises and from what the last runs counted."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.figures import FOLDER
from tests.reliability.page import rendered
from tests.reliability.reading import load, read, standing

PAGE: Final = Path(__file__).parents[2] / "RELIABILITY.md"


def main() -> None:
    """Write the page: new figures where a run left some, and those that stand in it elsewhere."""
    page = load()
    before = standing(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    new = read(FOLDER, page)
    PAGE.write_text(rendered(page, before | new), encoding="utf-8")
    missing = [run.command for run in page.runs if run.name not in before | new]
    print(f"{PAGE.name}: new figures of {', '.join(new) or 'no run'}; never run: {', '.join(missing) or 'none'}")  # noqa: T201


if __name__ == "__main__":
    main()

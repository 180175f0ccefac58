"""Writes the generated parts of README.md: `make readme`; `test_readme.py` checks that they are up to date."""

from __future__ import annotations

from pathlib import Path

from gstream.cli.endpoints import endpoint_table

README = Path(__file__).parent.parent / "README.md"
START = "<!-- endpoints: written by `make readme` -->\n"
END = "<!-- end of endpoints -->\n"


def generated(text: str) -> str:
    """Return the README's text with the table between its markers made anew."""
    before, rest = text.split(START)
    _, after = rest.split(END)
    return f"{before}{START}\n{endpoint_table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(generated(README.read_text(encoding="utf-8")), encoding="utf-8")

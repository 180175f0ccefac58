"""What pyproject.toml requires, read from it: the lowest versions it allows, and the frameworks by name.

Nothing but the standard library is imported, as this runs before anything is installed:

    python tests/versions/requirements.py FOLDER

writes three files for pip into FOLDER: `lowest.txt`, the lowest version of everything that a user may install;
`tests.txt`, the same without what the tests' own tools ask more of; `frameworks.txt`, the frameworks with their bounds.
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["EXTRAS", "PYPROJECT", "TOOLS_ASK_MORE", "Requirement", "frameworks", "lowest", "promised", "required"]

PYPROJECT: Final = Path(__file__).parents[2] / "pyproject.toml"
EXTRAS: Final = ("langchain", "llamaindex", "emulator", "cli")
"""The extras whose bounds are promises to users; `all` is these together."""
TOOLS_ASK_MORE: Final = {"httpx": "langchain-tests asks for 0.28.1 or newer, which says nothing about gstream"}
"""What the tests' tools want newer than gstream does: it is put back to the lowest once they are installed."""
_BESIDE: Final = ("langchain", "langchain-tests", "langgraph")
"""What the extra `test` brings of a framework beyond that which gstream needs."""
_LINE: Final = re.compile(r"\s*([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?\s*([^;]*)")


@dataclass(frozen=True)
class Requirement:
    """One requirement, such as `gstream[emulator]` or `rich>=13.9,<16`."""

    name: str
    extras: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
    """Each with its operator: `>=13.9`, `<16`."""

    @classmethod
    def parse(cls, line: str) -> Requirement:
        """Read a line as pyproject.toml has it; markers are not looked at.

        Raises:
            ValueError: it is none.
        """
        found = _LINE.match(line)
        if found is None:
            raise ValueError(f"{line!r} is no requirement")
        name, extras, bounds = found.groups(default="")
        return cls(name, tuple(_items(extras)), tuple(_items(bounds)))

    def __str__(self) -> str:
        """Write it as pip reads it."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.name}{extras}{','.join(self.bounds)}"

    @property
    def lower(self) -> str | None:
        """The version behind `>=`; `None`: any old one is allowed."""
        return next((bound[2:] for bound in self.bounds if bound.startswith(">=")), None)

    @property
    def upper(self) -> str | None:
        """The version behind `<`; `None`: any newer one is allowed."""
        return next((bound[1:] for bound in self.bounds if re.match(r"<\d", bound)), None)


def required(extra: str | None = None, pyproject: Path = PYPROJECT) -> list[Requirement]:
    """Return what an extra requires, as it is written; `None`: what gstream requires without any."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    lines = project["dependencies"] if extra is None else project["optional-dependencies"][extra]
    return [Requirement.parse(line) for line in lines]


def promised(pyproject: Path = PYPROJECT) -> list[Requirement]:
    """Return all that gstream and its extras for users require of others, in the order of pyproject.toml."""
    found = [one for extra in (None, *EXTRAS) for one in required(extra, pyproject)]
    return [one for one in dict.fromkeys(found) if one.name != "gstream"]


def frameworks(pyproject: Path = PYPROJECT) -> list[Requirement]:
    """Return the requirements on frameworks: the two that gstream extends, and what is tested around them."""
    return [
        *required("langchain", pyproject),
        *required("llamaindex", pyproject),
        *(one for one in required("test", pyproject) if one.name in _BESIDE),
    ]


def lowest(pyproject: Path = PYPROJECT) -> dict[str, str]:
    """Return name -> the lowest version that is allowed, of all that is promised and of the frameworks.

    Raises:
        ValueError: something has no lower bound.
    """
    wanted = [*promised(pyproject), *frameworks(pyproject)]
    without = sorted({one.name for one in wanted if one.lower is None})
    if without:
        raise ValueError(f"no lower bound in {pyproject.name}: {', '.join(without)}")
    return {one.name: one.lower for one in wanted if one.lower is not None}


def _items(text: str) -> list[str]:
    """Return what stands between commas, without spaces."""
    return [item.replace(" ", "") for item in text.split(",") if item.strip()]


def main(folder: Path) -> None:
    """Write the three files into a folder."""
    pins = {name: f"{name}=={version}" for name, version in lowest().items()}
    files = {
        "lowest": pins.values(),
        "tests": [pin for name, pin in pins.items() if name not in TOOLS_ASK_MORE],
        "frameworks": frameworks(),
    }
    for name, lines in files.items():
        (folder / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

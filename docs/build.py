"""`make docs`: the API reference as web pages in `build/docs`, written from the docstrings.

The generator is pdoc. It reads what is here already, Google's sections and the string below a field included, needs no
configuration files, resolves the names in backticks to links, and its pages work without a server. Sphinx and MkDocs
would want the names of everything once more, in files of their own.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import typing
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pdoc.render

import gstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

__all__ = ["FOLDER", "PAGES", "tidied", "write"]

FOLDER: Final = Path(__file__).parent.parent / "build" / "docs"
TEMPLATES: Final = Path(__file__).parent / "templates"
PAGES: Final = (
    "langchain_gstream",
    "langchain_gstream.errors",
    "llamaindex_gstream",
    "gstream",
    "gstream.parameters",
    "gstream.settings",
    "gstream.errors",
    "gstream.remote",
    "gstream.tools",
    "gstream.schema",
    "gstream.models",
    "gstream.notebook",
    "gstream.emulator",
)
"""The modules users import from. A name in a module's `__all__` is described on its page, wherever it is defined."""
_OURS: Final = frozenset(page.partition(".")[0] for page in PAGES)


def write(folder: Path) -> None:
    """Write the pages into `folder`; what else is in there stays.

    Raises:
        UserWarning: pdoc cannot make out an annotation or import a module; half a reference is none.
    """
    for page in PAGES:
        importlib.import_module(page)
    _name_aliases()
    pdoc.render.configure(
        docformat="google",
        show_source=False,
        footer_text=f"gstream {gstream.__version__}",
        template_directory=TEMPLATES,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("error", module="pdoc")
        pdoc.pdoc(*PAGES, output_directory=folder)
    for file in folder.rglob("*.html"):
        file.write_text(tidied(file.read_text(encoding="utf-8")), encoding="utf-8")


def tidied(text: str) -> str:
    """Return a page whose links within itself all lead somewhere, and whose required fields have no default.

    pdoc links what a class has, and describes only what it does not inherit from elsewhere: `ChatGStream.invoke` is
    LangChain's to describe, and a base class whose name begins with `_` has no place of its own. The words stay.
    pydantic gives a field without a default, or with one made anew for each object, a word of its own.
    """
    places = set(re.findall(r'\sid="([^"]+)"', text))
    text = re.sub(r'<a href="#([^"]+)">(.*?)</a>', lambda link: link[0] if link[1] in places else link[2], text)
    return re.sub(r'\s*=\s*<span class="default_value">PydanticUndefined</span>', "", text)


def _name_aliases() -> None:
    """Let type aliases that are written as text (they name what only type checkers import) be shown by their names.

    Python 3.11 sees a string in them, and a string has no `|`. From 3.12 on `type` would say it.
    """
    modules = [module for name, module in sorted(sys.modules.items()) if name.partition(".")[0] in _OURS]
    for module in modules:
        for name, text in _aliases(module):
            named = typing.NewType(name, object)  # type: ignore[misc]  # mypy wants the name to stand here
            named.__module__ = module.__name__
            for user in modules:
                if vars(user).get(name) == text:
                    setattr(user, name, named)


def _aliases(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each `Name: TypeAlias = "..."` of a module."""
    for statement in ast.parse(inspect.getsource(module)).body:
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and ast.unparse(statement.annotation) == "TypeAlias"
            and isinstance(text := vars(module).get(statement.target.id), str)
        ):
            yield statement.target.id, text


if __name__ == "__main__":
    write(FOLDER)
    sys.stdout.write(f"{FOLDER / 'index.html'}\n")

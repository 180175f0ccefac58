"""What is public is what is there, and importing it is cheap."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import gstream

CORE = [
    f"gstream.{module.name}"
    for module in pkgutil.iter_modules(gstream.__path__)
    if not module.name.startswith("_") and module.name not in {"emulator", "cli", "check"}
]


@pytest.mark.parametrize("name", ["gstream", *CORE])
def test_all_is_sorted_as_the_linter_sorts_it_and_everything_in_it_exists(name: str) -> None:
    """Constants, then classes, then functions, each by name."""
    module = importlib.import_module(name)
    names = module.__all__

    def order(item: str) -> tuple[int, str]:
        return (0 if item.isupper() else 1 if item[:1].isupper() else 2, item)

    assert sorted(names, key=order) == list(names)
    assert len(set(names)) == len(names)
    assert all(hasattr(module, item) for item in names)


def test_the_package_lists_all_that_can_be_imported_from_it() -> None:
    modules = {name.removeprefix("gstream.") for name in (*CORE, "gstream.emulator", "gstream.cli", "gstream.check")}
    helpers = {"annotations", "TYPE_CHECKING", "Any", "Final", "import_module"}
    there = {name for name in vars(gstream) if not name.startswith("_")} - modules - helpers

    assert there | set(gstream._LATER) == set(gstream.__all__) - {"__version__"}


@pytest.mark.parametrize("name", gstream._LATER)
def test_a_name_that_is_imported_later_is_that_of_its_module(name: str) -> None:
    module = importlib.import_module(f"gstream.{gstream._LATER[name]}")

    assert getattr(gstream, name) is getattr(module, name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Cleint'"):
        _ = gstream.Cleint


def loaded(statement: str) -> set[str]:
    """Return the modules a fresh interpreter has after `statement`."""
    code = f"import sys; {statement}; print(' '.join(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(result.stdout.split())


def test_importing_the_core_loads_neither_framework_nor_http() -> None:
    modules = loaded("import gstream")

    assert set() == modules & {
        "httpx",
        "httpcore",
        "langchain_core",
        "llama_index",
        "aiohttp",
        "typer",
        "rich",
        "gstream.client",
    }


def test_the_client_is_there_when_it_is_asked_for() -> None:
    assert {"httpx", "gstream.client"} <= loaded("from gstream import Client")

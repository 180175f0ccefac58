"""The picture in ARCHITECTURE.md holds: who may import whom, and what an import loads."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gstream

ROOT = Path(__file__).parent.parent
PACKAGES = ("gstream", "langchain_gstream", "llamaindex_gstream")
LAYERS = re.findall(
    r"^\| `(\w+)/?` \|", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("## The layers")[1], re.MULTILINE
)
"""The modules of the core in the order in which they may import: the later ones the earlier ones."""


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports anywhere, also inside functions and for types only."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def runtime_imports(path: Path) -> set[str]:
    """Return what a file imports when it is itself imported: neither inside functions nor for types only."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


def layer(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "gstream" and len(parts) > 1 and parts[1] in LAYERS else None


def test_the_layers_named_are_all_modules_of_the_core() -> None:
    there = {
        path.stem if path.is_file() else path.name
        for path in (ROOT / "gstream").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and not path.name.startswith("_")
    }

    assert set(LAYERS) == there


@pytest.mark.parametrize("path", sources("gstream"), ids=name_of)
def test_a_core_module_imports_only_layers_above_it(path: Path) -> None:
    own = layer(name_of(path))
    if own is None:
        return  # the package itself collects all of them
    upward = {found for name in runtime_imports(path) if (found := layer(name)) and found != own}

    assert {name for name in upward if LAYERS.index(name) > LAYERS.index(own)} == set()


@pytest.mark.parametrize("path", sources("gstream"), ids=name_of)
def test_only_what_moves_bytes_imports_httpx(path: Path) -> None:
    if name_of(path) not in {"gstream.connections", "gstream.fetcher", "gstream.client"}:
        assert "httpx" not in roots(path)


@pytest.mark.parametrize("path", [p for p in sources("gstream") if layer(name_of(p)) != "cli"], ids=name_of)
def test_the_core_imports_no_framework(path: Path) -> None:
    forbidden = {"langchain_core", "langchain", "llama_index", "langchain_gstream", "llamaindex_gstream"}

    assert roots(path) & forbidden == set()


@pytest.mark.parametrize(
    "path", [p for p in sources("gstream") if layer(name_of(p)) not in {"cli", "emulator"}], ids=name_of
)
def test_only_the_command_line_and_users_import_the_emulator(path: Path) -> None:
    assert not any(name.startswith("gstream.emulator") for name in imports(path))


@pytest.mark.parametrize(
    "path", [p for p in sources("gstream") if layer(name_of(p)) not in {"cli", "emulator"}], ids=name_of
)
def test_the_core_needs_only_the_standard_library_pydantic_and_httpx(path: Path) -> None:
    foreign = {name for name in roots(path) if name not in sys.stdlib_module_names and name != "gstream"}

    assert foreign <= {"pydantic", "httpx"}


@pytest.mark.parametrize(
    ("package", "framework"), [("langchain_gstream", "langchain_core"), ("llamaindex_gstream", "llama_index")]
)
def test_an_adapter_imports_its_framework_and_the_core_only(package: str, framework: str) -> None:
    allowed = {package, framework, "gstream", "pydantic"}
    for path in sources(package):
        foreign = {name for name in roots(path) if name not in sys.stdlib_module_names}

        assert foreign <= allowed, path


@pytest.mark.parametrize("package", ["langchain_gstream", "llamaindex_gstream"])
def test_an_adapter_imports_no_private_name_of_the_core(package: str) -> None:
    for path in sources(package):
        private = {name for name in imports(path) if name.startswith("gstream.") and "._" in name}

        assert private == set(), path


def test_no_code_asks_for_an_endpoint_by_name() -> None:
    """Quirks are values in the literal."""
    pattern = re.compile(
        r"(?:endpoint|target\.endpoint)\.name\s*(?:==|!=|in\b)|[\"'](?:%s)[\"']\s*==|==\s*[\"'](?:%s)[\"']"
        % (("|".join(gstream.ENDPOINTS),) * 2)
    )
    for package in PACKAGES:
        for path in sources(package):
            assert not pattern.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("gstream", ("langchain_core", "llama_index", "httpx", "aiohttp", "typer")),
        ("langchain_gstream", ("llama_index", "httpx", "aiohttp", "langchain")),
        ("llamaindex_gstream", ("langchain_core", "typer")),
        ("gstream.cli", ("langchain_core", "llama_index", "httpx", "aiohttp", "typer")),
    ],
)
def test_an_import_loads_nothing_it_does_not_need(module: str, absent: tuple[str, ...]) -> None:
    program = f"import sys, {module}\nprint(*sorted(set(sys.modules) & set({absent!r})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("module", "library", "extra"),
    [
        ("langchain_gstream", "langchain_core", "langchain"),
        ("llamaindex_gstream", "llama_index", "llamaindex"),
        ("gstream.emulator", "aiohttp", "emulator"),
    ],
)
def test_a_missing_library_is_told_with_the_extra_that_brings_it(module: str, library: str, extra: str) -> None:
    program = f"import sys\nsys.modules[{library!r}] = None\nimport {module}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)

    assert f'pip install "gstream[{extra}]"' in done.stderr.splitlines()[-1]


def test_every_package_is_typed() -> None:
    assert all((ROOT / package / "py.typed").exists() for package in PACKAGES)


FORBIDDEN_NAMES = re.compile(r"(?:^|_)(?:utils?|helpers?|managers?|misc|common)(?:_|$)")


def test_no_module_is_named_without_a_subject() -> None:
    names = [path.stem for package in PACKAGES for path in sources(package)]

    assert [name for name in names if FORBIDDEN_NAMES.search(name)] == []

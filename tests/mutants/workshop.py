"""The copy of the checkout in which mutmut works, and the run of it there.

mutmut (https://mutmut.readthedocs.io) writes a mutated copy of the sources, with all mutants of a function beside it,
and runs the tests in a process a mutant. Its own configuration names one set of tests for all sources; here each
subject has a copy of its own, under `build/mutants`, whose `pyproject.toml` is ours with mutmut's section behind it.

mutmut leaves decorated functions alone. In the copy, `@property` above a function is therefore a `name =
property(name)` below it, which means the same, and so is every other decorator but the two that mutmut knows.
"""

from __future__ import annotations

import ast
import json
import os
import resource
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.mutants.mutants import read_mutants

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.mutants.mutants import Mutant
    from tests.mutants.subjects import Subject

__all__ = ["ROOT", "Workshop", "undecorated"]

ROOT: Final = Path(__file__).parents[2]
_PACKAGES: Final = ("gstream", "langchain_gstream", "llamaindex_gstream")
_MEMORY: Final = 4 * 2**30
"""Bytes of address space of a process: a mutant whose loop never ends must not take the machine's memory with it."""
_SECONDS: Final = 2.0
"""A mutant has this, and the time its tests take without it, `_TIMES` over; then its loop counts as endless."""
_TIMES: Final = 5.0
_KNOWN: Final = {"staticmethod", "classmethod"}


class Workshop:
    """The copy of one subject.

    Args:
        name: the subject's name.
        subject: what is mutated, by which tests it is judged.
    """

    def __init__(self, name: str, subject: Subject) -> None:
        self._subject = subject
        self.place = ROOT / "build" / "mutants" / name
        self.log = self.place / "mutmut.log"
        """What mutmut printed."""

    def run(self, *, processes: int, only: Iterable[str] = ()) -> None:
        """Make all mutants anew and judge them, or judge those named `only` again by the tests as they are now.

        Raises:
            RuntimeError: mutmut did not come to its end (a test fails without any mutant, say); what it said is in it.
        """
        only = [*only]
        if only:
            self._put("tests")
            shutil.rmtree(self.place / "mutants" / "tests")
            (self.place / "mutants" / "mutmut-stats.json").unlink()  # which tests reach what is found out anew
        else:
            shutil.rmtree(self.place, ignore_errors=True)
            for folder in (*_PACKAGES, "tests"):
                self._put(folder)
            for source in self.sources():
                path = self.place / source
                path.write_text(undecorated(path.read_text()))
        settings = (ROOT / "pyproject.toml").read_text() + self._settings()
        (self.place / "pyproject.toml").write_text(settings)
        self._mutmut("run", "--max-children", str(processes), *only)

    def unchanged(self) -> bool:
        """Return whether the sources are those of the last run, so that its mutants can be judged again."""
        return all(
            (self.place / source).exists()
            and (self.place / source).read_text() == undecorated((ROOT / source).read_text())
            for source in self.sources()
        )

    def sources(self) -> list[str]:
        """Return the paths of the files that are mutated, from the root of the checkout."""
        paths = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "gstream").rglob("*.py"))
        return [path for path in paths if any(fnmatch(path, pattern) for pattern in self._subject.files)]

    def mutants(self) -> list[Mutant]:
        """Return the mutants of the last run, as they were judged."""
        return [mutant for source in self.sources() for mutant in read_mutants(self.place, source)]

    def _put(self, folder: str) -> None:
        shutil.rmtree(self.place / folder, ignore_errors=True)
        shutil.copytree(ROOT / folder, self.place / folder, ignore=shutil.ignore_patterns("__pycache__"))

    def _settings(self) -> str:
        """Return mutmut's section of the copy's `pyproject.toml`."""
        arguments = ["-m", "not hypothesis", "-p", "no:cacheprovider"]
        arguments += [f"--deselect={test}" for test in self._subject.deselected]
        said: dict[str, object] = {
            "source_paths": ["gstream"],
            "only_mutate": list(self._subject.files),
            "also_copy": list(_PACKAGES[1:]),
            "pytest_add_cli_args": arguments,
            "pytest_add_cli_args_test_selection": list(self._subject.tests),
            # Tests run in forks of a process that only imported them, so nothing that a cache holds is older than the
            # mutant.
            "process_isolation": "forkserver",
            "timeout_constant": _SECONDS,
            "timeout_multiplier": _TIMES,
            "track_dependencies": False,
            "use_git_change_detection": False,
            "use_setproctitle": False,
        }
        # Texts, numbers, truths and lists of texts are the same in JSON and TOML.
        return "\n[tool.mutmut]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in said.items())

    def _mutmut(self, *arguments: str) -> None:
        shared = os.environ.get("GSTREAM_SHARED") or str(ROOT.parent / "shared")
        surroundings = {**os.environ, "GSTREAM_SHARED": shared, "PYTHONHASHSEED": "0"}
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        with self.log.open("w") as log:
            ended = subprocess.run(
                [str(Path(sys.executable).with_name("mutmut")), *arguments],
                cwd=self.place,
                env=surroundings,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if ended.returncode:
            raise RuntimeError(f"mutmut ended with {ended.returncode}: {self.log.read_text()[-4_000:]}")


def undecorated(source: str) -> str:
    """Return `source` with the decorators of its functions written as calls below them (see the module)."""
    lines = source.splitlines(keepends=True)
    bodies = [node.body for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Module | ast.ClassDef)]
    functions = [node for body in bodies for node in body if isinstance(node, ast.FunctionDef)]
    for function in sorted(functions, key=lambda node: -node.lineno):  # from the end, so that line numbers stay right
        decorators = [ast.unparse(decorator) for decorator in function.decorator_list]
        if not decorators or _KNOWN & {*decorators}:
            continue
        call = function.name
        for decorator in reversed(decorators):
            call = f"{decorator}({call})"
        assert function.end_lineno is not None
        below = f"{' ' * function.col_offset}{function.name} = {call}\n"
        first = function.decorator_list[0].lineno - 1
        lines[first : function.end_lineno] = [*lines[function.lineno - 1 : function.end_lineno], below]
    return "".join(lines)

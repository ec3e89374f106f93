"""What is public is on the page of the API, and plugins of ours are made of it, as those of others are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")
MODULES = {name: import_module(name) for name in re.findall(r"automodule:: (\S+)", PAGE)}


def names_of(module: ModuleType) -> list[str]:
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__]
    return getattr(module, "__all__", own)


PUBLIC = {f"{module}.{name}" for module, found in MODULES.items() for name in names_of(found)}
PUBLIC |= set(re.findall(r"auto(?:class|function):: (\S+)", PAGE))


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_name_on_the_page_is_there():
    for name in PUBLIC:
        module, _, own = name.rpartition(".")
        assert getattr(import_module(module), own) is not None


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [
        ("plugins", "*.py"),
        ("contrib", "*.py"),
        ("docs/examples", "*.py"),
        ("core/placket/cli/skeleton", "plugin.txt"),
        ("core/placket/cli/skeleton", "test.txt"),
    ],
)
def test_plugins_import_nothing_else(folder, pattern):
    paths = [path for path in (ROOT / folder).rglob(pattern) if "tests" not in path.parts]
    assert paths
    private = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in paths
        for name in imported(path.read_text("utf-8"))
        if name.partition(".")[0] == "placket" and name not in PUBLIC | MODULES.keys()
    ]
    assert private == []

"""Packages whose names are loaded when they are first used: a program pays for what it needs."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def lazy_names(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package, from the module below it in which each of its names is at home.

    ::

        if TYPE_CHECKING:
            from .twin import Twin

        if not TYPE_CHECKING:
            __getattr__, __dir__ = lazy_names(__name__, {"Twin": "twin"})

    Type checkers and editors read the imports, and the program the table. A checker that saw the ``__getattr__`` would
    take the package to have whatever name is misspelt.
    """
    found = sys.modules[package]

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name, obj=found)
        value = getattr(import_module(f".{homes[name]}", package), name)
        setattr(found, name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(found), *homes})

    return load, names

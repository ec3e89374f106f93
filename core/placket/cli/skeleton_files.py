"""The files of a new plugin: projects that are complete for the name acme, with another name put in."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

TEMPLATE_NAME = "acme"


def skeleton_files(name: str, interface: str) -> Mapping[str, str]:
    """The text of each file by its name; ``name`` is a plugin's name, ``interface`` that of a route."""
    folder = files(__package__) / "skeleton"
    module = f"placket_{name.replace('-', '_')}"
    sources = {
        "pyproject.toml": folder / "pyproject.txt",
        "README.md": folder / "readme.txt",
        f"{module}.py": folder / interface / "plugin.txt",
        f"test_{module}.py": folder / interface / "test.txt",
    }
    return {path: _named(source.read_text("utf-8"), name, interface) for path, source in sources.items()}


def _named(text: str, name: str, interface: str) -> str:
    words = name.split("-")
    replacements = {
        "placket_acme": f"placket_{'_'.join(words)}",
        "ACME": "_".join(words).upper(),
        "Acme": "".join(word.capitalize() for word in words),
        TEMPLATE_NAME: name,
        "INTERFACE": interface,
    }
    for old, new in replacements.items():
        text = text.replace(old, new)
    return text

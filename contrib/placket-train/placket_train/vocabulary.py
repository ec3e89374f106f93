"""Colour words of Placket's vocabulary, as the training and the measuring use them."""

from __future__ import annotations

import tomllib
from importlib.resources import files


def vocabulary_colors() -> tuple[dict[str, tuple[float, float, float]], dict[str, str]]:
    """Colour centroids and each extension's basic word, from Placket's vocabulary."""
    words = tomllib.loads((files("placket.record") / "vocabulary.toml").read_text(encoding="utf-8"))["color"]
    palette = {name: tuple(map(float, word["lab"])) for name, word in words.items() if "lab" in word}
    broader = {name: word["broader"] for name, word in words.items() if "broader" in word}
    return palette, broader

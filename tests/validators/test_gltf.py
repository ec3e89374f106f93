"""The Khronos glTF validator finds nothing: no error, no warning, no information, no hint."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize("name", ["compat.glb", "web.glb"])
def test_the_validator_finds_nothing(node: Callable[..., Any], written: Callable[[str], Path], name: str) -> None:
    assert node("validate_gltf.mjs", written(name))["messages"] == []


def test_the_validator_would_find_something(
    node: Callable[..., Any], written: Callable[[str], Path], tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.glb"
    damaged.write_bytes(written("compat.glb").read_bytes().replace(b'"count":', b'"count":9', 1))
    assert node("validate_gltf.mjs", damaged)["numErrors"] > 0

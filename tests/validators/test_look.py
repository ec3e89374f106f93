"""The GLB as <model-viewer> shows it in a real browser: front, back and each colour, judged by pixels."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def share(picture: np.ndarray, *, more: int, than: tuple[int, int]) -> float:
    """The share of pixels in which one channel is clearly stronger than the two others."""
    return float(
        ((picture[..., more] > picture[..., than[0]] + 40) & (picture[..., more] > picture[..., than[1]] + 40)).mean()
    )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["compat.glb", "web.glb"])
def test_every_view_shows_the_garment(
    node: Callable[..., Any],
    chromium: str,
    written: Callable[[str], Path],
    pixels: Callable[[Path], np.ndarray],
    tmp_path: Path,
    name: str,
) -> None:
    assert node("look.mjs", chromium, written(name), tmp_path) == {
        "variants": ["red", "green"],
        "views": ["front", "back", "variant red", "variant green"],
    }
    front, back, red, green = (
        pixels(tmp_path / f"{view}.png") for view in ("front", "back", "variant red", "variant green")
    )
    for picture in (front, back, red):
        assert share(picture, more=0, than=(1, 2)) > 0.08
    assert share(green, more=1, than=(0, 2)) > 0.08 > share(green, more=0, than=(1, 2))
    blue = [np.argwhere(view[..., 2] > view[..., 0] + 40)[:, 1].mean() for view in (front, back)]
    assert blue[0] > 220, "the blue sleeve is on the right from the front"
    assert blue[1] < 180, "and on the left from behind"

"""What a pack-shot looks like: size, margin, ground and the least that the photo must offer."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen
class Preset:
    """The form of a pack-shot.

    ``margin`` is the free part of the shorter side on each side of the garment; ``least`` the pixels that the longer
    side of the garment must have in the photo: below it the shot would be enlarged until it blurs.
    """

    name: str
    size: tuple[int, int]
    margin: float
    ground: tuple[int, int, int] | None
    """The colour behind the garment; None for transparency."""
    shadow: bool = True
    least: int = 700


_WHITE, _GRAY = (255, 255, 255), (240, 240, 240)

PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("square-white", (2000, 2000), 0.06, _WHITE),
        Preset("square-gray", (2000, 2000), 0.06, _GRAY),
        Preset("square-transparent", (2000, 2000), 0.06, None, shadow=False),
        Preset("portrait-4x5-white", (1600, 2000), 0.06, _WHITE),
        Preset("portrait-4x5-gray", (1600, 2000), 0.06, _GRAY),
        Preset("portrait-3x4-white", (1500, 2000), 0.06, _WHITE),
        Preset("portrait-3x4-gray", (1500, 2000), 0.06, _GRAY),
        Preset("marketplace", (2000, 2000), 0.05, _WHITE, shadow=False, least=1000),
    )
}
"""``marketplace`` follows the strictest of the large marketplaces' rules for main pictures: pure white, no shadow, the
product filling at least 85 % of the frame, at least 1,000 pixels of real detail for their zoom."""

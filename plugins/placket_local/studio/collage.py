"""Flat-lay collages: several garments of one look, in sensible sizes and in the order in which they are worn."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from PIL import Image

from placket.errors import InvalidInput

from .compose import Placed, composed
from .garment_photo import GarmentPhoto
from .presets import Preset

MOST = 6
"""More garments than these do not fit on one picture in a size that shows them."""

TYPICAL_HEIGHT = {"outerwear": 0.75, "top": 0.68, "dress": 1.05, "bottom": 1.0, "shoes": 0.22, "accessory": 0.3}
"""Metres, of a garment whose length nobody measured, lying flat; about size M. Of an accessory, its longer side."""

_ORDER = ("outerwear", "top", "dress", "bottom", "shoes", "accessory")

_GAP = 0.03


@frozen(eq=False)
class Piece:
    """A garment of a look. ``kind`` is a key of `TYPICAL_HEIGHT`; ``height`` is its length in metres, when known."""

    photo: GarmentPhoto
    kind: str = "top"
    height: float | None = None


def collage(pieces: Sequence[Piece], preset: Preset) -> Image.Image:
    """Arrange the garments in up to three columns, from what is worn above to what is worn below.

    All are drawn to one scale. Raises InvalidInput for none, or for more than `MOST`.
    """
    if not 1 <= len(pieces) <= MOST:
        raise InvalidInput(f"a collage shows 1 to {MOST} garments, not {len(pieces)}")
    unknown = sorted({piece.kind for piece in pieces} - set(TYPICAL_HEIGHT))
    if unknown:
        raise InvalidInput(f"{unknown[0]!r} is no kind of garment for a collage; there are {', '.join(TYPICAL_HEIGHT)}")
    ordered = sorted(pieces, key=lambda piece: _ORDER.index(piece.kind))
    best = max((_arranged(ordered, columns, preset) for columns in (1, 2, 3)), key=lambda found: found[0])
    return composed(best[1], preset)


def _arranged(pieces: Sequence[Piece], columns: int, preset: Preset) -> tuple[float, list[Placed]]:
    """The scale in pixels a metre that this number of columns allows, and where everything lies then."""
    sizes = [_metres(piece) for piece in pieces]
    filled: list[list[int]] = [[] for _ in range(columns)]
    heights = [0.0] * columns
    for index, (_, height) in enumerate(sizes):
        shortest = heights.index(min(heights))
        filled[shortest].append(index)
        heights[shortest] += height
    filled = [column for column in filled if column]
    widths = [max(sizes[index][0] for index in column) for column in filled]
    gap, margin = _GAP * min(preset.size), preset.margin * min(preset.size)
    room = (
        preset.size[0] - 2 * margin - gap * (len(filled) - 1),
        min(preset.size[1] - 2 * margin - gap * (len(column) - 1) for column in filled),
    )
    scale = min(room[0] / sum(widths), room[1] / max(sum(sizes[i][1] for i in column) for column in filled))
    placed: list[Placed] = []
    left = (preset.size[0] - scale * sum(widths) - gap * (len(filled) - 1)) / 2
    for column, width in zip(filled, widths, strict=True):
        used = scale * sum(sizes[index][1] for index in column) + gap * (len(column) - 1)
        top = (preset.size[1] - used) / 2
        for index in column:
            wide, high = sizes[index][0] * scale, sizes[index][1] * scale
            x = left + (width * scale - wide) / 2
            placed.append(Placed(pieces[index].photo, (round(x), round(top), round(x + wide), round(top + high))))
            top += high + gap
        left += width * scale + gap
    return scale, placed


def _metres(piece: Piece) -> tuple[float, float]:
    """Width and height of a piece, from its length and the proportions of its cut-out."""
    rows, columns = piece.photo.mask.shape
    # What is worn hangs in its photo; a belt or a scarf may lie across it.
    pixels = max(rows, columns) if piece.kind == "accessory" else rows
    scale = (piece.height or TYPICAL_HEIGHT[piece.kind]) / pixels
    return columns * scale, rows * scale

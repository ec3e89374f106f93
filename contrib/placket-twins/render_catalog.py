"""Render the garments of the demo's catalog: small pictures of tops, dresses, skirts and trousers on plain paper.

    python render_catalog.py placket_twins/demo/garments

Everything is computed, with the cloth and the light of `render_garment`, so the pictures are free of rights and the
same on every run. Lengths are in pixels of its 1200 x 1400 frame; the pictures are 360 x 420.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from attrs import frozen
from PIL import Image
from scipy import ndimage

from render_garment import (
    CREAM,
    HEIGHT,
    NAVY,
    SCALE,
    WIDTH,
    Array,
    Point,
    Points,
    developed,
    enlarged,
    filled,
    fold,
    knit,
    lit,
    shadow,
    smooth,
)

SIZE = (360, 420)
COARSE = 4

Color = tuple[float, float, float]
"""Linear light."""

Fold = tuple[Points, float, float]

WHITE: Color = (0.86, 0.86, 0.85)
BLACK: Color = (0.012, 0.012, 0.014)
RED: Color = (0.42, 0.022, 0.026)
RUST: Color = (0.36, 0.085, 0.028)
OLIVE: Color = (0.115, 0.118, 0.042)
GREEN: Color = (0.022, 0.135, 0.062)
KHAKI: Color = (0.46, 0.36, 0.22)
PINK: Color = (0.70, 0.33, 0.36)
DENIM: Color = (0.055, 0.105, 0.21)

PAPER: Sequence[Color] = ((0.80, 0.79, 0.77), (0.66, 0.67, 0.68), (0.72, 0.68, 0.61))

SHOULDER: Points = [(497, 236), (440, 252), (382, 269), (322, 291), (341, 345), (353, 405), (354, 465), (339, 530)]
STRAP: Points = [(482, 232), (450, 236), (418, 246), (424, 300), (420, 370), (396, 440), (360, 500), (342, 540)]
LONG_SLEEVE: Points = [
    *[(322, 291), (272, 374), (225, 480), (183, 612), (145, 762), (113, 892), (88, 1020)],
    *[(175, 1044), (206, 920), (238, 800), (279, 668), (313, 588), (339, 530)],
]
SHORT_SLEEVE: Points = [(322, 291), (268, 362), (214, 452), (182, 520), (262, 566), (318, 586), (339, 530)]

TOP_FOLDS: Sequence[Fold] = (
    ([(366, 497), (439, 543), (526, 626), (566, 718)], 17, 7.0),
    ([(849, 506), (774, 562), (707, 654), (680, 755)], 17, 6.5),
    ([(426, 1090), (447, 1012), (439, 902), (466, 801)], 19, 6.0),
    ([(721, 1090), (702, 1003), (721, 874), (691, 782)], 20, 6.2),
    ([(335, 847), (399, 874), (493, 870), (560, 893)], 15, 3.4),
)
DRESS_FOLDS: Sequence[Fold] = (
    ([(366, 500), (440, 560), (520, 640)], 17, 6.0),
    ([(834, 500), (760, 560), (690, 640)], 17, 6.0),
    ([(430, 720), (400, 900), (350, 1250)], 22, 9.0),
    ([(540, 730), (520, 950), (500, 1260)], 24, 8.0),
    ([(660, 730), (690, 950), (710, 1260)], 24, 8.5),
    ([(770, 720), (800, 900), (850, 1250)], 22, 9.0),
)
SKIRT_FOLDS: Sequence[Fold] = tuple(
    ([(600 + 30 * step, 330), (600 + 47 * step, 600), (600 + 66 * step, 1060)], 16, 8.0) for step in (-4, -2, 0, 2, 4)
)
LEG_FOLDS: Sequence[Fold] = (
    ([(600, 470), (540, 540), (450, 580)], 15, 6.0),
    ([(600, 470), (660, 540), (750, 580)], 15, 6.0),
    ([(480, 500), (478, 800), (480, 1150)], 12, 5.0),
    ([(720, 500), (722, 800), (720, 1150)], 12, 5.0),
)


@frozen
class Cut:
    """How a kind of garment is cut: the left half of its body, its left sleeve, its folds and how deep the neck is."""

    body: Points
    sleeve: Points = ()
    folds: Sequence[Fold] = ()
    neck: float = 0.0
    band: float = 0.0


@frozen
class Garment:
    """One picture: a cut in a colour, with stripes or checks of another colour where ``pattern`` says so."""

    cut: str
    color: Color
    pattern: str = "plain"
    second: Color = NAVY


CUTS: Mapping[str, Cut] = {
    "long-sleeve": Cut([*SHOULDER, (343, 640), (340, 780), (334, 930), (330, 1106)], LONG_SLEEVE, TOP_FOLDS, 66),
    "t-shirt": Cut([*SHOULDER, (345, 640), (343, 780), (341, 900), (340, 1040)], SHORT_SLEEVE, TOP_FOLDS, 80),
    "tank": Cut([*STRAP, (346, 640), (343, 780), (340, 900), (338, 1040)], (), TOP_FOLDS, 150),
    "dress": Cut([*STRAP, (366, 640), (372, 720), (330, 900), (272, 1290)], (), DRESS_FOLDS, 130),
    "skirt": Cut([(428, 290), (424, 340), (382, 500), (330, 800), (286, 1090)], (), SKIRT_FOLDS, band=46),
    "trousers": Cut([(430, 150), (424, 200), (396, 360), (398, 700), (420, 1280)], (), LEG_FOLDS, band=44),
    "shorts": Cut([(410, 330), (402, 390), (360, 560), (330, 860)], (), LEG_FOLDS, band=44),
}

GARMENTS: Mapping[str, Garment] = {
    "striped-long-sleeve-top-red": Garment("long-sleeve", CREAM, "striped", RED),
    "striped-long-sleeve-top-navy": Garment("long-sleeve", NAVY, "striped", CREAM),
    "long-sleeve-top-green": Garment("long-sleeve", GREEN),
    "striped-t-shirt-navy": Garment("t-shirt", CREAM, "striped", NAVY),
    "t-shirt-white": Garment("t-shirt", WHITE),
    "tank-top-olive": Garment("tank", OLIVE),
    "striped-dress-navy": Garment("dress", CREAM, "striped", NAVY),
    "dress-rust": Garment("dress", RUST),
    "checked-skirt-red": Garment("skirt", RED, "checked", BLACK),
    "skirt-pink": Garment("skirt", PINK),
    "trousers-khaki": Garment("trousers", KHAKI),
    "shorts-denim": Garment("shorts", DENIM),
}


def main() -> None:
    """Write the pictures into the folder given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where to write the pictures")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, garment) in enumerate(GARMENTS.items()):
        path = folder / f"{name}.webp"
        render(garment, number).resize(SIZE, Image.Resampling.LANCZOS).save(path, quality=84, method=6)
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def render(garment: Garment, number: int) -> Image.Image:
    """Lay a garment on paper; ``number`` decides creases and paper."""
    random = np.random.default_rng(700 + number)
    y, x = np.mgrid[0 : HEIGHT * SCALE, 0 : WIDTH * SCALE].astype(np.float32) / SCALE
    cut = CUTS[garment.cut]
    pieces = silhouettes(garment.cut)
    whole = np.max(list(pieces.values()), axis=0)
    paper = np.array(PAPER[number % len(PAPER)], np.float32) * shadow(whole)[..., None]
    grain = ndimage.gaussian_filter(random.standard_normal(x.shape), 1.2)
    picture = paper * (1 + 0.006 * grain / grain.std())[..., None]
    for name, mask in pieces.items():
        contact = ndimage.gaussian_filter(mask, 5 * SCALE)
        picture *= (1 - 0.35 * np.clip(contact * 1.4, 0, 1) * (1 - mask))[..., None]
        inside = name == "inside"
        relief = height_field(mask, () if inside else cut.folds, random)
        cloth = dyed(garment, x, y, relief, name) * ((0.45 if inside else 1) * lit(relief))[..., None]
        picture += (cloth - picture) * mask[..., None]
    if cut.band:
        top = cut.body[0][1]
        seam = np.exp(-(((y - top - cut.band) / 1.6) ** 2)) * pieces["body"]
        picture *= (1 - 0.4 * seam)[..., None]
    return developed(picture, x, y, random)


def silhouettes(name: str) -> dict[str, Array]:
    """Masks of the pieces, those that lie below first."""
    cut = CUTS[name]
    left = smooth(cut.body)
    right = mirrored(left)
    pieces = {}
    if cut.sleeve:
        sleeve = [*smooth(cut.sleeve), *smooth(cut.body[3:8])[::-1]]
        pieces |= {"left": filled(sleeve), "right": filled(mirrored(sleeve))}
    top, hem = curve(left[0], right[0], cut.neck), curve(left[-1], right[-1], 18)
    if name in ("trousers", "shorts"):
        end, crotch = left[-1], 520.0 if name == "trousers" else 590.0
        knee = (end[0] + 152.0, end[1] + 6)
        hem = [*curve(end, knee, 6), (600.0, crotch), *curve(mirrored([knee])[0], right[-1], 6)]
    if cut.neck:
        pieces["inside"] = filled([*curve(left[0], right[0], 9), *top[::-1]])
    pieces["body"] = filled([*left, *hem, *right[::-1], *top[::-1]])
    return pieces


def mirrored(points: Points) -> list[Point]:
    """Return the right-hand counterpart."""
    return [(WIDTH - px, py) for px, py in points]


def curve(start: Point, end: Point, drop: float) -> list[Point]:
    """From one point to another, hanging down by ``drop``."""
    part = np.linspace(0, 1, 40)
    sag = drop * (1 - np.abs(2 * part - 1) ** 2.5)
    xs, ys = start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part + sag
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def height_field(mask: Array, folds: Sequence[Fold], random: np.random.Generator) -> Array:
    """Relief of the cloth: folds, creases, and edges that roll down to the paper."""
    size = (HEIGHT * SCALE // COARSE, WIDTH * SCALE // COARSE)
    # More points along a fold than it is drawn with: few ones far apart would show as beads.
    relief = sum((fold(smooth(points, 10), width, amount) for points, width, amount in folds), np.zeros(size))
    for sigma, amount in (((26, 13), 1.7), ((11, 5), 0.5)):
        noise = ndimage.gaussian_filter(random.normal(size=size), sigma)
        relief = relief + amount * noise / noise.std()
    depth = ndimage.distance_transform_edt(mask > 0.5).astype(np.float32) / SCALE
    depth = ndimage.gaussian_filter(depth, 2.5 * SCALE)
    return np.asarray(enlarged(relief) + 7.0 * (1 - np.exp(-depth / 5.0)) + 3.0 * (1 - np.exp(-depth / 26.0)))


def dyed(garment: Garment, x: Array, y: Array, relief: Array, piece: str) -> Array:
    """The colour of the cloth, in linear light."""
    lean = {"left": -0.55, "right": 0.55}.get(piece, 0.0)
    second = PATTERNS[garment.pattern](x, y + lean * (x - 600) + 0.7 * relief)
    if piece == "inside":
        second = np.zeros_like(second)
    first, other = np.array(garment.color, np.float32), np.array(garment.second, np.float32)
    return np.asarray((first + (other - first) * second[..., None]) * knit(x, y)[..., None])


def plain(x: Array, y: Array) -> Array:  # noqa: ARG001 - the shape of a pattern
    """One colour."""
    return np.zeros_like(x)


def striped(x: Array, y: Array) -> Array:  # noqa: ARG001 - the shape of a pattern
    """Bars across, from the chest down."""
    return np.asarray(((y % 40 < 18) & (y > 400)).astype(np.float32))


def checked(x: Array, y: Array) -> Array:
    """Two sets of bars, the second colour where they cross."""
    return np.asarray(0.5 * (x % 96 < 40).astype(np.float32) + 0.5 * (y % 96 < 40).astype(np.float32))


PATTERNS: Mapping[str, Callable[[Array, Array], Array]] = {"plain": plain, "striped": striped, "checked": checked}


if __name__ == "__main__":
    main()

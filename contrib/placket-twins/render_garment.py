"""Render the demo picture: a Breton top laid flat on pale wood.

    python render_garment.py placket_twins/demo/breton-top.webp

Everything is computed (numpy, scipy, Pillow; no photo, no chance), so the picture is free of rights and the same on
every run. Lengths are in pixels of the finished 1200 x 1400 picture; it is computed at twice that size.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.spatial import KDTree

Array = np.ndarray[Any, np.dtype[Any]]
Point = tuple[float, float]
Points = Sequence[Point]

WIDTH, HEIGHT = 1200, 1400
SCALE = 2
COARSE = 4  # smooth fields are computed at every fourth pixel

CREAM = (0.83, 0.765, 0.635)  # linear light
NAVY = (0.0125, 0.0185, 0.048)
WOOD = (0.50, 0.355, 0.222)
STRIPE_PITCH, STRIPE_WIDTH = 37.0, 17.5
FIRST_STRIPE = 408.0
SUN = np.array([-0.50, -0.62, 0.60])

LEFT_BODY: Points = [(497, 236), (440, 252), (382, 269), (322, 291), (341, 345), (353, 405), (354, 465), (339, 530)]
LEFT_SIDE: Points = [(339, 530), (343, 640), (340, 780), (334, 930), (330, 1106)]
SLEEVE_OUTER: Points = [(322, 291), (272, 374), (225, 480), (183, 612), (145, 762), (113, 892), (88, 1020)]
SLEEVE_INNER: Points = [(175, 1044), (206, 920), (238, 800), (279, 668), (313, 588), (339, 530)]
SLEEVE_AXIS: Points = [(343, 402), (284, 502), (234, 641), (191, 791), (157, 921), (131, 1036)]
NECK_DEPTH = 66.0


def main() -> None:
    """Write the picture to the path given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, help="where to write the picture; the suffix chooses the format")
    output: Path = parser.parse_args().output
    output.parent.mkdir(parents=True, exist_ok=True)
    render().save(output, quality=93, method=6)
    print(f"{output}: {output.stat().st_size / 1000:.0f} kB")


def render() -> Image.Image:
    """Compose table, shadow and garment; returns the picture."""
    random = np.random.default_rng(1858)
    y, x = np.mgrid[0 : HEIGHT * SCALE, 0 : WIDTH * SCALE].astype(np.float32) / SCALE
    parts = silhouettes()
    garment = np.max([parts[name] for name in ("body", "left", "right", "inside")], axis=0)
    relief = height_field(parts, random)
    table = wood(x, y, random) * shadow(garment)[..., None]
    cloth = dyed(x, y, parts, relief, random)
    linear = table + (cloth - table) * garment[..., None]
    return developed(linear, x, y, random)


def smooth(points: Points, count: int = 40) -> list[Point]:
    """Draw a Catmull-Rom spline through the points."""
    knots = np.array([points[0], *points, points[-1]], np.float64)
    curve = []
    for i in range(len(knots) - 3):
        a, b, c, d = knots[i : i + 4]
        for t in np.linspace(0, 1, count, endpoint=False):
            part = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
            curve.append((float(part[0] / 2), float(part[1] / 2)))
    return [*curve, points[-1]]


def mirrored(points: Points) -> list[Point]:
    """Return the right-hand counterpart, a little off: nobody lays a shirt down symmetrically."""
    return [(WIDTH - px + 5 + 0.006 * (py - 236), py + 4 + 0.008 * (py - 236)) for px, py in points]


def filled(points: Points) -> Array:
    """(height, width) 0..1 of a polygon at full size."""
    image = Image.new("L", (WIDTH * SCALE, HEIGHT * SCALE))
    ImageDraw.Draw(image).polygon([(px * SCALE, py * SCALE) for px, py in points], fill=255)
    # Cloth has no sharp corners: blur, and cut again at the middle.
    soft = ndimage.gaussian_filter(np.asarray(image, np.float32) / 255, 3.2 * SCALE)
    return np.clip((soft - 0.5) * 9 + 0.5, 0, 1)


def neckline(drop: float, inset: float = 0.0) -> list[Point]:
    """Return the curve from the left to the right neck point, hanging down by ``drop``."""
    left, right = np.array(LEFT_BODY[0]), np.array(mirrored(LEFT_BODY)[0])
    t = np.linspace(0, 1, 60)
    sag = 1 - np.abs(2 * t - 1) ** 2.5
    xs = left[0] - inset + (right[0] - left[0] + 2 * inset) * t
    ys = left[1] + (right[1] - left[1]) * t + drop * sag
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def silhouettes() -> dict[str, Array]:
    """Masks of the pieces: front body, sleeves, the inside of the back seen through the neck, and the ribs."""
    right = mirrored
    hem = smooth([(330, 1106), (430, 1117), (600, 1124), (760, 1123), *right([(330, 1106)])])
    side, arm = smooth(LEFT_SIDE), smooth(LEFT_BODY)
    outline = [*arm, *side, *hem, *right(side)[::-1], *right(arm)[::-1]]
    sleeve = [*smooth(SLEEVE_OUTER), *smooth(SLEEVE_INNER), *arm[::-1]]
    front = neckline(NECK_DEPTH)
    band = [*neckline(NECK_DEPTH), *neckline(NECK_DEPTH + 25, 17)[::-1]]
    return {
        "body": filled([*outline, *front[::-1]]),
        "left": filled(sleeve),
        "right": filled(right(sleeve)),
        "inside": filled([*neckline(9), *front[::-1]]),
        "inside_band": filled([*neckline(9), *neckline(31)[::-1]]) * filled([*neckline(9), *front[::-1]]),
        "band": filled(band),
    }


def along(points: Points) -> tuple[Array, Array, Array]:
    """For every pixel: length along the curve to its nearest point, signed distance across, and the end parameter."""
    curve = np.array(smooth(points))
    steps = np.diff(curve, axis=0)
    length = np.concatenate([[0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    tangent = np.gradient(curve, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    size = (HEIGHT * SCALE // COARSE, WIDTH * SCALE // COARSE)
    y, x = np.indices(size) * (COARSE / SCALE)
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    _, nearest = KDTree(curve).query(places)
    offset = places - curve[nearest]
    forward = (offset * tangent[nearest]).sum(axis=1)
    across = offset[:, 1] * tangent[nearest, 0] - offset[:, 0] * tangent[nearest, 1]
    return (
        enlarged((length[nearest] + forward).reshape(size)),
        enlarged(across.reshape(size)),
        enlarged(((length[nearest] + forward) / length[-1]).reshape(size)),
    )


def enlarged(plane: Array) -> Array:
    """Bring a coarse field to full size."""
    image = Image.fromarray(plane.astype(np.float32))
    return np.asarray(image.resize((WIDTH * SCALE, HEIGHT * SCALE), Image.Resampling.BICUBIC), np.float32)


def fold(points: Points, width: float, amount: float) -> Array:
    """(coarse) A ridge along a curve that swells and dies away, steeper on the side away from the light."""
    curve = np.array(smooth(points, 16))
    size = (HEIGHT * SCALE // COARSE, WIDTH * SCALE // COARSE)
    y, x = np.indices(size) * (COARSE / SCALE)
    gap, nearest = KDTree(curve).query(np.stack([x.ravel(), y.ravel()], axis=1), distance_upper_bound=6 * width)
    place = np.minimum(nearest, len(curve) - 1)
    swell = np.sin(np.pi * (0.04 + 0.92 * place / (len(curve) - 1))) ** 0.8
    return (1.35 * amount * swell * np.exp(-((np.minimum(gap, 1e3) / width) ** 2))).reshape(size)


BODY_FOLDS: list[tuple[Points, float, float]] = [
    ([(366, 497), (439, 543), (526, 626), (566, 718)], 17, 7.5),
    ([(359, 523), (415, 608), (466, 718), (479, 810)], 15, 6.0),
    ([(849, 506), (774, 562), (707, 654), (680, 755)], 17, 7.0),
    ([(855, 534), (804, 644), (774, 755), (768, 856)], 14, 5.5),
    ([(493, 322), (473, 405), (437, 479)], 16, 4.0),
    ([(721, 327), (742, 405), (781, 483)], 16, 4.2),
    ([(426, 1109), (447, 1012), (439, 902), (466, 801)], 19, 6.5),
    ([(566, 1114), (560, 1022), (587, 939)], 15, 4.5),
    ([(721, 1118), (702, 1003), (721, 874), (691, 782)], 20, 6.8),
    ([(828, 1114), (817, 1031), (830, 948)], 13, 4.2),
    ([(335, 847), (399, 874), (493, 870), (560, 893)], 15, 3.6),
    ([(868, 810), (801, 851), (721, 847)], 15, 3.4),
    ([(339, 681), (386, 704), (439, 695)], 12, 3.2),
    ([(600, 451), (627, 571), (608, 681)], 24, 3.0),
]
SLEEVE_FOLDS: list[tuple[Points, float, float]] = [
    ([(333, 502), (293, 502), (249, 472)], 12, 5.5),
    ([(329, 550), (281, 562), (221, 532)], 12, 5.0),
    ([(303, 602), (251, 642), (193, 632)], 11, 4.6),
    ([(261, 702), (211, 717), (167, 702)], 10, 4.6),
    ([(249, 744), (201, 777), (153, 772)], 9, 4.0),
    ([(231, 814), (189, 802), (141, 817)], 9, 3.4),
    ([(203, 907), (166, 902), (121, 927)], 8, 3.0),
    ([(281, 422), (253, 522), (213, 642), (193, 722)], 15, 3.6),
    ([(187, 802), (169, 882), (146, 982)], 13, 3.0),
]


def height_field(parts: dict[str, Array], random: np.random.Generator) -> dict[str, Array]:
    """Relief of the cloth: named folds, fine creases, and edges that roll down to the table."""
    size = (HEIGHT * SCALE // COARSE, WIDTH * SCALE // COARSE)

    def creases(sigma: tuple[float, float], amount: float) -> Array:
        noise = ndimage.gaussian_filter(random.normal(size=size), sigma)
        return np.asarray(amount * noise / noise.std())

    body = sum((fold(*one) for one in BODY_FOLDS), np.zeros(size))
    body = body + creases((26, 13), 1.9) + creases((11, 4), 0.55) + creases((4, 10), 0.38)
    left = sum((fold(*one) for one in SLEEVE_FOLDS), np.zeros(size))
    turned = [([*mirrored(points)], width * 1.06, amount * 0.92) for points, width, amount in SLEEVE_FOLDS[::-1]]
    right = sum((fold(*one) for one in turned[1:]), np.zeros(size))
    sleeve = creases((12, 12), 1.1) + creases((4, 7), 0.5)
    relief = {"body": enlarged(body), "left": enlarged(left + sleeve), "right": enlarged(right + sleeve)}
    for name, plane in relief.items():
        inside = ndimage.distance_transform_edt(parts[name] > 0.5).astype(np.float32) / SCALE
        inside = ndimage.gaussian_filter(inside, 2.5 * SCALE)
        relief[name] = plane + 7.0 * (1 - np.exp(-inside / 5.0)) + 3.0 * (1 - np.exp(-inside / 26.0))
    return relief


def lit(relief: Array) -> Array:
    """Shade a relief: the sun from the upper left, the sky from everywhere that the folds leave open."""
    height = ndimage.gaussian_filter(relief, 1.6)
    dy, dx = np.gradient(height, 1 / SCALE)
    normal = np.stack([-1.6 * dx, -1.6 * dy, np.ones_like(dx)])  # steeper than life, as low light draws it
    normal /= np.linalg.norm(normal, axis=0)
    sun = np.tensordot(SUN / np.linalg.norm(SUN), normal, axes=1)
    flat = SUN[2] / np.linalg.norm(SUN)
    hollow = ndimage.gaussian_filter(height, 10 * SCALE) - height
    sky = 1 - np.clip(0.075 * hollow, -0.12, 0.42)
    return np.asarray(((0.58 * np.clip(sun / flat, 0, 1.7) + 0.42) * sky).astype(np.float32))


def knit(across: Array, down: Array) -> Array:
    """Jersey at stitch level: columns of small Vs, about 1 where flat."""
    wale, course = 4.6, 4.0
    column = np.abs(2 * (across / wale % 1) - 1)
    stitch = np.cos(2 * np.pi * (down / course + 0.55 * column))
    groove = np.cos(2 * np.pi * across / wale)
    return (1 + 0.075 * stitch - 0.065 * groove).astype(np.float32)


def rib(across: Array) -> Array:
    """1x1 rib: soft round cords."""
    return (0.93 + 0.13 * np.cos(2 * np.pi * across / 6.5)).astype(np.float32)


def stripes(down: Array, first: float, last: float) -> Array:
    """Return 0..1: navy where 1, from ``first`` on; yarn-dyed, so the edges are one stitch soft."""
    phase = (down - first) % STRIPE_PITCH
    edge = 1.1
    inside = 1 / (1 + np.exp(-np.clip((STRIPE_WIDTH / 2 - np.abs(phase - STRIPE_WIDTH / 2)) / edge * 2, -30, 30)))
    return (inside * (down > first - 3) * (down < last)).astype(np.float32)


def blended(dark: Array) -> Array:
    """(height, width, 3) from cream to navy."""
    cream, navy = np.array(CREAM, np.float32), np.array(NAVY, np.float32)
    return cream + (navy - cream) * dark[..., None]


def dyed(x: Array, y: Array, parts: dict[str, Array], relief: dict[str, Array], random: np.random.Generator) -> Array:
    """The cloth in linear light: pieces laid over each other, each with its stripes, stitches and shading."""
    mottle = ndimage.gaussian_filter(random.standard_normal(x.shape), 2.2)
    fuzz = ndimage.gaussian_filter(random.standard_normal(x.shape), 0.7)
    yarn = 1 + 0.030 * mottle / mottle.std() + 0.030 * fuzz / fuzz.std()

    inside = blended(np.zeros_like(x)) * (0.50 * (1 - 0.35 * np.exp(-np.abs(y - 300) / 18)))[..., None]
    across_neck, _, _ = along(neckline(20))
    inside_band = blended(np.zeros_like(x)) * (0.72 * rib(across_neck))[..., None]
    cloth = inside + (inside_band - inside) * parts["inside_band"][..., None]
    rim = ndimage.gaussian_filter(parts["body"], 7 * SCALE)
    cloth *= (1 - 0.55 * np.clip(rim, 0, 1))[..., None]
    cloth *= knit(x, y)[..., None]

    for name in ("left", "right"):
        axis = SLEEVE_AXIS if name == "left" else mirrored(SLEEVE_AXIS)
        run, side, part = along(axis)
        bulge = relief[name] - 9
        down = run + 0.0011 * side**2 + 0.55 * bulge
        cuff = 1 / (1 + np.exp(-np.clip((part - 0.932) * 260, -30, 30)))
        color = blended(stripes(down, 34.0, 34.0 + 15.7 * STRIPE_PITCH) * (1 - cuff))
        grain = knit(side, down) * (1 - cuff) + rib(side * 0.94) * cuff
        seam = 1 - 0.34 * np.exp(-(((part - 0.932) * 700 / 2.2) ** 2))
        piece = color * (grain * seam * lit(relief[name]))[..., None]
        cloth += (piece - cloth) * parts[name][..., None]

    # The body lies on the sleeves' seams: a thin shadow beside it, then the body itself.
    cover = ndimage.gaussian_filter(parts["body"], 4 * SCALE)
    cloth *= (1 - 0.50 * np.clip(cover * 1.5, 0, 1) * (1 - parts["body"]))[..., None]
    bulge = relief["body"] - 10
    lean = 0.012 * (x - 600) + 3.0 * np.sin(x / 170.0 + 0.6)
    down = y + lean + 0.75 * bulge - 0.00007 * (x - 600) ** 2
    hem = y - 0.008 * (x - 330) - 1072.0 - 13 * np.sin(np.clip((x - 330) / 545, 0, 1) * np.pi)
    color = blended(stripes(down, FIRST_STRIPE, FIRST_STRIPE + 17.7 * STRIPE_PITCH) * (hem < 0))
    stitching = np.exp(-((hem / 1.3) ** 2)) + np.exp(-(((hem - 6) / 1.3) ** 2))
    dashes = 0.6 + 0.4 * np.cos(2 * np.pi * x / 7.0)
    body = color * (knit(x + 0.5 * bulge, down) * (1 - 0.30 * stitching * dashes) * lit(relief["body"]))[..., None]
    for sign in (1, -1):
        line = smooth(LEFT_BODY[3:]) if sign == 1 else mirrored(smooth(LEFT_BODY[3:]))
        _, gap, _ = along(line)
        body *= (1 - 0.30 * np.exp(-((np.abs(gap) / 3.0) ** 2)))[..., None]
    cloth += (body - cloth) * parts["body"][..., None]

    depth = ndimage.distance_transform_edt(parts["band"] > 0.5).astype(np.float32) / SCALE
    across_front, _, _ = along(neckline(NECK_DEPTH + 12, 8))
    shade = lit(relief["body"]) * (0.80 + 0.26 * np.sin(np.clip(depth / 13, 0, 1) * np.pi / 2))
    band = blended(np.zeros_like(x)) * (rib(across_front) * shade)[..., None]
    beside = ndimage.gaussian_filter(parts["band"], 3 * SCALE)
    cloth *= (1 - 0.42 * beside * (1 - parts["band"]) * parts["body"])[..., None]
    cloth += (band - cloth) * parts["band"][..., None]
    return np.asarray(cloth * yarn[..., None], np.float32)


def wood(x: Array, y: Array, random: np.random.Generator) -> Array:
    """Pale oak boards, in linear light."""

    def streaks(down: float, across: float) -> Array:
        noise = ndimage.gaussian_filter(random.standard_normal(x.shape), (down, across))
        return np.asarray(noise / noise.std())

    board_width = 318.0
    board = np.floor((x + 150) / board_width).astype(int)
    inside = (x + 150) % board_width
    tone, shift = random.normal(0, 0.055, 12), random.uniform(0, 900, 12)
    warp = enlarged(
        ndimage.gaussian_filter(random.normal(size=(HEIGHT * SCALE // COARSE, WIDTH * SCALE // COARSE)), (70, 14))
    )
    warp = warp / warp.std()
    middle = (inside - board_width * (0.5 + 0.2 * np.sin(shift[board]))) / board_width
    rings = (middle**2 * 9 + (y + shift[board]) / 620 + 0.16 * warp) * 7.5
    cathedral = np.abs(rings % 1 - 0.5) * 2
    grain = 0.035 * streaks(90, 1.6) + 0.026 * streaks(28, 0.8) + 0.05 * (cathedral**2 - 0.4)
    pores = np.clip(streaks(9, 0.6) - 1.7, 0, 2) * 0.09
    light = 1 + tone[board] + grain - pores + 0.03 * warp
    gap = np.minimum(inside, board_width - inside)
    light = light * (1 - 0.72 * np.exp(-((gap / 1.5) ** 2))) * (1 - 0.10 * np.exp(-gap / 6))
    tint = np.stack([np.ones_like(x), 1 - 0.35 * (1 - light), 1 - 0.75 * (1 - light)], axis=-1)
    return np.asarray(
        np.array(WOOD, np.float32) * np.clip(light, 0.1, 2)[..., None] * np.clip(tint, 0.5, 1.3), np.float32
    )


def shadow(garment: Array) -> Array:
    """Light that reaches the table: a dark line of contact, and a soft shadow to the lower right."""
    contact = ndimage.gaussian_filter(garment, 3.2 * SCALE)
    near = ndimage.shift(ndimage.gaussian_filter(garment, 6 * SCALE), (7 * SCALE, 6 * SCALE), order=1)
    far = ndimage.shift(ndimage.gaussian_filter(garment, 22 * SCALE), (20 * SCALE, 16 * SCALE), order=1)
    return np.asarray((1 - 0.42 * contact) * (1 - 0.40 * near) * (1 - 0.26 * far), np.float32)


def developed(linear: Array, x: Array, y: Array, random: np.random.Generator) -> Image.Image:
    """From light to picture: window light, vignette, lens softness, tone curve, sensor noise."""
    window = 1.20 - 0.24 * (0.45 * x / WIDTH + 0.55 * y / HEIGHT)
    radius = np.hypot(x / WIDTH - 0.5, (y / HEIGHT - 0.5) * 1.1)
    exposed = linear * (window * (1 - 0.30 * radius**2.4))[..., None] * np.array([1.02, 1.0, 0.975], np.float32)
    size = (HEIGHT, SCALE, WIDTH, SCALE, 3)
    pixels = np.clip(exposed, 0, None).reshape(size).mean(axis=(1, 3))
    pixels = ndimage.gaussian_filter(pixels, (0.45, 0.45, 0))
    grain = random.normal(size=pixels.shape)
    pixels = np.maximum(pixels + grain * (0.0012 + 0.010 * np.sqrt(np.clip(pixels, 0, None)) * 0.8), 0)
    pixels = 1 - np.exp(-pixels * 1.55) if pixels.max() > 1 else pixels
    srgb = np.where(pixels <= 0.0031308, pixels * 12.92, 1.055 * np.power(np.maximum(pixels, 1e-9), 1 / 2.4) - 0.055)
    return Image.fromarray(np.rint(np.clip(srgb, 0, 1) * 255).astype(np.uint8))


if __name__ == "__main__":
    main()

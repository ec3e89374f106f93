"""Measure the embedded image analysis on photos that are not part of the repository.

    PYTHONPATH=core:plugins python tests/evaluation/local_tagger.py DATA [--sheets FOLDER]

DATA holds `magento-sample/` (products.csv, images/) and `clothing-dataset/` (labels.csv, images/). The colour names'
territories and the confidence curve were tuned on the garments of magento-sample whose sku hashes to an even number;
the odd ones were only measured. The cut-out was tuned by eye on the contact sheets of seeds 7 and 11; seed 501 was kept
for judging it. The pattern weights were set on hand-labelled photos of seeds 7 and 11.
"""

import argparse
import csv
import hashlib
import random
import time
import tomllib
from collections import Counter
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from placket_local.analysis import Analysis, analyze
from placket_local.colors import garment_colors
from placket_local.cutout import cut_out
from placket_local.pattern import garment_pattern
from placket_local.picture import Picture, decode

VOCABULARY = Path(__file__).parents[2] / "core/placket/record/vocabulary.toml"
GARMENTS_ONLY = {"Skip", "Not sure", "Other"}


def main() -> None:
    """Run every measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with magento-sample/ and clothing-dataset/")
    parser.add_argument("--sheets", type=Path, help="write contact sheets for judging by eye into this folder")
    parser.add_argument("--seed", type=int, default=501, help="which flat-lay photos to take (default 501)")
    parser.add_argument("--count", type=int, default=80, help="how many of them (default 80)")
    options = parser.parse_args()
    words = tomllib.loads(VOCABULARY.read_text())["color"]
    palette = {name: tuple(map(float, word["lab"])) for name, word in words.items() if "lab" in word}
    broader = {name: word["broader"] for name, word in words.items() if "broader" in word} | {"navy": "blue"}

    measure_colors(options.data / "magento-sample", palette, broader)
    flat_lay = measure_cutouts(options.data / "clothing-dataset", palette, options)
    measure_rendered_patterns(flat_lay)
    measure_latency(palette)


def measure_colors(folder: Path, palette: dict, broader: dict) -> None:
    """Compare the first and the first two colours with the seller's word."""
    with (folder / "products.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["color"] in palette]
    halves: dict[str, list] = {"tuned": [], "held out": []}
    for row in rows:
        seen = analyze((folder / "images" / row["image"]).read_bytes(), palette)
        half = "tuned" if hashlib.sha256(row["sku"].encode()).digest()[0] % 2 == 0 else "held out"
        names = [broader.get(color.name, color.name) for color in seen.colors]
        confidence = seen.colors[0].confidence if seen.colors else 0.0
        halves[half].append((row["color"], names, confidence))
    print("Colour against the seller's word")
    for half, results in {**halves, "all": halves["tuned"] + halves["held out"]}.items():
        first = [names[:1] == [truth] for truth, names, _ in results]
        second = [truth in names[:2] for truth, names, _ in results]
        print(f"  {half}: {len(results)} photos, top-1 {np.mean(first):.3f}, top-2 {np.mean(second):.3f}")
        calibration([confidence for _, _, confidence in results], first)
        wrong = Counter(
            (truth, names[0] if names else "nothing") for truth, names, _ in results if names[:1] != [truth]
        )
        print("    most frequent misses:", ", ".join(f"{a} as {b} {n}" for (a, b), n in wrong.most_common(8)))


def calibration(confidences: list[float], hits: list[bool]) -> None:
    """Print the expected calibration error and its table."""
    chance, hit = np.array(confidences), np.array(hits, float)
    bins = np.minimum((chance * 10).astype(int), 9)
    table = [(chance[bins == b].mean(), hit[bins == b].mean(), int((bins == b).sum())) for b in np.unique(bins)]
    error = sum(abs(said - was) * count for said, was, count in table) / len(chance)
    rows = "  ".join(f"{said:.2f}->{was:.2f} ({count})" for said, was, count in table)
    print(f"    calibration error {error:.3f}; said->was (photos): {rows}")


def measure_cutouts(folder: Path, palette: dict, options: argparse.Namespace) -> list[tuple[Picture, Analysis]]:
    """Cut out a fixed random sample; the sheet shows each photo over its cut-out, with quality and problems."""
    with (folder / "labels.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["label"] not in GARMENTS_ONLY]
    random.seed(options.seed)
    sample = random.sample(rows, options.count)
    seen = [analyze((folder / "images" / row["image"]).read_bytes(), palette) for row in sample]
    quality = np.array([one.cutout.quality for one in seen])
    problems = Counter(problem for one in seen for problem in one.cutout.problems)
    patterns = Counter(one.pattern.name if one.pattern else "not said" for one in seen)
    print(f"Flat-lay photos, {len(seen)} of seed {options.seed}")
    print(f"  quality: under 0.3 {np.mean(quality < 0.3):.2f}, under 0.5 {np.mean(quality < 0.5):.2f}")
    print(f"  problems: {dict(problems)}; patterns: {dict(patterns)}")
    if options.sheets:
        options.sheets.mkdir(parents=True, exist_ok=True)
        sheet(seen, options.sheets / f"cutout-{options.seed}.png")
    return [(one.picture, one) for one in seen]


def sheet(seen: list[Analysis], path: Path, side: int = 150, columns: int = 10) -> None:
    """Write the contact sheet."""
    row_height = 2 * side + 36
    board = Image.new("RGB", (columns * side, -(-len(seen) // columns) * row_height), "white")
    draw = ImageDraw.Draw(board)
    for i, one in enumerate(seen):
        x, y = i % columns * side, i // columns * row_height
        mask = one.cutout.mask[..., None]
        cut = (one.picture.rgb * mask + np.array([255, 0, 255]) * (1 - mask)).astype(np.uint8)
        for place, pixels in enumerate((one.picture.rgb, cut)):
            small = Image.fromarray(pixels)
            small.thumbnail((side - 4, side))
            board.paste(small, (x, y + 36 + place * side))
        pattern = f"{one.pattern.name} {one.pattern.confidence:.2f}" if one.pattern else "-"
        draw.text((x, y), f"{i} q{one.cutout.quality:.2f} {','.join(p[:5] for p in one.cutout.problems)}", fill="black")
        draw.text((x, y + 11), " ".join(f"{c.name} {c.share:.1f}" for c in one.colors[:2]), fill="black")
        draw.text((x, y + 22), pattern, fill="black")
    board.save(path)


def measure_rendered_patterns(seen: list[tuple[Picture, Analysis]]) -> None:
    """Weave stripes and checks into real plain garments, keeping their folds and light."""
    plain = [
        (picture, one)
        for picture, one in seen
        if one.cutout.quality > 0.7 and one.pattern is not None and one.pattern.name == "solid"
    ]
    print(f"Patterns woven into {len(plain)} real plain garments")
    for kind in ("solid", "striped", "checked"):
        results, confidences = [], []
        for number, (picture, one) in enumerate(plain):
            woven = picture.rgb if kind == "solid" else weave(picture, one.cutout.mask, kind, number)
            changed = Picture(woven, None, picture.original_size, picture.format)
            guess = garment_pattern(changed, one.cutout)
            results.append(guess.name if guess else "not said")
            confidences.append(guess.confidence if guess else 0.0)
        if results:
            hits = [name == kind for name in results]
            said = f"mean confidence {np.mean(confidences):.2f}; {dict(Counter(results))}"
            print(f"  {kind}: right {np.mean(hits):.2f}, {said}")


def weave(picture: Picture, mask: np.ndarray, kind: str, number: int) -> np.ndarray:
    """Darken or tint alternating bands, bent by the garment's own shading."""
    generator = np.random.default_rng(number)
    height, width = mask.shape
    y, x = np.mgrid[0:height, 0:width]
    shading = ndimage.gaussian_filter(picture.rgb.mean(axis=2), 3) * 0.04
    angle = generator.uniform(-0.5, 0.5) + (np.pi / 2 if generator.random() < 0.4 else 0)
    period = np.sqrt(mask.sum()) / generator.uniform(7, 22)
    along = (x * np.sin(angle) + y * np.cos(angle) + shading) / period
    across = (x * np.cos(angle) - y * np.sin(angle) + shading) / period
    bands = ((along % 1) < 0.5).astype(float)
    if kind == "checked":
        bands = (bands + ((across % 1) < 0.5)) / 2
    bands = ndimage.gaussian_filter(bands, 0.7) * (mask > 0.5)
    bright = picture.rgb[mask > 0.5].mean() > 110
    target = generator.uniform(0.2, 0.6) * picture.rgb if bright else picture.rgb * 0.4 + generator.uniform(90, 150)
    return np.clip(picture.rgb + bands[..., None] * (target - picture.rgb), 0, 255).astype(np.uint8)


def measure_latency(palette: dict) -> None:
    """Time the steps on a 1000 x 1000 JPEG; run with OMP_NUM_THREADS=1 for one core."""
    y, x = np.mgrid[0:1000, 0:1000]
    inside = (np.abs(x - 500) < 260) & (np.abs(y - 520) < 340)
    noise = np.random.default_rng(0).normal(0, 4, (1000, 1000, 1))
    for name, ground in (("plain", 225.0), ("planks", 150.0 + 60 * ((x // 90) % 2))):
        rgb = np.where(inside[..., None], (40, 60, 140), np.broadcast_to(ground, (1000, 1000))[..., None]) + noise
        file = BytesIO()
        Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
        data = file.getvalue()
        times: dict[str, list[float]] = {"decode": [], "cut out": [], "colours": [], "pattern": []}
        for _ in range(7):
            marks = [time.perf_counter()]
            picture = decode(data)
            marks.append(time.perf_counter())
            cutout = cut_out(picture)
            marks.append(time.perf_counter())
            garment_colors(picture, cutout, palette)
            marks.append(time.perf_counter())
            garment_pattern(picture, cutout)
            marks.append(time.perf_counter())
            for step, (start, end) in zip(times, pairwise(marks), strict=True):
                times[step].append(1000 * (end - start))
        steps = ", ".join(f"{step} {np.median(values):.0f}" for step, values in times.items())
        total = np.median(np.sum(list(times.values()), axis=0))
        print(f"Latency on {name}, 1000 x 1000, milliseconds: {total:.0f} ({steps})")


if __name__ == "__main__":
    main()

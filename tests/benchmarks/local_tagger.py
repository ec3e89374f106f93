"""Measure the embedded tagger and search on photos that are not part of the repository.

    python tests/benchmarks/local_tagger.py DATA

DATA holds ``clothing-dataset/`` (labels.csv, images/) and ``magento-sample/`` (products.csv, images/). Only senders and
products that training never saw are measured, except where another part is asked for: photos that are new altogether
are measured with ``--part all``. Prints every figure with its 95 % interval; exits with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "contrib/placket-train"))

from placket_train import measure  # noqa: E402 - it lies in another distribution, which needs no torch for this
from placket_train.photos import read_photos  # noqa: E402
from placket_train.vocabulary import vocabulary_colors  # noqa: E402

MOST_ERROR = 0.05
"""Expected calibration error that each head of the network is to stay under."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with clothing-dataset/ and magento-sample/")
    parser.add_argument("--part", choices=("test", "validation", "train", "all"), default="test")
    chosen = parser.parse_args()
    palette, broader = vocabulary_colors()

    photos = read_photos(chosen.data)
    picked = [photo for photo in photos if chosen.part in (photo.part, "all")]
    flat = [photo for photo in picked if not photo.worn]
    studio = [photo for photo in photos if photo.worn]
    chances = measure.chances_of(picked)
    kinds = measure.measure_kinds(picked, chances.kinds)
    show("Kind of garment", kinds.shares)
    print(f"  expected calibration error, flat-lay: {kinds.calibration:.3f}, target at most {MOST_ERROR}")
    print(f"  {measure.measure_refused(picked, palette)}")
    for name, count, recall, precision, wrong in kinds.classes:
        print(
            f"  {name:<12} {count:>4} photos, recall {recall:.2f}, precision {precision:.2f}; taken for {wrong or '-'}"
        )
    show("The same, with labels that are plainly wrong corrected", measure.measure_shown_kinds(picked, chances.kinds))
    sleeves, sleeve_error = measure.measure_sleeves(picked, chances)
    worn, worn_error = measure.measure_worn(picked, chances)
    show("Sleeve", sleeves)
    print(f"  expected calibration error: {sleeve_error:.3f}, target at most {MOST_ERROR}")
    show("Worn", (worn,))
    print(f"  expected calibration error: {worn_error:.3f}, target at most {MOST_ERROR}")
    patterns, confusion, pattern_error = measure.measure_patterns(picked)
    show("Pattern, photos labelled by eye", patterns)
    print(f"  expected calibration error: {pattern_error:.3f}, target at most {MOST_ERROR}")
    for (truth, said), count in sorted(confusion.items()):
        print(f"  {truth:<10} said to be {said:<14} {count}")
    everything = chosen.part == "all"
    judged = [photo for photo in studio if everything or not measure.tuned_colors(photo)]
    colors, error = measure.measure_colors(judged, palette, broader)
    show("Colour, products that no rule was adjusted on", colors)
    print(f"  expected calibration error: {error:.3f}")
    new = [photo for photo in judged if everything or photo.part != "train"]
    show("Colour, those of them that are new to every network", measure.measure_colors(new, palette, broader)[0])
    found = measure.measure_search(studio, flat, all_new=everything)
    show("Search", found)
    show("Boxes, in pictures made of two photos side by side", measure.measure_detection(flat[:80]))
    print("Speed, one thread, photos of one megapixel; run it on an idle machine")
    speed = measure.measure_speed(flat[:60], palette)
    for name, value in speed.items():
        print(f"  {name}: {value:.1f}")
    shares = [*kinds.shares, *patterns, *colors, *found]
    missed = [share.name for share in shares if share.target is not None and share.value < share.target]
    errors = {"kind": kinds.calibration, "sleeve": sleeve_error, "worn": worn_error, "pattern": pattern_error}
    missed += [f"calibration of {head}" for head, error in errors.items() if error > MOST_ERROR]
    missed += ["speed"] if speed["median ms"] > 60 or speed["photos a second"] < 25 else []
    print(f"\n{len(missed)} targets missed{': ' if missed else ''}{'; '.join(missed)}")
    return 1 if missed else 0


def show(title: str, shares: tuple[measure.Share, ...]) -> None:
    print(title)
    for share in shares:
        print(f"  {share}")


if __name__ == "__main__":
    raise SystemExit(main())

"""Measure colours on products that the mask head never saw, in folds: ``python -m placket_train.color_folds DATA``.

The card counts the products that are new to every network, and they are few. Here a mask head is trained anew for each
fold of the sample catalogue, from the products of the other folds, and the photos of its own fold are measured with it.
The tails and the trunk are those of ``--weights``: all that colours take from them is whether somebody wears the
garment. Takes what ``python -m placket_train`` keeps in its cache, and about ten minutes of one core for a fold.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from attrs import evolve

from placket_local import network

from . import backbone, export, masks, prepare
from .measure import Share, measure_colors, tuned_colors
from .photos import Photo, read_photos
from .views import Stored
from .vocabulary import vocabulary_colors


def main() -> None:
    """Train and measure every fold, then print the figures of all."""
    parser = argparse.ArgumentParser(
        prog="python -m placket_train.color_folds",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("data", type=Path, help="folder with clothing-dataset/ and magento-sample/")
    parser.add_argument("--cache", type=Path, required=True, help="the cache of python -m placket_train")
    parser.add_argument("--weights", type=Path, default=network.WEIGHTS, help="folder of the other networks")
    parser.add_argument("--folds", type=int, default=3, help="parts of the products (default 3)")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    photos = read_photos(chosen.data)
    stored, _ = prepare.read(chosen.cache)
    palette, broader = vocabulary_colors()
    found: list[Sequence[Share]] = []
    for fold in range(chosen.folds):
        parts = [_in_fold(photo, fold, chosen.folds) for photo in photos]
        judged = [photo for photo in parts if photo.worn and photo.part == "test" and not tuned_colors(photo)]
        with tempfile.TemporaryDirectory() as folder:
            weights = Path(shutil.copytree(chosen.weights, folder, dirs_exist_ok=True))
            _write_trunk(parts, stored, chosen.cache, weights, chosen.seed)
            network.use(weights)
            found.append(measure_colors(judged, palette, broader)[0])
        for share in found[-1]:
            print(f"fold {fold}: {share}", flush=True)
    for folds in zip(*found, strict=True):
        hits = sum(round(share.value * share.count) for share in folds)
        count = sum(share.count for share in folds)
        print(Share.of(folds[0].name, [True] * hits + [False] * (count - hits), folds[0].target))


def _in_fold(photo: Photo, fold: int, folds: int) -> Photo:
    """The photo, if it is worn, as one to measure in its product's own fold, and as one to learn from in the others."""
    if not photo.worn:
        return photo
    own = int.from_bytes(hashlib.sha256(f"fold/{photo.group}".encode()).digest()[:4]) % folds
    return evolve(photo, part="test" if own == fold else "train")


def _write_trunk(photos: Sequence[Photo], stored: Sequence[Stored], cache: Path, weights: Path, seed: int) -> None:
    """Train a mask head on the training photos and write it, with the trunk, to ``weights``."""
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        maps = Path(folder)
        shutil.copy(cache / "trunk.onnx", maps)
        masks.store_maps(*masks.lessons(photos, stored), masks.VIEWS, seed, maps, "masks")
        head = masks.train(maps, "masks", masks.EPOCHS, seed)
    trunk, _, _ = backbone.load()
    export.write(export.Seeing(trunk, head), weights / "trunk.onnx")


if __name__ == "__main__":
    main()

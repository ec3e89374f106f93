"""From photos to networks, heads and a model card: ``python -m placket_train DATA --out DIR``."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch

from placket_local.tags import energy
from placket_local.worn_kinds import Discriminant

from . import (
    backbone,
    calibration,
    export,
    features,
    finish,
    grid_kinds,
    inference,
    masks,
    pattern_head,
    prepare,
    tags,
    worn_kinds,
)
from .measure import LABELS
from .patterns import PATTERNS
from .photos import CLASSES, Photo, read_photos
from .views import Stored

GOOD_MASK = 0.5
"""Quality from which a garment may be laid on another background."""
PRECISION = 0.9
"""How often a claimed kind has to be right on the validation senders; it sets the threshold."""
EXAMPLES_STRIDE = 40
"""Every such training photo shows the ranges of the numbers in the tails for tags, which run in 8 bits."""
REAL_WEIGHT = 3.0
"""How much more a real, labelled photo's view counts than a made pattern's."""


def main() -> None:
    """Run every step that the cache does not hold yet, then write the files and the card."""
    parser = argparse.ArgumentParser(prog="python -m placket_train", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with clothing-dataset/ and magento-sample/")
    parser.add_argument("--out", type=Path, required=True, help="folder for the networks and the card")
    parser.add_argument("--cache", type=Path, help="folder for what is kept between steps (default: OUT/.cache)")
    parser.add_argument("--views", type=int, default=8, help="views of each photo (default 8)")
    parser.add_argument("--epochs", type=int, default=8, help="epochs of tuning for tags (default 8)")
    parser.add_argument("--workers", type=int, default=2, help="processes that prepare photos and views (default 2)")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    cache = chosen.cache or chosen.out / ".cache"
    for folder in (chosen.out, cache):
        folder.mkdir(parents=True, exist_ok=True)
    photos = read_photos(chosen.data)
    if not (cache / "solid.npy").exists():
        prepare.prepare(photos, cache, chosen.workers)
    stored, solid = prepare.read(cache)
    if not (cache / "deep.npy").exists():
        features.export_trunk(cache / "trunk.onnx")
        replaceable = [one.quality >= GOOD_MASK for one in stored]
        features.store_features(stored, replaceable, chosen.views, chosen.seed, cache, chosen.workers)
    kinds, worn, part = _labels(photos)
    second = _grid_kinds(cache, kinds, worn, part)
    tails = _tags(cache, kinds, worn, part, chosen.epochs, chosen.seed, "tags")
    head = _masks(photos, stored, cache, chosen.seed)
    pattern, fitted = _patterns(photos, stored, solid, cache, chosen.seed)
    weight = _weight_of_second(second, tails, cache, kinds, np.flatnonzero(~worn & (part == "validation")))
    examples = list(_given(cache, np.flatnonzero(part == "train")[::EXAMPLES_STRIDE]))
    _write_networks(head, chosen.out)
    tagging = export.Tagging(*tails, grid_kinds.weighed(second, weight), pattern)
    export.write(tagging, chosen.out / "tags.onnx", examples)
    on_somebody = _worn_kinds(photos, cache, chosen.out)
    heads = {**_heads(on_somebody, photos, cache, chosen.out), "patterns": {"names": list(PATTERNS), **fitted}}
    # What calibrates has to be new to what it calibrates. What is shipped learns from it, too.
    part = np.where(part == "validation", "train", part)
    tails = _tags(cache, kinds, worn, part, chosen.epochs, chosen.seed, "shipped-tags")
    second = _grid_kinds(cache, kinds, worn, part)
    tagging = export.Tagging(*tails, grid_kinds.weighed(second, weight), pattern)
    export.write(tagging, chosen.out / "tags.onnx", examples)
    (chosen.out / "heads.json").write_text(json.dumps(heads, indent=2) + "\n")
    finish.write_search(photos, chosen.out)
    finish.write_card(photos, chosen.out, chosen.seed)


def _labels(photos: list[Photo]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The number of each photo's kind, whether somebody wears the garment, and the part that the photo is in."""
    return (
        np.array([CLASSES.index(photo.label) for photo in photos]),
        np.array([photo.worn for photo in photos]),
        np.array([photo.part for photo in photos]),
    )


def _tags(
    cache: Path, kinds: np.ndarray, worn: np.ndarray, part: np.ndarray, epochs: int, seed: int, name: str
) -> tuple[tags.Tags, tags.Tags]:
    """The long and the short tail, tuned on what is ``train`` by ``part``."""
    _, short, long = backbone.load()

    def tuned(tail: backbone.Tail, after: str) -> tags.Tags:
        print(f"tuning the tail after the trunk's {after} map", flush=True)
        return tags.train(tail, _maps(cache, after), kinds, worn, part, epochs, seed, cache / f"{name}-{after}.pt")

    return tuned(long, "middle"), tuned(short, "deep")


def _grid_kinds(cache: Path, kinds: np.ndarray, worn: np.ndarray, part: np.ndarray) -> grid_kinds.GridKinds:
    rows = np.flatnonzero(~worn & (part == "train"))
    return grid_kinds.fit(grid_kinds.vectors_of(_maps(cache, "deep")[rows]), kinds[rows])


def _weight_of_second(
    second: grid_kinds.GridKinds, tails: tuple[tags.Tags, tags.Tags], cache: Path, kinds: np.ndarray, rows: np.ndarray
) -> float:
    """How much the second opinion counts, by photos that neither it nor the tails learned from."""
    seen = [_maps(cache, name)[rows, 0] for name in ("middle", "deep")]
    long, short = (tags.predict(tail, one)[0] for tail, one in zip(tails, seen, strict=True))
    cells = grid_kinds.vectors_of(seen[1][:, None])[:, 0]
    return grid_kinds.weight_of((long + short) / 2, second.scores(cells), kinds[rows])


def _maps(cache: Path, name: str) -> np.ndarray:
    maps: np.ndarray = np.load(cache / f"{name}.npy", mmap_mode="r")
    return maps


def _masks(photos: list[Photo], stored: list[Stored], cache: Path, seed: int) -> masks.MaskHead:
    head = masks.MaskHead()
    if not (cache / "mask.pt").exists():
        flat, worn = masks.lessons(photos, stored)
        masks.store_maps(flat, worn, masks.VIEWS, seed, cache, "masks")
        torch.save(masks.train(cache, "masks", masks.EPOCHS, seed).state_dict(), cache / "mask.pt")
    head.load_state_dict(torch.load(cache / "mask.pt"))
    return head.eval()


def _patterns(
    photos: list[Photo], stored: list[Stored], solid: np.ndarray, cache: Path, seed: int
) -> tuple[pattern_head.PatternHead, dict[str, object]]:
    with LABELS.open(newline="") as file:
        labels = {row["image"]: row["pattern"] for row in csv.DictReader(file)}
    plain, real = [], {}
    for row, photo in enumerate(photos):
        if photo.part != "train" or photo.worn or photo.label in ("Shoes", "Hat"):
            continue
        if photo.path.name in labels:
            real[row] = labels[photo.path.name]
        if solid[row] and stored[row].quality > 0.6 and real.get(row, "solid") == "solid":
            plain.append(row)
    if not (cache / "patterns.npz").exists():
        pattern_head.store_summaries(
            stored, np.array(plain), real, pattern_head.MADE, pattern_head.REAL_VIEWS, seed, cache, "patterns"
        )
    made = np.load(cache / "patterns.npz")
    weights = np.where(made["sources"] >= 0, REAL_WEIGHT, 1.0).astype(np.float32)
    groups = {row: photos[row].group for row in real}
    fitted = pattern_head.calibrated(made["summaries"], made["patterns"], made["sources"], groups, weights, seed)
    return pattern_head.train(made["summaries"], made["patterns"], weights, seed), fitted


def _given(cache: Path, rows: np.ndarray) -> Iterator[export.Example]:
    """What the network for tags is given of photos as they are. The summary is left empty: no tail sees it."""
    middle, deep, summary = _maps(cache, "middle"), _maps(cache, "deep"), export.sample_inputs()["summary"].numpy()
    for row in rows:
        maps = {"middle": middle[row, :1], "deep": deep[row, :1]}
        yield {**{name: one.astype(np.float32) for name, one in maps.items()}, "summary": summary}


def _write_networks(head: masks.MaskHead, out: Path) -> None:
    """Write what is not tuned for tags."""
    trunk, tail, _ = backbone.load()
    export.write(export.Seeing(trunk, head), out / "trunk.onnx")
    export.write(export.Searching(tail), out / "look.onnx")


def _worn_kinds(photos: list[Photo], cache: Path, out: Path) -> Discriminant:
    deep = _maps(cache, "deep")
    kinds, worn, part = _labels(photos)
    learned, kept = (np.flatnonzero(worn & (part == name)) for name in ("train", "validation"))
    second = worn_kinds.fit(worn_kinds.vectors_of(out, deep[learned]), kinds[learned])
    second = worn_kinds.calibrated(second, worn_kinds.vectors_of(out, deep[kept, :1])[:, 0], kinds[kept])
    worn_kinds.write(second, out)
    return second


def _said(out: Path, given: Iterable[export.Example]) -> tuple[np.ndarray, np.ndarray]:
    """Logits of the kinds and of being worn, as the network says that was written: its 8 bits count."""
    network = inference.session(out / "tags.onnx")
    told = [network.run(["kinds", "worn"], one) for one in given]
    return np.concatenate([kinds for kinds, _ in told]), np.concatenate([worn for _, worn in told])


def _heads(second: Discriminant, photos: list[Photo], cache: Path, out: Path) -> dict[str, object]:
    """Fit temperatures and thresholds on the validation senders and products."""
    deep = _maps(cache, "deep")
    kind, wearing, part = _labels(photos)
    rows = np.flatnonzero(part == "validation")
    truth, worn = kind[rows], wearing[rows]
    kinds, wears = _said(out, _given(cache, rows))
    kinds[worn] = second.corrected(kinds[worn], worn_kinds.vectors_of(out, deep[rows[worn], :1])[:, 0])
    flat, on_somebody = (calibration.temperature_of(kinds[which], truth[which]) for which in (~worn, worn))
    chances = calibration.softmax(kinds[~worn], flat)
    best = chances.argmax(axis=1)
    least = calibration.least_for(chances.max(axis=1), best == truth[~worn], PRECISION)
    return {
        "kinds": {
            "names": list(CLASSES),
            "temperature": {"flat": round(flat, 4), "worn": round(on_somebody, 4)},
            "least": {"kind": least, "group": 0.75, "sleeve": 0.75},
            "familiar": calibration.least_familiar(energy(kinds[~worn])),
        },
        "worn": {"temperature": round(max(1.0, calibration.temperature_of_two(wears, worn)), 4)},
    }


if __name__ == "__main__":
    main()

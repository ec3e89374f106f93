"""The steps after the networks are written: fit the map for search through them, measure everything, write the card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from placket_local import network
from placket_local.analysis import WORKING_SIZE
from placket_local.embedding import histogram, unit
from placket_local.picture import decode
from placket_local.seen_cutout import seen_cutout, stretched

from . import card, search
from .photos import Photo


def write_search(photos: Sequence[Photo], out: Path) -> None:
    """Fit the map on the training products and write ``search.npz``."""
    network.use(out)
    features, histograms, products = [], [], []
    for photo in photos:
        if not photo.worn or photo.part != "train":
            continue
        picture = decode(photo.path.read_bytes(), working_size=WORKING_SIZE)
        pixels = network.squeezed(picture.rgb)
        seen = network.see(np.stack([pixels, pixels[:, ::-1]]))  # a mirrored photo is one more side of the product
        cutout = seen_cutout(picture, seen.mask[0])
        lab = picture.small_lab
        inside = stretched(cutout.mask, lab.shape[1], lab.shape[0]) > 0.5
        looks = zip(network.look(seen), seen.summary, strict=True)
        features += [np.concatenate([unit(vector), summary]) for vector, summary in looks]
        histograms.append(histogram(lab, inside))
        products += 2 * [f"{photo.group} {photo.color}"]
    maps = search.fit(np.array(features, np.float64), np.array(histograms, np.float64), np.array(products))
    np.savez(
        out / "search.npz",
        center=maps.center.astype(np.float32),
        look=maps.look.astype(np.float16),
        color=maps.color.astype(np.float16),
    )


def write_card(photos: Sequence[Photo], out: Path, seed: int) -> None:
    """Measure the held-out part and write ``MODEL_CARD.md``."""
    network.use(out)
    (out / "MODEL_CARD.md").write_text(card.text(photos, out, seed), encoding="utf-8")

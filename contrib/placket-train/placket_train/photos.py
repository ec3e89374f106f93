"""The photos and their labels, and which of them are kept apart for measuring.

Photos of one sender look alike, and so do those of one product, so whole senders and whole products (skus) are kept
apart: a part is drawn from the name's hash, and is the same on every machine and in every run.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

CLASSES = (
    "Blazer",
    "Blouse",
    "Body",
    "Dress",
    "Hat",
    "Hoodie",
    "Longsleeve",
    "Outwear",
    "Pants",
    "Polo",
    "Shirt",
    "Shoes",
    "Shorts",
    "Skirt",
    "T-Shirt",
    "Top",
    "Undershirt",
)
"""The classes of the clothing dataset that are kinds of garment; "Not sure", "Other" and "Skip" are not."""

STUDIO_CLASSES = {
    "mh": "Hoodie",
    "wh": "Hoodie",
    "mj": "Outwear",
    "wj": "Outwear",
    "mp": "Pants",
    "wp": "Pants",
    "ms": "T-Shirt",
    "ws": "T-Shirt",
    "msh": "Shorts",
    "wsh": "Shorts",
    "mt": "Undershirt",
    "wt": "Undershirt",
    "wb": "Undershirt",
}
"""What the letters before the number of a sku of the sample catalogue stand for."""

SHARES = {"test": 0.16, "validation": 0.10}
"""Part of the senders and of the skus that is kept for measuring, and for calibration; training takes the rest."""

_NOT_WORN = {"wb06"}  # a backpack
_DRAW = "s20"  # of 30 draws, the one that spreads the classes most evenly; chosen before anything was trained


@frozen
class Photo:
    """One photo. ``group`` is its sender or its sku; ``view`` and ``color`` are the sample catalogue's."""

    path: Path
    source: str
    label: str
    group: str
    part: str
    color: str = ""
    view: str = ""

    @property
    def worn(self) -> bool:
        """Whether somebody wears the garment; all studio photos of the sample catalogue show a model."""
        return self.source == "magento-sample"


def read_photos(data: Path) -> list[Photo]:
    """Read both sources' tables; photos without a usable label are left out."""
    return [*_flat_lay(data / "clothing-dataset"), *_studio(data / "magento-sample")]


def part_of(source: str, group: str) -> str:
    """``train``, ``validation`` or ``test``, drawn from the group's name."""
    place = int.from_bytes(hashlib.sha256(f"{_DRAW}{source}/{group}".encode()).digest()[:4]) / 2**32
    for part, share in SHARES.items():
        if place < share:
            return part
        place -= share
    return "train"


def _flat_lay(folder: Path) -> Iterator[Photo]:
    with (folder / "labels.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["label"] in CLASSES:
                yield Photo(
                    path=folder / "images" / row["image"],
                    source="clothing-dataset",
                    label=row["label"],
                    group=row["sender_id"],
                    part=part_of("clothing-dataset", row["sender_id"]),
                )


def _studio(folder: Path) -> Iterator[Photo]:
    with (folder / "products.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["sku"] in _NOT_WORN:
                continue
            yield Photo(
                path=folder / "images" / row["image"],
                source="magento-sample",
                label=STUDIO_CLASSES[row["sku"].rstrip("0123456789")],
                group=row["sku"],
                part=part_of("magento-sample", row["sku"]),
                color=row["color"],
                view=row["view"],
            )

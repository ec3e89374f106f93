"""The trained networks, run by ONNX Runtime on one thread.

A picture passes the trunk once. From what the trunk saw half way and at its end, two tails tell the tags together; from
the end another, never tuned, makes the vector for search. ``MODEL_CARD.md`` beside the weights says what they learned
from and how well they do.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen
from PIL import Image

from .arrays import Bytes3, Floats, Labels

if TYPE_CHECKING:
    import onnxruntime  # type: ignore[import-untyped]

WEIGHTS = Path(__file__).parent / "weights"

SIDE = 256
"""The networks see pictures squeezed to a square of this side."""


@frozen(eq=False)
class Seen:
    """What the trunk saw in n pictures.

    ``mask``: (n, 64, 64) in 0..1, where the garment is. ``summary``: (n, 384), texture and dye inside the mask.
    ``middle``: (n, 48, 32, 32), half way, and ``deep``: (n, 120, 16, 16), at the end, for the tails.
    """

    mask: Floats
    summary: Floats
    middle: Floats
    deep: Floats

    def at(self, places: Labels) -> Seen:
        """Only the pictures at these places."""
        return Seen(*(part[places] for part in (self.mask, self.summary, self.middle, self.deep)))


@frozen(eq=False)
class Scores:
    """Logits for n pictures: ``kinds`` (n, 17), ``worn`` (n,), ``patterns`` (n, 6), in the order of ``heads.json``."""

    kinds: Floats
    worn: Floats
    patterns: Floats


def squeezed(rgb: Bytes3) -> Bytes3:
    """(height, width, 3) -> (256, 256, 3), as `see` wants it."""
    return np.asarray(Image.fromarray(rgb).resize((SIDE, SIDE), Image.Resampling.HAMMING, reducing_gap=3))


def see(pixels: Bytes3) -> Seen:
    """Run the trunk over (n, 256, 256, 3) squeezed pictures."""
    told = _session("trunk").run(["mask", "summary", "middle", "deep"], {"pixels": pixels})
    return Seen(*map(_floats, told))


def tag_scores(seen: Seen) -> Scores:
    """Run the tails that were tuned for tags."""
    kinds, worn, patterns = _session("tags").run(
        ["kinds", "worn", "patterns"], {"middle": seen.middle, "deep": seen.deep, "summary": seen.summary}
    )
    return Scores(_floats(kinds), _floats(worn), _floats(patterns))


def look(seen: Seen) -> Floats:
    """(n, 1280): what the pictures look like to the tail that was not tuned."""
    (vector,) = _session("look").run(["vector"], {"deep": seen.deep})
    return _floats(vector)


def use(folder: Path) -> None:
    """Take the weights from another folder from now on, as the training does to measure what it has made."""
    global WEIGHTS
    WEIGHTS = folder
    _session.cache_clear()
    heads.cache_clear()


@cache
def heads() -> dict[str, Any]:
    """``heads.json``: the classes, and what calibrates them."""
    found: dict[str, Any] = json.loads((WEIGHTS / "heads.json").read_text(encoding="utf-8"))
    return found


@cache
def _session(name: str) -> onnxruntime.InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread was fastest on a busy machine, and a host decides itself how many pictures it has analysed at a time.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        (WEIGHTS / f"{name}.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
    )


def _floats(value: Any) -> Floats:
    return np.asarray(value, np.float32)

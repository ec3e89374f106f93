"""Run the frozen trunk over the plain and the made views of all photos, once, and keep its maps on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from . import backbone
from .inference import session
from .processes import in_processes
from .views import Backgrounds, Stored, View, made_view, plain_view

MAPS = {"middle": backbone.MIDDLE, "deep": backbone.DEEP}
"""The trunk's maps that are kept, by their names, with their channels and sides."""


def export_trunk(path: Path) -> None:
    """Write the trunk as ONNX: onnxruntime runs it four times as fast as torch."""
    trunk, _, _ = backbone.load()
    torch.onnx.export(
        trunk,
        (torch.zeros(1, backbone.SIDE, backbone.SIDE, 3, dtype=torch.uint8),),
        str(path),
        dynamo=False,
        opset_version=17,
        input_names=["pixels"],
        output_names=["fine", "middle", "deep"],
        dynamic_axes={name: {0: "n"} for name in ("pixels", "fine", "middle", "deep")},
    )


def store_features(
    stored: Sequence[Stored], replaceable: Sequence[bool], views: int, seed: int, folder: Path, workers: int
) -> None:
    """Write ``middle.npy`` (photos, views, 48, 32, 32) and ``deep.npy`` (photos, views, 120, 16, 16), float16.

    View 0 is the photo itself; of the rest every second has another background where the mask is ``replaceable``. Rows
    are written by several processes; each view's generator is seeded by its place.
    """
    for name, (channels, side) in MAPS.items():
        shape = (len(stored), views, channels, side, side)
        np.lib.format.open_memmap(folder / f"{name}.part.npy", "w+", np.float16, shape)
    in_processes(_store, (stored, replaceable, views, seed, folder), len(stored), workers)
    for name in MAPS:  # the last of them says that all are whole
        (folder / f"{name}.part.npy").rename(folder / f"{name}.npy")


def _store(
    stored: Sequence[Stored], replaceable: Sequence[bool], views: int, seed: int, folder: Path, rows: range
) -> None:
    maps = [np.lib.format.open_memmap(folder / f"{name}.part.npy", "r+") for name in MAPS]
    network = session(folder / "trunk.onnx")
    few = np.random.default_rng(seed).permutation(len(stored))[:400]
    backgrounds = Backgrounds([piece for i in few if replaceable[i] for piece in Backgrounds.pieces_of(stored[i])])
    for done, row in enumerate(rows):
        for view in range(views):
            made = _view(stored[row], backgrounds, np.random.default_rng([seed, row, view]), view, replaceable[row])
            seen = network.run(list(MAPS), {"pixels": made.pixels[None]})
            for kept, (told,) in zip(maps, seen, strict=True):
                kept[row, view] = told
        if done % 200 == 0:
            print(f"views of {done} of {len(rows)} photos", flush=True)


def _view(
    stored: Stored, backgrounds: Backgrounds, generator: np.random.Generator, view: int, replaceable: bool
) -> View:
    if view == 0:
        return plain_view(stored)
    return made_view(stored, backgrounds, generator, replace=replaceable and view % 2 == 0)

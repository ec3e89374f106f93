"""Run the frozen trunk over the plain and the made views of all photos, once, and keep its last map on disk."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from . import backbone
from .views import MASK_SIDE, Backgrounds, Stored, View, made_view, plain_view


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
        output_names=["fine", "middle", "deep", "late"],
        dynamic_axes={name: {0: "n"} for name in ("pixels", "fine", "middle", "deep", "late")},
    )


def session(path: Path) -> onnxruntime.InferenceSession:
    """Open a network on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def store_features(
    stored: Sequence[Stored], replaceable: Sequence[bool], views: int, seed: int, folder: Path, workers: int
) -> None:
    """Fill ``late.npy`` (photos, views, 208, 8, 8) float16 and ``masks.npy`` (photos, views, 64, 64).

    View 0 is the photo itself; of the rest every second has another background where the mask is ``replaceable``. Rows
    are written by several processes; each view's generator is seeded by its place.
    """
    channels, side = backbone.LATE
    shape = (len(stored), views)
    np.lib.format.open_memmap(folder / "late.npy", "w+", np.float16, (*shape, channels, side, side))
    np.lib.format.open_memmap(folder / "masks.npy", "w+", np.uint8, (*shape, MASK_SIDE, MASK_SIDE))
    context = get_context("fork")
    jobs = [
        context.Process(target=_store, args=(stored, replaceable, views, seed, folder, range(k, len(stored), workers)))
        for k in range(workers)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    if any(job.exitcode for job in jobs):
        raise SystemExit("a process that made views failed; its message is above")


def _store(
    stored: Sequence[Stored], replaceable: Sequence[bool], views: int, seed: int, folder: Path, rows: range
) -> None:
    late = np.lib.format.open_memmap(folder / "late.npy", "r+")
    masks = np.lib.format.open_memmap(folder / "masks.npy", "r+")
    network = session(folder / "trunk.onnx")
    few = np.random.default_rng(seed).permutation(len(stored))[:400]
    backgrounds = Backgrounds([piece for i in few if replaceable[i] for piece in Backgrounds.pieces_of(stored[i])])
    for done, row in enumerate(rows):
        for view in range(views):
            made = _view(stored[row], backgrounds, np.random.default_rng([seed, row, view]), view, replaceable[row])
            late[row, view] = network.run(["late"], {"pixels": made.pixels[None]})[0][0]
            masks[row, view] = made.mask
        if done % 200 == 0:
            print(f"views of {done} of {len(rows)} photos", flush=True)


def _view(
    stored: Stored, backgrounds: Backgrounds, generator: np.random.Generator, view: int, replaceable: bool
) -> View:
    if view == 0:
        return plain_view(stored)
    return made_view(stored, backgrounds, generator, replace=replaceable and view % 2 == 0)

"""A small head on the trunk that says where the garment is.

It learns from masks that the slow, rule-based cut-out of `placket_local` made where that was sure of itself, on the
photos as they are and on the same garments laid on other backgrounds, and from backgrounds without a garment. There
the mask is right by construction, so the head learns to see garments where the teacher fails: on busy surfaces.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .backbone import DEEP, FINE, MIDDLE
from .inference import session
from .photos import Photo
from .views import Backgrounds, Stored, View, made_view, plain_view, relit
from .vocabulary import vocabulary_colors
from .worn import dyed, garment_on_figure

SURE = 0.7
"""Quality from which the rule-based cut-out's mask is a lesson."""
VIEWS = 4000
EPOCHS = 6
BATCH = 32
RATE = 2e-3


class MaskHead(nn.Module):
    """Three of the trunk's maps -> (n, 64, 64) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.deep = nn.Conv2d(DEEP[0], 48, 1)
        self.whole = nn.Linear(DEEP[0], 48)
        self.wide = _separable(48, 48, 5)
        self.middle = nn.Conv2d(MIDDLE[0], 32, 1)
        self.join = _separable(80, 32, 5)
        self.fine = nn.Conv2d(FINE[0], 16, 1)
        self.edge = _separable(48, 24, 3)
        self.last = nn.Conv2d(24, 1, 1)

    def forward(self, fine: Tensor, middle: Tensor, deep: Tensor) -> Tensor:
        """Run the head."""
        whole = self.whole(deep.mean(dim=(2, 3)))[:, :, None, None]
        x = self.wide(torch.relu(self.deep(deep) + whole))
        x = _doubled(x)
        x = self.join(torch.cat([x, torch.relu(self.middle(middle))], dim=1))
        x = _doubled(x)
        x = self.edge(torch.cat([x, torch.relu(self.fine(fine))], dim=1))
        return self.last(x)[:, 0]


def _separable(width: int, out: int, size: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, size, padding=size // 2, groups=width),
        nn.Conv2d(width, out, 1),
        nn.ReLU(),
        nn.Conv2d(out, out, size, padding=size // 2, groups=out),
        nn.Conv2d(out, out, 1),
        nn.ReLU(),
    )


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def lessons(photos: Sequence[Photo], stored: Sequence[Stored]) -> tuple[list[Stored], list[Stored]]:
    """The training photos of whose garment the mask is known: those laid flat, and those that somebody wears."""
    palette, broader = vocabulary_colors()
    flat, worn = [], []
    for photo, one in zip(photos, stored, strict=True):
        if photo.part != "train":
            continue
        if photo.worn:
            found = garment_on_figure(one, photo.color, palette, broader)
            if found is not None:
                worn.append(found)
        elif one.quality >= SURE:
            flat.append(one)
    return flat, worn


def store_maps(
    flat_lay: Sequence[Stored], worn: Sequence[Stored], count: int, seed: int, folder: Path, name: str
) -> None:
    """Write ``count`` views' maps and masks.

    Of each ten views one has no garment, three show a flat-lay photo, three one on another background, and three a worn
    garment, mostly dyed anew.
    """
    generator = np.random.default_rng([seed, 3])
    network = session(folder / "trunk.onnx")
    few = generator.permutation(len(flat_lay))[:300]
    backgrounds = Backgrounds([piece for i in few for piece in Backgrounds.pieces_of(flat_lay[i])])
    maps = {
        part: np.lib.format.open_memmap(folder / f"{name}-{part}.npy", "w+", np.float16, (count, channels, side, side))
        for part, (channels, side) in (("fine", FINE), ("middle", MIDDLE), ("deep", DEEP))
    }
    masks = np.zeros((count, FINE[1], FINE[1]), np.uint8)
    for i in range(count):
        kind = i % 10
        if kind == 0:
            view = View(relit(backgrounds.draw(generator), generator), np.zeros(masks.shape[1:], np.uint8))
        elif kind <= 6:
            one = flat_lay[generator.integers(len(flat_lay))]
            view = plain_view(one) if kind == 1 else made_view(one, backgrounds, generator, replace=kind > 3)
        else:
            one = worn[generator.integers(len(worn))]
            one = one if generator.random() < 0.25 else dyed(one, generator)
            view = plain_view(one) if kind == 7 else made_view(one, backgrounds, generator, replace=False)
        found = network.run(["fine", "middle", "deep"], {"pixels": np.ascontiguousarray(view.pixels)[None]})
        for part, value in zip(("fine", "middle", "deep"), found, strict=True):
            maps[part][i] = value[0]
        masks[i] = view.mask
        if i % 500 == 0:
            print(f"maps of {i} of {count} views", flush=True)
    np.save(folder / f"{name}-masks.npy", masks)


def train(folder: Path, name: str, epochs: int, seed: int) -> MaskHead:
    """Train the head on the stored maps."""
    torch.manual_seed(seed)
    maps = [np.load(folder / f"{name}-{part}.npy", mmap_mode="r") for part in ("fine", "middle", "deep")]
    masks = np.load(folder / f"{name}-masks.npy")
    head = MaskHead().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(head.parameters(), RATE, weight_decay=1e-3)
    steps = epochs * (len(masks) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for epoch in range(epochs):
        generator = np.random.default_rng([seed, epoch])
        order = generator.permutation(len(masks))
        began, total = time.time(), 0.0
        for step in range(len(order) // BATCH):
            batch = np.sort(order[step * BATCH : (step + 1) * BATCH])
            inputs = [
                torch.from_numpy(one[batch].astype(np.float32)).contiguous(memory_format=torch.channels_last)
                for one in maps
            ]
            truth = torch.from_numpy(masks[batch].astype(np.float32) / 255)
            if generator.random() < 0.5:
                inputs, truth = [one.flip(3) for one in inputs], truth.flip(2)
            said = head(*inputs)
            loss = functional.binary_cross_entropy_with_logits(said, truth) + _dice(said.sigmoid(), truth)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
            if step % 25 == 0:
                print(f"  mask epoch {epoch} step {step} {time.time() - began:.0f} s", flush=True)
        print(f"mask epoch {epoch}: loss {total * BATCH / len(order):.4f}, {time.time() - began:.0f} s", flush=True)
    return head.eval()


def _dice(said: Tensor, truth: Tensor) -> Tensor:
    both = (said * truth).sum(dim=(1, 2))
    return (1 - (2 * both + 20) / (said.sum(dim=(1, 2)) + truth.sum(dim=(1, 2)) + 20)).mean()

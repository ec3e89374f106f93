"""Tune a tail for tags: the kind of garment, and whether somebody wears it."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from .backbone import WIDTH, Tail
from .photos import CLASSES

BATCH = 32
RATE = 4e-4
HEAD_RATE = 5 * RATE
DECAY = 0.02
WARM_UP = 0.15
SMOOTHING = 0.1
DROPOUT = 0.25
AVERAGING = 0.995
"""How much of the running average of the weights is kept at each step; the average is what is used."""
WORN_REPEATS = 2
"""How often each studio photo of a worn garment comes in an epoch: there are few of them."""

Features = npt.NDArray[np.float16]
Numbers = npt.NDArray[np.intp]


class Tags(nn.Module):
    """The map of the trunk that its tail takes -> logits of the 17 kinds, and one of being worn."""

    def __init__(self, tail: Tail) -> None:
        super().__init__()
        self.tail = tail
        self.dropout = nn.Dropout(DROPOUT)
        self.kind = nn.Linear(WIDTH, len(CLASSES))
        self.worn = nn.Linear(WIDTH, 1)
        for head in (self.kind, self.worn):  # undecided at first, so that what the tail knows is not shaken
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)

    def forward(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Run the tail and both heads."""
        vector = self.dropout(self.tail(seen))
        return self.kind(vector), self.worn(vector)[:, 0]


def train(
    tail: Tail,
    features: Features,
    kinds: Numbers,
    worn: npt.NDArray[np.bool_],
    part: npt.NDArray[np.str_],
    epochs: int,
    seed: int,
    checkpoint: Path,
) -> Tags:
    """Train on the part ``train``; of ``validation``, if there is any, shares are printed. Resumes from ``checkpoint``.

    ``features``: (photos, views, channels, side, side), what the trunk saw.
    """
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    network = Tags(tail).to(memory_format=torch.channels_last)
    network.requires_grad_(True)
    averaged = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGING), use_buffers=True
    )
    heads = [*network.kind.parameters(), *network.worn.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": network.tail.parameters(), "lr": RATE}, {"params": heads, "lr": HEAD_RATE}], weight_decay=DECAY
    )
    rows = np.concatenate(
        [np.flatnonzero(part == "train"), *[np.flatnonzero((part == "train") & worn)] * (WORN_REPEATS - 1)]
    )
    count = np.bincount(kinds[rows], minlength=len(CLASSES))
    weight = 1 / np.sqrt(np.maximum(count, 1))
    kind_loss = nn.CrossEntropyLoss(
        weight=torch.tensor(weight / (weight * count).sum() * count.sum(), dtype=torch.float32),
        label_smoothing=SMOOTHING,
    )
    worn_loss = nn.BCEWithLogitsLoss()
    steps = epochs * (len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, [RATE, HEAD_RATE], total_steps=steps, pct_start=WARM_UP)
    start = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        network.load_state_dict(saved["network"])
        averaged.load_state_dict(saved["averaged"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        start = saved["epoch"]
    views = features.shape[1]
    for epoch in range(start, epochs):
        generator = np.random.default_rng([seed, epoch])
        network.train()
        began, total = time.time(), 0.0
        order = generator.permutation(rows)
        for step in range(len(order) // BATCH):
            batch = np.sort(order[step * BATCH : (step + 1) * BATCH])
            maps = _augmented(np.stack([features[i, generator.integers(views)] for i in batch]), generator)
            kind, wears = torch.from_numpy(kinds[batch]), torch.from_numpy(worn[batch].astype(np.float32))
            share, other = 1.0, torch.arange(len(batch))
            if generator.random() < 0.5:
                share, other = float(generator.beta(0.4, 0.4)), torch.from_numpy(generator.permutation(len(batch)))
                maps = share * maps + (1 - share) * maps[other]
            said_kind, said_worn = network(maps.contiguous(memory_format=torch.channels_last))
            loss = share * (kind_loss(said_kind, kind) + 0.3 * worn_loss(said_worn, wears))
            loss = loss + (1 - share) * (kind_loss(said_kind, kind[other]) + 0.3 * worn_loss(said_worn, wears[other]))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            averaged.update_parameters(network)
            total += loss.item()
            if step % 25 == 0:
                print(
                    f"  epoch {epoch} step {step} loss {total / (step + 1):.3f} {time.time() - began:.0f} s", flush=True
                )
        state = {"network": network, "averaged": averaged, "optimizer": optimizer, "schedule": schedule}
        torch.save({"epoch": epoch + 1, **{name: one.state_dict() for name, one in state.items()}}, checkpoint)
        print(f"epoch {epoch}: loss {total * BATCH / len(order):.3f}, {time.time() - began:.0f} s", flush=True)
        if (part == "validation").any():
            _tell(averaged.module, features, kinds, worn, np.flatnonzero(part == "validation"))
    trained: Tags = averaged.module
    return trained.eval()


def _tell(network: Tags, features: Features, kinds: Numbers, worn: npt.NDArray[np.bool_], rows: Numbers) -> None:
    logits, _ = predict(network, features[rows, 0])
    hit, on_somebody = logits.argmax(axis=1) == kinds[rows], worn[rows]
    print(f"  validation flat-lay {hit[~on_somebody].mean():.3f}, worn {hit[on_somebody].mean():.3f}", flush=True)


def predict(network: Tags, features: Features) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Logits of the kinds and of being worn."""
    network.eval()
    kinds, worn = [], []
    with torch.no_grad():
        for start in range(0, len(features), 64):
            maps = torch.from_numpy(features[start : start + 64].astype(np.float32))
            kind, wears = network(maps.contiguous(memory_format=torch.channels_last))
            kinds.append(kind.numpy())
            worn.append(wears.numpy())
    return np.concatenate(kinds), np.concatenate(worn)


def _augmented(maps: Features, generator: np.random.Generator) -> Tensor:
    """Mirror half of the maps, and blank a rectangle of some."""
    made = maps.astype(np.float32)
    side = made.shape[-1]
    for one in made:
        if generator.random() < 0.5:
            one[:] = one[:, :, ::-1].copy()
        if generator.random() < 0.3:
            height, width = generator.integers(side // 4, side // 2, 2)
            top, left = generator.integers(0, side - height), generator.integers(0, side - width)
            one[:, top : top + height, left : left + width] = 0
    return torch.from_numpy(made)

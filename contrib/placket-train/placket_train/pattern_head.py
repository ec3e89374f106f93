"""Train the pattern head on the trunk's maps, summed up inside the garment's mask."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from .backbone import DEEP, FINE, MIDDLE
from .calibration import least_for, softmax
from .inference import session
from .patterns import PATTERNS, patterned
from .views import Backgrounds, Stored, made_view, plain_view

MADE = 2600
"""Garments with a made pattern, or none."""
REAL_VIEWS = 5
RATE = 1e-3
BATCH = 64
EPOCHS = 40
DECAY = 0.05

PRECISION = 0.85
"""How often a pattern that is said has to be right; it sets the threshold."""
FOLDS = 4
_BIAS_DECAY = 0.02

Floats = npt.NDArray[np.float32]


class PatternHead(nn.Module):
    """Maps and mask (n, 64, 64) in 0..1 -> logits of `PATTERNS`.

    Stripes and prints show in how much a channel varies over the cloth, dye in its mean.
    """

    def __init__(self) -> None:
        super().__init__()
        width = 2 * (FINE[0] + MIDDLE[0] + DEEP[0])
        self.register_buffer("center", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        self.layers = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(width, 96), nn.ReLU(), nn.Dropout(0.4), nn.Linear(96, len(PATTERNS))
        )

    def forward(self, fine: Tensor, middle: Tensor, deep: Tensor, mask: Tensor) -> Tensor:
        """Sum up and judge."""
        return self.judged(summed_up(fine, middle, deep, mask))

    def judged(self, summary: Tensor) -> Tensor:
        """Logits from what `summed_up` returned."""
        return self.layers((summary - self.center) / self.scale)


def summed_up(fine: Tensor, middle: Tensor, deep: Tensor, mask: Tensor) -> Tensor:
    """Mean and logarithm of the spread of every channel inside the mask: (n, 384)."""
    parts = []
    for maps, step in ((fine, 1), (middle, 2), (deep, 4)):
        cover = functional.avg_pool2d(mask[:, None], step) if step > 1 else mask[:, None]
        weight = cover**4 + 1e-4  # the rim sees the background
        weight = weight / weight.sum(dim=(2, 3), keepdim=True)
        mean = (maps * weight).sum(dim=(2, 3), keepdim=True)
        spread = (((maps - mean) ** 2) * weight).sum(dim=(2, 3))
        parts += [mean[:, :, 0, 0], torch.log(spread + 1e-3)]
    return torch.cat(parts, dim=1)


def store_summaries(
    stored: Sequence[Stored],
    plain: npt.NDArray[np.intp],
    real: Mapping[int, str],
    count: int,
    views: int,
    seed: int,
    folder: Path,
    name: str,
) -> None:
    """Write summaries and patterns of ``count`` made garments, and of ``views`` views of each real, labelled photo."""
    generator = np.random.default_rng([seed, 4])
    network = session(folder / "trunk.onnx")
    no_backgrounds = Backgrounds([])
    summaries, patterns, sources = [], [], []
    jobs = [(int(generator.choice(plain)), PATTERNS[i % len(PATTERNS)], False) for i in range(count)]
    jobs += [(row, pattern, True) for row, pattern in real.items() for _ in range(views)]
    for i, (row, pattern, is_real) in enumerate(jobs):
        one = stored[row] if is_real else patterned(stored[row], pattern, generator)
        first = is_real and (i == 0 or jobs[i - 1][0] != row)
        view = plain_view(one) if first else made_view(one, no_backgrounds, generator, replace=False)
        found = network.run(["fine", "middle", "deep"], {"pixels": np.ascontiguousarray(view.pixels)[None]})
        mask = torch.from_numpy(view.mask[None].astype(np.float32) / 255)
        summaries.append(summed_up(*map(torch.from_numpy, found), mask)[0].numpy())
        patterns.append(PATTERNS.index(pattern))
        sources.append(row if is_real else -1)
        if i % 500 == 0:
            print(f"patterns of {i} of {len(jobs)} views", flush=True)
    np.savez(
        folder / f"{name}.npz", summaries=np.array(summaries), patterns=np.array(patterns), sources=np.array(sources)
    )


def train(summaries: Floats, patterns: npt.NDArray[np.intp], weights: Floats, seed: int) -> PatternHead:
    """Train on summaries; ``weights`` says how often each counts."""
    torch.manual_seed(seed)
    head = PatternHead()
    head.center.copy_(torch.from_numpy(summaries.mean(axis=0)))
    head.scale.copy_(torch.from_numpy(summaries.std(axis=0) + 1e-3))
    optimizer = torch.optim.AdamW(head.parameters(), RATE, weight_decay=DECAY)
    inputs, truth = torch.from_numpy(summaries), torch.from_numpy(patterns)
    importance = torch.from_numpy(weights / weights.mean())
    steps = EPOCHS * (len(inputs) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for epoch in range(EPOCHS):
        order = torch.from_numpy(np.random.default_rng([seed, epoch]).permutation(len(inputs)))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            loss = functional.cross_entropy(
                head.judged(inputs[rows]), truth[rows], reduction="none", label_smoothing=0.05
            )
            optimizer.zero_grad()
            (loss * importance[rows]).mean().backward()
            optimizer.step()
            schedule.step()
    return head.eval()


def calibrated(
    summaries: Floats,
    patterns: npt.NDArray[np.intp],
    sources: npt.NDArray[np.intp],
    groups: Mapping[int, str],
    weights: Floats,
    seed: int,
) -> dict[str, object]:
    """Fit temperature, priors and threshold on real photos that a head did not train on.

    The made patterns come in equal shares, and wardrobes do not. Real photos are few, so each sender's are judged by a
    head that was trained without them. ``sources`` is each row's photo, or -1 for a made pattern; ``groups`` names the
    photos' senders.
    """
    fold = np.array(
        [-1 if row < 0 else int(hashlib.sha256(groups[int(row)].encode()).digest()[0]) % FOLDS for row in sources]
    )
    _, firsts = np.unique(sources, return_index=True)
    firsts = firsts[sources[firsts] >= 0]
    logits = np.zeros((len(firsts), len(PATTERNS)), np.float32)
    for held_out in range(FOLDS):
        kept = fold != held_out
        head = train(summaries[kept], patterns[kept], weights[kept], seed)
        mine = fold[firsts] == held_out
        with torch.no_grad():
            logits[mine] = head.judged(torch.from_numpy(summaries[firsts[mine]])).numpy()
    bias = torch.zeros(len(PATTERNS), requires_grad=True)
    heat = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([bias, heat], max_iter=100)
    said, truth = torch.from_numpy(logits), torch.from_numpy(patterns[firsts])

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = functional.cross_entropy((said + bias) / heat.exp(), truth) + _BIAS_DECAY * (bias**2).mean()
        value.backward()
        return value

    optimizer.step(loss)
    temperature, prior = float(heat.detach().exp()), bias.detach().numpy()
    chances = softmax(logits + prior, temperature)
    best = chances.argmax(axis=1)
    told = best != PATTERNS.index("other")
    least = least_for(chances.max(axis=1)[told], (best == patterns[firsts])[told], PRECISION, lowest=0.4)
    return {"temperature": round(temperature, 4), "prior": [round(float(one), 3) for one in prior], "least": least}

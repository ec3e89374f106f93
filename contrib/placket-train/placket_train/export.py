"""Write the networks as ONNX files with half-precision weights, or with convolutions in 8 bits.

Half-precision weights are cast to 32 bits when a session opens, where ONNX Runtime folds the cast away: half the size,
and the same speed and, within rounding of the weights, the same numbers. In 8 bits the tails for tags take less than
half of the time and say the same of 99 photos in 100; the vectors for search, which are compared far more finely, would
lose by it, and so would all that follows from the trunk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from .backbone import DEEP, MIDDLE, SIDE, Tail, Trunk
from .grid_kinds import GRID, GridKinds
from .masks import MaskHead
from .pattern_head import PatternHead, summed_up
from .tags import Tags

OPSET = 17
_SMALLEST_HALVED = 256  # numbers; biases and scales stay exact

Example = Mapping[str, npt.NDArray[np.float32]]


class Exported(nn.Module):
    """A network that can be written: ``inputs`` and ``outputs`` are their names in the file."""

    inputs: ClassVar[tuple[str, ...]]
    outputs: ClassVar[tuple[str, ...]]


class Seeing(Exported):
    """Pixels -> mask (n, 64, 64) in 0..1, the maps summed up inside it (n, 384), the middle and the deep map."""

    inputs = ("pixels",)
    outputs = ("mask", "summary", "middle", "deep")

    def __init__(self, trunk: Trunk, head: MaskHead) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Run trunk and mask head."""
        fine, middle, deep = self.trunk(pixels)
        mask = torch.sigmoid(self.head(fine, middle, deep))
        return mask, summed_up(fine, middle, deep, mask), middle, deep


class Tagging(Exported):
    """The middle and the deep map and the summary -> logits of kinds, of being worn, of patterns.

    Of kinds and of being worn it says the mean of two tails' logits: what one has learned by chance, the other has not.
    The less a garment looks worn, the more a second opinion moves its probability from kind to kind; how loudly the
    kinds speak up together stays what the tails say.
    """

    inputs = ("middle", "deep", "summary")
    outputs = ("kinds", "worn", "patterns")

    def __init__(self, long: Tags, short: Tags, second: GridKinds, pattern: PatternHead) -> None:
        super().__init__()
        self.long, self.short, self.pattern = long, short, pattern
        self.second = nn.Linear(*second.weights.shape)
        self.second.weight.data = torch.from_numpy(second.weights.T.astype(np.float32))
        self.second.bias.data = torch.from_numpy(second.bias.astype(np.float32))

    def forward(self, middle: Tensor, deep: Tensor, summary: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Run the tuned tails and the heads."""
        said = zip(self.long(middle), self.short(deep), strict=True)
        kinds, worn = ((one + other) / 2 for one, other in said)
        cells = nn.functional.avg_pool2d(deep, DEEP[1] // GRID).flatten(1)
        opinion = self.second(nn.functional.normalize(cells))
        moved = kinds + (1 - torch.sigmoid(worn))[:, None] * opinion
        moved = moved - moved.logsumexp(dim=1, keepdim=True) + kinds.logsumexp(dim=1, keepdim=True)
        return moved, worn, self.pattern.judged(summary)


class Searching(Exported):
    """The deep map -> the published network's vector (n, 1280)."""

    inputs = ("deep",)
    outputs = ("vector",)

    def __init__(self, tail: Tail) -> None:
        super().__init__()
        self.tail = tail

    def forward(self, deep: Tensor) -> Tensor:
        """Run the tail."""
        return self.tail(deep)


def write(network: Exported, path: Path, examples: Sequence[Example] = ()) -> None:
    """Export one network; every input and output has the batch as its first axis.

    With ``examples`` its convolutions are in 8 bits, with the ranges that the examples show.
    """
    network.eval()
    samples = sample_inputs()
    torch.onnx.export(
        network,
        tuple(samples[name] for name in network.inputs),
        str(path),
        dynamo=False,
        opset_version=OPSET,
        input_names=list(network.inputs),
        output_names=list(network.outputs),
        dynamic_axes={name: {0: "n"} for name in (*network.inputs, *network.outputs)},
    )
    if examples:
        # It joins what pads a map to the convolution that follows, which ONNX Runtime cannot do once that has 8 bits:
        # the same numbers in an eighth less of the time.
        quant_pre_process(str(path), str(path), skip_symbolic_shape=True)
        quantization.quantize_static(
            str(path),
            str(path),
            _Examples(examples),
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            per_channel=True,
            reduce_range=True,  # 7 bits of weight: without it, processors older than VNNI overflow
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
        )
    model = onnx.load(str(path))
    halve(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def halve(model: onnx.ModelProto) -> None:
    """Store the large weights in 16 bits, followed by a cast."""
    graph = model.graph
    casts = []
    scales = {node.input[1] for node in graph.node if node.op_type in ("QuantizeLinear", "DequantizeLinear")}
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _SMALLEST_HALVED or tensor.name in scales:
            continue
        stored = numpy_helper.from_array(values.astype(np.float16), tensor.name + ".half")
        graph.initializer.remove(tensor)
        graph.initializer.append(stored)
        casts.append(helper.make_node("Cast", [stored.name], [tensor.name], to=TensorProto.FLOAT))
    for node in reversed(casts):
        graph.node.insert(0, node)


class _Examples(quantization.CalibrationDataReader):  # type: ignore[misc]
    """Hands them out one by one."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._rest = iter(examples)

    def get_next(self) -> Example | None:
        """The next, or None at the end."""
        return next(self._rest, None)


def sample_inputs() -> dict[str, Tensor]:
    """One example of everything that the networks take."""
    return {
        "pixels": torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8),
        "middle": torch.zeros(1, MIDDLE[0], MIDDLE[1], MIDDLE[1]),
        "deep": torch.zeros(1, DEEP[0], DEEP[1], DEEP[1]),
        "summary": torch.zeros(1, 384),
    }

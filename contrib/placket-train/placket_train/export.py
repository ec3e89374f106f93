"""Write the networks as ONNX files with half-precision weights, or with convolutions in 8 bits.

Half-precision weights are cast to 32 bits when a session opens, where ONNX Runtime folds the cast away: half the size,
and the same speed and, within rounding of the weights, the same numbers. In 8 bits the tail for tags takes two thirds
of the time and says the same of 99 photos in 100; the vectors for search, which are compared far more finely, would
lose by it, and so would all that follows from the trunk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization
from torch import Tensor, nn

from .backbone import DEEP, SIDE, Tail, Trunk
from .masks import MaskHead
from .pattern_head import PatternHead, summed_up
from .tags import Tags

OPSET = 17
_SMALLEST_HALVED = 256  # numbers; biases and scales stay exact

Example = Mapping[str, npt.NDArray[np.float32]]


class Seeing(nn.Module):
    """Pixels -> mask (n, 64, 64) in 0..1, the maps summed up inside it (n, 384), and the deep map."""

    def __init__(self, trunk: Trunk, head: MaskHead) -> None:
        super().__init__()
        self.trunk, self.head = trunk, head

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Run trunk and mask head."""
        fine, middle, deep = self.trunk(pixels)
        mask = torch.sigmoid(self.head(fine, middle, deep))
        return mask, summed_up(fine, middle, deep, mask), deep


class Tagging(nn.Module):
    """The deep map and the summary -> logits of kinds, of being worn, of patterns."""

    def __init__(self, tags: Tags, pattern: PatternHead) -> None:
        super().__init__()
        self.tags, self.pattern = tags, pattern

    def forward(self, deep: Tensor, summary: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Run the tuned tail and the heads."""
        kinds, worn = self.tags(deep)
        return kinds, worn, self.pattern.judged(summary)


class Searching(nn.Module):
    """The deep map -> the published network's vector (n, 1280)."""

    def __init__(self, tail: Tail) -> None:
        super().__init__()
        self.tail = tail

    def forward(self, deep: Tensor) -> Tensor:
        """Run the tail."""
        return self.tail(deep)


def write(
    network: nn.Module, inputs: dict[str, Tensor], outputs: list[str], path: Path, examples: Sequence[Example] = ()
) -> None:
    """Export one network; every input and output has the batch as its first axis.

    With ``examples`` its convolutions are in 8 bits, with the ranges that the examples show.
    """
    network.eval()
    torch.onnx.export(
        network,
        tuple(inputs.values()),
        str(path),
        dynamo=False,
        opset_version=OPSET,
        input_names=list(inputs),
        output_names=outputs,
        dynamic_axes={name: {0: "n"} for name in (*inputs, *outputs)},
    )
    if examples:
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
        "deep": torch.zeros(1, DEEP[0], DEEP[1], DEEP[1]),
        "summary": torch.zeros(1, 384),
    }

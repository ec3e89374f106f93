"""The shapes of arrays that the image analysis passes around, and their product."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
"""Any shape."""
Plane = Floats
"""(height, width): a mask, a lightness, a distance."""
Lab = Floats
"""(..., 3): CIE L*, a*, b* under D65."""
Bytes3 = npt.NDArray[np.uint8]
"""(height, width, 3): 8-bit sRGB."""
Flags = npt.NDArray[np.bool_]
"""(height, width): yes or no per pixel."""
Labels = npt.NDArray[np.intp]
"""Whole numbers: the cluster or region each sample belongs to."""

_ALONE = 2**18
"""Multiplications up to which OpenBLAS leaves a product to the thread that asks for it."""


def product(left: Floats, right: Floats) -> Floats:
    """(n, k) @ (k, m) or (k,), on the calling thread alone, split along the longer side of ``left``.

    OpenBLAS would spread a large product over all cores, and its threads wait for each other by spinning: where the
    cores have other work, a product of 0.1 ms then takes 30 ms.
    """
    pieces = -(-left.size * right[0].size // _ALONE)
    if pieces <= 1:
        return np.asarray(left @ right)
    if len(left) >= len(right):
        return np.concatenate([part @ right for part in np.array_split(left, pieces)])
    both = zip(np.array_split(left, pieces, axis=1), np.array_split(right, pieces), strict=True)
    return np.asarray(sum(part @ other for part, other in both))

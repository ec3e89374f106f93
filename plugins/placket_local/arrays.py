"""The shapes of arrays that the image analysis passes around."""

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

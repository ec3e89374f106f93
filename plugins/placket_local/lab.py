"""sRGB, linear light and CIE Lab (D65, 2 degree observer), and the CIEDE2000 difference; all vectorised float32."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .arrays import Bytes3, Lab

Floats = npt.NDArray[np.float32]

# IEC 61966-2-1 (sRGB) primaries, and the D65 white that its matrix maps (1, 1, 1) to.
_RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    np.float64,
)
_WHITE = _RGB_TO_XYZ.sum(axis=1)
_RGB_TO_RELATIVE_XYZ = (_RGB_TO_XYZ / _WHITE[:, None]).T.astype(np.float32)
_RELATIVE_XYZ_TO_RGB = np.linalg.inv(_RGB_TO_XYZ / _WHITE[:, None]).T.astype(np.float32)

# CIE 15: the cube root gives way to a line below (6/29)^3.
_EPSILON = np.float32((6 / 29) ** 3)
_SLOPE = np.float32((29 / 6) ** 2 / 3)
_OFFSET = np.float32(4 / 29)
_ROOTS_TO_LAB = np.array([[0, 500, 0], [116, -500, 200], [0, 0, -200]], np.float32)


def srgb_to_linear(srgb: npt.ArrayLike) -> Floats:
    """Turn sRGB in 0..1 into linear light in 0..1."""
    value = np.asarray(srgb, np.float32)
    curved = ((np.maximum(value, 0) + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(value <= 0.04045, value / np.float32(12.92), curved).astype(np.float32)


def linear_to_srgb(linear: npt.ArrayLike) -> Floats:
    """Linear light in 0..1 -> sRGB in 0..1."""
    value = np.asarray(linear, np.float32)
    curved = np.float32(1.055) * np.maximum(value, 0) ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(value <= 0.0031308, value * np.float32(12.92), curved).astype(np.float32)


_LINEAR_OF_BYTE = srgb_to_linear(np.arange(256, dtype=np.float32) / np.float32(255))


def linear_to_lab(linear: npt.ArrayLike) -> Lab:
    """Linear sRGB (..., 3) in 0..1 -> Lab (..., 3)."""
    relative = np.asarray(linear, np.float32) @ _RGB_TO_RELATIVE_XYZ
    # NumPy computes exp and log several numbers at a time, and cube roots one by one.
    roots = np.asarray(np.maximum(relative, _EPSILON), np.float32)
    np.log(roots, out=roots)
    roots *= np.float32(1 / 3)
    np.exp(roots, out=roots)
    np.copyto(roots, _SLOPE * relative + _OFFSET, where=relative <= _EPSILON)
    lab = np.asarray(roots @ _ROOTS_TO_LAB, np.float32)
    lab[..., 0] -= 16
    return lab


def lab_to_linear(lab: npt.ArrayLike) -> Floats:
    """Lab (..., 3) -> linear sRGB (..., 3); values outside 0..1 are colours that sRGB does not have."""
    value = np.asarray(lab, np.float32)
    fy = (value[..., 0] + 16) / 116
    f = np.stack([fy + value[..., 1] / 500, fy, fy - value[..., 2] / 200], axis=-1)
    relative = np.where(f > np.float32(6 / 29), f**3, (f - _OFFSET) / _SLOPE)
    return (relative.astype(np.float32) @ _RELATIVE_XYZ_TO_RGB).astype(np.float32)


def srgb_to_linear_bytes(rgb: Bytes3) -> Floats:
    """8-bit sRGB -> linear light in 0..1, by table."""
    return _LINEAR_OF_BYTE.take(rgb)


def rgb_to_lab(rgb: Bytes3) -> Lab:
    """8-bit sRGB (..., 3) -> Lab (..., 3)."""
    return linear_to_lab(_LINEAR_OF_BYTE.take(rgb))


def lab_to_rgb(lab: npt.ArrayLike) -> Bytes3:
    """Lab (..., 3) -> 8-bit sRGB (..., 3), clipped to the gamut."""
    srgb = linear_to_srgb(np.clip(lab_to_linear(lab), 0, 1))
    return np.asarray(np.rint(srgb * 255), np.uint8)


def ciede2000(first: npt.ArrayLike, second: npt.ArrayLike) -> Floats:
    """CIEDE2000 colour difference between Lab arrays (..., 3), with broadcasting.

    CIE 142-2001, in the order of steps of Sharma, Wu and Dalal (2005), whose test pairs the tests use.
    """
    one = np.asarray(first, np.float64)
    two = np.asarray(second, np.float64)
    l1, a1, b1 = one[..., 0], one[..., 1], one[..., 2]
    l2, a2, b2 = two[..., 0], two[..., 1], two[..., 2]

    mean_chroma7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(mean_chroma7 / (mean_chroma7 + 25.0**7))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.arctan2(b1, a1) % (2 * np.pi), np.arctan2(b2, a2) % (2 * np.pi)

    achromatic = c1 * c2 == 0
    turn = (h2 - h1 + np.pi) % (2 * np.pi) - np.pi
    turn = np.where(achromatic, 0, turn)
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(turn / 2)
    mean_hue = np.where(achromatic, h1 + h2, h1 + turn / 2)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2

    t = (
        1
        - 0.17 * np.cos(mean_hue - np.radians(30))
        + 0.24 * np.cos(2 * mean_hue)
        + 0.32 * np.cos(3 * mean_hue + np.radians(6))
        - 0.20 * np.cos(4 * mean_hue - np.radians(63))
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c = 1 + 0.045 * mean_c
    s_h = 1 + 0.015 * mean_c * t
    blue = np.radians(60) * np.exp(-((((np.degrees(mean_hue) % 360) - 275) / 25) ** 2))
    r_t = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)) * np.sin(blue)
    d_l, d_c, d_h = (l2 - l1) / s_l, (c2 - c1) / s_c, d_hue / s_h
    squared = d_l**2 + d_c**2 + d_h**2 + r_t * d_c * d_h
    return np.asarray(np.sqrt(np.maximum(squared, 0)), np.float32)

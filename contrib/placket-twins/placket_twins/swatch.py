"""Lab colours as the colours of a web page."""

from __future__ import annotations

from placket.record import Lab

_WHITE_D65 = (0.95047, 1.0, 1.08883)
_XYZ_TO_RGB = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)
"""IEC 61966-2-1 (sRGB), from XYZ under D65."""


def hex_of(lab: Lab) -> str:
    """``#rrggbb`` of a CIE L*a*b* (D65) colour; what sRGB cannot show is clipped."""
    lightness, a, b = lab
    y = (lightness + 16) / 116
    xyz = [white * _unfolded(part) for white, part in zip(_WHITE_D65, (y + a / 500, y, y - b / 200), strict=True)]
    linear = [sum(weight * part for weight, part in zip(row, xyz, strict=True)) for row in _XYZ_TO_RGB]
    return "#" + "".join(f"{round(255 * _encoded(part)):02x}" for part in linear)


def _unfolded(part: float) -> float:
    return part**3 if part > 6 / 29 else (part - 4 / 29) * 3 * (6 / 29) ** 2


def _encoded(part: float) -> float:
    part = min(max(part, 0.0), 1.0)
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055

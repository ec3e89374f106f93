"""Lengths: numbers as people write them, and their conversion to millimetres.

Conversion is exact: factors and numbers are decimals, so 29 inches are 736.6 mm and not a digit more. Nothing is
rounded except at the very end, to the nearest ``float``; how many digits to show is for whoever shows them.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from numbers import Real

from ..errors import InvalidInput

_MILLIMETRES = {
    "mm": Decimal(1),
    "cm": Decimal(10),
    "m": Decimal(1000),
    "in": Decimal("25.4"),  # exact by definition, since the international yard and pound agreement of 1959
    "ft": Decimal("304.8"),
}
_SPELLINGS = {
    "mm": ("millimetre", "millimetres", "millimeter", "millimeters", "mmt"),
    "cm": ("cms", "centimetre", "centimetres", "centimeter", "centimeters", "cmt"),
    "m": ("metre", "metres", "meter", "meters", "mtr"),
    "in": ("ins", "inch", "inches", '"', "\u2033", "\u201d", "''", "inh"),
    "ft": ("foot", "feet", "'", "\u2032", "\u2019", "fot"),
}
"""Other spellings of each unit, with the codes of UN/CEFACT Recommendation 20 that schema.org uses (INH, CMT, ...)."""
_UNITS = {spelling: unit for unit, others in _SPELLINGS.items() for spelling in (unit, *others)}

_LONGEST_MM = 10_000
_ROUNDING_MM = Decimal("0.001")
# Free of the caller's decimal context, whose precision may be anything.
_EXACT = Context(prec=60)

_DECIMAL_NUMBER = re.compile(r"([0-9]+)(?:([.,])([0-9]+))?")
_FRACTION = re.compile(r"(?:([0-9]+)(?: +|-))?([0-9]+)/([1-9][0-9]*)")
_FRACTION_SIGNS = str.maketrans(
    {
        "\u00bd": " 1/2",
        "\u00bc": " 1/4",
        "\u00be": " 3/4",
        "\u215b": " 1/8",
        "\u215c": " 3/8",
        "\u215d": " 5/8",
        "\u215e": " 7/8",
        "\u2044": "/",
    }
)
_LABELLED = re.compile(r"(.*\S)\s*\(([^()]+)\)")


def to_millimetres(value: Decimal | float | int | str, unit: str) -> float:
    """Convert a length to millimetres: the float nearest to the exact result.

    A text may be ``29``, ``29.5``, ``29,5``, ``29 1/2`` or ``29½``; a float counts as the decimal number it prints as,
    and so does any other real number, such as numpy's.
    Raises InvalidInput for an unknown unit, and for what is no number, not finite, negative, or longer than 10 metres.
    """
    number, factor = _number(value), _factor(unit)
    # The number alone is looked at first: an absurd exponent must not reach the multiplication. A micrometre is left
    # over, because 10 metres in feet have no last digit.
    if number > _LONGEST_MM or (millimetres := _EXACT.multiply(number, factor)) > _LONGEST_MM + _ROUNDING_MM:
        raise InvalidInput(
            f"{number:.6g} {unit} is longer than 10 metres, which no garment measures; check the number and its unit"
        )
    return float(millimetres)


def parse_labelled_measurement(text: str) -> tuple[str, str] | None:
    """Split a measurement's name that carries its unit: ``Waist (inches)`` is ``Waist`` and ``inches``.

    None where no known unit stands in brackets at the end, as in ``Waist`` or ``Length (back)``.
    """
    match = _LABELLED.fullmatch(text.strip())
    if match is None or _spelling(match[2]) not in _UNITS:
        return None
    return match[1].strip(), match[2].strip()


def _spelling(unit: str) -> str:
    return unit.strip().casefold().removesuffix(".")


def _factor(unit: str) -> Decimal:
    known = _UNITS.get(_spelling(unit))
    if known is None:
        raise InvalidInput(f"the unit {unit!r} is not known; write one of {', '.join(_MILLIMETRES)}")
    return _MILLIMETRES[known]


def _number(value: object) -> Decimal:
    if isinstance(value, str):
        return _parsed(value)
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise InvalidInput(f"a length must be a number, not {value!r}")
    # Through its digits, not its binary value: 0.1 means a tenth. Other real numbers are numpy's.
    number = Decimal(value) if isinstance(value, int | Decimal) else Decimal(str(float(value)))
    if not number.is_finite() or number < 0:
        raise InvalidInput(f"a length must be a finite number, zero or more, not {number:.6g}")
    return number


def _parsed(text: str) -> Decimal:
    written = text.translate(_FRACTION_SIGNS).strip()
    if match := _FRACTION.fullmatch(written):
        whole, above, below = (Decimal(part or 0) for part in match.groups())
        return _EXACT.add(whole, _EXACT.divide(above, below))
    match = _DECIMAL_NUMBER.fullmatch(written)
    if match is None:
        raise InvalidInput(
            f"{text[:40]!r} is not a length: write a number such as 29, 29.5, 29,5 or 29 1/2, with its unit apart"
        )
    whole_digits, mark, decimals = match.groups()
    if mark == "," and len(decimals) == 3 and whole_digits.strip("0"):
        meanings = f"{whole_digits}{decimals} or {whole_digits}.{decimals}"
        raise InvalidInput(f"{text[:40]!r} is ambiguous: write {meanings}, whichever is meant")
    return Decimal(f"{whole_digits}.{decimals or 0}")

"""Lengths as people and vendors write them."""

import decimal
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.errors import InvalidInput
from placket.record import ClaimBuilder, Measurement, Source, Vocabulary, claim_from_json, claim_to_json
from placket.record.units import parse_labelled_measurement, to_millimetres

MILLIMETRES = {"mm": "1", "cm": "10", "m": "1000", "in": "25.4", "ft": "304.8"}
UNITS = tuple(MILLIMETRES)
LONGEST = {"mm": 10_000, "cm": 1000, "m": 10, "in": 393, "ft": 32}

lengths_in_units = st.sampled_from(UNITS).flatmap(
    lambda unit: st.tuples(st.decimals(0, LONGEST[unit], places=4, allow_nan=False), st.just(unit))
)


@pytest.mark.parametrize(
    ("value", "unit", "millimetres"),
    [
        (29, "inches", 736.6),
        (29.1, "in", 739.14),
        (Decimal("0.1"), "in", 2.54),
        (1, "ft", 304.8),
        (73.66, "cm", 736.6),
        (0.7366, "m", 736.6),
        (736.6, "mm", 736.6),
        (0, "cm", 0),
        (10, "m", 10_000),
    ],
)
def test_conversion_is_exact(value: float | Decimal, unit: str, millimetres: float) -> None:
    assert to_millimetres(value, unit) == millimetres


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("29", "29"),
        ("29.5", "29.5"),
        ("29,5", "29.5"),
        ("29,50", "29.5"),
        (" 29 ", "29"),
        ("29 1/2", "29.5"),
        ("29-1/2", "29.5"),
        ("29½", "29.5"),
        ("29 ¾", "29.75"),
        ("1/2", "0.5"),
        ("⅜", "0.375"),
        ("1\u20444", "0.25"),
        ("0,125", "0.125"),
        ("29.125", "29.125"),
    ],
)
def test_numbers_as_people_write_them(written: str, number: str) -> None:
    assert to_millimetres(written, "in") == to_millimetres(Decimal(number), "in")


@pytest.mark.parametrize(
    ("spellings", "millimetres"),
    [
        (("in", "In", "in.", "ins", "inch", "inches", "INCHES", " inches ", '"', "\u2033", "\u201d", "INH"), 25.4),
        (("cm", "CM", "cms", "centimetre", "centimetres", "centimeter", "centimeters", "CMT"), 10),
        (("mm", "millimetre", "millimetres", "millimeters", "MMT"), 1),
        (("m", "metre", "metres", "meter", "meters", "MTR"), 1000),
        (("ft", "foot", "feet", "'", "FOT"), 304.8),
    ],
)
def test_spellings_of_units(spellings: tuple[str, ...], millimetres: float) -> None:
    assert {to_millimetres(1, spelling) for spelling in spellings} == {millimetres}


@given(lengths_in_units)
def test_the_result_is_the_float_nearest_to_the_exact_one(length: tuple[Decimal, str]) -> None:
    value, unit = length
    assert to_millimetres(value, unit) == float(Fraction(value) * Fraction(MILLIMETRES[unit]))


@given(lengths_in_units)
def test_a_number_and_its_text_are_the_same_length(length: tuple[Decimal, str]) -> None:
    value, unit = length
    assert to_millimetres(f"{value:f}", unit) == to_millimetres(value, unit) == to_millimetres(float(value), unit)


@given(st.integers(0, 300), st.integers(1, 15))
def test_sixteenths_are_their_decimals(whole: int, sixteenths: int) -> None:
    assert to_millimetres(f"{whole} {sixteenths}/16", "in") == to_millimetres(whole + sixteenths / 16, "in")


@pytest.mark.parametrize("number", [numpy.float32(29.5), numpy.float16(29.5), numpy.int64(29), Fraction(59, 2)])
def test_any_real_number_is_a_length(number: Any) -> None:
    assert to_millimetres(number, "in") == to_millimetres(float(number), "in")
    build = ClaimBuilder(Source("model"), Vocabulary.default())
    build.measure("Waist", number, "in")
    [claim] = build.claims
    assert claim.value == Measurement(to_millimetres(number, "in"), number, "in")
    assert claim_from_json(claim_to_json(claim)) == claim


def test_the_callers_decimal_precision_does_not_matter() -> None:
    with decimal.localcontext(prec=2):
        assert to_millimetres("29.125", "in") == 739.775


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (float("nan"), "finite"),
        (float("inf"), "finite"),
        (Decimal("NaN"), "finite"),
        (Decimal("sNaN"), "finite"),
        (Decimal("-Infinity"), "finite"),
        (-1, "zero or more"),
        (-0.5, "zero or more"),
        (True, "must be a number"),
        (None, "must be a number"),
        ([29], "must be a number"),
        (394, "longer than 10 metres"),
        ("12000", "longer than 10 metres"),
        (Decimal("1e999999"), "longer than 10 metres"),
        ("", "is not a length"),
        ("-29", "is not a length"),
        ("1e3", "is not a length"),
        ("nan", "is not a length"),
        ("29 in", "with its unit apart"),
        ("28-30", "is not a length"),
        ("1/0", "is not a length"),
        ("29.", "is not a length"),
        ("1.234,5", "is not a length"),
        ("٢٩", "is not a length"),
        ("9" * 5000 + "x", "is not a length"),
        ("1,234", "write 1234 or 1.234"),
    ],
)
def test_what_is_no_length_of_a_garment_is_refused(value: object, complaint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        to_millimetres(value, "in")  # type: ignore[arg-type]
    assert complaint in str(caught.value)
    assert len(str(caught.value)) < 200


def test_an_absurdly_long_integer_is_refused_like_any_other() -> None:
    with pytest.raises(InvalidInput, match="longer than 10 metres"):
        to_millimetres(10**5000, "in")


@pytest.mark.parametrize("unit", ["", "yd", "px", "inchs", "c m"])
def test_an_unknown_unit_is_refused_and_the_known_ones_are_named(unit: str) -> None:
    with pytest.raises(InvalidInput, match="is not known; write one of mm, cm, m, in, ft"):
        to_millimetres(29, unit)


@pytest.mark.parametrize("value", [Decimal("1e-999999"), 5e-324])
def test_a_tiny_number_is_a_tiny_length(value: Decimal | float) -> None:
    assert 0 <= to_millimetres(value, "mm") < 1e-300


@pytest.mark.parametrize(
    ("label", "split"),
    [
        ("Waist (inches)", ("Waist", "inches")),
        ("Outside leg (cm)", ("Outside leg", "cm")),
        ("Rise(mm)", ("Rise", "mm")),
        (" Chest ( In. ) ", ("Chest", "In.")),
        ("Length (back) (cm)", ("Length (back)", "cm")),
        ("Waist", None),
        ("Length (back)", None),
        ("Waist (inches) flat", None),
        ("(inches)", None),
        ("Waist ()", None),
        ("", None),
    ],
)
def test_labels_that_carry_their_unit(label: str, split: tuple[str, str] | None) -> None:
    assert parse_labelled_measurement(label) == split


@given(st.sampled_from(["Waist", "Inside leg", "Rise"]), st.sampled_from([*UNITS, "inches", "centimetres"]))
def test_a_label_and_a_unit_come_apart_again(name: str, unit: str) -> None:
    assert parse_labelled_measurement(f"{name} ({unit})") == (name, unit)


@given(st.text())
def test_any_text_may_be_a_label(text: str) -> None:
    split = parse_labelled_measurement(text)
    assert split is None or to_millimetres(1, split[1])

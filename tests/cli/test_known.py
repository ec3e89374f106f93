"""``--known FIELD=VALUE``: each kind of field takes what a person would write."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from placket.cli.known import parse_known
from placket.errors import InvalidInput
from placket.record import Price, Season, Size, Source, Vocabulary, claims_of_known


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("brand=Acme", "Acme"),
        ("name= a = b ", "a = b"),
        ("color=navy", ["navy"]),
        ("measurements.waist=38 cm", (38, "cm")),
        ("measurements.waist=15.5in", (15.5, "in")),
        ("price=29.90 eur", Price(Decimal("29.90"), "EUR")),
        ("price=30", Price(Decimal(30))),
        ("season=AW 2026", Season("AW", 2026)),
        ("season=autumn", Season("autumn")),
        ("season=SS2026", Season("SS", 2026)),
        ("season=2026", Season("2026")),
        ("season=Drop 202612", Season("Drop 202612")),
        ("season=Drop 4711", Season("Drop 4711")),
        ("season=AW 0000", Season("AW 0000")),
        ("size=M", Size("M")),
        ("visibility.public=yes", True),
        ("in_store_date=2026-11-30", datetime(2026, 11, 30)),  # noqa: DTZ001 - as it is written
        ("descriptions.short=A top", "A top"),
        ("extra.mine.note=x", "x"),
    ],
)
def test_a_value_is_read_as_its_field_wants_it(pair, value):
    known = parse_known([pair])
    assert list(known.values()) == [value]
    [claim] = claims_of_known(known, source=Source("merchant"), vocabulary=Vocabulary.default())
    assert claim.value is not None


def test_a_field_with_several_values_is_given_several_times():
    assert parse_known(["color=navy", "color=white"]) == {"color": ["navy", "white"]}


@pytest.mark.parametrize(
    ("pairs", "complaint"),
    [
        (["brand"], "FIELD=VALUE"),
        (["=Acme"], "FIELD=VALUE"),
        (["brand="], "FIELD=VALUE"),
        (["brnad=Acme"], "did you mean 'brand'?"),
        (["brand=A", "brand=B"], "given twice"),
        (["measurements.waist=38"], "needs a unit"),
        (["measurements.waist=wide"], "a length with its unit"),
        (["measurements=38 cm"], "name a key"),
        (["price=cheap"], "an amount and a currency"),
        (["visibility.public=perhaps"], "yes or no"),
        (["in_store_date=soon"], "a date"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(pairs, complaint):
    with pytest.raises(InvalidInput, match=complaint.replace("?", r"\?")):
        parse_known(pairs)

"""Materials as sellers write them."""

from __future__ import annotations

import pytest

from placket.record import Fibre, Vocabulary
from placket.record.composition import composition_text, parse_composition

KNOWN = Vocabulary.default()


@pytest.mark.parametrize(
    ("text", "fibres"),
    [
        ("100% Cotton", [("cotton", 100, "")]),
        ("100 % cotton", [("cotton", 100, "")]),
        ("95% Organic Cotton, 5% Spandex", [("cotton", 95, ""), ("elastane", 5, "")]),
        ("Cotton 95%, Elastane 5%", [("cotton", 95, ""), ("elastane", 5, "")]),
        ("60% cotton 40% polyamide", [("cotton", 60, ""), ("polyamide", 40, "")]),
        ("Shell: 80% Wool/20% Nylon; Lining: 100% Viscose",
         [("wool", 80, ""), ("polyamide", 20, ""), ("viscose", 100, "lining")]),
        ("12,5% Coconut fibre", [("coconut fibre", 12.5, "")]),
        ("100% artificial silk", [("artificial silk", 100, "")]),
        ("Denim", []),
        ("150% Cotton", []),
        ("", []),
        ("%", []),
        ("7" * 5000, []),
    ],
)  # fmt: skip
def test_a_text_means_these_fibres(text: str, fibres: list[tuple[str, float, str]]) -> None:
    assert parse_composition(text, KNOWN) == tuple(Fibre(*fibre) for fibre in fibres)


@pytest.mark.parametrize("text", ["95% Cotton, 5% Elastane", "100% Wool; lining: 60% Silk, 40% Viscose", "33.5% Linen"])
def test_what_is_written_reads_the_same(text: str) -> None:
    fibres = parse_composition(text, KNOWN)
    assert fibres
    assert parse_composition(composition_text(fibres), KNOWN) == fibres


def test_a_long_text_without_numbers_takes_no_time() -> None:
    assert parse_composition("a " * 1_000_000, KNOWN) == ()

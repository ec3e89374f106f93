"""Materials as sellers write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.record import Fibre, Vocabulary
from placket.record.composition import composition_text, parse_composition

KNOWN = Vocabulary.default()

COTTON = [("cotton", 100, "")]
STRETCH = [("cotton", 95, ""), ("elastane", 5, "")]
LINED = [("cotton", 60, ""), ("polyester", 40, ""), ("polyester", 100, "lining")]


@pytest.mark.parametrize(
    ("text", "fibres"),
    [
        ("100% Cotton", COTTON),
        ("100 % cotton", COTTON),
        ("100% cotton.", COTTON),
        ("Made of 100% cotton", COTTON),
        ("Fabric: 100% cotton", COTTON),
        ("Material composition: shell: 100% cotton", COTTON),
        ("Outer 100% cotton", COTTON),
        ("100% Cotton, machine wash", COTTON),
        ("100% Cotton (organic) - 180 g/m2", COTTON),
        ("100% cotton 180 gsm", COTTON),
        ("100% cotton\nMachine wash\nMade in Italy", COTTON),
        ("100% Cotton. 30% off today.", COTTON),
        ("95% Organic Cotton, 5% Spandex", STRETCH),
        ("Cotton 95%, Elastane 5%", STRETCH),
        ("Cotton 95% Elastane 5%", STRETCH),
        ("Cotton: 95%, Elastane: 5%", STRETCH),
        ("Cotton - 95%, Elastane - 5%", STRETCH),
        ("Cotton (95%), Elastane (5%)", STRETCH),
        ("Cotton (95 %) / Elastane (5 %)", STRETCH),
        ("Made from 95% cotton and 5% elastane", STRETCH),
        ("95% of cotton with 5% LYCRA®", STRETCH),
        ("95% Cotton & 5% Elastane", STRETCH),
        ("95% Cotton + 5% Elastane", STRETCH),
        ("95% cotton \u2013 5% elastane", STRETCH),
        ("95% Cotton\n5% Elastane", STRETCH),
        ("Contains 5% elastane", [("elastane", 5, "")]),
        ("60% cotton 40% polyamide", [("cotton", 60, ""), ("polyamide", 40, "")]),
        ("Shell: 80% Wool/20% Nylon; Lining: 100% Viscose",
         [("wool", 80, ""), ("polyamide", 20, ""), ("viscose", 100, "lining")]),
        ("Shell: 60% Cotton, 40% Polyester, Lining: 100% Polyester", LINED),
        ("Shell: 60% Cotton, 40% Polyester. Lining: 100% Polyester", LINED),
        ("Shell 60% cotton 40% polyester lining 100% polyester", LINED),
        ("Shell - 60% cotton / 40% polyester / lining - 100% polyester", LINED),
        ("60% cotton, 40% polyester, lining made of 100% polyester", LINED),
        ("60% cotton, 40% polyester shell, 100% polyester lining", LINED),
        ("Outer shell:\n60% Cotton\n40% Polyester\nLining:\n100% Polyester", LINED),
        ("Shell: Cotton 60%, Polyester 40%; Lining: Polyester 100%", LINED),
        ("Body 100% cotton; Sleeves: 100% wool, trim 100% silk",
         [("cotton", 100, ""), ("wool", 100, "sleeves"), ("silk", 100, "trim")]),
        ("12,5% Coconut fibre", [("coconut fibre", 12.5, "")]),
        ("100% artificial silk", [("artificial silk", 100, "")]),
        ("100% silk (artificial)", [("silk (artificial)", 100, "")]),
        ("100 % Baumwolle", [("baumwolle", 100, "")]),
        ("Obermaterial: 95,5 % Baumwolle, 4.5 % Elasthan; Futter: 100 % Polyester",
         [("baumwolle", 95.5, "obermaterial"), ("elasthan", 4.5, "obermaterial"), ("polyester", 100, "futter")]),
        ("95 % Baumwolle und 5 % Elasthan", [("baumwolle", 95, ""), ("elasthan", 5, "")]),
        ("Coton 95 % \u2013 Élasthanne 5 %", [("coton", 95, ""), ("élasthanne", 5, "")]),
        ("33,4% Cotton, 33,4% Linen, 33,4% Silk", [("cotton", 33.4, ""), ("linen", 33.4, ""), ("silk", 33.4, "")]),
        ("100% wool, 0% silk", [("wool", 100, "")]),
        ("Shell:95%Cotton,5%Elastane;Lining:100%Silk",
         [("cotton", 95, ""), ("elastane", 5, ""), ("silk", 100, "lining")]),
        ("1,5% Silk,98,5% Cotton", [("silk", 1.5, ""), ("cotton", 98.5, "")]),
    ],
)  # fmt: skip
def test_a_text_means_these_fibres(text: str, fibres: list[tuple[str, float, str]]) -> None:
    assert parse_composition(text, KNOWN) == tuple(Fibre(*fibre) for fibre in fibres)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%",
        "Denim",
        "150% Cotton",
        "1000% cotton",
        "50-60% cotton",
        "50 to 60% cotton",
        "99.5% cotton, .5% silk",
        "at least 50% cotton",
        "100% cotton, 30% off",
        "20% discount today",
        "Save 20%",
        "Sale: 20% off cotton shirts",
        "100% recycled packaging",
        "Packaging: 100% recycled paper",
        "100% satisfaction guaranteed",
        "100% recycled",
        "100% organic. 100% vegan.",
        "95% cotton 5% elastane machine wash cold",
        "100% cotton, 100% polyester",
        "60% cotton, 60% polyester",
        "Shell 100%",
        "Cotton: 60% organic, 40% recycled",
        "Futter 100% Polyester, Obermaterial 100% Baumwolle",
        "Cotton 95% Elastane",
        "95% cotton, elastane",
        "Cotton, 5% elastane",
        "60% cotton, linen, 40% polyester",
        "Shell 100% cotton shell",
        "The straps of this top are made of 100% leather",
        "100% cotton that you will never want to take off again",
        "7" * 5000,
        "1% a" * 600,
    ],
)
def test_a_text_that_is_not_clearly_a_composition_means_no_fibres(text: str) -> None:
    assert parse_composition(text, KNOWN) == ()


_WORDS = [
    "cotton",
    "Elastane",
    "Baumwolle",
    "silk (artificial)",
    "faux-fur",
    "off",
    "organic",
    "lining",
    "shell",
    "Futter",
]
_BETWEEN = [", ", " ", "; ", ": ", " and ", "/", "\n", " - ", ". ", " (", ") "]
_SHARES = ["100%", "60 %", "40%", "12,5%", "4.25%", "0.001%", "33.3333333%", "5% of"]
TEXTS = st.lists(st.sampled_from([*_WORDS, *_BETWEEN, *_SHARES]), max_size=14).map("".join) | st.text(max_size=40)


@given(TEXTS)
def test_what_is_written_reads_the_same(text: str) -> None:
    fibres = parse_composition(text, KNOWN)
    components = list(dict.fromkeys(fibre.component for fibre in fibres))
    together = tuple(sorted(fibres, key=lambda fibre: components.index(fibre.component)))
    assert parse_composition(composition_text(fibres), KNOWN) == together


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["cotton", "polyamide", "baumwolle", "coconut fibre", "artificial silk"]),
            st.floats(0.001, 25, exclude_min=True).map(lambda share: round(share, 3)),
        ),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.sampled_from(["", "lining", "sleeves", "futter"]), min_size=1, max_size=4, unique=True),
)
def test_fibres_are_written_so_that_they_are_read_the_same(shares: list[tuple[str, float]], parts: list[str]) -> None:
    fibres = tuple(Fibre(name, percent, part) for part in parts for name, percent in shares)
    assert parse_composition(composition_text(fibres), KNOWN) == fibres


def test_a_long_text_without_numbers_takes_no_time() -> None:
    assert parse_composition("a " * 1_000_000, KNOWN) == ()

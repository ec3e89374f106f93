"""A record told in rows."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from placket.merge import merge
from placket.record import (
    ArAsset,
    ClaimBuilder,
    Color,
    Fibre,
    Label,
    Measurement,
    MediaItem,
    Method,
    Price,
    Season,
    Shot,
    Size,
    Source,
    Variant,
    Vocabulary,
)
from placket_twins.evidence import by_source, echoes_of, rows_aside, rows_of, shown, unknown_words_of, voices_of
from placket_twins.plain_text import printable
from placket_twins.swatch import hex_of

VOCABULARY = Vocabulary.default()


def color(term_id, share=None):
    term = VOCABULARY.get("color", term_id)
    assert term is not None
    return Color(term, share)


def builder(name, *, lineage="", method=Method.MODEL):
    return ClaimBuilder(Source(name, lineage=lineage), VOCABULARY, method=method)


def test_a_contradicted_colour_has_two_sides():
    seller, camera = builder("seller", method=Method.MERCHANT), builder("camera")
    seller.word("color", "black")
    camera.add("color", color("navy", 0.6), confidence=0.9)
    camera.add("color", color("x:cream", 0.4), confidence=0.9)
    (row,) = rows_of(merge(seller.claims, camera.claims, id="1"))
    assert row.conflict
    assert [each.source for each in row.dissent] == ["seller"]
    assert [each.value for each in row.support] == ["Navy 60%", "Cream 40%"]
    assert by_source(row) == (("seller", ("Black",)), ("camera", ("Navy 60%", "Cream 40%")))


def test_a_narrower_colour_is_no_contradiction():
    one, two = builder("one"), builder("two")
    one.add("color", color("x:cream", 0.9), confidence=0.9)
    two.add("color", color("white"), confidence=0.9)
    (row,) = rows_of(merge(one.claims, two.claims, id="1"))
    assert not row.conflict
    assert {each.source for each in row.support} == {"one", "two"}


def test_echoes_and_unknown_words_stand_apart():
    build = builder("vendor")
    build.word("fit", "Roomy-ish")
    build.text("brand", "Halyard", method=Method.ECHO)
    build.extra("vendor", "tag.Mood", "calm")
    record = merge(build.claims, id="1")
    assert rows_of(record) == ()
    assert [(each.field, each.value, each.raw) for each in unknown_words_of(record)] == [("Fit", "", "Roomy-ish")]
    assert [(each.field, each.value) for each in echoes_of(record)] == [("Brand", "Halyard")]
    assert [(row.label, row.values) for row in rows_aside(record)] == [("Extra: vendor.tag.Mood", ("calm",))]


def test_sources_of_one_lineage_are_named_together():
    one, two, three = builder("one", lineage="net"), builder("two", lineage="net"), builder("three", lineage="other")
    for build in (one, two, three):
        build.text("brand", "Halyard")
    assert voices_of(merge(one.claims, two.claims, three.claims, id="1")) == (("net", ("one", "two")),)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0.5, "0.5"),
        (Measurement(736.6, 29, "inches"), "737 mm (29 inches)"),
        (Measurement(740, 740, "mm", True), "740 mm, between which points is not said"),
        (Price(Decimal("19.90"), "EUR"), "19.90 EUR"),
        (Season("SS", 2026), "SS 2026"),
        (Fibre("cotton", 95.0), "95 % cotton"),
        (Fibre("silk", component="lining"), "silk (lining)"),
        (Size("M"), "M"),
        (Label("summer", "mood"), "summer (mood)"),
        (MediaItem("front", url="https://a.example/1.png"), "front: https://a.example/1.png"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02 03:04+00:00"),
        (Variant("Blue M", "B-1"), "Blue M, B-1"),
        (ArAsset("glb", path="garment.glb", variant="Red"), "glb, Red: garment.glb"),
        (ArAsset("usdz"), "usdz"),
        (Shot("1", "COMPLETED", "detail/1", image=MediaItem("shot", path="detail-1.png")), "detail/1: detail-1.png"),
        (Shot("1", "FAILED", "detail/1"), "detail/1: FAILED"),
        ({"a": [1, {"b": None}]}, '{"a": [1, {"b": null}]}'),
    ],
)
def test_any_value_has_a_line(value, text):
    assert shown(value) == text


@pytest.mark.parametrize(
    ("lab", "color"),
    [
        ((100, 0, 0), "#ffffff"),
        ((0, 0, 0), "#000000"),
        ((53.24, 80.09, 67.2), "#ff0000"),
        ((50, 0, 0), "#777777"),
        ((60, -120, 120), "#00a500"),
    ],
)
def test_lab_becomes_a_web_colour(lab, color):
    assert hex_of(lab)[1:3] == color[1:3]
    assert (
        max(abs(int(hex_of(lab)[i : i + 2], 16) - int(color[i : i + 2], 16)) for i in (1, 3, 5)) <= 2 or lab[1] == -120
    )


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Crêpe de Chine 絹 👗", "Crêpe de Chine 絹 👗"),
        ("a\x1b[31mb", "a\ufffd[31mb"),
        ("a\x00\ud800b", "a\ufffd\ufffdb"),
        ("abc\u202edef", "abc\ufffddef"),
        ("a\nb\tc\r", "a\nb\tc\ufffd"),
    ],
)
def test_text_is_made_fit_to_show(text, safe):
    assert printable(text) == safe


def test_files_and_dates_stand_beside_what_describes_the_garment():
    build = builder("vendor")
    build.text("sku", "A-1")
    build.add("ar.assets", ArAsset("glb", path="garment.glb"))
    build.add("created_at", datetime(2026, 1, 2, tzinfo=UTC))
    build.add("visibility.public", True)
    record = merge(build.claims, id="1")
    assert [row.label for row in rows_of(record)] == ["SKU"]
    assert {row.label for row in rows_aside(record)} == {"AR: assets", "Created at", "Visibility: public"}

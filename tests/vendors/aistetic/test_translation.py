"""From one answer to claims: nothing invented, nothing lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placket.merge import merge
from placket.record import (
    Claim,
    Color,
    Fibre,
    Measurement,
    MediaItem,
    Method,
    Source,
    ValueMap,
    Vocabulary,
    claim_to_json,
    field_of,
)
from placket_aistetic.translation import Translation

VOCABULARY = Vocabulary.default()
VALUES = ValueMap.from_package("placket_aistetic", VOCABULARY)
LENGTH = Measurement(736.6, 29, "inches", ambiguous=True)
SENT = {"Brand": "Stone Island", "Category": "Clothing", "Gender": "Women's", "Material": "Cotton", "Studio": "18"}


def translate(data: Mapping[str, Any], sent: Mapping[str, str] | None = None) -> tuple[Claim, ...]:
    return Translation(Source("tags"), VALUES, sent=sent or {}).claims(data, "976")


def translate_in_turn(*answers: Mapping[str, Any]) -> list[tuple[Claim, ...]]:
    """What one provider makes of answers that come one after the other."""
    memory: dict[bytes, tuple[Claim, ...]] = {}
    return [Translation(Source("tags"), VALUES, sent={}, memory=memory).claims(data, "976") for data in answers]


def of_tags(tag: Any, sent: Mapping[str, str] | None = None) -> tuple[Claim, ...]:
    return translate({"tag": tag}, sent)[1:]


def shown(value: Any) -> Any:
    return getattr(value, "term", value).id if hasattr(getattr(value, "term", value), "id") else value


def summary(claim: Claim) -> tuple[Any, ...]:
    return (claim.field, shown(claim.value), claim.raw, claim.confidence, str(claim.method), claim.path)


def test_the_page_example_claim_by_claim(page_data: dict[str, Any]) -> None:
    tag = "data.tag."
    measured = "data.measurements."
    picture = MediaItem("annotated", url="https://s3.amazonaws.com/path/to/annotated_image.jpg")
    assert [summary(claim) for claim in translate(page_data, SENT)] == [
        ("external_ids.aistetic", "976", "976", None, "rule", "data.uuid"),
        ("media", picture, picture.url, None, "model", "data.annotated_img"),
        ("brand", "Stone Island", "Stone Island", None, "echo", tag + "Brand"),
        ("category_text.category", "Clothing", "Clothing", None, "echo", tag + "Category"),
        ("closure", "buttons", "Button", 0.9, "model", tag + "Closure"),
        ("color", "blue", "Blue", 0.9, "model", tag + "Colour"),
        ("fabric", "denim", "Denim", 0.9, "model", tag + "Fabric Type"),
        ("fit", "slim", "Slim", 0.9, "model", tag + "Fit"),
        ("gender", "female", "Womens", None, "echo", tag + "Gender"),
        ("category", "aa-1-12-4", "Skinny Jeans", 0.9, "model", tag + "Item Type"),
        ("fit", "skinny_leg", "Skinny Jeans", 0.9, "model", tag + "Item Type"),
        ("category_text.item_type", "Skinny Jeans", "Skinny Jeans", 0.9, "model", tag + "Item Type"),
        ("material_text", "Cotton", "Cotton", None, "echo", tag + "Material"),
        ("fabric", "cotton", "Cotton", None, "echo", tag + "Material"),
        ("composition", Fibre("cotton"), "Cotton", None, "echo", tag + "Material"),
        (
            "measurements.length",
            Measurement(736.6, 29, "inches", True),
            29,
            None,
            "model",
            measured + "Length (inches)",
        ),
        ("measurements.rise", Measurement(279.4, 11, "inches"), 11, None, "model", measured + "Rise (inches)"),
        ("measurements.waist", Measurement(736.6, 29, "inches"), 29, None, "model", measured + "Waist (inches)"),
        ("descriptions.long", page_data["description"], page_data["description"], None, "model", "data.description"),
    ]


def alternatives(claims: tuple[Claim, ...], field: str, path: str) -> list[tuple[Any, Any]]:
    (claim,) = [one for one in claims if one.field == field and one.path == f"data.tag.{path}"]
    return [(shown(other.value), other.raw) for other in claim.alternatives]


def test_the_page_example_alternatives(page_data: dict[str, Any]) -> None:
    claims = translate(page_data)
    assert alternatives(claims, "closure", "Closure") == [
        ("drawstring", "Drawstring"),
        ("snap", "Snap"),
        ("zipper", "Zip"),
    ]
    assert alternatives(claims, "color", "Colour") == [
        ("gray", "Grey"),
        ("black", "Black"),
        ("x:turquoise", "Turquoise"),
    ]
    assert alternatives(claims, "fabric", "Fabric Type") == [
        ("canvas", "Canvas"),
        ("x:knit", "Knit"),
        ("corduroy", "Corduroy"),
    ]
    assert alternatives(claims, "fit", "Fit") == [
        ("x:relaxed", "Relaxed"),
        ("x:regular", "Regular"),
        ("x:athletic", "Athletic"),
    ]
    jeans = ["Straight Jeans", "Bootcut Jeans", "High Waist Jeans"]
    assert alternatives(claims, "category", "Item Type") == [("aa-1-12-4", word) for word in jeans]
    # The third says nothing about the fit.
    assert alternatives(claims, "fit", "Item Type") == [
        ("straight_leg", jeans[0]),
        ("x:bootcut", jeans[1]),
        (None, jeans[2]),
    ]


def test_the_word_for_the_confidence_and_what_was_generated_are_marked(page_data: dict[str, Any]) -> None:
    claims = translate(page_data)
    assert {claim.raw_confidence for claim in claims if claim.confidence is not None} == {"High"}
    assert [claim.field for claim in claims if claim.generated] == ["descriptions.long"]


FIELD_MAP = [
    ("data.uuid", "external_ids.aistetic"),
    ("data.annotated_img", "media"),
    ("data.description", "descriptions.long"),
    ("data.tag.Brand", "brand"),
    ("data.tag.Category", "category_text.category"),
    ("data.tag.Item Type", "category"),
    ("data.tag.Item Type", "category_text.item_type"),
    ("data.tag.Closure", "closure"),
    ("data.tag.Colour", "color"),
    ("data.tag.Fabric Type", "fabric"),
    ("data.tag.Fit", "fit"),
    ("data.tag.Gender", "gender"),
    ("data.tag.Material", "material_text"),
    ("data.tag.Material", "composition"),
    ("data.tag.Heel Height", "extra.aistetic.tag.Heel Height"),
    ("data.measurements.Length (inches)", "measurements.length"),
    ("data.measurements.Rise (inches)", "measurements.rise"),
    ("data.measurements.Waist (inches)", "measurements.waist"),
    ("data.measurements.Inside Leg (cm)", "measurements.inseam"),
    ("data.measurements.Cuff Width (mm)", "measurements.cuff_width"),
]


@pytest.mark.parametrize(("path", "field"), FIELD_MAP)
def test_every_path_of_the_answer_fills_its_field(path: str, field: str, page_data: dict[str, Any]) -> None:
    page_data["tag"]["Heel Height"] = "Flat"
    page_data["measurements"] |= {"Inside Leg (cm)": 76, "Cuff Width (mm)": 180}
    assert field in {claim.field for claim in translate(page_data) if claim.path == path}


def test_without_hints_nothing_is_an_echo(page_data: dict[str, Any]) -> None:
    assert {claim.method for claim in translate(page_data)} == {Method.MODEL, Method.RULE}


@pytest.mark.parametrize(
    ("told", "sent", "method"),
    [
        ({"Gender": "Womens"}, {"Gender": "Women's"}, Method.ECHO),
        ({"Gender": "WOMENS"}, {"Gender": "Women's"}, Method.ECHO),
        ({"Gender": "Female"}, {"Gender": "Women's"}, Method.ECHO),
        ({"Gender": "Mens"}, {"Gender": "Women's"}, Method.MODEL),
        ({"Brand": "stone  island"}, {"Brand": "Stone Island"}, Method.ECHO),
        ({"Brand": "Levi's"}, {"Brand": "Stone Island"}, Method.MODEL),
        ({"Material": "Zorblax"}, {"Material": "Cotton"}, Method.MODEL),
        ({"Category": "Zorb"}, {"Category": "Blax"}, Method.MODEL),
        ({"Studio": "18"}, {"Studio": "18"}, Method.ECHO),
        ({"Studio": 18}, {"Studio": "18"}, Method.ECHO),
    ],
)
def test_an_echo_is_what_was_sent_in_any_spelling(told: Any, sent: dict[str, str], method: Method) -> None:
    claims = of_tags(told, sent)
    assert claims
    assert {claim.method for claim in claims} == {method}


@pytest.mark.parametrize(
    ("said", "confidence", "kept"),
    [
        ("High", 0.9, "High"),
        (0.42, 0.42, "0.42"),
        ("0.42", 0.42, "0.42"),
        (1, 1.0, "1"),
        (87, None, "87"),
        ("87%", None, "87%"),
        ("Rather high", None, "Rather high"),
        (True, None, "True"),
        (float("1e999"), None, "inf"),
        pytest.param(10**400, None, str(10**400), id="huge"),
        ("nan", None, "nan"),
        (["High"], None, "['High']"),
        (None, None, ""),
        ("", None, ""),
    ],
)
def test_a_confidence_is_read_or_kept_never_guessed(said: Any, confidence: float | None, kept: str) -> None:
    (claim,) = of_tags({"Fit": "Slim", "Fit Confidence": said})
    assert (claim.confidence, claim.raw_confidence) == (confidence, kept)


def test_an_unknown_word_is_kept_and_flagged() -> None:
    category, text = of_tags({"Item Type": "Zorblax Trousers", "Item Type Alternatives": ["Skinny Jeans"]})
    assert category.is_unknown_word
    assert category.raw == "Zorblax Trousers"
    assert shown(category.alternatives[0].value) == "aa-1-12-4"
    assert (text.field, text.value) == ("category_text.item_type", "Zorblax Trousers")


def test_an_unknown_attribute_keeps_its_companions() -> None:
    (claim,) = of_tags({"Neckline": "Crew", "Neckline Alternatives": ["Round"], "Neckline Confidence": "Low"})
    assert (claim.field, claim.value, claim.confidence) == ("extra.aistetic.tag.Neckline", "Crew", 0.3)
    assert [other.value for other in claim.alternatives] == ["Round"]


@pytest.mark.parametrize("nothing", [None, "", "  ", [], {}, [None, ""]])
def test_what_says_nothing_makes_no_claim(nothing: Any) -> None:
    tag = dict.fromkeys(("Brand", "Colour", "Item Type", "Material"), nothing)
    data = {"uuid": nothing, "annotated_img": nothing, "tag": tag, "measurements": {"Waist (cm)": nothing}}
    claims = translate({**data, "description": nothing, "Heel": nothing})
    assert [claim.field for claim in claims] == ["external_ids.aistetic", *_leftovers(nothing)]


def _leftovers(nothing: Any) -> list[str]:
    # A list of nothings says nothing as words, and is kept where it is no word.
    kept = ["extra.aistetic.measurements.Waist (cm)", "extra.aistetic.description", "extra.aistetic.Heel"]
    return kept if nothing == [None, ""] else []


@pytest.mark.parametrize("item_type", [{}, {"Item Type": None}, {"Item Type": "Zorblax"}])
def test_the_category_places_a_garment_only_where_no_item_type_does(item_type: dict[str, Any]) -> None:
    found = [claim for claim in of_tags({"Category": "Clothing", **item_type}) if claim.path == "data.tag.Category"]
    assert [(claim.field, shown(claim.value)) for claim in found] == [
        ("category_text.category", "Clothing"),
        ("category", "aa-1"),
    ]
    found = list(of_tags({"Category": "Clothing", "Item Type": "Jeans"}))
    assert [shown(claim.value) for claim in found if claim.field == "category"] == ["aa-1-12-4"]


FIT = st.dictionaries(
    st.sampled_from(["Fit", "Fit Alternatives", "Fit Confidence", "Fit Alternatives Confidence"]),
    st.sampled_from([None, "", [], "Slim", ["Regular"], "High"]),
)


@given(FIT, FIT)
def test_what_was_remembered_changes_no_answer(one: dict[str, Any], other: dict[str, Any]) -> None:
    answers = [{"tag": one}, {"tag": other}, {"tag": one}]
    assert translate_in_turn(*answers) == [translate(data) for data in answers]


def test_several_values_are_several_claims() -> None:
    claims = of_tags({"Colour": ["Blue", None, "White"], "Colour Confidence": "High"})
    assert [(claim.field, shown(claim.value), claim.confidence) for claim in claims] == [
        ("color", "blue", 0.9),
        ("color", "white", 0.9),
    ]


def test_one_alternative_may_come_without_a_list() -> None:
    (claim,) = of_tags({"Fit": "Slim", "Fit Alternatives": "Regular"})
    assert [shown(other.value) for other in claim.alternatives] == ["x:regular"]


@pytest.mark.parametrize(
    ("data", "field", "raw"),
    [
        ({"tag": ["Blue"]}, "extra.aistetic.tag", ["Blue"]),
        ({"tag": {"Colour": {"name": "Blue"}}}, "extra.aistetic.tag.Colour", {"name": "Blue"}),
        ({"tag": {"Fit": "Slim", "Fit Alternatives": {"1": "x"}}}, "extra.aistetic.tag.Fit Alternatives", {"1": "x"}),
        ({"tag": {"Fit": None, "Fit Confidence": "High"}}, "extra.aistetic.tag.Fit Confidence", "High"),
        ({"measurements": [29]}, "extra.aistetic.measurements", [29]),
        ({"measurements": {"Waist": 29}}, "extra.aistetic.measurements.Waist", 29),
        ({"measurements": {"Waist (ells)": 1}}, "extra.aistetic.measurements.Waist (ells)", 1),
        ({"measurements": {"Waist (cm)": [1, 2]}}, "extra.aistetic.measurements.Waist (cm)", [1, 2]),
        ({"measurements": {"腰 (cm)": 70}}, "extra.aistetic.measurements.腰 (cm)", 70),
        ({"measurements": {"Waist (cm)": "wide"}}, "measurements.waist", "wide"),
        ({"description": {"en": "Blue"}}, "extra.aistetic.description", {"en": "Blue"}),
        ({"annotated_img": "javascript:alert(1)"}, "extra.aistetic.annotated_img", "javascript:alert(1)"),
        ({"size_chart": {"M": 38}}, "extra.aistetic.size_chart", {"M": 38}),
        ({"status": {"code": 3}}, "extra.aistetic.status", {"code": 3}),
    ],
)
def test_a_wrong_shape_is_kept_as_it_came(data: dict[str, Any], field: str, raw: Any) -> None:
    found = [claim for claim in translate(data) if claim.field == field]
    assert [claim.raw for claim in found] == [raw]


def test_the_job_s_own_word_is_no_fact_about_the_garment() -> None:
    assert [claim.field for claim in translate({"status": "complete"})] == ["external_ids.aistetic"]


def test_a_number_may_come_as_a_text() -> None:
    claims = translate({"measurements": {"Waist (cm)": "73,5"}})
    assert claims[1].value == Measurement(735.0, "73,5", "cm")


def test_only_a_fibre_makes_a_composition() -> None:
    assert [claim.field for claim in of_tags({"Material": "Denim"})] == ["material_text", "fabric"]
    assert [claim.field for claim in of_tags({"Material": "98% Zorblax"})] == ["material_text"]
    assert [shown(claim.value) for claim in of_tags({"Material": "Spandex"})] == ["Spandex", "lycra", Fibre("elastane")]


def test_several_pictures() -> None:
    claims = translate({"annotated_img": ["https://a.example/1", "http://a.example/2"]})
    assert [claim.value.url for claim in claims[1:]] == ["https://a.example/1", "http://a.example/2"]


def test_the_merged_record_reads_well(page_data: dict[str, Any]) -> None:
    record = merge([translate(page_data, SENT)], id="976")
    assert record.category is not None
    assert record.category.id == "aa-1-12-4"
    assert [color.term.id for color in record.color if isinstance(color, Color)] == ["blue"]
    assert record.brand is None, "an echo is no evidence"
    assert record.measurements["waist"].mm == 736.6


numbers = st.integers(-10, 10**12) | st.floats(allow_nan=False, allow_infinity=False)  # JSON has no others
scalars = st.none() | st.booleans() | numbers | st.text(max_size=8)
anything = st.recursive(
    scalars | st.sampled_from(["High", "Blue", "Skinny Jeans"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
tag_names = st.sampled_from(["Brand", "Colour", "Item Type", "Material", "Gender", "Category", "Pile"]).flatmap(
    lambda name: st.sampled_from([name, f"{name} Alternatives", f"{name} Confidence"])
)
measured = st.sampled_from(["Waist (inches)", "Length (cm)", "Waist", "Ärmel (mm)", "( ) (cm)", ""]) | st.text(
    max_size=6
)
answers = st.fixed_dictionaries(
    {},
    optional={
        "uuid": anything,
        "annotated_img": anything,
        "tag": anything | st.dictionaries(tag_names, anything, max_size=6),
        "measurements": anything | st.dictionaries(measured, anything, max_size=4),
        "description": anything,
        "complete": anything,
        "status": anything,
        "new": anything,
    },
)


@given(answers)
def test_no_answer_is_too_odd(data: dict[str, Any]) -> None:
    for claim in translate(data, SENT):
        field_of(claim.field)
        json.dumps(claim_to_json(claim))
        assert len(claim.id) == 32


@given(answers, st.lists(answers, max_size=3))
def test_what_was_answered_before_changes_nothing(data: dict[str, Any], before: list[dict[str, Any]]) -> None:
    alone = translate(data)
    for claims in (translate_in_turn(*before, data)[-1], translate_in_turn(data, data)[-1]):
        assert [repr(claim) for claim in claims] == [repr(claim) for claim in alone]


def test_a_tag_is_not_confused_with_a_measurement_of_the_same_name() -> None:
    tag, measured = translate_in_turn({"tag": {"Waist (cm)": 70}}, {"measurements": {"Waist (cm)": 70}})
    assert [claim.field for claim in (*tag[1:], *measured[1:])] == [
        "extra.aistetic.tag.Waist (cm)",
        "measurements.waist",
    ]


@pytest.mark.parametrize("said", ["nice \ud83d", 29, 29.0, True, 1, 2**70, 10**400])
@pytest.mark.parametrize("other", ["nice \ud83e", 29, 29.0, True, 1, 2**70])
def test_what_looks_alike_is_not_confused(said: Any, other: Any) -> None:
    of_other, of_said = translate_in_turn({"tag": {"Pile": other}}, {"tag": {"Pile": said}})
    assert repr([claim.raw for claim in of_other[1:]]) == repr([other])
    assert repr([claim.raw for claim in of_said[1:]]) == repr([said])

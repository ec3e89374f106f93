"""Canonical values in the vendor's words."""

from __future__ import annotations

import pytest

from placket.interfaces import Findings
from placket.record import Alternative, ClaimBuilder, Color, Method, Source, Vocabulary
from placket_twins.aistetic.words import AisteticWords

VOCABULARY = Vocabulary.default()
WORDS = AisteticWords.load()


@pytest.fixture
def build() -> ClaimBuilder:
    return ClaimBuilder(Source("scripted"), VOCABULARY)


def term(attribute, term_id):
    found = VOCABULARY.get(attribute, term_id)
    assert found is not None, (attribute, term_id)
    return found


def answer(build, **attributes):
    return WORDS.answer(Findings(build.claims), attributes)


@pytest.mark.parametrize(
    ("attribute", "term_id", "word"),
    [(attribute, term_id, word) for attribute, table in WORDS.words.items() for term_id, word in table.items()],
)
def test_every_word_means_the_value_that_it_stands_for(attribute, term_id, word):
    said = term(attribute, term_id)
    meant = VOCABULARY.find(attribute, word)
    assert meant is None or meant == said, f"{word!r} means {meant.id} in the vocabulary"
    assert WORDS.word(said) == word


@pytest.mark.parametrize(
    ("term_id", "word"),
    [("x:cream", "White"), ("x:charcoal", "Grey"), ("x:teal", "Green"), ("x:turquoise", "Turquoise")],
)
def test_a_colour_without_a_word_is_said_by_the_broader_one(term_id, word):
    assert WORDS.word(term("color", term_id)) == word


def test_a_value_without_any_word_is_not_said(build):
    build.add("color", Color(term("color", "clear")), confidence=0.9)
    build.add("category", term("category", "aa-1"), confidence=0.9)
    assert answer(build)["tag"] == {}


@pytest.mark.parametrize(
    ("category", "name", "term_id", "word"),
    [
        ("aa-1-12-4", "fit", "skinny_leg", "Skinny Jeans"),
        ("aa-1-12-4", "fit", "straight_leg", "Straight Jeans"),
        ("aa-1-12-4", "fit", "x:bootcut", "Bootcut Jeans"),
        ("aa-1-12-4", "waist_rise", "high", "High Waist Jeans"),
        ("aa-1-4", "fit", "skinny_leg", "Dress"),
    ],
)
def test_a_joint_word_is_used_when_both_things_were_seen(build, category, name, term_id, word):
    build.add("category", term("category", category))
    build.add(name, term(name, term_id))
    assert answer(build)["tag"]["Item Type"] == word


@pytest.mark.parametrize(
    ("probability", "word"), [(1.0, "High"), (0.75, "High"), (0.6, "Medium"), (0.3, "Low"), (0.0, "Low")]
)
def test_confidence_is_a_word(build, probability, word):
    build.add("fit", term("fit", "slim"), confidence=probability)
    assert answer(build)["tag"]["Fit Confidence"] == word


def test_a_confidence_that_nobody_stated_has_no_word(build):
    build.add("fit", term("fit", "slim"))
    assert "Fit Confidence" not in answer(build)["tag"]


def test_the_largest_colour_is_the_colour_and_the_others_are_alternatives(build):
    other = (Alternative(Color(term("color", "black"))), Alternative(None, "puce"))
    build.add("color", Color(term("color", "x:cream"), 0.4), confidence=0.9)
    build.add("color", Color(term("color", "navy"), 0.6), confidence=0.7, alternatives=other)
    tags = answer(build)["tag"]
    assert tags["Colour"] == "Navy"
    assert tags["Colour Alternatives"] == ["White", "Black"]
    assert tags["Colour Confidence"] == "Medium"


def test_echoes_and_unknown_words_of_the_tagger_are_not_said(build):
    build.add("fit", term("fit", "slim"), method=Method.ECHO)
    build.word("color", "puce-ish")
    assert answer(build) == {"annotated_img": "", "tag": {}, "measurements": {}, "description": ""}


def test_studio_is_not_echoed_and_gender_loses_its_apostrophe(build):
    sent = {"Brand": "Stone Island", "Gender": "Men\u2019s", "Studio": "18", "Season": "SS26", "Material": ""}
    assert answer(build, **sent)["tag"] == {"Brand": "Stone Island", "Gender": "Mens"}


def test_the_description_says_what_was_sent_and_seen_and_nothing_else(build):
    build.add("category", term("category", "x:long_sleeve_top"))
    build.add("pattern", term("pattern", "striped"))
    build.add("color", Color(term("color", "navy"), 0.6))
    build.add("color", Color(term("color", "x:cream"), 0.4))
    text = answer(build, Brand="Halyard", Gender="Women's", Material="Cotton")["description"]
    assert text == "This Halyard women's striped long sleeve top in cotton is navy and white."


def test_a_description_has_no_doubtful_colours(build):
    build.add("color", Color(term("color", "navy"), 0.8), confidence=0.8)
    build.add("color", Color(term("color", "gray"), 0.2), confidence=0.3)
    assert answer(build)["description"] == "This garment is navy."


def test_a_description_needs_something_seen(build):
    assert answer(build, Brand="Halyard")["description"] == ""
    build.add("pattern", term("pattern", "striped"))
    assert answer(build)["description"] == "This striped garment."


def test_an_annotated_picture_of_the_tagger_is_passed_on(build):
    build.media("annotated", "https://images.example.com/annotated.png")
    assert answer(build)["annotated_img"] == "https://images.example.com/annotated.png"

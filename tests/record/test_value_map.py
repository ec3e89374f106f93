"""What a vendor's words mean, and what a file of them must not say."""

from __future__ import annotations

import pytest

from placket.errors import InvalidInput
from placket.record import ValueMap, Vocabulary


def read(text: str) -> ValueMap:
    return ValueMap.from_toml(text, origin="acme/vocabulary.toml", vocabulary=Vocabulary.default())


def test_words_and_confidences_are_read():
    values = read(
        '[words.color]\n"grey melange" = "gray"\n'
        '[words.category]\n"skinny jeans" = { category = "aa-1-12-4", fit = "skinny_leg" }\n'
        "[confidence]\nHigh = 0.9\nSure = 1\nNever = 0\n"
    )
    assert {name: term.id for name, term in values.meaning("color", "Grey-Melange").items()} == {"color": "gray"}
    assert {name: term.id for name, term in values.meaning("category", "Skinny jeans").items()} == {
        "category": "aa-1-12-4",
        "fit": "skinny_leg",
    }
    assert [values.confidence(word) for word in ("HIGH", "sure", "never", "other")] == [0.9, 1.0, 0.0, None]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[words.color", "Expected"),
        ('[words.color]\nx = "nope"', "words.color.\"x\" says color = 'nope', which the vocabulary does not have"),
        ('[words.color]\nx = "Navy"', "words.color.\"x\" says color = 'Navy', which the vocabulary does not have"),
        ("[words.color]\nx = 3", 'words.color."x": must be the id of a value'),
        ('[words.color]\nx = ["navy"]', 'words.color."x": must be the id of a value'),
        ("[words.category]\nx = { color = 3 }", 'words.category."x": must be the id of a value'),
        ('[words.category]\nx = { colour = "navy" }', "words.category.\"x\": a garment record has no field 'colour'"),
        ('[words.colour]\nx = "navy"', "words.colour: a garment record has no field 'colour'"),
        ("[words.colour]", "words.colour: a garment record has no field 'colour'"),
        ('[words.color]\n"Sea blue" = "blue"\nsea-blue = "navy"', 'words.color."sea-blue": is there twice'),
        ('words = "x"', "words: must be a table"),
        ('[words]\ncolor = "navy"', "words.color: must be a table"),
        ('[word.color]\nx = "navy"', "word: unknown table; known: words, confidence"),
        ("confidence = 0.9", "confidence: must be a table"),
        ('[confidence]\nHigh = "high"', 'confidence."High": must be a probability from 0 to 1'),
        ("[confidence]\nHigh = 1.2", 'confidence."High": must be a probability from 0 to 1'),
        ("[confidence]\nHigh = -0.1", 'confidence."High": must be a probability from 0 to 1'),
        ("[confidence]\nHigh = nan", 'confidence."High": must be a probability from 0 to 1'),
        ("[confidence]\nHigh = true", 'confidence."High": must be a probability from 0 to 1'),
        ("[confidence]\nHigh = 0.9\nhigh = 0.8", 'confidence."high": is there twice'),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(text, complaint):
    with pytest.raises(InvalidInput) as caught:
        read(text)
    assert str(caught.value).startswith(f"acme/vocabulary.toml: {complaint}")


def test_a_word_in_two_spellings_may_say_one_thing():
    assert (
        read('[words.color]\n"Sea blue" = "blue"\nsea-blue = "blue"').meaning("color", "sea_blue")["color"].id == "blue"
    )

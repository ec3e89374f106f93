"""What the vendor's words mean: the page's own, and their neighbours."""

from __future__ import annotations

import pytest

from placket.record import ValueMap, Vocabulary

PAGE_WORDS = [
    ("color", "Blue", {"color": "blue"}),
    ("color", "Grey", {"color": "gray"}),
    ("color", "Black", {"color": "black"}),
    ("color", "Turquoise", {"color": "x:turquoise"}),
    ("closure", "Button", {"closure": "buttons"}),
    ("closure", "Drawstring", {"closure": "drawstring"}),
    ("closure", "Snap", {"closure": "snap"}),
    ("closure", "Zip", {"closure": "zipper"}),
    ("fabric", "Denim", {"fabric": "denim"}),
    ("fabric", "Canvas", {"fabric": "canvas"}),
    ("fabric", "Corduroy", {"fabric": "corduroy"}),
    ("fabric", "Knit", {"fabric": "x:knit"}),
    ("fabric", "Cotton", {"fabric": "cotton"}),
    ("fit", "Slim", {"fit": "slim"}),
    ("fit", "Relaxed", {"fit": "x:relaxed"}),
    ("fit", "Regular", {"fit": "x:regular"}),
    ("fit", "Athletic", {"fit": "x:athletic"}),
    ("gender", "Womens", {"gender": "female"}),
    ("gender", "Women's", {"gender": "female"}),
    ("category", "Skinny Jeans", {"category": "aa-1-12-4", "fit": "skinny_leg"}),
    ("category", "Straight Jeans", {"category": "aa-1-12-4", "fit": "straight_leg"}),
    ("category", "Bootcut Jeans", {"category": "aa-1-12-4", "fit": "x:bootcut"}),
    ("category", "High Waist Jeans", {"category": "aa-1-12-4", "waist_rise": "high"}),
    ("category", "Clothing", {"category": "aa-1"}),
]

NEIGHBOURS = [
    ("category", "Wide-Leg Jeans", {"category": "aa-1-12-4", "fit": "wide"}),
    ("category", "Maxi Dress", {"category": "aa-1-4", "length": "skirt:maxi"}),
    ("category", "Crew Neck T-Shirt", {"category": "aa-1-13-8", "neckline": "crew"}),
    ("category", "Zip-Up Hoodie", {"category": "aa-1-13-13", "closure": "zipper"}),
    ("category", "Denim Jacket", {"category": "x:denim_jacket", "fabric": "denim"}),
    ("category", "Chelsea Boots", {"category": "aa-8-3", "boot_style": "chelsea"}),
    ("category", "Blazer", {"category": "x:blazer"}),
    ("gender", "Girls", {"gender": "female", "age_group": "kids"}),
    ("gender", "Kids", {"age_group": "kids"}),
    ("closure", "None", {"closure": "no_closure"}),
    ("category", "Zorblax Trousers", {}),
]


@pytest.fixture(scope="module")
def values() -> ValueMap:
    return ValueMap.from_package("placket_aistetic", Vocabulary.default())


@pytest.mark.parametrize(("field", "word", "meaning"), PAGE_WORDS + NEIGHBOURS)
def test_a_word_says(values: ValueMap, field: str, word: str, meaning: dict[str, str]) -> None:
    assert {target: term.id for target, term in values.meaning(field, word).items()} == meaning


@pytest.mark.parametrize(("word", "confidence"), [("High", 0.9), ("medium", 0.6), ("LOW", 0.3), ("Certain", None)])
def test_a_word_for_a_confidence(values: ValueMap, word: str, confidence: float | None) -> None:
    assert values.confidence(word) == confidence

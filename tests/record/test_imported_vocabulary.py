"""A vocabulary that is grown by a whole taxonomy: what it had keeps its meaning, and nothing is guessed."""

from __future__ import annotations

import pytest

from placket.errors import InvalidInput
from placket.record import Vocabulary

OWN = """
version = "1"
[color]
blue = { gid = 2, label = "Blue", aliases = ["azure"] }
navy = { gid = 15, label = "Navy", broader = "blue" }
[category]
aa = { label = "Clothing" }
aa-1 = { label = "Shorts" }
"""
IMPORTED = """
version = "9"
[color]
blue = { gid = 3, label = "Another blue" }
sky = { gid = 4, label = "Azure", aliases = ["welkin"], lab = [80, -10, -20] }
[category]
aa-2 = { label = "Shorts", google = 7 }
aa-2-1 = { label = "Loops" }
aa-2-2 = { label = "Loops" }
aa-2-3 = { label = "Kilts" }
[season]
summer = { label = "Summer" }
"""


@pytest.fixture
def grown():
    return Vocabulary.from_toml(OWN, origin="own").with_imported(IMPORTED, origin="imported")


def test_new_values_are_there_with_what_lies_above_them(grown):
    kilts = grown.find("category", "kilts")
    assert [term.id for term in kilts.lineage] == ["aa-2-3", "aa-2", "aa"]
    assert kilts.gid == "gid://shopify/TaxonomyCategory/aa-2-3"
    assert grown.google_category(kilts) == 7
    assert grown.find("season", "summer").label == "Summer"
    assert grown.lab(grown.get("color", "sky")) == (80, -10, -20)
    assert grown.version == "1+9"


def test_what_was_there_keeps_its_id_and_its_words(grown):
    assert grown.get("color", "blue").label == "Blue"
    assert grown.find("color", "another blue") is None
    assert grown.find("color", "azure").id == "blue"
    assert grown.find("color", "welkin").id == "sky"
    assert grown.find("category", "shorts").id == "aa-1"
    assert grown.words(grown.get("category", "aa-2")) == ("aa 2",)


def test_a_word_that_would_mean_two_new_values_means_none(grown):
    assert grown.find("category", "loops") is None
    assert grown.find("category", "aa-2-1").id == "aa-2-1"


def test_the_vocabulary_that_is_grown_does_not_change():
    own = Vocabulary.from_toml(OWN, origin="own")
    own.with_imported(IMPORTED, origin="imported")
    assert own.find("category", "kilts") is None
    assert own.version == "1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[color", "imported: not a TOML document"),
        ("[color]", "imported: version: missing"),
        ('version = "9"\n[category]\naa-7-1 = { label = "Hanging" }', "broader 'aa-7' is no value of category"),
    ],
)
def test_what_is_no_vocabulary_is_told(text, told):
    with pytest.raises(InvalidInput, match=told):
        Vocabulary.from_toml(OWN, origin="own").with_imported(text, origin="imported")

"""The vocabulary that comes with Placket: its values, and the words that find them."""

import math
import subprocess
import sys
import tomllib
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import placket.record.vocabulary as room
from placket.record.terms import Term
from placket.record.vocabulary import Vocabulary, normalize_word

VOCABULARY = Vocabulary.default()
TERMS = [term for attribute in VOCABULARY.attributes() for term in VOCABULARY.terms(attribute)]
WRITTEN = tomllib.loads(Path(room.__file__).with_name("vocabulary.toml").read_text("utf-8"))

any_term = st.sampled_from(TERMS)


def found(attribute: str, word: str) -> str | None:
    term = VOCABULARY.find(attribute, word)
    return None if term is None else term.id


class TestWhatComesWithPlacket:
    def test_every_attribute_of_the_record_has_values(self) -> None:
        assert set(VOCABULARY.attributes()) == {
            *("category", "color", "pattern", "fabric", "gender", "age_group", "neckline", "sleeve_length", "fit"),
            *("closure", "waist_rise", "length", "care", "features", "boot_style", "dress_style", "dress_occasion"),
            *("size_system", "size_group", "measurement"),
        }
        assert all(VOCABULARY.terms(attribute) for attribute in VOCABULARY.attributes())

    def test_it_is_read_once(self) -> None:
        assert Vocabulary.default() is VOCABULARY

    def test_a_term_keeps_the_order_of_the_file(self) -> None:
        assert [term.id for term in VOCABULARY.terms("gender")] == ["female", "male", "unisex", "other"]
        assert [term.id for term in VOCABULARY.terms("fabric")] == list(WRITTEN["fabric"])

    def test_every_term_is_found_by_all_that_is_written_for_it(self) -> None:
        for term in TERMS:
            entry = WRITTEN[term.attribute][term.id]
            assert VOCABULARY.get(term.attribute, term.id) is term
            for word in (term.id, term.label, *entry.get("aliases", ())):
                assert VOCABULARY.find(term.attribute, word) is term

    def test_no_two_terms_of_an_attribute_share_a_word(self) -> None:
        for attribute, table in WRITTEN.items():
            if attribute != "version":
                words = [
                    {normalize_word(word) for word in (term_id, entry["label"], *entry.get("aliases", ()))}
                    for term_id, entry in table.items()
                ]
                assert len(set.union(*words)) == sum(map(len, words)), attribute

    def test_no_alias_is_written_twice(self) -> None:
        for attribute, table in WRITTEN.items():
            for term_id, entry in table.items() if attribute != "version" else ():
                said = [normalize_word(word) for word in (entry["label"], *entry.get("aliases", ()))]
                assert len(set(said)) == len(said), (attribute, term_id)

    @given(any_term)
    def test_what_lies_above_a_term_ends_and_is_the_vocabularys_own(self, term: Term) -> None:
        above = []
        for step in term.lineage:
            assert step not in above
            assert VOCABULARY.get(term.attribute, step.id) is step
            above.append(step)
        assert len(above) < 8

    def test_a_category_lies_under_the_one_its_id_says(self) -> None:
        jeans = VOCABULARY.get("category", "aa-1-12-4")
        assert jeans is not None
        assert [term.id for term in jeans.lineage] == ["aa-1-12-4", "aa-1-12", "aa-1", "aa"]

    def test_every_category_leads_to_apparel(self) -> None:
        root = VOCABULARY.get("category", "aa")
        assert root is not None
        assert all(term.is_a(root) for term in VOCABULARY.terms("category"))

    def test_gids_are_whole_and_unique(self) -> None:
        jeans, navy = VOCABULARY.get("category", "aa-1-12-4"), VOCABULARY.get("color", "navy")
        assert jeans is not None
        assert jeans.gid == "gid://shopify/TaxonomyCategory/aa-1-12-4"
        assert navy is not None
        assert navy.gid == "gid://shopify/TaxonomyValue/15"
        gids = [term.gid for term in TERMS if term.gid]
        assert len(set(gids)) == len(gids)

    def test_only_our_own_values_and_those_of_schema_org_have_no_gid(self) -> None:
        of_schema_org = {"size_system", "size_group", "measurement"}
        for term in TERMS:
            if term.attribute not in of_schema_org:
                assert (term.gid is None) == term.id.startswith("x:"), term

    def test_the_schema_org_enumerations_are_complete(self) -> None:
        sizes = {attribute: VOCABULARY.terms(attribute) for attribute in ("size_system", "size_group", "measurement")}
        own = {
            attribute: [term for term in terms if not term.id.startswith("x:")] for attribute, terms in sizes.items()
        }
        assert {attribute: len(terms) for attribute, terms in own.items()} == {
            "size_system": 14,
            "size_group": 17,
            "measurement": 12,
        }

    def test_google_categories_come_from_the_nearest_category_that_has_one(self) -> None:
        for word, google in {"jeans": 204, "beanie": 173, "dress": 2271, "loafers": 187, "blazer": 5598}.items():
            category = VOCABULARY.find("category", word)
            assert category is not None
            assert VOCABULARY.google_category(category) == google
        assert all(VOCABULARY.google_category(category) for category in VOCABULARY.terms("category"))

    def test_a_value_that_is_no_category_has_no_google_category(self) -> None:
        navy = VOCABULARY.find("color", "navy")
        assert navy is not None
        assert VOCABULARY.google_category(navy) is None

    @pytest.mark.parametrize(
        ("attribute", "words"),
        {
            "category": "tee=aa-1-13-8 t shirt=aa-1-13-8 T-Shirts=aa-1-13-8 jumper=aa-1-13-12 trousers=aa-1-12-11 "
            "pants=aa-1-12 trainers=aa-8-8 boots=aa-8-3 sweatshirt=aa-1-13-14 clothing=aa-1 top=aa-1-13 hats=aa-2-17 "
            "outfit=aa-1-11 socks=aa-1-18 shoes=aa-8",
            "color": "Grey=gray NAVY BLUE=navy turquoise=x:turquoise charcoal=x:charcoal Light-Blue=x:light_blue",
            "closure": "Zip=zipper Button=buttons Snap=snap Drawstring=drawstring hook and eye=hook_eye",
            "fabric": "Knit=x:knit Cotton=cotton elastane=lycra crêpe=x:crepe crepe=x:crepe",
            "fit": "Skinny=skinny_leg Regular=x:regular boot-cut=x:bootcut Athletic=x:athletic",
            "gender": "Womens=female Women's=female WOMENS=female women\u2019s=female MALE=male UNISEX=unisex",
            "measurement": "Chest=chest_or_bust Inside leg=inseam Rise=x:rise Length=length Waist=waist",
            "neckline": "polo neck=turtle crewneck=crew V Neck=v_neck",
            "waist_rise": "High Waist=high",
            "sleeve_length": "3/4=three_quarter",
            "boot_style": "chelsea boots=chelsea",
        }.items(),
    )
    def test_words_of_the_trade_are_known(self, attribute: str, words: str) -> None:
        pairs = [pair.rpartition("=") for pair in _pairs(words)]
        assert {word: found(attribute, word) for word, _, _ in pairs} == {word: id_ for word, _, id_ in pairs}

    @pytest.mark.parametrize("word", ["", "  ", "nvay", "navyish", "nav", "blue navy", "none", "n/a"])
    def test_nothing_is_guessed(self, word: str) -> None:
        assert VOCABULARY.find("color", word) is None

    def test_a_text_that_says_nothing_is_no_value_anywhere(self) -> None:
        for word in ("none", "null", "n/a", "unknown", "-", ""):
            assert [attribute for attribute in VOCABULARY.attributes() if VOCABULARY.find(attribute, word)] == []

    def test_a_bare_length_word_does_not_pick_a_kind_of_garment(self) -> None:
        assert found("length", "long") == "x:long"
        for term_id in ("pants:long", "top:long"):
            term = VOCABULARY.get("length", term_id)
            assert term is not None
            assert term.broader == VOCABULARY.get("length", "x:long")

    def test_an_unknown_attribute_is_empty_not_an_error(self) -> None:
        assert VOCABULARY.find("horsepower", "navy") is None
        assert VOCABULARY.get("horsepower", "navy") is None
        assert VOCABULARY.terms("horsepower") == ()


def _pairs(words: str) -> list[str]:
    """Split "navy blue=navy grey=gray" after each value."""
    pairs: list[str] = []
    pending: list[str] = []
    for part in words.split(" "):
        pending.append(part)
        if "=" in part:
            pairs.append(" ".join(pending))
            pending = []
    return pairs


class TestColors:
    COLORS = tuple(term for term in VOCABULARY.terms("color") if VOCABULARY.lab(term))

    def test_every_colour_has_a_centroid_but_those_that_are_no_single_colour(self) -> None:
        without = {term.id for term in VOCABULARY.terms("color")} - {term.id for term in self.COLORS}
        assert without == {"bronze", "clear", "gold", "multicolor", "rose_gold", "silver"}

    def test_only_colours_have_centroids(self) -> None:
        assert {term.attribute for term in TERMS if VOCABULARY.lab(term)} == {"color"}

    def test_a_centroid_is_nearest_to_itself_by_a_clear_margin(self) -> None:
        for one, other in combinations(self.COLORS, 2):
            lab, other_lab = VOCABULARY.lab(one), VOCABULARY.lab(other)
            assert lab is not None
            assert other_lab is not None
            assert math.dist(lab, other_lab) > 5, (one.id, other.id)

    @pytest.mark.parametrize(
        ("color", "lightness", "a", "b"),
        [
            ("black", (0, 20), (-5, 5), (-5, 5)),
            ("white", (90, 100), (-5, 5), (-5, 5)),
            ("red", (30, 60), (40, 90), (10, 70)),
            ("green", (30, 70), (-80, -15), (5, 70)),
            ("blue", (20, 60), (-20, 60), (-90, -25)),
            ("yellow", (70, 98), (-25, 20), (40, 100)),
            ("navy", (5, 30), (-5, 30), (-50, -8)),
        ],
    )
    def test_centroids_lie_where_the_eye_expects_them(
        self, color: str, lightness: tuple[int, int], a: tuple[int, int], b: tuple[int, int]
    ) -> None:
        lab = VOCABULARY.lab(Term("color", color, ""))
        assert lab is not None
        for part, (low, high) in zip(lab, (lightness, a, b), strict=True):
            assert low <= part <= high


class TestWords:
    @given(any_term, st.sampled_from([str.upper, str.title, str.swapcase]), st.sampled_from(["-", "_", "  ", "\u2011"]))
    def test_case_and_joints_do_not_count(self, term: Term, recased: object, joint: str) -> None:
        assert callable(recased)
        assert VOCABULARY.find(term.attribute, f" {recased(term.label)} ".replace(" ", joint)) is term

    @given(st.text())
    def test_any_text_may_be_asked_for(self, word: str) -> None:
        term = VOCABULARY.find("color", word)
        assert term is None or term.attribute == "color"

    @pytest.mark.parametrize(
        ("written", "normalized"),
        [
            ("Women's", "womens"),
            ("WOMEN\u2019S", "womens"),
            ("V-Neck", "v neck"),
            ("v_neck", "v neck"),
            ("  V \t neck\u00a0", "v neck"),
            ("Hook&Eye", "hook and eye"),
            ("Stra\u00dfe", "strasse"),
            ("CR\u00caPE", "crêpe"),
            ("\uff4e\uff41\uff56\uff59", "navy"),
        ],
    )
    def test_normalized_forms(self, written: str, normalized: str) -> None:
        assert normalize_word(written) == normalized

    def test_accents_count(self) -> None:
        assert normalize_word("crêpe") != normalize_word("crepe")


def test_importing_reads_no_file_and_no_toml_parser() -> None:
    code = "import sys, placket.record.vocabulary as v; assert 'tomllib' not in sys.modules; assert v.Vocabulary"
    subprocess.run([sys.executable, "-c", code], check=True)

"""What reading a vocabulary from a document, and adding values to one, accept and refuse."""

from typing import Any

import pytest

from placket.errors import InvalidInput
from placket.record.terms import Term
from placket.record.vocabulary import Vocabulary, VocabularyAddition

VOCABULARY = Vocabulary.default()


def small(*lines: str) -> Vocabulary:
    return Vocabulary.from_toml("\n".join(['version = "1"', *lines]), origin="mine.toml")


def with_navy(*additions: VocabularyAddition) -> Vocabulary:
    return small("[color]", 'blue = { label = "Blue" }', 'navy = { label = "Navy" }').extended(additions)


class TestDocuments:
    @pytest.mark.parametrize(
        ("document", "complaint"),
        [
            ("version = ", "not a TOML document"),
            ("[color]", "version"),
            ("version = 3", "version"),
            ('version = "1"\ncolor = 3', "color: must be a table"),
            ('version = "1"\n[color]\nnavy = "Navy"', "color.navy: must be a table"),
            ('version = "1"\n[color]\nnavy = { gid = 15 }', "color.navy: has no label"),
            ('version = "1"\n[color]\nnavy = { label = 3 }', "color.navy.label: must be a text"),
            ('version = "1"\n[color]\nnavy = { label = " " }', "color.navy: an id, label or alias is empty"),
            ('version = "1"\n[color]\nnavy = { label = "Navy", gid = true }', "color.navy.gid: must be a whole number"),
            ('version = "1"\n[color]\nnavy = { label = "Navy", aliases = "x" }', "color.navy.aliases: must be a list"),
            ('version = "1"\n[color]\nnavy = { label = "Navy", aliases = [1] }', "color.navy.aliases"),
            ('version = "1"\n[color]\nnavy = { label = "Navy", alias = ["x"] }', "color.navy: unknown key 'alias'"),
            ('version = "1"\n[color]\nnavy = { label = "Navy", lab = [1, 2] }', "color.navy.lab"),
            ('version = "1"\n[color]\nnavy = { label = "Navy", lab = [101, 0, 0] }', "color.navy.lab"),
            ('version = "1"\n[color]\nnavy = { label = "Navy", lab = [1, nan, 0] }', "color.navy.lab"),
            ('version = "1"\n[color]\nnavy = { label = "Navy", lab = ["1", 0, 0] }', "color.navy.lab"),
            ('version = "1"\n[color]\nnavy = { label = "Navy", broader = "bleu" }', "color.navy: broader 'bleu'"),
            ('version = "1"\n[category]\naa-1 = { label = "Clothing" }', "category.aa-1: broader 'aa'"),
        ],
    )
    def test_the_message_names_the_file_and_the_key(self, document: str, complaint: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            Vocabulary.from_toml(document, origin="mine.toml")
        assert str(caught.value).startswith("mine.toml: ")
        assert complaint in str(caught.value)

    @pytest.mark.parametrize("alias", ["navy", "NAVY", "dark-blue", "x:ink"])
    def test_a_word_that_two_values_claim_is_refused_naming_both(self, alias: str) -> None:
        with pytest.raises(InvalidInput, match=r"color.blue: the word .* already means (navy|x:ink) "):
            small(
                "[color]",
                'navy = { label = "Navy", aliases = ["dark blue"] }',
                '"x:ink" = { label = "Ink" }',
                f'blue = {{ label = "Blue", aliases = ["{alias}"] }}',
            )

    def test_the_same_word_may_mean_values_of_two_attributes(self) -> None:
        vocabulary = small("[color]", 'rust = { label = "Rust" }', "[pattern]", 'rust = { label = "Rust" }')
        assert vocabulary.find("color", "rust") != vocabulary.find("pattern", "rust")

    def test_a_circle_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="circle: a < b < c < a"):
            small(
                "[color]",
                'a = { label = "A1", broader = "b" }',
                'b = { label = "B1", broader = "c" }',
                'c = { label = "C1", broader = "a" }',
            )

    def test_a_value_above_itself_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="circle: a < a"):
            small("[color]", 'a = { label = "A1", broader = "a" }')

    def test_what_lies_above_may_come_later_in_the_file(self) -> None:
        vocabulary = small(
            "[color]",
            'ink = { label = "Ink", broader = "navy" }',
            'navy = { label = "Navy", broader = "blue" }',
            'blue = { label = "Blue" }',
        )
        assert [term.id for term in vocabulary.terms("color")] == ["ink", "navy", "blue"]
        assert [term.id for term in vocabulary.terms("color")[0].lineage] == ["ink", "navy", "blue"]


class TestAdditions:
    def test_an_added_value_is_found_like_any_other(self) -> None:
        ink = VocabularyAddition("color", "x:ink", "Ink", ("ink blue",), broader="navy", lab=(10, 2.5, -9))
        vocabulary = VOCABULARY.extended([ink])
        term = vocabulary.find("color", "Ink-Blue")
        assert term == vocabulary.get("color", "x:ink") == Term("color", "x:ink", "Ink")
        assert term is not None
        assert term.gid is None
        assert term.broader == VOCABULARY.get("color", "navy")
        assert vocabulary.lab(term) == (10.0, 2.5, -9.0)
        assert vocabulary.terms("color")[-1] == term
        assert vocabulary.version == VOCABULARY.version

    def test_the_vocabulary_itself_does_not_change(self) -> None:
        VOCABULARY.extended([VocabularyAddition("color", "x:ink", "Ink")])
        assert VOCABULARY.find("color", "ink") is None

    def test_additions_may_lie_above_each_other_in_any_order(self) -> None:
        vocabulary = with_navy(
            VocabularyAddition("color", "x:sea", "Sea", broader="x:water"),
            VocabularyAddition("color", "x:water", "Water", broader="blue"),
        )
        sea = vocabulary.get("color", "x:sea")
        assert sea is not None
        assert [term.id for term in sea.lineage] == ["x:sea", "x:water", "blue"]

    def test_an_added_category_inherits_its_google_category(self) -> None:
        vocabulary = VOCABULARY.extended([VocabularyAddition("category", "x:culotte", "Culottes", broader="aa-1-12")])
        culottes = vocabulary.find("category", "culottes")
        assert culottes is not None
        assert vocabulary.google_category(culottes) == 204

    def test_extensions_add_up(self) -> None:
        vocabulary = with_navy(VocabularyAddition("color", "x:ink", "Ink")).extended(
            [VocabularyAddition("color", "x:dark_ink", "Dark ink", broader="x:ink")]
        )
        assert vocabulary.find("color", "ink") is not None
        assert vocabulary.find("color", "dark ink") is not None

    @pytest.mark.parametrize(
        ("addition", "complaint"),
        [
            (VocabularyAddition("color", "ink", "Ink"), 'write "x:ink"'),
            (VocabularyAddition("colour", "x:ink", "Ink"), "there is no attribute 'colour'; attributes: color"),
            (VocabularyAddition("color", "x:ink", "Ink", ("NAVY",)), "'NAVY' already means navy (Navy)"),
            (VocabularyAddition("color", "x:ink", "Navy"), "'Navy' already means navy (Navy)"),
            (VocabularyAddition("color", "x:ink", "Ink", broader="x:sea"), "broader 'x:sea'"),
            (VocabularyAddition("color", "x:ink", ""), "empty"),
            (VocabularyAddition("color", "x:ink", "Ink", lab=(200, 0, 0)), "lab: must be [L, a, b]"),
            (VocabularyAddition("color", "x:ink", "Ink", lab=("20", 0, 0)), "lab: must be [L, a, b]"),
            (VocabularyAddition("color", "x:ink", "Ink", lab=7), "lab: must be [L, a, b]"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, addition: VocabularyAddition, complaint: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            with_navy(addition)
        assert str(caught.value).startswith(f"vocabulary addition {addition.attribute}.{addition.id}")
        assert complaint in str(caught.value)

    def test_two_additions_with_one_id_are_refused(self) -> None:
        ink = VocabularyAddition("color", "x:ink", "Ink")
        with pytest.raises(InvalidInput, match="x:ink: there is such a value already"):
            with_navy(ink, ink)

    def test_two_additions_that_claim_one_word_are_refused_naming_both(self) -> None:
        with pytest.raises(InvalidInput, match="x:tinte: the word 'ink' already means x:ink"):
            with_navy(
                VocabularyAddition("color", "x:ink", "Ink"),
                VocabularyAddition("color", "x:tinte", "Tinte", ("ink",)),
            )

    def test_aliases_given_as_one_text_are_refused(self) -> None:
        with pytest.raises(InvalidInput, match="aliases must be several words"):
            VocabularyAddition("color", "x:ink", "Ink", "ink blue")

    @pytest.mark.parametrize(
        ("wrong", "complaint"),
        [
            ({"attribute": None}, "attribute: must be a text, not None"),
            ({"id": 7}, "id: must be a text, not 7"),
            ({"label": 7}, "label: must be a text, not 7"),
            ({"aliases": ("ink blue", 7)}, "aliases: must be a text, not 7"),
            ({"broader": 7}, "broader: must be a text, not 7"),
        ],
    )
    def test_what_is_no_text_is_refused_when_it_is_made(self, wrong: dict[str, Any], complaint: str) -> None:
        with pytest.raises(InvalidInput, match=complaint):
            VocabularyAddition(**{"attribute": "color", "id": "x:ink", "label": "Ink", **wrong})

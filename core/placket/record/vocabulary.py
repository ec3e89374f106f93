"""The canonical vocabulary: which values a field can have, and which words mean them.

Values come from the apparel branch of the Shopify product taxonomy, from the enumerations of schema.org (sizes and
measurements), and, with the prefix ``x:``, from Placket and its plugins. ``vocabulary.toml`` beside this file lists
them and explains its columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from attrs import Attribute, evolve, field, frozen
from attrs.validators import optional

from ..errors import InvalidInput
from .terms import Term
from .values import Lab
from .vocabulary_file import Definition, parsed

_APOSTROPHES = dict.fromkeys(map(ord, "'`\u00b4\u02bc\u2018\u2019"))
_GAPS = re.compile(r"[\s_\-\u2010-\u2015]+")


def normalize_word(word: str) -> str:
    """Bring a word into the form in which words are compared.

    Case does not count, nor do apostrophes ("Women's" is "womens"), nor whether words are joined by spaces, hyphens or
    underscores ("V-Neck" is "v_neck"); "&" reads "and". Everything else counts, accents included: nothing is guessed,
    so "grene" is not "green", and "crêpe" is "crepe" only because the vocabulary says so.
    """
    plain = unicodedata.normalize("NFKC", word.translate(_APOSTROPHES)).casefold()
    return _GAPS.sub(" ", plain.replace("&", " and ")).strip()


def _words(aliases: Iterable[str]) -> tuple[str, ...]:
    if isinstance(aliases, str):
        raise InvalidInput(f"aliases must be several words, not the one text {aliases!r}: write ({aliases!r},)")
    return tuple(aliases)


def _check_text(addition: VocabularyAddition, attribute: Attribute[Any], value: Any) -> None:
    for text in value if isinstance(value, tuple) else (value,):
        if not isinstance(text, str):
            raise InvalidInput(f"{addition.where}: {attribute.name}: must be a text, not {text!r}")


@frozen
class VocabularyAddition:
    """A value that a plugin adds to the vocabulary.

    ``id`` starts with ``x:``. ``broader`` is the id of the value above it, which an export falls back to: one of
    Placket's, or one that the same plugin adds. ``lab`` is the CIE L*a*b* (D65) of a typical textile of that colour.

    Raises InvalidInput for what must be a text and is none.
    """

    attribute: str = field(validator=_check_text)
    id: str = field(validator=_check_text)
    label: str = field(validator=_check_text)
    aliases: tuple[str, ...] = field(default=(), converter=_words, validator=_check_text)
    broader: str | None = field(default=None, validator=optional(_check_text))
    lab: Lab | None = None

    @property
    def where(self) -> str:
        """Which one it is, for messages."""
        return f"vocabulary addition {self.attribute}.{self.id}"


@frozen(eq=False)
class Vocabulary:
    """Every attribute's values, and the words that mean them. Never changes; `extended` gives a new one.

    An attribute or value that the vocabulary does not have is None (or empty), never an error: words come from outside.
    """

    version: str
    _terms: Mapping[str, Mapping[str, Term]] = field(repr=False)
    _meanings: Mapping[str, Mapping[str, Term]] = field(repr=False)
    _labs: Mapping[Term, Lab] = field(repr=False)
    _google: Mapping[Term, int] = field(repr=False)

    @classmethod
    def default(cls) -> Vocabulary:
        """Give the vocabulary that comes with Placket; it is read once per process."""
        return _default()

    @classmethod
    def from_toml(cls, text: str, *, origin: str) -> Vocabulary:
        """Read a vocabulary from a document in the format of ``vocabulary.toml``.

        Raises InvalidInput, naming ``origin`` and the key, when the document is not such a one.
        """
        version, definitions = parsed(text, origin)
        return _grown(cls(version, {}, {}, {}, {}), definitions)

    def with_imported(self, text: str, *, origin: str) -> Vocabulary:
        """Make a vocabulary that has the values of a document in the format of ``vocabulary.toml``, too.

        What this vocabulary says stays: a value whose id it has is left out, its words keep their meanings, and a
        label or alias that several of the new values share means none of them, so that nothing is guessed. All of them
        are found by their ids. Raises InvalidInput as `from_toml` does.
        """
        version, definitions = parsed(text, origin)
        new = [each for each in definitions if self.get(each.term.attribute, each.term.id) is None]
        meant = Counter(word for each in new for word in _words_of(each))
        unclear = {(attribute, word) for attribute, word in meant if word in self._meanings.get(attribute, {})}
        unclear.update(word for word, count in meant.items() if count > 1)
        return evolve(_grown(self, new, unclear), version=f"{self.version}+{version}")

    def attributes(self) -> tuple[str, ...]:
        """Name all attributes, in file order."""
        return tuple(self._terms)

    def terms(self, attribute: str) -> tuple[Term, ...]:
        """List the values of an attribute, in file order."""
        return tuple(self._terms.get(attribute, {}).values())

    def get(self, attribute: str, id: str) -> Term | None:  # noqa: A002
        """Give the value with exactly this id."""
        return self._terms.get(attribute, {}).get(id)

    def find(self, attribute: str, word: str) -> Term | None:
        """Give the value that a word means: its id, label or alias, compared by `normalize_word`."""
        return self._meanings.get(attribute, {}).get(normalize_word(word))

    def words(self, term: Term) -> tuple[str, ...]:
        """List the words that mean a value, in the form in which they are compared."""
        return tuple(word for word, meant in self._meanings.get(term.attribute, {}).items() if meant == term)

    def lab(self, term: Term) -> Lab | None:
        """Give CIE L*a*b* (D65, L 0..100) of a typical textile of this colour.

        None for metallics, for clear and multicolor, and for what is not a colour.
        """
        return self._labs.get(term)

    def google_category(self, category: Term) -> int | None:
        """Give the Google product category of a category, or of the nearest one above it that has one."""
        return next((self._google[term] for term in category.lineage if term in self._google), None)

    def extended(self, additions: Iterable[VocabularyAddition]) -> Vocabulary:
        """Make a vocabulary that has these values too.

        Raises InvalidInput when an id does not start with ``x:`` or exists already, when the attribute or the broader
        value does not exist, and when a word already means another value.
        """
        definitions = []
        for addition in additions:
            where = addition.where
            if addition.attribute not in self._terms:
                raise InvalidInput(
                    f"{where}: there is no attribute {addition.attribute!r}; attributes: {', '.join(self._terms)}"
                )
            if not addition.id.startswith("x:"):
                raise InvalidInput(f'{where}: ids of added values start with x:, so write "x:{addition.id}"')
            definitions.append(
                Definition(
                    where,
                    Term(addition.attribute, addition.id, addition.label),
                    addition.broader,
                    addition.aliases,
                    addition.lab,
                )
            )
        return _grown(self, definitions)


def _words_of(definition: Definition) -> frozenset[tuple[str, str]]:
    """Its attribute with each word that may mean it, in the form in which words are compared."""
    said = (definition.term.id, definition.term.label, *definition.aliases)
    return frozenset((definition.term.attribute, normalize_word(word)) for word in said)


@cache
def _default() -> Vocabulary:
    from pathlib import Path

    path = Path(__file__).with_name("vocabulary.toml")
    return Vocabulary.from_toml(path.read_text("utf-8"), origin=path.name)


def _grown(
    base: Vocabulary, definitions: Iterable[Definition], unclear: Collection[tuple[str, str]] = ()
) -> Vocabulary:
    """Check what only the whole vocabulary can tell (ids, words, broader values), and put everything in its place.

    ``unclear`` are words of attributes that come to mean nothing, however many definitions have them.
    """
    terms = {attribute: dict(known) for attribute, known in base._terms.items()}
    meanings = {attribute: dict(known) for attribute, known in base._meanings.items()}
    labs, google = dict(base._labs), dict(base._google)
    defined: dict[Term, Definition] = {}
    for definition in definitions:
        known = terms.setdefault(definition.term.attribute, {})
        if definition.term.id in known:
            raise InvalidInput(f"{definition.where}: there is such a value already; choose another id")
        known[definition.term.id] = definition.term
        defined[definition.term] = definition

    # Keeping the dictionary's order, each term is replaced by one that knows what lies above it.
    for definition in defined.values():
        term = _placed(definition, terms[definition.term.attribute], defined)
        _claim_words(definition, term, meanings.setdefault(term.attribute, {}), unclear)
        if definition.lab is not None:
            labs[term] = _checked_lab(definition.lab, definition.where)
        if definition.google is not None:
            google[term] = definition.google
    return Vocabulary(base.version, terms, meanings, labs, google)


def _placed(
    definition: Definition, known: dict[str, Term], defined: Mapping[Term, Definition], below: tuple[str, ...] = ()
) -> Term:
    """Link a value to what lies above it, which is placed first."""
    term, broader = known[definition.term.id], definition.broader
    if broader is None or term.broader is not None:
        return term
    below = (*below, term.id)
    if broader in below:
        raise InvalidInput(f"{definition.where}: broader goes round in a circle: {' < '.join((*below, broader))}")
    if broader not in known:
        raise InvalidInput(f"{definition.where}: broader {broader!r} is no value of {term.attribute}")
    above = known[broader]
    if above in defined:
        above = _placed(defined[above], known, defined, below)
    placed = known[term.id] = Term(term.attribute, term.id, term.label, term.gid, above)
    return placed


def _claim_words(
    definition: Definition, term: Term, meanings: dict[str, Term], unclear: Collection[tuple[str, str]]
) -> None:
    for word in (term.id, term.label, *definition.aliases):
        normalized = normalize_word(word)
        if not normalized:
            raise InvalidInput(f"{definition.where}: an id, label or alias is empty")
        if (term.attribute, normalized) in unclear:
            continue
        holder = meanings.setdefault(normalized, term)
        if holder != term:
            raise InvalidInput(
                f"{definition.where}: the word {word!r} already means {holder.id} ({holder.label}); "
                "a word can mean one value of an attribute"
            )


def _checked_lab(lab: Any, where: str) -> Lab:
    numbers = isinstance(lab, tuple | list) and all(isinstance(part, int | float) for part in lab)
    if not numbers or len(lab) != 3 or not 0 <= lab[0] <= 100 or not all(-128 <= part <= 128 for part in lab):
        raise InvalidInput(f"{where}.lab: must be [L, a, b], L from 0 to 100, a and b from -128 to 128, not {lab!r}")
    lightness, a, b = map(float, lab)
    return lightness, a, b

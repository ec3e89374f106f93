"""A vendor's words as canonical values: data, read from the plugin's ``vocabulary.toml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, TypeVar

from attrs import field, frozen

from ..errors import InvalidClaim, InvalidInput
from .claim import Alternative
from .fields import RecordField
from .record import field_of
from .terms import Term
from .values import Color
from .vocabulary import Vocabulary, normalize_word

REMEMBERED = 4096
LONGEST_REMEMBERED = 64
"""How many words a value map remembers, and how long they may be: words come from outside and must not fill memory."""

_Read = TypeVar("_Read")


@frozen
class ValueMap:
    """What a vendor's words mean, where they differ from the vocabulary's own or say several things at once.

    The file has one table a record field and one line a word; a word that says more than one thing names each field::

        [words.color]
        "grey melange" = "gray"

        [words.category]
        "skinny jeans" = { category = "aa-1-12-4", fit = "skinny_leg" }

        [confidence]
        High = 0.9

    A word that is not listed is looked up in the vocabulary. What neither knows is unknown: nothing is guessed.
    """

    vocabulary: Vocabulary
    words: Mapping[str, Mapping[str, Mapping[str, Term]]] = field(factory=dict, repr=False)
    """Record field -> normalised word -> what it says: record field -> term."""
    confidences: Mapping[str, float] = field(factory=dict)
    """Normalised vendor word for a confidence -> probability."""
    _meanings: dict[tuple[str, str], Mapping[str, Term]] = field(factory=dict, init=False, repr=False, eq=False)
    _alternatives: dict[tuple[str, str, tuple[str, ...]], tuple[Alternative, ...]] = field(
        factory=dict, init=False, repr=False, eq=False
    )
    # Both remember what was looked up before: vendors say the same few words over and over.

    @classmethod
    def from_toml(cls, text: str, *, origin: str, vocabulary: Vocabulary) -> ValueMap:
        """Read a value map from a document as above.

        Raises InvalidInput, naming ``origin`` and the key, for a document of another form, for a value that the
        vocabulary lacks, and for a word that is there in two spellings with different meanings.
        """
        document = _document(text, origin)
        for key, value in document.items():
            if key not in _TABLES:
                raise InvalidInput(f"{origin}: {key}: unknown table; known: {', '.join(_TABLES)}")
            _check_table(value, f"{origin}: {key}")
        words = {}
        for name, table in document.get("words", {}).items():
            where = f"{origin}: words.{name}"
            _check_table(table, where)
            _field_of(name, where)
            words[name] = _by_word(table, where, partial(_meaning, vocabulary, name))
        confidences = _by_word(document.get("confidence", {}), f"{origin}: confidence", _probability)
        return cls(vocabulary, words, confidences)

    @classmethod
    def from_package(cls, package: str, vocabulary: Vocabulary) -> ValueMap:
        """Read ``vocabulary.toml`` of a plugin's package."""
        from importlib import resources

        text = resources.files(package).joinpath("vocabulary.toml").read_text(encoding="utf-8")
        return cls.from_toml(text, origin=f"{package}/vocabulary.toml", vocabulary=vocabulary)

    def meaning(self, name: str, word: str) -> Mapping[str, Term]:
        """What ``word`` says when found where the record field ``name`` is filled from; empty when nobody knows.

        Raises InvalidClaim where a record has no such field.
        """
        known = self._meanings.get((name, word))
        if known is None:
            known = self._look_up(name, word)
            if len(self._meanings) < REMEMBERED and len(word) <= LONGEST_REMEMBERED:
                self._meanings[name, word] = known
        return known

    def alternatives(self, name: str, target: str, words: tuple[str, ...]) -> tuple[Alternative, ...]:
        """What other words, found where ``name`` is filled from, say for the record field ``target``."""
        known = self._alternatives.get((name, target, words))
        if known is None:
            terms = [self.meaning(name, word).get(target) for word in words]
            known = tuple(
                Alternative(None if term is None else value_of_term(target, term), word)
                for term, word in zip(terms, words, strict=True)
            )
            if len(self._alternatives) < REMEMBERED and sum(map(len, words)) <= LONGEST_REMEMBERED:
                self._alternatives[name, target, words] = known
        return known

    def _look_up(self, name: str, word: str) -> Mapping[str, Term]:
        mapped = self.words.get(name)
        if mapped is not None and (found := mapped.get(normalize_word(word))) is not None:
            return found
        try:
            attribute = field_of(name).attribute
        except InvalidInput as error:
            raise InvalidClaim(str(error)) from error
        term = self.vocabulary.find(attribute, word)
        return {} if term is None else {name: term}

    def confidence(self, word: str) -> float | None:
        """The probability that a vendor's word for its confidence stands for; None for a word that is not listed."""
        return self.confidences.get(normalize_word(word))


@lru_cache(maxsize=16)
def _document(text: str, origin: str) -> Mapping[str, Any]:
    """Read a file's tables once, however many providers are made from it: reading takes most of making one."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{origin}: {error}") from error


def value_of_term(name: str, term: Term) -> Any:
    """The value that a term is in a record field: a colour's has room for more than its name."""
    return Color(term) if field_of(name).value_type is Color else term


_TABLES = ("words", "confidence")


def _check_table(value: Any, where: str) -> None:
    if not isinstance(value, dict):
        raise InvalidInput(f"{where}: must be a table, not {value!r}")


def _field_of(name: str, where: str) -> RecordField[Any]:
    try:
        return field_of(name)
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error}") from error


def _by_word(table: Mapping[str, Any], where: str, read: Callable[[Any, str], _Read]) -> dict[str, _Read]:
    """What a table says, by normalised word; ``read`` gets a value and where it stands."""
    found: dict[str, _Read] = {}
    for word, said in table.items():
        at = f'{where}."{word}"'
        meant = read(said, at)
        if found.setdefault(normalize_word(word), meant) != meant:
            raise InvalidInput(f"{at}: is there twice, as case, spaces and hyphens do not count; leave one")
    return found


def _meaning(vocabulary: Vocabulary, name: str, said: Any, where: str) -> dict[str, Term]:
    facts = said if isinstance(said, dict) else {name: said}
    meaning = {}
    for target, term_id in facts.items():
        if not isinstance(term_id, str):
            raise InvalidInput(
                f"{where}: must be the id of a value, or a table of them by record field, not {term_id!r}"
            )
        term = vocabulary.get(_field_of(target, where).attribute, term_id)
        if term is None:
            raise InvalidInput(f"{where} says {target} = {term_id!r}, which the vocabulary does not have")
        meaning[target] = term
    return meaning


def _probability(said: Any, where: str) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said <= 1:
        raise InvalidInput(f"{where}: must be a probability from 0 to 1, not {said!r}")
    return float(said)

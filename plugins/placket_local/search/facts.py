"""What items can be filtered by: their metadata, and what their pictures show, in words of the vocabulary."""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Select, func, or_, select

from placket.errors import InvalidInput
from placket.interfaces import Filter
from placket.record import Term, Vocabulary, normalize_word

from .tables import FACTS

FIELDS = ("category", "color", "pattern", "fabric", "sleeve_length", "neckline", "fit", "gender", "age_group")
"""The fields that a text can name, in the order in which a word is looked up."""

LONGEST = 120
"""Characters of a text that is compared as it is."""

_AT_ONCE = 30_000
"""Values that one statement compares with: SQLite takes 32,766 parameters."""

_SILENT = frozenset(("a", "an", "and", "for", "in", "of", "the", "with"))

Facts = dict[tuple[str, Any], float]
"""(key, value) -> confidence."""


def facts_of(metadata: Mapping[str, Any], seen: Mapping[str, Mapping[str, float]], vocabulary: Vocabulary) -> Facts:
    """Everything about an item that can be asked for.

    Metadata under the name of a field counts as what is seen does, where the vocabulary knows its word.
    """
    found: Facts = {}
    for field, words in seen.items():
        for term, confidence in words.items():
            found["seen:" + field, term] = confidence
    for key, value in _flat(metadata):
        found["data:" + key, comparable(value)] = 1.0
        meant = vocabulary.find(key, value) if isinstance(value, str) else None
        if meant is not None:
            found["seen:" + key, meant.id] = 1.0
    return found


def _flat(metadata: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in metadata.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
            continue
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, str | int | float):
                yield above + key, each


def comparable(value: Any) -> Any:
    """A value as it is stored and compared: numbers by size, texts exactly, long texts by their digest."""
    if isinstance(value, bool):
        return f"\0{value}"
    if isinstance(value, str) and len(value) > LONGEST:
        return "\0" + hashlib.sha256(value.encode()).hexdigest()
    if isinstance(value, int) and abs(value) >= 1 << 63:  # SQLite's whole numbers have 64 bits
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return value


@frozen
class Condition:
    """A filter that makes sense: one of these ``values``, or, where there are none, from ``low`` to ``high``.

    Both are numbers or both texts; None is an end that is open.
    """

    values: tuple[str | int | float, ...]
    low: float | str | None = None
    high: float | str | None = None

    @property
    def of_texts(self) -> bool:
        """Whether it is a range of texts, which has no numbers in it."""
        return isinstance(self.low, str) or isinstance(self.high, str)

    @classmethod
    def of(cls, wanted: Filter) -> Condition:
        """What a filter says; raises InvalidInput for one that says nothing, or two things."""
        ranges = wanted.least is not None or wanted.most is not None
        if (wanted.equals is not None) + bool(wanted.any_of) + ranges != 1:
            raise InvalidInput(f"the filter on {wanted.key!r} needs one of: equals, any_of, or least and most")
        if ranges:
            return cls((), *_ends(wanted))
        asked = wanted.any_of or (wanted.equals,)
        if not all(isinstance(each, str | int | float) for each in asked):
            raise InvalidInput(f"the filter on {wanted.key!r} compares with a text, a number, True or False")
        return cls(tuple(asked))


def _ends(wanted: Filter) -> tuple[Any, Any]:
    here, low, high = f"the filter on {wanted.key!r}", wanted.least, wanted.most
    for name, end in (("least", low), ("most", high)):
        if isinstance(end, str):
            _check_text(here, name, end)
        elif end is not None:
            _check_number(here, name, end)
    if low is None or high is None:
        return low, high
    if isinstance(low, str) != isinstance(high, str):
        raise InvalidInput(f"{here} goes from {low!r} to {high!r}; least and most are two numbers or two texts")
    if low > high:  # type: ignore[operator]  # of one type, as was just looked at
        raise InvalidInput(f"{here} goes from {low!r} to {high!r}, and nothing lies between; change least and most")
    return low, high


def _check_number(here: str, name: str, end: Any) -> None:
    if isinstance(end, bool) or not isinstance(end, int | float):
        raise InvalidInput(
            f"{here} has {end!r} as {name}, which is a number or a text: write a date as '2026-01-31', and look for "
            "True or False with equals"
        )
    if end != end:
        raise InvalidInput(f"{here} compares with NaN, which nothing is more or less than")
    if abs(end) > sys.float_info.max:
        raise InvalidInput(f"{here} is without an end: leave {name} out")


def _check_text(here: str, name: str, end: str) -> None:
    if len(end) > LONGEST:
        raise InvalidInput(f"{here} has a text of more than {LONGEST} characters as {name}; shorten it")
    if not storable(end):
        raise InvalidInput(f"{here} has NUL or half a character in {name}, which no text in a catalog has")


def storable(text: str) -> bool:
    """Whether a catalog can hold a text: no half of a character, as a file's name may have, and no NUL.

    SQLite would store a NUL, and not find it again: its JSON ends there.
    """
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def matching(catalog: int, wanted: Filter) -> Iterator[Select[tuple[int]]]:
    """The vectors that a filter lets through, in one or several parts; raises InvalidInput for one without sense."""
    named = select(FACTS.c.vector).where(FACTS.c.catalog == catalog, FACTS.c.key == "data:" + wanted.key)
    asked = Condition.of(wanted)
    value = FACTS.c.value
    if asked.values:
        values = [comparable(each) for each in asked.values]
        for start in range(0, len(values), _AT_ONCE):
            yield named.where(value.in_(values[start : start + _AT_ONCE]))
        return
    condition: ColumnElement[bool]
    if asked.of_texts:
        # What begins with NUL stands for something that is no short text.
        condition = (value >= (asked.low or "")) & ((value < "\0") | (value >= "\1"))
        if asked.high is not None:
            condition &= value <= asked.high
    else:
        low = -math.inf if asked.low is None else comparable(asked.low)
        condition = value.between(low, math.inf if asked.high is None else comparable(asked.high))
    yield named.where(condition)


def texts_under(catalog: int, field: str) -> Select[Any]:
    """The different texts that items of a catalog have as metadata under the name of a field."""

    def least(*conditions: ColumnElement[bool]) -> Select[Any]:
        here = (FACTS.c.catalog == catalog) & (FACTS.c.key == "data:" + field)
        return select(func.min(FACTS.c.value).label("value")).where(here, *conditions)

    # Each is looked up behind the one before it: what many items say is passed over. NUL begins what is no short text.
    texts = least(FACTS.c.value >= "\1").cte("texts", recursive=True)
    following = least(FACTS.c.value > texts.c.value).scalar_subquery()
    texts = texts.union_all(select(following).where(texts.c.value.is_not(None)))
    return select(texts.c.value).where(texts.c.value.is_not(None))


def showing(
    catalog: int, terms: Sequence[Term], vocabulary: Vocabulary, said: Mapping[str, Mapping[str, Term]]
) -> Select[Any]:
    """The vectors of what shows one of these terms, or a narrower one, each with its confidence.

    ``said`` are the texts in metadata that mean a term, by field: items that were stored with an older vocabulary,
    which did not know their words, say what they mean in these only.
    """
    either = []
    for term in terms:
        ids = [each.id for each in vocabulary.terms(term.attribute) if each.is_a(term)]
        either.append((FACTS.c.key == "seen:" + term.attribute) & FACTS.c.value.in_(ids))
        texts = [text for text, meant in said[term.attribute].items() if meant.is_a(term)]
        either.append((FACTS.c.key == "data:" + term.attribute) & FACTS.c.value.in_(texts))
    return (
        select(FACTS.c.vector, func.max(FACTS.c.confidence).label("confidence"))
        .where(FACTS.c.catalog == catalog, or_(*either))
        .group_by(FACTS.c.vector)
    )


Asked = tuple[Term, ...]
"""What one word may mean: any of these."""


def asked_attributes(attributes: Mapping[str, str], vocabulary: Vocabulary) -> list[Asked]:
    """Words by field, as terms; raises InvalidInput for a field or a word that the vocabulary does not have."""
    found = list[Asked]()
    for field, word in attributes.items():
        if field not in vocabulary.attributes():
            raise InvalidInput(f"there is no attribute {field!r}; attributes: {', '.join(vocabulary.attributes())}")
        term = vocabulary.find(field, word)
        if term is None:
            some = ", ".join(term.label for term in vocabulary.terms(field)[:8])
            raise InvalidInput(f"the vocabulary knows no {field} {word!r}; it knows {some} and others")
        found.append((term,))
    return found


def asked_text(text: str, vocabulary: Vocabulary) -> list[Asked]:
    """The terms in a text such as "striped navy dress", the longest words first; raises InvalidInput for any other."""
    words = normalize_word(text.replace(",", " ")).split()
    found, place = list[Asked](), 0
    while place < len(words):
        for end in range(len(words), place, -1):
            meant = [vocabulary.find(field, " ".join(words[place:end])) for field in FIELDS]
            terms = tuple(term for term in meant if term is not None)
            if terms:
                found.append(terms)
                place = end
                break
        else:
            if words[place] not in _SILENT:
                raise InvalidInput(
                    f"{words[place]!r} is no word for a {', '.join(FIELDS)} that the vocabulary knows; search with "
                    "other words, or with a picture"
                )
            place += 1
    return found

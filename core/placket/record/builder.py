"""Builds the claims of one answer, so that every plugin treats words, units and empty values alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ..errors import InvalidInput
from .claim import Claim, Method, Source
from .record import field_of
from .terms import Term
from .units import to_millimetres
from .value_map import ValueMap, value_of_term
from .values import Label, Measurement, MediaItem
from .vocabulary import Vocabulary

_MAY_BE_EMPTY = (str, list, dict, tuple)
_NOT_A_KEY = re.compile(r"[^a-z0-9]+")


def is_no_value(raw: Any) -> bool:
    """Whether a vendor said nothing: null, an empty or blank text, an empty list or object."""
    if isinstance(raw, str):
        return not raw or raw.isspace()
    return raw is None or raw == [] or raw == {} or raw == ()


class ClaimBuilder:
    """Collects the claims of one answer of one source.

    What says nothing is left out; a word that the vocabulary does not have becomes a claim without a value that keeps
    the word. ``method`` is how the source arrived at what it says, unless a call says otherwise.
    """

    __slots__ = ("_claims", "_method", "_observed_at", "_source", "_values", "_vocabulary")

    def __init__(
        self,
        source: Source,
        vocabulary: Vocabulary,
        *,
        values: ValueMap | None = None,
        observed_at: datetime | None = None,
        method: Method = Method.MODEL,
    ) -> None:
        self._source = source
        self._vocabulary = vocabulary
        self._values = values or ValueMap(vocabulary)
        self._observed_at = observed_at
        self._method = method
        self._claims: list[Claim] = []

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What was collected so far."""
        return tuple(self._claims)

    def __len__(self) -> int:
        return len(self._claims)

    def add(
        self,
        name: str,
        value: Any,
        *,
        raw: Any = None,
        path: str = "",
        confidence: float | None = None,
        method: Method | None = None,
        **details: Any,
    ) -> None:
        """Claim a value that is canonical already; ``details`` are further attributes of `Claim`."""
        if (value is None or value.__class__ in _MAY_BE_EMPTY) and is_no_value(value) and is_no_value(raw):
            return
        self._claims.append(
            Claim(
                field=name,
                value=value,
                source=self._source,
                raw=raw,
                path=path,
                confidence=confidence,
                method=method or self._method,
                observed_at=self._observed_at,
                **details,
            )
        )

    def repeat(self, claims: Iterable[Claim]) -> None:
        """Claim again what an earlier answer of the same vendor said, now by this source and at this time.

        For parts of an answer that come in the same words again and again: reading them once is enough.
        """
        source, observed_at = self._source, self._observed_at
        self._claims += [said.repeated(source, observed_at) for said in claims]

    def text(self, name: str, raw: Any, **details: Any) -> None:
        """Claim a text as the source wrote it, less the blanks around it; a number becomes its text."""
        if not is_no_value(raw):
            self.add(name, str(raw).strip(), raw=raw, **details)

    def word(self, name: str, raw: Any, *, spelt: str = "", alternatives: Iterable[Any] = (), **details: Any) -> None:
        """Claim what a word means: for one field, or for several where the value map says so.

        ``spelt`` is the word to look up where the source says more than the word, as in "color charcoal".
        ``alternatives`` are other words that the source held possible.
        """
        if is_no_value(raw):
            return
        word = spelt or (raw if isinstance(raw, str) else str(raw))
        others = tuple(
            [other if isinstance(other, str) else str(other) for other in alternatives if not is_no_value(other)]
        )
        values = self._values
        meaning = values.meaning(name, word)
        if not meaning:
            self.add(name, None, raw=raw, alternatives=values.alternatives(name, name, others), **details)
        for target, term in meaning.items():
            self.add(
                target,
                value_of_term(target, term),
                raw=raw,
                alternatives=values.alternatives(name, target, others),
                **details,
            )

    def measure(self, kind: str, raw: Any, unit: str, *, ambiguous: bool = False, **details: Any) -> None:
        """Claim a length: ``measurements.<kind>`` in millimetres, the raw number and unit beside it.

        ``kind`` is the source's word, such as "Waist"; one that the vocabulary lacks becomes its own key. A number
        that cannot be a length on a garment is kept raw, without a value.
        """
        if is_no_value(raw):
            return
        term = self._vocabulary.find("measurement", kind)
        key = term.id.removeprefix("x:") if term else _NOT_A_KEY.sub("_", kind.lower()).strip("_")
        try:
            value = Measurement(to_millimetres(raw, unit), raw, unit, ambiguous)
        except InvalidInput:
            self.add(f"measurements.{key}", None, raw=raw, raw_unit=unit, **details)
        else:
            self.add(f"measurements.{key}", value, raw=raw, raw_unit=unit, **details)

    def label(self, name: Any, kind: str = "", **details: Any) -> None:
        """Claim a free word."""
        if not is_no_value(name):
            self.add("labels", Label(str(name).strip(), kind), raw=name, **details)

    def media(self, role: str, url: Any = "", **details: Any) -> None:
        """Claim a picture at a URL; ``details`` beyond those of `MediaItem` go to the claim."""
        if is_no_value(url):
            return
        path = details.pop("path", "")
        self.add("media", MediaItem(role=role, url=str(url), **details), raw=url, path=path)

    def extra(self, vendor: str, path: str, raw: Any) -> None:
        """Keep what has no field of its own, under the vendor's name and path, exactly as it came."""
        self.add(f"extra.{vendor}.{path}", raw, raw=raw, path=path)


def claims_of_known(
    known: Mapping[str, Any], *, source: Source, vocabulary: Vocabulary, method: Method = Method.MERCHANT
) -> tuple[Claim, ...]:
    """What a caller knows about a garment, as claims.

    ``known`` maps record fields to plain values: texts, words of the vocabulary, numbers, canonical values, lists of
    those where a field has several. A length is a `Measurement` or a pair of number and unit. Raises InvalidInput for
    a field that no record has.
    """
    build = ClaimBuilder(source, vocabulary, method=method)
    for name, given in known.items():
        spec = field_of(name)
        several = given if spec.many and isinstance(given, Sequence) and not isinstance(given, str) else [given]
        for value in several:
            if spec.value_type is Measurement and isinstance(value, Sequence) and not isinstance(value, str):
                build.measure(name.partition(".")[2], value[0], value[1])
            elif spec.attribute and isinstance(value, str):
                build.word(name, value)
            elif isinstance(value, Term):
                build.add(name, value_of_term(name, value))
            elif spec.value_type is str:
                build.text(name, value)
            elif spec.value_type is Any or isinstance(value, spec.value_type):
                build.add(name, value)
            else:
                raise InvalidInput(
                    f"{name} cannot be {value!r}: give a {spec.value_type.__name__}"
                    + (", or a pair of number and unit" if spec.value_type is Measurement else "")
                )
    return build.claims

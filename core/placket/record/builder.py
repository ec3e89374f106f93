"""Builds the claims of one answer, so that every plugin treats words, units and empty values alike."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..errors import InvalidClaim, InvalidInput, ProtocolError
from .claim import Alternative, Claim, Method, Source, repeated
from .codec import DEEPEST, TooDeepError, claim_from_json, claim_to_json, value_to_json
from .fields import RecordField
from .record import field_of
from .terms import Term
from .units import to_millimetres
from .value_map import ValueMap, value_of_term
from .values import Color, Label, Measurement, MediaItem, Price, Season
from .vocabulary import Vocabulary

_MAY_BE_EMPTY = (str, list, dict, tuple)
_HELD = frozenset({str, int, bool, type(None)})
_NOT_A_KEY = re.compile(r"[^a-z0-9]+")


def is_no_value(raw: Any) -> bool:
    """Whether a vendor said nothing: null, an empty or blank text, an empty list or object."""
    if isinstance(raw, str):
        return not raw or raw.isspace()
    # Looked at only where it is one of these: with [], numpy compares each member.
    return raw is None or (isinstance(raw, list | tuple | Mapping) and not raw)


class ClaimBuilder:
    """Collects the claims of one answer of one source.

    What says nothing is left out; a word that the vocabulary does not have becomes a claim without a value that keeps
    the word. ``method`` is how the source arrived at what it says, unless a call says otherwise.

    What the source said is kept as JSON has it. Adding a claim raises ProtocolError where that is nested deeper than
    `DEEPEST` levels, and InvalidClaim, which names the field, where JSON has nothing for it, as for bytes.
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
        raw_unit: str = "",
        raw_confidence: str = "",
        alternatives: tuple[Alternative, ...] = (),
        generated: bool = False,
    ) -> None:
        """Claim a value that is canonical already; what else can be said are attributes of `Claim`."""
        if (value is None or type(value) in _MAY_BE_EMPTY) and is_no_value(value) and is_no_value(raw):
            return
        if type(raw) not in _HELD:
            held = self._held(name, raw)
            value, raw = (held if value is raw else value), held
        self._claims.append(
            Claim(
                name,
                value,
                self._source,
                raw,
                raw_unit,
                confidence,
                raw_confidence,
                alternatives,
                path,
                method or self._method,
                generated,
                self._observed_at,
            )
        )

    def _held(self, name: str, raw: Any) -> Any:
        try:
            return value_to_json(raw)
        except TooDeepError as error:
            source = self._source
            raise ProtocolError(
                f"the answer has more than {DEEPEST} levels of lists and objects where {name} was read",
                provider=source.provider,
                operation=source.operation,
                request_id=source.request_id,
            ) from error
        except InvalidInput as error:
            raise InvalidClaim(f"{name}: {error}") from error

    def repeat(self, claims: Iterable[Claim]) -> None:
        """Claim again what an earlier answer of the same vendor said, now by this source and at this time.

        For parts of an answer that come in the same words again and again: reading them once is enough.
        """
        self._claims += repeated(claims, self._source, self._observed_at)

    def text(self, name: str, raw: Any, **details: Any) -> None:
        """Claim a text as the source wrote it, less the blanks around it; a number becomes its text.

        A list or an object is no text, and kept raw, without a value.
        """
        if is_no_value(raw):
            return
        raw = raw if type(raw) in _HELD else self._held(name, raw)
        self.add(name, None if isinstance(raw, (list, dict)) else str(raw).strip(), raw=raw, **details)

    def word(self, name: str, raw: Any, *, spelt: str = "", alternatives: Iterable[Any] = (), **details: Any) -> None:
        """Claim what a word means: for one field, or for several where the value map says so.

        ``spelt`` is the word to look up where the source says more than the word, as in "color charcoal".
        ``alternatives`` are other words that the source held possible.
        """
        if is_no_value(raw):
            return
        raw = raw if type(raw) in _HELD else self._held(name, raw)
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
            name = name if type(name) in _HELD else self._held("labels", name)
            label = None if isinstance(name, list | dict) else Label(str(name).strip(), kind)
            self.add("labels", label, raw=name, **details)

    def media(self, role: str, url: Any = "", **details: Any) -> None:
        """Claim a picture at a URL; ``details`` are attributes of `MediaItem`, and ``path`` is the claim's."""
        if is_no_value(url):
            return
        url = url if type(url) in _HELD else self._held("media", url)
        path = details.pop("path", "")
        self.add("media", MediaItem(role=role, url=str(url), **details), raw=url, path=path)

    def extra(self, vendor: str, path: str, raw: Any) -> None:
        """Keep what has no field of its own, under the vendor's name and path, exactly as it came in JSON."""
        self.add(f"extra.{vendor}.{path}", raw, raw=raw, path=path)


def claims_of_known(
    known: Mapping[str, Any], *, source: Source, vocabulary: Vocabulary, method: Method = Method.MERCHANT
) -> tuple[Claim, ...]:
    """What a caller knows about a garment, as claims.

    ``known`` maps record fields to plain values: texts, words of the vocabulary, numbers, canonical values, lists of
    those where a field has several. A length is a `Measurement` or a pair of number and unit. None and an empty text
    are no value in any field. A pair that cannot be a length on a garment is kept raw, without a value, and so is a
    price below zero. Raises InvalidInput for a field that no record has, and for what no record can hold.
    """
    build = ClaimBuilder(source, vocabulary, method=method)
    about = ""
    try:
        for about, given in known.items():
            if not isinstance(about, str):
                raise InvalidInput(f"what is known is told by record field, as in 'brand', not by {about!r}")
            spec = field_of(about)
            several = given if spec.many and isinstance(given, Sequence) and not isinstance(given, str) else [given]
            for value in several:
                _claim_value(about, value, spec, build)
        for claim in build.claims:
            about = claim.field
            if not _is_surely_readable(claim.value):
                _check_readable(claim, vocabulary)
    except ValueError as error:  # a number of more digits than Python writes
        raise InvalidInput(f"{about}: {error}") from error
    return build.claims


def _claim_value(name: str, value: Any, spec: RecordField[Any], build: ClaimBuilder) -> None:
    shown = value
    if type(value) not in _HELD:
        try:
            shown = value_to_json(value)
        except InvalidInput as error:
            raise InvalidInput(f"{name}: {error}") from error
    if is_no_value(shown):
        return
    if spec.value_type is Measurement and _is_length(value):
        build.measure(name.partition(".")[2], value[0], value[1])
    elif spec.attribute and isinstance(value, str):
        build.word(name, value)
    elif isinstance(value, Term) and value.attribute == spec.attribute:
        build.add(name, value_of_term(name, value))
    elif spec.value_type is str and not isinstance(shown, list | dict):
        build.text(name, value)
    elif spec.value_type is Any:
        build.add(name, shown)
    elif isinstance(value, Price) and _is_below_zero(value.amount):
        build.add(name, None, raw=str(value.amount), raw_unit=value.currency or "")
    elif isinstance(value, spec.value_type) and not isinstance(value, Term):  # a term of another attribute
        build.add(name, value)
    else:
        raise InvalidInput(
            f"{name} cannot be {value!r}: give a {spec.value_type.__name__}"
            + (", or a pair of number and unit" if spec.value_type is Measurement else "")
        )


def _is_length(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[1], str)


def _is_below_zero(amount: Any) -> bool:
    return isinstance(amount, Decimal) and amount.is_finite() and amount < 0  # what is no number cannot be compared


def _is_surely_readable(value: Any) -> bool:
    """Whether JSON certainly changes nothing: writing and reading takes far longer than all the rest."""
    kind = type(value)
    if kind is str:
        return bool(value.isascii())
    if kind is Measurement:
        return type(value.mm) is float and type(value.raw) in (int, float) and bool(value.raw_unit.isascii())
    if kind is Price:
        sure = type(value.amount) is Decimal and value.amount.is_finite()
        return sure and (value.currency is None or (type(value.currency) is str and value.currency.isascii()))
    if kind is Season:
        return type(value.name) is str and value.name.isascii() and type(value.year) in (int, type(None))
    return kind in (Term, Color, bool)


def _check_readable(claim: Claim, vocabulary: Vocabulary) -> None:
    """Refuse what JSON changes, such as an amount that is no Decimal, or two halves of one character."""
    value = claim.value
    if claim_from_json(json.loads(json.dumps(claim_to_json(claim))), vocabulary=vocabulary) != claim:
        raise InvalidInput(f"{claim.field} cannot be {value!r}: it is not the same when it is read back from JSON")

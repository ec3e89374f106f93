"""From record fields to what the vendor takes, by the same table that reads its products.

A field that is not given is not sent. In an update a field given as None is sent as null, which clears it, and no
other null ever leaves: a null ``organization_id`` would move the product out of its organisation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from placket.errors import InvalidInput, Unsupported
from placket.record import Claim, Color, Source, Term, Vocabulary, claims_of_known, composition_text

from .product_table import PRODUCT, VENDOR, Kind, Row

SENT: Mapping[str, Row] = {key: row for key, row in PRODUCT.items() if row.sent}
FIELDS = frozenset(field for row in SENT.values() for field in (row.field, *row.also)) | {"media"}
"""The record fields that can be written."""

_NOT_A_CODE = re.compile(r"[^A-Z0-9]+")


@frozen
class DraftWriter:
    """Writes the body of a create or an update.

    ``codes`` are the vendor's codes of terms, by record field and term id, where the term's label in capitals is none.
    """

    source: Source
    vocabulary: Vocabulary
    codes: Mapping[str, Mapping[str, str]]

    def body(self, fields: Mapping[str, Any], *, update: bool) -> dict[str, Any]:
        """The keys that ``fields`` fill; pictures are not among them.

        Raises Unsupported for fields that the vendor has no place for, InvalidInput for values that are none and, in
        an update, for a field that is named and empty.
        """
        foreign = sorted(fields.keys() - FIELDS)
        if foreign:
            raise Unsupported(
                f"{self.source.provider} has no place for {', '.join(foreign)}; leave them out, or put them into "
                f"extra.{VENDOR}.brand_metadata, which takes any JSON object"
            )
        body: dict[str, Any] = {}
        for key, row in SENT.items():
            given = [field for field in (row.field, *row.also) if field in fields]
            filled = [field for field in given if fields[field] is not None]
            if filled:
                written = self._written(row.kind, filled[0], fields[filled[0]], update)
                if written is not None:
                    body[key] = written
            elif given and update:
                body[key] = None
        return body

    def code(self, field: str, word: str) -> str:
        """The vendor's code for a word of a record field; a word that nobody knows, or none, is passed on as it is."""
        claims = claims_of_known({field: word}, source=self.source, vocabulary=self.vocabulary)
        return self._code(claims) if claims else word

    def _written(self, kind: Kind, field: str, value: Any, update: bool) -> Any:
        claims = claims_of_known({field: value}, source=self.source, vocabulary=self.vocabulary)
        if claims:
            return self._code(claims) if kind is Kind.CODE else _WRITERS.get(kind, _text)(claims)
        if update:
            raise InvalidInput(f"{field} is named in the changes and empty: give None to clear it, or leave it out")
        return None

    def _code(self, claims: Sequence[Claim]) -> str:
        (claim,) = claims
        term = claim.value
        if not isinstance(term, Term):
            return str(claim.raw)
        known = self.codes.get(claim.field, {})
        return known.get(term.id) or _NOT_A_CODE.sub("_", term.label.upper()).strip("_")


def _text(claims: Iterable[Claim]) -> str:
    return ", ".join(dict.fromkeys(map(_word, claims)))


def _word(claim: Claim) -> str:
    if isinstance(claim.raw, str):
        return claim.raw.strip()
    value = claim.value
    if isinstance(value, Color):
        value = value.term
    return value.label if isinstance(value, Term) else str(value)


def _materials(claims: Sequence[Claim]) -> str:
    return composition_text(claim.value for claim in claims) if claims[0].field == "composition" else _text(claims)


_WRITERS: Mapping[Kind, Callable[[Sequence[Claim]], Any]] = {
    Kind.MATERIALS: _materials,
    Kind.SEASON: lambda claims: claims[0].value.name or None,
    Kind.YEAR: lambda claims: claims[0].value.year,
    Kind.FLAG: lambda claims: claims[0].value,
    Kind.TIME: lambda claims: claims[0].value.isoformat(),
    Kind.RAW: lambda claims: claims[0].value,
}

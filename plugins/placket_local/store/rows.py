"""A product as a row: its claims as JSON, and beside them the columns that lists filter and sort by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from attrs import frozen
from sqlalchemy import Row

from placket.interfaces import Product, Ref
from placket.record import Claim, ClaimBuilder, Method, Term, Vocabulary
from placket.record.codec import claim_from_json, claim_to_json

_TEXTS = {
    "sku": "sku",
    "name": "name",
    "brand": "brand",
    "collection": "collection",
    "shoot.state": "shot_status",
}
"""The fields that fill a column of text."""

_SEARCHED = ("name", "sku", "brand", "descriptions.short", "descriptions.long", "descriptions.back")

_WORDS = {"gender": "gender", "category": "product_type"}
_KEYS = {"name": "name_key", "brand": "brand_key", "collection": "collection_key", "season": "season_key"}
_FLAGS = {"enabled": True, "archived": False, "public": False, "demo": False, "filler": False}
"""The flags of a product, and what they are until somebody says otherwise."""

_WORD = re.compile(r"[^\W_]+")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[dict[str, Any]]).decode


def microseconds(moment: datetime) -> int:
    """A time as it is stored: whole microseconds since 1970."""
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def moment(stored: int) -> datetime:
    """The time that was stored."""
    seconds, rest = divmod(stored, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def fold(text: str) -> str:
    """A text as it is compared, without regard to case in any script."""
    return text.casefold()


def words_of(text: str) -> list[str]:
    """The words of a text as they are searched: letters and digits, folded, without accents.

    Taken apart here, so that every database finds the same products.
    """
    plain = unicodedata.normalize("NFKD", fold(text))
    return _WORD.findall("".join(char for char in plain if not unicodedata.combining(char)))


def encoded(claims: Iterable[Claim]) -> bytes:
    """Claims as they are stored."""
    return _encode([claim_to_json(claim) for claim in claims])


def decoded(stored: bytes, vocabulary: Vocabulary) -> tuple[Claim, ...]:
    """The claims that were stored."""
    return tuple(claim_from_json(document, vocabulary=vocabulary) for document in _decode(stored))


def columns_of(claims: Sequence[Claim]) -> dict[str, Any]:
    """What the columns beside the claims hold.

    Of several claims about a field a person's counts first, then the merchant's, then the surest.
    """
    best: dict[str, Claim] = {}
    for claim in claims:
        if claim.value is None or claim.method is Method.ECHO:
            continue
        known = best.get(claim.field)
        if known is None or _weight(claim) > _weight(known):
            best[claim.field] = claim
    found: dict[str, Any] = dict.fromkeys(_TEXTS.values(), "")
    for name, column in _TEXTS.items():
        if name in best:
            found[column] = str(best[name].value)
    for name, column in _WORDS.items():
        term = best[name].value if name in best else None
        found[column] = term.id if isinstance(term, Term) else ""
    season = best["season"].value if "season" in best else None
    found["season"] = season.name if season else ""
    found["year"] = (season.year or 0) if season else 0
    found["words"] = " ".join(words_of(" ".join(str(best[name].value) for name in _SEARCHED if name in best)))
    for name, column in _KEYS.items():
        found[column] = fold(found[name])
    for name, default in _FLAGS.items():
        said = best.get(f"visibility.{name}")
        found[name] = default if said is None else bool(said.value)
    return found


_RANKS = {Method.HUMAN: 2, Method.MERCHANT: 1}


def _weight(claim: Claim) -> tuple[int, float]:
    return _RANKS.get(claim.method, 0), claim.confidence or 0.0


@frozen
class Reader:
    """Makes products of rows. ``build`` gives a builder for what the store itself says."""

    provider: str
    vocabulary: Vocabulary
    builder: Any

    def product(self, row: Row[Any]) -> Product:
        """The product of a row, with what the store itself knows of it: its id, its times, its flags."""
        stored = row._mapping
        build: ClaimBuilder = self.builder()
        build.add(f"external_ids.{self.provider}", stored["id"])
        build.add("created_at", moment(stored["created_at"]))
        build.add("updated_at", moment(stored["updated_at"]))
        claims = decoded(stored["claims"], self.vocabulary)
        said = {claim.field for claim in claims}
        for flag in _FLAGS:
            if f"visibility.{flag}" not in said:
                build.add(f"visibility.{flag}", stored[flag])
        return Product(
            Ref(self.provider, "product", stored["id"]),
            (*claims, *build.claims),
            str(stored["version"]),
            raw={"complete": stored["complete"]},
        )


def changed(
    claims: Sequence[Claim], named: Mapping[str, Any], new: Sequence[Claim], others: Sequence[Claim] = ()
) -> tuple[Claim, ...]:
    """The claims after an update: those about the fields it names give way to its own, the others stay.

    ``others`` are added beside what is there.
    """
    kept = [claim for claim in claims if claim.field not in named]
    return tuple(dict.fromkeys((*kept, *new, *others)))

"""A product as a row: its claims as JSON, and beside them the columns that lists filter and sort by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Row

from placket.errors import InvalidInput
from placket.interfaces import Product, Ref
from placket.record import Claim, Method, Source, Term, Vocabulary, claim_from_json, claim_to_json
from placket.registry import ProviderContext

from ..database.tables import FLAGS, PRODUCTS
from .places import below, inside

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
_DEFAULTS = {**dict.fromkeys(FLAGS, False), "enabled": True}
"""What the flags of a product are until somebody says otherwise."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_WORD = re.compile(r"[^\W_]+")

_encode = msgspec.json.Encoder().encode
_pieces = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def microseconds(moment: datetime) -> int:
    """A time as it is stored: whole microseconds since 1970."""
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def moment(stored: int) -> datetime:
    """The time that was stored."""
    return _EPOCH + timedelta(microseconds=stored)


def fold(text: str) -> str:
    """A text as it is compared, without regard to case in any script."""
    return text.casefold()


def words_of(text: str) -> list[str]:
    """The words of a text as they are searched: letters and digits, folded, without accents.

    Taken apart here, so that every database finds the same products.
    """
    plain = unicodedata.normalize("NFKD", fold(text))
    return _WORD.findall("".join(char for char in plain if not unicodedata.combining(char)))


def encoded(claims: Iterable[Claim], context: ProviderContext) -> bytes:
    """Claims as they are stored, wherever the data folder is; raises InvalidInput for a text that is none."""
    folder = str(context.data_folder)
    return json_of([claim_to_json(below(folder, claim)) for claim in claims])


def json_of(value: Any) -> bytes:
    """JSON as it is stored; raises InvalidInput for what JSON cannot say."""
    try:
        return _encode(value)
    except UnicodeEncodeError as error:
        raise InvalidInput(f"this text cannot be stored, it holds half a character: {error.object!r:.60}") from error
    except TypeError as error:
        raise InvalidInput(f"this cannot be stored, JSON does not know it: {error}") from error


def decoded(stored: bytes, context: ProviderContext) -> tuple[Claim, ...]:
    """The claims that were stored."""
    vocabulary, folder = context.vocabulary, str(context.data_folder)
    return tuple([_claim(bytes(piece), vocabulary, folder) for piece in _pieces(stored)])


@lru_cache(maxsize=8192)
def _claim(stored: bytes, vocabulary: Vocabulary, folder: str) -> Claim:
    """One claim. Products of one shop say much the same, word for word, and what is immutable can be shared."""
    return inside(folder, claim_from_json(_decode(stored), vocabulary=vocabulary))


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
    for name, default in _DEFAULTS.items():
        said = best.get(f"visibility.{name}")
        found[name] = default if said is None else bool(said.value)
    return found


_RANKS = {Method.HUMAN: 2, Method.MERCHANT: 1}


def _weight(claim: Claim) -> tuple[int, float]:
    return _RANKS.get(claim.method, 0), claim.confidence or 0.0


class Reader:
    """Makes products of rows, with what the store itself knows of them: their id, their times, their flags."""

    columns = tuple(
        PRODUCTS.c[name] for name in ("id", "version", "created_at", "updated_at", *FLAGS, "complete", "claims")
    )
    """What a row needs to have."""

    def __init__(self, context: ProviderContext) -> None:
        self._provider = context.name
        self._context = context
        self._source = context.source("get")
        # Claims are immutable, and these say the same of every product.
        self._flags = [(name, [self._claim(f"visibility.{name}", value) for value in (False, True)]) for name in FLAGS]

    def product(self, row: Row[Any]) -> Product:
        """The product of a row."""
        product_id, version, created_at, updated_at, *flags, complete, stored = row[: len(self.columns)]
        claims = decoded(stored, self._context)
        said = {claim.field for claim in claims}
        own = [
            self._claim(f"external_ids.{self._provider}", product_id),
            self._claim("created_at", moment(created_at)),
            self._claim("updated_at", moment(updated_at)),
        ]
        own += [
            either[value]
            for (name, either), value in zip(self._flags, flags, strict=True)
            if either[value].field not in said
        ]
        ref = Ref(self._provider, "product", product_id)
        return Product(ref, (*claims, *own), str(version), raw={"complete": complete})

    def _claim(self, field: str, value: Any) -> Claim:
        return Claim(field, value, self._source, method=Method.RULE)


def changed(
    claims: Sequence[Claim], named: Collection[str], new: Sequence[Claim], others: Sequence[Claim] = ()
) -> tuple[Claim, ...]:
    """The claims after an update: those about the fields it names give way to its own, the others stay.

    ``others`` are added beside what is there. One that only cites a claim that is there is that claim, and one that
    is there gives way to the claim that it cites: nobody said it a second time.
    """
    whole = {_cited(claim): claim for claim in claims} if others else {}
    others = [whole.get(claim, claim) for claim in others]
    brief = {_cited(claim) for claim in others}.difference(others)
    kept = [claim for claim in claims if claim.field not in named and claim not in brief]
    return tuple(dict.fromkeys((*kept, *new, *others)))


def _cited(claim: Claim) -> Claim:
    """What a record that was written without its claims tells of one."""
    source = Source(claim.source.provider, lineage=claim.source.lineage)
    return Claim(claim.field, claim.value, source, claim.raw, confidence=claim.confidence, method=claim.method)

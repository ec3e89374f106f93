"""From a product as the vendor tells it to claims, by the table of its keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from placket.record import (
    FIBRES,
    Claim,
    ClaimBuilder,
    Fibre,
    Label,
    Method,
    Season,
    Source,
    Term,
    ValueMap,
    fabric_of,
    field_of,
    is_no_value,
    normalize_word,
    parse_composition,
)

from . import wire
from .media import media_item
from .product_table import PICTURE_KEYS, PICTURES, PRODUCT, VENDOR, Kind, Row
from .shots import shot_of

SEASONS = {
    "ss": "SS",
    "s s": "SS",
    "spring summer": "SS",
    "aw": "AW",
    "a w": "AW",
    "autumn winter": "AW",
    "fw": "FW",
    "f w": "FW",
    "fall winter": "FW",
    "ps": "PS",
    "pre spring": "PS",
}
"""Seasons by the record's names, whatever stands between the two words; any other keeps the seller's own."""

SLEEVE_SHAPES = frozenset(
    {
        "balloon", "batwing", "bell", "bishop", "butterfly", "cold shoulder", "dolman", "flared", "flutter", "kimono",
        "lantern", "leg of mutton", "puff", "puffed", "raglan", "ruffle", "ruffled", "set in", "trumpet",
    }
)  # fmt: skip
"""Words for a sleeve that say nothing about its length; the record keeps them as labels."""

LENGTH_OF = {"aa-1-12": "pants", "aa-1-14": "pants", "aa-1-13": "top", "aa-1-15": "skirt", "aa-1-4": "skirt"}
"""Which of the vocabulary's three kinds of length a category's words belong to."""

_BETWEEN = re.compile(r"\s*(?:[,/;&+|]|\band\b)\s*", re.IGNORECASE)
_SEASON_YEAR = re.compile(r"(.*?[^\d\s'])[\s'-]*(\d{4}|\d{2})")
_SCALARS = (str, int, float)
_LONGEST_SPLIT = 1000


class Translation:
    """Makes the claims of one product.

    ``captions_generated``: whether the short description counts as written by the vendor's model.
    """

    def __init__(
        self, source: Source, values: ValueMap, *, observed_at: datetime | None = None, captions_generated: bool = True
    ) -> None:
        self._build = ClaimBuilder(source, values.vocabulary, values=values, observed_at=observed_at, method=_SAID)
        self._values = values
        self._captions_generated = captions_generated
        self._product: Mapping[str, Any] = {}

    def claims(self, product: Mapping[str, Any]) -> tuple[Claim, ...]:
        """All that the product says."""
        self._product = product
        for key, value in product.items():
            if key in PICTURE_KEYS or value is None:
                continue
            row = PRODUCT.get(key)
            if row is None:
                self._build.extra(VENDOR, key, value)
            elif not is_no_value(value):
                _READERS[row.kind](self, row, key, value)
        for role, keys in PICTURES.items():
            self._pictures(role, keys)
        return self._build.claims

    def _keep(self, key: str, value: Any) -> None:
        """Keep a value that is of no type the page allows."""
        self._build.extra(VENDOR, key, value)

    def _text(self, row: Row, key: str, value: Any, **details: Any) -> None:
        if isinstance(value, _SCALARS) and not isinstance(value, bool):
            self._build.text(row.field, value, path=key, **details)
        else:
            self._keep(key, value)

    def _word(self, row: Row, key: str, value: Any) -> None:
        if isinstance(value, str):
            self._words(row.field, key, value)
        elif isinstance(value, _SCALARS) and not isinstance(value, bool):
            # A word that nobody knows, as any other: these fields hold terms, and never the text of a number.
            self._build.word(row.field, value, path=key)
        else:
            self._keep(key, value)

    def _words(self, field: str, key: str, value: str, *, unknown: bool = True) -> None:
        """Claim what a word means; where it means nothing as a whole and the field has several values, its parts.

        ``unknown``: whether a word that means nothing is claimed as well.
        """
        parts = [value]
        if not self._values.meaning(field, value):
            split = _parts(value) if field_of(field).many else []
            if any(self._values.meaning(field, part) for part in split):
                parts = split
            elif not unknown:
                return
        for part in parts:
            self._build.word(field, part, path=key)

    def _length(self, row: Row, key: str, value: Any) -> None:
        found = self._values.meaning(row.field, value).get(row.field) if isinstance(value, str) else None
        kind = LENGTH_OF.get("-".join(term.id.split("-")[:3])) if (term := self._category()) else None
        for specific in self._values.vocabulary.terms("length") if found and kind else ():
            if specific.broader == found and specific.id.startswith(f"{kind}:"):
                self._build.add(row.field, specific, raw=value, path=key)
                return
        self._word(row, key, value)

    def _category(self) -> Term | None:
        for key in ("product_type", "category", "type"):
            word = self._product.get(key)
            if isinstance(word, str) and (found := self._values.meaning("category", word).get("category")):
                return found
        return None

    def _sleeve(self, row: Row, key: str, value: Any) -> None:
        word = normalize_word(value).removesuffix(" sleeve").removesuffix(" sleeves") if isinstance(value, str) else ""
        if word in SLEEVE_SHAPES:
            self._build.add("labels", Label(value.strip(), "sleeve style"), raw=value, path=key)
        else:
            self._word(row, key, value)

    def _category_text(self, row: Row, key: str, value: Any) -> None:
        self._text(row, key, value)
        if is_no_value(self._product.get("product_type")) and isinstance(value, str):
            self._words("category", key, value, unknown=False)

    def _colour(self, row: Row, key: str, value: Any) -> None:
        self._text(row, key, value)
        if isinstance(value, str):
            self._words("color", key, value)

    def _materials(self, row: Row, key: str, value: Any) -> None:
        self._text(row, key, value)
        if not isinstance(value, str):
            return
        vocabulary = self._values.vocabulary
        fibres = parse_composition(value, vocabulary)
        parts = _parts(value)
        fabrics = [term for name in ([one.fibre for one in fibres] or parts) if (term := fabric_of(name, vocabulary))]
        if not fibres and len(fabrics) == len(parts):
            fibres = tuple(Fibre(FIBRES[term.id]) for term in fabrics if term.id in FIBRES)
        for fibre in fibres:
            self._build.add("composition", fibre, raw=value, path=key)
        for term in dict.fromkeys(fabrics):
            self._build.add("fabric", term, raw=value, path=key)

    def _season(self, row: Row, key: str, value: Any) -> None:
        word, year = wire.text(value), wire.number(self._product.get("year"))
        if not word:
            self._keep(key, value)
            return
        dated = _SEASON_YEAR.fullmatch(word) if len(word) <= _LONGEST_SPLIT else None
        if dated and _season_name(dated[1]) in SEASONS.values():
            told = int(dated[2]) + (2000 if len(dated[2]) == 2 else 0)
            if year in (None, told):
                word, year = dated[1], told
        self._build.add(row.field, Season(_season_name(word), year), raw=value, path=key)

    def _year(self, row: Row, key: str, value: Any) -> None:
        year = wire.number(value)
        if year is None:
            self._keep(key, value)
        elif not wire.text(self._product.get("season")):
            self._build.add(row.field, Season("", year), raw=value, path=key)

    def _caption(self, row: Row, key: str, value: Any) -> None:
        if self._captions_generated:
            self._text(row, key, value, generated=True, method=Method.MODEL)
        else:
            self._text(row, key, value)

    def _flag(self, row: Row, key: str, value: Any) -> None:
        self._read(row, key, value, wire.flag(value))

    def _time(self, row: Row, key: str, value: Any) -> None:
        self._read(row, key, value, wire.moment(value))

    def _read(self, row: Row, key: str, value: Any, found: Any) -> None:
        if found is None:
            self._keep(key, value)
        else:
            self._build.add(row.field, found, raw=value, path=key)

    def _shots(self, row: Row, key: str, value: Any) -> None:
        if not isinstance(value, list) or not all(isinstance(one, dict) and wire.text(one.get("id")) for one in value):
            self._keep(key, value)
            return
        for one in value:
            self._build.add(row.field, shot_of(one), raw=one, path=key)

    def _selected(self, row: Row, key: str, value: Any) -> None:
        # The map itself is kept too: it alone says which type of shot each was chosen for.
        self._keep(key, value)
        for chosen in value.values() if isinstance(value, dict) else ():
            named = chosen.get("prediction_id") or chosen.get("id") if isinstance(chosen, dict) else chosen
            self._build.text(row.field, wire.text(named), path=key)

    def _raw(self, _row: Row, key: str, value: Any) -> None:
        self._keep(key, value)

    def _pictures(self, role: str, keys: tuple[str, ...]) -> None:
        shown: set[str] = set()
        counts = True
        for key in keys:
            value = self._product.get(key)
            several = value if isinstance(value, list) else [value]
            items = [item for one in several if (item := media_item(role, one))]
            if counts and items:
                for item in items:
                    self._build.add("media", item, raw=item.url, path=key)
                shown, counts = {item.url for item in items}, False
            # What a media item has no room for, and addresses that are not those shown, must not get lost.
            plain = [one for one in several if not is_no_value(one)] == [item.url for item in items]
            if not plain or not {item.url for item in items} <= shown:
                self._keep(key, value)


_SAID = Method.MERCHANT
"""What a store holds is what its merchant said."""

_READERS: Mapping[Kind, Callable[[Translation, Row, str, Any], None]] = {
    Kind.TEXT: Translation._text,
    Kind.WORD: Translation._word,
    Kind.CODE: Translation._word,
    Kind.LENGTH: Translation._length,
    Kind.SLEEVE: Translation._sleeve,
    Kind.CATEGORY: Translation._word,
    Kind.CATEGORY_TEXT: Translation._category_text,
    Kind.COLOUR: Translation._colour,
    Kind.MATERIALS: Translation._materials,
    Kind.SEASON: Translation._season,
    Kind.YEAR: Translation._year,
    Kind.CAPTION: Translation._caption,
    Kind.FLAG: Translation._flag,
    Kind.TIME: Translation._time,
    Kind.SHOTS: Translation._shots,
    Kind.SELECTED: Translation._selected,
    Kind.RAW: Translation._raw,
}


def _season_name(word: str) -> str:
    return SEASONS.get(re.sub(r"[^a-z]+", " ", word.casefold()).strip(), word.strip())


def _parts(value: str) -> list[str]:
    return [part for part in _BETWEEN.split(value.strip()) if part] if len(value) <= _LONGEST_SPLIT else []

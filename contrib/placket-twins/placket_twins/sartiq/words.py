"""A product in Sartiq's words and in Placket's: which key is which field of the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from placket.interfaces import Product
from placket.record import Claim, MediaItem, Method, Season, Term

TEXTS: Mapping[str, str] = {
    "sku": "sku",
    "name": "name",
    "brand": "brand",
    "master_item_code": "master_code",
    "style_code": "style_code",
    "theme": "theme",
    "brand_collection": "collection",
    "colour": "color_name",
    "materials": "material_text",
    "type": "category_text.type",
    "category": "category_text.category",
    "description": "descriptions.short",
    "back_description": "descriptions.back",
    "ecommerce_description": "descriptions.long",
    "sleeve_type": "sleeve_length",
    "neckline": "neckline",
    "closure_type": "closure",
    "fit_type": "fit",
    "length_type": "length",
    "pattern": "pattern",
}
"""Keys whose text is kept as it is: as the field's value, or as the raw word beside its value."""

CODES: Mapping[str, str] = {"gender": "gender", "age_class": "age_group"}
"""Keys of enumerations, which the vendor writes in capitals."""

FLAGS: Mapping[str, str] = {"public": "visibility.public", "is_filler": "visibility.filler"}

_STATES: Mapping[str, str] = {
    **FLAGS,
    "enabled": "visibility.enabled",
    "archived": "visibility.archived",
    "demo": "visibility.demo",
}

OWN = ("product_type_id", "brand_metadata")
"""Keys that mean nothing to anybody else."""

_EXTRA = "extra.sartiq"

_TEXT_KEYS = {name: key for key, name in TEXTS.items()}
_CODE_KEYS = {name: key for key, name in CODES.items()}
_NOTHING_SAID: Mapping[str, Any] = dict.fromkeys((*TEXTS, *CODES))

_ENABLED = "enabled"


def fields_of(body: Mapping[str, Any], *, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The record fields that a body names; a key with null is a field with None. ``known`` is the product so far."""
    fields: dict[str, Any] = {}
    for key, name in (*TEXTS.items(), *CODES.items()):
        if key in body:
            fields[name] = _text(body[key])
    for key, name in FLAGS.items():
        if key in body:
            fields[name] = body[key]
    for key in OWN:
        if key in body:
            fields[f"{_EXTRA}.{key}"] = body[key]
    if "in_store_date" in body:
        fields["in_store_date"] = _moment(body["in_store_date"])
    if "season" in body or "year" in body:
        season = _text(body.get("season", (known or {}).get("season"))) or ""
        year = body.get("year", (known or {}).get("year"))
        fields["season"] = Season(season, year) if season or year is not None else None
    if "type" in body or "category" in body:
        both = {**(known or {}), **body}
        fields["category"] = _text(both.get("category")) or _text(both.get("type"))
    return fields


def said_of(product: Product) -> dict[str, Any]:
    """What the product says, by the vendor's keys; what nobody said is None."""
    best = _best(product.claims)
    said: dict[str, Any] = {**_NOTHING_SAID}
    # Of what can be said, little is: going by the claims takes a third of going by the keys.
    for name, claim in best.items():
        if name in _TEXT_KEYS:
            said[_TEXT_KEYS[name]] = _shown(claim)
        elif name in _CODE_KEYS:
            said[_CODE_KEYS[name]] = _code(claim)
    said |= {key: bool(_value(best.get(name))) for key, name in _STATES.items()}
    if f"visibility.{_ENABLED}" not in best:
        said[_ENABLED] = True
    said |= {key: _value(best.get(f"{_EXTRA}.{key}")) for key in OWN}
    season = _value(best.get("season"))
    said["season"] = (season.name or None) if season else None
    said["year"] = season.year if season else None
    category = _value(best.get("category"))
    said["product_type"] = category.label if category else None
    said["shot_status"] = _shown(best.get("shoot.state"))
    said["owner_id"] = _value(best.get("access.owner_id"))
    said["organization_id"] = _value(best.get("access.organization_id"))
    for key in ("in_store_date", "created_at", "updated_at"):
        said[key] = stamp(_value(best.get(key)))
    said["gender"] = said["gender"] or "UNISEX"
    said["name"] = said["name"] or said["sku"] or ""
    return said


def media_of(product: Product) -> list[MediaItem]:
    """The pictures of the product, in order."""
    return [claim.value for claim in product.claims if claim.field == "media" and isinstance(claim.value, MediaItem)]


def stamp(moment: datetime | None) -> str | None:
    """A time as the vendor writes it; one that is none in UTC, as a store may hold it, with its own offset."""
    if moment is None:
        return None
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return moment.isoformat(timespec="milliseconds")
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


_RANKS = {Method.HUMAN: 2, Method.MERCHANT: 1}


def _best(claims: Iterable[Claim]) -> dict[str, Claim]:
    """For each field the claim that counts: a person's, then the merchant's, then the surest."""
    best: dict[str, Claim] = {}
    for claim in claims:
        if claim.method is Method.ECHO:
            continue
        known = best.get(claim.field)
        if known is None or _weight(claim) > _weight(known):
            best[claim.field] = claim
    return best


def _weight(claim: Claim) -> tuple[int, float]:
    return _RANKS.get(claim.method, 0), claim.confidence or 0.0


def _value(claim: Claim | None) -> Any:
    return None if claim is None else claim.value


def _shown(claim: Claim | None) -> str | None:
    """The word as it was written, else the value's own."""
    if claim is None:
        return None
    if isinstance(claim.raw, str) and claim.raw:
        return claim.raw
    if isinstance(claim.value, Term):
        return claim.value.label
    return None if claim.value is None else str(claim.value)


def _code(claim: Claim | None) -> str | None:
    """The vendor's code: a word that means something as the vocabulary spells it, in capitals; any other as written."""
    if claim is None:
        return None
    if isinstance(claim.raw, str) and claim.raw.isupper():
        return claim.raw
    if isinstance(claim.value, Term):
        return claim.value.id.removeprefix("x:").upper()
    return _shown(claim)

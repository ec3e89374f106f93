"""A garment as an item of a catalog, and back: metadata in the form of the vendor's example.

The vendor hands metadata back as it got it, so any other form works as well. This one is ``price``, ``SKU`` and
``categories``, and ``currency`` beside the price.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from placket.errors import InvalidInput
from placket.interfaces import CatalogItem, Hit, Image
from placket.record import Claim, ClaimBuilder, GarmentRecord, Method, Price, Source, ValueMap, Vocabulary

from . import wire
from .translation import VENDOR


def item_of_record(record: GarmentRecord, image: Image | None = None) -> CatalogItem:
    """The catalog item of a garment: by default of its first picture with an address.

    Raises InvalidInput when there is none.
    """
    url = next((item.url for item in record.media if item.url), "")
    if image is None and not url:
        raise InvalidInput(f"garment {record.id} has no picture with an address; give an image")
    words = [color.term.label for color in record.color]
    words += [label.name for label in record.labels]
    if record.category is not None:
        words.insert(0, record.category.label)
    own = f"{VENDOR}.metadata."
    metadata: dict[str, Any] = {
        key.removeprefix(own): value for key, value in record.extra.items() if key.startswith(own)
    }
    if record.price is not None:
        metadata["price"] = float(record.price.amount)
        if record.price.currency:
            metadata["currency"] = record.price.currency
    if record.sku is not None:
        metadata["SKU"] = record.sku
    if words:
        metadata["categories"] = words
    return CatalogItem(record.external_ids.get(VENDOR) or record.id, image or Image.of(url), metadata)


def claims_of_hit(hit: Hit, *, vocabulary: Vocabulary | None = None, currency: str | None = None) -> tuple[Claim, ...]:
    """What a hit says about the garment that was found, as the merchant who filled the catalog wrote it.

    ``currency`` is that of prices whose metadata names none.
    """
    words = vocabulary or Vocabulary.default()
    values = ValueMap.from_package(__package__, words)
    source = Source(provider=hit.catalog.provider, operation="search")
    build = ClaimBuilder(source, words, values=values, method=Method.MERCHANT)
    build.text(f"external_ids.{VENDOR}", hit.id, path="iid")
    build.media("reference", hit.image_url, path="url")
    _claim_metadata(build, values, hit.metadata, currency)
    return build.claims


def _claim_metadata(build: ClaimBuilder, values: ValueMap, metadata: Mapping[str, Any], currency: str | None) -> None:
    rest = dict(metadata)
    if (amount := _amount(rest.get("price"))) is not None:
        if isinstance(stated := rest.get("currency"), str) and stated:
            currency = rest.pop("currency")
        build.add("price", Price(amount, currency), raw=rest.pop("price"), path="metadata.price")
    if sku := wire.text(rest.get("SKU")):
        build.add("sku", sku, raw=rest.pop("SKU"), path="metadata.SKU")
    listed = rest.get("categories")
    if isinstance(listed, list) and all(isinstance(word, str) for word in listed):
        for word in rest.pop("categories"):
            field = next((name for name in ("category", "color") if values.meaning(name, word)), None)
            if field is None:
                build.label(word, path="metadata.categories")
            else:
                build.word(field, word, path="metadata.categories")
    for key, value in rest.items():
        build.add(f"extra.{VENDOR}.metadata.{key}", value, raw=value, path=f"metadata.{key}")


def _amount(said: Any) -> Decimal | None:
    if wire.number(said) is None:
        return None
    try:
        amount = Decimal(str(said).strip())
    except InvalidOperation:
        return None
    return amount if amount >= 0 else None

"""Everything that the vendor's page names has its place: one line of the table for each, and one test for each line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from placket.errors import InvalidRequest
from placket.interfaces import CatalogItem, Garment, Image, Query
from placket_threadgenius.catalog_item import claims_of_hit, item_of_record

PHOTO = "https://shop.example.com/photos/1.webp"
METADATA = {"price": 19.99, "SKU": 120984, "categories": ["sweatshirt", "red", "cosy"], "season": {"name": "AW"}}

Seen = SimpleNamespace


@pytest.fixture
async def seen(vendor: Any, provider: Any, streamed: Any, png: Any) -> Seen:
    """One call of each kind, and what came of it."""
    vendor.labels = [*vendor.labels, {"confidence": 0.3, "type": "mood", "name": "calm"}]
    tg, picture = provider(), Image.of(png(300, 600))
    findings = await tg.tag(Garment.of(PHOTO))
    await tg.tag(Garment.of(png(300, 600)))
    new = await tg.create_catalog("My Awesome Catalog")
    item = CatalogItem("item-1", Image.of("http://cdn.cool.images/url1.jpeg"), METADATA)
    await tg.add_items(new.ref, streamed([item]))
    uploaded = await tg.get_catalog(new.ref)
    vendor.index_fails = True
    job = await tg.index(new.ref)
    failed = await tg.get_catalog(new.ref)
    vendor.index_fails = False
    ready = await job.result()
    hits = (await tg.search(Query(Image.of(PHOTO), limit=7), [new.ref])).hits
    await tg.search(Query(picture), [new.ref])
    found = await tg.detect(picture)
    usage = await tg.usage()
    with pytest.raises(InvalidRequest) as refused:
        await tg.index((await tg.create_catalog("empty")).ref)
    return Seen(
        claims=findings.claims,
        token=vendor.forms[0][1],
        header=vendor.requests[-1].headers["Authorization"],
        forms=vendor.forms,
        row=vendor.catalogs[new.ref.id]["items"][0],
        new=new,
        uploaded=uploaded,
        failed=failed,
        ready=ready,
        hit=hits[0],
        merchant=claims_of_hit(hits[0], currency="EUR"),
        detection=found[0],
        usage=usage,
        refused=refused.value,
    )


def claim(claims: Any, field: str) -> Any:
    return next(one for one in claims if one.field == field)


def sent(seen: Seen, path: str, field: str) -> list[Any]:
    return [form[field] for asked, form in seen.forms if asked == path and field in form]


CREATED = datetime.fromisoformat("2016-12-12T09:24:54.301953+00:00")
EXTRA = "extra.threadgenius.metadata"
FILE = ("image.png", "image/png")

ROWS: list[tuple[str, str, Callable[[Seen], Any], Any]] = [
    ("token.api_key", "settings", lambda seen: seen.token["api_key"], "key-4711-very-secret"),
    ("token.api_secret", "settings", lambda seen: seen.token["api_secret"], "secret-0815-even-more"),
    ("token.access_token", "transport.auth", lambda seen: seen.header, "Bearer token-number-0"),
    ("token.token_type", "transport.auth", lambda seen: seen.header.partition(" ")[0].lower(), "bearer"),
    ("status.message", "error", lambda seen: "Catalog is not uploaded." in str(seen.refused), True),
    ("status.code", "error", lambda seen: seen.refused.status, 400),
    ("catalog.catalog_id", "Catalog.ref", lambda seen: seen.new.ref.id, "cdae7e788f1e0000"),
    ("catalog.name", "Catalog.name", lambda seen: seen.new.name, "My Awesome Catalog"),
    ("catalog.num_total_images", "Catalog.items_total", lambda seen: seen.ready.items_total, 1),
    ("catalog.num_images_indexed", "Catalog.items_indexed", lambda seen: seen.ready.items_indexed, 1),
    ("catalog.error_log", "Catalog.errors", lambda seen: seen.failed.errors[0], "line 3: no such image"),
    ("catalog.status", "Catalog.state", lambda seen: seen.uploaded.state, "uploaded"),
    ("catalog.status", "Catalog.raw_state", lambda seen: seen.ready.raw_state, "ready for query"),
    ("catalog.date_created", "Catalog.created_at", lambda seen: seen.new.created_at, CREATED),
    ("catalog_file[0]", "CatalogItem.id", lambda seen: seen.row[0], "item-1"),
    ("catalog_file[0]", "external_ids", lambda seen: claim(seen.merchant, "external_ids.threadgenius").value, "item-1"),
    ("catalog_file[1]", "CatalogItem.image", lambda seen: seen.row[1], "http://cdn.cool.images/url1.jpeg"),
    ("catalog_file[2]", "CatalogItem.metadata", lambda seen: seen.row[2], METADATA),
    ("metadata.price", "price", lambda seen: claim(seen.merchant, "price").value.amount, Decimal("19.99")),
    ("metadata.price", "price", lambda seen: claim(seen.merchant, "price").value.currency, "EUR"),
    ("metadata.SKU", "sku", lambda seen: claim(seen.merchant, "sku").value, "120984"),
    ("metadata.categories[]", "category", lambda seen: claim(seen.merchant, "category").value.id, "aa-1-13-14"),
    ("metadata.categories[]", "color", lambda seen: claim(seen.merchant, "color").value.term.id, "red"),
    ("metadata.categories[]", "labels", lambda seen: claim(seen.merchant, "labels").value.name, "cosy"),
    ("metadata.*", "extra", lambda seen: claim(seen.merchant, f"{EXTRA}.season").value, {"name": "AW"}),
    ("tag.request.url", "Garment.images", lambda seen: sent(seen, "/v0/tag", "url"), [PHOTO]),
    ("tag.request.image", "Garment.images", lambda seen: sent(seen, "/v0/tag", "image")[0][:2], FILE),
    ("tag.labels[].confidence", "confidence", lambda seen: claim(seen.claims, "labels").confidence, 0.3),
    ("tag.labels[].type", "labels[].kind", lambda seen: claim(seen.claims, "labels").value.kind, "mood"),
    ("tag.labels[type=shape].name", "category", lambda seen: claim(seen.claims, "category").value.id, "aa-8-3"),
    ("tag.labels[type=shape].name", "boot_style", lambda seen: claim(seen.claims, "boot_style").value.id, "chelsea"),
    ("tag.labels[type=color].name", "color", lambda seen: claim(seen.claims, "color").value.term.id, "x:charcoal"),
    ("tag.labels[type=color].name", "color", lambda seen: claim(seen.claims, "color").raw, "color charcoal"),
    ("tag.labels[type=*].name", "labels[].name", lambda seen: claim(seen.claims, "labels").value.name, "calm"),
    ("search.request.url", "Query.image", lambda seen: sent(seen, "/v0/search", "url"), [PHOTO]),
    ("search.request.image", "Query.image", lambda seen: sent(seen, "/v0/search", "image")[0][:2], FILE),
    ("search.request.catalog_id", "Ref", lambda seen: sent(seen, "/v0/search", "catalog_id")[0], "cdae7e788f1e0000"),
    ("search.request.n_results", "Query.limit", lambda seen: sent(seen, "/v0/search", "n_results"), ["7", "50"]),
    ("search.similars[].url", "Hit.image_url", lambda seen: seen.hit.image_url, "http://cdn.cool.images/url1.jpeg"),
    ("search.similars[].distance", "Hit.distance", lambda seen: (seen.hit.distance, seen.hit.score), (0.25, 0.8)),
    ("search.similars[].iid", "Hit.id", lambda seen: seen.hit.id, "item-1"),
    ("search.similars[].metadata", "Hit.metadata", lambda seen: seen.hit.metadata, METADATA),
    ("detect.request.image", "Image", lambda seen: sent(seen, "/v0/detect", "image")[0][:2], FILE),
    ("detect.boxes[].category", "Detection.category", lambda seen: seen.detection.category.id, "aa-1-12"),
    ("detect.boxes[].category", "Detection.raw_category", lambda seen: seen.detection.raw_category, "pants-long"),
    ("detect.boxes[].score", "Detection.score", lambda seen: seen.detection.score, 0.6992457509040833),
    ("detect.boxes[].bbox", "Detection.box", lambda seen: seen.detection.box[0], 48 / 300),
    ("detect.boxes[].bbox", "Detection.raw_box", lambda seen: seen.detection.raw_box, (48, 203, 270, 524)),
    ("usage.<YYYY-M>", "Usage.month", lambda seen: {use.month for use in seen.usage}, {"2016-12", "2017-01"}),
    ("usage.<YYYY-M>.<op>", "Usage.operation", lambda seen: seen.usage[-3].operation, "detect"),
    ("usage.<YYYY-M>.<op>.num_calls", "Usage.calls", lambda seen: seen.usage[2].calls, 2),
    ("usage.<YYYY-M>.<op>.num_images", "Usage.images", lambda seen: seen.usage[2].images, 1000),
]
"""Where the vendor says it, where Placket has it, how to get there, and what is there. Not here, because elsewhere:
``token.expires_in_seconds`` (test_credentials), ``num_images_total`` (test_catalogs), ``detect.request.url``
(test_searching)."""


@pytest.mark.parametrize(("place", "name", "look", "expected"), ROWS)
async def test_it_is_there(seen: Seen, place: str, name: str, look: Callable[[Seen], Any], expected: Any) -> None:
    assert look(seen) == expected, f"{place} is not in {name}"


async def test_a_garment_comes_back_from_a_catalog_as_it_went_in(provider: Any, streamed: Any, garment: Any) -> None:
    search = provider()
    catalog = (await search.create_catalog("one")).ref
    await search.add_items(catalog, streamed([item_of_record(garment.record)]))
    await (await search.index(catalog)).result()
    (hit,) = (await search.search(Query(Image.of(PHOTO)), [catalog])).hits
    back = garment.merged(claims_of_hit(hit))
    assert (back.sku, back.price, back.category) == (garment.record.sku, garment.record.price, garment.record.category)
    assert {one.term for one in back.color} == {one.term for one in garment.record.color}
    assert {one.name for one in back.labels} == {"cosy"}
    assert back.media[0].url == garment.record.media[0].url
    assert back.external_ids["threadgenius"] == garment.record.id
    assert back.extra["threadgenius.metadata.shelf"] == 12

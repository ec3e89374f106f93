"""Version 1 of the protocol: another login, JSON, batches, keywords, parts of pictures, items that can be listed."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from placket.errors import (
    InvalidInput,
    NotFound,
    ProtocolError,
    Refused,
    Unauthenticated,
    Unavailable,
    Unsupported,
)
from placket.interfaces import CatalogItem, CatalogState, Garment, Image, JobState, Query, Ref, Usage
from placket.registry import Secret
from placket.testing.faults import FaultKind

PHOTO = Image.of("https://shop.example.com/photos/1.webp")


def items(*ids: str) -> list[CatalogItem]:
    return [CatalogItem(one, Image.of(f"https://cdn.example.com/{one}.jpg"), {"n": one}) for one in ids]


async def filled(search: Any, streamed: Any, *ids: str) -> Ref:
    catalog = (await search.create_catalog("one")).ref
    await search.add_items(catalog, streamed(items(*ids)))
    return catalog


def last(vendor: Any) -> Any:
    return vendor.requests[-1].json()


async def test_tags_have_no_type(provider_v1: Any, vendor_v1: Any) -> None:
    findings = await provider_v1().tag(Garment.of(PHOTO, id="g1"))
    claims = {claim.field: claim for claim in findings.claims}
    assert (claims["category"].value.id, claims["category"].confidence) == ("aa-8-3", 0.9)
    assert claims["boot_style"].value.id == "chelsea"
    assert claims["color"].value.term.id == "red"
    assert claims["extra.threadgenius.prediction.gid"].value == "prediction_1"
    assert last(vendor_v1) == {"image": {"url": PHOTO.url}}


async def test_the_key_is_the_user_of_basic_authentication(provider_v1: Any, vendor_v1: Any) -> None:
    await provider_v1().usage()
    (asked,) = vendor_v1.requests
    assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"key-4711-very-secret:").decode()


async def test_bytes_are_sent_in_base64(provider_v1: Any, vendor_v1: Any, png: Any) -> None:
    await provider_v1().tag(Garment.of(png(2, 2)))
    assert last(vendor_v1) == {"image": {"base64": base64.b64encode(png(2, 2)).decode()}}


async def test_boxes_are_fractions_already(provider_v1: Any) -> None:
    (found,) = await provider_v1().detect(PHOTO)
    assert found.box == (0.1, 0.2, 0.5, 1.0)
    assert (found.category, found.score, found.media) == (None, None, PHOTO.url)


async def test_catalogs_come_in_pages(provider_v1: Any, vendor_v1: Any) -> None:
    search = provider_v1()
    made = [await search.create_catalog(str(number)) for number in range(5)]
    assert await search.list_catalogs().collect() == made
    assert len(vendor_v1.asked("GET", "/v1/catalog")) == 3
    assert await search.get_catalog(made[0].ref) == made[0]
    assert (made[0].ref.id, made[0].state) == ("catalog_0000", CatalogState.READY)
    await search.delete_catalog(made[0].ref)
    with pytest.raises(NotFound):
        await search.get_catalog(made[0].ref)


async def test_items_are_added_in_batches(provider_v1: Any, vendor_v1: Any, streamed: Any) -> None:
    search = provider_v1()
    catalog = (await search.create_catalog("one")).ref
    uploaded = await search.add_items(catalog, streamed(items(*map(str, range(70)))))
    assert uploaded.accepted == 70
    sent = [request.json()["objects"] for request in vendor_v1.asked("POST", f"/v1/catalog/{catalog.id}/object")]
    assert [len(batch) for batch in sent] == [32, 32, 6]
    assert sent[0][0] == {
        "image": {"url": "https://cdn.example.com/0.jpg"},
        "metadata": {"n": "0", "placket_id": "0"},
    }


async def test_no_items_are_no_request(provider_v1: Any, vendor_v1: Any, streamed: Any) -> None:
    assert (await provider_v1().add_items(Ref("tg", "catalog", "1"), streamed([]))).accepted == 0
    assert vendor_v1.requests == []


async def test_how_many_were_added_before_a_failure(provider_v1: Any, vendor_v1: Any, streamed: Any) -> None:
    search = provider_v1()
    catalog = (await search.create_catalog("one")).ref
    vendor_v1.faults.add(FaultKind.STATUS, path="*/object", status=503, after=1)
    with pytest.raises(Unavailable, match="32 items had been added before"):
        await search.add_items(catalog, streamed(items(*map(str, range(70)))))


async def test_items_are_listed(provider_v1: Any, vendor_v1: Any, streamed: Any) -> None:
    search = provider_v1()
    catalog = await filled(search, streamed, *"abcde")
    vendor_v1.catalogs[catalog.id]["objects"]["object_foreign"] = {"image": {"url": "https://x.example.com"}}
    found = await search.list_items(catalog).collect()
    assert [item.id for item in found] == [*"abcde", "object_foreign"]
    assert (found[0].image_url, found[0].metadata) == ("https://cdn.example.com/a.jpg", {"n": "a"})


async def test_items_are_deleted_by_their_ids(provider_v1: Any, vendor_v1: Any, streamed: Any) -> None:
    search = provider_v1()
    catalog = await filled(search, streamed, *"abcde")
    assert await search.delete_items(catalog, ["b", "e", "none"]) == 2
    assert [item.id for item in await search.list_items(catalog).collect()] == ["a", "c", "d"]
    asked = len(vendor_v1.requests)
    assert await search.delete_items(catalog, []) == 0
    assert len(vendor_v1.requests) == asked


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_a_deletion_may_be_answered_with_nothing(provider_v1: Any, vendor_v1: Any, status: int) -> None:
    search = provider_v1()
    catalog = (await search.create_catalog("summer")).ref
    vendor_v1.faults.add(FaultKind.STATUS, method="DELETE", status=status)
    await search.delete_catalog(catalog)
    assert len(vendor_v1.asked("DELETE", f"/v1/catalog/{catalog.id}")) == 1


async def test_search_by_a_picture(provider_v1: Any, vendor_v1: Any, streamed: Any) -> None:
    search = provider_v1()
    catalog = await filled(search, streamed, *"abc")
    results = await search.search(Query(PHOTO, limit=2), [catalog])
    assert [(hit.id, hit.score, hit.distance) for hit in results.hits] == [("a", 1.0, None), ("b", 0.5, None)]
    assert (results.hits[0].metadata, results.hits[0].image_url) == ({"n": "a"}, "https://cdn.example.com/a.jpg")
    assert last(vendor_v1) == {"n_results": 2, "image": {"url": PHOTO.url}}


async def test_search_by_a_part_of_a_picture(provider_v1: Any, vendor_v1: Any, streamed: Any) -> None:
    search = provider_v1()
    catalog = await filled(search, streamed, "a")
    await search.search(Query(PHOTO, region=(0, 0.25, 0.5, 1)), [catalog])
    assert last(vendor_v1)["image"] == {"url": PHOTO.url, "crop": [0, 0.25, 0.5, 1]}


async def test_search_by_words(provider_v1: Any, vendor_v1: Any, streamed: Any) -> None:
    search = provider_v1()
    catalog = await filled(search, streamed, "a")
    await search.search(Query(text=" red, wool  coat"), [catalog])
    assert last(vendor_v1) == {"n_results": 50, "keywords": ["red", "wool", "coat"]}


@pytest.mark.parametrize(
    ("query", "words"),
    [(Query(PHOTO, text="red"), "not by both"), (Query(text="a b c d e f"), "at most 5 words")],
)
async def test_what_it_cannot_search_by(provider_v1: Any, vendor_v1: Any, query: Query, words: str) -> None:
    with pytest.raises(Unsupported, match=words):
        await provider_v1().search(query, [Ref("tg", "catalog", "1")])
    assert vendor_v1.requests == []


@pytest.mark.parametrize("region", [(0.5, 0, 0.4, 1), (0, 0, 1, 1.5), (-0.1, 0, 1, 1)])
async def test_a_region_is_within_the_picture(provider_v1: Any, region: Any) -> None:
    with pytest.raises(InvalidInput, match="region"):
        await provider_v1().search(Query(PHOTO, region=region), [Ref("tg", "catalog", "1")])


async def test_indexing_needs_no_asking(provider_v1: Any, vendor_v1: Any, streamed: Any) -> None:
    search = provider_v1(states={"humming": CatalogState.INDEXING})
    catalog = await filled(search, streamed, "a")
    vendor_v1.status = "humming"
    job = await search.index(catalog)
    assert (await job.status()).state is JobState.RUNNING
    vendor_v1.status = "ready for query"
    assert (await job.result()).state is CatalogState.READY
    assert {request.method for request in vendor_v1.requests if "/index" in request.path} == set()


async def test_usage_has_months(provider_v1: Any) -> None:
    assert await provider_v1().usage() == (Usage("2017-01", "tag", 7, 9),)


async def test_a_wrong_key_is_told_with_200(provider_v1: Any) -> None:
    with pytest.raises(Unauthenticated, match="api_key") as caught:
        await provider_v1(api_key=Secret("wrong-key-123")).usage()
    assert "wrong-key" not in str(caught.value)


async def test_another_refusal_is_told_with_200(provider_v1: Any, vendor_v1: Any) -> None:
    vendor_v1.rewrites.append(lambda *_: {"status": {"description": "No credits left."}})
    with pytest.raises(Refused, match="No credits left"):
        await provider_v1().usage()


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"status": {"description": "OK"}},
        {"response": None},
        {"response": {"prediction": None}},
        {"response": {"prediction": {"data": {}}}},
        {"response": {"prediction": {"data": {"tags": "many"}}}},
    ],
)
async def test_an_answer_of_another_shape(provider_v1: Any, vendor_v1: Any, document: Any) -> None:
    vendor_v1.rewrites.append(lambda *_: document)
    with pytest.raises(ProtocolError):
        await provider_v1().tag(Garment.of(PHOTO))

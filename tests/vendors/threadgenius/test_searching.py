"""Search by a picture, and detection of garments in one."""

from __future__ import annotations

from typing import Any

import pytest

from placket.errors import InvalidInput, InvalidRequest, ProtocolError, Unsupported
from placket.interfaces import CatalogItem, Filter, Image, Query, Ref

PHOTO = Image.of("https://shop.example.com/photos/1.webp")


async def catalog_of(search: Any, streamed: Any, *ids: str) -> Ref:
    catalog = (await search.create_catalog("one")).ref
    items = [CatalogItem(one, Image.of(f"https://cdn.example.com/{one}.jpg"), {"n": one}) for one in ids]
    await search.add_items(catalog, streamed(items))
    await (await search.index(catalog)).result()
    return catalog


def answering(vendor: Any, **nouns: Any) -> None:
    vendor.rewrites.append(lambda request, document: {**document, **nouns} if set(nouns) & set(document) else document)


async def test_the_nearest_come_first(provider: Any, vendor: Any, streamed: Any) -> None:
    search = provider()
    catalog = await catalog_of(search, streamed, "a", "b")
    results = await search.search(Query(PHOTO), [catalog])
    first, second = results.hits
    assert (first.id, first.distance, first.score) == ("a", 0.25, 0.8)
    assert (second.id, second.distance, second.score) == ("b", 0.5, 1 / 1.5)
    assert (first.catalog, first.providers) == (catalog, ("tg",))
    assert (first.image_url, first.metadata) == ("https://cdn.example.com/a.jpg", {"n": "a"})
    assert results.raw[catalog.id]["similars"][0]["iid"] == "a"
    assert vendor.forms[-1] == ("/v0/search", {"url": PHOTO.url, "catalog_id": catalog.id, "n_results": "50"})


async def test_bytes_are_sent_as_a_file(provider: Any, vendor: Any, streamed: Any, png: Any) -> None:
    search = provider()
    catalog = await catalog_of(search, streamed, "a")
    await search.search(Query(Image.of(png(2, 3)), limit=7), [catalog])
    assert vendor.forms[-1][1] == {
        "catalog_id": catalog.id,
        "n_results": "7",
        "image": ("image.png", "image/png", png(2, 3)),
    }


async def test_as_many_as_are_wanted(provider: Any, vendor: Any, streamed: Any) -> None:
    search = provider()
    catalog = await catalog_of(search, streamed, *"abcdef")
    assert [hit.id for hit in (await search.search(Query(PHOTO, limit=2), [catalog])).hits] == ["a", "b"]
    answering(vendor, similars=[{"iid": str(number), "distance": number} for number in range(9)])
    assert len((await search.search(Query(PHOTO, limit=2), [catalog])).hits) == 2


async def test_several_catalogs_make_one_list(provider: Any, streamed: Any) -> None:
    search = provider()
    one, two = await catalog_of(search, streamed, "a", "b"), await catalog_of(search, streamed, "c")
    results = await search.search(Query(PHOTO), [one, two])
    assert [(hit.id, hit.catalog) for hit in results.hits] == [("a", one), ("c", two), ("b", one)]
    assert set(results.raw) == {one.id, two.id}


async def test_results_as_they_may_come(provider: Any, vendor: Any, streamed: Any) -> None:
    search = provider()
    catalog = await catalog_of(search, streamed, "a")
    answering(
        vendor,
        similars=[
            {"iid": 1280619564, "distance": "0.5", "url": None, "metadata": '{"price": 1}', "model": "v9"},
            {"iid": "far", "distance": 3, "metadata": None},
            {"iid": "near", "distance": -0.5, "metadata": "free text"},
            {"distance": 1},
            {"iid": "deep", "distance": 4, "metadata": "[" * 100_000},
        ],
    )
    hits = (await search.search(Query(PHOTO), [catalog])).hits
    assert [(hit.id, hit.distance, hit.score, hit.image_url, hit.metadata) for hit in hits] == [
        ("near", -0.5, 1.0, "", {"metadata": "free text"}),
        ("1280619564", 0.5, 1 / 1.5, "", {"price": 1}),
        ("", 1.0, 0.5, "", {}),
        ("far", 3.0, 0.25, "", {}),
        ("deep", 4.0, 0.2, "", {"metadata": "[" * 100_000}),
    ]


async def test_without_distances_the_order_counts(provider: Any, vendor: Any, streamed: Any) -> None:
    search = provider()
    catalog = await catalog_of(search, streamed, "a")
    answering(vendor, similars=[{"iid": "z"}, {"iid": "y"}, {"iid": "x"}])
    hits = (await search.search(Query(PHOTO), [catalog])).hits
    assert [(hit.id, hit.score, hit.distance) for hit in hits] == [
        ("z", 1.0, None),
        ("y", 0.5, None),
        ("x", 1 / 3, None),
    ]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query(PHOTO, text="red"), 'protocol = "v1"'),
        (Query(text="red"), 'protocol = "v1"'),
        (Query(PHOTO, region=(0, 0, 0.5, 0.5)), 'protocol = "v1"'),
        (Query(PHOTO, filters=(Filter("price", most=10),)), "filter"),
        (Query(PHOTO, attributes={"color": "red"}), "by attributes"),
        (Query(PHOTO, garment="skirt"), "give its region"),
        (Query(PHOTO, color_weight=0.5), "leave color_weight out"),
    ],
)
async def test_what_it_cannot_search_by(provider: Any, vendor: Any, query: Query, words: str) -> None:
    with pytest.raises(Unsupported, match=words):
        await provider().search(query, [Ref("tg", "catalog", "1")])
    assert vendor.requests == []


@pytest.mark.parametrize(
    ("query", "catalogs"),
    [
        (Query(), [Ref("tg", "catalog", "1")]),
        (Query(PHOTO), []),
        (Query(PHOTO), [Ref("tg", "sku", "1")]),
        (Query(PHOTO, limit=0), [Ref("tg", "catalog", "1")]),
        (Query(PHOTO, region=(0.5, 0, 0.4, 1)), [Ref("tg", "catalog", "1")]),
    ],
)
async def test_what_is_no_search(provider: Any, vendor: Any, query: Query, catalogs: list[Ref]) -> None:
    with pytest.raises(InvalidInput):
        await provider().search(query, catalogs)
    assert vendor.requests == []


async def test_before_it_is_ready_the_vendor_refuses(provider: Any) -> None:
    search = provider()
    catalog = await search.create_catalog("one")
    with pytest.raises(InvalidRequest, match="not ready"):
        await search.search(Query(PHOTO), [catalog.ref])


async def test_boxes_become_fractions_of_the_picture(provider: Any, vendor: Any, png: Any) -> None:
    picture = Image.of(png(300, 600))
    found = await provider().detect(picture)
    assert [str(detection.category) for detection in found] == ["Pants", "Shoes", "Shoes", "Outerwear"]
    assert found[0].box == pytest.approx((48 / 300, 203 / 600, 270 / 300, 524 / 600))
    assert found[0].raw_box == (48, 203, 270, 524)
    assert found[0].raw_category == "pants-long"
    assert found[0].score == 0.6992457509040833
    assert found[0].media == picture.sha256
    assert vendor.forms[-1] == ("/v0/detect", {"image": ("image.png", "image/png", png(300, 600))})


async def test_a_picture_at_an_address_is_read_for_its_size_and_sent_as_an_address(
    provider: Any, vendor: Any, png: Any
) -> None:
    picture = Image.of(f"{vendor.url}/photo.png")
    found = await provider().detect(picture)
    assert found[0].box[0] == 48 / 300
    assert vendor.forms[-1] == ("/v0/detect", {"url": picture.url})
    assert found[0].media == Image.of(png(300, 600)).sha256


async def test_boxes_beyond_the_edge_are_cut_there(provider: Any, vendor: Any, png: Any) -> None:
    vendor.boxes = [{"category": "hat-tall", "score": "0.5", "bbox": ["-3", 0.5, 101, 1e6], "model": "v9"}]
    (found,) = await provider().detect(Image.of(png(100, 10)))
    assert found.box == (0, 0.05, 1, 1)
    assert found.raw_box == (-3, 0.5, 101, 1e6)
    assert (found.category, found.raw_category, found.score) == (None, "hat-tall", 0.5)


async def test_boxes_in_fractions_need_no_size(provider: Any, vendor: Any) -> None:
    vendor.boxes = [{"bbox": [0.1, 0.2, 0.5, 1]}]
    (found,) = await provider(boxes="fractions").detect(PHOTO)
    assert found.box == (0.1, 0.2, 0.5, 1.0)
    assert found.media == PHOTO.url


async def test_nothing_found(provider: Any, vendor: Any, png: Any) -> None:
    vendor.boxes = []
    assert await provider().detect(Image.of(png(10, 10))) == ()


@pytest.mark.parametrize("bbox", [None, [], [1, 2, 3], [1, 2, 3, None], [30, 2, 3, 4], "1,2,3,4", [1, 2, 3, True]])
async def test_what_is_no_box(provider: Any, vendor: Any, png: Any, bbox: Any) -> None:
    vendor.boxes = [{"category": "pants-long", "bbox": bbox}]
    with pytest.raises(ProtocolError, match="a box is not left, top, right, bottom"):
        await provider().detect(Image.of(png(100, 100)))


async def test_a_picture_whose_size_cannot_be_read_is_not_sent(provider: Any, vendor: Any) -> None:
    with pytest.raises(InvalidInput, match="size"):
        await provider().detect(Image.of(b"\xff\xd8\xff and no more"))
    assert vendor.requests == []

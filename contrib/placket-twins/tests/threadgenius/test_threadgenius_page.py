"""The requests and answers of the vendor's page."""

from __future__ import annotations

import re

import aiohttp
import pytest

KEY, SECRET = "key-of-the-dashboard", "secret-of-the-dashboard"
OK = {"message": "OK", "code": 200}
WHEN = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00$")


@pytest.mark.parametrize("path", ["/token", "/token/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_token_is_given_for_key_and_secret(make, path, method):
    client = await make(logged_in=False)
    login = {"api_key": KEY, "api_secret": SECRET}
    status, body = await client.request(method, path, **{"params" if method == "GET" else "data": login})
    assert status == 200
    token = body.pop("access_token")
    assert len(token) == 16
    assert body == {"status": OK, "token_type": "bearer", "expires_in_seconds": 86399}


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "{}"])
async def test_both_forms_of_the_header_are_taken(make, form):
    client = await make()
    status, body = await client.request("GET", "/usage", headers={"Authorization": form.format(client.token)})
    assert (status, body) == (200, {"status": OK, "usage": {}})


@pytest.mark.parametrize("path", ["/catalog", "/catalog/"])
async def test_a_new_catalog(make, path):
    client = await make()
    status, body = await client.request("POST", path, data={"name": "My Awesome Catalog"})
    assert status == 200
    assert re.fullmatch("[0-9a-f]{16}", body["catalog"].pop("catalog_id"))
    assert WHEN.match(body["catalog"].pop("date_created"))
    assert body == {"status": OK, "catalog": {"name": "My Awesome Catalog", "status": "new"}}


async def test_a_catalog_goes_its_way(make):
    client = await make()
    catalog_id = await client.create()
    about = {key: (await client.get(catalog_id))[key] for key in ("catalog_id", "date_created", "name")}
    assert await client.get(catalog_id) == {**about, "status": "new"}

    answer = await client.upload(catalog_id, await client.lines("navy", "red"))
    assert answer == (200, {"status": OK, "catalog": {**about, "status": "uploading"}})
    await client.twin.settled()
    assert await client.get(catalog_id) == {**about, "num_total_images": 2, "status": "upload done"}

    answer = await client.request("POST", f"/catalog/{catalog_id}/index")
    shown = {**about, "num_images_total": 2, "status": "index in progress"}
    assert answer == (200, {"status": OK, "catalog": shown})
    await client.twin.settled()
    ready = {**about, "num_images_indexed": 2, "num_total_images": 2, "status": "ready for query"}
    assert await client.get(catalog_id) == ready

    other = await client.create("Test Catalog")
    status, body = await client.request("GET", "/catalog/")
    assert (status, body["status"]) == (200, OK)
    assert [each["catalog_id"] for each in body["catalog"]] == [other, catalog_id]
    assert body["catalog"][1] == ready

    answer = await client.request("DELETE", f"/catalog/{catalog_id}")
    assert answer == (
        200,
        {"status": {"message": "Catalog deleted.", "code": 200}, "catalog": {"catalog_id": catalog_id}},
    )
    status, body = await client.request("GET", f"/catalog/{catalog_id}")
    assert (status, body["status"]["code"]) == (404, 404)
    assert [each["name"] for each in (await client.request("GET", "/catalog"))[1]["catalog"]] == ["Test Catalog"]


async def test_a_deleted_catalog_is_deleted_behind_it_as_well(make, search):
    client = await make()
    catalog_id = await client.indexed(await client.lines("navy"))
    assert list(search.catalogs) == ["1"]
    await client.request("DELETE", f"/catalog/{catalog_id}")
    await client.twin.settled()
    assert search.catalogs == {}
    status, _ = await client.request("DELETE", f"/catalog/{catalog_id}")
    assert status == 404


@pytest.mark.parametrize("path", ["/tag", "/tag/"])
async def test_labels_of_an_image_by_its_address(make, path, tagger):
    tagger.see_skinny_jeans()
    client = await make()
    status, body = await client.request("POST", path, data={"url": await client.publish("navy")})
    assert (status, body["status"]) == (200, OK)
    assert body["labels"] == [
        {"confidence": 0.95, "type": "fabric", "name": "denim"},
        {"confidence": 0.9, "type": "color", "name": "color blue"},
        {"confidence": 0.9, "type": "shape", "name": "jeans"},
        {"confidence": 0.8, "type": "fit", "name": "slim"},
    ]


async def test_labels_of_an_image_that_is_sent(make, tagger, picture):
    tagger.see_skinny_jeans()
    client = await make()
    form = aiohttp.FormData()
    form.add_field("image", picture, filename="image.png")
    status, body = await client.request("POST", "/tag", data=form)
    assert (status, len(body["labels"])) == (200, 4)
    assert tagger.asked[0].image().content() == picture


@pytest.mark.parametrize("path", ["/search", "/search/"])
async def test_similar_images_come_the_nearest_first(make, path):
    client = await make()
    catalog_id = await client.indexed(await client.lines("red", "navy", "blue"))
    query = {"url": await client.publish("navy"), "catalog_id": catalog_id}
    status, body = await client.request("POST", path, data=query)
    assert (status, body["status"]) == (200, OK)
    assert [each["iid"] for each in body["similars"]] == ["navy", "blue", "red"]
    first = body["similars"][0]
    assert first == {
        "url": await client.publish("navy"),
        "distance": 0.0,
        "iid": "navy",
        "metadata": {"price": 19.99, "SKU": 1, "tags": ["navy"]},
    }
    assert list(first) == ["url", "distance", "iid", "metadata"]


async def test_an_image_is_searched_for_by_itself(make, picture):
    client = await make()
    catalog_id = await client.indexed(await client.lines("red", "navy"))
    form = aiohttp.FormData()
    form.add_field("image", picture, filename="image.png")
    form.add_field("catalog_id", catalog_id)
    form.add_field("n_results", "1")
    status, body = await client.request("POST", "/search", data=form)
    assert (status, len(body["similars"])) == (200, 1)


async def test_fifty_results_where_nobody_says_how_many(make, search):
    client = await make()
    catalog_id = await client.indexed(await client.lines("red"))
    await client.search(catalog_id, "red")
    await client.search(catalog_id, "red", n_results=7)
    assert [query.limit for query in search.asked] == [50, 7]


async def test_a_distance_is_told_where_the_backend_tells_none(make, search):
    search.distances = False
    client = await make()
    catalog_id = await client.indexed(await client.lines("navy"))
    _, body = await client.search(catalog_id, "red")
    assert 0.5 < body["similars"][0]["distance"] < 0.7


@pytest.mark.parametrize("path", ["/detect", "/detect/"])
async def test_boxes_are_pixels(make, path, search):
    search.see_an_outfit()
    client = await make()
    status, body = await client.request("POST", path, data={"url": await client.publish("navy", (336, 600))})
    assert (status, body["status"]) == (200, OK)
    assert body["boxes"] == [
        {"category": "outerwear-light", "score": 0.996, "bbox": [66, 55, 243, 293]},
        {"category": "footwear-regular", "score": 0.977, "bbox": [143, 455, 216, 536]},
        {"category": "pants-long", "score": 0.699, "bbox": [48, 203, 270, 524]},
        {"category": "dresses", "score": 1.0, "bbox": [0, 0, 336, 600]},
    ]


@pytest.mark.parametrize("path", ["/usage", "/usage/"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_usage_is_counted(make, method, path, clock):
    client = await make()
    assert (await client.request(method, path))[1] == {"status": OK, "usage": {}}
    catalog_id = await client.indexed(await client.lines("red", "navy", "blue"))
    await client.search(catalog_id, "red")
    url = await client.publish("red")
    for _ in range(2):
        await client.request("POST", "/tag", data={"url": url})
    await client.request("POST", "/detect", data={"url": url})
    january = {
        "catalog_upload": {"num_calls": 1, "num_images": 3},
        "catalog_index": {"num_calls": 1, "num_images": 3},
        "search": {"num_calls": 1, "num_images": 1},
        "tag": {"num_calls": 2, "num_images": 2},
        "detect": {"num_calls": 1, "num_images": 1},
    }
    assert (await client.request(method, path))[1] == {"status": OK, "usage": {"2026-1": january}}
    await clock.sleep(40 * 86_400)
    await client.log_in()
    await client.request("POST", "/tag", data={"url": url})
    _, body = await client.request(method, path)
    assert list(body["usage"]) == ["2026-2", "2026-1"]
    assert body["usage"]["2026-2"] == {"tag": {"num_calls": 1, "num_images": 1}}


async def test_what_was_refused_is_not_counted(make):
    client = await make()
    await client.request("POST", "/tag", data={"url": "http://127.0.0.1:1/none.png"})
    await client.request("POST", "/tag")
    assert (await client.request("GET", "/usage"))[1]["usage"] == {}


async def test_parameters_may_stand_in_the_query(make):
    client = await make()
    status, body = await client.request("POST", "/catalog/", params={"name": "from the query"})
    assert (status, body["catalog"]["name"]) == (200, "from the query")


async def test_the_human_page_shows_catalogs(make):
    client = await make()
    await client.indexed(await client.lines("red", "navy"))
    async with client.session.get(client.base.removesuffix("/v0") + "/") as answer:
        text = await answer.text()
    assert "My Awesome Catalog" in text
    assert "ready for query" in text
    assert SECRET not in text

"""What the page contradicts or leaves open, each setting of each switch."""

from __future__ import annotations

import aiohttp
import pytest

KEY, SECRET = "key-of-the-dashboard", "secret-of-the-dashboard"
LOGIN = {"api_key": KEY, "api_secret": SECRET}


@pytest.mark.parametrize(("quirk", "bearer", "bare"), [("both", 200, 200), ("bearer", 200, 401), ("bare", 401, 200)])
async def test_authorization(make, quirk, bearer, bare):
    client = await make(authorization=quirk)
    for header, status in ((f"Bearer {client.token}", bearer), (client.token, bare)):
        assert (await client.request("GET", "/usage", headers={"Authorization": header}))[0] == status


@pytest.mark.parametrize(("quirk", "get", "post"), [("both", 200, 200), ("get", 200, 405), ("post", 405, 200)])
async def test_methods(make, quirk, get, post):
    client = await make(token_method=quirk, usage_method=quirk)
    for path in ("/token", "/token/"):
        assert (await client.request("GET", path, params=LOGIN))[0] == get
        assert (await client.request("POST", path, data=LOGIN))[0] == post
    for path in ("/usage", "/usage/"):
        assert (await client.request("GET", path))[0] == get
        assert (await client.request("POST", path))[0] == post


async def test_a_path_without_its_slash_can_be_redirected(make):
    client = await make(logged_in=False, slash="redirect")
    status, _, headers = await client.whole("POST", "/token?x=1", data=LOGIN)
    assert (status, headers["Location"]) == (308, "/v0/token/?x=1")
    status, body = await client.request("POST", "/token", data=LOGIN, allow_redirects=True)
    assert (status, len(body["access_token"])) == (200, 16)


async def test_parameters_can_be_looked_for_in_one_place_only(make):
    for quirk, query, form in (("both", 200, 200), ("query", 200, 400), ("form", 400, 200)):
        client = await make(parameters=quirk, token_method="get")
        assert (await client.request("POST", "/catalog", params={"name": "c"}))[0] == query
        assert (await client.request("POST", "/catalog", data={"name": "c"}))[0] == form


async def test_files_come_in_a_form_in_any_case(make, picture):
    client = await make(parameters="query", token_method="get")
    form = aiohttp.FormData()
    form.add_field("image", picture, filename="x.png")
    assert (await client.request("POST", "/tag", data=form))[0] == 200


@pytest.mark.parametrize(
    ("quirk", "index", "get"),
    [
        ("as-on-page", {"num_images_total"}, {"num_total_images"}),
        ("num_images_total", {"num_images_total"}, {"num_images_total"}),
        ("num_total_images", {"num_total_images"}, {"num_total_images"}),
        ("both", {"num_images_total", "num_total_images"}, {"num_images_total", "num_total_images"}),
    ],
)
async def test_image_count(make, quirk, index, get):
    client = await make(image_count=quirk)
    catalog_id = await client.uploaded(await client.lines("navy"))
    _, body = await client.request("POST", f"/catalog/{catalog_id}/index")
    assert {name for name in body["catalog"] if "total" in name} == index
    assert {name for name in await client.get(catalog_id) if "total" in name} == get


async def test_counts_can_be_there_before_they_mean_something(make):
    client = await make(counts="always")
    seen = await client.get(await client.create())
    assert (seen["num_images_indexed"], seen["num_total_images"]) == (0, 0)


@pytest.mark.parametrize(
    ("quirk", "first", "later"),
    [
        ("as-on-page", "index in progress", "indexing"),
        ("indexing", "indexing", "indexing"),
        ("index-in-progress", "index in progress", "index in progress"),
    ],
)
async def test_indexing_word(make, search, quirk, first, later):
    import asyncio

    client = await make(indexing_word=quirk)
    search.gate = asyncio.Event()
    catalog_id = await client.uploaded(await client.lines("navy"))
    _, body = await client.request("POST", f"/catalog/{catalog_id}/index")
    assert body["catalog"]["status"] == first
    await search.waiting.wait()
    assert (await client.get(catalog_id))["status"] == later
    search.gate.set()


async def test_error_log(make):
    shown = []
    for quirk, form in (("when-filled", "text"), ("always", "text"), ("always", "list"), ("never", "text")):
        client = await make(error_log=quirk, error_log_form=form)
        good = await client.uploaded(await client.lines("navy"))
        bad = await client.uploaded(await client.lines("navy") + "\nx\ny")
        shown.append([(await client.get(each)).get("error_log") for each in (good, bad)])
    reason = "an image id and an image URL are needed, separated by a tab"
    text, lines = f"line 2: {reason}\nline 3: {reason}", [f"line 2: {reason}", f"line 3: {reason}"]
    assert shown == [[None, text], ["", text], [[], lines], [None, None]]


async def test_a_bad_line_can_fail_the_upload(make):
    client = await make(bad_line="fails")
    catalog_id = await client.uploaded(await client.lines("navy") + "\nx")
    seen = await client.get(catalog_id)
    assert seen["status"] == "upload error"
    assert seen["error_log"].startswith("line 2: ")
    assert "num_total_images" not in seen
    await client.upload(catalog_id, await client.lines("navy"))
    await client.twin.settled()
    seen = await client.get(catalog_id)
    assert (seen["status"], seen["num_total_images"], "error_log" in seen) == ("upload done", 1, False)


async def test_the_first_line_can_be_a_header(make):
    client = await make(header_line="skipped")
    seen = await client.get(await client.uploaded("id\turl\tmetadata\n" + await client.lines("navy")))
    assert (seen["num_total_images"], "error_log" in seen) == (1, False)
    client = await make()
    seen = await client.get(await client.uploaded("id\turl\tmetadata\n" + await client.lines("navy")))
    assert (seen["num_total_images"], seen["error_log"]) == (1, "line 1: the image URL is no http or https address")


async def test_fields_can_be_quoted(make):
    client = await make(quoting="csv")
    url = await client.publish("navy")
    catalog_id = await client.indexed(f'"a ""b"""\t"{url}"\t"{{""note"": ""x""}}"\nplain\t{url}\t{{"note": "y"}}')
    _, body = await client.search(catalog_id, "navy")
    assert {each["iid"]: each["metadata"] for each in body["similars"]} == {
        'a "b"': {"note": "x"},
        "plain": {"note": "y"},
    }


async def test_a_second_upload_can_replace_the_first(make, search):
    for quirk, left in (("adds", {"navy", "red", "blue"}), ("replaces", {"red", "blue"})):
        client = await make(second_upload=quirk)
        catalog_id = await client.indexed(await client.lines("navy", "red"))
        await client.upload(catalog_id, await client.lines("red", "blue"))
        await client.twin.settled()
        await client.request("POST", f"/catalog/{catalog_id}/index")
        await client.twin.settled()
        _, body = await client.search(catalog_id, "navy")
        assert {each["iid"] for each in body["similars"]} == left


async def test_a_bad_image_can_fail_the_indexing(make, images):
    client = await make(bad_image="fails")
    catalog_id = await client.indexed(await client.lines("navy") + f"\nx\thttp://{images.authority}/gone.png")
    seen = await client.get(catalog_id)
    assert (seen["status"], seen["num_images_indexed"]) == ("index error", 1)


async def test_what_comes_too_early_can_be_accepted(make):
    client = await make(out_of_phase="accepted")
    catalog_id = await client.create()
    assert await client.search(catalog_id, "navy") == (200, {"status": {"message": "OK", "code": 200}, "similars": []})
    await client.upload(catalog_id, await client.lines("navy", "red"))
    status, _ = await client.request("POST", f"/catalog/{catalog_id}/index")
    assert status == 200
    await client.twin.settled()
    seen = await client.get(catalog_id)
    assert (seen["status"], seen["num_images_indexed"]) == ("ready for query", 2)


async def test_an_image_and_an_address_can_be_both_there(make, search):
    for quirk, nearest in (("url", "navy"), ("image", "red")):
        client = await make(url_and_image=quirk)
        catalog_id = await client.indexed(await client.lines("navy", "red"))
        async with client.session.get(await client.publish("red")) as answer:
            red = await answer.read()
        form = aiohttp.FormData({"url": await client.publish("navy"), "catalog_id": catalog_id})
        form.add_field("image", red, filename="x.png")
        _, body = await client.request("POST", "/search", data=form)
        assert body["similars"][0]["iid"] == nearest


async def test_metadata_of_an_image_without_any(make):
    shown = []
    for quirk in ("object", "null", "absent"):
        client = await make(empty_metadata=quirk)
        catalog_id = await client.indexed(f"1\t{await client.publish('navy')}")
        _, body = await client.search(catalog_id, "navy")
        shown.append(body["similars"][0].get("metadata", "absent"))
    assert shown == [{}, None, "absent"]


@pytest.mark.parametrize(
    ("quirk", "names"),
    [
        ("as-on-page", {"color blue", "jeans"}),
        ("plain", {"blue", "jeans"}),
        ("typed", {"color blue", "shape jeans"}),
    ],
)
async def test_label_names(make, tagger, quirk, names):
    tagger.see_skinny_jeans()
    client = await make(label_names=quirk)
    _, body = await client.request("POST", "/tag", data={"url": await client.publish("navy")})
    assert {each["name"] for each in body["labels"] if each["type"] in ("color", "shape")} == names


async def test_boxes(make, search):
    search.see_an_outfit()
    client = await make(bbox="floats", box_order="left-to-right")
    _, body = await client.request("POST", "/detect", data={"url": await client.publish("navy", (335, 599))})
    assert [each["category"] for each in body["boxes"]] == [
        "dresses",
        "pants-long",
        "outerwear-light",
        "footwear-regular",
    ]
    assert body["boxes"][1]["bbox"] == pytest.approx(
        [335 * 48 / 336, 599 * 203 / 600, 335 * 270 / 336, 599 * 524 / 600]
    )


async def test_a_refusal_can_come_with_status_200(make):
    client = await make(http_status="always-200", error_body="text")
    status, body = await client.request("GET", "/catalog/0123456789abcdef")
    assert (status, body) == (200, {"status": {"message": "Catalog not found.", "code": 404}})


async def test_a_refusal_can_carry_text_or_nothing(make):
    for quirk, text in (("text", "Catalog not found."), ("empty", "")):
        client = await make(error_body=quirk)
        assert await client.request("GET", "/catalog/0123456789abcdef") == (404, text)


async def test_codes(make):
    client = await make(bad_credentials="403", bad_token="403", unknown_catalog="400")
    assert (await client.request("GET", "/catalog/x"))[0] == 400
    assert (await client.request("GET", "/nowhere"))[0] == 404
    assert (await client.request("POST", "/token", data={**LOGIN, "api_key": "x"}))[0] == 403
    assert (await client.request("GET", "/usage", headers={"Authorization": "x"}))[0] == 403
    client = await make(bad_credentials="400")
    assert (await client.request("POST", "/token", data={**LOGIN, "api_key": "x"}))[0] == 400

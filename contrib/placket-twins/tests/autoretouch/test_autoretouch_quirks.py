"""What the pages leave open, each setting of each switch."""

from __future__ import annotations

import pytest

from placket.errors import InvalidInput
from placket_twins.autoretouch import AutoretouchQuirks


@pytest.mark.parametrize(
    ("shape", "total"),
    [
        ("entries", "total"),
        ("data", "count"),
        ("items", "total"),
        ("content", "totalElements"),
        ("results", "total"),
        ("skus", "total"),
    ],
)
async def test_lists_come_in_an_envelope(make_client, shape, total):
    client = await make_client(list_shape=shape)
    made = await client.sku()
    assert await client.skus() == {shape: [made], total: 1}


async def test_lists_can_be_bare(make_client):
    client = await make_client(list_shape="bare")
    made = await client.sku()
    assert await client.skus() == [made]
    assert (await client.request("GET", "/ai-shoot/skus/global"))[1] == []


async def test_ids_can_be_numbers_under_another_name(make_client):
    client = await make_client(id_name="skuId", id_type="number")
    made = await client.sku()
    assert made["skuId"] == 1
    assert "id" not in made
    assert (await client.skus(skuIdFilter="1"))["total"] == 1
    assert (await client.skus(skuIdFilter="one"))["total"] == 0
    (result,) = (await client.shot())["entries"]
    assert result["skuId"] == 2
    assert (await client.request("DELETE", "/ai-shoot/skus/1"))[0] == 204


async def test_what_is_absent_can_be_left_out(make_client):
    client = await make_client(absent="left-out")
    assert sorted(await client.sku()) == [
        "createdAt",
        "frontImage",
        "id",
        "isInWardrobe",
        "name",
        "projectIds",
        "updatedAt",
    ]


async def test_what_answers_a_new_sku(make_client):
    client = await make_client(created="wrapped")
    assert (await client.sku())["sku"]["name"] == "Blue Shirt"
    client = await make_client(created="id")
    assert list(await client.sku()) == ["id"]


async def test_updates_and_removals_can_be_answered_otherwise(make_client):
    client = await make_client(updated="empty", deleted="ok")
    made = await client.sku()
    body = {"name": "x", "frontImage": "y"}
    assert await client.request("PUT", f"/ai-shoot/skus/{made['id']}", json=body) == (204, b"")
    assert await client.request("DELETE", f"/ai-shoot/skus/{made['id']}") == (200, {})


@pytest.mark.parametrize(("quirk", "left"), [("cleared", None), ("kept", "male")])
async def test_what_an_update_leaves_out(make_client, quirk, left):
    client = await make_client(omitted=quirk)
    made = await client.sku(gender="male", isInWardrobe=True, projectIds=[3])
    body = {"name": "x", "frontImage": "y"}
    _, told = await client.request("PUT", f"/ai-shoot/skus/{made['id']}", json=body)
    assert (told["gender"], told["isInWardrobe"], told["projectIds"]) == (left, False, [])


async def test_pages_can_begin_with_0(make_client):
    client = await make_client(first_page="0")
    made = await client.sku()
    assert (await client.skus(page=0))["entries"] == [made]
    assert (await client.skus(page=1))["entries"] == []


async def test_sizes_of_pages(make_client):
    client = await make_client(page_size=2, largest_page=3)
    for _ in range(5):
        await client.sku()
    assert len((await client.skus())["entries"]) == 2
    assert len((await client.skus(pageSize=100))["entries"]) == 3


async def test_a_page_after_the_last_can_be_not_found(make_client):
    client = await make_client(past_the_end="not-found")
    assert (await client.skus())["total"] == 0
    assert (await client.request("GET", "/ai-shoot/skus", params={"page": 2}))[0] == 404


async def test_projects_can_be_filtered_by_name(make_client):
    client = await make_client(project_filter="name")
    _, project = await client.request("POST", "/_twin/projects", json={"name": "Spring"})
    await client.sku(projectIds=[project["id"]])
    assert (await client.skus(projectFilter="Spring"))["total"] == 1
    assert (await client.skus(projectFilter=str(project["id"])))["total"] == 0


async def test_skus_can_be_filtered_by_a_part_of_the_id_or_not_at_all(make_client):
    client = await make_client(sku_filter="contains")
    made = await client.sku()
    assert (await client.skus(skuIdFilter=made["id"][3:9]))["total"] == 1
    assert (await client.skus(skuIdFilter="%"))["total"] == 0
    client = await make_client(sku_filter="ignored")
    await client.sku()
    assert (await client.skus(skuIdFilter="nothing"))["total"] == 1


@pytest.mark.parametrize(("quirk", "found"), [("wardrobe", 1), ("without-project", 2), ("all", 3)])
async def test_which_skus_are_global(make_client, quirk, found):
    client = await make_client(global_skus=quirk)
    await client.sku(isInWardrobe=True)
    await client.sku(projectIds=[1])
    await client.sku()
    assert (await client.request("GET", "/ai-shoot/skus/global"))[1]["total"] == found


async def test_an_upload_can_want_its_organization(make_client, picture):
    client = await make_client(organization="required")
    assert (await client.upload(picture))[0] == 400
    assert (await client.upload(picture, organization="me"))[0] == 201


async def test_unknown_images_and_projects_can_be_refused(make_client, picture):
    client = await make_client(unknown_image="refused", unknown_project="refused")
    body = {"name": "x", "frontImage": "y"}
    assert (await client.request("POST", "/ai-shoot/skus", json=body))[0] == 422
    _, image = await client.upload(picture)
    assert (await client.request("POST", "/ai-shoot/skus", json={**body, "frontImage": image}))[0] == 201
    inside = {**body, "frontImage": image, "projectIds": [1]}
    assert (await client.request("POST", "/ai-shoot/skus", json=inside))[0] == 400
    await client.request("POST", "/_twin/projects", json={"name": "Spring"})
    assert (await client.request("POST", "/ai-shoot/skus", json=inside))[0] == 201


async def test_an_unknown_brief(make_client):
    client = await make_client()
    assert (await client.request("GET", "/ai-shoot/briefs/7/results"))[0] == 404
    assert (await client.request("GET", "/ai-shoot/briefs/seven/results"))[0] == 400
    client = await make_client(unknown_brief="empty")
    assert await client.results(7) == {"entries": [], "total": 0}


async def test_content_hashes_can_be_base64(make_client, picture):
    client = await make_client(content_hash="base64")
    _, image = await client.upload(picture)
    assert len(image) == 44
    assert (await client.request("HEAD", "/upload", params={"contentHash": image}))[0] == 200
    sku = await client.sku(frontImage=image)
    brief_id = await client.brief(skuIds=[sku["id"]])
    await client.twin.settled()
    (told,) = (await client.results(brief_id))["entries"]
    assert (told["status"], len(told["resultContentHash"])) == ("COMPLETED", 44)


async def test_where_a_result_says_its_picture_is(make_client):
    client = await make_client(result_address="resultUrl")
    assert (await client.shot())["entries"][0]["resultUrl"].startswith(f"{client.twin.url}/v1/image/")
    client = await make_client(result_address="resultPath")
    path = (await client.shot())["entries"][0]["resultPath"]
    for prefix in ("", "/v1"):
        assert (await client.request("GET", prefix + path))[0] == 200
    client = await make_client(result_address="content-hash")
    assert not {"imageUrl", "resultUrl", "resultPath"} & set((await client.shot())["entries"][0])


@pytest.mark.parametrize(("quirk", "bare", "below"), [("v1", 404, 200), ("none", 200, 404)])
async def test_where_results_are(make_client, quirk, bare, below):
    client = await make_client(result_prefix=quirk, result_address="resultPath")
    path = (await client.shot())["entries"][0]["resultPath"]
    assert (await client.request("GET", path))[0] == bare
    assert (await client.request("GET", f"/v1{path}"))[0] == below


async def test_results_can_be_open(make_client):
    for quirk, status in (("wanted", 401), ("open", 200)):
        client = await make_client(result_login=quirk)
        path = (await client.shot())["entries"][0]["imageUrl"].removeprefix(client.twin.url)
        assert (await client.request("GET", path, headers={"Authorization": None}))[0] == status


@pytest.mark.parametrize(
    ("quirk", "there", "gone"), [("upload", "/upload", "/v1/upload"), ("v1-upload", "/v1/upload", "/upload")]
)
async def test_where_uploads_go(make_client, picture, quirk, there, gone):
    client = await make_client(upload_path=quirk)
    assert (await client.upload(picture, there))[0] == 201
    assert (await client.request("POST", gone, data=b""))[0] == 404


async def test_refusals_can_be_texts_or_nothing(make_client):
    client = await make_client(errors="text")
    assert await client.request("GET", "/nowhere") == (404, b"Not Found")
    client = await make_client(errors="empty")
    assert await client.request("GET", "/nowhere") == (404, b"")


def test_a_page_holds_something():
    with pytest.raises(InvalidInput, match="page_size"):
        AutoretouchQuirks(page_size=0)

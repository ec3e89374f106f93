"""What the AI Shoot page says."""

from __future__ import annotations

import hashlib

import pytest


async def test_a_sku_is_made_listed_replaced_and_removed(make_client):
    client = await make_client()
    made = await client.sku(gender="male", projectIds=[2, 1, 2], skuCategoryName="top", isInWardrobe=True)
    sku_id, created = made.pop("id"), made.pop("createdAt")
    assert made.pop("updatedAt") == created
    assert made == {
        "name": "Blue Shirt",
        "frontImage": "image-identifier-front",
        "backImage": None,
        "gender": "male",
        "isInWardrobe": True,
        "projectIds": [1, 2],
        "skuCategoryName": "top",
    }
    listed = await client.skus()
    assert (listed["total"], [each["id"] for each in listed["entries"]]) == (1, [sku_id])
    body = {"name": "Blue Shirt Updated", "frontImage": "image-identifier-front", "skuCategoryName": "bottom"}
    status, told = await client.request("PUT", f"/ai-shoot/skus/{sku_id}", json=body)
    assert status == 200
    assert (told["name"], told["gender"], told["isInWardrobe"], told["projectIds"]) == (
        "Blue Shirt Updated",
        None,
        False,
        [],
    )
    assert (await client.request("DELETE", f"/ai-shoot/skus/{sku_id}"))[0] == 204
    assert await client.skus() == {"entries": [], "total": 0}
    assert (await client.request("DELETE", f"/ai-shoot/skus/{sku_id}"))[0] == 404
    assert (await client.request("PUT", f"/ai-shoot/skus/{sku_id}", json=body))[0] == 404


async def test_lists_have_pages(make_client):
    client = await make_client()
    for number in range(5):
        await client.sku(name=f"Shirt {number}")
    pages = [await client.skus(page=page, pageSize=2) for page in (1, 2, 3, 4)]
    assert [[each["name"][-1] for each in page["entries"]] for page in pages] == [["0", "1"], ["2", "3"], ["4"], []]
    assert {page["total"] for page in pages} == {5}


async def test_lists_are_filtered_by_project_and_by_id(make_client):
    client = await make_client()
    first = await client.sku(projectIds=[1, 2])
    second = await client.sku(projectIds=[2])
    assert [each["id"] for each in (await client.skus(projectFilter="1"))["entries"]] == [first["id"]]
    assert (await client.skus(projectFilter="2"))["total"] == 2
    assert (await client.skus(projectFilter="Spring"))["total"] == 0
    assert [each["id"] for each in (await client.skus(skuIdFilter=second["id"]))["entries"]] == [second["id"]]


async def test_the_wardrobe_is_global(make_client):
    client = await make_client()
    await client.sku()
    worn = await client.sku(isInWardrobe=True)
    _, told = await client.request("GET", "/ai-shoot/skus/global")
    assert [each["id"] for each in told["entries"]] == [worn["id"]]


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": "  "},
        {"frontImage": ""},
        {"frontImage": 7},
        {"gender": "unisex"},
        {"skuCategoryName": "Top"},
        {"projectIds": [0]},
        {"projectIds": ["1"]},
        {"isInWardrobe": "yes"},
    ],
)
async def test_a_sku_that_is_not_as_described(make_client, change):
    client = await make_client()
    body = {"name": "Blue Shirt", "frontImage": "front", **change}
    status, told = await client.request("POST", "/ai-shoot/skus", json=body)
    assert status == 400
    assert told["error"] == "Bad Request"
    assert next(iter(change)) in told["message"]


async def test_pages_are_numbers(make_client):
    client = await make_client()
    for query in ({"page": "one"}, {"pageSize": "0"}):
        assert (await client.request("GET", "/ai-shoot/skus", params=query))[0] == 400


@pytest.mark.parametrize("path", ["/upload", "/v1/upload"])
async def test_an_upload_is_named_by_its_content(make_client, picture, path):
    client = await make_client()
    digest = hashlib.sha256(picture).hexdigest()
    query = {"contentHash": digest, "organization": "me"}
    assert (await client.request("HEAD", path, params=query))[0] == 404
    assert await client.upload(picture, path, organization="me") == (201, digest)
    assert (await client.request("HEAD", path, params=query))[0] == 200


async def test_what_is_no_picture_cannot_be_processed(make_client):
    client = await make_client()
    status, told = await client.upload(b"%PDF-1.7")
    assert (status, told["error"]) == (422, "Unprocessable Entity")
    huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (10_001).to_bytes(4, "big") * 2
    assert (await client.upload(huge))[0] == 422
    assert (await client.request("POST", "/upload", data=b"x", headers={"Content-Type": "image/png"}))[0] == 415


async def test_pictures_are_taken_from_addresses(make_client, images, image_url):
    client = await make_client(settings={"trusted_hosts": (images.authority,)})
    status, told = await client.request("POST", "/upload", json={"urls": {"front": image_url}})
    assert status == 201
    assert len(told["urls"]["front"]) == 64
    private = {"urls": {"front": "http://169.254.169.254/latest/meta-data"}}
    assert (await client.request("POST", "/upload", json=private))[0] == 400
    assert (await client.request("POST", "/upload", json={"urls": []}))[0] == 400


async def test_errors_are_like_those_of_spring(make_client):
    client = await make_client()
    status, told = await client.request("GET", "/ai-shoot/nowhere")
    assert status == 404
    assert sorted(told) == ["error", "message", "path", "status", "timestamp"]
    assert (told["status"], told["path"]) == (404, "/ai-shoot/nowhere")


async def test_the_service_is_up_for_everybody(make_client):
    client = await make_client(log_in=False)
    assert await client.request("GET", "/health", headers={"Authorization": None}) == (200, {"status": "UP"})


async def test_everything_survives_a_restart(make_client, tmp_path, picture):
    client = await make_client(settings={"state": tmp_path / "state"})
    _, image = await client.upload(picture)
    made = await client.sku(frontImage=image)
    await client.twin.__aexit__(None, None, None)
    again = await make_client(settings={"state": tmp_path / "state"}, log_in=False)
    again.token = client.token
    assert (await again.skus())["entries"] == [made]
    assert (await again.request("HEAD", "/upload", params={"contentHash": image}))[0] == 200


async def test_the_human_page_shows_skus(make_client):
    client = await make_client()
    await client.sku(name="Linen <shirt>")
    page = (await client.request("GET", "/"))[1].decode()
    assert "Linen &lt;shirt&gt;" in page
    assert client.token not in page
    assert "twin-refresh-token" not in page


async def test_a_name_with_half_a_character_is_a_name(make_client):
    client = await make_client()
    made = await client.sku(name="half \ud83d")
    assert made["name"] == "half \\ud83d"
    assert (await client.request("POST", "/oauth/revoke", json={"client_id": "\ud83d", "token": "x"}))[0] == 401

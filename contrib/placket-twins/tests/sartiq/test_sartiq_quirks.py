"""What Sartiq's page leaves open: what each setting of each switch does, as a client sees it."""

from __future__ import annotations

from typing import Any

import pytest

from placket.testing import FaultKind

pytestmark = pytest.mark.real_time

SOMEWHERE = "https://images.example.invalid/1.png"


async def created(client: Any, **body: Any) -> tuple[int, Any]:
    return await client.request("POST", "/products/", json={"name": "Tee", "cover_image": SOMEWHERE, **body})


async def export_of(client: Any, *, hangs: bool = False) -> Any:
    _, product = await created(client)
    if hangs:
        client.twin.faults.add(FaultKind.JOB_HANGS, times=1)
    path = "/products/export-approved-shots/async"
    _, task = await client.request("POST", path, json={"product_ids": [product["id"]]})
    await client.twin.settled()
    return (await client.request("GET", f"/products/export-tasks/{task['id']}"))[1]


@pytest.mark.parametrize(("quirk", "status"), [("200", 200), ("201", 201)])
async def test_the_status_of_a_new_product(make_client, quirk, status):
    assert (await created(await make_client(created=quirk)))[0] == status


@pytest.mark.parametrize(("quirk", "status"), [("401", 401), ("400", 400)])
async def test_a_wrong_password(make_client, quirk, status):
    client = await make_client(bad_login=quirk)
    assert await client.log_in("wrong") == (status, {"detail": "Incorrect email or password"})


@pytest.mark.parametrize(("quirk", "status"), [("401", 401), ("403", 403)])
async def test_a_wrong_token(make_client, quirk, status):
    client = await make_client(bad_token=quirk)
    client.token = "made-up"
    assert await client.request("GET", "/brands/") == (status, {"detail": "Could not validate credentials"})


@pytest.mark.parametrize(("quirk", "there"), [("absent", False), ("present", True)])
async def test_a_refresh_token(make_client, quirk, there):
    client = await make_client(refresh_token=quirk)
    assert ("refresh_token" in (await client.log_in())[1]) is there


@pytest.mark.parametrize(
    ("quirks", "keys"),
    [
        ({}, {"data", "count"}),
        ({"list_shape": "items-total"}, {"items", "total", "page", "size"}),
        ({"list_identity": "present"}, {"data", "count", "id", "created_at", "updated_at"}),
    ],
)
async def test_the_envelope_of_a_list(make_client, quirks, keys):
    assert set((await (await make_client(**quirks)).request("GET", "/products/"))[1]) == keys


async def test_a_list_can_be_bare(make_client):
    assert await (await make_client(list_shape="bare")).request("GET", "/products/") == (200, [])


async def test_a_page_of_items_has_a_number(make_client):
    client = await make_client(list_shape="items-total")
    for _ in range(3):
        await created(client)
    _, told = await client.request("GET", "/products/", params={"skip": 2, "limit": 2})
    assert (len(told["items"]), told["total"], told["page"], told["size"]) == (1, 3, 2, 2)


@pytest.mark.parametrize(("quirk", "count"), [("total", 3), ("page", 2)])
async def test_what_count_counts(make_client, quirk, count):
    client = await make_client(count=quirk)
    for _ in range(3):
        await created(client)
    assert (await client.request("GET", "/products/", params={"limit": 2}))[1]["count"] == count


async def test_the_order_that_nobody_asked_for(make_client):
    client = await make_client(default_sort="created-at")
    for name in "abc":
        await created(client, name=name)
    assert await client.names() == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("quirk", "status", "said"), [("message", 200, "message"), ("product", 200, "name"), ("empty", 204, "")]
)
async def test_what_answers_a_deletion(make_client, quirk, status, said):
    client = await make_client(deleted=quirk)
    _, product = await created(client)
    found, told = await client.request("DELETE", f"/products/{product['id']}")
    assert found == status
    assert said in told if said else told == b""
    task = await export_of(client)
    assert (await client.request("DELETE", f"/products/export-tasks/{task['id']}/dismiss"))[0] == status


@pytest.mark.parametrize(("quirk", "word"), [("cancelled", "CANCELLED"), ("processing", "PROCESSING")])
async def test_the_answer_to_a_cancellation(make_client, quirk, word):
    client = await make_client(cancelled=quirk)
    path = f"/products/export-tasks/{(await export_of(client, hangs=True))['id']}"
    status, task = await client.request("DELETE", path)
    assert (status, task["status"]) == (200, word)
    assert (await client.request("GET", path))[1]["status"] == "CANCELLED"


@pytest.mark.parametrize(("quirk", "status"), [("400", 400), ("409", 409)])
async def test_a_task_that_cannot_be_cancelled_or_dismissed(make_client, quirk, status):
    client = await make_client(cancel_ended=quirk)
    done, hanging = await export_of(client), await export_of(client, hangs=True)
    assert (await client.request("DELETE", f"/products/export-tasks/{done['id']}"))[0] == status
    assert (await client.request("DELETE", f"/products/export-tasks/{hanging['id']}/dismiss"))[0] == status


@pytest.mark.parametrize(("quirk", "begins"), [("absolute", "http://"), ("relative", "/api/v1/"), ("absent", None)])
async def test_the_address_of_a_download(make_client, quirk, begins):
    task = await export_of(await make_client(download_url=quirk))
    assert task["download_url"] is None if begins is None else task["download_url"].startswith(begins)


@pytest.mark.parametrize(("quirk", "status"), [(True, 401), (False, 200)])
async def test_a_download_without_a_token(make_client, quirk, status):
    client = await make_client(download_login=quirk)
    task = await export_of(client)
    client.token = ""
    assert (await client.request("GET", task["download_url"]))[0] == status


@pytest.mark.parametrize(("quirk", "status"), [("accepted", 200), ("refused", 422)])
async def test_a_gender_that_is_none_of_the_known_codes(make_client, quirk, status):
    client = await make_client(unknown_code=quirk)
    assert (await created(client, gender="NONBINARY"))[0] == status
    assert (await created(client, gender="FEMALE"))[0] == 200


@pytest.mark.parametrize(("quirk", "status"), [("linked", 200), ("refused", 422)])
async def test_a_picture_that_cannot_be_had(make_client, quirk, status):
    assert (await created(await make_client(unreachable_image=quirk)))[0] == status


@pytest.mark.parametrize(("quirk", "there"), [("present", True), ("absent", False)])
async def test_media_beside_addresses(make_client, quirk, there):
    client = await make_client(media=quirk)
    _, product = await created(client, cover_image="data:image/gif;base64,R0lGODlhAQABAAAAACw=")
    assert product["cover_image_url"].startswith("http://")
    assert (product["cover_image_media"] is not None) is there


@pytest.mark.parametrize("sync", ["true", "false"])
@pytest.mark.parametrize(("quirk", "caption"), [("none", None), ("plain", "Navy, Tee, Cotton")])
async def test_captions(make_client, quirk, caption, sync):
    client = await make_client(captions=quirk)
    body = {"name": "Tee", "cover_image": SOMEWHERE, "colour": "Navy", "materials": "Cotton"}
    _, product = await client.request("POST", "/products/", json=body, params={"sync_captioning": sync})
    if sync == "true":
        assert product["description"] == caption
    await client.twin.settled()
    assert (await client.request("GET", f"/products/{product['id']}"))[1]["description"] == caption


@pytest.mark.parametrize(("quirk", "fillers"), [("FILLER", [True, False]), ("x-", [False, True]), ("", [False, False])])
async def test_fillers_are_known_by_their_sku(make_client, quirk, fillers):
    client = await make_client(filler_prefix=quirk)
    found = [(await created(client, sku=sku))[1]["is_filler"] for sku in ("filler-1", "X-1")]
    assert found == fillers

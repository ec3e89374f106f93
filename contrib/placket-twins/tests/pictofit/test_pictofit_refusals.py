"""What is turned down."""

from __future__ import annotations

import uuid

import pytest

SOMETHING = "48d17eb6-88f4-4b99-9f21-2a6653a10bc8"


@pytest.mark.parametrize("header", [None, "", "key-of-the-cms", "Bearer", "Bearer wrong", "Basic key-of-the-cms"])
async def test_everything_wants_the_key(make_client, header):
    client = await make_client()
    for method, path in (
        ("GET", "/products/types"),
        ("PUT", f"/products/{SOMETHING}"),
        ("POST", "/files"),
        ("GET", "/nowhere"),
    ):
        status, told = await client.request(method, path, headers={"Authorization": header})
        assert (status, told["status"]) == (401, 401)


async def test_a_product_belongs_to_the_customer_of_the_key(make_client):
    client = await make_client()
    body = {"customerId": str(uuid.uuid4()), "name": "x", "typeId": 1}
    assert (await client.request("PUT", f"/products/{SOMETHING}", json=body))[0] == 403


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"typeId": None}, "typeId"),
        ({"typeId": 99}, "product type 99"),
        ({"name": 7}, "name"),
        ({"customerId": "me"}, "customerId"),
    ],
)
async def test_a_product_that_is_not_as_described(make_client, change, named):
    client = await make_client()
    body = {"customerId": client.customer, "name": "x", "typeId": 1, **change}
    status, told = await client.request("PUT", f"/products/{SOMETHING}", json=body)
    assert status == 400
    assert named in told["detail"]


async def test_an_id_is_a_uuid(make_client):
    client = await make_client()
    body = {"customerId": client.customer, "name": "x", "typeId": 1}
    assert (await client.request("PUT", "/products/my-product", json=body))[0] == 400


async def test_what_is_not_there_is_not_found(make_client):
    client = await make_client()
    configuration = {"productId": SOMETHING, "name": "x"}
    assert (await client.request("PUT", f"/configurations/{SOMETHING}", json=configuration))[0] == 404
    assert (await client.file(SOMETHING))[0] == 404
    assert (await client.ready(SOMETHING))[0] == 404
    assert (await client.request("GET", f"/products/{SOMETHING}/configurations"))[0] == 404
    assert (await client.request("GET", f"/results/{SOMETHING}/asset.glb"))[0] == 404
    assert (await client.request("GET", "/nowhere"))[0] == 404
    assert (await client.request("GET", f"/products/{SOMETHING}"))[0] == 405


async def test_a_configuration_stays_with_its_product(make_client):
    client = await make_client()
    first, second = await client.product(), await client.product()
    configuration_id = await client.configuration(first)
    body = {"productId": second, "name": "x"}
    assert (await client.request("PUT", f"/configurations/{configuration_id}", json=body))[0] == 409
    assert len(await client.configurations(first)) == 1


@pytest.mark.parametrize(
    ("data", "media_type", "fields", "status"),
    [
        (b"GIF89a", "image/gif", {}, 400),
        (b"no picture", "image/png", {}, 400),
        (None, "image/webp", {}, 400),
        (None, "image/png", {"typeId": "9"}, 400),
        (None, "image/png", {"typeId": "front"}, 400),
        (None, "image/png", {"id": "mine"}, 400),
    ],
)
async def test_a_picture_that_is_none(make_client, data, media_type, fields, status):
    client = await make_client()
    configuration_id = await client.configuration(await client.product())
    assert (await client.file(configuration_id, data, media_type=media_type, **fields))[0] == status


async def test_more_than_20_megabytes_are_too_much(make_client):
    client = await make_client()
    configuration_id = await client.configuration(await client.product())
    status, _ = await client.file(configuration_id, b"\x89PNG\r\n\x1a\n" + bytes(21 * 1024 * 1024))
    assert status == 413


async def test_a_form_is_a_form(make_client):
    client = await make_client()
    assert (await client.request("POST", "/files", json={}))[0] == 415
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await client.request("POST", "/files", data=b"--x\r\n", headers=broken))[0] == 400
    nameless = b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"
    assert (await client.request("POST", "/files", data=nameless, headers=broken))[0] == 400
    unbounded = {"Content-Type": "multipart/form-data"}
    assert (await client.request("POST", "/files", data=b"", headers=unbounded))[0] == 400


async def test_what_is_not_json_is_refused(make_client):
    client = await make_client()
    kind = {"Content-Type": "application/json"}
    assert (await client.request("PUT", f"/products/{SOMETHING}", data=b"{,}}", headers=kind))[0] == 400
    plain = {"Content-Type": "text/plain"}
    assert (await client.request("PUT", f"/products/{SOMETHING}", data=b"{}", headers=plain))[0] == 415


async def test_a_name_with_half_a_character_is_a_name(make_client):
    client = await make_client()
    body = {"customerId": client.customer, "name": "half \ud83d", "typeId": 1, "sku": "\ud83d"}
    assert (await client.request("PUT", f"/products/{SOMETHING}", json=body))[0] == 200

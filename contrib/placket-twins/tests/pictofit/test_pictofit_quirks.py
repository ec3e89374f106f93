"""What the pages leave open, each setting of each switch."""

from __future__ import annotations

import json
import uuid
from typing import Any

import aiohttp
import pytest

from placket.errors import InvalidInput
from placket_twins.pictofit import PictofitQuirks

LOGIN = {
    "grant_type": "password",
    "username": "placket@shop.example.com",
    "password": "twin-password",
    "client_id": "contentserviceapi.service.client",
    "client_secret": "twin-client-secret",
    "scope": "openid contentserviceapi",
}


async def login(client, multipart=False, **change) -> tuple[int, Any]:
    fields = {**LOGIN, **change}
    data: Any = fields
    if multipart:
        data = aiohttp.FormData(fields, default_to_multipart=True)
    address = client.twin.url.removesuffix("/v1.5") + "/connect/token"
    async with client.session.post(address, data=data) as answer:
        return answer.status, await answer.json()


async def test_a_key_is_enough_and_there_is_no_login(make_client):
    client = await make_client()
    assert (await login(client))[0] == 404


@pytest.mark.parametrize("multipart", [True, False])
async def test_the_older_login_gives_a_token_that_expires(make_client, multipart, clock):
    client = await make_client(credentials="login")
    assert (await client.request("GET", "/products/types"))[0] == 401
    status, told = await login(client, multipart)
    assert (status, told["token_type"], told["expires_in"]) == (200, "Bearer", 3600)
    token = {"Authorization": f"Bearer {told['access_token']}"}
    assert (await client.request("GET", "/products/types", headers=token))[0] == 200
    await clock.sleep(3601)
    assert (await client.request("GET", "/products/types", headers=token))[0] == 401


async def test_key_and_login_can_both_do(make_client):
    client = await make_client(credentials="both")
    assert (await client.request("GET", "/products/types"))[0] == 200
    _, told = await login(client)
    token = {"Authorization": f"Bearer {told['access_token']}"}
    assert (await client.request("GET", "/products/types", headers=token))[0] == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"password": "wrong"}, "invalid_grant"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ],
)
async def test_a_wrong_login_is_refused(make_client, change, error):
    client = await make_client(credentials="login")
    status, told = await login(client, **change)
    assert (status, told["error"]) == (400, error)


@pytest.mark.parametrize(("quirk", "status"), [("accepted", 200), ("refused", 400)])
async def test_a_trailing_comma(make_client, quirk, status):
    client = await make_client(trailing_comma=quirk)
    body = json.dumps({"customerId": client.customer, "name": 'a ",}" b', "typeId": 1})
    address = f"/products/{uuid.uuid4()}"
    kind = {"Content-Type": "application/json"}
    found, told = await client.request("PUT", address, data=body[:-1] + " ,\n }", headers=kind)
    assert found == status
    if status == 200:
        assert told["name"] == 'a ",}" b'


@pytest.mark.parametrize(("quirk", "status"), [("any-uuid", 200), ("version-4", 400)])
async def test_uuids_of_another_version(make_client, quirk, status):
    client = await make_client(ids=quirk)
    body = {"customerId": client.customer, "name": "x", "typeId": 1}
    address = f"/products/{uuid.uuid5(uuid.NAMESPACE_URL, 'x')}"
    assert (await client.request("PUT", address, json=body))[0] == status


@pytest.mark.parametrize(
    ("quirk", "first", "again"), [("object", 200, 200), ("created", 201, 200), ("empty", 204, 204)]
)
async def test_what_answers_a_write(make_client, quirk, first, again):
    client = await make_client(stored=quirk)
    body = {"customerId": client.customer, "name": "x", "typeId": 1}
    address = f"/products/{uuid.uuid4()}"
    status, told = await client.request("PUT", address, json=body)
    assert status == first
    assert told == b"" if first == 204 else told["id"] == address.removeprefix("/products/")
    assert (await client.request("PUT", address, json=body))[0] == again


@pytest.mark.parametrize(("quirk", "status"), [("any", 204), ("form", 415)])
async def test_ready_without_the_empty_form(make_client, quirk, status):
    client = await make_client(ready_body=quirk)
    _, configuration_id = await client.prepared()
    assert (await client.request("POST", f"/configurations/{configuration_id}/ready"))[0] == status
    assert (await client.ready(configuration_id))[0] == 204


async def test_ready_can_answer_with_the_configuration(make_client):
    client = await make_client(ready_answer="object")
    _, configuration_id = await client.prepared()
    status, told = await client.ready(configuration_id)
    assert (status, told["id"]) == (200, configuration_id)
    assert told["stateId"] in (2, 3, 4)


@pytest.mark.parametrize(("quirk", "status"), [("accepted", 204), ("conflict", 409)])
async def test_a_second_flag(make_client, builder, quirk, status):
    client = await make_client(ready_again=quirk)
    (shown,) = await client.finished()
    assert (await client.ready(shown["id"]))[0] == status
    await client.twin.settled()
    assert builder.asked == 1


@pytest.mark.parametrize(("quirk", "status"), [("accepted", 200), ("conflict", 409)])
async def test_a_picture_with_an_id_that_was_used(make_client, quirk, status):
    client = await make_client(repeated_file=quirk)
    configuration_id = await client.configuration(await client.product())
    file_id = str(uuid.uuid4())
    assert (await client.file(configuration_id, id=file_id))[0] == 200
    assert (await client.file(configuration_id, id=file_id))[0] == status


async def test_a_configuration_without_a_frontal_picture_is_rejected(make_client):
    client = await make_client()
    product_id = await client.product()
    configuration_id = await client.configuration(product_id)
    assert (await client.ready(configuration_id))[0] == 204
    await client.twin.settled()
    assert [each["stateId"] for each in await client.configurations(product_id)] == [6]


async def test_its_flag_can_be_refused(make_client):
    client = await make_client(no_frontal="refused")
    product_id = await client.product()
    configuration_id = await client.configuration(product_id)
    assert (await client.ready(configuration_id))[0] == 400
    assert [each["stateId"] for each in await client.configurations(product_id)] == [1]


@pytest.mark.parametrize(("quirk", "status"), [("advice", 200), ("rules", 400)])
async def test_a_narrow_picture(make_client, quirk, status):
    client = await make_client(picture_rules=quirk)
    configuration_id = await client.configuration(await client.product())
    assert (await client.file(configuration_id))[0] == 200
    narrow = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (300).to_bytes(4, "big") * 2
    assert (await client.file(configuration_id, narrow))[0] == status


@pytest.mark.parametrize(
    ("quirk", "shown"),
    [
        ("names", ["GARMENT_2D", "GARMENT_3D"]),
        ("mapping", {"GARMENT_2D": 1, "GARMENT_3D": 2}),
    ],
)
async def test_lists_of_types(make_client, quirk, shown):
    client = await make_client(type_list=quirk)
    assert await client.request("GET", "/products/types") == (200, shown)


async def test_ids_that_the_page_does_not_show_can_be_anything(make_client):
    client = await make_client(type_ids="sparse", type_list="mapping", type_names="old")
    assert (await client.request("GET", "/products/types"))[1] == {"GARMENT": 1, "GARMENT_3D": 17}
    assert (await client.request("GET", "/files/types"))[1] == {"FRONTAL": 1, "REFERENCE_ADDITIONAL": 12}
    assert (await client.request("GET", "/Customer/callbacks/types"))[1] == {"PRODUCT_COMPLETED": 5}


async def test_states_other_than_finished_can_be_unknown(make_client, builder):
    client = await make_client(states="only-finished")
    (shown,) = await client.finished()
    assert shown["stateId"] == 4
    product_id = await client.product()
    await client.configuration(product_id)
    assert [each["stateId"] for each in await client.configurations(product_id)] == [101]


async def test_what_was_rejected_can_look_in_progress_for_ever(make_client, builder, clock):
    builder.error = InvalidInput("there is no garment in the picture")
    client = await make_client(rejected="in-progress")
    (shown,) = await client.finished()
    await clock.sleep(7 * 86_400)
    assert [each["stateId"] for each in await client.configurations(shown["productId"])] == [3]


async def test_one_configuration_can_come_as_an_object(make_client):
    client = await make_client(configurations="object-when-one")
    shown = await client.finished()
    assert shown["stateId"] == 4
    await client.configuration(shown["productId"])
    assert len(await client.configurations(shown["productId"])) == 2


async def test_configurations_can_come_in_an_envelope(make_client):
    client = await make_client(configurations="envelope")
    shown = await client.finished()
    assert shown["totalCount"] == len(shown["items"]) == 1


async def test_results_can_be_grouped(make_client):
    client = await make_client(results="grouped")
    (shown,) = await client.finished()
    assert [(each["type"], len(each["files"])) for each in shown["results"]] == [("WEB", 2), ("MOBILE", 1)]


async def test_results_can_be_addresses_that_are_relative_and_open(make_client):
    client = await make_client(results="addresses", result_address="relative", result_login="open")
    (shown,) = await client.finished()
    first = shown["results"][0]
    assert first.startswith("/v1.5/results/")
    path = first.removeprefix("/v1.5")
    assert (await client.request("GET", path, headers={"Authorization": None}))[0] == 200


async def test_the_lost_addresses_can_be_others(make_client):
    client = await make_client(files_path="/files/images", ready_path="/products/{configurationId}/ready")
    product_id = await client.product()
    configuration_id = await client.configuration(product_id)
    assert (await client.file(configuration_id, path="/files/images"))[0] == 200
    assert (await client.ready(configuration_id))[0] == 404
    assert (await client.request("POST", f"/products/{configuration_id}/ready"))[0] == 204
    await client.twin.settled()
    assert [each["stateId"] for each in await client.configurations(product_id)] == [4]


@pytest.mark.parametrize(
    "wrong",
    [{"files_path": "files"}, {"files_path": "/{x}"}, {"ready_path": "/ready"}, {"callback_tries": 0}],
)
def test_settings_that_cannot_be_right(wrong):
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        PictofitQuirks(**wrong)


async def test_refusals_can_be_messages_or_nothing(make_client):
    client = await make_client(errors="message")
    assert (await client.request("GET", "/nowhere"))[1] == {"message": "Not Found"}
    client = await make_client(errors="empty")
    assert await client.request("GET", "/nowhere") == (404, b"")

"""What the pages say, step by step."""

from __future__ import annotations

import uuid

import pytest

from placket.errors import InvalidInput


async def test_types_are_listed(make_client):
    client = await make_client()
    assert await client.request("GET", "/products/types") == (
        200,
        [{"id": 1, "name": "GARMENT_2D"}, {"id": 2, "name": "GARMENT_3D"}],
    )
    assert await client.request("GET", "/files/types") == (
        200,
        [{"id": 1, "name": "FRONTAL"}, {"id": 2, "name": "REFERENCE_ADDITIONAL"}],
    )


@pytest.mark.parametrize("spelling", ["Customer", "customers"])
async def test_callback_types_are_listed_under_both_spellings(make_client, spelling):
    client = await make_client()
    assert await client.request("GET", f"/{spelling}/callbacks/types") == (
        200,
        [{"id": 1, "name": "PRODUCT_COMPLETED"}],
    )


async def test_a_configuration_is_shown_as_on_the_page(make_client):
    client = await make_client()
    product_id = await client.product(sku="netaporter1074749")
    configuration_id = await client.configuration(product_id, name="Default", sku="netaporter1074749-red")
    (shown,) = await client.configurations(product_id)
    assert list(shown) == [
        "productId",
        "name",
        "sku",
        "createdAt",
        "modifiedAt",
        "stateId",
        "productTypeId",
        "customerId",
        "url",
        "results",
        "metadata",
        "id",
    ]
    assert isinstance(shown.pop("createdAt"), float)
    assert isinstance(shown.pop("modifiedAt"), float)
    assert shown == {
        "productId": product_id,
        "name": "Default",
        "sku": "netaporter1074749-red",
        "stateId": 1,
        "productTypeId": 1,
        "customerId": client.customer,
        "url": None,
        "results": [],
        "metadata": {},
        "id": configuration_id,
    }


async def test_put_replaces_what_is_there(make_client, clock):
    client = await make_client()
    product_id = await client.product(sku="first")
    configuration_id = await client.configuration(product_id, name="Red", sku="one")
    await clock.sleep(5)
    await client.configuration(product_id, id=configuration_id, name="Blue")
    (shown,) = await client.configurations(product_id)
    assert (shown["name"], shown["sku"]) == ("Blue", None)
    assert shown["modifiedAt"] - shown["createdAt"] == pytest.approx(5, abs=0.1)


async def test_a_product_is_built_when_every_configuration_is_ready(make_client, builder):
    client = await make_client()
    product_id, first = await client.prepared(name="Linen shirt", sku="shirt")
    second = await client.configuration(product_id, name="Blue", sku="shirt-blue")
    await client.file(second)
    assert await client.ready(first) == (204, b"")
    await client.twin.settled()
    assert builder.asked == 0
    assert [each["stateId"] for each in await client.configurations(product_id)] == [2, 1]
    await client.ready(second)
    await client.twin.settled()
    assert [each["stateId"] for each in await client.configurations(product_id)] == [4, 4]
    drafts = list(builder.drafts.values())
    assert [(each.name, each.sku, each.configurations[0].name) for each in drafts] == [
        ("Linen shirt", "shirt", "Default configuration"),
        ("Linen shirt", "shirt", "Blue"),
    ]
    assert [image.role for image in drafts[0].configurations[0].images] == ["front"]


async def test_results_are_files_that_can_be_fetched_with_the_key(make_client):
    client = await make_client()
    (shown,) = await client.finished()
    assert [(each["type"], each["name"], each["compressed"]) for each in shown["results"]] == [
        ("WEB", "asset.glb", False),
        ("WEB", "asset.min.glb", True),
        ("MOBILE", "asset.usdz", False),
    ]
    authority = client.twin.url.removesuffix("/v1.5")
    for each in shown["results"]:
        assert each["url"].startswith(authority)
        path = each["url"].removeprefix(client.twin.url)
        status, data = await client.request("GET", path)
        assert (status, len(data)) == (200, each["size"])
        assert (await client.request("GET", path, headers={"Authorization": None}))[0] == 401


async def test_a_configuration_that_is_being_built_is_in_progress(make_client, builder):
    builder.gate.clear()
    client = await make_client()
    product_id, configuration_id = await client.prepared()
    await client.ready(configuration_id)
    await builder.began.wait()
    assert [each["stateId"] for each in await client.configurations(product_id)] == [3]
    builder.gate.set()
    await client.twin.settled()
    assert [each["stateId"] for each in await client.configurations(product_id)] == [4]


async def test_a_configuration_added_to_a_finished_product_is_built_alone(make_client, builder):
    client = await make_client()
    (done,) = await client.finished()
    other = await client.configuration(done["productId"], name="Blue")
    await client.file(other)
    await client.ready(other)
    await client.twin.settled()
    shown = await client.configurations(done["productId"])
    assert [each["stateId"] for each in shown] == [4, 4]
    assert builder.asked == 2
    assert shown[0]["results"] == done["results"]


async def test_reference_pictures_go_along(make_client, builder):
    client = await make_client()
    _, configuration_id = await client.prepared()
    await client.file(configuration_id, name="worn", typeId="2")
    await client.ready(configuration_id)
    await client.twin.settled()
    (draft,) = builder.drafts.values()
    assert [image.role for image in draft.configurations[0].images] == ["front", "reference"]


async def test_what_cannot_be_built_is_rejected(make_client, builder):
    builder.error = InvalidInput("there is no garment in the picture")
    client = await make_client()
    (shown,) = await client.finished()
    assert (shown["stateId"], shown["results"]) == (6, [])


async def test_a_builder_that_breaks_rejects(make_client, builder):
    builder.error = RuntimeError("secret path /srv/models")
    client = await make_client()
    (shown,) = await client.finished()
    assert shown["stateId"] == 6


async def test_faults_of_jobs_are_the_twins(make_client):
    client = await make_client(settings={"faults": ["job-fails,path=/configurations/*/ready"]})
    (shown,) = await client.finished()
    assert shown["stateId"] == 6


async def test_everything_survives_a_restart(make_client, builder, tmp_path):
    builder.gate.clear()
    client = await make_client(settings={"state": tmp_path / "state"})
    product_id, configuration_id = await client.prepared()
    await client.ready(configuration_id)
    await builder.began.wait()
    await client.twin.__aexit__(None, None, None)
    builder.gate.set()
    again = await make_client(settings={"state": tmp_path / "state"})
    await again.twin.settled()
    (shown,) = await again.configurations(product_id)
    assert shown["stateId"] == 4
    # The same draft, so that a builder that knows it has built it once.
    assert len(builder.drafts) == 1


async def test_the_human_page_shows_products(make_client):
    client = await make_client()
    await client.finished()
    async with client.session.get(client.twin.url.removesuffix("/v1.5") + "/") as answer:
        page = await answer.text()
    assert "My example product" in page
    assert "finished" in page
    assert "key-of-the-cms" not in page


async def test_a_uuid_may_be_written_in_capitals(make_client):
    client = await make_client()
    product_id = str(uuid.uuid4())
    await client.product(id=product_id.upper())
    assert await client.configurations(product_id) == []

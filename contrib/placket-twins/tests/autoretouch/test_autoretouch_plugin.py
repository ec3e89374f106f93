"""The plugin and the twin, each written from the vendor's pages, meet: every setting of every switch."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any

import pytest

import placket
from placket.errors import NotFound
from placket.interfaces import GarmentImage, Image, LoginPrompt, Ref, SkuDraft, SkuQuery
from placket.testing import VirtualClock
from placket_twins.autoretouch import AutoretouchQuirks
from placket_twins.quirks import quirks_of

CHOICES = [(each.name, choice) for each in quirks_of(AutoretouchQuirks) for choice in each.choices]

SETTINGS_FOR: dict[tuple[str, str], dict[str, Any]] = {
    ("first_page", "0"): {"first_page": 0},
    ("content_hash", "base64"): {"content_hash": "base64"},
    ("upload_path", "v1-upload"): {"upload_path": "/v1/upload"},
    ("organization", "required"): {"organization": "e722e62e-5b2e-48e1-8638-25890e7279e3"},
    ("result_prefix", "none"): {"result_prefix": ""},
}


@asynccontextmanager
async def opened(client, tmp_path, *, logged_in=True, **settings: Any):
    """A router whose one provider is the plugin, and whose vendor is the twin."""
    token = {"refresh_token": {"env": "TWIN_TOKEN"}} if logged_in else {}
    config = {
        "providers": {
            "studio": {
                "plugin": "autoretouch",
                "base_url": client.twin.url,
                "auth_url": client.twin.url,
                "client_id": "twin-client-id",
                **token,
                **settings,
            }
        },
        "routes": {"shoot_manager": {"strategy": "first", "targets": ["studio"]}},
        "http": {"trusted_hosts": [client.twin.url.removeprefix("http://")]},
    }
    environ = {"TWIN_TOKEN": "twin-refresh-token"}
    async with placket.open(config, clock=VirtualClock(), environ=environ, data_folder=tmp_path / "data") as router:
        yield router


@pytest.mark.parametrize(("quirk", "choice"), CHOICES)
async def test_the_plugin_bears_every_setting(make_client, tmp_path, picture, quirk, choice):
    client = await make_client(log_in=False, **{quirk: choice})
    _, project = await client.request("POST", "/_twin/projects", json={"name": "Spring"})
    async with opened(client, tmp_path, **SETTINGS_FOR.get((quirk, choice), {})) as router:
        shoots = router.shoot_manager
        images = (GarmentImage(Image.of(picture), "front"),)
        fields = {"name": "Linen shirt", "gender": "female", "shoot.project_ids": [str(project["id"])]}
        made = await shoots.create_sku(SkuDraft(fields, images))
        listed = await shoots.list_skus(SkuQuery()).collect()
        assert [each.ref for each in listed] == [made.ref]
        assert value_of(listed[0], "name") == "Linen shirt"
        await shoots.update_sku(made.ref, SkuDraft({"name": "Linen shirt, washed"}))
        (updated,) = await shoots.list_skus(SkuQuery()).collect()
        assert value_of(updated, "name") == "Linen shirt, washed"
        # What the update did not name is as it was, though the vendor replaces everything.
        assert str(value_of(updated, "gender")).lower() in ("female", "women")
        assert [str(each) for each in value_of(updated, "shoot.project_ids")] == [str(project["id"])]
        await shoots.list_global_skus(SkuQuery()).collect()
        brief_id = await client.brief(skuIds=[made.ref.id])
        await client.twin.settled()
        (shot,) = await shoots.brief_results(Ref("studio", "brief", str(brief_id))).collect()
        assert (shot.state, shot.details["sku"]) == ("COMPLETED", made.ref.id)
        assert shot.image is not None
        assert shot.image.url or shot.image.vendor_ref
        await shoots.delete_sku(made.ref)
        assert await shoots.list_skus(SkuQuery()).collect() == []


def value_of(sku, field):
    values = [claim.value for claim in sku.claims if claim.field == field]
    return values if field == "shoot.project_ids" else values[0]


async def test_long_lists_are_read_to_the_end(make_client, tmp_path):
    client = await make_client()
    for number in range(7):
        await client.sku(name=f"Shirt {number}")
    async with opened(client, tmp_path) as router:
        found = await router.shoot_manager.list_skus(SkuQuery(page_size=3)).collect()
    assert [value_of(each, "name") for each in found] == [f"Shirt {number}" for number in range(7)]


async def test_a_login_is_confirmed_on_the_page(make_client, tmp_path):
    client = await make_client(log_in=False)
    async with opened(client, tmp_path, logged_in=False) as router:

        async def confirm(prompt: LoginPrompt) -> None:
            data = {"user_code": prompt.code, "decision": "confirm"}
            assert (await client.request("POST", "/activate", data=data))[0] == 200

        await router.target("studio").provider.login(confirm)
        assert await router.shoot_manager.list_skus(SkuQuery()).collect() == []
    async with opened(client, tmp_path, logged_in=False) as router:
        assert await router.shoot_manager.list_skus(SkuQuery()).collect() == []


async def test_tokens_are_renewed_for_days(make_client, tmp_path, clock):
    client = await make_client(refresh="rotated", log_in=False)
    for _ in range(2):
        async with opened(client, tmp_path) as router:
            for _ in range(3):
                assert await router.shoot_manager.list_skus(SkuQuery()).collect() == []
                await clock.sleep(90_000)


async def test_a_brief_that_there_is_not(make_client, tmp_path):
    client = await make_client()
    async with opened(client, tmp_path) as router:
        with pytest.raises(NotFound):
            await router.shoot_manager.brief_results(Ref("studio", "brief", "7")).collect()

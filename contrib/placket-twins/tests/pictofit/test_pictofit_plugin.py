"""The plugin and the twin, each written from the vendor's pages, meet: every setting of every switch."""

from __future__ import annotations

import uuid
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import placket
from placket.errors import AllProvidersFailed, InvalidInput, JobExpired, JobFailed, Unauthenticated
from placket.interfaces import ArConfiguration, ArProductDraft, GarmentImage, Image, JobState
from placket.record import ArAsset
from placket.testing import VirtualClock
from placket_twins.pictofit import PictofitQuirks
from placket_twins.quirks import quirks_of

CUSTOMER = "428ab0cd-3205-4674-a188-08d5b0355406"

SECRETS = {"TWIN_KEY": "key-of-the-cms", "TWIN_PASSWORD": "twin-password", "TWIN_SECRET": "twin-client-secret"}

CHOICES = [(each.name, choice) for each in quirks_of(PictofitQuirks) for choice in each.choices]

LOGIN = {
    "username": "placket@shop.example.com",
    "password": {"env": "TWIN_PASSWORD"},
    "client_secret": {"env": "TWIN_SECRET"},
}


@asynccontextmanager
async def opened(client, tmp_path, **settings: Any):
    """A router whose one provider is the plugin, and whose vendor is the twin."""
    credentials = {} if "login" in settings else {"api_key": {"env": "TWIN_KEY"}}
    config = {
        "providers": {
            "ar": {
                "plugin": "pictofit",
                "base_url": client.twin.url,
                "customer_id": CUSTOMER,
                **credentials,
                **settings,
            }
        },
        "routes": {"ar_content_builder": {"strategy": "first", "targets": ["ar"]}},
        "http": {"trusted_hosts": [client.twin.url.removeprefix("http://").removesuffix("/v1.5")]},
    }
    async with placket.open(config, clock=VirtualClock(), environ=SECRETS, data_folder=tmp_path / "data") as router:
        yield router.ar_content_builder


def draft_of(*names: str, picture) -> ArProductDraft:
    return ArProductDraft(
        "Linen shirt",
        tuple(ArConfiguration(name, (GarmentImage(Image.of(picture)),), sku=f"shirt-{name}") for name in names),
        sku="shirt",
        id=str(uuid.uuid4()),
    )


def content_of(asset: ArAsset) -> bytes:
    return Path(asset.path).read_bytes()


async def test_a_product_is_made_built_and_fetched(make_client, builder, tmp_path, picture):
    client = await make_client()
    async with opened(client, tmp_path) as ar:
        product = await ar.create_product(draft_of("Red", "Blue", picture=picture))
        job = await ar.mark_ready(product.ref)
        finished = await job.result()
    assert finished.state is JobState.SUCCEEDED
    assert len(finished.assets) == 6
    assert {each.format for each in finished.assets} == {"glb", "usdz"}
    assert content_of(finished.assets[0]) in (b"glb of Red", b"glb-web of Red", b"usdz of Red")


SETTINGS_FOR: dict[tuple[str, str], dict[str, Any]] = {
    ("credentials", "login"): {"login": LOGIN},
    ("type_names", "old"): {"product_type": "GARMENT"},
}


@pytest.mark.parametrize(("quirk", "choice"), CHOICES)
async def test_the_plugin_bears_every_setting(make_client, builder, tmp_path, picture, quirk, choice):
    client = await make_client(**{quirk: choice})
    settings = dict(SETTINGS_FOR.get((quirk, choice), {}))
    if "login" in settings:
        settings["login"] = {
            **LOGIN,
            "token_url": client.twin.url.removesuffix("/v1.5") + "/connect/token",
        }
    if quirk == "trigger_method":
        settings["trigger_method"] = choice
    async with opened(client, tmp_path, **settings) as ar:
        await ar.product_types()
        await ar.image_roles()
        assert tuple(await ar.callback_events()) == ("PRODUCT_COMPLETED",)
        product = await ar.create_product(draft_of("Red", "Blue", picture=picture))
        job = await ar.mark_ready(product.ref)
        finished = await job.result()
        assert finished.state is JobState.SUCCEEDED
        assert {each.format for each in finished.assets} == {"glb", "usdz"}
        assert all(each.path for each in finished.assets)
        again = await ar.mark_ready(product.ref)
        assert (await again.result()).state is JobState.SUCCEEDED


async def test_one_configuration_as_an_object(make_client, builder, tmp_path, picture):
    client = await make_client(configurations="object-when-one")
    async with opened(client, tmp_path) as ar:
        product = await ar.create_product(draft_of("Red", picture=picture))
        finished = await (await ar.mark_ready(product.ref)).result()
    assert len(finished.assets) == 3


async def test_creating_again_is_the_same_product(make_client, builder, tmp_path, picture):
    client = await make_client()
    draft = draft_of("Red", picture=picture)
    async with opened(client, tmp_path) as ar:
        first = await ar.create_product(draft)
        second = await ar.create_product(draft)
    assert first.ref == second.ref
    assert len(await client.configurations(first.ref.id)) == 1


async def test_the_lost_addresses_are_settings(make_client, builder, tmp_path, picture):
    client = await make_client(files_path="/files/images", ready_path="/products/{configurationId}/ready")
    settings = {"files_path": "/files/images", "ready_path": "/products/{configuration}/ready"}
    async with opened(client, tmp_path, **settings) as ar:
        product = await ar.create_product(draft_of("Red", picture=picture))
        assert (await (await ar.mark_ready(product.ref)).result()).state is JobState.SUCCEEDED


async def test_a_rejected_product_is_a_failed_job(make_client, builder, tmp_path, picture):
    builder.error = InvalidInput("there is no garment in the picture")
    client = await make_client()
    async with opened(client, tmp_path) as ar:
        product = await ar.create_product(draft_of("Red", picture=picture))
        with pytest.raises(JobFailed):
            await (await ar.mark_ready(product.ref)).result()


@pytest.mark.parametrize("quirk", [{"rejected": "in-progress"}, {"states": "only-finished"}])
async def test_a_failure_that_cannot_be_seen_ends_at_the_deadline(make_client, builder, tmp_path, picture, quirk):
    builder.error = InvalidInput("there is no garment in the picture")
    client = await make_client(**quirk)
    async with opened(client, tmp_path, deadline="3h") as ar:
        product = await ar.create_product(draft_of("Red", picture=picture))
        with pytest.raises(JobExpired):
            await (await ar.mark_ready(product.ref)).result()


async def test_a_wrong_key_is_told(make_client, tmp_path, picture):
    client = await make_client(settings={"api_key": "another-key"})
    async with opened(client, tmp_path) as ar:
        with pytest.raises((AllProvidersFailed, Unauthenticated)):
            await ar.create_product(draft_of("Red", picture=picture))


@pytest.mark.parametrize("callback_id", ["slash", "bare"])
@pytest.mark.parametrize("callback_body", ["empty", "json"])
async def test_a_callback_reaches_the_receiver_of_the_framework(
    make_client, builder, tmp_path, picture, receiver, callback_id, callback_body
):
    client = await make_client(callback_id=callback_id, callback_body=callback_body)
    async with opened(client, tmp_path) as ar:
        await ar.register_callback("PRODUCT_COMPLETED", receiver.url, "server-secret")
        product = await ar.create_product(draft_of("Red", picture=picture))
        await (await ar.mark_ready(product.ref)).result()
        await client.twin.settled()
        assert [(path, secret) for path, secret, _ in receiver.calls] == [(f"/done/{product.ref.id}", "server-secret")]
        await ar.test_callback("PRODUCT_COMPLETED", product.ref)
        await client.twin.settled()
        assert len(receiver.calls) == 2
        await ar.register_callback("PRODUCT_COMPLETED", "")
        assert await client.twin.vendor.callbacks.registered("PRODUCT_COMPLETED") is None

"""Placket's own client of the vendor against the twin, through the public face, at every setting of every quirk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

import placket
from placket.errors import NotFound, PlacketError, Unauthenticated
from placket.interfaces import (
    ExportRequest,
    Facet,
    GarmentImage,
    Image,
    ProductChanges,
    ProductDraft,
    ProductQuery,
    SkuQuery,
    SortOrder,
)
from placket.merge import merge
from placket.record import GarmentRecord
from placket_twins import SartiqQuirks, Twin
from placket_twins.quirks import quirks_of
from placket_twins.sartiq.settings import OWN_ORGANIZATION

pytestmark = pytest.mark.real_time

SETTINGS = [
    (each.name, setting)
    for each in quirks_of(SartiqQuirks)
    for setting in (each.choices or ((True, False) if each.type is bool else ()))
    if setting != each.default
]


@asynccontextmanager
async def opened(tmp_path: Any, quirks: SartiqQuirks | None = None, **options: Any) -> AsyncIterator[Any]:
    """A router whose one provider is the vendor's plugin, and the twin that it speaks to."""
    organization = options.pop("organization_id", None)
    password = options.pop("password", None)
    twin = Twin("sartiq", quirks=quirks, state=tmp_path / "twin", **options)
    async with twin as url:
        provider = {
            "plugin": "sartiq",
            "base_url": url,
            "username": twin.credentials["username"],
            "password": {"env": "SARTIQ_PASSWORD"},
            **({"organization_id": organization} if organization else {}),
        }
        config = {
            "providers": {"sartiq": provider},
            "routes": {"product_store": {"targets": ["sartiq"]}, "shoot_manager": {"targets": ["sartiq"]}},
        }
        environ = {"SARTIQ_PASSWORD": password or twin.credentials["password"]}
        async with placket.open(config, environ=environ, data_folder=tmp_path / "client") as router:
            yield router, twin


def record_of(product: Any) -> GarmentRecord:
    return merge(product.claims, id=product.ref.id)


DRAFT = {
    "name": "Breton Top",
    "sku": "BT-1",
    "brand": "Halyard",
    "color_name": "Navy / Cream",
    "neckline": "boat neck",
    "gender": "female",
    "collection": "Harbour",
}


async def test_a_product_is_made_read_changed_archived_and_removed(tmp_path, picture):
    async with opened(tmp_path) as (router, _):
        store = router.product_store
        made = await store.create(ProductDraft(DRAFT, (GarmentImage(Image.of(picture)),)))
        record = record_of(await store.get(made.ref))
        assert (record.name, record.sku, record.brand, record.color_name) == (
            "Breton Top",
            "BT-1",
            "Halyard",
            "Navy / Cream",
        )
        assert record.gender.id == "female"
        assert [item.role for item in record.media] == ["front"]
        changed = await store.update(made.ref, ProductChanges({"brand": "Other", "collection": None}))
        record = record_of(changed)
        assert (record.brand, record.collection, record.name) == ("Other", None, "Breton Top")
        assert record_of(await store.archive(made.ref)).visibility["archived"] is True
        await store.delete(made.ref)
        with pytest.raises((NotFound, PlacketError)):
            await store.get(made.ref)


async def test_lists_are_whole_filtered_and_sorted(tmp_path, picture):
    async with opened(tmp_path) as (router, _):
        store = router.product_store
        for number in range(25):
            fields = {"name": f"P{number:02}", "sku": f"S{number}", "brand": "A" if number % 2 else "B"}
            await store.create(ProductDraft(fields, (GarmentImage(Image.of(picture)),)))
        query = ProductQuery(brand="a", sort_by="name", order=SortOrder.ASCENDING, page_size=4)
        names = [record_of(product).name async for product in store.list(query)]
        assert names == [f"P{number:02}" for number in range(1, 25, 2)]
        assert await store.facet(Facet.BRANDS) == ("A", "B")


async def test_shoots_and_exports(tmp_path, picture):
    async with opened(tmp_path) as (router, twin):
        made = await router.product_store.create(ProductDraft(DRAFT, (GarmentImage(Image.of(picture)),)))
        skus = await router.shoot_manager.list_skus(SkuQuery()).collect()
        assert [sku.ref.id for sku in skus] == [made.ref.id]
        assert await router.shoot_manager.list_shots(skus[0].ref).collect() == []
        export = await router.product_store.start_export(ExportRequest(products=(made.ref,)))
        await twin.settled()
        export = await router.product_store.get_export(export.ref)
        assert export.status.state == "succeeded"
        data = b"".join([piece async for piece in router.product_store.download_export(export.ref)])
        assert data.startswith(b"PK")


async def test_an_organisation(tmp_path, picture):
    async with opened(tmp_path, organization_id=OWN_ORGANIZATION) as (router, _):
        made = await router.product_store.create(ProductDraft(DRAFT, (GarmentImage(Image.of(picture)),)))
        assert record_of(made).access["organization_id"] == OWN_ORGANIZATION
        assert len(await router.product_store.list(ProductQuery()).collect()) == 1


async def test_a_wrong_password_is_said_so(tmp_path):
    for bad_login in ("401", "400"):
        async with opened(tmp_path, SartiqQuirks(bad_login=bad_login), password="wrong") as (router, _):
            with pytest.raises(placket.errors.AllProvidersFailed) as caught:
                await router.product_store.list(ProductQuery()).collect()
            assert caught.value.subgroup(Unauthenticated) is not None


@pytest.mark.parametrize(("quirk", "setting"), SETTINGS)
async def test_every_quirk_is_borne(tmp_path, picture, quirk, setting):
    async with opened(tmp_path, SartiqQuirks(**{quirk: setting})) as (router, twin):
        store = router.product_store
        made = await store.create(ProductDraft(DRAFT, (GarmentImage(Image.of(picture)),)))
        assert record_of(await store.get(made.ref)).name == "Breton Top"
        names = [record_of(product).name async for product in store.list(ProductQuery(sort_by="name"))]
        assert names == ["Breton Top"]
        export = await store.start_export(ExportRequest(products=(made.ref,)))
        await twin.settled()
        assert b"".join([piece async for piece in store.download_export(export.ref)]).startswith(b"PK")
        await store.delete(made.ref)
        assert await store.list(ProductQuery()).collect() == []

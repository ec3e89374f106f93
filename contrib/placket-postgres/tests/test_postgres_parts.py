"""All four interfaces are one provider on one database, and two machines share its work."""

import asyncio

import pytest

import placket
from placket.interfaces import (
    ARContentBuilder,
    BriefDraft,
    GarmentImage,
    Image,
    ProductDraft,
    ProductQuery,
    ProductStore,
    ShootManager,
    SkuDraft,
    VisualSearch,
    WantedShot,
)
from placket.testing import garment_png

CONFIG = {
    "providers": {"shop": {"plugin": "postgres", "database": {"env": "DB"}}},
    "routes": {
        name: {"targets": ["shop"]}
        for name in ("visual_search", "product_store", "shoot_manager", "ar_content_builder")
    },
}


def photographed(number: int) -> SkuDraft:
    image = GarmentImage(Image.of(garment_png(number, scale=4)))
    return SkuDraft({"name": f"Top {number}", "sku": f"TOP-{number}"}, (image,))


async def test_it_is_four_interfaces_on_one_database(url, tmp_path):
    async with placket.open(CONFIG, data_folder=tmp_path, environ={"DB": url}) as router:
        provider = router.target("shop").provider
        assert all(isinstance(provider, each) for each in (VisualSearch, ProductStore, ShootManager, ARContentBuilder))
        made = await router.product_store.create(ProductDraft({"name": "Top", "sku": "TOP-1"}))
        await router.shoot_manager.create_sku(photographed(1))
        await router.visual_search.create_catalog("Summer")
        assert [product.ref async for product in router.product_store.list(ProductQuery())] == [made.ref]


@pytest.mark.timeout(180)
async def test_two_machines_share_a_brief_and_each_shot_is_made_once(url, tmp_path):
    async with (
        placket.open(CONFIG, data_folder=tmp_path, environ={"DB": url}) as first,
        placket.open(CONFIG, data_folder=tmp_path, environ={"DB": url}) as second,
    ):
        skus = [(await first.shoot_manager.create_sku(photographed(number))).ref for number in range(3)]
        wanted = (WantedShot("pack-shot"), WantedShot("color", color="green"))
        brief = await first.shoot_manager.create_brief(skus, BriefDraft("spring", wanted))
        job = await first.shoot_manager.start_brief(brief.ref)
        await asyncio.gather(job.result(), (await second.resume(job.ticket)).result())
        shots = await second.shoot_manager.brief_results(brief.ref).collect()
        assert len(shots) == 6
        made = [
            await second.shoot_manager.revisions(sku, shot.id)
            for sku in skus
            async for shot in second.shoot_manager.list_shots(sku)
        ]
        assert [len(revisions) for revisions in made] == [1] * 6

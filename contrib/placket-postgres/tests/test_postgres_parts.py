"""All four interfaces are one provider on one database, and two machines share its work."""

import asyncio

import psycopg
import pytest
from attrs import evolve

import placket
from placket.errors import JobFailed
from placket.interfaces import (
    ArConfiguration,
    ARContentBuilder,
    ArProductDraft,
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


@pytest.fixture
async def machines(url, tmp_path):
    async with (
        placket.open(CONFIG, data_folder=tmp_path, environ={"DB": url}) as first,
        placket.open(CONFIG, data_folder=tmp_path, environ={"DB": url}) as second,
    ):
        yield first, second


async def test_a_later_process_takes_up_an_export_of_more_shots_than_a_statement_has_parameters(url, tmp_path):
    async with placket.open(CONFIG, data_folder=tmp_path, environ={"DB": url}) as router:
        sku = (await router.shoot_manager.create_sku(photographed(1))).ref
        async with await psycopg.AsyncConnection.connect(url) as connection:
            await connection.execute(
                "INSERT INTO shots (id, product_id, look_id, shot_type, state, file, media_type, updated_at, sku_id)"
                " SELECT n, '', '', n, 'approved', 'gone.jpg', 'image/jpeg', 0, %s FROM generate_series(1, 70000) AS n",
                [sku.id],
            )
        job = await router.shoot_manager.export_approved([sku])
    async with placket.open(CONFIG, data_folder=tmp_path, environ={"DB": url}) as router:
        with pytest.raises(JobFailed, match=r"gone.jpg cannot be read"):
            await (await router.resume(job.ticket)).result()


async def test_two_machines_that_order_one_shot_order_it_once(machines, held_up):
    sku = (await machines[0].shoot_manager.create_sku(photographed(1))).ref
    draft = BriefDraft("spring", (WantedShot("pack-shot"),))
    briefs = await held_up("shots", (each.shoot_manager.create_brief([sku], draft) for each in machines))
    (shot,) = await machines[0].shoot_manager.list_shots(sku).collect()
    for brief in briefs:
        assert [each.id async for each in machines[1].shoot_manager.brief_results(brief.ref)] == [shot.id]


async def test_two_machines_that_order_shots_of_the_same_garments_do_not_wait_for_each_other(machines, held_up):
    skus = [(await machines[0].shoot_manager.create_sku(photographed(number))).ref for number in range(2)]
    draft, orders = BriefDraft("spring", (WantedShot("pack-shot"),)), (skus, skus[::-1])
    work = (each.shoot_manager.create_brief(order, draft) for each, order in zip(machines, orders, strict=True))
    assert [brief.skus for brief in await held_up("shots", work)] == [tuple(order) for order in orders]


async def test_two_machines_may_select_a_shot_at_one_moment(machines, held_up):
    sku = (await machines[0].shoot_manager.create_sku(photographed(1))).ref
    await machines[0].shoot_manager.create_brief([sku], BriefDraft("spring", (WantedShot("pack-shot"),)))
    (shot,) = await machines[0].shoot_manager.list_shots(sku).collect()
    work = (each.shoot_manager.select_shot(sku, shot.shot_type, shot.id) for each in machines)
    assert await held_up("selected_shots", work) == [None, None]


async def test_two_machines_that_make_one_ar_product_make_it_once(machines, held_up):
    draft = ArProductDraft("Top", (ArConfiguration("Red", (GarmentImage(Image.of(garment_png(1))),)),), id="top-1")
    for router in machines:
        await router.ar_content_builder.create_product(evolve(draft, id="another"))
    one, other = await held_up("ar_products", (each.ar_content_builder.create_product(draft) for each in machines))
    assert one.ref == other.ref

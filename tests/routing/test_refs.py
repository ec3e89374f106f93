"""What a provider owns is asked of it, whatever the route says."""

from __future__ import annotations

import pytest

from placket.errors import AllProvidersFailed, Conflict, InvalidInput, NotFound, TimedOut, Unsupported
from placket.interfaces import Product, ProductChanges, ProductStore, Query, Ref, ShootManager, VisualSearch
from placket.routing import First

HERE, THERE = Ref("b", "product", "1"), Ref("a", "catalog", "winter")


def stores(fake, **of_b):
    return fake.router(
        First(),
        fake.provider("a", ProductStore),
        fake.provider("b", ProductStore, **of_b),
        name="product_store",
        deadline=20,
    )


async def test_an_owner_is_asked_directly(fake):
    async def get(product):
        return Product(product, ())

    assert (await stores(fake, get=get).product_store.get(HERE)).ref == HERE


async def test_an_owner_beside_the_route_is_asked_too(fake):
    async def get(product):
        return Product(product, ())

    router = stores(fake, get=get)
    router._generation.routes["product_store"] = fake.route(First(), fake.provider("a", ProductStore))
    assert (await router.product_store.get(HERE)).ref == HERE


@pytest.mark.parametrize("error", [NotFound("no such product"), Conflict("changed since")])
async def test_the_owners_failure_is_raised_as_the_interface_says(fake, told, error):
    router = stores(fake, get=fake.fails(error), update=fake.fails(error))
    with pytest.raises(type(error)) as caught:
        await router.product_store.get(HERE)
    assert caught.value is error
    assert told(error) == [("b", "failed")]
    with pytest.raises(type(error)):
        await router.product_store.update(HERE, ProductChanges())


async def test_the_routes_deadline_holds_for_the_owner(fake, clock):
    with pytest.raises(TimedOut):
        await stores(fake, get=fake.hangs).product_store.get(HERE)
    assert clock.monotonic() == 20


async def test_an_owner_that_cannot_says_who_can(fake):
    router = stores(fake)
    able = router.target("b").capabilities.operations
    able["product_store.get"] = able["product_store.update"].UNSUPPORTED
    with pytest.raises(Unsupported, match="configured providers that can: a"):
        await router.product_store.get(HERE)


async def test_an_owner_that_is_not_configured_is_named(fake):
    with pytest.raises(InvalidInput, match=r"by the name 'gone'.*configured are a, b"):
        await stores(fake).product_store.get(Ref("gone", "product", "1"))


async def test_a_search_over_several_owners_is_split_and_fused(fake, told):
    route = [fake.searcher("c", "never"), fake.searcher("a", "x", "y"), fake.searcher("b", "y")]
    router = fake.router(First(), *route, name="visual_search")
    catalogs = [Ref("b", "catalog", "1"), THERE, Ref("b", "catalog", "2")]
    results = await router.visual_search.search(Query(text="q"), catalogs)
    assert [hit.id for hit in results.hits] == ["y", "x"]
    assert results.raw == {"a": [str(THERE)], "b": ["b/catalog/1", "b/catalog/2"]}
    assert sorted(told(results)) == [("a", "succeeded"), ("b", "succeeded")]


async def test_a_search_keeps_what_the_others_found_when_one_owner_fails(fake, told):
    broken = fake.provider("b", VisualSearch, search=fake.fails(NotFound("catalog")))
    router = fake.router(First(), fake.searcher("a", "x"), broken, name="visual_search")
    results = await router.visual_search.search(Query(text="q"), [THERE, Ref("b", "catalog", "1")])
    assert [hit.id for hit in results.hits] == ["x"]
    assert sorted(told(results)) == [("a", "succeeded"), ("b", "failed")]


async def test_a_search_in_one_catalog_raises_what_its_owner_raises(fake):
    broken = fake.provider("a", VisualSearch, search=fake.fails(NotFound("catalog")))
    with pytest.raises(NotFound):
        await fake.router(First(), broken, name="visual_search").visual_search.search(Query(text="q"), [THERE])


async def test_a_search_without_catalogs_goes_by_the_route(fake, told):
    router = fake.router(First(), fake.searcher("a", "x"), fake.searcher("b", "y"), name="visual_search")
    assert told(await router.visual_search.search(Query(text="q"), [])) == [("a", "succeeded")]


async def test_a_write_about_several_owners_is_refused(fake):
    router = fake.router(
        First(), fake.provider("a", ShootManager), fake.provider("b", ShootManager), name="shoot_manager"
    )
    with pytest.raises(InvalidInput, match="one provider at a time, not to a and b"):
        await router.shoot_manager.export_approved([Ref("a", "sku", "1"), Ref("b", "sku", "2")])


async def test_when_all_owners_fail_it_is_a_group(fake):
    targets = [fake.provider(name, VisualSearch, search=fake.fails(NotFound(name))) for name in "ab"]
    with pytest.raises(AllProvidersFailed) as caught:
        await fake.router(First(), *targets, name="visual_search").visual_search.search(
            Query(text="q"), [THERE, Ref("b", "catalog", "1")]
        )
    assert len(caught.value.exceptions) == 2


async def test_the_plan_says_that_the_reference_decides(fake):
    assert "goes to whoever holds what it refers to" in stores(fake).plan(ProductStore, "get").note

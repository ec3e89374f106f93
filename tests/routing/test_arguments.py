"""Routed methods take arguments like the methods of the interface."""

from __future__ import annotations

import inspect

import pytest

from placket.errors import InvalidInput
from placket.interfaces import (
    INTERFACES,
    CatalogItem,
    Garment,
    Image,
    Listing,
    Page,
    Product,
    ProductStore,
    Query,
    Ref,
    ShootManager,
    Uploaded,
    VisualSearch,
    operations_of,
)
from placket.routing import Complete, First

REF = Ref("a", "product", "1")


async def test_a_reference_may_be_given_by_name(fake):
    async def get(product):
        return Product(product, ())

    router = fake.router(First(), fake.provider("a", ProductStore, get=get), name="product_store")
    assert (await router.product_store.get(product=REF)).ref == REF


async def test_a_garment_may_be_given_by_name(fake):
    target = fake.tagger("a", fields=["brand"])
    await fake.router(Complete(), target).garment_tagger.tag(garment=Garment("g"))
    assert target.provider.asked[0].wanted == {"brand"}


async def test_catalogs_may_be_given_by_name_and_as_any_iterable(fake):
    router = fake.router(First(), fake.searcher("a", "x"), fake.searcher("b", "y"), name="visual_search")
    results = await router.visual_search.search(catalogs=iter([Ref("b", "catalog", "c")]), query=Query(text="q"))
    assert results.raw == ["b/catalog/c"]


async def test_a_stream_that_breaks_off_is_no_fault_of_the_provider_that_reads_it(fake):
    ended = []

    async def feed(error=None):
        try:
            yield CatalogItem("1", Image.of("https://shop.example/1.jpg"))
            if error is not None:
                raise error
        finally:
            ended.append(error)

    async def add_items(_catalog, items):
        return Uploaded(len([item async for item in items]))

    search = fake.router(
        First(), fake.provider("a", VisualSearch, add_items=add_items), name="visual_search"
    ).visual_search
    broken = ConnectionError("the feed is down")
    for _ in range(10):  # more than open a circuit
        with pytest.raises(InvalidInput, match="broke off with ConnectionError: the feed is down") as caught:
            await search.add_items(Ref("a", "catalog", "c"), feed(broken))
        assert caught.value.__cause__ is broken
    with pytest.raises(InvalidInput, match="is no picture"):
        await search.add_items(Ref("a", "catalog", "c"), feed(InvalidInput("it is no picture")))
    assert (await search.add_items(Ref("a", "catalog", "c"), items=feed())).accepted == 1
    assert len(ended) == 12


async def test_a_list_where_a_stream_is_wanted_is_told_so(fake):
    router = fake.router(First(), fake.searcher("a", "x"), name="visual_search")
    with pytest.raises(InvalidInput, match=r"add_items takes an async iterator.*not list"):
        await router.visual_search.add_items(Ref("a", "catalog", "c"), [])


async def test_defaults_are_the_providers_own(fake):
    asked = []

    async def archive(product, archived=True):
        asked.append(archived)
        return Product(product, ())

    store = fake.router(First(), fake.provider("a", ProductStore, archive=archive), name="product_store").product_store
    await store.archive(REF)
    await store.archive(REF, False)
    await store.archive(REF, archived=False)
    assert asked == [True, False, False]


async def test_what_is_named_behind_something_left_out_arrives(fake):
    asked = []

    def list_shots(sku, shot_type=None, state=None):
        asked.append((shot_type, state))
        return Listing(nothing)

    async def nothing(_cursor):
        return Page(())

    manager = fake.router(First(), fake.provider("a", ShootManager, list_shots=list_shots), name="shoot_manager")
    await manager.shoot_manager.list_shots(Ref("a", "sku", "1"), state="approved").collect()
    assert asked == [(None, "approved")]


@pytest.mark.parametrize("call", [lambda tagger: tagger.tag(), lambda tagger: tagger.tag(Garment("g"), picture=1)])
async def test_a_call_that_does_not_fit_is_a_type_error_and_asks_nobody(fake, call):
    target = fake.tagger("a")
    with pytest.raises(TypeError, match=r"garment|picture"):
        await call(fake.router(First(), target).garment_tagger)
    assert target.provider.asked == []


async def test_a_picture_in_place_of_a_garment_says_how_to_make_one(fake):
    target = fake.tagger("a")
    with pytest.raises(InvalidInput, match=r"tag takes a Garment, not str; make one with Garment\.of"):
        await fake.router(First(), target).garment_tagger.tag("photo.png")
    assert target.provider.asked == []


@pytest.mark.parametrize("catalogs", ["a/catalog/1", ["a/catalog/1"]])
async def test_a_text_in_place_of_references_says_how_to_make_them(fake, catalogs):
    with pytest.raises(InvalidInput, match=r"search takes a Ref, not str; make one with Ref\.parse"):
        await fake.router(First(), fake.searcher("a"), name="visual_search").visual_search.search(Query(), catalogs)


@pytest.mark.parametrize("interface", INTERFACES)
async def test_every_operation_has_the_signature_and_text_of_the_interface(fake, interface):
    routed = fake.router(First(), fake.tagger("a")).interface(interface)
    for name in operations_of(interface):
        assert inspect.signature(getattr(type(routed), name)) == inspect.signature(getattr(interface, name))
        assert getattr(routed, name).__doc__ == getattr(interface, name).__doc__


async def test_only_the_five_interfaces_are_routed(fake):
    with pytest.raises(InvalidInput, match="not one of the interfaces"):
        fake.router(First(), fake.tagger("a")).interface(Garment)


async def test_an_unknown_operation_cannot_be_planned(fake):
    with pytest.raises(InvalidInput, match=r"no operation 'tagg'; it has tag, submit"):
        fake.router(First(), fake.tagger("a")).plan(operation="tagg")

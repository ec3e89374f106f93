"""What code that is not async gives to be read: any iterable, read in the thread of who gives it."""

from __future__ import annotations

import sqlite3
import threading
import types
from collections.abc import AsyncIterable

import pytest
from attrs import frozen

import placket
from placket.errors import InvalidInput, UnknownOutcome, Unsupported
from placket.interfaces import (
    Capabilities,
    Imported,
    Level,
    Listing,
    Page,
    Product,
    ProductDraft,
    ProductQuery,
    ProductStore,
    Ref,
)
from placket.registry import ProviderType


@frozen
class Settings:
    most: int = 1000


class Shop(ProductStore):
    """Keeps the SKUs it is given, and takes so many at a time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.skus: list[str] = []

    async def upsert(self, drafts: AsyncIterable[ProductDraft]) -> Imported:
        async for draft in drafts:
            self.skus.append(draft.fields["sku"])
            if len(self.skus) == self.most:
                raise Unsupported("the shop is full")
        return Imported(len(self.skus), 0)

    def list(self, query: ProductQuery) -> Listing[Product]:
        async def fetch(_cursor: str | None) -> Page[Product]:
            return Page([Product(Ref("shop", "product", sku), ()) for sku in self.skus], total=len(self.skus))

        return Listing(fetch)


@pytest.fixture
def shops():
    return []


@pytest.fixture
def opened(shops):
    @placket.hookimpl
    def placket_provider_types():
        def made(settings, _context):
            shops.append(Shop(settings.most))
            return shops[-1]

        yield ProviderType(
            name="shop",
            title="A shop for tests",
            settings=Settings,
            factory=made,
            interfaces=(ProductStore,),
            capabilities=Capabilities({"product_store.upsert": Level.FULL, "product_store.list": Level.FULL}, {}),
        )

    module = types.ModuleType("placket_shop")
    module.placket_provider_types = placket_provider_types

    def start(**settings):
        config = {
            "providers": {"shop": {"plugin": "shop", **settings}},
            "routes": {"product_store": {"targets": ["shop"]}},
        }
        return placket.open_sync(config, plugins=[module], environ={})

    return start


def draft(number):
    return ProductDraft({"sku": str(number)})


SKUS = [str(number) for number in range(100)]
KINDS = {
    "list": lambda: [draft(number) for number in range(100)],
    "generator": lambda: (draft(number) for number in range(100)),
    "map": lambda: map(draft, range(100)),
    "nothing": list,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("named", [True, False])
def test_any_iterable_will_do(opened, shops, kind, named):
    with opened() as router:
        store = router.product_store
        done = store.upsert(drafts=KINDS[kind]()) if named else store.upsert(KINDS[kind]())
    assert shops[0].skus == ([] if kind == "nothing" else SKUS)
    assert done.created == len(shops[0].skus)


def test_a_list_has_what_an_async_one_has(opened):
    with opened() as router:
        store = router.product_store
        store.upsert(draft(number) for number in range(100))
        listing = store.list(ProductQuery())
        assert listing.total is None
        first = listing.collect(2)
        assert listing.total == 100
        assert [product.ref.id for product in (*first, next(listing), *listing)] == SKUS
        assert list(listing) == listing.collect() == []
        unread = store.list(ProductQuery())
    with pytest.raises(InvalidInput, match="the router is closed"):
        next(unread)


def test_it_is_read_as_it_is_wanted_and_in_the_thread_of_the_caller(opened, shops):
    seen = []

    def given():
        for number in range(5):
            seen.append((len(shops[0].skus), threading.current_thread()))
            yield draft(number)

    with opened() as router:
        router.product_store.upsert(given())
    assert seen == [(number, threading.current_thread()) for number in range(5)]


def test_rows_of_a_connection_that_belongs_to_a_thread_can_be_given(opened, shops):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE goods (sku TEXT)")
    connection.executemany("INSERT INTO goods VALUES (?)", [(sku,) for sku in SKUS])
    rows = connection.execute("SELECT sku FROM goods ORDER BY rowid")
    with opened() as router:
        router.product_store.upsert(draft(sku) for (sku,) in rows)
    connection.close()
    assert shops[0].skus == SKUS


def test_what_is_given_may_use_the_router(opened, shops):
    with opened() as one, opened() as other:
        one.product_store.upsert(map(draft, range(100)))
        other.product_store.upsert(draft(product.ref.id) for product in one.product_store.list(ProductQuery()))

        def counted():
            for _ in range(3):
                yield draft(len(list(other.product_store.list(ProductQuery()))))

        other.product_store.upsert(counted())
    assert shops[1].skus == [*SKUS, "100", "101", "102"]


def test_garments_may_use_the_router(config, plugin, tmp_path):
    def tagged_before(router):
        for number in range(5):
            yield placket.Garment(router.tag(placket.Garment(f"g{number}")).id)

    with placket.open_sync(config(a={}), plugins=[plugin.module()], data_folder=tmp_path, environ={}) as router:
        outcomes = list(router.tag_many(tagged_before(router), concurrency=2))
    assert sorted(outcome.id for outcome in outcomes) == [f"g{number}" for number in range(5)]


def test_what_breaks_off_is_told_with_its_cause(opened, shops):
    def broken():
        yield draft(1)
        raise LookupError("no more rows")

    with opened() as router:
        with pytest.raises(InvalidInput, match="LookupError: no more rows") as caught:
            router.product_store.upsert(broken())
        assert isinstance(caught.value.__cause__, LookupError)
        assert router.product_store.upsert([draft(2)]).created == 2, "and goes on"


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_of_the_reading_is_the_callers_and_ends_the_call(opened, shops, interrupt):
    def interrupted():
        yield draft(1)
        raise interrupt

    with opened() as router:
        with pytest.raises(interrupt):
            router.product_store.upsert(interrupted())
        assert router.product_store.upsert([draft(2)]).created == 2, "and goes on"


def test_a_call_that_fails_leaves_the_rest_unread(opened, shops):
    rest = iter(range(100))
    with opened(most=3) as router, pytest.raises(placket.errors.PlacketError, match="full"):
        router.product_store.upsert(map(draft, rest))
    assert next(rest) == 3


def test_a_router_that_is_closed_meanwhile_says_so(opened, shops):
    reading, closed = threading.Event(), threading.Event()
    errors = []

    def given():
        yield draft(1)
        reading.set()
        closed.wait(20)
        yield draft(2)

    def call(router):
        try:
            router.product_store.upsert(given())
        except UnknownOutcome as error:
            errors.append(error)

    with opened() as router:
        thread = threading.Thread(target=call, args=[router])
        thread.start()
        assert reading.wait(20)
    closed.set()
    thread.join(20)
    assert len(errors) == 1
    assert shops[0].skus == ["1"]


@pytest.mark.parametrize("wrong", ["a text", b"bytes", {"sku": "1"}, 7])
def test_what_is_no_stream_is_told(opened, wrong):
    with opened() as router, pytest.raises(InvalidInput, match=r"any list or generator, and not"):
        router.product_store.upsert(wrong)

"""Lists and downloads: the first item decides who is asked, and the rest comes from there."""

from __future__ import annotations

import asyncio

import pytest

from placket.errors import AllProvidersFailed, InvalidInput, ProtocolError, TimedOut, Unavailable, UnknownOutcome
from placket.interfaces import Listing, Page, ProductQuery, ProductStore, Ref
from placket.routing import All, First, Race

EXPORT = Ref("a", "export", "1")


def pages(*contents, total=None):
    """A list method whose pages are these; an exception in place of a page is raised."""

    def listing(*_):
        async def fetch(cursor):
            page = contents[int(cursor or 0)]
            if isinstance(page, BaseException):
                raise page
            following = int(cursor or 0) + 1
            return Page(page, total=total, next=str(following) if following < len(contents) else None)

        return Listing(fetch)

    return listing


def lister(fake, name, *contents, total=None):
    return fake.provider(name, ProductStore, list=pages(*contents, total=total))


def router(fake, *targets, strategy=None, deadline=None):
    return fake.router(strategy or First(), *targets, name="product_store", deadline=deadline)


async def test_a_listing_streams_all_pages_of_the_first_provider(fake):
    listing = router(fake, lister(fake, "a", [1, 2], [], [3], total=3), lister(fake, "b", [9])).product_store.list(
        ProductQuery()
    )
    assert isinstance(listing, Listing)
    assert listing.total is None
    assert [item async for item in listing] == [1, 2, 3]
    assert listing.total == 3


async def test_pages_are_fetched_as_they_are_consumed(fake):
    late = lister(fake, "a", [1, 2], AssertionError("nobody asked for this page"))
    assert await router(fake, late).product_store.list(ProductQuery()).collect(2) == [1, 2]


async def test_a_listing_fails_over_before_its_first_item(fake):
    targets = [lister(fake, "a", Unavailable("down")), lister(fake, "b", [1])]
    assert await router(fake, *targets).product_store.list(ProductQuery()).collect() == [1]


async def test_what_a_provider_cancels_by_itself_does_not_cancel_who_reads(fake):
    listing = router(fake, lister(fake, "a", [1], asyncio.CancelledError())).product_store.list(ProductQuery())
    assert await anext(listing) == 1
    with pytest.raises(ProtocolError, match="failed with CancelledError"):
        await anext(listing)


async def test_who_stops_reading_is_cancelled(fake, clock):
    async def listing(*_):
        yield 1
        await fake.hangs()

    stream = router(fake, fake.provider("a", ProductStore, list=lambda *_: listing())).product_store.list(
        ProductQuery()
    )
    assert await anext(stream) == 1
    reading = asyncio.create_task(anext(stream))
    await clock.sleep(1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_a_listing_does_not_fail_over_after_its_first_item(fake):
    second = lister(fake, "b", [9])
    listing = router(fake, lister(fake, "a", [1], Unavailable("down")), second).product_store.list(ProductQuery())
    assert await anext(listing) == 1
    with pytest.raises(Unavailable, match=r"a\.list: down"):
        await anext(listing)


@pytest.mark.parametrize("broken", [([KeyError("bug")]), ([[1], KeyError("bug")])])
async def test_a_bug_names_the_plugin_on_the_first_page_and_on_later_ones(fake, broken):
    listing = router(fake, lister(fake, "a", *broken)).product_store.list(ProductQuery())
    try:
        while True:
            await anext(listing)
    except AllProvidersFailed as group:
        [error] = group.exceptions
    except ProtocolError as raised:
        error = raised
    assert "placket-a 1.0 failed with KeyError" in str(error)
    assert isinstance(error.__cause__, KeyError)


async def test_a_timeout_of_a_later_page_is_told_as_one(fake):
    listing = router(fake, lister(fake, "a", [1], TimeoutError())).product_store.list(ProductQuery())
    await anext(listing)
    with pytest.raises(TimedOut):
        await anext(listing)


@pytest.mark.parametrize("strategy", [All(), Race()])
async def test_a_listing_comes_from_one_provider_under_any_strategy(fake, strategy):
    made = router(fake, lister(fake, "a", [1, 2]), lister(fake, "b", [1, 3]), strategy=strategy)
    assert await made.product_store.list(ProductQuery()).collect() == [1, 2]
    assert "serves it like first" in made.plan(ProductStore, "list").note


async def test_an_empty_listing_ends(fake):
    listing = router(fake, lister(fake, "a", [], total=0)).product_store.list(ProductQuery())
    assert await listing.collect() == []
    assert listing.total == 0


async def test_the_deadline_holds_for_the_first_item(fake, clock):
    hanging = fake.provider("a", ProductStore, list=lambda *_: Listing(fake.hangs))
    with pytest.raises(AllProvidersFailed):
        await router(fake, hanging, deadline=6).product_store.list(ProductQuery()).collect()
    assert clock.monotonic() == 6


async def test_a_bug_before_anything_is_awaited_fails_over_too(fake):
    def bug(*_):
        raise KeyError("bug")

    targets = [fake.provider("a", ProductStore, list=bug), lister(fake, "b", [1])]
    assert await router(fake, *targets).product_store.list(ProductQuery()).collect() == [1]


async def test_a_download_hands_on_every_chunk(fake):
    async def chunks(_export):
        for chunk in (b"one", b"two", b""):
            yield chunk

    made = router(fake, fake.provider("a", ProductStore, download_export=chunks))
    assert [chunk async for chunk in made.product_store.download_export(EXPORT)] == [b"one", b"two", b""]


async def test_a_download_that_is_left_early_is_closed_at_the_provider(fake):
    closed = []

    async def chunks(_export):
        try:
            while True:
                yield b"more"
        finally:
            closed.append(True)

    made = router(fake, fake.provider("a", ProductStore, download_export=chunks))
    download = made.product_store.download_export(EXPORT)
    assert await anext(download) == b"more"
    await download.aclose()
    assert closed == [True]


async def test_a_download_that_never_starts_has_an_unknown_outcome(fake):
    async def chunks(_export):
        await fake.hangs()
        yield b""

    made = router(fake, fake.provider("a", ProductStore, download_export=chunks), deadline=5)
    with pytest.raises(UnknownOutcome):
        await anext(made.product_store.download_export(EXPORT))


async def test_a_listing_checks_its_arguments_at_once(fake):
    with pytest.raises(InvalidInput, match="takes a Ref, not str"):
        router(fake, lister(fake, "a")).product_store.download_export("a/export/1")

"""Long lists, streamed page by page."""

from __future__ import annotations

import pytest

from placket.interfaces import Listing, Page


def listing(*pages):
    """A listing of (items, cursor of the next page, total), and the cursors it was asked for."""
    asked = []

    async def fetch(cursor):
        asked.append(cursor)
        items, following, total = pages[len(asked) - 1]
        return Page(items, total=total, next=following)

    return Listing(fetch), asked


async def test_items_come_in_order_over_all_pages_also_empty_ones():
    items, asked = listing(([1, 2], "p2", 3), ([], "p3", None), ([3], None, 4))
    assert [item async for item in items] == [1, 2, 3]
    assert asked == [None, "p2", "p3"]
    assert items.total == 4


async def test_a_page_is_fetched_only_when_it_is_needed():
    items, asked = listing(([1, 2], "p2", 9), ([3], None, 9))
    assert asked == []
    assert items.total is None
    assert await items.collect(2) == [1, 2]
    assert (asked, items.total) == ([None], 9)
    assert await items.collect() == [3]


async def test_a_vendor_that_repeats_its_cursor_does_not_go_round_for_ever():
    items, asked = listing(([1], "p", None), ([2], "p", None))
    assert await items.collect() == [1, 2]
    assert asked == [None, "p"]


async def test_an_ended_list_stays_ended():
    items, asked = listing(([1], None, None))
    assert await items.collect() == [1]
    assert await items.collect() == []
    assert asked == [None]


async def test_nothing_is_fetched_for_nothing():
    items, asked = listing(([1], None, None))
    assert await items.collect(0) == []
    assert asked == []


async def test_a_failed_page_can_be_asked_for_again():
    failures = [RuntimeError("once")]

    async def fetch(cursor):
        if cursor == "p2" and failures:
            raise failures.pop()
        return Page([cursor], next="p2" if cursor is None else None)

    items = Listing(fetch)
    assert await anext(items) is None
    with pytest.raises(RuntimeError):
        await anext(items)
    assert await items.collect() == ["p2"]

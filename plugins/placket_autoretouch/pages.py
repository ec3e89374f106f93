"""Lists of the vendor, read page by page without trusting what the page does not promise."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection
from typing import Any, TypeVar

from placket.errors import NotFound
from placket.interfaces import Listing, Page
from placket.transport import Answer

from . import wire

Item = TypeVar("Item")


def paged(
    ask: Callable[[int], Awaitable[Answer]],
    key_of: Callable[[Any, Answer], str],
    translate: Callable[[Any, Answer], Item],
    *,
    first_page: int,
    ended: Callable[[int, int | None], None],
) -> Listing[Item]:
    """Read on until a page brings nothing new, is empty or not there: totals and page sizes are not promised.

    What moves to the next page while the list is read is not handed out twice. Only the keys of the first page and of
    the latest are kept, so that memory does not grow: a vendor that has no page so far repeats one of these. ``ended``
    is told how many members came, and how many the vendor said there are.
    """
    first: Collection[str] = ()
    latest: Collection[str] = ()
    count = 0
    total: int | None = None

    async def fetch(cursor: str | None) -> Page[Item]:
        nonlocal first, latest, count, total
        page = first_page if cursor is None else int(cursor)
        try:
            answer = await ask(page)
        except NotFound:
            if cursor is None:
                raise
            ended(count, total)
            return Page(())
        listed = listed_in(answer)
        named = {key_of(member, answer): member for member in listed.members}
        new = [translate(named[key], answer) for key in named if key not in first and key not in latest]
        total = listed.total if listed.total is not None else total
        count += len(new)
        if not new:
            ended(count, total)
            return Page((), total=total)
        first, latest = first or named.keys(), named.keys()
        return Page(new, total=total, next=str(page + 1))

    return Listing(fetch)


def listed_in(answer: Answer) -> wire.Listed:
    """The list in an answer; raises ProtocolError when there is none."""
    listed = wire.Listed.of(answer.json())
    if listed is None:
        raise answer.protocol_error("the answer is no list: neither an array nor an object that holds one")
    return listed


def key_of_sku(sku: Any, answer: Answer) -> str:
    """The id of a SKU."""
    key = wire.identifier(sku)
    if not key:
        raise answer.protocol_error("the list has a member that is no SKU: it is no object, or has no id")
    return key


def key_of_result(result: Any, answer: Answer) -> str:
    """The id of a result, or all of it where it has none: an object, or the address of a picture alone."""
    address = isinstance(result, str) and result.startswith(("https://", "http://", "/"))
    if not address and not isinstance(result, dict):
        raise answer.protocol_error("the list has a member that is no result: neither an object nor an address")
    return wire.identifier(result, wire.RESULT_IDS) or json.dumps(result, sort_keys=True)

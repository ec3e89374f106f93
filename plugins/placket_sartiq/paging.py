"""Lists that are read with ``skip`` and ``limit``, from a vendor whose total may lie and whose pages may repeat."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from placket.interfaces import Listing, Page
from placket.logs import LazyLogger
from placket.transport import Answer

from . import wire

T = TypeVar("T")

_log = LazyLogger("placket.sartiq")

REMEMBERED = 100
"""So many pages are recognised when they come again, and the first one for ever: memory must not grow with the list."""


def paged(
    ask: Callable[[int], Awaitable[Answer]],
    made: Callable[[Answer, dict[str, Any]], T | None],
    limit: int,
    *,
    counted: bool = True,
) -> Listing[T]:
    """The list whose page that begins at a place ``ask`` asks for.

    ``made`` makes an item, None for an unwanted one; ``counted`` False: the vendor's total counts those as well, and
    is not handed on. The list goes on until a page is empty, or is short and the total claims no more.

    The total alone decides nothing: whether it counts all matches or this page, the vendor does not say. An item that
    was on the page before is left out (a new product moves the others down). Of a page that was there before nothing
    is handed out again; after a second one in a row, or when the first one comes back later, the list ends, with a
    warning in the log.
    """
    before: frozenset[str] = frozenset()
    first: int | None = None
    latest: deque[int] = deque(maxlen=REMEMBERED)
    repeated = handed_out = 0

    async def fetch(cursor: str | None) -> Page[T]:
        nonlocal before, first, repeated, handed_out
        skip = int(cursor or 0)
        answer = await ask(skip)
        items, total = wire.objects(answer)
        names = [str(item.get("id") or item) for item in items]
        fingerprint = hash(tuple(names))
        again = bool(items) and (fingerprint == first or fingerprint in latest)
        fresh = [] if again else _fresh(items, names, before)
        wanted = [one for item in fresh if (one := made(answer, item)) is not None]
        repeated = repeated + 1 if again else 0
        begins_anew = fingerprint == first != latest[-1]
        first = fingerprint if first is None else first
        latest.append(fingerprint)
        before = frozenset(names)
        handed_out += len(fresh)
        place = skip + len(items)
        more = total is not None and place < total
        ends = not items or repeated > 1 or begins_anew or ((again or len(items) < limit) and not more)
        if ends and total is not None and handed_out < total:
            _log.warning("list ended early", handed_out=handed_out, total=total, skip=skip, page_repeats=again)
        return Page(wanted, total if counted else None, None if ends else str(place))

    return Listing(fetch)


def _fresh(items: list[dict[str, Any]], names: list[str], before: frozenset[str]) -> list[dict[str, Any]]:
    seen = set(before)
    fresh = []
    for item, name in zip(items, names, strict=True):
        if name not in seen:
            fresh.append(item)
            seen.add(name)
    return fresh

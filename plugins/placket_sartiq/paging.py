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
    seen = _Seen()

    async def fetch(cursor: str | None) -> Page[T]:
        skip = int(cursor or 0)
        answer = await ask(skip)
        items, total = wire.objects(answer)
        names = tuple(str(item.get("id") or item) for item in items)
        fresh = seen.fresh(names, items)
        wanted = [one for item in fresh if (one := made(answer, item)) is not None]
        seen.note(names, len(fresh))  # not before: a page that cannot be used may be asked for again
        place = skip + len(items)
        is_short = seen.repeats > 0 or len(items) < limit
        claims_more = total is not None and place < total
        ends = not items or seen.goes_round or (is_short and not claims_more)
        if ends and total is not None and seen.handed_out < total:
            _log.warning(
                "list ended early",
                handed_out=seen.handed_out,
                total=total,
                skip=skip,
                page_repeats=seen.repeats > 0,
            )
        return Page(wanted, total if counted else None, None if ends else str(place))

    return Listing(fetch)


class _Seen:
    """What the pages of a list have shown so far."""

    def __init__(self) -> None:
        self.handed_out = 0
        """How many items were new."""
        self.repeats = 0
        """How many pages in a row, up to the latest, had been there before."""
        self.goes_round = False
        """Whether the latest page ends the list: it is the second repeat in a row, or the first page once more."""
        self._before: tuple[str, ...] = ()
        self._first: int | None = None
        self._latest: deque[int] = deque(maxlen=REMEMBERED)

    def fresh(self, names: tuple[str, ...], items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The items of a page that are new: none of a page that was there before."""
        if self._had(names):
            return []
        known, new = set(self._before), []
        for name, item in zip(names, items, strict=True):
            if name not in known:
                known.add(name)
                new.append(item)
        return new

    def note(self, names: tuple[str, ...], handed_out: int) -> None:
        """Take note of a page, of which so many items were handed out."""
        page = hash(names)
        self.repeats = self.repeats + 1 if self._had(names) else 0
        self.goes_round = self.repeats > 1 or (page == self._first and page != self._latest[-1])
        self._first = page if self._first is None else self._first
        self._latest.append(page)
        self._before = names
        self.handed_out += handed_out

    def _had(self, names: tuple[str, ...]) -> bool:
        return bool(names) and (hash(names) == self._first or hash(names) in self._latest)

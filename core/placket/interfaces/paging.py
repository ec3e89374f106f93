"""Long lists, streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from attrs import frozen

T = TypeVar("T")


@frozen
class Page(Generic[T]):
    """One page of a vendor's list. ``next`` is what to ask with for the following one; None ends the list."""

    items: Sequence[T]
    total: int | None = None
    next: str | None = None


class Listing(AsyncIterator[T]):
    """The items of a list, fetched page by page as they are consumed: memory does not grow with the list.

    ``total`` is what the vendor said on the latest page, None before the first one or when it does not say. A page that
    repeats the cursor of the page before it ends the list rather than going round for ever.
    """

    def __init__(self, fetch: Callable[[str | None], Awaitable[Page[T]]]) -> None:
        self._fetch = fetch
        self._cursor: str | None = None
        self._page: Page[T] | None = None
        self._position = 0
        self.total: int | None = None

    def __aiter__(self) -> Listing[T]:
        return self

    async def __anext__(self) -> T:
        while self._page is None or self._position >= len(self._page.items):
            cursor = None if self._page is None else self._page.next
            if self._page is not None and (cursor is None or cursor == self._cursor):
                raise StopAsyncIteration
            # The place is kept until the page is there: after a failure the same page can be asked for again.
            self._page = await self._fetch(cursor)
            self._cursor = cursor
            self._position = 0
            if self._page.total is not None:
                self.total = self._page.total
        self._position += 1
        return self._page.items[self._position - 1]

    async def collect(self, limit: int | None = None) -> list[T]:
        """Read at most ``limit`` items into a list; everything when None."""
        items: list[T] = []
        if limit == 0:
            return items
        async for item in self:
            items.append(item)
            if limit is not None and len(items) >= limit:
                break
        return items

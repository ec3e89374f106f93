"""Catalog items on their way to the vendor: each gets an address, and what cannot be sent is named."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from typing import Any

from attrs import define, field, frozen

from placket.errors import InvalidInput
from placket.interfaces import CatalogItem, Image, Uploaded


@frozen
class Row:
    """One item as it is sent. ``metadata`` is JSON in plain ASCII, without line breaks or tabs; empty for none."""

    item: CatalogItem
    url: str
    metadata: str


@define
class Outgoing:
    """Items, one by one: none is kept once it is sent. ``address`` finds out where on the web a picture is."""

    items: AsyncIterable[CatalogItem]
    address: Callable[[Image], Awaitable[str]]
    accepted: int = 0
    refused: list[tuple[str, str]] = field(factory=list)

    async def rows(self) -> AsyncGenerator[Row, None]:
        """The items that can be sent. An item's own fault is noted; anything else that fails ends the upload."""
        iterator = aiter(self.items)
        try:
            async for item in iterator:
                try:
                    row = Row(item, await self._address(item), _metadata(item))
                except InvalidInput as error:
                    self.refused.append((item.id, str(error)))
                    continue
                self.accepted += 1
                yield row
        finally:
            close: Any = getattr(iterator, "aclose", None)
            if close is not None:
                await close()

    async def _address(self, item: CatalogItem) -> str:
        if not item.id:
            raise InvalidInput("the item has no id")
        return await self.address(item.image)

    def result(self) -> Uploaded:
        """How it went."""
        return Uploaded(self.accepted, tuple(self.refused))


def _metadata(item: CatalogItem) -> str:
    if not item.metadata:
        return ""
    try:
        return json.dumps(dict(item.metadata), allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"its metadata is not plain JSON: {error}") from error

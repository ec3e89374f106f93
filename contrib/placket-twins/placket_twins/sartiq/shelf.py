"""The products, in whatever `ProductStore` the backend has: those of one organisation, or the personal ones."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from placket.errors import InvalidInput, NotFound, Unsupported
from placket.interfaces import Facet, Listing, Product, ProductQuery, ProductStore, Ref, SortOrder

from ..vendor import Ground
from .words import said_of

_KIND = "member"
"""Documents that say which product belongs to which organisation."""

_PAGE = 500
_AT_ONCE = 8
"""Lists that are read side by side: a database has so many connections, and who waits too long for one fails."""

_CONTINUED = 16
"""Lists that are kept half read, so that the next page need not begin at the first product."""


@frozen
class Found:
    """One page of a list, and how many products match in all."""

    products: list[Product]
    total: int


class Shelf:
    """Reads and finds products. ``organization`` None means the personal ones."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._provider = ""
        self._writes = 0
        self._all_personal: bool | None = None
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._halves: OrderedDict[tuple[Any, ...], Listing[Product]] = OrderedDict()

    @property
    def store(self) -> ProductStore:
        """The backend's store."""
        store: ProductStore = self._ground.backend.product_store
        return store

    def changed(self) -> None:
        """Note that something was written: a list that was read half is read again."""
        self._writes += 1
        self._halves.clear()

    async def ref(self, product_id: str) -> Ref:
        """The reference of a product by its id; raises NotFound when the store is empty."""
        if not self._provider:
            first = await self.store.list(ProductQuery(page_size=1)).collect(1)
            if not first:
                raise NotFound("Product not found")
            self._provider = first[0].ref.provider
        return Ref(self._provider, ProductStore.ref_kind, product_id)

    async def get(self, product_id: str) -> Product:
        """One product; raises NotFound."""
        async with self._places:
            return await self.store.get(await self.ref(product_id))

    async def belongs(self, product: Ref, organization: str | None) -> None:
        """Note to which organisation a product belongs."""
        self._provider = product.provider
        if organization is None:
            await self._ground.state.take(_KIND, product.id)
        else:
            await self._ground.state.put(_KIND, product.id, organization)
        # Afterwards: whoever was counting meanwhile has been answered before.
        self._all_personal = None

    async def is_all_personal(self) -> bool:
        """Whether no product belongs to an organisation: what the store finds is the answer then."""
        if self._all_personal is None:
            self._all_personal = not await self._ground.state.count(_KIND)
        return self._all_personal

    async def find(self, query: ProductQuery, organization: str | None, skip: int, limit: int) -> Found:
        """The products that a query finds, from ``skip`` on."""
        try:
            async with self._places:
                if organization is None and await self.is_all_personal():
                    return await self._page(query, skip, limit)
                return await self._sifted(query, organization, skip, limit)
        except (InvalidInput, Unsupported):
            if query.shoot is None:
                raise
            # A store without shoots of many products: none of its products is in that one.
            return Found([], 0)

    async def facet(self, facet: Facet, organization: str | None, brand: str | None = None) -> list[str]:
        """The distinct brands, collections or seasons, in alphabetical order."""
        if organization is None and await self.is_all_personal():
            return list(await self.store.facet(facet, brand))
        key = _KEYS[facet]
        found: dict[str, str] = {}
        async for product in self._scoped(ProductQuery(brand=brand, page_size=_PAGE), organization):
            value = said_of(product)[key]
            if value is not None:
                found.setdefault(str(value).casefold(), str(value))
        return [found[folded] for folded in sorted(found)]

    async def _page(self, query: ProductQuery, skip: int, limit: int) -> Found:
        """Where every product is personal, the store's own list is the answer."""
        asked = (query, skip)
        half = self._halves.pop(asked, None)
        if half is None:
            half = self.store.list(evolve(query, page_size=_page_size(skip, limit)))
            for _ in range(skip):
                if await anext(half, None) is None:
                    break
        writes = self._writes
        products = await half.collect(limit)
        if half.total is None and not limit:
            # Only a page tells how many there are.
            await half.collect(1)
        total = half.total if half.total is not None else skip + len(products)
        if writes == self._writes and len(products) == limit > 0:
            self._halves[query, skip + limit] = half
            if len(self._halves) > _CONTINUED:
                self._halves.popitem(last=False)
        return Found(products, total)

    async def _sifted(self, query: ProductQuery, organization: str | None, skip: int, limit: int) -> Found:
        products: list[Product] = []
        total = 0
        async for product in self._scoped(evolve(query, page_size=_PAGE), organization):
            if skip <= total < skip + limit:
                products.append(product)
            total += 1
        return Found(products, total)

    async def _scoped(self, query: ProductQuery, organization: str | None) -> Any:
        async for product in self.store.list(query):
            if organization_of(product) == organization:
                yield product


_KEYS: Mapping[Facet, str] = {
    Facet.BRANDS: "brand",
    Facet.COLLECTIONS: "brand_collection",
    Facet.SEASONS: "season",
}


def organization_of(product: Product) -> str | None:
    """The organisation that a product belongs to."""
    found = [claim.value for claim in product.claims if claim.field == "access.organization_id"]
    return found[-1] if found and found[-1] else None


def query_of(asked: Mapping[str, Any], default_sort: str) -> ProductQuery:
    """What the parameters of a list, or the filters of an export, ask for."""
    collections = asked.get("brand_collection") or ()
    statuses = asked.get("shot_statuses") or ()
    return ProductQuery(
        search=asked.get("search") or "",
        brand=asked.get("brand"),
        collections=(collections,) if isinstance(collections, str) else tuple(collections),
        season=asked.get("season"),
        year=asked.get("year"),
        gender=asked.get("gender"),
        product_type=asked.get("product_type"),
        shot_statuses=(statuses,) if isinstance(statuses, str) else tuple(statuses),
        shoot=asked.get("shooting_id"),
        enabled=asked.get("enabled"),
        archived=asked.get("archived"),
        public=asked.get("is_public"),
        demo=asked.get("demo"),
        filler=asked.get("is_filler"),
        sort_by=asked.get("sort_by") or default_sort.replace("-", "_"),
        order=SortOrder(asked.get("sort_order") or "desc"),
    )


def _page_size(skip: int, limit: int) -> int:
    """As many as are needed to skip and to show, and no more: each one costs as much as a shown one."""
    return min(max(skip + limit, 1), _PAGE if skip else 100)

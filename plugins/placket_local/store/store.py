"""LocalStore: products in a SQL database, with every claim that was made about them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterable, Mapping, MutableSequence, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import Conflict, InvalidInput, NotFound, PlacketError
from placket.interfaces import (
    Facet,
    GarmentImage,
    Imported,
    Listing,
    Page,
    Product,
    ProductChanges,
    ProductDraft,
    ProductQuery,
    ProductStore,
    Ref,
)
from placket.record import Claim, ClaimBuilder, Method, claims_of_known

from ..database.tables import PRODUCTS
from ..part import LocalPart
from .exports import LocalExports
from .media import kept
from .query import conditions, cursor_after, page, page_size
from .rows import Reader, changed, columns_of, decoded, encoded, fold, microseconds

BATCH = 500
"""Products of one transaction of `LocalStore.upsert`: what a crash can cost, and what memory holds."""

_FACETS = {Facet.BRANDS: "brand", Facet.COLLECTIONS: "collection", Facet.SEASONS: "season", Facet.YEARS: "year"}

_columns = PRODUCTS.c


class LocalStore(LocalExports, LocalPart, ProductStore):
    """Keeps products on this machine, or on a PostgreSQL server."""

    async def create(self, draft: ProductDraft) -> Product:
        """Make a product; it needs a name or a SKU."""
        row = await self._new_row(draft)
        async with self._database.writing() as connection:
            await connection.execute(insert(PRODUCTS), [row])
            return await self._read(connection, row["id"])

    async def upsert(self, drafts: AsyncIterable[ProductDraft]) -> Imported:
        """Make or update many products, by their SKU, in transactions of `BATCH`; what is done stays done."""
        created = updated = place = 0
        refused: list[tuple[str, str]] = []
        batch: dict[str, ProductDraft] = {}
        async for draft in drafts:
            place += 1
            sku = str(draft.fields.get("sku") or "").strip()
            if not sku:
                refused.append((f"#{place}", "it has no SKU, by which it would be found again"))
                continue
            if sku in batch or len(batch) == BATCH:
                created, updated = await self._store(batch, refused, created, updated)
                batch.clear()
            batch[sku] = draft
        if batch:
            created, updated = await self._store(batch, refused, created, updated)
        return Imported(created, updated, tuple(refused))

    async def get(self, product: Ref) -> Product:
        """Read one product; raises NotFound."""
        async with self._database.reading() as connection:
            return await self._read(connection, self._id_of(product))

    async def update(self, product: Ref, changes: ProductChanges) -> Product:
        """Change what is named; raises Conflict when the version that is named is no longer the latest."""
        product_id = self._id_of(product)
        new = self._claims({name: value for name, value in changes.fields.items() if value is not None}, "update")
        named = set(changes.fields)
        if changes.images is not None:
            named.add("media")
            new = (*new, *await self._media_claims(changes.images))
        async with self._database.writing() as connection:
            row = await self._row(connection, product_id)
            if changes.version and changes.version != str(row.version):
                raise self._conflict(product, changes.version, row.version)
            await self._rewrite(connection, row, named, new)
            return await self._read(connection, product_id)

    async def delete(self, product: Ref) -> None:
        """Remove a product; one that is not there is removed already."""
        async with self._database.writing() as connection:
            await connection.execute(delete(PRODUCTS).where(_columns.id == self._id_of(product)))

    async def archive(self, product: Ref, archived: bool = True) -> Product:
        """Put a product away, or take it out again."""
        return await self.update(product, ProductChanges({"visibility.archived": archived}))

    def list(self, query: ProductQuery) -> Listing[Product]:
        """The products that a query finds, by keyset pages: none is left out or told twice while others are added."""
        where = conditions(query, self._context.vocabulary, self._database.dialect)
        size = page_size(query)

        async def fetch(cursor: str | None) -> Page[Product]:
            async with self._database.reading() as connection:
                rows = (await connection.execute(page(query, where, cursor))).fetchall()
                total = None
                if cursor is None:
                    total = (
                        await connection.execute(select(func.count()).select_from(PRODUCTS).where(*where))
                    ).scalar()
            following = cursor_after(query, rows[size - 1]) if len(rows) > size else None
            return Page([self._reader.product(row) for row in rows[:size]], total, following)

        return Listing(fetch)

    async def facet(self, facet: Facet, brand: str | None = None) -> tuple[str, ...]:
        """The distinct values of a property, in order; years the newest first. Spellings in other case are one."""
        column = _columns[_FACETS[facet]]
        key = column if facet is Facet.YEARS else _columns[f"{column.name}_key"]
        asked = select(func.min(column)).where(column != (0 if facet is Facet.YEARS else "")).group_by(key)
        if brand is not None:
            asked = asked.where(_columns.brand_key == fold(brand))
        asked = asked.order_by(key.desc() if facet is Facet.YEARS else key)
        async with self._database.reading() as connection:
            return tuple(str(value) for value in (await connection.execute(asked)).scalars())

    @cached_property
    def _reader(self) -> Reader:
        def builder() -> ClaimBuilder:
            return ClaimBuilder(self._context.source("get"), self._context.vocabulary, method=Method.RULE)

        return Reader(self._context.name, self._context.vocabulary, builder)

    def _id_of(self, product: Ref) -> str:
        if product.kind != self.ref_kind:
            raise InvalidInput(f"{product} is not a product")
        return product.id

    def _claims(self, fields: Mapping[str, Any], operation: str) -> tuple[Claim, ...]:
        source = self._context.source(operation)
        return claims_of_known(fields, source=source, vocabulary=self._context.vocabulary)

    async def _media_claims(self, images: Sequence[GarmentImage]) -> tuple[Claim, ...]:
        build = ClaimBuilder(self._context.source("create"), self._context.vocabulary, method=Method.MERCHANT)
        for image in images:
            item = await kept(image, self._media, self._context)
            build.add("media", item, raw=item.url or item.path)
        return build.claims

    async def _new_row(self, draft: ProductDraft) -> dict[str, Any]:
        claims = (*self._claims(draft.fields, "create"), *await self._media_claims(draft.images), *draft.claims)
        columns = columns_of(claims)
        if not columns["name"] and not columns["sku"]:
            raise InvalidInput("a product needs a name or a SKU")
        now = microseconds(self._context.clock.now())
        return {
            "id": str(uuid.uuid4()),
            "version": 1,
            "created_at": now,
            "updated_at": now,
            "complete": draft.complete,
            "claims": encoded(dict.fromkeys(claims) if draft.claims else claims),
            **columns,
        }

    async def _row(self, connection: AsyncConnection, product_id: str) -> Any:
        row = (await connection.execute(select(PRODUCTS).where(_columns.id == product_id))).one_or_none()
        if row is None:
            raise NotFound(f"there is no product {product_id}", provider=self._context.name)
        return row

    async def _read(self, connection: AsyncConnection, product_id: str) -> Product:
        return self._reader.product(await self._row(connection, product_id))

    async def _rewrite(
        self,
        connection: AsyncConnection,
        row: Any,
        named: set[str],
        new: Sequence[Claim],
        others: Sequence[Claim] = (),
    ) -> None:
        claims = changed(decoded(row.claims, self._context.vocabulary), dict.fromkeys(named), new, others)
        columns = columns_of(claims)
        if not columns["name"] and not columns["sku"]:
            raise InvalidInput("a product needs a name or a SKU, and this change would leave it neither")
        values = {
            "version": row.version + 1,
            # Two writes in one tick of the clock still have an order.
            "updated_at": max(microseconds(self._context.clock.now()), row.updated_at + 1),
            "claims": encoded(claims),
            **columns,
        }
        written = await connection.execute(
            update(PRODUCTS).where(_columns.id == row.id, _columns.version == row.version).values(values)
        )
        if written.rowcount != 1:
            raise self._conflict(Ref(self._context.name, self.ref_kind, row.id), row.version, "a newer one")

    def _conflict(self, product: Ref, named: Any, found: Any) -> Conflict:
        return Conflict(
            f"somebody else changed {product}: its version is {found}, not {named}; read it and repeat the change",
            provider=self._context.name,
        )

    async def _store(
        self, batch: Mapping[str, ProductDraft], refused: MutableSequence[tuple[str, str]], created: int, updated: int
    ) -> tuple[int, int]:
        """Write one batch in one transaction; what cannot be stored is refused by itself."""
        async with self._database.writing() as connection:
            found = await connection.execute(select(PRODUCTS).where(_columns.sku.in_(list(batch))))
            known = {row.sku: row for row in found}
            new = []
            for sku, draft in batch.items():
                try:
                    if sku in known:
                        said = self._claims(draft.fields, "update")
                        pictures = await self._media_claims(draft.images)
                        named = {*draft.fields, *(["media"] if pictures else [])}
                        await self._rewrite(connection, known[sku], named, (*said, *pictures), draft.claims)
                        updated += 1
                    else:
                        new.append(await self._new_row(draft))
                except PlacketError as error:
                    refused.append((sku, str(error)))
            if new:
                await connection.execute(insert(PRODUCTS), new)
        return created + len(new), updated

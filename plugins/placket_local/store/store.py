"""LocalStore: products in a SQL database, with every claim that was made about them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterable, Mapping
from functools import cached_property
from typing import Any

from attrs import evolve, frozen
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import Conflict, InvalidInput, NotFound
from placket.interfaces import (
    Facet,
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
from placket.registry import ProviderContext

from ..database.tables import PRODUCTS
from ..part import LocalPart
from .exports import LocalExports
from .linking import follow_skus
from .media import kept
from .query import By, Selection
from .rows import Reader, changed, columns_of, decoded, encoded, fold, microseconds
from .turns import wait_for_turn

BATCH = 500
"""Products of one transaction of `LocalStore.upsert`: what a crash can cost, and what memory holds."""

_FACETS = {Facet.BRANDS: "brand", Facet.COLLECTIONS: "collection", Facet.SEASONS: "season", Facet.YEARS: "year"}

_BY_HAND = (Method.HUMAN, Method.MERCHANT)

_columns = PRODUCTS.c


class LocalStore(LocalExports, LocalPart, ProductStore):
    """Keeps products on this machine, or on a PostgreSQL server."""

    async def create(self, draft: ProductDraft) -> Product:
        """Make a product; it needs a name or a SKU."""
        row = self._new_row(await self._said(draft, "create"))
        async with self._database.writing() as connection:
            await connection.execute(insert(PRODUCTS), [row])
            await follow_skus(connection, [row["sku"]], self._context)
            return await self._read(connection, row["id"])

    async def upsert(self, drafts: AsyncIterable[ProductDraft]) -> Imported:
        """Make or update many products, by their SKU, in transactions of `BATCH`; what is done stays done.

        A draft that cannot be right is refused by itself. A disk that is full ends it: do it again once there is room.
        """
        place = 0
        done: list[Imported] = []
        refused: list[tuple[str, str]] = []
        batch: dict[str, _Said] = {}
        async for draft in drafts:
            place += 1
            sku = str(draft.fields.get("sku") or "").strip()
            if not sku:
                refused.append((f"#{place}", "it has no SKU, by which it would be found again"))
                continue
            try:
                _check_holdable(sku)  # it is looked for before its row is made
                # Pictures are fetched and written here, so that no other writer waits for them.
                said = await self._said(draft, "upsert")
            except InvalidInput as error:
                refused.append((sku, str(error)))
                continue
            if sku in batch or len(batch) == BATCH:
                done.append(await self._stored(batch))
                batch.clear()
            batch[sku] = said
        if batch:
            done.append(await self._stored(batch))
        refused += [each for one in done for each in one.refused]
        return Imported(sum(one.created for one in done), sum(one.updated for one in done), tuple(refused))

    async def get(self, product: Ref) -> Product:
        """Read one product; raises NotFound."""
        async with self._database.reading() as connection:
            return await self._read(connection, self._id_of(product))

    async def update(self, product: Ref, changes: ProductChanges) -> Product:
        """Change what is named; raises Conflict when the version that is named is no longer the latest."""
        product_id = self._id_of(product)
        said = await self._said(ProductDraft(changes.fields, changes.images or ()), "update")
        if changes.images is not None:
            said = evolve(said, named=said.named | {"media"})
        async with self._database.writing() as connection:
            row = await self._row(connection, product_id)
            if changes.version and changes.version != str(row.version):
                raise self._conflict(product, changes.version, row.version)
            same = (_columns.id == row.id, _columns.version == row.version)
            values = self._rewritten(row, said)
            written = await connection.execute(update(PRODUCTS).where(*same).values(values))
            if written.rowcount != 1:
                raise self._conflict(product, row.version, "a newer one")
            if values["sku"] != row.sku:
                await follow_skus(connection, [row.sku, values["sku"]], self._context)
            return await self._read(connection, product_id)

    async def delete(self, product: Ref) -> None:
        """Remove a product; one that is not there is removed already."""
        this = _columns.id == self._id_of(product)
        async with self._database.writing() as connection:
            skus = (await connection.execute(select(_columns.sku).where(this))).scalars().all()
            await connection.execute(delete(PRODUCTS).where(this))
            await follow_skus(connection, skus, self._context)

    async def archive(self, product: Ref, archived: bool = True) -> Product:
        """Put a product away, or take it out again."""
        return await self.update(product, ProductChanges({"visibility.archived": archived}))

    def list(self, query: ProductQuery) -> Listing[Product]:
        """The products that a query finds, by keyset pages: none is left out or told twice while others are added."""
        selection = Selection.of(query, self._context.vocabulary, self._database.dialect)

        async def fetch(cursor: str | None) -> Page[Product]:
            async with self._database.reading() as connection:
                total, by = await _way(connection, selection) if cursor is None else (None, selection.by(cursor))
                rows = (await connection.execute(selection.page(cursor, by))).fetchall()
            following = selection.after(rows[selection.size - 1], by) if len(rows) > selection.size else None
            return Page([self._reader.product(row) for row in rows[: selection.size]], total, following)

        return Listing(fetch)

    async def facet(self, facet: Facet, brand: str | None = None) -> tuple[str, ...]:
        """The distinct values of a property, in order; years the newest first. Spellings in other case are one."""
        column = _columns[_FACETS[facet]]
        years = facet is Facet.YEARS
        key = column if years else _columns[f"{column.name}_key"]
        # One product stands for each value, so that only its spelling is looked up.
        first = select(func.min(_columns.number)).where(key != (0 if years else "")).group_by(key)
        if brand is not None:
            first = first.where(_columns.brand_key == fold(brand))
        asked = select(column).where(_columns.number.in_(first)).order_by(key.desc() if years else key)
        async with self._database.reading() as connection:
            return tuple(str(value) for value in (await connection.execute(asked)).scalars())

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._context)

    def _id_of(self, product: Ref) -> str:
        if product.kind != self.ref_kind:
            raise InvalidInput(f"{product} is not a product")
        return product.id

    async def _said(self, draft: ProductDraft, operation: str) -> _Said:
        """The claims of a draft, once its pictures are kept; raises InvalidInput for a field that cannot be right."""
        source, vocabulary = self._context.source(operation), self._context.vocabulary
        known = {name: value for name, value in draft.fields.items() if value is not None}
        claims = claims_of_known(known, source=source, vocabulary=vocabulary)
        if draft.claims:
            # The store knows itself what it calls a product; another one of its name called it otherwise.
            own = f"external_ids.{self._context.name}"
            draft = evolve(draft, claims=tuple(claim for claim in draft.claims if claim.field != own))
            # A seller whose word is among them already does not say it once more.
            told = [(claim.field, claim.value) for claim in draft.claims if claim.method in _BY_HAND]
            claims = tuple(claim for claim in claims if claim.value is None or (claim.field, claim.value) not in told)
        if not draft.images:
            return _Said(draft, frozenset(draft.fields), claims)
        build = ClaimBuilder(source, vocabulary, method=Method.MERCHANT)
        for image in draft.images:
            item = await kept(image, self._media, self._context)
            build.add("media", item, raw=item.url or item.path)
        return _Said(draft, frozenset((*draft.fields, "media")), (*claims, *build.claims))

    def _new_row(self, said: _Said) -> dict[str, Any]:
        others = said.draft.claims
        claims = tuple(dict.fromkeys((*said.claims, *others))) if others else said.claims
        now = microseconds(self._context.clock.now())
        return {
            "id": str(uuid.uuid4()),
            "version": 1,
            "created_at": now,
            "updated_at": now,
            "complete": said.draft.complete,
            **_stored(claims, self._context, "a product needs a name or a SKU"),
        }

    def _rewritten(self, row: Any, said: _Said) -> dict[str, Any]:
        """What changes in a row: the claims about the fields that are named give way to those that are said now."""
        known = decoded(row.claims, self._context)
        claims = changed(known, said.named, said.claims, said.draft.claims)
        return {
            "version": row.version + 1,
            # Two writes in one tick of the clock still have an order.
            "updated_at": max(microseconds(self._context.clock.now()), row.updated_at + 1),
            **_stored(claims, self._context, "a product needs a name or a SKU, and this change would leave it neither"),
        }

    async def _row(self, connection: AsyncConnection, product_id: str) -> Any:
        asked = select(*Reader.columns, _columns.sku).where(_columns.id == product_id)
        row = (await connection.execute(asked)).one_or_none()
        if row is None:
            raise NotFound(f"there is no product {product_id}", provider=self._context.name)
        return row

    async def _read(self, connection: AsyncConnection, product_id: str) -> Product:
        return self._reader.product(await self._row(connection, product_id))

    def _conflict(self, product: Ref, named: Any, found: Any) -> Conflict:
        return Conflict(
            f"somebody else changed {product}: its version is {found}, not {named}; read it and repeat the change",
            provider=self._context.name,
        )

    async def _stored(self, batch: Mapping[str, _Said]) -> Imported:
        """Write one batch, and refuse by itself each draft that no database can hold.

        Such a draft is found by halving the batch, so that those of a good one need not be looked through.
        """
        try:
            return await self._store(batch)
        except InvalidInput as error:
            if len(batch) == 1:
                return Imported(0, 0, tuple((sku, str(error)) for sku in batch))
        drafts, middle = list(batch.items()), len(batch) // 2
        first, second = await self._stored(dict(drafts[:middle])), await self._stored(dict(drafts[middle:]))
        return Imported(first.created + second.created, first.updated + second.updated, first.refused + second.refused)

    async def _store(self, batch: Mapping[str, _Said]) -> Imported:
        """Write one batch in one transaction, or nothing of it; raises InvalidInput."""
        async with self._database.writing() as connection:
            await wait_for_turn(connection, batch)
            asked = select(*Reader.columns, _columns.sku).where(_columns.sku.in_(list(batch)))
            # Of several products with one SKU the oldest is meant, as it is told last here.
            found = await connection.execute(asked.order_by(_columns.number.desc()).with_for_update())
            known = {row.sku: row for row in found}
            new = [self._new_row(said) for sku, said in batch.items() if sku not in known]
            again = [{"its_id": row.id, **self._rewritten(row, batch[sku])} for sku, row in known.items()]
            if new:
                await connection.execute(insert(PRODUCTS), new)
                await follow_skus(connection, [row["sku"] for row in new], self._context)
            if again:
                await connection.execute(update(PRODUCTS).where(_columns.id == bindparam("its_id")), again)
        return Imported(len(new), len(again))


async def _way(connection: AsyncConnection, selection: Selection) -> tuple[int, By]:
    """How many products are selected, and how their pages are found best."""
    by = By.WORDS if selection.words is not None else By.FILTER
    common = selection.are_words_common()
    if common is not None and (await connection.execute(common)).scalar():
        by = By.FILTER
    total, products = (await connection.execute(selection.total(by))).one()
    return int(total), By.ORDER if selection.is_walked(int(total), products) else by


@frozen
class _Said:
    """What a draft says, as claims, and the fields that it names."""

    draft: ProductDraft
    named: frozenset[str]
    claims: tuple[Claim, ...]


def _stored(claims: tuple[Claim, ...], context: ProviderContext, nameless: str) -> dict[str, Any]:
    """The columns of a product that come from its claims; raises InvalidInput when it would have no name."""
    columns = columns_of(claims)
    if not columns["name"] and not columns["sku"]:
        raise InvalidInput(nameless)
    for value in columns.values():
        if isinstance(value, str):
            _check_holdable(value)
    return {"claims": encoded(claims, context), **columns}


def _check_holdable(text: str) -> None:
    """Raise InvalidInput for a text with a character NUL, which PostgreSQL cannot hold; half a one fails by itself."""
    if "\x00" in text:
        raise InvalidInput(f"this text cannot be stored, it holds a character NUL: {text!r:.60}")

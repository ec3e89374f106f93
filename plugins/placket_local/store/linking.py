"""The link between a garment of the shoots and a product of the store: both have the same SKU."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.record import Claim, ClaimBuilder, Method
from placket.registry import ProviderContext

from ..database.studio_tables import SKUS
from ..database.tables import PRODUCTS, SHOTS
from .rows import changed, columns_of, decoded, encoded, microseconds

FIELD = "shoot.state"

RANKS: Mapping[str, int] = {"failed": 0, "pending": 0, "in-review": 1, "approved": 2}
"""How far the states of shots are; one that was rejected does not count beside others."""

_STATES = ("pending", "in-review", "approved")


def state_of(shots: Collection[str]) -> str:
    """The state of all shots together: that of the one that is least far, empty without any."""
    counted = [RANKS[state] for state in shots if state in RANKS]
    if counted:
        return _STATES[min(counted)]
    return "rejected" if shots else ""


async def known_of_product(connection: AsyncConnection, sku: str, context: ProviderContext) -> tuple[Claim, ...]:
    """What the store knows of the garment."""
    row = await _product(connection, _with_sku(sku)) if sku else None
    return () if row is None else decoded(row.claims, context)


async def follow_skus(connection: AsyncConnection, skus: Collection[str], context: ProviderContext) -> None:
    """As `follow`, for the garments of the shoots that have one of these SKUs: their product is new, or gone."""
    asked = select(SKUS.c.id, SKUS.c.sku).where(SKUS.c.sku.in_([sku for sku in skus if sku])).order_by(SKUS.c.id)
    for garment in (await connection.execute(asked)).fetchall():
        await follow(connection, garment.id, garment.sku, context)


async def follow(connection: AsyncConnection, sku_id: str, sku: str, context: ProviderContext) -> None:
    """Let the product know its shots, and how far they are; one that was linked to them before knows them no more."""
    row = await _product(connection, _with_sku(sku).with_for_update()) if sku else None
    product_id = "" if row is None else row.id
    elsewhere = SHOTS.c.sku_id == sku_id, SHOTS.c.product_id != product_id
    left = (await connection.execute(select(SHOTS.c.product_id).where(*elsewhere).distinct())).scalars().all()
    await connection.execute(update(SHOTS).where(*elsewhere).values(product_id=product_id))
    for former in left:
        await tell_state(connection, former, context)
    if row is not None:
        await _tell_state(connection, row, context)


async def tell_state(connection: AsyncConnection, product_id: str, context: ProviderContext) -> None:
    """Let a product know how far its shots are, if there is one."""
    asked = select(PRODUCTS).where(PRODUCTS.c.id == product_id).with_for_update()
    row = await _product(connection, asked)
    if row is not None:
        await _tell_state(connection, row, context)


async def _tell_state(connection: AsyncConnection, row: Any, context: ProviderContext) -> None:
    states = (await connection.execute(select(SHOTS.c.state).where(SHOTS.c.product_id == row.id))).scalars().all()
    state = state_of(states)
    if state == row.shot_status:
        return
    now = context.clock.now()
    build = ClaimBuilder(context.source("review"), context.vocabulary, observed_at=now, method=Method.RULE)
    build.text(FIELD, state)
    claims = changed(decoded(row.claims, context), {FIELD: state}, build.claims)
    await connection.execute(
        update(PRODUCTS)
        .where(PRODUCTS.c.id == row.id)
        .values(
            version=row.version + 1,
            updated_at=max(microseconds(now), row.updated_at + 1),
            claims=encoded(claims, context),
            **columns_of(claims),
        )
    )


def _with_sku(sku: str) -> Select[Any]:
    """Of several products with one SKU the oldest."""
    return select(PRODUCTS).where(PRODUCTS.c.sku == sku).order_by(PRODUCTS.c.number).limit(1)


async def _product(connection: AsyncConnection, asked: Select[Any]) -> Any:
    return (await connection.execute(asked)).one_or_none()

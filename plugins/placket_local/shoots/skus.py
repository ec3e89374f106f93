"""The garments of the shoots: made, listed, changed, removed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import Conflict, InvalidInput, NotFound
from placket.interfaces import GarmentImage, Listing, Ref, ShootManager, Sku, SkuDraft, SkuQuery
from placket.record import Claim, ClaimBuilder, Method, claims_of_known

from ..database.studio_tables import (
    LOOK_SKUS,
    PROJECTS,
    REVISIONS,
    SELECTED_SHOTS,
    SHOT_TASKS,
    SKU_PROJECTS,
    SKUS,
    TASKS,
)
from ..database.tables import SHOTS
from ..facts import best
from ..part import LocalPart
from ..store.linking import FIELD, follow, state_of, tell_state
from ..store.media import kept_here
from ..store.rows import changed, decoded, encoded, microseconds, moment
from .paging import newest_first

_IN_PROJECTS = "shoot.project_ids"

_columns = SKUS.c


class LocalSkus(LocalPart, ShootManager):
    """Garments with claims and pictures. Their photos are copied here, because shots are made from them later."""

    def list_skus(self, query: SkuQuery) -> Listing[Sku]:
        """The garments, the newest first; ``sku`` is compared as it is written."""
        where: list[ColumnElement[bool]] = []
        if query.project is not None:
            inside = select(SKU_PROJECTS.c.sku_id).where(SKU_PROJECTS.c.project_id == query.project)
            where.append(_columns.id.in_(inside))
        return self._listed(where, query)

    def list_global_skus(self, query: SkuQuery) -> Listing[Sku]:
        """The garments that belong to no project, so that every one may use them."""
        return self._listed([_columns.id.not_in(select(SKU_PROJECTS.c.sku_id))], query)

    def _listed(self, where: list[ColumnElement[bool]], query: SkuQuery) -> Listing[Sku]:
        if query.sku is not None:
            where.append(_columns.sku == query.sku)
        return newest_first(self._database, SKUS, where, self._skus, query.page_size)

    async def create_sku(self, draft: SkuDraft) -> Sku:
        """Add a garment; it needs a name or a SKU."""
        claims = (
            *self._claims(draft.fields, "create_sku"),
            *await self._media_claims(draft.images or (), "create_sku"),
        )
        sku_id, now = str(uuid.uuid4()), microseconds(self._context.clock.now())
        row = {"id": sku_id, "version": 1, "created_at": now, "updated_at": now, **self._stored(claims)}
        async with self._database.writing() as connection:
            await connection.execute(insert(SKUS), [row])
            await self._put_into_projects(connection, sku_id, claims)
            await follow(connection, sku_id, row["sku"], self._context)
            return await self._sku(connection, sku_id)

    async def update_sku(self, sku: Ref, draft: SkuDraft) -> Sku:
        """Change what the draft names; None takes a field away. Raises Conflict for a version that is not the latest.

        Shots that are made already stay as they are: order them again to have them made from new pictures.
        """
        sku_id = self._own(sku, self.ref_kind)
        new = self._claims({name: value for name, value in draft.fields.items() if value is not None}, "update_sku")
        named = dict.fromkeys(draft.fields)
        if draft.images is not None:
            named["media"] = None
            new = (*new, *await self._media_claims(draft.images, "update_sku"))
        async with self._database.writing() as connection:
            row = await self._sku_row(connection, sku_id)
            if draft.version and draft.version != str(row.version):
                raise self._lost_race(sku, draft.version, row.version)
            claims = changed(decoded(row.claims, self._context), named, new)
            stored = self._stored(claims)
            values = {
                "version": row.version + 1,
                "updated_at": max(microseconds(self._context.clock.now()), row.updated_at + 1),
                **stored,
            }
            same = update(SKUS).where(_columns.id == sku_id, _columns.version == row.version).values(values)
            if (await connection.execute(same)).rowcount != 1:
                raise self._lost_race(sku, str(row.version), "a newer one")
            if _IN_PROJECTS in named:
                await self._put_into_projects(connection, sku_id, claims)
            await follow(connection, sku_id, stored["sku"], self._context)
            return await self._sku(connection, sku_id)

    async def delete_sku(self, sku: Ref) -> None:
        """Remove a garment with its shots; one that is not there is removed already."""
        sku_id = self._own(sku, self.ref_kind)
        async with self._database.writing() as connection:
            row = (await connection.execute(select(SKUS).where(_columns.id == sku_id))).one_or_none()
            if row is None:
                return
            shots = select(SHOTS.c.id).where(SHOTS.c.sku_id == sku_id)
            linked = select(SHOTS.c.product_id).where(SHOTS.c.sku_id == sku_id, SHOTS.c.product_id != "").distinct()
            products = (await connection.execute(linked)).scalars().all()
            for table, which in (
                (REVISIONS, REVISIONS.c.shot_id.in_(shots)),
                (SHOT_TASKS, SHOT_TASKS.c.shot_id.in_(shots)),
                (TASKS, TASKS.c.subject == sku_id),
                (SHOTS, SHOTS.c.sku_id == sku_id),
                (SELECTED_SHOTS, SELECTED_SHOTS.c.sku_id == sku_id),
                (SKU_PROJECTS, SKU_PROJECTS.c.sku_id == sku_id),
                (LOOK_SKUS, LOOK_SKUS.c.sku_id == sku_id),
                (SKUS, _columns.id == sku_id),
            ):
                await connection.execute(delete(table).where(which))
            for product in products:
                await tell_state(connection, product, self._context)

    async def _skus(self, connection: AsyncConnection, rows: Sequence[Any]) -> list[Sku]:
        ids = [row.id for row in rows]
        states: dict[str, list[str]] = {}
        asked = select(SHOTS.c.sku_id, SHOTS.c.state).where(SHOTS.c.sku_id.in_(ids)).distinct()
        for shot in await connection.execute(asked):
            states.setdefault(shot.sku_id, []).append(shot.state)
        return [self._told(row, state_of(states.get(row.id, ()))) for row in rows]

    async def _sku(self, connection: AsyncConnection, sku_id: str) -> Sku:
        return (await self._skus(connection, [await self._sku_row(connection, sku_id)]))[0]

    async def _sku_row(self, connection: AsyncConnection, sku_id: str) -> Any:
        row = (await connection.execute(select(SKUS).where(_columns.id == sku_id))).one_or_none()
        if row is None:
            raise self._no_garment(sku_id)
        return row

    def _no_garment(self, sku_id: str) -> NotFound:
        return NotFound(f"there is no garment {sku_id} in the shoots", provider=self._context.name)

    def _told(self, row: Any, state: str) -> Sku:
        build = ClaimBuilder(self._context.source("list_skus"), self._context.vocabulary, method=Method.RULE)
        build.add(f"external_ids.{self._context.name}", row.id)
        build.add("created_at", moment(row.created_at))
        build.add("updated_at", moment(row.updated_at))
        build.text(FIELD, state)
        ref = Ref(self._context.name, self.ref_kind, row.id)
        return Sku(ref, (*decoded(row.claims, self._context), *build.claims), version=str(row.version))

    def _stored(self, claims: Iterable[Claim]) -> dict[str, Any]:
        claims = tuple(claims)
        sku = str(best(claims, "sku") or "")
        if not sku and not best(claims, "name"):
            raise InvalidInput("a garment of a shoot needs a name or a SKU")
        return {"sku": sku, "claims": encoded(claims, self._context)}

    async def _put_into_projects(self, connection: AsyncConnection, sku_id: str, claims: Iterable[Claim]) -> None:
        wanted = dict.fromkeys(str(claim.value) for claim in claims if claim.field == _IN_PROJECTS)
        for project in wanted:
            await self._require_project(connection, project)
        await connection.execute(delete(SKU_PROJECTS).where(SKU_PROJECTS.c.sku_id == sku_id))
        if wanted:
            rows = [{"sku_id": sku_id, "project_id": project} for project in wanted]
            await connection.execute(insert(SKU_PROJECTS), rows)

    async def _require_project(self, connection: AsyncConnection, project: str) -> None:
        found = await connection.execute(select(PROJECTS.c.id).where(PROJECTS.c.id == project))
        if found.one_or_none() is None:
            raise InvalidInput(
                f"there is no project {project}; make one with create_project, and name it by its ref.id"
            )

    def _claims(self, fields: Mapping[str, Any], operation: str) -> tuple[Claim, ...]:
        source = self._context.source(operation)
        return claims_of_known(fields, source=source, vocabulary=self._context.vocabulary)

    async def _media_claims(self, images: Sequence[GarmentImage], operation: str) -> tuple[Claim, ...]:
        build = ClaimBuilder(self._context.source(operation), self._context.vocabulary, method=Method.MERCHANT)
        for image in images:
            item = await kept_here(image, self._media, self._context)
            build.add("media", item, raw=image.image.url or item.path)
        return build.claims

    def _lost_race(self, ref: Ref, named: str, found: Any) -> Conflict:
        return Conflict(
            f"somebody else changed {ref}: its version is {found}, not {named}; read it and repeat the change",
            provider=self._context.name,
        )

    def _own(self, ref: Ref, kind: str) -> str:
        if ref.provider != self._context.name or ref.kind != kind:
            raise InvalidInput(f"{ref} is no {kind} of {self._context.name}: write {self._context.name}/{kind}/<id>")
        return ref.id

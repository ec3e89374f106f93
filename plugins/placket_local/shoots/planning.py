"""What is to be shot: projects, looks and briefs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import msgspec
from attrs import asdict
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import InvalidInput, NotFound
from placket.interfaces import (
    Brief,
    BriefDraft,
    Listing,
    LookDraft,
    LookScope,
    Project,
    ProjectDraft,
    Ref,
    WantedShot,
)
from placket.record import Look

from ..database.studio_tables import BRIEFS, LOOK_SKUS, LOOKS, PROJECTS, SHOT_TASKS, SKUS
from ..database.tables import SHOTS
from ..part import LocalPart
from ..plain_json import plain
from ..store.rows import json_of, microseconds
from ..studio.collage import MOST
from ..work import Task, Work
from .paging import newest_first
from .skus import LocalSkus
from .wanted import KINDS, Kind, checked, shot_types

PROJECT, BRIEF = "project", "brief"

_BATCH = 500
"""Garments whose shots are ordered in one statement: a brief may name thousands, and other writers wait for its end."""


class LocalPlanning(LocalSkus, LocalPart):
    """Projects, looks and briefs. A brief becomes one task for each of its shots, when it is made."""

    _work: Work

    async def shot_kinds(self) -> Mapping[str, tuple[str, ...]]:
        """The kinds and their presets; see `placket_local.studio.presets`."""
        return KINDS

    async def create_project(self, draft: ProjectDraft) -> Project:
        """Make a project; it needs a name."""
        if not draft.name.strip():
            raise InvalidInput("a project needs a name")
        project_id = str(uuid.uuid4())
        details = plain(draft.details, f"the details of the project {draft.name!r}")
        row = {"id": project_id, "name": draft.name, "details": json_of(details)}
        async with self._database.writing() as connection:
            await connection.execute(insert(PROJECTS), [row])
        return Project(Ref(self._context.name, PROJECT, project_id), draft.name, details)

    def list_projects(self) -> Listing[Project]:
        """The projects, the newest first."""

        async def made(_: AsyncConnection, rows: Sequence[Any]) -> list[Project]:
            return [
                Project(Ref(self._context.name, PROJECT, row.id), row.name, msgspec.json.decode(row.details))
                for row in rows
            ]

        return newest_first(self._database, PROJECTS, (), made)

    async def create_look(self, skus: Sequence[Ref], draft: LookDraft) -> Look:
        """Put 1 to 6 garments together, each once."""
        ids = [self._own(sku, self.ref_kind) for sku in skus]
        if not 1 <= len(ids) <= MOST or len(set(ids)) < len(ids):
            raise InvalidInput(f"a look is made of 1 to {MOST} different garments, not of {len(ids)}")
        look_id = str(uuid.uuid4())
        details = json_of(plain(draft.details, f"the details of the look {draft.name!r}"))
        row = {"id": look_id, "name": draft.name, "details": details}
        async with self._database.writing() as connection:
            for sku_id in ids:
                await self._sku_row(connection, sku_id)
            await connection.execute(insert(LOOKS), [row])
            worn = [{"look_id": look_id, "sku_id": sku_id, "position": place} for place, sku_id in enumerate(ids)]
            await connection.execute(insert(LOOK_SKUS), worn)
            return (await self._looks(connection, [look_id]))[0]

    def list_looks(self, sku: Ref, scope: LookScope = LookScope.MAIN, summary: bool = False) -> Listing[Look]:  # noqa: ARG002 - there is one form
        """The looks a garment is part of, with the ids of their garments in ``details["skus"]``."""
        sku_id = self._own(sku, self.ref_kind)
        worn = select(LOOK_SKUS.c.look_id).where(LOOK_SKUS.c.sku_id == sku_id)
        if scope is LookScope.MAIN:
            worn = worn.where(LOOK_SKUS.c.position == 0)

        async def made(connection: AsyncConnection, rows: Sequence[Any]) -> list[Look]:
            if not rows:
                await self._sku_row(connection, sku_id)
            return await self._looks(connection, [row.id for row in rows])

        return newest_first(self._database, LOOKS, (LOOKS.c.id.in_(worn),), made)

    async def _looks(self, connection: AsyncConnection, ids: Sequence[str]) -> list[Look]:
        asked = select(LOOK_SKUS).where(LOOK_SKUS.c.look_id.in_(ids)).order_by(LOOK_SKUS.c.position)
        worn: dict[str, list[str]] = {}
        for row in await connection.execute(asked):
            worn.setdefault(row.look_id, []).append(row.sku_id)
        rows = await connection.execute(select(LOOKS).where(LOOKS.c.id.in_(ids)).order_by(LOOKS.c.number.desc()))
        return [
            Look(row.id, row.name, details={**msgspec.json.decode(row.details), "skus": worn.get(row.id, [])})
            for row in rows
        ]

    async def create_brief(self, skus: Sequence[Ref], draft: BriefDraft) -> Brief:
        """Order shots. Each is there at once, pending; `start_brief` has them made.

        Raises InvalidInput for what cannot be made, and for a look or a project that is not there; NotFound for a
        garment.
        """
        ids = [self._own(sku, self.ref_kind) for sku in dict.fromkeys(skus)]
        if not ids:
            raise InvalidInput("a brief needs at least one garment")
        wanted = checked(draft.shots, self._context.vocabulary)
        brief_id = str(uuid.uuid4())
        row = {
            "id": brief_id,
            "name": draft.name,
            "project_id": draft.project,
            "skus": json_of(ids),
            "wanted": json_of([asdict(shot) for shot in wanted]),
        }
        async with self._database.writing() as connection:
            if draft.project:
                await self._require_project(connection, draft.project)
            await self._require_skus(connection, ids)
            await connection.execute(insert(BRIEFS), [row])
            for start in range(0, len(ids), _BATCH):
                await self._order(connection, brief_id, ids[start : start + _BATCH], wanted)
        return await self.get_brief(Ref(self._context.name, BRIEF, brief_id))

    async def _require_skus(self, connection: AsyncConnection, ids: Sequence[str]) -> None:
        """Raise NotFound for a garment that is not there; nobody else orders or selects shots of theirs meanwhile."""
        # Everybody locks them in one order, so that no two wait for each other.
        ordered, found = sorted(ids), set[str]()
        for start in range(0, len(ordered), _BATCH):
            asked = select(SKUS.c.id).where(SKUS.c.id.in_(ordered[start : start + _BATCH])).order_by(SKUS.c.id)
            found.update((await connection.execute(asked.with_for_update())).scalars())
        for sku_id in ids:
            if sku_id not in found:
                raise self._no_garment(sku_id)

    async def _order(
        self, connection: AsyncConnection, brief_id: str, ids: Sequence[str], wanted: Sequence[WantedShot]
    ) -> None:
        """Add the tasks of some garments. A shot may be there from an earlier brief: then it gets another revision."""
        place = (SHOTS.c.sku_id, SHOTS.c.shot_type, SHOTS.c.look_id)
        known = await connection.execute(select(SHOTS.c.id, *place).where(SHOTS.c.sku_id.in_(ids)))
        shot_ids = {tuple(where): str(shot_id) for shot_id, *where in known}
        looks = await self._looks_for(connection, ids)
        now = microseconds(self._context.clock.now())
        tasks, shots, links = [], [], []
        for sku_id, shot in product(ids, wanted):
            for look_id in _looks_of(sku_id, shot, looks):
                task = Task(str(uuid.uuid4()), brief_id, sku_id, {**asdict(shot), "look": look_id})
                tasks.append(task)
                for shot_type in shot_types(shot):
                    where = (sku_id, shot_type, look_id)
                    if where not in shot_ids:
                        shot_ids[where] = str(uuid.uuid4())
                        shots.append(_pending(shot_ids[where], *where, now))
                    link = {"task_id": task.id, "shot_id": shot_ids[where], "brief_id": brief_id, "revision_id": ""}
                    links.append(link)
        await self._work.add(connection, tasks)
        if shots:
            await connection.execute(insert(SHOTS), shots)
        await connection.execute(insert(SHOT_TASKS), links)

    async def _looks_for(self, connection: AsyncConnection, ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The looks that are made for each garment, where there are any."""
        made_for = select(LOOK_SKUS).where(LOOK_SKUS.c.sku_id.in_(ids), LOOK_SKUS.c.position == 0)
        found: dict[str, list[str]] = {}
        for row in await connection.execute(made_for):
            found.setdefault(row.sku_id, []).append(row.look_id)
        return found

    async def get_brief(self, brief: Ref) -> Brief:
        """The brief, and how far it is; raises NotFound."""
        brief_id = self._own(brief, BRIEF)
        async with self._database.reading() as connection:
            row = (await connection.execute(select(BRIEFS).where(BRIEFS.c.id == brief_id))).one_or_none()
            if row is None:
                raise NotFound(f"there is no brief {brief_id}", provider=self._context.name)
            return await self._brief(connection, row)

    def list_briefs(self, project: str | None = None) -> Listing[Brief]:
        """The briefs, the newest first."""

        async def made(connection: AsyncConnection, rows: Sequence[Any]) -> list[Brief]:
            return [await self._brief(connection, row) for row in rows]

        where = () if project is None else (BRIEFS.c.project_id == project,)
        return newest_first(self._database, BRIEFS, where, made)

    async def _brief(self, connection: AsyncConnection, row: Any) -> Brief:
        return Brief(
            Ref(self._context.name, BRIEF, row.id),
            row.name,
            tuple(Ref(self._context.name, self.ref_kind, sku_id) for sku_id in msgspec.json.decode(row.skus)),
            tuple(_wanted(row.wanted)),
            await self._work.status_in(connection, row.id),
            row.project_id,
        )


def _looks_of(sku_id: str, shot: WantedShot, looks: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if shot.kind != Kind.COLLAGE:
        return ("",)
    found = [look_id for look_id in looks.get(sku_id, ()) if shot.look in ("", look_id)]
    if not found:
        raise InvalidInput(
            f"no look {shot.look} is made for the garment {sku_id}; a collage shows a look: make one with "
            "create_look, the garment first"
        )
    return found


def _pending(shot_id: str, sku_id: str, shot_type: str, look_id: str, now: int) -> dict[str, Any]:
    """The row of a shot that is to be made."""
    empty = dict.fromkeys(("product_id", "file", "media_type"), "")
    row = {"id": shot_id, "sku_id": sku_id, "shot_type": shot_type, "look_id": look_id, "state": "pending"}
    return {**row, **empty, "updated_at": now}


def _wanted(stored: bytes) -> Iterator[WantedShot]:
    for shot in msgspec.json.decode(stored):
        yield WantedShot(**shot)

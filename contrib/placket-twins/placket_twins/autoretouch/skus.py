"""The SKUs of the autoRetouch twin, in its database."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from placket.interfaces import Clock

from ..refusal import Refusal
from ..state import State
from .quirks import AutoretouchQuirks
from .tables import PROJECTS, SKU_PROJECTS, SKUS

_columns = SKUS.c

_LARGEST_NUMBER = 2**63 - 1


@frozen
class Sku:
    """A garment to be shot. ``front_image`` and ``back_image`` are identifiers of uploads; times are ISO 8601."""

    number: int
    id: str
    name: str
    front_image: str
    back_image: str | None
    gender: str | None
    is_in_wardrobe: bool
    category: str | None
    created_at: str
    updated_at: str
    project_ids: tuple[int, ...] = ()


@frozen
class Window:
    """A part of a list: how many to leave out, and how many to give at most."""

    skip: int
    limit: int


class Skus:
    """Makes, lists, replaces and removes SKUs; each in one transaction."""

    def __init__(self, state: State, clock: Clock, quirks: AutoretouchQuirks) -> None:
        self._state = state
        self._clock = clock
        self._quirks = quirks

    async def create(self, body: Mapping[str, Any]) -> Sku:
        """Make a SKU of the fields of the page."""

        def work(connection: Connection) -> Sku:
            sku_id = str(uuid.uuid4())
            values = {"id": sku_id, "created_at": self._now(), **self._values(connection, body)}
            connection.execute(insert(SKUS).values({"back_image": None, "gender": None, "category": None, **values}))
            return self._put_into_projects(connection, sku_id, body)

        return await self._state.write(work)

    async def replace(self, sku_id: str, body: Mapping[str, Any]) -> Sku:
        """Replace a SKU; raises Refusal (404)."""

        def work(connection: Connection) -> Sku:
            known = self._required(connection, sku_id)
            values = self._values(connection, body)
            if self._quirks.omitted == "cleared":
                values = {"back_image": None, "gender": None, "category": None, **values}
            connection.execute(update(SKUS).where(_columns.id == known.id).values(values))
            return self._put_into_projects(connection, known.id, body)

        return await self._state.write(work)

    async def remove(self, sku_id: str) -> None:
        """Remove a SKU; raises Refusal (404)."""

        def work(connection: Connection) -> None:
            known = self._required(connection, sku_id)
            connection.execute(delete(SKU_PROJECTS).where(SKU_PROJECTS.c.sku_id == known.id))
            connection.execute(delete(SKUS).where(_columns.id == known.id))

        await self._state.write(work)

    async def get(self, sku_id: str) -> Sku:
        """A SKU; raises Refusal (404)."""
        return await self._state.read(lambda connection: self._required(connection, sku_id))

    async def by_uuid(self, sku_id: str) -> Sku:
        """A SKU by its UUID, whatever ids clients are shown; raises Refusal (404)."""
        asked = select(SKUS).where(_columns.id == sku_id)
        found = await self._state.read(lambda connection: self._skus(connection, asked))
        if not found:
            raise Refusal(404, f"there is no SKU {sku_id} any more")
        return found[0]

    async def number_of(self, sku_id: str) -> int:
        """The number of a SKU by its UUID; 0 where it was removed."""
        asked = select(_columns.number).where(_columns.id == sku_id)
        return await self._state.read(lambda connection: connection.execute(asked).scalar() or 0)

    async def page(self, window: Window, *, project: str = "", sku: str = "") -> tuple[int, Sequence[Sku]]:
        """How many SKUs match the filters of the page, and those in the window, in the order of their making."""
        where: list[ColumnElement[bool]] = []
        if project:
            where.append(_columns.id.in_(select(SKU_PROJECTS.c.sku_id).where(self._in_project(project))))
        if sku and self._quirks.sku_filter != "ignored":
            where.append(_columns.id.contains(sku, autoescape=True) if self._contains() else self._same(sku))
        return await self._listed(where, window)

    async def list_global(self, window: Window) -> tuple[int, Sequence[Sku]]:
        """The same for the globally available SKUs."""
        where: dict[str, list[ColumnElement[bool]]] = {
            "wardrobe": [_columns.is_in_wardrobe.is_(True)],
            "without-project": [_columns.id.not_in(select(SKU_PROJECTS.c.sku_id))],
            "all": [],
        }
        return await self._listed(where[self._quirks.global_skus], window)

    async def of_project(self, project_id: int) -> Sequence[Sku]:
        """All SKUs of a project."""
        inside = select(SKU_PROJECTS.c.sku_id).where(SKU_PROJECTS.c.project_id == project_id)
        return (await self._listed([_columns.id.in_(inside)], Window(0, 10_000)))[1]

    def _contains(self) -> bool:
        return self._quirks.sku_filter == "contains" and self._quirks.id_type == "uuid"

    def _in_project(self, text: str) -> ColumnElement[bool]:
        column = SKU_PROJECTS.c.project_id
        if self._quirks.project_filter == "name":
            return column.in_(select(PROJECTS.c.id).where(PROJECTS.c.name == text))
        return column == (_number(text) or 0)

    def _same(self, text: str) -> ColumnElement[bool]:
        if self._quirks.id_type == "number":
            return _columns.number == (_number(text) or 0)
        return _columns.id == text

    async def _listed(self, where: Sequence[ColumnElement[bool]], window: Window) -> tuple[int, Sequence[Sku]]:
        def work(connection: Connection) -> tuple[int, Sequence[Sku]]:
            total = connection.execute(select(func.count()).select_from(SKUS).where(*where)).scalar() or 0
            asked = select(SKUS).where(*where).order_by(_columns.number).offset(window.skip).limit(window.limit)
            return total, self._skus(connection, asked)

        return await self._state.read(work)

    def _required(self, connection: Connection, sku_id: str) -> Sku:
        found = self._skus(connection, select(SKUS).where(self._same(sku_id)))
        if not found:
            raise Refusal(404, f"there is no SKU {sku_id}")
        return found[0]

    def _skus(self, connection: Connection, asked: Any) -> list[Sku]:
        rows = connection.execute(asked).mappings().all()
        inside = select(SKU_PROJECTS).where(SKU_PROJECTS.c.sku_id.in_([row["id"] for row in rows]))
        projects: dict[str, list[int]] = {}
        for row in connection.execute(inside.order_by(SKU_PROJECTS.c.project_id)):
            projects.setdefault(row.sku_id, []).append(row.project_id)
        return [Sku(**row, project_ids=tuple(projects.get(row["id"], ()))) for row in rows]

    def _values(self, connection: Connection, body: Mapping[str, Any]) -> dict[str, Any]:
        if self._quirks.unknown_project == "refused":
            for project_id in body.get("projectIds") or ():
                if connection.execute(select(PROJECTS.c.id).where(PROJECTS.c.id == project_id)).first() is None:
                    raise Refusal(400, f"there is no project {project_id}")
        said = {"backImage": "back_image", "gender": "gender", "skuCategoryName": "category"}
        return {
            "name": body["name"],
            "front_image": body["frontImage"],
            "is_in_wardrobe": bool(body.get("isInWardrobe")),
            "updated_at": self._now(),
            **{column: body[name] or None for name, column in said.items() if name in body},
        }

    def _put_into_projects(self, connection: Connection, sku_id: str, body: Mapping[str, Any]) -> Sku:
        connection.execute(delete(SKU_PROJECTS).where(SKU_PROJECTS.c.sku_id == sku_id))
        for project_id in dict.fromkeys(body.get("projectIds") or ()):
            connection.execute(insert(SKU_PROJECTS).values(sku_id=sku_id, project_id=project_id))
        return self._skus(connection, select(SKUS).where(_columns.id == sku_id))[0]

    def _now(self) -> str:
        return self._clock.now().isoformat()


def _number(text: str) -> int | None:
    """The whole number that a text is; None for none, or one that no database holds."""
    if not (text.isascii() and text.isdigit()):
        return None
    number = int(text[:20])
    return number if number <= _LARGEST_NUMBER else None

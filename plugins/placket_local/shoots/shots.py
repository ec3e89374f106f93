"""What was shot: shots with their revisions, what people say of them, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import Conflict, InvalidInput, NotFound
from placket.interfaces import Generation, Listing, Page, Ref, ReviewState, Revision
from placket.record import MediaItem, Shot

from ..database.studio_tables import REVISIONS, SELECTED_SHOTS, SHOT_TASKS, SKUS, TASKS
from ..database.tables import SHOTS
from ..part import LocalPart
from ..store.linking import follow
from ..store.rows import microseconds, moment
from .paging import newest_first
from .planning import BRIEF, LocalPlanning


class LocalShots(LocalPlanning, LocalPart):
    """Shots. A shot is made once for each kind, preset, view, colour and look; made again it gets a new revision."""

    def list_shots(self, sku: Ref, shot_type: str | None = None, state: str | None = None) -> Listing[Shot]:
        """The shots of a garment. ``shot_type`` may be a whole type or the beginning of it, as ``pack-shot``.

        Of a shot that could not be made ``details["reason"]`` says why, and ``details["mask_preview"]`` is the path of
        a picture that shows what was taken for the garment.
        """
        sku_id = self._own(sku, self.ref_kind)
        where = [SHOTS.c.sku_id == sku_id]
        if shot_type is not None:
            where.append(
                or_(SHOTS.c.shot_type == shot_type, SHOTS.c.shot_type.startswith(f"{shot_type}/", autoescape=True))
            )
        if state is not None:
            where.append(SHOTS.c.state == state)

        async def fetch(_: str | None) -> Page[Shot]:
            async with self._database.reading() as connection:
                await self._sku_row(connection, sku_id)
                found = await self._shots(connection, where)
            return Page(found, len(found))

        return Listing(fetch)

    def brief_results(self, brief: Ref) -> Listing[Shot]:
        """The shots that a brief asks for, as they are now, those that are not made yet, too."""
        brief_id = self._own(brief, BRIEF)

        async def fetch(_: str | None) -> Page[Shot]:
            await self.get_brief(brief)
            asked = select(SHOT_TASKS.c.shot_id).where(SHOT_TASKS.c.brief_id == brief_id)
            async with self._database.reading() as connection:
                found = await self._shots(connection, [SHOTS.c.id.in_(asked)])
            return Page(found, len(found))

        return Listing(fetch)

    async def _shots(self, connection: AsyncConnection, where: Sequence[ColumnElement[bool]]) -> list[Shot]:
        made = SHOTS.outerjoin(REVISIONS, REVISIONS.c.id == SHOTS.c.revision_id).outerjoin(
            SELECTED_SHOTS,
            (SELECTED_SHOTS.c.sku_id == SHOTS.c.sku_id) & (SELECTED_SHOTS.c.shot_type == SHOTS.c.shot_type),
        )
        asked = (
            select(
                SHOTS,
                REVISIONS.c.sha256,
                REVISIONS.c.width,
                REVISIONS.c.height,
                REVISIONS.c.note,
                SELECTED_SHOTS.c.picture,
            )
            .select_from(made)
            .where(*where)
            .order_by(SHOTS.c.sku_id, SHOTS.c.shot_type, SHOTS.c.look_id)
        )
        return [self._shot(row) for row in await connection.execute(asked)]

    def _shot(self, row: Any) -> Shot:
        details: dict[str, Any] = {"sku": str(Ref(self._context.name, self.ref_kind, row.sku_id))}
        if row.revision_id:
            details["revision"] = row.revision_id
            details["selected"] = row.picture in (row.id, row.revision_id)
        if row.note:
            details["note"] = row.note
        if row.message:
            details["reason"] = row.message
        if row.preview:
            details["mask_preview"] = str(self._media / row.preview)
        image = self._image(row) if row.file else None
        return Shot(row.id, row.state, row.shot_type, row.look_id, image, details)

    def _image(self, row: Any) -> MediaItem:
        return MediaItem(
            "shot",
            path=str(self._media / row.file),
            sha256=row.sha256 or "",
            media_type=row.media_type,
            width=row.width,
            height=row.height,
        )

    async def revisions(self, sku: Ref, shot: str) -> tuple[Revision, ...]:
        """The versions of a shot, the newest first; none while it is pending."""
        async with self._database.reading() as connection:
            await self._shot_row(connection, sku, shot)
            asked = select(REVISIONS).where(REVISIONS.c.shot_id == shot).order_by(REVISIONS.c.number.desc())
            return tuple(
                Revision(
                    row.id,
                    shot,
                    row.state,
                    (self._image(row),),
                    {
                        "made_at": moment(row.made_at).astimezone(UTC).isoformat(),
                        **({"note": row.note} if row.note else {}),
                    },
                )
                for row in await connection.execute(asked)
            )

    def list_generations(self, sku: Ref) -> Listing[Generation]:
        """The tasks of a garment, the newest first, with the pictures that each has made.

        The ``vendor_ref`` of a picture is its revision, which `select_shot` takes.
        """
        sku_id = self._own(sku, self.ref_kind)

        async def made(connection: AsyncConnection, rows: Sequence[Any]) -> list[Generation]:
            if not rows:
                await self._sku_row(connection, sku_id)
            by_task = SHOT_TASKS.join(REVISIONS, REVISIONS.c.id == SHOT_TASKS.c.revision_id)
            asked = (
                select(SHOT_TASKS.c.task_id, REVISIONS)
                .select_from(by_task)
                .where(SHOT_TASKS.c.task_id.in_([row.id for row in rows]))
                .order_by(REVISIONS.c.number)
            )
            images: dict[str, list[MediaItem]] = {}
            for row in await connection.execute(asked):
                images.setdefault(row.task_id, []).append(replace(self._image(row), vendor_ref=row.id))
            return [self._generation(row, tuple(images.get(row.id, ()))) for row in rows]

        return newest_first(self._database, TASKS, (TASKS.c.subject == sku_id,), made)

    def _generation(self, row: Any, images: tuple[MediaItem, ...]) -> Generation:
        asked = {key: value for key, value in msgspec.json.decode(row.request).items() if value}
        brief = str(Ref(self._context.name, BRIEF, row.owner))
        reason = {"reason": row.message} if row.message else {}
        return Generation(row.id, row.state, images, {"brief": brief, **asked, **reason})

    async def select_shot(self, sku: Ref, shot_type: str, picture: str | None) -> None:
        """Choose a picture, by the id of its shot or of its revision; None takes the choice back."""
        sku_id = self._own(sku, self.ref_kind)
        selected = SELECTED_SHOTS.c
        async with self._database.writing() as connection:
            await self._require_skus(connection, [sku_id])
            if picture is not None:
                ours = SHOTS.outerjoin(REVISIONS, REVISIONS.c.shot_id == SHOTS.c.id)
                known = (
                    select(SHOTS.c.id)
                    .select_from(ours)
                    .where(
                        SHOTS.c.sku_id == sku_id,
                        SHOTS.c.shot_type == shot_type,
                        or_(SHOTS.c.id == picture, REVISIONS.c.id == picture),
                    )
                )
                if (await connection.execute(known)).first() is None:
                    raise NotFound(
                        f"{sku} has no {shot_type} {picture}; list_shots and revisions tell the ids of its pictures",
                        provider=self._context.name,
                    )
            await connection.execute(
                delete(SELECTED_SHOTS).where(selected.sku_id == sku_id, selected.shot_type == shot_type)
            )
            if picture is not None:
                row = {"sku_id": sku_id, "shot_type": shot_type, "picture": picture}
                await connection.execute(insert(SELECTED_SHOTS), [row])

    async def review(self, sku: Ref, shot: str, state: ReviewState, note: str = "") -> Shot:
        """Say what one thinks of a shot; raises Conflict while there is no picture to look at."""
        try:
            state = ReviewState(state)
        except ValueError:
            raise InvalidInput(f"a shot is {', '.join(ReviewState)}, and not {state!r}") from None
        async with self._database.writing() as connection:
            row = await self._shot_row(connection, sku, shot)
            if not row.file:
                raise Conflict(
                    f"the shot {shot} has no picture yet ({row.message or row.state})", provider=self._context.name
                )
            now = microseconds(self._context.clock.now())
            await connection.execute(update(SHOTS).where(SHOTS.c.id == shot).values(state=state, updated_at=now))
            await connection.execute(
                update(REVISIONS).where(REVISIONS.c.id == row.revision_id).values(state=state, note=note)
            )
            number = (await connection.execute(select(SKUS.c.sku).where(SKUS.c.id == sku.id))).scalar()
            await follow(connection, sku.id, str(number or ""), self._context)
            return (await self._shots(connection, [SHOTS.c.id == shot]))[0]

    async def _shot_row(self, connection: AsyncConnection, sku: Ref, shot: str) -> Any:
        sku_id = self._own(sku, self.ref_kind)
        asked = select(SHOTS).where(SHOTS.c.id == shot, SHOTS.c.sku_id == sku_id)
        row = (await connection.execute(asked)).one_or_none()
        if row is None:
            raise NotFound(f"{sku} has no shot {shot}; list_shots tells those it has", provider=self._context.name)
        return row

"""LocalShoots: briefs worked off, shot by shot, and the approved shots handed out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import InvalidInput, NotFound, PlacketError, Unsupported
from placket.interfaces import (
    Brief,
    Job,
    JobState,
    PolledJob,
    Ref,
    ShootManager,
    Ticket,
    WantedShot,
)
from placket.interfaces import Look as JobLook
from placket.logs import LazyLogger
from placket.record import Claim, MediaItem
from placket.registry import ProviderContext

from ..color_names import Color
from ..database.studio_tables import LOOK_SKUS, REVISIONS, SHOT_TASKS
from ..database.tables import SHOTS
from ..facts import best, height_of, kind_of, pictures
from ..store.exports import KIND as EXPORT
from ..store.exports import LocalExports, any_of
from ..store.linking import follow, known_of_product
from ..store.media import keep
from ..store.rows import decoded, microseconds
from ..studio.collage import Piece
from ..studio.garment_photo import PoorCutout
from ..work import SCHEDULE, Task, Work
from .cutouts import Cutouts
from .making import Made, Subject, make
from .planning import BRIEF
from .shots import LocalShots
from .wanted import Kind

if TYPE_CHECKING:
    from .. import LocalSettings
    from ..database import Database

_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}

_log = LazyLogger("placket.local")


class LocalShoots(LocalShots):
    """Shoots whose pictures are made on this machine, from the garments' own photos."""

    def __init__(self, settings: LocalSettings, context: ProviderContext, database: Database | None = None) -> None:
        super().__init__(settings, context, database)
        self._workers = settings.workers
        self._minimum_quality = settings.shot_quality

    @cached_property
    def _work(self) -> Work:  # type: ignore[override]
        return Work(self._database, self._context.clock, self._workers, self._do)

    @cached_property
    def _cutouts(self) -> Cutouts:
        return Cutouts(self._work.in_thread, self._minimum_quality, keep=self._workers + 1)

    @cached_property
    def _exports(self) -> LocalExports:
        return LocalExports(self._settings, self._context, self._database)

    @cached_property
    def _palette(self) -> Mapping[str, Color]:
        vocabulary = self._context.vocabulary
        labs = {term.id: vocabulary.lab(term) for term in vocabulary.terms("color")}
        return {name: lab for name, lab in labs.items() if lab is not None}

    async def start_brief(self, brief: Ref) -> Job[Brief]:
        """Have everything made that is not made yet; started again, what had failed is tried again, too.

        The work goes on while this provider is open, and stays to be done when it is closed: `resume` with the ticket
        takes it up, as does another `start_brief`.
        """
        await self.get_brief(brief)
        async with self._database.writing() as connection:
            await self._work.start(connection, brief.id)
        return self._brief_job(self._ticket("start_brief", brief.id))

    async def cancel_brief(self, brief: Ref) -> Brief:
        """Make no more of a brief; what is made stays."""
        await self.get_brief(brief)
        async with self._database.writing() as connection:
            await self._work.cancel(connection, brief.id)
        return await self.get_brief(brief)

    async def export_approved(self, skus: Sequence[Ref]) -> Job[tuple[MediaItem, ...]]:
        """Pack the approved shots of some garments; the result is one ZIP file on this machine, none without shots.

        It is an export of the store, too, where it can be downloaded or dismissed.
        """
        ids = [self._own(sku, self.ref_kind) for sku in skus]
        if not ids:
            raise InvalidInput("an export packs the shots of at least one garment")
        export = await self._exports.start(any_of(SHOTS.c.sku_id, ids))
        return self._export_job(self._ticket("export_approved", export.ref.id))

    async def resume(self, ticket: Ticket) -> Job[Any]:
        """Take up a brief or an export that was started before, here or in another process."""
        makers = {"start_brief": self._brief_job, "export_approved": self._export_job}
        if ticket.interface != self.interface_name or ticket.operation not in makers:
            raise InvalidInput(f"ticket {ticket.id} is not one that the shoots of {self._context.name} gave")
        return makers[ticket.operation](ticket)

    def _ticket(self, operation: str, work: str) -> Ticket:
        return Ticket(
            provider=self._context.name,
            interface=ShootManager.interface_name,
            operation=operation,
            id=work,
            submitted_at=self._context.clock.now(),
        )

    def _brief_job(self, ticket: Ticket) -> Job[Any]:
        ref = Ref(self._context.name, BRIEF, ticket.id)

        async def look() -> JobLook[Brief]:
            brief = await self.get_brief(ref)
            status = await self._work.driven(ref.id)
            return JobLook(status, evolve(brief, status=status) if status.state is JobState.SUCCEEDED else None)

        return PolledJob(ticket, look, clock=self._context.clock, schedule=SCHEDULE)

    def _export_job(self, ticket: Ticket) -> Job[Any]:
        ref = Ref(self._context.name, EXPORT, ticket.id)

        async def look() -> JobLook[tuple[MediaItem, ...]]:
            export = await self._exports.taken_up(ref)
            status = export.status
            if status.state is not JobState.SUCCEEDED:
                return JobLook(status)
            if not export.items_total:
                return JobLook(status, ())
            packed = MediaItem("export", path=str(self._exports.zip_of(ref)), media_type="application/zip")
            return JobLook(status, (packed,))

        return PolledJob(ticket, look, clock=self._context.clock, schedule=SCHEDULE)

    async def _do(self, task: Task) -> None:
        shot = WantedShot(**task.request)
        preview = b""
        try:
            made = await self._work.in_thread(make, shot, await self._subject(task.subject, shot))
            files = [await self._keep(each.data, _SUFFIXES[each.media_type]) for each in made]
        except PoorCutout as refused:
            reason, preview = str(refused), await self._work.in_thread(refused.preview)
        except (InvalidInput, Unsupported, NotFound) as refused:
            reason = str(refused)
        except PlacketError:
            raise
        except Exception as fault:
            _log.warning("shot-failed", task=task.id, error=f"{type(fault).__name__}: {fault}")
            reason = f"a fault of the embedded studio ({type(fault).__name__}: {fault}); please report it"
        else:
            await self._store(task, made, files)
            return
        shown = await self._keep(preview, ".png") if preview else ""
        await self._fail(task, reason, shown)

    async def _subject(self, sku_id: str, shot: WantedShot) -> Subject:
        """The garments of the picture, cut out; raises InvalidInput when one cannot be."""
        async with self._database.reading() as connection:
            ids: Sequence[str] = (sku_id,)
            if shot.kind == Kind.COLLAGE:
                worn = select(LOOK_SKUS.c.sku_id).where(LOOK_SKUS.c.look_id == shot.look)
                ids = (await connection.execute(worn.order_by(LOOK_SKUS.c.position))).scalars().all()
            known = [await self._known(connection, one) for one in ids]
        pieces = []
        for claims in known:
            # A pair of shoes is one product; two shirts are a mistake.
            several = kind_of(claims) in ("shoes", "accessory")
            photo = await self._cutouts.of(pictures(claims), shot.view, several=several)
            laid = shot.kind == Kind.COLLAGE
            pieces.append(Piece(photo, kind_of(claims), height_of(claims)) if laid else Piece(photo))
        return Subject(str(best(known[0], "name") or best(known[0], "sku")), pieces, self._palette)

    async def _known(self, connection: AsyncConnection, sku_id: str) -> tuple[Claim, ...]:
        """What is known of a garment; what the shoots know comes before what the store knows."""
        row = await self._sku_row(connection, sku_id)
        own = decoded(row.claims, self._context)
        said = {claim.field for claim in own}
        others = await known_of_product(connection, row.sku, self._context)
        return (*own, *(claim for claim in others if claim.field not in said))

    async def _keep(self, data: bytes, suffix: str) -> str:
        return await keep(data, suffix, self._media, self._context.name)

    async def _store(self, task: Task, made: Sequence[Made], files: Sequence[str]) -> None:
        now = microseconds(self._context.clock.now())
        async with self._database.writing() as connection:
            if not await self._work.finish(connection, task, JobState.SUCCEEDED):
                return
            shots = await self._shots_of(connection, task)
            for shot, each, file in zip(shots, made, files, strict=False):
                revision = await self._revision(connection, shot, each, file, now)
                same = (SHOT_TASKS.c.task_id == task.id, SHOT_TASKS.c.shot_id == shot.id)
                await connection.execute(update(SHOT_TASKS).where(*same).values(revision_id=revision))
            await self._refuse(
                connection, shots[len(made) :], "the photo shows no further part that is all cloth", "", now
            )
            await self._follow(connection, task.subject)

    async def _revision(self, connection: AsyncConnection, shot: Any, made: Made, file: str, now: int) -> str:
        """The id of the revision; a picture that is the same to the last bit is no new one."""
        if shot.file == file:
            await connection.execute(update(SHOTS).where(SHOTS.c.id == shot.id).values(message="", preview=""))
            return str(shot.revision_id)
        revision = str(uuid.uuid4())
        common = {"state": "in-review", "file": file, "media_type": made.media_type}
        row = {
            "id": revision,
            "shot_id": shot.id,
            "note": "",
            "sha256": Path(file).stem,
            "width": made.size[0],
            "height": made.size[1],
            "made_at": now,
            **common,
        }
        await connection.execute(insert(REVISIONS), [row])
        await connection.execute(
            update(SHOTS)
            .where(SHOTS.c.id == shot.id)
            .values(revision_id=revision, message="", preview="", updated_at=now, **common)
        )
        return revision

    async def _fail(self, task: Task, reason: str, preview: str) -> None:
        now = microseconds(self._context.clock.now())
        async with self._database.writing() as connection:
            if await self._work.finish(connection, task, JobState.FAILED, reason):
                await self._refuse(connection, await self._shots_of(connection, task), reason, preview, now)
                await self._follow(connection, task.subject)

    async def _refuse(
        self, connection: AsyncConnection, shots: Sequence[Any], reason: str, preview: str, now: int
    ) -> None:
        """Say why shots could not be made; one that has an earlier picture keeps it, and its state."""
        for shot in shots:
            values = {"message": reason, "preview": preview, "updated_at": now}
            state = shot.state if shot.file else "failed"
            await connection.execute(update(SHOTS).where(SHOTS.c.id == shot.id).values(state=state, **values))

    async def _shots_of(self, connection: AsyncConnection, task: Task) -> Sequence[Any]:
        both = SHOTS.join(SHOT_TASKS, SHOT_TASKS.c.shot_id == SHOTS.c.id)
        asked = select(SHOTS).select_from(both).where(SHOT_TASKS.c.task_id == task.id).order_by(SHOTS.c.shot_type)
        return (await connection.execute(asked)).fetchall()

    async def _follow(self, connection: AsyncConnection, sku_id: str) -> None:
        row = await self._sku_row(connection, sku_id)
        await follow(connection, sku_id, row.sku, self._context)

    async def aclose(self) -> None:
        """Stop after what is being made right now; the rest stays to be done."""
        if "_work" in self.__dict__:
            await self._work.aclose()
        if "_exports" in self.__dict__:
            await self._exports.aclose()
        await super().aclose()

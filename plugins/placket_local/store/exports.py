"""Exports of approved shots: packed into a ZIP beside the calls, handed out once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, delete, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from placket.errors import Conflict, InvalidInput, NotFound, ProviderError, Unavailable
from placket.interfaces import (
    Export,
    ExportRequest,
    JobState,
    JobStatus,
    Listing,
    Page,
    ProductStore,
    Ref,
)
from placket.logs import LazyLogger

from ..database.tables import EXPORTS, PRODUCTS, SHOTS
from ..part import LocalPart
from .media import PART
from .packing import Picture, pack, reason_of
from .query import Selection
from .rows import microseconds, moment

KIND = "export"

APPROVED = "approved"

LIFETIME = timedelta(days=7)
"""How long a finished export waits to be fetched."""

_BEAT = 1.0
"""Seconds between two notes of how far a pack is: each is a transaction, and waits for the disk."""

_SILENT = 30_000_000
"""Microseconds after which an export that nobody moves on is taken for abandoned: its process has died."""

_PIECE = 1 << 18

_PAGE = 100

_MOST_NAMED = 10_000
"""Shots or products that one statement names: a database takes 32,766 parameters, PostgreSQL twice as many."""

_log = LazyLogger("placket.local")

_columns = EXPORTS.c


class LocalExports(LocalPart, ProductStore):
    """The exports of the embedded store."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._packing: dict[str, asyncio.Task[None]] = {}

    async def start_export(self, request: ExportRequest) -> Export:
        """Start packing; raises InvalidInput when the request names nothing to pack, two things at once, or a shoot."""
        return await self.start(self._chosen(request))

    async def start(self, chosen: Iterable[ColumnElement[bool]]) -> Export:
        """Start packing the approved ones of the shots that any of the conditions chooses; none is chosen twice."""
        export_id, now = str(uuid.uuid4()), self._now()
        await self._forget_expired()
        async with self._database.writing() as connection:
            shots = await _read_shots(connection, chosen)
            row = {
                "id": export_id,
                "state": JobState.RUNNING,
                "message": "",
                "request": msgspec.json.encode([shot.id for shot in shots]),
                "items_total": len(shots),
                "items_done": 0,
                "created_at": now,
                "beat_at": now,
            }
            await connection.execute(insert(EXPORTS), [row])
        self._begin(export_id, shots)
        return await self.get_export(self._ref(export_id))

    def _begin(self, export_id: str, shots: Sequence[Any]) -> None:
        work = asyncio.create_task(self._pack(export_id, [_picture(shot, self._media) for shot in shots]))
        self._packing[export_id] = work
        work.add_done_callback(lambda _: self._packing.pop(export_id, None))

    async def taken_up(self, export: Ref) -> Export:
        """As `get_export`; one that its process has left unfinished is packed here, from the beginning."""
        row = await self._export_row(export)
        if self._export(row).status.message == _ABANDONED:
            async with self._database.writing() as connection:
                again = update(EXPORTS).where(
                    _columns.id == row.id, _columns.state == row.state, _columns.beat_at == row.beat_at
                )
                values = {"state": JobState.RUNNING, "message": "", "items_done": 0, "beat_at": self._now()}
                mine = (await connection.execute(again.values(values))).rowcount == 1
                shots = await _read_shots(connection, any_of(SHOTS.c.id, msgspec.json.decode(row.request)))
            if mine:
                self._begin(row.id, shots)
        return await self.get_export(export)

    def zip_of(self, export: Ref) -> Path:
        """Where the file of a finished export is, until it is downloaded or dismissed."""
        return self._zip(export.id)

    def list_exports(self) -> Listing[Export]:
        """The exports, the newest first."""

        async def fetch(cursor: str | None) -> Page[Export]:
            newest = _columns.created_at.desc(), _columns.id.desc()
            asked = select(EXPORTS).where(_columns.state != _TAKEN).order_by(*newest).limit(_PAGE)
            if cursor is not None:
                created_at, _, export_id = cursor.partition("/")
                asked = asked.where(tuple_(_columns.created_at, _columns.id) < tuple_(int(created_at), export_id))
            async with self._database.reading() as connection:
                rows = (await connection.execute(asked)).fetchall()
            last = f"{rows[-1].created_at}/{rows[-1].id}" if len(rows) == _PAGE else None
            return Page([self._export(row) for row in rows], next=last)

        return Listing(fetch)

    async def get_export(self, export: Ref) -> Export:
        """How far an export is; one whose process has died is failed."""
        return self._export(await self._export_row(export))

    async def cancel_export(self, export: Ref) -> Export:
        """Stop an export; raises Conflict when it has ended."""
        row = await self._export_row(export)
        if not await self._move(row.id, JobState.RUNNING, state=JobState.CANCELLED):
            raise Conflict(f"{export} has ended already, as {row.state}", provider=self._context.name)
        if task := self._packing.get(row.id):
            task.cancel()
            await asyncio.wait([task])
        await asyncio.to_thread(_remove, self._zip(row.id))
        return await self.get_export(export)

    async def dismiss_export(self, export: Ref) -> None:
        """Forget an export that has ended, and its file; raises Conflict while it runs."""
        row = await self._export_row(export)
        if self._export(row).status.state is JobState.RUNNING:
            raise Conflict(f"{export} is still running; cancel it first", provider=self._context.name)
        await self._forget(row.id)

    async def download_export(self, export: Ref) -> AsyncIterator[bytes]:
        """The file, once. Who asks second, even at the same time, gets NotFound."""
        row = await self._export_row(export)
        if row.state != JobState.SUCCEEDED:
            raise Conflict(f"{export} cannot be downloaded: it is {row.state}", provider=self._context.name)
        path = self._zip(row.id)
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except OSError as error:
            raise NotFound(
                f"the file of {export}, {path}, cannot be read here ({error.strerror}); start the export again",
                provider=self._context.name,
            ) from error
        with file:
            if not await self._move(row.id, JobState.SUCCEEDED, state=_TAKEN):
                raise NotFound(f"{export} was downloaded already", provider=self._context.name)
            try:
                while piece := await asyncio.to_thread(file.read, _PIECE):
                    yield piece
            finally:
                file.close()
                await self._forget(row.id)

    async def aclose(self) -> None:
        """Stop packing; what was not finished is found failed."""
        for export_id, task in list(self._packing.items()):
            task.cancel()
            await asyncio.wait([task])
            # In a database that is out of reach it is found abandoned.
            with suppress(Unavailable):
                await self._move(export_id, JobState.RUNNING, state=JobState.FAILED, message=_ABANDONED)
        await super().aclose()

    def _chosen(self, request: ExportRequest) -> Iterable[ColumnElement[bool]]:
        given = [bool(request.products), request.query is not None, bool(request.look)]
        if sum(given) != 1:
            raise InvalidInput(
                "an export packs the shots of some products, of a query, or of one look: name one of them"
            )
        if request.shoot:
            raise InvalidInput("this store keeps no shoots of many products; leave `shoot` out of the request")
        if request.look:
            return [SHOTS.c.look_id == request.look]
        if request.query is not None:
            selection = Selection.of(request.query, self._context.vocabulary, self._database.dialect)
            return [SHOTS.c.product_id.in_(select(PRODUCTS.c.id).where(*selection.conditions()))]
        return any_of(SHOTS.c.product_id, [product.id for product in request.products])

    async def _pack(self, export_id: str, pictures: Sequence[Picture]) -> None:
        target = self._zip(export_id)
        # A name of its own: a process that was taken for dead may be writing still.
        partial = target.with_name(f"{target.stem}.{uuid.uuid4().hex}{PART}")
        reason = ""
        try:
            try:
                if not await pack(pictures, partial, self._noted(export_id)):
                    return
                await asyncio.to_thread(partial.replace, target)
            except OSError as error:
                reason = reason_of(error, pictures, partial, self._context.name)
            finally:
                # Before anything is said of it: on a full disk this makes the room to say it in.
                with suppress(OSError):
                    partial.unlink()
            if reason:
                await self._move(export_id, JobState.RUNNING, state=JobState.FAILED, message=reason)
            elif not await self._move(
                export_id, JobState.RUNNING, state=JobState.SUCCEEDED, items_done=len(pictures), beat_at=self._now()
            ):
                await asyncio.to_thread(_remove, target)
        except ProviderError as error:
            # Nobody waits for this task; the export is found abandoned.
            _log.warning("export-failed", export=export_id, error=str(error))

    def _noted(self, export_id: str) -> Callable[[int], Awaitable[bool]]:
        """Notes how far a pack is, now and then; False when the export was cancelled meanwhile."""
        told = self._context.clock.monotonic()

        async def note(done: int) -> bool:
            nonlocal told
            now = self._context.clock.monotonic()
            if now - told < _BEAT:
                return True
            told = now
            return await self._move(export_id, JobState.RUNNING, items_done=done, beat_at=self._now())

        return note

    async def _move(self, export_id: str, since: JobState, **values: Any) -> bool:
        """Change an export that is still in a state; False when somebody else has moved it on."""
        async with self._database.writing() as connection:
            written = await connection.execute(
                update(EXPORTS).where(_columns.id == export_id, _columns.state == since).values(values)
            )
        return bool(written.rowcount == 1)

    async def _forget_expired(self) -> None:
        """Forget what nobody has fetched in time, and what was fetched by somebody who has died over it."""
        oldest = self._now() - LIFETIME // timedelta(microseconds=1)
        old = (_columns.created_at < oldest, _columns.state != JobState.RUNNING)
        async with self._database.reading() as connection:
            found = (await connection.execute(select(_columns.id).where(*old))).scalars().all()
        for export_id in found:
            await self._forget(export_id)

    async def _export_row(self, export: Ref) -> Any:
        if export.kind != KIND:
            raise InvalidInput(f"{export} is not an export")
        async with self._database.reading() as connection:
            row = (await connection.execute(select(EXPORTS).where(_columns.id == export.id))).one_or_none()
        if row is None or row.state == _TAKEN:
            raise NotFound(
                f"there is no export {export.id}; one that was downloaded is gone", provider=self._context.name
            )
        return row

    async def _forget(self, export_id: str) -> None:
        await asyncio.to_thread(_remove, self._zip(export_id))
        async with self._database.writing() as connection:
            await connection.execute(delete(EXPORTS).where(_columns.id == export_id))

    def _export(self, row: Any) -> Export:
        state, message = JobState(row.state), row.message
        if state is JobState.RUNNING and row.id not in self._packing and self._now() - row.beat_at > _SILENT:
            state, message = JobState.FAILED, _ABANDONED
        progress = row.items_done / row.items_total if row.items_total else float(state is JobState.SUCCEEDED)
        created = moment(row.created_at)
        return Export(
            self._ref(row.id),
            JobStatus(state, progress, row.state, message),
            row.items_total,
            row.items_done,
            created_at=created,
            expires_at=created + LIFETIME if state is JobState.SUCCEEDED else None,
        )

    def _ref(self, export_id: str) -> Ref:
        return Ref(self._context.name, KIND, export_id)

    def _zip(self, export_id: str) -> Path:
        return self._context.data_folder / "exports" / f"{export_id}.zip"

    def _now(self) -> int:
        return microseconds(self._context.clock.now())


_TAKEN = "taken"
"""The state of an export whose download has begun."""

_ABANDONED = "the process that packed it has ended; start the export again"


def _picture(shot: Any, media: Path) -> Picture:
    kind = "".join(char if char.isalnum() or char in "-_" else "_" for char in shot.shot_type) or "shot"
    return Picture(media / shot.file, f"{shot.product_id}/{kind}-{shot.id}{Path(shot.file).suffix}")


def any_of(column: Column[str], values: Iterable[str]) -> Iterator[ColumnElement[bool]]:
    """Conditions that together choose the rows with any of these values."""
    different = list(dict.fromkeys(values))
    for start in range(0, len(different), _MOST_NAMED):
        yield column.in_(different[start : start + _MOST_NAMED])


async def _read_shots(connection: AsyncConnection, chosen: Iterable[ColumnElement[bool]]) -> list[Any]:
    shots = list[Any]()
    for condition in chosen:
        asked = select(SHOTS).where(condition, SHOTS.c.state == APPROVED).order_by(SHOTS.c.product_id, SHOTS.c.id)
        shots += (await connection.execute(asked)).fetchall()
    return shots


def _remove(path: Path) -> None:
    for each in (path, *path.parent.glob(f"{path.stem}.*{PART}")):
        each.unlink(missing_ok=True)

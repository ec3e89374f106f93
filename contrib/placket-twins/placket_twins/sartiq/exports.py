"""Exports of approved shots: packed beside the requests, downloaded once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from placket.errors import JobFailed, PlacketError
from placket.interfaces import Export, ExportRequest, JobState, ProductQuery, Ref

from ..files import write_whole
from ..refusal import Problem, Refusal
from ..routes import Asked
from ..vendor import Ground
from ..works import CANCELLED, DONE, FAILED, QUEUED, RUNNING, Progress, Work
from .quirks import SartiqQuirks
from .settings import SartiqSettings
from .shelf import Shelf, query_of
from .words import stamp

KIND = "export"

_STATUS: Mapping[str, str] = {
    QUEUED: "PENDING",
    RUNNING: "PROCESSING",
    DONE: "COMPLETED",
    FAILED: "FAILED",
    CANCELLED: "CANCELLED",
}
_EVERY = 2**31
"""More products than there are."""

_PAUSE = 0.1
_PIECE = 1 << 18


class Exports:
    """The export tasks of the twin's one account."""

    def __init__(
        self, ground: Ground, settings: SartiqSettings, quirks: SartiqQuirks, shelf: Shelf, owner: str
    ) -> None:
        self._ground = ground
        self._settings = settings
        self._quirks = quirks
        self._shelf = shelf
        self._owner = owner
        self._folder = ground.state.folder / "exports"

    async def start(self, asked: Asked) -> Work:
        """Begin to pack; raises Refusal when the request names nothing to pack, or two things at once."""
        body = asked.body
        by_look = bool(body.get("shooting_look_id"))
        by_product = bool(body.get("product_ids")) or body.get("product_filters") is not None
        if by_look == by_product:
            message = (
                "shooting_look_id is mutually exclusive with product_ids and product_filters"
                if by_look
                else "one of product_ids, product_filters and shooting_look_id is required"
            )
            raise Refusal(422, message, problems=[Problem(("body",), message, "value_error")])
        if body.get("product_filters") is not None:
            self._filters(body)
        # Nobody need ever ask for the old ones.
        await self.list()
        request = {"body": body, "organization": asked.query.get("organization_id")}
        return await self._ground.works.start(KIND, request, path=asked.request.path)

    async def get(self, task_id: str) -> Work:
        """One task; raises Refusal when there is none, or its time is over."""
        work = await self._ground.works.get(task_id)
        if work is None or work.kind != KIND:
            raise Refusal(404, "Export task not found")
        if await self._is_gone(work):
            raise Refusal(404, "Export task not found")
        return work

    async def list(self) -> list[Work]:
        """All tasks, the newest first; those whose time is over are forgotten."""
        return [work for work in await self._ground.works.list(KIND) if not await self._is_gone(work)]

    async def _is_gone(self, work: Work) -> bool:
        if work.ended_at is None or self._now() <= work.ended_at + self._settings.export_lifetime:
            return False
        await self._remove(work.id)
        return True

    async def cancel(self, task_id: str) -> Work:
        """Stop a task that has not ended."""
        work = await self.get(task_id)
        if work.is_over:
            raise Refusal(int(self._quirks.cancel_ended), f"Cannot cancel a task with status {_STATUS[work.state]}")
        cancelled = await self._ground.works.cancel(work.id)
        return cancelled or work

    async def dismiss(self, task_id: str) -> Work:
        """Forget a task that has ended, and its file."""
        work = await self.get(task_id)
        if not work.is_over:
            raise Refusal(int(self._quirks.cancel_ended), f"Cannot dismiss a task with status {_STATUS[work.state]}")
        await self._remove(work.id)
        return work

    async def download(self, asked: Asked) -> web.StreamResponse:
        """The file, once: of many who ask at the same time, one gets it."""
        work = await self.get(str(asked.path["task_id"]))
        if work.state != DONE:
            raise Refusal(int(self._quirks.cancel_ended), f"Export is not ready: its status is {_STATUS[work.state]}")
        if await self._ground.works.forget(work.id) is None:
            raise Refusal(404, "Export task not found")
        file = self._file(work.id)
        answer = web.StreamResponse(
            headers={
                "Content-Type": "application/zip",
                "Content-Disposition": f'attachment; filename="approved-shots-{work.id}.zip"',
            }
        )
        answer.content_length = file.stat().st_size
        try:
            await answer.prepare(asked.request)
            with file.open("rb") as opened:
                while piece := await asyncio.to_thread(opened.read, _PIECE):
                    await answer.write(piece)
        finally:
            await asyncio.to_thread(lambda: file.unlink(missing_ok=True))
        await answer.write_eof()
        return answer

    def public(self, work: Work, base_url: str, *, status: str = "") -> dict[str, Any]:
        """The task as ``ExportTaskPublic``."""
        path = f"/api/v1/products/export-tasks/{work.id}/download"
        done = work.state == DONE
        addresses = {"absolute": base_url + path, "relative": path, "absent": None}
        percent = 100 if done else 100 * work.done // work.total if work.total else 0
        ended = work.ended_at
        return {
            "id": work.id,
            "owner_id": self._owner,
            "task_type": "APPROVED_SHOTS",
            "status": status or _STATUS[work.state],
            "progress": percent,
            "total_items": work.total,
            "processed_items": work.done,
            "download_url": addresses[self._quirks.download_url] if done else None,
            "error_message": work.error or None,
            "started_at": _time(work.started_at),
            "completed_at": _time(ended) if done else None,
            "expires_at": _time(ended + self._settings.export_lifetime) if done and ended else None,
            "created_at": _time(work.created_at),
            "updated_at": _time(ended or work.started_at or work.created_at),
        }

    async def pack(self, work: Work, progress: Progress) -> None:
        """Have the backend pack, and keep the file."""
        store = self._shelf.store
        export = await store.start_export(await self._request(**work.request))
        try:
            while not export.status.state.is_final:
                await _report(export, progress)
                await self._ground.clock.sleep(_PAUSE)
                export = await store.get_export(export.ref)
        except asyncio.CancelledError:
            await _quietly(store.cancel_export(export.ref))
            raise
        if export.status.state is not JobState.SUCCEEDED:
            raise JobFailed(export.status.message or "the shots could not be packed")
        await _report(export, progress)
        pieces = [piece async for piece in store.download_export(export.ref)]
        await asyncio.to_thread(write_whole, self._file(work.id), lambda file: file.writelines(pieces))

    async def _request(self, body: Mapping[str, Any], organization: str | None) -> ExportRequest:
        look, shoot = body.get("shooting_look_id") or "", body.get("shooting_id") or ""
        if look:
            return ExportRequest(look=look, shoot=shoot)
        if body.get("product_ids"):
            refs: list[Ref] = [await self._shelf.ref(each) for each in body["product_ids"]]
            return ExportRequest(products=tuple(refs), shoot=shoot)
        query, skip, limit = self._filters(body)
        if organization is None and not skip and limit is None and await self._shelf.is_all_personal():
            return ExportRequest(query=query, shoot=shoot)
        found = await self._shelf.find(query, organization, skip, _EVERY if limit is None else limit)
        if not found.products:
            raise JobFailed("the product_filters find no product")
        return ExportRequest(products=tuple(each.ref for each in found.products), shoot=shoot)

    def _filters(self, body: Mapping[str, Any]) -> tuple[ProductQuery, int, int | None]:
        """What ``product_filters`` ask for: which products, how many of them to leave out, and how many to take."""
        filters = body["product_filters"]
        try:
            query = query_of(filters, "created_at")
            skip, limit = _count(filters.get("skip")) or 0, _count(filters.get("limit"))
        except (ValueError, TypeError, AttributeError) as error:
            message = f"product_filters are those of the list of products: {error}"
            raise Refusal(
                422, message, problems=[Problem(("body", "product_filters"), message, "value_error")]
            ) from None
        return query, skip, limit

    async def _remove(self, task_id: str) -> None:
        await self._ground.works.forget(task_id)
        await asyncio.to_thread(lambda: self._file(task_id).unlink(missing_ok=True))

    def _file(self, task_id: str) -> Path:
        return self._folder / f"{task_id}.zip"

    def _now(self) -> float:
        return self._ground.clock.now().timestamp()


def _count(given: Any) -> int | None:
    if given is not None and (type(given) is not int or given < 0):
        raise ValueError(f"{given!r} is no count")
    return given


async def _report(export: Export, progress: Progress) -> None:
    if export.items_total:
        await progress(export.items_done or 0, export.items_total)


async def _quietly(stopping: Any) -> None:
    try:
        await stopping
    except PlacketError:
        return


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else stamp(datetime.fromtimestamp(seconds, UTC))

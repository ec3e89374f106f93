"""Projects and briefs of the autoRetouch twin: their pictures are made by a `ShootManager`."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import attrs
from attrs import frozen
from sqlalchemy import Connection, func, insert, select, update

from placket.errors import AllProvidersFailed, InvalidInput, PlacketError
from placket.interfaces import BriefDraft, GarmentImage, Ref, ShootManager, SkuDraft, WantedShot
from placket.record import Shot
from placket.testing import FaultKind

from ..refusal import Refusal
from ..vendor import Ground
from ..works import Progress, Work
from .settings import AutoretouchSettings
from .skus import Sku, Skus, Window
from .tables import BRIEFS, PROJECTS, RESULTS
from .uploads import Uploads

KIND = "brief"
NAMESPACE = uuid.UUID("7e2c1b0f-5f54-4c57-9b0c-2e5a9b0f6a33")
"""For ids that follow from something else."""

CREATED, ACTIVE, COMPLETED, FAILED = "CREATED", "ACTIVE", "COMPLETED", "FAILED"
"""The vendor's words for an execution; the page shows none for a brief's result."""


@frozen
class Result:
    """One picture that a brief asks for. ``sha256`` is empty until it is made."""

    id: str
    brief_id: int
    sku_id: str
    shot_type: str
    status: str
    sha256: str
    media_type: str
    reason: str
    created_at: str
    finished_at: str | None


class Briefs:
    """Makes projects and briefs, has their pictures made, and tells the results."""

    def __init__(self, ground: Ground, settings: AutoretouchSettings, skus: Skus, uploads: Uploads) -> None:
        self._ground = ground
        self._settings = settings
        self._skus = skus
        self._uploads = uploads

    async def create_project(self, name: str) -> int:
        """Make a project; gives its id."""

        def work(connection: Connection) -> int:
            made: int = connection.execute(insert(PROJECTS).values(name=name).returning(PROJECTS.c.id)).scalar_one()
            return made

        return await self._ground.state.write(work)

    async def projects(self) -> Sequence[Mapping[str, Any]]:
        """All projects."""
        return await self._rows(select(PROJECTS).order_by(PROJECTS.c.id))

    async def briefs(self) -> Sequence[Mapping[str, Any]]:
        """All briefs, the newest first."""
        return await self._rows(select(BRIEFS).order_by(BRIEFS.c.id.desc()))

    async def _rows(self, asked: Any) -> Sequence[Mapping[str, Any]]:
        def work(connection: Connection) -> Sequence[Mapping[str, Any]]:
            return [dict(row) for row in connection.execute(asked).mappings()]

        return await self._ground.state.read(work)

    async def create(self, body: Mapping[str, Any], path: str) -> int:
        """Make a brief for some SKUs, or for those of its project, and begin to make its pictures; gives its id."""
        if "skuIds" in body:
            skus: Sequence[Sku] = [await self._skus.get(str(each)) for each in body["skuIds"]]
        else:
            skus = await self._skus.of_project(body.get("projectId", 0))
        if not skus:
            raise Refusal(400, "a brief needs SKUs: name them in skuIds, or a project that has some in projectId")

        def work(connection: Connection) -> int:
            values = {"name": body["name"], "project_id": body.get("projectId")}
            made: int = connection.execute(insert(BRIEFS).values(values).returning(BRIEFS.c.id)).scalar_one()
            return made

        brief_id = await self._ground.state.write(work)
        request = {
            "brief": brief_id,
            "name": body["name"],
            "skus": [each.id for each in skus],
            "shots": body.get("shots", []),
        }
        await self._ground.works.start(KIND, request, work_id=f"brief {brief_id}", path=path)
        return brief_id

    async def results(self, brief_id: int, window: Window) -> tuple[int, Sequence[Result]] | None:
        """How many results a brief has, and those in the window; None where there is no such brief."""
        names = [RESULTS.c[each.name] for each in attrs.fields(Result)]

        def work(connection: Connection) -> tuple[int, Sequence[Result]] | None:
            if connection.execute(select(BRIEFS.c.id).where(BRIEFS.c.id == brief_id)).first() is None:
                return None
            of_brief = RESULTS.c.brief_id == brief_id
            total = connection.execute(select(func.count()).select_from(RESULTS).where(of_brief)).scalar() or 0
            asked = select(*names).where(of_brief).order_by(RESULTS.c.number)
            rows = connection.execute(asked.offset(window.skip).limit(window.limit)).mappings()
            return total, [Result(**row) for row in rows]

        return await self._ground.state.read(work)

    async def media_type(self, sha256: str) -> str:
        """The media type of a picture that was made; raises Refusal (404) for none."""
        asked = select(RESULTS.c.media_type).where(RESULTS.c.sha256 == sha256).limit(1)
        found = await self._ground.state.read(lambda connection: connection.execute(asked).scalar())
        if found is None:
            raise Refusal(404, "there is no such image")
        return str(found)

    async def make(self, work: Work, progress: Progress) -> None:
        """Have the pictures of a brief made. What the shoot manager was told is kept, and not told twice."""
        try:
            await self._make(work, progress)
        except Exception as error:
            # Whoever polls the results sees nothing else of the failure.
            is_told = isinstance(error, PlacketError | AllProvidersFailed)
            await self._fail(work, str(error) if is_told else "the pictures could not be made")
            raise

    async def _make(self, work: Work, progress: Progress) -> None:
        if work.fault == FaultKind.JOB_FAILS:
            raise InvalidInput("the work fails, as a fault rule wants it")
        manager: ShootManager = self._ground.backend.shoot_manager
        skus = await self._told(work, manager)
        if not skus:
            return
        ref = await self._ordered(work, manager, skus)
        job = await manager.start_brief(ref)
        # Shots that are not there in time have failed; those that are there count.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.shoot_timeout):
                async for status in job.events():
                    await self._collect(work, manager, ref, skus, progress)
                    if status.state.is_final:
                        break
        await self._collect(work, manager, ref, skus, progress, is_over=True)

    async def _fail(self, work: Work, reason: str) -> None:
        """Say of everything that is not made that it has failed: of each SKU at least one result."""
        now = self._ground.clock.now().isoformat()
        brief_id = work.request["brief"]
        failed = {"status": FAILED, "reason": reason, "finished_at": now}

        def change(connection: Connection) -> None:
            of_brief = RESULTS.c.brief_id == brief_id
            open_ones = update(RESULTS).where(of_brief, RESULTS.c.status.not_in((COMPLETED, FAILED)))
            connection.execute(open_ones.values(failed))
            known = set(connection.execute(select(RESULTS.c.sku_id).where(of_brief)).scalars())
            for sku_id in work.request["skus"]:
                if sku_id not in known:
                    made = {"id": _result_id(work, sku_id), "brief_id": brief_id, "sku_id": sku_id, "created_at": now}
                    connection.execute(insert(RESULTS).values(**made, **failed, shot_type=""))

        await self._ground.state.write(change)

    async def _told(self, work: Work, manager: ShootManager) -> dict[str, str]:
        """The SKUs of a brief that the shoot manager knows: by the text of their `Ref`, the twin's own ids."""
        known: dict[str, str] = {}
        for sku_id in work.request["skus"]:
            try:
                known[await self._sku(sku_id, manager)] = sku_id
            except (PlacketError, AllProvidersFailed, Refusal) as error:
                result_id = _result_id(work, sku_id)
                await self._put(work, result_id, sku_id, Shot(result_id, "failed"), reason=str(error), is_over=True)
        return known

    async def _sku(self, sku_id: str, manager: ShootManager) -> str:
        sku = await self._skus.by_uuid(sku_id)
        content = [sku.id, sku.name, sku.front_image, sku.back_image, sku.gender]
        key = str(uuid.uuid5(NAMESPACE, repr(content)))
        told = await self._ground.state.get("told-sku", key)
        if told is None:
            images = []
            for role, identifier in (("front", sku.front_image), ("back", sku.back_image)):
                image = await self._uploads.image(identifier) if identifier else None
                if image is not None:
                    images.append(GarmentImage(image, role))
            if not images or images[0].role != "front":
                raise InvalidInput(f"the front image {sku.front_image!r} was never uploaded")
            fields = {"name": sku.name, **({"gender": sku.gender} if sku.gender else {})}
            told = str((await manager.create_sku(SkuDraft(fields, tuple(images)))).ref)
            await self._ground.state.put("told-sku", key, told)
        return str(told)

    async def _ordered(self, work: Work, manager: ShootManager, skus: Mapping[str, str]) -> Ref:
        told = await self._ground.state.get("told-brief", work.id)
        if told is None:
            kinds = await manager.shot_kinds()
            wanted = tuple(WantedShot(**each) for each in work.request["shots"]) or (WantedShot(next(iter(kinds))),)
            draft = BriefDraft(work.request["name"], wanted)
            told = str((await manager.create_brief([Ref.parse(each) for each in skus], draft)).ref)
            await self._ground.state.put("told-brief", work.id, told)
        return Ref.parse(told)

    async def _collect(
        self,
        work: Work,
        manager: ShootManager,
        ref: Ref,
        skus: Mapping[str, str],
        progress: Progress,
        *,
        is_over: bool = False,
    ) -> None:
        shots = await manager.brief_results(ref).collect()
        by_id = {Ref.parse(text).id: sku_id for text, sku_id in skus.items()}
        for shot in shots:
            named = str(shot.details.get("sku", ""))
            sku_id = skus.get(named) or by_id.get(named) or next(iter(skus.values()))
            result_id = _result_id(work, shot.id)
            await self._put(work, result_id, sku_id, shot, reason=str(shot.details.get("reason", "")), is_over=is_over)
        await progress(sum(shot.image is not None for shot in shots), len(shots))

    async def _put(self, work: Work, result_id: str, sku_id: str, shot: Shot, *, reason: str, is_over: bool) -> None:
        sha256 = None
        if shot.image is not None:
            sha256 = await self._uploads.kept_of(shot.image.path, shot.image.url)
        status = _status(shot, is_made=sha256 is not None, is_over=is_over)
        now = self._ground.clock.now().isoformat()
        values = {
            "brief_id": work.request["brief"],
            "sku_id": sku_id,
            "shot_type": shot.shot_type,
            "status": status,
            "sha256": sha256 or "",
            "media_type": shot.image.media_type if shot.image is not None else "",
            "reason": reason if status == FAILED else "",
        }
        ended = {"finished_at": now} if status in (COMPLETED, FAILED) else {}

        def change(connection: Connection) -> None:
            same = RESULTS.c.id == result_id
            known = connection.execute(select(RESULTS.c.status).where(same)).scalar()
            if known is None:
                connection.execute(insert(RESULTS).values(**values, **ended, id=result_id, created_at=now))
            elif known not in (COMPLETED, FAILED):
                connection.execute(update(RESULTS).where(same).values(**values, **ended))

        await self._ground.state.write(change)


def _result_id(work: Work, name: str) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{work.id} {name}"))


def _status(shot: Shot, *, is_made: bool, is_over: bool) -> str:
    if is_made:
        return COMPLETED
    if is_over or shot.state == "failed":
        return FAILED
    return ACTIVE if shot.state in ("running", "in-progress") else CREATED

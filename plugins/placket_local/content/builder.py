"""LocalContent: AR products made on this machine, a 2.5D preview each."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from attrs import asdict, frozen
from msgspec.structs import replace
from sqlalchemy import insert, select, update

from placket.errors import Conflict, InvalidInput, NotFound, PlacketError, Unsupported
from placket.interfaces import (
    ARContentBuilder,
    ArProduct,
    ArProductDraft,
    Job,
    JobState,
    JobStatus,
    Look,
    PolledJob,
    Ref,
    Ticket,
)
from placket.logs import LazyLogger
from placket.record import ArAsset, ClaimBuilder, Method, Variant
from placket.registry import ProviderContext

from ..color_names import Color
from ..database.studio_tables import AR_PRODUCTS
from ..facts import height_of
from ..part import LocalPart
from ..store.linking import known_of_product
from ..store.media import keep, kept_here
from ..store.rows import json_of, microseconds, moment
from ..store.turns import wait_for_turn
from ..studio.garment_photo import PoorCutout
from ..work import SCHEDULE, Task, Work
from .main_color import main_color
from .preview import Photos, Preview, build_preview
from .request import ROLES, TYPE, ArRequest, check, request_of

if TYPE_CHECKING:
    from .. import LocalSettings
    from ..database import Database

_MEDIA_TYPES = {"glb": "model/gltf-binary", "usdz": "model/vnd.usdz+zip"}

WEB = "glb-web"
"""The format of the smaller GLB, which needs a viewer that reads quantised meshes and WebP."""

_log = LazyLogger("placket.local")

_columns = AR_PRODUCTS.c


@frozen
class _Result:
    """What was made of a product, or why it was not. Paths are below the folder of media."""

    assets: tuple[ArAsset, ...] = ()
    assumptions: tuple[str, ...] = ()
    size: tuple[float, ...] = ()
    mask_preview: str = ""


class LocalContent(LocalPart, ARContentBuilder):
    """Makes GLB and USDZ files of photos. They are previews: the depth is made up, and the claims say what else is."""

    def __init__(self, settings: LocalSettings, context: ProviderContext, database: Database | None = None) -> None:
        super().__init__(settings, context, database)
        self._workers = settings.workers
        self._minimum_quality = settings.shot_quality

    @cached_property
    def _work(self) -> Work:
        return Work(self._database, self._context.clock, self._workers, self._do)

    async def product_types(self) -> tuple[str, ...]:
        """There is one: outline from the photo, depth made up."""
        return (TYPE,)

    async def image_roles(self) -> tuple[str, ...]:
        """Photos, and masks that somebody drew."""
        return ROLES

    async def create_product(self, draft: ArProductDraft) -> ArProduct:
        """Make a product. The same draft with the same id is the same product; another draft with it is a Conflict.

        The first configuration has a front picture. Any other has one, too, or is the first in another colour: that
        of its name, or of ``details["colors"]``. ``details["length"]`` is the garment's, in millimetres or with a unit.
        """
        check(draft)
        pictures = {
            each.name: {image.role: await self._kept(image) for image in each.images} for each in draft.configurations
        }
        request = request_of(draft, pictures, self._context.vocabulary)
        product_id = draft.id or str(uuid.uuid4())
        now = microseconds(self._context.clock.now())
        row = {
            "id": product_id,
            "name": draft.name,
            "sku": draft.sku,
            "type": TYPE,
            "request": json_of(request.to_json()),
            "result": b"",
            "created_at": now,
            "updated_at": now,
        }
        async with self._database.writing() as connection:
            await wait_for_turn(connection, [product_id])
            known = (await connection.execute(select(AR_PRODUCTS).where(_columns.id == product_id))).one_or_none()
            if known is None:
                await connection.execute(insert(AR_PRODUCTS), [row])
                await self._work.add(connection, [Task(product_id, product_id, product_id, {})])
            elif not request.same_as(_request(known)) or (known.name, known.sku) != (draft.name, draft.sku):
                raise Conflict(
                    f"there is another AR product with the id {product_id}; use another id, or none",
                    provider=self._context.name,
                )
        return await self.get_product(self._ref(product_id))

    async def _kept(self, image: Any) -> str:
        item = await kept_here(image, self._media, self._context)
        return Path(item.path).relative_to(self._media).as_posix()

    async def get_product(self, product: Ref) -> ArProduct:
        """The product with its files so far; raises NotFound."""
        row = await self._row(product)
        return self._product(row, await self._work.status(row.id), "get_product")

    async def mark_ready(self, product: Ref) -> Job[ArProduct]:
        """Have the files made; what is made already is not made again, unless a file of it is gone.

        The work goes on while this provider is open, and stays to be done when it is closed: `resume` with the ticket
        takes it up.
        """
        row = await self._row(product)
        again = await asyncio.to_thread(self._can_replace, _request(row), _result(row.result))
        async with self._database.writing() as connection:
            await self._work.start(connection, row.id, again=again)
        ticket = Ticket(
            provider=self._context.name,
            interface=self.interface_name,
            operation="mark_ready",
            id=row.id,
            submitted_at=self._context.clock.now(),
        )
        return self._job(ticket)

    def _can_replace(self, request: ArRequest, result: _Result) -> bool:
        """Whether a file that only lies here is gone, and all photos are there to make it anew."""
        gone = any(not asset.url and not (self._media / asset.path).exists() for asset in result.assets)
        photos = (self._media / file for each in request.configurations for file in each.pictures.values())
        return gone and all(photo.exists() for photo in photos)

    async def resume(self, ticket: Ticket) -> Job[Any]:
        """Take up a product that was marked ready before, here or in another process."""
        if (ticket.interface, ticket.operation) != (self.interface_name, "mark_ready"):
            raise InvalidInput(f"ticket {ticket.id} is not one that {self._context.name} gave for an AR product")
        return self._job(ticket)

    def _job(self, ticket: Ticket) -> Job[ArProduct]:
        ref = self._ref(ticket.id)

        async def look() -> Look[ArProduct]:
            row = await self._row(ref)
            status = await self._work.driven(row.id)
            if status.state is not JobState.SUCCEEDED:
                return Look(status)
            return Look(status, self._product(await self._row(ref), status, "mark_ready"))

        return PolledJob(ticket, look, clock=self._context.clock, schedule=SCHEDULE)

    async def _row(self, product: Ref) -> Any:
        if product.provider != self._context.name or product.kind != self.ref_kind:
            name = self._context.name
            raise InvalidInput(f"{product} is no AR product of {name}: write {name}/{self.ref_kind}/<id>")
        async with self._database.reading() as connection:
            row = (await connection.execute(select(AR_PRODUCTS).where(_columns.id == product.id))).one_or_none()
        if row is None:
            raise NotFound(f"there is no AR product {product.id}", provider=self._context.name)
        return row

    def _ref(self, product_id: str) -> Ref:
        return Ref(self._context.name, self.ref_kind, product_id)

    def _product(self, row: Any, status: JobStatus, operation: str) -> ArProduct:
        request, result = _request(row), _result(row.result)
        assets = tuple(replace(asset, path=str(self._media / asset.path)) for asset in result.assets)
        vocabulary = self._context.vocabulary
        build = ClaimBuilder(
            self._context.source(operation), vocabulary, observed_at=self._context.clock.now(), method=Method.RULE
        )
        build.add(f"external_ids.{self._context.name}", row.id)
        build.text("name", row.name, method=Method.MERCHANT)
        build.text("sku", row.sku, method=Method.MERCHANT)
        build.add("ar.state", str(status.state))
        build.add("ar.type", row.type)
        for each in request.configurations:
            color = vocabulary.get("color", each.color) if each.color else None
            ids = {self._context.name: each.id}
            build.add("variants", Variant(each.name, each.sku, color=color, external_ids=ids), method=Method.MERCHANT)
        for asset in assets:
            build.add("ar.assets", asset)
        if result.size:
            build.extra("local", "assumptions", list(result.assumptions))
        raw = {
            "state": str(status.state),
            "reason": status.message,
            "assumptions": list(result.assumptions),
            "size": list(result.size),
            "mask_preview": str(self._media / result.mask_preview) if result.mask_preview else "",
            "created_at": moment(row.created_at).isoformat(),
        }
        return ArProduct(
            self._ref(row.id),
            row.name,
            row.type,
            tuple(Ref(self._context.name, "ar_configuration", each.id) for each in request.configurations),
            assets,
            build.claims,
            status.state,
            raw,
        )

    async def _do(self, task: Task) -> None:
        row = await self._row(self._ref(task.subject))
        try:
            made = await self._work.in_thread(self._build, task, row.name, _request(row), await self._height(row))
            result = _Result(await self._published(made), made.assumptions, made.size)
        except PoorCutout as refused:
            shown = await self._work.in_thread(refused.preview)
            preview = await keep(shown, ".png", self._media, self._context.name)
            await self._store(task, _Result(mask_preview=preview), str(refused))
        except (InvalidInput, Unsupported) as refused:
            await self._store(task, _Result(), str(refused))
        except PlacketError:
            raise
        except Exception as fault:
            _log.warning("ar-product-failed", product=task.subject, error=f"{type(fault).__name__}: {fault}")
            reason = f"a fault of the embedded AR builder ({type(fault).__name__}: {fault}); please report it"
            await self._store(task, _Result(), reason)
        else:
            await self._store(task, result)

    async def _height(self, row: Any) -> float | None:
        """The length in metres: what the draft says, else what the store knows of the product, else nothing."""
        length = _request(row).length
        if length is not None:
            return length / 1000
        async with self._database.reading() as connection:
            return height_of(await known_of_product(connection, row.sku, self._context))

    def _build(self, task: Task, name: str, request: ArRequest, height: float | None) -> Preview:
        labs = {term.id: self._context.vocabulary.lab(term) for term in self._context.vocabulary.terms("color")}
        palette: Mapping[str, Color] = {color: lab for color, lab in labs.items() if lab is not None}
        photos = []
        for each in request.configurations:
            given = {role: self._read(file) for role, file in each.pictures.items()}
            photos.append(
                Photos(
                    each.name,
                    given.get("front"),
                    given.get("back"),
                    palette.get(each.color),
                    given.get("mask"),
                    given.get("back-mask"),
                )
            )
        return build_preview(
            name,
            photos,
            lambda rgb, mask: main_color(rgb, mask, palette),
            height=height,
            minimum_quality=self._minimum_quality,
            told=lambda share: self._work.note(task, share),
        )

    def _read(self, file: str) -> bytes:
        try:
            return (self._media / file).read_bytes()
        except OSError as error:
            raise InvalidInput(
                f"the photo {error.filename} cannot be read ({error.strerror}); make the product anew with its photos"
            ) from error

    async def _published(self, made: Preview) -> tuple[ArAsset, ...]:
        return tuple([await self._asset(file) for file in made.files])

    async def _asset(self, file: Any) -> ArAsset:
        name = await keep(file.data, f".{file.format}", self._media, self._context.name)
        url, host = "", self._context.image_host
        if host is not None:
            # A host that takes pictures only leaves the file where it is: here.
            with suppress(Unsupported):
                url = await host.publish_file(file.data, suffix=f".{file.format}", media_type=_MEDIA_TYPES[file.format])
        return ArAsset(
            WEB if file.profile == "web" else file.format,
            url=url,
            path=name,
            sha256=Path(name).stem,
            byte_size=len(file.data),
            variant=file.variant,
        )

    async def _store(self, task: Task, result: _Result, reason: str = "") -> None:
        state = JobState.FAILED if reason else JobState.SUCCEEDED
        now = microseconds(self._context.clock.now())
        async with self._database.writing() as connection:
            if await self._work.finish(connection, task, state, reason):
                values = {"result": msgspec.json.encode(asdict(result)), "updated_at": now}
                await connection.execute(update(AR_PRODUCTS).where(_columns.id == task.subject).values(values))

    async def aclose(self) -> None:
        """Stop; what is not finished stays to be done."""
        if "_work" in self.__dict__:
            await self._work.aclose()
        await super().aclose()


def _request(row: Any) -> ArRequest:
    return ArRequest.from_json(msgspec.json.decode(row.request))


def _result(stored: bytes) -> _Result:
    if not stored:
        return _Result()
    told = msgspec.json.decode(stored)
    return _Result(
        tuple(ArAsset(**asset) for asset in told["assets"]),
        tuple(told["assumptions"]),
        tuple(told["size"]),
        told["mask_preview"],
    )

"""A product is built: its pictures go to an `ARContentBuilder`, and the files that come back are kept here."""

from __future__ import annotations

import asyncio
import hashlib
import json
import mimetypes
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from placket.errors import AllProvidersFailed, InvalidInput, PlacketError
from placket.interfaces import ArConfiguration, ARContentBuilder, ArProductDraft, GarmentImage, Image
from placket.record import ArAsset
from placket.testing import FaultKind

from ..files import write_whole
from ..vendor import Ground
from ..works import Progress, Work
from .settings import PictofitSettings
from .stock import Configuration, PictureFile, Product, ResultFile, Stock
from .words import FRONTAL, REFERENCE, Words

NAMESPACE = uuid.UUID("0c2f2b5e-8c0b-4f0c-9a57-3d5f0e6d8b11")
"""For ids that follow from something else."""

_ROLES: Mapping[str, str] = {FRONTAL: "front", REFERENCE: "reference"}

_RESULTS: Mapping[str, tuple[str, str, str]] = {
    "glb": ("WEB", "asset.glb", "model/gltf-binary"),
    "glb-web": ("WEB", "asset.min.glb", "model/gltf-binary"),
    "usdz": ("MOBILE", "asset.usdz", "model/vnd.usdz+zip"),
}
"""Type, name and media type of a result by the format of the file that was built."""


class Building:
    """Builds products. What is finished stays so: work that is done again after a crash goes on where it was."""

    def __init__(self, ground: Ground, settings: PictofitSettings, stock: Stock, words: Words) -> None:
        self._ground = ground
        self._settings = settings
        self._stock = stock
        self._words = words

    async def build(self, work: Work, progress: Progress) -> None:
        """Build all configurations of a product that are not built yet."""
        if work.fault == FaultKind.JOB_FAILS:
            raise InvalidInput("the work fails, as a fault rule wants it")
        product = await self._stock.product(work.id)
        configurations = await self._stock.configurations(product.id)
        for number, configuration in enumerate(configurations):
            await progress(number, len(configurations))
            if configuration.is_ready and not configuration.outcome:
                await self._one(product, configuration)
        await progress(len(configurations), len(configurations))

    async def _one(self, product: Product, configuration: Configuration) -> None:
        try:
            results = await self._results(product, configuration)
        except (PlacketError, AllProvidersFailed) as error:
            await self._stock.finish(configuration, (), str(error))
        else:
            await self._stock.finish(configuration, results)

    async def _results(self, product: Product, configuration: Configuration) -> Sequence[ResultFile]:
        builder: ARContentBuilder = self._ground.backend.ar_content_builder
        pictures = await self._stock.pictures(configuration.id)
        if not any(self._words.picture_types[each.type_id] == FRONTAL for each in pictures):
            raise InvalidInput("the configuration has no frontal picture")
        images = await self._images(pictures, await builder.image_roles())
        name = self._words.product_types[product.type_id]
        draft = ArProductDraft(
            name=product.name,
            configurations=(ArConfiguration(configuration.name, images, configuration.sku or "", id=configuration.id),),
            sku=product.sku or "",
            type=name if name in await builder.product_types() else "",
            id=_draft_id(product, configuration, pictures),
        )
        made = await builder.create_product(draft)
        job = await builder.mark_ready(made.ref)
        finished = await job.result(self._settings.build_timeout)
        here = [asset for asset in finished.assets if asset.path]
        kept = [await self._kept(configuration, number, asset) for number, asset in enumerate(here)]
        if not kept:
            raise InvalidInput("the builder has left no file on this machine")
        return kept

    async def _images(self, pictures: Sequence[PictureFile], known: Sequence[str]) -> tuple[GarmentImage, ...]:
        """One picture of each role that the builder has: the latest."""
        latest = {_ROLES[self._words.picture_types[each.type_id]]: each for each in pictures}
        found = []
        for role, picture in latest.items():
            if role in known:
                data = await asyncio.to_thread(self._stock.file(picture.sha256).read_bytes)
                found.append(GarmentImage(Image.of(data), role))
        return tuple(found)

    async def _kept(self, configuration: Configuration, number: int, asset: ArAsset) -> ResultFile:
        data = await asyncio.to_thread(Path(asset.path).read_bytes)
        suffix = Path(asset.path).suffix
        guessed = mimetypes.guess_type(f"asset{suffix}")[0] or "application/octet-stream"
        kind, name, media_type = _RESULTS.get(asset.format, ("MOBILE", f"asset{suffix}", guessed))
        return ResultFile(
            id=str(uuid.uuid5(NAMESPACE, f"{configuration.id} {number} {name}")),
            configuration_id=configuration.id,
            type=kind,
            name=name,
            media_type=media_type,
            size=len(data),
            sha256=await keep(self._stock, data),
        )


def _draft_id(product: Product, configuration: Configuration, pictures: Sequence[PictureFile]) -> str:
    """The same content is the same product at the builder, so that a repetition after a crash builds nothing twice."""
    said = [product.name, product.sku, configuration.id, configuration.name, configuration.sku]
    return str(uuid.uuid5(NAMESPACE, json.dumps([*said, *(each.id for each in pictures)])))


async def keep(stock: Stock, data: bytes) -> str:
    """Keep a file; gives its SHA-256."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = stock.file(sha256)
    if not await asyncio.to_thread(path.exists):
        await asyncio.to_thread(write_whole, path, lambda file: file.write(data))
    return sha256

"""A process of its own that makes shots or an AR product, for tests that kill it.

``studio_worker.py brief|product FOLDER AHEAD [TICKET [LIMIT]]``: ``AHEAD`` are seconds by which its clock is ahead, so
that what a killed process had begun counts as abandoned; ``LIMIT`` is the size in bytes that no file may exceed. With
no ticket it begins: a brief for garments made of the photos in ``FOLDER/photos``, or an AR product made of
``FOLDER/front.png``. It prints the ticket, then each progress, then ``done``; or the error that stopped it.
"""

import asyncio
import resource
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import placket
from placket.errors import PlacketError
from placket.interfaces import (
    ArConfiguration,
    ARContentBuilder,
    ArProductDraft,
    BriefDraft,
    GarmentImage,
    Image,
    ShootManager,
    SkuDraft,
    SystemClock,
    WantedShot,
)

WANTED = (WantedShot("pack-shot"), WantedShot("detail", count=2), WantedShot("color", color="green"))


class AheadClock(SystemClock):
    __slots__ = ("ahead",)

    def __init__(self, seconds: float) -> None:
        self.ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self.ahead


async def brief(router: Any, folder: Path) -> Any:
    shoots, skus = router.interface(ShootManager), []
    for photo in sorted((folder / "photos").iterdir()):
        draft = SkuDraft({"name": photo.stem, "sku": photo.stem}, (GarmentImage(Image.of(photo)),))
        skus.append((await shoots.create_sku(draft)).ref)
    made = await shoots.create_brief(skus, BriefDraft("crash", WANTED))
    return await shoots.start_brief(made.ref)


async def product(router: Any, folder: Path) -> Any:
    builder, images = router.interface(ARContentBuilder), (GarmentImage(Image.of(folder / "front.png")),)
    draft = ArProductDraft("Shirt", (ArConfiguration("Red", images), ArConfiguration("Navy", ())), id="P")
    return await builder.mark_ready((await builder.create_product(draft)).ref)


BEGIN: Mapping[str, Callable[[Any, Path], Awaitable[Any]]] = {"brief": brief, "product": product}


async def main(kind: str, folder: Path, ahead: float, ticket: str) -> None:
    targets = {name: {"targets": ["here"]} for name in ("shoot_manager", "ar_content_builder")}
    config = {"providers": {"here": {"plugin": "local"}}, "routes": targets}
    async with placket.open(config, data_folder=folder, clock=AheadClock(ahead)) as router:
        try:
            job = await (router.resume(ticket) if ticket else BEGIN[kind](router, folder))
            if not ticket:
                print(job.ticket.to_json(), flush=True)
            async for status in job.events():
                print(status.progress, flush=True)
            await job.result()
            print("done", flush=True)
        except PlacketError as error:
            print(f"{type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    kind, folder, ahead, ticket, limit = [*sys.argv[1:], "", ""][:5]
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    asyncio.run(main(kind, Path(folder), float(ahead), ticket))

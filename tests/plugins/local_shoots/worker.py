"""A process of its own that works on a brief, for tests that kill it: ``worker.py FOLDER AHEAD [TICKET]``.

``AHEAD`` are seconds by which its clock is ahead, so that what a killed process had begun counts as abandoned. With no
ticket it makes garments of the photos in ``FOLDER/photos`` and a brief, and starts it. It prints the ticket, then each
progress, then ``done``; or the name of the error that stopped it.
"""

import asyncio
import resource
import sys
from datetime import datetime, timedelta
from pathlib import Path

import placket
from placket.errors import PlacketError
from placket.interfaces import BriefDraft, GarmentImage, Image, ShootManager, SkuDraft, SystemClock, WantedShot

WANTED = (WantedShot("pack-shot"), WantedShot("detail", count=2), WantedShot("color", color="green"))


class AheadClock(SystemClock):
    def __init__(self, seconds: float) -> None:
        self.ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self.ahead


async def main(folder: Path, ahead: float, ticket: str) -> None:
    config = {"providers": {"here": {"plugin": "local"}}, "routes": {"shoot_manager": {"targets": ["here"]}}}
    async with placket.open(config, data_folder=folder, clock=AheadClock(ahead)) as router:
        shoots = router.interface(ShootManager)
        try:
            if ticket:
                job = await router.resume(ticket)
            else:
                skus = []
                for photo in sorted((folder / "photos").iterdir()):
                    images = (GarmentImage(Image.of(photo)),)
                    skus.append(
                        (await shoots.create_sku(SkuDraft({"name": photo.stem, "sku": photo.stem}, images))).ref
                    )
                brief = await shoots.create_brief(skus, BriefDraft("crash", WANTED))
                job = await shoots.start_brief(brief.ref)
                print(job.ticket.to_json(), flush=True)
            async for status in job.events():
                print(status.progress, flush=True)
            await job.result()
            print("done", flush=True)
        except PlacketError as error:
            print(f"{type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 4:
        limit = int(sys.argv[4])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""))

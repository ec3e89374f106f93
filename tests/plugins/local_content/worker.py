"""A process of its own that builds an AR product, for tests that kill it: ``worker.py FOLDER AHEAD [TICKET]``.

``AHEAD`` are seconds by which its clock is ahead, so that what a killed process had begun counts as abandoned. It
prints the ticket, then each progress, then ``done``.
"""

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

import placket
from placket.interfaces import ArConfiguration, ARContentBuilder, ArProductDraft, GarmentImage, Image, SystemClock


class AheadClock(SystemClock):
    def __init__(self, seconds: float) -> None:
        self.ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self.ahead


async def main(folder: Path, ahead: float, ticket: str) -> None:
    config = {"providers": {"here": {"plugin": "local"}}, "routes": {"ar_content_builder": {"targets": ["here"]}}}
    async with placket.open(config, data_folder=folder, clock=AheadClock(ahead)) as router:
        if ticket:
            job = await router.resume(ticket)
        else:
            images = (GarmentImage(Image.of(folder / "front.png")),)
            draft = ArProductDraft("Shirt", (ArConfiguration("Red", images), ArConfiguration("Navy", ())), id="P")
            product = await router.interface(ARContentBuilder).create_product(draft)
            job = await router.interface(ARContentBuilder).mark_ready(product.ref)
        print(job.ticket.to_json(), flush=True)
        async for status in job.events():
            print(status.progress, flush=True)
        await job.result()
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""))

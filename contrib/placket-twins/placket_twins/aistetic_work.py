"""What happens to a garment after its upload: it waits, its picture is fetched and looked at, it is done or failed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

from attrs import define, field, frozen

from placket.errors import PlacketError
from placket.interfaces import Clock, Garment, GarmentImage, GarmentTagger, Image
from placket.logs import LazyLogger

from .aistetic_words import AisteticWords

log = LazyLogger("placket_twins.aistetic")

_KEPT = 1000
"""Uploads held in memory; the oldest is forgotten first."""

_AT_ONCE = 2
"""Pictures looked at side by side: looking is work for the processor."""


class ImageFetcher(Protocol):
    """Fetches a picture from an address that a stranger chose; `placket.transport.SafeFetcher` is one."""

    async def fetch_image(self, url: str) -> bytes:
        """Return the picture's bytes, or raise a PlacketError."""


@frozen
class Upload:
    """What a client sent."""

    uuid: str
    image_url: str
    attributes: Mapping[str, str] = field(factory=dict)


@define(eq=False)
class Work:
    """One upload and what has become of it. ``answer`` and ``failure`` stay empty while it goes on."""

    upload: Upload
    accepted_at: float
    task: asyncio.Task[None] | None = None
    answer: Mapping[str, Any] | None = None
    failure: str = ""


class Workshop:
    """Looks at what was uploaded, in the background.

    A garment waits for ``queuing`` seconds and takes at least ``processing`` more; a real vendor takes its time, too.
    Close it with `aclose`: what is under way is given up.
    """

    def __init__(
        self, tagger: GarmentTagger, fetcher: ImageFetcher, clock: Clock, *, queuing: float, processing: float
    ) -> None:
        self._tagger = tagger
        self._fetcher = fetcher
        self._clock = clock
        self._queuing = queuing
        self._processing = processing
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._works: OrderedDict[str, Work] = OrderedDict()

    def find(self, uuid: str) -> Work | None:
        """The upload of that uuid, None when there was none."""
        return self._works.get(uuid)

    def accept(self, upload: Upload) -> None:
        """Begin; an earlier upload of the same uuid is given up and forgotten."""
        self._forget(upload.uuid)
        work = self._works[upload.uuid] = Work(upload, self._clock.monotonic())
        work.task = asyncio.create_task(self._look(work), name=f"aistetic twin: {upload.uuid}")
        if len(self._works) > _KEPT:
            self._forget(next(iter(self._works)))

    def phase(self, work: Work) -> str:
        """The vendor's word for where it stands: queuing, processing, complete or failed."""
        passed = self._clock.monotonic() - work.accepted_at
        if passed < self._queuing:
            return "queuing"
        if passed < self._queuing + self._processing or (work.answer is None and not work.failure):
            return "processing"
        return "failed" if work.failure else "complete"

    async def settled(self) -> None:
        """Return when nothing is being looked at any more."""
        await asyncio.gather(*(work.task for work in self._works.values() if work.task), return_exceptions=True)

    async def aclose(self) -> None:
        """Give up what is under way."""
        for work in self._works.values():
            if work.task is not None:
                work.task.cancel()
        await self.settled()
        self._works.clear()

    def _forget(self, uuid: str) -> None:
        work = self._works.pop(uuid, None)
        if work is not None and work.task is not None:
            work.task.cancel()

    async def _look(self, work: Work) -> None:
        upload = work.upload
        try:
            async with self._places:
                picture = await self._fetcher.fetch_image(upload.image_url)
                garment = Garment(upload.uuid, (GarmentImage(Image.of(picture)),))
                findings = await self._tagger.tag(garment)
            work.answer = AisteticWords.load().answer(findings, upload.attributes)
        except PlacketError as error:
            work.failure = str(error)
        except Exception as error:
            # A tagger of somebody else's may raise anything; the client is told that it failed, as a vendor would.
            log.warning("tagger_raised", uuid=upload.uuid, error=repr(error))
            work.failure = f"the image could not be processed ({type(error).__name__})"

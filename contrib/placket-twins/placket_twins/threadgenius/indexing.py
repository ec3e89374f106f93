"""The work on catalogs beside the requests. All of it may be begun again at any time, from its beginning."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from placket.errors import AllProvidersFailed, InvalidInput, JobFailed, NotFound, PlacketError, Unsupported
from placket.interfaces import CatalogItem, Image, Ref, VisualSearch

from ..vendor import Ground
from ..works import Progress, Work
from .catalog_file import BadLine, Line, read_catalog_file
from .catalogs import INDEX, REMOVE, UPLOAD, Catalogs
from .pictures import cropped
from .quirks import ThreadGeniusQuirks
from .shelf import Entry, Shelf
from .tables import INDEXED
from .usage import Usage

BATCH = 64
"""Images that are fetched, handed over and indexed together: what a crash can cost, and what memory holds."""

_ROWS = 2_000
_SHOWN = 100


class Indexing:
    """Reads catalog files, has the backend index images, and removes what belonged to a catalog."""

    def __init__(
        self, ground: Ground, quirks: ThreadGeniusQuirks, catalogs: Catalogs, shelf: Shelf, usage: Usage
    ) -> None:
        self._ground = ground
        self._quirks = quirks
        self._catalogs = catalogs
        self._shelf = shelf
        self._usage = usage

    def start(self) -> None:
        """Name the runners."""
        self._ground.works.on(UPLOAD, self._upload)
        self._ground.works.on(INDEX, self._index)
        self._ground.works.on(REMOVE, self._remove, keep=0)

    async def _upload(self, work: Work, progress: Progress) -> None:
        while (waiting := await self._shelf.oldest_file(work.id)) is not None:
            await self._read(work.id, *waiting, progress)

    async def _read(self, catalog_id: str, number: int, content: bytes, progress: Progress) -> None:
        lines, problems = await asyncio.to_thread(self._lines, content)
        entries = [Entry(line.id, line.url, line.metadata) for line in lines]
        if not entries and not problems:
            problems = ["the catalog file is empty"]
        if problems and (not entries or self._quirks.bad_line == "fails"):
            await self._shelf.drop_file(number, [self._usage.counted("catalog_upload", 0)])
            raise InvalidInput("\n".join(_first(problems)))
        if self._quirks.second_upload == "replaces":
            gone = await self._shelf.ids(catalog_id) - {entry.id for entry in entries}
            await self._shelf.remove(catalog_id, gone)
            await self._catalogs.withdraw((await self._catalogs.get(catalog_id)).ref, sorted(gone))
        for start in range(0, len(entries), _ROWS):
            await self._shelf.put(catalog_id, entries[start : start + _ROWS])
            await progress(min(start + _ROWS, len(entries)), len(entries))
        catalog = await self._catalogs.get(catalog_id)
        total = await self._shelf.count(catalog_id)
        errors = _first([*catalog.file_errors, *(each for each in problems if each not in catalog.file_errors)])
        await self._catalogs.change(catalog_id, total=total, file_errors=errors)
        await self._shelf.drop_file(number, [self._usage.counted("catalog_upload", len(entries))])

    def _lines(self, content: bytes) -> tuple[list[Line], list[str]]:
        read = list(
            read_catalog_file(
                content, header=self._quirks.header_line == "skipped", quoting=self._quirks.quoting == "csv"
            )
        )
        return (
            [each for each in read if isinstance(each, Line)],
            [str(each) for each in read if isinstance(each, BadLine)],
        )

    async def _index(self, work: Work, progress: Progress) -> None:
        self._catalogs.begin(work.id)
        try:
            # Files are waiting here only where indexing may be asked for before the upload is done.
            await self._upload(work, progress)
            await self._shelf.refresh(work.id)
            while True:
                self._catalogs.begin(work.id)
                counts = await self._index_fresh(work.id, progress)
                if self._catalogs.is_done(work.id):
                    break
            self._judge(*counts)
        finally:
            self._catalogs.stop(work.id)

    async def _index_fresh(self, catalog_id: str, progress: Progress) -> tuple[int, int]:
        """Index what waits for it, and return how many images are indexed, of how many."""
        ref = await self._backend_catalog(catalog_id)
        total = await self._shelf.count(catalog_id)
        done = await self._shelf.count(catalog_id, INDEXED)
        await self._catalogs.change(catalog_id, total=total)
        errors, indexed = await self._before(ref)
        done = done if indexed is None else min(done, indexed)
        await progress(done, total)
        while entries := await self._shelf.fresh(catalog_id, BATCH):
            failed, errors, indexed = await self._index_batch(ref, entries)
            await self._shelf.tell(entries, failed)
            done = await self._shelf.count(catalog_id, INDEXED)
            done = done if indexed is None else min(done, indexed)
            await progress(done, max(total, done))
        await self._catalogs.change(catalog_id, index_errors=_first(errors))
        return done, total

    async def _before(self, ref: Ref) -> tuple[Sequence[str], int | None]:
        """What the backend says of a catalog before anything is added: errors, and its count of images."""
        try:
            found = await self._ground.backend.visual_search.get_catalog(ref)
        except Unsupported:
            return (), None
        return found.errors, found.items_indexed

    def _judge(self, done: int, total: int) -> None:
        """Raise InvalidInput where indexing has failed."""
        if not total:
            raise InvalidInput("the catalog has no images")
        if not done:
            raise InvalidInput(f"none of the {total} images could be indexed")
        if self._quirks.bad_image == "fails" and done < total:
            raise InvalidInput(f"{total - done} of the {total} images could not be indexed")

    async def _index_batch(
        self, ref: Ref, entries: Sequence[Entry]
    ) -> tuple[dict[str, str], Sequence[str], int | None]:
        """Index some images: which failed and why, what the backend says went wrong, and its count of all images."""
        search: VisualSearch = self._ground.backend.visual_search
        made = await asyncio.gather(*map(self._item, entries))
        failed = {entry.id: each for entry, each in zip(entries, made, strict=True) if isinstance(each, str)}
        items = [each for each in made if isinstance(each, CatalogItem)]
        if not items:
            return failed, (), None
        failed |= dict((await search.add_items(ref, _streamed(items))).refused)
        try:
            found = await (await search.index(ref)).result()
        except (JobFailed, AllProvidersFailed) as error:
            if not _job_failed(error):
                raise
            failed |= {item.id: str(error) for item in items}
            return failed, (), None
        return failed, found.errors, found.items_indexed

    async def _item(self, entry: Entry) -> CatalogItem | str:
        try:
            data = entry.picture or await self._ground.fetcher.fetch_image(entry.url)
            if entry.crop is not None:
                data = await asyncio.to_thread(cropped, data, entry.crop)
            image = Image(data=data, url=entry.url)
            image.content()
        except PlacketError as error:
            return str(error)
        details: Any = entry.details
        return CatalogItem(entry.id, image, details if isinstance(details, dict) else {})

    async def _backend_catalog(self, catalog_id: str) -> Ref:
        catalog = await self._catalogs.get(catalog_id)
        if catalog.ref:
            return Ref.parse(catalog.ref)
        made = await self._ground.backend.visual_search.create_catalog(f"{catalog.name} {catalog_id}")
        await self._catalogs.change(catalog_id, ref=str(made.ref))
        ref: Ref = made.ref
        return ref

    async def _remove(self, work: Work, progress: Progress) -> None:  # noqa: ARG002 - nobody watches
        kept = await self._catalogs.forget(work.id)
        # The indexing that this has ended may have made the backend's catalog after the request was noted.
        for ref in {work.request["ref"], kept.ref if kept else ""} - {""}:
            try:
                await self._ground.backend.visual_search.delete_catalog(Ref.parse(ref))
            except NotFound:
                continue
        await self._shelf.clear(work.id)


async def _streamed(items: Iterable[CatalogItem]) -> AsyncIterator[CatalogItem]:
    for item in items:
        yield item


def _job_failed(error: BaseException) -> bool:
    if isinstance(error, AllProvidersFailed):
        return all(map(_job_failed, error.exceptions))
    return isinstance(error, JobFailed)


def _first(errors: Sequence[str]) -> list[str]:
    """What is kept of many errors."""
    if len(errors) <= _SHOWN:
        return list(errors)
    return [*errors[:_SHOWN], f"and {len(errors) - _SHOWN} more"]

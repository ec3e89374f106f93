"""Catalogs: made, filled, indexed by the backend in the background, searched, removed. The same for both versions."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from attrs import asdict, frozen

from placket.errors import NotFound, Unsupported
from placket.interfaces import Hit, Query, Ref, VisualSearch

from ..refusal import Refusal
from ..vendor import Ground
from ..works import DONE, FAILED, Work
from .quirks import ThreadGeniusQuirks
from .shelf import Entry, Shelf
from .usage import Usage

NEW, UPLOADING, UPLOADED, UPLOAD_ERROR = "new", "uploading", "upload done", "upload error"
INDEXING, READY, INDEX_ERROR = "indexing", "ready for query", "index error"

UPLOAD, INDEX, REMOVE = "upload", "index", "remove"
"""The kinds of work on a catalog. Its work has the catalog's id: what comes later replaces what is under way."""

_KIND = "catalog"

_ERRORS = 100

_WORDS = {
    UPLOAD: (UPLOADING, UPLOADED, UPLOAD_ERROR),
    INDEX: (INDEXING, READY, INDEX_ERROR),
}


@frozen(kw_only=True)
class Catalog:
    """A catalog as it is kept. ``ref`` is the backend's catalog, empty before the first indexing.

    ``total`` is None before the first upload. ``file_errors`` and ``index_errors`` tell what went wrong.
    """

    id: str
    version: int
    name: str
    created_at: float
    ref: str = ""
    total: int | None = None
    file_errors: Sequence[str] = ()
    index_errors: Sequence[str] = ()


@frozen
class Standing:
    """A catalog, and the latest work on it."""

    catalog: Catalog
    work: Work | None

    @property
    def status(self) -> str:
        """The vendor's word for where it stands."""
        if self.work is None:
            return NEW
        under_way, done, failed = _WORDS[self.work.kind]
        return done if self.work.state == DONE else under_way if not self.work.is_over else failed

    @property
    def indexed(self) -> int | None:
        """How many images are indexed, None before anybody asked for it."""
        return self.work.done if self.work and self.work.kind == INDEX else None


class Catalogs:
    """The catalogs of the account. Each version has its own: nothing says that they saw each other's."""

    def __init__(self, ground: Ground, quirks: ThreadGeniusQuirks, shelf: Shelf, usage: Usage) -> None:
        self._ground = ground
        self._quirks = quirks
        self._shelf = shelf
        self._usage = usage
        self._indexing: set[str] = set()
        self._again: set[str] = set()

    async def create(self, name: str, version: int) -> Standing:
        """Make an empty catalog."""
        catalog_id = secrets.token_hex(8) if version == 0 else f"catalog_{secrets.token_hex(15)}"
        now = self._ground.clock.now().timestamp()
        catalog = Catalog(id=catalog_id, version=version, name=name, created_at=now)
        await self._ground.state.put(_KIND, catalog_id, asdict(catalog))
        return Standing(catalog, None)

    async def find(self, catalog_id: str, version: int) -> Standing:
        """One catalog; raises Refusal (404)."""
        body = await self._ground.state.get(_KIND, catalog_id)
        work = await self._ground.works.get(catalog_id)
        if body is None or body["version"] != version or (work and work.kind == REMOVE):
            raise Refusal(404, "Catalog not found.", details=_KIND)
        return Standing(Catalog(**body), work)

    async def all(self, version: int) -> list[Standing]:
        """All catalogs, the newest first."""
        found = []
        for each in await self._ground.state.list(_KIND, newest_first=True):
            if each.body["version"] == version:
                work = await self._ground.works.get(each.id)
                if work is None or work.kind != REMOVE:
                    found.append(Standing(Catalog(**each.body), work))
        return found

    async def upload(self, standing: Standing, content: bytes, path: str) -> None:
        """Take a catalog file; it is read in the background."""
        if standing.status == INDEXING and self._quirks.out_of_phase == "refused":
            raise Refusal(400, "The catalog is being indexed.")
        if standing.status != UPLOADING:
            await self.change(standing.catalog.id, file_errors=[])
        await self._shelf.put_file(standing.catalog.id, content)
        await self._ground.works.start(UPLOAD, {}, work_id=standing.catalog.id, path=path)

    async def index(self, standing: Standing, path: str) -> None:
        """Begin to index; a catalog that is being indexed goes on."""
        if standing.status == INDEXING:
            return
        if standing.status in (NEW, UPLOADING, UPLOAD_ERROR) and self._quirks.out_of_phase == "refused":
            raise Refusal(400, f"The catalog cannot be indexed while its status is '{standing.status}'.")
        self._usage.count("catalog_index", standing.catalog.total or 0)
        await self._ground.works.start(INDEX, {}, work_id=standing.catalog.id, path=path)

    async def add(self, standing: Standing, entries: Sequence[Entry], path: str) -> None:
        """Add images, and index them in the background."""
        catalog_id = standing.catalog.id
        await self._shelf.put(catalog_id, entries)
        self._usage.count("catalog_upload", len(entries))
        if catalog_id in self._indexing:
            self._again.add(catalog_id)
        else:
            await self._ground.works.start(INDEX, {}, work_id=catalog_id, path=path)

    def begin(self, catalog_id: str) -> None:
        """Note that indexing looks for images from now on."""
        self._indexing.add(catalog_id)
        self._again.discard(catalog_id)

    def is_done(self, catalog_id: str) -> bool:
        """Whether indexing may end: nothing was added since it began to look. It has ended then."""
        if catalog_id in self._again:
            return False
        self._indexing.discard(catalog_id)
        return True

    def stop(self, catalog_id: str) -> None:
        """Note that indexing has ended, whatever was added."""
        self._indexing.discard(catalog_id)

    async def remove(self, standing: Standing, path: str) -> None:
        """Remove a catalog: at once for everybody who asks, and what it holds in the background."""
        await self._ground.works.start(REMOVE, {"ref": standing.catalog.ref}, work_id=standing.catalog.id, path=path)

    async def forget(self, catalog_id: str) -> Catalog | None:
        """Forget that there was a catalog."""
        body = await self._ground.state.take(_KIND, catalog_id)
        return None if body is None else Catalog(**body)

    async def change(self, catalog_id: str, **values: Any) -> None:
        """Change what is kept of a catalog."""
        await self._ground.state.change(_KIND, catalog_id, lambda body: None if body is None else {**body, **values})

    async def get(self, catalog_id: str) -> Catalog:
        """What is kept of a catalog; raises NotFound."""
        body = await self._ground.state.get(_KIND, catalog_id)
        if body is None:
            raise NotFound("Catalog not found.")
        return Catalog(**body)

    async def errors(self, standing: Standing) -> list[str]:
        """Everything that went wrong in uploading and indexing."""
        catalog, work = standing.catalog, standing.work
        images = await self._shelf.errors(catalog.id, _ERRORS)
        found = [*catalog.file_errors, *(f"{image}: {reason}" for image, reason in images), *catalog.index_errors]
        if work is not None and work.state == FAILED and work.error not in found:
            found.append(work.error)
        return found

    async def search(self, standing: Standing, query: Query) -> list[tuple[Entry, Hit]]:
        """What looks like the query, the most alike first."""
        catalog = standing.catalog
        if not catalog.ref:
            return []
        search: VisualSearch = self._ground.backend.visual_search
        found = await search.search(query, [Ref.parse(catalog.ref)])
        entries = await self._shelf.named(catalog.id, [hit.id for hit in found.hits])
        return [(entries[hit.id], hit) for hit in found.hits if hit.id in entries]

    async def drop(self, standing: Standing, ids: Sequence[str]) -> int:
        """Remove images from a catalog, and return how many there were."""
        removed = await self._shelf.remove(standing.catalog.id, ids)
        await self.withdraw(standing.catalog.ref, ids)
        return removed

    async def withdraw(self, ref: str, ids: Sequence[str]) -> None:
        """Have the backend forget images; one that cannot keeps them, and no search shows them."""
        if ref and ids:
            try:
                await self._ground.backend.visual_search.delete_items(Ref.parse(ref), list(ids))
            except (Unsupported, NotFound):
                return

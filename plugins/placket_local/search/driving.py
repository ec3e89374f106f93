"""Who indexes a catalog, and the round of reading pictures, embedding them and storing what came of it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from placket.errors import PlacketError
from placket.interfaces import Image
from placket.registry import ProviderContext

from .copies import folder_of

BATCH = 32
"""Pictures that are read, embedded and committed together: what a crash can cost, and what memory holds."""


class Driving(ABC):
    """The indexing of catalogs by this process; one works on a catalog at a time, and the others watch it."""

    def __init__(self, context: ProviderContext) -> None:
        self._context = context
        self._pictures = folder_of(context)
        self._running: dict[int, asyncio.Task[None]] = {}

    @abstractmethod
    async def _take(self, catalog: int) -> bool:
        """Become the one that indexes a catalog; False where somebody is it already. A death gives it back."""

    @abstractmethod
    async def _give_back(self, catalog: int) -> None:
        """Let others index the catalog; nothing where they may already."""

    @abstractmethod
    async def _unread(self, catalog: int) -> Sequence[Any]:
        """Some of the items that have no vector yet, as rows with ``path`` and ``url``; none when all is done."""

    @abstractmethod
    async def _embed(self, catalog: int, rows: Sequence[Any], files: Sequence[bytes | PlacketError]) -> None:
        """Embed the pictures of items, and store the vectors, or why there are none."""

    @abstractmethod
    async def _renew_index(self, catalog: int) -> None:
        """See to it that a large catalog is searched fast."""

    async def drive(self, catalog: int) -> None:
        """See to it that somebody indexes; raises what stopped the work here."""
        await self.settle(catalog, ended=False)
        if catalog not in self._running and await self._take(catalog):
            self._running[catalog] = task = asyncio.create_task(self._work(catalog))
            task.add_done_callback(_seen)

    async def settle(self, catalog: int, *, ended: bool) -> None:
        """Raise what stopped the work here; work that has ``ended`` is waited for."""
        task = self._running.get(catalog)
        if task is not None and ended:
            await asyncio.wait([task])
        if task is not None and task.done():
            if self._running.get(catalog) is task:
                del self._running[catalog]
            task.result()

    async def aclose(self) -> None:
        """Stop after the batch under way; what is left is for whoever resumes."""
        for catalog, task in list(self._running.items()):
            task.cancel()
            await asyncio.wait([task])
            # One that was cancelled before it began has given nothing back.
            await self._give_back(catalog)

    async def _work(self, catalog: int) -> None:
        try:
            while True:
                rows = await self._unread(catalog)
                if rows:
                    files = [await self._file(row) for row in rows]
                    await self._embed(catalog, rows, files)
                await self._renew_index(catalog)
                if not rows:
                    return
        finally:
            await self._give_back(catalog)

    async def _file(self, row: Any) -> bytes | PlacketError:
        image = Image.of(self._pictures / row.path) if row.path else Image.of(row.url)
        try:
            return await self._context.content(image)
        except PlacketError as error:
            return error


def _seen(task: asyncio.Task[None]) -> None:
    # What went wrong is raised by the next look; where nobody looks again it is nobody's concern.
    if not task.cancelled():
        task.exception()

"""Indexing a catalog: a job that waits for what was uploaded, asks for the index, and watches until it is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from placket.errors import InvalidInput
from placket.interfaces import (
    Catalog,
    CatalogState,
    Job,
    JobState,
    JobStatus,
    Look,
    PolledJob,
    PollSchedule,
    Ticket,
    VisualSearch,
)
from placket.registry import ProviderContext

from .protocol import Protocol

if TYPE_CHECKING:
    from . import ThreadGeniusSettings

JOB_STATES: Mapping[CatalogState, JobState] = {
    CatalogState.EMPTY: JobState.QUEUED,
    CatalogState.UPLOADING: JobState.QUEUED,
    CatalogState.UPLOADED: JobState.QUEUED,
    CatalogState.INDEXING: JobState.RUNNING,
    CatalogState.READY: JobState.SUCCEEDED,
    CatalogState.FAILED: JobState.FAILED,
    CatalogState.UNKNOWN: JobState.UNKNOWN,
}

_LONGEST_PAUSE = 60.0


class Indexing:
    """Starts and resumes the indexing of catalogs."""

    def __init__(
        self,
        settings: ThreadGeniusSettings,
        context: ProviderContext,
        protocol: Protocol,
        get: Callable[[str], Awaitable[Catalog]],
    ) -> None:
        self._settings = settings
        self._context = context
        self._protocol = protocol
        self._get = get

    async def start(self, catalog_id: str) -> Job[Catalog]:
        """Ask for the index now, or leave it to the job when the catalog is still being uploaded."""
        asked = (await self._get(catalog_id)).state is not CatalogState.UPLOADING
        if asked:
            await self._protocol.start_index(catalog_id)
        return self._job(
            Ticket(
                provider=self._context.name,
                interface=VisualSearch.interface_name,
                operation="index",
                id=catalog_id,
                submitted_at=self._context.clock.now(),
                data={"asked": asked},
            )
        )

    def resume(self, ticket: Ticket) -> Job[Catalog]:
        """The job of a ticket; raises InvalidInput for one that is not about indexing."""
        if (ticket.interface, ticket.operation) != (VisualSearch.interface_name, "index"):
            raise InvalidInput(f"ticket {ticket.id} is not one that {self._context.name} gave for indexing a catalog")
        return self._job(ticket)

    def _job(self, ticket: Ticket) -> Job[Catalog]:
        interval = self._settings.poll_interval
        asked = ticket.data.get("asked") is True

        async def look() -> Look[Catalog]:
            nonlocal asked
            catalog = await self._get(ticket.id)
            if catalog.state is CatalogState.UPLOADED and not asked:
                # The ticket of a job whose process ended here does not know: asking twice builds the same index.
                await self._protocol.start_index(ticket.id)
                asked = True
            return self._look(catalog)

        return PolledJob(
            ticket,
            look,
            clock=self._context.clock,
            schedule=PollSchedule(first=interval, interval=interval, maximum=max(interval, _LONGEST_PAUSE)),
            patience=self._settings.deadline,
        )

    def _look(self, catalog: Catalog) -> Look[Catalog]:
        state = JOB_STATES[catalog.state]
        progress = None
        if catalog.items_total and catalog.items_indexed is not None:
            progress = min(1.0, catalog.items_indexed / catalog.items_total)
        said = f"{catalog.raw_state}: {'; '.join(catalog.errors)}" if catalog.errors else catalog.raw_state
        message = self._protocol.printable(said) if state is JobState.FAILED else ""
        status = JobStatus(state, progress, catalog.raw_state, message)
        return Look(status, catalog if state is JobState.SUCCEEDED else None)

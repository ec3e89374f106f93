"""What one photo goes through: the steps, what each brought, and the record so far."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from attrs import define, field
from msgspec.structs import replace

from placket import Router
from placket.errors import InvalidInput, PlacketError, Unavailable
from placket.interfaces import (
    Attempt,
    Clock,
    Garment,
    Image,
    Interface,
    Job,
    Outcome,
    operations_of,
)
from placket.merge import merge
from placket.record import Claim, GarmentRecord, Source

from ..passage import Model, Picture, Similar, Stored

T = TypeVar("T")

PAUSE = 0.25
"""Seconds between two looks at work under way: the twins are on this machine, and count nothing."""


@define(eq=False)
class Journey:
    """One photo on its way: who is asked, what was said so far, and what came of it.

    ``front`` is the photo as every vendor takes it, ``briefs`` where the autoRetouch twin takes briefs, ``folder``
    where files go.
    """

    router: Router
    http: aiohttp.ClientSession
    clock: Clock
    garment: Garment
    front: Image
    briefs: str
    folder: Path
    claims: list[Claim] = field(factory=list)
    attempts: list[Attempt] = field(factory=list)
    similar: tuple[Similar, ...] = ()
    stored: Stored | None = None
    pictures: tuple[Picture, ...] = ()
    colors: Mapping[str, Image] = field(factory=dict)
    """The garment in other colours, as the shoot made it."""
    models: tuple[Model, ...] = ()
    began: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.began = self.clock.monotonic()

    @property
    def record(self) -> GarmentRecord:
        """What all the steps so far make."""
        return merge(self.claims, id=self.garment.id)

    @property
    def named(self) -> dict[str, str]:
        """What a product must have to be kept anywhere, made up where nobody knows it."""
        record = self.record
        name = record.name or (record.category.label if record.category else "Garment")
        return {"name": name, "sku": record.sku or f"DEMO-{self.garment.id[:6].upper()}"}

    @property
    def attempts_in_order(self) -> tuple[Attempt, ...]:
        """Who was asked, as one after the other began."""
        return tuple(sorted(self.attempts, key=lambda each: each.started_after))

    @property
    def now(self) -> datetime:
        """The time of a claim."""
        return self.clock.now()

    async def ask(
        self,
        interface: type[Interface],
        operation: str,
        *arguments: Any,
        stream: Callable[[Any], Awaitable[Any]] | None = None,
        noted: bool = True,
    ) -> Any:
        """Ask by the route of the interface. The attempts are noted, however it ends.

        ``noted`` False is for one look of many: it is noted only when it fails.
        """
        before = self.clock.monotonic()
        try:
            answer, attempts = await self.router.call(
                interface.interface_name, operations_of(interface)[operation], arguments, stream
            )
        except PlacketError as error:
            self.note(error.attempts, before)
            raise
        self.note([each for each in attempts if noted or each.outcome is not Outcome.SUCCEEDED], before)
        return answer

    def note(self, attempts: Any, before: float) -> None:
        """Keep attempts of a call that began at ``before``, by the time since the beginning of all."""
        self.attempts += [replace(each, started_after=each.started_after + before - self.began) for each in attempts]

    async def finished(self, job: Job[T]) -> T:
        """Wait for a job, looking at it more often than a vendor would like."""
        while not (await job.status()).state.is_final:
            await self.clock.sleep(PAUSE)
        return await job.result()

    def source(self, provider: str, operation: str) -> Source:
        """Where a claim comes from that is made here of what a provider answered."""
        return Source(provider, plugin=self.router.target(provider).plugin, operation=operation)

    async def download(self, url: str) -> bytes:
        """A file that a twin made; raises Unavailable where there is none."""
        try:
            async with self.http.get(url) as answer:
                answer.raise_for_status()
                return await answer.read()
        except aiohttp.ClientError as error:
            raise Unavailable(f"what was made could not be downloaded: {error}") from error

    async def write(self, name: str, data: bytes) -> str:
        """Put a file beside the report; gives its name. Raises InvalidInput where it cannot be written."""
        try:
            await asyncio.to_thread(self.folder.joinpath(name).write_bytes, data)
        except OSError as error:
            raise InvalidInput(f"{name} cannot be written: {error.strerror}; choose a folder with --output") from error
        return name

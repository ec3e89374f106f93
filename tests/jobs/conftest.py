"""A vendor that works in the background, its plugin, and ledgers, in virtual time."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field, frozen

import placket
from placket.errors import NotFound, Unsupported
from placket.interfaces import (
    Capabilities,
    Findings,
    Garment,
    GarmentTagger,
    Job,
    JobState,
    JobStatus,
    Level,
    Look,
    PolledJob,
    PollSchedule,
    Ticket,
    current_call,
)
from placket.jobs import Ledger
from placket.record import Claim, Source
from placket.registry import ProviderContext, ProviderType
from placket.testing.fixtures import clock, pytest_asyncio_loop_factories

__all__ = ["clock", "pytest_asyncio_loop_factories"]

PNG = b"\x89PNG\r\n\x1a\n"


@frozen
class Settings:
    patience: float = 300.0


class Work(GarmentTagger):
    """Submits to the vendor, and polls it every second."""

    def __init__(self, vendor: Vendor, settings: Settings, context: ProviderContext) -> None:
        self.vendor, self.settings, self.context = vendor, settings, context

    async def _exchange(self, garment: str) -> None:
        before = len(self.vendor.exchanges)
        if self.context.limiter is not None:
            call = current_call.get()
            await self.context.limiter.acquire(call.deadline if call else None)
        self.vendor.overtaken.append(len(self.vendor.exchanges) - before)
        self.vendor.exchanges.append(garment)

    async def submit(self, garment: Garment) -> Job[Findings]:
        await self._exchange(garment.id)
        number = self.vendor.accept(garment.id)
        now = self.context.clock.now()
        return self._job(Ticket(self.context.name, "garment_tagger", "tag", number, now, self.vendor.ticket_data))

    async def resume(self, ticket: Ticket) -> Job[Findings]:
        if not self.vendor.resumable:
            raise Unsupported("jobs here end with the process")
        self.vendor.resumed.append(ticket.id)
        return self._job(ticket)

    def _job(self, ticket: Ticket) -> Job[Findings]:
        async def look() -> Look[Findings]:
            await self._exchange(self.vendor.jobs.get(ticket.id, ""))
            state = self.vendor.state_of(ticket.id)
            if state is not JobState.SUCCEEDED:
                return Look(JobStatus(state))
            claim = Claim("brand", self.vendor.jobs[ticket.id], self.context.source("tag"))
            return Look(JobStatus(state), Findings((claim,)))

        return PolledJob(
            ticket,
            look,
            clock=self.context.clock,
            schedule=PollSchedule(first=1.0, interval=1.0, factor=1.0),
            patience=self.settings.patience,
        )


@define(eq=False)
class Vendor:
    """Works ``takes`` seconds on a job; ``jobs`` are all it was ever given, by number, with the garment's id.

    ``exchanges`` are the garments that it was asked about, in order, ``overtaken`` how many others each let pass first.
    """

    takes: float = 10.0
    states: dict[str, JobState] = field(factory=dict)
    jobs: dict[str, str] = field(factory=dict)
    begun: dict[str, float] = field(factory=dict)
    resumed: list[str] = field(factory=list)
    exchanges: list[str] = field(factory=list)
    overtaken: list[int] = field(factory=list)
    resumable: bool = True
    ticket_data: dict[str, Any] = field(factory=dict)
    most_at_once: int = 0

    def accept(self, garment: str) -> str:
        number = f"job-{len(self.jobs) + 1}"
        self.jobs[number] = garment
        self.begun[number] = asyncio.get_running_loop().time()
        self.most_at_once = max(self.most_at_once, sum(not self._done(each) for each in self.jobs))
        return number

    def _done(self, number: str) -> bool:
        return asyncio.get_running_loop().time() >= self.begun[number] + self.takes

    def state_of(self, number: str) -> JobState:
        if number not in self.jobs:
            raise NotFound(f"there is no job {number}")
        return self.states.get(number) or (JobState.SUCCEEDED if self._done(number) else JobState.RUNNING)

    def module(self) -> types.ModuleType:
        """The vendor's plugin."""

        @placket.hookimpl
        def placket_provider_types():
            yield ProviderType(
                name="work",
                title="A vendor that works in the background",
                settings=Settings,
                factory=lambda settings, context: Work(self, settings, context),
                interfaces=(GarmentTagger,),
                capabilities=Capabilities(
                    {"garment_tagger.tag": Level.FULL, "garment_tagger.submit": Level.FULL}, {"brand": Level.FULL}
                ),
            )

        module = types.ModuleType("placket_work")
        module.placket_provider_types = placket_provider_types
        return module


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "jobs.sqlite"


@pytest.fixture
def opened(vendor, clock, path, tmp_path) -> Callable[..., Any]:
    """Opens a router over the vendor, whose jobs are kept at ``path``: each call is a process of its own."""

    def start(*, deadline: str | None = None, jobs: dict[str, Any] | None = None, **rest: Any) -> Any:
        config = {
            "providers": {"work": {"plugin": "work"}},
            "routes": {"garment_tagger": {"targets": ["work"], **({"deadline": deadline} if deadline else {})}},
            "jobs": {"ledger": str(path)} if jobs is None else jobs,
            **rest,
        }
        return placket.open(config, plugins=[vendor.module()], clock=clock, data_folder=tmp_path / "data", environ={})

    return start


@pytest.fixture
def ledger(path, clock) -> Callable[[], Ledger]:
    """Opens the ledger at ``path``."""
    return lambda: Ledger(path, clock)


@pytest.fixture
def ticket() -> Callable[..., Ticket]:
    """Makes tickets, submitted so many hours after the clock's beginning."""

    def made(number: str = "1", *, hours: float = 0.0, provider: str = "work", **data: Any) -> Ticket:
        submitted = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
        return Ticket(provider, "garment_tagger", "tag", number, submitted, data)

    return made


@pytest.fixture
def photos(tmp_path: Path) -> Callable[[int], list[Path]]:
    """Makes so many pictures, as far as their first bytes tell."""

    def made(count: int) -> list[Path]:
        paths = [tmp_path / f"{number}.png" for number in range(count)]
        for path in paths:
            path.write_bytes(PNG + path.name.encode())
        return paths

    return made


@pytest.fixture
def config_of_fakes() -> tuple[dict[str, Any], types.ModuleType]:
    """A configuration of a vendor that answers at once, for loops in real time."""
    config = {"providers": {"work": {"plugin": "quick"}}, "routes": {"garment_tagger": {"targets": ["work"]}}}

    class Quick(GarmentTagger):
        async def tag(self, garment: Garment) -> Findings:
            return Findings((Claim("brand", garment.id, Source("work")),))

    @placket.hookimpl
    def placket_provider_types():
        yield ProviderType(
            name="quick",
            title="A vendor that answers at once",
            settings=Settings,
            factory=lambda settings, context: Quick(),
            interfaces=(GarmentTagger,),
            capabilities=Capabilities({"garment_tagger.tag": Level.FULL}, {"brand": Level.FULL}),
        )

    module = types.ModuleType("placket_quick")
    module.placket_provider_types = placket_provider_types
    return config, module

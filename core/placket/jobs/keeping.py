"""Keeps the jobs of routed calls in a ledger, and takes up those that an earlier process left behind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from attrs import define, field, frozen

from ..errors import ConfigError, InvalidInput, JobExpired, JobFailed, NotFound, PluginError, Unsupported
from ..interfaces import Clock, Findings, Garment, GarmentTagger, Image, Job, JobStatus, Ticket, current_call
from ..interfaces.tagger import current_keeper
from ..logs import LazyLogger
from .ledger import KeptState, Ledger

T = TypeVar("T")

_log = LazyLogger("placket.jobs")


async def question_of(garment: Garment) -> str:
    """What is asked about a garment, as 32 hexadecimal digits.

    The same pictures under the same id, with the same known facts and wishes, give the same. Files are read; a picture
    on the web counts by its address.
    """
    asked = [
        garment.id,
        [[await identity_of(item.image), item.role] for item in garment.images],
        sorted((name, repr(value)) for name, value in garment.known.items()),
        None if garment.wanted is None else sorted(garment.wanted),
    ]
    return hashlib.blake2b(json.dumps(asked).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


async def identity_of(image: Image) -> str:
    """What makes a picture the same: its address on the web, fetched or not, else its bytes."""
    if image.url:
        return image.url
    await image.load()
    return image.sha256


@frozen
class JobRules:
    """How long jobs are remembered.

    ``take_up_for``: a job that was submitted longer ago is not taken up but submitted again, for some vendors never say
    that a job has failed. ``keep_for``: a job of which nothing was heard for so long is forgotten.
    """

    take_up_for: timedelta = timedelta(days=1)
    keep_for: timedelta = timedelta(days=30)


@define(eq=False)
class Keeper:
    """Keeps the jobs of some calls; see `placket.interfaces.tagger.JobKeeper`.

    ``router`` is whose calls they are: a provider may use a router of its own. With ``holds``, a job that succeeded
    stays pending until `delivered` says that somebody has the result: a process that dies in between loses nothing.
    """

    router: object
    ledger: Ledger
    clock: Clock
    rules: JobRules = JobRules()
    holds: bool = False
    _held: list[Ticket] = field(factory=list, init=False)

    async def tag(self, tagger: GarmentTagger, garment: Garment) -> Findings:
        """Take up the pending job in which this was asked before; submit one where there is none.

        Raises ConfigError when the ledger cannot be read: nothing was submitted then.
        """
        call = current_call.get()
        question = await question_of(garment)
        pending = None if call is None else await self._taken_up(tagger, call.provider, question)
        if call is not None and pending is not None:
            call.charge(0)  # it was paid when it was submitted
            try:
                return await self.keep(pending).result()
            except (NotFound, JobExpired) as error:
                if not _is_lost(error):
                    raise
                call.cost = None
        submitted = await tagger.submit(garment)
        await self.note(submitted.ticket, garment.id, question)
        return await self.keep(submitted).result()

    async def _taken_up(self, tagger: GarmentTagger, provider: str, question: str) -> Job[Findings] | None:
        """The pending job in which this was asked before; None where there is none, or it cannot be taken up."""
        since = self.clock.now() - self.rules.take_up_for
        ticket = await self.ledger.ticket_for(provider, question, since=since)
        if ticket is None:
            return None
        try:
            return await tagger.resume(ticket)
        except (Unsupported, InvalidInput, NotFound) as error:
            _log.warning("job-not-taken-up", provider=ticket.provider, job=ticket.id, error=str(error))
            await self._finish(ticket, KeptState.LOST)
            return None

    async def note(self, ticket: Ticket | None, garment: str, question: str) -> None:
        """Keep a ticket.

        The job is paid, so a ledger that cannot be written is a warning with the ticket in it, and the job goes on. So
        does one whose ticket cannot be written, which no log could repeat.
        """
        if ticket is None:
            return
        try:
            await self.ledger.add(ticket, garment=garment, question=question)
        except PluginError as error:
            _log.warning("job-not-kept", provider=ticket.provider, job=ticket.id, error=str(error))
        except (ConfigError, InvalidInput) as error:
            _log.warning(
                "job-not-kept", provider=ticket.provider, job=ticket.id, error=str(error), ticket=ticket.to_json()
            )

    def keep(self, job: Job[T]) -> Job[T]:
        """The job; how it ends is noted in the ledger."""
        return job if job.ticket is None else _Kept(job, self._ended)

    async def _ended(self, ticket: Ticket, state: KeptState) -> None:
        if self.holds and state is KeptState.SUCCEEDED:
            self._held.append(ticket)
        else:
            await self._finish(ticket, state)

    async def _finish(self, ticket: Ticket, state: KeptState) -> None:
        try:
            await self.ledger.finish(ticket, state)
        except (ConfigError, InvalidInput) as error:
            _log.warning("job-end-not-kept", provider=ticket.provider, job=ticket.id, error=str(error))

    async def delivered(self) -> None:
        """Somebody has the results: note what succeeded."""
        self.holds = False
        for ticket in self._held:
            await self._finish(ticket, KeptState.SUCCEEDED)
        self._held.clear()


class _Kept(Job[T]):
    """A job whose end is noted when its result is asked for."""

    def __init__(self, job: Job[T], ended: Callable[[Ticket, KeptState], Awaitable[None]]) -> None:
        self.ticket = job.ticket
        self._job = job
        self._ended = ended

    async def status(self) -> JobStatus:
        return await self._job.status()

    async def result(self, deadline: float | None = None) -> T:
        assert self.ticket is not None
        try:
            value = await self._job.result(deadline)
        except JobFailed:
            await self._ended(self.ticket, KeptState.FAILED)
            raise
        except (NotFound, JobExpired) as error:
            if _is_lost(error):
                await self._ended(self.ticket, KeptState.LOST)
            raise
        await self._ended(self.ticket, KeptState.SUCCEEDED)
        return value

    def events(self) -> AsyncIterator[JobStatus]:
        return self._job.events()


def _is_lost(error: NotFound | JobExpired) -> bool:
    """Whether nobody has the job any more; one that was only not done in time has its ticket in the error."""
    return getattr(error, "ticket", None) is None


@contextmanager
def in_charge(keeper: Keeper | None) -> Iterator[None]:
    """Have ``keeper`` keep the jobs of the calls that are made inside, or nobody."""
    token = current_keeper.set(keeper)
    try:
        yield
    finally:
        current_keeper.reset(token)

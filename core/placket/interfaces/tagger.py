"""GarmentTagger: what is this garment?"""

from __future__ import annotations

from contextvars import ContextVar
from typing import ClassVar, Protocol

from .base import Interface
from .findings import Findings
from .garment import Garment
from .job import FinishedJob, Job
from .operation import Combine, Effect, operation


class GarmentTagger(Interface):
    """Looks at pictures of a garment and says what it sees.

    A provider implements `tag` when its vendor answers at once, or `submit` when the vendor works in the background;
    the other one follows from it.
    """

    interface_name: ClassVar[str] = "garment_tagger"

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if cls.tag is GarmentTagger.tag and cls.submit is GarmentTagger.submit:
            raise TypeError(f"{cls.__name__} must define tag() or submit()")

    @operation(Effect.REPEATABLE, combine=Combine.FINDINGS)
    async def tag(self, garment: Garment) -> Findings:
        """Say what is seen, waiting for the vendor where that takes time.

        Repeatable: asking twice may cost twice, and changes nothing at the vendor that anybody sees.
        """
        keeper = current_keeper.get()
        if keeper is not None:
            return await keeper.tag(self, garment)
        return await (await self.submit(garment)).result()

    @operation(Effect.REPEATABLE)
    async def submit(self, garment: Garment) -> Job[Findings]:
        """Start tagging and return the job; its ticket outlives the process where the vendor takes its time."""
        return FinishedJob(await self.tag(garment))


class JobKeeper(Protocol):
    """Whoever keeps the tickets of jobs beyond the process."""

    async def tag(self, tagger: GarmentTagger, garment: Garment) -> Findings:
        """Submit and wait as `GarmentTagger.tag` does, or take up the job in which the same was asked before."""


current_keeper: ContextVar[JobKeeper | None] = ContextVar("placket_current_keeper", default=None)
"""Who keeps the jobs of the call being made right now; None where nobody does."""

"""What ``enrich`` gives: a part for each step, and the record made of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from attrs import frozen

from ..errors import PlacketError
from ..interfaces import Attempt, Hit, Ref, SearchResults
from ..record import Claim, GarmentRecord


class Step(StrEnum):
    """What `enrich` does, each beside the others."""

    TAG = "tag"
    """The garment tagger looks at the pictures."""
    SEARCH = "search"
    """Visual search finds garments that look alike in the catalogs of ``[enrich]``."""
    DETECT = "detect"
    """Visual search finds the garments in the picture."""
    STORE = "store"
    """The product store tells what it holds about this garment."""
    SHOOT = "shoot"
    """The shoot manager tells of its looks and shots."""
    AR = "ar"
    """The AR content builder tells what it has built."""


class PartState(StrEnum):
    """What became of a step."""

    ANSWERED = "answered"
    NOTHING = "nothing"
    """It was asked, and has nothing about this garment."""
    SKIPPED = "skipped"
    """It was not asked: nobody can, or there is nothing to ask by."""
    FAILED = "failed"


@frozen
class Part:
    """What one step brought. ``note`` says why it was skipped, or what was left open."""

    step: Step
    state: PartState
    claims: tuple[Claim, ...] = ()
    found: Any = None
    """`Findings`, `SearchResults`, detections, or a tuple of `Product`, `Sku` or `ArProduct`."""
    note: str = ""
    error: PlacketError | None = None
    attempts: tuple[Attempt, ...] = ()


@frozen
class Enriched:
    """A record with what it was made from: a part for each step, those that failed or were skipped included."""

    record: GarmentRecord
    parts: tuple[Part, ...]

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every call to a provider that was made or skipped, step by step."""
        return tuple(attempt for part in self.parts for attempt in part.attempts)

    @property
    def similar(self) -> tuple[Hit, ...]:
        """Garments that look alike, the nearest first."""
        return tuple(hit for part in self.parts if isinstance(part.found, SearchResults) for hit in part.found.hits)

    @property
    def failed(self) -> tuple[Part, ...]:
        """The parts that failed."""
        return tuple(part for part in self.parts if part.state is PartState.FAILED)


@frozen
class EnrichmentRules:
    """Where similar garments are looked for, how many are wanted, and the seconds in which everything must be over."""

    catalogs: tuple[Ref, ...] = ()
    similar: int = 10
    deadline: float | None = None

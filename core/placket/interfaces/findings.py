"""What a provider found out about a garment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from ..record.claim import Claim
from ..record.values import Detection, MediaItem
from .call import Attempt


class Findings(Struct, frozen=True, weakref=True):
    """Claims about one garment, and the vendor's answer as it came.

    ``raw`` is the vendor's payload by provider, for people and for tests; nothing in Placket reads it. ``attempts``
    is filled by the router.
    """

    claims: tuple[Claim, ...] = ()
    raw: Any = None
    attempts: tuple[Attempt, ...] = ()

    def __repr__(self) -> str:
        return f"Findings(claims={self.claims!r}, attempts={self.attempts!r})"  # raw may be megabytes

    def with_attempts(self, attempts: Iterable[Attempt]) -> Findings:
        """The same findings, with who was asked for them."""
        return Findings(self.claims, self.raw, tuple(attempts))

    @property
    def detections(self) -> tuple[Detection, ...]:
        """The garments that were found in the pictures."""
        return tuple(claim.value for claim in self.claims if claim.field == "detections")

    @property
    def media(self) -> tuple[MediaItem, ...]:
        """The pictures that came with the answer."""
        return tuple(claim.value for claim in self.claims if claim.field == "media")

"""What a provider found out about a garment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from ..record.claim import Claim
from ..record.values import Detection, MediaItem
from .call import Attempt


@frozen
class Findings:
    """Claims about one garment, and the vendor's answer as it came.

    ``raw`` is the vendor's payload by provider, for people and for tests; nothing in Placket reads it. ``attempts``
    is filled by the router.
    """

    claims: tuple[Claim, ...] = ()
    raw: Any = field(default=None, repr=False)
    attempts: tuple[Attempt, ...] = ()

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

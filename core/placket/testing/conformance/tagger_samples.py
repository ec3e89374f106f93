"""What a tagger is called with."""

from __future__ import annotations

from typing import Any, ClassVar

from ...interfaces import Garment, GarmentImage, GarmentTagger, Interface
from .samples import Samples
from .stand import Stand


class TaggerSamples(Samples):
    """Garments with one front picture each."""

    interface: ClassVar[type[Interface]] = GarmentTagger

    def garment(self, number: int = 0) -> Garment:
        """A garment to tag."""
        return Garment(f"placket-{number}", (GarmentImage(self.image(number)),))

    async def arguments(self, operation: str, stand: Stand, number: int = 0) -> tuple[Any, ...]:  # noqa: ARG002
        """A garment, for both operations."""
        return (self.garment(number),)

"""ImageHost: publishes bytes at a URL, for vendors that accept only a public address."""

from __future__ import annotations

from abc import ABC, abstractmethod

from .image import Image


class ImageHost(ABC):
    """Makes an image reachable for a vendor.

    The name that `publish` gives must not be guessable from anything but the image's own bytes, and publishing the
    same bytes twice gives the same URL.
    """

    @abstractmethod
    async def publish(self, image: Image) -> str:
        """Make the image's bytes reachable and return their URL."""

    async def aclose(self) -> None:
        """Give back what the host holds."""
        return
